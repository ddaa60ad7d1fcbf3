"""Cells → names: what separates, what pads, what stands in brackets, what ran together."""

from __future__ import annotations

import re
from functools import lru_cache

from duban.reading.characters import folded, is_cjk, key, narrowed, squeezed
from duban.reading.lexicon import COMPOUND_SURNAMES, NOT_NAMES, SURE_SUFFIXES, SURNAMES, UNIT_SUFFIXES
from duban.reading.result import Name

_TITLE_WORDS = (
    r"(?:(?:[省市县区旗州镇乡]|街道|园区|开发区|党工委|管委会|政府|县政府|区政府|市政府)?"
    r"(?:委|政府|人大(?:常委会)?|政协|政法委|纪委|监委|组织|宣传|统战|人武|办公室|党组|党委|党工委|公安局?|总工会)?"
    r"(?:常务副|常委|副)?(?:省长|市长|县长|区长|旗长|州长|镇长|乡长|书记|副书记|常委|部长|主任|主席|局长|院长|检察长|秘书长|政委|校长|"
    r"总经理|董事长|党组成员|党组副书记|调研员|巡视员|县级干部|督学|主任科员|专员|队长|支队长|行长|经理|站长|所长|科长|人选|会长|理事长))"
)
_TITLE = re.compile(_TITLE_WORDS)
_TITLE_END = re.compile(
    r"(?:主任|书记|[省市县区旗州镇乡部局处科院校所站会行队]长|主席|常委|秘书长|经理|董事长|检察长|政委|调研员|巡视员|专员)$"
)
_TITLES_BEFORE = re.compile(rf"^(?:{_TITLE_WORDS}[、,兼 ]*)+")
_TITLES_BEHIND = re.compile(rf"(?:同志|{_TITLE_WORDS}(?:同志)?)$")

_BARE = re.compile(
    r"(?:办事处|管委会|管理委员会|委员会|分局|支局|中心|分中心|公司|分公司|有限公司|集团|指挥部|办公室|指挥部办公室|领导小组|领导小组办公室|人民政府|政府|大队|支队|"
    r"街道办|街道办事处|管理处|管理局|管理办公室|服务中心|联合会|合作社|办|局|处|科|所|站|室|院|社)"
)
_GENERIC_PLACES = re.compile(
    r"(?:[省市县区乡镇村州旗场]|街道|乡镇|街道办(?:事处)?|办事处|开发区|高新区|新区|园区|管委会|管理区|功能区|农场|林场|苏木|社区|居|"
    r"街|经开区|党工委|管理处|办|度假区|景区|风景区|园|集团|企业)"
)
_GROUP_START = re.compile(
    r"(?:各|有关|相关|其他|其它|所有|全[省市县区州旗]|[省市县区州旗]?直(?:属)?(?:各|有关|相关)?(?:部门|单位|机关|企业)|"
    r"[省市县区州旗]级(?:各|有关|相关))"
)
_GROUP_END = r"(?:单位|部门|企业|公司|局|办|委|机关|街道|镇|乡|[)])"
_RUN_TOGETHER = re.compile(
    rf"(?<={_GROUP_END[3:-1].split('|')[0]})(?=各)|(?<=部门)(?=各)|(?<=企业)(?=各)|(?<=公司)(?=各)|(?<=[局办委镇乡)])(?=各(?:有关|相关|县|区|市|镇|乡|街道|村|部门|单位|旗|州))"
    r"|(?<=[^各有相直级\s、](?:局|办|委))(?=(?:有关|相关)(?:单位|部门))"
)
_SINGLE_BODY = re.compile(r"(?:经济|高新)?(?:开发区|高新区|新区|园区|经开区|管委会|管理区|度假区|景区|风景区)")
_ROLE = re.compile(r"(?:牵头|主办|主责|协办|配合|参与|负责|协助|承办|汇总)(?:单位|部门)?")
_AND = re.compile(r"以及|及|会同|和|与")
_REMARK = re.compile(r"下同|列(?:在)?第一|排名?第一|不再列出|按.{0,6}排序|排名不分先后")
_DECORATION = re.compile(r"^[\s:：、,，;；.。*●■◆▲\-—]+|[\s:：、,，;；。*]+$")
_ETC_REST = re.compile(r"(?:(?:单位|部门|企业|地)?(?:按.*)?(?:配合|参与|负责|落实)?)")
_VERB_START = re.compile(
    r"(?:新建|改建|扩建|建设|建成|推进|推动|完成|实施|开展|启动|加快|加强|打造|迁建|改造|继续|深化|落实|做好|确保|争取|组织|全面|积极|大力|"
    r"着力|进一步|开工|支持|引进|培育|提升|优化|完善|强化|创建|举办|健全|制定|探索|持续|聚焦|围绕|坚持|抓好|严格|努力|扎实|稳步|力争|深入|开工建设)"
)


