"""People, their accounts, and posts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from duban.access.models import Account, Grant, grant_not_over
from duban.access.rules import ADMIN_ROLES, Permission, require
from duban.audit.actions import record, record_many, subject_of
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.errors import Conflict, Invalid, WrongState
from duban.core.pinyin import initials_of, pinyin_of
from duban.core.seen import require_seen
from duban.orgs.actions.common import difference_of, hold, require_current, tidy
from duban.orgs.models import Jurisdiction, Person, Post, Unit
from duban.orgs.queries import post_shown
from duban.orgs.rules import POST_KIND_LABELS, PostKind, email_problem, phone_problem

_SINGLE = (PostKind.UNIT_HEAD, PostKind.GOVERNMENT_HEAD)
"""Posts of which there is one: of a unit, of a government."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person as somebody names them."""

    name: str
    phone: str = ""
    note: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post of a unit, or (unit None) of a leader."""

    unit: Unit | None
    kind: PostKind
    title: str = ""


# ---- people and posts


@transaction.atomic
def create_people(jurisdiction: Jurisdiction, *, people: Sequence[NewPerson], by: Actor, now: datetime) -> list[Person]:
    """Create people in the order given; two may bear one name. Raises NotAllowed, Invalid."""
    require(by, Permission.ORG_EDIT, jurisdiction_id=jurisdiction.pk)
    return make_people(jurisdiction, people=people, by=by, now=now)


@transaction.atomic
def edit_person(
    person: Person, *, name: str, phone: str, note: str, email: str, version: int, by: Actor, now: datetime
) -> Person:
    """Change a person's name, telephone, e-mail and note. Raises NotAllowed, Conflict (`theirs`), Invalid."""
    require(by, Permission.ORG_EDIT, jurisdiction_id=person.jurisdiction_id)
    told = tidy_person(NewPerson(name, phone, note, email))
    before = Person.objects.get(pk=person.pk)
    claimed = Person.objects.filter(pk=person.pk, version=version).update(
        name=told.name,
        phone=told.phone,
        note=told.note,
        email=told.email,
        pinyin=pinyin_of(told.name),
        initials=initials_of(told.name),
        version=version + 1,
    )
    if not claimed:
        raise Conflict(theirs=before)
    person.refresh_from_db()
    if difference := difference_of(person_facts(before), person_facts(person)):
        record(EventName.PERSON_CHANGED, person, by=by, now=now, data=difference)
    return person


@transaction.atomic
def link_account(person: Person, *, account: Account, by: Actor, now: datetime) -> Person:
    """Say that an account is this person's: from then on their posts and contacts open what they open.

    Raises NotAllowed, Invalid (either is linked elsewhere, or the account is an administrator's).
    """
    require(by, Permission.GRANT_MANAGE)
    account = Account.objects.select_for_update().get(pk=account.pk)  # a grant given meanwhile is seen
    if Grant.objects.filter(grant_not_over(now.date()), account=account, role__in=ADMIN_ROLES).exists():
        raise Invalid("三员账号不得兼任业务角色。", field="account")
    if Person.objects.filter(account=account).exclude(pk=person.pk).exists():
        raise Invalid(f"账号“{account.username}”已对应其他人员。", field="account")
    if not Person.objects.filter(pk=person.pk, account__isnull=True).update(account=account):
        raise Invalid(f"{person.name}已有账号。", field="account")
    person.refresh_from_db()
    record(EventName.PERSON_CHANGED, person, by=by, now=now, data={"before": {}, "after": {"账号": account.username}})
    return person


@transaction.atomic
def unlink_account(person: Person, *, by: Actor, now: datetime) -> Person:
    """Take a person's account away again. Raises NotAllowed, WrongState (there is none)."""
    require(by, Permission.GRANT_MANAGE)
    account = Account.objects.filter(person=person).first()
    if account is None or not Person.objects.filter(pk=person.pk, account=account).update(account=None):
        raise WrongState(f"{person.name}没有关联账号。")
    person.refresh_from_db()
    record(EventName.PERSON_CHANGED, person, by=by, now=now, data={"before": {"账号": account.username}, "after": {}})
    return person


