"""A matter on its way to be closed, as far as a test needs it."""

from datetime import date

from duban.closing.actions import (
    Grant,
    Request,
    Verification,
    agree_closure,
    ask_closure,
    grant_closure,
    prepare_closure,
    verify_closure,
)
from duban.closing.models import Closure
from duban.closing.queries import checklist_now
from duban.closing.rules import Answer, Method
from duban.core.actor import Actor, Held
from duban.matters.actions import NewOverseer
from duban.matters.models import Matter
from duban.orgs.models import Post

TEXT = "新建小学1所；改造校舍2栋。"


def leader_of(world, name="吴一", title="副区长") -> Post:
    return world.post(None, title, name, kind="leader")


def acting(world, post: Post, *, role="leader", name="吴一") -> Actor:
    held = Held(role=role, jurisdiction_id=world.county.pk, post_ids=frozenset([post.pk]))
    return Actor(name=name, account_id=200, held=(held,))


def head(world, unit="教育局") -> Actor:
    return world.liaison(unit, role="unit_head")


def started(world, *, leader: Post | None = None, text=TEXT, **more) -> Matter:
    overseers = [NewOverseer(leader)] if leader is not None else []
    return world.started(text=text, overseers=overseers, **more)


def answers(matter: Matter, *, done=True, how="已经全部完成") -> dict[str, Answer]:
    return {one.key: Answer(done, how) for one in checklist_now(matter)}


def request(matter: Matter, *, version=0, statement="", **more) -> Request:
    return Request(answers(matter, **more), statement, version)


def prepared(world, matter: Matter | None = None, **more) -> Closure:
    matter = matter or started(world, **more)
    return prepare_closure(matter, request=request(matter), by=world.liaison("教育局"), now=world.now)


def asked(world, matter: Matter | None = None, *, now=None, **more) -> Closure:
    matter = matter or started(world, **more)
    return ask_closure(matter, request=request(matter), by=head(world), now=now or world.now)


def found(closure: Closure, *, method=Method.ON_SITE, **more) -> Verification:
    given = {
        "method": method,
        "findings": "已到现场看过，属实。",
        "true_keys": frozenset(closure.items.values_list("key", flat=True)),
        "verified_on": date(2020, 2, 3),
        "version": Closure.objects.get(pk=closure.pk).version,
        **more,
    }
    return Verification(**given)


def verified(world, closure: Closure | None = None, *, verification: Verification | None = None, **more) -> Closure:
    closure = closure or asked(world, **more)
    if closure.overseer is not None and closure.state == "asked":
        closure = agree_closure(closure, by=acting(world, closure.overseer), now=world.now)
    return verify_closure(closure, verification=verification or found(closure), by=world.officer, now=world.now)


def grant(closure: Closure, **more) -> Grant:
    return Grant(**{"conclusion": "要求均已达到。", "version": Closure.objects.get(pk=closure.pk).version, **more})


def granted(world, closure: Closure | None = None, **more) -> Closure:
    closure = closure or verified(world, **more)
    return grant_closure(closure, grant=grant(closure), by=world.office_head, now=world.now)
