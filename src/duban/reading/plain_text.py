"""The reader for text files: lines → the neutral shape.

Tables come as text in many ways: cells between tabs, between pipes (a row a line, or a cell a line), between
commas, in columns padded with blanks, or dumped one cell a line. All of them become grids here; what is no
table becomes paragraphs.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from duban.reading import names, words
from duban.reading.characters import folded, is_cjk, key, tidied
from duban.reading.decode import Decoded
from duban.reading.names import is_bare_suffix, looks_like_person, looks_like_unit, surely_unit
from duban.reading.shape import Block, Cell, Document, Grid, Paragraph, Position, Row

_RULE = re.compile(r"[\s|:+\-=_—\u2500-\u257f]+")
_DRAWN = re.compile(r"[-=_—─━┄┈═]{2,}")
_PAGE_NUMBER = re.compile(r"\s*(?:[-—–]\s*\d{1,4}\s*[-—–]|第\s*\d{1,4}\s*页(?:.{0,3}共\s*\d{1,4}\s*页)?)\s*")
_BOX = str.maketrans({"│": "|", "┃": "|", "║": "|", "｜": "|"})
_SERIAL_CELL = re.compile(
    r"[(\[]?(?:\d{1,5}|[一二三四五六七八九十百]{1,4})[)\].、．]?|\d{1,4}[-.．—]\d{1,4}|[(]?[一二三四五六七八九十]{1,3}[)][.、]?"
)
_END_OF_TABLE = re.compile(
    r"^(?:抄送|主送|报送|抄报|附件\s*\d*\s*[:：]?$|附件\s*\d+|分享到|分享[:：]|扫一扫|打印|关闭|\[?打印本页|上一篇|下一篇|相关(?:链接|文档|附件)|责任编辑|"
    r"信息来源|版权所有|主办单位|技术支持|注[:：]|备注[:：]|说明[:：]|来源[:：]|编辑[:：]|联系人|-{3,}$|—{3,}$)"
)
_TAG = re.compile(
    r"</?(?:p|br|div|span|strong|b|em|table|tbody|tr|td|th|font|h\d|ul|ol|li|a|img|u|o:p)\b[^<>]*>", re.IGNORECASE
)
_HEADING = re.compile(r"(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|附件)")
_DATE_LIKE = re.compile(
    r"(?:20\d\d年|今年|本年)?(?:\d{1,2}|[一二三四五六七八九十]{1,2}|每|全|半|年|上半|下半|第?[一二三四1-4]季).{0,4}(?:月|年|季度|半年|日|底|季)"
    r".{0,14}|长期(?:坚持|推进|任务)?|常年|全年|年底前?|年内|持续(?:推进|实施)?|常态化|20\d\d[-./年].{0,14}|按.{1,8}(?:要求|时限|节点).{0,4}|适时|立即|即时|"
    r"(?:20\d\d年)?(?:底|末)前?.{0,8}|每月.{0,6}|贯穿全年|(?:年度|年终).{0,6}"
)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    page: int | None

    @property
    def blank(self) -> bool:
        return not self.text.strip("\t ") or not tidied(self.text)


def read(decoded: Decoded) -> Document:
    """This function will return the neutral shape of decoded text."""
    pages = decoded.pages
    tagged = sum(len(_TAG.findall(text)) for text in decoded.lines[:2000]) >= 6
    lines = [
        _Line(number, piece, pages[number - 1] if pages else None)
        for number, text in enumerate(decoded.lines, start=1)
        for piece in (_untagged(text) if tagged else (text,))
    ]
    blocks: list[Block] = []
    index = 0
    finders: tuple[Callable[[list[_Line], int], tuple[list[Block], int] | None], ...] = (
        _tab_table,
        _pipe_table,
        _dumped_table,
        _comma_table,
        _padded_table,
        _blank_table,
    )
    while index < len(lines):
        if lines[index].blank:
            index += 1
            continue
        for find in finders:
            found = find(lines, index)
            if found is not None:
                blocks.extend(found[0])
                index = found[1]
                break
        else:
            blocks.append(_paragraph(lines[index]))
            index += 1
    return Document(tuple(blocks), "text", decoded.encoding)


def _untagged(text: str) -> list[str]:
    """The lines of text that a web page's tags mark off in one line."""
    text = re.sub(r"</t[dh]>\s*(?=<t[dh])", "\t", text)
    pieces = re.split(r"</(?:p|div|tr|h\d|li)>|<br\s*/?>", text)
    return [html.unescape(re.sub(_TAG, "", piece)) for piece in pieces]


def _paragraph(line: _Line) -> Paragraph:
    text = line.text.strip()
    level = 0
    mark = re.match(r"(#{1,6})\s+", text)
    if mark:
        level, text = len(mark.group(1)), text[mark.end() :]
    text = re.sub(r"\*\*(.+?)\*\*", r"\1", text)
    text = re.sub(r"(?<![*\w])\*([^*\n]{4,200})\*(?![*\w])", r"\1", text)
    indent = line.text[: len(line.text) - len(line.text.lstrip())] if not mark else ""
    return Paragraph(tidied(text), Position(line.number, line.page), (line.number,), level, indent + text)


