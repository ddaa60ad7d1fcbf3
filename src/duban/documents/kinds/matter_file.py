"""档案 of a matter: what it is, everything that befell it in order of time, its evidence.

Source: docs/sources.md#kinds
"""

from dataclasses import dataclass
from datetime import date

from duban.documents.kinds.parts import Counter, short_day, watermark
from duban.documents.paper import Align, Block, Column, Form, Paper, Row, Table, text
from duban.documents.wording import day


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that befell the matter: on a day, in words, by whom."""

    on: date
    words: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A piece of evidence. kind: 文件、链接、纸质材料; digest: SHA-256 of the file, empty for none; kept: where."""

    name: str
    kind: str
    unit: str
    given_on: date
    digest: str = ""
    withdrawn: str = ""


@dataclass(frozen=True, slots=True)
class MatterFileData:
    """The file. facts: (label, value) of the table at the head, in order: 任务原文, 牵头单位, ….

    made_on: the day it was drawn up; happenings need not be in order.
    """

    title: str
    office: str
    made_on: date
    facts: tuple[tuple[str, str], ...]
    happenings: tuple[Happening, ...]
    exhibits: tuple[Exhibit, ...]
    names: tuple[str, ...] = ()
    is_draft: bool = False


def paper_of(data: MatterFileData) -> Paper:
    """Return the file: facts, happenings from the first to the last, evidence."""
    number = Counter()
    centre = Align.CENTRE
    body: list[Block] = [
        number.heading("基本情况"),
        Table((Column("项目", 2.4, centre), Column("内容", 10)), tuple(Row(one) for one in data.facts), size_pt=12),
        number.heading("办理经过"),
    ]
    happenings = sorted(data.happenings, key=lambda one: one.on)
    if happenings:
        columns = (Column("日期", 2.4, centre), Column("办理情况", 8), Column("办理人", 2.6, centre))
        rows = tuple(Row((short_day(one.on), one.words, one.by)) for one in happenings)
        body.append(Table(columns, rows, size_pt=12))
    else:
        body.append(text("尚无记录。"))
    body.append(number.heading("佐证材料"))
    if data.exhibits:
        body.append(_exhibits(data.exhibits))
    else:
        body.append(text("没有提交佐证材料。"))
    return Paper(
        form=Form.PLAIN,
        title=data.title,
        subtitle=f"（{data.office}　{day(data.made_on)}整理）",
        blocks=tuple(body),
        never_split=data.names,
        watermark=watermark(data.is_draft),
    )


def _exhibits(exhibits: tuple[Exhibit, ...]) -> Table:
    centre = Align.CENTRE
    return Table(
        columns=(
            Column("编号", 1.3, centre),
            Column("名称", 5.4),
            Column("类别", 2.3, centre),
            Column("提交单位", 3.2, centre),
            Column("提交日期", 2.4, centre),
            Column("摘要", 2.4, centre),
        ),
        rows=tuple(
            Row(
                (
                    str(place),
                    f"{one.name}（已撤下：{one.withdrawn}）" if one.withdrawn else one.name,
                    one.kind,
                    one.unit,
                    short_day(one.given_on),
                    one.digest[:8],
                )
            )
            for place, one in enumerate(exhibits, start=1)
        ),
        size_pt=12,
        notes=("注：摘要为文件内容 SHA-256 值的前8位，用于核对文件是否为原件。",),
    )
