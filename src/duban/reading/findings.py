"""What a person must look at, each with its evidence and, where possible, one suggestion to accept."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from duban.reading import words
from duban.reading.characters import folded, key
from duban.reading.linking import Learned, Linked
from duban.reading.names import is_group, is_open_group
from duban.reading.result import CELL_FIELDS, Finding, Matter, Name, Notice

ERROR, WARNING, NOTICE = "error", "warning", "notice"
FIELD_WORDS = {
    "text": "任务内容",
    "lead_units": "牵头（责任）单位",
    "persons": "责任人",
    "support_units": "协办（配合）单位",
    "overseers": "责任领导",
    "deadline": "完成时限",
}
_ORDER = {ERROR: 0, WARNING: 1, NOTICE: 2}

# What a text is about → how the unit that usually does it is called. Only to doubt an inherited cell.
_TOPICS: tuple[tuple[str, str, str], ...] = (
    (
        "安全生产与应急",
        r"安全生产|安全隐患|事故|隐患|应急|消防|安全专家|安全员|城市风险|防灾|减灾|实战演练",
        r"应急|安监|消防|安委|安全",
    ),
    ("教育", r"学校|教育|教师|学生|幼儿园|招生|学位|校园|校聘|中小学|课业", r"教育|教体|教科|学校"),
    ("卫生健康", r"医院|医疗|卫生院|诊疗|疾病|慢性病|中医|乡村医生|就医|妇幼保健", r"卫健|卫生|医|疾控|健康"),
    ("民政", r"低保|养老|特困|救急难|孤儿|殡葬|儿童福利", r"民政|残联|老龄"),
    ("就业与人才", r"就业|社保|人才引进|人才市场|各类人才|劳动关系|创业担保", r"人社|人力资源|人才|组织部|就业"),
    ("住房", r"棚户区|老旧小区|保障性住房|安居工程|房地产|物业管理|危房", r"住建|住房|房|城建|城投"),
    ("交通", r"公路|高速|公交|客运|枢纽站|路网", r"交通|公路|城管|运输|公交|住建"),
    ("农业农村", r"农业|农村|农民|种植|养殖|高标准农田|粮食安全", r"农|林|粮|乡|镇|发改|海洋"),
    ("水利", r"水库|河长|防洪|灌区|河湖|水源地", r"水|农|环"),
    ("生态环境", r"污染|大气|空气质量|减排|排污|扬尘", r"环|住建|城管"),
    ("文化旅游体育", r"旅游|文化|文物|体育|健身|博物馆|图书馆|景区|运动会", r"文|旅|体|广|宣传"),
    ("商务", r"招商|外贸|电商|消费券|商圈|通关", r"商|招|口岸|海关|投资促进"),
    ("工业", r"规模以上工业|技改|制造业|工业企业|上云", r"工信|经信|工业|科工|经发|发改"),
    ("科技", r"科技|研发|高新技术企业|实验室", r"科技|科|工信|高新"),
    ("自然资源", r"国土空间规划|土地征收|闲置土地|不动产|矿山|总规|控规", r"自然资源|规划|国土|资规"),
    ("财税金融", r"减税|融资|贷款|金融|非法集资|债务", r"财政|金融|税|银|国资"),
    ("社会治安", r"治安|扫黑|禁毒|肃毒|打击", r"公安|政法|司法"),
    ("城市管理", r"市容|垃圾|园林绿化|路灯|违建", r"城管|城市管理|执法|住建|环卫"),
    ("法治", r"普法|法治|人民调解|社区矫正", r"司法|政法|法"),
)
_TOPIC_RES = tuple((name, re.compile(text), re.compile(unit)) for name, text, unit in _TOPICS)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A matter with what is needed to judge it; run: list of serials it belongs to."""

    matter: Matter
    linked: Linked
    run: int
    shares_serial: bool
    inherited_from: int | None
    """Index of the matter its inherited cells come from."""
    columns: frozenset[str] = frozenset(CELL_FIELDS)
    """The fields its table has a column for."""


