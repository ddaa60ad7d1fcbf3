"""Which cells of an .xlsx show their number as a percentage: the sheets hold 0.8 where a person sees 80%."""

from __future__ import annotations

import posixpath
import re

from duban.reading.package import Package

_BUILT_IN = frozenset({"9", "10"})
"""Numbers of the two percentage formats every workbook has without naming them (ECMA-376 part 1, 18.8.30)."""
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""What a format only writes beside the number: quoted words, an escaped sign, a colour."""
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def percent_cells(data: bytes) -> dict[str, frozenset[tuple[int, int]]]:
    """This function will return, by the sheet's name, (row, column) of such cells, from 0; raises NotReadable.

    A workbook in which no style of a cell is a percentage costs one look at its styles.
    """
    book = Package(data, kind="表格")
    main = book.main_part()
    styles = book.sibling(main, "styles.xml")
    if styles is None:
        return {}
    named = {one.get("numFmtId", ""): one.get("formatCode", "") for one in styles.iterfind("{*}numFmts/{*}numFmt")}
    formats = [one.get("numFmtId", "") for one in styles.iterfind("{*}cellXfs/{*}xf")]
    wanted = {
        str(place)
        for place, one in enumerate(formats)
        if one in _BUILT_IN or "%" in _QUOTED.sub("", named.get(one, ""))
    }
    if not wanted:
        return {}
    folder = posixpath.dirname(main)
    relations = book.sibling(main, f"_rels/{posixpath.basename(main)}.rels")
    targets = {} if relations is None else {one.get("Id"): one.get("Target", "") for one in relations.iterchildren("*")}
    found: dict[str, frozenset[tuple[int, int]]] = {}
    for sheet in book.xml(main).iterfind("{*}sheets/{*}sheet"):
        relation = next((value for key, value in sheet.attrib.items() if str(key).endswith("}id")), None)
        target = targets.get(str(relation), "")
        if "worksheets/" not in target:
            continue
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        cells = book.xml(path).iterfind("{*}sheetData/{*}row/{*}c")
        places = (_PLACE.fullmatch(cell.get("r", "")) for cell in cells if cell.get("s") in wanted)
        found[sheet.get("name", "")] = frozenset(_place(*one.groups()) for one in places if one)
    return found


def _place(letters: str, row: str) -> tuple[int, int]:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(row) - 1, column - 1
