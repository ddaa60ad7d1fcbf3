"""The page verifiers take along: it works without a network, keeps what is typed on the device, and sends it later."""

import secrets
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from duban.access.rules import Permission, require
from duban.core import clock
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound
from duban.evidence.examining import NewFile
from duban.evidence.models import Evidence
from duban.visits.actions import Given, Outcome, record_results
from duban.visits.models import Visit
from duban.visits.queries import SeenItem, items_of, verifiers_of, visit_for
from duban.visits.rules import KEY_LENGTH, RESULT_LABELS, TAKES_RESULTS, Result, VisitState, needs_note
from duban.web.closed import closed_note
from duban.web.given import actor_of, number_of
from duban.web.obstacles import status_of
from duban.web.visits import item_row, visit_row

_FOUND_LENGTH = 1000
_PHOTOS_MOST = 40
_SENDINGS_MOST = 50
"""So many sendings a device names that it made before."""


@require_safe
def visit_worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the taken-along pages on a device; it stands here because its reach ends at its folder."""
    require(actor_of(request), Permission.VISIT_RECORD)
    response = render(request, "visits/worker.js", content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def visit_field(request: HttpRequest, pk: int) -> HttpResponse:
    """A visit as its verifiers fill it in, on a phone; answers by JSON where the page itself asks."""
    actor = actor_of(request)
    require(actor, Permission.VISIT_RECORD)
    one = visit_for(actor, pk)
    seen = items_of(one)
    if request.method == "GET":
        return _page(request, one, seen)
    wants_json = "application/json" in request.headers.get("Accept", "")
    try:
        done = _recorded(request, one, seen)
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        if wants_json:
            return JsonResponse({"problem": error.message}, status=status_of(error))
        return _page(request, visit_for(actor, pk), items_of(one), problem=error)
    for level, words in _said(done):
        messages.add_message(request, level, words)
    return JsonResponse({"taken": done.taken}) if wants_json else redirect("visit_field", pk)


def _recorded(request: HttpRequest, one: Visit, seen: list[SeenItem]) -> Outcome:
    posted = request.POST
    given, lacking = [], []
    for item in seen:
        for each in item.claims:
            pk = each.claim.pk
            result, found = posted.get(f"result-{pk}", ""), posted.get(f"found-{pk}", "").strip()
            name = f"{item.item.matter}的“{each.claim.words[:16]}”"
            if result not in set(Result):
                lacking += [f"{name}写了现场情况，没有选结果。"] if found else []
                continue
            if needs_note(Result(result)) and not found:
                lacking.append(f"{name}：{RESULT_LABELS[Result(result)]}的，请写明现场情况。")
                continue
            given.append(Given(pk, Result(result), found, number_of(posted.get(f"seen-{pk}"))))
    if lacking:
        raise Invalid("".join(lacking[:5]), field="results")
    photos: dict[int, list[NewFile]] = {}
    for item in seen:
        files = request.FILES.getlist(f"photo-{item.item.pk}")
        if len(files) > _PHOTOS_MOST:
            raise Invalid(f"{item.item.matter}一次最多报送 {_PHOTOS_MOST} 张照片，请删去几张。", field="photos")
        for file in files:
            content: Any = file
            photos.setdefault(item.item.pk, []).append(NewFile(file.name or "现场照片", content, "现场照片"))
    return record_results(
        one,
        key=posted.get("key", ""),
        after=[one for one in posted.get("after", "").split(",") if one][-_SENDINGS_MOST:],
        given=given,
        photos=photos,
        written_at=_moment(posted.get("written_at", "")),
        by=actor_of(request),
        now=clock.now(),
    )


def _moment(text: str) -> datetime | None:
    """Return the moment a device wrote down; None where it told none, or one that cannot be."""
    try:
        moment = parse_datetime(text.strip())
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _said(done: Outcome) -> list[tuple[int, str]]:
    """Return what became of a sending, in words."""
    if done.is_repeat:
        first = "这次填写的内容之前已经收到，没有重复记录。"
    else:
        parts = [f"已收到 {done.taken} 条结果" if done.taken else "没有新的结果"]
        parts += [f"{done.photos} 张照片"] if done.photos else []
        first = "，".join(parts) + "。"
    return [
        (messages.SUCCESS, first),
        *((messages.WARNING, words) for words in (*done.conflicts, *done.refused)),
    ]


def _page(
    request: HttpRequest, one: Visit, seen: list[SeenItem], *, problem: DomainError | None = None
) -> HttpResponse:
    posted = request.POST
    rows = [item_row(each) for each in seen]
    evidence: dict[int, list[Evidence]] = {}
    standing = Evidence.objects.standing().filter(matter__in=[each.item.matter_id for each in seen])
    for proof in standing.select_related("unit").order_by("-added_at", "pk"):
        evidence.setdefault(proof.matter_id, []).append(proof)
    for row in rows:
        row["evidence"] = evidence.get(row["matter"].pk, [])
        for claim in row["claims"]:
            pk = claim["claim"].pk
            standing_answer = claim["standing"]["answer"] if claim["standing"] else None
            claim["chosen"] = posted.get(f"result-{pk}") or (standing_answer.result if standing_answer else "")
            claim["found"] = posted.get(f"found-{pk}", standing_answer.found if standing_answer else "")
            claim["shown"] = number_of(posted.get(f"seen-{pk}")) if posted else claim["seen"]
    context = {
        **visit_row(one),
        "verifiers": verifiers_of(one),
        "items": rows,
        "results": [(result.value, RESULT_LABELS[result]) for result in Result],
        "is_open": one.state in TAKES_RESULTS and one.plan.closed_at is None,
        "closed": closed_note(one.plan),
        "is_held": one.state == VisitState.HELD,
        "key": posted.get("key", "")[:KEY_LENGTH] or secrets.token_hex(16),
        "found_length": _FOUND_LENGTH,
        "problem": problem.message if problem else "",
    }
    return render(request, "visits/field.html", context, status=status_of(problem) if problem else 200)
