"""The door of the terminal: `duban`."""