def collect(items: Sequence[Numbered], notice: Notice, learned: Learned) -> list[Finding]:
    """This function will return what a person must look at among the matters, weightiest first."""
    found: list[Finding] = []
    found.extend(_serials(items, notice))
    found.extend(_persons(items, learned))
    found.extend(_inherited(items))
    found.extend(_merged_columns(items))
    found.extend(_blanks(items, learned))
    found.extend(_groups(items))
    found.extend(_misprints(items))
    found.extend(_unfinished(items))
    return in_order(found)


def in_order(found: Sequence[Finding]) -> list[Finding]:
    """This function will order findings by weight, then by where they stand."""
    return sorted(found, key=lambda one: (_ORDER[one.severity], one.kind == "unresolved_group", one.line or 0))


def ranges(numbers: Sequence[int]) -> str:
    """This function will write numbers in words: 1, 2, 3, 7 → 1–3、7."""
    parts: list[str] = []
    start = previous = None
    for number in [*sorted(set(numbers)), None]:
        if previous is not None and number == previous + 1:
            previous = number
            continue
        if start is not None:
            parts.append(str(start) if start == previous else f"{start}–{previous}")
        start = previous = number
    return "、".join(parts)


# --- serials

_CHINESE = {char: number for number, char in enumerate("一二三四五六七八九", start=1)}


def serial_number(serial: str | None) -> tuple[str, int] | None:
    """This function will take a serial apart: what stands before its last number, and the number."""
    match = re.fullmatch(r"(.*?)[(]?(\d{1,6}|[一二三四五六七八九十]{1,3})[)]?[、.项条]*", folded(serial or "").strip())
    if not match:
        return None
    word = match.group(2)
    before = f"{match.group(1)}{'(' if '(' in folded(serial or '') else ''}{'' if word.isdigit() else '一'}"
    if word.isdigit():
        return before, int(word)
    tens, ten, ones = word.rpartition("十")
    if not ten:
        return before, _CHINESE.get(word[-1], 0)
    return before, (_CHINESE.get(tens, 1) if tens else 1) * 10 + (_CHINESE.get(ones, 0) if ones else 0)


def _lists(items: Sequence[Numbered]) -> list[list[tuple[int, Numbered]]]:
    """The numbered lists of a document: each way of numbering is one, and numbers begin again at 1."""
    lists: list[list[tuple[int, Numbered]]] = []
    open_lists: dict[str, list[tuple[int, Numbered]]] = {}
    for item in items:
        taken = serial_number(item.matter.serial)
        if taken is None or item.shares_serial:
            continue
        style, number = taken
        current = open_lists.get(style)
        if current is not None:
            previous, last = current[-1]
            again = (number == 1 and previous > 1) or (last.run != item.run and number <= previous)
            if again or ("一" in style and number <= previous and last.matter.section != item.matter.section):
                current = None
        if current is None:
            current = open_lists[style] = []
            lists.append(current)
        current.append((number, item))
    return lists


