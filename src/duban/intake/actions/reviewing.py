"""Row by row and cell by cell: a person confirms, corrects, passes or strikes out what was read.

Locks are taken in one order everywhere: row, finding, cell, name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record, record_many
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI
from duban.core.errors import Conflict, Invalid, WrongState
from duban.intake.actions.naming import decide_group, recount
from duban.intake.models import Cell, Finding, NameReading, Notice, Row
from duban.intake.queries import cells_by_field, is_by_hand, row_label, row_place
from duban.intake.rules import (
    CELL_FIELD_LABELS,
    DUPLICATE_SERIALS,
    GROUP_FINDING,
    MISSING_SERIALS,
    NAME_FIELDS,
    Answer,
    Basis,
    CellField,
    FindingState,
    NameKind,
    NoticeState,
    RowState,
    Value,
    answer_of,
    as_names,
    changes_a_cell,
    value_text,
    with_suggestion,
)
from duban.matters.rules import order_between
from duban.reading import Target
from duban.reading.targets import find as targets_in

WITH_THE_ROW = "随本行通过"
BY_HAND = "已人工更正"
_UNCERTAIN = (Basis.INHERITED, Basis.INFERRED)


# --- What several actions need ------------------------------------------------------------------------------


def _row_for(row_id: int, *, by: Actor) -> Row:
    row = Row.objects.select_related("notice__jurisdiction").get(pk=row_id)
    require(by, Permission.NOTICE_REVIEW, jurisdiction_id=row.notice.jurisdiction_id)
    return row


def _claim_pending(row: Row) -> None:
    """Count the row's version up; its UPDATE is the lock under which its cells change."""
    claimed = Row.objects.filter(pk=row.pk, state=RowState.PENDING).update(version=F("version") + 1)
    if not claimed or row.notice.state != NoticeState.REVIEWING:
        raise WrongState(_not_pending(row))


def _not_pending(row: Row) -> str:
    standing = Row.objects.select_related("notice").get(pk=row.pk)
    if standing.notice.state == NoticeState.REGISTERED:
        return "这份通知已经立项，请在台账中修改事项。"
    if standing.notice.state == NoticeState.DISCARDED:
        return "这份通知已经作废。"
    done = "通过" if standing.state == RowState.ACCEPTED else "剔除"
    return f"这一行已由{standing.settled_by_name}{done}，要改请先“重新核对”。"


def _serial(row: Row) -> str:
    value = Cell.objects.filter(row=row, field=CellField.SERIAL).values_list("value", flat=True).first()
    return value if isinstance(value, str) else ""


def _subject(kind: str, thing_id: int, *, row: Row, label: str, data: dict[str, Any]) -> Subject:
    return Subject(type=kind, id=thing_id, label=label, jurisdiction_id=row.notice.jurisdiction_id, data=data)


def _clean(cell: CellField, value: object) -> Value:
    """Return what a person gave in the shape of the cell. Raises Invalid."""
    if cell in NAME_FIELDS:
        names = as_names(value)
        if any(len(str(one["name"])) > 200 for one in names):
            raise Invalid("名称过长，请用顿号分开各个名称。", field=cell.value)
        return list(names)
    text = str(value or "").strip()
    if cell is CellField.TEXT and not text:
        raise Invalid("具体目标任务不能空着；整行不要的话请剔除。", field=cell.value)
    longest = {CellField.SERIAL: 20, CellField.DEADLINE: 100}.get(cell)
    if longest and len(text) > longest:
        raise Invalid(f"{CELL_FIELD_LABELS[cell]}不能超过 {longest} 个字。", field=cell.value)
    return text


@dataclass(frozen=True, slots=True)
class CellNow:
    """What stands in a cell when somebody else was first: the `theirs` of a Conflict."""

    cell: Cell
    text: str
    who: str
    when: datetime | None


