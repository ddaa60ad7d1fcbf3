"""Reads of reports that several doors share, already joined."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from duban.access.rules import Permission, Role, acting_with, may
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.workdays import add_workdays
from duban.documents.kinds.half_year_table import Completion, HalfYearTableData
from duban.documents.kinds.report_passage import Count, Passage, ReportPassageData, Sum
from duban.documents.kinds.report_passage import Part as PassagePart
from duban.documents.wording import listed, percent
from duban.matters.models import Assignment, Matter, Obligation, Plan, Target
from duban.matters.queries import LedgerRow, ledger_rows, policy_of, report_days, report_length
from duban.matters.rules import (
    LIGHT_LABELS,
    Forecast,
    Light,
    Origin,
    Owed,
    OwedState,
    Part,
    Sense,
    State,
    office_name,
)
from duban.orgs.models import Appointment, Unit, UnitContact, in_force
from duban.orgs.queries import absorbed_by
from duban.orgs.rules import ContactRole, PostKind
from duban.progress.models import Figure, LookBack, Progress
from duban.progress.rules import last_day_of
from duban.reports.models import Contribution, Report
from duban.reports.rules import (
    WITH_THE_OFFICE,
    Basis,
    BasisKind,
    ContributionSaid,
    EntrySaid,
    FigureSaid,
    LookBackSaid,
    Material,
    ReportState,
    is_within,
)

IN_HAND = (State.ASSIGNED, State.IN_PROGRESS, State.CLOSING)
"""States in which a matter is reported; what is suspended is not asked for."""


def report_asked(matter: Matter, *, report_day: date) -> Obligation | None:
    """Return what is (or was) owed for a matter and report day; None where no report of it was ever asked for."""
    rows = Obligation.objects.filter(matter=matter, kind=Owed.REPORT, due_on=report_day)
    return rows.order_by("pk").first()


def support_due(plan: Plan, *, report_day: date) -> date:
    """Return the day by which the supporting units give theirs for a report day."""
    return add_workdays(report_day, -policy_of(plan).reports.support_workdays)


def has_approver(unit: Unit, *, on: date) -> bool:
    """Return whether somebody in a unit (or in the one it was merged into) can approve here: deputy or head.

    Named is not enough: whoever has no account that is switched on cannot sign in, and a report would wait for ever.
    """
    pks = {unit.pk}
    while unit.merged_into is not None:
        unit = unit.merged_into
        pks.add(unit.pk)
    able = Q(person__account__is_active=True)
    deputies = UnitContact.objects.filter(able, in_force(on), unit_id__in=pks, role=ContactRole.DEPUTY)
    heads = Appointment.objects.filter(able, in_force(on), post__unit_id__in=pks, post__kind=PostKind.UNIT_HEAD)
    return deputies.exists() or heads.exists()


# ---- what a draft is made of


def last_report(matter: Matter, *, unit: Unit, before: date) -> Report | None:
    """Return the last report a unit sent of a matter for a day before this one."""
    sent = Report.objects.filter(matter=matter, unit=unit, report_day__lt=before, first_sent_on__isnull=False)
    return sent.order_by("-report_day").first()


def material_of(
    assignment: Assignment, *, report_day: date, today: date, last: Report | None, is_own: bool
) -> Material:
    """Return what a unit's draft may be made of: what was said lately since its last report. Five statements.

    The merging lead draws on every unit of the matter, another lead on itself. No draft of 150 字 needs more than the
    latest entries, however many there are.   is_own: whether the reader is of the
    unit; what the unit looked back on is for nobody else.
    """
    matter_id, unit = assignment.matter_id, assignment.unit
    used = {one["id"] for one in last.basis if one["kind"] == BasisKind.PROGRESS} if last is not None else set()
    since = last.first_sent_on if last is not None else None
    targets = Prefetch("figures", queryset=Figure.objects.filter(target__isnull=False).select_related("target"))
    entries = Progress.objects.filter(matter_id=matter_id, effective_on__lte=today).exclude(pk__in=used)
    if since is not None:
        entries = entries.filter(effective_on__gte=since)
    latest = entries.order_by("-effective_on", "-pk").select_related("unit")
    said = list(latest.filter(unit=unit).prefetch_related(targets)[:_ENTRIES_MOST])
    if assignment.is_merging:
        said += latest.exclude(unit=unit).prefetch_related(None)[:_ENTRIES_MOST]
    said.sort(key=lambda one: (one.effective_on, one.pk))
    given = Contribution.objects.filter(matter_id=matter_id, report_day=report_day).exclude(text="")
    contributions = given.select_related("unit").order_by("unit__order", "unit_id") if assignment.is_merging else ()
    look_backs: Iterable[LookBack] = ()
    if is_own:
        own = LookBack.objects.filter(unit=unit, matter_id=matter_id, entry=None, is_nothing_new=False)
        look_backs = own.filter(month__gte=since.replace(day=1)) if since is not None else own
    measures = None
    if assignment.measures and assignment.acknowledged_at is not None:
        signed = day_of(assignment.acknowledged_at)
        measures = (assignment.measures, Basis(BasisKind.MEASURES, assignment.pk, signed, unit.name))
    return Material(
        entries=tuple(_entry_said(one, unit=unit) for one in said),
        contributions=tuple(
            ContributionSaid(one.pk, day_of(one.given_at), one.unit.name, one.text)
            for one in contributions
            if one.given_at is not None
        ),
        look_backs=tuple(
            LookBackSaid(one.pk, min(last_day_of(one.month), today), unit.name, one.done, one.problem, one.next_step)
            for one in look_backs
            if one.month <= today
        ),
        measures=measures,
        last=last.text if last is not None else "",
    )


_ENTRIES_MOST = 40
"""Of the unit itself, and of the others together."""


def _entry_said(entry: Progress, *, unit: Unit) -> EntrySaid:
    return EntrySaid(
        id=entry.pk,
        on=entry.effective_on,
        unit=entry.unit.name,
        is_own=entry.unit_id == unit.pk,
        pct=entry.pct,
        sentence=entry.sentence,
        forecast=Forecast(entry.forecast) if entry.forecast else None,
        figures=()
        if entry.unit_id != unit.pk  # another unit's numbers stand in its own words
        else tuple(
            FigureSaid(
                printed=one.target_text,
                subject=one.target.subject,
                value=one.value,
                unit_of_measure=one.unit_of_measure,
                share_pct=Decimal(one.share_pct),
                sense=Sense(one.target.sense),
            )
            for one in entry.figures.all()
            if one.target is not None
        ),
    )


# ---- what supporting units give


@dataclass(frozen=True, slots=True)
class SupportLine:
    """One supporting unit on a matter, and what it gave for a report day."""

    unit: Unit
    given: Contribution | None

    @property
    def is_given(self) -> bool:
        """Whether anything came, be it “无补充”."""
        return self.given is not None and self.given.given_at is not None


def support_lines(matter: Matter, *, report_day: date) -> list[SupportLine]:
    """Return the supporting units of a matter with what they gave, those that gave nothing too. Two statements.

    The caller has seen that the actor merges the matter, or may see all of it.
    """
    given = {
        one.unit_id: one
        for one in Contribution.objects.filter(matter=matter, report_day=report_day).select_related("unit")
    }
    supporting = Assignment.objects.filter(matter=matter, part=Part.SUPPORT, ended_at=None).select_related("unit")
    lines = [SupportLine(one.unit, given.pop(one.unit_id, None)) for one in supporting.order_by("order", "pk")]
    return lines + [SupportLine(one.unit, one) for one in given.values()]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A supporting unit's sheet for a report day: the matters it supports, by matter id the unit that stands there."""

    matters: list[Matter]
    units: dict[int, Unit]
    given: dict[int, Contribution]
    leads: dict[int, str]

    @property
    def is_whole(self) -> bool:
        """Whether every matter of the sheet has something, be it “无补充”."""
        return all(pk in self.given and self.given[pk].given_at is not None for pk in self.units)


