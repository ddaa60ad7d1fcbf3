"""The report desk of the office: who reported and who did not, accept many at once, return, carry away."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from duban.access.rules import Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import DomainError, NotAllowed, NotFound, WrongState
from duban.core.text import date_text
from duban.documents.docx_file import to_docx
from duban.documents.report_book import Chapter, Item, ReportBook, Said, paper_of
from duban.documents.sheets import Column, Sheet, Value, to_xlsx
from duban.matters.models import Plan
from duban.matters.queries import current_plan, report_length
from duban.matters.rules import CHANNEL_LABELS, Channel
from duban.reports.actions import accept_reports, lift_hollow, mark_hollow, record_reports_export, return_report
from duban.reports.models import HollowMark, Report
from duban.reports.queries import ReportLine, days_of, report_lines
from duban.reports.rules import REPORT_STATE_LABELS, WITH_THE_OFFICE, ReportState
from duban.web.downloads import XLSX, download
from duban.web.given import actor_of, number_of
from duban.web.reports import STATE_TONES, short_day, versions_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_NOT_YET = ("", ReportState.DRAFT, ReportState.SENT_BACK)
"""With the unit: for the office, nothing is there."""

STATUSES: tuple[tuple[str, str, Callable[[ReportLine], bool]], ...] = (
    # the word of the address, the word on the page, which lines
    ("", "全部", lambda one: True),
    ("none", "未报", lambda one: one.state in _NOT_YET and not one.is_waived),
    ("submitted", "待审签", lambda one: one.state == ReportState.SUBMITTED),
    ("sent", "已报", lambda one: one.state == ReportState.SENT),
    ("accepted", "已采用", lambda one: one.state == ReportState.ACCEPTED),
    ("returned", "退回", lambda one: one.state == ReportState.RETURNED),
    ("late", "逾期", lambda one: one.is_late),
    ("outside", "字数不符", lambda one: one.is_outside),
)
_IS = {word: test for word, _, test in STATUSES}


@dataclass(frozen=True, slots=True)
class View:
    """What the desk shows, as its address says: the address is the view."""

    plan: Plan
    day: date
    days: tuple[date, ...]
    state: str = ""
    unit_id: int = 0
    is_by_unit: bool = False

    @property
    def query(self) -> str:
        """The address behind the question mark."""
        given: dict[str, object] = {"plan": self.plan.pk, "day": self.day.isoformat()}
        given |= {"state": self.state} if self.state else {}
        given |= {"unit": self.unit_id} if self.unit_id else {}
        given |= {"group": "unit"} if self.is_by_unit else {}
        return urlencode(given)

    @property
    def address(self) -> str:
        """The address of this view."""
        return f"{reverse('reports')}?{self.query}"


def view_of(given: QueryDict, *, actor: Actor) -> View | None:
    """Return the view an address asks for; None where there is no plan, or it has no report days. Raises NotFound."""
    today = clock.today()
    wanted = number_of(given.get("plan"))
    plans = Plan.objects.visible_to(actor).select_related("policy", "jurisdiction")
    plan = plans.filter(pk=wanted).first() if wanted else current_plan(actor, today=today)
    if plan is None:
        if wanted:
            raise NotFound("没有这本台账，或者您无权查看。")
        return None
    if not may(actor, Permission.REPORT_ACCEPT, jurisdiction_id=plan.jurisdiction_id):
        raise NotFound("没有这本台账，或者您无权查看。")
    days, day = days_of(plan, today=today)
    day = next((one for one in days if one.isoformat() == given.get("day")), day)
    if day is None:
        return None
    state = given.get("state", "")
    return View(
        plan=plan,
        day=day,
        days=tuple(days),
        state=state if state in _IS else "",
        unit_id=number_of(given.get("unit")),
        is_by_unit=given.get("group") == "unit",
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One report on the desk. mark, tone: its state in words and colour; how: how it came where not by the unit.

    hollow: the office's standing mark that it says nothing.
    """

    line: ReportLine
    mark: str
    tone: str
    how: str
    may_accept: bool
    may_return: bool
    may_enter: bool
    may_mark: bool
    hollow: HollowMark | None = None


