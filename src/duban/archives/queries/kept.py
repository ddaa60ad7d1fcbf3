"""The archives and closings that stand; and whether a final archive still tells all of its year."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q, QuerySet

from duban.archives.models import Archive, PlanClosing
from duban.archives.queries.tables import trail_of
from duban.archives.rules import ArchiveState, archive_name, changes_words
from duban.audit.rules import EVENT_LABELS
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.files import path_of
from duban.core.text import date_text
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
    return archive_name(place, year=archive.plan.year, edition=archive.edition, as_of=day)


def final_archive(plan: Plan) -> Archive | None:
    """Return the last edition of a closed plan's archive, None before the first. One statement."""
    found = Archive.objects.filter(plan=plan, edition__isnull=False).select_related("plan__jurisdiction")
    return found.order_by("-edition").first()


def why_again(archive: Archive, *, trail: Mapping[str, int] | None = None) -> str:
    """Return in words why a final archive does not tell all any more; empty where it does, and is not written anew.

    trail: of its plan as it stands, counted where it is not given.   What only tells that somebody read a paper or
    took a list away is no reason: that stands in the audit, not in the year.
    """
    parts = []
    if not archive.trail:
        parts.append("上一版没有记下含哪些记录")
    elif changed := changes_words(archive.trail, trail_of(archive.plan) if trail is None else trail, _LABELS):
        parts.append(f"上一版以后：{changed}")
    if archive.missing:
        parts.append(f"上一版缺 {len(archive.missing)} 个文件")
    if not _is_kept(archive):
        parts.append("上一版的文件不在数据目录中")
    return "；".join(parts)


_LABELS = {name.value: label for name, label in EVENT_LABELS.items()}


def _is_kept(archive: Archive) -> bool:
    """Return whether the file stands there in its size; its digest is held against it when it is taken."""
    path = path_of(archive.digest)
    return path.is_file() and path.stat().st_size == archive.size_bytes


def edition_words(archive: Archive) -> str:
    """Return “2020年度档案第1版已于2021年1月31日写成” of a final archive."""
    day = date_text(day_of(archive.written_at or archive.asked_at))
    return f"{archive}第{archive.edition}版已于{day}写成"
