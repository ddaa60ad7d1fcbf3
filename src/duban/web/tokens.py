"""接口令牌: everybody makes and ends their own; the secret is shown once."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from duban.access.actions import create_token, revoke_token
from duban.access.models import Token
from duban.access.rules import TOKEN_DAYS_MOST, TOKEN_NAME_LENGTH
from duban.core import clock
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound
from duban.web.given import actor_of, day_of

_USUAL_DAYS = 90


@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens, and a form for another, whose secret stands on the page that answers and nowhere else."""
    actor, today = actor_of(request), clock.today()
    given = {"name": "", "expires_on": (today + timedelta(days=_USUAL_DAYS)).isoformat()}
    problem, field, secret, made = "", "", "", None
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in given}
        try:
            expires_on = day_of(given["expires_on"], field="expires_on", what="到期日")
            if expires_on is None:
                raise Invalid("请填写到期日。", field="expires_on")
            made, secret = create_token(
                request.user,  # type: ignore[arg-type]
                name=given["name"],
                expires_on=expires_on,
                by=actor,
                now=clock.now(),
            )
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field = error.message, error.field or ""
        else:
            given["name"] = ""
    own = Token.objects.filter(account=request.user.pk).order_by("-created_at", "-pk")
    context = {
        "tokens": [(one, _standing(one)) for one in own],
        "secret": secret,
        "made": made,
        "given": given,
        "problem": problem,
        "field": field,
        "name_length": TOKEN_NAME_LENGTH,
        "last_day": today + timedelta(days=TOKEN_DAYS_MOST),
    }
    response = render(request, "access/tokens.html", context, status=400 if problem else 200)
    if secret:
        response["Cache-Control"] = "no-store"
    return response


def _standing(one: Token) -> str:
    if one.revoked_at is not None:
        return "已作废"
    return "已过期" if one.expires_on < clock.today() else ""


@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own tokens."""
    actor = actor_of(request)
    one = Token.objects.filter(pk=pk, account=request.user.pk).first()
    if one is None:
        raise NotFound("没有这个令牌。")
    try:
        revoke_token(one, by=actor, now=clock.now())
    except DomainError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, f"“{one.name}”的令牌已作废。")
    return redirect("tokens")
