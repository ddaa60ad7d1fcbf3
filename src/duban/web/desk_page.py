"""What the review desk shows: the source beside the reading, the order of the work, who did what.

Everything is read in a constant number of queries, however many rows the notice has. Long notices are shown
in a window around the row at hand; the counts always tell of the whole.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from duban.intake.models import Cell, Finding, NameReading, Notice, Row
from duban.intake.rules import (
    CELL_FIELD_LABELS,
    GROUP_FINDING,
    MISSING_SERIALS,
    NAME_FIELDS,
    OTHER_JURISDICTION,
    ROW_STATE_LABELS,
    SAME_DOCUMENT,
    CellField,
    FindingState,
    NameKind,
    RowState,
    as_names,
    value_text,
)
from duban.orgs.models import Unit
from duban.orgs.rules import UNIT_TYPE_LABELS, UnitType

NOTICE = "notice"
"""The place in the queue that is not a row: the notice's own facts and what was found about the whole."""

BY_FINDINGS, BY_NOTICE = "findings", "notice"
ORDERS = {BY_FINDINGS: "疑点优先", BY_NOTICE: "原文顺序"}

SEVERITIES = ("error", "warning", "notice")
SEVERITY_LABELS = {"error": "错误", "warning": "疑点", "notice": "提示"}
SEVERITY_TONES = {"error": "bad", "warning": "warn", "notice": "plain"}
ACTION_LABELS = {
    "add": "补入",
    "set": "改为",
    "remove": "去掉",
    "clear": "清空",
    "split": "拆为",
    "confirm": "照此确认",
}
LEAVE_LABELS = {OTHER_JURISDICTION: "看过，确属本辖区", SAME_DOCUMENT: "看过，不是重复"}
LINK_BASIS_LABELS = {"position": "按次序对应", "learned": "由其他各行推知", "only": "唯一可能", "printed": "原文写明"}
SENSE_LABELS = {"=": "＝", ">": "＞", ">=": "≥", "<": "＜", "<=": "≤", "range": "区间"}
SOURCE_WINDOW = 160
STRIP_WINDOW = 300


@dataclass(frozen=True, slots=True)
class Mark:
    """One row in the strip and the queue."""

    pk: int
    order: float
    serial: str
    state: RowState
    version: int
    source_line: int | None
    rank: int
    severity: str
    is_unconfirmed: bool
    by: str

    @property
    def is_plain(self) -> bool:
        """Whether nothing about the row asks for a person's eye: it may be accepted together with others."""
        return self.state is RowState.PENDING and not self.severity and not self.is_unconfirmed

    @property
    def label(self) -> str:
        """The row's serial, or a dot where it has none."""
        return self.serial or "·"

    @property
    def title(self) -> str:
        """What the chip says when pointed at."""
        parts = [f"第{self.serial}项" if self.serial else "无序号", ROW_STATE_LABELS[self.state]]
        if self.by:
            parts.append(self.by)
        if self.severity:
            parts.append(f"有{SEVERITY_LABELS[self.severity]}")
        if self.is_unconfirmed:
            parts.append("有待确认")
        return "，".join(parts)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the review is."""

    total: int
    accepted: int
    rejected: int
    open_findings: int
    unconfirmed: int

    @property
    def pending(self) -> int:
        """Rows nobody has settled."""
        return self.total - self.accepted - self.rejected

    @property
    def settled(self) -> int:
        """Rows somebody has settled."""
        return self.accepted + self.rejected


@dataclass(frozen=True, slots=True)
class Queue:
    """Every row in the order of the work, where one is, and how far it all is."""

    marks: tuple[Mark, ...]
    order: str
    here: int | None
    progress: Progress
    notice_findings: int
    undecided: int
    strip: tuple[Mark, ...] = ()
    before: int = 0
    after: int = 0

    @property
    def mark(self) -> Mark | None:
        """The row at hand; None on the notice's own place."""
        return next((one for one in self.marks if one.pk == self.here), None)

    def _at(self) -> int:
        return next((at for at, one in enumerate(self.marks) if one.pk == self.here), -1)

    @property
    def position(self) -> int:
        """Which row of the queue this is, from 1."""
        return self._at() + 1

    @property
    def previous(self) -> int | str | None:
        """The place before this one."""
        at = self._at()
        if at > 0:
            return self.marks[at - 1].pk
        return NOTICE if at == 0 else None

    @property
    def next(self) -> int | None:
        """The row after this one."""
        at = self._at() + 1
        return self.marks[at].pk if at < len(self.marks) else None

    def _after(self) -> Iterable[Mark]:
        at = self._at() + 1
        return (*self.marks[at:], *self.marks[: max(at - 1, 0)])

    @property
    def next_pending(self) -> int | None:
        """The next row nobody has settled, coming round to the first."""
        return next((one.pk for one in self._after() if one.state is RowState.PENDING), None)

    @property
    def next_finding(self) -> int | str | None:
        """The next row with an open finding, coming round; the notice's own place last."""
        row = next((one.pk for one in self._after() if one.severity), None)
        if row is None and self.notice_findings and self.here is not None:
            return NOTICE
        return row


