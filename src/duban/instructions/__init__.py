"""批示: what a leader wants done, and what came of it."""
