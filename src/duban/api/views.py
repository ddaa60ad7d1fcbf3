"""The addresses: each translates in, makes one call, translates out."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_date

from duban.access.rules import Permission, require
from duban.api.doors import api, asked_number, body_of, flag_in, number_in, text_in, words_in
from duban.api.shapes import (
    BulletinShape,
    BulletinsShape,
    ComingShape,
    DueShape,
    DuesShape,
    MatterShape,
    MattersShape,
    ObjectionShape,
    ObjectionsShape,
    OneMatterShape,
    PlanShape,
    PlansShape,
    ProgressShape,
    ReasonShape,
)
from duban.bulletins.models import Bulletin
from duban.bulletins.queries import bulletins_for
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Invalid, NotFound
from duban.core.workdays import workdays_now
from duban.lights.queries import facts_in_words, override_of, stored_judgement
from duban.lights.words import explained
from duban.matters.actions import Behalf
from duban.matters.models import Plan
from duban.matters.queries import (
    LedgerFilter,
    LedgerRow,
    current_of,
    ledger_page,
    ledger_rows,
    matter_for,
    obligations_of,
    plans_in_sight,
    policy_of,
)
from duban.matters.rules import OWED_LABELS, Channel, Forecast, Light, Owed, State
from duban.objections.actions import Ruling, decide_objection
from duban.objections.models import Objection
from duban.objections.queries import objection_for, objections_for
from duban.objections.rules import ObjectionState, Outcome
from duban.orgs.models import Unit
from duban.progress.actions import Said, enter_progress
from duban.progress.rules import read_pct
from duban.visits.rules import Result

_ROWS = 50
_ROWS_MOST = 200


# ---- plans and matters


def _plans(actor: Actor, request: HttpRequest) -> PlansShape:
    require(actor, Permission.MATTER_VIEW)
    found = plans_in_sight(actor).select_related("jurisdiction")
    return PlansShape(tuple(PlanShape(one.pk, one.year, one.title, one.jurisdiction.name) for one in found))


def _plan(actor: Actor, request: HttpRequest) -> Plan:
    """Return the plan an address asks for, else that of this year. Raises NotFound."""
    plans = list(plans_in_sight(actor))
    wanted = asked_number(request, "plan")
    one = next((each for each in plans if each.pk == wanted), None) if wanted else None
    one = one or (None if wanted else current_of(plans, today=clock.today()))
    if one is None:
        raise NotFound("没有这本台账，或者您无权查看。")
    return one


def _matters(actor: Actor, request: HttpRequest) -> MattersShape:
    require(actor, Permission.MATTER_VIEW)
    state, light = request.GET.get("state", ""), request.GET.get("light", "")
    if state and state != "open" and state not in set(State):
        raise Invalid(f"state 应当是 open 或者 {'、'.join(State)} 之一。", field="state")
    if light and light != "none" and light not in set(Light):
        raise Invalid(f"light 应当是 none 或者 {'、'.join(Light)} 之一。", field="light")
    chosen = LedgerFilter(
        text=request.GET.get("q", "")[:60].replace("\0", ""),
        unit_id=asked_number(request, "unit"),
        state=state,
        light=light,
    )
    page = ledger_page(
        actor,
        plan=_plan(actor, request),
        chosen=chosen,
        today=clock.today(),
        page=asked_number(request, "page", default=1) or 1,
        page_rows=asked_number(request, "size", default=_ROWS, most=_ROWS_MOST) or _ROWS,
    )
    return MattersShape(tuple(_matter_shape(one) for one in page.rows), page.total, page.page, page.pages)


def _matter_shape(one: LedgerRow) -> MatterShape:
    return MatterShape(
        id=one.id,
        serial=one.serial,
        title=one.title,
        text=one.text,
        kind=one.kind,
        state=one.state,
        field=one.field,
        starts_on=one.starts_on,
        due_on=one.due_on,
        progress_pct=None if one.progress_pct is None else float(one.progress_pct),
        light=one.light,
        light_shown=one.light_override or one.light,
        leads=one.leads,
        supports=one.supports,
        overseers=one.overseers,
    )


def _matter(actor: Actor, request: HttpRequest, pk: int) -> OneMatterShape:
    require(actor, Permission.MATTER_VIEW)
    matter, today = matter_for(actor, pk), clock.today()
    [row] = ledger_rows([pk], today=today)
    says = None
    if matter.lit_on:
        says = explained(
            facts_in_words(matter, milestones=matter.milestones.all()),
            stored_judgement(matter, today=today),
            policy=policy_of(matter.plan).lights,
            calendar=workdays_now(),
            today=today,
        )
    override = override_of(matter) if matter.light_override else None
    return OneMatterShape(
        matter=_matter_shape(row),
        light_since=matter.light_since,
        override_reason=override.reason if override is not None else "",
        reasons=tuple(ReasonShape(one.light.value, one.text, one.since, one.cure) for one in says.why) if says else (),
        coming=tuple(ComingShape(one.light.value, one.on, one.text) for one in says.coming) if says else (),
    )


def _progress(actor: Actor, request: HttpRequest, pk: int) -> ProgressShape:
    require(actor, Permission.PROGRESS_ENTER)
    matter, given = matter_for(actor, pk), body_of(request)
    unit = Unit.objects.filter(pk=number_in(given, "unit_id"), jurisdiction=matter.jurisdiction_id).first()
    if unit is None:
        raise Invalid("没有这个单位。", field="unit_id")
    forecast = text_in(given, "forecast")
    if forecast and forecast not in set(Forecast):
        raise Invalid(f"forecast 应当是 {'、'.join(Forecast)} 之一。", field="forecast")
    said = Said(
        pct=_percent(given),
        sentence=text_in(given, "sentence"),
        forecast=Forecast(forecast) if forecast else None,
        figures=_figures(given),
        effective_on=_day(given, "effective_on"),
    )
    made = enter_progress(matter, unit=unit, said=said, behalf=_behalf(given), by=actor, now=clock.now())
    pct = None if made.pct is None else float(made.pct)
    return ProgressShape(made.pk, made.matter_id, made.unit_id, pct, made.sentence, made.effective_on)


def _percent(given: dict[str, Any]) -> Decimal | None:
    value = given.get("pct")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid("pct 应当是数字。", field="pct")
    return read_pct(str(value))


def _figures(given: dict[str, Any]) -> dict[int, str]:
    value = given.get("figures") or {}
    is_fit = isinstance(value, dict) and all(
        key.isascii() and key.isdigit() and len(key) < 16 and isinstance(one, str) for key, one in value.items()
    )
    if not is_fit:
        raise Invalid('figures 应当是按目标编号写的数字，如 {"12": "3"}。', field="figures")
    return {int(key): one for key, one in value.items()}


def _day(given: dict[str, Any], name: str) -> date | None:
    words = text_in(given, name)
    if not words:
        return None
    try:
        day = parse_date(words)
    except ValueError:
        day = None
    if day is None:
        raise Invalid(f"{name} 应当是日期，如 2020-06-30。", field=name)
    return day


def _behalf(given: dict[str, Any]) -> Behalf | None:
    channel = text_in(given, "behalf_channel")
    if not channel:
        return None
    if channel not in set(Channel):
        raise Invalid(f"behalf_channel 应当是 {'、'.join(Channel)} 之一。", field="behalf_channel")
    return Behalf(Channel(channel), text_in(given, "behalf_informant"))


def _obligations(actor: Actor, request: HttpRequest) -> DuesShape:
    require(actor, Permission.DESK_VIEW)
    found = obligations_of(actor)
    return DuesShape(
        tuple(
            DueShape(
                one.id, one.kind, one.title or OWED_LABELS[Owed(one.kind)], one.due_on, one.unit_id, one.matter_id,
                one.serial or "",
            )
            for one in found
        )
    )  # fmt: skip


# ---- bulletins and objections


def _page_of(request: HttpRequest, found: QuerySet[Any]) -> Any:
    size = asked_number(request, "size", default=_ROWS, most=_ROWS_MOST) or _ROWS
    return Paginator(found, size).get_page(asked_number(request, "page", default=1))


def _bulletins(actor: Actor, request: HttpRequest) -> BulletinsShape:
    require(actor, Permission.BULLETIN_VIEW)
    page = _page_of(request, bulletins_for(actor))
    items = tuple(_bulletin_shape(one) for one in page)
    return BulletinsShape(items, page.paginator.count, page.number, page.paginator.num_pages)


def _bulletin_shape(one: Bulletin) -> BulletinShape:
    return BulletinShape(one.pk, one.number, one.number_year, one.title, one.kind, one.state, one.issued_on)


def _objections(actor: Actor, request: HttpRequest) -> ObjectionsShape:
    require(actor, Permission.OBJECTION_VIEW)
    found = objections_for(actor)
    if state := request.GET.get("state", ""):
        if state not in set(ObjectionState):
            raise Invalid(f"state 应当是 {'、'.join(ObjectionState)} 之一。", field="state")
        found = found.filter(state=state)
    page = _page_of(request, found)
    items = tuple(_objection_shape(one) for one in page)
    return ObjectionsShape(items, page.paginator.count, page.number, page.paginator.num_pages)


def _objection(actor: Actor, request: HttpRequest, pk: int) -> ObjectionShape:
    require(actor, Permission.OBJECTION_VIEW)
    return _objection_shape(objection_for(actor, pk))


def _objection_shape(one: Objection) -> ObjectionShape:
    return ObjectionShape(
        id=one.pk,
        unit=one.unit.name,
        target=one.target,
        about=one.about,
        state=one.state,
        grounds=one.grounds,
        asked_for=one.asked_for,
        filed_on=one.filed_on,
        decide_by=one.decide_by,
        outcome=one.outcome,
        reasons=one.reasons,
        remedy=one.remedy,
        number=one.number_text,
    )


def _decide(actor: Actor, request: HttpRequest, pk: int) -> ObjectionShape:
    require(actor, Permission.OBJECTION_DECIDE)
    one, given = objection_for(actor, pk), body_of(request)
    outcome, light, result = (text_in(given, name) for name in ("outcome", "light", "result"))
    if outcome not in set(Outcome):
        raise Invalid(f"outcome 应当是 {'、'.join(Outcome)} 之一。", field="outcome")
    if light and light not in set(Light):
        raise Invalid(f"light 应当是 {'、'.join(Light)} 之一。", field="light")
    if result and result not in set(Result):
        raise Invalid(f"result 应当是 {'、'.join(Result)} 之一。", field="result")
    ruling = Ruling(
        outcome=Outcome(outcome),
        reasons=text_in(given, "reasons"),
        light=Light(light) if light else None,
        correction=text_in(given, "correction"),
        result=Result(result) if result else None,
        left_out=frozenset(words_in(given, "left_out")),
        recounts=flag_in(given, "recounts"),
    )
    decide_objection(one, ruling=ruling, by=actor, now=clock.now())
    return _objection_shape(objection_for(actor, pk))


plans = api(get=_plans)
matters = api(get=_matters)
matter = api(get=_matter)
progress = api(post=_progress)
obligations = api(get=_obligations)
bulletins = api(get=_bulletins)
objections = api(get=_objections)
objection = api(get=_objection)
decision = api(post=_decide)
