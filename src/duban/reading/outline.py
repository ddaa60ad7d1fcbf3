"""Numbered paragraphs → matters: brackets of responsibility, label lines, leaders in headings, nested numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from duban.reading import statements, tables, words
from duban.reading.characters import folded, joined, key, tidied, tidied_apart
from duban.reading.drafts import Draft
from duban.reading.facts import ends_like_title
from duban.reading.lexicon import COMPOUND_SURNAMES, SURNAMES
from duban.reading.names import looks_like_person, surely_unit, units
from duban.reading.result import CellSource
from duban.reading.shape import Paragraph
from duban.reading.statements import Duty
from duban.reading.wrapping import whole_paragraphs

_NUM = "[一二三四五六七八九十]{1,3}"
_CARD = r"(?:督查|督办|交办|立项|重点|工作)*(?:事项|任务|项目)"
_MARKERS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(rf"第{_NUM}[章部编篇](?:分)?[、.:\s]*")),
    (2, re.compile(rf"(?P<n>{_NUM})[、.](?![一二三四五六七八九十]、)\s*")),
    (3, re.compile(rf"(?P<b>\((?:{_NUM})\))[、.]?\s*")),
    (
        4,
        re.compile(
            r"(?:(?:任务|事项|项目|重点任务|工作任务|措施|实事)\s*)?第?(?P<n>\d{1,3})(?:[.、](?!\d)|项[、.:]|\s(?=[㐀-鿿]))\s*"
        ),
    ),
    (4, re.compile(r"(?:任务|事项|项目|工作任务|重点任务)(?P<n>\d{1,3}|[一二三四五六七八九十]{1,3})\s*[:.、]\s*")),
    (
        4,
        re.compile(rf"{_CARD}(?P<b>\((?:{_NUM}|\d{{1,3}})\))\s*[:.、]?\s*"),
    ),
    (4, re.compile(rf"第(?P<c>{_NUM}|\d+)条[、.:\s]*")),
    (5, re.compile(r"(?P<n>\d{1,3}(?:\.\d{1,3})+)[.、\s]\s*(?=[㐀-鿿“《])")),
    (6, re.compile(r"(?P<b>\(\d{1,3}\))[、.]?\s*")),
    (6, re.compile(r"(?P<n>\d{1,2})\)[、.]?\s*")),
    (7, re.compile(r"(?P<n>[①-⑳])\s*")),
)
_INLINE = re.compile(
    rf"(?<=[。;!\])”])\s*(?:\((?P<arabic>\d{{1,2}})\)|\((?P<chinese>{_NUM})\)|(?P<plain>\d{{1,3}})[.、](?!\d)|(?P<circled>[①-⑳]))"
)
_CHINESE = {char: number for number, char in enumerate("一二三四五六七八九十", start=1)}
_FURNITURE = re.compile(
    r"-?\s*\d{1,4}\s*-?|[—–-]\s*\d+\s*[—–-]|第\s*\d+\s*页.{0,10}|[\s|:+\-=_—─━*×xX✕]+|(?:分享到|扫一扫|打印|关闭|收藏|字体|字号|上一篇|下一篇|责任编辑|浏览次数|点击数|访问次数|来源|发布时间|发布日期|发布机构|索引号|信息来源|当前位置|今天是|加入收藏|政务微[信博]|版权所有|编辑|无障碍|返回顶部|首页).{0,80}"
)
_TITLES = (
    r"(?:省委|市委|县委|区委|州委|旗委)?(?:常委[、,]?)*(?:常务|党组)?(?:副)?"
    r"(?:省长|市长|县长|区长|旗长|州长|镇长|乡长|书记|主任|主席|部长|局长|秘书长|调研员|党组成员|常委|同志)"
)
_LEADER = re.compile(
    rf"(?P<name>[㐀-鿿]{{2,4}}?)(?P<title>(?:{_TITLES}[、,]?)+)(?:同志)?(?:主抓|主管|牵头|负责|分管|领办|领衔|包抓|包保|联系|督办|主持|承办|推进|抓|的)"
)
_LEADER_BEFORE = re.compile(
    rf"(?P<title>(?:{_TITLES}[、,]?)+)(?P<name>[㐀-鿿]{{2,4}}?)(?:同志)?(?:主抓|主管|牵头|负责|分管|领办|领衔|包抓|包保|联系|督办|主持|承办|推进|抓)"
)
_LEADER_BARE = re.compile(rf"(?P<name>[㐀-鿿]{{2,4}}?)(?P<title>(?:{_TITLES}[、,]?)+)(?:同志)?[:(]?(?:\d+项\)?)?$")
_ENDS = ("。", "；", ";", "！", "!", "：", ":", "…")
_AFTER_LIST = re.compile(r"^(?:附件|抄送|主送|此件|\(此件|联系人|注[:：]|备注[:：]|附[:：])")


@dataclass(slots=True)
class _Part:
    """A stretch of an item with a statement of its own."""

    text: str
    lines: list[int]
    page: int | None
    duty: Duty | None = None
    duty_line: int | None = None
    duty_raw: str = ""


@dataclass(slots=True)
class _Entry:
    """One numbered item or heading and what follows it up to the next marker."""

    level: int
    serial: str
    mark: str
    line: int
    page: int | None
    heading: str = ""
    parts: list[_Part] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    parent: int | None = None
    own_line: bool = False
    fresh: bool = False
    """Begins a list of its own: behind an attachment line, or where numbers begin again behind a title."""

    @property
    def has_duty(self) -> bool:
        return any(part.duty for part in self.parts)

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class OutlineReading:
    """Matters of the numbered paragraphs, what each line was, and the headings by line."""

    drafts: list[Draft]
    roles: dict[int, str]
    headings: list[tuple[int, str]]


def read_outline(paragraphs: Sequence[Paragraph], *, run: int) -> OutlineReading:
    """This function will read numbered paragraphs; paragraphs that carry no duty keep no role or "body"."""
    entries: list[_Entry] = []
    roles: dict[int, str] = {}
    preface = _Entry(0, "", "", 0, None)
    paragraphs = whole_paragraphs(
        [_as_printed(paragraph) for paragraph in paragraphs if not _FURNITURE.fullmatch(folded(paragraph.text))],
        lambda text: _marker(text) is not None or is_after_list(text),
    )
    bare_names = _plain_brackets_are_duties(paragraphs)
    units_first = _units_stand_first(paragraphs)
    current = preface
    barrier: str | None = None
    for index, paragraph in enumerate(paragraphs):
        line = paragraph.position.line or 0
        text = paragraph.text
        if is_after_list(text):
            current = _Entry(0, "", "", line, paragraph.position.page)
            barrier = "attachment"
        elif barrier is None and _is_title(text):
            barrier = "title"
        if current is preface and preface.parts and preface.parts[-1].duty is None:
            preface.parts.append(_Part("", [], paragraph.position.page))
        following = paragraphs[index + 1].text if index + 1 < len(paragraphs) else ""
        for piece in _inline_items(text):
            mark = _marker(piece) or _bare_number(piece, following, entries)
            if mark is not None:
                level, serial, end = mark
                current = _Entry(level, serial, piece[:end].strip(), line, paragraph.position.page)
                current.fresh = barrier == "attachment" or (barrier == "title" and _begins_again(entries, current))
                barrier = None
                entries.append(current)
                rest = piece[end:]
                head = _unit_head(rest) if units_first else None
                if head is not None:
                    rest = rest[len(head) + 1 :]
                _add(current, rest, line, paragraph.position.page, bare_names)
                if head is not None:
                    _add_head(current, head, line)
            else:
                _add(current, piece, line, paragraph.position.page, bare_names)
        _claim(current, paragraph.lines)
    _nest(entries)
    entries = _with_points_gathered(entries)
    drafts = _drafts(entries, preface, run)
    headings = _roles(entries, drafts, roles)
    return OutlineReading(drafts, roles, headings)


_BOXED_LABEL = re.compile(r"[\[【［]([^\[\]【】［］:：]{2,10})[\]】］]\s*[:：]?")


def _as_printed(paragraph: Paragraph) -> Paragraph:
    """The paragraph with the blanks that separate names, and with 【牵头单位】 written as 牵头单位：."""
    text = tidied_apart(paragraph.printed) if paragraph.printed else paragraph.text
    if _BOXED_LABEL.search(text):
        text = _BOXED_LABEL.sub(_unboxed, text)
    return paragraph if text == paragraph.text else replace(paragraph, text=text)


def _unboxed(match: re.Match[str]) -> str:
    label = match.group(1)
    if words.label_field(key(label)) is None or not words.labels_in(key(label) + ":"):
        return match.group()
    before = match.string[: match.start()].rstrip()
    return f"{'；' if before and before[-1] not in '。；;！）)' else ''}{label}："


def _is_title(text: str) -> bool:
    return 5 <= len(text) <= 40 and _marker(text) is None and ends_like_title(folded(text))


def _begins_again(entries: list[_Entry], entry: _Entry) -> bool:
    """Whether numbers begin at 1 again under the same heading."""
    if _value(entry.serial.strip("（()）")) != 1:
        return False
    for earlier in reversed(entries):
        if earlier.level == entry.level:
            return True
        if earlier.level < entry.level:
            return False
    return False


def _unit_head(text: str) -> str | None:
    """区教育局、各镇：新建小学2所 → 区教育局、各镇; None when what stands before the colon is something else."""
    head, colon, rest = folded(text).partition(":")
    if not colon or not rest.strip() or not 2 <= len(head) <= 80 or words.labels_in(head + ":"):
        return None
    if re.search(r"[。;!?“”]", head) or words.header_field(head) is not None:
        return None
    duty = _duty_of_head(head)
    names = [name.name for text in duty.values() for name in units(text)]
    return text[: len(head)] if names and all(map(statements.names_a_body, names)) else None


def _duty_of_head(head: str) -> Duty:
    duty = tables.marked_lead(head)
    if duty is not None:
        return duty
    parsed = statements.parse(f"{head}负责") if re.search("会同|牵头|配合", head) else None
    return statements.settled(parsed) if parsed else {words.LEAD: head}


def _add_head(entry: _Entry, head: str, line: int) -> None:
    """Give the item the units that stand before its task; what it says itself comes behind."""
    part = _open_part(entry, line, entry.page, for_duty=True)
    duty = _duty_of_head(folded(head))
    part.duty = statements.merged(duty, part.duty) if part.duty else duty
    part.duty_line, part.duty_raw = part.duty_line or line, joined(head, part.duty_raw)


def _units_stand_first(paragraphs: Sequence[Paragraph]) -> bool:
    """Whether several items begin with the units that answer for them: 1、区教育局：新建小学2所."""
    count = 0
    for paragraph in paragraphs:
        mark = _marker(paragraph.text)
        count += mark is not None and _unit_head(paragraph.text[mark[2] :]) is not None
        if count >= 2:
            return True
    return False


def _claim(entry: _Entry, lines: tuple[int, ...]) -> None:
    """Give the further lines of a paragraph put together to the item it ends in."""
    entry.lines.extend(line for line in lines if line not in entry.lines)
    if entry.parts:
        part = entry.parts[-1]
        part.lines.extend(line for line in lines if line not in part.lines)


def _marker(text: str) -> tuple[int, str, int] | None:
    plain = folded(text)
    for level, pattern in _MARKERS:
        match = pattern.match(plain)
        if match:
            groups = match.groupdict()
            if groups.get("b"):
                serial = text[match.start("b") : match.end("b")]
            elif groups.get("n"):
                serial = groups["n"]
            else:
                serial = text[: match.end()].strip(" 、.:：")
            return level, serial, match.end()
    return None


_BARE = re.compile(
    r"(\d{1,3})(?=[㐀-鿿“《])"
    r"(?![年月日号时个家项名人位万亿千百所座条处场次户亩天周岁级套台辆件米吨分小倍成批期届楼栋支种类只张对公平立美元度])"
)


def _bare_number(text: str, following: str, entries: list[_Entry]) -> tuple[int, str, int] | None:
    """1优化就业服务 / 牵头单位：… — a number without a mark counts when it is next and a label line follows."""
    match = _BARE.match(folded(text))
    labels = words.labels_in(folded(following))
    if not match or not labels or labels[0][0] or len(text) > 60:
        return None
    last = next((entry for entry in reversed(entries) if entry.level == 4), None)
    expected = {1, int(last.serial) + 1} if last is not None and last.serial.isdigit() else {1}
    return (4, match.group(1), match.end()) if int(match.group(1)) in expected else None


def _inline_items(text: str) -> list[str]:
    """Cut a paragraph where the next number of its own list begins behind a full stop."""
    plain = folded(text)
    first = _marker(text)
    cuts = [0]
    expected: dict[str, int] = {}
    if first is not None:
        own = folded(first[1])
        kinds = (
            ("arabic", r"\((\d+)\)"),
            ("plain", r"(\d+)"),
            ("chinese", rf"\(({_NUM})\)"),
            ("circled", "([①-⑳])"),
        )
        for kind, pattern in kinds:
            match = re.fullmatch(pattern, own)
            if match:
                expected[kind] = _value(match.group(1)) + 1
    owned = set(expected)
    for match in _INLINE.finditer(plain):
        kind = match.lastgroup or "plain"
        number = _value(match.group(kind))
        if expected.get(kind, 1) != number:
            continue
        if kind == "plain" and kind not in expected:
            continue
        if kind == "chinese" and kind not in expected and number == 1 and _INLINE.search(plain, match.end()) is None:
            continue
        expected[kind] = number + 1
        start = match.start()
        while start < len(plain) and plain[start].isspace():
            start += 1
        if kind not in owned and number == 1 and not _each_has_a_duty(text, start):
            break  # (1)…；(2)…。（责任单位：…）: one statement for all of them, one matter
        cuts.append(start)
    cuts.append(len(text))
    return [piece for a, b in pairwise(cuts) if (piece := text[a:b].strip())]


def _each_has_a_duty(text: str, start: int) -> bool:
    """Whether more than one of the numbered stretches behind `start` says who answers for it, or none does."""
    plain = folded(text)
    places = [start, *(match.start() for match in _INLINE.finditer(plain, start + 1)), len(text)]
    pieces = [text[a:b] for a, b in pairwise(places)]
    count = sum(any(kind == "duty" for kind, _ in _split_statements(piece, bare_names=False)) for piece in pieces)
    return count != 1 or len(pieces) == 1


def _value(number: str) -> int:
    if "①" <= number[:1] <= "⑳":
        return ord(number[0]) - ord("①") + 1
    if number.isdigit():
        return int(number)
    if "十" in number:
        tens, _, ones = number.partition("十")
        return _CHINESE.get(tens, 1) * 10 + _CHINESE.get(ones, 0)
    return _CHINESE.get(number[:1], 0)


def _plain_brackets_are_duties(paragraphs: Sequence[Paragraph]) -> bool:
    """（县发改局、县财政局） at the ends of several paragraphs, and nothing else says who: they say who."""
    count = 0
    for paragraph in paragraphs:
        plain = folded(paragraph.text).rstrip("。")
        spans = statements.brackets_in(plain)
        if not spans or spans[-1][1] != len(plain) or _marker(paragraph.text) is None:
            continue
        inside = plain[spans[-1][0] + 1 : -1]
        names = units(inside)
        before = plain[: spans[-1][0]]
        if names and all(surely_unit(name.name) for name in names) and (before.endswith(("。", ";")) or len(names) > 1):
            count += 1
    return count >= 3


# --- one paragraph: text and statements


def _add(entry: _Entry, text: str, line: int, page: int | None, bare_names: bool) -> None:
    entry.lines.append(line)
    for kind, piece in _split_statements(text, bare_names):
        if kind == "text":
            _add_text(entry, piece, line, page)
            continue
        duty = statements.parse(piece, bare_names=True)
        if duty is None:
            _add_text(entry, piece, line, page)
            continue
        part = _open_part(entry, line, page, for_duty=True)
        part.duty = statements.merged(part.duty, duty) if part.duty else duty
        part.duty_line = part.duty_line or line
        part.duty_raw = joined(part.duty_raw, piece)
        if line not in part.lines:
            part.lines.append(line)


def _add_text(entry: _Entry, text: str, line: int, page: int | None) -> None:
    text = text.strip()
    if not text or re.fullmatch(r"[。;；，,、\s)）\]】〕]+", text):
        return
    part = _open_part(entry, line, page, for_duty=False)
    if part.text and line not in part.lines and not entry.own_line and len(entry.parts) == 1:
        heading = part.text
        short = len(part.lines) == 1 and len(heading) <= 36 and not heading.endswith(_ENDS)
        if short and part.lines[0] == entry.line and not _wraps(heading, text):
            entry.own_line, entry.heading = True, heading
            part.text = ""
    part.text = joined(part.text, text)
    if line not in part.lines:
        part.lines.append(line)


def _wraps(heading: str, text: str) -> bool:
    """Whether a short first line is only the first line of a wrapped sentence."""
    return bool(re.search(r"[,，、]$", heading)) or bool(re.match(r"[，。、；）]", text))


def _open_part(entry: _Entry, line: int, page: int | None, *, for_duty: bool) -> _Part:
    """The part that further words belong to: text behind a finished statement begins a new part."""
    if entry.parts and (for_duty or entry.parts[-1].duty is None):
        return entry.parts[-1]
    part = _Part("", [], page)
    entry.parts.append(part)
    return part


def _split_statements(text: str, bare_names: bool) -> list[tuple[str, str]]:
    """Cut a paragraph into text and statements of responsibility, in order."""
    plain = folded(text)
    labels = words.labels_in(plain)
    if labels and plain[: labels[0][0]].strip(" ([·*●■-") == "" and not _sentence_behind(plain[labels[0][1] :]):
        return [("duty", text)]
    pieces: list[tuple[str, str]] = []
    start = 0
    for left, right in statements.brackets_in(plain):
        inside = text[left + 1 : right - 1]
        before = plain[start:left].rstrip()
        behind = plain[right:].lstrip()
        names_only = bare_names or (before.endswith(("。", ";", "!")) and not behind.strip("。;"))
        closes = not behind or behind[0] in "。;(" or before.endswith(("。", ";", "!", "”", ")")) or not before
        if not closes or statements.parse(inside, bare_names=names_only) is None:
            continue
        if bare_names and not words.labels_in(folded(inside)) and behind.strip("。;"):
            continue
        pieces.append(("text", text[start:left]))
        pieces.append(("duty", inside))
        start = right
    rest = text[start:]
    pieces.extend(_trailing_labels(rest))
    return [(kind, piece) for kind, piece in pieces if piece.strip()]


def _sentence_behind(text: str) -> bool:
    """A label word that opens a sentence (责任单位：要按照…) is no list of names."""
    head = text.split(";")[0]
    return (len(head) > 40 and not re.search("[、 ]", head[:30])) or bool(
        re.match(r"(?:要|应|须|必须|将|按照|各自)", head)
    )


def _trailing_labels(text: str) -> list[tuple[str, str]]:
    """加快建设。牵头单位：A；责任单位：B — labels without brackets behind the text."""
    plain = folded(text)
    for start, _, name in words.labels_in(plain):
        before = plain[:start].rstrip()
        if name == words.OTHER or not before:
            continue
        apart = before.endswith(("。", ";", "!", ")", "”")) or plain[start - 1 : start].isspace()
        duty = statements.parse(plain[start:])
        if duty is not None and (apart or (before.endswith(",") and _all_sure(duty))):
            return [("text", text[:start]), ("duty", text[start:])]
    match = re.search(r"(?<=[。;])\s*([^。;]{2,200})。?$", plain)
    duty = statements.parse(match.group(1)) if match and not words.labels_in(match.group(1)) else None
    if match and duty and (words.LEAD in duty or words.RESPONSIBLE in duty) and _all_sure(duty):
        return [("text", text[: match.start()]), ("duty", text[match.start(1) : match.end(1)])]
    return [("text", text)]


def _all_sure(duty: Duty) -> bool:
    """Whether a statement without brackets or a line of its own names nothing but units and groups."""
    listed = [duty[name] for name in (words.LEAD, words.RESPONSIBLE, words.SUPPORT) if name in duty]
    found = [name.name for text in listed for name in units(text)]
    return bool(found) and all(map(statements.names_a_body, found))


# --- the whole list


def _nest(entries: list[_Entry]) -> None:
    """Give every entry its parent: the nearest earlier one of a higher level."""
    stack: list[int] = []
    for index, entry in enumerate(entries):
        if entry.fresh:
            stack.clear()
        while stack and entries[stack[-1]].level >= entry.level:
            stack.pop()
        entry.parent = stack[-1] if stack else None
        stack.append(index)


def _with_points_gathered(entries: list[_Entry]) -> list[_Entry]:
    """1.… （1）… （2）… 责任单位：… — where only the last point ever says who, it says so for the whole item."""
    children: dict[int, list[int]] = {}
    for index, entry in enumerate(entries):
        if entry.parent is not None and entries[entry.parent].level >= 4:
            children.setdefault(entry.parent, []).append(index)
    leaves = {parent: below for parent, below in children.items() if not any(child in children for child in below)}
    told = [parent for parent, below in leaves.items() if any(entries[child].has_duty for child in below)]
    if len(told) < 2 or any(
        entries[parent].has_duty or len(leaves[parent]) < 2 or any(entries[c].has_duty for c in leaves[parent][:-1])
        for parent in told
    ):
        return entries
    gone: set[int] = set()
    for parent in told:
        whole = entries[parent]
        for child in leaves[parent]:
            point = entries[child]
            for place, part in enumerate(point.parts):
                part.text = f"{point.mark}{point.heading}{part.text}" if not place else part.text
                last = whole.parts[-1] if whole.parts else None
                if last is None or last.duty:
                    whole.parts.append(part)
                    continue
                last.text = joined(last.text, part.text)
                last.lines.extend(line for line in part.lines if line not in last.lines)
                last.duty, last.duty_line, last.duty_raw = part.duty, part.duty_line, part.duty_raw
            whole.lines.extend(line for line in point.lines if line not in whole.lines)
            gone.add(child)
    kept = [entry for index, entry in enumerate(entries) if index not in gone]
    _nest(kept)
    return kept


def _drafts(entries: list[_Entry], preface: _Entry, run: int) -> list[Draft]:
    children: dict[int | None, list[int]] = {}
    for index, entry in enumerate(entries):
        children.setdefault(entry.parent, []).append(index)
    handed_down = _handed_down(entries, children)
    wanted = _wanted(entries, children, handed_down)
    drafts: list[Draft] = []
    # Under headings of their own line stand several paragraphs, each with its duty: they have no number.
    unnumbered = {
        entry.level
        for index, entry in enumerate(entries)
        if index in wanted and entry.own_line and entry.level <= 3 and sum(bool(part.duty) for part in entry.parts) > 1
    }
    for index, entry in enumerate(entries):
        if index not in wanted:
            continue
        inherited = _from_above(entries, index, handed_down)
        _give_lead_above(entries, entry, inherited)
        drafts.extend(_entry_drafts(entries, entry, inherited, run, unnumbered))
    for part in preface.parts:
        if part.duty and _names_somebody(part.duty) and len(part.text) >= 8 and not entries:
            drafts.append(_draft(preface, part, None, {}, run))
    return drafts


def _give_lead_above(entries: list[_Entry], entry: _Entry, inherited: dict[str, tuple[str, int]]) -> None:
    """Under a heading that says 牵头单位：, an item's own 责任单位： supports it."""
    above = entry.parent
    while above is not None and not any(words.LEAD in (part.duty or {}) for part in entries[above].parts):
        above = entries[above].parent
    if above is None or words.LEAD not in inherited:
        return
    for part in entry.parts:
        labelled = part.duty and statements.contains_label(part.duty_raw)
        if part.duty and labelled and _names_somebody(part.duty) and words.LEAD not in part.duty:
            part.duty = {words.LEAD: inherited[words.LEAD][0], **part.duty}