def _cell_conflict(cell_id: int) -> Conflict:
    cell = Cell.objects.get(pk=cell_id)
    text = value_text(cell.value)
    at = f"{cell.settled_at.astimezone(SHANGHAI):%H:%M}" if cell.settled_at else "刚刚"
    label = CELL_FIELD_LABELS[CellField(cell.field)]
    return Conflict(
        f"{cell.settled_by_name or '他人'}已于 {at} 把“{label}”改为“{text or '（空）'}”，请对照后再保存。",
        theirs=CellNow(cell, text, cell.settled_by_name, cell.settled_at),
        field=cell.field,
    )


def _row_conflict(row_id: int) -> Conflict:
    row = Row.objects.get(pk=row_id)
    latest = Cell.objects.filter(row=row, settled_at__isnull=False).order_by("-settled_at", "-pk").first()
    who = latest.settled_by_name if latest else "他人"
    return Conflict(f"{who}刚刚改了这一行，请看过新的内容再定。", theirs=row)


def _write_cell(
    cell: Cell,
    *,
    row: Row,
    version: int,
    value: Value,
    basis: Basis,
    by: Actor,
    now: datetime,
    is_confirmed: bool = True,
) -> Cell:
    """Put a value into a cell nobody else changed since; names and targets follow. The row is claimed already."""
    before: Value = cell.value
    claimed = Cell.objects.filter(pk=cell.pk, version=version).update(
        value=value,
        basis=basis,
        is_confirmed=is_confirmed,
        settled_by_name=by.name,
        settled_at=now,
        version=version + 1,
    )
    if not claimed:
        raise _cell_conflict(cell.pk)
    name = CellField(cell.field)
    if name in NAME_FIELDS:
        units: list[str] = []
        if name is CellField.PERSONS:
            leads = Cell.objects.get(row=row, field=CellField.LEAD_UNITS).value
            units = [one["name"] for one in leads]
        recount(row.notice, cell=name, before=_names(before), after=_names(value), units=units)
    elif name is CellField.TEXT:
        Row.objects.filter(pk=row.pk).update(targets=[target.as_json() for target in _targets(str(value))])
    cell.refresh_from_db()
    return cell


def _names(value: Value) -> list[dict[str, str | None]]:
    return value if isinstance(value, list) else []


def _targets(text: str) -> tuple[Target, ...]:
    return targets_in(text)


# --- Cells --------------------------------------------------------------------------------------------------


@transaction.atomic
def correct_cell(cell: Cell, *, value: object, version: int, by: Actor, now: datetime) -> Cell:
    """Put another value into a cell of a row under review; what was read stays in `read_value`.

    value: text, or names as a list or as typed (商务局（口岸办）、教育局). The value that stands is a confirmation.
    Open findings of this column of the row are settled with it. version: of the cell as it was seen.
    Raises NotAllowed, Conflict (`theirs`: CellNow), Invalid, WrongState (the row is settled).
    """
    row = _row_for(cell.row_id, by=by)
    given = _clean(CellField(cell.field), value)
    _claim_pending(row)
    standing = Cell.objects.get(pk=cell.pk)
    if standing.version != version:
        raise _cell_conflict(cell.pk)
    if given == standing.value:
        return _confirm(standing, row=row, version=version, by=by, now=now)
    settled = (
        Finding.objects.filter(row=row, field=cell.field, state=FindingState.OPEN)
        .exclude(kind=GROUP_FINDING)
        .update(state=FindingState.ACCEPTED, note=BY_HAND, settled_by_name=by.name, settled_at=now)
    )
    before = {"value": standing.value, "basis": standing.basis}
    basis = Basis.ENTERED if standing.basis == Basis.ENTERED else Basis.CORRECTED
    written = _write_cell(standing, row=row, version=version, value=given, basis=basis, by=by, now=now)
    data = {
        "field": cell.field,
        "before": before,
        "after": {"value": written.value, "basis": written.basis},
        "findings": settled,
    }
    label = f"{row_label(row, _serial(row))} {CELL_FIELD_LABELS[CellField(cell.field)]}"
    record(EventName.CELL_CORRECTED, _subject("cell", cell.pk, row=row, label=label, data=data), by=by, now=now)
    if cell.field == CellField.SERIAL:
        _keep_serials(row.notice, by=by, now=now)
    return written


