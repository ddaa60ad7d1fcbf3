"""The history of a matter in sentences: one for each event, from what the event itself holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from duban.audit.models import Event
from duban.audit.rules import EVENT_LABELS, EventName
from duban.bulletins.rules import Section
from duban.changes.rules import label_of
from duban.closing.rules import DOUBT_LABELS, METHOD_LABELS, Doubt, Method
from duban.core.clock import SHANGHAI
from duban.core.text import date_text
from duban.evidence.rules import EVIDENCE_KIND_LABELS, EvidenceKind
from duban.interviews.rules import FOLLOW_UP_LABELS, PAPER_LABELS, FollowUp, Paper
from duban.interviews.rules import RESULT_LABELS as RECHECK_LABELS
from duban.interviews.rules import Result as RecheckResult
from duban.letters.rules import OUTCOME_LABELS, Outcome
from duban.matters.rules import (
    CHANNEL_LABELS,
    FORECAST_LABELS,
    KIND_LABELS,
    LIGHT_LABELS,
    MATTER_FIELD_LABELS,
    ORIGIN_LABELS,
    PART_LABELS,
    STATE_LABELS,
    SUPERVISION_TYPE_LABELS,
    ChangeKind,
    Channel,
    Forecast,
    Kind,
    Light,
    Origin,
    State,
    SupervisionType,
)
from duban.objections.rules import OUTCOME_LABELS as REVIEW_LABELS
from duban.objections.rules import Outcome as ReviewOutcome
from duban.progress.rules import pct_text
from duban.visits.rules import RESULT_LABELS, VISIT_KIND_LABELS, Result, VisitKind

FIELD_WORDS = MATTER_FIELD_LABELS | {
    "state": "状态",
    "plan": "年度",
    "closed_on": "销号日期",
    "work_items": "工作子项",
    "paused_days": "暂停天数",
    "responsible_leader": "责任领导",
    "responsible_person": "具体责任人",
    "measures": "措施",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of the history. when: the moment in words · text: who did what · details: what stood and stands."""

    at: datetime
    when: str
    text: str
    details: tuple[str, ...] = ()


def when_text(moment: datetime) -> str:
    """Return a moment as the field writes it: 2020年2月3日 09:12."""
    local = moment.astimezone(SHANGHAI)
    return f"{date_text(local)} {local:%H:%M}"


def units_text(names: Sequence[str]) -> str:
    """Return units in words: one or two by name, more as “教育局等 3 个单位”."""
    if len(names) <= 2:
        return "、".join(names)
    return f"{names[0]}等 {len(names)} 个单位"


def shown(name: str, value: Any) -> str:
    """Return a field's value in words, as events and changes hold it."""
    if value is None or value == "" or value == []:
        return "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "；".join(str(one) for one in value)
    labels: dict[str, Callable[[str], str]] = {
        "kind": lambda word: KIND_LABELS[Kind(word)],
        "supervision_type": lambda word: SUPERVISION_TYPE_LABELS[SupervisionType(word)],
        "state": lambda word: STATE_LABELS[State(word)],
    }
    if name in labels:
        return labels[name](str(value))
    if name.endswith("_on") or name == "due_on":
        return date_text(date.fromisoformat(str(value)))
    return str(value)


def differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    """Return what changed, a line each: “办结时限：2020年6月30日 → 2020年8月31日”, “增加协办单位财政局”.

    What stayed as it was and a pause of no days are no change.
    """
    lines = []
    for name, value in after.items():
        word = FIELD_WORDS.get(name, name)
        if name not in before:
            lines += [f"{word}：{shown(name, value)}"] if value != 0 else []
        elif before[name] == value:
            continue
        elif isinstance(value, list) and isinstance(before[name], list):
            lines.append(_list_difference(name, before[name], value))
        else:
            lines.append(f"{word}：{shown(name, before[name])} → {shown(name, value)}")
    return tuple(lines)


