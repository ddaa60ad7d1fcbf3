"""Interviews as somebody sees them, who may do what, what waits, and what was held."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from duban.access.rules import OFFICE_ROLES, WHOLE_UNIT_ROLES, Permission, Role, may
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI, day_of
from duban.core.errors import NotFound
from duban.core.workdays import workdays_now
from duban.instructions.queries import entered_as
from duban.instructions.rules import EnteredAs
from duban.interviews.models import (
    DecisionScan,
    Demand,
    Interview,
    InterviewGround,
    InterviewQuerySet,
    Recheck,
    Rectification,
    TalkRecord,
)
from duban.interviews.queries.proposals import matters_of, proposals
from duban.interviews.rules import AFTER_TALK, LIVE, InterviewState, Level, Paper
from duban.letters.queries import overseers_of
from duban.matters.models import Matter, Obligation, Plan
from duban.matters.policy import Interviews
from duban.matters.queries import policy_of
from duban.matters.rules import Owed, OwedState
from duban.orgs.models import Post
from duban.orgs.rules import PostKind


def interviews_for(actor: Actor) -> InterviewQuerySet:
    """Return the interviews this actor may see, the latest first, joined. One statement."""
    joined = Interview.objects.visible_to(actor).select_related(
        "unit", "approver", "chair", "plan__policy", "plan__jurisdiction"
    )
    return joined.order_by("-applied_at", "-pk")


def interview_for(actor: Actor, pk: int) -> Interview:
    """Return an interview this actor may see, joined. Raises NotFound."""
    found = interviews_for(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这次约谈，或者您无权查看。")
    return found


def grounds_in(interview: Interview) -> list[InterviewGround]:
    """Return the grounds of an interview in the ledger's order, matters joined. One statement."""
    found = InterviewGround.objects.filter(interview=interview).select_related("matter")
    return list(found.order_by("matter__order", "matter_id", "since", "pk"))


def talk_of(interview: Interview) -> TalkRecord | None:
    """Return what was said, its demands as `rows`, or None before the talk. Two statements."""
    rows = Prefetch("demands", queryset=Demand.objects.order_by("order", "pk"), to_attr="rows")
    return TalkRecord.objects.filter(interview=interview).prefetch_related(rows).first()


def rectifications_of(interview: Interview) -> list[Rectification]:
    """Return what the unit handed in, the first first. One statement."""
    return list(Rectification.objects.filter(interview=interview).order_by("handed_at", "pk"))


def decision_scans_of(interview: Interview) -> list[DecisionScan]:
    """Return the papers of the leader that were entered, the last first. One statement."""
    return list(DecisionScan.objects.filter(interview=interview).order_by("-number"))


def sees_application(actor: Actor, interview: Interview) -> bool:
    """Return whether the actor may see the application and the leader's paper: the office, and the leaders of the talk
    with their secretaries; never the unit."""
    posts = {post_id for held in actor.held for post_id in held.post_ids}
    is_leaders = bool(posts & {interview.approver_id, interview.chair_id})
    return is_of_office(actor, interview) or is_leaders or approves_as(actor, interview) is not None


def rechecks_of(interview: Interview) -> list[Recheck]:
    """Return the re-checks, the first first. One statement."""
    return list(Recheck.objects.filter(interview=interview).order_by("number", "pk"))


def owed_of(interviews: Collection[Interview]) -> dict[int, dict[Owed, date]]:
    """Return what units owe of interviews now, by interview: the kind, and by when. One statement."""
    found: dict[int, dict[Owed, date]] = {}
    rows = Obligation.objects.filter(
        subject_type="interview",
        subject_id__in=[one.pk for one in interviews],
        kind__in=(Owed.RECTIFY_PLAN, Owed.RECTIFIED),
        state=OwedState.OPEN,
    )
    for subject_id, kind, due_on in rows.values_list("subject_id", "kind", "due_on"):
        found.setdefault(subject_id or 0, {})[Owed(kind)] = due_on
    return found


