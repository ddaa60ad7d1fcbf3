"""The review desk: the source left, its reading right, one key for every step.

Every step is a plain form that leads back to the row at hand (`?row=` in the address); htmx exchanges the desk without
a reload. A refusal the desk can answer itself — somebody was first, a cell filled in wrongly — is shown on it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import replace_url

from duban.access.rules import Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, Invalid, NotFound, WrongState
from duban.core.seen import seen_of
from duban.core.text import date_text, ranges_text
from duban.intake.actions import (
    accept_row,
    accept_rows,
    add_row,
    confirm_cell,
    correct_cell,
    correct_notice,
    register_notice,
    reject_row,
    reopen_finding,
    reopen_row,
    settle_finding,
)
from duban.intake.models import Cell, Finding, NameReading, Notice, Row
from duban.intake.queries import (
    approval_proposal,
    is_by_hand,
    notice_shown,
    progress,
    row_place,
    rows_of_serial,
    what_is_open,
)
from duban.intake.rules import (
    CELL_FIELD_LABELS,
    MISSING_SERIALS,
    NAME_FIELDS,
    ROW_STATE_LABELS,
    CellField,
    NoticeState,
    RowState,
    as_names,
    value_text,
)
from duban.matters.actions import NewApproval
from duban.matters.rules import SETTING_LABELS, SettingKey, missing_serials, serial_number
from duban.web.desk_page import (
    BY_FINDINGS,
    NOTICE,
    ORDERS,
    Queue,
    ShownFinding,
    ShownRow,
    UnitChoices,
    queue_of,
    row_stamp,
    shown_finding,
    shown_row,
    source_lines,
    unit_choices,
)
from duban.web.given import day_of
from duban.web.notices import notice_for
from duban.web.precedents import similar_to_row

_ROW_TONES = {RowState.PENDING: "blue", RowState.ACCEPTED: "ok", RowState.REJECTED: "over"}

KEYS = (
    ("Enter", "通过此行，到下一待核对行"),
    ("a", "采纳第一处疑点的建议"),
    ("x 或 d", "不采纳，照原样"),
    ("j k ↓ ↑", "下一行、上一行"),
    ("n", "下一处疑点"),
    ("h l ← →", "选前一格、后一格；1–7 直接选"),
    ("e", "改这一格"),
    ("v", "确认这一格"),
    ("r", "剔除此行，写理由"),
    ("u", "重新核对"),
    ("A", "通过所有没有疑点的行"),
    ("m", "补录一行"),
    ("g", "名称与统称"),
    ("c", "立项"),
    ("R", "他人改过时，看最新的"),
    ("Esc", "关闭、取消"),
)


# ---- the page


@require_safe
def desk(request: HttpRequest, pk: int) -> HttpResponse:
    """The desk at one row; without `row`, where the work goes on."""
    notice = notice_for(request, pk)
    return _answer(request, notice, row=_row_asked(request), ask=request.GET.get("ask", ""))


@require_safe
def states(request: HttpRequest, pk: int) -> HttpResponse:
    """The strip of rows alone, asked for again and again, so that two people see each other's work."""
    notice = notice_for(request, pk)
    queue = queue_of(notice, row=_row_asked(request) or NOTICE, order=_order(request))
    seen, changed = request.GET.get("seen", ""), ""
    if queue.here and seen:
        row = _row(notice, queue.here)
        if row_stamp(row) != seen:
            changed = f"{_who_changed(row)}刚刚改动了此行。"
    context = {"notice": notice, "queue": queue, "seen": seen, "changed": changed, **_totals(notice, queue)}
    context["here"] = _here(notice, queue)
    return render(request, "desk/desk.html#strip", context)


def _who_changed(row: Row) -> str:
    """Return who touched a row or one of its cells last."""
    last = row.cells.filter(settled_at__isnull=False).order_by("-settled_at", "-pk").first()
    is_row_later = row.settled_at and (last is None or last.settled_at is None or row.settled_at >= last.settled_at)
    return (row.settled_by_name if is_row_later else last.settled_by_name if last else "") or "他人"


