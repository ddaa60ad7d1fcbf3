"""消息: what the system told this person, and that they have read it."""

from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from duban.core import clock
from duban.core.errors import NotFound
from duban.outbox.actions import mark_all_read, mark_read
from duban.outbox.queries import messages_of
from duban.outbox.rules import MESSAGE_KIND_LABELS, MessageKind
from duban.web.given import actor_of

_A_PAGE = 50


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Everything this actor was told, newest first; what is unread stands out."""
    found = messages_of(actor_of(request), now=clock.now())
    is_unread = request.GET.get("state") == "unread"
    if is_unread:
        found = found.unread()
    page = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": [{"message": one, "kind": MESSAGE_KIND_LABELS[MessageKind(one.kind)]} for one in page],
        "is_unread": is_unread,
        "query": "state=unread&" if is_unread else "",
    }
    return render(request, "inbox/index.html", context)


@require_POST
def inbox_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a message is read, and go where it leads."""
    actor = actor_of(request)
    message = messages_of(actor, now=clock.now()).filter(pk=pk).first()
    if message is None:
        raise NotFound
    mark_read(message, by=actor, now=clock.now())
    return redirect(message.link or "inbox")


@require_POST
def inbox_read(request: HttpRequest) -> HttpResponse:
    """Note that everything is read."""
    count = mark_all_read(by=actor_of(request), now=clock.now())
    flash.success(request, f"{count} 条消息已标为已读。" if count else "没有未读的消息。")
    return redirect("inbox")