@transaction.atomic
def confirm_cell(cell: Cell, *, version: int, by: Actor, now: datetime) -> Cell:
    """Confirm an inherited or inferred value as it stands. Confirmed already: nothing happens.

    Raises NotAllowed, Conflict (`theirs`: CellNow), WrongState (the row is settled).
    """
    row = _row_for(cell.row_id, by=by)
    _claim_pending(row)
    return _confirm(Cell.objects.get(pk=cell.pk), row=row, version=version, by=by, now=now)


def _confirm(cell: Cell, *, row: Row, version: int, by: Actor, now: datetime) -> Cell:
    if cell.version != version:
        raise _cell_conflict(cell.pk)
    if cell.is_confirmed:
        return cell
    claimed = Cell.objects.filter(pk=cell.pk, version=version).update(
        is_confirmed=True, settled_by_name=by.name, settled_at=now, version=version + 1
    )
    if not claimed:
        raise _cell_conflict(cell.pk)
    cell.refresh_from_db()
    label = f"{row_label(row, _serial(row))} {CELL_FIELD_LABELS[CellField(cell.field)]}"
    data = {"field": cell.field, "value": cell.value, "basis": cell.basis}
    record(EventName.CELL_CONFIRMED, _subject("cell", cell.pk, row=row, label=label, data=data), by=by, now=now)
    return cell


# --- Rows ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AcceptedRows:
    """What a bulk acceptance did: rows passed, and for each row left the reason in words."""

    accepted: tuple[int, ...] = ()
    left: Mapping[int, str] = field(default_factory=dict)


@transaction.atomic
def accept_row(row: Row, *, version: int, by: Actor, now: datetime) -> Row:
    """Pass a row: its uncertain cells are confirmed by whoever passes it.

    Findings that only ask for confirmation are settled with it; others must be settled first; what a group means may be
    decided later. version: of the row as it was seen.
    Raises NotAllowed, Conflict (`theirs`: the row), Invalid (a finding waits, no text), WrongState.
    """
    standing = _row_for(row.pk, by=by)
    outcome = _accept(standing.notice, {row.pk: version}, by=by, now=now)
    if outcome.left:
        fresh = Row.objects.get(pk=row.pk)
        if fresh.state != RowState.PENDING or standing.notice.state != NoticeState.REVIEWING:
            raise WrongState(outcome.left[row.pk])
        if fresh.version != version:
            raise _row_conflict(row.pk)
        raise Invalid(outcome.left[row.pk])
    standing.refresh_from_db()
    return standing


@transaction.atomic
def accept_rows(notice: Notice, *, by: Actor, now: datetime, selected: Mapping[int, int] | None = None) -> AcceptedRows:
    """Pass many rows at once, in a fixed number of statements.

    selected: version by row id; None takes every pending row that has no open finding (but which units a group means)
    and no cell waiting for confirmation. A row that cannot pass is left with its reason; the others pass.
    Raises NotAllowed, WrongState (not under review).
    """
    require(by, Permission.NOTICE_REVIEW, jurisdiction_id=notice.jurisdiction_id)
    if not Notice.objects.filter(pk=notice.pk, state=NoticeState.REVIEWING).exists():
        raise WrongState("这份通知已立项或已作废。")
    if selected is None:
        doubtful = Finding.objects.filter(notice=notice, row__isnull=False, state=FindingState.OPEN).exclude(
            kind=GROUP_FINDING
        )
        clean = (
            Row.objects.filter(notice=notice, state=RowState.PENDING)
            .exclude(pk__in=doubtful.values("row_id"))
            .exclude(pk__in=Cell.objects.filter(row__notice=notice, is_confirmed=False).values("row_id"))
        )
        selected = dict(clean.values_list("pk", "version"))
    return _accept(notice, selected, by=by, now=now)


