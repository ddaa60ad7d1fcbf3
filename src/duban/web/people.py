"""Pages of people and posts: who is who, who holds what, and since when."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.access.rules import Permission, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, Invalid, NotFound, WrongState
from duban.orgs.actions import (
    NewPerson,
    NewPost,
    create_people,
    create_posts,
    edit_person,
    edit_post,
    end_appointment,
)
from duban.orgs.actions import (
    appoint as take_post,
)
from duban.orgs.models import Appointment, Person, Post, Unit, UnitContact, in_force
from duban.orgs.queries import find_people, history_of_person, person_shown, post_shown, terms_shown
from duban.orgs.rules import CONTACT_ROLE_LABELS, POST_KIND_LABELS, ContactRole, PostKind
from duban.web.given import actor_of, day_of, kept_place, number_of, order_of, seen_in
from duban.web.history import sentence_of
from duban.web.person_choice import offered_people, person_meant, told_apart

_A_PAGE = 100
_HISTORY = 30


# ── people ──


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, with what they hold today; found by name, pinyin or initials."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.ORG_EDIT)
    text = request.GET.get("q", "").strip()
    page = Paginator(find_people(actor, text=text), _A_PAGE).get_page(request.GET.get("page"))
    held = _held_today([one.pk for one in page], today=today)
    context = {
        "page": page,
        "lines": [(one, held.get(one.pk, [])) for one in page],
        "q": text,
        "query": f"{urlencode({'q': text})}&" if text else "",
    }
    template = "people/index.html" + ("#rows" if request.headers.get("HX-Request") else "")
    return render(request, template, context)


def _held_today(person_ids: list[int], *, today: date) -> dict[int, list[str]]:
    """Return what people hold on a day, in words. Two queries however many."""
    held: dict[int, list[str]] = {}
    appointments = Appointment.objects.filter(in_force(today), person_id__in=person_ids).select_related("post")
    for term in appointments.order_by("post__order", "pk"):
        held.setdefault(term.person_id, []).append(
            term.post.title + (f"（{term.qualifier}）" if term.qualifier else "")
        )
    contacts = UnitContact.objects.filter(in_force(today), person_id__in=person_ids).select_related("unit")
    for contact in contacts.order_by("pk"):
        label = CONTACT_ROLE_LABELS[ContactRole(contact.role)]
        held.setdefault(contact.person_id, []).append(f"{contact.unit.name}{label}")
    return held


@dataclass(frozen=True, slots=True)
class HeldTerm:
    """One thing a person holds or held."""

    what: str
    unit: Unit | None
    from_on: date
    to_on: date | None
    is_now: bool
    appointment: Appointment | None = None


@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: telephone, posts with dates, account, what was changed."""
    actor, today = actor_of(request), clock.today()
    found = _person(actor, pk)
    context = {
        "person": found,
        "terms": _terms(found, today=today),
        "history": [sentence_of(one) for one in history_of_person(found, limit=_HISTORY)],
    }
    return render(request, "people/person.html", context)


def _terms(person: Person, *, today: date) -> list[HeldTerm]:
    appointments = Appointment.objects.filter(person=person).select_related("post__unit").order_by("pk")
    contacts = UnitContact.objects.filter(person=person).select_related("unit").order_by("pk")
    lines = [
        HeldTerm(
            one.post.title + (f"（{one.qualifier}）" if one.qualifier else ""),
            one.post.unit,
            one.from_on,
            one.to_on,
            _is_now(one, today),
            one,
        )
        for one in appointments
    ] + [
        HeldTerm(
            f"{one.unit.name}{CONTACT_ROLE_LABELS[ContactRole(one.role)]}",
            one.unit,
            one.from_on,
            one.to_on,
            _is_now(one, today),
        )
        for one in contacts
    ]
    return sorted(lines, key=lambda one: (not one.is_now, -one.from_on.toordinal()))


