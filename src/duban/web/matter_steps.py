"""The steps of a matter as forms: which are offered to whom, and what a posted form asks the actions to do."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_date

from duban.access.rules import Permission, may
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, Invalid, NotFound
from duban.core.seen import require_seen, seen_of
from duban.intake.models import Notice
from duban.intake.queries import approval_proposal
from duban.matters.actions import (
    Adjustment,
    Arrangement,
    NewApproval,
    NewMatter,
    NewMilestone,
    acknowledge,
    adjust,
    assign_matters,
    carry_over,
    decide_refusal,
    extend,
    give_arrangement,
    read_targets,
    refuse,
    register_matters,
    reopen,
    resume,
    set_milestones,
    split,
    start,
    suspend,
    terminate,
    typed_units,
    waive_obligation,
)
from duban.matters.models import Approval, Assignment, Matter, Plan
from duban.matters.queries import MatterPage, arrangement_shown, milestones_shown
from duban.matters.rules import Part, State, Step, may_step


@dataclass(frozen=True, slots=True)
class Field:
    """One input. kind: text, date, area, check, select, hidden · options: (value, words) of a select.

    is_standing: filled with what stands, not with a proposal or nothing.
    """

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    is_required: bool = True
    help: str = ""
    options: tuple[tuple[str, str], ...] = ()
    rows: int = 3
    suggests: str = ""
    is_standing: bool = False


@dataclass(frozen=True, slots=True)
class StepForm:
    """One step offered on the page. key: with the step, names the form (several units may each sign).

    theirs: (label, words) of what somebody else saved meanwhile.
    """

    step: str
    label: str
    button: str
    fields: tuple[Field, ...] = ()
    note: str = ""
    key: str = ""
    is_main: bool = False
    is_danger: bool = False
    is_on_behalf: bool = False
    problem: str = ""
    theirs: tuple[tuple[str, str], ...] = ()


def _values(form: StepForm) -> dict[str, str]:
    return {one.name: one.value for one in form.fields}


def with_posted(form: StepForm, posted: Mapping[str, str], *, error: DomainError) -> StepForm:
    """Return a form as somebody filled it in, with what is wrong, and beside it what somebody else saved meanwhile.

    What was seen stays what the editor saw, until a conflict has shown what stands.
    """
    is_conflict = isinstance(error, Conflict)
    filled, theirs = [], []
    for one in form.fields:
        typed = posted.get(one.name, "")
        if one.kind == "hidden" and (is_conflict or one.name != "seen"):
            filled.append(one)
            continue
        if is_conflict and one.label and one.is_standing and typed.strip() != one.value.strip():
            theirs.append((one.label, one.value))
        filled.append(replace(one, value=typed))
    return replace(form, fields=tuple(filled), problem=error.message, theirs=tuple(theirs))


# ---- which steps are offered


def approval_fields(*, today: date, approval: Mapping[str, str] | None = None) -> tuple[Field, ...]:
    """Return the inputs of an approval, filled with what is proposed."""
    given = approval or {}
    return (
        Field("basis", "审批依据", value=given.get("basis", ""), help="如：区政府常务会议纪要、领导批示"),
        Field("document_number", "文号", value=given.get("document_number", ""), is_required=False),
        Field("approved_by_name", "批准人", value=given.get("approved_by_name", "")),
        Field("approved_on", "批准日期", "date", value=given.get("approved_on", today.isoformat())),
    )


def proposed_approval(plan: Plan) -> dict[str, str]:
    """Return the approval a new matter of a plan is proposed with: that of the notice, else of its latest 立项."""
    notice = Notice.objects.filter(plan=plan).order_by("pk").first()
    if notice is not None:
        proposal = approval_proposal(notice)
        day = proposal.approved_on
        return {
            "basis": proposal.basis,
            "document_number": proposal.document_number,
            "approved_by_name": proposal.approved_by_name,
            "approved_on": day.isoformat() if day else "",
        }
    latest = Approval.objects.filter(registered_matters__plan=plan).order_by("-recorded_at", "-pk").first()
    if latest is None:
        return {}
    return {
        "basis": latest.basis,
        "document_number": latest.document_number,
        "approved_by_name": latest.approved_by_name,
        "approved_on": latest.approved_on.isoformat(),
    }


_ARRANGEMENT = (
    Field("responsible_leader", "责任领导", is_required=False),
    Field("responsible_person", "具体责任人", is_required=False),
    Field("measures", "工作措施", "area", is_required=False),
)
_NODES = Field(
    "milestones",
    "时间节点",
    "area",
    is_required=False,
    help="每行一个节点：日期 内容 应完成百分比，如 2020-06-30 主体封顶 60",
    rows=5,
    is_standing=True,
)


def _seen(shown: Mapping[str, Any]) -> Field:
    return Field("seen", "", "hidden", value=seen_of(shown))


def forms_of(page: MatterPage, *, actor: Actor, today: date) -> list[StepForm]:
    """Return the steps this actor may take now, those that come next first."""
    matter = page.matter
    place = matter.jurisdiction_id
    forms: list[StepForm] = []

    def allowed(permission: Permission, step: Step | None = None, *, unit_id: int | None = None) -> bool:
        fits = step is None or may_step(State(matter.state), step)
        return fits and may(actor, permission, unit_id=unit_id, jurisdiction_id=place)

    if allowed(Permission.MATTER_REGISTER, Step.REGISTER):
        fields = approval_fields(today=today, approval=proposed_approval(matter.plan))
        forms.append(StepForm("register", "立项", "立项", fields, is_main=True))
    if allowed(Permission.MATTER_ASSIGN, Step.ASSIGN):
        forms.append(StepForm("assign", "交办", "交办", note="交办后，牵头、协办单位即可看到并签收。", is_main=True))
    forms += _unit_forms(page, actor=actor)
    if allowed(Permission.CLOSURE_GRANT, Step.REOPEN):
        fields = (Field("reason", "理由", "area"), Field("due_on", "新的办结时限", "date", is_required=False))
        forms.append(StepForm("reopen", "重新办理", "重新办理", fields, note="首次销号日期保留。"))
    if allowed(Permission.MATTER_ASSIGN, Step.START):
        fields = (Field("reason", "理由", "area", help="如：电话签收、纸质回执"),)
        forms.append(StepForm("start", "未签收先开始", "开始办理", fields))
    if allowed(Permission.MATTER_EDIT, Step.EDIT):
        nodes = replace(_NODES, value=_nodes_text(page))
        reason = Field(
            "reason", "理由", help="如：按单位报送的进度安排", value="" if page.milestones else "明确进度安排"
        )
        seen = _seen(milestones_shown(page.milestones))
        forms.append(StepForm("milestones", "明确时间节点", "保存节点", (seen, nodes, reason)))
    forms += _change_forms(page, allowed=allowed, today=today)
    return forms


def _unit_forms(page: MatterPage, *, actor: Actor) -> list[StepForm]:
    matter = page.matter
    forms: list[StepForm] = []
    if matter.state not in (State.ASSIGNED, State.IN_PROGRESS):
        return forms
    place = matter.jurisdiction_id
    is_office = may(actor, Permission.MATTER_ASSIGN, jurisdiction_id=place)
    for one in page.assignments:
        if one.ended_at is not None:
            continue
        who = Field("assignment", "", "hidden", value=str(one.pk))
        is_pending = one.refused_at is not None and one.refusal_upheld is None
        if is_pending and is_office:
            fields = (
                who,
                Field(
                    "is_upheld", "裁定", "select", options=(("", "请选择"), ("no", "不同意退回"), ("yes", "同意退回"))
                ),
                Field("reason", "理由", "area"),
            )
            note = f"{one.unit.name}退回理由：{one.refusal_reason}"
            forms.append(
                StepForm("decide-refusal", f"裁定{one.unit.name}的退回", "裁定", fields, note, str(one.pk), True)
            )
        if not may(actor, Permission.MATTER_ACKNOWLEDGE, unit_id=one.unit_id, jurisdiction_id=place):
            continue
        if one.acknowledged_at is None and not is_pending:
            everything = Field(
                "everything", "一并签收本单位在本台账中的其他事项", "check", value="" if is_office else "1"
            )
            label = f"代{one.unit.name}签收" if is_office else "签收"
            signing = (who, *_ARRANGEMENT, replace(everything, is_required=False))
            forms.append(StepForm("acknowledge", label, "签收", signing, key=str(one.pk), is_main=not is_office))
            if one.refused_at is None:
                refusing = (who, Field("reason", "退回理由", "area"))
                label = f"代{one.unit.name}退回" if is_office else "退回交办"
                note = "每件事项只能退回一次，由督查室裁定。"
                forms.append(StepForm("refuse", label, "退回", refusing, note, str(one.pk)))
        elif one.acknowledged_at is not None:
            values = arrangement_shown(one)
            own = tuple(replace(item, value=values[item.name], is_standing=True) for item in _ARRANGEMENT)
            label = f"代{one.unit.name}填报责任安排" if is_office else "填报责任安排"
            forms.append(StepForm("arrange", label, "保存", (who, _seen(values), *own), key=str(one.pk)))
    if not is_office:
        return forms
    return [form if form.step == "decide-refusal" else replace(form, is_on_behalf=True) for form in forms]


def _change_forms(page: MatterPage, *, allowed: Callable[..., bool], today: date) -> list[StepForm]:
    matter = page.matter
    approval = approval_fields(today=today)
    reason = Field("reason", "理由", "area")
    forms: list[StepForm] = []
    if allowed(Permission.CHANGE_APPROVE, Step.EXTEND):
        due_on = Field("due_on", "延至", "date", help=f"跨年度的，{matter.plan.year}年底另行办理结转")
        forms.append(StepForm("extend", "延期", "延期", (due_on, reason, *approval)))
    if allowed(Permission.CHANGE_APPROVE, Step.ADJUST):
        standing = adjustable_of(page)
        fields = (
            _seen(standing),
            Field("text", "具体目标任务", "area"),
            Field("deadline_text", "完成时限（原文）", is_required=False),
            Field("due_on", "办结时限（只能提前）", "date"),
            Field("lead_units", "牵头单位", suggests="units"),
            Field("persons", "责任人", is_required=False),
            Field("support_units", "协办单位", is_required=False, suggests="units"),
            Field("overseers", "分管或联系领导", is_required=False),
        )
        filled = (
            replace(one, value=standing[one.name], is_standing=True) if one.name in standing else one for one in fields
        )
        note = "原内容保留在“变更”中；改动目标任务的，量化目标随新文字更新。"
        forms.append(StepForm("adjust", "调整", "调整", (*filled, reason, *approval), note))
    if allowed(Permission.CHANGE_APPROVE, Step.SPLIT) and matter.parent_id is None:
        items = Field("items", "工作子项", "area", rows=5, help="每行一项，可在竖线后写时限：完成选址 | 2020-06-30")
        note = "子项沿用本事项的责任单位；全部销号后本事项随之销号。"
        forms.append(StepForm("split", "拆分", "拆分", (items, reason, *approval), note))
    if allowed(Permission.CHANGE_APPROVE, Step.SUSPEND):
        forms.append(StepForm("suspend", "暂停", "暂停", (reason, *approval), "暂停期间不计时限，恢复后顺延。"))
    if allowed(Permission.CHANGE_APPROVE, Step.RESUME):
        due_on = Field("due_on", "办结时限", "date", is_required=False, help="不填则按暂停天数顺延")
        forms.append(StepForm("resume", "恢复", "恢复", (due_on, reason, *approval), is_main=True))
    if allowed(Permission.CHANGE_APPROVE, Step.CARRY_OVER):
        later = Plan.objects.filter(jurisdiction=matter.jurisdiction_id, year__gt=matter.plan.year).order_by("year")
        options = tuple((str(one.pk), one.title) for one in later)
        if options:
            into = Field("into", "结转到", "select", value=options[0][0], options=options)
            forms.append(StepForm("carry-over", "结转", "结转", (into, reason, *approval)))
        else:
            note = f"还没有{matter.plan.year + 1}年度台账，请先在“台账设置”中建立。"
            forms.append(StepForm("carry-over", "结转", "", (), note))
    if allowed(Permission.CHANGE_APPROVE, Step.TERMINATE):
        forms.append(StepForm("terminate", "终止", "终止", (reason, *approval), is_danger=True))
    return forms


def adjustable_of(page: MatterPage) -> dict[str, str]:
    """Return what the form of 调整 shows of a matter, by field."""
    matter = page.matter
    return {
        "text": matter.text,
        "deadline_text": matter.deadline_text,
        "due_on": matter.due_on.isoformat(),
        **cells_of(page),
    }


def _nodes_text(page: MatterPage) -> str:
    return "\n".join(f"{one.due_on.isoformat()} {one.title} {float(one.expected_pct):g}" for one in page.milestones)


def cells_of(page: MatterPage) -> dict[str, str]:
    """Return the names of a matter as the annex's own cells hold them, to be typed over."""
    active = [one for one in page.assignments if one.ended_at is None]
    cells: dict[str, list[str]] = {"lead_units": [], "support_units": [], "persons": [], "overseers": []}
    named = {(one.part, one.name) for one in page.groups}
    for name, part in (("lead_units", Part.LEAD), ("support_units", Part.SUPPORT)):
        places = [
            (one.order, f"{one.unit.name}（{one.qualifier}）" if one.qualifier else one.unit.name)
            for one in active
            if one.part == part and (one.part, one.from_group) not in named
        ]
        places += [(one.order, one.name) for one in page.groups if one.part == part]
        cells[name] = [words for _, words in sorted(places, key=lambda each: each[0])]
    leads = sorted((one for one in active if one.part == Part.LEAD), key=lambda each: each.order)
    holders = [page.holders[one.post_id].name for one in leads if one.post_id and one.post_id in page.holders]
    cells["persons"] = list(dict.fromkeys(holders))
    cells["overseers"] = [page.holders[one.post_id].name for one in page.overseers if one.post_id in page.holders]
    return {name: "、".join(values) for name, values in cells.items()}


