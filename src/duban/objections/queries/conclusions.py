"""What a unit may object to: conclusions of the office about it, with the day it was told and the last day to file."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from duban.bulletins.models import Citation
from duban.bulletins.rules import BulletinState, Section, number_words
from duban.core.clock import SHANGHAI
from duban.core.errors import NotFound
from duban.lights.models import Override
from duban.matters.models import Assignment, Matter, Plan
from duban.matters.queries import policy_of
from duban.matters.rules import LIGHT_LABELS, Light
from duban.objections.models import Objection
from duban.objections.rules import ABOUT_LENGTH, OVER, Target, last_day
from duban.orgs.models import Unit

_BAD = (Light.YELLOW, Light.RED)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A conclusion about a unit. told_on: when the unit was told; last_on: the last day to object.

    facts: what it says, in words.   light, override: of a light.
    """

    target: Target
    unit: Unit
    plan: Plan
    about: str
    facts: str
    told_on: date
    last_on: date
    matter: Matter | None = None
    light: str = ""
    override: Override | None = None
    citation: Citation | None = None


def conclusion_on_light(matter: Matter, *, unit: Unit) -> Conclusion:
    """Return the light a matter shows as a conclusion about a unit that has a part in it. Two statements at most.

    The matter's plan and policy are joined. Raises NotFound (no yellow or red light, not of this unit).
    """
    shown = matter.light_override or matter.light
    if shown not in _BAD or matter.light_since is None:
        raise NotFound(f"{matter}现在没有黄灯、红灯，没有可以申请复核的灯色。")
    if not Assignment.objects.filter(matter=matter, unit=unit, ended_at=None).exists():
        raise NotFound(f"{unit.name}不在{matter}的责任单位中。")
    override = Override.objects.filter(matter=matter, ended_at=None).first() if matter.light_override else None
    return _light(matter, unit=unit, override=override)


def _light(matter: Matter, *, unit: Unit, override: Override | None) -> Conclusion:
    shown = Light(matter.light_override or matter.light)
    told_on = matter.light_since or matter.starts_on
    facts = f"{told_on.month}月{told_on.day}日起亮{LIGHT_LABELS[shown]}"
    if override is not None:
        told_on = override.made_at.astimezone(SHANGHAI).date()
        facts = f"{told_on.month}月{told_on.day}日督查室改判为{LIGHT_LABELS[shown]}，理由：{override.reason}"
    name = (matter.title or matter.text).rstrip("。")
    verb = "改判的" if override is not None else "亮的"
    return Conclusion(
        target=Target.LIGHT,
        unit=unit,
        plan=matter.plan,
        about=f"{matter}“{_short(name)}”{verb}{LIGHT_LABELS[shown]}"[:ABOUT_LENGTH],
        facts=facts,
        told_on=told_on,
        last_on=last_day(Target.LIGHT, told_on=told_on, policy=policy_of(matter.plan).objections),
        matter=matter,
        light=shown.value,
        override=override,
    )


def _short(name: str, most: int = 40) -> str:
    return name if len(name) <= most else f"{name[:most]}…"


def conclusion_on_citation(citation: Citation) -> Conclusion:
    """Return an entry of an issued bulletin as a conclusion about its unit; its bulletin, plan, policy, matter and unit
    are joined. No statement. Raises NotFound (not issued, left out, withdrawn, praise).
    """
    bulletin = citation.bulletin
    is_standing = bulletin.state == BulletinState.ISSUED and not citation.left_out_reason
    if not is_standing or citation.withdrawn_at is not None or citation.section == Section.PRAISE:
        raise NotFound("没有这一条通报，或者已经撤回，不能申请复核。")
    issue = f"《政务督查》{bulletin.number_year}年{number_words(bulletin.number or 0)}"
    if citation.matter is not None:
        name = (citation.matter.title or citation.matter.text).rstrip("。")
        what = f"{issue}对{citation.matter}“{_short(name)}”的通报"
    else:
        what = f"{issue}对{citation.unit.name}迟报漏报的通报"
    told_on = bulletin.issued_on or bulletin.drafted_on
    return Conclusion(
        target=Target.CITATION,
        unit=citation.unit,
        plan=bulletin.plan,
        about=what[:ABOUT_LENGTH],
        facts=citation.facts,
        told_on=told_on,
        last_on=last_day(Target.CITATION, told_on=told_on, policy=policy_of(bulletin.plan).objections),
        matter=citation.matter,
        citation=citation,
    )


def citation_joined(pk: int) -> Citation:
    """Return an entry with all that `conclusion_on_citation` reads. Raises NotFound."""
    joined = Citation.objects.select_related("bulletin__plan__policy", "bulletin__plan__jurisdiction", "matter", "unit")
    found = joined.filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这一条通报，或者已经撤回，不能申请复核。")
    return found


def conclusions_open_to(unit_ids: Collection[int], *, today: date) -> list[Conclusion]:
    """Return what these units may object to today and have not, what ends soonest first. Four statements.

    Lights of the matters they lead or support, and what issued bulletins say against them.
    """
    earlier = Objection.objects.filter(unit_id__in=unit_ids).exclude(state__in=OVER)
    done = set(earlier.values_list("unit_id", "citation_id", "matter_id", "light", "told_on"))
    found: list[Conclusion] = []
    parts = (
        Assignment.objects.filter(unit_id__in=unit_ids, ended_at=None, matter__light_since__isnull=False)
        .select_related("unit", "matter__plan__policy", "matter__plan__jurisdiction")
        .order_by("matter__plan_id", "matter__order", "matter_id", "pk")
    )
    lit = [one for one in parts if (one.matter.light_override or one.matter.light) in _BAD]
    overridden = [one.matter_id for one in lit if one.matter.light_override]
    overrides = {one.matter_id: one for one in Override.objects.filter(matter__in=overridden, ended_at=None)}
    seen: set[tuple[int, int]] = set()
    for one in lit:
        key = (one.unit_id, one.matter_id)
        if key not in seen:
            seen.add(key)
            found.append(_light(one.matter, unit=one.unit, override=overrides.get(one.matter_id)))
    cited = Citation.objects.filter(
        unit_id__in=unit_ids, bulletin__state=BulletinState.ISSUED, left_out_reason="", withdrawn_at=None
    ).exclude(section=Section.PRAISE)
    joined = cited.select_related("bulletin__plan__policy", "bulletin__plan__jurisdiction", "matter", "unit")
    found += [conclusion_on_citation(one) for one in joined.order_by("bulletin__issued_on", "pk")]
    still = [one for one in found if one.last_on >= today and _key(one) not in done]
    return sorted(still, key=lambda one: one.last_on)


def _key(one: Conclusion) -> tuple[int, int | None, int | None, str, date]:
    citation_id = one.citation.pk if one.citation else None
    return (one.unit.pk, citation_id, one.matter.pk if one.matter else None, one.light, one.told_on)
