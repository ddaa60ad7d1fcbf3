"""Reads of the review that several doors share."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from duban.core.actor import Actor
from duban.core.files import opened
from duban.core.text import date_text, folded, ranges_text
from duban.intake.models import Cell, Finding, NameReading, Notice, Row
from duban.intake.rules import (
    MISSING_SERIALS,
    CellField,
    FindingState,
    NameKind,
    NoticeState,
    PlaceProposal,
    RowState,
    approval_words,
    document_key,
    government_of,
    place_named,
)
from duban.matters.models import Matter
from duban.matters.rules import Origin, missing_serials, serial_number

_FIELD_ORDER = {cell.value: place for place, cell in enumerate(CellField)}


def original_of(notice: Notice) -> bytes:
    """Return the notice's original, byte for byte. Raises NotFound when the file is gone or no longer the same."""
    with opened(notice.digest) as content:
        return content.read()


def notice_shown(notice: Notice) -> dict[str, Any]:
    """Return what may be corrected of a notice itself, in words, as a form shows it, for `seen`."""
    return {
        "标题": notice.title,
        "文号": notice.document_number,
        "发文机关": notice.issuer,
        "年度": f"{notice.year} 年",
        "印发日期": date_text(notice.issued_on),
    }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a review has come. names: undecided ones still in use; findings of rejected rows do not count."""

    rows: int = 0
    pending: int = 0
    accepted: int = 0
    rejected: int = 0
    open_findings: int = 0
    undecided_names: int = 0
    unconfirmed_cells: int = 0

    @property
    def settled_pct(self) -> int:
        """Return the share of rows somebody has settled, in whole per cent, rounded down."""
        return 100 * (self.accepted + self.rejected) // self.rows if self.rows else 0


def notices_for_list(actor: Actor) -> QuerySet[Notice]:
    """Return notices, latest first, with `row_count`, `pending_count`; without their text."""
    return (
        Notice.objects.visible_to(actor)
        .select_related("jurisdiction", "plan")
        .defer("lines", "header")
        .annotate(row_count=Count("rows"), pending_count=Count("rows", filter=Q(rows__state=RowState.PENDING)))
        .order_by("-uploaded_at", "-pk")
    )


def notices_of_number(notice: Notice) -> list[Notice]:
    """Return the other notices of the jurisdiction with the same document number, registered ones first. One query.

    Each has `matter_count`.
    """
    wanted = document_key(notice.document_number)
    if not wanted:
        return []
    others = (
        Notice.objects.filter(jurisdiction=notice.jurisdiction_id)
        .exclude(pk=notice.pk)
        .exclude(state=NoticeState.DISCARDED)
        .exclude(document_number="")
        .defer("lines", "header")
        .annotate(matter_count=Count("rows__matter"))
        .order_by("-uploaded_at", "-pk")
    )
    same = [one for one in others if document_key(one.document_number) == wanted]
    return sorted(same, key=lambda one: one.state != NoticeState.REGISTERED)


def rows_for_desk(notice: Notice, *, ids: Iterable[int] | None = None) -> QuerySet[Row]:
    """Return rows in the notice's order; three queries for any number of rows. ids: only these.

    `row.cells.all()` in the order of the annex, `row.findings.all()` open ones first, `row.names.all()` what a group
    means in this row only.
    """
    rows = Row.objects.filter(notice=notice) if ids is None else Row.objects.filter(notice=notice, pk__in=list(ids))
    return rows.prefetch_related(
        Prefetch("cells", Cell.objects.order_by("pk")),
        Prefetch("findings", open_first(Finding.objects.all())),
        Prefetch("names", NameReading.objects.order_by("pk")),
    ).order_by("order", "pk")


def cells_by_field(row: Row) -> dict[str, Cell]:
    """Return a row's cells by field in the order of the annex; no query when they were prefetched."""
    return {cell.field: cell for cell in sorted(row.cells.all(), key=lambda cell: _FIELD_ORDER[cell.field])}


def open_first(findings: QuerySet[Finding]) -> QuerySet[Finding]:
    """Return findings with the open ones first, then in the notice's order."""
    return findings.annotate(is_settled=~Q(state=FindingState.OPEN)).order_by("is_settled", "order", "pk")


def findings_of_notice(notice: Notice) -> QuerySet[Finding]:
    """Return what concerns the whole notice, open ones first."""
    return open_first(Finding.objects.filter(notice=notice, row__isnull=True))


def open_findings(notice: Notice) -> QuerySet[Finding]:
    """Return open findings, those of rejected rows left out; the row joined."""
    return (
        Finding.objects.filter(notice=notice, state=FindingState.OPEN)
        .exclude(row__state=RowState.REJECTED)
        .select_related("row")
        .order_by("order", "pk")
    )