def _list_difference(name: str, before: list[str], after: list[str]) -> str:
    """Return what a list gained and lost: “增加协办单位财政局；减少牵头单位教育局”."""
    gained, lost = [one for one in after if one not in before], [one for one in before if one not in after]
    word = FIELD_WORDS.get(name, name)
    if not gained and not lost:
        return f"{word}顺序：{shown(name, before)} → {shown(name, after)}"
    if name != "assignments":
        parts = [f"{verb}{word} {'、'.join(some)}" for verb, some in (("增加", gained), ("减少", lost)) if some]
        return "；".join(parts)
    new, old = _by_unit(gained), _by_unit(lost)
    parts = []
    for verb, some, others in (("增加", new, old), ("减少", old, new)):
        for part in PART_LABELS.values():
            units = [
                f"{unit}{rest}" for unit, (its_part, rest) in some.items() if its_part == part and unit not in others
            ]
            parts += [f"{verb}{part}单位{'、'.join(units)}"] if units else []
    for unit in new:
        if unit not in old:
            continue
        (part, rest), (old_part, old_rest) = new[unit], old[unit]
        if part != old_part:
            parts.append(f"{unit}由{old_part}改为{part}")
        if rest != old_rest:
            parts.append(f"{unit}：{old_rest.strip('（）') or '空'} → {rest.strip('（）') or '空'}")
    return "；".join(parts)


def _by_unit(lines: list[str]) -> dict[str, tuple[str, str]]:
    """Return part and what else is said by unit, of lines like “牵头 教育局 教育局主要负责人”."""
    found = {}
    for line in lines:
        part, _, unit = line.partition(" ")
        unit, _, rest = unit.partition(" ")
        found[unit] = (part, f"（{rest}）" if rest else "")
    return found


def _approval(data: dict[str, Any]) -> str:
    approval = data.get("approval", data)
    parts = [approval.get("basis", ""), approval.get("document_number", "")]
    words = "，".join(part for part in parts if part)
    who = approval.get("approved_by", "")
    day = approval.get("approved_on")
    decided = f"{date_text(date.fromisoformat(day))}{who}批准" if day else ""
    return "；".join(part for part in (words, decided) if part)


def _because(data: dict[str, Any]) -> str:
    return f"，理由：{data['reason']}" if data.get("reason") else ""


def _created(data: dict[str, Any]) -> str:
    if data.get("carried_from"):
        return f"由{data.get('from_year', '上')}年度结转而来"
    return f"录入事项，来源：{ORIGIN_LABELS[Origin(data.get('origin', Origin.OTHER))]}"


def _assigned(data: dict[str, Any]) -> str:
    supports = f"，{units_text(data['supports'])}协办" if data.get("supports") else ""
    return f"交办给{units_text(data.get('leads', []))}{supports}"


def _acknowledged(data: dict[str, Any]) -> str:
    how = ""
    if data.get("channel"):
        how = f"（{CHANNEL_LABELS[Channel(data['channel'])]}，签收人{data.get('signer', '')}）"
    return f"代表{data['unit']}签收{how}" + ("，事项开始办理" if data.get("started") else "")


def _closed(data: dict[str, Any]) -> str:
    if data.get("by_work_items"):
        return "办结最后一个工作子项，本事项随之销号"
    unsigned = f"；{'、'.join(data['unsigned'])}未签收，{data['unsigned_reason']}" if data.get("unsigned") else ""
    grade = f"；等次：{data['grade']}" if data.get("grade") else ""
    despite = "".join(f"；{DOUBT_LABELS[Doubt(doubt)]}：{why}" for doubt, why in data.get("despite", {}).items())
    return f"准予销号，核验结论：{data.get('conclusion', '')}{grade}{despite}{unsigned}"


def _signed(data: dict[str, Any]) -> str:
    """Return how a signature reached the office that entered it, in brackets."""
    return f"（{CHANNEL_LABELS[Channel(data['channel'])]}，{data.get('signer', '')}签）" if data.get("channel") else ""


def _closure_asked(data: dict[str, Any]) -> str:
    unit = f"代{data['behalf_of']}" if data.get("behalf_of") else ""
    return f"{unit}申请销号{_signed(data)}：{data.get('statement', '')}"


def _closure_returned(data: dict[str, Any]) -> str:
    whose = f"代{data['leader']}" if data.get("leader") else ""
    word = "不同意销号，退回申请" if data.get("is_overseers") else "退回销号申请"
    return f"{whose}{word}{_signed(data)}：{data.get('reasons', '')}"


def _closure_agreed(data: dict[str, Any]) -> str:
    whose = f"代{data['leader']}" if data.get("leader") else ""
    return f"{whose}签批同意销号{_signed(data)}" + (f"：{data['opinion']}" if data.get("opinion") else "")


