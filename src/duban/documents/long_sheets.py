"""Workbooks of any length: rows come one by one and are written as they come; the same rows give the same bytes.

For what is carried away whole; a table that is looked at, printed and filled in is `documents.sheets`.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import IO
from xml.sax.saxutils import escape

from duban.documents.sheets import is_formula_like

Value = str | int | float | Decimal | bool | date | datetime | None

ROWS_MOST = 1_048_576
"""Rows of a sheet, the heading counted; what is longer goes on in a further sheet."""

_LONGEST_CELL = 32_767
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BAD_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_EPOCH = date(1899, 12, 30)
_CHINA = timezone(timedelta(hours=8))
_ONE_DAY = (1980, 1, 1, 0, 0, 0)
"""The day every part is dated, so that the same rows give the same bytes."""

_HEAD, _TEXT, _DAY, _MOMENT, _NUMBER, _QUOTED = range(1, 7)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="仿宋_GB2312"/></font>'
    '<font><sz val="11"/><name val="黑体"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFEEF0F2"/></patternFill></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="7"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    + "".join(
        f'<xf numFmtId="{number}" fontId="{font}" fillId="{fill}" borderId="0" xfId="0" applyNumberFormat="1" '
        f'applyFont="1" applyFill="1" applyAlignment="1"{more}><alignment vertical="top" wrapText="1"/></xf>'
        for number, font, fill, more in (
            (49, 1, 2, ""),
            (49, 0, 0, ""),
            (164, 0, 0, ""),
            (165, 0, 0, ""),
            (0, 0, 0, ""),
            (49, 0, 0, ' quotePrefix="1"'),
        )
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True, slots=True)
class LongSheet:
    """One table: name of the sheet, (heading, width) of its columns, its rows one by one."""

    name: str
    columns: Sequence[tuple[str, float]]
    rows: Iterable[Sequence[Value]]


def write_workbook(target: IO[bytes], sheets: Iterable[LongSheet]) -> None:
    """Write the workbook of these sheets to a file open for writing; only one row is in memory at a time.

    Text is always text: what begins like a formula is stored as a quoted string. Moments are shown as in China.
    """
    names: list[tuple[str, int]] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for sheet in sheets:
            rows = iter(sheet.rows)
            part, is_more = 1, True
            while is_more:
                name = _name(sheet.name, part=part)
                info = _part(f"xl/worksheets/sheet{len(names) + 1}.xml")
                with book.open(info, "w", force_zip64=True) as page:
                    is_more = _write_page(page, sheet, rows, is_first=not names)
                names.append((name, len(sheet.columns)))
                part += 1
        for path, text in _frame(names):
            book.writestr(_part(path), text)


def _part(path: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, _ONE_DAY)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = 0o644 << 16
    return info


def _name(name: str, *, part: int) -> str:
    words = _BAD_IN_SHEET_NAME.sub(" ", name).strip() or "表"
    more = f"（{part}）" if part > 1 else ""
    return words[: 31 - len(more)] + more


def _write_page(page: IO[bytes], sheet: LongSheet, rows: Iterator[Sequence[Value]], *, is_first: bool) -> bool:
    """Write one sheet; return whether rows are left for a further one."""
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width:g}" customWidth="1"/>'
        for place, (_, width) in enumerate(sheet.columns, start=1)
    )
    selected = ' tabSelected="1"' if is_first else ""
    page.write(
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<sheetViews><sheetView workbookViewId="0"{selected}><pane ySplit="1" topLeftCell="A2" activePane='
        f'"bottomLeft" state="frozen"/></sheetView></sheetViews><cols>{columns}</cols><sheetData>'.encode()
    )
    page.write(_row(1, [title for title, _ in sheet.columns], style=_HEAD).encode())
    number, is_more = 1, False
    for row in rows:
        number += 1
        page.write(_row(number, row).encode())
        if number == ROWS_MOST:
            is_more = True
            break
    last = column_letters(len(sheet.columns))
    page.write(
        f'</sheetData><autoFilter ref="A1:{last}{number}"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/></worksheet>'.encode()
    )
    return is_more


def column_letters(number: int) -> str:
    """Return how a spreadsheet calls its n-th column: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _row(number: int, values: Sequence[Value], *, style: int | None = None) -> str:
    cells = "".join(
        _cell(f"{column_letters(place)}{number}", value, style=style) for place, value in enumerate(values, start=1)
    )
    return f'<row r="{number}">{cells}</row>'


def _cell(place: str, value: Value, *, style: int | None) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        value = "是" if value else ""
    if isinstance(value, datetime):
        shown = value.astimezone(_CHINA)
        part = (shown.hour * 3600 + shown.minute * 60 + shown.second) / 86400
        return f'<c r="{place}" s="{_MOMENT}"><v>{(shown.date() - _EPOCH).days + part:.6f}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="{_DAY}"><v>{(value - _EPOCH).days}</v></c>'
    if isinstance(value, int | float | Decimal):
        return f'<c r="{place}" s="{_NUMBER}"><v>{value}</v></c>'
    text = _CONTROL.sub("", value)[:_LONGEST_CELL]
    if not text:
        return ""
    kind = style or (_QUOTED if is_formula_like(text) else _TEXT)
    return f'<c r="{place}" s="{kind}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _frame(names: Sequence[tuple[str, int]]) -> Iterator[tuple[str, str]]:
    """Yield what holds the sheets together: (path, content)."""
    yield "xl/styles.xml", _STYLES
    listed = "".join(
        f'<sheet name="{escape(name, {chr(34): "&quot;"})}" sheetId="{place}" r:id="rId{place}"/>'
        for place, (name, _) in enumerate(names, start=1)
    )
    titles = "".join(
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{place}">{escape(_quoted(name))}!$1:$1</definedName>'
        for place, (name, _) in enumerate(names)
    )
    yield (
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{listed}</sheets>'
        f"<definedNames>{titles}</definedNames></workbook>",
    )
    relations = "".join(
        f'<Relationship Id="rId{place}" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet{place}.xml"/>'
        for place in range(1, len(names) + 1)
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
        f'<Relationship Id="rId{len(names) + 1}" Type="{_DOCUMENT}/styles" Target="styles.xml"/></Relationships>',
    )
    yield (
        "_rels/.rels",
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{place}.xml" ContentType="{_TYPES}.worksheet+xml"/>'
        for place in range(1, len(names) + 1)
    )
    yield (
        "[Content_Types].xml",
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>{parts}</Types>',
    )


def _quoted(name: str) -> str:
    return f"'{name}'"
