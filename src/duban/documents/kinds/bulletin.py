"""《政务督查》: the bulletin of the supervision office, ordinary or special issue. Source: docs/sources.md#kinds

Its figures are those of a frozen snapshot. Criticism needs a cause and a next step; late reports stand apart from late
work; nobody is ranked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from duban.documents.charts import Counts
from duban.documents.kinds.parts import Counter, called, labelled, sentence, serials_words, stacked, watermark
from duban.documents.paper import (
    Align,
    Annex,
    Block,
    Colophon,
    Column,
    DocumentError,
    Figure,
    Form,
    Head,
    Heading,
    Paper,
    Row,
    Table,
    text,
)
from duban.documents.wording import Addressee, day, numeral, recipients, unspaced

MASTHEAD = "政务督查"


@dataclass(frozen=True, slots=True)
class Total:
    """One of the totals at the head: 已销号, 41."""

    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A matter whose work is late: serial and words as in the ledger, the lead units, how it stands.

    cause, next_step: of an entry both are needed.
    """

    serial: str
    text: str
    units: tuple[str, ...]
    standing: str
    cause: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Praise:
    """Who is praised and for what."""

    units: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class LateReport:
    """A unit whose reports came late or not at all; serials: of the matters. Apart from late work."""

    unit: str
    serials: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A row of the annex: how a matter stood at the snapshot. light: 绿、黄、红, or grey words."""

    serial: str
    text: str
    units: tuple[str, ...]
    progress: str
    light: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class BulletinData:
    """An issue. issue: within the year, issue_total: since the first; is_special: 专刊, its subject in the title.

    as_of: the day of the snapshot it quotes.   whole: how many matters there are; totals add up to it.
    summary: paragraphs after the sentence of the totals.   charts: as `documents.charts` draws them.
    requirements: paragraphs of what comes next.   sent: 报, 送, 发 with whom.
    """

    office: str
    issue: int
    issue_total: int
    issued_on: date
    title: str
    as_of: date
    whole: int
    totals: tuple[Total, ...]
    summary: tuple[str, ...] = ()
    charts: tuple[Figure, ...] = ()
    praises: tuple[Praise, ...] = ()
    entries: tuple[Entry, ...] = ()
    late_reports: tuple[LateReport, ...] = ()
    requirements: tuple[str, ...] = ()
    standings: tuple[Standing, ...] = ()
    reported_to: tuple[Addressee, ...] = ()
    sent_to: tuple[Addressee, ...] = ()
    issued_to: tuple[Addressee, ...] = ()
    copies: int | None = None
    masthead: str = MASTHEAD
    is_special: bool = False
    is_draft: bool = False


def paper_of(data: BulletinData) -> Paper:
    """Return the issue. Raises DocumentError for an entry without cause or next step, or totals that do not add up."""
    _check(data)
    annex = _annex(data)
    return Paper(
        form=Form.BULLETIN,
        title=data.title,
        blocks=tuple(_body(data)),
        head=Head(
            mark=data.masthead,
            issue=f"第{data.issue}期{'（专刊）' if data.is_special else ''}",
            issue_total=f"总第{data.issue_total}期",
            left=data.office,
            right=day(data.issued_on),
        ),
        never_split=tuple(dict.fromkeys(unit for one in data.entries for unit in one.units)),
        attachments=(annex.title,) if annex else (),
        annexes=(annex,) if annex else (),
        colophon=Colophon(
            sent=tuple(
                (label, recipients(some))
                for label, some in (("报", data.reported_to), ("送", data.sent_to), ("发", data.issued_to))
                if some
            ),
            copies=data.copies,
        ),
        watermark=watermark(data.is_draft),
    )


def _check(data: BulletinData) -> None:
    if data.totals and sum(one.count for one in data.totals) != data.whole:
        added = sum(one.count for one in data.totals)
        raise DocumentError(f"通报的各项数字相加为{added}项，与总数{data.whole}项不符。请核对定格数据。")
    for one in data.entries:
        missing = [word for word, said in (("原因", one.cause), ("下一步措施", one.next_step)) if not said.strip()]
        if missing:
            raise DocumentError(
                f"{called(one.serial, one.text)}没有写明{'、'.join(missing)}，不能通报。请补写后再生成。"
            )


def _body(data: BulletinData) -> list[Block]:
    number = Counter()
    blocks: list[Block] = []
    if data.totals or data.summary or data.charts:
        blocks += [number.heading("总体情况"), *_totals(data), *_paragraphs(data.summary), *data.charts]
    if data.praises:
        blocks.append(number.heading("工作成效明显的事项"))
        blocks += [
            Heading(2, f"（{numeral(place)}）{'、'.join(one.units)}。", run_in=sentence(unspaced(one.words)))
            for place, one in enumerate(data.praises, start=1)
        ]
    if data.entries:
        blocks.append(number.heading("工作进展滞后的事项"))
        for place, one in enumerate(data.entries, start=1):
            blocks += _entry(one, place)
    if data.late_reports:
        blocks.append(number.heading("未按时报送完成情况的单位"))
        blocks += [text("下列单位未按时报送，仅就报送本身予以提示，不代表工作进展滞后。"), _late(data.late_reports)]
    if data.requirements:
        blocks += [number.heading("下一步工作要求"), *_paragraphs(data.requirements)]
    return blocks


def _paragraphs(several: Sequence[str]) -> list[Block]:
    """Return what was typed as paragraphs: a new line begins a new one."""
    return [text(unspaced(line)) for one in several for line in one.splitlines() if line.strip()]


def _totals(data: BulletinData) -> list[Block]:
    if not data.totals:
        return []
    told = "，".join(f"{one.words}{one.count}项" for one in data.totals)
    return [text(f"截至{day(data.as_of)}，列入督查的{data.whole}项任务中，{told}。")]


def _entry(one: Entry, place: int) -> list[Block]:
    named = f"第{one.serial}项：{one.text}" if one.serial else one.text
    return [
        Heading(2, f"（{numeral(place)}）{sentence(named)}"),
        labelled("责任单位", sentence("、".join(one.units)), keeps_next=True),
        labelled("进展情况", sentence(unspaced(one.standing))),
        labelled("主要原因", sentence(unspaced(one.cause))),
        labelled("下一步", sentence(unspaced(one.next_step))),
    ]


def _late(reports: Sequence[LateReport]) -> Table:
    return Table(
        columns=(Column("单位", 3, Align.CENTRE), Column("涉及事项", 4), Column("报送情况", 5)),
        rows=tuple(Row((one.unit, serials_words(one.serials), unspaced(one.words))) for one in reports),
        size_pt=12,
    )


def _annex(data: BulletinData) -> Annex | None:
    if not data.standings:
        return None
    centre = Align.CENTRE
    columns = (
        Column("序号", 1.2, centre),
        Column("目标任务", 9),
        Column("牵头单位", 3.6, centre),
        Column("完成进度", 2, centre),
        Column("灯", 1.6, centre),
        Column("备注", 4),
    )
    rows = tuple(
        Row((one.serial, one.text, stacked(one.units), one.progress, one.light, one.remark)) for one in data.standings
    )
    title = "督查事项进展情况一览表"
    notes = (f"注：截至{day(data.as_of)}定格数据。“灯”一栏的空格为未开始、已销号或暂停的事项。",)
    return Annex("附件", title, (Table(columns, rows, notes=notes),), is_landscape=True)


def captioned(figures: Sequence[Figure]) -> tuple[Figure, ...]:
    """Return charts numbered in order: 图1　各单位亮灯情况."""
    return tuple(replace(one, caption=f"图{place}　{one.caption}") for place, one in enumerate(figures, start=1))


def totals_of(counts: Counts, *, closed: int) -> tuple[Total, ...]:
    """Return the totals a bulletin begins with. counts.grey: shows no light and is not closed."""
    return tuple(
        Total(words, count)
        for words, count in (
            ("已销号", closed),
            ("绿灯", counts.green),
            ("黄灯", counts.yellow),
            ("红灯", counts.red),
            ("未开始或暂停", counts.grey),
        )
        if count
    )