def _order(request: HttpRequest) -> str:
    order = request.GET.get("order", BY_FINDINGS)
    return order if order in ORDERS else BY_FINDINGS


def _row_asked(request: HttpRequest) -> int | str | None:
    asked = request.GET.get("row", "")
    if asked == NOTICE:
        return NOTICE
    return int(asked) if _is_number(asked, digits=18) else None


def _is_number(given: str, *, digits: int) -> bool:
    return given.isascii() and given.isdigit() and len(given) <= digits


def _here(notice: Notice, queue: Queue) -> str:
    """Return the address of the place at hand, ending so that another parameter may follow."""
    return f"{reverse('desk', args=[notice.pk])}?{urlencode({'row': queue.here or NOTICE, 'order': queue.order})}&"


def _serials(queue: Queue) -> list[str]:
    return [mark.serial for mark in queue.marks if mark.state is not RowState.REJECTED]


def _totals(notice: Notice, queue: Queue) -> dict[str, Any]:
    declared = notice.header.get("declared_items")
    missing = ranges_text(missing_serials(_serials(queue), declared=declared))
    return {"declared": declared, "missing": missing, "orders": ORDERS}


def _answer(
    request: HttpRequest,
    notice: Notice,
    *,
    row: int | str | None,
    ask: str = "",
    said: str = "",
    said_level: str = "success",
    status: int = 200,
    cursor: str = "",
    **more: Any,
) -> HttpResponse:
    """Show the desk: whole, or for htmx the desk alone with the address of where one is now."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    queue = queue_of(notice, row=row, order=_order(request))
    names = list(notice.names.order_by("kind", "pk"))
    here = _here(notice, queue)
    may_review = notice.state == NoticeState.REVIEWING and may(
        actor, Permission.NOTICE_REVIEW, jurisdiction_id=notice.jurisdiction_id
    )
    editing = request.GET.get("edit", "") if may_review else ""
    context: dict[str, Any] = {
        "notice": notice,
        "queue": queue,
        "here": here,
        "ask": ask if may_review or ask == "keys" else "",
        "said": said,
        "said_level": said_level,
        "may_review": may_review,
        "may_register": notice.state == NoticeState.REVIEWING
        and may(actor, Permission.MATTER_REGISTER, jurisdiction_id=notice.jurisdiction_id),
        "editing": editing,
        "typed": None,
        "keys": KEYS,
        **_totals(notice, queue),
    }
    own: set[int] = set()
    borrowed: set[int] = set()
    if queue.here:
        found = notice.rows.filter(pk=queue.here).prefetch_related("cells").first()
        if found is None:
            raise NotFound
        cursor = cursor or editing or request.GET.get("cell", "")
        shown = shown_row(found, names=names, cursor=cursor)
        own, borrowed = shown.own_lines, shown.borrowed_lines
        state = RowState(found.state)
        context |= {
            "shown": shown,
            "seen": shown.stamp,
            "row_state": ROW_STATE_LABELS[state],
            "row_tone": _ROW_TONES[state],
            "is_by_hand": is_by_hand(found),
            "asked_group": request.GET.get("group", "") if may_review else "",
            "choices": _group_choices(request, notice, shown=shown, names=names) if may_review else [],
            "similar": similar_to_row(
                actor,
                jurisdiction_id=notice.jurisdiction_id,
                year=notice.year,
                text=next((one.text for one in shown.cells if one.field is CellField.TEXT), ""),
                leads=[one.name for cell in shown.cells if cell.field is CellField.LEAD_UNITS for one in cell.names],
            ),
        }
    else:
        context |= _notice_context(notice, queue)
        own = {line for one in context["notice_findings"] for line in _lines_of(one, queue)}
    if context["ask"] == "accept-all":
        ready = [one for one in queue.marks if one.is_plain]
        context["acceptable"] = len(ready)
        context["acceptable_rows"] = ",".join(f"{one.pk}.{one.version}" for one in ready)
        context["kept_back"] = queue.progress.pending - len(ready)
    if context["ask"] == "new":
        context["new_row"] = _new_row_inputs(notice, queue=queue, typed=more.get("typed_row"))
    context["lines"], context["lines_before"], context["lines_after"] = source_lines(
        notice, queue=queue, own=own, borrowed=borrowed
    )
    context |= more
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "desk/desk.html", context, status=status)
    response = render(request, "desk/desk.html#desk", context, status=status)
    return replace_url(response, here.rstrip("&"))


def _group_choices(
    request: HttpRequest, notice: Notice, *, shown: ShownRow, names: Sequence[NameReading]
) -> list[UnitChoices]:
    asked = request.GET.get("group", "")
    group = next((one.group for cell in shown.cells for one in cell.names if one.group and one.name == asked), None)
    return unit_choices(notice, names=names, group=asked, ticked=group.members) if group else []


def _notice_context(notice: Notice, queue: Queue) -> dict[str, Any]:
    header = notice.header
    length = header.get("report_length") or {}
    contact = header.get("contact") or {}
    findings = [
        shown_finding(one, marks=queue.marks) for one in notice.findings.filter(row=None).order_by("order", "pk")
    ]
    facts = [
        ("标题", notice.title),
        ("文号", notice.document_number),
        ("发文机关", notice.issuer),
        ("印发日期", date_text(notice.issued_on)),
        ("年度", f"{notice.year} 年"),
        ("主送", "、".join(header.get("recipients") or [])),
        ("抄送", "、".join(header.get("copies_to") or [])),
        ("事项总数", header.get("declared_items")),
        ("报送日期", "、".join(date_text(date.fromisoformat(day)) for day in header.get("report_dates") or [])),
        ("报送字数", f"{length.get('min')}–{length.get('max')} 字" if length else ""),
        ("联系人", " ".join(str(part) for part in contact.values() if part)),
        ("原件", f"{notice.file_name}，SHA-256 {notice.digest}"),
        ("导入", f"{notice.uploaded_by_name}，{clock_text(notice)}"),
    ]
    return {
        "notice_findings": [one for one in findings if one.is_open],
        "settled_notice_findings": [one for one in findings if not one.is_open],
        "facts": facts,
        "header": {
            "title": notice.title,
            "document_number": notice.document_number,
            "issuer": notice.issuer,
            "issued_on": notice.issued_on.isoformat() if notice.issued_on else "",
            "year": str(notice.year),
        },
        "seen_header": seen_of(notice_shown(notice)),
        "clauses": [_clause(one) for one in header.get("clauses") or []],
    }


def _lines_of(finding: ShownFinding, queue: Queue) -> set[int]:
    """Return the lines a finding of the whole notice is about; for missing rows those the gap lies between."""
    if finding.kind != MISSING_SERIALS:
        return {finding.source_line} if finding.source_line else set()
    numbers = {serial_number(mark.serial): mark.source_line for mark in queue.marks if mark.source_line}
    known = sorted(number for number in numbers if number is not None)
    lines: set[int | None] = set()
    for gone in filter(None, map(serial_number, finding.missing)):
        lines.add(numbers.get(max((one for one in known if one < gone), default=None)))
        lines.add(numbers.get(min((one for one in known if one > gone), default=None)))
    return {line for line in lines if line}


def clock_text(notice: Notice) -> str:
    """Return when a notice was uploaded, in words."""
    at = notice.uploaded_at.astimezone(clock.SHANGHAI)
    return f"{date_text(at.date())} {at:%H:%M}"


def _clause(clause: dict[str, Any]) -> dict[str, Any]:
    key = str(clause.get("key"))
    label = SETTING_LABELS[SettingKey(key)] if key in set(SettingKey) else key
    return {
        "label": label,
        "value": setting_text(clause.get("value")),
        "sentence": clause.get("sentence"),
        "line": clause.get("line"),
    }


def setting_text(value: Any) -> str:
    """Return a setting's value in words."""
    if value is True:
        return "有"
    if isinstance(value, dict):
        if set(value) >= {"min", "max"}:
            return f"{value['min']}–{value['max']} 字"
        return " ".join(str(part) for part in value.values() if part)
    if isinstance(value, list):
        return "、".join(setting_text(one) for one in value)
    try:
        return date_text(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)


