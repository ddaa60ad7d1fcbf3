"""Accounts and grants: what the system and the security administrator change, and the auditor's reading."""

import secrets
from datetime import date, datetime, timedelta
from importlib import import_module

from axes.utils import reset as forget_failed_tries
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from duban.access.models import Account, Grant, Token, grant_not_over
from duban.access.queries import account_shown, grants_in_force, grants_of_role, token_digest
from duban.access.rules import (
    ADMIN_ROLES,
    GRANTABLE_ROLES,
    ROLE_LABELS,
    TOKEN_DAYS_MOST,
    TOKEN_NAME_LENGTH,
    TOKEN_PREFIX,
    Permission,
    Role,
    conflicting_roles,
    is_username,
    require,
)
from duban.audit.actions import Subject, record
from duban.audit.models import Event
from duban.audit.queries import Verification, verification
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, NotAllowed, NotFound, WrongState
from duban.core.seen import require_seen
from duban.core.text import folded

PASSWORD_PROBLEMS = {
    "password_too_short": "密码太短，至少 8 位。",
    "password_too_common": "密码太常见，容易被猜到。",
    "password_entirely_numeric": "密码不能全是数字。",
    "password_too_similar": "密码与用户名或姓名太相近。",
}
"""What Django's validators find, in our words: its own catalogue leaves the first untranslated."""


def _checked(password: str, account: Account) -> str:
    try:
        validate_password(password, account)
    except ValidationError as error:
        words = [PASSWORD_PROBLEMS.get(one.code or "", "".join(one.messages)) for one in error.error_list]
        raise Invalid("".join(words), field="password") from error
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
    """Create an account without any role. Raises NotAllowed, Invalid (name taken or unfit, weak password)."""
    require(by, Permission.ACCOUNT_MANAGE)
    username, name = folded(username), _checked_name(name)
    if not is_username(username):
        raise Invalid("用户名须为 2 至 40 个字母、数字或 . @ + - _。", field="username")
    if Account.objects.filter(username=username).exists():
        raise Invalid(f"用户名“{username}”已被使用。", field="username")
    account = Account(username=username, name=name, created_at=now, must_change_password=must_change_password)
    account.set_password(_checked(password, account))
    account.save()
    record(EventName.ACCOUNT_CREATED, account, by=by, now=now)
    return account


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name:
        raise Invalid("姓名要填写。", field="name")
    if len(name) > 40:
        raise Invalid("姓名不超过 40 个字。", field="name")
    return name


@transaction.atomic
def change_account(
    account: Account, *, name: str, is_active: bool, by: Actor, now: datetime, seen: str | None = None
) -> Account:
    """Rename an account, or switch it off and on; what is the same already leaves no event.

    seen: of `account_shown`, as the form showed it.
    Raises NotAllowed, Invalid (no name, one's own account, the last administrator of a kind), Conflict (`theirs`: what
    stands).
    """
    require(by, Permission.ACCOUNT_MANAGE)
    account = Account.objects.select_for_update().get(pk=account.pk)
    require_seen(seen, standing=account_shown(account))
    before = {"name": account.name, "is_active": account.is_active}
    name = _checked_name(name)
    after = {"name": name, "is_active": is_active}
    if before == after:
        return account
    if account.pk == by.account_id and not is_active:
        raise Invalid("不能停用自己的账号。", field="is_active")
    if account.is_active and not is_active:
        for grant in grants_in_force(account, on=now.date()):
            _keep_one_administrator(grant, on=now.date())
    account.name, account.is_active = name, is_active
    account.save(update_fields=["name", "is_active"])
    record(EventName.ACCOUNT_CHANGED, account, by=by, now=now, data={"before": before, "after": after})
    return account


def _keep_one_administrator(grant: Grant, *, on: date) -> None:
    """Raise Invalid when nobody else would hold this administrator's role: nobody could give it again."""
    if grant.role not in ADMIN_ROLES:
        return
    others = grants_of_role(Role(grant.role), on=on).exclude(account=grant.account_id)
    if not others.exists():
        raise Invalid(f"这是最后一名{ROLE_LABELS[Role(grant.role)]}，须先授予他人。")