def _accept(notice: Notice, wanted: Mapping[int, int], *, by: Actor, now: datetime) -> AcceptedRows:
    if not wanted:
        return AcceptedRows()
    all_rows = len(wanted) > 500
    rows = Row.objects.filter(notice=notice)
    rows = rows if all_rows else rows.filter(pk__in=list(wanted))
    standing = {row.pk: row for row in rows.select_for_update().order_by("pk") if row.pk in wanted}
    left: dict[int, str] = {pk: "这一行不属于这份通知。" for pk in wanted if pk not in standing}
    open_findings = Finding.objects.filter(notice=notice, row__isnull=False, state=FindingState.OPEN)
    if not all_rows:
        open_findings = open_findings.filter(row_id__in=list(standing))
    asking: dict[int, list[Finding]] = {}
    with_row: dict[int, list[int]] = {}
    for finding in open_findings.order_by("order", "pk"):
        answer = answer_of(finding.kind, finding.suggestion)
        if finding.row_id is not None and answer is Answer.WORD:
            asking.setdefault(finding.row_id, []).append(finding)
        elif finding.row_id is not None and answer is Answer.ROW:
            with_row.setdefault(finding.row_id, []).append(finding.pk)
    texts = _texts(notice, None if all_rows else list(standing))
    for pk, row in standing.items():
        if row.state != RowState.PENDING or notice.state != NoticeState.REVIEWING:
            left[pk] = f"已由{row.settled_by_name or '他人'}{'通过' if row.state == RowState.ACCEPTED else '剔除'}。"
        elif row.version != wanted[pk]:
            left[pk] = "他人刚刚改了这一行，请看过新的内容再定。"
        elif pk in asking:
            more = f"（共 {len(asking[pk])} 处）" if len(asking[pk]) > 1 else ""
            left[pk] = f"还有疑点没有处理{more}：{asking[pk][0].message}"
        elif not texts.get(pk, ("", ""))[1].strip():
            left[pk] = "没有具体目标任务，请补上或剔除。"
    passed = sorted(pk for pk in standing if pk not in left)
    if not passed:
        return AcceptedRows((), left)
    confirmed: dict[int, list[str]] = {}
    doubtful = Cell.objects.filter(row__notice=notice, is_confirmed=False)
    for pk, name in doubtful.order_by("pk").values_list("row_id", "field"):
        confirmed.setdefault(pk, []).append(name)
    for part in _parts(passed):
        Row.objects.filter(pk__in=part, state=RowState.PENDING).update(
            state=RowState.ACCEPTED, settled_by_name=by.name, settled_at=now, version=F("version") + 1
        )
        Cell.objects.filter(row_id__in=part, is_confirmed=False).update(
            is_confirmed=True, settled_by_name=by.name, settled_at=now, version=F("version") + 1
        )
    for part in _parts([finding for pk in passed for finding in with_row.get(pk, [])]):
        Finding.objects.filter(pk__in=part, state=FindingState.OPEN).update(
            state=FindingState.ACCEPTED, note=WITH_THE_ROW, settled_by_name=by.name, settled_at=now
        )
    record_many(
        EventName.ROW_ACCEPTED,
        [
            Subject(
                type="row",
                id=pk,
                label=row_label(standing[pk], texts.get(pk, ("", ""))[0]),
                jurisdiction_id=notice.jurisdiction_id,
                data={"confirmed": confirmed.get(pk, []), "findings": len(with_row.get(pk, []))},
            )
            for pk in passed
        ],
        by=by,
        now=now,
    )
    return AcceptedRows(tuple(passed), left)


def _texts(notice: Notice, ids: Sequence[int] | None) -> dict[int, tuple[str, str]]:
    """Return (serial, text) of rows."""
    cells = Cell.objects.filter(row__notice=notice, field__in=[CellField.SERIAL, CellField.TEXT])
    if ids is not None:
        cells = cells.filter(row_id__in=ids)
    found: dict[int, dict[str, str]] = {}
    for pk, name, value in cells.values_list("row_id", "field", "value"):
        found.setdefault(pk, {})[name] = value
    return {pk: (values.get(CellField.SERIAL, ""), values.get(CellField.TEXT, "")) for pk, values in found.items()}


