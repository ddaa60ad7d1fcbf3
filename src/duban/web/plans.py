"""The plan's settings, each with its sentence, and the policy in force, each figure with its source."""

import tomllib
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from duban.access.rules import OFFICE_ROLES, ROLE_LABELS, Permission, Role, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from duban.core.text import date_text
from duban.matters.actions import adopt_policy, change_setting, create_plan
from duban.matters.models import Plan, PlanSetting, Policy
from duban.matters.policy import LETTER_SIGNERS, SECTION_LABELS, default_preset
from duban.matters.queries import current_plan, plan_counts, setting_shown
from duban.matters.rules import KIND_LABELS, ORIGIN_LABELS, SETTING_LABELS, STATE_LABELS, Origin, SettingKey
from duban.orgs.models import Jurisdiction
from duban.orgs.rules import UNIT_TYPE_LABELS
from duban.web.given import number_of, seen_in
from duban.web.middleware import STATUS


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _status(error: DomainError) -> int:
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


def _plan(request: HttpRequest, pk: int) -> Plan:
    plan = Plan.objects.visible_to(_actor(request)).select_related("policy", "jurisdiction").filter(pk=pk).first()
    if plan is None:
        raise NotFound("没有这本台账，或者您无权查看。")
    return plan


@require_safe
def plan_settings(request: HttpRequest) -> HttpResponse:
    """One plan: what its notice fixes, how far it is filled, the policy in force with every figure and its source."""
    actor, today = _actor(request), clock.today()
    require(actor, Permission.NOTICE_VIEW)
    year = request.GET.get("year", "")
    plan = current_plan(actor, today=today, year=int(year) if year.isdecimal() and len(year) < 5 else None)
    plans = list(Plan.objects.visible_to(actor).order_by("-year"))
    if plan is None:
        places = _places(actor)
        return render(request, "plans/none.html", {"may_make": bool(places)})
    require(actor, Permission.NOTICE_VIEW, jurisdiction_id=plan.jurisdiction_id)
    counts = plan_counts(plan)
    context = {
        "plan": plan,
        "plans": plans,
        "counts": counts,
        "states": [(STATE_LABELS[state], state.value, number) for state, number in counts.by_state.items() if number],
        "origins": [(one.value, ORIGIN_LABELS[one]) for one in Origin if one is not Origin.NOTICE],
        "settings": _settings(plan),
        "sections": _sections(plan.policy),
        "preset_note": default_preset().note,
        "versions": Policy.objects.filter(jurisdiction=plan.jurisdiction_id).order_by("-number"),
        "may_change": may(actor, Permission.MATTER_REGISTER, jurisdiction_id=plan.jurisdiction_id),
        "may_edit_policy": may(actor, Permission.POLICY_EDIT, jurisdiction_id=plan.jurisdiction_id),
    }
    return render(request, "plans/settings.html", context)


def _settings(plan: Plan) -> list[dict[str, Any]]:
    standing = {one.key: one for one in PlanSetting.objects.filter(plan=plan)}
    shown = []
    for key, label in SETTING_LABELS.items():
        one = standing.get(key.value)
        shown.append(
            {
                "key": key.value,
                "label": label,
                "words": _words(key, one.value) if one else "",
                "sentence": one.sentence if one else "",
                "line": one.source_line if one else None,
            }
        )
    return shown


def _words(key: SettingKey, value: Any) -> str:
    """Return a setting's value as one would say it."""
    if key is SettingKey.DECLARED_ITEMS:
        return f"{value} 项"
    if key is SettingKey.REPORT_DATES:
        return "、".join(date_text(date.fromisoformat(one)) for one in value) or "不报送"
    if key is SettingKey.REPORT_LENGTH:
        return f"{value['min']}–{value['max']} 字（含）"
    if key is SettingKey.CONTACTS_PER_UNIT:
        return f"分管领导 {value['deputy']} 名，联络员 {value['liaison']} 名"
    if key is SettingKey.LOOK_BACK:
        return "每个月底提示单位自行回头看，内容留在单位" if value else "不提示"
    parts = (("", "name"), ("电话 ", "phone"), ("传真 ", "fax"), ("邮箱 ", "email"))
    return "，".join(f"{word}{value[name]}" for word, name in parts if value.get(name))


def _typed(key: SettingKey, value: Any) -> dict[str, str]:
    """Return a setting's value as the inputs of its form hold it."""
    if key is SettingKey.DECLARED_ITEMS:
        return {"value": "" if value is None else str(value)}
    if key is SettingKey.REPORT_DATES:
        return {"value": "、".join(value or ())}
    if key is SettingKey.LOOK_BACK:
        return {"value": "1" if value else ""}
    names = [name for name, _ in _INPUTS[key]]
    return {name: str((value or {}).get(name, "")) for name in names}


