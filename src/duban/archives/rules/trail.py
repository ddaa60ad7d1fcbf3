"""The trail of an archive held against its digests, for who has the key it was written with."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from duban.audit.rules import ALGORITHM, leaf_digest

EVENTS = "data/events.json"
_NOT_SIGNED = ("id", "digest")


@dataclass
class Trail:
    """What was found. checked: events held against their digests; withheld: those whose content stays with a unit;
    foreign: written with another key.   untrue: ids of those that were changed."""

    checked: int = 0
    withheld: int = 0
    foreign: int = 0
    untrue: list[int] = field(default_factory=list)


def check_trail(content: IO[bytes], *, key: bytes, key_id: str) -> Trail:
    """Hold every event of an archive against its digest, line by line. Raises ValueError: nobody can read it."""
    found = Trail()
    with zipfile.ZipFile(content) as packed, packed.open(EVENTS) as lines:
        for row in _rows(lines):
            signed = {name: value for name, value in row.items() if name not in _NOT_SIGNED}
            if row.get("data") is None:
                found.withheld += 1
            elif (row.get("algorithm"), row.get("key_id")) != (ALGORITHM, key_id):
                found.foreign += 1
            else:
                found.checked += 1
                if leaf_digest(signed, key=key) != row.get("digest"):
                    found.untrue.append(int(row["id"]))
    return found


def _rows(lines: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a JSON array with a row a line."""
    for line in lines:
        text = line.decode().strip().rstrip(",")
        if text in ("[", "]", "[]", ""):
            continue
        row = json.loads(text)
        if not isinstance(row, dict):
            raise ValueError("审计记录读不懂。")
        yield row
