"""The six steps in order: document → matters → names → links → targets → findings."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from duban.reading import (
    decode,
    facts,
    findings,
    linking,
    names,
    old_word,
    outline,
    pdf,
    plain_text,
    spreadsheet,
    tables,
    targets,
    word,
    words,
)
from duban.reading.assembly import Shaped
from duban.reading.characters import folded, has_cjk, key, tidied
from duban.reading.drafts import Draft, TableSeen
from duban.reading.findings import Numbered
from duban.reading.formats import Format, format_of
from duban.reading.result import (
    CELL_FIELDS,
    CellSource,
    Finding,
    Matter,
    Name,
    Notice,
    Reading,
    Table,
    Target,
    TextLine,
)
from duban.reading.shape import Document, Grid, Paragraph

_SEPARATOR = re.compile(r"[^\w㐀-鿿]+|_+|[-—–=_*~·.\s]*\d{0,4}[-—–=_*~·.\s]*|第\s*\d+\s*页.{0,10}")
_PROSE = re.compile(r"[。；;！]|[：:]$")
_KNOWN_LINE = re.compile(r"^(?:附\s*件|抄\s*送|主\s*送|\(?此件|联\s*系|传\s*真|电\s*话|注\s*[:：]|备\s*注|说\s*明)")


def read_document(
    document: Document, lines: Sequence[str], *, dropped: int = 0, left_out: Sequence[str] = ()
) -> Reading:
    """This function will read a neutral document; lines are the decoded text its positions refer to.

    dropped: control characters left out.   left_out: sentences on what its reader did not read.
    """
    roles: dict[int, str] = {}
    found, seen = _drafts(document, roles)
    paragraphs = [block for block in document.blocks if isinstance(block, Paragraph)]
    claimed = [line for draft in found for line in draft.lines]
    claimed.extend(line for line, role in roles.items() if role == "header" and found)
    first, last = (min(claimed), max(claimed)) if claimed else (None, None)
    outside = [p for p in paragraphs if roles.get(p.position.line or 0) not in ("matter",)]
    read = facts.read_facts(outside, first_line=first, last_line=last)
    for line, role in read.roles.items():
        roles.setdefault(line, role)
    _settle_other_lines(lines, roles, first, last)
    matters, learned = _matters(found, lines)
    notice = _complete_notice(read.notice, seen, lines, roles)
    problems = findings.collect(matters, notice, learned)
    problems.extend(_about_tables(document, seen, found))
    problems.extend(_unread(lines, roles, first, last))
    problems.extend(_about_document(found, seen, notice, dropped))
    problems.extend(Finding("left_out", (), findings.NOTICE, sentence) for sentence in left_out)
    problems.extend(_run_together(lines) if not found else [])
    return Reading(
        notice,
        tuple(item.matter for item in matters),
        tuple(findings.in_order(problems)),
        document,
        tuple(lines),
    )


# --- steps 1 and 2: rows and numbered paragraphs


def _drafts(document: Document, roles: dict[int, str]) -> tuple[list[Draft], list[TableSeen]]:
    found: list[Draft] = []
    seen: list[TableSeen] = []
    paragraphs = [block for block in document.blocks if isinstance(block, Paragraph)]
    grids = [block for block in document.blocks if isinstance(block, Grid)]
    caption: Paragraph | None = None
    for number, block in enumerate(document.blocks):
        if isinstance(block, Paragraph):
            if len(block.text) <= 60 and not _PROSE.search(block.text) and has_cjk(block.text):
                caption = block
            continue
        titled = caption is not None and len(grids) > 1
        reading = tables.read_grid(block, run=number, section=caption.text if caption and titled else None)
        if caption is not None and titled and reading.drafts:
            roles.setdefault(caption.position.line or 0, "heading")
        for draft in reading.drafts:
            tables.duties_in_cells(draft)
        kept = [draft for draft in reading.drafts if draft.text or any(c.raw for c in draft.cells.values())]
        found.extend(kept)
        seen.extend(reading.tables)
        for line, role in reading.roles.items():
            roles[line] = role
        known = {id(draft) for draft in kept}
        for draft in reading.drafts:
            if id(draft) not in known:
                roles.update(dict.fromkeys(draft.lines, "unread"))
    listed = outline.read_outline(paragraphs, run=-1)
    enough = 1 if not found else max(2, len(found) // 10)
    if len(listed.drafts) >= enough:
        for draft in listed.drafts:
            tables.duties_in_cells(draft)
        found.extend(listed.drafts)
        for line, role in listed.roles.items():
            roles.setdefault(line, role)
        found.sort(key=lambda draft: draft.line or 0)
    return found, seen


# --- steps 3 to 5: names, links, targets


def _matters(found: Sequence[Draft], lines: Sequence[str]) -> tuple[list[Numbered], linking.Learned]:
    rows: list[linking.Row] = []
    supports: list[tuple[Name, ...]] = []
    for draft in found:
        units = names.units(draft.raw(words.LEAD))
        persons = names.persons(draft.raw(words.PERSONS))
        printed: tuple[tuple[str, str], ...] = ()
        if draft.raw(words.UNITS_AND_PERSONS):
            more_units, more_persons, printed = names.units_and_persons(draft.raw(words.UNITS_AND_PERSONS))
            units, persons = (*units, *more_units), (*persons, *more_persons)
            both = draft.cells[words.UNITS_AND_PERSONS]
            draft.cells.setdefault(words.LEAD, both)
            draft.cells.setdefault(words.PERSONS, both if more_persons else CellSource("blank"))
        overseers = names.persons(draft.raw(words.OVERSEERS))
        own = draft.cells.get(words.LEAD, CellSource("blank")).basis != "inherited"
        rows.append(linking.Row(units, persons, overseers, own, printed))
        supports.append(names.units(draft.raw(words.SUPPORT)))
    learned = linking.learn(rows)
    items: list[Numbered] = []
    source: int | None = None
    for index, (draft, row, support) in enumerate(zip(found, rows, supports, strict=True)):
        linked = linking.link(row, learned)
        inherited = not row.own and bool(row.units)
        source = source if inherited else index
        cells = {name: draft.cells.get(name, CellSource("blank")) for name in CELL_FIELDS}
        matter = Matter(
            serial=draft.serial,
            title=draft.title,
            text=draft.text,
            lead_units=row.units,
            persons=row.persons,
            support_units=support,
            overseers=row.overseers,
            links=linked.links,
            oversight=linked.oversight,
            targets=_targets(draft),
            deadline=tidied(draft.raw(words.DEADLINE)) or None,
            inherited=inherited,
            page=draft.page,
            line=draft.line,
            section=draft.section,
            other={label: text for label, text in draft.other.items() if text},
            lines=tuple(sorted(set(draft.lines))),
            raw="\n".join(lines[line - 1] for line in sorted(set(draft.lines))),
            cells=cells,
        )
        columns = frozenset(draft.cells) | {"lead_units"} if draft.run >= 0 else frozenset(CELL_FIELDS)
        items.append(Numbered(matter, linked, draft.run, draft.shares_serial, source if inherited else None, columns))
    return items, learned


_TARGET_COLUMN = re.compile(
    r"(?:20\d\d年?)?(?:年度|全年|计划|工作|考核|预期)*(?:目标值|指标值|任务数|计划数|目标数|计划值|指标数|任务量|目标量)"
    r"(?:\(.{1,8}\))?"
)


def _targets(draft: Draft) -> tuple[Target, ...]:
    """The quantities of the text, and those of a column that holds nothing else (年度目标值)."""
    found = targets.find(draft.text)
    values = [text for label, text in draft.other.items() if draft.run >= 0 and _TARGET_COLUMN.fullmatch(key(label))]
    if not values or found:
        return found
    subject = next((text for text in (draft.text, draft.title) if text and len(text) <= 30), None)
    return tuple(replace(target, subject=subject or target.subject) for text in values for target in targets.find(text))


# --- what stands outside the matters


def _settle_other_lines(lines: Sequence[str], roles: dict[int, str], first: int | None, last: int | None) -> None:
    """Give every line outside the matters a role, "unread" where it fits nowhere."""
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        role = roles.get(number)
        plain = folded(tidied(text))
        if role in ("furniture", "blank") or not plain:
            roles[number] = "separator"
        if role is not None or not plain:
            continue
        inside = first is not None and last is not None and first < number < last
        if _SEPARATOR.fullmatch(plain):
            roles[number] = "separator"
        elif inside and len(plain) <= 60 and (_KNOWN_LINE.match(plain) or _heading_like(plain)):
            roles[number] = "heading"
        elif inside:
            roles[number] = "unread"
        elif _PROSE.search(plain) or len(plain) >= 40 or _KNOWN_LINE.match(plain) or _heading_like(plain):
            roles[number] = "body"
        else:
            roles[number] = "unread"


def _heading_like(plain: str) -> bool:
    marked = re.match(
        r"(?:#{1,6}\s*)?(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|\d{1,2}[.、])", plain
    )
    return bool(marked) or facts.ends_like_title(plain) or facts.is_metadata(plain)


def _complete_notice(notice: Notice, seen: Sequence[TableSeen], lines: Sequence[str], roles: dict[int, str]) -> Notice:
    text = tuple(
        TextLine(number, roles[number], lines[number - 1].strip())
        for number in sorted(roles)
        if roles[number] not in ("matter", "unread") and 0 < number <= len(lines) and lines[number - 1].strip()
    )
    columns = tuple(
        Table(table.line, tuple((column.header, column.field) for column in table.columns)) for table in seen
    )
    return Notice(
        notice.title,
        notice.document_number,
        notice.issuer,
        notice.recipients,
        notice.issued_on,
        notice.dated_on,
        notice.year,
        notice.declared_items,
        notice.report_dates,
        notice.report_length,
        notice.contact,
        notice.copies_to,
        notice.clauses,
        columns,
        text,
    )


# --- findings about the document as a whole


def _about_tables(document: Document, seen: Sequence[TableSeen], found: Sequence[Draft]) -> list[Finding]:
    problems: list[Finding] = []
    for table in seen:
        if not table.has_header:
            guess = "、".join(
                f"第{n}列={_FIELD_NAMES.get(c.field, '其他')}" for n, c in enumerate(table.columns, start=1)
            )
            problems.append(
                Finding(
                    "missing_header",
                    (),
                    findings.WARNING,
                    f"第 {table.line} 行起的表格没有表头，各列是按内容猜的，请核对。",
                    guess,
                    None,
                    None,
                    table.line,
                )
            )
        elif not any(d.line is not None and table.line is not None and d.line > table.line for d in found):
            problems.append(
                Finding(
                    "header_without_rows",
                    (),
                    findings.ERROR,
                    f"第 {table.line} 行是表头，下面却没有一行任务。",
                    "、".join(column.header for column in table.columns if column.header) or None,
                    None,
                    None,
                    table.line,
                )
            )
    for block in document.blocks:
        if isinstance(block, Grid) and not block.ruled and block.rows:
            fields = plain_text.resolve_fields(
                [words.header_field(c.text) for c in block.rows[0].cells if c is not None]
            )
            if fields.count(words.LEAD) + fields.count(words.SUPPORT) >= 2:
                problems.append(
                    Finding(
                        "uncertain_columns",
                        (),
                        findings.WARNING,
                        f"第 {block.position.line} 行起的表格在文本里没有列线，牵头与配合单位的分界是推断的，请核对。",
                        None,
                        None,
                        "support_units",
                        block.position.line,
                    )
                )
    return problems


_FIELD_NAMES = {
    words.SERIAL: "序号",
    words.TEXT: "任务",
    words.TITLE: "名称",
    words.SECTION: "类别",
    words.LEAD: "牵头单位",
    words.SUPPORT: "协办单位",
    words.PERSONS: "责任人",
    words.OVERSEERS: "责任领导",
    words.DEADLINE: "时限",
    words.UNITS_AND_PERSONS: "单位和责任人",
}


def _unread(lines: Sequence[str], roles: dict[int, str], first: int | None, last: int | None) -> list[Finding]:
    """One finding for each stretch of unread lines among the matters, one for all scraps outside them."""
    numbers = [number for number in sorted(roles) if roles[number] == "unread"]
    inside = [n for n in numbers if first is not None and last is not None and first < n < last]
    outside = [n for n in numbers if n not in set(inside)]
    stretches: list[list[int]] = []
    for number in inside:
        between = stretches and all(not lines[n - 1].strip() for n in range(stretches[-1][-1] + 1, number))
        if between:
            stretches[-1].append(number)
        else:
            stretches.append([number])
    problems = [
        Finding(
            "unread_text",
            (),
            findings.WARNING,
            f"第 {findings.ranges(stretch)} 行夹在任务中间，没有读懂，原样保留，请看一看。",
            "\n".join(lines[number - 1].strip() for number in stretch),
            None,
            None,
            stretch[0],
            tuple(stretch),
        )
        for stretch in stretches
    ]
    if outside:
        problems.append(
            Finding(
                "unread_text",
                (),
                findings.NOTICE,
                f"任务以外有 {len(outside)} 行零星文字没有归类（第 {findings.ranges(outside)} 行），原样保留。",
                "\n".join(lines[number - 1].strip() for number in outside),
                None,
                None,
                outside[0],
                tuple(outside),
            )
        )
    return problems


def _about_document(found: Sequence[Draft], seen: Sequence[TableSeen], notice: Notice, dropped: int) -> list[Finding]:
    problems: list[Finding] = []
    if not found:
        problems.append(
            Finding(
                "no_matters",
                (),
                findings.ERROR,
                "没有读到任何任务：没有认出任务分解表，也没有带“责任单位”“牵头单位”的编号段落。",
                notice.title,
            )
        )
    if dropped:
        problems.append(
            Finding(
                "odd_characters",
                (),
                findings.NOTICE,
                f"文件里有 {dropped} 个不该出现的控制字符，已略去，其余照读。",
            )
        )
    extra = sorted({label for draft in found for label in draft.other if draft.run >= 0})
    if extra:
        problems.append(
            Finding(
                "extra_columns",
                (),
                findings.NOTICE,
                f"表中还有本系统不单列的栏目：{'、'.join(extra)}。内容随事项保存在“其他”里。",
            )
        )
    return problems


_HEADER_IN_ONE = re.compile(r"序号\S{0,6}(?:任务|项目|内容|工作|事项)\S{0,30}?(?:责任|牵头|配合|承办|主办)单位")


def _run_together(lines: Sequence[str]) -> list[Finding]:
    """A table whose cells lost everything between them: no columns can be told any more."""
    for number, text in enumerate(lines, start=1):
        if _HEADER_IN_ONE.search(folded(text)):
            return [
                Finding(
                    "header_without_rows",
                    (),
                    findings.ERROR,
                    f"第 {number} 行起的表格文字连在一起，分不出各栏，请改用原件（Word、Excel）另存的文本。",
                    text.strip()[:80],
                    None,
                    None,
                    number,
                )
            ]
    return []


_LARGE = 64 * 1024


@contextmanager
def _without_collector(wanted: bool) -> Iterator[None]:
    """A long reading makes many objects and no cycles: the collector would look at all of them again and again."""
    pause = wanted and gc.isenabled()
    if pause:
        gc.disable()
    try:
        yield
    finally:
        if pause:
            gc.enable()


def read_bytes(data: bytes) -> Reading:
    """This function will read a file of any known format; raises NotReadable."""
    decode.refuse_size(data)
    shaped = _shaped(data)
    with _without_collector(len(data) > _LARGE):
        return read_document(shaped.document, shaped.lines, dropped=shaped.dropped, left_out=shaped.left_out)


def _shaped(data: bytes) -> Shaped:
    match format_of(data):
        case Format.DOCX:
            return word.read(data)
        case Format.XLSX | Format.XLS as kind:
            return spreadsheet.read(data, kind=kind.value)
        case Format.OLD_WORD:
            return old_word.read(data)
        case Format.PDF:
            return pdf.read(data)
        case Format.TEXT:
            decoded = decode.decode(data)
            return Shaped(plain_text.read(decoded), decoded.lines, decoded.dropped)
