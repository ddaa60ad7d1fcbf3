"""Which tables hold anything about a thing, asked in one statement: most hold nothing, and need not be read then."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, QuerySet


def there_is(anchor: QuerySet[Any], rows: Mapping[str, QuerySet[Any]]) -> frozenset[str]:
    """Return the names of those `rows` that are not empty, in one statement.

    anchor: exactly one row, to which OuterRef refers.   rows: by name, what to look for; joins and order cost nothing.
    """
    asked = anchor.order_by().annotate(**{f"has_{name}": Exists(some) for name, some in rows.items()})
    found = asked.values(*(f"has_{name}" for name in rows)).get() if rows else {}
    return frozenset(name for name in rows if found[f"has_{name}"])