_INPUTS: dict[SettingKey, list[tuple[str, str]]] = {
    SettingKey.DECLARED_ITEMS: [("value", "事项总数")],
    SettingKey.REPORT_DATES: [("value", "报送日期，用顿号分开，如 2020-06-20、2020-12-20")],
    SettingKey.REPORT_LENGTH: [("min", "最少字数"), ("max", "最多字数")],
    SettingKey.CONTACTS_PER_UNIT: [("deputy", "分管领导（名）"), ("liaison", "联络员（名）")],
    SettingKey.LOOK_BACK: [("value", "每个月底提示单位回头看")],
    SettingKey.CONTACT: [("name", "姓名"), ("phone", "电话"), ("fax", "传真"), ("email", "邮箱")],
}


def _number(value: str, *, label: str) -> int:
    if not value.strip().isdecimal() or len(value.strip()) > 9:
        raise Invalid(f"“{label}”应填整数。")
    return int(value)


def _read(key: SettingKey, posted: dict[str, str]) -> Any:
    """Return a setting's value from its form. Raises Invalid."""
    labels = dict(_INPUTS[key])
    if key is SettingKey.DECLARED_ITEMS:
        return _number(posted["value"], label=labels["value"])
    if key is SettingKey.REPORT_DATES:
        return posted["value"].replace("，", "、").replace(",", "、").replace(" ", "、").strip("、").split("、")
    if key is SettingKey.LOOK_BACK:
        return bool(posted["value"])
    if key is SettingKey.CONTACT:
        return posted
    return {name: _number(posted[name], label=label) for name, label in labels.items()}


