"""Pages of the three administrators: accounts, grants, the audit trail. None of them shows business."""

import csv
import io
import secrets
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from duban.access.actions import (
    change_account,
    create_account,
    end_grant,
    grant_role,
    open_event,
    reset_password,
    unlock_account,
    verify_trail,
)
from duban.access.models import Account, Grant
from duban.access.queries import (
    account_shown,
    accounts_for_administrator,
    accounts_with_grants,
    events_for_auditor,
    locked_usernames,
)
from duban.access.rules import (
    ADMIN_ROLES,
    GRANTABLE_ROLES,
    PERMISSION_LABELS,
    ROLE_LABELS,
    ROLE_PERMISSIONS,
    Permission,
    Role,
    require,
)
from duban.audit.models import Event
from duban.audit.rules import EVENT_LABELS, EventName
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, Invalid, NotFound
from duban.core.text import folded
from duban.documents.csv_file import csv_safe
from duban.orgs.actions import link_account, unlink_account
from duban.orgs.models import Appointment, Jurisdiction, Person, UnitContact, in_force
from duban.orgs.rules import CONTACT_ROLE_LABELS, ContactRole, PostKind
from duban.web.given import seen_in

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that look alike
_A_PAGE = 100
_EXPORT_LIMIT = 100_000
_WORDS = {
    "before": "变更前",
    "after": "变更后",
    "reason": "理由",
    "account": "账号",
    "role": "角色",
    "from_on": "起始日期",
    "to_on": "截止日期",
    "name": "姓名",
    "is_active": "启用",
    "code": "代码",
    "checked": "核对条数",
    "untrue": "与摘要不符",
    "gaps": "序号缺失的事项",
    "leader_person_id": "服务的领导（人员编号）",
    "unit": "单位",
    "state": "状态",
    "due_on": "时限",
    "text": "内容",
    "serial": "序号",
    "value": "值",
    "field": "栏目",
    "address": "来源地址",
    "secrets": "更换的密钥",
    "count": "条数",
    "result": "结果",
    "words": "对方答复",
    "to": "发往",
}
"""Words for the keys of an event's content, where they are not Chinese already."""


# ── accounts: the system administrator ──


@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """Accounts, with the locked ones marked."""
    text, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    locked = _locked()
    found = accounts_for_administrator(_actor(request))
    if text:
        found = found.filter(Q(username__contains=folded(text)) | Q(name__contains=text))
    if state == "active":
        found = found.filter(is_active=True)
    elif state == "off":
        found = found.filter(is_active=False)
    elif state == "locked":
        found = found.filter(username__in=locked)
    page = _page(request, found)
    lines = [{"account": one, "is_locked": one.username in locked} for one in page]
    context = {"page": page, "lines": lines, "q": text, "state": state, "query": _query(request)}
    return render(request, "administration/accounts.html", context)


@require_http_methods(["GET", "POST"])
def account_new(request: HttpRequest) -> HttpResponse:
    """Create an account; without a typed password one is made and shown this once."""
    actor = _actor(request)
    require(actor, Permission.ACCOUNT_MANAGE)
    given = {key: request.POST.get(key, "").strip() for key in ("username", "name")}
    problem, field = "", ""
    if request.method == "POST":
        typed = request.POST.get("password", "")
        password = typed or _initial_password()
        try:
            account = create_account(
                given["username"], name=given["name"], password=password, by=actor, now=clock.now()
            )
            return _initial_password_page(request, account, password="" if typed else password, is_new=True)
        except DomainError as error:
            problem, field = error.message, error.field or ""
    context = {"given": given, "problem": problem, "field": field}
    return render(request, "administration/account_new.html", context, status=400 if problem else 200)