def is_of_office(actor: Actor, interview: Interview) -> bool:
    """Return whether the actor is of the office of an interview's place."""
    return any(one.jurisdiction_id in (None, interview.jurisdiction_id) for one in actor.holds(*OFFICE_ROLES))


def approves_as(actor: Actor, interview: Interview) -> EnteredAs | None:
    """Return as whom the actor enters the leader's decision, or None: the leader, the secretary, the office from paper.

    Its approver is joined.
    """
    hand = entered_as(actor, post=interview.approver)
    if hand in (EnteredAs.LEADER, EnteredAs.SECRETARY):
        is_allowed = may(actor, Permission.INTERVIEW_APPROVE, jurisdiction_id=interview.jurisdiction_id)
        return hand if is_allowed else None
    is_office = may(actor, Permission.INTERVIEW_DRAFT, jurisdiction_id=interview.jurisdiction_id)
    return EnteredAs.OFFICE if is_office else None


def approver_role(level: Level, figures: Interviews) -> Role:
    """Return the role that approves a level in a plan."""
    roles = {
        Level.FIRST: figures.level1_approver,
        Level.SECOND: figures.level2_approver,
        Level.THIRD: figures.level3_approver,
    }
    return Role(roles[level])


def leaders_of(plan: Plan) -> QuerySet[Post]:
    """Return the posts of the leaders of a plan's place, the head of government first."""
    found = Post.objects.filter(
        jurisdiction=plan.jurisdiction_id, kind__in=(PostKind.GOVERNMENT_HEAD, PostKind.LEADER), unit=None
    )
    return found.order_by("kind", "order", "pk")


def usual_leader(plan: Plan, matter_ids: Collection[int], *, role: Role) -> Post | None:
    """Return who decides, or talks, where nobody is chosen: the leader who oversees most of the matters, or the head
    of government. At most two statements."""
    posts = leaders_of(plan)
    if role is Role.GOVERNMENT_HEAD:
        return posts.filter(kind=PostKind.GOVERNMENT_HEAD).first()
    overseen = list(overseers_of(matter_ids).values())
    if overseen:
        first = max(dict.fromkeys(overseen), key=overseen.count)
        return posts.filter(pk=first).first()
    return None


# ---- what was held: read by evaluation and the rooms above


@dataclass(frozen=True, slots=True)
class Held:
    """A talk that was held. is_inviting: 商请面谈, never scored."""

    interview_id: int
    unit_id: int
    held_on: date
    level: Level
    matter_ids: tuple[int, ...]
    is_inviting: bool = False


def interviews_held(plan: Plan, *, until: date) -> list[Held]:
    """Return the talks of a plan held by a day, the earliest first. Two statements."""
    rows = list(
        Interview.objects.filter(plan=plan, state__in=AFTER_TALK, held_on__lte=until)
        .order_by("held_on", "pk")
        .values_list("pk", "unit_id", "held_on", "level", "is_inviting")
    )
    matters = matters_of([row[0] for row in rows])
    return [
        Held(pk, unit_id, held_on, Level(level), tuple(matters.get(pk, ())), is_inviting)
        for pk, unit_id, held_on, level, is_inviting in rows
        if held_on is not None
    ]


def interviews_on(actor: Actor, matter: Matter) -> list[Interview]:
    """Return the interviews about a matter that this actor may see, the latest first, units joined. One statement."""
    about = InterviewGround.objects.filter(matter=matter, interview=OuterRef("pk"))
    found = Interview.objects.visible_to(actor).filter(Exists(about))
    return list(found.select_related("unit").order_by("-applied_at", "-pk"))


# ---- what waits


@dataclass(frozen=True, slots=True)
class Morning:
    """What of interviews waits at the office on a morning.

    proposed: (plan, units) of plans in which the rules propose talks.   the lists: interviews by what is to be done.
    """

    proposed: list[tuple[Plan, int]] = field(default_factory=list)
    to_mend: list[Interview] = field(default_factory=list)
    to_notify: list[Interview] = field(default_factory=list)
    to_hold: list[Interview] = field(default_factory=list)
    to_minute: list[Interview] = field(default_factory=list)
    to_read: list[Interview] = field(default_factory=list)
    to_recheck: list[Interview] = field(default_factory=list)


