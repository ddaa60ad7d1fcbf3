"""The story of a matter: who reads which lines, narrowed, in pages, on paper; the latest on the matter's page."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from duban.audit.actions import Subject, record_many
from duban.audit.rules import EventName
from duban.matters.actions import refuse, set_milestones
from duban.matters.queries import LATEST_EVENTS, StoryFilter, matter_story
from duban.progress.actions import Said, enter_progress
from duban.web import matter_history
from duban.web.matter_history import StoryKind, Who, kind_of, names_of, whose
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now)


def story_of(client, matter, **query) -> list[str]:
    """The lines of the story as they are shown, without the moment."""
    return [one.text for one in client.get(reverse("matter_story", args=[matter.pk]), query).context["lines"]]


def enter(world, matter, sentence, *, unit="教育局", now=None, pct=None):
    said = Said(sentence=sentence, pct=pct)
    enter_progress(matter, unit=world.unit(unit), said=said, by=world.liaison(unit), now=now or world.now)


def busy(world, matter, count: int) -> None:
    """Let much have happened on a matter."""
    data = {"effective_on": "2020-02-03", "unit": "教育局", "unit_id": world.unit("教育局").pk}
    lines = [
        Subject("progress", None, "进展", matter.pk, world.county.pk, {**data, "sentence": f"第{number}句"})
        for number in range(count)
    ]
    with transaction.atomic():
        record_many(EventName.PROGRESS_ENTERED, lines, by=world.liaison("教育局"), now=world.now)


@pytest.mark.engine_free
def test_every_line_of_a_story_is_about_something_and_is_somebodys_step():
    assert [name for name in matter_history._SAYS if kind_of(name) is None] == []
    by_kind = {kind: names_of(kind=kind, who=None) for kind in StoryKind}
    assert sum(map(len, by_kind.values())) == len(frozenset().union(*by_kind.values()))
    assert frozenset().union(*(names_of(kind=None, who=who) for who in Who)) == {one.value for one in EventName}
    assert names_of(kind=None, who=None) is None


@pytest.mark.engine_free
@pytest.mark.parametrize(
    ("name", "kind", "who"),
    [
        ("matters.acknowledged", StoryKind.HANDING, {Who.UNIT}),
        ("progress.schedule_accepted", StoryKind.HANDING, {Who.OFFICE}),
        ("progress.entered", StoryKind.PROGRESS, {Who.UNIT}),
        ("evidence.added", StoryKind.EVIDENCE, {Who.UNIT}),
        ("objections.evidence_added", StoryKind.OBJECTIONS, {Who.UNIT}),
        ("obstacles.answered", StoryKind.COORDINATION, {Who.UNIT, Who.LEADER}),
        ("instructions.given", StoryKind.INSTRUCTIONS, {Who.LEADER}),
        ("matters.extended", StoryKind.CHANGES, {Who.OFFICE}),
        ("matters.closed", StoryKind.CLOSING, {Who.OFFICE}),
        ("matters.ledger_exported", None, {Who.OFFICE}),
    ],
)
def test_what_a_line_is_about_and_whose_step_it_is(name, kind, who):
    assert (kind_of(name), whose(name)) == (kind, who)


@pytest.mark.engine_free
def test_steps_of_units_and_leaders_are_events_there_are():
    named = matter_history._STEPS_OF_UNITS | matter_history._STEPS_OF_LEADERS | set(matter_history._KIND_OF_NAME)
    assert named - {one.value for one in EventName} == set()


def test_the_whole_story_newest_or_oldest_first(world):
    matter = world.started(serial="7")
    enter(world, matter, "主体已开工。", pct=Decimal(20))
    client = signed_in(world, "officer")
    lines = story_of(client, matter)
    assert lines[0] == "教育局联络员填报教育局截至2020年2月3日的进展：完成 20%；主体已开工。"
    assert lines[-1].startswith("督查员甲录入事项")
    assert story_of(client, matter, order="old") == lines[::-1]
    page = client.get(reverse("matter_story", args=[matter.pk])).content.decode()
    assert "2020年2月3日至2020年2月3日" in page
    assert (
        f'href="{reverse("matter_story", args=[matter.pk])}"'
        in client.get(reverse("matter", args=[matter.pk])).content.decode()
    )


def test_narrowed_by_what_by_whom_by_unit_and_by_days(world, monkeypatch):
    matter = world.started(supports=("住建局",))
    later = world.now + timedelta(days=10)
    enter(world, matter, "教育局说的。")
    enter(world, matter, "住建局说的。", unit="住建局", now=later)
    set_milestones(matter, milestones=[], reason="按会议要求", by=world.officer, now=later)
    client = signed_in(world, "officer")
    assert len(story_of(client, matter, kind="progress")) == 2
    assert ["教育局说的" in one for one in story_of(client, matter, kind="progress", who="unit", order="old")] == [
        True,
        False,
    ]
    assert story_of(client, matter, kind="progress", who="office") == []
    assert story_of(client, matter, who="office")[0].startswith("督查员甲明确时间节点")
    own = f"unit-{world.unit('住建局').pk}"
    [only] = story_of(client, matter, who=own)
    assert "住建局说的" in only
    assert story_of(client, matter, who="unit-999999") == []
    assert len(story_of(client, matter, **{"from": "2020-02-13", "to": "2020-02-13"})) == 2
    assert story_of(client, matter, to="2020-02-02") == []
    everything = story_of(client, matter)
    assert story_of(client, matter, kind="nonsense", who="nobody", page="x") == everything


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"from": "昨天"}, "起始日期不是日期：昨天"),
        ({"from": "2020-03-01", "to": "2020-02-01"}, "截止日期不能早于起始日期。"),
    ],
)
def test_a_period_that_is_none_is_said(world, query, said):
    matter = world.started()
    answer = signed_in(world, "officer").get(reverse("matter_story", args=[matter.pk]), query)
    assert (answer.status_code, said in answer.content.decode()) == (400, True)


def test_a_unit_reads_what_concerns_it_and_a_stranger_nothing(world):
    matter = world.assigned(leads=("教育局", "财政局"), supports=("住建局",))
    own = matter.assignments.get(unit=world.unit("财政局"))
    refuse(own, reason="本局并无此项职责", by=world.liaison("财政局"), now=world.now)
    seen = {
        unit: any("本局并无此项职责" in line for line in story_of(signed_in(world, f"联络员 {unit}"), matter))
        for unit in ("教育局", "财政局", "住建局")
    }
    assert seen == {"教育局": True, "财政局": True, "住建局": False}
    assert "本局并无此项职责" not in " ".join(
        story_of(signed_in(world, "主要负责人 住建局"), matter, who=f"unit-{world.unit('财政局').pk}")
    )
    stranger = signed_in(world, "联络员 交通局")
    assert stranger.get(reverse("matter_story", args=[matter.pk])).status_code == 404


def told(world, matter, **data) -> None:
    """Write an event of the kind that names several units, or whom it is meant for."""
    subject = Subject("obstacle", 1, "困难问题", matter.pk, world.county.pk, data)
    with transaction.atomic():
        record_many(EventName.OBSTACLE_CLOSED, [subject], by=world.officer, now=world.now)


def test_a_line_that_names_whom_it_is_for_is_read_by_them_alone(world):
    matter = world.started(leads=("教育局", "财政局"), supports=("住建局",))
    pks = {name: world.unit(name).pk for name in ("教育局", "财政局", "住建局")}
    told(world, matter, unit="财政局", unit_ids=[pks["财政局"]])
    told(world, matter, unit="教育局", meant_for={"unit_ids": [pks["住建局"]], "post_ids": []})

    def counted(actor, **narrowed) -> int:
        names = frozenset({"obstacles.closed"})
        return matter_story(actor, matter, chosen=StoryFilter(names=names, **narrowed)).count()

    assert {name: counted(world.liaison(name)) for name in pks} == {"教育局": 1, "财政局": 1, "住建局": 1}
    assert counted(world.officer) == 2
    assert counted(world.officer, unit_id=pks["财政局"]) == 1
    assert counted(world.liaison("住建局"), unit_id=pks["财政局"]) == 0


def test_a_long_story_is_paged_and_printed_whole(world, monkeypatch):
    matter = world.started()
    busy(world, matter, 230)
    client = signed_in(world, "officer")
    address = reverse("matter_story", args=[matter.pk])
    first, last = client.get(address), client.get(address, {"page": "3"})
    assert [len(one.context["lines"]) for one in (first, last)] == [100, 34]
    assert "第 1 / 3 页，共 234 条" in first.content.decode()
    whole = client.get(address, {"all": "1", "order": "old"})
    page = whole.content.decode()
    assert len(whole.context["lines"]) == 234
    assert "data-print" in page and "story-head" in page
    monkeypatch.setattr("duban.web.story.PRINTED_MOST", 150)
    assert "共 234 条，一次打印至多 150 条，请按时间分段打印。" in client.get(address, {"all": "1"}).content.decode()


@pytest.mark.parametrize("count", [5, 300])
def test_a_story_costs_the_same_however_long_it_is(world, count):
    matter = world.started(supports=("住建局",))
    busy(world, matter, count)
    client = signed_in(world, "联络员 住建局")
    address = reverse("matter_story", args=[matter.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    assert len(queries) == STORY_QUERIES


STORY_QUERIES = 14


def test_the_matters_page_shows_the_latest_lines_and_reads_no_more(world):
    matter = world.started()
    busy(world, matter, 300)
    client = signed_in(world, "officer")
    with CaptureQueriesContext(connection) as queries:
        history = client.get(reverse("matter", args=[matter.pk])).context["history"]
    assert [one.text[-6:] for one in (history[0], history[-1])] == ["第299句。", "第288句。"]
    assert len(history) == LATEST_EVENTS
    [read] = [one["sql"] for one in queries if 'FROM "audit_event"' in one["sql"] and '"matter_no" DESC' in one["sql"]]
    assert "LIMIT 96" in read


def test_other_units_business_does_not_push_ones_own_off_the_page(world):
    matter = world.started(supports=("住建局",))
    enter(world, matter, "住建局说的。", unit="住建局")
    busy(world, matter, 60)
    history = signed_in(world, "联络员 住建局").get(reverse("matter", args=[matter.pk])).context["history"]
    assert "住建局说的" in history[0].text