def names_for_desk(notice: Notice) -> QuerySet[NameReading]:
    """Return the names of a notice still in use, undecided ones first, then by kind and use; matches joined."""
    return (
        NameReading.objects.filter(notice=notice, row__isnull=True, uses__gt=0)
        .select_related("unit", "group", "person")
        .order_by("is_decided", "kind", "-uses", "pk")
    )


def progress(notice: Notice) -> Progress:
    """Return how far the review has come; four queries."""
    counts = dict(Row.objects.filter(notice=notice).values_list("state").annotate(Count("pk")).order_by())
    return Progress(
        rows=sum(counts.values()),
        pending=counts.get(RowState.PENDING, 0),
        accepted=counts.get(RowState.ACCEPTED, 0),
        rejected=counts.get(RowState.REJECTED, 0),
        open_findings=open_findings(notice).count(),
        undecided_names=names_for_desk(notice).filter(is_decided=False).count(),
        unconfirmed_cells=Cell.objects.filter(row__notice=notice, is_confirmed=False)
        .exclude(row__state=RowState.REJECTED)
        .count(),
    )


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One thing that is still open, in words. is_blocking: registration waits for it."""

    message: str
    is_blocking: bool
    row_id: int | None = None
    finding_id: int | None = None
    name_id: int | None = None


_NAME_WORDS = {
    NameKind.UNIT: "单位",
    NameKind.GROUP: "统称",
    NameKind.PERSON: "责任人",
    NameKind.OVERSEER: "领导",
}


def what_is_open(notice: Notice) -> list[OpenItem]:
    """Return everything still open, what registration waits for first: rows, names, findings marked as errors.

    Findings that are only warnings do not hold registration up, nor do rows the year's plan holds already.
    Five queries.
    """
    items: list[OpenItem] = []
    rows = Row.objects.filter(notice=notice).prefetch_related(
        Prefetch("cells", Cell.objects.filter(field__in=[CellField.SERIAL, CellField.TEXT, CellField.LEAD_UNITS]))
    )
    has_accepted = False
    read: list[tuple[Row, str, str]] = []  # row, serial, text
    for row in rows.order_by("order", "pk"):
        values = {cell.field: cell.value for cell in row.cells.all()}
        if row.state != RowState.REJECTED:
            read.append((row, values.get("serial", "").strip(), values.get("text", "").strip()))
        if row.state == RowState.PENDING:
            items.append(OpenItem(f"{row_label(row, values.get('serial', ''))}还没有核对", True, row_id=row.pk))
        elif row.state == RowState.ACCEPTED:
            has_accepted = True
            label = row_label(row, values.get("serial", ""))
            if not values.get("text", "").strip():
                items.append(OpenItem(f"{label}没有具体目标任务", True, row_id=row.pk))
            if not values.get("lead_units"):
                items.append(OpenItem(f"{label}没有牵头单位，立项后须补上才能交办", False, row_id=row.pk))
    if not items and not has_accepted:
        items.append(OpenItem("没有一行通过核对", True))
    for name in names_for_desk(notice).filter(is_decided=False):
        words = _NAME_WORDS[NameKind(name.kind)]
        items.append(OpenItem(f"{words}“{name.name}”还没有认定：{name.note}", True, name_id=name.pk))
    declared = notice.header.get("declared_items")
    missing = missing_serials([serial for _, serial, _ in read], declared=declared)
    if missing:
        message = f"通知共 {declared} 项，还缺第 {ranges_text(missing)} 项（{len(missing)} 项）；附表有的请补录"
        items.append(OpenItem(message, False))
    for finding in open_findings(notice):
        is_error = finding.severity == "error"
        if missing and finding.kind == MISSING_SERIALS and not is_error:
            continue  # said above as it stands now
        items.append(OpenItem(finding.message, is_error, row_id=finding.row_id, finding_id=finding.pk))
    items += _standing_already(notice, read)
    return sorted(items, key=lambda item: not item.is_blocking)


def _standing_already(notice: Notice, read: Iterable[tuple[Row, str, str]]) -> list[OpenItem]:
    """Return a warning for serials, and one for texts, the year's plan holds already: 不得重复督查. One query.

    Source: docs/sources.md#regulation (§15)
    """
    standing = Matter.objects.filter(plan__jurisdiction=notice.jurisdiction_id, plan__year=notice.year, parent=None)
    serials: set[str] = set()
    texts: dict[str, str] = {}
    for serial, text, origin in standing.order_by("order", "pk").values_list("serial", "text", "origin"):
        if origin == Origin.NOTICE and serial:
            serials.add(serial)
        texts.setdefault(folded(text), serial or text[:20])
    same_serial = [(row, serial) for row, serial, _ in read if serial in serials]
    same_text = [(row, serial, texts[folded(text)]) for row, serial, text in read if text and folded(text) in texts]
    items = []
    if same_serial:
        numbers = {serial: serial_number(serial) for _, serial in same_serial}
        ranges = ranges_text([number for number in numbers.values() if number is not None])
        named = "、".join(filter(None, [ranges, *(serial for serial, number in numbers.items() if number is None)]))
        message = f"{notice.year}年度台账中已有第{named}项（{len(same_serial)}行），立项后序号会重复；同一事项请剔除"
        items.append(OpenItem(message, False, row_id=same_serial[0][0].pk))
    if same_text:
        row, serial, other = same_text[0]
        first = (
            f"{row_label(row, serial)}与台账中“{other}”"
            if serial_number(other) is None
            else (f"{row_label(row, serial)}与台账第{other}项")
        )
        more = f"等 {len(same_text)} 行" if len(same_text) > 1 else ""
        items.append(OpenItem(f"{first}内容相同{more}，不应重复立项督查；同一事项请剔除", False, row_id=row.pk))
    return items


def is_by_hand(row: Row) -> bool:
    """Return whether a person entered the whole row: it stands nowhere in the notice."""
    return row.source_line is None and row.source_page is None


def row_place(row: Row) -> str:
    """Return where a row stands: 原文第35行, or that it was entered by hand."""
    return "人工补录" if is_by_hand(row) else f"原文第{row.source_line}行"


def rows_of_serial(notice: Notice, serial: str) -> list[Row]:
    """Return the rows not struck out that carry a serial, in the notice's order. One query."""
    if not serial:
        return []
    rows = Row.objects.filter(notice=notice, cells__field=CellField.SERIAL, cells__value=serial)
    return list(rows.exclude(state=RowState.REJECTED).order_by("order", "pk"))


