"""销号清单: the matters closed in a time, each with what closes it and who verified it.

Source: docs/sources.md#closing
"""

from dataclasses import dataclass
from datetime import date

from duban.documents.kinds.parts import short_day, stacked, watermark
from duban.documents.paper import Align, Column, DocumentError, Form, Paper, Row, Table
from duban.documents.wording import days


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed matter. result: how the text's demands were met; method: 材料核验, 现场核验; verifiers: by name.

    first_closed_on: where it was reopened and closed again, the first day.
    """

    serial: str
    text: str
    units: tuple[str, ...]
    result: str
    method: str
    verifiers: tuple[str, ...]
    closed_on: date
    first_closed_on: date | None = None
    grade: str = ""


@dataclass(frozen=True, slots=True)
class ClosureListData:
    """The list. first, last: the days it covers."""

    title: str
    office: str
    first: date
    last: date
    rows: tuple[Closed, ...]
    is_draft: bool = False


def paper_of(data: ClosureListData) -> Paper:
    """Return the list, landscape. Raises DocumentError without a row."""
    if not data.rows:
        raise DocumentError("这段时间没有销号的事项。请另选时间。")
    centre = Align.CENTRE
    graded = any(one.grade for one in data.rows)
    columns = [
        Column("序号", 1.1, centre),
        Column("目标任务", 6),
        Column("牵头单位", 3, centre),
        Column("完成情况", 7.5),
        Column("核验方式", 1.9, centre),
        Column("核验人", 1.9, centre),
        Column("销号日期", 2.8, centre),
    ]
    if graded:
        columns.append(Column("等次", 1.3, centre))
    again = [one.serial for one in data.rows if one.first_closed_on and one.first_closed_on != one.closed_on]
    notes = [f"注：{days(data.first, data.last)}共销号{len(data.rows)}项。"]
    if again:
        notes.append(f"第{'、'.join(again)}项曾重新办理，销号日期下方括号内为首次销号日期。")
    return Paper(
        form=Form.PLAIN,
        title=data.title,
        subtitle=f"（{data.office}　{days(data.first, data.last)}）",
        blocks=(
            Table(tuple(columns), tuple(Row(_cells(one, graded=graded)) for one in data.rows), notes=("".join(notes),)),
        ),
        watermark=watermark(data.is_draft),
        is_landscape=True,
    )


def _cells(one: Closed, *, graded: bool) -> tuple[str, ...]:
    closed = short_day(one.closed_on)
    if one.first_closed_on and one.first_closed_on != one.closed_on:
        closed = f"{closed}\n（{short_day(one.first_closed_on)}）"
    cells = (one.serial, one.text, stacked(one.units), one.result, one.method, stacked(one.verifiers), closed)
    return (*cells, one.grade) if graded else cells
