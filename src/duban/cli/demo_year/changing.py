"""What was decided does not always hold: extensions, adjustments, pauses, overrides, new heads, a new year."""

from datetime import date, timedelta

from duban.calendars.rules import NamedDay
from duban.changes.actions import Decision, Wish, approve_change, ask_change, refuse_change, withdraw_change
from duban.changes.models import ChangeRequest
from duban.changes.queries import extensions_of
from duban.cli.demo_year.behaviour import Character, Outcome, chance, choice, number, workday_from
from duban.cli.demo_year.county import county
from duban.cli.demo_year.stage import Stage, key_of, merging
from duban.cli.demo_year.words import what_of
from duban.core.clock import day_of
from duban.core.workdays import add_workdays
from duban.lights.actions import lift_override, load_year, override_light
from duban.lights.queries import override_of
from duban.matters.actions import (
    Behalf,
    MatterEdit,
    NewMatter,
    adopt_policy,
    assign_matters,
    change_setting,
    create_plan,
    edit_matter,
    extend_many,
    merge_units,
    record_export,
    resume,
    split,
    waive_obligation,
)
from duban.matters.models import Matter, Obligation
from duban.matters.rules import ChangeKind, Channel, Light, Owed, OwedState, SettingKey, State
from duban.orgs.actions import NewPerson, appoint
from duban.orgs.models import Post
from duban.orgs.rules import PostKind
from duban.papers.actions import adopt_template
from duban.papers.queries import templates_in_force

EXTENDED_ON = date(2020, 2, 18)
NEW_HEADS_ON = date(2020, 7, 1)
SPLIT_ON = date(2020, 4, 15)
NEXT_PLAN_ON = date(2020, 12, 28)
NEXT_ASSIGNED_ON = date(2021, 1, 11)


# ---- the office decides of itself


def extend_for_the_epidemic(stage: Stage) -> None:
    """Extend together, for the epidemic, what could not begin: outside the cap of two."""
    if stage.day != EXTENDED_ON:
        return
    for told in county()["epidemic"]:
        matters = Matter.objects.filter(plan=stage.plan, serial__in=told["serials"]).select_related("plan__policy")
        extend_many(
            list(matters.order_by("order")),
            due_on=timedelta(days=told["days"]),
            reason="受新冠肺炎疫情影响，工程和文旅类事项不能按期开工，集中延期。",
            approval=stage.approval("区政府常务会议研究同意", "临江政办〔2020〕6号"),
            **stage.told(stage.office_head),
        )


def split_a_matter(stage: Stage) -> None:
    """Split one large matter into work items, which are signed for and closed one by one."""
    if stage.day != SPLIT_ON:
        return
    matter = Matter.objects.select_related("plan__policy").get(plan=stage.plan, serial="92")
    items = [
        NewMatter(text="完成 9 个小学新改扩建项目。", due_on=date(2020, 11, 30)),
        NewMatter(text="完成 5 个中学新改扩建项目。", due_on=date(2020, 12, 15)),
        NewMatter(text="完成 3 个幼儿园新改扩建项目。", due_on=date(2020, 12, 20)),
    ]
    reason = "项目多、分布广，按学段分解推进。"
    split(matter, items=items, reason=reason, approval=stage.approval(), **stage.told(stage.office_head))


def correct_the_ledger(stage: Stage) -> None:
    """Let the office mend small things: a matter's section, a setting, what is owed no more; and print the ledger."""
    if stage.day == date(2020, 3, 5):
        matter = Matter.objects.get(plan=stage.plan, serial="122")
        edit_matter(
            matter,
            version=matter.version,
            edit=MatterEdit(is_weakness=True, note="安全生产重点"),
            **stage.told(stage.officer),
        )
    if stage.day == date(2020, 3, 25):
        contact = {"name": "方知白", "phone": county()["office_phone"], "fax": "", "email": "duban@example.org"}
        change_setting(
            stage.plan,
            key=SettingKey.CONTACT,
            value=contact,
            reason="督查室联系人调整",
            **stage.told(stage.officer),
        )
    if stage.day == date(2020, 6, 24):
        owed = Obligation.objects.filter(plan=stage.plan, kind=Owed.REPORT, state=OwedState.OPEN, matter__isnull=False)
        one = owed.select_related("unit", "matter").order_by("matter__order", "pk").first()
        if one is not None:
            reason = "事项资料已由专项报告一并报送，免予重复报送。"
            waive_obligation(one, reason=reason, **stage.told(stage.office_head))
    if (stage.day.month, stage.day.day) in ((4, 1), (7, 1), (10, 9), (12, 31)):
        record_export(stage.plan, form="xlsx", view="", count=stage.plan.matters.count(), **stage.told(stage.officer))


