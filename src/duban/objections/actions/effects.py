"""What a decision changes: always by a new event of the room below, never by overwriting.

Source: docs/sources.md#objections
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from duban.access.rules import Permission
from duban.bulletins.actions import withdraw_citation
from duban.core.actor import Actor
from duban.core.errors import Invalid
from duban.lights.actions import lift_override, override_light
from duban.matters.models import Matter
from duban.matters.rules import LIGHT_LABELS, Light
from duban.objections.models import Objection
from duban.objections.queries import better_lights
from duban.objections.rules import Outcome, Target, checked_words


@dataclass(frozen=True, slots=True)
class Ruling:
    """How an objection is decided, and why.

    light: of a light, which is shown from now on.   correction: of what is upheld in part, what is put right beside it.
    """

    outcome: Outcome
    reasons: str
    light: Light | None = None
    correction: str = ""


def checked_remedy(objection: Objection, ruling: Ruling) -> str:
    """Return what becomes of the conclusion, in words, before anything is changed. Raises Invalid."""
    if ruling.outcome is Outcome.REJECTED:
        return "原结论不变。"
    return _REMEDIES[Target(objection.target)](objection, ruling)


def _of_light(objection: Objection, ruling: Ruling) -> str:
    if ruling.light is None:
        raise Invalid("请选择复核后显示哪种灯。", field="light")
    if ruling.light not in better_lights(objection.light):
        was = LIGHT_LABELS[Light(objection.light)]
        raise Invalid(f"申请复核的是{was}，支持申请的应当改为更好的灯。", field="light")
    if ruling.outcome is Outcome.PARTLY and ruling.light is Light.GREEN:
        raise Invalid("改为绿灯就是支持申请，部分支持的请选黄灯。", field="light")
    return f"自决定之日起显示{LIGHT_LABELS[ruling.light]}，以前各次定格不改。"


def _of_citation(objection: Objection, ruling: Ruling) -> str:
    if ruling.outcome is Outcome.UPHELD:
        return "撤回这一条通报，不再计入点名和考评；已印发的文本存档不变。"
    words = checked_words(ruling.correction, what="更正的内容", field="correction", most=_CORRECTION_LENGTH)
    return f"这一条通报保留，更正如下：{words}"


_CORRECTION_LENGTH = 300

_REMEDIES: dict[Target, Callable[[Objection, Ruling], str]] = {
    Target.LIGHT: _of_light,
    Target.CITATION: _of_citation,
}


def apply_ruling(objection: Objection, ruling: Ruling, *, number: str, by: Actor, now: datetime) -> str:
    """Change the record as a decision says, in the running transaction, and return in words what was changed; empty
    where nothing is. Raises what the action below raises.
    """
    if ruling.outcome is Outcome.REJECTED:
        return ""
    if objection.target == Target.LIGHT and objection.matter is not None and ruling.light is not None:
        return _change_light(objection.matter, light=ruling.light, number=number, by=by, now=now)
    if ruling.outcome is Outcome.UPHELD and objection.citation is not None:
        withdraw_citation(objection.citation, reason=f"复核支持申请（{number}）", by=by, now=now)
        return "撤回通报条目"
    return ""


def _change_light(matter: Matter, *, light: Light, number: str, by: Actor, now: datetime) -> str:
    standing = Matter.objects.select_for_update(of=("self",)).get(pk=matter.pk)
    shown = standing.light_override or standing.light
    if not shown or light == shown:
        now_shown = f"显示的就是{LIGHT_LABELS[Light(shown)]}" if shown else "不亮灯"
        return f"{standing}现在{now_shown}，不另改判"
    told = {"reason": f"复核决定（{number}）", "by": by, "now": now, "permission": Permission.OBJECTION_DECIDE}
    if light == standing.light:
        lift_override(standing, **told)  # type: ignore[arg-type]
        return "取消改判"
    override_light(standing, light=light, **told)  # type: ignore[arg-type]
    return f"改判为{LIGHT_LABELS[light]}"
