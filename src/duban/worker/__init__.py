"""The door of time: what runs by itself, each day or when it is asked for, and what is sent out."""
