"""考评数据表: what the appraisal office is given of a year, every unit in one line, and every fact that counts.

Source: docs/sources.md#evaluation
"""

from dataclasses import dataclass
from datetime import date

from duban.documents.kinds.parts import short_day, watermark
from duban.documents.paper import Align, Block, Column, DocumentError, Form, Heading, Paper, Row, Table, text
from duban.documents.wording import day

_KINDS = ("未完成", "迟报", "漏报", "退回", "空泛", "批评", "约谈", "不实", "表扬")


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit. counts: in the order of the columns 未完成 … 表扬; done: matters finished of all it has.

    workload, facts_score, rating, score: as text, empty where it is not scored; note: 取消评先资格, 不计分.
    """

    unit: str
    matters: int
    done: int
    obligations: int
    counts: tuple[int, ...]
    workload: str = ""
    facts_score: str = ""
    rating: str = ""
    score: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class FactLine:
    """One fact that counts: of which unit, what, about which matter, when. points: of one such fact with the part."""

    unit: str
    kind: str
    matter: str
    part: str
    on: date
    words: str
    points: str = ""


@dataclass(frozen=True, slots=True)
class EvaluationTableData:
    """The table. lists: (name, what puts a unit on it, units); method: how the figures come about, a paragraph each."""

    title: str
    office: str
    until: date
    units: tuple[UnitLine, ...]
    facts: tuple[FactLine, ...]
    lists: tuple[tuple[str, str, tuple[str, ...]], ...]
    method: tuple[str, ...]
    is_scored: bool
    is_draft: bool = False


def paper_of(data: EvaluationTableData) -> Paper:
    """Return the table, landscape. Raises DocumentError without a unit, or where one lacks a count."""
    if not data.units:
        raise DocumentError("考评数据表中没有单位。请先交办事项。")
    for one in data.units:
        if len(one.counts) != len(_KINDS):
            raise DocumentError(f"{one.unit}的考评数据不全。")
    blocks: list[Block] = [Heading(1, "一、各单位情况"), _units(data)]
    blocks.append(Heading(1, "二、状态清单"))
    blocks += [text(f"{name}（{why}）：{'、'.join(units) if units else '无'}。") for name, why, units in data.lists]
    blocks.append(Heading(1, "三、计分办法" if data.is_scored else "三、说明"))
    blocks += [text(one) for one in data.method]
    blocks.append(Heading(1, "四、逐条事实"))
    blocks.append(_facts(data) if data.facts else text("没有应当列出的事实。"))
    return Paper(
        form=Form.PLAIN,
        title=data.title,
        subtitle=f"（{data.office}　事实截至{day(data.until)}）",
        blocks=tuple(blocks),
        watermark=watermark(data.is_draft),
        is_landscape=True,
    )


def _units(data: EvaluationTableData) -> Table:
    centre = Align.CENTRE
    columns = [
        Column("序号", 1.2, centre),
        Column("单位", 4),
        Column("事项", 1.3, centre),
        Column("已完成", 1.5, centre),
        Column("应办事宜", 1.8, centre),
        *(Column(one, 1.5, centre) for one in _KINDS),
    ]
    if data.is_scored:
        columns += [
            Column("折算系数", 1.8, centre),
            Column("事实得分", 2, centre),
            Column("领导评价", 2, centre),
            Column("总分", 2, centre),
        ]
    columns.append(Column("备注", 2.6, centre))
    rows = []
    for place, one in enumerate(data.units, start=1):
        counts = (str(each) if each else "" for each in one.counts)
        cells = [str(place), one.unit, str(one.matters), str(one.done), str(one.obligations), *counts]
        if data.is_scored:
            cells += [one.workload, one.facts_score, one.rating, one.score]
        rows.append(Row((*cells, one.note)))
    return Table(tuple(columns), tuple(rows), notes=("注：按单位次序排列，不排名次；空格为没有。",))


def _facts(data: EvaluationTableData) -> Table:
    centre = Align.CENTRE
    columns = [
        Column("单位", 3, centre),
        Column("类别", 2, centre),
        Column("事项", 7),
        Column("承担", 1.4, centre),
        Column("日期", 2.4, centre),
        Column("情况", 8),
    ]
    if data.is_scored:
        columns.append(Column("每次分值", 1.8, centre))
    rows = []
    for one in data.facts:
        cells = (one.unit, one.kind, one.matter, one.part, short_day(one.on), one.words)
        rows.append(Row((*cells, one.points) if data.is_scored else cells))
    return Table(tuple(columns), tuple(rows), merged=(0,))
