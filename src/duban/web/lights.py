"""三盏灯 on a matter's page: which, why, since when, what cures it, what comes; and the office's override."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.db.models.lookups import In
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from duban.access.rules import Permission, acting_with, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound
from duban.core.workdays import add_workdays, workdays_now
from duban.lights.actions import lift_override, override_light
from duban.lights.models import LightTurn, Override
from duban.lights.queries import (
    FACTS_IN_WORDS,
    AsOf,
    facts_in_words,
    override_of,
    standing_as_of,
    stored_judgement,
    turns_of,
    worse_since,
)
from duban.lights.rules import LIGHT_LABELS, Light, grey_words
from duban.lights.words import Explanation, explained, share_text, why_lit
from duban.matters.models import Aside, Assignment, Matter, Milestone
from duban.matters.queries import MatterPage, matter_for, merging_units, policy_of
from duban.matters.rules import FORECAST_LABELS, Forecast, Part
from duban.web.given import actor_of
from duban.web.ledger import ledgers_with
from duban.web.obstacles import status_of
from duban.web.waiting import OF_WHICH_PLANS, Office, Queue, Waiting, Waits, counts_by_plan, first_of

_TURNS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class TurnLine:
    """One turn of a light in words."""

    on: date
    text: str


@dataclass(frozen=True, slots=True)
class LightPanel:
    """The light of a matter as a panel shows it, of today or of an earlier day.

    light: by the rules, empty without any; grey: why there is none.   begins_on: the first day of a light, while it is
    to come.   says: None where nothing is to be said.
    """

    light: str
    since: date | None
    override: Override | None
    grey: str
    begins_on: date | None
    says: Explanation | None
    turns: list[TurnLine]
    may_override: bool = False
    as_of: date | None = None


def light_panel(actor: Actor, page: MatterPage, *, today: date) -> LightPanel:
    """Return what a matter's page shows of its light. One statement, two where the office has overridden it."""
    matter = page.matter
    return LightPanel(
        light=matter.light,
        since=matter.light_since,
        override=override_of(matter) if matter.light_override else None,
        grey=grey_words(state=matter.state, starts_on=matter.starts_on, today=today),
        begins_on=matter.lit_on if matter.lit_on and matter.lit_on > today else None,
        says=_explained(matter, page.milestones, today=today) if matter.lit_on else None,
        turns=[_turn_line(one) for one in turns_of(matter)[:_TURNS_SHOWN]] if matter.judged_on else [],
        may_override=bool(matter.light)
        and may(actor, Permission.LIGHT_OVERRIDE, jurisdiction_id=matter.jurisdiction_id),
    )


def _panel_as_of(stood: AsOf, *, turns: QuerySet[LightTurn], day: date) -> LightPanel:
    """Return what a panel shows of the light of an earlier day, as it was judged then."""
    facts, judgement = stood.facts, stood.judgement
    says = explained(facts, judgement, policy=stood.policy, calendar=stood.calendar, today=day, is_past=True)
    return LightPanel(
        light=stood.light or "",
        since=stood.since,
        override=stood.override,
        grey=grey_words(state=facts.state, starts_on=facts.starts_on, today=day),
        begins_on=judgement.lit_on if judgement.lit_on and judgement.lit_on > day else None,
        says=says if judgement.lit_on else None,
        turns=[_turn_line(one) for one in turns.filter(day__lte=day)[:_TURNS_SHOWN]],
        as_of=day,
    )


def matter_as_of(request: HttpRequest, pk: int, *, day: date) -> HttpResponse:
    """One matter at the end of an earlier day: its light and what was known of it by then. Eight statements."""
    matter = matter_for(actor_of(request), pk)
    stood = standing_as_of([matter.pk], day=day).get(matter.pk)
    leads = Assignment.objects.filter(matter=matter, part=Part.LEAD, ended_at=None).order_by(
        "-is_merging", "order", "pk"
    )
    facts = stood.facts if stood else None
    context = {
        "matter": matter,
        "day": day,
        "stood": stood,
        "facts": facts,
        "shown": stood.shown or "" if stood else "",
        "leads": list(leads.values_list("unit__name", flat=True)),
        "light": _panel_as_of(stood, turns=turns_of(matter), day=day) if stood else None,
        "progress": share_text(facts.progress) if facts and facts.progress is not None else "",
        "forecast": FORECAST_LABELS[Forecast(facts.forecast)] if facts and facts.forecast else "",
        "nodes": [(one, share_text(one.expected)) for one in facts.nodes] if facts else [],
        "story_to": day.isoformat(),
    }
    return render(request, "lights/as_of.html", context)


def _explained(matter: Matter, milestones: Iterable[Milestone], *, today: date) -> Explanation:
    """Return what the stored light says of itself; no statement."""
    return explained(
        facts_in_words(matter, milestones=milestones),
        stored_judgement(matter, today=today),
        policy=policy_of(matter.plan).lights,
        calendar=workdays_now(),
        today=today,
    )


