"""Reads of bulletins that several doors share: what a snapshot proposes, what changed, what a bulletin says."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from duban.access.rules import OFFICE_ROLES, WHOLE_UNIT_ROLES
from duban.bulletins.models import Bulletin, BulletinQuerySet, BulletinReader, Citation, Correction, UnitCheck
from duban.bulletins.rules import (
    CHANGE_LABELS,
    JUDGING,
    LIVE,
    STATUS_LABELS,
    Approving,
    Audience,
    Basis,
    BulletinKind,
    BulletinState,
    Change,
    Changed,
    Counted,
    Entry,
    Late,
    Over,
    Proposal,
    Said,
    Saying,
    Section,
    Status,
    Stood,
    Unanswered,
    approvals_needed,
    changes_between,
    is_over_target,
    proposals_of,
    status_of,
    tallies,
    tally,
)
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI
from duban.core.errors import Invalid, NotFound
from duban.core.text import date_text
from duban.documents.charts import Change as TurnedMatters
from duban.documents.charts import (
    Counts,
    Progress,
    UnitLights,
    changes_since,
    lights_by_unit,
    progress_against_schedule,
)
from duban.documents.kinds.bulletin import BulletinData, LateReport, Praise, Standing, captioned, paper_of
from duban.documents.kinds.bulletin import Entry as DrawnEntry
from duban.documents.paper import Align, Annex, Column, DocumentError, Paper, Row, Table
from duban.documents.paper import Figure as Drawing
from duban.documents.wording import Addressee, Rank
from duban.letters.models import AnswerLine, Letter, LetterAnswer, LetterItem
from duban.letters.rules import LetterKind, issuer_name
from duban.lights.models import Snapshot, SnapshotRow
from duban.lights.queries import end_of, standing_as_of
from duban.lights.rules import reasons_json, reasons_of
from duban.matters.models import Assignment, Matter, Obligation, Overseer, Plan
from duban.matters.policy import Figures, stored_figures
from duban.matters.queries import policy_of
from duban.matters.rules import LIGHT_LABELS, Light, Owed, OwedState, State
from duban.obstacles.models import Obstacle
from duban.orgs.models import Post, Unit
from duban.orgs.queries import post_holders
from duban.papers.models import IssuedPaper
from duban.papers.queries import papers_of
from duban.papers.rules import PaperKind
from duban.progress.models import Figure
from duban.reports.models import Report
from duban.reports.rules import WITH_THE_OFFICE

_POINT = 100

# ---- snapshots


def snapshots_of(plan: Plan) -> list[Snapshot]:
    """Return the snapshots of a plan, the latest first. One statement."""
    return list(Snapshot.objects.filter(plan=plan).select_related("policy").order_by("-day", "-pk"))


def stood_in(snapshot: Snapshot) -> list[Stood]:
    """Return how the matters stood in a snapshot, in the ledger's order. One statement."""
    rows = SnapshotRow.objects.filter(snapshot=snapshot).order_by("matter__order", "matter_id")
    columns = ("matter_id", "state", "light", "override", "due_on", "progress_pct", "expected_pct")
    return [
        Stood(pk, state, Light(override or light) if light else None, due_on, progress, expected)
        for pk, state, light, override, due_on, progress, expected in rows.values_list(*columns)
    ]


def compared(before: Snapshot, after: Snapshot) -> list[Changed]:
    """Return what changed between two snapshots of a plan; the earlier comes first, however they are given."""
    if before.day > after.day:
        before, after = after, before
    return changes_between(stood_in(before), stood_in(after))


@dataclass(frozen=True, slots=True)
class ChangedMatter:
    """One changed matter with what a list shows of it."""

    changed: Changed
    matter: Matter
    unit: str


def with_matters(changes: Sequence[Changed]) -> list[ChangedMatter]:
    """Return changes joined with their matters and the names of the units that merge. Two statements."""
    ids = [one.matter_id for one in changes]
    found = Matter.objects.in_bulk(ids)
    units = _units_of(ids)
    names = {pk: unit.name for pk, unit in units.items()}
    return [ChangedMatter(one, found[one.matter_id], names.get(one.matter_id, "")) for one in changes]


