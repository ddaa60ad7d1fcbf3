"""Which page somebody works on first."""

from duban.access.rules import Permission, may
from duban.core.actor import Actor

_FIRST = (
    (Permission.MORNING_VIEW, "morning"),
    (Permission.DESK_VIEW, "my_desk"),
    (Permission.MATTER_VIEW, "ledger"),
    (Permission.ACCOUNT_MANAGE, "accounts"),
    (Permission.GRANT_MANAGE, "grants"),
    (Permission.AUDIT_VIEW, "audit"),
)


def home_of(actor: Actor) -> str:
    """Return the URL name of the first page this actor may open; the password page for those without any role."""
    return next((name for permission, name in _FIRST if may(actor, permission)), "password")
