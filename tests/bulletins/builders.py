"""A county whose half-year is over: one matter red, one done early, reports missing; and a bulletin about it."""

from datetime import date, datetime

from duban.bulletins.actions import (
    CitationEdit,
    approve_bulletin,
    draft_bulletin,
    edit_citation,
    issue_bulletin,
    present_bulletin,
    show_to_units,
)
from duban.bulletins.models import Bulletin, Citation
from duban.bulletins.rules import BulletinKind, Section
from duban.core.actor import SYSTEM
from duban.lights.actions import tick
from duban.lights.models import Snapshot
from duban.matters.models import Policy
from tests.letters.builders import at, overseen, signer, slow_matter, staff
from tests.matters.builders import World

DRAFTED = at("2020-07-01")
CHECKED = at("2020-07-07")
"""After the three working days that begin on Wednesday 1 July: they end on Monday 6 July."""


def snapshot_on(world: World, day: str) -> Snapshot:
    """Let the night after a day pass, and return the snapshot of it."""
    following = date.fromordinal(date.fromisoformat(day).toordinal() + 1)
    tick(following, by=SYSTEM, now=at(following.isoformat(), 0))
    return Snapshot.objects.select_related("plan__jurisdiction", "policy").get(plan=world.plan, day=day)


def half_year(world: World) -> Snapshot:
    """A matter of 教育局 that nobody worked on and one of 交通局 closed in February; then 30 June is frozen."""
    staff(world)
    staff(world, "交通局")
    slow_matter(world, overseers=overseen(world))
    world.unit("交通局")
    world.closed(text="新建农村公路20公里。", leads=("教育局",), serial="2", due_on=date(2020, 11, 30))
    return snapshot_on(world, "2020-06-30")


def bulletin_of(**narrowed) -> Bulletin:
    return Bulletin.objects.select_related("plan__policy", "plan__jurisdiction", "snapshot__policy", "since").get(
        **narrowed
    )


def drafted(world: World, snapshot: Snapshot | None = None, *, now: datetime = DRAFTED, **more) -> Bulletin:
    given = {"kind": BulletinKind.REGULAR, "by": world.officer, "now": now, **more}
    return bulletin_of(pk=draft_bulletin(snapshot or half_year(world), **given).pk)


def entry(bulletin: Bulletin, section: Section = Section.CRITICISM, **narrowed) -> Citation:
    joined = Citation.objects.select_related("bulletin__plan__policy", "bulletin__snapshot", "matter", "unit")
    return joined.get(bulletin=bulletin, section=section, **narrowed)


def reasoned(world: World, one: Citation, *, now: datetime = DRAFTED, **more) -> Citation:
    """Give an entry a cause and a next step."""
    words = {Section.CRITICISM: "征迁", Section.PRAISE: "责任落实"}
    edit = CitationEdit(
        facts=one.facts, cause=words[Section(one.section)], next_step="9月底前完成交地，随即进场。", **more
    )
    return edit_citation(one, edit=edit, seen=one.bulletin.version, by=world.officer, now=now)


def with_reasons(world: World, bulletin: Bulletin) -> Bulletin:
    for section in (Section.CRITICISM, Section.PRAISE):
        for pk in Citation.objects.filter(bulletin=bulletin, section=section).values_list("pk", flat=True):
            reasoned(world, entry(bulletin, section, pk=pk))
    return bulletin_of(pk=bulletin.pk)


def shown(world: World, bulletin: Bulletin | None = None) -> Bulletin:
    """A bulletin whose entries are whole, with the units to be checked."""
    return show_to_units(with_reasons(world, bulletin or drafted(world)), by=world.officer, now=DRAFTED)


def presented(world: World, bulletin: Bulletin | None = None) -> Bulletin:
    return bulletin_of(pk=present_bulletin(bulletin or shown(world), by=world.officer, now=CHECKED).pk)


def approved(world: World, bulletin: Bulletin | None = None) -> Bulletin:
    bulletin = bulletin or presented(world)
    approve_bulletin(bulletin, by=signer(world, "director"), now=CHECKED)
    return bulletin_of(pk=approve_bulletin(bulletin, by=signer(world, "government_head"), now=CHECKED).pk)


def issued(world: World, bulletin: Bulletin | None = None, **more) -> Bulletin:
    given = {"by": world.officer, "now": CHECKED, **more}
    return bulletin_of(pk=issue_bulletin(bulletin or approved(world), **given).pk)


def set_policy(world: World, **changes) -> None:
    """Let the plan follow other figures of the bulletins."""
    figures = {**world.plan.policy.values()}
    figures["bulletins"] = figures["bulletins"] | changes
    Policy.objects.filter(pk=world.plan.policy_id).update(figures=figures)
    world.plan.policy.refresh_from_db()
