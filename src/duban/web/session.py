"""Signing in and out, and one's own password."""

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from duban.access.actions import change_own_password, record_session
from duban.audit.rules import EventName
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import DomainError
from duban.web.home import home_of

_NOBODY = Actor(name="未登录")


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; five bad tries lock the name for a quarter of an hour."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        target = ""
    problem, status = "", 200
    username = request.POST.get("username", "").strip()
    if request.method == "POST":
        account = authenticate(request, username=username, password=request.POST.get("password", ""))
        if account is not None:
            login(request, account)
            actor = Actor(name=account.name, account_id=account.pk)  # type: ignore[attr-defined]
            record_session(EventName.SIGNED_IN, username=username, by=actor, now=clock.now())
            return redirect(target or "home")
        if getattr(request, "axes_locked_out", False):
            problem, status = "密码连续输错 5 次，账号已锁定 15 分钟。请稍后再试，或请系统管理员解锁。", 429
            record_session(EventName.LOCKED_OUT, username=username, by=_NOBODY, now=clock.now())
        else:
            problem, status = "用户名或密码不正确。", 400
            record_session(EventName.SIGN_IN_FAILED, username=username, by=_NOBODY, now=clock.now())
    context = {"problem": problem, "username": username, "next": target}
    return render(request, "access/sign_in.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_session(EventName.SIGNED_OUT, username=request.user.get_username(), by=actor, now=clock.now())
    logout(request)
    return redirect("sign_in")


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
                update_session_auth_hash(request, account)
                messages.success(request, "密码已修改。")
                return redirect("home")
            except DomainError as error:
                problem, field = error.message, error.field or ""
    return render(
        request, "access/password.html", {"problem": problem, "field": field}, status=400 if problem else 200
    )


def home(request: HttpRequest) -> HttpResponse:
    """Send everybody to the page they work on."""
    return redirect(home_of(request.actor))  # type: ignore[attr-defined]