def _units_of(matter_ids: Collection[int]) -> dict[int, Unit]:
    """Return the unit that merges a matter, the surviving one where it was merged into another."""
    merging = Assignment.objects.filter(matter_id__in=list(matter_ids), is_merging=True, ended_at=None)
    pairs = list(merging.values_list("matter_id", "unit_id"))
    standing = _Units({unit_id for _, unit_id in pairs})
    return {matter_id: standing.survivor(unit_id) for matter_id, unit_id in pairs}


class _Units:
    """Units by id, and the one that stands today for one merged into another."""

    def __init__(self, ids: Iterable[int]) -> None:
        self._units: dict[int, Unit] = {}
        wanted = set(ids)
        while wanted:
            found = Unit.objects.in_bulk(wanted)
            self._units.update(found)
            wanted = {one.merged_into_id for one in found.values() if one.merged_into_id} - set(self._units)

    def survivor(self, unit_id: int) -> Unit:
        unit = self._units[unit_id]
        while unit.merged_into_id is not None:
            unit = self._units[unit.merged_into_id]
        return unit


# ---- what a snapshot proposes


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


def material_of(snapshot: Snapshot, *, since: Snapshot | None, field_name: str = "") -> Material:
    """Return what a snapshot proposes, read from what was known at the end of its day.

    since: the snapshot compared with: late reports are told from then on.   field_name: only matters of this field.
    Judged by the policy the snapshot was taken under.
    """
    day, plan = snapshot.day, snapshot.plan
    figures = stored_figures(snapshot.policy.figures)
    stood = stood_in(snapshot)
    matters = {one.pk: one for one in Matter.objects.filter(pk__in=[one.matter_id for one in stood])}
    if field_name:
        stood = [one for one in stood if matters[one.matter_id].field == field_name]
    ids = [one.matter_id for one in stood]
    leads = _units_of(ids)
    silent = _unanswered(ids, plan=plan, day=day)
    late = [] if field_name else _late(plan, day=day, after=since.day if since else None)
    proposals = proposals_of(
        stood,
        day=day,
        leads={pk: unit.pk for pk, unit in leads.items()},
        red_figures=_red_figures(snapshot, [one for one in stood if one.light is Light.RED]),
        unanswered=silent,
        closed_on=_closed_on(matters, stood, day=day),
        over=_over(ids, day=day, over_pct=figures.bulletins.praise_over_pct),
        late=late,
        praised=_praised(plan),
        policy=figures.bulletins,
        year_ends_on=date(plan.year, 12, 31),
    )
    pairs = {(one.matter_id, one.unit_id) for one in proposals if one.matter_id is not None}
    return Material(
        snapshot=snapshot,
        since=since,
        figures=figures,
        stood=stood,
        proposals=proposals,
        sayings=sayings_of(pairs, day=day),
        counted=_counted(stood, matters=matters, leads=leads, day=day, figures=figures),
        matters=matters,
        leads=leads,
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
        active = [each for each in reasons[one.matter_id] if each.red_on is not None and each.red_on <= snapshot.day]
        since = stood.since if stood.override is None else stood.override.made_at.astimezone(SHANGHAI).date()
        found[one.matter_id] = {
            "light": Light.RED.value,
            "since": since.isoformat(),
            "reasons": reasons_json(() if stood.override else active),
            "progress": None if one.progress is None else int(one.progress * _POINT),
            "expected": None if one.expected is None else int(one.expected * _POINT),
            "forecast": stood.facts.forecast,
            "override": stood.override.reason if stood.override else "",
            "day": snapshot.day.isoformat(),
        }
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
    standing = _Units({one.letter.unit_id for one in found})
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


def _over(ids: Sequence[int], *, day: date, over_pct: int) -> list[Over]:
    """Return the targets whose last figure by the end of a day passes them. One statement."""
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
        Over(one.target.matter_id, one.target_text, one.target.value, one.value, one.unit_of_measure)
        for one in last.values()
        if one.target is not None
        and is_over_target(
            one.value, target=one.target.upper or one.target.value, sense=one.target.sense, over_pct=over_pct
        )
    ]


