"""进展: what the units say of their matters through the year, and their own look back."""