def adopt_another_policy(stage: Stage) -> None:
    """Give units asked to help a day more, from September on: a new version of the policy."""
    if stage.day != date(2020, 9, 1):
        return
    figures = stage.plan.policy.values()
    figures["obstacles"]["answer_workdays"] = 6
    stage.plan.refresh_from_db()
    adopt_policy(
        stage.plan,
        figures=figures,
        version=stage.plan.policy.number,
        reason="各单位反映答复时间偏紧，延长一个工作日。",
        **stage.told(stage.office_head),
    )
    stage.plan.refresh_from_db()


def adopt_another_wording(stage: Stage) -> None:
    """Let 督办函 name who has to answer for the measures, from June on: a new version of their template."""
    if stage.day != date(2020, 6, 1):
        return
    standing = templates_in_force(stage.county.pk)["supervise"]
    adopt_template(
        stage.county,
        key="supervise",
        parts=standing.parts() | {"demand": standing.demand.replace("请立即研究", "请主要负责人立即牵头研究")},
        reason="督办函应写明由主要负责人牵头整改。",
        seen=0,
        **stage.told(stage.office_head),
    )


def override_a_light(stage: Stage) -> None:
    """Let the office show another light than the rules give, and take it back when the reason is gone."""
    if stage.day == date(2020, 9, 22):
        lit = Matter.objects.filter(plan=stage.plan, state=State.IN_PROGRESS, light=Light.YELLOW).order_by("order")
        for matter, reason in zip(
            lit[:2],
            ("主要环节已经上会审定，进度滞后系统计口径所致。", "现场进度与所报一致，待数据更新。"),
            strict=False,
        ):
            override_light(matter, light=Light.GREEN, reason=reason, **stage.told(stage.office_head))
    if stage.day == date(2020, 10, 20):
        for matter in Matter.objects.exclude(light_override="").order_by("order")[:1]:
            if override_of(matter) is not None:
                lift_override(matter, reason="数据已更新，按规则判定。", **stage.told(stage.office_head))


def change_heads(stage: Stage) -> None:
    """Let two units get another head in the middle of the year: the posts' matters are theirs at once."""
    if stage.day != NEW_HEADS_ON:
        return
    for name, person in county()["heads"].items():
        unit = stage.unit(name)
        post = Post.objects.get(unit=unit, kind=PostKind.UNIT_HEAD)
        term = appoint(post, person=NewPerson(person), from_on=stage.day, **stage.told(stage.officer))
        stage.forget_actors()
        stage.open_for(unit, "head", term.person, username=f"{stage.who[unit.pk, 'head']}2")


def merge_two_units(stage: Stage) -> None:
    """Let one office of the park go on in the other, as the reform of autumn asks."""
    if stage.day == date(2020, 9, 28):
        merge_units(stage.unit("园区经发科"), into=stage.unit("园区环安科"), **stage.told(stage.officer))
        stage.forget_actors()


def load_the_next_calendar(stage: Stage) -> None:
    """Load the holidays of the next year once they are announced."""
    if stage.day != date(2020, 11, 26):
        return
    off = [("元旦", date(2021, 1, 1), 3), ("春节", date(2021, 2, 11), 7)]
    days = [
        NamedDay(first + timedelta(days=place), False, name) for name, first, count in off for place in range(count)
    ]
    worked = [NamedDay(day, True, "春节") for day in (date(2021, 2, 7), date(2021, 2, 20))]
    load_year(
        [*days, *worked], year=2021, title="2021年部分节假日安排（元旦、春节）", **stage.told(stage.actor("xitong"))
    )


