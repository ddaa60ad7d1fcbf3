"""The two reports of the year: supporting units give their share, leads write, deputies approve, the office reads."""

from collections import defaultdict
from datetime import date

from duban.cli.demo_year.behaviour import Character, chance, contributes_on, number, reports_on, workday_from
from duban.cli.demo_year.stage import Stage, key_of
from duban.cli.demo_year.words import contribution, filled_up
from duban.core.clock import day_of
from duban.core.workdays import add_workdays
from duban.matters.actions import Behalf
from duban.matters.models import Assignment, Obligation
from duban.matters.queries import report_days, report_length
from duban.matters.rules import Channel, Owed, OwedState
from duban.orgs.models import Unit
from duban.reports.actions import (
    Given,
    accept_reports,
    approve_reports,
    enter_for_unit,
    give_contributions,
    mark_contribution_missing,
    record_reports_export,
    return_report,
    save_draft,
    send_back,
    submit_report,
)
from duban.reports.models import Report
from duban.reports.queries import (
    IN_HAND,
    contribution_sheet,
    last_report,
    material_of,
    reports_to_accept,
    support_due,
    support_lines,
)
from duban.reports.rules import ReportState, count_chars, draft_of, is_within

_WEEKS_BEFORE = -25
_WEEKS_AFTER = 30


def _report_day(stage: Stage) -> date | None:
    """Return the report day people are busy with, if there is one."""
    for day in report_days(stage.plan):
        if _WEEKS_BEFORE <= (stage.day - day).days <= _WEEKS_AFTER:
            return day
    return None


# ---- supporting units


def contribute(stage: Stage) -> None:
    """Let supporting units give their sheet, in time or late or not; what comes on paper the office enters."""
    day = _report_day(stage)
    if day is None:
        return
    due_on = support_due(stage.plan, report_day=day)
    owed = Obligation.objects.filter(
        plan=stage.plan, kind=Owed.CONTRIBUTION, subject_id=int(f"{day:%Y%m%d}"), state=OwedState.OPEN
    )
    for one in owed.select_related("unit__jurisdiction", "unit__merged_into").order_by("unit__order", "unit__name"):
        unit = one.unit
        character = stage.character_of(unit)
        wanted = contributes_on(unit.name, character=character, due_on=due_on, seed=stage.seed)
        if unit.merged_into is None and wanted is not None and workday_from(wanted) == stage.day:
            _contribute(stage, unit, day)


def _contribute(stage: Stage, unit: Unit, day: date) -> None:
    sheet = contribution_sheet(unit, plan=stage.plan, report_day=day)
    if not sheet.units:
        return
    lines: list[Given] = []
    for matter in sheet.matters:
        about = f"{key_of(matter)} {unit.name} {day}"
        if len(lines) < 4 and chance(stage.seed, 0.25, "contributes", about):
            lines.append(Given(matter.pk, contribution(matter.text, seed=stage.seed, about=about)))
    actor, behalf = stage.speaker(unit)
    give_contributions(
        unit,
        plan=stage.plan,
        report_day=day,
        lines=lines,
        rest_is_nothing=True,
        behalf=behalf,
        **stage.told(actor),
    )


def mark_what_is_missing(stage: Stage) -> None:
    """Let leads note, once the sheets' day has passed, which supporting units gave nothing."""
    day = _report_day(stage)
    if day is None or stage.day != add_workdays(support_due(stage.plan, report_day=day), 2):
        return
    for part in _leads_asked(stage, day):
        actor = stage.of_unit(part.unit, "liaison")
        if actor is None or not chance(stage.seed, 0.35, "marks", key_of(part.matter), day):
            continue
        for line in support_lines(part.matter, report_day=day):
            marked = line.given is not None and line.given.missing_at is not None
            if not line.is_given and not marked and line.unit.merged_into_id is None:
                mark_contribution_missing(part.matter, unit=line.unit, report_day=day, **stage.told(actor))


# ---- leads


def _leads_asked(stage: Stage, day: date) -> list[Assignment]:
    """Return the merging leads that still owe a report of a matter for a day, in the ledger's order."""
    owed = Obligation.objects.filter(plan=stage.plan, kind=Owed.REPORT, due_on=day, state=OwedState.OPEN)
    parts = Assignment.objects.filter(
        matter__in=owed.values("matter_id"), is_merging=True, ended_at=None, matter__state__in=IN_HAND
    )
    joined = parts.select_related(
        "matter__plan__policy", "matter__jurisdiction", "unit__jurisdiction", "unit__merged_into"
    )
    return list(joined.order_by("matter__order", "matter_id"))


