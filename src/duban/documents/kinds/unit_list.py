"""责任清单 of a unit: all it leads or supports in a year, landscape.

Source: docs/sources.md#notice, docs/sources.md#kinds
"""

from dataclasses import dataclass
from datetime import date

from duban.documents.kinds.parts import stacked, watermark
from duban.documents.paper import Align, Column, DocumentError, Form, Paper, Row, Table
from duban.documents.wording import day

LEAD, SUPPORT = "牵头", "协办"


@dataclass(frozen=True, slots=True)
class UnitDuty:
    """A matter of the unit. part: 牵头 or 协办; with: the other units; nodes: 6月20日 完成50%, one a line."""

    serial: str
    text: str
    part: str
    others: tuple[str, ...]
    persons: tuple[str, ...]
    nodes: tuple[str, ...]
    standing: str = ""


@dataclass(frozen=True, slots=True)
class UnitListData:
    """The list. contacts: 分管领导 and 联络员, as they are to stand below the title."""

    unit: str
    title: str
    as_of: date
    rows: tuple[UnitDuty, ...]
    contacts: str = ""
    is_draft: bool = False


def paper_of(data: UnitListData) -> Paper:
    """Return the list, what the unit leads first. Raises DocumentError without a row."""
    if not data.rows:
        raise DocumentError(f"{data.unit}没有承办的事项。")
    centre = Align.CENTRE
    rows: list[Row] = []
    for part in (LEAD, SUPPORT):
        some = [one for one in data.rows if one.part == part]
        if some:
            rows.append(Row((f"{part}事项（{len(some)}项）",), is_band=True, keeps_next=True))
            rows += [Row(_cells(one)) for one in some]
    return Paper(
        form=Form.PLAIN,
        title=data.title,
        subtitle=f"（截至{day(data.as_of)}{f'　{data.contacts}' if data.contacts else ''}）",
        blocks=(
            Table(
                columns=(
                    Column("序号", 1.1, centre),
                    Column("目标任务", 7.5),
                    Column("其他责任单位", 3.6, centre),
                    Column("责任人", 2, centre),
                    Column("时间节点", 4.6),
                    Column("当前情况", 4.2),
                ),
                rows=tuple(rows),
            ),
        ),
        never_split=(data.unit,),
        watermark=watermark(data.is_draft),
        is_landscape=True,
    )


def _cells(one: UnitDuty) -> tuple[str, ...]:
    return (one.serial, one.text, stacked(one.others), stacked(one.persons), stacked(one.nodes), one.standing)
