"""督查结论: what a visit found, on what evidence, what each unit has to put right; fed back to the units (§16).

Source: docs/sources.md#kinds
"""

from dataclasses import dataclass
from datetime import date

from duban.documents.kinds.parts import Counter, stacked, watermark
from duban.documents.paper import (
    Align,
    Annex,
    Block,
    Column,
    DocumentError,
    Form,
    Heading,
    Paper,
    Row,
    Signature,
    Table,
    text,
)
from duban.documents.wording import day, numeral


@dataclass(frozen=True, slots=True)
class Found:
    """One claim and what was found of it. result: 属实、基本属实、不实."""

    serial: str
    text: str
    units: tuple[str, ...]
    claim: str
    result: str
    found: str


@dataclass(frozen=True, slots=True)
class Demand:
    """What a unit has to put right, by when it owes a plan and a report."""

    unit: str
    words: str
    plan_due_on: date
    report_due_on: date


@dataclass(frozen=True, slots=True)
class VisitConclusionData:
    """The conclusion. issuer: in whose name; recipients: the units; method, place, verifiers: of the visit.

    facts, opinion: paragraphs as the office wrote them.   found: every claim, for the annex.
    """

    issuer: str
    title: str
    recipients: tuple[str, ...]
    visited_on: date
    place: str
    method: str
    verifiers: tuple[str, ...]
    facts: tuple[str, ...]
    opinion: tuple[str, ...]
    demands: tuple[Demand, ...]
    found: tuple[Found, ...]
    dated_on: date
    is_draft: bool = False


def paper_of(data: VisitConclusionData) -> Paper:
    """Return the conclusion with its annex. Raises DocumentError without facts, an opinion or anything found."""
    missing = [
        word
        for word, said in (("事实和证据", data.facts), ("结论和要求", data.opinion), ("核验结果", data.found))
        if not said
    ]
    if missing:
        raise DocumentError(f"督查结论没有写明{'、'.join(missing)}。请补写后再生成。")
    number = Counter()
    who = "、".join(data.verifiers)
    opening = f"{day(data.visited_on)}，{who}到{data.place}，以{data.method}的方式进行核验。现将结论反馈如下："
    body: list[Block] = [text(opening), number.heading("核验的事实和证据"), *map(text, data.facts)]
    body += [number.heading("结论和要求"), *map(text, data.opinion)]
    if data.demands:
        body.append(number.heading("整改"))
        body += [
            Heading(
                2,
                f"（{numeral(place)}）{one.unit}。",
                run_in=f"{one.words.rstrip('。')}。请于{day(one.plan_due_on)}前报送整改方案，"
                f"于{day(one.report_due_on)}前报送整改情况。",
            )
            for place, one in enumerate(data.demands, start=1)
        ]
    body.append(text("对本结论有异议的，可以自收到之日起30日内申请复核。"))
    return Paper(
        form=Form.PLAIN,
        title=data.title,
        recipients="、".join(data.recipients),
        blocks=tuple(body),
        never_split=data.recipients,
        attachments=("核验结果",),
        signature=Signature((data.issuer,), data.dated_on),
        annexes=(Annex("附件", "核验结果", (_table(data.found),), is_landscape=True),),
        watermark=watermark(data.is_draft),
    )


def _table(found: tuple[Found, ...]) -> Table:
    centre = Align.CENTRE
    return Table(
        columns=(
            Column("序号", 1.4, centre),
            Column("督查事项", 6),
            Column("责任单位", 3.6, centre),
            Column("单位所报", 7),
            Column("核验结果", 2.4, centre),
            Column("现场情况", 6),
        ),
        rows=tuple(Row((one.serial, one.text, stacked(one.units), one.claim, one.result, one.found)) for one in found),
        merged=(0, 1, 2),
    )
