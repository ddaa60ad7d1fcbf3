"""Reads about accounts, grants, and of the trail by those who may."""

from datetime import date

from django.db.models import Q, QuerySet

from duban.access.models import Account, Grant
from duban.access.rules import Permission, require
from duban.audit.models import Event
from duban.core.actor import Actor


def grants_in_force(account: Account, *, on: date) -> QuerySet[Grant]:
    """Return what this account holds by grant on a day."""
    return (
        Grant.objects.filter(account=account, from_on__lte=on)
        .filter(Q(to_on__isnull=True) | Q(to_on__gte=on))
        .order_by("pk")
    )


def accounts_for_administrator(actor: Actor) -> QuerySet[Account]:
    """Return all accounts by user name. Raises NotAllowed for anyone but the administrators of accounts and rights."""
    if not actor.holds("security_admin"):
        require(actor, Permission.ACCOUNT_MANAGE)
    return Account.objects.order_by("username")


def events_for_auditor(actor: Actor) -> QuerySet[Event]:
    """Return the whole trail without contents, newest first. Raises NotAllowed for anyone but the auditor."""
    require(actor, Permission.AUDIT_VIEW)
    return Event.objects.defer("data").order_by("-at", "-pk")
