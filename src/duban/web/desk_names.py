"""Names and groups of a notice: units to be made or matched, the post each person will hold, whom 各 and 相关 mean.

One name is open at a time; a decision opens the next that waits for a person.
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from duban.access.rules import Permission, may
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, Invalid, NotFound, WrongState
from duban.intake.actions import decide_group, decide_name
from duban.intake.models import NameReading, Notice, Row
from duban.intake.rules import NameKind, NoticeState, nearest_names
from duban.orgs.models import Appointment, Person, Unit
from duban.orgs.rules import POST_KIND_LABELS, UNIT_TYPE_LABELS, Level, PostKind, UnitType, place_prefixes
from duban.web.desk_page import BY_FINDINGS, ORDERS, unit_choices
from duban.web.notices import notice_for

KIND_LABELS = {
    NameKind.UNIT: "单位",
    NameKind.GROUP: "统称",
    NameKind.PERSON: "责任人",
    NameKind.OVERSEER: "区分管或联系领导",
}
_POST_KINDS = {
    NameKind.PERSON: (PostKind.UNIT_HEAD, PostKind.RESPONSIBLE),
    NameKind.OVERSEER: (PostKind.LEADER, PostKind.GOVERNMENT_HEAD),
}


@require_safe
def names(request: HttpRequest, pk: int) -> HttpResponse:
    """Every name the notice uses and whom it means; `name` opens one, else the first that waits."""
    notice = notice_for(request, pk)
    asked = request.GET.get("name", "")
    return _page(request, notice, opened=int(asked) if asked.isascii() and asked.isdigit() else None)


def _page(
    request: HttpRequest, notice: Notice, *, opened: int | None, problem: str = "", status: int = 200
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    may_review = notice.state == NoticeState.REVIEWING and may(
        actor, Permission.NOTICE_REVIEW, jurisdiction_id=notice.jurisdiction_id
    )
    readings = list(
        notice.names.filter(uses__gt=0)
        .select_related("unit", "group", "person", "row")
        .order_by("is_decided", "kind", "pk")
    )
    whole = [one for one in readings if one.row_id is None]
    waiting = [one for one in whole if not one.is_decided]
    current = next((one for one in whole if one.pk == opened), waiting[0] if waiting and opened is None else None)
    sections: list[dict[str, Any]] = [
        {"key": "waiting", "label": "待认定", "names": [_shown(one, current=current) for one in waiting]}
    ]
    for kind in NameKind:
        shown = [_shown(one, current=current) for one in whole if one.kind == kind and one.is_decided]
        sections.append({"key": kind.value, "label": KIND_LABELS[kind], "names": shown})
    context = {
        "notice": notice,
        "sections": sections,
        "waiting": len(waiting),
        "own": [one for one in readings if one.row_id is not None],
        "may_review": may_review,
        "problem": problem,
        "form": _form(notice, current, names=whole) if current is not None and may_review else None,
        "new_units": sum(1 for one in whole if one.kind == NameKind.UNIT and one.unit_id is None),
        "known_units": sum(1 for one in whole if one.kind == NameKind.UNIT and one.unit_id is not None),
    }
    return render(request, "desk/names.html", context, status=status)


def _shown(reading: NameReading, *, current: NameReading | None) -> dict[str, Any]:
    return {
        "reading": reading,
        "words": _words(reading),
        "is_open": current is not None and reading.pk == current.pk,
    }


def _words(reading: NameReading) -> str:
    """Return what a name will become, in one line."""
    if reading.kind == NameKind.UNIT:
        kind = UNIT_TYPE_LABELS[UnitType(reading.unit_type)] if reading.unit_type else ""
        if reading.unit is not None:
            return f"已有单位：{reading.unit.name}（{kind}）"
        as_name = f"“{reading.unit_name}”" if reading.unit_name not in ("", reading.name) else ""
        return f"新建单位{as_name}（{kind}）"
    if reading.kind == NameKind.GROUP:
        if reading.is_open_group:
            return "暂不明确：台账保留原话，暂不交办"
        return (
            f"{'、'.join(reading.members)}（{len(reading.members)} 个）" if reading.members else "还没有明确指哪些单位"
        )
    holder = "已有人员" if reading.person_id else "新建人员"
    if not reading.post_title:
        return f"{holder}，还没有岗位"
    kind = POST_KIND_LABELS[PostKind(reading.post_kind)] if reading.post_kind else ""
    extra = f"，{reading.qualifier}" if reading.qualifier else ""
    return f"{reading.post_title}（{kind}{extra}）· {holder}"


def _form(notice: Notice, reading: NameReading, *, names: Sequence[NameReading]) -> dict[str, Any]:
    kind = NameKind(reading.kind)
    form: dict[str, Any] = {
        "kind": kind.value,
        "kinds": [(one.value, KIND_LABELS[one], one is kind) for one in NameKind],
        "choices": [],
    }
    if kind is NameKind.GROUP:
        form["choices"] = unit_choices(notice, names=names, group=reading.name, ticked=reading.members)
        return form
    if kind is NameKind.UNIT:
        directory = Unit.objects.current().filter(jurisdiction_id=notice.jurisdiction_id).order_by("order", "pk")
        form["directory"] = [(one.pk, one.name, one.pk == reading.unit_id) for one in directory]
        form["types"] = [(one.value, UNIT_TYPE_LABELS[one], one == reading.unit_type) for one in UnitType]
        form["is_alike"] = not reading.is_decided and (
            reading.unit_id is not None or reading.unit_name not in ("", reading.name)
        )
        form["is_fresh"] = not reading.is_decided and not form["is_alike"]
        form["nearest"] = _nearest(notice, reading, directory=form["directory"]) if form["is_fresh"] else []
        return form
    units = list(
        dict.fromkeys(one.unit_name or one.name for one in names if one.kind == NameKind.UNIT and one.row_id is None)
    )
    form["head"] = _present_head(reading, names=names)
    form["may_leave"] = kind is NameKind.PERSON and not reading.is_decided and not reading.unit_name
    form["units"] = [(name, name == reading.unit_name) for name in units] if kind is NameKind.PERSON else []
    form["post_kinds"] = [(one.value, POST_KIND_LABELS[one], one == reading.post_kind) for one in _POST_KINDS[kind]]
    namesakes = Person.objects.filter(jurisdiction_id=notice.jurisdiction_id, name=reading.name).order_by("pk")
    form["people"] = [(one.pk, one.note or f"编号 {one.pk}", one.pk == reading.person_id) for one in namesakes]
    return form


def _nearest(
    notice: Notice, reading: NameReading, *, directory: Sequence[tuple[int, str, bool]]
) -> list[tuple[int, str]]:
    """Return the units of the directory a new name may mean, most alike first."""
    place = notice.jurisdiction
    prefixes = place_prefixes(name=place.name, short_name=place.short_name, level=Level(place.level))
    ids = {name: pk for pk, name, _ in directory}
    return [(ids[name], name) for name in nearest_names(reading.name, names=ids, prefixes=prefixes)]


def _present_head(reading: NameReading, *, names: Sequence[NameReading]) -> Appointment | None:
    """Return who holds the post of a unit's head that another name of the notice claims; None where nobody is asked."""
    if reading.is_decided or reading.post_kind != PostKind.UNIT_HEAD:
        return None
    unit_id = next(
        (
            one.unit_id
            for one in names
            if one.kind == NameKind.UNIT and one.unit_id and reading.unit_name in (one.name, one.unit_name)
        ),
        None,
    )
    head = (
        Appointment.objects.filter(post__unit=unit_id, post__kind=PostKind.UNIT_HEAD, to_on__isnull=True)
        .select_related("person")
        .order_by("pk")
        .first()
    )
    return head if head is not None and head.person_id != reading.person_id else None


