"""Who is at the door, and refusals in the user's words."""

import logging
from collections.abc import Callable
from urllib.parse import quote

from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from duban.access.actions import record_refusal
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, NotAllowed, NotFound, WrongState
from duban.orgs.queries import actor_of

OPEN_PAGES = frozenset({"sign_in"})
"""URL names that need no sign-in."""

STATUS = {NotAllowed: 403, NotFound: 404, Conflict: 409, WrongState: 409}

Handler = Callable[[HttpRequest], HttpResponse]


class ActorMiddleware:
    """Set `request.actor`; send those without a session to the sign-in page, and new passwords to their change."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Compose the actor once the page is known."""
        name = request.resolver_match.url_name if request.resolver_match else None
        request.actor = Actor(name="未登录")  # type: ignore[attr-defined]
        if name in OPEN_PAGES:
            return None
        if not request.user.is_authenticated:
            target = f"{reverse('sign_in')}?next={quote(request.get_full_path())}"
            if request.headers.get("HX-Request"):
                response = HttpResponse(status=204)
                response["HX-Redirect"] = target
                return response
            return HttpResponseRedirect(target)
        if not request.user.is_active:
            logout(request)
            return redirect("sign_in")
        request.actor = actor_of(request.user, on=clock.today())  # type: ignore[attr-defined, arg-type]
        if request.user.must_change_password and name not in {"password", "sign_out"}:
            return redirect("password")
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
