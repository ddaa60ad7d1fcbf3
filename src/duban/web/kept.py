"""What somebody had typed when the session ended: it survives the sign-in, and is sent on with one press.

It works for every form, with scripts or without. What was typed waits in the session that begins at the sign-in page,
for the same account only; files are not kept.
"""

from urllib.parse import urlsplit

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_http_methods

KEPT = "kept"
_MOST_CHARACTERS = 200_000
_NEVER_KEPT = frozenset({"sign_in", "sign_out", "password", "account_new", "account_reset", "kept"})
"""Forms that hold passwords, or nothing."""
_SHOWN_FROM = 6
"""Values shorter than this, and without Chinese, are keys and choices, not text to show."""


class RedirectWithForm(HttpResponseRedirect):
    """A redirect after which the browser sends the same form again."""

    status_code = 307


def keep_form(request: HttpRequest, *, account_id: int, session: SessionBase) -> bool:
    """Keep a posted form for an account in a session; return whether there was anything to keep.

    The form has passed the token check, or comes from a page of ours. Parts that a page sends by itself are not kept.
    """
    name = request.resolver_match.url_name if request.resolver_match else _name_of(request.path)
    if request.method != "POST" or name in _NEVER_KEPT or request.headers.get("HX-Request"):
        return False
    fields = [(key, value) for key, values in request.POST.lists() for value in values if key != "csrfmiddlewaretoken"]
    if not any(_is_text(value) for _, value in fields) or sum(len(value) for _, value in fields) > _MOST_CHARACTERS:
        return False
    session[KEPT] = {
        "path": request.get_full_path(),
        "page": _page_of(request),
        "account_id": account_id,
        "fields": fields,
        "had_files": bool(request.FILES),
    }
    return True


def _name_of(path: str) -> str:
    try:
        return resolve(path).url_name or ""
    except Resolver404:
        return ""


def _page_of(request: HttpRequest) -> str:
    """Return the address of the page the form stood on."""
    before = urlsplit(request.headers.get("Referer", ""))
    is_ours = before.netloc == request.get_host() and _name_of(before.path) not in ("", *_NEVER_KEPT)
    return before.path if is_ours else reverse("home")


def _is_text(value: str) -> bool:
    return any("\u4e00" <= one <= "\u9fff" for one in value) or len(value.strip()) >= _SHOWN_FROM


def kept_for(session: SessionBase, *, account_id: int) -> bool:
    """Return whether something waits for this account; what another account typed is forgotten."""
    waiting = session.get(KEPT)
    if waiting and waiting["account_id"] != account_id:
        del session[KEPT]
        return False
    return bool(waiting)


@require_http_methods(["GET", "POST"])
def kept(request: HttpRequest) -> HttpResponse:
    """Show what was typed before the session ended; send it on, or drop it."""
    waiting = request.session.get(KEPT)
    if not waiting:
        return redirect("home")
    if request.method == "POST":
        del request.session[KEPT]
        return redirect(waiting["page"]) if "drop" in request.POST else RedirectWithForm(waiting["path"])
    texts = [value for _, value in waiting["fields"] if _is_text(value)]
    return render(request, "access/kept.html", {"waiting": waiting, "texts": texts})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is out of date (somebody signed in anew meanwhile): one of our own pages may send it again."""
    own = f"{request.scheme}://{request.get_host()}"
    is_ours = request.headers.get("Sec-Fetch-Site") == "same-origin" or request.headers.get("Origin") == own
    account_id = request.user.pk if is_ours else None
    if account_id is not None and keep_form(request, account_id=account_id, session=request.session):
        return redirect("kept")
    return render(request, "403_csrf.html", status=403)
