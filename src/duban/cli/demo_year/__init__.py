"""演示年: an invented county plays a year of supervision, through the actions and jobs a real office uses."""
