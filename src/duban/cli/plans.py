"""Which plan a command means. Imported once Django is set up; the options are `calls.take_plan`."""

from django.db.models import Q

from duban.core.errors import NotFound
from duban.matters.models import Plan


def plan_of(year: int, *, jurisdiction: str) -> Plan:
    """Return the plan of a year, the latest where it is 0, of the place named or the only one; policy, place joined.

    Raises NotFound: there is none, or more than one is meant.
    """
    plans = Plan.objects.select_related("policy", "jurisdiction").order_by("-year", "pk")
    if year:
        plans = plans.filter(year=year)
    if jurisdiction:
        plans = plans.filter(Q(jurisdiction__name=jurisdiction) | Q(jurisdiction__short_name=jurisdiction))
    found = list(plans)
    if not found:
        meant = f"{jurisdiction}{year}年度" if year else jurisdiction
        raise NotFound(f"没有{meant}的台账。" if meant else "还没有建立台账。")
    alike = [one for one in found if one.year == found[0].year]
    if len(alike) > 1:
        names = "、".join(one.jurisdiction.short_name for one in alike)
        raise NotFound(f"{names}都有{found[0].year}年度的台账，请用 --jurisdiction 写明是哪一个。")
    return found[0]
