"""督查规则 of a plan: every figure with its source, its versions in words, and what a change would do beforehand."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from duban.access.rules import ROLE_LABELS, Permission, may, require
from duban.core import clock
from duban.core.errors import Conflict, DomainError, NotAllowed, NotFound
from duban.core.workdays import workdays_now
from duban.letters.rules import LETTER_KIND_LABELS, LetterKind
from duban.lights.queries import turns_by_policy
from duban.lights.rules import Facts, Judgement, Light
from duban.lights.words import explained
from duban.matters.actions import adopt_policy
from duban.matters.models import Plan
from duban.matters.policy import (
    BULLETIN_APPROVERS,
    INTERVIEW_APPROVERS,
    LETTER_SIGNERS,
    SECTION_LABELS,
    Changed,
    Figures,
    Lights,
    changed_figures,
    default_preset,
    figures_of,
    presets,
)
from duban.matters.queries import (
    OWN_GRADE,
    LedgerRow,
    PolicyVersion,
    ledger_rows,
    policy_of,
    policy_versions,
    proposed_policy,
    sourced_figures,
)
from duban.matters.rules import KIND_LABELS
from duban.orgs.rules import UNIT_TYPE_LABELS
from duban.replay.queries import PolicyEffect, WouldTurn, effect_of
from duban.web.given import actor_of, number_of
from duban.web.obstacles import status_of

SHOWN = 200
"""Matters told one by one in a preview; of the rest the number is told."""


def plan_seen(request: HttpRequest, pk: int) -> Plan:
    """Return a plan the actor may see, policy and place joined. Raises NotFound."""
    actor = actor_of(request)
    plan = Plan.objects.visible_to(actor).select_related("policy", "jurisdiction").filter(pk=pk).first()
    if plan is None:
        raise NotFound("没有这本台账，或者您无权查看。")
    return plan


# ---- figures in words, and back


_CODES: dict[str, dict[str, str]] = {
    "lights.schedule": {"day": "按日", "month": "按月", "quarter": "按季", "nodes": "按自定节点"},
    "letters.issuer": {"government_office": "政府办公室", "supervision_office": "督查室"},
    "letters.numbering": {"register": "台账编号", "document_system": "公文系统编号"},
    "evidence.compulsory_kinds": {one.value: label for one, label in KIND_LABELS.items()},
    "evaluation.raters": {"overseers": "分管、联系其事项的领导", "all": "全体区领导"},
    "letters.inviting_unit_types": {one.value: label for one, label in UNIT_TYPE_LABELS.items()},
    **{
        f"bulletins.{what}_approver": {one.value: ROLE_LABELS[one] for one in BULLETIN_APPROVERS}
        for what in ("facts", "judgement")
    },
    **{
        f"interviews.level{level}_approver": {one.value: ROLE_LABELS[one] for one in INTERVIEW_APPROVERS}
        for level in (1, 2, 3)
    },
    **{
        f"letters.{kind}_signer": {one.value: ROLE_LABELS[one] for one in LETTER_SIGNERS}
        for kind in ("remind", "urge", "supervise")
    },
}
"""Figures that are words of the program: how the field says them."""

_SEVERAL = ("evidence.compulsory_kinds", "letters.inviting_unit_types")
"""Of these, those that hold several words."""


def figure_words(place: str, value: Any) -> str:
    """Return a figure as it is shown and typed: 2, 是, 按日, 10、5、1, 7→2、15→3."""
    words = _CODES.get(place, {})
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], list | tuple):
            return "、".join("→".join(str(part) for part in one) for one in value)
        return "、".join(words.get(one, str(one)) for one in value)
    return f"{value:g}" if isinstance(value, float) else words.get(value, str(value))


def _figure_of(words: str, standing: Any, *, place: str) -> Any:
    """Return a figure as typed, of the kind that stands; what is not understood stays text and is refused in words."""
    words = words.strip()
    codes = {label: code for code, label in _CODES.get(place, {}).items()}
    if words in codes and not isinstance(standing, list):
        return codes[words]
    if codes:
        parts = [codes.get(part.strip(), part.strip()) for part in words.split("、") if part.strip()]
        return parts if isinstance(standing, list) else "、".join(parts)
    if isinstance(standing, bool):
        return {"是": True, "否": False}.get(words, words)
    if isinstance(standing, list):
        parts = [part.strip() for part in words.replace(",", "、").replace("，", "、").split("、") if part.strip()]
        if (standing and isinstance(standing[0], list)) or "→" in words:
            return [[_literal(part) for part in one.split("→")] for one in parts]
        return [_literal(one) if standing and isinstance(standing[0], int) else one for one in parts]
    return words if isinstance(standing, str) else _literal(words)


def values_typed(plan: Plan, typed: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return figures as values from words by place; where nothing was typed, those that stand."""
    return {
        section: {
            name: _figure_of(typed[place], value, place=place) if (place := f"{section}.{name}") in typed else value
            for name, value in values.items()
        }
        for section, values in plan.policy.values().items()
    }


