"""A draft passage on 落实情况 for the next work report, every figure with its source. Source: docs/sources.md#kinds

A figure is never typed: it is a sum or a count of matters, and the note behind it names them. Figures standing in the
plain words (years and days apart) are listed at the end as not traced.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from duban.documents.kinds.parts import remark, serials_words, watermark
from duban.documents.paper import Block, DocumentError, Face, Form, Heading, Paper, Paragraph, Run
from duban.documents.wording import day, quantity

_DATED = re.compile(
    r"(?:\d{4}年)?(?:\d{1,2}月)(?:\d{1,2}日)?|\d{4}年|〔\d{4}〕\d+号|《[^》]*》|“[^”]*”|第\d+(?:届|次|期|批)"
)
_FIGURE = re.compile(r"\d[\d.,]*(?:[万亿%‰]|个百分点)*[㐀-鿿]{0,3}")


@dataclass(frozen=True, slots=True)
class Sum:
    """A quantity summed over matters. parts: (serial, value); unit: 人, 平方米."""

    parts: tuple[tuple[str, Decimal], ...]
    unit: str

    @property
    def text(self) -> str:
        """The sum as it stands in the passage: 1.61万人."""
        return quantity(sum((value for _, value in self.parts), Decimal(0)), self.unit)

    @property
    def source(self) -> str:
        """What it is the sum of: 第12项0.8万人、第45项0.81万人."""
        return "、".join(f"第{serial}项{quantity(value, self.unit)}" for serial, value in self.parts)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of matters. serials: of those counted."""

    serials: tuple[str, ...]
    measure: str = "项"

    @property
    def text(self) -> str:
        """The count as it stands in the passage: 41项."""
        return f"{len(set(self.serials))}{self.measure}"

    @property
    def source(self) -> str:
        """The matters counted: 第1—4、7项."""
        return serials_words(self.serials)


Part = str | Sum | Count


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of the draft: a heading of the second level (empty for none) and its paragraphs, words and figures."""

    heading: str
    paragraphs: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True, slots=True)
class ReportPassageData:
    """The draft. as_of: the day its figures are of."""

    title: str
    office: str
    as_of: date
    passages: tuple[Passage, ...]
    is_draft: bool = True


def paper_of(data: ReportPassageData) -> Paper:
    """Return the draft and its notes. Raises DocumentError for a figure without a source, or no passage."""
    if not any(one.paragraphs for one in data.passages):
        raise DocumentError("没有可写入报告的落实情况。")
    sources: dict[str, int] = {}
    blocks: list[Block] = []
    for one in data.passages:
        if one.heading and one.paragraphs:
            blocks.append(Heading(1, one.heading))
        blocks += [_paragraph(parts, sources) for parts in one.paragraphs]
    blocks.append(Heading(1, "数据来源"))
    blocks += [remark(f"［{number}］{source}。") for source, number in sources.items()]
    loose = untraced(data.passages)
    if loose:
        blocks.append(remark(f"下列数字写在文字中，没有对应的督查事项，请另行核实：{'、'.join(loose)}。"))
    return Paper(
        form=Form.PLAIN,
        title=data.title,
        subtitle=f"（{data.office}　截至{day(data.as_of)}）",
        blocks=tuple(blocks),
        watermark=watermark(data.is_draft),
    )


def untraced(passages: Sequence[Passage]) -> tuple[str, ...]:
    """Return the figures in plain words: neither dates, numbers of documents nor within 《》 or “”."""
    words = (part for one in passages for parts in one.paragraphs for part in parts if isinstance(part, str))
    return tuple(dict.fromkeys(found for one in words for found in _FIGURE.findall(_DATED.sub("、", one))))


def _paragraph(parts: Sequence[Part], sources: dict[str, int]) -> Paragraph:
    runs: list[Run] = []
    for part in parts:
        if isinstance(part, str):
            runs.append(Run(part))
            continue
        if not (part.parts if isinstance(part, Sum) else part.serials):
            raise DocumentError("落实情况中有一个数字没有来源事项。请补上或删去这句话。")
        number = sources.setdefault(part.source, len(sources) + 1)
        runs += [Run(part.text), Run(f"［{number}］", Face.KAI)]
    return Paragraph(tuple(runs))
