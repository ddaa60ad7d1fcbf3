"""放假安排: which years are known, and loading a year's notice: shown first, loaded when confirmed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from duban.access.rules import Permission, require
from duban.calendars.queries import notices_by_year, use_loaded_notices
from duban.calendars.rules import ReadNotice, read_notice
from duban.core import clock
from duban.core.errors import DomainError, Invalid, NotAllowed
from duban.lights.actions import load_year
from duban.reading.decode import decode
from duban.reading.errors import NotReadable
from duban.web.given import actor_of, number_of

_LARGEST = 100_000


@require_http_methods(["GET", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """Show the known years; read a year's lines and say what they mean; load them once confirmed."""
    actor = actor_of(request)
    require(actor, Permission.CALENDAR_LOAD)
    typed = {name: request.POST.get(name, "").strip() for name in ("year", "title", "text")}
    if request.method == "GET":
        return _show(request, typed={**typed, "year": str(clock.today().year + 1)})
    read, problem = None, ""
    try:
        if file := request.FILES.get("file"):
            typed["text"] = _text_of(file.read(_LARGEST + 1))
        year = number_of(typed["year"])
        if not 2000 <= year <= 2100:
            raise Invalid("请填写四位年度，如 2027。", field="year")
        read = read_notice(typed["text"], year=year)
        if request.POST.get("step") == "load" and not read.problems:
            notice = load_year(read.days, year=year, title=typed["title"], by=actor, now=clock.now())
            messages.success(request, f"{notice}已载入，全部事项的灯已按新的工作日重新判定。")
            return redirect("calendar")
    except NotAllowed:
        raise
    except DomainError as error:
        problem = error.message
    except NotReadable as error:
        problem = error.message_zh
    is_wrong = bool(problem or (read and read.problems))
    return _show(request, typed=typed, read=read, problem=problem, status=400 if is_wrong else 200)


def _text_of(data: bytes) -> str:
    if len(data) > _LARGEST:
        raise Invalid("文件太大：一年的放假安排只有几十行。", field="file")
    return "\n".join(decode(data).lines)


def _show(
    request: HttpRequest,
    *,
    typed: dict[str, str],
    read: ReadNotice | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    known = use_loaded_notices()
    this = clock.today().year
    loaded = notices_by_year()
    years: list[dict[str, Any]] = [
        {"year": year, "notice": loaded.get(year), "is_known": known.is_known_year(year)}
        for year in sorted({*range(this - 1, this + 3), *loaded}, reverse=True)
    ]
    context = {"years": years, "typed": typed, "read": read, "problem": problem}
    return render(request, "operations/calendar.html", context, status=status)