# ---- units ask


def ask_for_changes(stage: Stage) -> None:
    """Let leads ask for what they need: most for more time, some to pause, adjust or end a matter."""
    if stage.day.year != 2020 or not 5 <= stage.day.month <= 11 or stage.day.weekday() != 2:
        return
    told = {one["serial"]: ChangeKind(one["kind"]) for one in county()["changes"] if one["on"] == stage.day}
    pending = set(ChangeRequest.objects.open().values_list("matter_id", flat=True))
    ready = {"matter__state": State.IN_PROGRESS, "acknowledged_at__isnull": False, "matter__parent": None}
    for part in merging([stage.plan.pk], **ready):
        key, kind = key_of(part.matter), told.get(part.matter.serial)
        if kind is None and chance(stage.seed, 0.0065, "asks change", key, stage.day):
            kind = choice(stage.seed, _KINDS, "kind of change", key, stage.day)
        actor = stage.of_unit(part.unit, "liaison")
        if kind is None or actor is None or part.matter_id in pending or (part.matter.progress_pct or 0) > 75:
            continue
        if kind is ChangeKind.EXTEND and extensions_of(part.matter).is_used_up:
            continue
        wording = part.matter.text.rstrip("。") + "，年内完成主体部分。" if kind is ChangeKind.ADJUST else ""
        wish = Wish(
            kind=kind,
            cause=choice(stage.seed, _CAUSES, "cause", key, stage.day),
            progress=f"“{what_of(part.matter.text)}”目前完成 {float(part.matter.progress_pct or 0):.0f}%。",
            due_on=part.matter.due_on + timedelta(days=30) if kind is ChangeKind.EXTEND else None,
            wording=wording,
        )
        ask_change(part.matter, unit=part.unit, wish=wish, **stage.told(actor))


_KINDS = (
    *(ChangeKind.EXTEND,) * 5,
    *(ChangeKind.SUSPEND,) * 2,
    *(ChangeKind.ADJUST,) * 2,
    ChangeKind.TERMINATE,
)
_CAUSES = (
    "用地报批需上级审查，时间无法由本单位控制。",
    "汛期停工，工期顺延。",
    "上级政策调整，实施内容需要相应变化。",
    "社会资本方退出，需要重新招标。",
)


def decide_changes(stage: Stage) -> None:
    """Decide within three working days: most are agreed to; the office may say no, a unit may take it back."""
    for one in (
        ChangeRequest.objects.open()
        .select_related("matter__plan__policy", "unit__jurisdiction")
        .order_by("matter__order", "pk")
    ):
        about = (key_of(one.matter), one.kind, one.asked_on)
        kind = ChangeKind(one.kind)
        if kind is ChangeKind.CARRY_OVER:
            if stage.next_plan is not None:
                _approve(stage, one)
            continue
        if add_workdays(day_of(one.asked_at), number(stage.seed, 1, 3, "decides change", *about)) != stage.day:
            continue
        actor, fate = stage.of_unit(one.unit, "liaison"), _fate(stage, one)
        if actor is not None and fate == "withdraw":
            withdraw_change(one, **stage.told(actor))
        elif fate == "refuse":
            reasons = "理由不充分，请倒排工期，按原定时限完成。"
            refuse_change(one, reasons=reasons, **stage.told(stage.office_head))
        else:
            _approve(stage, one)


def _fate(stage: Stage, one: ChangeRequest) -> str:
    """Return what becomes of a request: as county.toml tells it, else as drawn."""
    for told in county()["changes"]:
        if (told["on"], told["serial"]) == (one.asked_on, one.matter.serial):
            return str(told["fate"])
    is_refused = chance(stage.seed, 0.22, "refuses change", key_of(one.matter), one.kind, one.asked_on)
    return "refuse" if is_refused else "approve"