def _late(plan: Plan, *, day: date, after: date | None) -> list[Late]:
    """Return the reports due since the last bulletin that were late, or missing, at the end of a day."""
    owed = Obligation.objects.filter(plan=plan, kind=Owed.REPORT, matter__isnull=False, due_on__lt=day)
    owed = owed.exclude(state=OwedState.WAIVED).filter(created_at__lte=end_of(day))
    if after is not None:
        owed = owed.filter(due_on__gt=after)
    rows = list(
        owed.order_by("due_on", "matter__order", "pk").values_list(
            "unit_id", "matter_id", "matter__serial", "due_on", "met_on"
        )
    )
    first: dict[tuple[int, int, date], Late] = {}
    standing = _Units({row[0] for row in rows})
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
        bulletin__plan=plan, bulletin__state=BulletinState.ISSUED, section=Section.PRAISE, left_out_reason=""
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
        on = each.raised_at.astimezone(SHANGHAI).date()
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
        rows.append((line.matter_id, letter.unit_id, kind, f"{line.text}{until}", line.answer.answered_on))
    standing = _Units({row[1] for row in rows})
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
    first = first_overseers(matters)
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


def first_overseers(matter_ids: Iterable[int]) -> dict[int, int]:
    """Return the post of the first overseer of each matter. One statement."""
    found: dict[int, int] = {}
    rows = Overseer.objects.filter(matter_id__in=list(matter_ids)).order_by("matter_id", "order", "pk")
    for matter_id, post_id in rows.values_list("matter_id", "post_id"):
        found.setdefault(matter_id, post_id)
    return found


# ---- a bulletin and its entries


def bulletins_for(actor: Actor) -> BulletinQuerySet:
    """Return the bulletins this actor may read whole, the latest first, joined. One statement."""
    joined = Bulletin.objects.visible_to(actor).select_related(
        "plan__policy", "plan__jurisdiction", "snapshot__policy", "since"
    )
    return joined.order_by("-drafted_at", "-pk")