@transaction.atomic
def unlock_account(account: Account, *, by: Actor, now: datetime) -> Account:
    """Forget the failed tries that locked an account. Raises NotAllowed."""
    require(by, Permission.ACCOUNT_MANAGE)
    forget_failed_tries(username=account.username)
    record(EventName.ACCOUNT_UNLOCKED, account, by=by, now=now)
    return account


@transaction.atomic
def reset_password(account: Account, *, password: str, by: Actor, now: datetime) -> Account:
    """Set a password that must be changed at the next sign-in; every session and token of the account ends.

    Raises NotAllowed, Invalid (weak password, one's own account).
    """
    require(by, Permission.ACCOUNT_MANAGE)
    if account.pk == by.account_id:
        raise Invalid("自己的密码请在“修改密码”里改。")
    account.set_password(_checked(password, account))
    account.must_change_password = True
    account.save(update_fields=["password", "must_change_password"])
    Token.objects.filter(account=account, revoked_at=None).update(revoked_at=now)
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
def create_token(account: Account, *, name: str, expires_on: date, by: Actor, now: datetime) -> tuple[Token, str]:
    """Make a token of one's own, and return it with its secret, which is shown once and kept nowhere.

    Raises NotAllowed (another's), Invalid (no name, a day past or too far).
    """
    if by.account_id != account.pk or not account.is_active:
        raise NotAllowed
    words = name.strip()
    if len(words) < 2 or len(words) > TOKEN_NAME_LENGTH:
        raise Invalid(f"请写明用途，2 至 {TOKEN_NAME_LENGTH} 个字。", field="name")
    today = day_of(now)
    if not today < expires_on <= today + timedelta(days=TOKEN_DAYS_MOST):
        raise Invalid("到期日须在明天至一年之内。", field="expires_on")
    secret = f"{TOKEN_PREFIX}{secrets.token_urlsafe(32)}"
    token = Token.objects.create(
        account=account,
        name=words,
        digest=token_digest(secret),
        hint=secret[:12],
        created_at=now,
        expires_on=expires_on,
    )
    record(EventName.TOKEN_CREATED, token, by=by, now=now, data={"expires_on": expires_on})
    return token, secret


@transaction.atomic
def revoke_token(token: Token, *, by: Actor, now: datetime) -> Token:
    """End a token of one's own at once. Raises NotFound (another's), WrongState (ended already)."""
    if by.account_id != token.account_id:
        raise NotFound
    if not Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        raise WrongState("这个令牌已经作废。")
    token.refresh_from_db()
    record(EventName.TOKEN_REVOKED, token, by=by, now=now)
    return token


def note_token_used(token: Token, *, by: Actor, now: datetime) -> None:
    """Note the day a token was used last, once a day, so that its owner sees which are still needed; no event."""
    today = day_of(now)
    if by.account_id == token.account_id and token.last_used_on != today:
        Token.objects.filter(pk=token.pk).update(last_used_on=today)


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
    """Give a role from a day on.

    The three administrators hold for the whole system: their jurisdiction is not kept.
    Raises NotAllowed, Invalid (not grantable, held already, no place, separation of duties).
    """
    require(by, Permission.GRANT_MANAGE)
    if role not in GRANTABLE_ROLES:
        raise Invalid(f"“{ROLE_LABELS[role]}”随任职或单位联系人产生，不能直接授予。", field="role")
    if by.account_id == account.pk:
        raise Invalid("不能给自己授权。", field="account")
    account = Account.objects.select_for_update().get(pk=account.pk)  # two grants at once see each other
    if not account.is_active:
        raise Invalid(f"{account.name}的账号已停用。", field="account")
    is_admin = role in ADMIN_ROLES
    if jurisdiction_id is None and not is_admin:
        raise Invalid("业务角色要指明辖区。", field="jurisdiction_id")
    if role is Role.SECRETARY and leader_person_id is None:
        raise Invalid("秘书要指明服务的领导。", field="leader_person_id")
    if role is not Role.SECRETARY:
        leader_person_id = None
    held = {Role(one.role) for one in Grant.objects.filter(grant_not_over(from_on), account=account)}
    if problem := conflicting_roles(held | {role}):
        raise Invalid(problem, field="role")
    # the person stands in a room above; only whether there is one matters here
    if is_admin and Account.objects.filter(pk=account.pk, person__isnull=False).exists():
        raise Invalid("该账号已关联任职人员；三员账号不得兼任业务角色。", field="role")
    if Grant.objects.filter(
        grant_not_over(from_on), account=account, role=role, leader_person_id=leader_person_id
    ).exists():
        raise Invalid(f"{account.name}已是{ROLE_LABELS[role]}。", field="role")
    grant = Grant.objects.create(
        account=account,
        role=role,
        jurisdiction_id=None if is_admin else jurisdiction_id,
        leader_person_id=leader_person_id,
        from_on=from_on,
        granted_by_name=by.name,
    )
    data = {"account": account.username, "role": role.value, "from_on": from_on, "leader_person_id": leader_person_id}
    record(EventName.ROLE_GRANTED, grant, by=by, now=now, data=data)
    return grant