@require_http_methods(["GET", "POST"])
def plan_setting(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Correct one setting of a plan, beside the sentence it came from, with a reason."""
    actor = _actor(request)
    plan = _plan(request, pk)
    require(actor, Permission.MATTER_REGISTER, jurisdiction_id=plan.jurisdiction_id)
    if key not in {one.value for one in SettingKey}:
        raise NotFound
    wanted = SettingKey(key)
    standing = PlanSetting.objects.filter(plan=plan, key=key).first()
    values = _typed(wanted, standing.value if standing else None)
    problem, status = "", 200
    theirs: list[tuple[str, str]] = []
    if request.method == "POST":
        values = {name: request.POST.get(name, "") for name, _ in _INPUTS[wanted]}
        try:
            change_setting(
                plan,
                key=wanted,
                value=_read(wanted, values),
                reason=request.POST.get("reason", ""),
                seen=request.POST.get("seen", ""),
                by=actor,
                now=clock.now(),
            )
        except NotAllowed:
            raise
        except Conflict as error:
            standing = PlanSetting.objects.filter(plan=plan, key=key).first()
            problem, status = error.message, 409
            theirs = [(SETTING_LABELS[wanted], _words(wanted, standing.value) if standing else "")]
        except DomainError as error:
            problem, status = error.message, _status(error)
        else:
            messages.success(request, f"“{SETTING_LABELS[wanted]}”已修改。")
            return redirect(f"{reverse('plan_settings')}?year={plan.year}")
    context = {
        "plan": plan,
        "label": SETTING_LABELS[wanted],
        "key": key,
        "inputs": [(name, label, values[name]) for name, label in _INPUTS[wanted]],
        "is_switch": wanted is SettingKey.LOOK_BACK,
        "seen": seen_in(request, standing=setting_shown(standing), theirs=theirs),
        "theirs": theirs,
        "sentence": standing.sentence if standing else "",
        "reason": request.POST.get("reason", ""),
        "problem": problem,
    }
    return render(request, "plans/setting.html", context, status=status)


def _places(actor: Actor) -> list[Jurisdiction]:
    return [
        one
        for one in Jurisdiction.objects.order_by("pk")
        if may(actor, Permission.MATTER_REGISTER, jurisdiction_id=one.pk)
    ]


@require_http_methods(["GET", "POST"])
def plan_new(request: HttpRequest) -> HttpResponse:
    """Open the ledger of a year without a notice: for matters that come one by one, and for what is carried over."""
    actor, today = _actor(request), clock.today()
    require(actor, Permission.MATTER_REGISTER)
    places = _places(actor)
    last = Plan.objects.visible_to(actor).order_by("-year").first()
    values = {
        "year": str(last.year + 1 if last else today.year),
        "title": "",
        "jurisdiction": str(places[0].pk) if places else "",
    }
    problem, field, status = "", "", 200
    if request.method == "POST":
        values = {name: request.POST.get(name, "") for name in values}
        try:
            place = next((one for one in places if str(one.pk) == values["jurisdiction"]), None)
            if place is None:
                raise Invalid("请选择辖区。", field="jurisdiction")
            year = _number(values["year"], label="年度")
            title = values["title"].strip() or f"{place.short_name}{year}年度台账"
            plan = create_plan(place, year=year, title=title, by=actor, now=clock.now())
        except NotAllowed:
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", _status(error)
        else:
            messages.success(request, f"已建立“{plan.title}”。")
            return redirect(f"{reverse('plan_settings')}?year={plan.year}")
    context = {"places": places, "values": values, "problem": problem, "field": field}
    return render(request, "plans/new.html", context, status=status)


# ---- the policy


_CODES: dict[str, dict[str, str]] = {
    "lights.schedule": {"day": "按日", "month": "按月", "quarter": "按季", "nodes": "按自定节点"},
    "letters.issuer": {"government_office": "政府办公室", "supervision_office": "督查室"},
    "letters.numbering": {"register": "台账编号", "document_system": "公文系统编号"},
    "evidence.compulsory_kinds": {one.value: label for one, label in KIND_LABELS.items()},
    "letters.inviting_unit_types": {one.value: label for one, label in UNIT_TYPE_LABELS.items()},
    **{
        place: {one.value: label for one, label in ROLE_LABELS.items() if one in LETTER_SIGNERS}
        for place in ("letters.remind_signer", "letters.urge_signer", "letters.supervise_signer")
    },
    "bulletins.facts_approver": {
        one.value: label for one, label in ROLE_LABELS.items() if one in OFFICE_ROLES or one is Role.LEADER
    },
}
"""Figures that are words of the program: how the field says them."""


def _said(place: str, value: Any) -> str:
    """Return a figure in the field's words."""
    words = _CODES.get(place)
    if words is None:
        return _figure_words(value)
    codes: list[str] = list(value) if isinstance(value, list | tuple) else [value]
    return "、".join(words.get(one, one) for one in codes)


def _figure_words(value: Any) -> str:
    """Return a figure as it is shown and typed: 2, 是, 10、5、1, 7→2、15→3."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], list | tuple):
            return "、".join("→".join(str(part) for part in one) for one in value)
        return "、".join(str(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _sections(policy: Policy, *, typed: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Return the figures of a policy by section, each with its sentence, grade and source."""
    preset, values = default_preset(), policy.values()
    shown: dict[str, list[dict[str, Any]]] = {}
    for one in preset.sources:
        value = values[one.section][one.name]
        given = preset.values[one.section][one.name]
        place = f"{one.section}.{one.name}"
        shown.setdefault(one.section, []).append(
            {
                "place": place,
                "text": one.text,
                "grade": one.grade,
                "source": one.source,
                "words": typed[place] if typed and place in typed else _said(place, value),
                "standing": _said(place, value),
                "preset": "" if value == given else _said(place, given),
            }
        )
    return [{"label": SECTION_LABELS[section], "figures": figures} for section, figures in shown.items()]


def _figure_of(words: str, standing: Any, *, place: str) -> Any:
    """Return a figure as typed, of the kind that stands; what is not understood stays text and is refused in words."""
    words = words.strip()
    codes = {label: code for code, label in _CODES.get(place, {}).items()}
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


def _literal(word: str) -> Any:
    try:
        value = tomllib.loads(f"x = {word.strip()}")["x"]
    except tomllib.TOMLDecodeError:
        return word
    return value if isinstance(value, int | float) else word


@require_http_methods(["GET", "POST"])
def policy_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Adopt a new version of the policy for one plan; absurd figures are refused with the sentence that is wrong."""
    actor = _actor(request)
    plan = _plan(request, pk)
    require(actor, Permission.POLICY_EDIT, jurisdiction_id=plan.jurisdiction_id)
    problem, field, status = "", "", 200
    typed: dict[str, str] = {}
    theirs: list[tuple[str, str]] = []
    version = plan.policy.number
    if request.method == "POST":
        posted = request.POST
        typed = {name: posted[name] for name in posted if "." in name}
        figures = {
            section: {
                name: _figure_of(typed[f"{section}.{name}"], value, place=f"{section}.{name}")
                if f"{section}.{name}" in typed
                else value
                for name, value in values.items()
            }
            for section, values in plan.policy.values().items()
        }
        try:
            adopt_policy(
                plan,
                figures=figures,
                reason=posted.get("reason", ""),
                version=number_of(posted.get("version")),
                by=actor,
                now=clock.now(),
            )
        except NotAllowed:
            raise
        except Conflict as error:
            plan = _plan(request, pk)
            problem, status, version = error.message, 409, plan.policy.number
            theirs = [
                (one["text"], one["standing"])
                for section in _sections(plan.policy, typed=typed)
                for one in section["figures"]
                if one["words"].strip() != one["standing"]
            ]
        except DomainError as error:
            problem, field, status = error.message, error.field or "", _status(error)
            version = number_of(posted.get("version"))
        else:
            messages.success(request, "新的督查规则已启用，原版本保留。")
            return redirect(f"{reverse('plan_settings')}?year={plan.year}")
    context = {
        "plan": plan,
        "sections": _sections(plan.policy, typed=typed),
        "version": version,
        "theirs": theirs,
        "reason": request.POST.get("reason", ""),
        "problem": problem,
        "field": field,
    }
    return render(request, "plans/policy.html", context, status=status)