def bulletin_for(actor: Actor, pk: int) -> Bulletin:
    """Return a bulletin this actor may read whole. Raises NotFound."""
    found = bulletins_for(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这期通报，或者您无权查看。")
    return found


def bulletin_to_check(actor: Actor, pk: int) -> Bulletin:
    """Return a bulletin of which the actor may see own entries before it is issued, or that the actor may read.

    Raises NotFound.
    """
    seen = Bulletin.objects.filter(
        Q(pk__in=Bulletin.objects.visible_to(actor).values("pk"))
        | Q(pk__in=Bulletin.objects.shown_to(actor).values("pk"))
    )
    found = seen.select_related("plan__policy", "plan__jurisdiction", "snapshot__policy").filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这期通报，或者您无权查看。")
    return found


def entries_of(bulletin: Bulletin, *, is_whole: bool = False) -> list[Citation]:
    """Return the entries of a bulletin in order, joined, each with its `notes`: the corrections. Two statements.

    is_whole: also those left out.
    """
    found = Citation.objects.filter(bulletin=bulletin)
    if not is_whole:
        found = found.filter(left_out_reason="")
    notes = Prefetch("corrections", queryset=Correction.objects.order_by("number"), to_attr="notes")
    joined = found.select_related("matter", "unit").prefetch_related(notes)
    order = {section: place for place, section in enumerate(Section)}
    rows = joined.order_by("matter__order", "matter_id", "unit__order", "pk")
    return sorted(rows, key=lambda one: order[Section(one.section)])


def checks_of(bulletin: Bulletin) -> list[UnitCheck]:
    """Return the units that were shown their entries, in their order. One statement."""
    return list(UnitCheck.objects.filter(bulletin=bulletin).select_related("unit").order_by("unit__order", "unit_id"))


def entry_of(one: Citation) -> Entry:
    """Return an entry as `rules.incomplete` looks at it."""
    name = f"{one.matter}（{one.unit.name}）" if one.matter is not None else one.unit.name
    return Entry(Section(one.section), name, one.cause, one.next_step)


def speaks_for(actor: Actor, unit_id: int) -> bool:
    """Return whether the actor acts for this unit itself, not for it at the office."""
    return any(unit_id in one.unit_ids for one in actor.holds(*WHOLE_UNIT_ROLES))


def is_of_office(actor: Actor, bulletin: Bulletin) -> bool:
    """Return whether the actor is of the office of a bulletin's place."""
    return any(one.jurisdiction_id in (None, bulletin.jurisdiction_id) for one in actor.holds(*OFFICE_ROLES))


def approvals_of(bulletin: Bulletin) -> dict[Approving, str]:
    """Return what of a presented bulletin is to be approved, and the role that does. Its plan's policy is joined."""
    sections = [Section(one["section"]) for one in (bulletin.frozen or {}).get("entries", [])]
    return approvals_needed(sections, policy_of(bulletin.plan).bulletins)


def may_approve(actor: Actor, bulletin: Bulletin) -> list[Approving]:
    """Return what of a presented bulletin this actor may approve and nobody has yet; nobody approves for another."""
    done = {
        Approving.FACTS: bulletin.facts_approved_at is not None,
        Approving.JUDGEMENT: bulletin.judgement_approved_at is not None,
    }
    return [
        what
        for what, role in approvals_of(bulletin).items()
        if not done[what] and any(one.jurisdiction_id in (None, bulletin.jurisdiction_id) for one in actor.holds(role))
    ]


# ---- what a bulletin says, as data


def composed(bulletin: Bulletin) -> dict[str, Any]:
    """Return everything a reader sees of a bulletin, JSON-able: the frozen words once presented, else as it stands.

    day, since: of the snapshots · title, opening · total and by_overseer, by_unit, by_field: tallies · changes: by
    Change, the matters · entries: section, matter, name, unit, facts, cause, cause_note, next_step · standings: the
    matters whose light is yellow or red.
    """
    if bulletin.frozen is not None:
        return dict(bulletin.frozen)
    material = material_of(bulletin.snapshot, since=bulletin.since, field_name=bulletin.field)
    counted = material.counted
    return {
        "day": bulletin.snapshot.day.isoformat(),
        "since": bulletin.since.day.isoformat() if bulletin.since else None,
        "title": bulletin.title,
        "opening": bulletin.opening,
        "total": asdict(tally("合计", counted)),
        "by_overseer": [asdict(one) for one in tallies(counted, by="overseer")],
        "by_unit": [asdict(one) for one in tallies(counted, by="unit")],
        "by_field": [asdict(one) for one in tallies(counted, by="field")],
        "changes": _changes(bulletin, ids={one.matter_id for one in material.stood}),
        "entries": [_entry(one) for one in entries_of(bulletin)],
        "standings": _standings(material),
        "before": _before(bulletin, material),
        "progress": _progress(material),
    }


def _before(bulletin: Bulletin, material: Material) -> dict[str, Any] | None:
    """Return how the same matters stood in the snapshot compared with, counted; None where there is none."""
    if bulletin.since is None:
        return None
    ids = {one.matter_id for one in material.stood if material.matters[one.matter_id].parent_id is None}
    some = [one for one in stood_in(bulletin.since) if one.matter_id in ids]
    behind_points = material.figures.lights.gap_yellow_points
    return asdict(
        tally("合计", [Counted(status_of(one, behind_points=behind_points), one.light, "", "", "") for one in some])
    )


def _progress(material: Material) -> list[dict[str, Any]]:
    """Return by field how far the matters in hand have come and ought to have, on average, as percent in words."""
    by_field: dict[str, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for one in material.stood:
        matter = material.matters[one.matter_id]
        if one.light is not None and one.expected is not None and matter.parent_id is None:
            by_field[matter.field].append((one.progress or Decimal(), one.expected))
    nothing = by_field.pop("", [])
    return [
        {
            "name": name,
            "progress": f"{sum(done for done, _ in some) / len(some):.1f}",
            "expected": f"{sum(asked for _, asked in some) / len(some):.1f}",
        }
        for name, some in [*by_field.items(), ("未明确", nothing)]
        if some
    ]


def _standings(material: Material) -> list[dict[str, Any]]:
    """Return the matters in hand whose light is not green, the red ones first, as the annex lists them."""
    lit = [one for one in material.stood if one.light in (Light.RED, Light.YELLOW)]
    found = []
    for one in sorted(lit, key=lambda each: each.light is not Light.RED):
        matter = material.matters[one.matter_id]
        found.append(
            {
                "serial": matter.serial,
                "text": matter.title or matter.text,
                "unit": material.leads[one.matter_id].name if one.matter_id in material.leads else "",
                "progress": None if one.progress is None else f"{one.progress:f}",
                "light": one.light.value if one.light else "",
            }
        )
    return found


def _changes(bulletin: Bulletin, *, ids: Collection[int]) -> list[dict[str, Any]]:
    if bulletin.since is None:
        return []
    changes = [one for one in compared(bulletin.since, bulletin.snapshot) if one.matter_id in ids]
    return [
        {
            "change": one.changed.change.value,
            "matter_id": one.matter.pk,
            "matter": str(one.matter),
            "name": one.matter.title or one.matter.text,
            "unit": one.unit,
            "before": (one.changed.before.light or "") if one.changed.before else "",
            "after": one.changed.after.light or "",
        }
        for one in with_matters(changes)
    ]


def _entry(one: Citation) -> dict[str, Any]:
    matter = one.matter
    return {
        "section": one.section,
        "matter_id": one.matter_id,
        "matter": str(matter) if matter is not None else "",
        "serial": matter.serial if matter is not None else "",
        "serials": [each for day in one.figures.get(Basis.LATE, {}).get("days", {}).values() for each in _both(day)],
        "name": (matter.title or matter.text) if matter is not None else "",
        "unit": one.unit.name,
        "unit_id": one.unit_id,
        "bases": list(one.figures),
        "facts": one.facts,
        "cause": one.cause,
        "cause_note": one.cause_note,
        "next_step": one.next_step,
    }


def _both(of_day: Mapping[str, Sequence[str]]) -> list[str]:
    return [*of_day["late"], *of_day["missing"]]


# ---- as an official page

_NOT_WRITTEN = "（尚未写明）"

_UNITS_IN_A_CHART = 8
"""More would move the whole chart to the next page and leave the first half empty."""


@dataclass(frozen=True, slots=True)
class Issue:
    """What an issue gets when it is issued. addressees: to whom, for its foot."""

    number: int
    total: int
    issued_on: date
    addressees: tuple[tuple[str, Rank], ...]


def bulletin_data(bulletin: Bulletin, *, issue: Issue | None = None) -> BulletinData:
    """Return a bulletin as it is drawn. Its plan, policy, place and snapshots are joined.

    issue: what it is about to be issued with; without it what it was issued with. A draft has none, carries 草稿 and
    shows what is still to be written.
    """
    said = composed(bulletin)
    if issue is None and bulletin.issued_on is not None:
        issue = Issue(bulletin.number or 0, bulletin.total_number or 0, bulletin.issued_on, addressees_of(bulletin))
    is_draft = issue is None
    issue = issue or Issue(0, 0, bulletin.drafted_on, ())
    some = said["entries"]
    blank = _NOT_WRITTEN if is_draft else ""
    return BulletinData(
        office=issuer_name(bulletin.plan.jurisdiction.name, policy=policy_of(bulletin.plan).letters),
        issue=issue.number,
        issue_total=issue.total,
        issued_on=issue.issued_on,
        title=said["title"],
        as_of=date.fromisoformat(said["day"]),
        whole=said["total"]["total"],
        totals=(),  # the opening tells them, as the office worded it
        summary=(said["opening"], *_changes_words(said)),
        charts=_charts(said),
        praises=tuple(
            Praise((one["unit"],), f"{_called(one)}。{one['facts']}{_reasons(one, label='主要做法', blank=blank)}")
            for one in some
            if one["section"] == Section.PRAISE
        ),
        entries=tuple(
            DrawnEntry(
                serial=one["serial"],
                text=one["name"],
                units=(one["unit"],),
                standing=one["facts"],
                cause=(f"{one['cause']}：{one['cause_note']}" if one["cause_note"] else one["cause"]) or blank,
                next_step=one["next_step"] or blank,
            )
            for one in some
            if one["section"] == Section.CRITICISM
        ),
        late_reports=tuple(
            LateReport(one["unit"], tuple(one["serials"]), one["facts"])
            for one in some
            if one["section"] == Section.LATE_REPORT
        ),
        standings=tuple(
            Standing(
                serial=one["serial"],
                text=one["text"],
                units=(one["unit"],),
                progress="未报" if one["progress"] is None else f"{Decimal(one['progress']):g}%",
                light=LIGHT_LABELS[Light(one["light"])][0],
            )
            for one in said["standings"]
        ),
        issued_to=tuple(Addressee(name, rank) for name, rank in issue.addressees),
        is_special=bulletin.kind == BulletinKind.SPECIAL,
        is_draft=is_draft,
    )


def _called(one: Mapping[str, Any]) -> str:
    return f"{one['matter']}“{one['name'].rstrip('。')}”"


def _reasons(one: Mapping[str, Any], *, label: str, blank: str) -> str:
    note = f"（{one['cause_note']}）" if one["cause_note"] else ""
    return f"{label}：{one['cause'] or blank}{note}。下一步：{one['next_step'] or blank}"


def _changes_words(said: Mapping[str, Any]) -> list[str]:
    """Return what changed since the last issue, in one sentence; nothing where there is none."""
    counts = Counter(one["change"] for one in said["changes"])
    if not counts:
        return []
    words = "，".join(f"{CHANGE_LABELS[one]}{counts[one.value]}项" for one in Change if counts[one.value])
    return [f"与{date_text(date.fromisoformat(said['since']))}相比，{words}。"]


def _charts(said: Mapping[str, Any]) -> tuple[Drawing, ...]:
    """Return the charts: the lights of this snapshot and the last, progress by field, and the lights of the units that
    have a yellow or red one. What was frozen before there were the first two has the last alone.
    """
    rows = [
        _lights(one["name"], one)
        for one in said["by_unit"]
        if one["lights"].get(Light.RED) or one["lights"].get(Light.YELLOW)
    ]
    found: list[Drawing] = []
    if before := said.get("before"):
        turned = Counter(one["change"] for one in said["changes"])
        found += changes_since(
            _lights(_month_day(said["since"]), before),
            _lights(_month_day(said["day"]), said["total"]),
            [TurnedMatters(CHANGE_LABELS[one], turned[one.value]) for one in Change],
            caption="亮灯情况与上次定格相比",
        )
    found += progress_against_schedule(
        [Progress(one["name"], Decimal(one["progress"]), Decimal(one["expected"])) for one in said.get("progress", [])],
        caption="在办事项平均进度与序时进度",
    )
    found += lights_by_unit(rows, caption="有黄灯、红灯的单位亮灯情况", most_rows=_UNITS_IN_A_CHART)
    return captioned(found)


def _lights(name: str, counted: Mapping[str, Any]) -> UnitLights:
    lights = counted["lights"]
    return UnitLights(name, Counts(**lights, grey=counted["total"] - sum(lights.values())))


def _month_day(day: str) -> str:
    on = date.fromisoformat(day)
    return f"{on.month}月{on.day}日"


def addressees_of(bulletin: Bulletin) -> tuple[tuple[str, Rank], ...]:
    """Return to whom an issue went, for its foot: all units in common words, or those named."""
    if bulletin.audience != Audience.NAMED:
        return named_addressees((), ())
    readers = list(BulletinReader.objects.filter(bulletin=bulletin).select_related("unit", "post").order_by("pk"))
    return named_addressees(
        [one.unit for one in readers if one.unit is not None], [one.post for one in readers if one.post is not None]
    )


def named_addressees(units: Sequence[Unit], posts: Sequence[Post]) -> tuple[tuple[str, Rank], ...]:
    """Return units and leaders as the foot of an issue names them; nobody named is everybody."""
    if not units and not posts:
        return (("各镇人民政府、街道办事处", Rank.TOWN), ("区直有关单位", Rank.DEPARTMENT))
    named = [(one.title, Rank.ABOVE) for one in posts]
    return (*named, *((one.full_name or one.name, Rank.DEPARTMENT) for one in units))


def bulletin_papers(bulletins: Iterable[Bulletin]) -> dict[int, IssuedPaper]:
    """Return what was frozen of bulletins when they were issued, by the bulletin's id. One statement."""
    return papers_of(PaperKind.BULLETIN, subject_type="bulletin", subject_ids=[one.pk for one in bulletins])


def draft_page(bulletin: Bulletin) -> Paper:
    """Return a bulletin that is not issued as a page to be drawn. Raises Invalid."""
    return bulletin_page(bulletin_data(bulletin), composed(bulletin))


def bulletin_page(data: BulletinData, said: Mapping[str, Any]) -> Paper:
    """Return an issue as a page to be drawn, the counts by leader, unit and field as an annex.

    said: `composed`, or what was frozen of it. Raises Invalid.
    """
    try:
        paper = paper_of(data)
    except DocumentError as error:
        raise Invalid(str(error)) from error
    tables = tuple(
        _tally_table(label, said[name])
        for name, label in (("by_overseer", "分管或联系领导"), ("by_unit", "牵头单位"), ("by_field", "领域"))
        if said[name]
    )
    title = "督查事项分类情况"
    lists = [replace(one, label=f"附件{place}") for place, one in enumerate(paper.annexes, start=2)]
    first = Annex("附件1" if lists else "附件", title, tables, is_landscape=False)
    head = replace(paper.head, issue="（印发时编号）", issue_total="") if data.is_draft and paper.head else paper.head
    return replace(paper, head=head, attachments=(title, *paper.attachments), annexes=(first, *lists))


def _tally_table(label: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return the counts of one table, with a column for each status that is there and one for each light."""
    statuses = [one for one in Status if any(row["statuses"].get(one.value) for row in rows)]
    names = [(one.value, STATUS_LABELS[one], "statuses") for one in statuses]
    names += [(one.value, LIGHT_LABELS[one], "lights") for one in reversed(Light)]
    columns = [Column(label, 3.2), Column("事项", 1.2, Align.CENTRE)]
    columns += [Column(word, 1.2, Align.CENTRE) for _, word, _ in names]
    cells = [
        Row((row["name"], str(row["total"]), *(str(row[group].get(key) or "") for key, _, group in names)))
        for row in rows
    ]
    return Table(tuple(columns), tuple(cells), caption=f"按{label}")


# ---- what later nouns read


@dataclass(frozen=True, slots=True)
class Named:
    """A matter that an issued bulletin named: “在第 N 期通报中点名”."""

    matter_id: int
    unit_id: int
    section: Section
    number_year: int
    number: int
    issued_on: date


def named_in_bulletins(plan: Plan, *, sections: Collection[Section] = (Section.CRITICISM,)) -> list[Named]:
    """Return the matters of a plan that issued bulletins named, the earliest issue first. One statement.

    Criticised matters enter the year-end verification by themselves. Source: docs/sources.md#bulletins
    """
    cited = Citation.objects.filter(
        bulletin__plan=plan,
        bulletin__state=BulletinState.ISSUED,
        section__in=list(sections),
        left_out_reason="",
        matter__isnull=False,
    ).select_related("bulletin")
    return [
        Named(
            matter_id=one.matter_id or 0,
            unit_id=one.unit_id,
            section=Section(one.section),
            number_year=one.bulletin.number_year or 0,
            number=one.bulletin.number or 0,
            issued_on=one.bulletin.issued_on or one.bulletin.drafted_on,
        )
        for one in cited.order_by("bulletin__total_number", "matter__order", "pk")
    ]


def bulletins_naming(actor: Actor, matter: Matter) -> list[Citation]:
    """Return the entries about a matter in issued bulletins this actor may read, the latest first. One statement."""
    seen = Bulletin.objects.visible_to(actor).filter(state=BulletinState.ISSUED)
    found = Citation.objects.filter(matter=matter, bulletin__in=seen, left_out_reason="")
    return list(found.select_related("bulletin", "unit").order_by("-bulletin__issued_at", "-pk"))


# ---- the office's morning


@dataclass(frozen=True, slots=True)
class Morning:
    """What of bulletins waits on a morning.

    snapshots: half-year ones without a bulletin.   to_decide: (bulletin, corrections nobody decided).   to_present:
    whose units had their time.   to_approve: those the reader approves.   to_issue: approved.
    """

    snapshots: list[Snapshot] = field(default_factory=list)
    to_decide: list[tuple[Bulletin, int]] = field(default_factory=list)
    to_present: list[Bulletin] = field(default_factory=list)
    to_approve: list[Bulletin] = field(default_factory=list)
    to_issue: list[Bulletin] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many things wait."""
        return sum(len(getattr(self, one)) for one in Morning.__dataclass_fields__)


def morning_of(actor: Actor, plans: Sequence[Plan], *, today: date) -> Morning:
    """Return what of these plans' bulletins waits for the reader today. Two statements, two more while units check.

    plans: joined with their policies and places.   A snapshot is only reminded of: nothing is drafted by itself
    (《政府督查工作条例》第二十一条).
    """
    places = {one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)}
    plans = [one for one in plans if places & {None, one.jurisdiction_id}]
    if not plans:
        return Morning()
    live = list(
        Bulletin.objects.filter(plan__in=plans, state__in=LIVE)
        .select_related("snapshot", "plan__policy", "plan__jurisdiction")
        .order_by("drafted_at", "pk")
    )
    found = Morning(snapshots=awaiting_snapshots(plans, today=today))
    checking = [one for one in live if one.state == BulletinState.CORRECTING]
    undecided: dict[int, int] = defaultdict(int)
    waited: dict[int, bool] = {}
    if checking:
        open_notes = Correction.objects.filter(
            citation__bulletin__in=checking, citation__left_out_reason="", accepted_at=None, declined_at=None
        )
        for pk in open_notes.values_list("citation__bulletin_id", flat=True):
            undecided[pk] += 1
        waited = units_waited_for(checking, today=today)
    for one in live:
        if one.state == BulletinState.CORRECTING:
            if undecided[one.pk]:
                found.to_decide.append((one, undecided[one.pk]))
            elif not waited[one.pk]:
                found.to_present.append(one)
        elif one.state == BulletinState.PRESENTED and may_approve(actor, one):
            found.to_approve.append(one)
        elif one.state == BulletinState.APPROVED:
            found.to_issue.append(one)
    return found


def awaiting_snapshots(plans: Sequence[Plan], *, today: date) -> list[Snapshot]:
    """Return the last half-year snapshot of each plan of this year and the last, where it has no bulletin.

    One statement.
    """
    recent = [one for one in plans if one.year >= today.year - 1]
    has = Bulletin.objects.filter(snapshot=OuterRef("pk"), kind=BulletinKind.REGULAR)
    has = has.exclude(state=BulletinState.DROPPED)
    found = Snapshot.objects.filter(plan__in=recent, is_half_year=True).annotate(has_bulletin=Exists(has))
    last = {one.plan_id: one for one in found.select_related("plan").order_by("day", "pk")}
    return [one for one in last.values() if not one.has_bulletin]


def units_waited_for(bulletins: Sequence[Bulletin], *, today: date) -> dict[int, bool]:
    """Return of bulletins whether a unit still has time to check its entries. One statement."""
    cited = Citation.objects.filter(bulletin=OuterRef("bulletin"), unit=OuterRef("unit"), left_out_reason="")
    waiting = UnitCheck.objects.filter(Exists(cited), bulletin__in=bulletins, answered_at=None, until__gte=today)
    open_ = set(waiting.values_list("bulletin_id", flat=True))
    return {one.pk: one.pk in open_ for one in bulletins}


def checks_open_to(actor: Actor, *, today: date) -> QuerySet[UnitCheck]:
    """Return what the actor's units may check now, the soonest to end first, joined."""
    units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
    cited = Citation.objects.filter(bulletin=OuterRef("bulletin"), unit=OuterRef("unit"), left_out_reason="")
    found = UnitCheck.objects.filter(
        Exists(cited), unit_id__in=units, bulletin__state=BulletinState.CORRECTING, answered_at=None, until__gte=today
    )
    return found.select_related("bulletin", "unit").order_by("until", "pk")


def is_judging(bulletin: Bulletin) -> bool:
    """Return whether a bulletin criticises or praises. One statement."""
    return Citation.objects.filter(bulletin=bulletin, section__in=JUDGING, left_out_reason="").exists()