def _reading(notice: Notice, name_id: int) -> NameReading:
    found = notice.names.select_related("unit", "group", "person").filter(pk=name_id).first()
    if found is None:
        raise NotFound
    return found


def _version(request: HttpRequest) -> int:
    given = request.POST.get("version", "")
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise Invalid("页面已过期，请刷新后再办。")
    return int(given)


@require_POST
def name_step(request: HttpRequest, pk: int, name_id: int) -> HttpResponse:
    """Decide whom one name means."""
    notice = notice_for(request, pk)
    reading = _reading(notice, name_id)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        decide_name(reading, version=_version(request), by=actor, now=clock.now(), **_given(request, reading))
    except (Conflict, Invalid, WrongState) as error:
        status = 400 if isinstance(error, Invalid) else 409
        return _page(request, notice, opened=reading.pk, problem=error.message, status=status)
    messages.success(request, f"已认定“{reading.name}”。")
    return redirect("desk_names", notice.pk)


def _given(request: HttpRequest, reading: NameReading) -> dict[str, Any]:
    """Return what the form says, for `decide_name`; a button that only says yes or no gives nothing else."""
    post = request.POST
    kind = post.get("kind", "")
    if kind in set(NameKind) and kind != reading.kind:
        return {"kind": NameKind(kind)}
    if post.get("do") == "same":
        return {}
    if post.get("do") == "new":
        return {"is_new": True}
    if post.get("do") == "beside":
        return {"post_kind": PostKind.RESPONSIBLE}
    if post.get("do") == "misprint":
        people = Person.objects.filter(jurisdiction_id=reading.notice.jurisdiction_id)
        return {"person": _choice(people, post.get("holder", ""), field="person")}
    given: dict[str, Any] = {}
    if reading.kind == NameKind.UNIT:
        if post.get("unit"):
            unit = _choice(
                Unit.objects.filter(jurisdiction_id=reading.notice.jurisdiction_id), post["unit"], field="unit"
            )
            return {"unit": unit}
        given["is_new"] = True
        given["unit_name"] = post.get("unit_name", "")
        if post.get("unit_type") in set(UnitType):
            given["unit_type"] = UnitType(post["unit_type"])
        return given
    if post.get("person"):
        people = Person.objects.filter(jurisdiction_id=reading.notice.jurisdiction_id)
        given["person"] = _choice(people, post["person"], field="person")
    elif "person" in post:
        given["is_new"] = True
    if reading.kind == NameKind.PERSON and post.get("unit_name", "") != reading.unit_name:
        given["unit_name"] = post.get("unit_name", "")
    if post.get("post_kind") in set(PostKind):
        given["post_kind"] = PostKind(post["post_kind"])
    title = post.get("post_title", "").strip()
    is_moved = "unit_name" in given or given.get("post_kind", reading.post_kind) != reading.post_kind
    if title and (title != reading.post_title or not is_moved):  # else a title is proposed for the new post
        given["post_title"] = title
    if post.get("qualifier", "").strip() != reading.qualifier:
        given["qualifier"] = post.get("qualifier", "").strip()
    return given


