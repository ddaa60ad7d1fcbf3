"""放假安排: years of the public calendar an administrator has loaded from the State Council's notice."""