# ---- the steps


def _row(notice: Notice, row_id: int) -> Row:
    row = notice.rows.filter(pk=row_id).first()
    if row is None:
        raise NotFound
    return row


def _version(request: HttpRequest) -> int:
    given = request.POST.get("version", "")
    if not _is_number(given, digits=9):
        raise Invalid("页面已过期，请刷新后再办。")
    return int(given)


def _done(
    request: HttpRequest,
    notice: Notice,
    *,
    row: int | str | None,
    said: str = "",
    said_level: str = "success",
    cursor: str = "",
    ask: str = "",
) -> HttpResponse:
    """Answer a step that was done: the desk for htmx, a redirect to it otherwise."""
    if request.htmx:  # type: ignore[attr-defined]
        return _answer(request, notice, row=row, said=said, said_level=said_level, cursor=cursor, ask=ask)
    if said:
        messages.add_message(request, messages.WARNING if said_level == "warning" else messages.SUCCESS, said)
    query: dict[str, Any] = {"order": _order(request)}
    if row is not None:
        query["row"] = row
    if cursor:
        query["cell"] = cursor
    if ask:
        query["ask"] = ask
    return redirect(f"{reverse('desk', args=[notice.pk])}?{urlencode(query)}")


def _refused(
    request: HttpRequest, notice: Notice, *, row: int | str | None, error: Exception, **more: Any
) -> HttpResponse:
    """Say on the desk why a step was not done."""
    status = 400 if isinstance(error, Invalid) else 409
    message = getattr(error, "message", str(error))
    return _answer(request, notice, row=row, said=message, said_level="error", status=status, **more)