def _closure_verified(data: dict[str, Any]) -> str:
    untrue = f"；未核实：{'、'.join(data['untrue'])}" if data.get("untrue") else ""
    day = date_text(date.fromisoformat(data["verified_on"]))
    return f"登记{METHOD_LABELS[Method(data['method'])]}情况（{data['verifiers']}，{day}）：{data['findings']}{untrue}"


def _change_asked(data: dict[str, Any]) -> str:
    wish = f"，延至{date_text(date.fromisoformat(data['due_on']))}" if data.get("due_on") else ""
    wish += f"，调整为“{data['wording']}”" if data.get("wording") else ""
    late = f"；到期后受理：{data['late_reason']}" if data.get("late_reason") else ""
    label = label_of(ChangeKind(data["kind"]))
    return f"提出{data['unit']}的{label}{_how(data)}{wish}，事由：{data['cause'].rstrip('。')}{late}"


def _progress(data: dict[str, Any]) -> str:
    parts = [f"{one['target']}现为 {_number(one['value'])}" for one in data.get("figures", [])]
    if data.get("pct") is not None:
        parts.append(f"完成 {pct_text(Decimal(data['pct']))}")
    if data.get("forecast"):
        parts.append(FORECAST_LABELS[Forecast(data["forecast"])])
    if data.get("sentence"):
        parts.append(data["sentence"])
    how = ""
    if data.get("channel"):
        how = f"（{CHANNEL_LABELS[Channel(data['channel'])]}，填报人{data.get('informant', '')}）"
    day = date_text(date.fromisoformat(data["effective_on"]))
    return f"填报{data['unit']}截至{day}的进展{how}：{'；'.join(parts)}"


def _evidence(data: dict[str, Any]) -> str:
    what = f"{EVIDENCE_KIND_LABELS[EvidenceKind(data['kind'])]}“{data['title']}”"
    whose = f"{data['unit']}的" if data.get("unit") else ""
    how = ""
    if data.get("channel"):
        how = f"（{CHANNEL_LABELS[Channel(data['channel'])]}，提供人{data.get('informant', '')}）"
    return f"提交{whose}佐证材料{how}：{what}"


def _schedule(data: dict[str, Any]) -> str:
    how = ""
    if data.get("channel"):
        how = f"（{CHANNEL_LABELS[Channel(data['channel'])]}，报送人{data.get('informant', '')}）"
    again = "重新" if data.get("before") else ""
    note = f"，说明：{data['note']}" if data.get("note") else ""
    return f"{again}报送{data['unit']}的进度安排{how}{note}"


def _number(value: str) -> str:
    return f"{Decimal(value):,.4f}".rstrip("0").rstrip(".")


def _how(data: dict[str, Any]) -> str:
    """Return how somebody told the office what it entered for them, in brackets."""
    if not data.get("channel"):
        return ""
    return f"（{CHANNEL_LABELS[Channel(data['channel'])]}，{data.get('informant', '')}告知）"


def _noted(data: dict[str, Any]) -> str:
    return f"：{data['note']}" if data.get("note") else ""


def _obstacle_escalated(data: dict[str, Any]) -> str:
    if data.get("is_overdue"):
        return f"因{data['from']}逾期未答复，将{data['unit']}提出的困难问题转请{data['to']}协调"
    return f"将{data['unit']}提出的困难问题提请{data['to']}协调{_noted(data)}"


def _day(iso: str) -> str:
    return date_text(date.fromisoformat(iso))


def _item_decided(data: dict[str, Any]) -> str:
    by = f"；由{units_text(data['units'])}于{_day(data['due_on'])}前落实" if data["units"] else ""
    return f"录入{data['meeting']}就{data['unit']}困难问题议定的事项：{data['decision'].rstrip('。；')}{by}"


def _instruction(data: dict[str, Any]) -> str:
    entered = "批示" if data["entered_as"] == "leader" else f"录入{data['leader']}批示"
    return f"{entered}，交{units_text(data['units'])}落实，{_day(data['due_on'])}前反馈"


def _of_day(data: dict[str, Any]) -> str:
    return f"{data['unit']}{date_text(date.fromisoformat(data['report_day']))}一期的"


def _sent(data: dict[str, Any]) -> str:
    words = f"报告（{data['chars']} 字）：{data['text']}"
    why = f"字数不符的理由：{data['reason_outside']}" if data.get("reason_outside") else ""
    if data.get("channel"):
        how = f"{CHANNEL_LABELS[Channel(data['channel'])]}，报送人{data['informant']}"
        came = date_text(date.fromisoformat(data["received_on"]))
        return f"代录{_of_day(data)}{words}；{how}，{came}收到；{why}".rstrip("；")
    unsigned = "（单位没有可在此审签的领导）" if data.get("is_unsigned") else ""
    return f"报送{_of_day(data)}{words}；{why}".rstrip("；") + unsigned