@lru_cache(maxsize=8192)
def looks_like_unit(text: str) -> bool:
    """This function will tell whether a name ends as units, places with a government, and groups do."""
    word = re.sub(r"\([^()]*\)$", "", key(text))
    return 2 <= len(word) <= 30 and not _SENTENCE.search(word) and word.endswith(UNIT_SUFFIXES)


@lru_cache(maxsize=8192)
def surely_unit(text: str) -> bool:
    """This function will tell whether a name can hardly be anything but a unit or a group of units."""
    word = re.sub(r"\([^()]*\)$", "", key(text))
    if not 2 <= len(word) <= 26 or _SENTENCE.search(word) or _VERB_START.match(word):
        return False
    return word.endswith(SURE_SUFFIXES)


_SENTENCE = re.compile(r"[。;,，!?:“”\"]|[0-9]{3,}")


@lru_cache(maxsize=8192)
def looks_like_person(text: str) -> bool:
    """This function will tell whether a word may be a Chinese person's name (padding ignored)."""
    word = re.sub(r"\([^()]*\)$", "", key(text))
    if "·" in word:
        return is_cjk(word.replace("·", "")) and 4 <= len(word) <= 16
    if not is_cjk(word) or word.endswith(
        ("局", "办", "委", "镇", "乡", "街道", "中心", "公司", "单位", "部门", "联", "院", "站")
    ):
        return False
    if word in NOT_NAMES:
        return False
    if word[:2] in COMPOUND_SURNAMES:
        return 3 <= len(word) <= 4
    return 2 <= len(word) <= 3 and word[0] in SURNAMES


@lru_cache(maxsize=16384)
def units(raw: str) -> tuple[Name, ...]:
    """This function will split a cell or a list of units into names, in the order printed."""
    names: list[str] = []
    for segment in _hard_segments(raw):
        for token in _rejoined_units(_soft_tokens(segment)):
            names.extend(_cut_unit(token))
    names = _rejoined_groups(names)
    result = [_as_unit(name) for name in names]
    return _unique(tuple(name for name in result if name is not None))


@lru_cache(maxsize=16384)
def persons(raw: str) -> tuple[Name, ...]:
    """This function will split a cell or a list of persons into names; titles beside a name are left out."""
    names: list[Name] = []
    for segment in _hard_segments(raw):
        for token in _rejoined_persons(_soft_tokens(segment)):
            names.extend(_as_persons(token))
    if any(looks_like_person(name.name) for name in names):
        names = [name for name in names if looks_like_person(name.name) or not _is_title(key(name.name))]
    return _unique(tuple(names))


def _is_title(word: str) -> bool:
    """县委办主任 beside a name is the post, not a person; 各镇镇长 are persons without names."""
    return bool(_TITLE.fullmatch(word)) or (_TITLE_END.search(word) is not None and not re.search("各|有关|相关", word))


def units_and_persons(raw: str) -> tuple[tuple[Name, ...], tuple[Name, ...], tuple[tuple[str, str], ...]]:
    """This function will split a cell that holds both: units, persons, and who stands beside which unit."""
    unit_names: list[Name] = []
    person_names: list[Name] = []
    pairs: list[tuple[str, str]] = []
    for segment in _hard_segments(raw.replace(":", "\n").replace("：", "\n")):
        for token in _units_or_persons(_soft_tokens(segment)):
            base, inside = _bracket_behind(token)
            if looks_like_person(base) and not surely_unit(base):
                found: tuple[Name, ...] = _as_persons(base)
            elif inside and all(looks_like_person(part) for part in re.split(r"[、,，\s]+", inside) if part):
                unit_names.extend(units(base))
                found = persons(inside)
            else:
                unit_names.extend(units(token))
                continue
            for name in found:
                person_names.append(name)
                if unit_names:
                    pairs.append((name.name, unit_names[-1].name))
    return _unique(tuple(unit_names)), _unique(tuple(person_names)), tuple(pairs)


def _units_or_persons(tokens: list[str]) -> list[str]:
    """Put padded words together, but never a person and a unit."""
    result: list[str] = []
    run: list[str] = []
    for token in tokens:
        if looks_like_person(token) and not looks_like_unit(token) and len(token) > 1:
            result.extend([*_rejoined_units(run), token])
            run = []
        else:
            run.append(token)
    return [*result, *_rejoined_units(run)]


def is_bare_suffix(text: str) -> bool:
    """This function will tell whether a word is only the tail of a unit's name (办事处、分局)."""
    return _BARE.fullmatch(key(text)) is not None


