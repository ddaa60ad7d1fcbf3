"""The archives and closings that stand."""

from datetime import datetime

from django.db.models import Q, QuerySet

from duban.archives.models import Archive, PlanClosing
from duban.archives.rules import ArchiveState, archive_name
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.matters.models import Plan


def archives_for(actor: Actor) -> QuerySet[Archive]:
    """Return the archives this actor may take, the latest first, plans and places joined."""
    found = Archive.objects.visible_to(actor).select_related("plan__jurisdiction", "jurisdiction")
    return found.order_by("-asked_at", "-pk")


def closings_of(plan: Plan) -> QuerySet[PlanClosing]:
    """Return how a plan was closed and opened again, the latest first, approvals joined."""
    return PlanClosing.objects.filter(plan=plan).select_related("approval", "reopened_approval").order_by("-number")


def waiting_archives(*, real: datetime) -> QuerySet[Archive]:
    """Return what a worker may write: asked for, or left by a worker that is taken for dead; the first asked first."""
    dead = Q(state=ArchiveState.WRITING, lease_until__lt=real)
    return Archive.objects.filter(Q(state=ArchiveState.ASKED) | dead).order_by("asked_at", "pk")


def name_of(archive: Archive) -> str:
    """Return how the file of an archive is called when it is taken."""
    day = day_of(archive.written_at or archive.asked_at)
    place = archive.plan.jurisdiction.short_name
    return archive_name(place, year=archive.plan.year, is_final=archive.is_final, as_of=day)