def queue_of(notice: Notice, *, row: int | str | None, order: str) -> Queue:
    """Return the order of the work. row: a row's id, NOTICE, or None for where the work goes on. Five queries."""
    rows = list(
        notice.rows.order_by("order", "pk").only(
            "notice", "order", "state", "version", "source_line", "settled_by_name"
        )
    )
    serials: dict[int, str] = dict(
        Cell.objects.filter(row__notice=notice, field=CellField.SERIAL).values_list("row_id", "value")
    )
    unconfirmed = set(
        Cell.objects.filter(row__notice=notice, is_confirmed=False)
        .exclude(row__state=RowState.REJECTED)
        .values_list("row_id", flat=True)
        .distinct()
    )
    findings = list(notice.findings.exclude(kind=GROUP_FINDING).values_list("row_id", "severity", "state"))
    undecided = notice.names.filter(is_decided=False, row=None, uses__gt=0).count()
    rejected = {one.pk for one in rows if one.state == RowState.REJECTED}
    worst_ever: dict[int | None, int] = {}
    worst_open: dict[int | None, int] = {}
    for row_id, severity, state in findings:
        rank = SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES) - 1
        worst_ever[row_id] = min(rank, worst_ever.get(row_id, 9))
        if state == FindingState.OPEN and row_id not in rejected:
            worst_open[row_id] = min(rank, worst_open.get(row_id, 9))
    in_order = tuple(
        Mark(
            pk=one.pk,
            order=one.order,
            serial=serials.get(one.pk) or "",
            state=RowState(one.state),
            version=one.version,
            source_line=one.source_line,
            rank=worst_ever.get(one.pk, 8 if one.pk in unconfirmed else 9),
            severity=SEVERITIES[worst_open[one.pk]] if one.pk in worst_open else "",
            is_unconfirmed=one.pk in unconfirmed,
            by=one.settled_by_name,
        )
        for one in rows
    )
    marks = in_order if order == BY_NOTICE else tuple(sorted(in_order, key=lambda one: (one.rank, one.order, one.pk)))
    states = Counter(one.state for one in marks)
    notice_findings = sum(1 for row_id, _, state in findings if row_id is None and state == FindingState.OPEN)
    here: int | None
    if isinstance(row, int):
        here = row
    elif row == NOTICE or notice_findings or not marks:
        here = None
    else:
        here = next((one.pk for one in marks if one.state is RowState.PENDING), marks[0].pk)
    at = next((at for at, one in enumerate(in_order) if one.pk == here), 0)
    first, last = max(0, at - STRIP_WINDOW), at + STRIP_WINDOW
    return Queue(
        marks=marks,
        order=order,
        here=here,
        progress=Progress(
            total=len(marks),
            accepted=states[RowState.ACCEPTED],
            rejected=states[RowState.REJECTED],
            open_findings=sum(
                1 for row_id, _, state in findings if state == FindingState.OPEN and row_id not in rejected
            ),
            unconfirmed=len(unconfirmed),
        ),
        notice_findings=notice_findings,
        undecided=undecided,
        strip=in_order[first:last],
        before=first,
        after=max(0, len(in_order) - last),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the source. lit: own (this row's), from (a cell was taken from there), or nothing."""

    number: int
    parts: tuple[str, ...]
    lit: str
    row: int | None


def source_lines(notice: Notice, *, queue: Queue, own: set[int], borrowed: set[int]) -> tuple[list[Line], int, int]:
    """Return the lines to show, and how many lie before and after them."""
    centre = min(own, default=1)
    total = len(notice.lines)
    first, last = (0, total) if total <= 4 * SOURCE_WINDOW else (max(0, centre - SOURCE_WINDOW), centre + SOURCE_WINDOW)
    begins: dict[int, int] = {}
    for mark in queue.marks:
        if mark.source_line is not None:
            begins.setdefault(mark.source_line, mark.pk)
    lines = [
        Line(
            number=number,
            parts=tuple(text.split("\t")),
            lit="own" if number in own else "from" if number in borrowed else "",
            row=begins.get(number),
        )
        for number, text in enumerate(notice.lines[first:last], start=first + 1)
    ]
    return lines, first, max(0, total - last)


@dataclass(frozen=True, slots=True)
class ShownName:
    """One name in a cell. group: what it stands for, where it is a collective name."""

    text: str
    name: str
    group: "ShownGroup | None" = None


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """What a collective name stands for in this row."""

    pk: int
    version: int
    members: tuple[str, ...]
    is_open: bool
    is_decided: bool
    is_own: bool


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One cell as the desk shows it."""

    pk: int
    field: CellField
    label: str
    text: str
    names: tuple[ShownName, ...]
    read_text: str
    raw: str
    basis: str
    is_confirmed: bool
    by: str
    at: datetime | None
    version: int
    source_line: int | None
    is_borrowed: bool
    is_name_list: bool
    is_flagged: bool
    is_cursor: bool


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """One finding.

    offer: the suggestion one key accepts, in words · needs_word: the column a person must fill in to answer it ·
    leave: the button that leaves things as they are · other_notice: the notice it speaks of ·
    missing: serials of rows that are not there ·
    candidates: answers to choose from · jumps: the rows it speaks of.
    """

    pk: int
    kind: str
    severity: str
    severity_label: str
    tone: str
    message: str
    evidence: str
    offer: str
    candidates: tuple[str, ...]
    needs_word: str
    leave: str
    other_notice: int | None
    missing: tuple[str, ...]
    source_line: int | None
    field_label: str
    jumps: tuple[Mark, ...]
    is_open: bool
    outcome: str
    by: str
    at: datetime | None


def offer_text(finding: Finding) -> str:
    """Return a suggestion one key accepts, in words: “牵头单位补入 自然资源局”; empty where a person must choose."""
    suggestion = finding.suggestion or {}
    action = str(suggestion.get("action") or "")
    if action not in ACTION_LABELS:
        return ""
    name = _field_of(finding)
    label = CELL_FIELD_LABELS[CellField(name)] if name in set(CellField) else ""
    value = suggestion.get("value")
    return f"{label}{ACTION_LABELS[action]} {'' if action == 'confirm' else value_text(as_names(value))}".strip()


def _candidates(finding: Finding) -> tuple[str, ...]:
    """Return the answers a finding offers to choose from, as one writes them."""
    suggestion = finding.suggestion or {}
    value = suggestion.get("value")
    if suggestion.get("action") != "choose" or not isinstance(value, Mapping):
        return ()
    return tuple(value_text([one]) for one in as_names(value.get("candidates") or ()))


def shown_finding(finding: Finding, *, marks: Sequence[Mark] = ()) -> ShownFinding:
    """Return one finding as the desk shows it."""
    wanted = set(finding.serials)
    return ShownFinding(
        pk=finding.pk,
        kind=finding.kind,
        severity=finding.severity,
        severity_label=SEVERITY_LABELS.get(finding.severity, finding.severity),
        tone=SEVERITY_TONES.get(finding.severity, "plain"),
        message=finding.message,
        evidence=finding.evidence,
        offer=offer_text(finding),
        candidates=_candidates(finding),
        needs_word=_needs_word(finding),
        leave=LEAVE_LABELS.get(finding.kind, "不采纳" if offer_text(finding) else "看过，照原样"),
        other_notice=(finding.suggestion or {}).get("notice"),
        missing=tuple(finding.serials) if finding.kind == MISSING_SERIALS else (),
        source_line=finding.source_line,
        field_label=CELL_FIELD_LABELS[CellField(finding.field)] if finding.field in set(CellField) else "",
        jumps=tuple(one for one in marks if one.serial in wanted) if wanted else (),
        is_open=finding.state == FindingState.OPEN,
        outcome={FindingState.ACCEPTED.value: "已采纳", FindingState.DISMISSED.value: "不采纳"}.get(finding.state, ""),
        by=finding.settled_by_name,
        at=finding.settled_at,
    )


def _needs_word(finding: Finding) -> str:
    """Return the column a person must fill in before this finding is answered; empty where a yes is enough."""
    asks = (finding.suggestion or {}).get("action") in ("choose", "enter")
    return _field_of(finding) if asks and finding.row_id and _field_of(finding) in set(CellField) else ""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """The row at hand with everything about it."""

    row: Row
    cells: tuple[ShownCell, ...]
    findings: tuple[ShownFinding, ...]
    settled: tuple[ShownFinding, ...]
    links: tuple[dict[str, Any], ...]
    targets: tuple[dict[str, Any], ...]
    own_lines: set[int] = field(default_factory=set)
    borrowed_lines: set[int] = field(default_factory=set)

    @property
    def stamp(self) -> str:
        """Changes whenever anybody changes this row, its cells or its findings."""
        return stamp_of(self.row.version, len(self.findings))

    @property
    def is_unconfirmed(self) -> bool:
        """Whether a cell still waits for a person."""
        return any(not cell.is_confirmed for cell in self.cells)


def stamp_of(row_version: int, open_findings: int) -> str:
    """Return the mark by which a page notices that a row changed since it was shown."""
    return f"{row_version}.{open_findings}"


def row_stamp(row: Row) -> str:
    """Return the stamp of a row as it stands now. One query."""
    open_findings = row.findings.filter(state=FindingState.OPEN).exclude(kind=GROUP_FINDING)
    return stamp_of(row.version, open_findings.count())


def shown_row(row: Row, *, names: Sequence[NameReading], cursor: str = "") -> ShownRow:
    """Return the row at hand. Two queries; names: every NameReading of the notice, read already."""
    cells = {CellField(cell.field): cell for cell in row.cells.all()}
    findings = list(row.findings.exclude(kind=GROUP_FINDING).order_by("order", "pk"))
    is_open = [one for one in findings if one.state == FindingState.OPEN]
    is_open.sort(key=lambda one: (SEVERITIES.index(one.severity) if one.severity in SEVERITIES else 9, one.order))
    flagged = {_field_of(one) for one in is_open}
    groups = {one.name: one for one in names if one.kind == NameKind.GROUP and one.row_id is None}
    groups |= {one.name: one for one in names if one.kind == NameKind.GROUP and one.row_id == row.pk}
    order = [one for one in CellField if one in cells]
    at = (
        cursor
        if cursor in cells
        else next(
            (one for one in order if one.value in flagged),
            next((one for one in order if not cells[one].is_confirmed), order[1] if len(order) > 1 else ""),
        )
    )
    shown = tuple(
        _shown_cell(cells[one], row=row, groups=groups, is_flagged=one.value in flagged, is_cursor=one == at)
        for one in order
    )
    own = {row.source_line} if row.source_line else set()
    own |= {cell.source_line for cell in shown if cell.source_line and not cell.is_borrowed}
    return ShownRow(
        row=row,
        cells=shown,
        findings=tuple(shown_finding(one) for one in is_open),
        settled=tuple(shown_finding(one) for one in findings if one.state != FindingState.OPEN),
        links=tuple(_shown_link(one) for one in row.links),
        targets=tuple(_shown_target(one) for one in row.targets),
        own_lines=own,
        borrowed_lines={cell.source_line for cell in shown if cell.source_line and cell.is_borrowed},
    )


def _field_of(finding: Finding) -> str:
    return str((finding.suggestion or {}).get("field") or finding.field or "")


def _shown_cell(
    cell: Cell, *, row: Row, groups: Mapping[str, NameReading], is_flagged: bool, is_cursor: bool
) -> ShownCell:
    kind = CellField(cell.field)
    is_list = kind in NAME_FIELDS
    names = (
        tuple(
            ShownName(text=value_text([one]), name=one["name"], group=_shown_group(groups.get(one["name"]), row=row))
            for one in cell.value
        )
        if is_list
        else ()
    )
    text, read_text = value_text(cell.value), value_text(cell.read_value)
    return ShownCell(
        pk=cell.pk,
        field=kind,
        label=CELL_FIELD_LABELS[kind],
        text=text,
        names=names,
        read_text=read_text if read_text != text else "",
        raw=cell.raw,
        basis=cell.basis,
        is_confirmed=cell.is_confirmed,
        by=cell.settled_by_name,
        at=cell.settled_at,
        version=cell.version,
        source_line=cell.source_line,
        is_borrowed=bool(cell.basis == "inherited" and cell.source_line and cell.source_line != row.source_line),
        is_name_list=is_list,
        is_flagged=is_flagged,
        is_cursor=is_cursor,
    )


def _shown_group(name: NameReading | None, *, row: Row) -> ShownGroup | None:
    if name is None:
        return None
    return ShownGroup(
        pk=name.pk,
        version=name.version,
        members=tuple(name.members),
        is_open=name.is_open_group,
        is_decided=name.is_decided,
        is_own=name.row_id == row.pk,
    )


def _shown_link(link: Mapping[str, Any]) -> dict[str, Any]:
    confidence = float(link.get("confidence") or 0)
    return {
        "person": link.get("person"),
        "unit": link.get("unit"),
        "basis": LINK_BASIS_LABELS.get(str(link.get("basis")), str(link.get("basis") or "")),
        "is_sure": confidence >= 0.9,
        "percent": round(confidence * 100),
    }


def _shown_target(target: Mapping[str, Any]) -> dict[str, Any]:
    value, upper = _number(target.get("value")), _number(target.get("upper"))
    unit = target.get("unit") or ""
    sense = str(target.get("sense"))
    figure = f"{value}–{upper}{unit}" if sense == "range" else f"{SENSE_LABELS.get(sense, '')} {value}{unit}"
    return {"text": target.get("text"), "subject": target.get("subject") or "", "figure": figure.strip()}


def _number(value: Any) -> str:
    if value is None:
        return ""
    number = float(value)
    return f"{number:,.0f}" if number == int(number) else f"{number:,.4f}".rstrip("0")


@dataclass(frozen=True, slots=True)
class UnitChoices:
    """Units a person may choose from, of one kind. units: (name, whether it is ticked).

    is_suggested: whether the group's name speaks of this kind.
    """

    kind: str
    label: str
    units: tuple[tuple[str, bool], ...]
    is_suggested: bool = False


def unit_choices(
    notice: Notice, *, names: Sequence[NameReading], group: str, ticked: Sequence[str]
) -> list[UnitChoices]:
    """Return the units of notice and directory by kind, the kind a group's name suggests first. One query."""
    kinds = {one.name: one.unit_type for one in Unit.objects.current().filter(jurisdiction_id=notice.jurisdiction_id)}
    for one in names:
        if one.kind == NameKind.UNIT and one.row_id is None and one.uses:
            kinds.setdefault(one.unit_name or one.name, one.unit_type)
    for name in ticked:
        kinds.setdefault(name, UnitType.OTHER.value)
    first = [UnitType.TOWN] if re.search("镇|乡|街道", group) else [UnitType.DEPARTMENT]
    chosen = set(ticked)
    found = []
    for kind in dict.fromkeys([*first, *UnitType]):
        units = tuple((name, name in chosen) for name, its in kinds.items() if its == kind)
        if units:
            choice = UnitChoices(kind=kind.value, label=UNIT_TYPE_LABELS[kind], units=units, is_suggested=kind in first)
            found.append(choice)
    return found