def _accepted(data: dict[str, Any]) -> str:
    why = f"，字数不符，采用理由：{data['exception_reason']}" if data.get("exception_reason") else ""
    return f"采用{_of_day(data)}报告{why}"


def _contribution(data: dict[str, Any]) -> str:
    how = ""
    if data.get("channel"):
        how = f"（{CHANNEL_LABELS[Channel(data['channel'])]}，报送人{data['informant']}）"
    return f"报送{_of_day(data)}协办情况{how}：{data['text']}"


def _letter(data: dict[str, Any]) -> str:
    return f"给{data['unit']}的{data['letter']}{data.get('number', '')}"


def _letter_issued(data: dict[str, Any]) -> str:
    copies = f"，抄送{'、'.join(data['copies'])}" if data["copies"] else ""
    paper = "" if data["is_delivered"] else "，待纸质送达"
    return f"发出{_letter(data)}{copies}{paper}"


def _letter_answered(data: dict[str, Any]) -> str:
    said = [
        f"{one['matter']}：{one['text'].rstrip('。')}" + (f"，{_day(one['new_on'])}前完成" if one.get("new_on") else "")
        for one in data["answers"]
    ]
    return f"答复{_letter(data)}{_how(data)}：{'；'.join(said)}"


def _bulletin_issued(data: dict[str, Any]) -> str:
    part = {Section.CRITICISM: "通报批评", Section.PRAISE: "通报表扬"}[Section(data["section"])]
    return f"印发《政务督查》{data['year']}年第{data['number']}期（总第{data['total']}期），{part}{data['unit']}"


def _citation_withdrawn(data: dict[str, Any]) -> str:
    return f"撤回《政务督查》{data['year']}年第{data['number']}期对{data['unit']}的通报{_because(data)}"


def _objection_filed(data: dict[str, Any]) -> str:
    return f"代表{data['unit']}对{data['about']}申请复核{_how(data)}：{data['grounds'].rstrip('。')}"


def _objection_decided(data: dict[str, Any]) -> str:
    word = REVIEW_LABELS[ReviewOutcome(data["outcome"])]
    done = f"；{data['done']}" if data.get("done") else ""
    return f"就{data['unit']}对{data['about']}的复核申请作出决定（{data['number']}）：{word}。{data['remedy']}{done}"


def _found(data: dict[str, Any]) -> str:
    kind = VISIT_KIND_LABELS[VisitKind(data["kind"])]
    if data.get("before"):
        before = RESULT_LABELS[Result(data["before"])]
        return f"改变{kind}的认定：由“{before}”改为“{RESULT_LABELS[Result(data['result'])]}”，{data['words']}"
    day = date_text(date.fromisoformat(data["visited_on"]))
    return f"认定{day}{kind}的结果：{RESULT_LABELS[Result(data['result'])]}。{data['words']}"


def _interview(data: dict[str, Any]) -> str:
    return f"对{data['unit']}的{data['interview']}"


def _interview_notified(data: dict[str, Any]) -> str:
    at = datetime.fromisoformat(data["starts_at"])
    return f"发出{_interview(data)}通知{data['number']}，{when_text(at)}在{data['place']}，约谈人{data['chair']}"


def _interview_held(data: dict[str, Any]) -> str:
    return (
        f"登记{_interview(data)}（{_day(data['held_on'])}，{data['chair']}）：{'；'.join(data['demands'])}；"
        f"{_day(data['plan_on'])}前报整改方案，{_day(data['report_on'])}前报整改情况"
    )


def _rechecked(data: dict[str, Any]) -> str:
    after = f"，{FOLLOW_UP_LABELS[FollowUp(data['follow_up'])]}" if data.get("follow_up") else ""
    result = RECHECK_LABELS[RecheckResult(data["result"])]
    return f"{_day(data['checked_on'])}复查{data['unit']}整改情况：{result}{after}。{data['findings']}"


def _handed_in(data: dict[str, Any], *, what: str) -> str:
    return f"报送{data['unit']}的{what}{_how(data)}：{data['text'].rstrip('。')}"


