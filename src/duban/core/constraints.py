"""Conditions of tables that several nouns state alike."""

from typing import Any

from django.db.models import Q


def together(moment: str, *words: str) -> Q:
    """Return the condition that a moment and the words that belong to it are all there, or none is.

    moment: a field that is null while it is not so.   words: fields of text that are empty then.
    """
    missing: dict[str, Any] = {f"{moment}__isnull": True, **dict.fromkeys(words, "")}
    present = Q(**{f"{moment}__isnull": False})
    for word in words:
        present &= ~Q(**{word: ""})
    return Q(**missing) | present


def all_or_none(first: str, second: str) -> Q:
    """Return the condition that two fields of text are both written or both empty."""
    return Q(**{first: "", second: ""}) | (~Q(**{first: ""}) & ~Q(**{second: ""}))
