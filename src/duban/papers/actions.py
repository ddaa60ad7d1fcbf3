"""What changes documents: they are numbered, frozen as issued, get scans; templates get new versions. Never edited."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from django.db import models, transaction
from django.db.models import F, Max

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Conflict, Invalid, WrongState
from duban.evidence.examining import Examined, KeptScan, NewFile, examined, kept_scan
from duban.matters.actions import hold_open
from duban.matters.models import Matter, Plan
from duban.matters.queries import policy_of
from duban.matters.rules import closed_words
from duban.orgs.models import Jurisdiction
from duban.papers.drawing import Drawn, NumberTaken, drawn, with_next_number
from duban.papers.models import IssuedPaper, NumberCounter, PaperScan, Template
from duban.papers.queries import (
    HANDED_OUT,
    AssignmentNotice,
    assignment_notice,
    next_number,
    templates_in_force,
)
from duban.papers.rules import (
    ADDRESSEE_LENGTH,
    NUMBER_LENGTH,
    PAPER_KIND_LABELS,
    TITLE_LENGTH,
    PaperKind,
    checked_reason,
    takes_scans,
)
from duban.papers.wording import checked_wording, template_kinds


def allot_number(
    jurisdiction_id: int,
    *,
    kind: str,
    year: int,
    by: Actor,
    now: datetime,
    permission: Permission = Permission.PAPER_NUMBER,
) -> int:
    """Return the next number of a place, kind and year; the counter's row is held until the caller's commit.

    permission: what whoever signs or issues must hold.

    Called down by whoever signs or issues, in that transaction, whose event tells of it: what fails leaves no gap.
    Raises NotAllowed.
    """
    require(by, permission, jurisdiction_id=jurisdiction_id)
    place = {"jurisdiction_id": jurisdiction_id, "kind": kind, "year": year}
    NumberCounter.objects.bulk_create([NumberCounter(**place)], ignore_conflicts=True)
    NumberCounter.objects.filter(**place).update(last=F("last") + 1)
    return NumberCounter.objects.values_list("last", flat=True).get(**place)


def freeze_paper(
    subject: models.Model,
    *,
    drawn: Drawn,
    kind: PaperKind,
    plan: Plan,
    title: str,
    addressee: str,
    dated_on: date,
    by: Actor,
    now: datetime,
    units: Iterable[int] = (),
    matters: Iterable[int] = (),
    number: str = "",
    is_late: bool = False,
    permission: Permission = Permission.PAPER_ISSUE,
) -> IssuedPaper:
    """存档: keep a document as it is issued, in the running transaction of whoever issues its subject.

    drawn: already drawn and on the disk, so that only two renames are left to do; they come last.   is_late: drawn from
    what was kept, some time after its issue.   units, matters: ids of whom it is sent to and what it is about.
    permission: what whoever issues its subject must hold.
    Raises NotAllowed, WrongState (somebody else froze this version first).
    """
    require(by, permission, jurisdiction_id=plan.jurisdiction_id)
    about = {"plan": plan, "kind": kind.value, "subject_type": subject._meta.model_name or "", "subject_id": subject.pk}
    Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)  # two of the same thing come one after the other
    last = IssuedPaper.objects.filter(**about).aggregate(Max("version"))["version__max"] or 0
    paper = IssuedPaper.objects.create(
        **about,
        jurisdiction_id=plan.jurisdiction_id,
        version=last + 1,
        title=title[:TITLE_LENGTH],
        number_text=number[:NUMBER_LENGTH],
        addressee=addressee[:ADDRESSEE_LENGTH],
        dated_on=dated_on,
        pdf_digest=drawn.pdf.digest,
        pdf_bytes=drawn.pdf.size_bytes,
        docx_digest=drawn.docx.digest,
        docx_bytes=drawn.docx.size_bytes,
        data=drawn.data,
        is_late=is_late,
        issued_at=now,
        issued_by_name=by.name[:40],
    )
    paper.units.set(units)
    paper.matters.set(matters)
    data = {
        "kind": PAPER_KIND_LABELS[kind],
        "number": number,
        "version": paper.version,
        "pdf": paper.pdf_digest,
        "docx": paper.docx_digest,
        "is_late": is_late,
    }
    record(EventName.PAPER_ISSUED, _about(paper, data), by=by, now=now)
    drawn.pdf.keep()
    drawn.docx.keep()
    return paper


def _about(paper: IssuedPaper, data: Mapping[str, object]) -> Subject:
    return Subject(
        type="issuedpaper",
        id=paper.pk,
        label=str(paper),
        jurisdiction_id=paper.jurisdiction_id,
        data={"title": paper.title, "addressee": paper.addressee, **data},
    )


def issue_assignment(plan: Plan, *, matters: Sequence[Matter], by: Actor, now: datetime) -> IssuedPaper:
    """发交办通知: number a notice of matters handed out, to all units that have a part in them, and freeze it.

    Drawn before anything is locked, see `with_next_number`. Raises NotAllowed, WrongState (the plan is closed), Invalid
    (no matter, one not handed out or of another plan, it cannot be drawn).
    """
    require(by, Permission.MATTER_ASSIGN, jurisdiction_id=plan.jurisdiction_id)
    day = day_of(now)
    if not matters:
        raise Invalid("请选择要写进通知的事项。", field="matter")
    for one in matters:
        if one.plan_id != plan.pk or one.state not in HANDED_OUT:
            raise Invalid(f"{one}还没有交办，不能写进交办通知。", field="matter")

    def attempt() -> IssuedPaper:
        wanted = next_number(plan.jurisdiction_id, kind=PaperKind.ASSIGNMENT, year=day.year)
        data = assignment_notice(plan, matters=matters, number=wanted, on=day, is_draft=False)
        with drawn(data.page(), values=data.content) as page:
            return _issue_assignment(plan, matters=matters, data=data, page=page, by=by, now=now)

    return with_next_number(attempt)


@transaction.atomic
def _issue_assignment(
    plan: Plan, *, matters: Sequence[Matter], data: AssignmentNotice, page: Drawn, by: Actor, now: datetime
) -> IssuedPaper:
    kind, day = PaperKind.ASSIGNMENT, day_of(now)
    hold_open(plan)
    if allot_number(plan.jurisdiction_id, kind=kind, year=day.year, by=by, now=now) != data.number:
        raise NumberTaken
    return freeze_paper(
        plan,
        drawn=page,
        kind=kind,
        plan=plan,
        title=data.content.title,
        addressee=data.addressee,
        dated_on=day,
        units=data.unit_ids,
        matters=[one.pk for one in matters],
        number=data.content.number,
        by=by,
        now=now,
    )


def add_scan(paper: IssuedPaper, *, scan: NewFile, by: Actor, now: datetime, reason: str = "") -> PaperScan:
    """附扫描件: keep the scan of the signed and sealed original beside an issued document.

    A further one does not replace the first: it is a version of its own, with a reason, and the last one holds.
    The file is examined before anything is locked. Raises NotAllowed, Invalid, WrongState (the scanner does not
    answer, this very file stands already, or the plan was closed after the document was issued).
    """
    require(by, Permission.PAPER_ISSUE, jurisdiction_id=paper.jurisdiction_id)
    plan = Plan.objects.select_related("policy").get(pk=paper.plan_id)
    with examined([scan], most_mb=policy_of(plan).evidence.most_mb) as seen:
        return put_scan(paper, seen=seen[0], reason=reason, by=by, now=now)


@transaction.atomic
def put_scan(paper: IssuedPaper, *, seen: Examined, by: Actor, now: datetime, reason: str = "") -> PaperScan:
    """Record an examined scan; see `add_scan`. Raises NotAllowed, Invalid, WrongState."""
    require(by, Permission.PAPER_ISSUE, jurisdiction_id=paper.jurisdiction_id)
    if seen.file is None:
        raise Invalid("请附盖章的扫描件。", field="scan")
    plan = Plan.objects.select_for_update(of=("self",)).get(pk=paper.plan_id)
    if not takes_scans(issued_at=paper.issued_at, plan_closed_at=plan.closed_at):
        raise WrongState(closed_words(plan.year))
    earlier = list(PaperScan.objects.filter(paper=paper).order_by("version"))
    if earlier and earlier[-1].given_digest == seen.given_digest:
        raise WrongState("这份扫描件已经附上，不必重复。")
    why = checked_reason(reason) if earlier else ""
    row = _record_scan(paper, kept_scan(seen), version=len(earlier) + 1, reason=why, by=by, now=now)
    seen.file.keep()
    return row


def take_over_scan(paper: IssuedPaper, *, scan: KeptScan, by: Actor, now: datetime) -> PaperScan:
    """Let a scan that was kept before its document was frozen stand beside it as the first; for the running
    transaction of whoever freezes the document. Raises NotAllowed.
    """
    require(by, Permission.PAPER_ISSUE, jurisdiction_id=paper.jurisdiction_id)
    return _record_scan(paper, scan, version=1, by=by, now=now)


def _record_scan(
    paper: IssuedPaper, scan: KeptScan, *, version: int, by: Actor, now: datetime, reason: str = ""
) -> PaperScan:
    row = PaperScan.objects.create(
        paper=paper, version=version, **asdict(scan), reason=reason, added_at=now, added_by_name=by.name[:40]
    )
    data = {"file_name": row.file_name, "digest": row.digest, "version": row.version, "reason": row.reason}
    record(EventName.PAPER_SCANNED, _about(paper, data), by=by, now=now)
    return row


@transaction.atomic
def adopt_template(
    jurisdiction: Jurisdiction, *, key: str, parts: Mapping[str, str], reason: str, seen: int, by: Actor, now: datetime
) -> Template:
    """启用行文模板: a new version of the wording of a kind; drafts already written keep their words.

    parts: title, opening, demand.   seen: the number of the version the editor saw, 0 for the one shipped.
    Raises NotAllowed, Invalid (an unknown or a missing field, too long, nothing changed), Conflict.
    """
    require(by, Permission.POLICY_EDIT, jurisdiction_id=jurisdiction.pk)
    kind = template_kinds().get(key)
    if kind is None:
        raise Invalid("没有这种行文模板。")
    wording = checked_wording(kind, parts)
    why = checked_reason(reason)
    Jurisdiction.objects.select_for_update().get(pk=jurisdiction.pk)
    last = Template.objects.filter(jurisdiction=jurisdiction, key=key).aggregate(Max("number"))["number__max"] or 0
    standing = templates_in_force(jurisdiction.pk)[key]
    if last != seen:
        raise Conflict("这份模板刚刚被他人修改过，请对照后再保存。", theirs=standing.parts())
    if wording == standing:
        raise Invalid("没有任何改变。")
    row = Template.objects.create(
        jurisdiction=jurisdiction,
        key=key,
        number=last + 1,
        **wording.parts(),
        is_shipped=wording == kind.shipped,
        reason=why,
        adopted_at=now,
        adopted_by_name=by.name[:40],
    )
    before, after = standing.parts(), wording.parts()
    changed = [one for one in after if before[one] != after[one]]
    data = {
        "kind": kind.label,
        "number": row.number,
        "reason": why,
        "before": {one: before[one] for one in changed},
        "after": {one: after[one] for one in changed},
    }
    record(EventName.TEMPLATE_ADOPTED, row, by=by, now=now, data=data, label=f"{kind.label}行文模板第{row.number}版")
    return row
