"""Grids → matters: headers in any wording and depth, repeated headers, merged cells, continued rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from duban.reading import statements, words
from duban.reading.characters import folded, has_cjk, key, tidied
from duban.reading.drafts import Column, Draft, TableSeen
from duban.reading.names import looks_like_person, looks_like_unit, surely_unit
from duban.reading.plain_text import is_deadline, is_header, resolve_fields
from duban.reading.result import CellSource
from duban.reading.shape import Cell, Grid, Row

_NO_SERIAL = re.compile(r"[-—–―─]+")
"""Written where a matter has no serial of its own, so that it is not taken for one merged with that above."""

_SERIAL = re.compile(
    r"[(\[第]?(?:\d{1,5}|[一二三四五六七八九十百]{1,5})[)\].、．项号条]*|\d{1,4}(?:[-.．—]\d{1,4})+[.、]?|[A-Za-z]\d{1,4}|\(?[①-⑳]\)?"
)
_HEADING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|第[一二三四五六七八九十]{1,3}[章节部类篇]|[★●■◆▲])"
)
_FURNITURE = re.compile(
    r"-?\s*\d{1,4}\s*-?|—\s*\d+\s*—|第?\s*\d+\s*页?(?:[,/共]+\s*\d+\s*页?)?|\(?续(?:表|上表)\)?|[\s|:+\-=_—─━]+"
)
_SENTENCE_END = ("。", "；", ";", "！", "!", "”", "）", ")", "…")
_MARKER = re.compile(r"^[(]?(\d{1,4})(?:[.、)．]\s*|\s+)(?!\d)(?=\D)")
_INHERITABLE = (words.LEAD, words.PERSONS, words.SUPPORT, words.OVERSEERS)


@dataclass(slots=True)
class _Table:
    """What is known while walking down one grid."""

    run: int
    fields: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    section: str | None = None
    punctuated: bool = False
    """Most texts end with a full stop, so one that does not goes on in the next row."""
    drafts: list[Draft] = field(default_factory=list)
    seen: list[TableSeen] = field(default_factory=list)
    roles: dict[int, str] = field(default_factory=dict)
    headings: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TableReading:
    """The matters of one grid, the tables seen in it, and what each source line was."""

    drafts: list[Draft]
    tables: list[TableSeen]
    roles: dict[int, str]
    headings: list[tuple[int, str]]


def read_grid(grid: Grid, *, run: int, section: str | None) -> TableReading:
    """This function will read one grid; `run` numbers its list of serials, `section` is the heading above it."""
    table = _Table(run=run, section=section)
    rows = list(grid.rows)
    header_rows = [index for index, row in enumerate(rows) if is_header(_texts(row))]
    if not header_rows:
        table.fields = _fields_by_look(rows)
        table.labels = ["" for _ in table.fields]
        table.seen.append(TableSeen(grid.position.line, _columns(table), False, len(rows)))
    index = 0
    while index < len(rows):
        row = rows[index]
        if index in header_rows:
            index = _take_header(table, rows, index)
            continue
        if table.fields:
            _take_row(table, row, _next_filled(rows, index))
        else:
            _take_loose(table, row)
        index += 1
    _settle_text_columns(table)
    _settle_inherited(table)
    return TableReading(table.drafts, table.seen, table.roles, table.headings)


def _texts(row: Row) -> list[str]:
    return [cell.text if cell is not None else "" for cell in row.cells]


def _mark(table: _Table, row: Row, role: str) -> None:
    for line in row.lines:
        table.roles[line] = role


def _columns(table: _Table) -> tuple[Column, ...]:
    return tuple(Column(label, name) for label, name in zip(table.labels, table.fields, strict=True))


# --- headers


def _take_header(table: _Table, rows: list[Row], index: int) -> int:
    """Read a header of one or several rows; a header that repeats the last one changes nothing."""
    stack = [_spread(rows[index])]
    _mark(table, rows[index], "header")
    following = index + 1
    while following < len(rows) and len(stack) < 4 and _is_lower_header(rows[following]):
        stack.append(_texts(rows[following]))
        _mark(table, rows[following], "header")
        following += 1
    width = max(len(row) for row in stack)
    labels: list[str] = []
    names: list[str | None] = []
    for column in range(width):
        above = [tidied(row[column]) for row in stack if column < len(row) and row[column].strip()]
        labels.append("·".join(dict.fromkeys(above)))
        names.append(_field_of_stack(above))
    fields = resolve_fields(names)
    if fields == table.fields and [key(label) for label in labels] == [key(label) for label in table.labels]:
        return following
    if table.drafts and _counted(table) and words.SERIAL in fields:
        table.run += 1000
    table.fields, table.labels = fields, labels
    table.punctuated = _is_punctuated(rows[following : following + 400], fields)
    table.seen.append(TableSeen(rows[index].position.line, _columns(table), True, 0))
    return following


def _is_punctuated(rows: list[Row], fields: list[str]) -> bool:
    if words.TEXT not in fields:
        return False
    column = fields.index(words.TEXT)
    cells = [_texts(row) for row in rows]
    texts = [key(row[column]) for row in cells if len(row) > column and row[column].strip() and not is_header(row)]
    return sum(text.endswith(_SENTENCE_END) for text in texts) * 3 >= 2 * len(texts) > 0


def _counted(table: _Table) -> bool:
    return any(draft.run == table.run for draft in table.drafts)


def _spread(row: Row) -> list[str]:
    """The texts of an upper header row, each repeated over the columns it spans."""
    texts: list[str] = []
    for column, cell in enumerate(row.cells):
        if cell is None:
            texts.extend([""] * (len(texts) <= column))
            continue
        del texts[column:]
        texts.extend([cell.text] * cell.col_span)
    return texts


def _is_lower_header(row: Row) -> bool:
    texts = _texts(row)
    filled = [text for text in texts if text.strip()]
    if not filled or texts[0].strip() or len(filled) == len(texts):
        return False
    periods = [text for text in filled if words.is_period(text)]
    if len(periods) == 1 and len(filled) == 1:
        return False
    rest = [text for text in filled if text not in periods]
    return all(words.header_field(text) is not None for text in rest) and not any(is_deadline(text) for text in rest)


def _field_of_stack(above: list[str]) -> str | None:
    if len(above) > 1 and words.is_period(above[-1]):
        return words.OTHER
    for label in reversed(above):
        name = words.header_field(label)
        if name is not None and name != words.OTHER:
            if name == words.PERSONS and any(words.header_field(upper) == words.OVERSEERS for upper in above[:-1]):
                return words.OVERSEERS
            return name
    together = words.header_field("".join(above)) if above else None
    return together or (words.OTHER if above else None)


def _fields_by_look(rows: list[Row]) -> list[str]:
    """Columns of a table without header, by what stands in them."""
    width = max(len(row.cells) for row in rows)
    result = [words.OTHER] * width
    columns = [
        [texts[c] for row in rows[:400] if len(texts := _texts(row)) > c and texts[c].strip()] for c in range(width)
    ]

    def share(column: int, test: Callable[[str], object]) -> float:
        cells = columns[column]
        return sum(bool(test(cell)) for cell in cells) / len(cells) if cells else 0.0

    def people(cell: str) -> bool:
        parts = [part for part in re.split(r"[、,;\s]+", folded(cell)) if part]
        return bool(parts) and all(looks_like_person(part) or len(part) == 1 for part in parts)

    def bodies(cell: str) -> bool:
        parts = [part for part in re.split(r"[、,;\s]+", folded(cell)) if part]
        return bool(parts) and sum(looks_like_unit(part) for part in parts) * 2 >= len(parts) and "。" not in cell

    left = list(range(width))
    serials = [c for c in left[:2] if share(c, lambda cell: _SERIAL.fullmatch(key(cell))) > 0.6]
    if serials:
        result[serials[0]] = words.SERIAL
        left.remove(serials[0])
    lengths = {c: sum(len(cell) for cell in columns[c]) / max(1, len(columns[c])) for c in left}
    prose = [c for c in left if share(c, bodies) < 0.5 and share(c, people) < 0.5 and has_cjk("".join(columns[c]))]
    if prose:
        longest = max(prose, key=lambda c: lengths[c])
        result[longest] = words.TEXT
        left.remove(longest)
    for c in list(left):
        if share(c, is_deadline) > 0.6:
            result[c] = words.DEADLINE
            left.remove(c)
    unit_columns = [c for c in left if share(c, bodies) >= 0.5]
    for c, name in zip(unit_columns, (words.LEAD, words.SUPPORT), strict=False):
        result[c] = name
    person_columns = [c for c in left if c not in unit_columns and share(c, people) >= 0.5]
    for place, c in enumerate(person_columns):
        behind_unit = bool(unit_columns) and c == unit_columns[0] + 1
        last_of_many = place == len(person_columns) - 1 and len(person_columns) > 1
        result[c] = words.PERSONS if behind_unit and not last_of_many else words.OVERSEERS
    return result


# --- rows


def _next_filled(rows: list[Row], index: int) -> Row | None:
    return rows[index + 1] if index + 1 < len(rows) else None


def _take_loose(table: _Table, row: Row) -> None:
    """A row above the first header: a caption, or something that is no row at all."""
    filled = [text for text in _texts(row) if text.strip()]
    if len(filled) == 1:
        _take_heading(table, row, tidied(filled[0]))
    else:
        _mark(table, row, "unread")


def _take_heading(table: _Table, row: Row, text: str) -> None:
    if _FURNITURE.fullmatch(folded(text)):
        _mark(table, row, "furniture")
        return
    table.section = text
    if row.position.line is not None:
        table.headings.append((row.position.line, text))
    _mark(table, row, "heading")


def _take_row(table: _Table, row: Row, following: Row | None) -> None:
    texts = _texts(row)
    texts.extend("" for _ in range(len(table.fields) - len(texts)))
    filled = [column for column, text in enumerate(texts) if text.strip()]
    if not filled:
        _mark(table, row, "blank")
        return
    if key(texts[filled[0]]) in ("合计", "总计", "小计", "共计"):
        _mark(table, row, "furniture")
        return
    by_field: dict[str, list[int]] = {}
    for column in filled:
        name = table.fields[column] if column < len(table.fields) else words.OTHER
        by_field.setdefault(name, []).append(column)
    if len(filled) == 1 and len(table.fields) >= 2 and _take_single(table, row, texts, filled[0]):
        return
    serial = _serial_of(texts, by_field)
    text = _joined_cell(texts, by_field.get(words.TEXT, []))
    if serial and text and _is_section_row(table, serial, by_field):
        _take_heading(table, row, f"{serial}、{text}" if not serial.endswith(("、", ")", "）", ".")) else serial + text)
        return
    last = table.drafts[-1] if table.drafts else None
    covered = {table.fields[column] for column in row.covered_from_above() if column < len(table.fields)}
    if not serial and last is not None and last.run == table.run and not text and words.TEXT not in covered:
        _continue_row(table, row, texts, by_field, last)
        return
    if not serial and text and last is not None and last.run == table.run and _goes_on(last, text, by_field, table):
        _continue_row(table, row, texts, by_field, last)
        return
    _new_draft(table, row, texts, by_field, serial)


def _take_single(table: _Table, row: Row, texts: list[str], column: int) -> bool:
    """A row with one filled cell: page furniture, a heading, the rest of the cell above, or a merged row."""
    text = _joined_cell(texts, [column])
    plain = folded(text)
    cell = row.cells[column] if column < len(row.cells) else None
    name = table.fields[column] if column < len(table.fields) else words.OTHER
    last = table.drafts[-1] if table.drafts and table.drafts[-1].run == table.run else None
    if _FURNITURE.fullmatch(plain):
        if name == words.SERIAL and _SERIAL.fullmatch(key(text)) and not isinstance(cell, Cell):
            return False
        _mark(table, row, "furniture")
        return True
    spans = cell is not None and cell.col_span > 1
    unfinished = last is not None and bool(last.text) and not last.text.endswith(_SENTENCE_END)
    if _HEADING.match(plain) and not plain.endswith(("。", ";")):
        _take_heading(table, row, text)
        return True
    if spans or name in (words.SERIAL, words.SECTION):
        if last is not None and unfinished and plain.endswith("。") and words.TEXT in table.fields:
            _append_text(table, row, last, text)
        elif plain.endswith("。") and last is not None and len(plain) > 12:
            return name == words.TEXT and False
        else:
            _take_heading(table, row, text)
        return True
    if name in (words.TEXT, words.TITLE):
        if unfinished and last is not None:
            _append_text(table, row, last, text)
            return True
        if plain.endswith(("。", ";")) or last is None:
            return False
        if len(plain) <= 25 and words.SERIAL in table.fields:
            _take_heading(table, row, text)
            return True
        return False
    return False


def _append_text(table: _Table, row: Row, draft: Draft, text: str) -> None:
    column = table.fields.index(words.TEXT)
    draft.text += text
    draft.other[f"\x00{column}"] = draft.other.get(f"\x00{column}", "") + text
    draft.lines.extend(row.lines)
    _mark(table, row, "matter")


def _serial_of(texts: list[str], by_field: dict[str, list[int]]) -> str | None:
    columns = by_field.get(words.SERIAL, [])
    if not columns:
        return None
    serial = tidied("".join(texts[column] for column in columns))
    plain = folded(serial).strip()
    return (
        re.sub(r"[.、．]+$", "", serial)
        if re.fullmatch(r"\D{0,3}[\d一二三四五六七八九十\-.]+[.、．]+", plain)
        else serial
    )


def _joined_cell(texts: list[str], columns: Sequence[int]) -> str:
    return tidied("".join(part.strip() for column in columns for part in texts[column].split("\n")))


def _is_section_row(table: _Table, serial: str, by_field: dict[str, list[int]]) -> bool:
    """一 | 工业经济 | (nothing): a heading among rows numbered 1, 2, 3."""
    if any(name in by_field for name in (*_INHERITABLE, words.DEADLINE, words.UNITS_AND_PERSONS)):
        return False
    if not re.fullmatch(r"[(]?[一二三四五六七八九十]{1,3}[)]?[、.]?", folded(serial)):
        return False
    last = next((draft for draft in reversed(table.drafts) if draft.serial), None)
    return last is None or bool(re.match(r"[(]?\d", folded(last.serial or "")))


def _goes_on(last: Draft, text: str, by_field: dict[str, list[int]], table: _Table) -> bool:
    """A row without serial whose text finishes the sentence above."""
    if words.SERIAL not in table.fields or not last.text:
        return False
    if last.text.endswith(_SENTENCE_END) or _MARKER.match(folded(text)):
        return False
    if table.punctuated:
        return True
    alone = not any(name in by_field for name in (*_INHERITABLE, words.DEADLINE))
    return alone and (last.text.endswith(("，", ",", "、")) or text.startswith(("，", ",", "、", "。")))


def _continue_row(table: _Table, row: Row, texts: list[str], by_field: dict[str, list[int]], last: Draft) -> None:
    """The rest of the row above, after a page break or in a new line of its cells."""
    for name, columns in by_field.items():
        raw = "\n".join(texts[column].strip() for column in columns)
        if name in (words.TEXT, words.TITLE):
            for column in columns:
                more = _joined_cell(texts, [column])
                last.other[f"\x00{column}"] = last.other.get(f"\x00{column}", "") + more
                last.text += more if name == words.TEXT else ""
            continue
        if name == words.SERIAL:
            continue
        old = last.cells.get(name)
        if name in (words.OTHER, words.SECTION):
            for column in columns:
                last.other[table.labels[column]] = last.other.get(table.labels[column], "") + texts[column].strip()
        elif old is None or old.basis == "blank":
            last.cells[name] = CellSource("read", row.position.line, raw)
        else:
            last.cells[name] = CellSource(old.basis, old.line, f"{old.raw}\n{raw}")
    last.lines.extend(row.lines)
    _mark(table, row, "matter")


def _new_draft(table: _Table, row: Row, texts: list[str], by_field: dict[str, list[int]], serial: str | None) -> None:
    line, page = row.position.line, row.position.page
    last = table.drafts[-1] if table.drafts and table.drafts[-1].run == table.run else None
    numbered = None if serial and _NO_SERIAL.fullmatch(serial) else serial
    draft = Draft(numbered, "", line, page, run=table.run, lines=list(row.lines))
    reached = row.covered_from_above()
    for column, cell in enumerate(texts[: len(table.fields)]):
        name = table.fields[column]
        covered = column in reached
        if name in (words.TEXT, words.TITLE):
            piece = tidied("".join(part.strip() for part in cell.split("\n")))
            draft.other[f"\x00{column}"] = piece
            draft.text += piece if name == words.TEXT else ""
        elif name == words.SECTION:
            if cell.strip():
                table.section = tidied(cell.replace("\n", ""))
        elif name == words.OTHER:
            if cell.strip():
                draft.other[table.labels[column] or f"第{column + 1}列"] = tidied(cell)
        elif name != words.SERIAL:
            old = draft.cells.get(name)
            raw = cell.strip()
            if old is not None and old.raw:
                raw = f"{old.raw}\n{raw}" if raw else old.raw
            basis = "covered" if covered and not raw else ("read" if raw else "blank")
            draft.cells[name] = CellSource(basis, line if raw else None, raw)
    for column in range(len(table.fields), len(texts)):
        if texts[column].strip():
            draft.other[f"第{column + 1}列"] = tidied(texts[column])
    draft.section = table.section
    if serial is None and words.SERIAL in table.fields and last is not None:
        draft.serial, draft.shares_serial = last.serial, True
    table.drafts.append(draft)
    _mark(table, row, "matter")


# --- what only the whole table tells


def _settle_text_columns(table: _Table) -> None:
    """Decide which of several text columns is the matter itself and which its title; fill merged ones."""
    runs = {draft.run for draft in table.drafts}
    for run in runs:
        drafts = [draft for draft in table.drafts if draft.run == run]
        columns = sorted({int(name[1:]) for draft in drafts for name in draft.other if name.startswith("\x00")})
        filled = {c: [d.other[f"\x00{c}"] for d in drafts if d.other.get(f"\x00{c}")] for c in columns}
        columns = [c for c in columns if filled[c]]
        main = _main_column(columns, filled, table)
        title = (
            next((c for c in columns if c != main and c < main and _is_title(filled[c], filled[main])), None)
            if main is not None
            else None
        )
        above: dict[int, str] = {}
        for draft in drafts:
            values = {
                c: draft.other.pop(f"\x00{c}", "")
                for c in sorted({int(n[1:]) for n in list(draft.other) if n.startswith("\x00")})
            }
            _fill_text(draft, values, main, title, above, table)


def _main_column(columns: list[int], filled: dict[int, list[str]], table: _Table) -> int | None:
    if not columns:
        return None
    average = {c: sum(map(len, filled[c])) / len(filled[c]) for c in columns}
    named = [c for c in columns if c < len(table.fields) and table.fields[c] == words.TEXT] or columns
    first = named[0]
    longer = [c for c in named if c != first and average[c] > 1.5 * average[first]]
    merged_above = [c for c in named if c != first and len(filled[c]) > len(filled[first])]
    if average[first] <= 14 and longer:
        return longer[0]
    return merged_above[0] if merged_above else first


def _is_title(cells: list[str], texts: list[str]) -> bool:
    return sum(map(len, cells)) / len(cells) <= 30 and bool(texts)


def _fill_text(
    draft: Draft, values: dict[int, str], main: int | None, title: int | None, above: dict[int, str], table: _Table
) -> None:
    for column, value in values.items():
        if value:
            above[column] = value
    draft.text = ""
    if main is not None:
        draft.text = values.get(main, "")
        basis = "read" if draft.text else "blank"
        if not draft.text and title is not None and values.get(title):
            draft.text, basis = values[title], "read"
        elif not draft.text and above.get(main):
            draft.text, basis = above[main], "inherited"
        draft.cells["text"] = CellSource(basis, draft.line if basis == "read" else None, draft.text)
    if title is not None:
        draft.title = above.get(title) or None
    for column, value in values.items():
        if value and column not in (main, title):
            draft.other[table.labels[column] if column < len(table.labels) else f"第{column + 1}列"] = value
    if words.SERIAL not in table.fields and draft.serial is None:
        for name in ("title", "text"):
            printed = getattr(draft, name) or ""
            match = _MARKER.match(folded(printed))
            if match:
                draft.serial = match.group(1)
                setattr(draft, name, printed[match.end() :].strip())
                break


def _settle_inherited(table: _Table) -> None:
    """Fill merged and blank cells from above; which blanks are merges the whole column tells."""
    for run in {draft.run for draft in table.drafts}:
        drafts = [draft for draft in table.drafts if draft.run == run]
        present = [
            name
            for name in (*_INHERITABLE, words.UNITS_AND_PERSONS, words.DEADLINE)
            if any(name in d.cells for d in drafts)
        ]
        owners = [name for name in (words.LEAD, words.UNITS_AND_PERSONS) if name in present] or [
            n for n in (words.OVERSEERS, words.PERSONS) if n in present
        ][:1]
        merged = {
            name: _is_merged_column(drafts, name, owners)
            for name in (words.OVERSEERS, words.DEADLINE)
            if name in present
        }
        above: dict[str, tuple[CellSource, Draft]] = {}
        for draft in drafts:
            _inherit(draft, present, owners, merged, above)
            for name in present:
                cell = draft.cells.get(name)
                if cell is not None and cell.raw:
                    above[name] = (cell, draft)
                elif (
                    cell is not None
                    and cell.basis == "blank"
                    and name in _INHERITABLE
                    and any(draft.raw(o) for o in owners)
                ):
                    above.pop(name, None)


def _is_merged_column(drafts: list[Draft], name: str, owners: list[str]) -> bool:
    """A column of leaders or dates is merged when many rows with units of their own leave it blank.

    Where the format says which cells of the column are merged, the others are not.
    """
    if any(name in draft.cells and draft.cells[name].basis == "covered" for draft in drafts):
        return False
    own = [draft for draft in drafts if any(draft.raw(owner) for owner in owners if owner != name)]
    blank = sum(not draft.raw(name) for draft in own)
    return blank * 100 >= 15 * len(own) and blank >= 1 and bool(own and own[0].raw(name))


def _inherit(
    draft: Draft,
    present: list[str],
    owners: list[str],
    merged: dict[str, bool],
    above: dict[str, tuple[CellSource, Draft]],
) -> None:
    no_owner = bool(owners) and not any(draft.raw(owner) for owner in owners)
    for name in present:
        cell = draft.cells.get(name)
        if cell is None or cell.raw:
            continue
        wholly = no_owner and name != words.DEADLINE
        if cell.basis == "covered" or wholly or merged.get(name):
            source = above.get(name)
            if source is not None:
                draft.cells[name] = CellSource("inherited", source[0].line, source[0].raw)
                continue
        draft.cells[name] = CellSource("blank")


def duties_in_cells(draft: Draft) -> None:
    """Take apart unit cells that say more than names: 牵头：A；配合：B, or A（牵头）、B."""
    for name in (words.LEAD, words.SUPPORT):
        cell = draft.cells.get(name)
        if cell is None or not cell.raw:
            continue
        raw = cell.raw
        if re.search(r"牵头|配合|负责|协办|责任|:", folded(raw)):
            duty = (
                statements.parse(re.sub(r"\s*\n\s*", "、", raw))
                if ":" in folded(raw) or re.search(r"牵头|配合|负责|协办", raw)
                else None
            )
            marked = marked_lead(raw)
            if marked is not None:
                duty = marked
            if duty and name == words.LEAD:
                if words.LEAD not in duty and words.RESPONSIBLE not in duty:
                    continue
                for part, text in statements.settled(duty).items():
                    if part != name and draft.raw(part):
                        text = f"{text}、{draft.raw(part)}"
                    draft.cells[part] = CellSource(cell.basis, cell.line, text)


_MARK = re.compile(r"\((?:牵头|主办|牵头单位|主责|汇总|牵头负责)\)")


def marked_lead(raw: str) -> dict[str, str] | None:
    """This function will read 县住建局（牵头）、县城管局: the marked ones lead, the others support."""
    pieces = [piece for piece in re.split(r"[、,;\s]+", folded(raw)) if piece]
    leads = [_MARK.sub("", piece) for piece in pieces if _MARK.search(piece)]
    others = [piece for piece in pieces if not _MARK.search(piece)]
    if not leads or not all(surely_unit(piece) for piece in leads):
        return None
    return {words.LEAD: "、".join(leads), **({words.SUPPORT: "、".join(others)} if others else {})}