def _row(texts: Sequence[str], lines: Iterable[_Line], width: int = 0) -> Row:
    at = list(lines)
    position = Position(at[0].number, at[0].page)
    cells = [Cell(text.strip(), position) for text in texts]
    cells.extend(Cell("", position) for _ in range(width - len(cells)))
    return Row(tuple(cells), position, tuple(line.number for line in at))


def _spanning(line: _Line, width: int) -> Row:
    position = Position(line.number, line.page)
    text = tidied(line.text.translate(_BOX).strip().strip("|").replace("**", ""))
    return Row((Cell(text, position, 1, width),), position, (line.number,))


def is_header(texts: Sequence[str]) -> bool:
    """This function will tell whether a row of cells reads as a table header."""
    filled = [text for text in texts if text.strip()]
    if len(filled) < 2 or any(len(key(text)) > 24 for text in filled):
        return False
    fields = [words.header_field(text) for text in filled]
    known = [field for field in fields if field is not None]
    useful = {words.TEXT, words.LEAD, words.RESPONSIBLE, words.SUPPORT, words.PERSONS, words.OVERSEERS}
    useful |= {words.TITLE, words.UNITS_AND_PERSONS, words.IMPLEMENTING, words.OFFICES}
    if len(known) * 3 < len(filled) * 2 or len(set(known)) < 2:
        return False
    return any(field in useful for field in known)


# --- cells between tabs


def _tab_table(lines: list[_Line], start: int) -> tuple[list[Block], int] | None:
    if "\t" not in lines[start].text.strip():
        return None
    rows: list[tuple[list[str], list[_Line]]] = []
    index = start
    end = start
    loose: list[_Line] = []
    while index < len(lines):
        line = lines[index]
        if line.blank and "\t" not in line.text:
            index += 1
            continue
        if "\t" in line.text and not (
            line.text.strip() and "\t" not in line.text.rstrip() and len(line.text.strip()) > 60
        ):
            for stray in loose:
                rows.append(([stray.text], [stray]))
            loose = []
            used = [line]
            cells = _quoted_cells(lines, index, used)
            rows.append((cells, used))
            index += len(used)
            end = index
            continue
        if len(loose) >= 3 or _END_OF_TABLE.match(tidied(line.text)):
            break
        loose.append(line)
        index += 1
    rows = _mended(rows)
    width = max(len(cells) for cells, _ in rows)
    if not _is_table([cells for cells, _ in rows]):
        return None
    made = [
        _spanning(at[0], width) if len(cells) == 1 else _row(cells, at, width)
        for cells, at in rows
        if any(cell.strip() for cell in cells)
    ]
    return [Grid(tuple(made), made[0].position)], end


def _mended(rows: list[tuple[list[str], list[_Line]]]) -> list[tuple[list[str], list[_Line]]]:
    """Put together rows that a line break inside a cell tore apart: 2 cells + 5 cells where rows have 6."""
    width = next((len(cells) for cells, _ in rows if is_header(cells)), 0)
    first = next((cells[0] for cells, _ in rows if is_header(cells)), "")
    if width < 3 or words.header_field(first) != words.SERIAL:
        return rows
    mended: list[tuple[list[str], list[_Line]]] = []
    for cells, at in rows:
        above = mended[-1][0] if mended else []
        torn = 2 <= len(above) < width and _serial_first(above) and len(above) + len(cells) - 1 <= width
        torn = torn and bool(cells[0].strip()) and not _serial_first(cells) and not is_header(cells)
        if torn and (len(cells) > 1 or not _HEADING.match(folded(tidied(cells[0])))):
            mended[-1] = ([*above[:-1], f"{above[-1]}\n{cells[0]}", *cells[1:]], [*mended[-1][1], *at])
            continue
        mended.append((cells, at))
    return mended


def _quoted_cells(lines: list[_Line], start: int, used: list[_Line]) -> list[str]:
    """Cells of one row; a cell in quotation marks may run over several lines, as spreadsheets copy it."""
    cells = lines[start].text.split("\t")
    while cells[-1].lstrip().startswith('"') and cells[-1].count('"') % 2 == 1 and len(used) < 60:
        following = start + len(used)
        more = next((n for n in range(following, min(following + 40, len(lines))) if '"' in lines[n].text), None)
        if more is None:
            break
        used.extend(lines[following : more + 1])
        between = [line.text for line in lines[following:more]]
        head, *tail = lines[more].text.split("\t")
        cells[-1] = "\n".join([cells[-1], *between, head])
        cells.extend(tail)
    return [_unquoted(cell) for cell in cells]


def _unquoted(cell: str) -> str:
    text = cell.strip()
    return text[1:-1].replace('""', '"') if len(text) > 1 and text[0] == text[-1] == '"' else cell