# ---- what a posted form asks for


Posted = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A posted step: on which matter, by whom, when."""

    page: MatterPage
    posted: Posted
    by: Actor
    now: datetime
    today: date
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def matter(self) -> Matter:
        """The matter the step is taken on."""
        return self.page.matter

    def day(self, name: str, *, label: str, is_required: bool = True) -> date | None:
        """Return a date as posted. Raises Invalid."""
        value = self.posted.get(name, "").strip()
        if not value and not is_required:
            return None
        try:
            day = parse_date(value)
        except ValueError:
            day = None
        if day is None:
            raise Invalid(f"请填写{label}，如 2020-06-30。", field=name)
        return day

    def approval(self) -> NewApproval:
        """Return the approval as posted."""
        day = self.day("approved_on", label="批准日期")
        return NewApproval(
            basis=self.posted.get("basis", ""),
            approved_by_name=self.posted.get("approved_by_name", ""),
            approved_on=day or self.today,
            document_number=self.posted.get("document_number", ""),
        )

    def assignment(self) -> Assignment:
        """Return the assignment a unit's form is about, of this matter. Raises NotFound."""
        wanted = self.posted.get("assignment", "")
        for one in self.page.assignments:
            if str(one.pk) == wanted:
                one.matter = self.matter
                return one
        raise NotFound

    def arrangement(self) -> Arrangement:
        """Return who answers and how, as posted."""
        return Arrangement(
            responsible_leader=self.posted.get("responsible_leader", ""),
            responsible_person=self.posted.get("responsible_person", ""),
            measures=self.posted.get("measures", ""),
        )

    @property
    def seen(self) -> str:
        """What the form showed; a form that does not say is of a page too old to be saved."""
        return self.posted.get("seen", "")