def _serials(items: Sequence[Numbered], notice: Notice) -> list[Finding]:
    found: list[Finding] = []
    lists = _lists(items)
    # 1①, 1(2): the number itself stands only in front of its parts.
    parted = {
        int(match.group(1))
        for item in items
        if (match := re.match(r"(\d{1,4})\s*[(①-⑳]", folded(item.matter.serial or "")))
    }
    declared = notice.declared_items
    whole = len(lists) == 1
    for numbers in lists:
        have = Counter(number for number, _ in numbers)
        low, high = min(have), max(have)
        top = declared if declared and whole and high <= declared <= max(3 * high, high + 400) else high
        low = 1 if low <= 40 or (declared and whole) else low
        whole_numbers = (
            have.keys() | parted if numbers[0][1].matter.serial and _is_plain(numbers[0][1]) else have.keys()
        )
        missing = [number for number in range(low, min(top, low + 20000) + 1) if number not in whole_numbers]
        if missing and len(missing) <= max(60, 4 * len(have)):
            section = numbers[0][1].matter.section if not whole else None
            where = f"（{section}）" if section else ""
            total = f"通知写明共 {declared} 项，" if top == declared and declared else ""
            found.append(
                Finding(
                    "missing_serials",
                    tuple(str(number) for number in missing),
                    WARNING,
                    f"{total}读到 {len(have)} 项{where}，缺第 {ranges(missing)} 项，共 {len(missing)} 项。",
                    f"读到的序号：{ranges(list(have))}。" + (_declared_sentence(notice) if total else ""),
                    {"field": "serial", "action": "enter", "value": [str(number) for number in missing]},
                    "serial",
                    numbers[0][1].matter.line,
                )
            )
        for number, times in have.items():
            if times > 1:
                same = [item for n, item in numbers if n == number]
                lines = [item.matter.line for item in same if item.matter.line]
                found.append(
                    Finding(
                        "duplicate_serials",
                        (same[0].matter.serial or str(number),),
                        WARNING,
                        f"序号 {same[0].matter.serial} 出现了 {times} 次（第 {'、'.join(map(str, lines))} 行）。",
                        "；".join(f"第{item.matter.line}行：{item.matter.text[:24]}" for item in same[:4]),
                        None,
                        "serial",
                        lines[0] if lines else None,
                    )
                )
    if declared and not whole and len(items) != declared:
        found.append(
            Finding(
                "count_differs",
                (),
                WARNING,
                f"通知写明共 {declared} 项，读到 {len(items)} 项。",
                _declared_sentence(notice) or None,
            )
        )
    return found


def _is_plain(item: Numbered) -> bool:
    taken = serial_number(item.matter.serial)
    return taken is not None and not taken[0]


def _declared_sentence(notice: Notice) -> str:
    clause = next((c for c in notice.clauses if c.key == "declared_items"), None)
    return f"原文：“{clause.sentence[:80]}”" if clause else ""


# --- persons and units


def _serial(item: Numbered) -> tuple[str, ...]:
    return (item.matter.serial,) if item.matter.serial else ()


def _called(item: Numbered) -> str:
    return f"第 {item.matter.serial} 项" if item.matter.serial else f"第 {item.matter.line} 行"


def _add(field: str, names: Sequence[Name], action: str = "add") -> dict[str, Any]:
    values = [name.as_json() for name in names]
    return {"field": field, "action": action, "value": values[0] if action == "add" else values}


def _seen_in(items: Sequence[Numbered], person: str, unit: str) -> list[str]:
    return [
        item.matter.serial or f"{item.matter.line}行"
        for item in items
        if not item.matter.inherited
        and len(item.matter.lead_units) == len(item.matter.persons)
        and any(link.person == person and link.unit == unit for link in item.linked.links)
    ]


def _persons(items: Sequence[Numbered], learned: Learned) -> list[Finding]:
    found: list[Finding] = []
    for item in items:
        matter = item.matter
        if matter.inherited or not matter.persons or not matter.lead_units:
            continue
        for person, unit, times in item.linked.strangers:
            rows = _seen_in(items, person, unit)
            found.append(
                Finding(
                    "person_without_unit",
                    _serial(item),
                    WARNING,
                    f"{_called(item)}有责任人{person}，却没有他的单位；"
                    f"其他 {times} 项里{person}都对应{unit}，可能漏了“{unit}”。",
                    f"{person}—{unit}：第 {'、'.join(rows[:14])} 项。"
                    f"本项单位：{_listed(matter.lead_units)}；责任人：{_listed(matter.persons)}。",
                    _add("lead_units", [Name(unit)]),
                    "lead_units",
                    matter.line,
                )
            )
        for person, unit, times in item.linked.swapped:
            found.append(
                Finding(
                    "order_differs",
                    _serial(item),
                    NOTICE,
                    f"{_called(item)}按次序{person}对不上{unit}，而其他 {times} 项里{person}对应{unit}，请核对次序。",
                    f"单位：{_listed(matter.lead_units)}；责任人：{_listed(matter.persons)}。",
                    None,
                    "persons",
                    matter.line,
                )
            )
        plain_units = [unit for unit in matter.lead_units if not is_group(unit.name)]
        uneven = len(matter.persons) not in (len(plain_units), len(matter.lead_units))
        if (
            uneven
            and not item.linked.strangers
            and not all(link.basis == "printed" for link in item.linked.links or ())
        ) or (uneven and not item.linked.strangers and not item.linked.links):
            found.append(_unequal(item, learned))
    return found


