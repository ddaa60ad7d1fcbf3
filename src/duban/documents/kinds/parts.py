"""What several kinds are made of: the draft's watermark, sections and their numbers, contacts, names in a cell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count

from duban.core.text import ranges_text
from duban.documents.paper import Block, Face, Heading, Paragraph, Run, text
from duban.documents.wording import numeral, unspaced

DRAFT = "草稿"


def watermark(is_draft: bool) -> str:
    """Return what stands across the pages of a draft."""
    return DRAFT if is_draft else ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask: 附注 of a letter or a notice."""

    name: str
    phone: str
    fax: str = ""
    email: str = ""

    def words(self) -> str:
        """Return the contact in one line: 联系人：方知白，联系电话：0000-00000000."""
        told = (("联系人", self.name), ("联系电话", self.phone), ("传真", self.fax), ("邮箱", self.email))
        return "，".join(f"{label}：{value}" for label, value in told if value)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text: its heading without the number, and its paragraphs. heading empty: paragraphs alone."""

    heading: str
    paragraphs: tuple[str, ...]


def sections(parts: Sequence[Section]) -> tuple[Block, ...]:
    """Return sections with headings 一、二、…; parts without anything to say are left out and not counted."""
    numbers = count(1)
    blocks: list[Block] = []
    for part in parts:
        if not part.paragraphs:
            continue
        if part.heading:
            blocks.append(Heading(1, f"{numeral(next(numbers))}、{part.heading}"))
        blocks += [text(unspaced(one)) for one in part.paragraphs]
    return tuple(blocks)


class Counter:
    """Numbers the headings of a paper whose parts may be missing: 一、二、…"""

    def __init__(self) -> None:
        self._numbers = count(1)

    def heading(self, words: str) -> Heading:
        """Return the next heading of the first level."""
        return Heading(1, f"{numeral(next(self._numbers))}、{words}")


def labelled(label: str, words: str, *, keeps_next: bool = False) -> Paragraph:
    """Return a paragraph that begins with a label in 黑体: 原因：…"""
    return Paragraph((Run(f"{label}：", Face.HEI), Run(words)), keeps_next=keeps_next)


def remark(words: str) -> Paragraph:
    """Return a remark in 楷体."""
    return Paragraph((Run(words, Face.KAI),))


def stacked(names: Iterable[str]) -> str:
    """Return names one below the other, as the responsibility columns of an annex have them."""
    return "\n".join(names)


def sentence(words: str) -> str:
    """Return words that end with a stop; an empty string stays empty."""
    words = words.strip()
    return words if not words or words.rstrip("”")[-1:] in "。！？；：…" else f"{words}。"


def counted(paragraphs: Sequence[str]) -> tuple[Paragraph, ...]:
    """Return paragraphs counted 1. 2. …; a single one is not counted."""
    if len(paragraphs) == 1:
        return (text(sentence(paragraphs[0])),)
    return tuple(text(f"{place}.{sentence(one)}") for place, one in enumerate(paragraphs, start=1))


def serials_words(serials: Sequence[str]) -> str:
    """Return serials as a text names them, runs shortened: 第1—3、7项; such as are no numbers stand at the end."""
    numbers = [int(one) for one in serials if one.isdecimal()]
    others = [one for one in dict.fromkeys(serials) if not one.isdecimal()]
    told = [ranges_text(numbers).replace("–", "—")] if numbers else []
    return f"第{'、'.join([*told, *others])}项"


def numbered_item(serial: str) -> str:
    """Return how a matter is called: 第24项; one without a serial is only 本事项."""
    return f"第{serial}项" if serial else "本事项"


def called(serial: str, text: str) -> str:
    """Return how a matter among others is called: 第24项, one without a serial by its first words."""
    short = text if len(text) <= 18 else f"{text[:17]}…"
    return f"第{serial}项" if serial else f"“{short}”"


def short_day(on: date | None) -> str:
    """Return a day as a table's narrow cell has it: 2020.6.20; empty for none."""
    return f"{on.year}.{on.month}.{on.day}" if on else ""