_ROW_STEPS = ("accept", "reject", "reopen")
_CELL_STEPS = ("correct", "confirm")
_FINDING_STEPS = ("accept", "dismiss", "reopen")


@require_POST
def row_step(request: HttpRequest, pk: int, row_id: int, step: str) -> HttpResponse:
    """Accept a row and go to the next, reject it with a reason, or open it again."""
    notice = notice_for(request, pk)
    if step not in _ROW_STEPS:
        raise NotFound
    row = _row(notice, row_id)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    following = queue_of(notice, row=row.pk, order=_order(request)).next_pending
    try:
        version, now = _version(request), clock.now()
        if step == "accept":
            accept_row(row, version=version, by=actor, now=now)
        elif step == "reject":
            reject_row(row, reason=request.POST.get("reason", ""), version=version, by=actor, now=now)
        else:
            reopen_row(row, version=version, by=actor, now=now)
    except (Conflict, WrongState) as error:
        return _refused(request, notice, row=row.pk, error=error)
    except Invalid as error:
        ask = "reject" if step == "reject" else ""
        return _refused(request, notice, row=row.pk, error=error, ask=ask, typed=request.POST.get("reason", ""))
    if step == "reopen":
        return _done(request, notice, row=row.pk)
    if following is None:
        return _done(request, notice, row=NOTICE, said="各行都已核对，可以立项。")
    return _done(request, notice, row=following)


