"""Accounts and grants: what the system and the security administrator change, and the auditor's reading."""

from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from duban.access.models import Account, Grant
from duban.access.queries import grants_in_force
from duban.access.rules import GRANTABLE_ROLES, ROLE_LABELS, Permission, Role, conflicting_roles, require
from duban.audit.actions import Subject, record
from duban.audit.models import Event
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.errors import Invalid, NotFound, WrongState


def _checked(password: str, account: Account) -> str:
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise Invalid("".join(error.messages), field="password") from error
    return password


@transaction.atomic
def create_account(
    username: str,
    *,
    name: str,
    password: str,
    by: Actor,
    now: datetime,
    must_change_password: bool = True,
) -> Account:
    """Create an account without any role. Raises NotAllowed, Invalid (name taken, weak password)."""
    require(by, Permission.ACCOUNT_MANAGE)
    username, name = username.strip(), name.strip()
    if not username or not name:
        raise Invalid("用户名和姓名都要填写。", field="username")
    if Account.objects.filter(username__iexact=username).exists():
        raise Invalid(f"用户名“{username}”已被使用。", field="username")
    account = Account(username=username, name=name, created_at=now, must_change_password=must_change_password)
    account.set_password(_checked(password, account))
    account.save()
    record(EventName.ACCOUNT_CREATED, account, by=by, now=now)
    return account


@transaction.atomic
def change_account(account: Account, *, name: str, is_active: bool, by: Actor, now: datetime) -> Account:
    """Rename an account, or switch it off and on. Raises NotAllowed, Invalid."""
    require(by, Permission.ACCOUNT_MANAGE)
    if not name.strip():
        raise Invalid("姓名要填写。", field="name")
    if account.pk == by.account_id and not is_active:
        raise Invalid("不能停用自己的账号。", field="is_active")
    before = {"name": account.name, "is_active": account.is_active}
    account.name, account.is_active = name.strip(), is_active
    account.save(update_fields=["name", "is_active"])
    after = {"name": account.name, "is_active": account.is_active}
    record(EventName.ACCOUNT_CHANGED, account, by=by, now=now, data={"before": before, "after": after})
    return account


@transaction.atomic
def reset_password(account: Account, *, password: str, by: Actor, now: datetime) -> Account:
    """Set a password that must be changed at the next sign-in. Raises NotAllowed, Invalid."""
    require(by, Permission.ACCOUNT_MANAGE)
    account.set_password(_checked(password, account))
    account.must_change_password = True
    account.save(update_fields=["password", "must_change_password"])
    record(EventName.PASSWORD_RESET, account, by=by, now=now)
    return account


@transaction.atomic
def change_own_password(account: Account, *, old: str, new: str, by: Actor, now: datetime) -> Account:
    """Change one's own password. Raises Invalid (old one wrong, new one weak or the same)."""
    if by.account_id != account.pk or not account.check_password(old):
        raise Invalid("原密码不正确。", field="old")
    if old == new:
        raise Invalid("新密码不能与原密码相同。", field="new")
    account.set_password(_checked(new, account))
    account.must_change_password = False
    account.save(update_fields=["password", "must_change_password"])
    record(EventName.PASSWORD_CHANGED, account, by=by, now=now)
    return account


@transaction.atomic
def grant_role(
    account: Account,
    *,
    role: Role,
    jurisdiction_id: int | None,
    from_on: date,
    by: Actor,
    now: datetime,
    leader_person_id: int | None = None,
) -> Grant:
    """Give a role from a day on. Raises NotAllowed, Invalid (not grantable, held already, separation of duties)."""
    require(by, Permission.GRANT_MANAGE)
    if role not in GRANTABLE_ROLES:
        raise Invalid(f"“{ROLE_LABELS[role]}”随任职或单位联系人产生，不能直接授予。", field="role")
    if by.account_id == account.pk:
        raise Invalid("不能给自己授权。", field="account")
    if role is Role.SECRETARY and leader_person_id is None:
        raise Invalid("秘书要指明服务的领导。", field="leader_person_id")
    held = {Role(one.role) for one in grants_in_force(account, on=from_on)}
    if problem := conflicting_roles(held | {role}):
        raise Invalid(problem, field="role")
    if Grant.objects.filter(
        account=account, role=role, leader_person_id=leader_person_id, to_on__isnull=True
    ).exists():
        raise Invalid(f"{account.name}已是{ROLE_LABELS[role]}。", field="role")
    grant = Grant.objects.create(
        account=account,
        role=role,
        jurisdiction_id=jurisdiction_id,
        leader_person_id=leader_person_id,
        from_on=from_on,
        granted_by_name=by.name,
    )
    record(EventName.ROLE_GRANTED, grant, by=by, now=now, data={"account": account.username, "role": role.value})
    return grant


@transaction.atomic
def end_grant(grant: Grant, *, to_on: date, by: Actor, now: datetime) -> Grant:
    """End a grant after a day. Raises NotAllowed, WrongState (ended already)."""
    require(by, Permission.GRANT_MANAGE)
    if not Grant.objects.filter(Q(pk=grant.pk) & Q(to_on__isnull=True)).update(to_on=max(to_on, grant.from_on)):
        raise WrongState("该授权已经收回。")
    grant.refresh_from_db()
    record(EventName.ROLE_ENDED, grant, by=by, now=now, data={"account": grant.account.username, "role": grant.role})
    return grant


@transaction.atomic
def open_event(event_id: int, *, reason: str, by: Actor, now: datetime) -> Event:
    """Open one event's content for the auditor; the reason is itself an event. Raises NotAllowed, NotFound, Invalid."""
    require(by, Permission.AUDIT_OPEN)
    if len(reason.strip()) < 2:
        raise Invalid("请写明查看理由。", field="reason")
    event = Event.objects.filter(pk=event_id).first()
    if event is None:
        raise NotFound
    record(
        EventName.AUDIT_OPENED,
        Subject(type="event", id=event.pk, label=f"第{event.pk}号事件", data={"reason": reason.strip()}),
        by=by,
        now=now,
    )
    return event


@transaction.atomic
def record_refusal(path: str, *, code: str, by: Actor, now: datetime) -> None:
    """Write down that somebody tried what they may not, or what is not theirs. Changes nothing else."""
    record(
        EventName.REFUSED,
        Subject(type="page", id=None, label=path[:120], data={"code": code}),
        by=by,
        now=now,
    )


@transaction.atomic
def record_session(name: EventName, *, username: str, by: Actor, now: datetime) -> None:
    """Write down a sign-in, a sign-out, a failed try or a lock-out. Changes nothing else."""
    record(name, Subject(type="account", id=by.account_id, label=username[:40]), by=by, now=now)
