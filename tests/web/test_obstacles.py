"""Difficulties on their pages: raised from a matter, answered, put to a leader, ended; what each reader sees."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from duban.access.models import Account, Grant
from duban.audit.models import Event
from duban.core.actor import Actor
from duban.matters.actions import NewOverseer
from duban.matters.models import Obligation
from duban.obstacles.actions import answer_obstacle, raise_obstacle
from duban.obstacles.models import Obstacle, Round
from duban.orgs.models import Person
from duban.orgs.queries import actor_of
from duban.web import obstacles
from duban.web.waiting import Waits
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db

WORDS = {"problem": "用地指标不足。", "need": "请调剂 20 亩。"}


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now)


@pytest.fixture
def leader_post(world):
    return world.post(None, "副区长", "吴一", kind="leader")


@pytest.fixture
def matter(world, leader_post):
    return world.started(
        leads=("教育局",), supports=("住建局", "水利局"), overseers=[NewOverseer(leader_post)], serial="1"
    )


def leader_client(world, post, *, username="wuyi"):
    """The holder of a leader's post, signed in."""
    client = signed_in(world, "director", username=username)
    account = Account.objects.get(username=username)
    Grant.objects.filter(account=account).delete()
    Person.objects.filter(appointments__post=post).update(account=account)
    return client


def put(world, matter, unit="住建局", *, to="教育局", now=None, **words):
    return raise_obstacle(
        matter,
        unit=world.unit(unit),
        to=world.unit(to) if isinstance(to, str) else to,
        by=world.liaison(unit),
        now=now or world.now,
        **{**WORDS, **words},
    )


def form_of(matter):
    return reverse("matter_obstacle", args=[matter.pk])


def page_of(obstacle):
    return reverse("obstacle", args=[obstacle.pk])


def step_of(obstacle, step):
    return reverse("obstacle_step", args=[obstacle.pk, step])


# ── raising ──


def test_supporting_unit_raises_in_two_lines_and_the_lead_is_asked(world, matter):
    client = signed_in(world, "联络员 住建局")
    assert form_of(matter) in client.get(reverse("matter", args=[matter.pk])).content.decode()
    page = client.get(form_of(matter))
    lead = f"unit-{world.unit('教育局').pk}"
    assert page.context["choices"][0].value == page.context["given"]["to"] == lead
    done = client.post(form_of(matter), {**WORDS, "to": lead}, follow=True)
    obstacle = Obstacle.objects.get()
    assert done.redirect_chain == [(page_of(obstacle), 302)]
    text = done.content.decode()
    for words in ("用地指标不足。", "请调剂 20 亩。", "2月10日", "教育局"):
        assert words in text
    history = client.get(reverse("matter", args=[matter.pk])).content.decode()
    told = "联络员 住建局代表住建局向教育局提出困难问题：用地指标不足；需要：请调剂 20 亩。"
    assert told in history
    assert page_of(obstacle) in history


