"""What a snapshot proposes, and what units have said: all as known at the end of its day."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from duban.bulletins.models import Bulletin, Citation
from duban.bulletins.queries.snapshots import Units, stood_in, units_of
from duban.bulletins.rules import (
    BulletinKind,
    BulletinState,
    Counted,
    Late,
    Proposal,
    Reached,
    Said,
    Saying,
    Section,
    Stood,
    Unanswered,
    passed_targets,
    proposals_of,
    red_figures,
    status_of,
)
from duban.core.clock import day_of
from duban.letters.models import AnswerLine, Letter, LetterAnswer, LetterItem
from duban.letters.queries import overseers_of
from duban.letters.rules import LetterKind
from duban.lights.models import Snapshot, SnapshotRow
from duban.lights.queries import end_of, standing_as_of
from duban.lights.rules import reasons_of
from duban.matters.models import Matter, Obligation, Plan
from duban.matters.policy import Figures, stored_figures
from duban.matters.rules import Light, Owed, OwedState, State
from duban.obstacles.models import Obstacle
from duban.orgs.models import Unit
from duban.orgs.queries import post_holders
from duban.progress.models import Figure
from duban.reports.models import Report
from duban.reports.rules import WITH_THE_OFFICE

_POINT = 100


@dataclass(frozen=True, slots=True)
class Material:
    """What a draft is made from. sayings: what units said by the snapshot's day, by (matter, unit)."""

    snapshot: Snapshot
    since: Snapshot | None
    figures: Figures
    stood: list[Stood]
    proposals: list[Proposal]
    sayings: Mapping[tuple[int, int], list[Saying]]
    counted: list[Counted]
    matters: Mapping[int, Matter]
    leads: Mapping[int, Unit]


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the proposals of a snapshot rest on besides lights and letters: facts that no policy makes.

    closed_on: the first closing of matters that stood closed.   leads: the unit that merges, by matter.
    """

    day: date
    matters: Mapping[int, Matter]
    leads: Mapping[int, Unit]
    closed_on: Mapping[int, date]
    reached: Sequence[Reached]
    late: Sequence[Late]
    year_ends_on: date


def grounds_of(
    plan: Plan, *, day: date, stood: Sequence[Stood], since: Snapshot | None, field_name: str = ""
) -> Grounds:
    """Return what the proposals of a day rest on, for the matters that stood in its snapshot; nine statements."""
    matters = {one.pk: one for one in Matter.objects.filter(pk__in=[one.matter_id for one in stood])}
    if field_name:
        stood = [one for one in stood if matters[one.matter_id].field == field_name]
    ids = [one.matter_id for one in stood]
    return Grounds(
        day=day,
        matters=matters,
        leads=units_of(ids),
        closed_on=_closed_on(matters, stood, day=day),
        reached=_reached(ids, day=day),
        late=[] if field_name else _late(plan, day=day, after=since.day if since else None),
        year_ends_on=date(plan.year, 12, 31),
    )


def material_of(snapshot: Snapshot, *, since: Snapshot | None, field_name: str = "") -> Material:
    """Return what a snapshot proposes, read from what was known at the end of its day.

    since: the snapshot compared with: late reports are told from then on.   field_name: only matters of this field.
    Judged by the policy the snapshot was taken under.
    """
    day, plan = snapshot.day, snapshot.plan
    figures = stored_figures(snapshot.policy.figures)
    stood = stood_in(snapshot)
    grounds = grounds_of(plan, day=day, stood=stood, since=since, field_name=field_name)
    if field_name:
        stood = [one for one in stood if grounds.matters[one.matter_id].field == field_name]
    ids = [one.matter_id for one in stood]
    proposals = proposals_of(
        stood,
        day=day,
        leads={pk: unit.pk for pk, unit in grounds.leads.items()},
        red_figures=_red_figures(snapshot, [one for one in stood if one.light is Light.RED]),
        unanswered=_unanswered(ids, plan=plan, day=day),
        closed_on=grounds.closed_on,
        over=passed_targets(grounds.reached, over_pct=figures.bulletins.praise_over_pct),
        late=grounds.late,
        praised=_praised(plan),
        policy=figures.bulletins,
        year_ends_on=grounds.year_ends_on,
    )
    pairs = {(one.matter_id, one.unit_id) for one in proposals if one.matter_id is not None}
    return Material(
        snapshot=snapshot,
        since=since,
        figures=figures,
        stood=stood,
        proposals=proposals,
        sayings=sayings_of(pairs, day=day),
        counted=_counted(stood, matters=grounds.matters, leads=grounds.leads, day=day, figures=figures),
        matters=grounds.matters,
        leads=grounds.leads,
    )


def since_of(plan: Plan, snapshot: Snapshot) -> Snapshot | None:
    """Return the snapshot a bulletin is compared with: that of the last one issued before, of the same plan."""
    issued = Bulletin.objects.filter(plan=plan, state=BulletinState.ISSUED, kind=BulletinKind.REGULAR)
    last = issued.filter(snapshot__day__lt=snapshot.day).select_related("snapshot").order_by("-snapshot__day").first()
    return last.snapshot if last is not None else None


def _red_figures(snapshot: Snapshot, red: Sequence[Stood]) -> dict[int, dict[str, Any]]:
    """Return what a red light rests on, as the words of a 督办函 read it. Six statements, none where none is red."""
    if not red:
        return {}
    ids = [one.matter_id for one in red]
    known = standing_as_of(ids, day=snapshot.day)
    rows = SnapshotRow.objects.filter(snapshot=snapshot, matter_id__in=ids)
    reasons = {pk: reasons_of(stored) for pk, stored in rows.values_list("matter_id", "reasons")}
    found = {}
    for one in red:
        stood = known[one.matter_id]
        since = stood.since if stood.override is None else day_of(stood.override.made_at)
        found[one.matter_id] = red_figures(
            since=since,
            reasons=reasons[one.matter_id],
            progress=None if one.progress is None else int(one.progress * _POINT),
            expected=None if one.expected is None else int(one.expected * _POINT),
            forecast=stood.facts.forecast,
            override=stood.override.reason if stood.override else "",
            day=snapshot.day,
        )
    return found


def _unanswered(ids: Sequence[int], *, plan: Plan, day: date) -> list[Unanswered]:
    """Return the 督办函 that had to be answered by the end of a day and had not been. Three statements."""
    end = end_of(day)
    answered = LetterAnswer.objects.filter(letter=OuterRef("letter"), answered_at__lte=end)
    due = Obligation.objects.filter(
        kind=Owed.LETTER, subject_type="letter", subject_id=OuterRef("letter"), created_at__lte=end
    )
    lines = (
        LetterItem.objects.filter(
            letter__plan=plan,
            letter__kind=LetterKind.SUPERVISE,
            letter__issued_at__lte=end,
            matter_id__in=ids,
            removed_reason="",
        )
        .exclude(letter__withdrawn_at__lte=end)
        .exclude(letter__settled_at__lte=end)
        .exclude(cured_on__lte=day)
        .filter(~Exists(answered))
        .annotate(due_on=Subquery(due.order_by("created_at", "pk").values("due_on")[:1]))
        .select_related("letter")
        .order_by("letter__issued_at", "pk")
    )
    found = [one for one in lines if one.due_on is not None and one.due_on <= day]
    standing = Units({one.letter.unit_id for one in found})
    latest: dict[tuple[int, int], Unanswered] = {}
    for one in found:
        unit = standing.survivor(one.letter.unit_id)
        issued_on = one.letter.issued_on or day
        latest[one.matter_id, unit.pk] = Unanswered(
            one.matter_id, unit.pk, one.letter.number_text, issued_on, one.due_on
        )
    return list(latest.values())


def _closed_on(matters: Mapping[int, Matter], stood: Sequence[Stood], *, day: date) -> dict[int, date]:
    """Return the first closing of the matters that stood closed: a day that never changes."""
    found = {}
    for one in stood:
        closed_on = matters[one.matter_id].first_closed_on
        if one.state == State.CLOSED and closed_on is not None and closed_on <= day:
            found[one.matter_id] = closed_on
    return found


def _reached(ids: Sequence[int], *, day: date) -> list[Reached]:
    """Return the targets of matters with the last figure of each by the end of a day. One statement."""
    figures = Figure.objects.filter(
        progress__matter_id__in=ids,
        progress__effective_on__lte=day,
        progress__recorded_at__lte=end_of(day),
        target__isnull=False,
    )
    last: dict[int, Figure] = {}
    for one in figures.select_related("target").order_by("progress__effective_on", "progress_id", "pk"):
        if one.target is not None:
            last[one.target.pk] = one
    return [
        Reached(
            one.target.matter_id,
            one.target_text,
            one.target.value,
            one.target.upper,
            one.target.sense,
            one.value,
            one.unit_of_measure,
        )
        for one in last.values()
        if one.target is not None
    ]


def _late(plan: Plan, *, day: date, after: date | None) -> list[Late]:
    """Return the reports due since the last bulletin that were late, or missing, at the end of a day."""
    owed = Obligation.objects.filter(plan=plan, kind=Owed.REPORT, matter__isnull=False, due_on__lt=day)
    waived = Q(state=OwedState.WAIVED) & (Q(ended_at__lte=end_of(day)) | Q(ended_at=None))
    owed = owed.exclude(waived).filter(created_at__lte=end_of(day))
    if after is not None:
        owed = owed.filter(due_on__gt=after)
    rows = list(
        owed.order_by("due_on", "matter__order", "pk").values_list(
            "unit_id", "matter_id", "matter__serial", "due_on", "met_on"
        )
    )
    first: dict[tuple[int, int, date], Late] = {}
    standing = Units({row[0] for row in rows})
    for unit_id, matter_id, serial, due_on, met_on in rows:
        unit = standing.survivor(unit_id)
        key = (unit.pk, matter_id or 0, due_on)
        if key not in first:  # what was returned is owed anew: the first time it was handed in is what counts
            first[key] = Late(unit.pk, matter_id or 0, serial, due_on, met_on)
    given = [one for one in first.values() if one.sent_on is None or one.sent_on > one.due_on]
    order = {pk: place for place, pk in enumerate(Unit.objects.order_by("order", "pk").values_list("pk", flat=True))}
    return sorted(given, key=lambda one: (order[one.unit_id], one.due_on))


def _praised(plan: Plan) -> set[tuple[int, str]]:
    """Return what an issued bulletin of this plan praised already: (matter, Basis)."""
    issued = Citation.objects.filter(
        bulletin__plan=plan,
        bulletin__state=BulletinState.ISSUED,
        section=Section.PRAISE,
        left_out_reason="",
        withdrawn_at=None,
    )
    rows = issued.values_list("matter_id", "figures")
    return {(pk or 0, basis) for pk, figures in rows for basis in figures}


def sayings_of(pairs: Collection[tuple[int, int]], *, day: date) -> dict[tuple[int, int], list[Saying]]:
    """Return what units said of matters by the end of a day, by (matter, unit): reports that reached the office,
    difficulties not ended then, answers to letters. Four statements. A 回头看 is not read."""
    end, ids = end_of(day), {pk for pk, _ in pairs}
    found: dict[tuple[int, int], list[Saying]] = defaultdict(list)
    if not ids:
        return found
    reports = Report.objects.filter(matter_id__in=ids, state__in=WITH_THE_OFFICE, first_sent_on__lte=day)
    rows: list[tuple[int, int, Said, str, date]] = [
        (one.matter_id, one.unit_id, Said.REPORT, one.text, one.first_sent_on or day) for one in reports
    ]
    obstacles = Obstacle.objects.filter(matter_id__in=ids, raised_at__lte=end).exclude(closed_at__lte=end)
    for each in obstacles.order_by("raised_at", "pk"):
        on = day_of(each.raised_at)
        rows.append((each.matter_id, each.unit_id, Said.OBSTACLE, each.problem, on))
        rows.append((each.matter_id, each.unit_id, Said.NEED, each.need, on))
    lines = AnswerLine.objects.filter(matter_id__in=ids, answer__answered_at__lte=end).select_related("answer__letter")
    for line in lines.order_by("answer__answered_at", "pk"):
        letter: Letter = line.answer.letter
        if letter.kind == LetterKind.SUPERVISE:
            kind = Said.MEASURES
        elif letter.kind == LetterKind.URGE:
            kind = Said.CAUSE
        else:
            continue
        until = f"（{line.new_on.year}年{line.new_on.month}月{line.new_on.day}日前完成）" if line.new_on else ""
        text = f"{line.text.rstrip('。 ')}{until}。" if until else line.text
        rows.append((line.matter_id, letter.unit_id, kind, text, line.answer.answered_on))
    standing = Units({row[1] for row in rows})
    for matter_id, unit_id, kind, text, on in rows:
        key = (matter_id, standing.survivor(unit_id).pk)
        if key in pairs and text:
            found[key].append(Saying(kind, text, on))
    return found


def _counted(
    stood: Sequence[Stood],
    *,
    matters: Mapping[int, Matter],
    leads: Mapping[int, Unit],
    day: date,
    figures: Figures,
) -> list[Counted]:
    """Return the matters to be counted, work items within their matter's."""
    first = overseers_of(matters)
    holders = post_holders(set(first.values()), on=day)
    return [
        Counted(
            status=status_of(one, behind_points=figures.lights.gap_yellow_points),
            light=one.light,
            overseer=holders[post].name if (post := first.get(one.matter_id)) in holders else "",
            unit=leads[one.matter_id].name if one.matter_id in leads else "",
            field=matters[one.matter_id].field,
        )
        for one in stood
        if matters[one.matter_id].parent_id is None
    ]