def _unequal(item: Numbered, learned: Learned) -> Finding:
    matter = item.matter
    without = list(item.linked.unmatched)
    linked = {link.person for link in item.linked.links}
    left = [person.name for person in matter.persons if person.name not in linked]
    parts = []
    if without:
        parts.append(f"没有对上责任人的单位：{'、'.join(without)}")
    if left:
        parts.append(f"没有对上单位的责任人：{'、'.join(left)}")
    known = [f"{link.person}—{link.unit}" for link in item.linked.links]
    if known:
        parts.append(f"已对上：{'、'.join(known)}")
    suggestion: dict[str, Any] | None = None
    if len(without) == 1 and not left:
        holders = learned.unit_person.get(without[0])
        if holders:
            suggestion = _add("persons", [Name(holders.most_common(1)[0][0])])
    return Finding(
        "unequal_counts",
        _serial(item),
        WARNING,
        f"{_called(item)}有 {len(matter.lead_units)} 个单位、{len(matter.persons)} 名责任人，人数对不上。",
        "；".join(parts) + "。" if parts else None,
        suggestion,
        "persons",
        matter.line,
    )


def _listed(names: Sequence[Name]) -> str:
    return "、".join(name.display for name in names) or "（空）"


# --- inherited and blank cells


def topics_of(text: str) -> set[str]:
    """This function will tell what a text is about, by general words of the field."""
    return {name for name, pattern, _ in _TOPIC_RES if pattern.search(text)}


def _doubt(item: Numbered, source: Matter) -> str | None:
    """The topic an inherited row has that neither its source row nor its inherited units have."""
    mine = topics_of(item.matter.text)
    if not mine or mine & topics_of(source.text):
        return None
    leads = " ".join(unit.display for unit in item.matter.lead_units)
    for name, _, unit in _TOPIC_RES:
        if name in mine and unit.search(leads):
            return None
    return next(name for name, _, _ in _TOPIC_RES if name in mine)


def _inherited(items: Sequence[Numbered]) -> list[Finding]:
    blocks: list[tuple[int, str | None, list[Numbered]]] = []
    for item in items:
        if item.inherited_from is None:
            continue
        source = items[item.inherited_from].matter
        doubt = _doubt(item, source)
        if blocks and blocks[-1][0] == item.inherited_from and blocks[-1][1] == doubt:
            blocks[-1][2].append(item)
        else:
            blocks.append((item.inherited_from, doubt, [item]))
    units = {
        unit.name
        for item in items
        for unit in (*item.matter.lead_units, *item.matter.support_units)
        if not is_group(unit.name)
    }
    return [_inherited_block(items[index].matter, doubt, block, units) for index, doubt, block in blocks]


def _merged_columns(items: Sequence[Numbered]) -> list[Finding]:
    """Leaders and dates taken from above although the row has units of its own: one finding a column."""
    found: list[Finding] = []
    for name in ("overseers", "deadline"):
        rows = [
            item
            for item in items
            if not item.matter.inherited and name in item.matter.cells and item.matter.cells[name].basis == "inherited"
        ]
        if not rows:
            continue
        called = "、".join(item.matter.serial or f"{item.matter.line}行" for item in rows[:30])
        found.append(
            Finding(
                "inherited_cells",
                tuple(item.matter.serial or "" for item in rows),
                NOTICE,
                f"第 {called} 项的{FIELD_WORDS[name]}是空的，按合并单元格取自上面。请确认。",
                f"本栏 {len(items)} 项中有 {len(rows)} 项空着，首项不空，当作纵向合并。",
                {"field": name, "action": "confirm", "value": None},
                name,
                rows[0].matter.line,
            )
        )
    return found


