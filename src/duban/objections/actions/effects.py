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
from duban.evaluation.actions import correct_score, uphold_score
from duban.evaluation.rules import EvaluationState, ScoreCorrection
from duban.lights.actions import lift_override, override_light
from duban.matters.models import Matter
from duban.matters.rules import LIGHT_LABELS, Light
from duban.objections.models import Objection
from duban.objections.queries import better_lights, better_results, current_sheet, item_joined, score_facts
from duban.objections.rules import Outcome, Target, checked_words
from duban.visits.actions import overturn_finding
from duban.visits.rules import RESULT_LABELS, Result


@dataclass(frozen=True, slots=True)
class Ruling:
    """How an objection is decided, and why.

    light: of a light, which is shown from now on.   correction: of a citation upheld in part, what is put right beside
    it.   result: of a verification, which holds from now on.   left_out: of a score, the keys of the facts that no
    longer count; recounts: its facts are read anew, because one of them was overturned where it stands.
    """

    outcome: Outcome
    reasons: str
    light: Light | None = None
    correction: str = ""
    result: Result | None = None
    left_out: frozenset[str] = frozenset()
    recounts: bool = False


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


def _of_verification(objection: Objection, ruling: Ruling) -> str:
    if ruling.result is None:
        raise Invalid("请选择复核后认定为什么。", field="result")
    item = objection.visit_item
    if item is None or ruling.result not in better_results(item.result):
        raise Invalid("支持申请的，应当改为更好的认定。", field="result")
    if ruling.outcome is Outcome.PARTLY and ruling.result is Result.TRUE:
        raise Invalid("改为属实就是支持申请，部分支持的请选基本属实。", field="result")
    return f"核验结果改为“{RESULT_LABELS[ruling.result]}”，原认定保留备查。"


def _of_score(objection: Objection, ruling: Ruling) -> str:
    if not ruling.left_out and not ruling.recounts:
        raise Invalid("请选择哪些事实不再计入，或者重新读取事实。", field="left_out")
    named = "；".join(one.words for one in score_facts(objection) if one.key in ruling.left_out)
    parts = [f"不再计入：{named}"] if named else []
    parts += ["按现在的记录重新读取事实"] if ruling.recounts else []
    is_confirmed = objection.sheet is not None and objection.sheet.evaluation.state == EvaluationState.CONFIRMED
    again = "，已核定的考评数据表据此重新核定" if is_confirmed else ""
    return f"{'，'.join(parts)}，按规则重新计算，原考评表保留备查{again}。"


_CORRECTION_LENGTH = 300

_REMEDIES: dict[Target, Callable[[Objection, Ruling], str]] = {
    Target.LIGHT: _of_light,
    Target.CITATION: _of_citation,
    Target.VERIFICATION: _of_verification,
    Target.SCORE: _of_score,
}


def apply_ruling(objection: Objection, ruling: Ruling, *, number: str, by: Actor, now: datetime) -> str:
    """Change the record as a decision says, in the running transaction, and return in words what was changed; empty
    where nothing is. Raises what the action below raises.
    """
    if ruling.outcome is Outcome.REJECTED:
        settle_score(objection, reason=f"复核维持原结论（{number}）", by=by, now=now)
        return ""
    if objection.sheet is not None:
        return _change_score(objection, ruling, number=number, by=by, now=now)
    if objection.visit_item is not None and ruling.result is not None:
        item = item_joined(objection.visit_item.pk)
        overturn_finding(item, result=ruling.result, reason=f"复核支持申请（{number}）", by=by, now=now)
        return f"核验结果改为{RESULT_LABELS[ruling.result]}"
    if objection.target == Target.LIGHT and objection.matter is not None and ruling.light is not None:
        return _change_light(objection.matter, light=ruling.light, number=number, by=by, now=now)
    if ruling.outcome is Outcome.UPHELD and objection.citation is not None:
        withdraw_citation(objection.citation, reason=f"复核支持申请（{number}）", by=by, now=now)
        return "撤回通报条目"
    return ""


def settle_score(
    objection: Objection,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    permission: Permission = Permission.OBJECTION_DECIDE,
) -> None:
    """Let a contested score sheet stand again; nothing of other conclusions, or where it was corrected meanwhile."""
    sheet = current_sheet(objection)
    if sheet is not None and sheet.contested_at is not None:
        uphold_score(sheet, reason=reason, by=by, now=now, permission=permission)


def _change_score(objection: Objection, ruling: Ruling, *, number: str, by: Actor, now: datetime) -> str:
    sheet = current_sheet(objection)
    if sheet is None or sheet.contested_at is None:
        return "考评表已经另行更正，不再更正"
    correction = ScoreCorrection(left_out=ruling.left_out, recounts=ruling.recounts)
    reason = f"复核支持申请（{number}）"
    row = correct_score(sheet, correction=correction, reason=reason, by=by, now=now, is_decision=True)
    return f"考评得分 {sheet.score} 改为 {row.score}" if row.score is not None else "考评表已更正"


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
