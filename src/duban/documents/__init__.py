"""Frozen data in, bytes of a file out. Plain Python, no Django."""
