"""Objections as somebody sees them, what waits, and the decisions shown beside what they were about."""

from collections.abc import Iterable

from duban.access.rules import Permission, acting_with
from duban.core.actor import Actor
from duban.core.errors import NotFound
from duban.matters.models import Matter
from duban.objections.models import Objection, ObjectionQuerySet
from duban.objections.rules import AT_OFFICE, ObjectionState, Target
from duban.papers.models import IssuedPaper
from duban.papers.queries import papers_of
from duban.papers.rules import PaperKind

JOINED = (
    "unit", "matter", "plan__policy", "plan__jurisdiction", "citation__bulletin", "override",
    "visit_item__visit", "sheet__evaluation",
)  # fmt: skip
"""What everything that reads an objection needs of it."""


def objections_for(actor: Actor) -> ObjectionQuerySet:
    """Return the objections this actor may see, joined, what is to be decided soonest first. One statement."""
    return Objection.objects.visible_to(actor).select_related(*JOINED).order_by("decide_by", "written_at", "pk")


def objection_for(actor: Actor, pk: int) -> Objection:
    """Return an objection this actor may see, joined. Raises NotFound."""
    found = objections_for(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这份复核申请，或者您无权查看。")
    return found


def at_office(actor: Actor) -> ObjectionQuerySet:
    """Return what the office owes a decision on, of those the actor sees by the office's rights, soonest first."""
    seen = acting_with(actor, Permission.OBJECTION_DECIDE)
    return objections_for(seen).at_office()


def to_sign(actor: Actor) -> ObjectionQuerySet:
    """Return what waits in the actor's units for the signature of deputy or head, joined."""
    units = {unit_id for one in acting_with(actor, Permission.OBJECTION_SIGN).held for unit_id in one.unit_ids}
    return objections_for(actor).filter(state=ObjectionState.WRITTEN, unit_id__in=units)


def named_to_decide(actor: Actor) -> ObjectionQuerySet:
    """Return what the actor was expressly named to decide and has not, joined."""
    if actor.account_id is None:
        return objections_for(actor).none()
    return objections_for(actor).filter(state__in=AT_OFFICE, reviewer_account_id=actor.account_id)


def objections_on_matter(actor: Actor, matter: Matter) -> list[Objection]:
    """Return the objections about a matter as this actor may see them, the latest first. One statement."""
    return list(objections_for(actor).filter(matter=matter).order_by("-written_at", "-pk"))


def objections_on_citations(actor: Actor, citation_ids: Iterable[int]) -> dict[int, Objection]:
    """Return the standing objection to each of these entries, by the entry's id. One statement."""
    found = objections_for(actor).filter(target=Target.CITATION, citation_id__in=list(citation_ids))
    found = found.exclude(state=ObjectionState.WITHDRAWN).order_by("written_at", "pk")
    return {one.citation_id: one for one in found if one.citation_id is not None}


def review_papers(objections: Iterable[Objection]) -> dict[int, IssuedPaper]:
    """Return the frozen decisions, by the objection's id. One statement."""
    return papers_of(PaperKind.REVIEW, subject_type="objection", subject_ids=[one.pk for one in objections])