_SAYS: dict[EventName, Callable[[dict[str, Any]], str]] = {
    EventName.MATTER_CREATED: _created,
    EventName.MATTER_EDITED: lambda data: "修改事项",
    EventName.MATTER_REGISTERED: lambda data: f"立项（{_approval(data)}）",
    EventName.MATTER_ASSIGNED: _assigned,
    EventName.MATTER_STARTED: lambda data: f"确认开始办理{_because(data)}",
    EventName.MATTER_ACKNOWLEDGED: _acknowledged,
    EventName.ARRANGEMENT_GIVEN: lambda data: f"填报{data['unit']}的责任安排",
    EventName.MATTER_REFUSED: lambda data: f"代表{data['unit']}退回交办{_because(data)}",
    EventName.REFUSAL_DECIDED: lambda data: (
        f"裁定{data['unit']}的退回：{'同意，该单位退出本事项' if data.get('is_upheld') else '不同意，仍由该单位承办'}"
        f"{_because(data)}"
    ),
    EventName.CLOSURE_PREPARED: lambda data: (
        f"将{data['unit']}的销号申请送主要负责人审签，{len(data.get('items', []))} 项要求完成"
        f" {sum(one['is_done'] for one in data.get('items', []))} 项"
    ),
    EventName.CLOSURE_SENT_BACK: lambda data: f"将{data['unit']}的销号申请退回修改：{data.get('reasons', '')}",
    EventName.CLOSURE_ASKED: _closure_asked,
    EventName.CLOSURE_AGREED: _closure_agreed,
    EventName.CLOSURE_VERIFIED: _closure_verified,
    EventName.CLOSURE_RETURNED: _closure_returned,
    EventName.MATTER_CLOSED: _closed,
    EventName.MATTER_REOPENED: lambda data: f"要求重新办理{_because(data)}",
    EventName.MATTER_ADJUSTED: lambda data: f"调整事项{_because(data)}",
    EventName.MATTER_EXTENDED: lambda data: (
        f"{'集中' if data.get('is_bulk') else ''}延期{_because(data)}"
        + (f"；到期后受理：{data['late_reason']}" if data.get("late_reason") else "")
    ),
    EventName.MATTER_SUSPENDED: lambda data: f"暂停办理{_because(data)}",
    EventName.MATTER_RESUMED: lambda data: f"恢复办理{_because(data)}",
    EventName.MATTER_SPLIT: lambda data: f"拆分为 {len(data.get('ids', []))} 个工作子项{_because(data)}",
    EventName.MATTER_CARRIED_OVER: lambda data: f"结转到{data['after'].get('plan', '下')}年度{_because(data)}",
    EventName.MATTER_TERMINATED: lambda data: f"终止事项{_because(data)}",
    EventName.MILESTONES_SET: lambda data: f"明确时间节点{_because(data)}",
    EventName.LIGHT_OVERRIDDEN: lambda data: (
        f"把{LIGHT_LABELS[Light(data['judged'])]}改判为{LIGHT_LABELS[Light(data['light'])]}{_because(data)}"
    ),
    EventName.OVERRIDE_LIFTED: lambda data: f"取消改判的{LIGHT_LABELS[Light(data['light'])]}{_because(data)}",
    EventName.PROGRESS_ENTERED: _progress,
    EventName.EVIDENCE_ADDED: _evidence,
    EventName.OBJECTION_PROVED: lambda data: f"{_evidence(data)}，随复核申请",
    EventName.EVIDENCE_WITHDRAWN: lambda data: f"撤下佐证材料“{data['title']}”{_because(data)}",
    EventName.OBSTACLE_RAISED: lambda data: (
        f"代表{data['unit']}向{data['to']}提出困难问题{_how(data)}：{data['problem'].rstrip('。；')}；"
        f"需要：{data['need']}"
    ),
    EventName.OBSTACLE_ANSWERED: lambda data: (
        f"代表{data['to']}答复{data['unit']}提出的困难问题{_how(data)}：{data['answer']}"
    ),
    EventName.OBSTACLE_UNSOLVED: lambda data: (
        f"代表{data['unit']}反映困难问题未解决，再次向{data['to']}提出{_noted(data)}"
    ),
    EventName.OBSTACLE_ESCALATED: _obstacle_escalated,
    EventName.ITEM_DECIDED: _item_decided,
    EventName.DECISION_DONE: lambda data: f"代表{data['unit']}报告议定事项已落实{_how(data)}：{data['text']}",
    EventName.DECISION_ACCEPTED: lambda data: f"认可{data['unit']}已落实议定事项：{data['decision']}",
    EventName.DECISION_RETURNED: lambda data: (
        f"退回{data['unit']}的议定事项落实情况{_because(data)}，{_day(data['due_on'])}前再报"
    ),
    EventName.SUPERIOR_NAMED: lambda data: "登记上级任务" if data.get("is_new") else "修改上级任务",
    EventName.DEALING_NOTED: lambda data: (
        f"记录{data['unit']}{_day(data['held_on'])}对接{data['with_whom']}：{data['outcome']}"
    ),
    EventName.INSTRUCTION_GIVEN: _instruction,
    EventName.INSTRUCTION_ANSWERED: lambda data: f"代表{data['unit']}反馈{data['leader']}批示的落实情况{_how(data)}",
    EventName.INSTRUCTION_ASKED_AGAIN: lambda data: (
        f"就{data['leader']}的批示要求{data['unit']}继续落实，{_day(data['due_on'])}前反馈"
    ),
    EventName.INSTRUCTION_SETTLED: lambda data: f"办结{data['unit']}承办的{data['leader']}批示",
    EventName.OBSTACLE_CLOSED: lambda data: (
        f"{'代' if data.get('is_behalf') else '代表'}{data['unit']}销结困难问题{_noted(data)}"
    ),
    EventName.SCHEDULE_PROPOSED: _schedule,
    EventName.SCHEDULE_ACCEPTED: lambda data: (
        f"{'改动后' if data.get('after') else ''}同意{data['unit']}报送的进度安排"
    ),
    EventName.SCHEDULE_RETURNED: lambda data: f"退回{data['unit']}的进度安排，理由：{data.get('reasons', '')}",
    EventName.CONTRIBUTION_GIVEN: _contribution,
    EventName.CONTRIBUTION_MISSING: lambda data: f"标记{_of_day(data)}协办情况未报",
    EventName.REPORT_SUBMITTED: lambda data: f"提交{_of_day(data)}报告送审（{data['chars']} 字）",
    EventName.REPORT_SENT_BACK: lambda data: f"退改{_of_day(data)}报告",
    EventName.REPORT_APPROVED: _sent,
    EventName.REPORT_ACCEPTED: _accepted,
    EventName.REPORT_RETURNED: lambda data: f"退回{_of_day(data)}报告{_because(data)}",
    EventName.REPORT_MARKED_HOLLOW: lambda data: f"标记{data['unit']}{_of_day(data)}报告内容空泛{_because(data)}",
    EventName.HOLLOW_MARK_LIFTED: lambda data: f"取消{data['unit']}{_of_day(data)}报告的内容空泛标记{_because(data)}",
    EventName.CHANGE_ASKED: _change_asked,
    EventName.CHANGE_REFUSED: lambda data: (
        f"不同意{data['unit']}的{label_of(ChangeKind(data['kind']))}：{data.get('reasons', '')}"
    ),
    EventName.LETTER_ISSUED: _letter_issued,
    EventName.LETTER_ANSWERED: _letter_answered,
    EventName.LETTER_ANSWER_ACCEPTED: lambda data: f"认可对{_letter(data)}的答复",
    EventName.LETTER_ANSWER_RETURNED: lambda data: f"退回对{_letter(data)}的答复：{data['reason']}",
    EventName.LETTER_SETTLED: lambda data: f"办结{_letter(data)}（{OUTCOME_LABELS[Outcome(data['outcome'])]}）",
    EventName.LETTER_WITHDRAWN: lambda data: f"撤回{_letter(data)}：{data['reason']}",
    EventName.BULLETIN_ISSUED: _bulletin_issued,
    EventName.INTERVIEW_NOTIFIED: _interview_notified,
    EventName.INTERVIEW_POSTPONED: lambda data: (
        f"{_interview(data)}改到{when_text(datetime.fromisoformat(data['starts_at']))}在{data['place']}{_because(data)}"
    ),
    EventName.INTERVIEW_HELD: _interview_held,
    EventName.INTERVIEW_MINUTES_ISSUED: lambda data: f"印发{_interview(data)}纪要{data['minutes']}",
    EventName.RECTIFY_PLAN_GIVEN: lambda data: _handed_in(data, what="整改方案"),
    EventName.RECTIFY_PLAN_ACCEPTED: lambda data: f"认可{data['unit']}的整改方案",
    EventName.RECTIFICATION_REPORTED: lambda data: _handed_in(data, what="整改报告"),
    EventName.RECTIFICATION_RETURNED: lambda data: (
        f"退回{data['unit']}的{PAPER_LABELS[Paper(data['paper'])]}，{_day(data['due_on'])}前重新报送{_because(data)}"
    ),
    EventName.INTERVIEW_RECHECKED: _rechecked,
    EventName.INTERVIEW_WITHDRAWN: lambda data: f"撤回{_interview(data)}{data['number']}{_because(data)}",
    EventName.CITATION_WITHDRAWN: _citation_withdrawn,
    EventName.OBJECTION_WRITTEN: lambda data: f"起草{data['unit']}对{data['about']}的复核申请，送本单位审签",
    EventName.OBJECTION_SENT_BACK: lambda data: f"将{data['unit']}的复核申请退回修改{_because(data)}",
    EventName.OBJECTION_FILED: _objection_filed,
    EventName.OBJECTION_ACCEPTED: lambda data: (
        f"受理{data['unit']}对{data['about']}的复核申请，{_day(data['decide_by'])}前决定"
    ),
    EventName.OBJECTION_DECLINED: lambda data: (
        f"不予受理{data['unit']}对{data['about']}的复核申请（{data['why']}）{_because(data)}"
    ),
    EventName.OBJECTION_WITHDRAWN: lambda data: f"撤回{data['unit']}对{data['about']}的复核申请",
    EventName.REVIEWER_APPOINTED: lambda data: (
        f"指定{data['role']}{data['reviewer']}决定{data['unit']}的复核申请{_because(data)}"
    ),
    EventName.OBJECTION_DECIDED: _objection_decided,
    EventName.FINDINGS_CONFIRMED: _found,
    EventName.FINDING_OVERTURNED: _found,
    EventName.CHANGE_WITHDRAWN: lambda data: f"撤回{data['unit']}的{label_of(ChangeKind(data['kind']))}",
    EventName.OBLIGATION_WAIVED: lambda data: f"免除{data.get('unit', '')}的一件应办事宜{_because(data)}",
}


