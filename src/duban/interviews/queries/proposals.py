"""What proposals are made from, read from what stands today: nothing of them is stored until somebody decides."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from duban.bulletins.models import Bulletin
from duban.bulletins.queries import named_in_bulletins
from duban.bulletins.queries.snapshots import Units
from duban.bulletins.rules import BulletinState
from duban.core.presence import there_is
from duban.core.workdays import workdays_now
from duban.interviews.models import Interview, InterviewGround, Recheck
from duban.interviews.rules import (
    AFTER_TALK,
    LIVE,
    Facts,
    FollowUp,
    Ground,
    Level,
    NamedIn,
    Proposal,
    RedAt,
    Silent,
    Unmet,
    Untrue,
    proposals_of,
)
from duban.letters.models import Letter, LetterItem
from duban.letters.rules import LetterKind, LetterState
from duban.lights.models import Override, Snapshot, SnapshotRow
from duban.matters.models import Matter, Obligation, Plan
from duban.matters.queries import policy_of
from duban.matters.rules import LIT_STATES, OPEN_STATES, Light, Owed, OwedState
from duban.orgs.models import Unit
from duban.visits.models import VisitItem
from duban.visits.queries import untrue_findings
from duban.visits.rules import Result as VisitResult

_GROUNDS: dict[str, QuerySet[Any]] = {
    "silent": Letter.objects.filter(plan=OuterRef("pk"), kind=LetterKind.SUPERVISE, state=LetterState.ISSUED),
    "red": SnapshotRow.objects.filter(
        Q(override=Light.RED) | Q(override="", light=Light.RED), snapshot__plan=OuterRef("pk")
    ),
    "named": Bulletin.objects.filter(plan=OuterRef("pk"), state=BulletinState.ISSUED),
    "untrue": VisitItem.objects.filter(visit__plan=OuterRef("pk"), result=VisitResult.UNTRUE),
    "unmet": Recheck.objects.filter(interview__plan=OuterRef("pk"), follow_up=FollowUp.RAISE),
}
"""Rows without which there is no ground of a kind, OuterRef the plan; most plans have nothing of most kinds."""


def facts_of(plan: Plan, *, day: date) -> Facts:
    """Return what proposals of a plan are made from on a day: one statement where there is nothing, up to three for
    each kind of ground there is anything of. Its policy is joined.
    """
    there = there_is(Plan.objects.filter(pk=plan.pk), _GROUNDS)
    if not there:
        return Facts()
    figures = policy_of(plan)
    silent = _silent(plan) if "silent" in there else []
    red = _red_now(plan) if "red" in there else {}
    snapshots = _snapshots(plan, day=day) if red else []  # how long what is red now has been so
    named = named_in_bulletins(plan) if "named" in there else []
    untrue = _untrue(plan, day=day) if "untrue" in there else []
    unmet = _unmet(plan, day=day) if "unmet" in there else []
    over = Matter.objects.filter(pk__in={one.matter_id for one in named}).exclude(state__in=OPEN_STATES)
    talked = set(
        Interview.objects.filter(plan=plan, state__in=AFTER_TALK, held_on__lte=day).values_list("unit_id", flat=True)
    )
    wanted = {one.unit_id for some in (silent, named, untrue, unmet) for one in some} | set(red.values())
    standing = Units(wanted | talked)

    def now(unit_id: int) -> int:
        return standing.survivor(unit_id).pk

    invited = figures.letters.inviting_unit_types
    return Facts(
        silent=[one._replace(unit_id=now(one.unit_id)) for one in silent],
        snapshots=snapshots,
        leads={matter_id: now(unit_id) for matter_id, unit_id in red.items()},
        red_now=frozenset(red),
        named=[
            NamedIn(f"{one.number_year}-{one.number}", one.issued_on, now(one.unit_id), one.matter_id) for one in named
        ],
        ended=frozenset(over.values_list("pk", flat=True)),
        untrue=[one._replace(unit_id=now(one.unit_id)) for one in untrue],
        unmet=[one._replace(unit_id=now(one.unit_id)) for one in unmet],
        talked=frozenset(now(unit_id) for unit_id in talked),
        inviting=frozenset(now(pk) for pk in wanted if standing.survivor(pk).unit_type in invited),
    )


def _silent(plan: Plan) -> list[Silent]:
    """Return the 督办函 in units' hands that ask for an answer still. One statement."""
    owed = Obligation.objects.filter(
        kind=Owed.LETTER, subject_type="letter", subject_id=OuterRef("letter"), state=OwedState.OPEN
    )
    lines = LetterItem.objects.filter(
        letter__plan=plan,
        letter__kind=LetterKind.SUPERVISE,
        letter__state=LetterState.ISSUED,
        letter__delivered_on__isnull=False,
        removed_reason="",
        cured_on=None,
        escalated_on=None,
        matter__state__in=LIT_STATES,
    ).annotate(due_on=Subquery(owed.order_by("pk").values("due_on")[:1]))
    found: dict[tuple[int, int], Silent] = {}
    for one in lines.select_related("letter").order_by("letter__issued_at", "matter__order", "pk"):
        letter = one.letter
        if letter.delivered_on is not None and one.due_on is not None:
            found.setdefault(
                (letter.pk, one.matter_id),
                Silent(letter.pk, one.matter_id, letter.unit_id, letter.number_text, letter.delivered_on, one.due_on),
            )
    return list(found.values())


