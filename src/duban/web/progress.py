"""Progress: a unit says how far it is, in one form; what was said stands on the matter's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from duban.access.rules import Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from duban.core.text import number_text
from duban.evidence.models import Evidence
from duban.evidence.queries import by_subject
from duban.matters.models import Assignment, Matter, Target
from duban.matters.queries import matter_for
from duban.matters.rules import CHANNEL_LABELS, FORECAST_LABELS, PART_LABELS, Channel, Forecast, Part
from duban.orgs.models import Unit
from duban.progress.actions import Looked, Said, enter_progress, write_look_back
from duban.progress.models import Progress
from duban.progress.queries import IN_HAND, Sheet, look_back_sheet, progress_entries
from duban.progress.rules import LOOK_BACK_LENGTH, SENTENCE_LENGTH, last_day_of, month_of, pct_text, read_pct
from duban.web.evidence import Line as EvidenceLine
from duban.web.evidence import evidence_line, file_fields, files_of
from duban.web.given import actor_of, behalf_of, day_of, number_of
from duban.web.middleware import STATUS

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
    evidence: tuple[EvidenceLine, ...]


def _line(entry: Progress, *, evidence: Sequence[Evidence] = ()) -> Line:
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
        evidence=tuple(evidence_line(one) for one in evidence if one.withdrawn_at is None),
    )


_LATEST_ENTRIES = 12
"""So many entries stand on a matter's page; its story has them all."""


def progress_panel(
    actor: Actor,
    matter: Matter,
    *,
    assignments: list[Assignment],
    entries: Sequence[Progress],
    evidence: Sequence[Evidence],
) -> dict[str, Any]:
    """Return what a matter's page shows of its progress: the latest entries, whether one may be added."""
    given_with = by_subject(evidence)
    latest = entries[::-1][:_LATEST_ENTRIES]
    return {
        "lines": [_line(one, evidence=given_with.get(("progress", one.pk), ())) for one in latest],
        "has_more": len(entries) > _LATEST_ENTRIES,
        "look_back": _look_back_address(actor, assignments, today=clock.today()),
        "may_enter": matter.state in IN_HAND and bool(_parts(actor, matter, assignments=assignments)),
    }


def _look_back_address(actor: Actor, assignments: list[Assignment], *, today: date) -> str:
    """Return the way to this month's sheet of the actor's own unit on a matter, or nothing."""
    own = {pk for one in actor.held for pk in one.unit_ids}
    for one in assignments:
        if one.ended_at is None and one.unit_id in own and may(actor, Permission.LOOK_BACK, unit_id=one.unit_id):
            return reverse("look_back", args=[one.unit_id, today.year, today.month])
    return ""


FORECAST_TONES = {Forecast.ON_TIME: "ok", Forecast.STRAINED: "warn", Forecast.UNLIKELY: "bad"}


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
                behalf=None if is_own else behalf_of(request.POST),
                evidence=files_of(request),
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
        "is_in_hand": matter.state in IN_HAND,
        "targets": [
            {
                "pk": one.pk,
                "name": f"figure-{one.pk}",
                "text": one.text,
                "subject": one.subject,
                "unit_of_measure": one.unit_of_measure,
                "example": "如 8300 或 0.83万" if "万" in one.text or "亿" in one.text else "",
                "value": given.get(f"figure-{one.pk}", ""),
            }
            for one in targets
        ],
        "forecasts": [(one.value, label) for one, label in FORECAST_LABELS.items()],
        "channels": [(one.value, label) for one, label in CHANNEL_LABELS.items()],
        "sentence_length": SENTENCE_LENGTH,
        "given": given,
        "last": entries[-1] if entries else None,
        "files": file_fields(matter),
        "had_files": bool(request.FILES),
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


# ---- the look back


_LINES = (("done", "进展"), ("problem", "问题"), ("next_step", "下一步"))