def _choice(found: Any, given: str, *, field: str) -> Any:
    one = found.filter(pk=int(given)).first() if given.isascii() and given.isdigit() and len(given) < 19 else None
    if one is None:
        raise Invalid("所选的已不在名册中，请重新选择。", field=field)
    return one


@require_POST
def group_step(request: HttpRequest, pk: int, name_id: int) -> HttpResponse:
    """Say which units a collective name means, everywhere or in one row."""
    notice = notice_for(request, pk)
    reading = _reading(notice, name_id)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    given = request.POST.get("row", "")
    row: Row | None = None
    if given:
        row = (
            notice.rows.filter(pk=int(given)).first()
            if given.isascii() and given.isdigit() and len(given) < 19
            else None
        )
        if row is None:
            raise NotFound
    back = reverse("desk_names", args=[notice.pk])
    if row is not None:
        order = request.GET.get("order", BY_FINDINGS)
        query = urlencode({"row": row.pk, "order": order if order in ORDERS else BY_FINDINGS})
        back = f"{reverse('desk', args=[notice.pk])}?{query}"
    try:
        decide_group(
            reading,
            members=request.POST.getlist("member"),
            new_members=re.split(r"[、，,；;\s]+", request.POST.get("new_members", "")),
            is_open=request.POST.get("open") == "1",
            row=row if reading.row_id is None else None,
            version=_version(request),
            by=actor,
            now=clock.now(),
        )
    except (Conflict, Invalid, WrongState) as error:
        if row is not None:
            messages.error(request, error.message)
            return redirect(back)
        status = 400 if isinstance(error, Invalid) else 409
        return _page(request, notice, opened=reading.pk, problem=error.message, status=status)
    messages.success(request, f"已明确“{reading.name}”所指。")
    return redirect(back)
