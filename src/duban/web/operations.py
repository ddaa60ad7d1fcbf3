"""运行: what the system administrator sees of the machine room, and sets there. Nothing of the business is shown."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.access.rules import Permission, require
from duban.core import clock
from duban.core.errors import Conflict, DomainError, Invalid, NotFound, WrongState
from duban.jobs.actions import drop_task, retry_task
from duban.jobs.models import Task
from duban.jobs.queries import open_tasks, recent_tasks, schedule_lines, task_for, workers_alive
from duban.jobs.rules import MAX_ATTEMPTS, TASK_STATE_LABELS, TaskState
from duban.orgs.models import Jurisdiction
from duban.outbox.actions import change_channel, drop, resend, resend_dead, try_channel
from duban.outbox.models import Channel, Delivery
from duban.outbox.queries import channel_for, channel_lines, deliveries_for_operator
from duban.outbox.rules import (
    CHANNEL_LABELS,
    DELIVERY_STATE_LABELS,
    FIELDS,
    MESSAGE_KIND_LABELS,
    ROBOTS,
    ChannelKind,
    DeliveryState,
    Field,
    MessageKind,
    Result,
)
from duban.web.given import actor_of, number_of

_A_PAGE = 100
_RECENT = 30
_SHOWN_OPEN = 200
_WEEKDAYS = "一二三四五六日"
_TASK_TONES = {
    TaskState.READY: "plain",
    TaskState.RUNNING: "blue",
    TaskState.DONE: "ok",
    TaskState.DEAD: "bad",
    TaskState.DROPPED: "over",
}
_DELIVERY_TONES = {
    DeliveryState.PENDING: "plain",
    DeliveryState.SENDING: "blue",
    DeliveryState.SENT: "ok",
    DeliveryState.UNKNOWN: "warn",
    DeliveryState.DEAD: "bad",
    DeliveryState.DROPPED: "over",
}
_FAILED = (DeliveryState.DEAD, DeliveryState.UNKNOWN)


# ── tasks ──


@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    """Whether a worker lives, what is due when, what is dead, what ran."""
    actor, now, real = actor_of(request), clock.now(), clock.real()
    schedule = schedule_lines(actor, now=now)
    waiting = [_task_line(one, real=real) for one in open_tasks(actor)[:_SHOWN_OPEN]]
    context = {
        "workers": list(workers_alive(actor, real=real)),
        "is_held": any(one.schedule.is_held for one in schedule),
        "schedule": [
            {
                "label": one.schedule.label,
                "when": _when(one.schedule.at, one.schedule.weekday),
                "last": _task_line(one.last, real=real) if one.last else None,
                "next_at": one.next_at,
                "is_late": one.next_at < now,
            }
            for one in schedule
        ],
        "waiting": waiting,
        "dead": sum(line["state"] == TaskState.DEAD for line in waiting),
        "recent": [_task_line(one, real=real) for one in recent_tasks(actor)[:_RECENT]],
    }
    return render(request, "operations/index.html", context)


def _when(at: str, weekday: int | None) -> str:
    return f"每天 {at}" if weekday is None else f"每周{_WEEKDAYS[weekday]} {at}"


def _task_line(task: Task, *, real: datetime) -> dict[str, Any]:
    state = TaskState(task.state)
    note = ""
    if state is TaskState.READY and task.attempts:
        wait_s = int((task.retry_at - real).total_seconds()) if task.retry_at else 0
        note = f"试过 {task.attempts} 次，{_minutes(wait_s)}再试"
    elif state is TaskState.DEAD:
        note = f"试了 {MAX_ATTEMPTS} 次都没有办成"
    elif state is TaskState.DONE and isinstance(task.result, int) and not isinstance(task.result, bool):
        note = f"{task.result} 项"
    return {
        "task": task,
        "name": str(task),
        "state": state,
        "label": TASK_STATE_LABELS[state],
        "tone": _TASK_TONES[state],
        "note": note,
        "is_dead": state is TaskState.DEAD,
        "is_dropped": state is TaskState.DROPPED,
    }


def _minutes(seconds: int) -> str:
    if seconds <= 0:
        return "即将"
    return f"{seconds} 秒后" if seconds < 90 else f"约 {round(seconds / 60)} 分钟后"


@require_http_methods(["GET", "POST"])
def task_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One task: its tries and where each failed; a dead one is tried again or set aside."""
    actor = actor_of(request)
    found = task_for(actor, pk)
    if found is None:
        raise NotFound
    problem, status = "", 200
    if request.method == "POST":
        try:
            if request.POST.get("step") == "drop":
                drop_task(found, reason=request.POST.get("reason", ""), by=actor, now=clock.now())
                messages.success(request, f"“{found}”已作罢。")
            else:
                retry_task(found, by=actor, now=clock.now())
                messages.success(request, f"“{found}”将重新运行。")
            return redirect("operations")
        except Invalid as error:
            problem, status = error.message, 400
        except WrongState as error:
            problem, status = error.message, 409
    context = {
        "line": _task_line(found, real=clock.real()),
        "errors": [
            {"at": datetime.fromisoformat(one["at"]), "kind": one["kind"], "places": one["places"].splitlines()}
            for one in reversed(found.errors)
        ],
        "problem": problem,
    }
    return render(request, "operations/task.html", context, status=status)