def morning_of(plans: Sequence[Plan], *, today: date) -> Morning:
    """Return what of these plans' interviews waits for the office today: one statement for what is under way, and a
    fixed number for each plan of this year and the last.

    plans: joined with their policies.
    """
    found = Morning()
    if not plans:
        return found
    live = Interview.objects.filter(plan__in=plans, state__in=LIVE).select_related("unit")
    for one in live.order_by("applied_at", "pk"):
        state = InterviewState(one.state)
        if state is InterviewState.SENT_BACK:
            found.to_mend.append(one)
        elif state is InterviewState.APPROVED:
            found.to_notify.append(one)
        elif state is InterviewState.NOTIFIED and one.starts_at is not None and _day(one) <= today:
            found.to_hold.append(one)
        elif one.state in AFTER_TALK and one.minutes_at is None:
            found.to_minute.append(one)
        if state is InterviewState.PLANNED:
            found.to_read.append(one)
        elif state is InterviewState.REPORTED:
            found.to_recheck.append(one)
    for plan in plans:
        if plan.year >= today.year - 1 and plan.closed_at is None:
            count = len(proposals(plan, day=today))
            if count:
                found.proposed.append((plan, count))
    return found


def _day(one: Interview) -> date:
    return talk_day(one) or date.max


def talk_day(one: Interview) -> date | None:
    """Return the day the talk is planned for."""
    return day_of(one.starts_at) if one.starts_at is not None else None


def awaiting_approval(actor: Actor) -> QuerySet[Interview]:
    """Return the applications that wait for the actor's own decision (or the served leader's), the earliest first."""
    held = actor.holds(Role.LEADER, Role.GOVERNMENT_HEAD, Role.SECRETARY)
    posts = {post_id for one in held for post_id in one.post_ids}
    found = Interview.objects.filter(approver_id__in=posts, state=InterviewState.APPLIED)
    return found.select_related("unit", "approver").order_by("applied_at", "pk")


def talks_to_chair(actor: Actor, *, today: date) -> QuerySet[Interview]:
    """Return the talks announced that the actor (or the served leader) is to chair from today on, the soonest first.

    At the first level the office's director talks, of whom no post is kept: whoever holds that role in its place.
    """
    held = actor.holds(Role.LEADER, Role.GOVERNMENT_HEAD, Role.SECRETARY)
    posts = {post_id for one in held for post_id in one.post_ids}
    places = {one.jurisdiction_id for one in actor.holds(Role.DIRECTOR)}
    own = Q(chair_id__in=posts)
    if places:
        own |= Q(chair=None) if None in places else Q(chair=None, jurisdiction_id__in=places)
    begins = datetime.combine(today, time(), tzinfo=SHANGHAI)
    found = Interview.objects.filter(own, state=InterviewState.NOTIFIED, starts_at__gte=begins)
    return found.select_related("unit").order_by("starts_at", "pk")


def awaiting_attendance(actor: Actor) -> QuerySet[Interview]:
    """Return the talks of which the actor's unit has not yet said who comes, the soonest first."""
    units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
    found = Interview.objects.filter(unit_id__in=units, state=InterviewState.NOTIFIED, confirmed_at=None)
    return found.select_related("unit").order_by("starts_at", "pk")


def next_paper(interview: Interview) -> Paper | None:
    """Return what the unit is to hand in next, or None."""
    waits = {InterviewState.HELD: Paper.PLAN, InterviewState.RECTIFYING: Paper.REPORT}
    return waits.get(InterviewState(interview.state))


def recheck_due(interview: Interview, rows: Sequence[Rectification]) -> date | None:
    """Return by when the office re-checks the last report. Its plan's policy is joined; rows: `rectifications_of`."""
    reports = [one for one in rows if one.paper == Paper.REPORT]
    if interview.state != InterviewState.REPORTED or not reports:
        return None
    workdays = policy_of(interview.plan).interviews.recheck_workdays
    return workdays_now().add_workdays(day_of(reports[-1].handed_at), workdays)