def is_group(name: str) -> bool:
    """This function will tell whether a name stands for several units (各镇、区直有关单位)."""
    word = key(name)
    return bool(_GROUP_START.match(word)) or bool(re.search(r"各|有关|相关", word))


def is_open_group(name: str) -> bool:
    """This function will tell whether a person must say which units are meant (相关、有关、其他)."""
    return bool(re.search(r"有关|相关|其他|其它|涉及", key(name)))


def _unique(names: tuple[Name, ...]) -> tuple[Name, ...]:
    return tuple(dict.fromkeys(names))


def _hard_segments(raw: str) -> list[str]:
    """Cut at marks that always separate, outside brackets; brackets inside come out full width later."""
    text = narrowed(raw.replace("\n", " "))
    parts: list[str] = []
    depth = 0
    start = 0
    balanced = text.count("(") == text.count(")")
    for index, char in enumerate(text):
        if char == "(" and balanced:
            depth += 1
        elif char == ")" and balanced:
            depth = max(0, depth - 1)
        elif depth == 0 and char in "、,;/|。":
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    return [part for part in parts if part.strip()]


def _soft_tokens(segment: str) -> list[str]:
    """Cut at blanks outside brackets; a bracket that stands alone goes to the word before it."""
    tokens: list[str] = []
    depth = 0
    word = ""
    for char in segment.strip():
        if char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        if char.isspace() and depth == 0:
            if word:
                tokens.append(word)
            word = ""
        elif not char.isspace():
            word += char
    if word:
        tokens.append(word)
    merged: list[str] = []
    for token in tokens:
        if token.startswith("(") and merged:
            merged[-1] += token
        else:
            merged.append(token)
    return merged


_LONGEST_JOINED = 60


def _rejoined_units(tokens: list[str]) -> list[str]:
    """Put padded names together again; what grows past any name's length is no name and stays apart."""
    result: list[str] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        index += 1
        while index < len(tokens) and len(token) <= _LONGEST_JOINED:
            following = tokens[index]
            bare = _BARE.fullmatch(following) is not None
            if (
                len(token) == 1
                or not looks_like_unit(token)
                or (len(following) == 1 and (bare or following in "联协"))
                or (bare and len(following) > 1 and not following.startswith("街道"))
            ):
                token += following
            else:
                break
            index += 1
        result.append(token)
    return result


def _rejoined_persons(tokens: list[str]) -> list[str]:
    """Put padded names together: 江 岚 吴文辉 → 江岚, 吴文辉; 陆 明俞 悦 → 陆明, 俞悦."""
    result: list[str] = []
    run: list[str] = []
    for token in tokens:
        name = token.split("(")[0]
        if is_cjk(name) and name != token:
            result.extend(_repadded([*run, name])[:-1] if run else [])
            whole = _repadded([*run, name])[-1]
            result.append(whole + token[len(name) :])
            run = []
        elif is_cjk(token) and len(token) <= 4:
            run.append(token)
        else:
            result.extend(_repadded(run))
            run = []
            result.append(token)
    return [*result, *_repadded(run)]


def _repadded(tokens: list[str]) -> list[str]:
    """Cut a run of words into names; blanks are where names end, except beside single characters."""
    if all(len(token) > 1 for token in tokens):
        return tokens
    text = "".join(tokens)
    if len(text) > 60:
        return tokens
    ends: set[int] = set()
    loose: set[int] = set()
    place = 0
    for index, token in enumerate(tokens):
        place += len(token)
        ends.add(place)
        beside = len(token) == 1 or (index + 1 < len(tokens) and len(tokens[index + 1]) == 1)
        if beside:
            loose.add(place)
    best: dict[int, tuple[float, list[str]]] = {0: (0.0, [])}
    for end in range(2, len(text) + 1):
        for size in (2, 3, 4):
            start = end - size
            if start not in best:
                continue
            name = text[start:end]
            cost = best[start][0] + (0.0 if looks_like_person(name) else 3.0) + (1.5 if size == 4 else 0.0)
            cost += 0.0 if end in ends else 1.0
            cost += sum(0.1 if inner in loose else 2.0 for inner in range(start + 1, end) if inner in ends)
            if end not in best or cost < best[end][0]:
                best[end] = (cost, [*best[start][1], name])
    return best[len(text)][1] if len(text) in best else ["".join(tokens)]


def _bracket_behind(token: str) -> tuple[str, str | None]:
    """Split 商务局(口岸办) into 商务局 and 口岸办; brackets inside a name stay."""
    if not token.endswith(")"):
        return token, None
    depth = 0
    for index in range(len(token) - 1, -1, -1):
        if token[index] == ")":
            depth += 1
        elif token[index] == "(":
            depth -= 1
            if depth == 0:
                return (token[:index], token[index + 1 : -1]) if index else (token, None)
    return token, None


