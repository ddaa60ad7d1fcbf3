"""The merged reports of a day as a paper: frozen values in, a `Paper` out. Knows nothing of units or matters.

A working paper to read and to pass on, not an official document: it has no head and nobody signs it.
"""

from dataclasses import dataclass

from duban.documents.paper import Block, Face, Form, Heading, Paper, Paragraph, Run


@dataclass(frozen=True, slots=True)
class Said:
    """What one unit reports of a matter. note: why it is short, late or missing; shown in 楷体 behind."""

    unit: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One matter: its heading (第14项　推动……), and what its units report."""

    heading: str
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Matters under a common heading; empty where the whole stands in the ledger's order."""

    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class ReportBook:
    """The whole paper. subtitle: who made it and when."""

    title: str
    subtitle: str
    chapters: tuple[Chapter, ...]


def paper_of(book: ReportBook) -> Paper:
    """Return the reports as a paper without a head; the units' names are parted by no line of its title."""
    blocks: list[Block] = []
    for chapter in book.chapters:
        blocks += [Heading(1, chapter.heading)] if chapter.heading else []
        for item in chapter.items:
            blocks.append(Heading(2 if chapter.heading else 1, item.heading))
            blocks += map(_paragraph, item.said)
    units = dict.fromkeys(one.unit for chapter in book.chapters for item in chapter.items for one in item.said)
    return Paper(Form.PLAIN, book.title, tuple(blocks), subtitle=book.subtitle, never_split=tuple(units))


def _paragraph(said: Said) -> Paragraph:
    note = (Run(f"（{said.note}）", Face.KAI),) if said.note else ()
    return Paragraph((Run(f"{said.unit}：{said.text}"), *note))