def _names_somebody(duty: Duty) -> bool:
    return any(name not in (words.DEADLINE, words.OTHER) for name in duty)


def _handed_down(entries: list[_Entry], children: dict[int | None, list[int]]) -> dict[int, tuple[Duty, int]]:
    """Headings that say who answers for everything below them."""
    result: dict[int, tuple[Duty, int]] = {}
    unit_headings = [
        index for index, entry in enumerate(entries) if index in children and _unit_heading(entry) is not None
    ]
    for index, entry in enumerate(entries):
        duty: Duty = {}
        leader = leaders_in_heading(_heading_text(entry))
        if leader:
            duty[words.OVERSEERS] = "、".join(leader)
        if index in children:
            for part in entry.parts:
                if part.duty and (len(_heading_text(entry)) <= 40 and not _is_whole_task(entry)):
                    duty = statements.merged(duty, statements.settled(part.duty))
            names = _unit_heading(entry)
            if names and len(unit_headings) >= 2:
                duty.setdefault(words.LEAD, names)
        if duty:
            result[index] = (duty, entry.line)
    return result


def _is_whole_task(entry: _Entry) -> bool:
    """Whether the duty belongs to a task said in full, not to a heading over other items."""
    first = next((number for number, part in enumerate(entry.parts) if part.duty), len(entry.parts))
    text = "".join(part.text for part in entry.parts[: first + 1]).strip()
    return "。" in text[:-1] or (text.endswith("。") and len(text) > 24)