@require_http_methods(["GET", "POST"])
def account_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename an account, or switch it off and on; the ways to reset and unlock start here."""
    actor = _actor(request)
    account = _account(accounts_for_administrator(actor), pk)
    problem, status, theirs = "", 400, None
    name, is_active = account.name, account.is_active
    if request.method == "POST":
        name, is_active = request.POST.get("name", ""), request.POST.get("is_active") == "1"
        told: dict[str, Any] = {"seen": request.POST.get("seen", ""), "by": actor, "now": clock.now()}
        try:
            change_account(account, name=name, is_active=is_active, **told)
            messages.success(request, "已保存。")
            return redirect("accounts")
        except Conflict as error:
            account = _account(accounts_for_administrator(actor), pk)
            problem, status, theirs = error.message, 409, account_shown(account)
        except DomainError as error:
            problem = error.message
    context = {
        "account": account,
        "name": name,
        "is_active": is_active,
        "seen": seen_in(request, standing=account_shown(account), theirs=theirs),
        "theirs": theirs,
        "is_locked": account.username in _locked(),
        "is_self": account.pk == actor.account_id,
        "problem": problem,
    }
    return render(request, "administration/account_edit.html", context, status=status if problem else 200)


@require_http_methods(["GET", "POST"])
def account_reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Reset a password: typed, or made and shown this once."""
    actor = _actor(request)
    account = _account(accounts_for_administrator(actor), pk)
    problem = ""
    if request.method == "POST":
        typed = request.POST.get("password", "")
        password = typed or _initial_password()
        try:
            reset_password(account, password=password, by=actor, now=clock.now())
            return _initial_password_page(request, account, password="" if typed else password, is_new=False)
        except DomainError as error:
            problem = error.message
    context = {"account": account, "problem": problem}
    return render(request, "administration/account_reset.html", context, status=400 if problem else 200)


@require_POST
def account_unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Unlock an account before its quarter of an hour is over."""
    actor = _actor(request)
    account = unlock_account(_account(accounts_for_administrator(actor), pk), by=actor, now=clock.now())
    messages.success(request, f"{account.name}的账号已解锁。")
    return redirect("accounts")


def _initial_password_page(request: HttpRequest, account: Account, *, password: str, is_new: bool) -> HttpResponse:
    context = {"account": account, "password": password, "is_new": is_new}
    response = render(request, "administration/account_password.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _initial_password() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def _locked() -> set[str]:
    real_now = clock.now() - clock.offset()  # the lock counts real time also where the demonstration moves the clock
    return locked_usernames(since=real_now - settings.AXES_COOLOFF_TIME)


# ── grants: the security administrator ──


@require_GET
def grants(request: HttpRequest) -> HttpResponse:
    """Every account with the roles given to it, and those that follow from its person's posts."""
    actor, today = _actor(request), clock.today()
    text, role = request.GET.get("q", "").strip(), request.GET.get("role", "")
    found = accounts_with_grants(actor, on=today)
    if text:
        found = found.filter(
            Q(username__contains=folded(text)) | Q(name__contains=text) | Q(person__name__contains=text)
        )
    if role:
        found = found.filter(pk__in=Grant.objects.filter(role=role, to_on__isnull=True).values("account_id"))
    page = _page(request, found)
    shown = list(page)
    given = [grant for account in shown for grant in account.current_grants]
    places = dict(Jurisdiction.objects.values_list("pk", "short_name"))
    leader_ids = {grant.leader_person_id for grant in given if grant.leader_person_id}
    leaders = dict(Person.objects.filter(pk__in=leader_ids).values_list("pk", "name"))
    people = {person.account_id: person for person in Person.objects.filter(account__in=shown)}
    following = _roles_by_post([person.pk for person in people.values()], on=today)
    lines = []
    for account in shown:
        person = people.get(account.pk)
        lines.append(
            {
                "account": account,
                "person": person,
                "following": following[person.pk] if person else [],
                "is_admin": any(grant.role in ADMIN_ROLES for grant in account.current_grants),
                "grants": [
                    {
                        "pk": grant.pk,
                        "label": ROLE_LABELS[Role(grant.role)],
                        "place": places.get(grant.jurisdiction_id, ""),
                        "leader": leaders.get(grant.leader_person_id, ""),
                        "from_on": grant.from_on,
                        "to_on": grant.to_on,
                        "is_to_come": grant.from_on > today,
                        "by": grant.granted_by_name,
                    }
                    for grant in account.current_grants
                ],
            }
        )
    context = {
        "page": page,
        "lines": lines,
        "q": text,
        "role": role,
        "roles": [(one.value, ROLE_LABELS[one]) for one in GRANTABLE_ROLES],
        "query": _query(request),
    }
    return render(request, "administration/grants.html", context)