def contribution_sheet(unit: Unit, *, plan: Plan, report_day: date) -> Sheet:
    """Return what a unit (with those merged into it) supports and has to say for a report day. Five statements.

    The caller has seen that the actor is of the unit, or of the office.
    """
    own = {unit.pk} | absorbed_by({unit.pk})[unit.pk]
    asked = Matter.objects.filter(plan=plan, origin=Origin.NOTICE, parent=None, state__in=IN_HAND)
    parts = Assignment.objects.filter(unit__in=own, part=Part.SUPPORT, ended_at=None, matter__in=asked)
    units = {one.matter_id: one.unit for one in parts.select_related("unit").order_by("-pk")}
    given = {
        one.matter_id: one
        for one in Contribution.objects.filter(unit__in=own, matter__plan=plan, report_day=report_day)
    }
    merging = Assignment.objects.filter(matter_id__in=units, is_merging=True, ended_at=None)
    return Sheet(
        matters=list(Matter.objects.filter(pk__in={*units, *given}).order_by("order", "pk")),
        units=units,
        given=given,
        leads=dict(merging.values_list("matter_id", "unit__name")),
    )


# ---- the office's desk


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report the office expects or has, with everything its desk and the exports show.

    state: empty where nothing was begun.   text: only once it was sent.   is_late: sent late, or not there in time.
    missing: supporting units the lead marked as 协办未报.
    """

    matter_id: int
    serial: str
    matter_text: str
    unit_id: int
    unit: str
    unit_order: int
    is_merging: bool
    report_id: int | None = None
    version: int = 0
    state: str = ""
    text: str = ""
    chars: int = 0
    is_outside: bool = False
    is_late: bool = False
    is_waived: bool = False
    sent_on: date | None = None
    reason_outside: str = ""
    exception_reason: str = ""
    remark: str = ""
    returns: int = 0
    channel: str = ""
    informant: str = ""
    last_text: str = ""
    last_day: date | None = None
    missing: tuple[str, ...] = ()


def report_lines(plan: Plan, *, report_day: date, length: tuple[int, int], today: date) -> list[ReportLine]:
    """Return every report a day asks for, and every one there is, in the ledger's order. Six statements.

    The caller has seen that the actor is of the plan's office.
    """
    owed: dict[tuple[int, int], list[str]] = defaultdict(list)
    asked = Obligation.objects.filter(plan=plan, kind=Owed.REPORT, due_on=report_day, matter__isnull=False)
    for matter_id, unit_id, state in asked.values_list("matter_id", "unit_id", "state"):
        owed[matter_id or 0, unit_id].append(state)
    reports = {
        (one.matter_id, one.unit_id): one for one in Report.objects.filter(matter__plan=plan, report_day=report_day)
    }
    keys = {key for key, states in owed.items() if key in reports or set(states) != {OwedState.WAIVED}} | set(reports)
    waived = {key for key, states in owed.items() if set(states) == {OwedState.WAIVED}}
    waived_only = waived - set(reports)
    matters = {
        one.pk: one
        for one in Matter.objects.filter(pk__in={key[0] for key in keys | waived_only}).only(
            "pk", "serial", "title", "text", "order", "state"
        )
    }
    keys |= {key for key in waived_only if matters[key[0]].state in IN_HAND}  # let go by the office, not by its end
    units = Unit.objects.in_bulk([unit_id for _, unit_id in keys])
    before = Report.objects.filter(matter__plan=plan, report_day__lt=report_day, state__in=WITH_THE_OFFICE)
    last = {(one.matter_id, one.unit_id): one for one in before.order_by("report_day")}
    missing: dict[int, list[str]] = defaultdict(list)
    marked = Contribution.objects.filter(matter__plan=plan, report_day=report_day, missing_at__isnull=False)
    for matter_id, name in marked.order_by("unit__order", "pk").values_list("matter_id", "unit__name"):
        missing[matter_id].append(name)
    ordered = sorted(keys, key=lambda key: (matters[key[0]].order, key[0], key not in owed, key[1]))
    return [
        _line(
            matters[key[0]],
            units[key[1]],
            report=reports.get(key),
            last=last.get(key),
            is_merging=key in owed,
            is_waived=key in waived,
            report_day=report_day,
            length=length,
            today=today,
            missing=tuple(missing[key[0]]) if key in owed else (),
        )
        for key in ordered
    ]


def _line(
    matter: Matter,
    unit: Unit,
    *,
    report: Report | None,
    last: Report | None,
    is_merging: bool,
    is_waived: bool,
    report_day: date,
    length: tuple[int, int],
    today: date,
    missing: tuple[str, ...],
) -> ReportLine:
    place: dict[str, Any] = {
        "matter_id": matter.pk,
        "serial": matter.serial,
        "matter_text": matter.title or matter.text,
        "unit_id": unit.pk,
        "unit": unit.name,
        "unit_order": unit.order,
        "is_merging": is_merging,
        "is_waived": is_waived,
        "missing": missing,
        "last_text": last.text if last is not None else "",
        "last_day": last.report_day if last is not None else None,
    }
    is_owed_late = is_merging and not is_waived and today > report_day
    if report is None:
        return ReportLine(**place, is_late=is_owed_late)
    is_shown = report.state in WITH_THE_OFFICE
    first = report.first_sent_on
    return ReportLine(
        **place,
        report_id=report.pk,
        version=report.version,
        state=report.state,
        text=report.text if is_shown else "",
        chars=report.chars if is_shown else 0,
        is_outside=is_shown and not is_within(report.chars, low=length[0], high=length[1]),
        is_late=first > report_day if first is not None else is_owed_late,
        sent_on=report.sent_on,
        reason_outside=report.reason_outside,
        exception_reason=report.exception_reason,
        remark=report.remark if report.state == ReportState.RETURNED else "",
        returns=report.returns,
        channel=report.channel,
        informant=report.informant,
    )


# ---- as documents


def half_year_table(plan: Plan, *, report_day: date, today: date) -> HalfYearTableData:
    """Return what was reported for a day as a table: a matter a row, in the ledger's order, the merging lead's words
    first and those of other leads behind, each by name.

    The caller has seen that the actor is of the plan's office.
    """
    by_matter: dict[int, list[ReportLine]] = defaultdict(list)
    for line in report_lines(plan, report_day=report_day, length=report_length(plan), today=today):
        by_matter[line.matter_id].append(line)
    rows = {one.id: one for one in ledger_rows(by_matter, today=today)}
    days = report_days(plan)
    half = "上半年" if report_day == days[0] and len(days) > 1 else "全年" if report_day == days[-1] else "本期"
    return HalfYearTableData(
        title=f"{plan.jurisdiction.short_name}{plan.year}年度督查事项{half}完成情况汇总表",
        office=office_name(plan.jurisdiction.short_name),
        as_of=today,  # of the progress and the lights; what was reported says its own day
        rows=tuple(_completion(rows[pk], lines) for pk, lines in by_matter.items()),
    )


def _completion(row: LedgerRow, lines: Sequence[ReportLine]) -> Completion:
    said = [one for one in lines if one.text]
    words = [one.text if one.is_merging else f"（{one.unit}）{one.text}" for one in said]
    light = row.light_override or row.light
    first = lines[0]
    remarks = [
        "已免除" if first.is_waived and not said else "退回未报" if first.state == ReportState.RETURNED else "",
        "逾期报送" if first.is_late and said else "",
        f"{listed(first.missing)}协办未报" if first.missing else "",
    ]
    return Completion(
        serial=row.serial,
        text=row.title or row.text,
        units=row.leads,
        report="".join(words),
        progress="" if row.progress_pct is None else percent(row.progress_pct),
        light=LIGHT_LABELS[Light(light)] if light else "",
        remark="；".join(filter(None, remarks)),
    )


_PASSAGE_WORDS = {
    "closed": "已办结",
    "green": "按计划推进",
    "behind": "进度滞后",
    "suspended": "暂停",
    "carried": "结转下年",
}

_PASSAGE_STATES = {State.CLOSED: "closed", State.SUSPENDED: "suspended", State.CARRIED_OVER: "carried"}
"""What is stopped or goes on next year is neither done nor on its way."""


def report_passage(plan: Plan, *, today: date) -> ReportPassageData:
    """Return a draft on 落实情况 for the next work report: how matters stand by field, and what was reached of their
    quantities; every figure with the matters it is of.

    The caller has seen that the actor is of the plan's office.
    """
    matters = list(
        Matter.objects.filter(plan=plan, parent=None)
        .exclude(state__in=(State.DRAFT, State.TERMINATED))
        .exclude(serial="")
        .order_by("order", "pk")
    )
    reached: dict[int, Decimal] = {}
    figures = Figure.objects.filter(progress__matter__in=[one.pk for one in matters], target__isnull=False)
    for target_id, value in figures.order_by("progress__effective_on", "progress_id", "pk").values_list(
        "target_id", "value"
    ):
        reached[target_id or 0] = value
    targets: dict[int, list[Target]] = defaultdict(list)
    for one in Target.objects.filter(pk__in=reached).order_by("matter_id", "order", "pk"):
        if reached[one.pk] > 0:
            targets[one.matter_id].append(one)
    fields: dict[str, list[Matter]] = defaultdict(list)
    for matter in matters:
        fields[matter.field or "其他"].append(matter)
    passages = [Passage("", (_standing("全年列入督查的", matters),))] if matters else []
    for name, some in fields.items():
        quantities = [
            part
            for matter in some
            for one in targets[matter.pk]
            for part in (f"{one.subject or matter.title or '第' + matter.serial + '项'}", _sum(matter, one, reached))
        ]
        paragraphs = [_standing("", some)]
        if quantities:
            paragraphs.append(("完成", *_joined(quantities)))
        passages.append(Passage(name, tuple(paragraphs)))
    return ReportPassageData(
        title=f"{plan.jurisdiction.short_name}{plan.year}年度督查事项落实情况（供起草政府工作报告参考）",
        office=office_name(plan.jurisdiction.short_name),
        as_of=today,
        passages=tuple(passages),
    )


def _standing(begin: str, matters: Sequence[Matter]) -> tuple[PassagePart, ...]:
    groups: dict[str, list[str]] = defaultdict(list)
    for one in matters:
        light = one.light_override or one.light
        standing = "behind" if light in (Light.YELLOW, Light.RED) else "green"
        name = _PASSAGE_STATES.get(State(one.state), standing)
        groups[name].append(one.serial)
    parts: list[PassagePart] = [f"{begin}事项", Count(tuple(one.serial for one in matters))]
    for name, word in _PASSAGE_WORDS.items():
        if groups[name]:
            parts += [f"，{word}", Count(tuple(groups[name]))]
    return (*parts, "。")


def _sum(matter: Matter, target: Target, reached: dict[int, Decimal]) -> Sum:
    return Sum(((matter.serial, reached[target.pk]),), target.unit_of_measure)


def _joined(parts: Sequence[PassagePart]) -> Iterator[PassagePart]:
    """Yield words and figures by turns, with a comma between the pairs and a stop at the end."""
    for place, part in enumerate(parts):
        yield part
        if place % 2:
            yield "。" if place + 1 == len(parts) else "，"


# ---- what waits, and what a matter's page shows


def reports_handed_in(unit_ids: set[int]) -> set[tuple[int, int, date]]:
    """Return (matter, unit, report day) of the reports that lie with these units' own deputies. One statement."""
    found = Report.objects.filter(unit__in=unit_ids, state=ReportState.SUBMITTED)
    return set(found.values_list("matter_id", "unit_id", "report_day"))