@require_POST
def accept_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept the rows the person was shown the number of; those changed since stay."""
    notice = notice_for(request, pk)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    wanted: dict[int, int] = {}
    for given in filter(None, request.POST.get("rows", "").split(",")):
        row_id, _, version = given.partition(".")
        if not (_is_number(row_id, digits=18) and _is_number(version, digits=9)):
            raise Invalid("页面已过期，请刷新后再办。")
        wanted[int(row_id)] = int(version)
    try:
        done = accept_rows(notice, selected=wanted, by=actor, now=clock.now())
    except (Conflict, WrongState, Invalid) as error:
        return _refused(request, notice, row=None, error=error)
    said = f"已通过 {len(done.accepted)} 行。"
    if done.left:
        said += f"另有 {len(done.left)} 行没有通过：{next(iter(done.left.values()))}"
    return _done(request, notice, row=None, said=said)


@require_POST
def cell_step(request: HttpRequest, pk: int, cell_id: int, step: str) -> HttpResponse:
    """Correct one cell, or confirm it as it stands. Somebody else's change is shown beside one's own."""
    notice = notice_for(request, pk)
    cell = Cell.objects.select_related("row").filter(pk=cell_id, row__notice=notice).first()
    if cell is None or step not in _CELL_STEPS:
        raise NotFound
    actor: Actor = request.actor  # type: ignore[attr-defined]
    typed = request.POST.get("value", "")
    field = CellField(cell.field)
    try:
        version, now = _version(request), clock.now()
        if step == "confirm":
            confirm_cell(cell, version=version, by=actor, now=now)
        else:
            value = as_names(typed) if field in NAME_FIELDS else typed.strip()
            correct_cell(cell, value=value, version=version, by=actor, now=now)
    except Conflict as error:
        if step == "confirm":
            return _refused(request, notice, row=cell.row_id, error=error)
        theirs = Cell.objects.get(pk=cell.pk)
        conflict = {"by": theirs.settled_by_name or "他人", "at": theirs.settled_at, "theirs": value_text(theirs.value)}
        return _answer(
            request,
            notice,
            row=cell.row_id,
            status=409,
            editing=cell.field,
            cursor=cell.field,
            typed=typed,
            conflict=conflict,
        )
    except Invalid as error:
        return _refused(
            request, notice, row=cell.row_id, error=error, editing=cell.field, cursor=cell.field, typed=typed
        )
    except WrongState as error:
        return _refused(request, notice, row=cell.row_id, error=error)
    said = (
        _also_there(notice, cell.row, serial=typed.strip()) if field is CellField.SERIAL and step == "correct" else ""
    )
    cursor = cell.field if step == "correct" else ""
    return _done(request, notice, row=cell.row_id, said=said, said_level="warning", cursor=cursor)


def _also_there(notice: Notice, row: Row, *, serial: str) -> str:
    """Return a warning where another row carries the serial too."""
    others = [row_place(one) for one in rows_of_serial(notice, serial) if one.pk != row.pk]
    return f"注意：序号 {serial} 已有（{'、'.join(others)}），现在重复了，请更正序号或剔除一行。" if others else ""


@require_POST
def finding_step(request: HttpRequest, pk: int, finding_id: int, step: str) -> HttpResponse:
    """Accept a finding's suggestion, or leave things as they are."""
    notice = notice_for(request, pk)
    finding = Finding.objects.filter(pk=finding_id, notice=notice).first()
    if finding is None or step not in _FINDING_STEPS:
        raise NotFound
    actor: Actor = request.actor  # type: ignore[attr-defined]
    place: int | str = finding.row_id or NOTICE
    try:
        if step == "reopen":
            reopen_finding(finding, by=actor, now=clock.now())
        else:
            chosen = request.POST.get("value", "").strip() or None
            settle_finding(finding, accept=step == "accept", value=chosen, by=actor, now=clock.now())
    except (Conflict, WrongState, Invalid) as error:
        return _refused(request, notice, row=place, error=error)
    return _done(request, notice, row=place)


_NEW_ROW_WIDTHS = {
    CellField.SERIAL: "w3",
    CellField.TEXT: "w9",
    CellField.LEAD_UNITS: "w6",
    CellField.PERSONS: "w6",
    CellField.SUPPORT_UNITS: "w6",
    CellField.OVERSEERS: "w6",
    CellField.DEADLINE: "w3",
}


def _new_row_inputs(notice: Notice, *, queue: Queue, typed: Mapping[str, str] | None) -> list[dict[str, Any]]:
    """Return the fields of the annex as they were typed; at first with the next serial the notice lacks."""
    missing = missing_serials(_serials(queue), declared=notice.header.get("declared_items"))
    values = typed if typed is not None else {CellField.SERIAL.value: str(missing[0]) if missing else ""}
    return [
        {
            "name": field.value,
            "label": CELL_FIELD_LABELS[field],
            "width": width,
            "required": field is CellField.TEXT,
            "value": values.get(field.value, ""),
        }
        for field, width in _NEW_ROW_WIDTHS.items()
    ]