def _literal(word: str) -> Any:
    try:
        value = tomllib.loads(f"x = {word.strip()}")["x"]
    except tomllib.TOMLDecodeError:
        return word
    return value if isinstance(value, int | float) else word


def _options(place: str, value: Any, words: str) -> list[str]:
    """Return what a figure may be chosen from; empty where it is typed. What was posted is among them, right or not."""
    if isinstance(value, bool):
        known = ["是", "否"]
    elif place in _CODES and place not in _SEVERAL:
        known = list(_CODES[place].values())
    else:
        return []
    return known if words in known else [*known, words]


def typed_figures(values: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return every figure as a form holds it, by place."""
    return {
        f"{section}.{name}": figure_words(f"{section}.{name}", value)
        for section, names in values.items()
        for name, value in names.items()
    }


def change_rows(changes: Sequence[Changed]) -> list[dict[str, str]]:
    """Return changed figures in words: place, section, text, before, after."""
    texts = {one.place: one.text for one in default_preset().sources}
    return [
        {
            "place": one.place,
            "section": SECTION_LABELS[one.place.split(".")[0]],
            "text": texts[one.place],
            "before": figure_words(one.place, one.before) or "（无）",
            "after": figure_words(one.place, one.after) or "（无）",
        }
        for one in changes
    ]


def _sections(policy_id: int, versions: Mapping[int, PolicyVersion]) -> list[dict[str, Any]]:
    """Return the figures of a version by section, each with its sentence, grade and source."""
    shown: dict[str, list[dict[str, Any]]] = {}
    for one in sourced_figures(policy_id, versions):
        shown.setdefault(one.place.split(".")[0], []).append(
            {
                "place": one.place,
                "text": one.text,
                "grade": one.grade,
                "source": one.source,
                "value": one.value,
                "words": figure_words(one.place, one.value),
                "preset": "" if one.preset is None else figure_words(one.place, one.preset) or "（无）",
            }
        )
    return [{"key": key, "label": SECTION_LABELS[key], "figures": figures} for key, figures in shown.items()]


# ---- what holds, and what held


@require_safe
def policy_basis(request: HttpRequest, pk: int) -> HttpResponse:
    """规则依据: every figure in force for a plan with its source; for everybody who sees the ledger, units too."""
    plan = plan_seen(request, pk)
    return _basis(request, plan, plan.policy_id, versions=policy_versions(plan.jurisdiction_id))


@require_safe
def policy_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One version of the policy as it was adopted, and where it differs from the one before."""
    plan = plan_seen(request, pk)
    require(actor_of(request), Permission.NOTICE_VIEW, jurisdiction_id=plan.jurisdiction_id)
    versions = policy_versions(plan.jurisdiction_id)
    found = next((key for key, one in versions.items() if one.policy.number == number), None)
    if found is None:
        raise NotFound("督查规则没有这一版。")
    return _basis(request, plan, found, versions=versions, is_version=True)


def _basis(
    request: HttpRequest, plan: Plan, policy_id: int, *, versions: Mapping[int, PolicyVersion], is_version: bool = False
) -> HttpResponse:
    actor, version = actor_of(request), versions[policy_id]
    preset = presets().get(version.policy.preset) or default_preset()
    context = {
        "plan": plan,
        "version": version,
        "is_version": is_version,
        "is_in_force": policy_id == plan.policy_id,
        "before": versions[version.follows].policy if version.follows else None,
        "changes": change_rows(version.changes),
        "sections": _sections(policy_id, versions),
        "preset": preset,
        "own_grade": OWN_GRADE,
        "may_see_versions": may(actor, Permission.NOTICE_VIEW, jurisdiction_id=plan.jurisdiction_id),
        "may_edit": may(actor, Permission.POLICY_EDIT, jurisdiction_id=plan.jurisdiction_id),
    }
    return render(request, "policies/basis.html", context)


@require_safe
def policy_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version of the policy, the latest first: what it changed, from what to what, who, when, why."""
    actor, plan = actor_of(request), plan_seen(request, pk)
    require(actor, Permission.NOTICE_VIEW, jurisdiction_id=plan.jurisdiction_id)
    versions = policy_versions(plan.jurisdiction_id)
    turns = turns_by_policy(versions)
    shown = [
        {
            "version": one,
            "before": versions[one.follows].policy if one.follows else None,
            "changes": change_rows(one.changes),
            "turns": [_turn_row(*turn) for turn in turns.get(key, ())],
        }
        for key, one in versions.items()
    ]
    context = {
        "plan": plan,
        "versions": shown,
        "may_edit": may(actor, Permission.POLICY_EDIT, jurisdiction_id=plan.jurisdiction_id),
    }
    return render(request, "policies/history.html", context)


def _turn_row(before: Light | None, after: Light | None, number: int) -> dict[str, Any]:
    return {"before": before or "", "after": after or "", "number": number}


# ---- a change


@dataclass(slots=True)
class _Draft:
    """What somebody is changing. typed: the figures as the form holds them.   version: the number in force it saw."""

    typed: dict[str, str]
    version: int
    preset: str = ""
    reason: str = ""

    def figures(self, plan: Plan) -> dict[str, dict[str, Any]]:
        """Return the figures as values; where nothing was typed, those that stand."""
        return values_typed(plan, self.typed)


@require_http_methods(["GET", "POST"])
def policy_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the policy of a plan in two steps: the figures, then what they would do today, and only then they hold.

    A preset, or an earlier version, may be taken to start from. Absurd figures are refused with the sentence.
    """
    actor, plan = actor_of(request), plan_seen(request, pk)
    require(actor, Permission.POLICY_EDIT, jurisdiction_id=plan.jurisdiction_id)
    if request.method == "GET":
        return _form(request, plan, _start(request, plan))
    draft = _posted(request.POST)
    step = request.POST.get("step", "look")
    if step == "edit":
        return _form(request, plan, draft)
    try:
        if step != "adopt":
            checked, changes = proposed_policy(plan, figures=draft.figures(plan), version=draft.version)
            return _preview(request, plan, draft, figures_of(checked), changes)
        policy = adopt_policy(
            plan,
            figures=draft.figures(plan),
            reason=draft.reason,
            version=draft.version,
            preset=draft.preset,
            by=actor,
            now=clock.now(),
        )
    except NotAllowed:
        raise
    except Conflict as error:
        plan = plan_seen(request, pk)
        draft.version = plan.policy.number
        return _form(request, plan, draft, refusal=error)
    except DomainError as error:
        return _form(request, plan, draft, refusal=error)
    messages.success(request, f"督查规则第{policy.number}版已启用，全部事项已按新规则重新判定；原版本保留。")
    return redirect("policy_history", pk)


def _start(request: HttpRequest, plan: Plan) -> _Draft:
    """Return what the form opens with: what stands, a preset, or an earlier version. Raises NotFound."""
    key, number = request.GET.get("preset", ""), request.GET.get("version", "")
    if key:
        if key not in presets():
            raise NotFound("没有这套预置规则。")
        return _Draft(typed_figures(presets()[key].values), plan.policy.number, preset=key)
    if number:
        versions = policy_versions(plan.jurisdiction_id).values()
        found = next((one for one in versions if one.policy.number == number_of(number)), None)
        if found is None:
            raise NotFound("督查规则没有这一版。")
        return _Draft(typed_figures(found.values), plan.policy.number, reason=f"恢复第{number}版")
    return _Draft(typed_figures(plan.policy.values()), plan.policy.number)


def _posted(posted: QueryDict) -> _Draft:
    preset = posted.get("preset", "")
    return _Draft(
        {name: str(posted[name]) for name in posted if "." in name},
        number_of(posted.get("version")),
        preset=preset if preset in presets() else "",
        reason=posted.get("reason", ""),
    )


def _form(request: HttpRequest, plan: Plan, draft: _Draft, *, refusal: DomainError | None = None) -> HttpResponse:
    versions = policy_versions(plan.jurisdiction_id)
    sections = _sections(plan.policy_id, versions)
    differing: list[dict[str, Any]] = []
    for section in sections:
        for one in section["figures"]:
            typed = draft.typed.get(one["place"], one["words"])
            one["standing"] = one["words"]
            one["typed"] = typed
            one["options"] = _options(one["place"], one["value"], typed)
            one["is_other"] = typed.strip() != one["standing"]
            if one["is_other"]:
                differing.append({"label": one["text"], "before": one["standing"], "after": typed, **one})
    is_conflict = isinstance(refusal, Conflict)
    context = {
        "plan": plan,
        "sections": sections,
        "draft": draft,
        "version": draft.version,
        "differing": differing,
        "is_started": bool(draft.preset or request.GET.get("version")),
        "presets": [
            {"preset": one, "differing": len(changed_figures(plan.policy.values(), one.values))}
            for one in presets().values()
        ],
        "theirs": [(str(one["text"]), str(one["standing"])) for one in differing] if is_conflict else [],
        "problem": refusal.message if refusal else "",
        "field": refusal.field or "" if refusal else "",
    }
    return render(request, "policies/edit.html", context, status=status_of(refusal) if refusal else 200)


def _preview(
    request: HttpRequest, plan: Plan, draft: _Draft, figures: Figures, changes: Sequence[Changed]
) -> HttpResponse:
    """Show what the change would do today; nothing is written."""
    now = clock.now()
    today = now.date()
    told = effect_of(plan, figures=figures, now=now)
    effect = told if any(one.place.startswith("lights.") for one in changes) else None
    context = {
        "plan": plan,
        "draft": draft,
        "changes": change_rows(changes),
        "effect": effect,
        "counts": [_turn_row(*one) for one in effect.counts()] if effect else [],
        "overridden": sum(1 for one in effect.turns if one.override) if effect else 0,
        "rows": _turn_rows(effect, before=policy_of(plan).lights, after=figures.lights, today=today) if effect else [],
        "letters": [(LETTER_KIND_LABELS[kind], told.drafts[kind], told.would[kind]) for kind in LetterKind],
        "rest": max(len(effect.turns) - SHOWN, 0) if effect else 0,
        "preset": presets().get(draft.preset),
    }
    return render(request, "policies/effect.html", context)


_WORST_FIRST = (Light.RED, Light.YELLOW, Light.GREEN, None)


def _turn_rows(effect: PolicyEffect, *, before: Lights, after: Lights, today: date) -> list[dict[str, Any]]:
    """Return the matters whose light would turn, the worst first, each with its reasons under both policies."""
    worst = sorted(
        effect.turns,
        key=lambda one: (_WORST_FIRST.index(one.after.light), _WORST_FIRST.index(one.before.light), one.matter_id),
    )[:SHOWN]
    found: dict[int, LedgerRow] = {row.id: row for row in ledger_rows([one.matter_id for one in worst], today=today)}
    return [
        {
            "matter": found[one.matter_id],
            "override": one.override or "",
            "before": _side(one, one.before, policy=before, today=today),
            "after": _side(one, one.after, policy=after, today=today),
        }
        for one in worst
    ]


def _side(turn: WouldTurn, judgement: Judgement, *, policy: Lights, today: date) -> dict[str, Any]:
    facts: Facts = turn.facts
    says = explained(facts, judgement, policy=policy, calendar=workdays_now(), today=today)
    return {"light": judgement.light or "", "why": [one.text for one in says.why] or ["没有转黄、转红的原因"]}