_NODE = re.compile(
    r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[\s,，:：|]+(.+?)[\s,，:：|]+(\d{1,3}(?:\.\d+)?)\s*[%％]?$"
)


def read_milestones(typed: str) -> list[NewMilestone]:
    """Return milestones typed a line each: 2020-06-30 主体封顶 60. Raises Invalid naming the line."""
    nodes: list[NewMilestone] = []
    for number, line in enumerate(typed.splitlines(), start=1):
        if not line.strip():
            continue
        match = _NODE.match(line.strip())
        try:
            if match is None:
                raise ValueError
            day = date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            raise Invalid(
                f"第 {number} 行“{line.strip()[:30]}”看不懂，请写成：2020-06-30 主体封顶 60", field="milestones"
            )
        nodes.append(NewMilestone(match[4].strip(), day, float(match[5])))
    return nodes


def _register(asked: Asked) -> str:
    register_matters([asked.matter], approval=asked.approval(), by=asked.by, now=asked.now)
    return "已立项。"


def _assign(asked: Asked) -> str:
    assign_matters([asked.matter], by=asked.by, now=asked.now)
    return "已交办。"


def _acknowledge(asked: Asked) -> str:
    own = asked.assignment()
    rows = acknowledge(
        own.unit,
        plan=asked.matter.plan,
        by=asked.by,
        now=asked.now,
        matters=None if asked.posted.get("everything") else [asked.matter],
        arrangements={asked.matter.pk: asked.arrangement()},
    )
    return f"{own.unit.name}已签收 {len(rows)} 件事项。"


