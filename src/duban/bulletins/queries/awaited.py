"""What of bulletins waits: at the office on a morning, and for units that may check their entries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from duban.access.rules import OFFICE_ROLES, WHOLE_UNIT_ROLES
from duban.bulletins.models import Bulletin, Citation, Correction, UnitCheck
from duban.bulletins.queries.issues import may_approve
from duban.bulletins.rules import (
    LIVE,
    BulletinKind,
    BulletinState,
)
from duban.core.actor import Actor
from duban.lights.models import Snapshot
from duban.matters.models import Plan


@dataclass(frozen=True, slots=True)
class Morning:
    """What of bulletins waits on a morning.

    snapshots: half-year ones without a bulletin.   to_decide: (bulletin, corrections nobody decided).   to_present:
    whose units had their time.   to_approve: those the reader approves.   to_issue: approved.
    """

    snapshots: list[Snapshot] = field(default_factory=list)
    to_decide: list[tuple[Bulletin, int]] = field(default_factory=list)
    to_present: list[Bulletin] = field(default_factory=list)
    to_approve: list[Bulletin] = field(default_factory=list)
    to_issue: list[Bulletin] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many things wait."""
        return sum(len(getattr(self, one)) for one in Morning.__dataclass_fields__)


def morning_of(actor: Actor, plans: Sequence[Plan], *, today: date) -> Morning:
    """Return what of these plans' bulletins waits for the reader today. Two statements, two more while units check.

    plans: joined with their policies and places.   A snapshot is only reminded of: nothing is drafted by itself
    (《政府督查工作条例》第二十一条).
    """
    places = {one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)}
    plans = [one for one in plans if places & {None, one.jurisdiction_id}]
    if not plans:
        return Morning()
    live = list(
        Bulletin.objects.filter(plan__in=plans, state__in=LIVE)
        .select_related("snapshot", "plan__policy", "plan__jurisdiction")
        .order_by("drafted_at", "pk")
    )
    found = Morning(snapshots=awaiting_snapshots(plans, today=today))
    checking = [one for one in live if one.state == BulletinState.CORRECTING]
    undecided: dict[int, int] = defaultdict(int)
    waited: dict[int, bool] = {}
    if checking:
        open_notes = Correction.objects.filter(
            citation__bulletin__in=checking, citation__left_out_reason="", accepted_at=None, declined_at=None
        )
        for pk in open_notes.values_list("citation__bulletin_id", flat=True):
            undecided[pk] += 1
        waited = units_waited_for(checking, today=today)
    for one in live:
        if one.state == BulletinState.CORRECTING:
            if undecided[one.pk]:
                found.to_decide.append((one, undecided[one.pk]))
            elif not waited[one.pk]:
                found.to_present.append(one)
        elif one.state == BulletinState.PRESENTED and may_approve(actor, one):
            found.to_approve.append(one)
        elif one.state == BulletinState.APPROVED:
            found.to_issue.append(one)
    return found


def awaiting_snapshots(plans: Sequence[Plan], *, today: date) -> list[Snapshot]:
    """Return the last half-year snapshot of each open plan of this year and the last, where it has no bulletin.

    One statement.
    """
    recent = [one for one in plans if one.year >= today.year - 1 and one.closed_at is None]
    has = Bulletin.objects.filter(snapshot=OuterRef("pk"), kind=BulletinKind.REGULAR)
    has = has.exclude(state=BulletinState.DROPPED)
    found = Snapshot.objects.filter(plan__in=recent, is_half_year=True).annotate(has_bulletin=Exists(has))
    last = {one.plan_id: one for one in found.select_related("plan").order_by("day", "pk")}
    return [one for one in last.values() if not one.has_bulletin]


def units_waited_for(bulletins: Sequence[Bulletin], *, today: date) -> dict[int, bool]:
    """Return of bulletins whether a unit still has time to check its entries. One statement."""
    cited = Citation.objects.filter(bulletin=OuterRef("bulletin"), unit=OuterRef("unit"), left_out_reason="")
    waiting = UnitCheck.objects.filter(Exists(cited), bulletin__in=bulletins, answered_at=None, until__gte=today)
    open_ = set(waiting.values_list("bulletin_id", flat=True))
    return {one.pk: one.pk in open_ for one in bulletins}


def checks_open_to(actor: Actor, *, today: date) -> QuerySet[UnitCheck]:
    """Return what the actor's units may check now, the soonest to end first, joined."""
    units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
    cited = Citation.objects.filter(bulletin=OuterRef("bulletin"), unit=OuterRef("unit"), left_out_reason="")
    found = UnitCheck.objects.filter(
        Exists(cited), unit_id__in=units, bulletin__state=BulletinState.CORRECTING, answered_at=None, until__gte=today
    )
    return found.select_related("bulletin", "unit").order_by("until", "pk")
