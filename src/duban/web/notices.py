"""The notices: what was imported, how far its review is, the file as it came, and a new one coming in."""

from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.access.rules import ROLE_PERMISSIONS, Permission, Role, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Invalid, NotFound
from duban.intake.actions import AlreadyImported, discard_notice, upload_notice
from duban.intake.models import Notice
from duban.intake.queries import jurisdiction_named, notices_for_list, original_of
from duban.intake.rules import NOTICE_STATE_LABELS, NoticeState, document_key
from duban.orgs.models import Jurisdiction
from duban.reading import NotReadable, read_notice
from duban.web.given import number_of

_TONES = {NoticeState.REVIEWING: "blue", NoticeState.REGISTERED: "ok", NoticeState.DISCARDED: "over"}


def notice_for(request: HttpRequest, pk: int) -> Notice:
    """Return a notice the actor may see. Raises NotAllowed for those who may see none, NotFound for another's."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    require(actor, Permission.NOTICE_VIEW)
    notice = Notice.objects.visible_to(actor).select_related("jurisdiction", "plan").filter(pk=pk).first()
    if notice is None:
        raise NotFound
    return notice


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every notice with its state, counts and where to go on."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    require(actor, Permission.NOTICE_VIEW)
    listed = list(notices_for_list(actor))
    numbers = Counter(_number_key(one) for one in listed)
    shown = [
        {
            "notice": notice,
            "is_repeated": bool(notice.document_number) and numbers[_number_key(notice)] > 1,
            "state": NOTICE_STATE_LABELS[NoticeState(notice.state)],
            "tone": _TONES[NoticeState(notice.state)],
            "settled": notice.row_count - notice.pending_count,  # type: ignore[attr-defined]
            "may_discard": notice.state == NoticeState.REVIEWING
            and may(actor, Permission.NOTICE_IMPORT, jurisdiction_id=notice.jurisdiction_id),
        }
        for notice in listed
    ]
    return render(request, "notices/index.html", {"shown": shown, "may_import": may(actor, Permission.NOTICE_IMPORT)})


def _number_key(notice: Notice) -> tuple[int, str]:
    """Return what two imports of one notice share; a discarded one shares nothing."""
    is_kept = notice.state != NoticeState.DISCARDED
    return notice.jurisdiction_id, document_key(notice.document_number) if is_kept else f"#{notice.pk}"


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """A new notice. The jurisdiction is the actor's own; with several, the one the notice names unless chosen."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    require(actor, Permission.NOTICE_IMPORT)
    places = _places(actor)
    problem, earlier, status = "", None, 200
    if request.method == "POST":
        try:
            notice = _take(request, actor=actor, places=places)
            messages.success(request, f"已导入《{notice.title}》，请核对读取结果。")
            return redirect("desk", notice.pk)
        except AlreadyImported as error:
            problem, earlier, status = error.message, error.theirs, 409
        except Invalid as error:
            problem, status = error.message, 400
    context = {
        "problem": problem,
        "earlier": earlier,
        "places": places.values(),
        "chosen": request.POST.get("jurisdiction", ""),
        "year": request.POST.get("year", ""),
        "limit_mb": settings.MAX_NOTICE_BYTES // (1024 * 1024),
    }
    return render(request, "notices/upload.html", context, status=status)


def _places(actor: Actor) -> dict[int, Jurisdiction]:
    """Return where the actor may import, by id."""
    held = [one.jurisdiction_id for one in actor.held if Permission.NOTICE_IMPORT in ROLE_PERMISSIONS[Role(one.role)]]
    found = Jurisdiction.objects.order_by("pk")
    if None not in held:
        found = found.filter(pk__in=[pk for pk in held if pk is not None])
    return {one.pk: one for one in found}


def _take(request: HttpRequest, *, actor: Actor, places: Mapping[int, Jurisdiction]) -> Notice:
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("请先选择通知文件。", field="file")
    if (file.size or 0) > settings.MAX_NOTICE_BYTES:
        limit = settings.MAX_NOTICE_BYTES // (1024 * 1024)
        raise Invalid(f"文件有 {(file.size or 0) / 1024 / 1024:.0f} MB，超过 {limit} MB 的上限。", field="file")
    year = request.POST.get("year", "").strip()
    if year and not 1990 <= number_of(year) <= 2100:
        raise Invalid("年度请填四位数字，例如 2020；不填则按通知认定。", field="year")
    data = file.read()
    name = file.name or "通知"
    return upload_notice(
        _place(request.POST.get("jurisdiction", ""), places=places, data=data, file_name=name),
        data=data,
        file_name=name,
        by=actor,
        now=clock.now(),
        year=number_of(year) or None,
    )


def _place(chosen: str, *, places: Mapping[int, Jurisdiction], data: bytes, file_name: str) -> Jurisdiction:
    """Return the jurisdiction chosen, the only one there is, or the one the notice itself names."""
    if chosen:
        if number_of(chosen) not in places:
            raise Invalid("请选择辖区。", field="jurisdiction")
        return places[number_of(chosen)]
    if len(places) == 1:
        return next(iter(places.values()))
    try:
        header = read_notice(data, file_name=file_name).notice.as_json()
    except NotReadable as error:
        raise Invalid(error.message_zh, field="file") from error
    proposal = jurisdiction_named(header)
    found = next((one for one in places.values() if proposal and one.name == proposal.name), None)
    if found is None:
        named = f"通知由“{proposal.name}”发出，系统里没有这个辖区。" if proposal else "没有从通知中认出辖区。"
        hint = "请选择辖区后再导入。" if places else "请系统管理人员先在服务器上用 duban import 导入一次，建立辖区。"
        raise Invalid(named + hint, field="jurisdiction")
    return found


@require_safe
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """The file byte for byte, always to be saved and never shown by the browser."""
    notice = notice_for(request, pk)
    response = HttpResponse(original_of(notice), content_type="application/octet-stream")
    response["Content-Disposition"] = (
        f"attachment; filename=\"notice-{notice.pk}\"; filename*=UTF-8''{quote(notice.file_name)}"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    response["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(notice.digest)).decode()}:"
    return response


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an import away that should not have been; the file and its review stay on record."""
    notice = notice_for(request, pk)
    try:
        discard_notice(notice, by=request.actor, now=clock.now(), **_reason(request))  # type: ignore[attr-defined]
        messages.success(request, f"《{notice.title}》的导入已作废，可以重新导入。")
    except Invalid as error:
        messages.error(request, error.message)
    return redirect("notices")


def _reason(request: HttpRequest) -> dict[str, Any]:
    return {"reason": request.POST.get("reason", "").strip()}
