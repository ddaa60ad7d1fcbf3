"""协调: what stands in somebody's way, for the office in one list, for leaders and units their own."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from duban.access.rules import OFFICE_ROLES, Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.matters.models import Overseer
from duban.obstacles.models import Obstacle
from duban.obstacles.queries import Hand, hand_to_answer, hand_to_press, obstacles_for
from duban.obstacles.rules import ObstacleState
from duban.orgs.models import Post, Unit
from duban.orgs.queries import post_holders
from duban.web.given import actor_of, number_of
from duban.web.meetings import upcoming
from duban.web.obstacles import ObstacleLine, obstacle_lines

_PAGE_ROWS = 50
_LATELY_ENDED = 10

TABS = {"open": "待答复", "late": "逾期", "answered": "已答复", "closed": "已销结"}


@require_safe
def coordination(request: HttpRequest) -> HttpResponse:
    """The office sees all, by how they stand; a unit or leader what waits for an answer or a word of theirs first."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.MATTER_VIEW)
    if actor.holds(*OFFICE_ROLES):
        return render(request, "coordination/office.html", _office(request, actor, today=today))
    own = {"groups": _own(actor, today=today), "may_raise": may(actor, Permission.OBSTACLE_RAISE)}
    return render(request, "coordination/own.html", own)


# ---- the office


def _office(request: HttpRequest, actor: Actor, *, today: date) -> dict[str, Any]:
    tab = request.GET.get("state", "")
    tab = tab if tab in TABS else "open"
    unit, overseer = number_of(request.GET.get("unit")), number_of(request.GET.get("overseer"))
    narrowed = obstacles_for(actor)
    if unit:
        narrowed = narrowed.filter(Q(unit_id=unit) | Q(to_unit_id=unit))
    if overseer:
        overseen = Overseer.objects.filter(post_id=overseer).values("matter_id")
        narrowed = narrowed.filter(Q(matter_id__in=overseen) | Q(to_post_id=overseer))
    live = obstacle_lines(list(narrowed.live()), today=today)
    of_tab: dict[str, list[ObstacleLine]] = {
        "open": [one for one in live if one.is_open],
        "late": [one for one in live if one.due_on is not None and one.due_on < today],
        "answered": [one for one in live if not one.is_open],
    }
    ended = narrowed.filter(state=ObstacleState.CLOSED).order_by("-closed_at", "-pk")
    counts = {name: len(of_tab[name]) for name in of_tab} | {"closed": ended.count()}
    paginator: Paginator[Any] = Paginator(ended if tab == "closed" else of_tab[tab], _PAGE_ROWS)
    page = paginator.get_page(request.GET.get("page"))
    lines = obstacle_lines(list(page), today=today) if tab == "closed" else list(page)
    kept = {key: value for key, value in (("unit", unit), ("overseer", overseer)) if value}
    query = urlencode(kept)
    return {
        "tabs": [(name, label, counts[name]) for name, label in TABS.items()],
        "tab": tab,
        "lines": lines,
        "page": page,
        "query": f"{query}&" if query else "",
        "tab_query": f"{urlencode({'state': tab, **kept})}&",
        "unit": unit,
        "overseer": overseer,
        "units": _units(actor),
        "overseers": _leaders(actor, today=today),
        "meetings": upcoming(actor, today=today),
        "ripe": sum(one.is_ripe for one in live),
        "may_escalate": may(actor, Permission.MEETING_HOLD),
    }


def _units(actor: Actor) -> list[tuple[int, str]]:
    """Return the units that raised something or were asked."""
    seen = Obstacle.objects.visible_to(actor)
    wanted = Q(pk__in=seen.values("unit_id")) | Q(pk__in=seen.filter(to_unit__isnull=False).values("to_unit_id"))
    return list(Unit.objects.filter(wanted).order_by("order", "pk").values_list("pk", "name"))


def _leaders(actor: Actor, *, today: date) -> list[tuple[int, str]]:
    """Return the posts that oversee a matter something stands in the way of, or were asked."""
    seen = Obstacle.objects.visible_to(actor)
    overseeing = Overseer.objects.filter(matter_id__in=seen.values("matter_id")).values("post_id")
    wanted = Q(pk__in=overseeing) | Q(pk__in=seen.filter(to_post__isnull=False).values("to_post_id"))
    posts = list(Post.objects.filter(wanted).order_by("order", "pk"))
    holders = post_holders([one.pk for one in posts], on=today)
    return [(one.pk, holders[one.pk].name if one.pk in holders else one.title) for one in posts]


# ---- a unit's or a leader's own


@dataclass(frozen=True, slots=True)
class Group:
    """Difficulties that wait for the same thing."""

    name: str
    label: str
    action: str
    lines: list[ObstacleLine]


def _own(actor: Actor, *, today: date) -> list[Group]:
    """Return what the reader may see, what waits for the reader's hand first; of what has ended the latest only."""
    live = list(obstacles_for(actor).live())
    ended = list(obstacles_for(actor).filter(state=ObstacleState.CLOSED).order_by("-closed_at", "-pk")[:_LATELY_ENDED])
    lines = {one.pk: one for one in obstacle_lines([*live, *ended], today=today)}
    answer, confirm, others = [], [], []
    for one in live:
        if one.state == ObstacleState.OPEN and hand_to_answer(actor, one) is Hand.OWN:
            answer.append(lines[one.pk])
        elif one.state == ObstacleState.ANSWERED and hand_to_press(actor, one) is Hand.OWN:
            confirm.append(lines[one.pk])
        else:
            others.append(lines[one.pk])
    groups = [
        Group("answer", "待我答复", "答复", answer),
        Group("confirm", "已答复，待我确认", "确认", confirm),
        Group("others", "正在协调", "查看", others),
        Group("ended", "近期已销结", "查看", [lines[one.pk] for one in ended]),
    ]
    return [one for one in groups if one.lines]
