"""Duban 督办: the year of a county supervision office."""

__version__ = "0.1.0"
