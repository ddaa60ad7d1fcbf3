"""Reads about accounts, grants, and of the trail by those who may."""

import hashlib
from datetime import date, datetime
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Prefetch, QuerySet, Sum

from duban.access.models import Account, Grant, Token, grant_not_over
from duban.access.rules import Permission, Role, require
from duban.audit.models import Event
from duban.core.actor import Actor


def grants_in_force(account: Account, *, on: date) -> QuerySet[Grant]:
    """Return what this account holds by grant on a day."""
    return Grant.objects.filter(grant_not_over(on), account=account, from_on__lte=on).order_by("pk")


def grants_of_role(role: Role, *, on: date) -> QuerySet[Grant]:
    """Return the grants of a role in force on a day whose account can sign in."""
    return Grant.objects.filter(grant_not_over(on), role=role, from_on__lte=on, account__is_active=True).order_by("pk")


def token_digest(secret: str) -> str:
    """Return what is kept of a token's secret: it is random and long, so a plain digest tells nobody anything."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_in_force(secret: str, *, on: date) -> Token | None:
    """Return the token of a secret that lets its owner in on a day, the account joined; None for any other."""
    found = Token.objects.filter(
        digest=token_digest(secret),
        revoked_at=None,
        expires_on__gte=on,
        account__is_active=True,
        account__must_change_password=False,
    )
    return found.select_related("account").first()


def account_shown(account: Account) -> dict[str, Any]:
    """Return what may be changed of an account, in words, as a form shows it, for `seen`."""
    return {"姓名": account.name, "启用": "是" if account.is_active else "否"}


def accounts_for_administrator(actor: Actor) -> QuerySet[Account]:
    """Return all accounts by user name. Raises NotAllowed for anyone but the system administrator."""
    require(actor, Permission.ACCOUNT_MANAGE)
    return Account.objects.order_by("username")


def accounts_with_grants(actor: Actor, *, on: date) -> QuerySet[Account]:
    """Return all accounts by user name, each with `current_grants` (in force or to come).

    Raises NotAllowed for anyone but the security administrator.
    """
    require(actor, Permission.GRANT_MANAGE)
    current = Grant.objects.filter(grant_not_over(on)).order_by("pk")
    return Account.objects.order_by("username").prefetch_related(
        Prefetch("grants", queryset=current, to_attr="current_grants")
    )


def locked_usernames(*, since: datetime) -> set[str]:
    """Return the user names that are locked. since: real time, the length of the lock before now."""
    tries = (
        AccessAttempt.objects.filter(attempt_time__gte=since)
        .values("username")
        .annotate(failures=Sum("failures_since_start"))
        .order_by()
    )
    return {one["username"] for one in tries if one["failures"] >= settings.AXES_FAILURE_LIMIT}


def events_for_auditor(actor: Actor) -> QuerySet[Event]:
    """Return the whole trail without contents, newest first. Raises NotAllowed for anyone but the auditor."""
    require(actor, Permission.AUDIT_VIEW)
    return Event.objects.defer("data").order_by("-at", "-pk")
