"""A bulletin and its entries as somebody sees them, and who may approve it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q

from duban.access.rules import OFFICE_ROLES
from duban.bulletins.models import Bulletin, BulletinQuerySet, Citation, Correction, UnitCheck
from duban.bulletins.rules import (
    Approving,
    BulletinState,
    Entry,
    Section,
    approvals_needed,
)
from duban.core.actor import Actor
from duban.core.errors import NotFound
from duban.matters.models import Matter, Plan
from duban.matters.queries import policy_of


def bulletins_for(actor: Actor) -> BulletinQuerySet:
    """Return the bulletins this actor may read whole, the latest first, joined. One statement."""
    joined = Bulletin.objects.visible_to(actor).select_related(
        "plan__policy", "plan__jurisdiction", "snapshot__policy", "since"
    )
    return joined.order_by("-drafted_at", "-pk")


def bulletin_for(actor: Actor, pk: int) -> Bulletin:
    """Return a bulletin this actor may read whole. Raises NotFound."""
    found = bulletins_for(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这期通报，或者您无权查看。")
    return found


def bulletin_to_check(actor: Actor, pk: int) -> Bulletin:
    """Return a bulletin of which the actor may see own entries before it is issued, or that the actor may read.

    Raises NotFound.
    """
    seen = Bulletin.objects.filter(
        Q(pk__in=Bulletin.objects.visible_to(actor).values("pk"))
        | Q(pk__in=Bulletin.objects.shown_to(actor).values("pk"))
    )
    found = seen.select_related("plan__policy", "plan__jurisdiction", "snapshot__policy").filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这期通报，或者您无权查看。")
    return found


def entries_of(bulletin: Bulletin, *, is_whole: bool = False) -> list[Citation]:
    """Return the entries of a bulletin in order, joined, each with its `notes`: the corrections. Two statements.

    is_whole: also those left out.
    """
    found = Citation.objects.filter(bulletin=bulletin)
    if not is_whole:
        found = found.filter(left_out_reason="")
    notes = Prefetch("corrections", queryset=Correction.objects.order_by("number"), to_attr="notes")
    joined = found.select_related("matter", "unit").prefetch_related(notes)
    order = {section: place for place, section in enumerate(Section)}
    rows = joined.order_by("matter__order", "matter_id", "unit__order", "pk")
    return sorted(rows, key=lambda one: order[Section(one.section)])


def checks_of(bulletin: Bulletin) -> list[UnitCheck]:
    """Return the units that were shown their entries, in their order. One statement."""
    return list(UnitCheck.objects.filter(bulletin=bulletin).select_related("unit").order_by("unit__order", "unit_id"))


def entry_of(one: Citation) -> Entry:
    """Return an entry as `rules.incomplete` looks at it."""
    name = f"{one.matter}（{one.unit.name}）" if one.matter is not None else one.unit.name
    return Entry(Section(one.section), name, one.cause, one.next_step)


def is_of_office(actor: Actor, bulletin: Bulletin) -> bool:
    """Return whether the actor is of the office of a bulletin's place."""
    return any(one.jurisdiction_id in (None, bulletin.jurisdiction_id) for one in actor.holds(*OFFICE_ROLES))


def approvals_of(bulletin: Bulletin) -> dict[Approving, str]:
    """Return what of a presented bulletin is to be approved, and the role that does. Its plan's policy is joined."""
    sections = [Section(one["section"]) for one in (bulletin.frozen or {}).get("entries", [])]
    return approvals_needed(sections, policy_of(bulletin.plan).bulletins)


def may_approve(actor: Actor, bulletin: Bulletin) -> list[Approving]:
    """Return what of a presented bulletin this actor may approve and nobody has yet; nobody approves for another."""
    done = {
        Approving.FACTS: bulletin.facts_approved_at is not None,
        Approving.JUDGEMENT: bulletin.judgement_approved_at is not None,
    }
    return [
        what
        for what, role in approvals_of(bulletin).items()
        if not done[what] and any(one.jurisdiction_id in (None, bulletin.jurisdiction_id) for one in actor.holds(role))
    ]


@dataclass(frozen=True, slots=True)
class Named:
    """A matter that an issued bulletin named: “在第 N 期通报中点名”."""

    matter_id: int
    unit_id: int
    section: Section
    number_year: int
    number: int
    issued_on: date


def named_in_bulletins(plan: Plan, *, sections: Collection[Section] = (Section.CRITICISM,)) -> list[Named]:
    """Return the matters of a plan that issued bulletins named, the earliest issue first. One statement.

    What a review withdrew is left out. Criticised matters enter the year-end verification by themselves.
    Source: docs/sources.md#bulletins
    """
    cited = (
        Citation.objects.filter(
            bulletin__plan=plan,
            bulletin__state=BulletinState.ISSUED,
            section__in=list(sections),
            left_out_reason="",
            withdrawn_at=None,
            matter__isnull=False,
        )
        .select_related("bulletin")
        .defer("figures", "facts", "next_step", "bulletin__frozen")
    )
    return [
        Named(
            matter_id=one.matter_id or 0,
            unit_id=one.unit_id,
            section=Section(one.section),
            number_year=one.bulletin.number_year or 0,
            number=one.bulletin.number or 0,
            issued_on=one.bulletin.issued_on or one.bulletin.drafted_on,
        )
        for one in cited.order_by("bulletin__total_number", "matter__order", "pk")
    ]


def bulletins_naming(actor: Actor, matter: Matter) -> list[Citation]:
    """Return the entries about a matter in issued bulletins this actor may read, the latest first, those withdrawn
    too. One statement."""
    seen = Bulletin.objects.visible_to(actor).filter(state=BulletinState.ISSUED)
    found = Citation.objects.filter(matter=matter, bulletin__in=seen, left_out_reason="")
    return list(found.select_related("bulletin", "unit").order_by("-bulletin__issued_at", "-pk"))
