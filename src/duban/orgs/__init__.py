"""Jurisdictions, units, posts, people: who is responsible, and since when."""
