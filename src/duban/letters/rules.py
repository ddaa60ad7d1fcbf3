"""Words and arithmetic of 三种函."""