def _arrange(asked: Asked) -> str:
    give_arrangement(asked.assignment(), arrangement=asked.arrangement(), seen=asked.seen, by=asked.by, now=asked.now)
    return "责任安排已保存。"


def _refuse(asked: Asked) -> str:
    refuse(asked.assignment(), reason=asked.posted.get("reason", ""), by=asked.by, now=asked.now)
    return "已退回，等待督查室裁定。"


def _decide_refusal(asked: Asked) -> str:
    choice = asked.posted.get("is_upheld", "")
    if choice not in ("yes", "no"):
        raise Invalid("请选择是否同意退回。", field="is_upheld")
    reason = asked.posted.get("reason", "")
    decide_refusal(asked.assignment(), is_upheld=choice == "yes", reason=reason, by=asked.by, now=asked.now)
    return "已裁定。"


def _start(asked: Asked) -> str:
    start(asked.matter, reason=asked.posted.get("reason", ""), by=asked.by, now=asked.now)
    return "已开始办理。"


def _reopen(asked: Asked) -> str:
    due_on = asked.day("due_on", label="新的办结时限", is_required=False)
    reopen(asked.matter, reason=asked.posted.get("reason", ""), due_on=due_on, by=asked.by, now=asked.now)
    return "已重新办理。"


def _approved(asked: Asked) -> dict[str, Any]:
    reason = asked.posted.get("reason", "")
    return {"reason": reason, "approval": asked.approval(), "by": asked.by, "now": asked.now}