def approving_units(actor: Actor) -> set[int]:
    """Return the units for whose reports the actor is the deputy or the head."""
    held = actor.holds(Role.UNIT_DEPUTY, Role.UNIT_HEAD)
    return {pk for one in held for pk in one.unit_ids if may(actor, Permission.REPORT_APPROVE, unit_id=pk)}


def reports_to_approve(actor: Actor) -> QuerySet[Report]:
    """Return the reports that wait for the actor as deputy or head of their units, the earliest day first."""
    waiting = Report.objects.filter(unit_id__in=approving_units(actor), state=ReportState.SUBMITTED)
    return waiting.select_related("matter__plan__policy", "unit").order_by("report_day", "matter__order", "pk")


def reports_given_back(actor: Actor) -> QuerySet[Report]:
    """Return the reports that came back to the actor's units and have to be written again."""
    units = {pk for one in actor.held for pk in one.unit_ids if may(actor, Permission.REPORT_WRITE, unit_id=pk)}
    back = Report.objects.filter(
        unit_id__in=units,
        state__in=(ReportState.SENT_BACK, ReportState.RETURNED),
        matter__state__in=IN_HAND,
    )
    return back.select_related("matter", "unit").order_by("report_day", "matter__order", "pk")


def reports_to_accept(actor: Actor) -> QuerySet[Report]:
    """Return the reports that were sent to the actor's office and not looked at yet."""
    return Report.objects.visible_to(acting_with(actor, Permission.REPORT_ACCEPT)).filter(state=ReportState.SENT)


def reports_of(actor: Actor, *, matter: Matter) -> QuerySet[Report]:
    """Return the reports of a matter this actor may read, the latest day first, the merging lead's first."""
    visible = Report.objects.visible_to(actor).filter(matter=matter).select_related("unit")
    return visible.order_by("-report_day", "pk")


def days_of(plan: Plan, *, today: date) -> tuple[list[date], date | None]:
    """Return a plan's report days, and the one its desk opens with: the next one, or one within the last 60 days."""
    days = report_days(plan)
    if not days:
        return [], None
    recent = [day for day in days if today - timedelta(days=_STILL_OF_INTEREST_DAYS) <= day]
    return days, recent[0] if recent else days[-1]


_STILL_OF_INTEREST_DAYS = 60