def _parts(ids: Sequence[int]) -> Iterable[list[int]]:
    return (list(ids[start : start + 5000]) for start in range(0, len(ids), 5000))


@transaction.atomic
def reject_row(row: Row, *, version: int, by: Actor, now: datetime, reason: str = "") -> Row:
    """Strike a row out: it is no matter. It is kept with its reading, its findings no longer count.

    A row entered by hand passed when it was entered; it is struck out without being opened again first.
    Raises NotAllowed, Conflict (`theirs`: the row), WrongState.
    """
    standing = _row_for(row.pk, by=by)
    may_go = [RowState.PENDING, RowState.ACCEPTED] if is_by_hand(standing) else [RowState.PENDING]
    claimed = Row.objects.filter(pk=row.pk, state__in=may_go, version=version, matter__isnull=True).update(
        state=RowState.REJECTED, settled_by_name=by.name, settled_at=now, version=version + 1
    )
    if not claimed or standing.notice.state != NoticeState.REVIEWING:
        if standing.notice.state == NoticeState.REVIEWING and Row.objects.filter(pk=row.pk, state__in=may_go).exists():
            raise _row_conflict(row.pk)
        raise WrongState(_not_pending(standing))
    _recount_row(standing, is_used=False)
    label = row_label(standing, _serial(standing))
    record(
        EventName.ROW_REJECTED,
        _subject("row", row.pk, row=standing, label=label, data={"reason": reason.strip()}),
        by=by,
        now=now,
    )
    _keep_serials(standing.notice, by=by, now=now)
    standing.refresh_from_db()
    return standing


def _recount_row(row: Row, *, is_used: bool) -> None:
    cells = cells_by_field(Row.objects.prefetch_related("cells").get(pk=row.pk))
    for name in NAME_FIELDS:
        value = cells[name].value
        recount(row.notice, cell=name, before=[] if is_used else value, after=value if is_used else [])


@transaction.atomic
def reopen_row(row: Row, *, version: int, by: Actor, now: datetime) -> Row:
    """Take back that a row was passed or struck out; what was confirmed or settled only by passing it is open again.

    Raises NotAllowed, Conflict (`theirs`: the row), WrongState (not settled, or registered).
    """
    standing = _row_for(row.pk, by=by)
    settled = (RowState.ACCEPTED, RowState.REJECTED)
    claimed = Row.objects.filter(pk=row.pk, state__in=settled, version=version, matter__isnull=True).update(
        state=RowState.PENDING, settled_by_name="", settled_at=None, version=version + 1
    )
    if not claimed or standing.notice.state != NoticeState.REVIEWING:
        fresh = Row.objects.get(pk=row.pk)
        if fresh.state in settled and fresh.matter_id is None and standing.notice.state == NoticeState.REVIEWING:
            raise _row_conflict(row.pk)
        raise WrongState("这一行还在核对中。" if fresh.state == RowState.PENDING else _not_pending(standing))
    if standing.state == RowState.ACCEPTED:
        Finding.objects.filter(row=row, note=WITH_THE_ROW, settled_at=standing.settled_at).update(
            state=FindingState.OPEN, note="", settled_by_name="", settled_at=None
        )
        Cell.objects.filter(row=row, basis__in=_UNCERTAIN, settled_at=standing.settled_at).update(
            is_confirmed=False, settled_by_name="", settled_at=None, version=F("version") + 1
        )
    else:
        _recount_row(standing, is_used=True)
    label = row_label(standing, _serial(standing))
    record(
        EventName.ROW_REOPENED,
        _subject("row", row.pk, row=standing, label=label, data={"was": standing.state}),
        by=by,
        now=now,
    )
    if standing.state == RowState.REJECTED:
        _keep_serials(standing.notice, by=by, now=now)
    standing.refresh_from_db()
    return standing


