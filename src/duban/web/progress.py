"""Progress: a unit says how far it is, in one form; what was said stands on the matter's page."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from duban.access.rules import Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound
from duban.matters.actions import Behalf
from duban.matters.models import Assignment, Matter, Target
from duban.matters.queries import matter_for
from duban.matters.rules import CHANNEL_LABELS, FORECAST_LABELS, PART_LABELS, Channel, Forecast, Part, State
from duban.progress.actions import Said, enter_progress
from duban.progress.models import Progress
from duban.progress.queries import progress_entries
from duban.progress.rules import SENTENCE_LENGTH, pct_text, read_pct
from duban.web.given import actor_of, day_of, number_of
from duban.web.middleware import STATUS

_IN_HAND = (State.ASSIGNED, State.IN_PROGRESS, State.CLOSING)


# ---- the panel on a matter's page


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as a page shows it. pct, forecast: in words, or empty."""

    on: date
    unit: str
    pct: str
    forecast: str
    sentence: str
    figures: tuple[str, ...]
    by: str


def number_text(value: Decimal, unit_of_measure: str = "") -> str:
    """Return a number in words: 8,300 人."""
    shown = f"{value:,.4f}".rstrip("0").rstrip(".")
    return f"{shown} {unit_of_measure}".strip()


def _line(entry: Progress) -> Line:
    by = entry.recorded_by_name
    if entry.channel:
        by = f"{entry.informant}（{CHANNEL_LABELS[Channel(entry.channel)]}，{by}代录）"
    return Line(
        on=entry.effective_on,
        unit=entry.unit.name,
        pct=pct_text(entry.pct) if entry.pct is not None else "",
        forecast=FORECAST_LABELS[Forecast(entry.forecast)] if entry.forecast else "",
        sentence=entry.sentence,
        figures=tuple(
            f"{one.target_text}：{number_text(one.value, one.unit_of_measure)}（{pct_text(one.share_pct)}）"
            for one in entry.figures.all()
        ),
        by=by,
    )


def progress_panel(actor: Actor, matter: Matter, *, assignments: list[Assignment]) -> dict[str, Any]:
    """Return what a matter's page shows of its progress: what stands, every entry, whether one may be added."""
    entries = list(progress_entries(actor, matter=matter))
    return {
        "pct": matter.progress_pct,
        "pct_text": pct_text(matter.progress_pct) if matter.progress_pct is not None else "",
        "on": matter.progress_on,
        "forecast": FORECAST_LABELS[Forecast(matter.forecast)] if matter.forecast else "",
        "forecast_tone": _TONES[Forecast(matter.forecast)] if matter.forecast else "",
        "forecast_on": matter.forecast_on,
        "lines": [_line(one) for one in reversed(entries)],
        "may_enter": matter.state in _IN_HAND and bool(_parts(actor, matter, assignments=assignments)),
    }


_TONES = {Forecast.ON_TIME: "ok", Forecast.STRAINED: "warn", Forecast.UNLIKELY: "bad"}


def _parts(actor: Actor, matter: Matter, *, assignments: list[Assignment]) -> list[Assignment]:
    """Return the parts the actor may enter progress for, leads first."""
    place = matter.jurisdiction_id
    found = [
        one
        for one in assignments
        if one.ended_at is None and may(actor, Permission.PROGRESS_ENTER, unit_id=one.unit_id, jurisdiction_id=place)
    ]
    return sorted(found, key=lambda one: (not one.is_merging, one.part != Part.LEAD, one.order, one.pk))


# ---- the form


@require_http_methods(["GET", "POST"])
def matter_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry: the figures, a percentage where they do not say it, one sentence, the unit's own forecast."""
    actor, today = actor_of(request), clock.today()
    matter = matter_for(actor, pk)
    require(actor, Permission.PROGRESS_ENTER, jurisdiction_id=matter.jurisdiction_id)
    assignments = list(Assignment.objects.filter(matter=matter, ended_at=None).select_related("unit"))
    parts = _parts(actor, matter, assignments=assignments)
    if not parts and any(one.unit_ids for one in actor.held):
        raise NotAllowed("本单位不在这件事项的责任单位中。")
    wanted = number_of(request.POST.get("unit") or request.GET.get("unit"))
    part = next((one for one in parts if one.unit_id == wanted), None)
    if wanted and part is None:
        raise NotFound
    part = part or (parts[0] if parts else None)
    is_own = part is not None and any(part.unit_id in one.unit_ids for one in actor.held)
    targets = list(Target.objects.filter(matter=matter))
    given: dict[str, str] = {"effective_on": today.isoformat(), "channel": Channel.TELEPHONE.value}
    problem, field, status = "", "", 200
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in request.POST}
        try:
            if part is None:
                raise Invalid("这件事项还没有责任单位，不能填报进展。")
            entry = enter_progress(
                matter,
                unit=part.unit,
                said=_said(request.POST, targets=targets),
                by=actor,
                now=clock.now(),
                behalf=None if is_own else _behalf(request.POST),
            )
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field = error.message, error.field or ""
            status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
        else:
            done = f"，完成 {pct_text(entry.pct)}" if entry.pct is not None else ""
            messages.success(request, f"已填报{part.unit.name}的进展{done}。")
            return redirect("matter", pk)
    entries = [_line(one) for one in progress_entries(actor, matter=matter) if part and one.unit_id == part.unit_id]
    context = {
        "matter": matter,
        "part": part,
        "parts": [(one.unit_id, f"{one.unit.name}（{PART_LABELS[Part(one.part)]}）") for one in parts],
        "is_own": is_own,
        "is_in_hand": matter.state in _IN_HAND,
        "targets": [
            {
                "pk": one.pk,
                "name": f"figure-{one.pk}",
                "text": one.text,
                "subject": one.subject,
                "unit_of_measure": one.unit_of_measure,
                "value": given.get(f"figure-{one.pk}", ""),
            }
            for one in targets
        ],
        "forecasts": [(one.value, label) for one, label in FORECAST_LABELS.items()],
        "channels": [(one.value, label) for one, label in CHANNEL_LABELS.items()],
        "sentence_length": SENTENCE_LENGTH,
        "given": given,
        "last": entries[-1] if entries else None,
        "problem": problem,
        "field": field,
    }
    return render(request, "progress/entry.html", context, status=status)


def _said(posted: QueryDict, *, targets: list[Target]) -> Said:
    pct = posted.get("pct", "").strip()
    forecast = posted.get("forecast", "")
    return Said(
        pct=read_pct(pct) if pct else None,
        sentence=posted.get("sentence", ""),
        forecast=Forecast(forecast) if forecast in {one.value for one in Forecast} else None,
        figures={one.pk: posted.get(f"figure-{one.pk}", "") for one in targets},
        effective_on=day_of(posted.get("effective_on", ""), field="effective_on", what="“截至”"),
    )


def _behalf(posted: QueryDict) -> Behalf | None:
    channel = posted.get("channel", "")
    if channel not in {one.value for one in Channel}:
        return None
    return Behalf(Channel(channel), posted.get("informant", ""))