@require_http_methods(["GET", "POST"])
def look_back(request: HttpRequest, pk: int, year: int, month: int) -> HttpResponse:
    """One sheet a month for all matters of a unit, the unit's own; whatever was changed is saved at once."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.LOOK_BACK)
    unit = Unit.objects.visible_to(actor).filter(pk=pk).first()
    if unit is None or not any(pk in one.unit_ids for one in actor.held):
        raise NotFound
    if not 2000 <= year <= today.year or not 1 <= month <= 12 or date(year, month, 1) > today:
        raise NotFound("没有这个月的回头看。")
    first = date(year, month, 1)
    sheet = look_back_sheet(unit, month=first)
    posted: QueryDict | None = None
    problem, field, status = "", "", 200
    theirs: set[int] = set()
    if request.method == "POST":
        enter = number_of(request.POST.get("enter"))
        try:
            count = write_look_back(
                unit,
                month=first,
                lines=_looked(request.POST, sheet=sheet),
                by=actor,
                now=clock.now(),
                rest_is_unchanged="rest" in request.POST,
                enter=enter or None,
            )
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, posted = error.message, error.field or "", request.POST
            status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
            if isinstance(error, Conflict) and isinstance(error.theirs, dict):
                theirs = set(error.theirs)
            sheet = look_back_sheet(unit, month=first)
        else:
            done = "已转为进展。" if enter else f"已保存 {count} 项。" if count else "没有改动。"
            messages.success(request, done)
            return redirect("look_back", pk, year, month)
    previous = month_of(first - timedelta(days=1))
    following = last_day_of(first) + timedelta(days=1)
    context = {
        "unit": unit,
        "month": first,
        "previous": previous if previous.year >= 2000 else None,
        "following": following if following <= today else None,
        "rows": [_row(one, sheet=sheet, posted=posted, theirs=theirs, field=field) for one in sheet.matters],
        "left": sum(one not in sheet.written or not _has_words(sheet, one) for one in sheet.units),
        "length": LOOK_BACK_LENGTH,
        "problem": problem,
    }
    return render(request, "progress/look_back.html", context, status=status)


def _has_words(sheet: Sheet, matter_id: int) -> bool:
    row = sheet.written[matter_id]
    return bool(row.is_nothing_new or row.done or row.problem or row.next_step)


def _looked(posted: QueryDict, *, sheet: Sheet) -> list[Looked]:
    return [
        Looked(
            matter_id=pk,
            version=number_of(posted.get(f"version-{pk}")),
            **{name: posted.get(f"{name}-{pk}", "") for name, _ in _LINES},
        )
        for pk in sheet.units
        if f"done-{pk}" in posted
    ]


def _row(matter: Matter, *, sheet: Sheet, posted: QueryDict | None, theirs: set[int], field: str) -> dict[str, Any]:
    """Return one matter of the sheet: what is typed where a form came back, else what is written."""
    row = sheet.written.get(matter.pk)
    stands = {name: getattr(row, name) if row else "" for name, _ in _LINES}
    lines = [
        (f"{name}-{matter.pk}", label, posted.get(f"{name}-{matter.pk}", stands[name]) if posted else stands[name])
        for name, label in _LINES
    ]
    is_theirs = matter.pk in theirs
    has_words = any(stands.values())
    return {
        "matter": matter,
        "part": PART_LABELS[Part(sheet.parts[matter.pk])] if matter.pk in sheet.parts else "",
        "is_open": matter.pk in sheet.units,
        "lines": lines,
        "version": row.version if row else 0,
        "state": "无新进展" if row and row.is_nothing_new else "已写" if has_words else "",
        "is_entered": bool(row and row.entry_id),
        "theirs": "；".join(value for value in stands.values() if value) or "（空）" if is_theirs else "",
        "is_shown": is_theirs or field == f"done-{matter.pk}" or (posted is not None and any(one[2] for one in lines)),
    }