# ── sendings ──


@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """What was sent and what was not, by channel: no names, no words."""
    actor = actor_of(request)
    found = deliveries_for_operator(actor)
    state, channel_id = request.GET.get("state", ""), number_of(request.GET.get("channel"))
    if state == "failed":
        found = found.filter(state__in=_FAILED)
    elif state in set(DeliveryState):
        found = found.filter(state=state)
    if channel_id:
        found = found.filter(channel_id=channel_id)
    page = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": page,
        "lines": [_delivery_line(one) for one in page],
        "states": [("failed", "未发出和不明"), *((one.value, DELIVERY_STATE_LABELS[one]) for one in DeliveryState)],
        "channels": Channel.objects.select_related("jurisdiction").order_by("jurisdiction_id", "pk"),
        "state": state,
        "channel_id": channel_id,
        "query": f"{query.urlencode()}&" if query else "",
    }
    return render(request, "operations/deliveries.html", context)


def _delivery_line(delivery: Delivery) -> dict[str, Any]:
    state = DeliveryState(delivery.state)
    return {
        "delivery": delivery,
        "kind": MESSAGE_KIND_LABELS[MessageKind(delivery.message.kind)],
        "label": DELIVERY_STATE_LABELS[state],
        "tone": _DELIVERY_TONES[state],
        "may_resend": state in (DeliveryState.DEAD, DeliveryState.UNKNOWN, DeliveryState.DROPPED),
        "may_drop": state in (DeliveryState.DEAD, DeliveryState.UNKNOWN, DeliveryState.PENDING),
        "is_unknown": state is DeliveryState.UNKNOWN,
    }