@require_http_methods(["GET", "POST"])
def person_new(request: HttpRequest) -> HttpResponse:
    """Enter a person; somebody of the same name is shown first."""
    actor = actor_of(request)
    place = kept_place(actor)
    given = {key: request.POST.get(key, "").strip() for key in ("name", "phone", "email", "note")}
    problem, field, known = "", "", []
    if request.method == "POST":
        known = list(Person.objects.filter(jurisdiction=place, name="".join(given["name"].split())).order_by("pk"))
        try:
            if known and request.POST.get("is_other") != "1":
                raise Invalid(f"已有{len(known)}位“{known[0].name}”。确是另一个人，请勾选后再保存。", field="name")
            [made] = create_people(place, people=[NewPerson(**given)], by=actor, now=clock.now())
            messages.success(request, f"已新建人员：{made.name}。")
            return redirect("person", pk=made.pk)
        except Invalid as error:
            problem, field = error.message, error.field or ""
    context = {"given": given, "known": told_apart(known), "problem": problem, "field": field}
    return render(request, "people/person_new.html", context, status=400 if problem else 200)


@require_http_methods(["GET", "POST"])
def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a person's name, telephone, e-mail and note; what somebody else saved meanwhile is shown beside."""
    actor = actor_of(request)
    found = _person(actor, pk)
    given = {"name": found.name, "phone": found.phone, "email": found.email, "note": found.note}
    version, problem, field, theirs, status = found.version, "", "", None, 200
    if request.method == "POST":
        given = {key: request.POST.get(key, "").strip() for key in given}
        seen = number_of(request.POST.get("version"))
        try:
            edit_person(found, **given, version=seen, by=actor, now=clock.now())
            messages.success(request, "已保存。")
            return redirect("person", pk=pk)
        except Conflict as error:
            problem, status, found = error.message, 409, _person(actor, pk)
            version, theirs = found.version, person_shown(found)
        except Invalid as error:
            problem, field, status, version = error.message, error.field or "", 400, seen
    context = {
        "person": found,
        "given": given,
        "theirs": theirs,
        "version": version,
        "problem": problem,
        "field": field,
    }
    return render(request, "people/person_edit.html", context, status=status)


# ── posts ──


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post, who holds it today, and who is known to follow."""

    post: Post
    holder: Appointment | None
    follower: Appointment | None


@require_safe
def posts(request: HttpRequest) -> HttpResponse:
    """All posts: leaders, heads of units, other responsible persons; who holds each today."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.ORG_EDIT)
    found = list(Post.objects.visible_to(actor).select_related("unit").order_by("order", "unit__order", "pk"))
    terms: dict[int, list[Appointment]] = {}
    ids = [one.pk for one in found]
    for term in Appointment.objects.filter(post_id__in=ids).select_related("person").order_by("from_on", "pk"):
        terms.setdefault(term.post_id, []).append(term)
    lines = [
        PostLine(
            post=one,
            holder=next((term for term in terms.get(one.pk, []) if _is_now(term, today)), None),
            follower=next((term for term in terms.get(one.pk, []) if term.from_on > today), None),
        )
        for one in found
    ]
    kinds = (PostKind.GOVERNMENT_HEAD, PostKind.LEADER, PostKind.UNIT_HEAD, PostKind.RESPONSIBLE)
    groups = [(POST_KIND_LABELS[kind], [line for line in lines if line.post.kind == kind]) for kind in kinds]
    return render(request, "people/posts.html", {"groups": [one for one in groups if one[1]]})


@require_http_methods(["GET", "POST"])
def post_new(request: HttpRequest) -> HttpResponse:
    """Enter a post: of a leader, or of a unit."""
    actor = actor_of(request)
    place = kept_place(actor)
    units = list(Unit.objects.filter(jurisdiction=place).current().order_by("order", "pk"))
    given = {key: request.POST.get(key, "").strip() for key in ("kind", "unit", "title")}
    problem, field = "", ""
    if request.method == "POST":
        unit = next((one for one in units if one.pk == number_of(given["unit"])), None)
        try:
            if given["kind"] not in POST_KIND_LABELS:
                raise Invalid("请选择岗位类别。", field="kind")
            new = NewPost(unit, PostKind(given["kind"]), given["title"])
            [made] = create_posts(place, posts=[new], by=actor, now=clock.now())
            messages.success(request, f"岗位“{made.title}”可以任职了。")
            return redirect("appoint", pk=made.pk)
        except (Invalid, WrongState) as error:
            problem, field = error.message, error.field or ""
    context = {
        "given": given,
        "kinds": [(kind.value, label) for kind, label in POST_KIND_LABELS.items()],
        "units": units,
        "problem": problem,
        "field": field,
    }
    return render(request, "people/post_new.html", context, status=400 if problem else 200)


