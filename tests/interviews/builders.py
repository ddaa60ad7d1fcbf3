"""A county with a matter red at two snapshots running, leaders who decide, and a talk carried as far as a test asks."""

from datetime import date, datetime, timedelta

from duban.access.actions import create_account
from duban.core.actor import SYSTEM, Actor, Held
from duban.interviews.actions import (
    Application,
    Arrangement,
    Checked,
    Demanded,
    Handed,
    Talk,
    accept_plan,
    apply_interview,
    approve_interview,
    arrange_interview,
    hand_in,
    hold_interview,
    issue_minutes,
    issue_notice,
    recheck_interview,
)
from duban.interviews.models import Interview
from duban.interviews.queries import proposal_for
from duban.interviews.rules import Level, Paper, Result
from duban.matters.models import Plan, Policy
from duban.orgs.actions import link_account
from duban.orgs.models import Person, Post
from tests.bulletins.builders import snapshot_on
from tests.letters.builders import at, overseen, person_of, slow_matter, staff
from tests.matters.builders import World

APPLIED = at("2020-07-01")
APPROVED = at("2020-07-02")
NOTIFIED = at("2020-07-03")
TALKED = at("2020-07-08", 16)
MINUTED = at("2020-07-10")
PLANNED = at("2020-07-15")
REPORTED = at("2020-08-05")
RECHECKED = at("2020-08-12")


def plan_of(world: World) -> Plan:
    return Plan.objects.select_related("policy", "jurisdiction").get(pk=world.plan.pk)


def red_twice(world: World, *, unit: str = "教育局", serial: str = "1"):
    """A matter that nobody worked on, red on 31 May and on 30 June; its leader is 吴一."""
    staff(world, unit)
    matter = slow_matter(world, serial=serial, leads=(unit,), overseers=overseen(world))
    for day in ("2020-05-31", "2020-06-30"):
        snapshot_on(world, day)
    matter.refresh_from_db()
    return matter


def mayor_post(world: World) -> Post:
    """The post of the head of government, held by 区长甲."""
    return Post.objects.filter(title="区长").first() or world.post(None, "区长", "区长甲", kind="government_head")


def leader_actor(post: Post, *, role: str = "leader") -> Actor:
    """Who holds a leader's post (or, as secretary, serves who holds it), signed in."""
    person = Person.objects.get(appointments__post=post)
    if person.account_id is None:
        account = create_account(
            f"l{post.pk}", name=person.name, password="qiche-2020", by=SYSTEM, now=at("2020-02-03")
        )
        person = link_account(person, account=account, by=SYSTEM, now=at("2020-02-03")) or person
        person.refresh_from_db()
    held = Held(role=role, jurisdiction_id=post.jurisdiction_id, person_id=person.pk, post_ids=frozenset({post.pk}))
    if role == "secretary":
        return Actor(name="秘书某", account_id=77, held=(held,))
    return Actor(name=person.name, account_id=person.account_id, person_id=person.pk, held=(held,))


def leader_post() -> Post:
    return Post.objects.get(title="副区长")


def liaison(world: World, unit: str = "教育局") -> Actor:
    return person_of(world, Person.objects.get(name=f"{unit}联络员"), unit=unit)


def interview_of(**narrowed) -> Interview:
    return Interview.objects.select_related("unit", "approver", "chair", "plan__policy", "plan__jurisdiction").get(
        **narrowed
    )


def applied(world: World, *, level: Level = Level.FIRST, now: datetime = APPLIED, unit: str = "教育局", **more):
    """An application on everything the rules propose."""
    proposal = proposal_for(plan_of(world), world.unit(unit).pk, day=now.date())
    given = {"unit": world.unit(unit), "level": level, "reason": "进展严重滞后。", "keys": proposal.keys, **more}
    return interview_of(
        pk=apply_interview(plan_of(world), application=Application(**given), by=world.officer, now=now).pk
    )


