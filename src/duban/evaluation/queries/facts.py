"""The facts of a year: what counts for each unit, read from where it stands. A constant number of statements.

Read are matters as they stood, reports and what the office said of them, issued bulletins, interviews, findings of
visits, and what was owed. Not read, so never counted: letters, 批示, sign-ins, uploads and photos, reading, 回头看.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, Min, OuterRef

from duban.bulletins.models import Citation
from duban.bulletins.rules import BulletinState, Section, number_words
from duban.closing.models import Closure
from duban.closing.rules import ClosureState
from duban.core.clock import day_of
from duban.core.text import date_text
from duban.evaluation.rules import Fact, FactKind, Outcome, UnitMatter, UnitYear, YearFacts, outcome_of
from duban.interviews.queries import interviews_held
from duban.interviews.rules import LEVEL_LABELS
from duban.lights.models import KnownFacts
from duban.lights.queries import end_of, facts_of
from duban.matters.models import Assignment, Matter, Obligation, Plan
from duban.matters.queries import policy_of
from duban.matters.rules import Owed, OwedState, Part, State
from duban.orgs.models import Unit
from duban.reports.models import Contribution, HollowMark
from duban.visits.queries import UntrueFinding, untrue_findings

_WORK = (Owed.FINAL, Owed.MILESTONE, Owed.REPORT, Owed.CONTRIBUTION)
"""What makes a unit's workload. What is owed because something went wrong (an answer to a letter, a rectification, a
report to be written again) is not among it: who is urged often would else look busy."""
_AGAIN = "returned_report"
_NAME_MOST = 40


class Units:
    """The units of a place, and the one that stands today for each. One statement."""

    def __init__(self, plan: Plan) -> None:
        self._known = {one.pk: one for one in Unit.objects.filter(jurisdiction=plan.jurisdiction_id)}

    def survivor(self, unit_id: int) -> int:
        """Return the id of the unit that answers for one of these today."""
        unit = self._known[unit_id]
        while unit.merged_into_id is not None:
            unit = self._known[unit.merged_into_id]
        return unit.pk

    def of(self, ids: Iterable[int]) -> list[Unit]:
        """Return units in their order."""
        return sorted((self._known[pk] for pk in ids), key=lambda one: (one.order, one.pk))


class _Matters:
    """The matters of a plan as they stood at a day's end, and who had which part in them. Five statements."""

    def __init__(self, plan: Plan, *, until: date, units: Units) -> None:
        end = end_of(until)
        later = KnownFacts.objects.filter(matter=OuterRef("matter"), day__lte=until, day__gt=OuterRef("day"))
        known = KnownFacts.objects.filter(~Exists(later), matter__plan=plan, day__lte=until)
        self.facts = {pk: facts_of(stored) for pk, stored in known.values_list("matter_id", "facts")}
        rows = Matter.objects.filter(plan=plan).values_list("pk", "serial", "title", "text", "parent_id", "order")
        self.names: dict[int, str] = {}
        self.orders: dict[int, tuple[float, int]] = {}
        self.parents: set[int] = set()
        for pk, serial, title, text, parent_id, order in rows:
            words = title or text
            short = words if len(words) <= _NAME_MOST else words[:_NAME_MOST] + "…"
            self.names[pk] = f"第{serial}项 {short}" if serial else short
            self.orders[pk] = (order, pk)
            if parent_id is not None and pk in self.facts:  # split by then
                self.parents.add(parent_id)
        self.parts: dict[tuple[int, int], Part] = {}
        self.units_of: dict[int, set[int]] = defaultdict(set)
        held = Assignment.objects.filter(matter__plan=plan, matter__assigned_at__isnull=False).exclude(
            ended_at__lte=end
        )
        for matter_id, unit_id, part in held.values_list("matter_id", "unit_id", "part"):
            pair = (matter_id, units.survivor(unit_id))
            if self.parts.get(pair) is not Part.LEAD:
                self.parts[pair] = Part(part)
            self.units_of[matter_id].add(pair[1])
        granted = Closure.objects.filter(matter__plan=plan, state=ClosureState.GRANTED, granted_at__lte=end)
        self.done_on = {
            pk: day_of(at) for pk, at in granted.order_by().values_list("matter_id").annotate(Min("asked_at"))
        }
        closed = Matter.objects.filter(plan=plan, first_closed_on__isnull=False)
        self.closed_on = dict(closed.values_list("pk", "first_closed_on"))

    def part(self, matter_id: int | None, unit_id: int) -> Part:
        """Return the part of a unit in a matter; lead where it has none any more: it was named for what it led."""
        return self.parts.get((matter_id or 0, unit_id), Part.LEAD)

    def name(self, matter_id: int | None) -> str:
        return self.names.get(matter_id or 0, "")


