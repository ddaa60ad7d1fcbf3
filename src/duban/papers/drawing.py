"""An official page that was drawn, put on the disk before anything is locked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from duban.core.files import Staged, staged
from duban.papers.rules import frozen_values


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page drawn and on the disk, not yet kept. data: the frozen values it was drawn from, JSON-able."""

    data: dict[str, Any]
    pdf: Staged
    docx: Staged


@contextmanager
def drawn_files(*, pdf: bytes, docx: bytes, values: object) -> Iterator[Drawn]:
    """Put the two files of a page on the disk; unless it is frozen meanwhile, nothing of them stays there.

    values: the frozen dataclass the page was made from. Done before a transaction is opened: it is the slow part.
    """
    data = frozen_values(values)
    with staged(BytesIO(pdf)) as one, staged(BytesIO(docx)) as other:
        yield Drawn(data, one, other)