def approved(world: World, interview: Interview | None = None, *, now: datetime = APPROVED) -> Interview:
    interview = interview or applied(world)
    by = leader_actor(interview.approver)
    return interview_of(pk=approve_interview(interview, by=by, now=now, seen=interview.version).pk)


ARRANGEMENT = Arrangement(
    starts_at=TALKED.replace(hour=15, minute=30),
    place="区政府第三会议室",
    chair_name="区政府办公室主任梁伯庸",
    invited="教育局副局长（教育局分管领导）",
    basis="因你单位承办的督查事项进展严重滞后，经区领导批准，决定对你单位有关负责同志进行约谈。",
    attendants="督查室督查员甲",
    prepare="说明进展情况和存在的困难\n提出下一步措施和完成时间",
)


def arranged(world: World, interview: Interview | None = None, *, now: datetime = APPROVED) -> Interview:
    interview = interview or approved(world)
    arrange_interview(interview, arrangement=ARRANGEMENT, seen=interview.version, by=world.officer, now=now)
    return interview_of(pk=interview.pk)


def notified(world: World, interview: Interview | None = None, *, now: datetime = NOTIFIED) -> Interview:
    return interview_of(pk=issue_notice(interview or arranged(world), by=world.officer, now=now).pk)


TALK = Talk(
    held_on=TALKED.date(),
    place="区政府第三会议室",
    chair_name="区政府办公室主任梁伯庸",
    present="梁伯庸（区政府办公室）、督查员甲（督查室）、教育局副局长",
    recorder="督查员甲",
    reasons="第1项校舍改造进展严重滞后，连续两次定格为红灯。",
    explanation="征迁补偿协议尚未签订，开学后停工两个月。",
    undertaking="教育局表示每两周调度一次，按时完成。",
    demands=(
        Demanded("报送整改方案，逐项明确责任人和完成时间", "教育局", date(2020, 7, 22)),
        Demanded("9月底前完成主体施工", "教育局"),
    ),
)


def held(world: World, interview: Interview | None = None, *, now: datetime = TALKED) -> Interview:
    return interview_of(pk=hold_interview(interview or notified(world), talk=TALK, by=world.officer, now=now).pk)


def minuted(world: World, interview: Interview | None = None, *, now: datetime = MINUTED) -> Interview:
    return interview_of(pk=issue_minutes(interview or held(world), by=world.officer, now=now).pk)


def planned(world: World, interview: Interview | None = None, *, now: datetime = PLANNED) -> Interview:
    interview = interview or minuted(world)
    hand_in(interview, handed=Handed(Paper.PLAN, "分三步推进，9月底完成主体。"), by=liaison(world), now=now)
    return interview_of(pk=interview.pk)


def rectifying(world: World, interview: Interview | None = None) -> Interview:
    interview = interview or planned(world)
    accept_plan(interview, by=world.officer, now=PLANNED + timedelta(hours=3))
    return interview_of(pk=interview.pk)


def reported(world: World, interview: Interview | None = None, *, now: datetime = REPORTED) -> Interview:
    interview = interview or rectifying(world)
    hand_in(interview, handed=Handed(Paper.REPORT, "主体施工已完成七成。"), by=liaison(world), now=now)
    return interview_of(pk=interview.pk)


def rechecked(world: World, interview: Interview | None = None, *, now: datetime = RECHECKED, **more) -> Interview:
    interview = interview or reported(world)
    given = {
        "on": now.date(),
        "checked_by": "督查员甲、督查员乙",
        "findings": "到现场查看，主体施工已完成七成，符合方案进度。",
        "result": Result.MET,
        **more,
    }
    recheck_interview(interview, checked=Checked(**given), by=world.officer, now=now)
    return interview_of(pk=interview.pk)


def set_policy(world: World, **changes) -> None:
    """Let the plan follow other figures of the interviews."""
    figures = {**world.plan.policy.values()}
    figures["interviews"] = figures["interviews"] | changes
    Policy.objects.filter(pk=world.plan.policy_id).update(figures=figures)
    world.plan.policy.refresh_from_db()