@require_http_methods(["GET", "POST"])
def grant_new(request: HttpRequest) -> HttpResponse:
    """Give a role to an account."""
    actor, today = _actor(request), clock.today()
    choices = accounts_with_grants(actor, on=today).filter(is_active=True)
    problem, field = "", ""
    if request.method == "POST":
        try:
            account = _account(choices, _number(request.POST.get("account")) or 0)
            role = request.POST.get("role", "")
            if role not in set(Role):
                raise Invalid("请选择角色。", field="role")
            grant = grant_role(
                account,
                role=Role(role),
                jurisdiction_id=_choice_of(request.POST.get("jurisdiction"), Jurisdiction.objects.all()),
                leader_person_id=_choice_of(request.POST.get("leader"), _leaders(on=today)),
                from_on=_day(request.POST.get("from_on")) or today,
                by=actor,
                now=clock.now(),
            )
            messages.success(request, f"已授予{account.name}“{ROLE_LABELS[Role(grant.role)]}”。")
            return redirect("grants")
        except DomainError as error:
            problem, field = error.message, error.field or ""
    given = request.POST if request.method == "POST" else request.GET
    context = {
        "accounts": choices,
        "roles": [(one.value, ROLE_LABELS[one], one in ADMIN_ROLES) for one in GRANTABLE_ROLES],
        "jurisdictions": Jurisdiction.objects.order_by("pk"),
        "leaders": _leaders(on=today),
        "given": {key: given.get(key, "") for key in ("account", "role", "jurisdiction", "leader", "from_on")},
        "today": today,
        "problem": problem,
        "field": field,
    }
    return render(request, "administration/grant_new.html", context, status=400 if problem else 200)


@require_POST
def grant_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a grant at once, or after the day given."""
    actor = _actor(request)
    require(actor, Permission.GRANT_MANAGE)
    grant = Grant.objects.select_related("account").filter(pk=pk).first()
    if grant is None:
        raise NotFound
    to_on = _day(request.POST.get("to_on")) or clock.today() - timedelta(days=1)
    try:
        end_grant(grant, to_on=to_on, by=actor, now=clock.now())
        messages.success(request, f"已收回{grant.account.name}的“{ROLE_LABELS[Role(grant.role)]}”。")
    except Invalid as error:
        messages.error(request, error.message)
    return redirect("grants")


@require_http_methods(["GET", "POST"])
def account_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which person an account belongs to: the roles of that person's posts and contacts follow."""
    actor, today = _actor(request), clock.today()
    account = _account(accounts_with_grants(actor, on=today), pk)
    person = Person.objects.filter(account=account).first()
    problem, text = "", request.GET.get("q", account.name if person is None else "").strip()
    if request.method == "POST":
        try:
            if request.POST.get("unlink") and person is not None:
                unlink_account(person, by=actor, now=clock.now())
                messages.success(request, "已解除关联。")
            else:
                chosen = Person.objects.filter(pk=_number(request.POST.get("person")) or 0).first()
                if chosen is None:
                    raise Invalid("请选择人员。", field="person")
                link_account(chosen, account=account, by=actor, now=clock.now())
                messages.success(request, f"账号{account.username}已关联到{chosen.name}。")
            return redirect("grants")
        except DomainError as error:
            problem = error.message
    key = folded(text)
    found = Person.objects.filter(account__isnull=True).order_by("pinyin", "pk").select_related("jurisdiction")
    if key:
        found = found.filter(Q(name__contains=text) | Q(pinyin__startswith=key) | Q(initials__startswith=key))
    people = list(found[:50])
    following = _roles_by_post([one.pk for one in people] + ([person.pk] if person else []), on=today)
    context = {
        "account": account,
        "person": person,
        "person_roles": following[person.pk] if person else [],
        "people": [{"person": one, "roles": following[one.pk]} for one in people],
        "q": text,
        "problem": problem,
    }
    return render(request, "administration/account_link.html", context, status=400 if problem else 200)