def _is_table(rows: list[list[str]]) -> bool:
    """Has a header, or at least two rows of three cells that begin with a serial or hold unit names."""
    wide = [row for row in rows if sum(bool(cell.strip()) for cell in row) >= 2]
    if any(is_header(row) for row in wide[:200]):
        return True
    if sum(len(row) >= 3 for row in wide) < 2:
        return sum(_serial_first(row) for row in wide) >= 2
    return sum(_serial_first(row) or sum(surely_unit(cell) for cell in row) >= 1 for row in wide) * 2 >= len(wide)


def _serial_first(row: Sequence[str]) -> bool:
    return bool(row) and _SERIAL_CELL.fullmatch(key(row[0])) is not None


# --- cells between pipes


def _pipe_table(lines: list[_Line], start: int) -> tuple[list[Block], int] | None:
    if "|" not in lines[start].text.translate(_BOX):
        if not (
            _RULE.fullmatch(lines[start].text)
            and start + 1 < len(lines)
            and "|" in lines[start + 1].text.translate(_BOX)
        ):
            return None
        start_of_pipes = start + 1
    else:
        start_of_pipes = start
    region: list[_Line] = list(lines[start:start_of_pipes])
    index = start_of_pipes
    loose: list[_Line] = []
    while index < len(lines):
        line = lines[index]
        text = line.text.translate(_BOX)
        index += 1
        if line.blank:
            continue
        if "|" in text or _RULE.fullmatch(text):
            region.extend(loose)
            loose = []
            region.append(line)
        elif len(loose) >= 3 or _END_OF_TABLE.match(tidied(text)):
            break
        else:
            loose.append(line)
    end = region[-1].number
    boxed = [(line, line.text.translate(_BOX)) for line in region]
    piped = [line for line, text in boxed if "|" in text and not _RULE.fullmatch(text)]
    if not piped:
        return None
    counts = sorted(_inner_pipes(line.text) for line in piped)
    if counts[len(counts) // 2] >= 1 and sum(count >= 1 for count in counts) * 2 > len(counts):
        return _pipe_rows(region, end)
    return _pipe_stream(region, end)


def _inner_pipes(text: str) -> int:
    return text.translate(_BOX).strip().strip("|").count("|")


def _pipe_rows(region: list[_Line], end: int) -> tuple[list[Block], int] | None:
    rows: list[tuple[list[str], list[_Line]]] = []
    ruled: list[_Line] = []
    for line in region:
        text = line.text.translate(_BOX).strip()
        if _RULE.fullmatch(text):
            ruled.append(line)
            continue
        if "|" not in text:
            rows.append(([text], [line]))
            continue
        text = text[1:] if text.startswith("|") else text
        text = text[:-1] if text.endswith("|") else text
        cells = [re.sub(r"<br\s*/?>", "\n", cell).replace("**", "") for cell in text.split("|")]
        rows.append((cells, [line]))
    drawn = _drawn_rows(region) if len(ruled) >= 3 else None
    rows = drawn or rows
    if not _is_table([cells for cells, _ in rows]):
        return None
    rows = _unshifted(rows)
    width = max(len(cells) for cells, _ in rows)
    made = [_spanning(at[0], width) if len(cells) == 1 else _row(cells, at, width) for cells, at in rows]
    if ruled:
        first = made[0]
        made[0] = Row(first.cells, first.position, (*first.lines, *(line.number for line in ruled)))
    return [Grid(tuple(made), made[0].position)], end


def _drawn_rows(region: list[_Line]) -> list[tuple[list[str], list[_Line]]] | None:
    """Rows of a table drawn with rules: what stands between two rules is one row; None when rows are not ruled."""
    rows: list[tuple[list[str], list[_Line]]] = []
    group: list[tuple[list[str], _Line]] = []
    taken = 0

    def close() -> None:
        nonlocal taken
        if group:
            width = max(len(cells) for cells, _ in group)
            columns = [[cells[c] for cells, _ in group if c < len(cells)] for c in range(width)]
            rows.append(([_drawn_cell(pieces) for pieces in columns], [line for _, line in group]))
            taken = max(taken, len(group))
            group.clear()

    for line in region:
        text = line.text.translate(_BOX).strip()
        if _RULE.fullmatch(text) and _DRAWN.search(text):
            close()
        elif "|" in text:
            text = text[1:] if text.startswith("|") else text
            text = text[:-1] if text.endswith("|") else text
            group.append((text.split("|"), line))
        else:
            close()
            rows.append(([text], [line]))
    close()
    serials = sum(_serial_first(cells) for cells, _ in rows)
    return rows if len(rows) >= 2 and taken <= 40 and (serials or taken > 1) else None


def _drawn_cell(pieces: list[str]) -> str:
    """One cell out of its lines: a word goes on where the line above is full, else a new name begins."""
    text = ""
    room = 0
    for piece in pieces:
        word = piece.strip()
        if not word:
            continue
        apart = room >= 4 and not re.match("[(（]", word)
        text += ("\n" if text and apart else "") + word
        room = _wide(piece) - _wide(piece.strip())
    return text


def _wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _unshifted(rows: list[tuple[list[str], list[_Line]]]) -> list[tuple[list[str], list[_Line]]]:
    """Move rows back under their header where a merged first cell was left out and blanks stand at the end."""
    head = next((cells for cells, _ in rows if is_header(cells)), None)
    if head is None:
        return rows
    fields = resolve_fields([words.header_field(cell) for cell in head])
    result: list[tuple[list[str], list[_Line]]] = []
    for cells, at in rows:
        spare = len(fields) - len(cells)
        while cells and not cells[-1].strip() and spare < len(fields):
            cells, spare = cells[:-1], spare + 1
        if len(cells) > 1 and 0 < spare <= 3 and not is_header(cells) and not _lower_words(cells):
            start = max(range(spare + 1), key=lambda shift: (_fit_of_row(cells, fields, shift), -shift))
            cells = [*([""] * start), *cells]
        result.append((cells or [""], at))
    return result


def _lower_words(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return len(filled) > 1 and all(words.is_period(cell) or words.header_field(cell) for cell in filled)


def _fit_of_row(cells: list[str], fields: list[str], shift: int) -> float:
    total = 0.0
    for cell, field in zip(cells, fields[shift:], strict=False):
        if cell.strip():
            total += (
                _fit(cell, field) if field != words.SERIAL else (2.5 if _SERIAL_CELL.fullmatch(key(cell)) else -2.5)
            )
    return total


def _pipe_stream(region: list[_Line], end: int) -> tuple[list[Block], int] | None:
    """A cell a line, each closed by a pipe; a cell may hold several lines."""
    cells: list[tuple[str, list[_Line]]] = []
    words_so_far: list[str] = []
    at: list[_Line] = []
    for line in region:
        text = line.text.translate(_BOX)
        parts = text.split("|")
        for place, part in enumerate(parts):
            if place:
                cells.append(("\n".join(words_so_far).strip(), at or [line]))
                words_so_far, at = [], []
            if part.strip():
                words_so_far.append(part.strip())
                at.append(line)
    if words_so_far:
        cells.append(("\n".join(words_so_far).strip(), at))
    head = 0
    while head < len(cells) and words.header_field(cells[head][0]) is not None:
        head += 1
    if head < 2 or not is_header([text for text, _ in cells[:head]]):
        return None
    refined = _refined_header([text for text, _ in cells[:head]], _steps([text for text, _ in cells[head:]]))
    if refined is not None:
        used = [line for _, at in cells[:head] for line in at]
        cells = [*((text, used if not place else used[-1:]) for place, text in enumerate(refined)), *cells[head:]]
        head = len(refined)
    exact = (len(cells) - head) % head == 0 and all(
        _SERIAL_CELL.fullmatch(key(text)) or not text for text, _ in cells[head::head]
    )
    if exact and words.header_field(cells[0][0]) == words.SERIAL:
        rows = [
            _row(
                [text for text, _ in cells[i : i + head]],
                [line for _, used in cells[i : i + head] for line in used],
                head,
            )
            for i in range(0, len(cells), head)
        ]
        return [Grid(tuple(rows), rows[0].position)], end
    pieces = [_Piece(text, used) for text, used in cells if text]
    return [_grid_of_pieces(pieces[:head], pieces[head:])], end


def _steps(texts: Sequence[str]) -> int:
    """How many cells there are from each serial to the next, 0 where that differs from row to row."""
    places: list[int] = []
    for place, text in enumerate(texts):
        if _serial_number(text) == len(places) + 1:
            places.append(place)
    sizes = {b - a for a, b in pairwise([*places, len(texts)])}
    return sizes.pop() if len(sizes) == 1 and len(places) > 1 and places[0] == 0 else 0


def _refined_header(head: list[str], width: int) -> list[str] | None:
    """序号 任务 责任领导 责任单位 时限 | 县级领导 责任人 牵头单位 配合单位: upper words give way to the lower ones."""
    if not 2 < width < len(head):
        return None
    for upper_count in range(2, len(head) - 1):
        upper, lower = head[:upper_count], head[upper_count:]
        below: dict[int, list[str]] = {}
        at = 0
        for word in lower:
            at = next((place for place in range(at, upper_count) if _refines(word, upper[place])), upper_count)
            below.setdefault(at, []).append(word)
        split = upper_count not in below and all(len(parts) > 1 for parts in below.values())
        if split and upper_count - len(below) + len(lower) == width:
            return [word for place in range(upper_count) for word in below.get(place, [upper[place]])]
    return None


def _refines(word: str, upper: str) -> bool:
    mine, other = key(word), key(upper)
    return mine != other and any(mine[place : place + 2] in other for place in range(len(mine) - 1))


# --- one cell a line


@dataclass(frozen=True, slots=True)
class _Piece:
    """A loose cell; opens: it may be the serial a row begins with."""

    text: str
    lines: list[_Line]
    opens: bool = True


def _dumped_table(lines: list[_Line], start: int) -> tuple[list[Block], int] | None:
    first = words.header_field(lines[start].text)
    if first is None or len(lines[start].text.strip()) > 20:
        return None
    found = _header_to_first_serial(lines, start) if first == words.SERIAL else None
    head, index = found or _header_lines(lines, start)
    texts = [piece.text for piece in head]
    if len(head) < 3 or not is_header(texts) or len({key(text) for text in texts}) < len(texts):
        return None
    if not any(words.header_field(text) in (words.TEXT, words.TITLE) for text in texts):
        return None
    body: list[_Piece] = []
    end = index
    blanks_between = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if line.blank:
            blanks_between += 1
            continue
        if _END_OF_TABLE.match(tidied(line.text)):
            break
        body.append(_Piece(line.text.strip(), [line]))
        end = index
    return [_grid_of_pieces(head, _paragraphs_as_cells(body, blanks_between))], end


def _header_lines(lines: list[_Line], start: int) -> tuple[list[_Piece], int]:
    """The header words that follow each other, one a line."""
    head: list[_Piece] = []
    index = start
    while index < len(lines):
        line = lines[index]
        if not line.blank:
            if words.header_field(line.text) is None or len(head) >= 14:
                break
            head.append(_Piece(line.text.strip(), [line]))
        index += 1
    return head, index


def _header_to_first_serial(lines: list[_Line], start: int) -> tuple[list[_Piece], int] | None:
    """A header whose words are broken over lines (责任 / 领导): everything up to the first serial.

    Lines are put together so that each is a header; of several ways the one with as many columns as most rows
    have cells.
    """
    short: list[_Line] = []
    index = start
    while index < len(lines) and len(short) <= 30:
        line = lines[index]
        if not line.blank:
            plain = key(line.text)
            if _serial_number(plain) == 1:
                break
            if len(plain) > 16 or re.search(r"[。;,!?0-9]", plain):
                return None
            short.append(line)
        index += 1
    else:
        return None
    if len(short) < 3:
        return None
    wanted, sure = _usual_cells(lines, index)
    if sure == 1.0 and all(words.header_field(line.text) for line in short):
        refined = _refined_header([line.text.strip() for line in short], wanted)
        if refined is not None:
            return [_Piece(text, short if not place else short[-1:]) for place, text in enumerate(refined)], index
    best: dict[tuple[int, int], tuple[float, list[_Piece]]] = {(0, 0): (0.0, [])}
    for end in range(1, len(short) + 1):
        for (begin, count), (cost, pieces) in list(best.items()):
            if not 0 < end - begin <= 4:
                continue
            word = "".join(line.text.strip() for line in short[begin:end])
            whole = sum(
                len(key(line.text)) >= 5 and words.header_field(line.text) is not None for line in short[begin:end]
            )
            price = cost + (0.0 if words.header_field(word) else 3.0) + (0.4 + whole) * (end - begin - 1)
            if (end, count + 1) not in best or price < best[end, count + 1][0]:
                best[end, count + 1] = (price, [*pieces, _Piece(word, short[begin:end])])
    ways = [
        (price + (0.0 if count == wanted else sure), pieces)
        for (end, count), (price, pieces) in best.items()
        if end == len(short)
    ]
    price, pieces = min(ways, key=lambda way: way[0])
    return (pieces, index) if price < 8 else None


def _usual_cells(lines: list[_Line], start: int) -> tuple[int, float]:
    """How many cells most rows have, counted from serial to serial, and what it costs to differ from that."""
    counts: list[int] = []
    count = 0
    expected = 1
    for line in lines[start : start + 600]:
        if line.blank:
            continue
        if _serial_number(line.text) == expected:
            counts.append(count)
            count, expected = 0, expected + 1
        count += 1
    counts = [*counts[1:], count]
    usual = max(set(counts), key=counts.count)
    return usual, 1.0 if counts.count(usual) * 5 > len(counts) * 4 else 0.3


def _paragraphs_as_cells(body: list[_Piece], blanks: int) -> list[_Piece]:
    """Where blank lines stand between some lines only, lines without one between are one cell."""
    touching = sum(later.lines[0].number == earlier.lines[0].number + 1 for earlier, later in pairwise(body))
    if not blanks or not touching or touching * 2 > len(body):
        return body
    cells: list[_Piece] = []
    for piece in body:
        last = cells[-1] if cells else None
        adjacent = last is not None and piece.lines[0].number == last.lines[-1].number + 1
        if (
            last is not None
            and adjacent
            and not _SERIAL_CELL.fullmatch(key(last.text))
            and not _SERIAL_CELL.fullmatch(key(piece.text))
        ):
            cells[-1] = _Piece(last.text + "\n" + piece.text, [*last.lines, *piece.lines])
        else:
            cells.append(piece)
    return cells


def _grid_of_pieces(head: list[_Piece], body: list[_Piece]) -> Grid:
    """Give loose cells their columns: rows begin at their serials, columns by what the text looks like."""
    texts = [piece.text for piece in head]
    fields = resolve_fields([words.header_field(text) for text in texts])
    rows: list[Row] = [_row(texts, [line for piece in head for line in piece.lines])]
    width = len(head)
    group: list[_Piece] = []
    serial: _Piece | None = None
    has_serial = bool(fields) and fields[0] == words.SERIAL
    last_number = 0
    repeated = [key(text) for text in texts]
    index = 0
    while index < len(body):
        piece = body[index]
        if [key(other.text) for other in body[index : index + width]] == repeated:
            rows.extend(_rows_of_group(serial, group, fields, has_serial))
            serial, group = None, []
            rows.append(_row(texts, [line for other in body[index : index + width] for line in other.lines]))
            index += width
            continue
        number = _serial_number(piece.text) if piece.opens else None
        if has_serial and number is not None and last_number < number <= last_number + 30:
            rows.extend(_rows_of_group(serial, group, fields, has_serial))
            serial, group, last_number = piece, [], number
        elif has_serial and number == 1 and len(group) >= 2:
            rows.extend(_rows_of_group(serial, group, fields, has_serial))
            serial, group, last_number = piece, [], 1
        else:
            group.append(piece)
        index += 1
    rows.extend(_rows_of_group(serial, group, fields, has_serial))
    return Grid(tuple(rows), rows[0].position, ruled=False)


def _serial_number(text: str) -> int | None:
    match = re.fullmatch(r"[(]?(\d{1,4})[).、．]?", key(text))
    return int(match.group(1)) if match else None


def resolve_fields(fields: Sequence[str | None]) -> list[str]:
    """This function will settle what 责任单位 means beside the other columns, and which column is the text."""
    result = [field or words.OTHER for field in fields]
    if words.IMPLEMENTING in result:
        meaning = words.SUPPORT if words.LEAD in result or words.RESPONSIBLE in result else words.LEAD
        result = [meaning if field == words.IMPLEMENTING else field for field in result]
    if words.OFFICES in result:
        meaning = words.OTHER if words.LEAD in result or words.RESPONSIBLE in result else words.LEAD
        result = [meaning if field == words.OFFICES else field for field in result]
    if words.RESPONSIBLE in result:
        meaning = words.SUPPORT if words.LEAD in result else words.LEAD
        result = [meaning if field == words.RESPONSIBLE else field for field in result]
    if words.TEXT not in result and words.TITLE in result:
        last = len(result) - 1 - result[::-1].index(words.TITLE)
        result[last] = words.TEXT
    return result


def _rows_of_group(serial: _Piece | None, pieces: list[_Piece], fields: list[str], has_serial: bool) -> list[Row]:
    if not pieces and serial is None:
        return []
    columns = list(range(1 if has_serial else 0, len(fields)))
    placed = _place([piece.text for piece in pieces], [fields[column] for column in columns])
    rows: list[Row] = []
    current: dict[int, list[_Piece]] = {}
    previous = -1
    opened = False

    def close() -> None:
        nonlocal opened
        if not current and (serial is None or opened):
            return
        own = [] if opened or serial is None else serial.lines
        _share_people(current, fields)
        _give_text(current, fields)
        used = [*own, *(line for column in sorted(current) for piece in current[column] for line in piece.lines)]
        texts = ["\n".join(piece.text for piece in current.get(column, [])) for column in range(len(fields))]
        if has_serial and serial is not None and not opened:
            texts[0] = serial.text
        rows.append(_row(texts, used))
        opened = True

    for piece, place in zip(pieces, placed, strict=True):
        column = columns[place]
        if column < previous:
            close()
            current = {}
        current.setdefault(column, []).append(piece)
        previous = column
    close()
    return rows


def _give_text(current: dict[int, list[_Piece]], fields: list[str]) -> None:
    """A row with a title or category but no text: what was taken for the last of them is the text."""
    if words.TEXT not in fields or current.get(fields.index(words.TEXT)):
        return
    names_before = [column for column, field in enumerate(fields) if field in (words.TITLE, words.SECTION)]
    column = next((column for column in reversed(names_before) if current.get(column)), None)
    if column is not None:
        current[fields.index(words.TEXT)] = [current[column].pop()]


def _share_people(current: dict[int, list[_Piece]], fields: list[str]) -> None:
    """Between responsible persons and leaders with nothing between them: as many persons as units."""
    if not {words.LEAD, words.PERSONS, words.OVERSEERS} <= set(fields):
        return
    lead, person, leader = (fields.index(name) for name in (words.LEAD, words.PERSONS, words.OVERSEERS))
    people = [*current.get(person, []), *current.get(leader, [])]
    if not lead < person < leader or any(current.get(column) for column in range(person + 1, leader)):
        return
    units = sum(len(names.units(piece.text)) for piece in current.get(lead, []))
    if len(people) < 2 or any(len(names.persons(piece.text)) != 1 for piece in people):
        return
    share = min(max(units, 1), len(people) - 1)
    current[person], current[leader] = people[:share], people[share:]


def _place(texts: list[str], fields: list[str]) -> list[int]:
    """Give each text a column, left to right, beginning a new row where it pays: the best sum of fits wins."""
    width = len(fields)
    if not texts or not width:
        return []
    if len(texts) == width and all(_fit(text, field) > -1.5 for text, field in zip(texts, fields, strict=True)):
        return list(range(width))
    best: list[list[float]] = []
    came: list[list[int]] = []
    for at, text in enumerate(texts):
        fits = [_fit(text, field) for field in fields]
        scores: list[float] = []
        origin: list[int] = []
        for column in range(width):
            if at == 0:
                scores.append(fits[column] - 0.3 * column)
                origin.append(-1)
                continue
            top, source = -1e9, 0
            for before in range(width):
                score = best[at - 1][before]
                if before < column:
                    score -= 0.3 * (column - before - 1)
                elif before == column:
                    score -= 0.2 if fields[column] in (words.LEAD, words.SUPPORT, words.TEXT) else 0.6
                else:
                    score -= 2.0 + 0.3 * column + (0.0 if fields[column] in (words.TEXT, words.TITLE) else 2.0)
                if score > top:
                    top, source = score, before
            scores.append(top + fits[column])
            origin.append(source)
        best.append(scores)
        came.append(origin)
    column = max(range(width), key=lambda place: best[-1][place])
    placed = [column]
    for at in range(len(texts) - 1, 0, -1):
        column = came[at][column]
        placed.append(column)
    return placed[::-1]


def _fit(text: str, field: str) -> float:
    plain = key(text)
    pieces = [piece for piece in re.split(r"[、,;\s/\n]+", folded(text)) if piece]
    if any(len(piece) == 1 for piece in pieces) or "(" in plain:
        split = names.persons(text) if field in (words.PERSONS, words.OVERSEERS) else names.units(text)
        pieces = [name.name for name in split] or pieces
    sentence = bool(re.search(r"[。;]", plain)) or len(plain) > 26
    if field == words.TEXT:
        if sentence:
            return 3.0
        if is_deadline(text) or all(looks_like_person(piece) for piece in pieces):
            return -2.0
        return 0.2 if all(surely_unit(piece) for piece in pieces) else 1.5
    if field in (words.LEAD, words.SUPPORT):
        if sentence and not all(looks_like_unit(piece) for piece in pieces):
            return -3.0
        if is_deadline(text):
            return -2.0
        if all(surely_unit(piece) for piece in pieces):
            return 2.2
        return 1.2 if any(looks_like_unit(piece) for piece in pieces) else -1.0
    if field in (words.PERSONS, words.OVERSEERS):
        if sentence:
            return -3.0
        return (
            2.2 if all(looks_like_person(piece.split("(")[0]) for piece in pieces) and not is_deadline(text) else -1.5
        )
    if field == words.DEADLINE:
        return 3.0 if is_deadline(text) else -1.2
    if field in (words.SECTION, words.TITLE):
        if sentence or is_deadline(text) or len(plain) > 14 or all(surely_unit(piece) for piece in pieces):
            return -1.0
        return 1.6
    return -0.4


def is_deadline(text: str) -> bool:
    """This function will tell whether a cell reads as a deadline."""
    plain = key(text)
    return len(plain) <= 24 and _DATE_LIKE.fullmatch(plain) is not None


# --- between commas, and padded with blanks


def _comma_table(lines: list[_Line], start: int) -> tuple[list[Block], int] | None:
    text = lines[start].text
    if text.count(",") < 2 or not is_header(_comma_cells(text)):
        return None
    width = len(_comma_cells(text))
    rows: list[Row] = []
    index = start
    while index < len(lines):
        line = lines[index]
        if line.blank:
            index += 1
            continue
        used = [line]
        whole = line.text
        while whole.count('"') % 2 == 1 and index + len(used) < len(lines) and len(used) < 60:
            used.append(lines[index + len(used)])
            whole += "\n" + used[-1].text
        cells = _comma_cells(whole)
        if len(cells) < 2 and _END_OF_TABLE.match(tidied(whole)):
            break
        if len(cells) < width - 1 and rows and "," not in whole:
            rows.append(_spanning(line, width))
        else:
            rows.append(_row(cells, used, width))
        index += len(used)
    return [Grid(tuple(rows), rows[0].position)], index


def _comma_cells(text: str) -> list[str]:
    cells: list[str] = []
    word: list[str] = []
    quoted = False
    for char in text:
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            cells.append("".join(word))
            word = []
        else:
            word.append(char)
    cells.append("".join(word))
    return cells


_PADDING = re.compile(r"(?:[ \u3000\xa0]{2,}|\u3000)")


def _padded_table(lines: list[_Line], start: int) -> tuple[list[Block], int] | None:
    tokens = _padded_tokens(lines[start].text)
    if len(tokens) < 3 or not is_header([text for text, _, _ in tokens]):
        return None
    head = [text for text, _, _ in tokens]
    centres = [(left, right) for _, left, right in tokens]
    width = len(head)
    fields = resolve_fields([words.header_field(text) for text in head])
    rows: list[tuple[list[str], list[_Line]]] = [(head, [lines[start]])]
    index = start + 1
    end = index
    while index < len(lines):
        line = lines[index]
        index += 1
        if line.blank or _PAGE_NUMBER.fullmatch(line.text):
            continue
        if _END_OF_TABLE.match(tidied(line.text)):
            break
        found = _padded_tokens(line.text)
        texts = [text for text, _, _ in found]
        cells = [""] * width
        if len(found) == width:
            cells = texts
        else:
            for text, left, right in found:
                column = _nearest(left, right, centres)
                cells[column] = f"{cells[column]} {text}".strip()
        if len(found) == 1 and found[0][1] <= centres[0][1] and not _serial_first(texts) and len(texts[0]) > 8:
            rows.append((texts, [line]))
        elif fields[0] == words.SERIAL and not cells[0] and rows[-1][0] is not head and len(rows[-1][0]) == width:
            rows[-1] = ([_wrapped(a, b) for a, b in zip(rows[-1][0], cells, strict=True)], [*rows[-1][1], line])
        else:
            rows.append((cells, [line]))
        end = index
    if len(rows) < 2:
        return None
    made = [_spanning(at[0], width) if len(cells) == 1 else _row(cells, at, width) for cells, at in rows]
    return [Grid(tuple(made), made[0].position, ruled=False)], end


def _wrapped(above: str, below: str) -> str:
    return f"{above}\n{below}" if above and below else above or below


def _padded_tokens(text: str) -> list[tuple[str, int, int]]:
    tokens: list[tuple[str, int, int]] = []
    place = 0
    left = 0
    for part in re.split(r"([ \u3000\xa0]{2,}|\u3000)", text.rstrip()):
        size = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in part)
        left, place = place, place + size
        if part.strip():
            tokens.append((part.strip(), left, place))
    return tokens


def _nearest(left: int, right: int, columns: list[tuple[int, int]]) -> int:
    def distance(column: int) -> float:
        a, b = columns[column]
        overlap = min(right, b) - max(left, a)
        return -overlap if overlap > 0 else abs((left + right) / 2 - (a + b) / 2)

    return min(range(len(columns)), key=distance)


# --- cells between single blanks


def _blank_table(lines: list[_Line], start: int) -> tuple[list[Block], int] | None:
    """序号 工 作 任 务 牵头部门 / 1 新增就业1000人 人社局: words of a row are given columns by their look."""
    head_words = _header_words(lines[start].text)
    if head_words is None:
        return None
    body: list[_Piece] = []
    index = start + 1
    end = index
    while index < len(lines):
        line = lines[index]
        index += 1
        if line.blank:
            continue
        plain = tidied(line.text)
        if _END_OF_TABLE.match(plain):
            break
        if _header_words(line.text) == head_words:
            body.extend(_Piece(word, [line]) for word in head_words)
        else:
            tokens = _unbracketed_tokens(line.text)
            first = _serial_number(tokens[0])
            opening = tokens if first is not None else _opening_serial(tokens)
            body.extend(_Piece(word, [line], place == 0) for place, word in enumerate(opening))
        end = index
    if not any(_serial_number(piece.text) is not None for piece in body):
        return None
    head = [_Piece(word, [lines[start]]) for word in head_words]
    return [_grid_of_pieces(head, body)], end


def _opening_serial(tokens: list[str]) -> list[str]:
    """1.新建学校 → 1., 新建学校."""
    match = re.match(r"(\d{1,4})[.、．](?!\d)(.+)", tokens[0])
    return [match.group(1), match.group(2), *tokens[1:]] if match else tokens


def _unbracketed_tokens(text: str) -> list[str]:
    """Words between blanks; a word that begins with a bracket belongs to the one before."""
    tokens: list[str] = []
    for token in text.split():
        last = tokens[-1] if tokens else ""
        if last and token[0] in "(（" and not re.match(r"[(（]\d", token):
            tokens[-1] += token
        elif len(token) == 1 and is_cjk(token) and last and len(last.split()[-1]) == 1 and is_cjk(last.split()[-1]):
            tokens[-1] = f"{last} {token}"
        elif is_bare_suffix(token) and last and not re.search(r"[。；;]$", last) and surely_unit(last + token):
            tokens[-1] = last + token
        else:
            tokens.append(token)
    return tokens


def _header_words(text: str) -> list[str] | None:
    """The header words of a line of words between blanks, padded ones put together; None when it is none."""
    tokens = text.split()
    if (
        not 3 <= len(tokens) <= 24
        or len(text) > 120
        or (words.header_field(tokens[0]) != words.SERIAL and key("".join(tokens[:2])) != "序号")
    ):
        return None
    best: dict[int, list[str]] = {0: []}
    for end in range(1, len(tokens) + 1):
        for start in range(max(0, end - 6), end):
            if start not in best:
                continue
            padded = end - start > 1
            if padded and any(len(token) > 1 and words.header_field(token) for token in tokens[start:end]):
                continue
            word = "".join(tokens[start:end])
            if words.header_field(word) is not None and (end not in best or len(best[start]) + 1 < len(best[end])):
                best[end] = [*best[start], word]
    found = best.get(len(tokens))
    if found is None or len(found) < 3 or not is_header(found):
        return None
    return found if any(words.header_field(word) in (words.TEXT, words.TITLE) for word in found) else None
