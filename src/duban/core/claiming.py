"""Whoever is first: a row changes only as it stands, in one statement."""

from collections.abc import Collection
from typing import Any

from django.db.models import Model

from duban.core.errors import WrongState


def claim_row(row: Model, states: Collection[str], *, message: str, seen: int | None = None, **changes: Any) -> None:
    """Change a row (with `state`, and `version` where `seen` is given) that stands in one of these states.

    seen: only the version the acting person saw. Raises WrongState (`message`): somebody was first. The row is held
    until the commit and read anew.
    """
    standing = type(row)._default_manager.filter(pk=row.pk, state__in=states)
    if seen is not None:
        standing = standing.filter(version=seen)
    if not standing.update(**changes):
        raise WrongState(message)
    for field in row._meta.concrete_fields:
        if field.is_relation and field.name in changes:
            setattr(row, field.name, changes[field.name])
    refresh_own(row)


def refresh_own(row: Model) -> None:
    """Read a row's own columns anew; what is joined to it stays."""
    row.refresh_from_db(fields=[one.attname for one in row._meta.concrete_fields if not one.is_relation])