def _cut_unit(token: str) -> list[str]:
    """Cut one token that holds several units: run together, 及/和 between whole units, 等 + a group."""
    token = _DECORATION.sub("", token)
    if not token:
        return []
    etc = re.match(r"^(.+?)等(.*)$", token)
    if etc and (looks_like_unit(etc.group(1)) or not etc.group(2)) and not token.startswith("等"):
        rest = re.sub(r"^\d+[个家]", "", etc.group(2))
        if _ETC_REST.fullmatch(rest):
            return _cut_unit(etc.group(1))
        if looks_like_unit(etc.group(1)):
            return [*_cut_unit(etc.group(1)), *_cut_unit(rest)]
    pieces = [piece for piece in _RUN_TOGETHER.split(token) if piece]
    if len(pieces) > 1:
        return [name for piece in pieces for name in _cut_unit(piece)]
    for match in _AND.finditer(token):
        left, right = token[: match.start()], token[match.end() :]
        if _whole(left) and _whole(right) and left.count("(") == left.count(")"):
            return [*_cut_unit(left), *_cut_unit(right)]
    return [token]


def _whole(word: str) -> bool:
    if not surely_unit(word):
        return False
    return len(word) >= 3 and not _BARE.fullmatch(word) and not _GENERIC_PLACES.fullmatch(word)


def _rejoined_groups(names: list[str]) -> list[str]:
    """各镇 + 街道 → 各镇、街道; 各产业 + 招商主管部门 → one group."""
    result: list[str] = []
    for name in names:
        last = result[-1] if result else ""
        opens = last.startswith(("各", "有关", "相关", "全县", "全市", "全区")) and "等" not in last
        bare_place = re.match(_GENERIC_PLACES.pattern + r"(?:人民政府|政府|管委会|办事处|\(.*\))*$", folded(name))
        if re.search("[(（]", last) and _SINGLE_BODY.match(name):
            bare_place = None  # 各镇（街道）、开发区: the brackets close the group, the zone is one body
        if opens and (bare_place or not looks_like_unit(last)) and not _GROUP_START.match(folded(name)):
            result[-1] = f"{last}、{name}"
        else:
            result.append(name)
    return result


def _as_unit(token: str) -> Name | None:
    token = _DECORATION.sub("", squeezed(token))
    if not token or token in ("等", "无", "/", "-", "—", "－", "——"):
        return None
    base, inside = _bracket_behind(token)
    if inside is None or not base:
        return Name(_full_width(token))
    if _REMARK.search(inside) or _ROLE.fullmatch(inside):
        return Name(_full_width(base))
    parts = [part for part in re.split(r"[、,/和及]", inside) if part]
    if all(_GENERIC_PLACES.fullmatch(part) for part in parts) and (
        is_group(base) or base.endswith(("镇", "乡", "县", "市", "区"))
    ):
        return Name(_full_width(token))
    return Name(_full_width(base), _full_width(inside))


def _full_width(text: str) -> str:
    return text.replace("(", "（").replace(")", "）").replace(",", "，")


def _as_persons(token: str) -> tuple[Name, ...]:
    token = _DECORATION.sub("", token)
    if not token or token in ("等", "无", "/", "-", "—", "－", "——"):
        return ()
    base, inside = _bracket_behind(token)
    name = re.sub(r"(?<=.{2})等$", "", base)
    bare = _TITLES_BEFORE.sub("", name)
    if bare != name and looks_like_person(bare):
        name = bare
    else:
        behind = next(
            (n for n in (name[-3:], name[-2:]) if looks_like_person(n) and _TITLE_END.search(name[: -len(n)])), ""
        )
        behind = behind or _TITLES_BEHIND.sub("", name)
        if behind != name and looks_like_person(behind):
            name = behind
        elif _TITLE.fullmatch(name) and not inside:
            return (Name(_full_width(name)),)
    if len(name) >= 4 and not looks_like_person(name) and is_cjk(name) and not looks_like_unit(name):
        split = _names_run_together(name)
        if split:
            return tuple(Name(part) for part in split)
    return (Name(_full_width(name), _full_width(inside) if inside else None),)


def _names_run_together(text: str) -> list[str]:
    """张三李小四王五 → three names, when it can be cut so that each begins with a surname."""
    best: dict[int, tuple[int, list[str]]] = {0: (0, [])}
    for end in range(2, len(text) + 1):
        for size in (3, 2):
            start = end - size
            if start in best and looks_like_person(text[start:end]):
                cost = best[start][0] + (0 if size == 3 else 1)
                if end not in best or cost < best[end][0]:
                    best[end] = (cost, [*best[start][1], text[start:end]])
    return best.get(len(text), (0, []))[1]
