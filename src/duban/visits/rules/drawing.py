"""抽取核验名单: a recorded seed decides, so that anyone can draw again and get the same list.

Source: docs/sources.md#visits
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from duban.visits.rules.words import Why


def lot_of(seed: str, key: str) -> str:
    """Return the lot of one matter: the SHA-256 of “seed:key”, as 64 hex digits. The lowest lots are drawn."""
    return hashlib.sha256(f"{seed}:{key}".encode()).hexdigest()


def draw_size(pool: int, *, pct: int) -> int:
    """Return how many of a pool are drawn: the percentage, rounded up, so that a small pool is not passed over."""
    return math.ceil(pool * pct / 100)


def drawn_of(keys: Iterable[str], *, seed: str, pct: int) -> list[str]:
    """Return the keys drawn from a pool, in the order of their lots; the order in which they are given does not matter.

    Source: docs/sources.md#visits (10 % of the closed at random)
    """
    pool = sorted(set(keys))
    ranked = sorted(pool, key=lambda key: (lot_of(seed, key), key))
    return ranked[: draw_size(len(pool), pct=pct)]


class Pools(NamedTuple):
    """What a list is drawn from, by keys. named, red: all of them are on the list.   closed: all that are closed."""

    named: tuple[str, ...]
    red: tuple[str, ...]
    closed: tuple[str, ...]

    @property
    def to_draw(self) -> tuple[str, ...]:
        """The closed that are not on the list anyway: the random part is drawn from these alone."""
        sure = {*self.named, *self.red}
        return tuple(one for one in self.closed if one not in sure)


class Listed(NamedTuple):
    """One matter on the list, and every reason why."""

    key: str
    why: tuple[Why, ...]


def listed_of(pools: Pools, *, seed: str, pct: int) -> list[Listed]:
    """Return the whole list: named, ever red, then the drawn; each matter once, with all its reasons."""
    found: dict[str, list[Why]] = {}
    drawn = drawn_of(pools.to_draw, seed=seed, pct=pct)
    parts: tuple[tuple[Why, Sequence[str]], ...] = ((Why.NAMED, pools.named), (Why.RED, pools.red), (Why.DRAWN, drawn))
    for why, keys in parts:
        for key in keys:
            reasons = found.setdefault(key, [])
            if why not in reasons:
                reasons.append(why)
    return [Listed(key, tuple(why)) for key, why in found.items()]