def _extend(asked: Asked) -> str:
    due_on = asked.day("due_on", label="延期后的日期")
    extend(asked.matter, due_on=due_on or asked.today, **_approved(asked))
    year = asked.matter.plan.year
    if due_on is not None and due_on.year > year:
        return f"已延期。新的时限在{due_on.year}年，{year}年底未办结的请办理结转。"
    return "已延期。"


def _adjust(asked: Asked) -> str:
    page, posted = asked.page, asked.posted
    message = f"{asked.matter}刚刚被他人调整过，请对照后再保存。"
    require_seen(asked.seen, standing=adjustable_of(page), message=message)
    standing = cells_of(page)
    changed = {name for name in standing if posted.get(name, "").strip() != standing[name]}
    assignments, groups, overseers = None, None, None
    if changed:
        typed = {name: posted.get(name, "") for name in standing}
        found, named, leaders = typed_units(
            asked.matter,
            lead_units=typed["lead_units"],
            support_units=typed["support_units"],
            persons_typed=typed["persons"],
            overseers=typed["overseers"],
            today=asked.today,
        )
        if changed & {"lead_units", "persons", "support_units"}:
            assignments, groups = found, named
        if "overseers" in changed:
            overseers = leaders
    text = posted.get("text", asked.matter.text)
    is_new_text = text.strip() != asked.matter.text
    adjustment = Adjustment(
        text=text,
        deadline_text=posted.get("deadline_text"),
        due_on=asked.day("due_on", label="办结时限"),
        assignments=assignments,
        groups=groups,
        overseers=overseers,
        targets=read_targets(text, standing=page.targets) if is_new_text else None,
    )
    adjust(asked.matter, adjustment=adjustment, version=asked.matter.version, **_approved(asked))
    return "已调整，原内容保留在“变更”中。"