def _row(one: ReportLine, hollow: Mapping[int, HollowMark]) -> Row:
    state = ReportState(one.state) if one.state else None
    is_theirs = one.state in _NOT_YET
    mark, tone = ("已免除", "over") if one.is_waived and state is None else ("未报", "plain")
    if state is not None and not is_theirs:
        mark, tone = REPORT_STATE_LABELS[state], STATE_TONES[state]
    return Row(
        line=one,
        mark=mark,
        tone=tone,
        how=f"{one.informant}（{CHANNEL_LABELS[Channel(one.channel)]}）" if one.channel else "",
        may_accept=state is ReportState.SENT,
        may_return=state is not None and state in WITH_THE_OFFICE,
        may_enter=is_theirs or state in (ReportState.SUBMITTED, ReportState.RETURNED),
        may_mark=state in (*WITH_THE_OFFICE, ReportState.RETURNED),
        hollow=hollow.get(one.report_id or 0),
    )


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Every report of a day in one list, narrowed and grouped as the address says."""
    actor = actor_of(request)
    require(actor, Permission.REPORT_ACCEPT)
    return _show(request, view_of(request.GET, actor=actor))


def _show(
    request: HttpRequest,
    view: View | None,
    *,
    problem: str = "",
    field: str = "",
    ticked: frozenset[int] = frozenset(),
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    if view is None:
        return render(request, "reports/desk.html", {"view": None}, status=status)
    low, high = report_length(view.plan)
    lines = report_lines(view.plan, report_day=view.day, length=(low, high), today=clock.today())
    shown = narrowed(lines, view=view)
    counts = Counter(word for one in lines for word, _, test in STATUSES if test(one))
    context = {
        "view": view,
        "plan": view.plan,
        "low": low,
        "high": high,
        "is_over": clock.today() > view.day,
        "tabs": [
            {
                "label": label,
                "count": counts[word],
                "address": replace(view, state=word).address,
                "here": view.state == word,
            }
            for word, label, _ in STATUSES
            if counts[word] or word in ("", "none", "sent", "returned") or word == view.state
        ],
        "days": [(short_day(one), replace(view, day=one, state="").address, one == view.day) for one in view.days],
        "units": sorted({(one.unit_order, one.unit_id, one.unit) for one in lines}),
        "groups": _groups(shown, is_by_unit=view.is_by_unit, hollow=_marks(shown)),
        "count": len(shown),
        "has_sent": any(one.state == ReportState.SENT for one in shown),
        "outside": sum(one.is_outside and one.state == ReportState.SENT for one in shown),
        "total": len(lines),
        "came": sum(one.state in WITH_THE_OFFICE for one in lines),
        "ticked": ticked,
        "reason": reason,
        "problem": problem,
        "field": field,
    }
    return render(request, "reports/desk.html", context, status=status)


def narrowed(lines: list[ReportLine], *, view: View) -> list[ReportLine]:
    """Return the lines a view shows, in its order."""
    test = _IS[view.state]
    shown = [one for one in lines if test(one) and view.unit_id in (0, one.unit_id)]
    return sorted(shown, key=lambda one: (one.unit_order, one.unit_id)) if view.is_by_unit else shown


def _marks(lines: list[ReportLine]) -> dict[int, HollowMark]:
    """Return the standing marks of these reports, by report. One statement."""
    some = HollowMark.objects.filter(report_id__in=[one.report_id for one in lines if one.report_id], lifted_at=None)
    return {one.report_id: one for one in some}


def _groups(
    lines: list[ReportLine], *, is_by_unit: bool, hollow: Mapping[int, HollowMark]
) -> list[tuple[str, list[Row]]]:
    if not is_by_unit:
        return [("", [_row(one, hollow) for one in lines])] if lines else []
    grouped = groupby(lines, key=lambda one: (one.unit_id, one.unit))
    return [(name, [_row(one, hollow) for one in some]) for (_, name), some in grouped]


@require_POST
def reports_accept(request: HttpRequest) -> HttpResponse:
    """Accept what is ticked; those of another length only with a reason."""
    actor = actor_of(request)
    require(actor, Permission.REPORT_ACCEPT)
    view = view_of(QueryDict(request.POST.get("view", "")), actor=actor)
    versions = versions_of(request.POST)
    reason = request.POST.get("exception_reason", "")
    try:
        accepted = accept_reports(versions, exception_reason=reason, by=actor, now=clock.now())
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return _show(
            request,
            view,
            problem=error.message,
            field=error.field or "",
            ticked=frozenset(versions),
            reason=reason,
            status=409 if error.code in ("conflict", "wrong_state") else 400,
        )
    messages.success(request, f"已采用 {len(accepted)} 份报告。")
    return redirect(view.address if view is not None else "reports")


@require_POST
def report_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one report back to its unit, with reasons."""
    actor = actor_of(request)
    require(actor, Permission.REPORT_ACCEPT)
    view = view_of(QueryDict(request.POST.get("view", "")), actor=actor)
    report = Report.objects.visible_to(actor).select_related("matter", "unit").filter(pk=pk).first()
    if report is None or not may(actor, Permission.REPORT_ACCEPT, jurisdiction_id=report.matter.jurisdiction_id):
        raise NotFound
    try:
        return_report(report, reason=request.POST.get("reason", ""), by=actor, now=clock.now())
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        status = 409 if error.code in ("conflict", "wrong_state") else 400
        return _show(request, view, problem=f"{report.unit.name}{report.matter}：{error.message}", status=status)
    messages.success(request, f"已退回{report.unit.name}{report.matter}的报告。")
    return redirect(view.address if view is not None else "reports")


