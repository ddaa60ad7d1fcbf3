"""What several actions of this room need."""

import re
from typing import Any

from duban.core.errors import Invalid, WrongState
from duban.orgs.models import Jurisdiction, Unit

_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")


def hold(jurisdiction: Jurisdiction) -> None:
    """Let one at a time change the names of a jurisdiction: what is matched here must still hold when it is written."""
    Jurisdiction.objects.select_for_update().get(pk=jurisdiction.pk)


def require_current(unit: Unit) -> None:
    """Raise WrongState for a unit that was merged into another."""
    if unit.merged_into is not None:
        raise WrongState(f"“{unit.name}”已并入“{unit.merged_into.name}”。")


def tidy(value: str, *, field: str, what: str, longest: int, may_be_blank: bool = False) -> str:
    """Return text without padding: ends stripped, the gaps between Chinese characters (江 岚) closed."""
    value = _HAN_GAP.sub("", " ".join(value.split()))
    if not value and not may_be_blank:
        raise Invalid(f"{what}要填写。", field=field)
    if len(value) > longest:
        raise Invalid(f"{what}不能超过{longest}个字：{value[:20]}…", field=field)
    return value


def difference_of(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return {"before": …, "after": …} of what differs, or an empty dict."""
    names = [name for name in after if before[name] != after[name]]
    if not names:
        return {}
    return {"before": {name: before[name] for name in names}, "after": {name: after[name] for name in names}}
