"""A notice comes in: its bytes are kept, its reading becomes rows, cells, findings and names."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI, day_of
from duban.core.errors import Conflict, Invalid, WrongState
from duban.core.files import keep_bytes
from duban.core.seen import require_seen
from duban.core.text import date_text
from duban.intake.actions.naming import NameUse, propose_names
from duban.intake.models import Cell, Finding, Notice, Row
from duban.intake.queries import notice_shown, notices_of_number
from duban.intake.rules import (
    NAME_FIELDS,
    NOTICE_FINDINGS,
    OTHER_JURISDICTION,
    SAME_DOCUMENT,
    Basis,
    CellField,
    FindingState,
    NameKind,
    NoticeState,
    is_same_place,
    needs_confirmation,
    place_named,
)
from duban.orgs.models import Jurisdiction
from duban.reading import NotReadable, read_notice

_BATCH = 2000


class AlreadyImported(Conflict):
    """The same bytes were imported before; `theirs` is that notice."""

    code = "already_imported"


def upload_notice(
    jurisdiction: Jurisdiction, *, data: bytes, file_name: str, by: Actor, now: datetime, year: int | None = None
) -> Notice:
    """Read a notice and lay it out for review; the original is kept byte for byte under its SHA-256 digest.

    year: of the plan, where the text does not say it; without either the present year is proposed.
    Raises NotAllowed, AlreadyImported, Invalid (too large, not readable, nothing in it). After a refusal nothing of the
    file stands in the database. Source: docs/sources.md#notice
    """
    require(by, Permission.NOTICE_IMPORT, jurisdiction_id=jurisdiction.pk)
    if len(data) > settings.MAX_NOTICE_BYTES:
        limit = settings.MAX_NOTICE_BYTES // (1024 * 1024)
        raise Invalid(f"文件有 {len(data) / 1024 / 1024:.0f} MB，超过 {limit} MB 的上限。", field="file")
    digest = hashlib.sha256(data).hexdigest()
    _refuse_second_import(jurisdiction, digest)
    try:
        reading = read_notice(data, file_name=file_name)
    except NotReadable as error:
        raise Invalid(error.message_zh, field="file") from error
    read = reading.as_json()
    if not read["matters"]:
        why = next((one["message"] for one in read["findings"] if one["severity"] == "error"), "没有读到任何事项。")
        raise Invalid(f"{why}文件没有导入。", field="file")
    keep_bytes(data)
    try:
        return _lay_out(
            jurisdiction,
            read=read,
            lines=list(reading.lines),
            digest=digest,
            size_bytes=len(data),
            file_name=file_name,
            year=year,
            by=by,
            now=now,
        )
    except IntegrityError:
        _refuse_second_import(jurisdiction, digest)
        raise


def _refuse_second_import(jurisdiction: Jurisdiction, digest: str) -> None:
    earlier = (
        Notice.objects.filter(jurisdiction=jurisdiction, digest=digest).exclude(state=NoticeState.DISCARDED).first()
    )
    if earlier is not None:
        at = earlier.uploaded_at.astimezone(SHANGHAI)
        raise AlreadyImported(
            f"这份通知已于{date_text(at.date())} {at:%H:%M} 由{earlier.uploaded_by_name}导入。", theirs=earlier
        )


@transaction.atomic
def _lay_out(
    jurisdiction: Jurisdiction,
    *,
    read: Mapping[str, Any],
    lines: list[str],
    digest: str,
    size_bytes: int,
    file_name: str,
    year: int | None,
    by: Actor,
    now: datetime,
) -> Notice:
    header = read["notice"]
    issued_on = _day(header["issued_on"]) or _day(header["dated_on"])
    notice = Notice.objects.create(
        jurisdiction=jurisdiction,
        file_name=Path(file_name).name[-200:],
        digest=digest,
        size_bytes=size_bytes,
        title=(header["title"] or Path(file_name).stem or "未命名的通知")[:300],
        document_number=(header["document_number"] or "")[:60],
        issuer=(header["issuer"] or "")[:120],
        year=year or header["year"] or (issued_on or day_of(now)).year,
        issued_on=issued_on,
        header=header,
        lines=[line.replace("\x00", "") for line in lines],
        state=NoticeState.REVIEWING,
        uploaded_at=now,
        uploaded_by_name=by.name,
    )
    rows = Row.objects.bulk_create(
        [_row(notice, place, matter) for place, matter in enumerate(read["matters"], start=1)], batch_size=_BATCH
    )
    pairs = list(zip(rows, read["matters"], strict=True))
    Cell.objects.bulk_create([cell for row, matter in pairs for cell in _cells(row, matter)], batch_size=_BATCH)
    about_whole = doubts_about_whole(notice)
    Finding.objects.bulk_create(about_whole + _findings(notice, pairs, read["findings"]), batch_size=_BATCH)
    propose_names(notice, uses=_uses(read["matters"]))
    record(
        EventName.NOTICE_UPLOADED,
        notice,
        by=by,
        now=now,
        data={
            "file_name": notice.file_name,
            "digest": digest,
            "size_bytes": size_bytes,
            "rows": len(rows),
            "findings": len(read["findings"]) + len(about_whole),
        },
    )
    return notice


def doubts_about_whole(notice: Notice) -> list[Finding]:
    """Return what a person must settle before the notice may become matters here; not saved.

    Whether another place issued it, and whether one of the same number came in before. One query.
    """
    doubts = []
    place, own = place_named(notice.issuer), notice.jurisdiction
    if place is not None and not is_same_place(place, name=own.name, short_name=own.short_name):
        message = (
            f"发文机关是{notice.issuer}，您的辖区是{own.name}。请确认这份通知应由本辖区立项；传错了请在通知列表中作废。"
        )
        doubts.append(Finding(kind=OTHER_JURISDICTION, message=message, suggestion=None))
    earlier = notices_of_number(notice)
    if earlier:
        last = earlier[0]
        at = day_of(last.registered_at or last.uploaded_at)
        rows = last.matter_count  # type: ignore[attr-defined]
        done = f"立项（{rows} 项）" if last.state == NoticeState.REGISTERED else "导入，正在核对"
        message = f"文号相同的通知（{last.document_number}）已于{date_text(at)}{done}。同一份通知请勿重复立项。"
        doubts.append(Finding(kind=SAME_DOCUMENT, message=message, suggestion={"action": "see", "notice": last.pk}))
    for order, one in enumerate(doubts, start=-len(doubts)):
        one.notice, one.order, one.severity = notice, order, "error"
    return doubts


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _row(notice: Notice, place: int, matter: Mapping[str, Any]) -> Row:
    return Row(
        notice=notice,
        order=float(place),
        source_line=matter["source"]["line"],
        source_page=matter["source"]["page"],
        title=(matter["title"] or "")[:200],
        section=(matter.get("section") or "")[:200],
        targets=matter["targets"],
        links=matter["links"],
        oversight=matter["oversight"],
        other=matter.get("other") or {},
    )


def _cells(row: Row, matter: Mapping[str, Any]) -> list[Cell]:
    """Return the seven cells of a row."""
    cells = []
    sources = matter.get("cells", {})
    for field in CellField:
        value: Any = matter[field.value] if field in NAME_FIELDS else matter[field.value] or ""
        source = sources.get(field.value, {})
        basis = Basis(source.get("basis") or (Basis.READ if value else Basis.BLANK))
        if not value:
            basis = Basis.BLANK
        cells.append(
            Cell(
                row=row,
                field=field,
                value=value,
                read_value=value,
                raw=(source.get("raw") or "").replace("\x00", ""),
                basis=basis,
                source_line=source.get("line") or (row.source_line if field is CellField.SERIAL else None),
                is_confirmed=not needs_confirmation(basis),
            )
        )
    return cells


def _findings(
    notice: Notice, pairs: list[tuple[Row, Mapping[str, Any]]], found: list[Mapping[str, Any]]
) -> list[Finding]:
    rows_of_serial: dict[str, list[Row]] = {}
    for row, matter in pairs:
        if matter["serial"]:
            rows_of_serial.setdefault(matter["serial"], []).append(row)
    row_of_line = {row.source_line: row for row, matter in reversed(pairs) if row.source_line and not matter["serial"]}
    findings = []
    for order, one in enumerate(found, start=1):
        rows: Sequence[Row | None] = [None]
        if one["kind"] not in NOTICE_FINDINGS:
            named = [rows_of_serial[serial] for serial in one["serials"] if serial in rows_of_serial]
            rows = [_row_at(same, one.get("line")) for same in named] or [row_of_line.get(one.get("line"))]
        for concerned in rows:
            findings.append(
                Finding(
                    notice=notice,
                    row=concerned,
                    order=order,
                    kind=one["kind"][:30],
                    field=(one.get("field") or (one["suggestion"] or {}).get("field") or "")[:14],
                    severity=one["severity"][:10],
                    message=one["message"],
                    evidence=one.get("evidence") or "",
                    serials=one["serials"],
                    source_line=one.get("line"),
                    lines=one.get("lines") or [],
                    suggestion=one["suggestion"],
                )
            )
    return findings


def _row_at(rows: list[Row], line: int | None) -> Row:
    """Return the row of one serial that a line belongs to: serials may be printed twice."""
    before = [row for row in rows if line is not None and row.source_line is not None and row.source_line <= line]
    return before[-1] if before else rows[0]


def _uses(matters: list[Mapping[str, Any]]) -> list[NameUse]:
    """Return every name of the notice once a kind, in order of appearance, with its count and its units."""
    uses: dict[tuple[NameKind, str], NameUse] = {}
    links: dict[str, Counter[str]] = {}
    for matter in matters:
        for link in matter["links"]:
            links.setdefault(link["person"], Counter())[link["unit"]] += 1
        for field in NAME_FIELDS:
            for one in matter[field.value]:
                NameUse.count(uses, cell=field, name=one["name"], qualifier=one["qualifier"])
    for use in uses.values():
        if use.kind is NameKind.PERSON:
            use.units = links.get(use.name, Counter())
    return list(uses.values())


@transaction.atomic
def discard_notice(notice: Notice, *, reason: str, by: Actor, now: datetime) -> Notice:
    """Give up an import; it stays to be looked at, and the same file may come in again.

    Raises NotAllowed, Invalid (no reason), WrongState (registered or discarded already).
    """
    require(by, Permission.NOTICE_IMPORT, jurisdiction_id=notice.jurisdiction_id)
    if not reason.strip():
        raise Invalid("请说明作废的原因。", field="reason")
    claimed = Notice.objects.filter(pk=notice.pk, state=NoticeState.REVIEWING).update(state=NoticeState.DISCARDED)
    if not claimed:
        raise WrongState("这份通知已立项或已作废。")
    notice.state = NoticeState.DISCARDED
    record(EventName.NOTICE_DISCARDED, notice, by=by, now=now, data={"reason": reason.strip()})
    return notice


@transaction.atomic
def correct_notice(
    notice: Notice,
    *,
    title: str,
    document_number: str,
    issuer: str,
    year: int,
    issued_on: date | None,
    by: Actor,
    now: datetime,
    seen: str | None = None,
) -> Notice:
    """Correct what was read of the notice itself. `header` keeps what was read.

    seen: of `notice_shown`, as the form showed it.
    Raises NotAllowed, Invalid, WrongState (no longer under review), Conflict (`theirs`: what stands).
    """
    require(by, Permission.NOTICE_REVIEW, jurisdiction_id=notice.jurisdiction_id)
    if not title.strip():
        raise Invalid("标题要填写。", field="title")
    if not 2000 <= year <= 2100:
        raise Invalid("年度须是四位数字。", field="year")
    standing = Notice.objects.select_for_update().get(pk=notice.pk)
    if standing.state != NoticeState.REVIEWING:
        raise WrongState("这份通知已立项或已作废，要素不能再改。")
    require_seen(seen, standing=notice_shown(standing), message="通知要素刚刚被他人更正过，请对照后再保存。")
    after = {
        "title": title.strip()[:300],
        "document_number": document_number.strip()[:60],
        "issuer": issuer.strip()[:120],
        "year": year,
        "issued_on": issued_on,
    }
    before = {name: getattr(standing, name) for name in after}
    for name, value in after.items():
        setattr(standing, name, value)
    standing.save(update_fields=list(after))
    _ask_again(standing, changed={name for name, value in after.items() if value != before[name]})
    record(EventName.NOTICE_CORRECTED, standing, by=by, now=now, data={"before": before, "after": after})
    return standing


def _ask_again(notice: Notice, *, changed: set[str]) -> None:
    """Ask anew about the place and the number where a person corrected them."""
    kinds = {
        kind for kind, name in ((OTHER_JURISDICTION, "issuer"), (SAME_DOCUMENT, "document_number")) if name in changed
    }
    if kinds:
        Finding.objects.filter(notice=notice, kind__in=kinds, state=FindingState.OPEN).delete()
        Finding.objects.bulk_create([one for one in doubts_about_whole(notice) if one.kind in kinds])
