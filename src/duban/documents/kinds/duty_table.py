"""责任分解表: the annex of the notice, landscape, its responsibility columns merged as the field's notices have them.

What it prints is what `duban read` reads again. Source: docs/sources.md#notice, docs/sources.md#kinds
"""

from collections.abc import Sequence
from dataclasses import dataclass

from duban.documents.kinds.parts import stacked, watermark
from duban.documents.paper import Align, Annex, Column, DocumentError, Form, Paper, Row, Table
from duban.documents.sheets import Column as SheetColumn
from duban.documents.sheets import Sheet

TITLES = ("序号", "具体目标任务", "牵头单位", "责任人", "协办单位", "区分管或联系领导")
MERGED = (2, 3, 4, 5)
NO_SERIAL = "—"


@dataclass(frozen=True, slots=True)
class Duty:
    """One row: names as they are to stand, a qualifier within its brackets: 商务局（口岸办）.

    section: the heading the row stands under, empty where the table has none.
    """

    serial: str
    text: str
    lead_units: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    support_units: tuple[str, ...] = ()
    overseers: tuple[str, ...] = ()
    section: str = ""

    def cells(self) -> tuple[str, ...]:
        """Return the row's cells, names one below the other; a dash where there is no serial.

        A blank one would be read as merged with the serial above.
        """
        named = (self.lead_units, self.persons, self.support_units, self.overseers)
        return (self.serial or NO_SERIAL, self.text, *(stacked(one) for one in named))


@dataclass(frozen=True, slots=True)
class DutyTableData:
    """The table of a plan. overseers_title: 区分管或联系领导, a county's 县…; notes: below the table."""

    title: str
    duties: tuple[Duty, ...]
    overseers_title: str = TITLES[-1]
    notes: tuple[str, ...] = ()
    is_draft: bool = False


def paper_of(data: DutyTableData) -> Paper:
    """Return the table as a paper of its own, landscape. Raises DocumentError without a row."""
    return Paper(
        form=Form.PLAIN,
        title=data.title,
        blocks=(table_of(data),),
        watermark=watermark(data.is_draft),
        is_landscape=True,
    )


def annex_of(data: DutyTableData, *, label: str = "附件") -> Annex:
    """Return the table as an annex of a notice."""
    return Annex(label, data.title, (table_of(data),), is_landscape=True)


def table_of(data: DutyTableData) -> Table:
    """Return the table. Raises DocumentError without a row."""
    if not data.duties:
        raise DocumentError("责任分解表中没有事项。请先在台账中登记。")
    centre = Align.CENTRE
    return Table(
        columns=(
            Column(TITLES[0], 1.2, centre),
            Column(TITLES[1], 9.5),
            Column(TITLES[2], 3.4, centre),
            Column(TITLES[3], 2.2, centre),
            Column(TITLES[4], 3.8, centre),
            Column(data.overseers_title, 2.6, centre),
        ),
        rows=tuple(_rows(data.duties)),
        merged=MERGED,
        notes=data.notes,
    )


def sheet_of(data: DutyTableData) -> Sheet:
    """Return the same table as a spreadsheet, its title above."""
    widths = (7, 46, 18, 11, 20, 13)
    titles = (*TITLES[:-1], data.overseers_title)
    return Sheet(
        name="责任分解表",
        columns=tuple(
            SheetColumn(one, width, is_centred=place != 1)
            for place, (one, width) in enumerate(zip(titles, widths, strict=True))
        ),
        rows=tuple(one.cells() for one in data.duties),
        title=data.title,
        merged=MERGED,
        notes=data.notes,
    )


def _rows(duties: Sequence[Duty]) -> list[Row]:
    rows: list[Row] = []
    section = ""
    for one in duties:
        if one.section and one.section != section:
            rows.append(Row((one.section,), is_band=True, keeps_next=True))
        section = one.section or section
        rows.append(Row(one.cells()))
    return rows