@require_POST
def row_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a row the reading lacks, in the annex's own form; `again` opens the form for the next one."""
    notice = notice_for(request, pk)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    typed = {field.value: request.POST.get(field.value, "").strip() for field in CellField}
    try:
        row = add_row(notice, values=typed, by=actor, now=clock.now())
    except (Invalid, WrongState) as error:
        return _refused(request, notice, row=None, error=error, ask="new", typed_row=typed)
    serial = typed[CellField.SERIAL]
    said = f"已补录第{serial}项。" if serial else "已补录一行。"
    twice = _also_there(notice, row, serial=serial)
    return _done(
        request,
        notice,
        row=row.pk,
        said=said + twice,
        said_level="warning" if twice else "success",
        ask="new" if request.POST.get("again") else "",
    )


@require_POST
def header_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct what was read of the notice itself."""
    notice = notice_for(request, pk)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    post = request.POST
    try:
        year = post.get("year", "").strip()
        correct_notice(
            notice,
            title=post.get("title", ""),
            document_number=post.get("document_number", ""),
            issuer=post.get("issuer", ""),
            year=int(year) if year.isascii() and year.isdigit() and len(year) < 5 else 0,
            issued_on=day_of(post.get("issued_on", ""), field="issued_on", what="印发日期"),
            seen=post.get("seen", ""),
            by=actor,
            now=clock.now(),
        )
    except Conflict as error:
        notice = notice_for(request, pk)
        return _refused(request, notice, row=NOTICE, error=error, ask="header", header=post, theirs=error.theirs)
    except (Invalid, WrongState) as error:
        more = {"header": post, "seen_header": post.get("seen", "")}
        return _refused(request, notice, row=NOTICE, error=error, ask="header", **more)
    return _done(request, notice_for(request, pk), row=NOTICE, said="通知要素已更正。")


# ---- registration


@require_http_methods(["GET", "POST"])
def register(request: HttpRequest, pk: int) -> HttpResponse:
    """The approval 立项 needs, prefilled from the notice; what is still open stands beside it, each with its place."""
    notice = notice_for(request, pk)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    require(actor, Permission.MATTER_REGISTER, jurisdiction_id=notice.jurisdiction_id)
    problem, status = "", 200
    proposal = approval_proposal(notice)
    given = {
        "basis": proposal.basis,
        "approved_by_name": proposal.approved_by_name,
        "approved_on": proposal.approved_on.isoformat() if proposal.approved_on else "",
        "document_number": proposal.document_number,
    }
    if request.method == "POST":
        given = {name: request.POST.get(name, "").strip() for name in given}
        try:
            count = progress(notice).accepted
            register_notice(notice, approval=_approval(given), by=actor, now=clock.now())
            messages.success(request, f"已立项 {count} 项。")
            return redirect("ledger")
        except (Invalid, WrongState, Conflict) as error:
            problem, status = error.message, 400 if isinstance(error, Invalid) else 409
    items = what_is_open(notice) if notice.state == NoticeState.REVIEWING else []
    pending = dict(notice.rows.filter(state=RowState.PENDING).order_by("-order", "-pk").values_list("pk", "state"))
    blocking = [one for one in items if one.is_blocking and one.row_id not in pending]
    context = {
        "notice": notice,
        "given": given,
        "sentences": proposal.sentences,
        "problem": problem,
        "progress": progress(notice),
        "first_pending": next(reversed(pending), None),
        "is_ready": not pending and not blocking,
        "blocking": blocking[:60],
        "blocking_more": max(0, len(blocking) - 60),
        "warnings": [one for one in items if not one.is_blocking][:60],
        "is_reviewing": notice.state == NoticeState.REVIEWING,
    }
    return render(request, "desk/register.html", context, status=status)


def _approval(given: dict[str, str]) -> NewApproval:
    approved_on = day_of(given["approved_on"], field="approved_on", what="批准日期")
    if approved_on is None:
        raise Invalid("请填写批准日期。", field="approved_on")
    return NewApproval(
        basis=given["basis"],
        approved_by_name=given["approved_by_name"],
        approved_on=approved_on,
        document_number=given["document_number"],
    )