def facts_of_year(plan: Plan, *, until: date) -> YearFacts:
    """Return what counts of a plan's year by the end of a day, for every unit with a part in it, in order.

    A unit merged into another answers through that one. The policy is read for one figure only (how much before due is
    early). Source: docs/sources.md#evaluation
    """
    units = Units(plan)
    matters = _Matters(plan, until=until, units=units)
    early_days = policy_of(plan).bulletins.praise_early_days
    found: dict[int, list[Fact]] = defaultdict(list)
    done: dict[int, list[UnitMatter]] = defaultdict(list)
    for matter_id in sorted(matters.facts, key=lambda pk: matters.orders[pk]):
        _came_out(matter_id, matters=matters, until=until, early_days=early_days, found=found, done=done)
    work: dict[int, set[tuple[object, ...]]] = defaultdict(set)
    facts = [
        *_owed(plan, until=until, units=units, matters=matters, work=work),
        *_hollow(plan, until=until, units=units, matters=matters),
        *_cited(plan, until=until, units=units, matters=matters),
        *_missing_support(plan, until=until, units=units, matters=matters),
        *_interviewed(plan, until=until, units=units, matters=matters),
        *_untrue(untrue_findings(plan, until=until), units=units, matters=matters),
    ]
    for one in facts:
        found[one.unit_id].append(one)
    order = {kind: at for at, kind in enumerate(FactKind)}

    def place(one: Fact) -> tuple[int, date, tuple[float, int]]:
        return order[one.kind], one.on, matters.orders.get(one.matter_id or 0, (0.0, 0))

    years = [
        UnitYear(
            unit_id=one.pk,
            name=one.name,
            unit_type=one.unit_type,
            obligations=len(work[one.pk]),
            facts=tuple(sorted(found[one.pk], key=lambda each: (*place(each), each.key))),
            matters=tuple(done[one.pk]),
        )
        for one in units.of({*found, *done, *work})
    ]
    return YearFacts(until, tuple(years))


def _came_out(
    matter_id: int,
    *,
    matters: _Matters,
    until: date,
    early_days: int,
    found: dict[int, list[Fact]],
    done: dict[int, list[UnitMatter]],
) -> None:
    """Put down how one matter came out for each of its units. One that was split counts by its work items."""
    if matter_id in matters.parents:
        return
    known = matters.facts[matter_id]
    due_on, done_on = known.due_on, None
    if known.state == State.CLOSED:
        done_on = matters.done_on.get(matter_id) or matters.closed_on.get(matter_id)
    outcome = outcome_of(
        known.state,
        due_on=due_on,
        until=until,
        done_on=done_on,
        asked_on=known.closing_on,
        early_days=early_days,
    )
    for unit_id in sorted(matters.units_of[matter_id]):
        part = matters.part(matter_id, unit_id)
        done[unit_id].append(UnitMatter(matter_id, matters.name(matter_id), part, outcome, due_on, done_on))
        if outcome is Outcome.NOT_DONE:
            found[unit_id].append(
                Fact(
                    key=f"not_done-{matter_id}-{unit_id}",
                    kind=FactKind.NOT_DONE,
                    unit_id=unit_id,
                    on=due_on,
                    words=f"应于{date_text(due_on)}前办结，未完成，没有经批准的调整",
                    part=part,
                    matter_id=matter_id,
                    name=matters.name(matter_id),
                    source="matter",
                    source_id=matter_id,
                )
            )