def _heading_text(entry: _Entry) -> str:
    return entry.heading or (entry.parts[0].text if entry.parts else "")


def _unit_heading(entry: _Entry) -> str | None:
    text = re.sub(r"\((?:共)?\d+[项条件个]\)$", "", folded(_heading_text(entry)).strip())
    names = units(text) if len(text) <= 40 else ()
    return text if names and all(surely_unit(name.name) for name in names) else None


def leaders_in_heading(text: str) -> list[str]:
    """This function will find the leaders a heading names: 袁家军省长主抓重点工作 → 袁家军."""
    plain = folded(text)
    if len(plain) > 60:
        return []
    found: list[str] = []
    for pattern in (_LEADER, _LEADER_BEFORE, _LEADER_BARE):
        for match in pattern.finditer(plain):
            name = _trimmed_name(match.group("name"))
            if name and name not in found:
                found.append(name)
        if found:
            return found
    return found


def _trimmed_name(name: str) -> str | None:
    for start in range(len(name)):
        rest = name[start:]
        if rest[:2] in COMPOUND_SURNAMES and len(rest) in (3, 4):
            return rest
        if looks_like_person(rest) and rest[0] in SURNAMES and len(rest) <= 3:
            return rest
    return None


def _from_above(
    entries: list[_Entry], index: int, handed_down: dict[int, tuple[Duty, int]]
) -> dict[str, tuple[str, int]]:
    result: dict[str, tuple[str, int]] = {}
    parent = entries[index].parent
    while parent is not None:
        duty, line = handed_down.get(parent, ({}, 0))
        for name, text in duty.items():
            result.setdefault(name, (text, line))
        parent = entries[parent].parent
    return result


