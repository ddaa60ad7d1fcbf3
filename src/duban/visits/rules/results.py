"""What several answers come to: of a matter, and of two verifiers who wrote of the same claim. Source:
docs/sources.md#visits
"""

from collections.abc import Iterable
from enum import StrEnum

from duban.visits.rules.words import Result

_RANK = {one: place for place, one in enumerate(Result)}


def worst_of(results: Iterable[Result]) -> Result:
    """Return the result of a matter: that of its worst claim. Raises ValueError without any."""
    return max(results, key=_RANK.__getitem__)


class Merging(StrEnum):
    """What becomes of an answer that comes in."""

    TAKEN = "taken"
    SAME = "same"
    CONFLICT = "conflict"


def merging_of(*, seen: int, standing: int, is_equal: bool) -> Merging:
    """Return what becomes of an answer. seen: the answer its writer saw when writing, 0 for none.   standing: the one
    that stands now, 0 for none.   is_equal: whether both say the same.

    An answer written in sight of another than the standing one does not push that aside: both are kept, a person
    chooses.
    """
    if standing and is_equal:
        return Merging.SAME
    return Merging.TAKEN if seen == standing else Merging.CONFLICT


def needs_note(result: Result) -> bool:
    """Return whether a result has to be explained: what is not true is said with its facts."""
    return result is not Result.TRUE