def _owed(
    plan: Plan, *, until: date, units: Units, matters: _Matters, work: dict[int, set[tuple[object, ...]]]
) -> list[Fact]:
    """Return late, missing and returned reports, and count into `work` what each unit was to do. One statement."""
    owed = Obligation.objects.filter(plan=plan, kind__in=_WORK, created_at__lte=end_of(until))
    rows = owed.order_by("created_at", "pk").values_list(
        "pk", "kind", "unit_id", "matter_id", "due_on", "state", "met_on", "subject_type", "created_at"
    )
    found: list[Fact] = []
    seen: set[tuple[int, int | None, date]] = set()
    for pk, kind, unit_id, matter_id, due_on, state, met_on, subject, created_at in rows:
        unit = units.survivor(unit_id)
        if subject == _AGAIN:
            on = day_of(created_at)
            words = f"{_day(due_on)}的报告被退回重写"
            found.append(_about_report(FactKind.RETURNED, pk, unit, on, words, matter_id, due_on, matters))
            continue
        if state == OwedState.WAIVED or due_on > until:
            continue
        work[unit].add((kind, matter_id, due_on))
        if kind != Owed.REPORT or matter_id is None or (unit, matter_id, due_on) in seen:
            continue
        seen.add((unit, matter_id, due_on))
        if met_on is None or met_on > until:
            words = f"应于{date_text(due_on)}前报送，没有报来"
            found.append(_about_report(FactKind.MISSING_REPORT, pk, unit, due_on, words, matter_id, due_on, matters))
        elif met_on > due_on:
            words = f"应于{date_text(due_on)}前报送，{date_text(met_on)}报来"
            found.append(_about_report(FactKind.LATE_REPORT, pk, unit, met_on, words, matter_id, due_on, matters))
    return found


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _about_report(
    kind: FactKind, pk: int, unit_id: int, on: date, words: str, matter_id: int, due_on: date, matters: _Matters
) -> Fact:
    """Return a fact about a report of one of the leads. source_id: its day as a number, 20200620."""
    return Fact(
        key=f"{kind.value}-{pk}",
        kind=kind,
        unit_id=unit_id,
        on=on,
        words=words,
        part=Part.LEAD,
        matter_id=matter_id,
        name=matters.name(matter_id),
        source="report",
        source_id=int(f"{due_on:%Y%m%d}"),
    )


def _hollow(plan: Plan, *, until: date, units: Units, matters: _Matters) -> list[Fact]:
    """Return the reports the office marked as saying nothing; a lifted mark does not count. One statement."""
    marks = HollowMark.objects.filter(report__matter__plan=plan, lifted_at=None, marked_at__lte=end_of(until))
    rows = marks.values_list("pk", "reason", "marked_at", "report__unit_id", "report__matter_id", "report__report_day")
    return [
        _about_report(
            FactKind.NO_SUBSTANCE,
            pk,
            units.survivor(unit_id),
            day_of(at),
            f"{_day(day)}的报告内容空泛：{reason}",
            matter_id,
            day,
            matters,
        )
        for pk, reason, at, unit_id, matter_id, day in rows
    ]


def _cited(plan: Plan, *, until: date, units: Units, matters: _Matters) -> list[Fact]:
    """Return who was criticised and praised in issued bulletins. Late reports listed there count as late, not as
    criticism. One statement.
    """
    kinds = {Section.CRITICISM: FactKind.CRITICISED, Section.PRAISE: FactKind.PRAISED}
    cited = Citation.objects.filter(
        bulletin__plan=plan,
        bulletin__state=BulletinState.ISSUED,
        bulletin__issued_on__lte=until,
        section__in=list(kinds),
        left_out_reason="",
        withdrawn_at=None,  # whenever it was withdrawn: it never held
    )
    found = []
    for pk, section, matter_id, unit_id, bulletin_id, year, number, on in cited.values_list(
        "pk",
        "section",
        "matter_id",
        "unit_id",
        "bulletin_id",
        "bulletin__number_year",
        "bulletin__number",
        "bulletin__issued_on",
    ):
        if on is None or number is None:  # what is issued has both
            continue
        unit, kind = units.survivor(unit_id), kinds[Section(section)]
        found.append(
            Fact(
                key=f"{kind.value}-{pk}",
                kind=kind,
                unit_id=unit,
                on=on,
                words=f"《政务督查》{year}年{number_words(number)}{'批评' if kind is FactKind.CRITICISED else '表扬'}",
                part=matters.part(matter_id, unit),
                matter_id=matter_id,
                name=matters.name(matter_id),
                source="bulletin",
                source_id=bulletin_id,
            )
        )
    return found


