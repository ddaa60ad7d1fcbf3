"""Reads of requests for changes that several doors share, already joined."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from duban.changes.models import ChangeRequest
from duban.changes.rules import RequestState, cap_text, decide_by
from duban.core.actor import Actor
from duban.core.errors import NotFound
from duban.matters.models import Assignment, Matter, MatterChange, Plan
from duban.matters.queries import policy_of
from duban.matters.rules import OPEN_STATES, ChangeKind, Part
from duban.progress.models import Progress
from duban.progress.rules import pct_text


def lead_parts(matter: Matter) -> list[Assignment]:
    """Return the leads of a matter, the one that merges first, units joined."""
    parts = Assignment.objects.filter(matter=matter, part=Part.LEAD, ended_at=None).select_related("unit")
    return list(parts.order_by("-is_merging", "order", "pk"))


def requests_on(actor: Actor, matter: Matter) -> list[ChangeRequest]:
    """Return the requests on a matter as this actor may see them, the latest first. One statement."""
    found = ChangeRequest.objects.visible_to(actor).filter(matter=matter).select_related("unit", "matter__plan__policy")
    return list(found.order_by("-asked_at", "-pk"))


def request_for(actor: Actor, pk: int) -> ChangeRequest:
    """Return a request this actor may see on a matter the actor may see, all joined. Raises NotFound."""
    found = ChangeRequest.objects.visible_to(actor).select_related("unit", "matter__plan__policy")
    seen = Matter.objects.visible_to(actor)
    one = found.filter(pk=pk, matter__in=seen).first()
    if one is None:
        raise NotFound("没有这份变更申请，或者您无权查看。")
    return one


def open_requests(actor: Actor) -> QuerySet[ChangeRequest]:
    """Return what waits for the office's decision, the earliest first, joined."""
    found = ChangeRequest.objects.visible_to(actor).open().filter(matter__state__in=OPEN_STATES)
    return found.select_related("unit", "matter__plan__policy").order_by("asked_on", "pk")


def refused_since(actor: Actor, *, since: datetime) -> QuerySet[ChangeRequest]:
    """Return what was refused since then and not asked for again, on matters still open, joined."""
    again = ChangeRequest.objects.filter(matter=OuterRef("matter"), kind=OuterRef("kind"), pk__gt=OuterRef("pk"))
    found = ChangeRequest.objects.visible_to(actor).filter(~Exists(again), matter__state__in=OPEN_STATES)
    refused = found.filter(state=RequestState.REFUSED, decided_at__gte=since)
    return refused.select_related("unit", "matter__plan__policy").order_by("decided_at", "pk")


def decision_day(request: ChangeRequest) -> date:
    """Return by when the office decides. The matter's plan and policy are joined."""
    return decide_by(request.asked_on, decide_workdays=policy_of(request.matter.plan).changes.decide_workdays)


@dataclass(frozen=True, slots=True)
class Extensions:
    """How often a matter was extended on its own account, and how often it may be."""

    taken: int
    most: int

    @property
    def is_used_up(self) -> bool:
        """Whether no further extension is possible; those in bulk do not count."""
        return self.taken >= self.most

    @property
    def text(self) -> str:
        """The same in words."""
        return cap_text(taken=self.taken, most=self.most)


def extensions_of(matter: Matter) -> Extensions:
    """Return how often a matter was extended. Its plan and policy are joined; one statement."""
    taken = MatterChange.objects.filter(matter=matter, kind=ChangeKind.EXTEND, is_bulk=False).count()
    return Extensions(taken=taken, most=policy_of(matter.plan).changes.extensions_most)


def progress_proposal(matter: Matter, *, unit_id: int) -> str:
    """Return what a unit said last of a matter, as the progress so far of its request; empty where it said nothing."""
    entry = (
        Progress.objects.filter(Q(pct__isnull=False) | ~Q(sentence=""), matter=matter, unit_id=unit_id)
        .order_by("-effective_on", "-pk")
        .first()
    )
    if entry is None:
        return ""
    parts = [f"截至{entry.effective_on.month}月{entry.effective_on.day}日"]
    parts += [f"完成 {pct_text(entry.pct)}"] if entry.pct is not None else []
    said = "，".join(parts)
    return f"{said}。{entry.sentence}" if entry.sentence else f"{said}。"


def later_plans(matter: Matter) -> list[Plan]:
    """Return the plans a matter may be carried over to, the next year's first."""
    plans = Plan.objects.filter(jurisdiction=matter.jurisdiction_id, year__gt=matter.plan.year)
    return list(plans.order_by("year", "pk"))