def _suspend(asked: Asked) -> str:
    suspend(asked.matter, **_approved(asked))
    return "已暂停。"


def _resume(asked: Asked) -> str:
    due_on = asked.day("due_on", label="办结时限", is_required=False)
    resume(asked.matter, due_on=due_on, **_approved(asked))
    return "已恢复。"


def _split(asked: Asked) -> str:
    items = []
    for number, line in enumerate(asked.posted.get("items", "").splitlines(), start=1):
        text, _, deadline = (part.strip() for part in line.replace("｜", "|").partition("|"))
        if not text:
            continue
        try:
            due_on = parse_date(deadline) if deadline else None
        except ValueError:
            due_on = None
        if deadline and due_on is None:
            raise Invalid(f"第 {number} 行的时限“{deadline[:20]}”看不懂，请写成 2020-06-30。", field="items")
        items.append(NewMatter(text=text, due_on=due_on))
    rows = split(asked.matter, items=items, **_approved(asked))
    return f"已拆分为 {len(rows)} 个工作子项。"


def _carry_over(asked: Asked) -> str:
    wanted = asked.posted.get("into", "")
    plans = Plan.objects.visible_to(asked.by).filter(jurisdiction=asked.matter.jurisdiction_id)
    into = next((one for one in plans if str(one.pk) == wanted), None)
    if into is None:
        raise Invalid("请选择结转到哪个年度的台账。", field="into")
    carry_over(asked.matter, into=into, **_approved(asked))
    return f"已结转到{into.title}。"


def _terminate(asked: Asked) -> str:
    terminate(asked.matter, **_approved(asked))
    return "已终止。"


def _milestones(asked: Asked) -> str:
    nodes = read_milestones(asked.posted.get("milestones", ""))
    reason = asked.posted.get("reason", "")
    set_milestones(asked.matter, milestones=nodes, reason=reason, seen=asked.seen, by=asked.by, now=asked.now)
    return "时间节点已保存。"


def _waive(asked: Asked) -> str:
    wanted = asked.posted.get("obligation", "")
    owed = next((one for one in asked.page.obligations if str(one.pk) == wanted), None)
    if owed is None:
        raise NotFound
    waive_obligation(owed, reason=asked.posted.get("reason", ""), by=asked.by, now=asked.now)
    return "已免除。"


STEPS: dict[str, Callable[[Asked], str]] = {
    "register": _register,
    "assign": _assign,
    "acknowledge": _acknowledge,
    "arrange": _arrange,
    "refuse": _refuse,
    "decide-refusal": _decide_refusal,
    "start": _start,
    "reopen": _reopen,
    "extend": _extend,
    "adjust": _adjust,
    "suspend": _suspend,
    "resume": _resume,
    "split": _split,
    "carry-over": _carry_over,
    "terminate": _terminate,
    "milestones": _milestones,
    "waive": _waive,
}
"""Each step of the address `matters/<pk>/steps/<step>/`: what it does, and the words that say it is done."""