def sentence_of(event: Event) -> Sentence:
    """Return one event in plain Chinese: “2020年2月3日 09:12，督查员甲交办给教育局等 3 个单位。”"""
    name = EventName(event.name)
    data = event.data
    says = _SAYS.get(name)
    text = says(data) if says else EVENT_LABELS[name]
    details: tuple[str, ...] = ()
    before, after = data.get("before"), data.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        details = differences(before, after)
    elif isinstance(after, list):
        details = tuple(str(one) for one in after)
    elif name is EventName.CLOSURE_ASKED:
        details = tuple(
            f"{'✓' if one['is_done'] else '未完成'} {one['text']}：{one['how']}" for one in data.get("items", [])
        )
    if name is not EventName.MATTER_REGISTERED and isinstance(data.get("approval"), dict):
        details += (f"审批：{_approval(data)}",)
    return Sentence(event.at, when_text(event.at), f"{event.actor_name}{text}".rstrip("。") + "。", details)


# ---- the story by kind and by who


class StoryKind(StrEnum):
    """What a line of the story is about."""

    HANDING = "handing"
    PROGRESS = "progress"
    COORDINATION = "coordination"
    EVIDENCE = "evidence"
    CHANGES = "changes"
    CLOSING = "closing"
    INSTRUCTIONS = "instructions"
    LIGHTS = "lights"
    LETTERS = "letters"
    BULLETINS = "bulletins"
    INTERVIEWS = "interviews"
    OBJECTIONS = "objections"
    VISITS = "visits"


