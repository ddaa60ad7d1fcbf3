"""What a unit may object to: conclusions of the office about it, with the day it was told and the last day to file."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Subquery

from duban.bulletins.models import Citation
from duban.bulletins.rules import BulletinState, Section, number_words
from duban.core.clock import day_of
from duban.core.errors import NotFound
from duban.evaluation.models import ScoreSheet
from duban.evaluation.queries import data_of
from duban.evaluation.rules import FROZEN, Fact
from duban.lights.models import Override
from duban.matters.models import Assignment, Matter, Plan
from duban.matters.queries import policy_of
from duban.matters.rules import LIGHT_LABELS, Light, matter_name
from duban.objections.models import Objection
from duban.objections.rules import ABOUT_LENGTH, OVER, Target, last_day
from duban.orgs.models import Unit
from duban.visits.models import Finding, VisitItem
from duban.visits.rules import RESULT_LABELS, SEEN_BY_UNITS, VISIT_KIND_LABELS, Result, VisitKind

_BAD = (Light.YELLOW, Light.RED)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A conclusion about a unit. told_on: when the unit was told; last_on: the last day to object.

    facts: what it says, in words.   light, override: of a light.   first_on: the earliest day of a paper against it,
    where what it says was told before: a corrected sheet.
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
    visit_item: VisitItem | None = None
    sheet: ScoreSheet | None = None
    first_on: date | None = None


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
        told_on = day_of(override.made_at)
        facts = f"{told_on.month}月{told_on.day}日督查室改判为{LIGHT_LABELS[shown]}，理由：{override.reason}"
    verb = "改判的" if override is not None else "亮的"
    return Conclusion(
        target=Target.LIGHT,
        unit=unit,
        plan=matter.plan,
        about=f"{_named(matter)}{verb}{LIGHT_LABELS[shown]}"[:ABOUT_LENGTH],
        facts=facts,
        told_on=told_on,
        last_on=last_day(Target.LIGHT, told_on=told_on, policy=policy_of(matter.plan).objections),
        matter=matter,
        light=shown.value,
        override=override,
    )


def _named(matter: Matter) -> str:
    return matter_name(serial=matter.serial, heading=matter.title or matter.text, most=40)


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
        what = f"{issue}对{_named(citation.matter)}的通报"
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


def conclusion_on_verification(item: VisitItem) -> Conclusion:
    """Return the result of a verified matter as a conclusion about its unit; its visit, plan, policy, matter and unit
    are joined. One statement. Raises NotFound (not confirmed, or found true).
    """
    visit = item.visit
    if visit.state not in SEEN_BY_UNITS or item.result in ("", Result.TRUE) or visit.confirmed_at is None:
        raise NotFound("这一项没有认定，或者认定属实，不能申请复核。")
    last = Finding.objects.filter(item=item).order_by("number").last()
    told_on = day_of(last.made_at if last is not None else visit.confirmed_at)
    return _verification(item, told_on=told_on, words=last.words if last is not None else "")


def _verification(item: VisitItem, *, told_on: date, words: str) -> Conclusion:
    visit, result = item.visit, RESULT_LABELS[Result(item.result)]
    return Conclusion(
        target=Target.VERIFICATION,
        unit=item.unit,
        plan=visit.plan,
        about=f"{VISIT_KIND_LABELS[VisitKind(visit.kind)]}对{_named(item.matter)}认定“{result}”"[:ABOUT_LENGTH],
        facts=words,
        told_on=told_on,
        last_on=last_day(Target.VERIFICATION, told_on=told_on, policy=policy_of(visit.plan).objections),
        matter=item.matter,
        visit_item=item,
    )


def item_joined(pk: int) -> VisitItem:
    """Return a verified matter with all that `conclusion_on_verification` reads. Raises NotFound."""
    joined = VisitItem.objects.select_related("visit__plan__policy", "visit__plan__jurisdiction", "matter", "unit")
    found = joined.filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这项核验，或者您无权查看。")
    return found


def conclusion_on_score(sheet: ScoreSheet) -> Conclusion:
    """Return a unit's score sheet as a conclusion about it; its evaluation, plan, policy and unit are joined. No
    statement. Raises NotFound (not shown to units, not the current one).

    One that was confirmed meanwhile as well: a paper that came in time may be entered later.
    """
    evaluation = sheet.evaluation
    if evaluation.state not in FROZEN or evaluation.shown_on is None or not sheet.is_current:
        raise NotFound("这张考评表没有送单位核对，或者已经更正，不能申请复核。")
    score = f"得分 {sheet.score}" if sheet.score is not None else "列出的事实"
    has_own_time = sheet.objections_until != evaluation.objections_until
    return Conclusion(
        target=Target.SCORE,
        unit=sheet.unit,
        plan=evaluation.plan,
        about=f"{evaluation.title}中{sheet.unit.name}的考评表"[:ABOUT_LENGTH],
        facts=f"{score}，更正：{sheet.reason}" if sheet.reason else score,
        told_on=day_of(sheet.made_at) if has_own_time else evaluation.shown_on,
        first_on=evaluation.shown_on,
        last_on=sheet.objections_until,
        sheet=sheet,
    )


def sheet_joined(pk: int) -> ScoreSheet:
    """Return a score sheet with all that `conclusion_on_score` reads. Raises NotFound."""
    joined = ScoreSheet.objects.select_related("evaluation__plan__policy", "evaluation__plan__jurisdiction", "unit")
    found = joined.filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这张考评表，或者您无权查看。")
    return found


def current_sheet(objection: Objection) -> ScoreSheet | None:
    """Return the sheet that stands of an objection to a score, joined; None for any other. One statement, or none."""
    if objection.sheet is None:
        return None
    current = ScoreSheet.objects.filter(
        evaluation=objection.sheet.evaluation_id, unit=objection.sheet.unit_id, is_current=True
    )
    return current.select_related("evaluation__plan__policy", "evaluation__policy", "unit").first()


def score_facts(objection: Objection) -> list[Fact]:
    """Return the facts of the sheet that stands of an objection to a score; empty for any other."""
    sheet = current_sheet(objection)
    return list(data_of(sheet).unit.facts) if sheet is not None else []


def conclusions_open_to(unit_ids: Collection[int], *, today: date) -> list[Conclusion]:
    """Return what these units may object to on a day and have not, what ends soonest first. Seven statements.

    Lights of the matters they lead or support, what issued bulletins say against them, what visits found otherwise than
    they said, the score sheets they were shown.
    """
    earlier = Objection.objects.filter(unit_id__in=unit_ids).exclude(state__in=OVER)
    columns = ("unit_id", "citation_id", "visit_item_id", "sheet_id", "matter_id", "light", "told_on")
    done = set(earlier.values_list(*columns))
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
    items = VisitItem.objects.filter(unit_id__in=unit_ids, visit__state__in=SEEN_BY_UNITS)
    items = items.exclude(result__in=["", Result.TRUE])
    last = Finding.objects.filter(item=OuterRef("pk")).order_by("-number")
    items = items.annotate(told_at=Subquery(last.values("made_at")[:1]), found=Subquery(last.values("words")[:1]))
    joined_items = items.select_related("visit__plan__policy", "visit__plan__jurisdiction", "matter", "unit")
    found += [
        _verification(one, told_on=day_of(one.told_at), words=one.found or "")
        for one in joined_items.order_by("visit_id", "order", "pk")
        if one.told_at is not None
    ]
    sheets = ScoreSheet.objects.filter(
        unit_id__in=unit_ids,
        is_current=True,
        contested_at=None,
        agreed_at=None,
        evaluation__state__in=FROZEN,
        objections_until__gte=today,
    )
    joined_sheets = sheets.select_related("evaluation__plan__policy", "evaluation__plan__jurisdiction", "unit")
    found += [conclusion_on_score(one) for one in joined_sheets.order_by("pk")]
    still = [one for one in found if one.last_on >= today and _key(one) not in done]
    return sorted(still, key=lambda one: one.last_on)


def _key(one: Conclusion) -> tuple[object, ...]:
    named = [each.pk if each is not None else None for each in (one.citation, one.visit_item, one.sheet, one.matter)]
    return (one.unit.pk, *named, one.light, one.told_on)
