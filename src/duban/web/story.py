"""The story of a matter: everything that happened on it in plain sentences, narrowed, on paper as on the screen."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from duban.core import clock
from duban.core.errors import Invalid
from duban.core.text import date_text
from duban.matters.models import Assignment
from duban.matters.queries import StoryFilter, matter_for, matter_story
from duban.web.given import actor_of, day_of, number_of
from duban.web.matter_history import STORY_KIND_LABELS, WHO_LABELS, StoryKind, Who, names_of, sentence_of

A_PAGE = 100
PRINTED_MOST = 3_000
"""So many lines are printed at once: some two hundred sheets. A longer story is printed by period."""


@require_safe
def matter_story_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One timeline, by whose step it is, what it is about and when; newest or oldest first; all of it to print."""
    actor, given = actor_of(request), request.GET
    matter = matter_for(actor, pk)
    units = [
        (one.unit_id, one.unit.name)
        for one in Assignment.objects.filter(matter=matter).select_related("unit").order_by("part", "order", "pk")
    ]
    problem = ""
    period: tuple[date | None, date | None] = (None, None)
    try:
        period = _period(given)
    except Invalid as error:
        problem = error.message
    who, kind = given.get("who", ""), given.get("kind", "")
    unit_id = number_of(who.removeprefix("unit-")) if who.startswith("unit-") else None
    chosen = StoryFilter(
        names=names_of(
            kind=StoryKind(kind) if kind in set(StoryKind) else None, who=Who(who) if who in set(Who) else None
        ),
        unit_id=unit_id,
        from_on=period[0],
        to_on=period[1],
    )
    is_oldest_first, is_all = given.get("order") == "old", given.get("all") == "1"
    events = matter_story(actor, matter, chosen=chosen).order_by("matter_no" if is_oldest_first else "-matter_no")
    page = Paginator(events, PRINTED_MOST if is_all else A_PAGE).get_page(given.get("page"))
    context = {
        "matter": matter,
        "page": page,
        "lines": [sentence_of(one) for one in page],
        "count": page.paginator.count,
        "is_cut": is_all and page.paginator.num_pages > 1,
        "printed_most": PRINTED_MOST,
        "given": {name: given.get(name, "") for name in ("who", "kind", "from", "to", "order")},
        "is_all": is_all,
        "query": _query(given, without=("page",)),
        "print_query": _query(given, without=("page", "all")),
        "whos": [(one.value, label) for one, label in WHO_LABELS.items()],
        "units": [(f"unit-{unit_pk}", name) for unit_pk, name in dict(units).items()],
        "kinds": [(one.value, label) for one, label in STORY_KIND_LABELS.items()],
        "period": _period_text(*period, today=clock.today(), begun=matter.starts_on),
        "narrowed": _narrowed(who, kind, units=dict(units)),
        "problem": problem,
    }
    return render(request, "matters/story.html", context, status=400 if problem else 200)


def _period(given: QueryDict) -> tuple[date | None, date | None]:
    """Return the days asked for. Raises Invalid."""
    begin = day_of(given.get("from", ""), field="from", what="起始日期")
    end = day_of(given.get("to", ""), field="to", what="截止日期")
    if begin is not None and end is not None and end < begin:
        raise Invalid("截止日期不能早于起始日期。", field="to")
    return begin, end


def _period_text(begin: date | None, end: date | None, *, today: date, begun: date) -> str:
    return f"{date_text(begin or begun)}至{date_text(end or today)}"


def _narrowed(who: str, kind: str, *, units: dict[int, str]) -> str:
    """Return what the story is narrowed to, in words."""
    parts = [STORY_KIND_LABELS[StoryKind(kind)]] if kind in set(StoryKind) else []
    parts += [WHO_LABELS[Who(who)]] if who in set(Who) else []
    parts += [units.get(number_of(who.removeprefix("unit-")), "")] if who.startswith("unit-") else []
    return "、".join(filter(None, parts))


def _query(given: Any, *, without: tuple[str, ...]) -> str:
    kept = given.copy()
    for name in without:
        kept.pop(name, None)
    return f"{kept.urlencode()}&" if kept else ""