@require_GET
def role_table(request: HttpRequest) -> HttpResponse:
    """The whole table of roles and what each may do."""
    require(_actor(request), Permission.GRANT_MANAGE)
    roles = [one for one in Role if one is not Role.SYSTEM]
    context = {
        "roles": [(ROLE_LABELS[one], one in GRANTABLE_ROLES) for one in roles],
        "lines": [
            (PERMISSION_LABELS[permission], [permission in ROLE_PERMISSIONS[role] for role in roles])
            for permission in Permission
        ],
    }
    return render(request, "administration/role_table.html", context)


def _roles_by_post(person_ids: list[int], *, on: date) -> dict[int, list[str]]:
    """Return what each person's posts and contacts make of them, in words; two queries."""
    words: dict[int, list[str]] = defaultdict(list)
    for post in (
        Appointment.objects.filter(in_force(on), person_id__in=person_ids).select_related("post").order_by("pk")
    ):
        words[post.person_id].append(post.post.title)
    contacts = UnitContact.objects.filter(in_force(on), person_id__in=person_ids).select_related("unit").order_by("pk")
    for contact in contacts:
        words[contact.person_id].append(f"{contact.unit.name}{CONTACT_ROLE_LABELS[ContactRole(contact.role)]}")
    return words


def _leaders(*, on: date) -> QuerySet[Person]:
    """Return those a secretary may serve: who holds a leader's post on a day."""
    held = Appointment.objects.filter(in_force(on), post__kind__in=[PostKind.LEADER, PostKind.GOVERNMENT_HEAD])
    return Person.objects.filter(pk__in=held.values("person_id")).order_by("pinyin", "pk")


# ── the trail: the auditor ──


@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """Names of events, people, times, objects; contents are opened one by one."""
    events = _filtered(request, events_for_auditor(_actor(request)))
    page = _page(request, events)
    return render(
        request, "administration/audit.html", {**_filter_context(request), "page": page, "lines": _lines(page)}
    )


@require_GET
def audit_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The list as filtered, as CSV that a spreadsheet opens and does not compute."""
    events = _filtered(request, events_for_auditor(_actor(request)))[:_EXPORT_LIMIT]
    response = StreamingHttpResponse(_csv(events), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-{clock.today().isoformat()}.csv"'
    return response


@require_POST
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Hold the whole trail against its digests and show what was found."""
    actor = _actor(request)
    found = verify_trail(by=actor, now=clock.now())
    untrue = events_for_auditor(actor).filter(pk__in=found.untrue[:_A_PAGE])
    context = {"found": found, "checked": f"共核对 {found.checked} 条", "lines": _lines(untrue)}
    return render(request, "administration/audit_verified.html", context)


@require_http_methods(["GET", "POST"])
def audit_event(request: HttpRequest, pk: int) -> HttpResponse:
    """One event; its content is shown after a reason is given, and that is an event itself."""
    actor = _actor(request)
    event = events_for_auditor(actor).filter(pk=pk).first()
    if event is None:
        raise NotFound
    problem, content, reason = "", None, request.POST.get("reason", "")
    if request.method == "POST":
        try:
            opened = open_event(event.pk, reason=reason, by=actor, now=clock.now())
            content = [(_WORDS.get(key, key), _value_text(value)) for key, value in opened.data.items()]
        except Invalid as error:
            problem = error.message
    context = {
        "line": _lines([event])[0],
        "number": f"第{event.pk}号",
        "event": event,
        "content": content,
        "reason": reason,
        "problem": problem,
    }
    response = render(request, "administration/audit_event.html", context, status=400 if problem else 200)
    response["Cache-Control"] = "no-store"
    return response


