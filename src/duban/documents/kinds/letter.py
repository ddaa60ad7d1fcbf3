"""函: 提醒函, 催办函, 督办函, 商请函, in 信函格式. Their words come ready (opening, demand, ending).

Source: docs/sources.md#letters, docs/sources.md#kinds
"""

from dataclasses import dataclass
from datetime import date

from duban.documents.kinds.parts import Contact, numbered_item, sentence, watermark
from duban.documents.paper import (
    Align,
    Block,
    Colophon,
    Column,
    DocumentError,
    Face,
    Form,
    Head,
    Heading,
    Paper,
    Paragraph,
    Row,
    Run,
    Signature,
    Table,
    text,
)
from duban.documents.wording import Addressee, numeral, recipients, unspaced, with_brackets

MOST_LISTED = 5
"""More matters than that stand in a table. ★"""


@dataclass(frozen=True, slots=True)
class LetterMatter:
    """One matter of a letter. serial: in the ledger, empty where it has none; reason: with its figures."""

    serial: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class LetterData:
    """A letter. issuer: in whose name, also the red mark; number: of the register, empty before it is signed.

    ending: 特此提醒。, empty for none.   copies_to: 抄送.   names: of people and units no line of the title may part.
    """

    issuer: str
    number: str
    title: str
    recipient: str
    opening: str
    matters: tuple[LetterMatter, ...]
    demand: str
    ending: str = ""
    signed_on: date | None = None
    copies_to: tuple[Addressee, ...] = ()
    contact: Contact | None = None
    names: tuple[str, ...] = ()
    urgency: str = ""
    has_seal: bool = True
    is_draft: bool = False
    code: str = ""


def paper_of(data: LetterData) -> Paper:
    """Return the letter. Raises DocumentError without a matter."""
    if not data.matters:
        raise DocumentError("函中没有事项。请至少列入一项再生成。")
    body: list[Block] = [text(unspaced(data.opening)), *_matters(data.matters)]
    body += [text(unspaced(one)) for one in data.demand.splitlines() if one.strip()]
    if data.ending:
        body.append(text(data.ending))
    return Paper(
        form=Form.LETTER,
        title=data.title,
        blocks=tuple(body),
        head=Head(mark=data.issuer, number=with_brackets(data.number), urgency=data.urgency),
        never_split=(data.recipient, *data.names),
        recipients=data.recipient,
        signature=Signature((data.issuer,), data.signed_on, has_seal=data.has_seal),
        note=data.contact.words() if data.contact else "",
        colophon=Colophon(copies_to=(recipients(data.copies_to),)) if data.copies_to else None,
        watermark=watermark(data.is_draft),
        code=data.code,
    )


def _matters(matters: tuple[LetterMatter, ...]) -> list[Block]:
    if len(matters) == 1:
        (only,) = matters
        called = f"{numbered_item(only.serial)}：{sentence(only.text)}" if only.serial else sentence(only.text)
        return [Paragraph((Run(called, Face.HEI), Run(unspaced(only.reason))))]
    if len(matters) <= MOST_LISTED:
        return [
            Heading(1, f"{numeral(place)}、{_called(one)}", run_in=unspaced(one.reason))
            for place, one in enumerate(matters, start=1)
        ]
    return [
        Table(
            columns=(
                Column("序号", 1, Align.CENTRE),
                Column("台账序号", 1.3, Align.CENTRE),
                Column("督查事项", 6),
                Column("有关情况", 6),
            ),
            rows=tuple(
                Row((str(n), one.serial, one.text, unspaced(one.reason))) for n, one in enumerate(matters, start=1)
            ),
            size_pt=12,
        )
    ]


def _called(matter: LetterMatter) -> str:
    return sentence(f"第{matter.serial}项：{matter.text}" if matter.serial else matter.text)
