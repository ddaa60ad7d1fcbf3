"""Events of the trail as sentences on a page."""

from typing import Any

from duban.audit.models import Event
from duban.audit.rules import EVENT_LABELS, EventName
from duban.core.clock import SHANGHAI


def sentence_of(event: Event) -> dict[str, Any]:
    """Return an event in words: at, who, what, label, changes as (name, before, after)."""
    before, after = event.data.get("before"), event.data.get("after")
    changes: list[tuple[str, str, str]] = []
    if isinstance(after, dict):
        was = before if isinstance(before, dict) else {}
        changes = [(name, _said(was.get(name)), _said(value)) for name, value in after.items()]
    elif isinstance(after, list):
        changes = [("成员", _said(before), _said(after))]
    return {
        "at": event.at.astimezone(SHANGHAI),
        "who": event.actor_name,
        "what": EVENT_LABELS[EventName(event.name)],
        "label": event.subject_label,
        "changes": [one for one in changes if one[1] != one[2]],
    }


def _said(value: object) -> str:
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    return "" if value is None else str(value)
