"""The notice itself: who issued what to whom and when, and the rules its own text states."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from duban.reading.characters import folded, joined, key, tidied
from duban.reading.names import looks_like_unit, units
from duban.reading.result import Clause, Notice
from duban.reading.shape import Paragraph

_KIND = (
    r"(?:通知|意见|方案|清单|一览表|分解表|分工表|责任表|任务表|表|要点|措施|政策|计划|办法|细则|函|决定|分工|"
    r"通报|报告|规划|台账|责任书|任务书|分解|任务|实事|公告|通告|举措|项目|情况)"
)
_TITLE_END = re.compile(rf"{_KIND}(?:\(.{{0,24}}\))?(?:》)?$")
_HANDS_ON = re.compile("关于(?:印发|转发|批转|下发|下达|分解)(?!.*的(?:通知|函|意见|决定)$)")
_HANDED_ON = re.compile("的(?:通知|函|意见|决定)$")
_NUMBER = re.compile(r"([㐀-鿿A-Za-z]{1,14}?)\s*[(\[]\s*((?:19|20)\d\d)\s*[)\]]\s*(?:第)?\s*(\d{1,5})\s*号")
_DATE = re.compile(r"((?:19|20)\d\d)\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?")
_CHINESE_DATE = re.compile(
    r"([二〇零一三四五六七八九OΟ○]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日"
)
_DIGITS = {char: number for number, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "O": 0, "○": 0, "Ο": 0}
_METADATA = re.compile(
    r"^(?:来源|发布日期|发布时间|发文日期|生成日期|成文日期|索引号|主题分类|发布机构|发文单位|发文机关|公开范围|有效性|名\s*称|文\s*号|点击数|浏览|政策文号|实施日期|失效日期|文件状态|链接|信息来源|编辑|作者|标题|公开方式|公开日期|主题词|关键词|组配分类|字体|正文$|今天是|当前位置|首页|加入收藏|分享|扫一扫|返回|您现在|您的位置|打印|关闭|时间\s*[:：]|阅读(?:次数|量)|浏览量|访问次数|统一编号|所属主题|文件类型|体裁分类)"
)
_PERSON_FIELD = re.compile(
    r"联\s*系\s*人\s*[:：]?\s*([㐀-鿿]{2,4}?(?=[\s、,，/。；;:：(（\d]|联系|电话|$)(?:\s*[、,，/]\s*(?!联系|电话|传真|邮箱|手机)[㐀-鿿]{2,4}(?=[\s、,，/。；;(（\d]|$))*)"
)
_PHONE = re.compile(
    r"(?:联系电话|联系方式|咨询电话|办公电话|电\s*话|手机)\s*(?:及传真)?\s*[:：]?\s*((?:\(?\d{3,4}\)?[-—\s]?)?\d{7,11}(?:\s*[、,，/]\s*(?:\d{3,4}[-—])?\d{7,11})*)"
)
_FAX = re.compile(r"(?:传\s*真)\s*[:：]?\s*((?:\(?\d{3,4}\)?[-—\s]?)?\d{7,8})")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
_COUNT_STRONG = re.compile(
    r"(?:确定|分解|梳理|细化|列出|涉及|共计?|合计|总计|提出|明确|形成|安排|部署|纳入|列入|年度|下列|以下|方面|大类|各项|成)(?:的|为|出|了|成|年度)*[^。;,，、]{0,12}?"
    r"(?<![\d.])(\d{1,4})\s*(?:[项件]|条(?=(?:重点|具体|工作)*(?:任务|措施|举措)))(?!(?:重大)?(?:决策|改革试点))"
)
_COUNT_NAMED = re.compile(
    r"(?<![\d.第])(\d{1,4})\s*[项件](?:[“\"][^”\"]{1,12}[”\"]|(?:具体|重点|主要|目标|年度|民生|政府|工作|责任|细化)*(?:任务|工作|事项|实事|目标|举措|措施|作业|指标|要点))"
)
_DAY = re.compile(r"(?:((?:19|20)\d\d)\s*年\s*)?(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_REPORTING = re.compile(r"报送|上报|报至|报告|反馈|书面报|报[^。]{0,14}(?:督查|督办|督考|政府办|办公室|目标办|政务)")
_LENGTH = re.compile(r"(?:(\d{2,5})\s*[-—~～至到]\s*)?(\d{2,5})\s*字(?:左右)?(?:以内|之内|以下|之间|内)?")


@dataclass(slots=True)
class FactsRead:
    """The notice and what each of its lines was."""

    notice: Notice
    roles: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    line: int


def read_facts(paragraphs: Sequence[Paragraph], *, first_line: int | None, last_line: int | None) -> FactsRead:
    """This function will read the facts of a notice from the paragraphs outside its matters.

    first_line, last_line: where the matters begin and end; None when there are none.
    """
    head = [p for p in paragraphs if first_line is None or (p.position.line or 0) < first_line]
    tail = [p for p in paragraphs if last_line is not None and (p.position.line or 0) > last_line]
    roles: dict[int, str] = {}
    title, title_lines = _title(head)
    for line in title_lines:
        roles[line] = "title"
    number, number_line = _number(head)
    if number_line is not None:
        roles.setdefault(number_line, "number")
    recipients, recipients_line = _recipients(head)
    if recipients_line is not None:
        roles[recipients_line] = "recipients"
    issuer = _issuer(head, tail, title, roles)
    issued_on, dated_on = _dates(head, tail, roles)
    sentences = _sentences(
        [p for p in [*head, *tail] if roles.get(p.position.line or 0) not in ("title", "number", "recipients")]
    )
    year = _year(title, number, issued_on or dated_on, head)
    clauses = _clauses(sentences, year)
    by_key: dict[str, Clause] = {}
    for clause in clauses:
        by_key.setdefault(clause.key, clause)
    length = by_key["report_length"].value if "report_length" in by_key else None
    notice = Notice(
        title=title,
        document_number=number,
        issuer=issuer,
        recipients=recipients,
        issued_on=issued_on,
        dated_on=dated_on,
        year=year,
        declared_items=by_key["declared_items"].value if "declared_items" in by_key else None,
        report_dates=tuple(by_key["report_dates"].value) if "report_dates" in by_key else (),
        report_length=(length["min"], length["max"]) if length else None,
        contact=by_key["contact"].value if "contact" in by_key else None,
        copies_to=_copies(tail or head, roles),
        clauses=tuple(clauses),
    )
    return FactsRead(notice, roles)


# --- title, number, issuer, recipients, dates


def _title(head: Sequence[Paragraph]) -> tuple[str | None, list[int]]:
    best: tuple[int, str, list[int]] | None = None
    for index, paragraph in enumerate(head[:60]):
        plain = folded(paragraph.text)
        if _METADATA.match(plain) or len(plain) > 150 or "。" in plain or plain.startswith(("附件", "抄送", "主送")):
            continue
        text, lines = paragraph.text, [paragraph.position.line or 0]
        if not _TITLE_END.search(plain.rstrip()):
            for following in head[index + 1 : index + 4]:
                longer = joined(text, following.text)
                if len(longer) > 150 or re.search("[。:：]", following.text) or _METADATA.match(following.text):
                    break
                text = longer
                lines = [*lines, following.position.line or 0]
                if _TITLE_END.search(folded(text)):
                    break
            if not _TITLE_END.search(folded(text)) or not re.search("关于|印发", lines_text(paragraph)):
                continue
        elif _HANDS_ON.search(plain):
            text, lines = _handed_on(text, lines, head[index + 1 : index + 4])
        score = (
            4 * ("关于" in text)
            + 2 * bool(re.search(r"通知|意见|方案|决定|要点", text[-12:]))
            + bool(re.search(r"(?:19|20)\d\d", text))
        )
        score += 2 * (paragraph.level in (1, 2)) - (len(text) < 8) * 4 - bool(_leading_mark(plain)) * 5
        if best is None or score > best[0]:
            best = (score, text, lines)
    if best is None or best[0] < -2:
        return _plain_title(head)
    best = _with_issuer_above(best, head)
    text = _NUMBER.sub("", folded(best[1])) if _NUMBER.search(folded(best[1])[-24:]) else ""
    clean = best[1]
    if text:
        match = _NUMBER.search(folded(clean), max(0, len(clean) - 24))
        if match:
            clean = clean[: match.start()].rstrip(" (（【[")
        else:
            head_match = _NUMBER.search(folded(clean))
            clean = clean[head_match.end() :] if head_match and head_match.start() == 0 else clean
    return tidied(clean).strip("* "), best[2]


def _handed_on(text: str, lines: list[int], following: Sequence[Paragraph]) -> tuple[str, list[int]]:
    """A title that hands on a document ends with its own kind: 关于印发……工作报告 / 目标任务责任分解表的通知.

    Its first line may end like a title by chance; without a line that ends it so, it stands as it is.
    """
    longer, places = text, list(lines)
    for paragraph in following:
        if len(paragraph.text) > 40 or re.search("[。:：]", paragraph.text) or _METADATA.match(folded(paragraph.text)):
            break
        longer, places = joined(longer, paragraph.text), [*places, paragraph.position.line or 0]
        if _HANDED_ON.search(folded(longer)):
            return longer, places
    return text, lines


def _plain_title(head: Sequence[Paragraph]) -> tuple[str | None, list[int]]:
    """A first line such as 表1 2023年度重点工作, where nothing better stands above."""
    for paragraph in head[:8]:
        plain = folded(paragraph.text)
        if _METADATA.match(plain) or _leading_mark(plain) or not 5 <= len(plain) <= 50 or re.search("[。;:,|]", plain):
            continue
        if re.search(r"工作|任务|清单|项目|实事|目标|责任|计划", plain):
            return paragraph.text, [paragraph.position.line or 0]
    return None, []


def _with_issuer_above(best: tuple[int, str, list[int]], head: Sequence[Paragraph]) -> tuple[int, str, list[int]]:
    """A title that begins with 关于 has its issuer on the line above."""
    score, text, lines = best
    if not text.startswith(("关于", "印发", "转发")):
        return best
    for above, first in pairwise(head):
        if first.position.line == lines[0] and looks_like_unit(above.text) and len(above.text) <= 30:
            return score, above.text + text, [above.position.line or 0, *lines]
    return best


def is_metadata(text: str) -> bool:
    """This function will tell whether a line is what a web page says about itself: 发布日期, 字体, 当前位置."""
    return bool(_METADATA.match(text.lstrip("[(【 ")))


def ends_like_title(text: str) -> bool:
    """This function will tell whether a line ends as titles do: …通知, …分解表."""
    return bool(_TITLE_END.search(text))


def lines_text(paragraph: Paragraph) -> str:
    """The folded text of a paragraph."""
    return folded(paragraph.text)


def _leading_mark(text: str) -> bool:
    return bool(re.match(r"[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十\d]+\)|\d+[.、]", text))


def _number(head: Sequence[Paragraph]) -> tuple[str | None, int | None]:
    fallback: tuple[str, int] | None = None
    for paragraph in head[:60]:
        plain = folded(paragraph.text)
        for match in _NUMBER.finditer(plain):
            before = plain[: match.start()]
            if before.count("《") > before.count("》"):
                continue
            office = re.split(r"文号|字号|文件编号|[:：]", match.group(1))[-1]
            if not office:
                continue
            made = f"{office}〔{match.group(2)}〕{match.group(3)}号"
            line = paragraph.position.line or 0
            if len(plain.strip("() ")) <= len(match.group()) + 8 or plain.startswith(match.group()):
                return made, line
            if fallback is None and (
                re.search(r"(?:文\s*号|字号)\s*[:：]?\s*$", before) or plain.rstrip(") ").endswith("号")
            ):
                fallback = made, line
    return fallback if fallback else (None, None)


def _issuer(
    head: Sequence[Paragraph], tail: Sequence[Paragraph], title: str | None, roles: dict[int, str]
) -> str | None:
    for paragraph in head[:20]:
        text = tidied(paragraph.text)
        match = re.fullmatch(r"([㐀-鿿（）()]{4,40}?(?:政府|办公室|办公厅|委员会|局|委|办|厅|部|组|院))文件", text)
        if match:
            roles.setdefault(paragraph.position.line or 0, "issuer")
            return match.group(1)
    if title:
        match = re.match(r"([㐀-鿿（）()、 ]{3,60}?)(?:关于|印发)", title)
        if match and looks_like_unit(match.group(1)):
            return _mark_signature(match.group(1).strip(), head, tail, roles)
    for paragraphs in (head, tail):
        for first, second in pairwise(paragraphs):
            name = tidied(first.text)
            if _only_date(second.text) and looks_like_unit(name) and 4 <= len(name) <= 30:
                roles.setdefault(first.position.line or 0, "issuer")
                return name
    return None


def _mark_signature(name: str, head: Sequence[Paragraph], tail: Sequence[Paragraph], roles: dict[int, str]) -> str:
    for paragraph in (*head, *tail):
        if key(paragraph.text) == key(name):
            roles.setdefault(paragraph.position.line or 0, "issuer")
    return name


def _recipients(head: Sequence[Paragraph]) -> tuple[tuple[str, ...], int | None]:
    for paragraph in head[:80]:
        plain = folded(paragraph.text).strip()
        if not plain.endswith(":") or len(plain) > 260 or "。" in plain or len(plain) < 4:
            continue
        body = re.sub(r"^主送\s*:\s*", "", plain[:-1])
        if (
            ":" in body
            or not re.search(r"各|有关|单位|部门|政府|委|局|办|公司", body)
            or re.search(r"如下|通知$|方案$|要求$", body)
        ):
            continue
        names = tuple(name.display for name in units(body))
        if names and sum(looks_like_unit(name) for name in names) * 2 >= len(names):
            return names, paragraph.position.line
    return (), None


def _only_date(text: str) -> str | None:
    plain = re.sub(r"\s", "", folded(text))
    match = _DATE.fullmatch(plain)
    if match:
        return _iso(int(match.group(1)), int(match.group(2)), int(match.group(3)))
    match = _CHINESE_DATE.fullmatch(plain)
    return _iso(*_chinese_date(match)) if match else None


def _chinese_date(match: re.Match[str]) -> tuple[int, int, int]:
    year = int("".join(str(_DIGITS.get(char, 0)) for char in match.group(1)))
    return year, _small(match.group(2)), _small(match.group(3))


def _small(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.get(text, 0)
    return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _dates(
    head: Sequence[Paragraph], tail: Sequence[Paragraph], roles: dict[int, str]
) -> tuple[str | None, str | None]:
    issued = dated = None
    before: Paragraph | None = None
    for paragraph in (*tail, *head):
        plain = re.sub(r"\s", "", folded(paragraph.text))
        line = paragraph.position.line or 0
        if issued is None and re.search(r"印发$", plain) and len(plain) <= 60:
            match = _DATE.search(plain)
            chinese = _CHINESE_DATE.search(plain)
            if match:
                issued = _iso(int(match.group(1)), int(match.group(2)), int(match.group(3)))
            elif chinese:
                issued = _iso(*_chinese_date(chinese))
            if issued:
                roles.setdefault(line, "issued_on")
                if before is not None and looks_like_unit(before.text) and len(before.text) <= 30:
                    roles.setdefault(before.position.line or 0, "issuer")
        before = paragraph
    above: Paragraph | None = None
    for paragraph in (*head, *tail):
        found = _only_date(paragraph.text)
        if found and roles.get(paragraph.position.line or 0) is None:
            dated = found
            roles[paragraph.position.line or 0] = "dated_on"
            if above is not None and looks_like_unit(above.text) and len(above.text) <= 30:
                roles.setdefault(above.position.line or 0, "issuer")
            break
        above = paragraph
    return issued, dated


def _year(title: str | None, number: str | None, day: str | None, head: Sequence[Paragraph]) -> int | None:
    for text in (title or "", number or "", day or ""):
        match = re.search(r"(?<!\d)((?:19|20)\d\d)(?=年|〕|-)", text)
        if match:
            return int(match.group(1))
    for paragraph in head[:30]:
        match = re.search(r"(?<!\d)((?:19|20)\d\d)年", folded(paragraph.text))
        if match:
            return int(match.group(1))
    return None


def _copies(tail: Sequence[Paragraph], roles: dict[int, str]) -> tuple[str, ...]:
    names: list[str] = []
    opened = False
    for paragraph in tail:
        text = tidied(paragraph.text)
        plain = folded(text)
        match = re.match(r"(?:抄\s*送|抄\s*报)\s*:\s*", plain)
        if match:
            opened = True
            text = text[match.end() :]
        elif not opened:
            continue
        elif re.search(r"印发|^[-—_=]{2,}$|^\d|:", plain) or not re.search(r"[、,，。]", plain):
            break
        roles.setdefault(paragraph.position.line or 0, "copies_to")
        for piece in re.split(r"[。；;]", text):
            names.extend(name.display for name in units(piece) if name.name)
    return tuple(dict.fromkeys(names))


# --- the rules the text states


def _sentences(paragraphs: Sequence[Paragraph]) -> list[_Sentence]:
    """Whole sentences, also where a line or page break stands inside one."""
    runs: list[list[tuple[str, int]]] = []
    for paragraph in paragraphs:
        text, line = paragraph.text, paragraph.position.line or 0
        if (
            runs
            and not runs[-1][-1][0].endswith(("。", "；", "！", "：", "…", ";", ":", "）", ")"))
            and len(runs[-1][-1][0]) > 30
            and not _leading_mark(folded(text))
        ):
            runs[-1].append((text, line))
        else:
            runs.append([(text, line)])
    result: list[_Sentence] = []
    for run in runs:
        whole = ""
        starts: list[tuple[int, int]] = []
        for text, line in run:
            starts.append((len(whole), line))
            whole += text
        for match in re.finditer(r"[^。；！]+[。；！”）]*", whole):
            line = next(line for start, line in reversed(starts) if start <= match.start())
            result.append(_Sentence(match.group().strip(), line))
    return result


def _clauses(sentences: Sequence[_Sentence], year: int | None) -> list[Clause]:
    clauses: list[Clause] = []
    declared: list[tuple[int, bool, _Sentence]] = []
    for sentence in sentences:
        plain = folded(sentence.text)
        for pattern, strong in ((_COUNT_STRONG, True), (_COUNT_NAMED, False)):
            declared.extend(
                (int(m.group(1)), strong, sentence) for m in pattern.finditer(plain) if int(m.group(1)) >= 2
            )
        clauses.extend(_reporting(sentence, plain, year))
        clauses.extend(_people(sentence, plain))
        clauses.extend(_procedure(sentence, plain))
    contact = _contact(sentences)
    if contact:
        clauses.append(contact)
    if declared:
        value, _, sentence = max(declared, key=lambda item: item[0])
        clauses.insert(0, Clause("declared_items", value, sentence.text, sentence.line))
    return clauses


def _reporting(sentence: _Sentence, plain: str, year: int | None) -> list[Clause]:
    clauses: list[Clause] = []
    if _REPORTING.search(plain):
        dates: list[str] = []
        running = year
        for match in _DAY.finditer(plain):
            behind = plain[match.end() : match.end() + 3]
            if not re.match(r"\s*(?:前|之前|以前|止|[、,和及]|下午|17)", behind):
                continue
            running = int(match.group(1)) if match.group(1) else running
            found = _iso(running, int(match.group(2)), int(match.group(3))) if running else None
            if found:
                dates.append(found)
        if dates:
            clauses.append(Clause("report_dates", list(dict.fromkeys(dates)), sentence.text, sentence.line))
        cycle = re.search(
            r"每(?:个)?(月|季度?|半年|周|旬)(?:度)?(?:末|底|终)?(?:的)?(?:月)?(?:末)?(?:的)?(?:前)?\s*(\d{1,2})?\s*[日号]?",
            plain,
        )
        if cycle and "回头看" not in plain:
            every = {
                "月": "month",
                "季": "quarter",
                "季度": "quarter",
                "半年": "half_year",
                "周": "week",
                "旬": "ten_days",
            }[cycle.group(1)]
            day = int(cycle.group(2)) if cycle.group(2) else None
            clauses.append(Clause("report_cycle", {"every": every, "day": day}, sentence.text, sentence.line))
    length = _LENGTH.search(plain)
    if length and re.search(r"字数|篇幅|报送|控制|不超过|简明", plain):
        top = int(length.group(2))
        low = int(length.group(1)) if length.group(1) else 0
        if low <= top:
            clauses.append(Clause("report_length", {"min": low, "max": top}, sentence.text, sentence.line))
    return clauses


def _people(sentence: _Sentence, plain: str) -> list[Clause]:
    if not re.search(r"联络员|联系人|工作人员|分管领导|具体负责", plain):
        return []
    found: dict[str, int] = {}
    for name, pattern in (
        ("deputy", r"(\d{1,2}|[一二两])\s*[名位]?(?:分管|主管|责任)(?:负责)?(?:领导|同志|负责人)"),
        (
            "liaison",
            r"(\d{1,2}|[一二两])\s*[名位](?:工作人员|同志|干部|业务骨干|具体)?(?:为|作为|担任|任|的)?(?:专职|具体|工作)?(?:联络员|联系人|信息员|经办人)",
        ),
    ):
        match = re.search(pattern, plain)
        if match:
            number = match.group(1)
            found[name] = int(number) if number.isdigit() else {"一": 1, "二": 2, "两": 2}[number]
    return [Clause("contacts_per_unit", found, sentence.text, sentence.line)] if found else []


_PROCEDURE: tuple[tuple[str, str, Any], ...] = (
    ("look_back", r"回头看", None),
    ("lights", r"三盏\s*灯|红黄绿|亮灯|黄灯|红灯", True),
    ("letters", r"三种\s*函|三函|提醒函|督办函|催办函", True),
    ("bulletin", r"予以通报|通报批评|《[^》]*督查[^》]*》上", True),
    ("year_end_check", r"察访核验|年底(?:考核|核验|验收)", True),
    (
        "evaluation",
        r"(?:绩效|目标|年度|综合|年终)(?:管理)?(?:考评|考核|评估|评价)[^。]{0,14}(?:依据|内容|范围|体系)",
        True,
    ),
    ("report_to_lead", r"(?:上报|报送|反馈|报告|报)(?:给|至)?牵头(?:单位|部门)", True),
    (
        "first_is_lead",
        r"(?:列|排名?)(?:在)?第一(?:位|个|名)?[的者]?[^。]{0,8}(?:单位|部门)[^。]{0,6}(?:为|是|系)[^。]{0,6}(?:牵头|汇总)",
        True,
    ),
    ("succession", r"(?:领导|责任人)[^。]{0,20}(?:变动|调整)[^。]{0,24}(?:继任|接任|自然替补|自行|不再)", True),
)


def _procedure(sentence: _Sentence, plain: str) -> list[Clause]:
    clauses: list[Clause] = []
    for name, pattern, value in _PROCEDURE:
        if not re.search(pattern, plain):
            continue
        if name == "look_back":
            value = (
                "month_end" if re.search(r"每(?:个)?月", plain) else "quarter_end" if "季" in plain else "unspecified"
            )
        clauses.append(Clause(name, value, sentence.text, sentence.line))
    steps = re.search(r"“([^”]*任务分解[^”]*)”", sentence.text)
    if steps:
        clauses.append(
            Clause("steps", [s for s in re.split(r"[、，]", steps.group(1)) if s], sentence.text, sentence.line)
        )
    return clauses


def _contact(sentences: Sequence[_Sentence]) -> Clause | None:
    for index, sentence in enumerate(sentences):
        plain = folded(sentence.text)
        if not re.search(r"联\s*系\s*人|联系电话|联系方式|电\s*话\s*:", plain):
            continue
        whole = plain + "".join(
            " " + folded(s.text)
            for s in sentences[index + 1 : index + 4]
            if re.search(r"电话|传真|邮箱|@", s.text) and len(s.text) < 60
        )
        contact: dict[str, str | None] = {"name": None, "phone": None, "fax": None, "email": None}
        for name, pattern in (("name", _PERSON_FIELD), ("phone", _PHONE), ("fax", _FAX)):
            match = pattern.search(whole)
            if match:
                contact[name] = tidied(match.group(1))
        mail = _MAIL.search(whole)
        if mail:
            contact["email"] = mail.group()
        if contact["phone"] or contact["email"] or contact["name"]:
            return Clause("contact", contact, sentence.text, sentence.line)
    return None