@transaction.atomic
def add_row(notice: Notice, *, values: Mapping[str, object], by: Actor, now: datetime) -> Row:
    """Enter a row the notice lacks, in the annex's own form; it is passed at once by whoever enters it.

    values: by CellField; names as a list or as typed. The row finds its place by its serial.
    Raises NotAllowed, Invalid (no text, an unknown column), WrongState (not under review).
    """
    require(by, Permission.NOTICE_REVIEW, jurisdiction_id=notice.jurisdiction_id)
    standing = Notice.objects.select_for_update().select_related("jurisdiction").get(pk=notice.pk)
    if standing.state != NoticeState.REVIEWING:
        raise WrongState("这份通知已立项或已作废；立项后请在台账中录入事项。")
    unknown = set(values) - {one.value for one in CellField}
    if unknown:
        raise Invalid(f"没有“{'、'.join(sorted(unknown))}”这一栏。")
    given = {name: _clean(name, values.get(name.value, "")) for name in CellField}
    placed = [
        (order, serial or "")
        for order, serial in Cell.objects.filter(row__notice=standing, field=CellField.SERIAL)
        .order_by("row__order", "row__pk")
        .values_list("row__order", "value")
    ]
    serial = str(given[CellField.SERIAL])
    row = Row.objects.create(
        notice=standing,
        order=order_between(serial, placed=placed),
        targets=[target.as_json() for target in _targets(str(given[CellField.TEXT]))],
        state=RowState.ACCEPTED,
        settled_by_name=by.name,
        settled_at=now,
    )
    Cell.objects.bulk_create(
        Cell(
            row=row,
            field=name,
            value=value,
            read_value="" if isinstance(value, str) else [],
            basis=Basis.ENTERED if value else Basis.BLANK,
            settled_by_name=by.name,
            settled_at=now,
        )
        for name, value in given.items()
    )
    units = [str(one["name"]) for one in _names(given[CellField.LEAD_UNITS])]
    for name in NAME_FIELDS:
        recount(standing, cell=name, before=[], after=_names(given[name]), units=units)
    _keep_serials(standing, by=by, now=now)
    record(
        EventName.ROW_ADDED,
        Subject(
            type="row",
            id=row.pk,
            label=row_label(row, serial),
            jurisdiction_id=standing.jurisdiction_id,
            data={"after": {name.value: value for name, value in given.items()}},
        ),
        by=by,
        now=now,
    )
    return row


def _keep_serials(notice: Notice, *, by: Actor, now: datetime) -> None:
    """Keep the findings about serials in step with the rows: missing ones that stand now, double ones come and gone."""
    rows = Row.objects.filter(notice=notice).exclude(state=RowState.REJECTED).order_by("order", "pk")
    serials = dict(Cell.objects.filter(row__in=rows, field=CellField.SERIAL).values_list("row_id", "value"))
    standing: dict[str, list[Row]] = {}
    for row in rows:
        if serials.get(row.pk):
            standing.setdefault(serials[row.pk], []).append(row)
    twice = {serial: same for serial, same in standing.items() if len(same) > 1}
    known = list(Finding.objects.filter(notice=notice, kind__in=[MISSING_SERIALS, DUPLICATE_SERIALS]))
    for finding in known:
        is_missing = finding.kind == MISSING_SERIALS
        is_answered = set(finding.serials) <= set(standing) if is_missing else not set(finding.serials) & set(twice)
        if is_answered and finding.state == FindingState.OPEN:
            Finding.objects.filter(pk=finding.pk, state=FindingState.OPEN).update(
                state=FindingState.ACCEPTED,
                note="已补录" if is_missing else "已不重复",
                settled_by_name=by.name,
                settled_at=now,
            )
    told = {
        serial
        for one in known
        if one.kind == DUPLICATE_SERIALS and one.state != FindingState.ACCEPTED
        for serial in one.serials
    }
    Finding.objects.bulk_create(
        Finding(
            notice=notice,
            order=0,
            kind=DUPLICATE_SERIALS,
            field=CellField.SERIAL,
            severity="error",
            message=f"序号 {serial} 出现了 {len(same)} 次（{'、'.join(row_place(row) for row in same)}）。",
            serials=[serial],
            source_line=next((row.source_line for row in same if row.source_line), None),
            lines=[row.source_line for row in same if row.source_line],
        )
        for serial, same in twice.items()
        if serial not in told
    )