@require_POST
def delivery_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one again, or set it aside."""
    actor = actor_of(request)
    found = deliveries_for_operator(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound
    is_drop = request.POST.get("step") == "drop"
    (drop if is_drop else resend)(found, by=actor, now=clock.now())
    messages.success(request, "已作罢。" if is_drop else "已排入重发。")
    return redirect("deliveries")


# ── channels ──


@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """The ways out of each place: whether they are on, how they fare, what waits in them."""
    actor = actor_of(request)
    found = channel_lines(actor)
    lines = [
        {
            "place": one.jurisdiction,
            "kind": one.kind.value,
            "label": CHANNEL_LABELS[one.kind],
            "channel": one.channel,
            "waiting": one.counts.get(DeliveryState.PENDING, 0) + one.counts.get(DeliveryState.SENDING, 0),
            "sent": one.counts.get(DeliveryState.SENT, 0),
            "unknown": one.counts.get(DeliveryState.UNKNOWN, 0),
            "dead": one.counts.get(DeliveryState.DEAD, 0),
        }
        for one in found
    ]
    has_places = len({one.jurisdiction.pk for one in found}) > 1
    return render(request, "operations/channels.html", {"lines": lines, "has_places": has_places})


@require_http_methods(["GET", "POST"])
def channel_edit(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Set a channel up: what it needs to know, on or off; and try it."""
    actor = actor_of(request)
    place, which = _place_and_kind(request, pk, kind)
    channel = channel_for(actor, jurisdiction=place, kind=which)
    given = {one.name: (channel.settings.get(one.name, "") if channel else one.default) for one in FIELDS[which]}
    is_enabled, version = (channel.is_enabled, channel.version) if channel else (True, 0)
    problem, field, status = "", "", 200
    if request.method == "POST":
        given = {one.name: request.POST.get(one.name, "") for one in FIELDS[which]}
        is_enabled = request.POST.get("is_enabled") == "1"
        try:
            change_channel(
                place,
                kind=which,
                given=given,
                is_enabled=is_enabled,
                version=number_of(request.POST.get("version")),
                by=actor,
                now=clock.now(),
            )
            messages.success(request, f"{CHANNEL_LABELS[which]}已保存。请试发一次。")
            return redirect("channel_edit", pk, kind)
        except Conflict as error:
            problem, status = error.message, 409
        except Invalid as error:
            problem, field, status = error.message, error.field or "", 400
            version = number_of(request.POST.get("version"))
    context = {
        "place": place,
        "kind": which.value,
        "label": CHANNEL_LABELS[which],
        "channel": channel,
        "fields": [_field(one, given, channel=channel, is_wrong=one.name == field) for one in FIELDS[which]],
        "is_enabled": is_enabled,
        "version": version,
        "is_robot": which in ROBOTS,
        "is_mail": which is ChannelKind.EMAIL,
        "theirs": _theirs(channel, which) if status == 409 and channel else [],
        "problem": problem,
    }
    return render(request, "operations/channel_edit.html", context, status=status)


def _place_and_kind(request: HttpRequest, pk: int, kind: str) -> tuple[Jurisdiction, ChannelKind]:
    require(actor_of(request), Permission.OPERATIONS_VIEW)
    place = Jurisdiction.objects.filter(pk=pk).first()
    if place is None or kind not in set(ChannelKind):
        raise NotFound
    return place, ChannelKind(kind)


def _field(one: Field, given: dict[str, str], *, channel: Channel | None, is_wrong: bool) -> dict[str, Any]:
    """Return what the page needs for one setting; of a secret only that there is one."""
    return {
        "spec": one,
        "id": f"field-{one.name}",
        "value": "" if one.is_secret else given[one.name],
        "is_kept": one.is_secret and channel is not None and bool(channel.secret_ref),
        "is_needed": one.is_required and not (one.is_secret and channel is not None),
        "choices": list(one.choices.items()),
        "is_wrong": is_wrong,
    }


def _theirs(channel: Channel, kind: ChannelKind) -> list[tuple[str, str]]:
    plain = [(one.label, channel.settings.get(one.name, "")) for one in FIELDS[kind] if not one.is_secret]
    return [("启用", "是" if channel.is_enabled else "否"), *plain]


@require_POST
def channel_step(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Try a channel, or send again everything it surely did not send."""
    actor = actor_of(request)
    place, which = _place_and_kind(request, pk, kind)
    channel = channel_for(actor, jurisdiction=place, kind=which)
    if channel is None:
        raise NotFound
    try:
        if request.POST.get("step") == "resend":
            count = resend_dead(channel, by=actor, now=clock.now())
            messages.success(request, f"{count} 条已排入重发。")
            return redirect("channels")
        to = request.POST.get("to", "")
        outcome = try_channel(channel, to=to, by=actor, now=clock.now(), real=clock.real())
        say = messages.success if outcome.result is Result.SENT else messages.error
        say(request, f"试发：{outcome.words}。" if outcome.words else "试发没有结果。")
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("channel_edit", pk, kind)