def _approve(stage: Stage, one: ChangeRequest) -> None:
    if one.matter.state not in (State.IN_PROGRESS, State.ASSIGNED):
        refuse_change(one, reasons="事项已在办理销号，不再变更。", **stage.told(stage.office_head))
        return
    decision = Decision(approval=stage.approval("区政府分管领导同意"), into=stage.next_plan)
    approve_change(one, decision=decision, **stage.told(stage.office_head))


def resume_what_paused(stage: Stage) -> None:
    """Let what was suspended go on after two or three months, but for what stays so to the end."""
    if stage.day.weekday() != 3 or stage.day > date(2020, 12, 10):
        return
    paused = Matter.objects.filter(plan=stage.plan, state=State.SUSPENDED).select_related("plan__policy")
    stay = {one["serial"] for one in county()["changes"] if one["kind"] == ChangeKind.SUSPEND}
    for matter in paused.exclude(serial__in=stay).order_by("order"):
        since = matter.changes.filter(kind=ChangeKind.SUSPEND).order_by("-pk")[0].effective_on
        if (stage.day - since).days > number(stage.seed, 40, 80, "resumes", key_of(matter)):
            reason = "影响推进的条件已经具备，恢复办理。"
            resume(matter, reason=reason, approval=stage.approval(), **stage.told(stage.office_head))


# ---- the year's end


def ask_to_carry_over(stage: Stage) -> None:
    """Let leads ask, in the last days before the final date, to go on next year with what they will not finish."""
    if not date(2020, 12, 21) <= stage.day <= date(2020, 12, 31):
        return
    pending = set(ChangeRequest.objects.open().values_list("matter_id", flat=True))
    for part in merging([stage.plan.pk], matter__state=State.IN_PROGRESS, matter__parent=None):
        key, character = key_of(part.matter), stage.character_of(part.unit)
        if part.matter_id in pending or character is Character.NEVER:
            continue
        course = stage.course(part.matter, part.unit)
        day = date(2020, 12, 21) + timedelta(days=number(stage.seed, 0, 9, "carries over", key))
        if course.outcome is not Outcome.CARRIED_OVER or workday_from(day) != stage.day:
            continue
        if part.matter.work_items.filter(state__in=(State.ASSIGNED, State.IN_PROGRESS)).exists():
            continue
        actor, behalf = stage.speaker(part.unit)
        is_late = part.matter.due_on < stage.day
        if is_late:  # only the office may still take it
            actor, behalf = stage.officer, Behalf(Channel.PAPER, f"{part.unit.name}办公室")
        wish = Wish(
            kind=ChangeKind.CARRY_OVER,
            cause="年内无法全部完成，余下部分需跨年实施。",
            progress=f"目前完成 {float(part.matter.progress_pct or 0):.0f}%，主体部分已经完成。",
            late_reason="单位提交纸质申请时已过时限，事项确需跨年，予以受理。" if is_late else "",
        )
        ask_change(part.matter, unit=part.unit, wish=wish, behalf=behalf, **stage.told(actor))


def open_the_next_year(stage: Stage) -> None:
    """Open the next year's ledger, and hand out in January what was carried over into it."""
    if stage.day == NEXT_PLAN_ON:
        title = f"{stage.county.short_name}2021年度台账"
        stage.next_plan = create_plan(stage.county, year=2021, title=title, **stage.told(stage.office_head))
    if stage.day == NEXT_ASSIGNED_ON and stage.next_plan is not None:
        carried = Matter.objects.filter(plan=stage.next_plan, state=State.REGISTERED).order_by("order", "pk")
        if carried:
            assign_matters(list(carried), **stage.told(stage.officer))


CHANGING = (
    extend_for_the_epidemic,
    split_a_matter,
    correct_the_ledger,
    adopt_another_policy,
    adopt_another_wording,
    override_a_light,
    change_heads,
    merge_two_units,
    load_the_next_calendar,
    open_the_next_year,
    ask_for_changes,
    ask_to_carry_over,
    decide_changes,
    resume_what_paused,
)
