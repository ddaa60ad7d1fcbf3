"""Accounts and the roles given to them.

Roles that follow from an appointment or from being a unit's contact are not stored here: `orgs` knows them.
Units and people live above this room, so they stand here as plain ids.
"""

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from duban.access.rules import (
    ADMIN_ROLES,
    GRANTABLE_ROLES,
    ROLE_LABELS,
    TOKEN_NAME_LENGTH,
    USERNAME_LENGTH,
    Role,
)
from duban.core.text import folded


class AccountManager(BaseUserManager["Account"]):
    """Django's own entry to accounts; creation goes through `access.actions.create_account`."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        """Return the account of this user name, in any case and width."""
        return self.get(username=folded(username or ""))


class Account(AbstractBaseUser):
    """Somebody who can sign in. The user name is kept folded, so that unique means unique in any case."""

    username = models.CharField("用户名", max_length=USERNAME_LENGTH, unique=True)
    name = models.CharField("姓名", max_length=40)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = AccountManager()

    class Meta:
        verbose_name = "账号"

    def __str__(self) -> str:
        return f"{self.name}（{self.username}）"

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Return False: Django's own permissions are not used; see `access.rules`."""
        return False


class Token(models.Model):
    """接口令牌: lets a program do what its owner may, until it ends or is revoked. The secret itself is kept nowhere.

    digest: SHA-256 of the secret, which is random and long.   hint: its first characters, to tell one from another.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField("用途", max_length=TOKEN_NAME_LENGTH)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    expires_on = models.DateField("到期日")
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "接口令牌"
        ordering: ClassVar = ["created_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="token_says_what_for")]

    def __str__(self) -> str:
        return f"{self.name}（{self.hint}…）"


def grant_not_over(day: date) -> Q:
    """Return the condition that a grant is in force on this day, or will be on a later one."""
    return Q(to_on__isnull=True) | Q(to_on__gte=day)


class Grant(models.Model):
    """A role given to an account, from a day to a day, both included. An ended grant stays.

    A grant ended before its first day was never in force. Business roles hold in one jurisdiction; the three
    administrators hold for the whole system.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=[(role.value, ROLE_LABELS[role]) for role in GRANTABLE_ROLES])
    jurisdiction_id = models.BigIntegerField(null=True)
    leader_person_id = models.BigIntegerField(null=True)
    from_on = models.DateField()
    to_on = models.DateField(null=True)
    granted_by_name = models.CharField(max_length=40)

    class Meta:
        verbose_name = "授权"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "role"],
                condition=Q(to_on__isnull=True, leader_person_id__isnull=True),
                name="grant_once_in_force",
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.SECRETARY) | Q(leader_person_id__isnull=False),
                name="grant_secretary_serves_a_leader",
            ),
            models.CheckConstraint(
                condition=Q(role__in=ADMIN_ROLES) | Q(jurisdiction_id__isnull=False),
                name="grant_of_business_has_a_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account.name}：{ROLE_LABELS[Role(self.role)]}"
