"""行文模板: the wording of letters and notices in a place, changed in two steps: looked at, then adopted."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from duban.access.rules import Permission, may, require
from duban.core import clock
from duban.core.errors import Conflict, DomainError, NotAllowed, NotFound
from duban.letters.models import Letter
from duban.letters.queries import example_letter, letter_data, lines_of, page_of
from duban.letters.rules import issuer_name
from duban.matters.models import Plan
from duban.matters.queries import policy_of
from duban.papers.actions import adopt_template
from duban.papers.models import Template
from duban.papers.queries import template_versions, templates_in_force
from duban.papers.rules import REASON_LENGTH, Format
from duban.papers.wording import PARTS, TemplateKind, Wording, checked_wording, filled, template_kinds
from duban.web.given import actor_of, number_of
from duban.web.obstacles import status_of
from duban.web.papers import draft_file

_ROWS = {"title": 1, "opening": 3, "demand": 4}


def _plan(request: HttpRequest, pk: int) -> Plan:
    actor = actor_of(request)
    plan = Plan.objects.visible_to(actor).select_related("policy", "jurisdiction").filter(pk=pk).first()
    if plan is None:
        raise NotFound("没有这本台账，或者您无权查看。")
    require(actor, Permission.NOTICE_VIEW, jurisdiction_id=plan.jurisdiction_id)
    return plan


@require_safe
def policy_wording(request: HttpRequest, pk: int) -> HttpResponse:
    """Every kind of letter and notice with the wording in force."""
    plan = _plan(request, pk)
    wording = templates_in_force(plan.jurisdiction_id)
    last: dict[str, Template] = {}
    for one in Template.objects.filter(jurisdiction=plan.jurisdiction_id).order_by("number"):
        last[one.key] = one
    context = {
        "plan": plan,
        "rows": [
            {
                "key": key,
                "label": kind.label,
                "wording": wording[key],
                "is_own": wording[key] != kind.shipped,
                "version": last.get(key),
            }
            for key, kind in template_kinds().items()
        ],
        "may_edit": may(actor_of(request), Permission.POLICY_EDIT, jurisdiction_id=plan.jurisdiction_id),
    }
    return render(request, "wording/index.html", context)


@require_http_methods(["GET", "POST"])
def policy_template(request: HttpRequest, pk: int, template: str) -> HttpResponse:
    """One template: its words, its fields, what a letter would look like, its versions; the head of the office edits.

    `look` shows what was typed in a letter and writes nothing; `adopt` lets it hold.
    """
    actor, plan = actor_of(request), _plan(request, pk)
    kind = template_kinds().get(template)
    if kind is None:
        raise NotFound("没有这种行文模板。")
    if request.method == "GET":
        return _page(request, plan, kind, typed=_start(request, plan, kind))
    require(actor, Permission.POLICY_EDIT, jurisdiction_id=plan.jurisdiction_id)
    typed = {part.key: request.POST.get(part.key, "") for part in PARTS}
    reason = request.POST.get("reason", "")
    seen: int | None = number_of(request.POST.get("version"))
    try:
        if request.POST.get("step") != "adopt":
            wording = checked_wording(kind, typed)
            found = example_letter(plan, key=template)
            if request.POST.get("step") == "pdf" and found is not None:
                return _drawn(plan, kind, wording, letter=found)
            return _page(request, plan, kind, typed=typed, reason=reason, seen=seen)
        made = adopt_template(
            plan.jurisdiction, key=template, parts=typed, reason=reason, seen=seen or 0, by=actor, now=clock.now()
        )
    except NotAllowed:
        raise
    except DomainError as error:
        seen = seen if not isinstance(error, Conflict) else None
        return _page(request, plan, kind, typed=typed, reason=reason, seen=seen, refusal=error)
    messages.success(request, f"{kind.label}行文模板第{made.number}版已启用，以后拟的用新模板；已经拟好的不变。")
    return redirect("policy_template", pk, template)


def _start(request: HttpRequest, plan: Plan, kind: TemplateKind) -> dict[str, str]:
    """Return what the form opens with: what is in force, what was shipped, or an earlier version. Raises NotFound."""
    wanted = request.GET.get("version", "")
    if not wanted:
        return templates_in_force(plan.jurisdiction_id)[kind.key].parts()
    if wanted == "0":
        return kind.shipped.parts()
    found = Template.objects.filter(jurisdiction=plan.jurisdiction_id, key=kind.key, number=number_of(wanted)).first()
    if found is None:
        raise NotFound("这份模板没有这一版。")
    return Wording(found.title, found.opening, found.demand).parts()


def _page(
    request: HttpRequest,
    plan: Plan,
    kind: TemplateKind,
    *,
    typed: Mapping[str, str],
    reason: str = "",
    seen: int | None = None,
    refusal: DomainError | None = None,
) -> HttpResponse:
    versions = template_versions(plan.jurisdiction_id, kind.key)
    standing = templates_in_force(plan.jurisdiction_id)[kind.key]
    number = versions[0].number if versions else 0
    theirs = []
    if isinstance(refusal, Conflict):
        labels = {part.key: part.label for part in PARTS}
        theirs = [(labels[key], text) for key, text in standing.parts().items() if text != typed[key]]
    context = {
        "plan": plan,
        "kind": kind,
        "parts": [
            {
                "part": part,
                "typed": typed[part.key],
                "rows": _ROWS[part.key],
                "is_wrong": refusal is not None and refusal.field == part.key,
            }
            for part in PARTS
        ],
        "fields": [{"field": one, "is_required": one.word in kind.required} for one in kind.fields],
        "preview": _preview(plan, kind, Wording(**typed)),
        "is_other": dict(typed) != standing.parts(),
        "version": number if seen is None else seen,
        "reason": reason,
        "is_reason_wrong": refusal is not None and refusal.field == "reason",
        "problem": refusal.message if refusal else "",
        "theirs": theirs,
        "versions": versions,
        "is_shipped": standing == kind.shipped,
        "reason_length": REASON_LENGTH,
        "may_edit": may(actor_of(request), Permission.POLICY_EDIT, jurisdiction_id=plan.jurisdiction_id),
    }
    return render(request, "wording/template.html", context, status=status_of(refusal) if refusal else 200)


def _values(plan: Plan, kind: TemplateKind, letter: Letter | None) -> dict[str, str]:
    """Return what the fields are filled with: of a letter, else examples."""
    values = kind.examples() | {"年度": str(plan.year)}
    if letter is not None:
        values["单位"] = letter.unit.full_name or letter.unit.name
    return values


def _drawn(plan: Plan, kind: TemplateKind, wording: Wording, *, letter: Letter) -> HttpResponse:
    """Return a letter as it would be drawn with these words, marked as a draft. Raises Invalid."""
    words = filled(wording, _values(plan, kind, letter))
    data = letter_data(letter, lines_of(letter), on=letter.drafted_on, is_draft=True)
    data = replace(data, number="", title=words.title, opening=words.opening, demand=words.demand)
    return draft_file(page_of(data), Format.PDF, name=f"{kind.label}样稿")


def _preview(plan: Plan, kind: TemplateKind, wording: Wording) -> dict[str, Any]:
    """Return the words in a letter: the last one written from this template, else an example."""
    found: Letter | None = example_letter(plan, key=kind.key)
    values = _values(plan, kind, found)
    matters = [("第1项", "新建公办幼儿园 3 所。", "“主体完工”应于2020年6月30日完成，期限临近。")]
    if found is not None:
        lines = found.lines  # type: ignore[attr-defined]
        matters = [(str(one.matter), one.matter.title or one.matter.text, one.words) for one in lines] or matters
    return {
        "words": filled(wording, values),
        "to": values.get("单位", "各有关单位"),
        "matters": matters[:3],
        "more": max(len(matters) - 3, 0),
        "issuer": issuer_name(plan.jurisdiction.name, policy=policy_of(plan).letters),
        "letter": found,
    }