# --- Findings -----------------------------------------------------------------------------------------------


@transaction.atomic
def settle_finding(
    finding: Finding,
    *,
    accept: bool,
    by: Actor,
    now: datetime,
    reason: str = "",
    value: object = None,
) -> Finding:
    """Accept a finding, applying its suggestion to the cell, or dismiss it with a reason where there is one.

    value: the person's choice where the suggestion asks for one (which units; who it is), put into the finding's
    column; for a group, what it means in this row. A cell somebody corrected by hand is not overwritten.
    Raises NotAllowed, Conflict (settled by somebody else, or `theirs`: CellNow), Invalid (a choice is needed),
    WrongState (the row is settled).
    """
    standing = Finding.objects.select_related("notice__jurisdiction").get(pk=finding.pk)
    notice = standing.notice
    require(by, Permission.NOTICE_REVIEW, jurisdiction_id=notice.jurisdiction_id)
    if notice.state != NoticeState.REVIEWING:
        raise WrongState("这份通知已立项或已作废。")
    row = _row_for(standing.row_id, by=by) if standing.row_id else None
    answer = answer_of(standing.kind, standing.suggestion)
    if row is not None and answer is not Answer.GROUP:
        _claim_pending(row)
    claimed = Finding.objects.filter(pk=finding.pk, state=FindingState.OPEN).update(
        state=FindingState.ACCEPTED if accept else FindingState.DISMISSED,
        note=reason.strip()[:200],
        settled_by_name=by.name,
        settled_at=now,
    )
    if not claimed:
        fresh = Finding.objects.get(pk=finding.pk)
        raise Conflict(f"{fresh.settled_by_name or '他人'}刚刚处理了这个疑点。", theirs=fresh)
    change: dict[str, Any] = {}
    if accept and row is not None and answer is Answer.GROUP:
        _say_group(standing, row=row, value=value, by=by, now=now)
    elif accept and row is not None:
        change = _apply(standing, row=row, value=value, by=by, now=now)
    label = f"{row_label(row, _serial(row))} 疑点" if row else "全文疑点"
    data = {
        "kind": standing.kind,
        "message": standing.message,
        "state": FindingState.ACCEPTED if accept else FindingState.DISMISSED,
        "reason": reason.strip(),
        **change,
    }
    record(
        EventName.FINDING_SETTLED,
        Subject(type="finding", id=finding.pk, label=label, jurisdiction_id=notice.jurisdiction_id, data=data),
        by=by,
        now=now,
    )
    standing.refresh_from_db()
    return standing


def _say_group(finding: Finding, *, row: Row, value: object, by: Actor, now: datetime) -> None:
    members = [str(one["name"]) for one in as_names(value)]
    if not members:
        raise Invalid("请选定这里指哪些单位，或者在“名称认定”中统一明确。", field="members")
    named = (finding.suggestion or {}).get("value") or {}
    reading = NameReading.objects.filter(
        notice_id=finding.notice_id, row__isnull=True, kind=NameKind.GROUP, name=named.get("name", "")
    ).first()
    if reading is None:
        raise Invalid("这个统称已改作他用，请在“名称认定”中处理。")
    decide_group(reading, version=reading.version, row=row, members=members, by=by, now=now)


