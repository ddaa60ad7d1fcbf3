"""Reads of issued documents that several doors and the rooms above share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from django.db import models

from duban.core.actor import Actor
from duban.core.errors import Invalid, NotFound
from duban.core.files import opened
from duban.documents.kinds.assignment_notice import AssignmentNoticeData
from duban.documents.kinds.assignment_notice import paper_of as paper_of_assignment
from duban.documents.paper import DocumentError, Paper
from duban.documents.wording import Addressee, Rank, listed
from duban.matters.models import Assignment, Matter, Plan
from duban.matters.queries import duty_table, ledger_rows, plan_contact, policy_of
from duban.matters.rules import State
from duban.orgs.models import Unit
from duban.orgs.rules import UnitType
from duban.papers.models import IssuedPaper, IssuedPaperQuerySet, NumberCounter, PaperScan, Template
from duban.papers.rules import ASSIGNMENT_WORD, Format, PaperKind, number_text
from duban.papers.wording import Wording, filled, template_kinds


def papers_of(kind: PaperKind, *, subject_type: str, subject_ids: Iterable[int]) -> dict[int, IssuedPaper]:
    """Return the last document issued of each of these things, by the thing's number, plans joined. One statement.

    The caller has seen that the reader may see the things.
    """
    found = IssuedPaper.objects.filter(kind=kind, subject_type=subject_type, subject_id__in=list(subject_ids))
    found = found.select_related("plan")
    return {one.subject_id: one for one in found.order_by("version")}


def paper_of(kind: PaperKind, subject: models.Model) -> IssuedPaper | None:
    """Return the last document issued of a thing, or None. One statement."""
    return papers_of(kind, subject_type=subject._meta.model_name or "", subject_ids=[subject.pk]).get(subject.pk)


def scans_of(paper: IssuedPaper) -> list[PaperScan]:
    """Return the scans of a document, the one that holds first."""
    return list(PaperScan.objects.filter(paper=paper).order_by("-version"))


def digest_of_paper(paper: IssuedPaper, form: Format) -> str:
    """Return the digest of one of a document's two files."""
    return paper.pdf_digest if form is Format.PDF else paper.docx_digest


def opened_paper(paper: IssuedPaper, form: Format) -> BinaryIO:
    """Return a document's file, open at its start, byte for byte as it was issued.

    Raises NotFound where it is gone or no longer the same: it is never drawn anew in silence.
    """
    try:
        return opened(digest_of_paper(paper, form))
    except NotFound as error:
        raise NotFound(f"{paper}的存档文件不在数据目录中，或者与发出时不一致，没有给出。请从备份中恢复。") from error


def papers_for(actor: Actor) -> IssuedPaperQuerySet:
    """Return the documents this actor may see, the latest first, their plans joined."""
    return IssuedPaper.objects.visible_to(actor).select_related("plan").order_by("-issued_at", "-pk")


def paper_for(actor: Actor, pk: int) -> IssuedPaper:
    """Return a document this actor may see. Raises NotFound."""
    found = papers_for(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这份公文，或者您无权查看。")
    return found


def next_number(jurisdiction_id: int, *, kind: str, year: int) -> int:
    """Return the number that would be allotted now; somebody else may take it first."""
    found = NumberCounter.objects.filter(jurisdiction=jurisdiction_id, kind=kind, year=year)
    return (found.values_list("last", flat=True).first() or 0) + 1


# ---- 交办通知


HANDED_OUT = (State.ASSIGNED, State.IN_PROGRESS, State.CLOSING)
"""Matters a notice may hand out: those that are in somebody's hands."""

_RANKS = {
    UnitType.TOWN: Rank.TOWN,
    UnitType.DEPARTMENT: Rank.DEPARTMENT,
    UnitType.VERTICAL: Rank.VERTICAL,
    UnitType.ENTERPRISE: Rank.ENTERPRISE,
    UnitType.PARTY: Rank.PARTY,
    UnitType.MASS: Rank.MASS,
    UnitType.MILITARY: Rank.MILITARY,
}


@dataclass(frozen=True, slots=True)
class AssignmentNotice:
    """A 交办通知 as it is to be drawn. addressee: the first units it goes to, in a few words."""

    content: AssignmentNoticeData
    number: int
    addressee: str
    unit_ids: tuple[int, ...]

    def page(self) -> Paper:
        """Return it as a page. Raises Invalid where there is nothing to draw."""
        try:
            return paper_of_assignment(self.content)
        except DocumentError as error:
            raise Invalid(str(error)) from error


def assignment_notice(
    plan: Plan, *, matters: Sequence[Matter], number: int, on: date, is_draft: bool
) -> AssignmentNotice:
    """Return the notice that hands out these matters to all units that have a part in them, in protocol order.

    number: of the register; a draft shows none. Policy and place of the plan are joined.
    """
    parts = Assignment.objects.filter(matter__in=[one.pk for one in matters], ended_at=None)
    units = list(Unit.objects.filter(pk__in=parts.values("unit_id")).order_by("order", "pk"))
    wording = filled(
        templates_in_force(plan.jurisdiction_id)["assignment"],
        {
            "年度": str(plan.year),
            "事项数": str(len(matters)),
            "签收天数": str(policy_of(plan).assigning.acknowledge_workdays),
        },
    )
    rows = ledger_rows([one.pk for one in matters], today=on)
    place = plan.jurisdiction
    printed = number_text(ASSIGNMENT_WORD, number=number, year=on.year, short_name=place.short_name)
    content = AssignmentNoticeData(
        issuer=f"{place.name}人民政府办公室",
        number="" if is_draft else printed,
        title=wording.title,
        recipients=tuple(
            Addressee(one.full_name or one.name, _RANKS.get(UnitType(one.unit_type), Rank.OTHER)) for one in units
        ),
        opening=wording.opening,
        sections=(),
        table=duty_table(plan, rows),
        ending=wording.demand,
        signed_on=None if is_draft else on,
        contact=plan_contact(plan),
        names=tuple(one.name for one in units),
        is_draft=is_draft,
    )
    names = listed([one.name for one in units], most=3, measure="个单位")
    return AssignmentNotice(content, number, names, tuple(one.pk for one in units))


def matters_to_notify(plan: Plan) -> list[tuple[Matter, bool]]:
    """Return the matters of a plan that are handed out, and of each whether a notice told of it; in the plan's order.

    Two statements.
    """
    told = set(
        IssuedPaper.matters.through.objects.filter(
            issuedpaper__kind=PaperKind.ASSIGNMENT, issuedpaper__plan=plan
        ).values_list("matter_id", flat=True)
    )
    handed_out = Matter.objects.filter(plan=plan, state__in=HANDED_OUT, parent=None).order_by("order", "pk")
    return [(one, one.pk in told) for one in handed_out]


# ---- wording


def templates_in_force(jurisdiction_id: int) -> Mapping[str, Wording]:
    """Return the wording in force in a place, of every kind of template, by its key. One statement."""
    found = {key: one.shipped for key, one in template_kinds().items()}
    for one in Template.objects.filter(jurisdiction=jurisdiction_id).order_by("number"):
        if one.key in found:
            found[one.key] = Wording(one.title, one.opening, one.demand)
    return found


def template_versions(jurisdiction_id: int, key: str) -> list[Template]:
    """Return the versions of one template that a place adopted, the last first. One statement."""
    return list(Template.objects.filter(jurisdiction=jurisdiction_id, key=key).order_by("-number"))