def _wanted(
    entries: list[_Entry], children: dict[int | None, list[int]], handed_down: dict[int, tuple[Duty, int]]
) -> set[int]:
    """The entries that are matters: those with a duty, and those that stand among them without one."""
    wanted: set[int] = set()
    for index, entry in enumerate(entries):
        below = children.get(index, [])
        if not any(part.duty and _names_somebody(part.duty) for part in entry.parts):
            continue
        lower_duty = any(_any_duty(entries, children, child) for child in below)
        if _is_whole_task(entry) or not below or (index not in handed_down and not lower_duty):
            wanted.add(index)
    for index, (duty, _) in handed_down.items():
        if duty and (words.LEAD in duty or words.SUPPORT in duty):
            for child in children.get(index, []):
                if not children.get(child) and entries[child].text:
                    wanted.add(child)
    by_parent = {entries[index].parent for index in wanted}
    levels = {entries[index].level for index in wanted}
    for parent in by_parent:
        siblings = children.get(parent, [])
        with_duty = [index for index in siblings if index in wanted]
        for index in siblings:
            entry = entries[index]
            if index in wanted or entry.level not in levels or children.get(index) or not entry.text:
                continue
            among = index > with_duty[0] or index < with_duty[-1]
            if among and len(with_duty) * 2 >= len(siblings) - 1:
                wanted.add(index)
    return wanted


