"""Signing in and out, and one's own password."""

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from duban.access.actions import change_own_password, record_session
from duban.access.rules import USERNAME_LENGTH
from duban.audit.rules import EventName
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import DomainError
from duban.core.text import folded
from duban.web.home import home_of
from duban.web.kept import kept_for
from duban.web.middleware import mark_session

_NOBODY = Actor(name="未登录")
_WRONG = "用户名或密码不正确。"
_LOCKED = "密码连续输错 5 次，该用户名已锁定 15 分钟。请稍后再试，或请系统管理员解锁。"


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; five bad tries lock the name for a quarter of an hour.

    A name that does not exist is answered, timed and locked like one that does.
    """
    target = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = ""
    if request.method == "GET" and request.user.is_authenticated:
        return redirect(target or "home")
    problem, status = "", 200
    typed = request.POST.get("username", "").strip()
    username = folded(typed).replace("\0", "")[: USERNAME_LENGTH + 1]
    if request.method == "POST":
        password = request.POST.get("password", "")[:200]
        account = authenticate(request, username=username, password=password)
        if account is not None:
            login(request, account)  # gives the session a new key
            mark_session(request)
            actor = Actor(name=account.name, account_id=account.pk)
            record_session(EventName.SIGNED_IN, username=username, by=actor, now=clock.now(), address=_address(request))
            if kept_for(request.session, account_id=account.pk):
                return redirect("kept")
            return redirect(target or "home")
        is_locked = getattr(request, "axes_locked_out", False)
        problem, status = (_LOCKED, 429) if is_locked else (_WRONG, 400)
        # axes counts the tries that lock, and none while locked: the lock is one event, every other try a failure
        locked_now = is_locked and getattr(request, "axes_failures_since_start", None) is not None
        event = EventName.LOCKED_OUT if locked_now else EventName.SIGN_IN_FAILED
        record_session(event, username=username, by=_NOBODY, now=clock.now(), address=_address(request))
    context = {"problem": problem, "username": typed[:USERNAME_LENGTH], "next": target}
    return render(request, "access/sign_in.html", context, status=status)


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR") or "")[:60]


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_session(EventName.SIGNED_OUT, username=request.user.get_username(), by=actor, now=clock.now())
    logout(request)
    response = redirect("sign_in")
    response["Clear-Site-Data"] = '"cache"'  # the way back does not show the last page on a shared machine
    return response


@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password."""
    problem, field = "", ""
    if request.method == "POST":
        new, again = request.POST.get("new", ""), request.POST.get("again", "")
        if new != again:
            problem, field = "两次输入的新密码不一致。", "again"
        else:
            try:
                account = change_own_password(
                    request.user,  # type: ignore[arg-type]
                    old=request.POST.get("old", ""),
                    new=new,
                    by=request.actor,  # type: ignore[attr-defined]
                    now=clock.now(),
                )
                update_session_auth_hash(request, account)  # other sessions of the account end
                messages.success(request, "密码已修改。")
                return redirect("home")
            except DomainError as error:
                problem, field = error.message, error.field or ""
    return render(
        request,
        "access/password.html",
        {"problem": problem, "field": field, "is_forced": request.user.must_change_password},  # type: ignore[union-attr]
        status=400 if problem else 200,
    )


def home(request: HttpRequest) -> HttpResponse:
    """Send everybody to the page they work on."""
    return redirect(home_of(request.actor))  # type: ignore[attr-defined]
