"""Half-year reports, the units' side: writing one, approving, what supporting units give; a matter's panel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST

from duban.access.rules import Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, WrongState
from duban.core.text import date_text
from duban.matters.actions import Behalf
from duban.matters.models import Assignment, Matter, Plan
from duban.matters.queries import MatterPage, matter_for, policy_of, report_days, report_length
from duban.matters.rules import CHANNEL_LABELS, PART_LABELS, Channel, Owed, OwedState, Part
from duban.orgs.models import Unit
from duban.reports.actions import (
    AlreadySubmitted,
    Given,
    approve_reports,
    enter_for_unit,
    give_contributions,
    mark_contribution_missing,
    save_draft,
    send_back,
    submit_report,
)
from duban.reports.models import Contribution, HollowMark, Report
from duban.reports.queries import (
    IN_HAND,
    Sheet,
    SupportLine,
    approving_units,
    contribution_sheet,
    has_approver,
    last_report,
    material_of,
    report_asked,
    reports_given_back,
    reports_of,
    reports_to_accept,
    reports_to_approve,
    support_due,
    support_lines,
)
from duban.reports.rules import (
    CONTRIBUTION_MOST,
    REPORT_STATE_LABELS,
    WITH_THE_OFFICE,
    WRITABLE,
    Draft,
    ReportState,
    candidates_of,
    count_chars,
    draft_of,
    is_within,
    traced,
)
from duban.web.given import actor_of, day_of, number_of
from duban.web.middleware import STATUS
from duban.web.waiting import Office, Queue, Waiting, Waits, of_own_units

STATE_TONES: dict[ReportState, str] = {
    ReportState.DRAFT: "draft",
    ReportState.SUBMITTED: "violet",
    ReportState.SENT_BACK: "warn",
    ReportState.SENT: "blue",
    ReportState.RETURNED: "warn",
    ReportState.ACCEPTED: "ok",
}
"""The colour of each state of a report; its word is REPORT_STATE_LABELS."""


def short_day(day: date) -> str:
    """Return a day as a heading writes it: 6月20日."""
    return f"{day.month}月{day.day}日"


def report_day_of(words: str) -> date:
    """Return the report day an address names. Raises NotFound."""
    try:
        day = parse_date(words)
    except ValueError:
        day = None
    if day is None:
        raise NotFound("没有这个报送日期。")
    return day


def _status(error: DomainError) -> int:
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


# ---- writing


@dataclass(frozen=True, slots=True)
class _Desk:
    """A report somebody writes: on which matter, for which of its leads and which day, and what there is of it."""

    actor: Actor
    matter: Matter
    report_day: date
    part: Assignment
    parts: list[Assignment]
    report: Report | None
    is_own: bool

    @property
    def unit(self) -> Unit:
        return self.part.unit

    @property
    def state(self) -> ReportState | None:
        return ReportState(self.report.state) if self.report is not None else None

    @property
    def may_sign(self) -> bool:
        return self.is_own and self.part.unit_id in approving_units(self.actor)

    @property
    def is_writable(self) -> bool:
        if self.matter.state not in IN_HAND:
            return False
        with_deputy = self.state is ReportState.SUBMITTED and (self.may_sign or not self.is_own)
        return self.state is None or self.state in WRITABLE or with_deputy


def _desk(request: HttpRequest, pk: int, day: str) -> _Desk:
    """Return the report an address means. Raises NotAllowed, NotFound (another unit's, a day nothing is owed for)."""
    actor = actor_of(request)
    matter = matter_for(actor, pk)
    require(actor, Permission.REPORT_WRITE, jurisdiction_id=matter.jurisdiction_id)
    report_day = report_day_of(day)
    leads = Assignment.objects.filter(matter=matter, part=Part.LEAD, ended_at=None).select_related("unit__merged_into")
    place = matter.jurisdiction_id
    parts = [
        one
        for one in leads.order_by("-is_merging", "order", "pk")
        if may(actor, Permission.REPORT_WRITE, unit_id=one.unit_id, jurisdiction_id=place)
    ]
    if not parts and any(one.unit_ids for one in actor.held):
        raise NotAllowed("本单位不是这件事项的牵头单位。")
    if not parts or report_asked(matter, report_day=report_day) is None:
        raise NotFound(f"{matter}没有{date_text(report_day)}这一期报送。")
    wanted = number_of(request.POST.get("unit") or request.GET.get("unit"))
    part = next((one for one in parts if one.unit_id == wanted), None)
    if wanted and part is None:
        raise NotFound
    part = part or parts[0]
    report = Report.objects.filter(matter=matter, unit=part.unit, report_day=report_day).first()
    is_own = any(part.unit_id in one.unit_ids for one in actor.held)
    return _Desk(actor, matter, report_day, part, parts, report, is_own)


@require_http_methods(["GET", "POST"])
def matter_report(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """Write a report: the draft is there, the last report beside it; handed in with one button."""
    desk = _desk(request, pk, day)
    today = clock.today()
    problem, field, status = "", "", 200
    theirs: Report | None = None
    last = last_report(desk.matter, unit=desk.unit, before=desk.report_day)
    material = material_of(desk.part, report_day=desk.report_day, today=today, last=last, is_own=desk.is_own)
    posted = request.POST if request.method == "POST" else None
    if posted is not None:
        try:
            done = _taken(desk, posted, sentences=candidates_of(material), now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except AlreadySubmitted as error:
            messages.info(request, error.message)
            return redirect(request.get_full_path())
        except DomainError as error:
            problem, field, status = error.message, error.field or "", _status(error)
            if isinstance(error, Conflict) and isinstance(error.theirs, Report):
                theirs = error.theirs
            desk = _desk(request, pk, day)
        else:
            messages.success(request, done)
            return redirect(request.get_full_path() if "save" in posted else "home" if desk.is_own else "reports")
    low, high = report_length(desk.matter.plan)
    draft = draft_of(material, low=low, high=high) if desk.is_own else Draft()
    context = _writing(desk, posted, draft=draft, theirs=theirs, is_redrafted=request.GET.get("draft") == "new")
    context |= {
        "low": low,
        "high": high,
        "is_outside": bool(context["text"]) and not is_within(context["count"], low=low, high=high),
        "may_be_outside": policy_of(desk.matter.plan).reports.exceptions_allowed,
        "last": last,
        "problem": problem,
        "field": field,
        "is_late": today > desk.report_day and (desk.report is None or desk.report.first_sent_on is None),
        **_beside(desk, today=today),
    }
    return render(request, "reports/report.html", context, status=status)


def _taken(desk: _Desk, posted: QueryDict, *, sentences: Sequence[Any], now: datetime) -> str:
    """Do what the form asks; return what to say of it."""
    given: dict[str, Any] = {
        "unit": desk.unit,
        "report_day": desk.report_day,
        "text": posted.get("text", ""),
        "version": number_of(posted.get("version")),
        "by": desk.actor,
        "now": now,
    }
    reason = posted.get("reason_outside", "")
    if not desk.is_own:
        behalf = behalf_of(posted)
        if behalf is None:
            raise Invalid("代单位报送，请写明方式（纸质回执或电话）和报送人。", field="channel")
        day = day_of(posted.get("received_on", ""), field="received_on", what="收到日期")
        report = enter_for_unit(desk.matter, behalf=behalf, reason_outside=reason, received_on=day, **given)
        return f"已代录{desk.unit.name}{desk.matter}的报告，{report.chars} 字。"
    if "save" in posted:
        report = save_draft(desk.matter, sentences=sentences, **given)
        return f"已保存，{report.chars} 字，还没有提交。"
    is_signed = "sign" in posted
    report = submit_report(desk.matter, reason_outside=reason, sentences=sentences, sign=is_signed, **given)
    where = "，已报督查室" if report.state == ReportState.SENT else "，待分管领导审签"
    late = "（逾期）" if report.first_sent_on is not None and report.first_sent_on > desk.report_day else ""
    return f"已提交{desk.matter}{short_day(desk.report_day)}报告，{report.chars} 字{where}{late}。"


def behalf_of(posted: QueryDict) -> Behalf | None:
    """Return how a unit told the office, as posted; None where the form does not say."""
    channel = posted.get("channel", "")
    if channel not in {one.value for one in Channel}:
        return None
    return Behalf(Channel(channel), posted.get("informant", ""))


def _writing(
    desk: _Desk, posted: QueryDict | None, *, draft: Draft, theirs: Report | None, is_redrafted: bool
) -> dict[str, Any]:
    """Return what the form holds: what was typed where it came back, else what is saved, else the draft."""
    report, state = desk.report, desk.state
    is_shown = report is not None and (desk.is_own or report.state in WITH_THE_OFFICE)
    saved = report.text if report is not None and is_shown else ""
    is_fresh = desk.is_writable and (not saved or is_redrafted)
    text = posted.get("text", "") if posted is not None else draft.text if is_fresh else saved
    basis = traced(text, draft.sentences, kept=report.basis if report is not None and is_shown else ())
    return {
        "matter": desk.matter,
        "unit": desk.unit,
        "parts": [(one.unit_id, one.unit.name) for one in desk.parts],
        "report_day": desk.report_day,
        "is_own": desk.is_own,
        "is_writable": desk.is_writable,
        "may_sign": desk.may_sign,
        "sends_directly": desk.is_own and not desk.may_sign and not has_approver(desk.unit, on=clock.today()),
        "report": report,
        "state": REPORT_STATE_LABELS[state] if state is not None else "",
        "tone": STATE_TONES[state] if state is not None else "",
        "is_returned": state in (ReportState.SENT_BACK, ReportState.RETURNED),
        "text": text,
        "count": count_chars(text),
        "version": report.version if report is not None else 0,
        "reason_outside": posted.get("reason_outside", "") if posted else report.reason_outside if report else "",
        "basis": basis,
        "left_out": draft.left_out if desk.is_writable else (),
        "is_draft": is_fresh and posted is None and bool(draft.text),
        "has_new_draft": desk.is_writable and bool(saved) and bool(draft.text) and draft.text not in (saved, text),
        "theirs": theirs,
        "channels": [(one.value, CHANNEL_LABELS[one]) for one in Channel],
        "channel": posted.get("channel", "") if posted else Channel.PAPER.value,
        "informant": posted.get("informant", "") if posted else "",
        "received_on": posted.get("received_on", "") if posted else clock.today().isoformat(),
    }


def _beside(desk: _Desk, *, today: date) -> dict[str, Any]:
    """Return what stands beside the form: what supporting units gave, other leads' reports, earlier versions."""
    sees_supports = desk.part.is_merging
    supports = support_lines(desk.matter, report_day=desk.report_day) if sees_supports else []
    due_on = support_due(desk.matter.plan, report_day=desk.report_day)
    others = reports_of(desk.actor, matter=desk.matter).filter(report_day=desk.report_day).exclude(unit=desk.unit)
    is_shown = desk.report is not None and (desk.is_own or desk.report.state in WITH_THE_OFFICE)
    return {
        "supports": [_support(one) for one in supports],
        "missing": [one.unit for one in supports if one.given is None]
        if desk.is_own and desk.is_writable and today > due_on
        else [],
        "support_due": due_on,
        "others": [one for one in others if one.text],
        "versions": list(desk.report.versions.all()) if desk.report is not None and is_shown else [],
        "hollow": HollowMark.objects.filter(report=desk.report, lifted_at=None).first()
        if desk.report is not None and desk.report.first_sent_on is not None and is_shown
        else None,
    }


def _support(line: SupportLine) -> dict[str, Any]:
    given = line.given
    by = ""
    if given is not None and given.channel:
        by = f"{given.informant}（{CHANNEL_LABELS[Channel(given.channel)]}，{given.given_by_name}代录）"
    return {
        "unit": line.unit.name,
        "text": given.text if given is not None else "",
        "is_nothing_new": given is not None and given.is_nothing_new,
        "is_missing": given is not None and given.missing_at is not None,
        "is_given": line.is_given,
        "on": given.given_at if given is not None else None,
        "by": by,
    }


@require_POST
def matter_report_save(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """Save a report as it is typed; the page asks by itself. The answer is JSON: version, text as it stands, words."""
    desk = _desk(request, pk, day)
    now = clock.now()
    last = last_report(desk.matter, unit=desk.unit, before=desk.report_day)
    material = material_of(desk.part, report_day=desk.report_day, today=now.date(), last=last, is_own=desk.is_own)
    try:
        report = save_draft(
            desk.matter,
            unit=desk.unit,
            report_day=desk.report_day,
            text=request.POST.get("text", ""),
            version=number_of(request.POST.get("version")),
            sentences=candidates_of(material),
            by=desk.actor,
            now=now,
        )
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return JsonResponse({"said": error.message}, status=_status(error))
    return JsonResponse({"version": report.version, "text": report.text, "said": f"已自动保存 {now:%H:%M}"})


@require_POST
def matter_report_missing(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """Mark the supporting units that gave nothing."""
    desk = _desk(request, pk, day)
    units = Unit.objects.in_bulk([number_of(one) for one in request.POST.getlist("missing")])
    try:
        if not units:
            raise Invalid("请选定没有报来的协办单位。")
        for unit in units.values():
            mark_contribution_missing(
                desk.matter, unit=unit, report_day=desk.report_day, by=desk.actor, now=clock.now()
            )
    except (Invalid, WrongState) as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"已标记{'、'.join(one.name for one in units.values())}协办未报。")
    return redirect("matter_report", pk, day)


# ---- approving


@require_http_methods(["GET", "POST"])
def report_approvals(request: HttpRequest) -> HttpResponse:
    """What waits for the deputy or head of a unit: approve what is ticked, give one back with reasons."""
    actor = actor_of(request)
    require(actor, Permission.REPORT_APPROVE)
    if not approving_units(actor):
        raise NotAllowed("只有单位的分管领导、主要负责人审签报告。")
    problem, status = "", 200
    if request.method == "POST":
        try:
            reports = approve_reports(versions_of(request.POST), by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, status = error.message, _status(error)
        else:
            messages.success(request, f"已审签 {len(reports)} 份报告，已报督查室。")
            return redirect("report_approvals" if reports_to_approve(actor).exists() else "home")
    context = {"rows": _approvals(actor), "problem": problem}
    return render(request, "reports/approvals.html", context, status=status)


def versions_of(posted: QueryDict) -> dict[int, int]:
    """Return the reports ticked in a form, each with the version that was shown."""
    pairs = (one.partition("-") for one in posted.getlist("report"))
    return {number_of(pk): number_of(version) for pk, _, version in pairs if number_of(pk)}


def _approvals(actor: Actor) -> list[dict[str, Any]]:
    reports = list(reports_to_approve(actor))
    plans = {one.matter.plan_id: one.matter.plan for one in reports}
    lengths = {pk: report_length(plan) for pk, plan in plans.items()}
    matters = [one.matter_id for one in reports]
    own = Report.objects.filter(unit_id__in=approving_units(actor), matter_id__in=matters)
    earlier = own.filter(first_sent_on__isnull=False)
    before: dict[tuple[int, int], list[Report]] = {}
    for one in earlier.order_by("-report_day"):
        before.setdefault((one.matter_id, one.unit_id), []).append(one)
    rows = []
    for one in reports:
        low, high = lengths[one.matter.plan_id]
        of_both = before.get((one.matter_id, one.unit_id), [])
        rows.append(
            {
                "report": one,
                "day": short_day(one.report_day),
                "is_outside": not is_within(one.chars, low=low, high=high),
                "last": next((each for each in of_both if each.report_day < one.report_day), None),
                "is_late": clock.today() > one.report_day and one.first_sent_on is None,
            }
        )
    return rows


@require_POST
def report_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a report back to who wrote it, with reasons."""
    actor = actor_of(request)
    require(actor, Permission.REPORT_APPROVE)
    report = Report.objects.select_related("matter", "unit").filter(pk=pk, unit_id__in=approving_units(actor)).first()
    if report is None:
        raise NotFound
    try:
        send_back(report, reason=request.POST.get("reason", ""), by=actor, now=clock.now())
    except (Invalid, WrongState) as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"已退改{report.unit.name}{report.matter}的报告。")
    return redirect("report_approvals")


# ---- what supporting units give


@require_http_methods(["GET", "POST"])
def contributions(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """One sheet for everything a unit supports: a line where there is something, the rest in one tap."""
    actor = actor_of(request)
    require(actor, Permission.REPORT_WRITE)
    unit = Unit.objects.visible_to(actor).select_related("jurisdiction").filter(pk=pk).first()
    if unit is None or not may(actor, Permission.REPORT_WRITE, unit_id=pk, jurisdiction_id=unit.jurisdiction_id):
        raise NotFound("没有这个单位，或者您无权代它报送。")
    report_day = report_day_of(day)
    plan = _plan_of(actor, unit, report_day=report_day)
    is_own = any(pk in one.unit_ids for one in actor.held)
    problem, field, status = "", "", 200
    theirs: dict[int, Contribution] = {}
    sheet = contribution_sheet(unit, plan=plan, report_day=report_day)
    posted = request.POST if request.method == "POST" else None
    if posted is not None:
        try:
            count = give_contributions(
                unit,
                plan=plan,
                report_day=report_day,
                lines=[
                    Given(one, posted.get(f"text-{one}", ""), number_of(posted.get(f"version-{one}")))
                    for one in sheet.units
                    if f"text-{one}" in posted
                ],
                rest_is_nothing="rest" in posted,
                behalf=None if is_own else behalf_of(posted),
                by=actor,
                now=clock.now(),
            )
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", _status(error)
            if isinstance(error, Conflict) and isinstance(error.theirs, dict):
                theirs = error.theirs
            sheet = contribution_sheet(unit, plan=plan, report_day=report_day)
        else:
            messages.success(request, f"已报送 {count} 项协办情况。" if count else "没有改动。")
            sheet = contribution_sheet(unit, plan=plan, report_day=report_day)
            is_done = sheet.is_whole and is_own
            return redirect("home") if is_done else redirect("contributions", pk, day)
    left = sum(one not in sheet.given or sheet.given[one].given_at is None for one in sheet.units)
    context = {
        "unit": unit,
        "plan": plan,
        "report_day": report_day,
        "due_on": support_due(plan, report_day=report_day),
        "rows": [_sheet_row(one, sheet=sheet, posted=posted, theirs=theirs, field=field) for one in sheet.matters],
        "left": left,
        "most": CONTRIBUTION_MOST,
        "is_own": is_own,
        "channels": [(one.value, CHANNEL_LABELS[one]) for one in Channel],
        "channel": posted.get("channel", "") if posted else Channel.PAPER.value,
        "informant": posted.get("informant", "") if posted else "",
        "problem": problem,
        "field": field,
    }
    return render(request, "reports/contributions.html", context, status=status)


def _plan_of(actor: Actor, unit: Unit, *, report_day: date) -> Plan:
    """Return the plan that has this report day. Raises NotFound."""
    plans = Plan.objects.visible_to(actor).filter(
        jurisdiction_id=unit.jurisdiction_id, year__in=(report_day.year, report_day.year - 1)
    )
    for plan in plans.select_related("policy").order_by("-year"):
        if report_day in report_days(plan):
            return plan
    raise NotFound("没有这个报送日期。")


def _sheet_row(
    matter: Matter, *, sheet: Sheet, posted: QueryDict | None, theirs: dict[int, Contribution], field: str
) -> dict[str, Any]:
    row = sheet.given.get(matter.pk)
    name = f"text-{matter.pk}"
    standing = row.text if row is not None else ""
    text = posted.get(name, standing) if posted is not None else standing
    other = theirs.get(matter.pk)
    is_given = row is not None and row.given_at is not None
    return {
        "matter": matter,
        "lead": sheet.leads.get(matter.pk, ""),
        "is_open": matter.pk in sheet.units,
        "name": name,
        "text": text,
        "version": row.version if row is not None else 0,
        "state": ("无补充" if row.is_nothing_new else "已报") if row is not None and is_given else "",
        "is_missing": row is not None and row.missing_at is not None,
        "theirs": (other.text or "无补充") if other is not None else "",
        "is_wrong": field == name,
        "is_shown": other is not None or field == name or (posted is not None and text != standing),
    }


# ---- the panel on a matter's page


@dataclass(frozen=True, slots=True)
class PanelLine:
    """One report, or what a supporting unit gave, as the matter's page shows it."""

    day: str
    unit: str
    part: str
    text: str
    state: str
    tone: str
    chars: int
    is_late: bool
    by: str


def reports_panel(actor: Actor, page: MatterPage) -> dict[str, Any]:
    """Return what a matter's page shows of its reports: by day with state and text, and the way to write one.

    At most two statements.
    """
    matter = page.matter
    lines = [_report_line(one) for one in reports_of(actor, matter=matter)] if "reports" in page.there else []
    if "contributions" in page.there:
        given = Contribution.objects.visible_to(actor).filter(matter=matter)
        told = given.exclude(is_nothing_new=True, missing_at=None).select_related("unit")
        lines += [_contribution_line(one) for one in told.order_by("-report_day", "unit__order", "pk")]
    place = matter.jurisdiction_id
    leads = [
        one
        for one in page.assignments
        if one.part == Part.LEAD
        and one.ended_at is None
        and may(actor, Permission.REPORT_WRITE, unit_id=one.unit_id, jurisdiction_id=place)
    ]
    days = sorted({one.due_on for one in page.obligations if one.kind == Owed.REPORT and one.state == OwedState.OPEN})
    return {
        "lines": lines,
        "write": reverse("matter_report", args=[matter.pk, days[0].isoformat()])
        if days and leads and matter.state in IN_HAND
        else "",
        "day": short_day(days[0]) if days else "",
    }


def _report_line(one: Report) -> PanelLine:
    state = ReportState(one.state)
    by = one.submitted_by_name
    if one.channel:
        by = f"{one.informant}（{CHANNEL_LABELS[Channel(one.channel)]}，{one.approved_by_name}代录）"
    return PanelLine(
        day=short_day(one.report_day),
        unit=one.unit.name,
        part="报告",
        text=one.text,
        state=REPORT_STATE_LABELS[state],
        tone=STATE_TONES[state],
        chars=one.chars,
        is_late=one.first_sent_on is not None and one.first_sent_on > one.report_day,
        by=by,
    )


def _contribution_line(one: Contribution) -> PanelLine:
    is_given = one.given_at is not None
    return PanelLine(
        day=short_day(one.report_day),
        unit=one.unit.name,
        part=PART_LABELS[Part.SUPPORT],
        text=one.text or ("无补充" if one.is_nothing_new else ""),
        state="协办未报" if one.missing_at is not None and not is_given else "曾标记未报" if one.missing_at else "",
        tone="bad" if not is_given else "warn",
        chars=0,
        is_late=False,
        by=one.given_by_name,
    )


# ---- what waits


_IN_SOMEBODYS_HAND = (ReportState.SUBMITTED, ReportState.SENT_BACK, ReportState.SENT, ReportState.RETURNED)


def may_wait(actor: Actor) -> QuerySet[Report]:
    """Return rows without which nothing waits for the actor; some may be there for others."""
    return Report.objects.filter(of_own_units(actor, "unit"), state__in=_IN_SOMEBODYS_HAND)


def waiting(actor: Actor, *, today: date) -> list[Waiting]:
    """Return what of the reports waits for the actor: to approve, to write again. At most two statements.

    What is to be decided is one line for all of a unit's reports of a day.
    """
    found: list[Waiting] = []
    if approving_units(actor):
        groups: dict[tuple[date, int], list[Report]] = {}
        for one in reports_to_approve(actor):
            groups.setdefault((one.report_day, one.unit_id), []).append(one)
        found += [_to_approve(some) for some in groups.values()]
    if may(actor, Permission.REPORT_WRITE) and any(one.unit_ids for one in actor.held):
        found += [_given_back(one) for one in reports_given_back(actor)]
    return found


def office_queue(office: Office) -> Queue:
    """Return the reports that wait to be looked at, one line for all of a plan's reports of a day. One statement."""
    sent = reports_to_accept(office.actor).order_by("report_day", "matter__plan_id")
    rows = list(sent.values_list("report_day", "matter__plan_id").annotate(count=Count("pk"), first=Min("sent_on")))
    lines = [_to_accept(*row, since=first or office.today) for *row, first in rows[: office.most]]
    return Queue(lines, sum(count for *_, count, _ in rows), (("报送", reverse("reports")),))


def _to_approve(reports: list[Report]) -> Waiting:
    first = reports[0]
    times = [one.submitted_at for one in reports if one.submitted_at is not None]
    return Waiting(
        waits=Waits.DECIDE,
        address=reverse("report_approvals"),
        action="审签",
        text=f"{short_day(first.report_day)}报告 {len(reports)} 份待审签",
        since=clock.day_of(min(times)),
        note="、".join(dict.fromkeys(f"{one.submitted_by_name}提交" for one in reports)),
        unit=first.unit.name,
        due_on=first.report_day,
    )


def _given_back(one: Report) -> Waiting:
    who = "督查室退回" if one.state == ReportState.RETURNED else "退改"
    since = clock.day_of(one.returned_at) if one.returned_at is not None else one.report_day
    return Waiting(
        waits=Waits.RETURNED,
        address=f"{reverse('matter_report', args=[one.matter_id, one.report_day.isoformat()])}?unit={one.unit_id}",
        action="修改",
        text=f"{short_day(one.report_day)}报告：{one.matter.title or one.matter.text}",
        since=since,
        serial=one.matter.serial,
        note=f"{one.returned_by_name}{who}：{one.remark}",
        unit=one.unit.name,
        due_on=one.report_day,
    )


def _to_accept(report_day: date, plan_id: int, count: int, *, since: date) -> Waiting:
    return Waiting(
        waits=Waits.DECIDE,
        address=f"{reverse('reports')}?plan={plan_id}&day={report_day.isoformat()}&state=sent",
        action="审核",
        text=f"{short_day(report_day)}报告 {count} 份待审核",
        since=since,
    )
