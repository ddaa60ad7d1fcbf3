"""A year that is closed: its pages say so, and offer nothing that would be refused."""

from duban.matters.models import Plan
from duban.matters.rules import closed_words


def closed_note(plan: Plan) -> str:
    """Return why nothing more is changed of a plan, empty while it is open."""
    return closed_words(plan.year) if plan.closed_at is not None else ""
