"""复核: two units object, to what a bulletin said of one and to the light of another; somebody apart decides both."""

from datetime import date

from duban.bulletins.models import Bulletin, Citation
from duban.bulletins.rules import BulletinKind, BulletinState, Section
from duban.cli.demo_year.stage import Stage, merging
from duban.core.clock import day_of
from duban.core.workdays import add_workdays
from duban.matters.rules import Light
from duban.objections.actions import (
    Ruling,
    Words,
    accept_objection,
    decide_objection,
    file_objection,
    sign_objection,
)
from duban.objections.models import Objection
from duban.objections.queries import (
    JOINED,
    Conclusion,
    citation_joined,
    conclusion_on_citation,
    conclusion_on_light,
)
from duban.objections.rules import ObjectionState, Outcome, Target

_REVIEWER = "fubanzhuren"
"""The deputy director: drafts no bulletin, approves none, takes no report."""

_LIGHT_FROM = date(2020, 9, 21)
"""From this day on the second unit objects, to the first red light then."""

_WORDS = {
    Target.CITATION: Words(
        "通报把进度滞后的原因列为本单位。用地手续由上级部门审批，本单位5月已按要求报齐材料。\n6月30日前已书面报告过这一情况。",
        "撤回对本单位的这一条通报。",
    ),
    Target.LIGHT: Words("近期连续降雨，现场停工不是本单位的责任，后续工期可以赶上。", "改为黄灯。"),
}
_RULINGS = {
    Target.CITATION: Ruling(
        Outcome.UPHELD,
        "经查阅申报材料和收件回执，申请单位5月已报齐材料，滞后发生在上级审批环节。\n通报所列原因与事实不符，申请理由成立。",
    ),
    Target.LIGHT: Ruling(
        Outcome.REJECTED,
        "经核对，该事项的进度差距在降雨之前已经形成，亮灯的事实和规则适用均无误。\n确因天气影响工期的，可以另行申请延期。",
    ),
}


def _objections(stage: Stage, *states: ObjectionState) -> list[Objection]:
    found = Objection.objects.filter(jurisdiction=stage.county, state__in=states).select_related(*JOINED)
    return list(found.order_by("written_at", "pk"))


def file_objections(stage: Stage) -> None:
    """Let a unit object to the half-year issue six working days after it, another to its red light in September."""
    there = set(Objection.objects.filter(jurisdiction=stage.county).values_list("target", flat=True))
    if Target.CITATION not in there and (conclusion := _cited(stage)) is not None:
        _file(stage, conclusion)
    if Target.LIGHT not in there and stage.day >= _LIGHT_FROM and (conclusion := _red(stage)) is not None:
        _file(stage, conclusion)


def _cited(stage: Stage) -> Conclusion | None:
    """Return the first criticised entry of the first regular issue; None until it has lain with the units."""
    issued = Bulletin.objects.filter(
        jurisdiction=stage.county, kind=BulletinKind.REGULAR, state=BulletinState.ISSUED, issued_on__isnull=False
    )
    first = issued.order_by("total_number").first()
    if first is None or first.issued_on is None or add_workdays(first.issued_on, 6) > stage.day:
        return None
    entries = Citation.objects.filter(bulletin=first, section=Section.CRITICISM, left_out_reason="")
    entry = entries.order_by("matter__order", "pk").first()
    return conclusion_on_citation(citation_joined(entry.pk)) if entry is not None else None


def _red(stage: Stage) -> Conclusion | None:
    """Return the first red light, in the ledger's order, that is still young enough to be objected to."""
    for part in merging([stage.plan.pk], matter__light=Light.RED, matter__light_override=""):
        conclusion = conclusion_on_light(part.matter, unit=part.unit)
        if conclusion.last_on >= stage.day:
            return conclusion
    return None


def _file(stage: Stage, conclusion: Conclusion) -> None:
    actor, behalf = stage.speaker(conclusion.unit)
    file_objection(conclusion, words=_WORDS[conclusion.target], behalf=behalf, **stage.told(actor))


def sign_objections(stage: Stage) -> None:
    """Let the unit's deputy or head sign what its liaison wrote, the day after."""
    for one in _objections(stage, ObjectionState.WRITTEN):
        actor = stage.of_unit(one.unit, "head") or stage.of_unit(one.unit, "deputy")
        if actor is not None and day_of(one.written_at) < stage.day:
            sign_objection(one, seen=one.version, **stage.told(actor))


def accept_objections(stage: Stage) -> None:
    """Let the officer accept what came, the day after."""
    for one in _objections(stage, ObjectionState.FILED):
        if one.filed_on is not None and one.filed_on < stage.day:
            accept_objection(one, **stage.told(stage.officer))


def decide_objections(stage: Stage) -> None:
    """Let the deputy director, who took no part in either, decide ten working days after they were accepted."""
    for one in _objections(stage, ObjectionState.ACCEPTED):
        if one.accepted_at is not None and add_workdays(day_of(one.accepted_at), 10) <= stage.day:
            ruling = _RULINGS[Target(one.target)]
            decide_objection(one, ruling=ruling, **stage.told(stage.actor(_REVIEWER)))


OBJECTIONS = (decide_objections, accept_objections, sign_objections, file_objections)