def _any_duty(entries: list[_Entry], children: dict[int | None, list[int]], index: int) -> bool:
    return entries[index].has_duty or any(_any_duty(entries, children, child) for child in children.get(index, []))


def _entry_drafts(
    entries: list[_Entry], entry: _Entry, inherited: dict[str, tuple[str, int]], run: int, unnumbered: set[int]
) -> list[Draft]:
    parts = [part for part in entry.parts if part.duty and _names_somebody(part.duty)]
    for part in entry.parts:
        if part.duty and not _names_somebody(part.duty) and parts:
            parts[-1].duty = statements.merged(parts[-1].duty or {}, part.duty)
    if not parts:
        whole = _Part(entry.text, sorted(set(entry.lines)), entry.page)
        parts = [whole]
    serial = entry.serial
    parent = entries[entry.parent] if entry.parent is not None else None
    if entry.level == 6 and parent is not None and parent.level in (4, 5):
        serial = f"{parent.serial}{serial if serial.startswith(('(', '（')) else f'({serial})'}"
    elif entry.level == 7 and parent is not None and parent.level in (4, 5, 6):
        serial = f"{parent.serial}{serial}"
    if entry.own_line and entry.level in unnumbered:
        serial = ""
    drafts: list[Draft] = []
    for number, part in enumerate(parts):
        if not part.text and entry.heading and number == 0:
            part.text = entry.heading
        if not part.text and not drafts:
            continue
        if not part.text:
            _extend(drafts[-1], part)
            continue
        draft = _draft(entry, part, serial or None, inherited, run)
        draft.section = _section(entries, entry)
        draft.shares_serial = number > 0
        if not serial:
            draft.section = tidied(f"{entry.mark}{entry.heading}")
        elif entry.heading and entry.own_line and part.text != entry.heading:
            draft.title = tidied(entry.heading)
        if number == 0 and serial:
            draft.line = entry.line
            if entry.line not in draft.lines:
                draft.lines.insert(0, entry.line)
        drafts.append(draft)
    return drafts