def _turn_line(turn: LightTurn) -> TurnLine:
    before, light = (LIGHT_LABELS[Light(one)] if one else "" for one in (turn.before, turn.light))
    if not light:
        return TurnLine(turn.day, f"不再亮灯（原为{before}）")
    why = "（督查规则修改）" if turn.policy_id else ""
    return TurnLine(turn.day, (f"{before}转{light}" if before else f"亮{light}") + why)


def office_queue(office: Office) -> Queue:
    """Return the matters whose light is worse than on the evening of the last working day, red before yellow.

    Four statements, two more where they lie in several plans; one where there is none.
    """
    since, editor = add_workdays(office.today, -1), acting_with(office.actor, Permission.MATTER_EDIT)
    places = [one.jurisdiction_id for one in editor.held if one.jurisdiction_id]
    found = worse_since(since).filter(In(Aside("matter__jurisdiction_id"), places))
    is_red = Case(When(Q(shown=Light.RED), then=Value(0)), default=Value(1))
    ordered = found.order_by(is_red, "-day", "matter__plan_id", "matter__order", "matter_id")
    reds = Count("pk", filter=Q(shown=Light.RED))
    rows, count = first_of(ordered, "matter_id", "day", most=office.most, reds=reds, **OF_WHICH_PLANS)
    if not rows:
        return Queue([], 0)
    ids = [one.matter_id for one in rows]
    matters = (
        Matter.objects.only(*FACTS_IN_WORDS, "title", "text", "serial").prefetch_related("milestones").in_bulk(ids)
    )
    units = merging_units(ids)
    lines = [_turned(matters[one.matter_id], one.day, office, unit=units.get(one.matter_id, "")) for one in rows]
    by_light = ((Light.RED, rows[0].reds), (Light.YELLOW, count - rows[0].reds))
    return Queue(
        lines,
        count,
        ledgers_with(counts_by_plan(found, rows), since=since.isoformat(), sort="light"),
        note="，".join(f"{LIGHT_LABELS[one]} {number}" for one, number in by_light if number),
    )


def _turned(matter: Matter, on: date, office: Office, *, unit: str) -> Waiting:
    why = why_lit(
        facts_in_words(matter, milestones=matter.milestones.all()),
        stored_judgement(matter, today=office.today),
        policy=office.figures[matter.plan_id].lights,
        calendar=workdays_now(),
        today=office.today,
    )
    return Waiting(
        waits=Waits.DECIDE,
        address=f"{reverse('matter', args=[matter.pk])}#light",
        action="看原因",
        text=matter.title or matter.text,
        since=on,
        serial=matter.serial,
        note=why[0].text if why else "",
        unit=unit,
        light=matter.light,
        override=matter.light_override,
    )


@require_http_methods(["GET", "POST"])
def matter_light(request: HttpRequest, pk: int) -> HttpResponse:
    """Override a matter's light, or lift the override; each with its written reason."""
    actor = actor_of(request)
    matter = matter_for(actor, pk)
    require(actor, Permission.LIGHT_OVERRIDE, jurisdiction_id=matter.jurisdiction_id)
    if request.method == "GET":
        return _show(request, matter, override=override_of(matter))
    reason, now = request.POST.get("reason", ""), clock.now()
    try:
        if request.POST.get("step") == "lift":
            lift_override(matter, reason=reason, by=actor, now=now)
            done = "已取消改判，恢复按规则判定的灯色。"
        else:
            light = _light_of(request.POST.get("light", ""))
            override_light(matter, light=light, reason=reason, by=actor, now=now)
            done = f"已改判为{LIGHT_LABELS[light]}，理由已告知责任单位。"
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        matter.refresh_from_db()
        return _show(request, matter, override=override_of(matter), refusal=error)
    messages.success(request, done)
    return redirect("matter", pk)


def _light_of(value: str) -> Light:
    if value not in list(Light):
        raise Invalid("请选择改判为哪种灯。", field="light")
    return Light(value)


def _show(
    request: HttpRequest, matter: Matter, *, override: Override | None, refusal: DomainError | None = None
) -> HttpResponse:
    shown = matter.light_override or matter.light
    context = {
        "matter": matter,
        "override": override,
        "says": _explained(matter, matter.milestones.all(), today=clock.today()) if matter.lit_on else None,
        "choices": [(one.value, LIGHT_LABELS[one]) for one in Light if one.value not in (shown, matter.light)],
        "chosen": request.POST.get("light", ""),
        "reason": request.POST.get("reason", ""),
        "step": request.POST.get("step", ""),
        "refusal": refusal,
    }
    return render(request, "lights/override.html", context, status=status_of(refusal) if refusal else 200)