@require_POST
def report_hollow(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one report as saying nothing, or lift the mark, with reasons."""
    actor = actor_of(request)
    require(actor, Permission.REPORT_ACCEPT)
    view = view_of(QueryDict(request.POST.get("view", "")), actor=actor)
    report = Report.objects.select_related("matter", "unit").filter(pk=pk).first()
    if report is None or not may(actor, Permission.REPORT_ACCEPT, jurisdiction_id=report.matter.jurisdiction_id):
        raise NotFound
    told: dict[str, Any] = {"reason": request.POST.get("reason", ""), "by": actor, "now": clock.now()}
    mark = (
        HollowMark.objects.filter(report=report, lifted_at=None)
        .select_related("report__matter", "report__unit")
        .first()
    )
    lifts = request.POST.get("step") == "lift"
    try:
        if lifts and mark is None:
            raise WrongState("标记刚刚已经取消了。")
        if lifts and mark is not None:
            lift_hollow(mark, **told)
        else:
            mark_hollow(report, **told)
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        status = 409 if error.code in ("conflict", "wrong_state") else 400
        return _show(request, view, problem=f"{report.unit.name}{report.matter}：{error.message}", status=status)
    done = "已取消标记。" if lifts else "已标记内容空泛，并已告知单位。"
    messages.success(request, f"{report.unit.name}{report.matter}：{done}")
    return redirect(view.address if view is not None else "reports")


# ---- carried away


@require_POST
def reports_docx(request: HttpRequest) -> HttpResponse:
    """The view as one paper, in the ledger's order or by unit."""
    view, lines = _exported(request, "docx")
    name = f"{view.plan.year}年{short_day(view.day)}报送汇总.docx"
    return download(to_docx(paper_of(book_of(view, lines))), name=name, kind=DOCX)


@require_POST
def reports_xlsx(request: HttpRequest) -> HttpResponse:
    """The view as a spreadsheet, last reports beside."""
    view, lines = _exported(request, "xlsx")
    name = f"{view.plan.year}年{short_day(view.day)}报送汇总.xlsx"
    return download(to_xlsx(sheet_of(view, lines)), name=name, kind=XLSX)


def _exported(request: HttpRequest, form: str) -> tuple[View, list[ReportLine]]:
    actor = actor_of(request)
    require(actor, Permission.REPORT_ACCEPT)
    view = view_of(QueryDict(request.POST.get("view", "")), actor=actor)
    if view is None:
        raise NotFound("还没有台账，或者台账没有报送日期。")
    lines = report_lines(view.plan, report_day=view.day, length=report_length(view.plan), today=clock.today())
    shown = narrowed(lines, view=view)
    record_reports_export(view.plan, report_day=view.day, form=form, count=len(shown), by=actor, now=clock.now())
    return view, shown


def _title(view: View) -> str:
    return f"{view.plan.title}{short_day(view.day)}报送情况"


def _subtitle(lines: list[ReportLine]) -> str:
    came = sum(one.state in WITH_THE_OFFICE for one in lines)
    return f"{date_text(clock.today())}　共 {len(lines)} 份，已报 {came} 份，未报 {len(lines) - came} 份"


def book_of(view: View, lines: list[ReportLine]) -> ReportBook:
    """Return the paper of a view: matters in the ledger's order, or by unit where the view is grouped so."""
    if view.is_by_unit:
        chapters = tuple(
            Chapter(name, tuple(Item(_heading(one), (_said(one),)) for one in some))
            for (_, name), some in groupby(lines, key=lambda one: (one.unit_id, one.unit))
        )
    else:
        items = (list(some) for _, some in groupby(lines, key=lambda one: one.matter_id))
        chapters = (Chapter("", tuple(Item(_heading(some[0]), tuple(map(_said, some))) for some in items)),)
    return ReportBook(_title(view), _subtitle(lines), chapters)


def _heading(one: ReportLine) -> str:
    return f"{one.serial}. {one.matter_text}" if one.serial else one.matter_text


def _said(one: ReportLine) -> Said:
    words = [
        "" if one.text else "已免除" if one.is_waived else "退回" if one.state == ReportState.RETURNED else "未报",
        "逾期" if one.is_late and one.text else "",
        f"协办未报：{'、'.join(one.missing)}" if one.missing else "",
    ]
    return Said(one.unit, one.text, "；".join(filter(None, words)))


def sheet_of(view: View, lines: list[ReportLine]) -> Sheet:
    """Return the spreadsheet of a view."""
    columns = (
        Column("序号", 7, is_centred=True),
        Column("具体目标任务", 36),
        Column("报送单位", 14, is_centred=True),
        Column("状态", 9, is_centred=True),
        Column("报送日期", 14, is_centred=True),
        Column("字数", 7, is_centred=True),
        Column("报告", 60),
        Column("上期报告", 44),
        Column("备注", 24),
    )
    rows: list[tuple[Value, ...]] = []
    marks = _marks(lines)
    for one in lines:
        row = _row(one, marks)
        notes = [
            "逾期" if one.is_late else "",
            f"字数不符：{one.reason_outside or '未说明'}" if one.is_outside else "",
            f"采用理由：{one.exception_reason}" if one.exception_reason else "",
            f"退回 {one.returns} 次" if one.returns else "",
            f"内容空泛：{row.hollow.reason}" if row.hollow else "",
            row.how,
            f"协办未报：{'、'.join(one.missing)}" if one.missing else "",
        ]
        text = (one.serial, one.matter_text, one.unit, row.mark, one.sent_on, one.chars or None, one.text)
        rows.append((*text, one.last_text, "；".join(filter(None, notes))))
    return Sheet(
        name=f"{short_day(view.day)}报送",
        columns=columns,
        rows=tuple(rows),
        title=_title(view),
        subtitle=_subtitle(lines),
    )