def _inherited_block(source: Matter, doubt: str | None, block: list[Numbered], units: set[str]) -> Finding:
    serials = tuple(item.matter.serial or "" for item in block)
    numbers = [taken[1] for serial in serials if (taken := serial_number(serial))]
    called = (
        f"第 {ranges(numbers)} 项" if len(numbers) == len(block) else f"第 {block[0].matter.line} 行起 {len(block)} 项"
    )
    first = block[0].matter
    value = {name: [n.as_json() for n in names] for name, names in _named_fields(first)}
    if doubt is None:
        return Finding(
            "inherited_cells",
            serials,
            NOTICE,
            f"{called}的责任栏是空的，按合并单元格取自第 {source.serial or source.line} 项："
            f"{_listed(source.lead_units)}。请确认。",
            f"第 {source.serial or source.line} 项：“{source.text[:40]}”",
            {"field": "lead_units", "action": "confirm", "value": value},
            "lead_units",
            first.line,
        )
    pattern = next(unit for name, _, unit in _TOPIC_RES if name == doubt)
    candidates = sorted(unit for unit in units if pattern.search(unit))
    hint = f"全文中管这类事的有：{'、'.join(candidates[:4])}。" if candidates else ""
    return Finding(
        "inherited_cells",
        serials,
        WARNING,
        f"{called}的责任栏是空的，按合并单元格会取自第 {source.serial or source.line} 项"
        f"（{_listed(source.lead_units)}），但内容是{doubt}，与该项不同，多半不归它。请逐项核对。",
        f"第 {source.serial or source.line} 项：“{source.text[:40]}”；{_called(block[0])}：“{first.text[:40]}”。{hint}",
        {
            "field": "lead_units",
            "action": "choose",
            "value": {"inherited": value, "candidates": [Name(u).as_json() for u in candidates]},
        },
        "lead_units",
        first.line,
    )


def _named_fields(matter: Matter) -> list[tuple[str, tuple[Name, ...]]]:
    return [
        ("lead_units", matter.lead_units),
        ("persons", matter.persons),
        ("support_units", matter.support_units),
        ("overseers", matter.overseers),
    ]


def _blanks(items: Sequence[Numbered], learned: Learned) -> list[Finding]:
    found: list[Finding] = []
    # A table has a column for every row; what paragraphs say is only missed where nearly all of them say it.
    holders: dict[tuple[bool, str], int] = defaultdict(int)
    filled: dict[tuple[bool, str], int] = defaultdict(int)
    for item in items:
        for name in item.columns & item.matter.cells.keys():
            holders[item.run < 0, name] += 1
            filled[item.run < 0, name] += item.matter.cells[name].basis != "blank"
    for item in items:
        matter = item.matter
        for name in ("text", "lead_units", "persons", "overseers", "deadline"):
            if matter.cells[name].basis != "blank" or name not in item.columns:
                continue
            count, have = holders[item.run < 0, name], filled[item.run < 0, name]
            if name == "lead_units" and (matter.overseers or matter.persons) and not have:
                continue
            share = 8 if item.run < 0 else 5
            expected = name in ("text", "lead_units") or (have * 10 > share * count and count > 1)
            if not expected or (
                name == "persons" and matter.lead_units and all(is_group(u.name) for u in matter.lead_units)
            ):
                continue
            suggestion, why = _fill(name, matter, learned)
            severity = ERROR if name == "text" else WARNING
            found.append(
                Finding(
                    "blank_cell",
                    _serial(item),
                    severity,
                    f"{_called(item)}没有{FIELD_WORDS[name]}。" + (f"建议：{why[0]}。" if why else ""),
                    why[1] if why else f"“{matter.text[:40]}”",
                    suggestion,
                    name,
                    matter.line,
                )
            )
    return found