def test_lead_asks_its_leader_unless_another_unit_is_named(world, matter, leader_post):
    client = signed_in(world, "联络员 教育局")
    page = client.get(form_of(matter))
    assert [(one.value, one.name) for one in page.context["choices"]] == [(f"post-{leader_post.pk}", "吴一")]
    world.unit("财政局")
    client.post(form_of(matter), {**WORDS, "to": "other", "other": "区财政局"})
    assert Obstacle.objects.get().to_unit.name == "财政局"
    client.post(form_of(matter), {**WORDS, "problem": "另一个。", "to": f"post-{leader_post.pk}"})
    assert Obstacle.objects.get(to_post=leader_post).problem == "另一个。"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"problem": " "}, "请写明问题。"),
        ({"problem": "字" * 101}, "问题不超过 100 字，现在 101 字。"),
        ({"need": ""}, "请写明需要谁做什么。"),
        ({"to": "other", "other": "天文台"}, "没有找到“天文台”，请从提示中选择。"),
        ({"to": "other"}, "请写明是哪个单位。"),
        ({"to": "other", "other": "住建局"}, "不能向本单位提出困难问题。"),
        ({"to": "unit-999999"}, "请选择向谁提出。"),
        ({"to": "post-x"}, "请选择向谁提出。"),
        ({"to": ""}, "请选择向谁提出。"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(world, matter, wrong, said):
    posted = {**WORDS, "to": f"unit-{world.unit('教育局').pk}", **wrong}
    answer = signed_in(world, "联络员 住建局").post(form_of(matter), posted)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert said in page
    assert f">{posted['problem']}</textarea>" in page
    assert f">{posted['need']}</textarea>" in page
    assert Obstacle.objects.count() == 0


def test_sent_twice_is_raised_once(world, matter):
    client = signed_in(world, "联络员 住建局")
    posted = {**WORDS, "to": f"unit-{world.unit('教育局').pk}"}
    assert [client.post(form_of(matter), posted).status_code for _ in range(2)] == [302, 409]
    assert Obstacle.objects.count() == 1


def test_office_raises_for_a_unit_that_telephoned(world, matter):
    client = signed_in(world, "officer")
    posted = {**WORDS, "to": f"unit-{world.unit('教育局').pk}", "unit": world.unit("住建局").pk}
    assert client.post(form_of(matter), posted).status_code == 400
    done = client.post(form_of(matter), {**posted, "channel": "telephone", "informant": "周一"}, follow=True)
    assert done.status_code == 200
    history = client.get(reverse("matter", args=[matter.pk])).content.decode()
    assert "officer代表住建局向教育局提出困难问题（电话，周一告知）" in history


def test_matter_not_in_hand_takes_none(world):
    matter = world.closed()
    client = signed_in(world, "联络员 教育局")
    assert "当前不在办理中" in client.get(form_of(matter)).content.decode()
    posted = {**WORDS, "to": "other", "other": "教育局"}
    assert client.post(form_of(matter), posted).status_code == 409


# ── answering, ending ──


def test_asked_unit_answers_from_its_desk_and_the_raiser_ends_it(world, matter):
    obstacle = put(world, matter)
    asked = signed_in(world, "联络员 教育局")
    desk = asked.get(reverse("my_desk"))
    lines = [line for section in desk.context["sections"] for group in section.groups for line in group.lines]
    assert [(one.text, one.action) for one in lines if one.address == page_of(obstacle)] == [
        ("答复住建局提出的困难问题", "答复")
    ]
    assert asked.post(step_of(obstacle, "answer"), {"answer": " "}).status_code == 400
    done = asked.post(step_of(obstacle, "answer"), {"answer": "已调剂 20 亩。", "round": "1"}, follow=True)
    assert "已调剂 20 亩。" in done.content.decode()
    raiser = signed_in(world, "联络员 住建局")
    assert "已解决，销结" in raiser.get(page_of(obstacle)).content.decode()
    assert "已解决，销结" not in asked.get(page_of(obstacle)).content.decode()
    raiser.post(step_of(obstacle, "close"), {"round": "1"})
    obstacle.refresh_from_db()
    assert obstacle.state == "closed"
    history = raiser.get(reverse("matter", args=[matter.pk])).content.decode()
    assert "联络员 教育局代表教育局答复住建局提出的困难问题：已调剂 20 亩。" in history
    assert "联络员 住建局代表住建局销结困难问题。" in history


def test_unit_that_is_not_on_the_matter_answers_without_seeing_the_matter(world, matter):
    obstacle = put(world, matter, to="财政局")
    asked = signed_in(world, "联络员 财政局")
    page = asked.get(page_of(obstacle)).content.decode()
    assert "第1项" in page
    assert reverse("matter", args=[matter.pk]) not in page
    assert asked.get(reverse("matter", args=[matter.pk])).status_code == 404
    assert asked.get(reverse("my_desk")).status_code == 200
    assert asked.post(step_of(obstacle, "answer"), {"answer": "已拨付。"}).status_code == 302


def test_unsolved_it_goes_to_whom_the_raiser_chooses(world, matter, leader_post):
    obstacle = put(world, matter)
    answer_obstacle(obstacle, answer="在研究。", by=world.liaison("教育局"), now=world.now)
    raiser = signed_in(world, "联络员 住建局")
    page = raiser.get(page_of(obstacle))
    assert page.context["choices"][0].value == f"unit-{world.unit('教育局').pk}"
    bad = raiser.post(step_of(obstacle, "unsolved"), {"note": "", "to": f"post-{leader_post.pk}"})
    assert (bad.status_code, "请写明还缺什么。" in bad.content.decode()) == (400, True)
    raiser.post(step_of(obstacle, "unsolved"), {"note": "资金仍缺。", "to": f"post-{leader_post.pk}", "round": "1"})
    obstacle.refresh_from_db()
    assert (obstacle.state, obstacle.to_post, obstacle.round_no) == ("open", leader_post, 2)


def test_leader_finds_what_was_put_to_the_post_and_answers(world, matter, leader_post):
    obstacle = put(world, matter)
    raiser = signed_in(world, "联络员 住建局")
    raiser.post(step_of(obstacle, "escalate"), {"to": f"post-{leader_post.pk}", "note": ""})
    leader = leader_client(world, leader_post)
    groups = leader.get(reverse("coordination")).context["groups"]
    assert [(one.name, [line.pk for line in one.lines]) for one in groups] == [("answer", [obstacle.pk])]
    assert leader.post(step_of(obstacle, "answer"), {"answer": "下周专题研究。"}).status_code == 302
    assert Round.objects.get(number=2).answer == "下周专题研究。"
    history = raiser.get(reverse("matter", args=[matter.pk])).content.decode()
    assert "联络员 住建局将住建局提出的困难问题提请吴一协调。" in history


def test_who_comes_second_is_told_and_nothing_is_overwritten(world, matter):
    obstacle = put(world, matter)
    asked = signed_in(world, "联络员 教育局")
    posted = {"answer": "已调剂。", "round": "1"}
    assert [asked.post(step_of(obstacle, "answer"), posted).status_code for _ in range(2)] == [302, 409]
    stale = put(world, matter, problem="另一个。")
    signed_in(world, "联络员 住建局").post(step_of(stale, "escalate"), {})
    late = asked.post(step_of(stale, "answer"), {"answer": "迟了一步。", "round": "1"})
    assert late.status_code == 409
    assert "刚刚已转由他人答复" in late.content.decode()
    assert Round.objects.exclude(answer="").count() == 1


def test_office_sends_up_what_waited_too_long_with_one_button(world, matter, now, monkeypatch):
    late = put(world, matter)
    set_clock(monkeypatch, now + timedelta(days=15))
    put(world, matter, problem="昨天的。", now=now + timedelta(days=14))
    client = signed_in(world, "officer")
    page = client.get(reverse("coordination"))
    assert (page.context["ripe"], "1 个久未答复的提请领导" in page.content.decode()) == (1, True)
    assert "已超期，可提请领导" in client.get(page_of(late)).content.decode()
    done = client.post(reverse("obstacles_escalate"), follow=True).content.decode()
    assert "已将 1 个逾期未答复的提请领导协调。" in done
    again = client.post(reverse("obstacles_escalate"), follow=True).content.decode()
    assert "没有需要提请领导协调的。" in again
    history = client.get(reverse("matter", args=[matter.pk])).content.decode()
    assert "officer因教育局逾期未答复，将住建局提出的困难问题转请吴一协调。" in history
    assert signed_in(world, "联络员 住建局").post(reverse("obstacles_escalate")).status_code == 403


# ── who sees what ──


def test_another_unit_of_the_matter_neither_sees_nor_hears_of_it(world, matter):
    obstacle = put(world, matter)
    other = signed_in(world, "联络员 水利局")
    before = Event.objects.filter(name="access.refused").count()
    assert other.get(page_of(obstacle)).status_code == 404
    assert other.post(step_of(obstacle, "answer"), {"answer": "由我来答。"}).status_code == 404
    assert Event.objects.filter(name="access.refused").count() == before + 2
    page = other.get(reverse("matter", args=[matter.pk])).content.decode()
    assert "用地指标" not in page
    assert "困难问题" in page  # it may raise its own
    assert other.get(reverse("coordination")).context["groups"] == []


def test_looking_does_not_allow_acting(world, matter, leader_post):
    obstacle = put(world, matter)
    director = signed_in(world, "director")
    assert director.get(page_of(obstacle)).status_code == 200
    for step in ("answer", "close", "escalate"):
        assert director.post(step_of(obstacle, step), {"answer": "好的。", "note": "好的。"}).status_code == 403
    assert director.post(step_of(obstacle, "approve"), {}).status_code == 404
    leader = leader_client(world, leader_post)
    assert leader.get(page_of(obstacle)).status_code == 200
    assert leader.post(step_of(obstacle, "answer"), {"answer": "由我来答。"}).status_code == 403


def test_office_list_is_narrowed_by_state_unit_and_leader(world, matter, leader_post, now):
    put(world, matter)
    answered = put(world, matter, problem="已答复的。", to="财政局")
    answer_obstacle(answered, answer="已拨付。", by=world.liaison("财政局"), now=now)
    alone = world.started(leads=("教育局",), supports=("住建局",), serial="2")
    put(world, alone, problem="没有领导的。")
    client = signed_in(world, "officer")

    def shown(**query):
        return [one.problem for one in client.get(reverse("coordination"), query).context["lines"]]

    assert shown() == ["用地指标不足。", "没有领导的。"]
    assert shown(state="answered") == ["已答复的。"]
    assert shown(state="late") == shown(state="closed") == []
    assert shown(unit=world.unit("财政局").pk, state="answered") == ["已答复的。"]
    assert shown(unit=world.unit("财政局").pk) == []
    assert shown(overseer=leader_post.pk) == ["用地指标不足。"]
    assert shown(state="x", unit="x", page="x") == ["用地指标不足。", "没有领导的。"]


@pytest.mark.parametrize("who", ["officer", "联络员 住建局"])
def test_lists_cost_the_same_however_many_there_are(world, matter, who):
    client = signed_in(world, who)
    put(world, matter)
    client.get(reverse("coordination"))
    counts = []
    for more in (0, 2):
        for number in range(more):
            put(world, matter, problem=f"问题{number}。")
        for address in (reverse("coordination"), reverse("matter", args=[matter.pk])):
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


def test_what_waits_is_named_to_whom_it_waits_for(world, matter, leader_post, now, django_assert_num_queries):
    def waits(actor: Actor):
        return [(one.waits, one.text, one.action, one.due_on) for one in obstacles.waiting(actor, today=now.date())]

    first = put(world, matter)
    put(world, matter, "教育局", to=leader_post, problem="资金缺口大。")
    due = Obligation.objects.get(kind="obstacle").due_on
    assert waits(world.liaison("教育局")) == [(Waits.ANSWER, "用地指标不足。", "答复", due)]
    assert waits(world.liaison("住建局")) == []
    leader_client(world, leader_post)
    leader = actor_of(Account.objects.get(username="wuyi"), on=now.date())
    assert waits(leader) == [(Waits.ANSWER, "资金缺口大。", "答复", None)]
    answer_obstacle(first, answer="已调剂。", by=world.liaison("教育局"), now=now)
    assert waits(world.liaison("住建局")) == [(Waits.CONFIRM, "用地指标不足。", "确认", None)]
    assert waits(world.officer) == []
    put(world, matter, problem="又一个。")
    with django_assert_num_queries(2):
        obstacles.waiting(world.liaison("教育局"), today=now.date())
