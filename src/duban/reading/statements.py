"""Who is responsible, said in running text: （牵头单位：…；责任单位：…）, （X牵头，Y配合）, label lines."""

from __future__ import annotations

import re
from functools import lru_cache

from duban.reading import words
from duban.reading.characters import folded, key, narrowed, restored
from duban.reading.names import is_group, looks_like_person, looks_like_unit, surely_unit, units

Duty = dict[str, str]
"""Field → the characters that stand for it; names are split later."""

_VERB = re.compile(
    r"(?P<verb>牵头(?:负责|落实|督导|督办|组织(?:实施|协调)?|推进|实施|协调|抓总|承办|会同)?|总牵头"
    r"|(?:按|按照|根据|依据|依)(?:各自)?(?:的)?(?:工作)?(?:部门)?(?:职责|职能|职责任务|任务|权限)(?:和?分工|任务|权限|划分)?(?:和.{2,6})?(?:分别|具体|各自|共同|协同)?(?:做好|抓好|负责|落实|承担|推进|组织|配合|参与)*(?:相关工作|有关工作|工作|落实|实施|负责)*"
    r"|(?:分别|分工|具体|共同|联合|各自|组织|统筹|全面|主要)(?:负责|落实|实施|承担|推进)(?:落实|实施)?|负责(?:落实|实施|具体实施|组织实施|推进)?|组织落实|抓好落实|落实|承办|主办|实施"
    r"|(?:积极|密切|协同|共同)?(?:配合|参与|参加|协助|协办|协同|协作|支持)(?:落实|实施|负责|做好|推进)?(?:工作)?)"
    r"(?=[,;、。]|\s|$|\))"
)
_SUPPORTING = re.compile(r"配合|参与|参加|协助|协办|协同|协作|支持")
_LEADING = re.compile(r"牵头|主办|承办")
_DATE = re.compile(r"(?:20\d\d年|\d{1,2}月|年底|季度|长期|全年|持续|年内|上半年|下半年|每年|适时|常态化)")
_REMARK = re.compile(r"以下|其余|其他各项|下同|上述|不再|列(?:在)?第一|排名?第一|具体(?:分工|任务)")
_JOINT = re.compile(r"会同|商")


def _unwrapped(text: str) -> str:
    """Take off the brackets around a whole statement, not those of its last name."""
    text = text.strip(" 。;")
    while len(text) > 1 and text[0] in "([" and brackets_in(text)[:1] == [(0, len(text))]:
        text = text[1:-1].strip(" 。;")
    return text.lstrip("([") if text.count("(") + text.count("[") > text.count(")") + text.count("]") else text


@lru_cache(maxsize=8192)
def parse_items(content: str, bare_names: bool = False) -> tuple[tuple[str, str], ...] | None:
    """This function will read one statement of responsibility; None when the words are something else.

    content: what stands in the brackets or behind the item.   bare_names: take a plain list of units too.
    """
    text = _unwrapped(folded(content))
    if not text or len(text) > 600:
        return None
    if words.labels_in(text):
        duty = _labelled(text)
    elif _VERB.search(_masked(text)):
        duty = _by_verbs(text)
    elif bare_names:
        pieces = [name.name for name in units(text)]
        duty = {words.LEAD: text} if pieces and all(map(names_a_body, pieces)) else {}
    else:
        return None
    if not duty or not _believable(duty):
        return None
    return tuple(duty.items())


def parse(content: str, *, bare_names: bool = False) -> Duty | None:
    """This function will read one statement of responsibility as a fresh mapping; see `parse_items`."""
    items = parse_items(content, bare_names)
    if items is None:
        return None
    if folded(content) == narrowed(content):
        return dict(items)
    return {field: "、".join(restored(piece, content) for piece in text.split("、")) for field, text in items}


def settled(duty: Duty) -> Duty:
    """This function will decide what 责任单位 means: lead when nobody leads, else support."""
    result = {name: text for name, text in duty.items() if name not in (words.RESPONSIBLE, words.IMPLEMENTING)}
    order = list(duty)
    for name in (words.RESPONSIBLE, words.IMPLEMENTING):
        if name not in duty:
            continue
        field = words.SUPPORT if words.LEAD in result else words.LEAD
        if field not in result:
            result[field] = duty[name]
        elif field in duty and order.index(name) > order.index(field):
            result[field] = f"{result[field]}、{duty[name]}"
        else:
            result[field] = f"{duty[name]}、{result[field]}"
    return result


def merged(first: Duty, second: Duty) -> Duty:
    """This function will put two statements of one matter together."""
    result = dict(first)
    for field, text in second.items():
        result[field] = f"{result[field]}、{text}" if field in result else text
    return result


def _labelled(text: str) -> Duty:
    duty: Duty = {}
    labels = words.labels_in(text)
    if labels[0][0] > 0:
        before = text[: labels[0][0]].strip(" ,;、。")
        if before:
            duty = _by_verbs(before)
    for place, (_, start, field) in enumerate(labels):
        end = labels[place + 1][0] if place + 1 < len(labels) else len(text)
        for part in _parts(text[start:end], field):
            found: Duty
            if field in (words.LEAD, words.RESPONSIBLE, words.SUPPORT) and _VERB.search(_masked(part)):
                found = _by_verbs(part, field)
            elif field == words.DEADLINE or not _is_deadline_part(part):
                found = {field: part}
            else:
                found = {words.DEADLINE: part}
            duty = merged(duty, found)
    return {field: value for field, value in duty.items() if value.strip(" ,;、。")}