STORY_KIND_LABELS = {
    StoryKind.HANDING: "交办签收",
    StoryKind.PROGRESS: "进展报送",
    StoryKind.COORDINATION: "困难协调",
    StoryKind.EVIDENCE: "佐证",
    StoryKind.CHANGES: "变更",
    StoryKind.CLOSING: "销号",
    StoryKind.INSTRUCTIONS: "批示",
    StoryKind.LIGHTS: "灯色改判",
    StoryKind.LETTERS: "函件",
    StoryKind.BULLETINS: "通报",
    StoryKind.INTERVIEWS: "约谈",
    StoryKind.OBJECTIONS: "复核",
    StoryKind.VISITS: "核验",
}

_KIND_OF_ROOM = {
    "progress": StoryKind.PROGRESS,
    "reports": StoryKind.PROGRESS,
    "obstacles": StoryKind.COORDINATION,
    "superiors": StoryKind.COORDINATION,
    "evidence": StoryKind.EVIDENCE,
    "changes": StoryKind.CHANGES,
    "closing": StoryKind.CLOSING,
    "instructions": StoryKind.INSTRUCTIONS,
    "lights": StoryKind.LIGHTS,
    "letters": StoryKind.LETTERS,
    "bulletins": StoryKind.BULLETINS,
    "interviews": StoryKind.INTERVIEWS,
    "objections": StoryKind.OBJECTIONS,
    "visits": StoryKind.VISITS,
}
_KIND_OF_NAME = {
    "matters.created": StoryKind.HANDING,
    "matters.registered": StoryKind.HANDING,
    "matters.assigned": StoryKind.HANDING,
    "matters.acknowledged": StoryKind.HANDING,
    "matters.started": StoryKind.HANDING,
    "matters.arrangement_given": StoryKind.HANDING,
    "matters.refused": StoryKind.HANDING,
    "matters.refusal_decided": StoryKind.HANDING,
    "matters.milestones_set": StoryKind.HANDING,
    "progress.schedule_proposed": StoryKind.HANDING,
    "progress.schedule_accepted": StoryKind.HANDING,
    "progress.schedule_returned": StoryKind.HANDING,
    "matters.edited": StoryKind.CHANGES,
    "matters.adjusted": StoryKind.CHANGES,
    "matters.extended": StoryKind.CHANGES,
    "matters.suspended": StoryKind.CHANGES,
    "matters.resumed": StoryKind.CHANGES,
    "matters.split": StoryKind.CHANGES,
    "matters.carried_over": StoryKind.CHANGES,
    "matters.terminated": StoryKind.CHANGES,
    "matters.obligation_waived": StoryKind.CHANGES,
    "matters.closure_asked": StoryKind.CLOSING,
    "matters.closure_returned": StoryKind.CLOSING,
    "matters.closed": StoryKind.CLOSING,
    "matters.reopened": StoryKind.CLOSING,
}


