"""约谈: once a month the officer looks at what the rules propose, applies for two talks and dismisses one proposal."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from duban.cli.demo_year.behaviour import choice, number
from duban.cli.demo_year.stage import Stage
from duban.core.clock import SHANGHAI, day_of
from duban.core.workdays import add_workdays
from duban.interviews.actions import (
    Application,
    Arrangement,
    Checked,
    Demanded,
    Handed,
    OnPaper,
    Talk,
    accept_plan,
    apply_interview,
    approve_interview,
    arrange_interview,
    confirm_attendance,
    dismiss_proposal,
    hand_in,
    hold_interview,
    issue_minutes,
    issue_notice,
    recheck_interview,
    return_paper,
)
from duban.interviews.models import Interview, Recheck, Rectification
from duban.interviews.queries import (
    USUAL_PREPARE,
    Shown,
    approver_role,
    grounds_in,
    leader_words,
    leaders_of,
    matters_of,
    proposals,
    talk_day,
    usual_basis,
    usual_leader,
    with_units,
)
from duban.interviews.rules import AFTER_TALK, FollowUp, GroundKind, InterviewState, Level, Paper, Result
from duban.matters.models import Matter, Plan
from duban.matters.queries import policy_of
from duban.matters.rules import Light
from duban.orgs.models import Post
from duban.orgs.queries import post_holders, unit_cards
from duban.orgs.rules import PostKind

_FROM, _UNTIL = date(2020, 8, 1), date(2020, 12, 31)
_A_MONTH = 2
"""So many talks are applied for in a month; the other proposals stand until the next."""
_FIRST_OF_ALL = "教育局"
"""Its people can sign in to the demonstration, so that they see a talk from their side."""

_EXPLANATIONS = (
    "前期征迁补偿谈得慢，施工单位退场后重新招标，耽误了两个月。",
    "资金分两批下达，第二批到位较晚；内部调度也不够紧，主要负责人过问不多。",
    "涉及几个部门的手续没有同步办，等上一个环节办完才报下一个，拖长了时间。",
)
_PLANS = (
    "一、主要负责人牵头，成立专班，每周调度一次。\n二、倒排工期，逐项明确责任人，下月底前补上欠账。",
    "一、把剩余任务拆到周，责任到人。\n二、与有关部门建立会商机制，手续同步办理。\n三、每半月向督查室报一次进展。",
)
_REPORTS = (
    "专班每周调度，所欠工程量已补上八成，其余部分下月中旬完成；有关责任人已在单位内部作了说明。",
    "手续已全部办齐，现场复工，按倒排工期推进；每半月的进展已按要求报送。",
)


def _interviews(stage: Stage, *states: InterviewState) -> list[Interview]:
    """Return the interviews in these states, joined, in the order in which they were applied for."""
    found = Interview.objects.filter(jurisdiction=stage.county, state__in=states)
    joined = found.select_related("unit", "approver", "chair", "plan__policy", "plan__jurisdiction")
    return list(joined.order_by("applied_at", "unit__name"))


def look_at_proposals(stage: Stage) -> None:
    """Let the officer, on the third working day of a month, apply for two talks and dismiss one proposal."""
    eve = stage.day.replace(day=1) - timedelta(days=1)
    if not _FROM <= stage.day <= _UNTIL or add_workdays(eve, 3) != stage.day:
        return
    plan = Plan.objects.select_related("policy", "jurisdiction").get(pk=stage.plan.pk)
    open_ = [one for one in with_units(plan, proposals(plan, day=stage.day)) if one.under_way is None]
    open_.sort(key=lambda one: one.unit.name != _FIRST_OF_ALL)  # the rest as the rules order them
    for one in open_[:_A_MONTH]:
        _apply(stage, plan, one)
    mild = [one for one in open_[_A_MONTH:] if {each.kind for each in one.proposal.grounds} == {GroundKind.RED}]
    if mild:
        dismiss_proposal(
            plan,
            unit=mild[-1].unit,
            keys=mild[-1].proposal.keys,
            reason="分管或联系领导已当面调度，近日复工，暂不约谈。",
            **stage.told(stage.officer),
        )


def _apply(stage: Stage, plan: Plan, one: Shown) -> None:
    proposal = one.proposal
    posts = list(leaders_of(plan))
    role = approver_role(proposal.level, policy_of(plan).interviews)
    usual = usual_leader(plan, list(one.matters), role=role)
    chair = None
    if proposal.level is Level.SECOND:
        chair = next((each for each in posts if usual is not None and each.pk == usual.pk), None)
        if chair is None or chair.kind != PostKind.LEADER:
            chair = next(each for each in posts if each.kind == PostKind.LEADER)
    application = Application(
        unit=one.unit,
        level=proposal.level,
        reason=f"{one.unit.name}有 {len(one.matters)} 件督查事项进展严重滞后。{proposal.why}",
        keys=proposal.keys,
        approver=usual or _head_of_government(posts),
        chair=chair,
    )
    apply_interview(plan, application=application, **stage.told(stage.officer))


def _head_of_government(posts: Iterable[Post]) -> Post:
    return next(one for one in posts if one.kind == PostKind.GOVERNMENT_HEAD)


def decide_applications(stage: Stage) -> None:
    """Let the leader approve two working days after the application, who has no account on paper."""
    for one in _interviews(stage, InterviewState.APPLIED):
        if add_workdays(one.applied_on, 2) > stage.day:
            continue
        holder = post_holders([one.approver_id], on=stage.day).get(one.approver_id)
        if holder is not None and holder.account is not None:
            approve_interview(
                one, seen=one.version, opinion="同意。", **stage.told(stage.actor(holder.account.username))
            )
        else:
            on_paper = OnPaper(stage.day)
            approve_interview(one, seen=one.version, opinion="同意。", paper=on_paper, **stage.told(stage.officer))


def notify(stage: Stage) -> None:
    """Let the officer plan the talk and send the notice the day after it was approved; the talk is four days later."""
    for one in _interviews(stage, InterviewState.APPROVED):
        if one.approved_on is None or add_workdays(one.approved_on, 1) > stage.day:
            continue
        card = unit_cards([one.unit], on=stage.day)[0]
        wanted = card.deputy if one.level == Level.FIRST else card.head
        capacity = "分管领导" if one.level == Level.FIRST else "主要负责人"
        chair = f"区政府办公室主任{stage.actor('banzhuren').name}"
        if one.chair is not None:
            chair = leader_words(one.chair, on=stage.day)
        arrangement = Arrangement(
            starts_at=datetime.combine(add_workdays(stage.day, 4), time(14, 30), tzinfo=SHANGHAI),
            place="区政府第三会议室",
            chair_name=chair,
            invited=f"{wanted.person.name}（{one.unit.name}{capacity}）" if wanted else f"{one.unit.name}{capacity}",
            attendants=f"督查室{stage.officer.name}",
            basis=usual_basis(one, grounds_in(one)),
            prepare=USUAL_PREPARE,
        )
        arrange_interview(one, arrangement=arrangement, seen=one.version, **stage.told(stage.officer))
        issue_notice(one, **stage.told(stage.officer))


def confirm(stage: Stage) -> None:
    """Let units say who comes, the day after the notice."""
    for one in _interviews(stage, InterviewState.NOTIFIED):
        if one.confirmed_at is None and one.notified_on is not None and add_workdays(one.notified_on, 1) <= stage.day:
            actor, behalf = stage.speaker(one.unit)
            confirm_attendance(one, attending=one.invited, behalf=behalf, **stage.told(actor))


def hold(stage: Stage) -> None:
    """Let the officer write down what was said, the same afternoon."""
    for one in _interviews(stage, InterviewState.NOTIFIED):
        on = talk_day(one)
        if on is None or on > stage.day:
            continue
        about = (one.unit.name, one.applied_on)
        grounds = grounds_in(one)
        talk = Talk(
            held_on=on,
            place=one.place,
            chair_name=one.chair_name,
            present="、".join(filter(None, (one.chair_name, one.attendants, one.attending or one.invited))),
            recorder=stage.officer.name,
            reasons="\n".join(f"{each.matter or ''}：{each.words}".lstrip("：") for each in grounds),
            explanation=choice(stage.seed, _EXPLANATIONS, "explains", *about),
            undertaking=f"{one.unit.name}表示诚恳接受，由主要负责人牵头整改，按要求的时间完成。",
            demands=[
                Demanded("报送整改方案，逐项明确责任人和完成时间", one.unit.name, add_workdays(on, 10)),
                Demanded("加快所列事项办理，一个月内扭转滞后局面", one.unit.name, on + timedelta(days=30)),
            ],
        )
        hold_interview(one, talk=talk, **stage.told(stage.officer))


def minute(stage: Stage) -> None:
    """Let the officer issue the minutes two working days after the talk."""
    for one in _interviews(stage, *AFTER_TALK):
        if one.minutes_at is None and one.held_on is not None and add_workdays(one.held_on, 2) <= stage.day:
            issue_minutes(one, **stage.told(stage.officer))


def hand_in_papers(stage: Stage) -> None:
    """Let units hand in their plan after a week, their report towards the end of the month they have."""
    for one in _interviews(stage, InterviewState.HELD, InterviewState.RECTIFYING):
        if one.held_on is None:
            continue
        paper = Paper.PLAN if one.state == InterviewState.HELD else Paper.REPORT
        last = Rectification.objects.filter(interview=one).order_by("-handed_at").first()
        begins = one.held_on
        if last is not None and last.returned_at is not None:
            begins = day_of(last.returned_at)
        wait = number(stage.seed, 4, 7, "plans", one.unit.name, one.held_on)
        if paper is Paper.REPORT:
            again = Recheck.objects.filter(interview=one).order_by("-number").first()
            begins, wait = (again.checked_on if again else one.held_on), 19
        if add_workdays(begins, wait) > stage.day:
            continue
        words = choice(stage.seed, _PLANS if paper is Paper.PLAN else _REPORTS, paper.value, one.unit.name, stage.day)
        actor, behalf = stage.speaker(one.unit)
        hand_in(one, handed=Handed(paper, words, stage.day), behalf=behalf, **stage.told(actor))


def read_plans(stage: Stage) -> None:
    """Let the officer accept plans the day after; the very first comes back once."""
    for one in _interviews(stage, InterviewState.PLANNED):
        some = Rectification.objects.filter(interview=one, paper=Paper.PLAN)
        last = some.order_by("-number")[0]
        if day_of(last.handed_at) >= stage.day:
            continue
        if not Rectification.objects.exclude(returned_reason="").exists():
            reason = "没有写明每一件事项的责任人，请补充。"
            return_paper(one, paper=Paper.PLAN, reason=reason, **stage.told(stage.officer))
        else:
            accept_plan(one, **stage.told(stage.officer))


def recheck(stage: Stage) -> None:
    """Let the officer look five working days after the report: done where nothing is red any more; else the unit goes
    on, and at the second time a higher level is to talk.
    """
    for one in _interviews(stage, InterviewState.REPORTED):
        report = Rectification.objects.filter(interview=one, paper=Paper.REPORT).order_by("-number")[0]
        if add_workdays(day_of(report.handed_at), 5) > stage.day:
            continue
        ids = matters_of([one.pk]).get(one.pk, [])
        red = list(Matter.objects.filter(pk__in=ids, light=Light.RED).order_by("order", "pk"))
        times = Recheck.objects.filter(interview=one).count()
        may_raise = times and one.level < Level.THIRD and not one.is_inviting
        found = "逐项核对，所列事项均已扭转滞后局面，整改措施落实到位。"
        if red:
            found = f"逐项核对，{'、'.join(str(each) for each in red)}仍为红灯，整改措施没有完全落实。"
        checked = Checked(
            on=stage.day,
            checked_by=f"{stage.officer.name}、{stage.office_head.name}",
            findings=found,
            result=Result.NOT_MET if red else Result.MET,
            follow_up=(FollowUp.RAISE if may_raise else FollowUp.RECTIFY) if red else None,
        )
        recheck_interview(one, checked=checked, **stage.told(stage.officer))


INTERVIEWS = (
    recheck,
    read_plans,
    hand_in_papers,
    minute,
    hold,
    confirm,
    notify,
    decide_applications,
    look_at_proposals,
)