def _apply(finding: Finding, *, row: Row, value: object, by: Actor, now: datetime) -> dict[str, Any]:
    """Apply a suggestion and return what changed, for the event; remember how to undo it."""
    suggestion = finding.suggestion or {}
    name = suggestion.get("field") or finding.field
    cells = cells_by_field(Row.objects.prefetch_related("cells").get(pk=row.pk))
    if answer_of(finding.kind, suggestion) is Answer.ROW:
        waiting = [cell for cell in cells.values() if not cell.is_confirmed]
        for cell in waiting:
            Cell.objects.filter(pk=cell.pk, version=cell.version).update(
                is_confirmed=True, settled_by_name=by.name, settled_at=now, version=cell.version + 1
            )
        undo = [{"cell": cell.pk, "version": cell.version + 1, "is_confirmed": False} for cell in waiting]
        Finding.objects.filter(pk=finding.pk).update(applied=undo)
        return {"confirmed": [cell.field for cell in waiting]}
    if value is None and not changes_a_cell(suggestion):
        if suggestion.get("action") in ("choose", "enter"):
            raise Invalid("这个疑点没有现成的答案，请选定或填写后再接受；无需改动请选“忽略”。", field=name)
        return {}
    if name not in cells:
        return {}
    cell = cells[name]
    column = CellField(name)
    after = _clean(column, value) if value is not None else with_suggestion(cell.value, suggestion)
    if after == cell.value:
        return {"field": name, "value": cell.value}
    if cell.basis in (Basis.CORRECTED, Basis.ENTERED) and value is None and suggestion.get("action") != "add":
        raise _cell_conflict(cell.pk)
    before = {"value": cell.value, "basis": cell.basis, "is_confirmed": cell.is_confirmed}
    version = cell.version
    written = _write_cell(cell, row=row, version=version, value=after, basis=Basis.CORRECTED, by=by, now=now)
    Finding.objects.filter(pk=finding.pk).update(applied=[{"cell": cell.pk, "version": written.version, **before}])
    return {"field": name, "before": before, "after": {"value": written.value, "basis": written.basis}}


@transaction.atomic
def reopen_finding(finding: Finding, *, by: Actor, now: datetime) -> Finding:
    """Take back what was made of a finding; what accepting it changed is undone where nobody changed the cell since.

    Raises NotAllowed, Conflict (`theirs`: CellNow), WrongState (open already, or the row is settled).
    """
    standing = Finding.objects.select_related("notice__jurisdiction").get(pk=finding.pk)
    notice = standing.notice
    require(by, Permission.NOTICE_REVIEW, jurisdiction_id=notice.jurisdiction_id)
    row = _row_for(standing.row_id, by=by) if standing.row_id else None
    if row is not None and standing.kind != GROUP_FINDING:
        _claim_pending(row)
    settled = Q(state=FindingState.ACCEPTED) | Q(state=FindingState.DISMISSED)
    claimed = Finding.objects.filter(settled, pk=finding.pk).update(
        state=FindingState.OPEN, note="", applied=None, settled_by_name="", settled_at=None
    )
    if not claimed or notice.state != NoticeState.REVIEWING:
        raise WrongState("这个疑点还没有处理，或者通知已经立项。")
    for undo in standing.applied or []:
        cell = Cell.objects.get(pk=undo["cell"])
        if cell.version != undo["version"]:
            raise _cell_conflict(cell.pk)
        if "value" in undo and row is not None:
            _write_cell(
                cell,
                row=row,
                version=cell.version,
                value=undo["value"],
                basis=Basis(undo["basis"]),
                is_confirmed=undo["is_confirmed"],
                by=by,
                now=now,
            )
        else:
            Cell.objects.filter(pk=cell.pk, version=cell.version).update(
                is_confirmed=False, settled_by_name="", settled_at=None, version=cell.version + 1
            )
    label = f"{row_label(row, _serial(row))} 疑点" if row else "全文疑点"
    data = {"kind": standing.kind, "message": standing.message, "state": FindingState.OPEN, "was": standing.state}
    record(
        EventName.FINDING_SETTLED,
        Subject(type="finding", id=finding.pk, label=label, jurisdiction_id=notice.jurisdiction_id, data=data),
        by=by,
        now=now,
    )
    standing.refresh_from_db()
    return standing