def _sentences(text: str) -> list[str]:
    parts = [part.strip(" ,;、。") for part in re.split(r"[;。]", text)]
    return [part for part in parts if part and not _REMARK.match(part)]


def _parts(text: str, field: str) -> list[str]:
    """The sentences behind a label; a date at the end of a list of units is a part of its own."""
    result: list[str] = []
    for part in _sentences(text):
        head, comma, tail = part.rpartition(",")
        if comma and field in (words.LEAD, words.RESPONSIBLE, words.SUPPORT) and _is_deadline_part(tail):
            result.extend((head, tail))
        else:
            result.append(part)
    return result


def _is_deadline_part(part: str) -> bool:
    return bool(_DATE.search(part)) and len(part) <= 24 and not any(looks_like_unit(p) for p in re.split("[、,]", part))


def _by_verbs(text: str, default: str = words.RESPONSIBLE) -> Duty:
    """X牵头，Y、Z配合 → lead X, support Y, Z; X、Y按职责分工负责 → all responsible."""
    duty: Duty = {}
    for part in _sentences(text):
        start = 0
        for match in _VERB.finditer(_masked(part)):
            piece = part[start : match.start()].strip(" ,、:")
            start = match.end()
            piece = re.sub(r"^(?:由|请|以|其中)", "", piece)
            if not piece:
                continue
            if _is_deadline_part(part[match.start() - len(piece) : match.end()].strip(" ,、")) and not _named(piece):
                duty = merged(duty, {words.DEADLINE: part[match.start() - len(piece) : match.end()].strip(" ,、")})
                continue
            verb = match.group("verb")
            field = default
            if (_SUPPORTING.search(verb) and not re.search("按|依|负责$", verb)) or (
                _SUPPORTING.search(verb) and "配合" in verb and not re.search("按|依", verb)
            ):
                field = words.SUPPORT
            elif _LEADING.search(verb):
                field = words.LEAD
            lead, joint = _joint(piece)
            duty = merged(duty, {words.LEAD: lead, words.SUPPORT: joint} if joint else {field: piece})
        rest = re.sub(r"^(?:由|请)", "", part[start:].strip(" ,、:"))
        if rest and _is_deadline_part(rest):
            duty = merged(duty, {words.DEADLINE: rest})
        elif rest and (start == 0 or all(looks_like_unit(p) for p in re.split("[、,]", rest))):
            duty = merged(duty, {default: rest})
    return duty


def _masked(text: str) -> str:
    """The text with what stands in brackets blanked out, every place kept."""
    return re.sub(r"\([^()]*\)", lambda match: "(" + "＿" * (len(match.group()) - 2) + ")", text)


def _named(text: str) -> bool:
    return any(looks_like_unit(piece) for piece in re.split("[、,]", text))


def _joint(piece: str) -> tuple[str, str]:
    for match in _JOINT.finditer(piece):
        left, right = piece[: match.start()].strip(" ,、"), piece[match.end() :].strip(" ,、")
        if surely_unit(re.split("[、,]", left)[-1]) and match.group() == "会同" and right:
            return left, right
    return piece, ""


def _believable(duty: Duty) -> bool:
    """At least half of the names are names, and there is somebody or a date."""
    good = bad = 0
    for field, text in duty.items():
        if field in (words.DEADLINE, words.OTHER):
            good += 1
            continue
        person = field in (words.PERSONS, words.OVERSEERS)
        for piece in re.split(r"[、,;\s]+", key_keeping_blanks(text)):
            if not piece:
                continue
            fine = looks_like_unit(piece) or len(piece) <= 3 or (person and len(piece) <= 12)
            if looks_like_person(piece) or fine or re.match(r"各|有关|相关", piece):
                good += 1
            else:
                bad += 1
    return good > 0 and good >= bad


def key_keeping_blanks(text: str) -> str:
    """This function will fold `text` and make every white space one blank."""
    return re.sub(r"\s+", " ", folded(text)).strip()


def brackets_in(text: str) -> list[tuple[int, int]]:
    """This function will find the outermost brackets of folded text: place of the opening, behind the closing."""
    found: list[tuple[int, int]] = []
    depth = 0
    start = 0
    opening: list[str] = []
    for index, char in enumerate(text):
        if char in "([":
            if depth == 0:
                start = index
            depth += 1
            opening.append(char)
        elif char in ")]" and depth:
            depth -= 1
            opening.pop()
            if depth == 0:
                found.append((start, index + 1))
    if depth and found and start > found[-1][1]:
        return found
    return found


def names_a_body(name: str) -> bool:
    """This function will tell whether a name is surely a unit, or a group of units (有关市属企业)."""
    return surely_unit(name) or (is_group(name) and looks_like_unit(name))


def contains_label(text: str) -> bool:
    """This function will tell whether text has a label of a field such as 牵头单位：."""
    return bool(words.labels_in(key(text)))
