"""What a request gave: who asks, numbers, days, the place they keep."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.dateparse import parse_date

from duban.access.rules import Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Invalid, NotAllowed
from duban.core.seen import seen_of
from duban.matters.actions import Behalf
from duban.matters.rules import Channel
from duban.orgs.models import Jurisdiction


def actor_of(request: HttpRequest) -> Actor:
    """Return who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def number_of(value: str | None) -> int:
    """Return a number of the address or form; 0 for anything else."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 16 else 0


def order_of(value: str) -> int:
    """Return a place in an order; 1000 where nothing is given. Raises Invalid."""
    if not value:
        return 1000
    if not value.isascii() or not value.isdigit() or len(value) > 6:
        raise Invalid("排序要填不超过六位的整数。", field="order")
    return int(value)


def day_asked(given: QueryDict) -> date | None:
    """Return the earlier day an address asks for (`as_of`); None for today, and for what is no day before it."""
    try:
        day = parse_date(given.get("as_of", "").strip())
    except ValueError:
        return None
    return day if day is not None and day < clock.today() else None


def day_of(value: str, *, field: str, what: str) -> date | None:
    """Return the day of a form's field, None when it is blank. Raises Invalid."""
    if not value.strip():
        return None
    try:
        day = parse_date(value.strip())
    except ValueError:
        day = None
    if day is None:
        raise Invalid(f"{what}不是日期：{value[:20]}", field=field)
    return day


def behalf_of(posted: QueryDict) -> Behalf | None:
    """Return how somebody told the office what it enters for them, None where no way is given."""
    channel = posted.get("channel", "")
    if channel not in {one.value for one in Channel}:
        return None
    return Behalf(Channel(channel), posted.get("informant", ""))


def seen_in(request: HttpRequest, *, standing: Mapping[str, Any], theirs: object = None) -> str:
    """Return the `seen` a form carries: what its editor saw, until a conflict has shown what stands (`theirs`)."""
    return seen_of(standing) if request.method == "GET" or theirs else request.POST.get("seen", "")


def kept_place(actor: Actor) -> Jurisdiction:
    """Return the jurisdiction whose organisation the actor keeps: the first, for those who keep several."""
    require(actor, Permission.ORG_EDIT)
    for place in Jurisdiction.objects.order_by("pk"):
        if may(actor, Permission.ORG_EDIT, jurisdiction_id=place.pk):
            return place
    raise NotAllowed