def _fill(name: str, matter: Matter, learned: Learned) -> tuple[Mapping[str, Any] | None, tuple[str, str] | None]:
    if name == "overseers":
        known = [(unit.name, found) for unit in matter.lead_units if (found := learned.overseer_of(unit.name))]
        if known:
            leaders = list(dict.fromkeys(found[0] for _, found in known))
            evidence = "；".join(f"{unit}在其他项里由{found[0]}分管（依据 {found[1]} 处）" for unit, found in known)
            return _add("overseers", [Name(leader) for leader in leaders], "set"), ("、".join(leaders), evidence + "。")
    if name == "persons":
        people = [
            holders.most_common(1)[0] for unit in matter.lead_units if (holders := learned.unit_person.get(unit.name))
        ]
        if people:
            names = list(dict.fromkeys(person for person, _ in people))
            return _add("persons", [Name(person) for person in names], "set"), (
                "、".join(names),
                "这些单位在其他项里的责任人。",
            )
    return None, None


# --- groups, look-alikes, the end of the file


def _groups(items: Sequence[Numbered]) -> list[Finding]:
    found: list[Finding] = []
    for item in items:
        for name in ("lead_units", "support_units"):
            for unit in getattr(item.matter, name):
                if is_open_group(unit.name):
                    found.append(
                        Finding(
                            "unresolved_group",
                            _serial(item),
                            NOTICE,
                            f"{_called(item)}的{FIELD_WORDS[name]}写的是“{unit.display}”，要由人指明是哪些。",
                            f"“{item.matter.text[:40]}”",
                            {"field": name, "action": "choose", "value": unit.as_json()},
                            name,
                            item.matter.line,
                        )
                    )
    return found


def _misprints(items: Sequence[Numbered]) -> list[Finding]:
    """A name seen once that differs in one character from a name seen often, in the same column."""
    found: list[Finding] = []
    for name in ("persons", "overseers"):
        rows: dict[str, list[Numbered]] = defaultdict(list)
        for item in items:
            if not item.matter.inherited:
                for person in getattr(item.matter, name):
                    rows[person.name].append(item)
        often: dict[str, set[str]] = defaultdict(set)
        for person, seen in rows.items():
            if len(seen) >= 3 and len(person) >= 3:
                for place in range(len(person)):
                    often[person[:place] + "?" + person[place + 1 :]].add(person)
        for person, seen in rows.items():
            if len(seen) != 1 or len(person) < 3 or len(person) > 4:
                continue
            like = {
                other
                for place in range(len(person))
                for other in often.get(person[:place] + "?" + person[place + 1 :], ())
            }
            for other in sorted(like - {person}):
                if not _same_unit(seen[0], rows[other], name):
                    continue
                found.append(
                    Finding(
                        "possible_misprint",
                        _serial(seen[0]),
                        WARNING,
                        f"{_called(seen[0])}的“{person}”只出现一次，"
                        f"与出现 {len(rows[other])} 次的“{other}”只差一个字，可能是误认。",
                        f"“{other}”见第 {'、'.join(item.matter.serial or '' for item in rows[other][:10])} 项。",
                        {"field": name, "action": "replace", "value": {"from": person, "to": other}},
                        name,
                        seen[0].matter.line,
                    )
                )
    return found


def _same_unit(one: Numbered, others: Sequence[Numbered], name: str) -> bool:
    mine = {unit.name for unit in one.matter.lead_units}
    return any(mine & {unit.name for unit in other.matter.lead_units} for other in others)


def _unfinished(items: Sequence[Numbered]) -> list[Finding]:
    """The last item stops in mid-sentence although the others do not: the file may be cut off."""
    if len(items) < 3:
        return []
    last = items[-1].matter
    ends = sum(key(item.matter.text).endswith(("。", "；", ";", "！")) for item in items[:-1])
    if ends * 10 < 8 * (len(items) - 1) or key(last.text).endswith(("。", "；", ";", "！", "）", ")", "”")):
        return []
    return [
        Finding(
            "unfinished_end",
            _serial(items[-1]),
            WARNING,
            f"最后一项（{_called(items[-1])}）没有写完就断了，文件可能不完整。",
            f"“…{last.text[-40:]}”",
            None,
            words.TEXT,
            last.line,
        )
    ]