def _interviewed(plan: Plan, *, until: date, units: Units, matters: _Matters) -> list[Fact]:
    """Return who was talked with; a lead where it leads any of what the talk was about. A 商请面谈 does not count."""
    found = []
    for one in interviews_held(plan, until=until):
        if one.is_inviting:
            continue
        unit = units.survivor(one.unit_id)
        parts = {matters.part(pk, unit) for pk in one.matter_ids} or {Part.LEAD}
        first = min(one.matter_ids, key=lambda pk: matters.orders.get(pk, (0.0, pk)), default=None)
        more = f"等 {len(one.matter_ids)} 项" if len(one.matter_ids) > 1 else ""
        found.append(
            Fact(
                key=f"{FactKind.INTERVIEW.value}-{one.interview_id}",
                kind=FactKind.INTERVIEW,
                unit_id=unit,
                on=one.held_on,
                words=LEVEL_LABELS[one.level],
                part=Part.LEAD if Part.LEAD in parts else Part.SUPPORT,
                matter_id=first,
                name=f"{matters.name(first)}{more}",
                source="interview",
                source_id=one.interview_id,
            )
        )
    return found


def untrue_known(plan: Plan, *, until: date, known_on: date) -> list[Fact]:
    """Return whose claims were found untrue by a day, whenever: a year whose facts are counted to `until` may be known
    better later. Three statements where there are none.
    """
    findings = untrue_findings(plan, until=known_on)
    if not findings:
        return []
    units = Units(plan)
    return _untrue(findings, units=units, matters=_Matters(plan, until=until, units=units))


def _untrue(findings: Iterable[UntrueFinding], *, units: Units, matters: _Matters) -> list[Fact]:
    """Return whose claims a verification found untrue: once a visit and matter, however many claims; not those that
    were overturned.
    """
    found: dict[str, Fact] = {}
    for one in findings:
        for unit_id in one.unit_ids:
            unit = units.survivor(unit_id)
            key = f"{FactKind.UNTRUE.value}-{one.visit_id}-{one.matter_id}-{unit}"
            if key in found:
                continue
            found[key] = Fact(
                key=key,
                kind=FactKind.UNTRUE,
                unit_id=unit,
                on=one.found_on,
                words=f"核验发现不实：{one.words}" if one.words else "核验发现不实",
                part=matters.part(one.matter_id, unit),
                matter_id=one.matter_id,
                name=matters.name(one.matter_id),
                source="visit",
                source_id=one.visit_id,
            )
    return list(found.values())


def _missing_support(plan: Plan, *, until: date, units: Units, matters: _Matters) -> list[Fact]:
    """Return what supporting units did not give the lead, where the lead marked it; nothing is guessed. One query."""
    marked = Contribution.objects.filter(matter__plan=plan, missing_at__lte=end_of(until))
    found = []
    for pk, unit_id, matter_id, day, missing_at, given_at in marked.values_list(
        "pk", "unit_id", "matter_id", "report_day", "missing_at", "given_at"
    ):
        if missing_at is None:
            continue
        given_on = day_of(given_at) if given_at else None
        is_late = given_on is not None and given_on <= until
        kind = FactKind.LATE_REPORT if is_late else FactKind.MISSING_REPORT
        marked_on = day_of(missing_at)
        after = f"，{date_text(given_on)}补报" if is_late else ""
        found.append(
            Fact(
                key=f"{kind.value}-support-{pk}",
                kind=kind,
                unit_id=units.survivor(unit_id),
                on=marked_on,
                words=f"{_day(day)}的协办情况没有按时报给牵头单位，{date_text(marked_on)}标记{after}",
                part=Part.SUPPORT,
                matter_id=matter_id,
                name=matters.name(matter_id),
                source="report",
                source_id=int(f"{day:%Y%m%d}"),
            )
        )
    return found