def kind_of(name: str) -> StoryKind | None:
    """Return what an event is about; None for what stands only under everything."""
    return _KIND_OF_NAME.get(name) or _KIND_OF_ROOM.get(name.split(".")[0])


class Who(StrEnum):
    """Whose step a line tells of: the office also writes down what a unit or a leader told it."""

    UNIT = "unit"
    OFFICE = "office"
    LEADER = "leader"


WHO_LABELS = {Who.UNIT: "单位", Who.OFFICE: "督查室", Who.LEADER: "区领导"}

_STEPS_OF_UNITS = {
    "matters.acknowledged", "matters.arrangement_given", "matters.refused", "matters.closure_asked", "progress.entered",
    "progress.schedule_proposed", "evidence.added", "evidence.withdrawn", "reports.contribution_given",
    "reports.contribution_missing", "reports.submitted", "reports.sent_back", "reports.approved", "obstacles.raised",
    "obstacles.answered", "obstacles.unsolved", "obstacles.closed", "superiors.named", "superiors.dealing_noted",
    "instructions.answered", "changes.asked", "changes.withdrawn", "closing.prepared", "closing.sent_back",
    "letters.answered", "objections.written", "objections.sent_back", "objections.filed", "objections.withdrawn",
    "objections.evidence_added", "interviews.confirmed", "interviews.plan_given", "interviews.rectified",
}  # fmt: skip
_STEPS_OF_LEADERS = {
    "instructions.given", "instructions.asked_again", "instructions.settled", "obstacles.answered", "closing.agreed",
    "closing.sent_back", "interviews.approved", "interviews.refused", "interviews.sent_back",
}  # fmt: skip


def whose(name: str) -> frozenset[Who]:
    """Return whose step an event is: of several where units and leaders both take it."""
    found = {Who.UNIT} if name in _STEPS_OF_UNITS else set()
    found |= {Who.LEADER} if name in _STEPS_OF_LEADERS else set()
    return frozenset(found or {Who.OFFICE})


def names_of(*, kind: StoryKind | None, who: Who | None) -> frozenset[str] | None:
    """Return the names of events of this kind and of these people; None where neither narrows anything."""
    if kind is None and who is None:
        return None
    fitting = (one.value for one in EventName if kind is None or kind_of(one.value) is kind)
    return frozenset(name for name in fitting if who is None or who in whose(name))