@require_http_methods(["GET", "POST"])
def post_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a post, or move it in the order of leaders."""
    actor = actor_of(request)
    found = _post(actor, pk)
    given = {"title": found.title, "order": str(found.order)}
    problem, field, status, theirs = "", "", 200, None
    if request.method == "POST":
        given = {key: request.POST.get(key, "").strip() for key in given}
        told: dict[str, Any] = {"seen": request.POST.get("seen", ""), "by": actor, "now": clock.now()}
        try:
            edit_post(found, title=given["title"], order=order_of(given["order"]), **told)
            messages.success(request, "已保存。")
            return redirect("posts")
        except Conflict as error:
            problem, status, theirs = error.message, 409, post_shown(_post(actor, pk))
        except Invalid as error:
            problem, field, status = error.message, error.field or "", 400
    context = {
        "post": found,
        "given": given,
        "seen": seen_in(request, standing=theirs or post_shown(found), theirs=theirs),
        "theirs": theirs,
        "problem": problem,
        "field": field,
    }
    return render(request, "people/post_edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Put somebody into a post from a day on; the one before ends the day before."""
    actor, today = actor_of(request), clock.today()
    post = _post(actor, pk)
    offered = offered_people(actor, place=post.jurisdiction, unit=post.unit)
    given = request.POST
    problem, field, status, choices = "", "", 400, []
    is_theirs = False
    if request.method == "POST":
        try:
            meant = person_meant(given, place=post.jurisdiction, unit=post.unit, offered=offered)
            if isinstance(meant, list):
                problem, choices = f"有{len(meant)}位“{meant[0].name}”，请选定是哪一位。", meant
            else:
                made = take_post(
                    post,
                    person=meant,
                    from_on=day_of(given.get("from_on", ""), field="from_on", what="起始日期") or today,
                    to_on=day_of(given.get("to_on", ""), field="to_on", what="截止日期"),
                    qualifier=given.get("qualifier", ""),
                    seen=given.get("seen", ""),
                    by=actor,
                    now=clock.now(),
                )
                messages.success(request, f"{made.person.name}任{post.title}。")
                return redirect("unit", pk=post.unit_id) if post.unit_id else redirect("posts")
        except Conflict as error:
            problem, status, is_theirs = error.message, 409, True
        except (Invalid, WrongState) as error:
            problem, field = error.message, error.field or ""
    terms = list(Appointment.objects.filter(post=post).select_related("person").order_by("-from_on", "-pk"))
    theirs = terms_shown(terms) if is_theirs else None
    context = {
        "post": post,
        "terms": [(one, _is_now(one, today)) for one in terms],
        "given": given,
        "from_on": given.get("from_on") or today.isoformat(),
        "seen": seen_in(request, standing=terms_shown(terms), theirs=theirs),
        "theirs": theirs,
        "choices": told_apart(choices),
        "people": offered,
        "problem": problem,
        "field": field,
    }
    return render(request, "people/appoint.html", context, status=status if problem else 200)


@require_POST
def appointment_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a term on the day given (its last), without a successor."""
    actor = actor_of(request)
    require(actor, Permission.ORG_EDIT)
    seen = Post.objects.visible_to(actor)
    found = Appointment.objects.select_related("post", "person").filter(pk=pk, post__in=seen).first()
    if found is None:
        raise NotFound
    try:
        to_on = day_of(request.POST.get("to_on", ""), field="to_on", what="免职日期") or clock.today()
        end_appointment(found, to_on=to_on, by=actor, now=clock.now())
        messages.success(request, f"{found.person.name}不再任{found.post.title}。")
    except (Invalid, WrongState) as error:
        messages.error(request, error.message)
    return redirect("appoint", pk=found.post_id)


# ── what several of them need ──


def _person(actor: Actor, pk: int) -> Person:
    require(actor, Permission.ORG_EDIT)
    found = Person.objects.visible_to(actor).select_related("account").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _post(actor: Actor, pk: int) -> Post:
    require(actor, Permission.ORG_EDIT)
    found = Post.objects.visible_to(actor).select_related("unit", "jurisdiction").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _is_now(term: Appointment | UnitContact, today: date) -> bool:
    return term.from_on <= today and (term.to_on is None or term.to_on >= today)