def write_reports(stage: Stage) -> None:
    """Let leads write what they owe: a draft from what was said, amended, handed to the deputy; late ones late."""
    day = _report_day(stage)
    if day is None:
        return
    standing = {
        (one.matter_id, one.unit_id): one for one in Report.objects.filter(matter__plan=stage.plan, report_day=day)
    }
    for part in _leads_asked(stage, day):
        report = standing.get((part.matter_id, part.unit_id))
        if report is not None and report.state in (ReportState.SENT_BACK, ReportState.RETURNED):
            days = number(stage.seed, 1, 3, "rewrites", key_of(part.matter))
            if report.returned_at and add_workdays(day_of(report.returned_at), days) <= stage.day:
                _hand_in(stage, part, day, report=report, again=True)
            continue
        if report is not None and report.state != ReportState.DRAFT:
            continue
        character = stage.character_of(part.unit) or Character.ORDINARY
        wanted = reports_on(
            key_of(part.matter), character=character, woken=stage.is_awake(part.unit), report_day=day, seed=stage.seed
        )
        if wanted is not None and wanted <= stage.day:
            _hand_in(stage, part, day, report=report)


def _hand_in(stage: Stage, part: Assignment, day: date, *, report: Report | None, again: bool = False) -> None:
    matter, unit, key = part.matter, part.unit, key_of(part.matter)
    low, high = report_length(matter.plan)
    actor = stage.of_unit(unit, "liaison")
    last = last_report(matter, unit=unit, before=day)
    material = material_of(part, report_day=day, today=stage.day, last=last, is_own=actor is not None)
    draft = draft_of(material, low=low, high=high)
    about = f"{key} {day} {again}"
    is_long = not again and chance(stage.seed, 0.025, "long report", about)
    least = high + 8 if is_long else low
    text = filled_up(draft.text, low=least, count=count_chars, seed=stage.seed, about=about)
    is_outside = not is_within(count_chars(text), low=low, high=high)
    reason = "涉及多个子项，压缩后难以说清" if is_outside else ""
    version = report.version if report is not None else 0
    if actor is None or stage.character_of(unit) is Character.NEVER:
        behalf = Behalf(Channel.PAPER, f"{unit.name}办公室")
        enter_for_unit(
            matter,
            unit=unit,
            report_day=day,
            text=text,
            version=version,
            behalf=behalf,
            reason_outside=reason,
            **stage.told(stage.officer),
        )
        return
    said = draft.sentences
    if report is None and chance(stage.seed, 0.3, "saves draft", about):
        written = save_draft(
            matter, unit=unit, report_day=day, text=draft.text, version=0, sentences=said, **stage.told(actor)
        )
        version = written.version
    submit_report(
        matter,
        unit=unit,
        report_day=day,
        text=text,
        version=version,
        reason_outside=reason,
        sentences=said,
        **stage.told(actor),
    )


def approve(stage: Stage) -> None:
    """Let deputies read what their liaisons wrote the day before; a few go back once."""
    waiting: dict[Unit, list[Report]] = defaultdict(list)
    handed_in = Report.objects.filter(state=ReportState.SUBMITTED, matter__state__in=IN_HAND)
    for one in handed_in.select_related("matter__plan", "unit__jurisdiction").order_by("unit__name", "matter__order"):
        waiting[one.unit].append(one)
    for unit, reports in waiting.items():
        actor = stage.of_unit(unit, "deputy") or stage.of_unit(unit, "head")
        if actor is None or not chance(stage.seed, 0.75, "deputy reads", unit.name, stage.day):
            continue
        good = {}
        for one in reports:
            about = (key_of(one.matter), one.report_day)
            if not one.returned_at and chance(stage.seed, 0.06, "sends back", *about):
                send_back(one, reason="数字与上月填报不一致，请核对后再报。", **stage.told(actor))
            else:
                good[one.pk] = one.version
        if good:
            approve_reports(good, **stage.told(actor))


def read_reports(stage: Stage) -> None:
    """Let the office read what came, twice a week: most is accepted, what is too long with a reason, some goes back."""
    if stage.day.weekday() not in (1, 4) or _report_day(stage) is None:
        return
    low, high = report_length(stage.plan)
    good, outside = {}, {}
    waiting = reports_to_accept(stage.officer).filter(matter__state__in=IN_HAND)
    for one in waiting.select_related("matter__plan__policy", "unit").order_by("matter__order", "pk"):
        if not one.returns and chance(stage.seed, 0.06, "returns report", key_of(one.matter), one.report_day):
            return_report(one, reason="没有写明实际成效和数字，请补充后重新报送。", **stage.told(stage.officer))
        elif is_within(one.chars, low=low, high=high):
            good[one.pk] = one.version
        else:
            outside[one.pk] = one.version
    if good:
        accept_reports(good, **stage.told(stage.officer))
    for pk, version in outside.items():
        reason = "事项涉及多个子项，字数略有超出，同意采用"
        accept_reports({pk: version}, exception_reason=reason, **stage.told(stage.officer))


def export_reports(stage: Stage) -> None:
    """Let the office print the reports of a day once they are in."""
    day = _report_day(stage)
    if day is not None and stage.day == add_workdays(day, 12):
        count = Report.objects.filter(matter__plan=stage.plan, report_day=day, state=ReportState.ACCEPTED).count()
        record_reports_export(stage.plan, report_day=day, form="docx", count=count, **stage.told(stage.officer))


REPORTING = (contribute, mark_what_is_missing, write_reports, approve, read_reports, export_reports)
