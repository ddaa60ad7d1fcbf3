"""Who is at the door, and refusals in the user's words."""

import logging
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from duban.access.actions import record_refusal, record_session
from duban.access.models import Account
from duban.access.rules import has_session_ended
from duban.audit.rules import EventName
from duban.calendars.queries import use_loaded_notices
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, NotAllowed, NotFound, WrongState
from duban.orgs.queries import actor_of
from duban.web.kept import KEPT, keep_form

OPEN_PAGES = frozenset({"sign_in"})
"""URL names that need no sign-in."""

OF_PROGRAMS = "api_"
"""How the names of addresses begin that look at no session: they let in by token themselves, or are open to all."""

POLLED_PARTS = frozenset({"desk_states"})
"""Parts a page asks for by itself: they are no sign that somebody is there, and do not keep a session alive."""

STATUS = {NotAllowed: 403, NotFound: 404, Conflict: 409, WrongState: 409}

Handler = Callable[[HttpRequest], HttpResponse]


_SEEN_STEP_S = 60
"""A session's last sign of life is written at most once a minute."""


def mark_session(request: HttpRequest) -> None:
    """Note in a session just begun when it began."""
    request.session["began_s"] = request.session["seen_s"] = clock.now().timestamp()


def _has_ended(request: HttpRequest, *, is_polled: bool) -> bool:
    """Return whether the session lasted or idled too long; else note, unless the page asked by itself, its life."""
    session, now_s = request.session, clock.now().timestamp()
    if "began_s" not in session:
        mark_session(request)
    if has_session_ended(
        began_s=session["began_s"],
        seen_s=session["seen_s"],
        now_s=now_s,
        idle_limit_s=settings.SESSION_IDLE_LIMIT.total_seconds(),
        whole_limit_s=settings.SESSION_WHOLE_LIMIT.total_seconds(),
    ):
        return True
    if not is_polled and abs(now_s - session["seen_s"]) >= _SEEN_STEP_S:
        session["seen_s"] = now_s
        use_loaded_notices()  # what only reads may be a minute behind a newly loaded year
    return False


def _holds_nul(request: HttpRequest) -> bool:
    """Return whether anything given holds a NUL: no text has one, and PostgreSQL stores none."""
    return any("\0" in one for given in (request.GET, request.POST) for _, many in given.lists() for one in many)


def _sent_to(request: HttpRequest, target: str) -> HttpResponse:
    """Return the way to another page, for a page or for a part fetched by htmx."""
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = target
        return response
    return HttpResponseRedirect(target)


def _sign_in_address(request: HttpRequest) -> str:
    """Return the address of the sign-in page that leads back to where the person was; a POST is not repeated."""
    if request.headers.get("HX-Request"):
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = f"{shown.path}?{shown.query}" if shown.query else shown.path
    else:
        back = request.get_full_path() if request.method == "GET" else ""
    address = reverse("sign_in")
    return address if back in ("", "/") else f"{address}?next={quote(back)}"


class ActorMiddleware:
    """Set `request.actor`; send those without a session to the sign-in page, and new passwords to their change."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; what a signed-in person sees is kept by no cache."""
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Compose the actor once the page is known."""
        name = request.resolver_match.url_name if request.resolver_match else None
        request.actor = Actor(name="未登录")  # type: ignore[attr-defined]
        if name in OPEN_PAGES or (name or "").startswith(OF_PROGRAMS):
            return None
        account = request.user
        if not isinstance(account, Account):  # nobody, or an account switched off
            return _sent_to(request, _sign_in_address(request))
        if _has_ended(request, is_polled=name in POLLED_PARTS):
            actor = Actor(name=account.name, account_id=account.pk)
            record_session(EventName.SIGNED_OUT, username=account.username, by=actor, now=clock.now())
            waiting = request.session.get(KEPT)
            logout(request)
            if waiting:
                request.session[KEPT] = waiting
            is_kept = keep_form(request, account_id=account.pk, session=request.session) or waiting
            saved = "填写的内容已保留，登录后可继续提交。" if is_kept else ""
            messages.info(request, f"长时间没有操作，已自动退出，请重新登录。{saved}")
            return _sent_to(request, _sign_in_address(request))
        request.actor = actor_of(account, on=clock.today())  # type: ignore[attr-defined]
        if _holds_nul(request):
            message = "提交的内容里有无法保存的字符（空字符），请删去后再试。"
            return render(request, "refusal.html", {"message": message, "status": 400}, status=400)
        if request.method not in ("GET", "HEAD"):
            use_loaded_notices()  # whatever changes something counts the same working days as every other process
        if account.must_change_password and name not in {"password", "sign_out"}:
            return _sent_to(request, reverse("password"))
        return None


class RefusalMiddleware:
    """Turn a DomainError no page handled into a page that says it; a refusal is an event."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Say what was refused, in Chinese, with the right status."""
        if isinstance(error, Http404):
            error = NotFound()
        if not isinstance(error, DomainError):
            return None
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if isinstance(error, NotAllowed) or (isinstance(error, NotFound) and request.resolver_match):
            record_refusal(request.path, code=error.code, by=actor, now=clock.now())
        logging.getLogger("duban.web").info("%s %s: %s", status, request.path, error.message)
        return render(request, "refusal.html", {"message": error.message, "status": status}, status=status)
