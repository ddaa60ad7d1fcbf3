"""`duban read FILE [--json]`: what a notice says, without a database and without Django."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections import Counter
from pathlib import Path

from duban.reading import Finding, Matter, NotReadable, Reading, read_notice
from duban.reading.decode import MAX_BYTES
from duban.reading.findings import ranges, serial_number
from duban.reading.names import is_group

USAGE = """用法：duban read 文件 [--json]

读一份责任分解通知（Word、WPS、Excel、带文字的 PDF 或文本文件），说出读到了什么、哪里要人看一看。
  --json   输出完整结果（结构见 docs/notice.schema.json）
  -h       显示本说明
"""
NOT_READ = 2

_CODES = {"bold": "1", "dim": "2", "red": "31", "yellow": "33", "green": "32", "cyan": "36"}
_SEVERITIES = {"error": ("错误", "red"), "warning": ("要核对", "yellow"), "notice": ("提示", "cyan")}
_KINDS = {
    "missing_serials": "缺号",
    "duplicate_serials": "重号",
    "count_differs": "项数不符",
    "person_without_unit": "有人无单位",
    "order_differs": "次序存疑",
    "unequal_counts": "人数不符",
    "inherited_cells": "取自上行",
    "blank_cell": "空缺",
    "unresolved_group": "统称待定",
    "possible_misprint": "疑似误字",
    "unread_text": "未读文字",
    "unfinished_end": "没有写完",
    "missing_header": "没有表头",
    "header_without_rows": "只有表头",
    "uncertain_columns": "分列存疑",
    "no_matters": "没有任务",
    "odd_characters": "控制字符",
    "extra_columns": "其他栏目",
    "left_out": "没有读的",
}
_CLAUSES = {
    "declared_items": "总项数",
    "report_dates": "报送日期",
    "report_cycle": "定期报送",
    "report_length": "报送字数",
    "contacts_per_unit": "每单位联系人",
    "look_back": "回头看",
    "contact": "联系人",
    "lights": "亮灯",
    "letters": "发函",
    "bulletin": "通报",
    "year_end_check": "察访核验",
    "evaluation": "绩效考评",
    "report_to_lead": "先报牵头单位",
    "first_is_lead": "列首位者牵头",
    "succession": "人员变动",
    "steps": "督查程序",
}


def main(argv: list[str]) -> int:
    """This function will read the file named in `argv` and print the result; returns the exit code.

    0: read.   2: nothing could be read; the reason stands on stderr in the user's words.
    """
    _speak_utf8()
    names = [word for word in argv if not word.startswith("-")]
    options = {word for word in argv if word.startswith("-")}
    if options & {"-h", "--help"}:
        sys.stdout.write(USAGE)
        return 0
    unknown = options - {"--json"}
    if unknown or len(names) != 1:
        reason = f"不认识的选项：{'、'.join(sorted(unknown))}" if unknown else "请给出一个文件。"
        return _refuse(f"{reason}\n\n{USAGE}")
    try:
        data = _bytes_of(Path(names[0]))
        reading = read_notice(data)
    except NotReadable as problem:
        return _refuse(f"读不了“{names[0]}”：{problem.message_zh}")
    text = json.dumps(reading.as_json(), ensure_ascii=False, indent=1) + "\n"
    if "--json" not in options:
        text = summary(reading, colour=_may_colour())
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader on the other side of the pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if not reading.matters:
        return _refuse(f"“{names[0]}”里没有读到任务：{_why_nothing(reading)}")
    return 0


def _speak_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _may_colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _refuse(message: str) -> int:
    sys.stderr.write(message.rstrip() + "\n")
    return NOT_READ


def _bytes_of(path: Path) -> bytes:
    """Read a file, or say in the user's words why not. A file far too large is not read into memory."""
    try:
        if path.is_dir():
            raise NotReadable("这是一个文件夹，请给出其中的文件。", "directory")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise NotReadable(
                f"文件太大（{size / 1024 / 1024:.0f} MB），最多读 50 MB。请只保留通知和任务分解表。", "too_large"
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotReadable("没有这个文件，请检查路径和文件名。", "missing") from error
    except PermissionError as error:
        raise NotReadable("没有权限读这个文件。", "forbidden") from error
    except (OSError, ValueError) as error:
        raise NotReadable(f"打不开这个文件（{error}）。", "unreadable") from error


def _why_nothing(reading: Reading) -> str:
    for kind in ("header_without_rows", "no_matters"):
        for finding in reading.findings:
            if finding.kind == kind:
                return finding.message
    return "没有认出任务。"


# --- the summary


class _Paint:
    """Wraps words in ANSI colours, or leaves them alone."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, text: str, *styles: str) -> str:
        if not self.on or not styles:
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"


def summary(reading: Reading, *, colour: bool) -> str:
    """This function will return the summary a person reads; colour: with ANSI codes."""
    paint = _Paint(colour)
    out: list[str] = [""]
    _about_notice(reading, paint, out)
    _about_matters(reading, paint, out)
    _about_rules(reading, paint, out)
    _about_findings(reading.findings, paint, out)
    return "\n".join(out) + "\n"


def _about_notice(reading: Reading, paint: _Paint, out: list[str]) -> None:
    notice = reading.notice
    out.append("  " + paint(notice.title or "（没有认出标题）", "bold"))
    dates = f"印发 {notice.issued_on}" if notice.issued_on else f"成文 {notice.dated_on}" if notice.dated_on else ""
    facts = [notice.document_number or "无文号", notice.issuer or "", dates]
    out.append("  " + paint("　".join(fact for fact in facts if fact), "dim"))
    out.append("")


def _about_matters(reading: Reading, paint: _Paint, out: list[str]) -> None:
    matters = reading.matters
    units = Counter(unit.display for m in matters for unit in (*m.lead_units, *m.support_units))
    leads = {unit.display for m in matters for unit in m.lead_units if not is_group(unit.name)}
    persons = {person.name for m in matters for person in m.persons}
    overseers = Counter(leader.name for m in matters for leader in m.overseers)
    groups = [name for name in units if is_group(name)]
    out.append(f"  {_label('事项')}{paint(_count_line(reading), 'bold')}")
    out.append(f"  {_label('单位')}{len(units) - len(groups)} 个，其中牵头 {len(leads)} 个；责任人 {len(persons)} 名")
    if overseers:
        top = "、".join(f"{name} {count}" for name, count in overseers.most_common(6))
        more = f" 等 {len(overseers)} 位" if len(overseers) > 6 else f"，共 {len(overseers)} 位"
        out.append(f"  {_label('领导')}{top}{more}")
    if groups:
        out.append(f"  {_label('统称')}{'、'.join(groups[:8])}{' 等' if len(groups) > 8 else ''}")
    quantified = [matter for matter in matters if matter.targets]
    if quantified:
        total = sum(len(matter.targets) for matter in quantified)
        out.append(f"  {_label('量化')}{len(quantified)} 项写有数量，共 {total} 个目标")
        for matter in quantified[:6]:
            out.append(paint(f"        {_serial(matter):>4}  {_targets(matter)}", "dim"))
        if len(quantified) > 6:
            out.append(paint(f"              另 {len(quantified) - 6} 项，见 --json", "dim"))
    linked = sum(bool(matter.links) for matter in matters)
    if linked:
        inherited = sum(matter.inherited for matter in matters)
        tail = f"；{inherited} 项的责任栏取自上面的合并单元格" if inherited else ""
        out.append(f"  {_label('对应')}{linked} 项已把责任人对到单位{tail}")
    out.append("")


def _count_line(reading: Reading) -> str:
    declared = reading.notice.declared_items
    read = len(reading.matters)
    missing = [finding for finding in reading.findings if finding.kind == "missing_serials"]
    line = f"{read} / {declared} 项" if declared and declared != read else f"{read} 项"
    if len(missing) == 1:
        numbers = [taken[1] for serial in missing[0].serials if (taken := serial_number(serial))]
        line += f"，缺 {ranges(numbers)}"
    return line


def _serial(matter: Matter) -> str:
    return matter.serial or "—"


def _targets(matter: Matter) -> str:
    return "；".join(
        f"{target.subject}：{target.text}" if target.subject else target.text for target in matter.targets[:4]
    )


def _about_rules(reading: Reading, paint: _Paint, out: list[str]) -> None:
    clauses = reading.notice.clauses
    if not clauses:
        return
    out.append("  " + paint("通知里写明的规则", "bold"))
    shown: set[str] = set()
    for clause in clauses:
        sentence = _shortened(clause.sentence, 54)
        quote = (
            paint(f"“{sentence}” 第{clause.line}行", "dim")
            if clause.sentence not in shown
            else paint("（同上句）", "dim")
        )
        shown.add(clause.sentence)
        out.append(f"  {_label(_CLAUSES.get(clause.key, clause.key), 14)}{_value(clause.value)}　{quote}".rstrip())
    out.append("")


def _value(value: object) -> str:
    words = {
        "month_end": "每月底",
        "quarter_end": "每季度末",
        "unspecified": "有",
    }
    if isinstance(value, bool):
        return "有" if value else "无"
    if isinstance(value, str):
        return words.get(value, value)
    if isinstance(value, list):
        return "、".join(str(part) for part in value)
    if isinstance(value, dict):
        if "min" in value:
            return f"{value['min']}–{value['max']} 字" if value["min"] else f"不超过 {value['max']} 字"
        if "every" in value:
            every = {"month": "每月", "quarter": "每季度", "half_year": "每半年", "week": "每周", "ten_days": "每旬"}
            return every[value["every"]] + (f" {value['day']} 日" if value["day"] else "")
        names = {"deputy": "分管领导", "liaison": "联络员", "name": "", "phone": "电话", "fax": "传真", "email": "邮箱"}
        return "，".join(f"{names.get(key, key)} {part}".strip() for key, part in value.items() if part)
    return str(value)


def _about_findings(found: tuple[Finding, ...], paint: _Paint, out: list[str]) -> None:
    if not found:
        out.append("  " + paint("没有需要人看的地方。", "green"))
        return
    counts = Counter(finding.severity for finding in found)
    words = "、".join(f"{_SEVERITIES[s][0]} {counts[s]}" for s in _SEVERITIES if counts[s])
    out.append("  " + paint("要人看一看的地方", "bold") + paint(f"（{words}）", "dim"))
    groups = [finding for finding in found if finding.kind == "unresolved_group"]
    for finding in found:
        if finding.kind == "unresolved_group" and len(groups) > 3:
            continue
        colour = _SEVERITIES[finding.severity][1]
        kind = _KINDS.get(finding.kind, finding.kind)
        out.append(f"  {paint('●', colour)} {paint(kind, 'bold')}　{finding.message}")
        if finding.severity != "notice" and finding.evidence:
            out.append(paint(f"      {_shortened(finding.evidence.replace(chr(10), ' / '), 110)}", "dim"))
        suggestion = _suggested(finding)
        if suggestion:
            out.append(f"      {paint('建议', 'green')} {suggestion}")
    if len(groups) > 3:
        names = Counter(str(finding.suggestion["value"]["name"]) for finding in groups if finding.suggestion)
        listed = "、".join(f"{name}（{count} 项）" for name, count in names.most_common())
        out.append(
            f"  {paint('●', 'cyan')} {paint('统称待定', 'bold')}　{len(groups)} 处要由人指明是哪些单位：{listed}"
        )
    out.append("")


def _suggested(finding: Finding) -> str:
    suggestion = finding.suggestion
    if suggestion is None:
        return ""
    value = suggestion["value"]
    action = suggestion["action"]
    if action == "add" and isinstance(value, dict):
        return f"补上 {value['name']}"
    if action == "set" and isinstance(value, list):
        return "填 " + "、".join(str(one["name"]) for one in value)
    if action == "replace" and isinstance(value, dict):
        return f"把“{value['from']}”改为“{value['to']}”"
    if action == "choose" and isinstance(value, dict) and value.get("candidates"):
        return "从这些单位里选：" + "、".join(str(one["name"]) for one in value["candidates"])
    return ""


def _label(word: str, width: int = 6) -> str:
    return word + " " * max(1, width - _columns(word))


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