@transaction.atomic
def create_posts(jurisdiction: Jurisdiction, *, posts: Sequence[NewPost], by: Actor, now: datetime) -> list[Post]:
    """Return one post for each given. A unit has one head and a government one: those that stand are returned.

    Raises NotAllowed, Invalid (no unit, another jurisdiction's unit).
    """
    require(by, Permission.ORG_EDIT, jurisdiction_id=jurisdiction.pk)
    hold(jurisdiction)
    single = Post.objects.filter(jurisdiction=jurisdiction, kind__in=_SINGLE).order_by("pk")
    heads = {(one.kind, one.unit_id): one for one in single}
    result: list[Post] = []
    made: list[Post] = []
    for new in posts:
        if new.unit is None and new.kind not in (PostKind.LEADER, PostKind.GOVERNMENT_HEAD):
            raise Invalid("该岗位须属于一个单位。", field="unit")
        if new.unit is not None:
            if new.unit.jurisdiction_id != jurisdiction.pk:
                raise Invalid(f"“{new.unit.name}”不属于本辖区。", field="unit")
            require_current(new.unit)
        slot = (new.kind.value, new.unit.pk if new.unit else None)
        post = heads.get(slot)
        if post is None:
            title = new.title.strip() or f"{new.unit.name if new.unit else ''}{POST_KIND_LABELS[new.kind]}"
            title = tidy(title, field="title", what="岗位名称", longest=60)
            post = Post(jurisdiction=jurisdiction, unit=new.unit, kind=new.kind.value, title=title)
            made.append(post)
            if new.kind in _SINGLE:
                heads[slot] = post
        result.append(post)
    Post.objects.bulk_create(made)
    record_many(EventName.POST_CREATED, [subject_of(one) for one in made], by=by, now=now)
    return result


@transaction.atomic
def edit_post(post: Post, *, title: str, order: int, by: Actor, now: datetime, seen: str | None = None) -> Post:
    """Rename a post or move it in the order of leaders.

    seen: of `post_shown`, as the form showed it. Raises NotAllowed, Invalid, Conflict (`theirs`: what stands).
    """
    require(by, Permission.ORG_EDIT, jurisdiction_id=post.jurisdiction_id)
    title = tidy(title, field="title", what="岗位名称", longest=60)
    post = Post.objects.select_for_update().get(pk=post.pk)
    before = post_shown(post)
    require_seen(seen, standing=before)
    post.title, post.order = title, order
    post.save(update_fields=["title", "order"])
    if difference := difference_of(before, post_shown(post)):
        record(EventName.POST_CHANGED, post, by=by, now=now, data=difference)
    return post


def make_people(jurisdiction: Jurisdiction, *, people: Iterable[NewPerson], by: Actor, now: datetime) -> list[Person]:
    """Create people; the action that calls has asked whether its actor may."""
    made = []
    for new in people:
        told = tidy_person(new)
        made.append(
            Person(
                jurisdiction=jurisdiction,
                name=told.name,
                phone=told.phone,
                note=told.note,
                email=told.email,
                pinyin=pinyin_of(told.name),
                initials=initials_of(told.name),
            )
        )
    Person.objects.bulk_create(made)
    record_many(EventName.PERSON_CREATED, [subject_of(one) for one in made], by=by, now=now)
    return made


def tidy_person(new: NewPerson) -> NewPerson:
    """Return a person without padding. Raises Invalid."""
    phone = tidy(new.phone, field="phone", what="电话", longest=40, may_be_blank=True)
    if problem := phone_problem(phone):
        raise Invalid(problem, field="phone")
    email = tidy(new.email, field="email", what="邮箱", longest=100, may_be_blank=True)
    if problem := email_problem(email):
        raise Invalid(problem, field="email")
    return NewPerson(
        name=tidy(new.name, field="name", what="姓名", longest=40),
        phone=phone,
        note=tidy(new.note, field="note", what="备注", longest=60, may_be_blank=True),
        email=email,
    )


def person_facts(person: Person) -> dict[str, Any]:
    """Return what the trail says of a person."""
    return {"姓名": person.name, "电话": person.phone, "邮箱": person.email, "备注": person.note}


def set_phones(phones: Mapping[int, tuple[Person, str]], *, by: Actor, now: datetime) -> None:
    """Write telephone numbers that differ from those known; the action that calls has asked whether its actor may.

    phones: person's id → (person, number). Raises Invalid (not a number).
    """
    changed: list[tuple[Person, dict[str, Any]]] = []
    for person, number in phones.values():
        before = person_facts(person)
        phone = tidy_person(NewPerson(person.name, number, person.note)).phone
        if phone == person.phone:
            continue
        person.phone, person.version = phone, person.version + 1
        changed.append((person, difference_of(before, person_facts(person))))
    Person.objects.bulk_update([person for person, _ in changed], ["phone", "version"])
    subjects = [subject_of(person, data=data) for person, data in changed]
    record_many(EventName.PERSON_CHANGED, subjects, by=by, now=now)