def _snapshots(plan: Plan, *, day: date) -> list[RedAt]:
    """Return the snapshots of a plan with what stood red in each, the earliest first. One statement."""
    shown_red = Q(rows__override=Light.RED) | Q(rows__override="", rows__light=Light.RED)
    found = Snapshot.objects.filter(plan=plan, day__lte=day).annotate(red=FilteredRelation("rows", condition=shown_red))
    red: dict[date, set[int]] = {}
    for on, matter_id in found.order_by("day", "pk").values_list("day", "red__matter_id"):
        some = red.setdefault(on, set())
        if matter_id is not None:
            some.add(matter_id)
    return [RedAt(on, frozenset(some)) for on, some in red.items()]


def _red_now(plan: Plan) -> dict[int, int]:
    """Return the matters of a plan that are shown red now, with the unit that merges. One statement."""
    override = Override.objects.filter(matter=OuterRef("pk"), ended_at=None).values("light")[:1]
    lit = Matter.objects.filter(
        plan=plan, state__in=LIT_STATES, assignments__is_merging=True, assignments__ended_at=None
    ).exclude(light="")
    shown = lit.annotate(shown=Coalesce(Subquery(override), "light")).filter(shown=Light.RED)
    return dict(shown.order_by("order", "pk").values_list("pk", "assignments__unit_id"))


def _untrue(plan: Plan, *, day: date) -> list[Untrue]:
    """Return the standing findings of 不实 on matters of a plan, one for each unit that said what is not so."""
    return [
        Untrue(str(one.item_id), one.matter_id, unit_id, one.found_on, one.words)
        for one in untrue_findings(plan, until=day)
        for unit_id in one.unit_ids
    ]


def _unmet(plan: Plan, *, day: date) -> list[Unmet]:
    """Return the re-checks after which a higher level is to talk. Two statements, one where there are none."""
    raised = Recheck.objects.filter(interview__plan=plan, follow_up=FollowUp.RAISE, checked_on__lte=day)
    rows = list(raised.select_related("interview").order_by("checked_on", "pk"))
    if not rows:
        return []
    matters = matters_of([one.interview_id for one in rows])
    return [
        Unmet(
            one.interview_id,
            one.interview.unit_id,
            one.checked_on,
            Level(one.interview.level),
            tuple(matters.get(one.interview_id, ())),
        )
        for one in rows
    ]


def matters_of(interview_ids: Collection[int]) -> dict[int, list[int]]:
    """Return the matters interviews are about, each once, in the ledger's order, by interview. One statement."""
    found: dict[int, list[int]] = {}
    rows = InterviewGround.objects.filter(interview_id__in=list(interview_ids), matter__isnull=False)
    for interview_id, matter_id in rows.order_by("matter__order", "matter_id").values_list("interview_id", "matter_id"):
        some = found.setdefault(interview_id or 0, [])
        if matter_id is not None and matter_id not in some:
            some.append(matter_id)
    return found


def used_keys(plan: Plan) -> frozenset[str]:
    """Return the grounds that stand in an interview, or were dismissed: never proposed again. One statement."""
    return frozenset(InterviewGround.objects.filter(plan=plan).values_list("key", flat=True))


def proposals(plan: Plan, *, day: date) -> list[Proposal]:
    """Return the talks the rules propose in a plan on a day, from what stands now. Its policy is joined.

    The calendar is the one in use.
    """
    facts = facts_of(plan, day=day)
    if facts == Facts():
        return []
    return proposals_of(
        facts,
        day=day,
        figures=policy_of(plan).interviews,
        calendar=workdays_now(),
        used=used_keys(plan),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal with what a page shows: its unit, its matters by id, an interview with the unit under way."""

    proposal: Proposal
    plan: Plan
    unit: Unit
    matters: dict[int, Matter]
    under_way: Interview | None


def with_units(plan: Plan, some: Sequence[Proposal]) -> list[Shown]:
    """Return proposals joined with what a page shows. Three statements, none where there are no proposals."""
    if not some:
        return []
    units = Unit.objects.in_bulk({one.unit_id for one in some})
    matters = Matter.objects.in_bulk(_matter_ids(ground for one in some for ground in one.grounds))
    live = {one.unit_id: one for one in Interview.objects.filter(unit_id__in=units, plan=plan, state__in=LIVE)}
    return [
        Shown(
            one,
            plan,
            units[one.unit_id],
            {pk: matters[pk] for pk in sorted(_matter_ids(one.grounds), key=lambda pk: (matters[pk].order, pk))},
            live.get(one.unit_id),
        )
        for one in some
    ]


def _matter_ids(grounds: Iterable[Ground]) -> set[int]:
    return {one.matter_id for one in grounds}


def proposal_for(plan: Plan, unit_id: int, *, day: date) -> Proposal | None:
    """Return the talk the rules propose with one unit, or None."""
    return next((one for one in proposals(plan, day=day) if one.unit_id == unit_id), None)