def row_label(row: Row, serial: str) -> str:
    """Return how a row is called: 第16项, or by its line where it has no serial."""
    if serial:
        return f"第{serial}项"
    return f"原文第{row.source_line}行" if row.source_line else f"第{row.order:g}行"


@dataclass(frozen=True, slots=True)
class ApprovalProposal:
    """The approval 立项 needs, as far as the notice itself says it; a person confirms or fills in.

    sentences: for each field, the words it was taken from.
    """

    basis: str = ""
    approved_by_name: str = ""
    approved_on: date | None = None
    document_number: str = ""
    sentences: dict[str, str] = field(default_factory=dict)


def approval_proposal(notice: Notice) -> ApprovalProposal:
    """Return the approval prefilled from the text: “经区政府同意”, the number, the day of issue, the government."""
    said = {one["line"]: one["text"] for one in notice.header.get("text") or [] if one["role"] == "body"}
    words = approval_words(list(said.values()) or notice.lines)
    roles = {one["role"]: one["text"].strip("# ") for one in notice.header.get("text") or [] if one.get("role")}
    sentences = {}
    if words:
        sentences["basis"] = words[1]
    if notice.document_number:
        sentences["document_number"] = roles.get("number", notice.document_number)
    if notice.issued_on:
        sentences["approved_on"] = roles.get("issued_on") or roles.get("dated_on") or notice.issued_on.isoformat()
    if notice.issuer:
        sentences["approved_by_name"] = notice.issuer
    return ApprovalProposal(
        basis=words[0] if words else "",
        approved_by_name=government_of(notice.issuer),
        approved_on=notice.issued_on,
        document_number=notice.document_number,
        sentences=sentences,
    )


def jurisdiction_named(header: dict[str, object]) -> PlaceProposal | None:
    """Return the jurisdiction a notice's header names by its issuer, or None."""
    return place_named(str(header.get("issuer") or ""))


@dataclass(frozen=True, slots=True)
class Source:
    """Where a matter stands in its notice. line: from 1; lines: the line and its neighbours as (number, text)."""

    notice: Notice
    row_id: int
    line: int | None
    page: int | None
    lines: tuple[tuple[int, str], ...]


def source_of(matter: Matter, *, around: int = 2) -> Source | None:
    """Return the notice a matter came from and its line with those around it; None for a matter without a notice."""
    row = Row.objects.filter(matter=matter).select_related("notice").first()
    if row is None:
        return None
    text = row.notice.lines
    line = row.source_line
    shown = range(max(1, line - around), min(len(text), line + around) + 1) if line else range(0)
    return Source(
        notice=row.notice,
        row_id=row.pk,
        line=line,
        page=row.source_page,
        lines=tuple((number, text[number - 1]) for number in shown),
    )
