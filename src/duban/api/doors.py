"""Letting a program in by its owner's token, and saying every refusal in one shape."""

import json
import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from duban.access.actions import note_token_used, record_refusal
from duban.access.queries import token_in_force
from duban.api.limits import Meter
from duban.calendars.queries import use_loaded_notices
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, WrongState
from duban.orgs.queries import actor_of
from duban.papers.rules import frozen_values

BODY_BYTES_MOST = 256 * 1024


class Unauthenticated(DomainError):
    """No token, or none that lets anybody in today."""

    code = "unauthenticated"
    message = "请在 Authorization 请求头里给出有效的令牌：Bearer 令牌。"


class MethodNotAllowed(DomainError):
    """The address is there, but not for this method."""

    code = "method_not_allowed"
    message = "这个地址不接受这种请求方法。"


class TooMany(DomainError):
    """This token came too often in the running minute. wait_s: in how many seconds it may come again."""

    code = "too_many"

    def __init__(self, *, most: int, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(f"这个令牌每分钟最多请求 {most} 次，请 {wait_s} 秒以后再来。")


STATUS: dict[type[DomainError], int] = {
    Unauthenticated: 401,
    NotAllowed: 403,
    NotFound: 404,
    MethodNotAllowed: 405,
    Conflict: 409,
    WrongState: 409,
    TooMany: 429,
}
"""By kind of refusal; everything else is 400."""

View = Callable[..., object]

_METER = Meter()


def status_of(error: DomainError) -> int:
    """Return the status a refusal is answered with."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


def api(**methods: View) -> Callable[..., HttpResponse]:
    """Return the view of one address. methods: by lower-case method, what answers; each is told the actor, the request
    and what the address names, and returns a frozen dataclass.

    A session is not looked at, so nothing needs a CSRF token.
    """
    allowed = [one.upper() for one in methods]

    @csrf_exempt
    @wraps(next(iter(methods.values())))
    def answered(request: HttpRequest, **named: Any) -> HttpResponse:
        actor = Actor(name="未认证")
        try:
            method = "get" if request.method == "HEAD" else (request.method or "").lower()
            if method not in methods:
                raise MethodNotAllowed
            actor = _let_in(request)
            if method != "get":
                use_loaded_notices()  # whatever changes something counts the same working days as every other process
            return _json(methods[method](actor, request, **named))
        except DomainError as error:
            if isinstance(error, NotAllowed | NotFound):
                record_refusal(request.path, code=error.code, by=actor, now=clock.now())
            logging.getLogger("duban.api").info("%s %s: %s", status_of(error), request.path, error.message)
            return _refused(error, allowed=allowed)

    return answered


def _let_in(request: HttpRequest) -> Actor:
    """Return whose token came with a request. Raises Unauthenticated, TooMany."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise Unauthenticated
    now = clock.now()
    token = token_in_force(secret.strip(), on=clock.today())
    if token is None:
        raise Unauthenticated("令牌不存在、已作废或者已过期，或者账号不能使用。")
    most = settings.API_PER_MINUTE
    if wait_s := _METER.wait_s(token.digest, most=most, at_s=time.monotonic()):
        raise TooMany(most=most, wait_s=wait_s)
    actor = actor_of(token.account, on=clock.today())
    note_token_used(token, by=actor, now=now)
    return actor


def _json(answer: object) -> HttpResponse:
    response = JsonResponse(frozen_values(answer), json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "private, no-store"
    return response


def _refused(error: DomainError, *, allowed: list[str]) -> HttpResponse:
    said = {"code": error.code, "message": error.message, "field": error.field}
    response = JsonResponse({"error": said}, status=status_of(error), json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "private, no-store"
    if isinstance(error, Unauthenticated):
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.wait_s)
    if isinstance(error, MethodNotAllowed):
        response["Allow"] = ", ".join(allowed)
    return response


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object a request carries. Raises Invalid."""
    if len(request.body) > BODY_BYTES_MOST:
        raise Invalid("请求内容太大。")
    try:
        given = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise Invalid("请求内容不是 JSON。") from error
    if not isinstance(given, dict):
        raise Invalid("请求内容应当是一个 JSON 对象。")
    if b"\\u0000" in request.body or b"\0" in request.body:
        raise Invalid("提交的内容里有无法保存的字符（空字符），请删去后再试。")
    return given


def text_in(given: dict[str, Any], name: str) -> str:
    """Return a text of a body, empty where it is left out. Raises Invalid."""
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(f"{name} 应当是文字。", field=name)
    return value


def number_in(given: dict[str, Any], name: str) -> int:
    """Return a whole number of a body. Raises Invalid, also where it is left out."""
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**15:
        raise Invalid(f"{name} 应当是整数。", field=name)
    return value


def words_in(given: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return a list of texts of a body, empty where it is left out. Raises Invalid."""
    value = given.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Invalid(f"{name} 应当是一列文字。", field=name)
    return tuple(value)


def flag_in(given: dict[str, Any], name: str) -> bool:
    """Return a yes or no of a body, no where it is left out. Raises Invalid."""
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise Invalid(f"{name} 应当是 true 或者 false。", field=name)
    return value


def asked_number(request: HttpRequest, name: str, *, default: int | None = None, most: int = 10**15) -> int | None:
    """Return a whole number of an address' query, the default where it is left out. Raises Invalid."""
    value = request.GET.get(name, "")
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or len(value) > 15 or int(value) > most:
        raise Invalid(f"{name} 应当是不大于 {most} 的整数。", field=name)
    return int(value)
