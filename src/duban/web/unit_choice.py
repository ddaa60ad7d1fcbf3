"""Units as somebody types them: one after the other, a 统称 standing for its members."""

from datetime import date

from duban.core.errors import Invalid
from duban.matters.models import Plan
from duban.matters.queries import Directory
from duban.orgs.models import Unit


def typed_units(typed: str, *, plan: Plan, today: date, field: str) -> list[Unit]:
    """Return the units of a text like “教育局、各镇（街道）”, each once. Raises Invalid for a name nobody knows."""
    if not typed.strip():
        return []
    read = Directory(plan, today=today).read_units(typed)
    open_groups = [one.name for one in read.groups if not one.is_settled]
    if read.unknown or open_groups:
        names = "”“".join([*read.unknown, *open_groups])
        raise Invalid(f"没有找到“{names}”，请从提示中选择单位。", field=field)
    return [one.unit for one in read.units if one.unit is not None]