def _filtered(request: HttpRequest, events: QuerySet[Event]) -> QuerySet[Event]:
    given = request.GET
    if names := [one for one in given.getlist("name") if one in set(EventName)]:
        events = events.filter(name__in=names)
    if person := given.get("person", "").strip():
        events = events.filter(actor_name__contains=person)
    if thing := given.get("object", "").strip():
        events = events.filter(subject_label__contains=thing)
    if (begin := _day(given.get("from"))) is not None:
        events = events.filter(at__gte=datetime.combine(begin, time.min, tzinfo=clock.SHANGHAI))
    if (end := _day(given.get("to"))) is not None:
        events = events.filter(at__lt=datetime.combine(end, time.min, tzinfo=clock.SHANGHAI) + timedelta(days=1))
    return events


def _filter_context(request: HttpRequest) -> dict[str, Any]:
    return {
        "given": {key: request.GET.get(key, "") for key in ("name", "person", "object", "from", "to")},
        "names": [(one.value, EVENT_LABELS[one]) for one in EventName],
        "query": _query(request),
    }


def _lines(events: Any) -> list[dict[str, Any]]:
    """Return what the list shows of each event; the content stays shut."""
    return [
        {
            "pk": event.pk,
            "at": event.at,
            "name": _event_label(event),
            "actor": event.actor_name,
            "object": event.subject_label,
            "matter_no": event.matter_no,
        }
        for event in events
    ]


def _event_label(event: Event) -> str:
    """Return the event's Chinese name; one that was tampered with may bear a name of no list."""
    return EVENT_LABELS[EventName(event.name)] if event.name in set(EventName) else event.name


def _csv(events: QuerySet[Event]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["编号", "时间", "事件", "人员", "对象"])
    yield "\ufeff".encode()
    for event in events.iterator(chunk_size=2000):
        at = event.at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        name = _event_label(event)
        writer.writerow(csv_safe(one) for one in (event.pk, at, name, event.actor_name, event.subject_label))
        if buffer.tell() > 32_768:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _value_text(value: object) -> str:
    if isinstance(value, dict):
        return "；".join(f"{_WORDS.get(key, key)}：{_value_text(one)}" for key, one in value.items())
    if isinstance(value, list):
        return "、".join(_value_text(one) for one in value)
    if value is None or value == "":
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


# ── what these pages share ──


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _account(accounts: QuerySet[Account], pk: int) -> Account:
    account = accounts.filter(pk=pk).first()
    if account is None:
        raise NotFound("没有这个账号。")
    return account


def _page(request: HttpRequest, found: QuerySet[Any]) -> Page[Any]:
    return Paginator(found, _A_PAGE).get_page(request.GET.get("page"))


def _query(request: HttpRequest) -> str:
    """Return the address's filters without the page number, ending in & when there are any."""
    given = request.GET.copy()
    given.pop("page", None)
    return f"{given.urlencode()}&" if given else ""


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 18 else None


def _choice_of(value: str | None, choices: QuerySet[Any]) -> int | None:
    """Return the chosen id, or None when nothing was chosen. Raises Invalid for what was not offered."""
    if not value:
        return None
    number = _number(value)
    if number is None or not choices.filter(pk=number).exists():
        raise Invalid("所选的内容不存在，请重新选择。")
    return number


def _day(value: str | None) -> date | None:
    """Return a date given as 2020-02-03, or None; also for a year no record can be of."""
    try:
        day = parse_date(value) if value else None
    except ValueError:
        return None
    return day if day is not None and 1900 <= day.year <= 2900 else None
