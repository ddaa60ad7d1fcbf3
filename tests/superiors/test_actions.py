from datetime import date

import pytest

from duban.audit.models import Event
from duban.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from duban.matters.actions import NewOverseer
from duban.superiors import actions
from duban.superiors.actions import name_superior, note_dealing
from duban.superiors.models import Dealing, SuperiorTask
from duban.superiors.queries import dealings_on
from tests.conftest import holder
from tests.matters.builders import names_of_events

pytestmark = pytest.mark.django_db

TASK = {"department": "市教育局", "task": "2020年新建公办园计划"}


@pytest.fixture
def matter(world):
    return world.started(leads=("教育局", "财政局"), supports=("住建局", "水利局"), serial="1")


def name(world, matter, *, by=None, version=0, **words):
    by = by or world.liaison("教育局")
    return name_superior(matter, words={**TASK, **words}, version=version, by=by, now=world.now)


def note(world, matter, unit="住建局", *, by=None, **more):
    given = {"held_on": date(2020, 2, 3), "with_whom": "市教育局", "outcome": "同意立项。", **more}
    return note_dealing(matter, unit=world.unit(unit), by=by or world.liaison(unit), now=world.now, **given)


# ── the task ──


def test_lead_names_the_task_and_corrects_it(world, matter):
    assert name(world, matter).version == 1
    task = name(world, matter, by=world.liaison("财政局"), version=1, contact="郑科长", task="新建公办园计划")
    assert (task.version, task.contact, SuperiorTask.objects.count()) == (2, "郑科长", 1)
    first, second = Event.objects.filter(name="superiors.named").order_by("pk")
    assert (first.matter_id, first.data["is_new"]) == (matter.pk, True)
    assert second.data == {
        "is_new": False,
        "before": {"任务或文件": "2020年新建公办园计划", "联系人": ""},
        "after": {"任务或文件": "新建公办园计划", "联系人": "郑科长"},
    }


def test_unchanged_words_change_nothing(world, matter):
    name(world, matter)
    assert name(world, matter, version=1).version == 1
    assert names_of_events(name="superiors.named") == ["superiors.named"]


def test_who_comes_second_gets_what_stands(world, matter):
    name(world, matter)
    name(world, matter, version=1, contact="郑科长")
    with pytest.raises(Conflict) as conflict:
        name(world, matter, version=1, contact="吴科长")
    assert conflict.value.theirs.contact == "郑科长"
    with pytest.raises(Conflict):
        name(world, matter, version=0)
    assert SuperiorTask.objects.get().contact == "郑科长"


def test_only_leads_and_the_office_name_it(world, matter):
    name(world, matter, by=world.officer)
    for stranger in (
        world.liaison("住建局"),
        world.liaison("交通局"),
        holder("leader", jurisdiction=world.county),
        holder("director", jurisdiction=world.county),
    ):
        with pytest.raises(NotAllowed):
            name(world, matter, by=stranger, version=1, contact="某人")
    assert SuperiorTask.objects.get().contact == ""


def test_not_on_a_matter_that_has_ended(world):
    matter = world.closed()
    with pytest.raises(WrongState):
        name(world, matter)
    with pytest.raises(WrongState):
        note(world, matter, "教育局")


# ── the log ──


def test_any_unit_of_the_matter_notes_its_dealings(world, matter):
    note(world, matter)
    event = Event.objects.get(name="superiors.dealing_noted")
    assert event.data == {
        "unit": "住建局",
        "unit_id": world.unit("住建局").pk,
        "held_on": "2020-02-03",
        "with_whom": "市教育局",
        "outcome": "同意立项。",
    }
    note(world, matter, by=world.officer, outcome="资金已下达。")
    with pytest.raises(WrongState):
        note(world, matter)
    with pytest.raises(NotFound):
        note(world, matter, "交通局")
    with pytest.raises(NotAllowed):
        note(world, matter, by=world.liaison("教育局"))
    assert Dealing.objects.count() == 2


@pytest.mark.parametrize("more", [{"outcome": ""}, {"held_on": date(2020, 2, 4)}, {"held_on": date(2018, 12, 31)}])
def test_bad_dealing_is_not_noted(world, matter, more):
    with pytest.raises(Invalid):
        note(world, matter, **more)
    assert Dealing.objects.count() == 0


def test_leads_see_all_dealings_others_their_own(world, matter):
    post = world.post(None, "副区长", "吴一", kind="leader")
    overseen = world.started(supports=("住建局", "水利局"), overseers=[NewOverseer(post)], serial="2")
    for one in (matter, overseen):
        note(world, one)
        note(world, one, "水利局", outcome="水源已批。")

    def seen(actor, one):
        return [each.unit.name for each in dealings_on(actor, one)]

    leader = holder("leader", jurisdiction=world.county, post_ids=[post.pk])
    assert seen(world.liaison("住建局"), matter) == ["住建局"]
    assert seen(world.liaison("教育局"), matter) == seen(world.liaison("财政局"), matter) == ["水利局", "住建局"]
    assert seen(world.officer, matter) == ["水利局", "住建局"]
    assert (seen(leader, matter), seen(leader, overseen)) == ([], ["水利局", "住建局"])


def test_nothing_changes_when_the_event_cannot_be_written(world, matter, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(actions, "record", fail)
    with pytest.raises(RuntimeError):
        name(world, matter)
    with pytest.raises(RuntimeError):
        note(world, matter)
    assert (SuperiorTask.objects.count(), Dealing.objects.count()) == (0, 0)
