"""The plan's settings, each with its sentence. Its policy: `policies`."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from duban.access.rules import Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from duban.core.text import date_text
from duban.matters.actions import change_setting, create_plan
from duban.matters.models import Plan, PlanSetting
from duban.matters.policy import changed_figures, default_preset, presets
from duban.matters.queries import current_plan, plan_counts, setting_shown
from duban.matters.rules import ORIGIN_LABELS, SETTING_LABELS, STATE_LABELS, Origin, SettingKey
from duban.orgs.models import Jurisdiction
from duban.web.given import seen_in
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
    counts, preset = plan_counts(plan), presets().get(plan.policy.preset) or default_preset()
    context = {
        "plan": plan,
        "plans": plans,
        "counts": counts,
        "states": [(STATE_LABELS[state], state.value, number) for state, number in counts.by_state.items() if number],
        "origins": [(one.value, ORIGIN_LABELS[one]) for one in Origin if one is not Origin.NOTICE],
        "settings": _settings(plan),
        "own_figures": len(changed_figures(preset.values, plan.policy.values())),
        "preset": preset,
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