@transaction.atomic
def end_grant(grant: Grant, *, to_on: date, by: Actor, now: datetime) -> Grant:
    """End a grant; `to_on` is its last day, so the day before today ends it at once.

    Raises NotAllowed, Invalid (a day already past, the last administrator of a kind), WrongState (ended already).
    """
    require(by, Permission.GRANT_MANAGE)
    if by.account_id == grant.account_id:
        raise Invalid("不能收回自己的授权，须由另一名安全管理员办理。")
    if to_on < now.date() - timedelta(days=1):
        raise Invalid("收回日期不能早于今天。", field="to_on")
    _keep_one_administrator(grant, on=max(to_on + timedelta(days=1), now.date()))
    if not Grant.objects.filter(grant_not_over(to_on + timedelta(days=1)), pk=grant.pk).update(to_on=to_on):
        raise WrongState("该授权已经收回。")
    grant.refresh_from_db()
    data = {"account": grant.account.username, "role": grant.role, "to_on": to_on}
    record(EventName.ROLE_ENDED, grant, by=by, now=now, data=data)
    return grant


def clear_expired_sessions(day: date, *, by: Actor, now: datetime) -> None:
    """Delete sessions that ended long ago by real time; the day only says whose turn it is. Raises NotAllowed.

    Housekeeping without an event: who signed in and out is in the trail already.
    """
    require(by, Permission.ACCOUNT_MANAGE)
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


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


def verify_trail(*, by: Actor, now: datetime) -> Verification:
    """Hold every event against its digest and every matter's events against their count, and write down the result.

    The reading is done outside the transaction: it may last, and nobody must wait for it. Raises NotAllowed.
    """
    require(by, Permission.AUDIT_VIEW)
    found = verification()
    with transaction.atomic():
        record(
            EventName.AUDIT_VERIFIED,
            Subject(
                type="trail",
                id=None,
                label=f"{found.checked}条，异常{len(found.untrue) + len(found.matters_with_gaps)}处",
                data={"checked": found.checked, "untrue": found.untrue, "gaps": found.matters_with_gaps},
            ),
            by=by,
            now=now,
        )
    return found


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
def record_session(name: EventName, *, username: str, by: Actor, now: datetime, address: str = "") -> None:
    """Write down a sign-in, a sign-out, a failed try or a lock-out; a sign-in is also the account's last.

    Django notes the last sign-in in real time; here it is noted by the door's clock, as everything else.
    address: the machine it came from, as the server sees it.
    """
    if name is EventName.SIGNED_IN and by.account_id is not None:
        Account.objects.filter(pk=by.account_id).update(last_login=now)
    data = {"address": address} if address else {}
    record(name, Subject(type="account", id=by.account_id, label=username[:40], data=data), by=by, now=now)
