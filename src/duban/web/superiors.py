"""对接上级: the higher department's task on a matter, and the log of the units' dealings with it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from duban.access.rules import Permission, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from duban.matters.models import Assignment, Matter
from duban.matters.queries import MatterPage, matter_for
from duban.matters.rules import PART_LABELS, Part
from duban.superiors.actions import name_superior, note_dealing
from duban.superiors.models import SuperiorTask
from duban.superiors.queries import IN_HAND, dealings_on, may_name, parts_to_keep, superior_of
from duban.superiors.rules import OUTCOME_LENGTH, SUPERIOR_FIELDS, WITH_WHOM_LENGTH
from duban.web.given import actor_of, day_of, number_of
from duban.web.obstacles import status_of


def superiors_panel(actor: Actor, page: MatterPage) -> dict[str, Any]:
    """Return what a matter's page shows of the higher task and the dealings. At most two statements."""
    matter = page.matter
    return {
        "task": superior_of(matter) if "superior" in page.there else None,
        "dealings": dealings_on(actor, matter) if "dealings" in page.there else [],
        "may_keep": matter.state in IN_HAND and bool(parts_to_keep(actor, matter, assignments=page.assignments)),
    }


@require_http_methods(["GET", "POST"])
def matter_superior(request: HttpRequest, pk: int) -> HttpResponse:
    """Name the higher task, or correct it; who comes second sees both versions and decides."""
    actor = actor_of(request)
    matter = matter_for(actor, pk)
    require(actor, Permission.SUPERIOR_EDIT, jurisdiction_id=matter.jurisdiction_id)
    if request.method == "GET":
        return _show(request, matter)
    words = {name: request.POST.get(name, "") for name in SUPERIOR_FIELDS}
    seen = number_of(request.POST.get("version"))
    try:
        name_superior(matter, words=words, version=seen, by=actor, now=clock.now())
    except (NotAllowed, NotFound):
        raise
    except Conflict as conflict:
        return _show(request, matter, words=words, refusal=conflict)
    except DomainError as error:
        return _show(request, matter, words=words, seen=seen, refusal=error)
    messages.success(request, "上级任务已保存。")
    return redirect("matter", pk)


@require_POST
def matter_dealing(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a line to the log."""
    actor = actor_of(request)
    matter = matter_for(actor, pk)
    require(actor, Permission.SUPERIOR_EDIT, jurisdiction_id=matter.jurisdiction_id)
    parts = _parts(actor, matter)
    part = next((one for one in parts if one.unit_id == number_of(request.POST.get("unit"))), None)
    if part is None:
        raise NotFound
    dealing = {name: request.POST.get(name, "") for name in ("unit", "held_on", "with_whom", "outcome")}
    try:
        held_on = day_of(dealing["held_on"], field="held_on", what="对接日期")
        if held_on is None:
            raise Invalid("请填写对接日期。", field="held_on")
        note_dealing(
            matter,
            unit=part.unit,
            held_on=held_on,
            with_whom=dealing["with_whom"],
            outcome=dealing["outcome"],
            by=actor,
            now=clock.now(),
        )
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return _show(request, matter, dealing=dealing, refusal=error)
    messages.success(request, "已记录对接情况。")
    return redirect("matter", pk)


def _parts(actor: Actor, matter: Matter) -> list[Assignment]:
    assignments = Assignment.objects.filter(matter=matter, ended_at=None).select_related("unit")
    return parts_to_keep(actor, matter, assignments=assignments)


def _show(
    request: HttpRequest,
    matter: Matter,
    *,
    words: dict[str, str] | None = None,
    seen: int | None = None,
    dealing: dict[str, str] | None = None,
    refusal: DomainError | None = None,
) -> HttpResponse:
    actor = actor_of(request)
    parts = _parts(actor, matter)
    if not parts:
        raise NotAllowed("本单位不在这件事项的责任单位中。")
    task = superior_of(matter)
    stands = _standing(task)
    values = words or stands
    field = (refusal.field or "") if refusal else ""
    context = {
        "matter": matter,
        "is_in_hand": matter.state in IN_HAND,
        "may_name": may_name(actor, matter, assignments=parts),
        "task": task,
        "version": seen if seen is not None else (task.version if task else 0),
        "fields": [(name, label, most, values[name]) for name, (label, most) in SUPERIOR_FIELDS.items()],
        "theirs": [
            (SUPERIOR_FIELDS[name][0], stands[name] or "空")
            for name in SUPERIOR_FIELDS
            if isinstance(refusal, Conflict) and stands[name] != values[name]
        ],
        "parts": [(one.unit_id, f"{one.unit.name}（{PART_LABELS[Part(one.part)]}）") for one in parts],
        "dealing": dealing or {"unit": str(parts[0].unit_id), "held_on": clock.today().isoformat()},
        "dealings": dealings_on(actor, matter),
        "lengths": {"with_whom": WITH_WHOM_LENGTH, "outcome": OUTCOME_LENGTH},
        "task_problem": refusal.message if refusal and words else "",
        "dealing_problem": refusal.message if refusal and dealing else "",
        "field": field,
    }
    return render(request, "superiors/edit.html", context, status=status_of(refusal) if refusal else 200)


def _standing(task: SuperiorTask | None) -> dict[str, str]:
    return {name: getattr(task, name) if task else "" for name in SUPERIOR_FIELDS}