def _extend(draft: Draft, part: _Part) -> None:
    for name, text in statements.settled(part.duty or {}).items():
        old = draft.cells.get(name)
        raw = f"{old.raw}、{text}" if old and old.raw else text
        draft.cells[name] = CellSource("read", part.duty_line, raw)
    draft.lines.extend(line for line in part.lines if line not in draft.lines)


def _section(entries: list[_Entry], entry: _Entry) -> str | None:
    if entry.parent is None:
        return None
    parent = entries[entry.parent]
    heading = _heading_text(parent)
    return tidied(f"{parent.mark}{heading}") if heading or parent.mark else None


def _draft(entry: _Entry, part: _Part, serial: str | None, inherited: dict[str, tuple[str, int]], run: int) -> Draft:
    text = re.sub(r"^[，,、；;。]+", "", tidied(part.text))
    line = part.lines[0] if part.lines else entry.line
    draft = Draft(serial, text, line, part.page, run=run, lines=list(part.lines))
    draft.cells["text"] = CellSource("read", line, text)
    own = statements.settled(part.duty or {})
    for name, raw in own.items():
        if name == words.OTHER:
            draft.other["其他"] = raw
        else:
            draft.cells[name] = CellSource("read", part.duty_line, raw)
    for name, (raw, from_line) in inherited.items():
        fills = name in (words.OVERSEERS, words.DEADLINE, words.PERSONS) or not _names_somebody(own)
        if name not in draft.cells and fills and name != words.OTHER:
            draft.cells[name] = CellSource("inferred", from_line, raw)
    return draft


def _roles(entries: list[_Entry], drafts: list[Draft], roles: dict[int, str]) -> list[tuple[int, str]]:
    used = {line for draft in drafts for line in draft.lines}
    sections = {key(draft.section) for draft in drafts if draft.section}
    headings: list[tuple[int, str]] = []
    for line in used:
        roles[line] = "matter"
    parents = {entry.parent for entry in entries}
    for index, entry in enumerate(entries):
        text = tidied(f"{entry.mark}{_heading_text(entry)}")
        if index in parents:
            for line in entry.lines:
                if line not in used and line != entry.line:
                    roles.setdefault(line, "body")
        if entry.line not in used and (key(text) in sections or len(text) <= 40):
            headings.append((entry.line, text))
            roles.setdefault(entry.line, "heading")
    return headings


def is_after_list(text: str) -> bool:
    """This function will tell whether a paragraph begins what follows a list (附件、抄送、注)."""
    return bool(_AFTER_LIST.match(folded(text)))
