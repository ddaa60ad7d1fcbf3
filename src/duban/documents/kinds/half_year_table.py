"""半年完成情况汇总表: what each unit reported of each matter, landscape.

Source: docs/sources.md#reports, docs/sources.md#kinds
"""

from dataclasses import dataclass
from datetime import date

from duban.documents.kinds.parts import stacked, watermark
from duban.documents.paper import Align, Column, DocumentError, Form, Paper, Row, Table
from duban.documents.wording import day


@dataclass(frozen=True, slots=True)
class Completion:
    """One matter: what was reported (empty for nothing), how far, which light, and a remark: 逾期2个工作日报送."""

    serial: str
    text: str
    units: tuple[str, ...]
    report: str
    progress: str
    light: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class HalfYearTableData:
    """The table. as_of: the day its figures are of; office: who made it."""

    title: str
    office: str
    as_of: date
    rows: tuple[Completion, ...]
    is_draft: bool = False


def paper_of(data: HalfYearTableData) -> Paper:
    """Return the table. Raises DocumentError without a row."""
    if not data.rows:
        raise DocumentError("汇总表中没有事项。请先选定台账和报送期。")
    centre = Align.CENTRE
    reported = sum(bool(one.report) for one in data.rows)
    return Paper(
        form=Form.PLAIN,
        title=data.title,
        subtitle=f"（{data.office}　截至{day(data.as_of)}）",
        blocks=(
            Table(
                columns=(
                    Column("序号", 1.1, centre),
                    Column("目标任务", 6),
                    Column("牵头单位", 3, centre),
                    Column("完成情况", 9),
                    Column("进度", 1.6, centre),
                    Column("灯", 1.3, centre),
                    Column("备注", 2.4),
                ),
                rows=tuple(
                    Row(
                        (
                            one.serial,
                            one.text,
                            stacked(one.units),
                            one.report or "未报",
                            one.progress,
                            one.light,
                            one.remark,
                        )
                    )
                    for one in data.rows
                ),
                notes=(
                    f"注：共{len(data.rows)}项，已报{reported}项，未报{len(data.rows) - reported}项。"
                    "完成情况为各牵头单位所报，未作改动。",
                ),
            ),
        ),
        watermark=watermark(data.is_draft),
        is_landscape=True,
    )
