from datetime import timedelta

import pytest

from duban.audit.models import Event
from duban.core.actor import SYSTEM
from duban.core.errors import Invalid, NotAllowed, NotFound, WrongState
from duban.matters.actions import Behalf, NewOverseer, suspend, terminate
from duban.matters.models import Obligation
from duban.matters.rules import Channel
from duban.obstacles.actions import (
    answer_obstacle,
    close_obstacle,
    difficulties,
    escalate_obstacle,
    escalate_overdue,
    press_obstacle,
    raise_obstacle,
)
from duban.obstacles.models import Obstacle, Round
from duban.obstacles.queries import open_obstacles
from tests.conftest import holder
from tests.matters.builders import make_unit, names_of_events

pytestmark = pytest.mark.django_db

TELEPHONE = Behalf(Channel.TELEPHONE, "周一")


@pytest.fixture
def leader_post(world):
    return world.post(None, "副区长", "吴一", kind="leader")


@pytest.fixture
def leader(world, leader_post):
    return holder("leader", jurisdiction=world.county, post_ids=[leader_post.pk], name="吴一", account_id=7)


@pytest.fixture
def matter(world, leader_post):
    """教育局 leads, 住建局 supports, 副区长 oversees."""
    return world.started(supports=("住建局",), overseers=[NewOverseer(leader_post)], serial="1")


def put(world, matter, unit="住建局", *, to="教育局", by=None, now=None, behalf=None, **words):
    given = {"problem": "用地指标不足。", "need": "请自然资源局调剂 20 亩。", **words}
    return raise_obstacle(
        matter,
        unit=world.unit(unit),
        to=world.unit(to) if isinstance(to, str) else to,
        by=by or world.liaison(unit),
        now=now or world.now,
        behalf=behalf,
        **given,
    )


def stands(obstacle):
    row = Obstacle.objects.select_related("to_unit", "to_post").get(pk=obstacle.pk)
    return (row.state, str(row.to_unit or row.to_post), row.round_no)


def answers_owed(*, state="open"):
    rows = Obligation.objects.filter(kind="obstacle", state=state).order_by("pk")
    return [(one.unit.name, one.due_on.isoformat(), one.title) for one in rows.select_related("unit")]


# ── raising ──


def test_raised_it_is_owed_an_answer_and_told_of(world, matter):
    obstacle = put(world, matter, problem=" 用地指标\n不足。")
    assert (obstacle.problem, obstacle.unit.name) == ("用地指标 不足。", "住建局")
    assert stands(obstacle) == ("open", "教育局", 1)
    assert answers_owed() == [("教育局", "2020-02-10", "答复住建局提出的困难问题")]
    assert list(Round.objects.values_list("number", "cause", "asked_by_name", "answer")) == [
        (1, "raised", "住建局联络员", "")
    ]
    event = Event.objects.get(name="obstacles.raised")
    assert (event.matter_id, event.subject_id, event.subject_label) == (matter.pk, obstacle.pk, "第1项困难问题")
    assert event.data == {
        "unit": "住建局",
        "unit_ids": sorted([world.unit("住建局").pk, world.unit("教育局").pk]),
        "problem": "用地指标 不足。",
        "need": "请自然资源局调剂 20 亩。",
        "to": "教育局",
    }


def test_leader_is_asked_without_a_day(world, matter, leader_post):
    obstacle = put(world, matter, "教育局", to=leader_post)
    assert stands(obstacle) == ("open", "副区长", 1)
    assert answers_owed() == []
    assert Event.objects.get(name="obstacles.raised").data["to"] == "吴一"


def test_office_raises_for_a_unit_that_telephoned(world, matter):
    with pytest.raises(Invalid):
        put(world, matter, by=world.officer)
    with pytest.raises(Invalid):
        put(world, matter, by=world.officer, behalf=Behalf(Channel.PAPER, " "))
    with pytest.raises(Invalid):
        put(world, matter, behalf=TELEPHONE)
    put(world, matter, by=world.officer, behalf=TELEPHONE)
    data = Event.objects.get(name="obstacles.raised").data
    assert (data["channel"], data["informant"]) == ("telephone", "周一")


@pytest.mark.parametrize(
    ("words", "field", "said"),
    [
        ({"problem": ""}, "problem", "请写明问题。"),
        ({"need": " "}, "need", "请写明需要谁做什么。"),
        ({"problem": "字" * 101}, "problem", "问题不超过 100 字，现在 101 字。"),
        ({"need": "字" * 101}, "need", "需要谁做什么不超过 100 字，现在 101 字。"),
        ({"to": "住建局"}, "to", "不能向本单位提出困难问题。"),
    ],
)
def test_bad_words_are_refused_and_nothing_is_raised(world, matter, words, field, said):
    with pytest.raises(Invalid) as refusal:
        put(world, matter, **words)
    assert (refusal.value.message, refusal.value.field) == (said, field)
    assert Obstacle.objects.count() == 0
    assert answers_owed() == []


def test_to_whom_it_cannot_be_put(world, matter):
    from duban.orgs.models import Jurisdiction

    elsewhere = Jurisdiction.objects.create(level="county", name="临江市临海区", short_name="临海区")
    other_leader = world.post(None, "另一位副区长", "吴九", kind="leader")
    gone = world.unit("水务局")
    gone.merged_into, gone.merged_at = world.unit("教育局"), world.now
    gone.save()
    for to in (make_unit(elsewhere, "财政局"), gone, other_leader):
        with pytest.raises(Invalid) as refusal:
            put(world, matter, to=to)
        assert refusal.value.field == "to"
    assert Obstacle.objects.count() == 0


def test_only_a_unit_of_the_matter_raises_and_only_in_hand(world, matter):
    with pytest.raises(NotFound):
        put(world, matter, "财政局")
    with pytest.raises(NotAllowed):
        put(world, matter, by=world.liaison("教育局"))
    with pytest.raises(NotAllowed):
        put(world, matter, by=holder("leader", jurisdiction=world.county))
    for ended in (world.closed(supports=("住建局",)), world.registered(supports=("住建局",))):
        with pytest.raises(WrongState):
            put(world, ended)
    assert Obstacle.objects.count() == 0


def test_same_words_twice_are_refused_until_the_first_is_ended(world, matter):
    first = put(world, matter)
    with pytest.raises(WrongState):
        put(world, matter)
    put(world, matter, problem="另一个问题。")
    close_obstacle(first, by=world.liaison("住建局"), now=world.now)
    put(world, matter)
    assert Obstacle.objects.count() == 3


# ── answering ──


def test_addressed_unit_answers_and_owes_no_more(world, matter):
    obstacle = put(world, matter)
    answer_obstacle(obstacle, answer=" 已调剂\n20 亩。 ", by=world.liaison("教育局"), now=world.now)
    assert stands(obstacle) == ("answered", "教育局", 1)
    assert answers_owed() == []
    assert answers_owed(state="met") == [("教育局", "2020-02-10", "答复住建局提出的困难问题")]
    told = Round.objects.get()
    assert (told.answer, told.answered_by_name, told.answered_at) == ("已调剂 20 亩。", "教育局联络员", world.now)
    assert Event.objects.get(name="obstacles.answered").data["answer"] == "已调剂 20 亩。"


def test_answered_once(world, matter):
    obstacle = put(world, matter)
    seen = Obstacle.objects.get(pk=obstacle.pk)
    answer_obstacle(obstacle, answer="已调剂。", by=world.liaison("教育局"), now=world.now)
    with pytest.raises(WrongState):
        answer_obstacle(seen, answer="不能调剂。", by=world.liaison("教育局"), now=world.now)
    assert Round.objects.get().answer == "已调剂。"
    assert names_of_events(name="obstacles.answered") == ["obstacles.answered"]


def test_who_may_not_answer(world, matter, leader):
    obstacle = put(world, matter)
    for stranger in (world.liaison("住建局"), world.liaison("财政局"), leader):
        with pytest.raises(NotAllowed):
            answer_obstacle(obstacle, answer="由我来答。", by=stranger, now=world.now)
    with pytest.raises(NotAllowed):
        answer_obstacle(obstacle, answer="看看。", by=holder("director", jurisdiction=world.county), now=world.now)
    assert stands(obstacle) == ("open", "教育局", 1)


def test_leader_secretary_and_government_head_answer_what_is_put_to_the_leader(world, matter, leader, leader_post):
    post_ids = [leader_post.pk]
    people = (
        leader,
        holder("secretary", jurisdiction=world.county, post_ids=post_ids, name="秘书甲"),
        holder("government_head", jurisdiction=world.county, post_ids=[-1], name="吴二"),
    )
    for number, one in enumerate(people):
        obstacle = put(world, matter, "教育局", to=leader_post, problem=f"问题{number}。")
        answer_obstacle(obstacle, answer="下周专题研究。", by=one, now=world.now)
        assert stands(obstacle) == ("answered", "副区长", 1)
    obstacle = put(world, matter, "教育局", to=leader_post, problem="又一个。")
    other = holder("leader", jurisdiction=world.county, post_ids=[leader_post.pk + 1000], name="吴九")
    with pytest.raises(NotAllowed):
        answer_obstacle(obstacle, answer="由我来答。", by=other, now=world.now)


def test_office_enters_an_answer_that_came_on_paper(world, matter):
    obstacle = put(world, matter)
    with pytest.raises(Invalid):
        answer_obstacle(obstacle, answer="已调剂。", by=world.officer, now=world.now)
    answer_obstacle(obstacle, answer="已调剂。", by=world.officer, now=world.now, behalf=TELEPHONE)
    told = Round.objects.get()
    assert (told.channel, told.informant, told.answered_by_name) == ("telephone", "周一", "督查员甲")


@pytest.mark.parametrize("answer", ["", "行", "字" * 301])
def test_bad_answer_changes_nothing(world, matter, answer):
    obstacle = put(world, matter)
    with pytest.raises(Invalid):
        answer_obstacle(obstacle, answer=answer, by=world.liaison("教育局"), now=world.now)
    assert stands(obstacle) == ("open", "教育局", 1)
    assert len(answers_owed()) == 1


# ── not solved, and to the leader ──


def test_unsolved_it_is_put_again(world, matter):
    obstacle = put(world, matter)
    answer_obstacle(obstacle, answer="在研究。", by=world.liaison("教育局"), now=world.now)
    later = world.now + timedelta(days=7)
    press_obstacle(obstacle, to=world.unit("财政局"), note="资金仍缺。", by=world.liaison("住建局"), now=later)
    assert stands(obstacle) == ("open", "财政局", 2)
    assert answers_owed() == [("财政局", "2020-02-17", "答复住建局提出的困难问题")]
    assert list(Round.objects.values_list("number", "cause", "note", "answer")) == [
        (1, "raised", "", "在研究。"),
        (2, "unsolved", "资金仍缺。", ""),
    ]
    assert Event.objects.get(name="obstacles.unsolved").data["note"] == "资金仍缺。"


def test_only_the_raiser_says_that_an_answer_does_not_help(world, matter):
    obstacle = put(world, matter)
    with pytest.raises(WrongState):
        press_obstacle(obstacle, to=world.unit("教育局"), note="还不行。", by=world.liaison("住建局"), now=world.now)
    answer_obstacle(obstacle, answer="在研究。", by=world.liaison("教育局"), now=world.now)
    with pytest.raises(NotAllowed):
        press_obstacle(obstacle, to=world.unit("财政局"), note="还不行。", by=world.liaison("教育局"), now=world.now)
    with pytest.raises(Invalid):
        press_obstacle(obstacle, to=world.unit("教育局"), note=" ", by=world.liaison("住建局"), now=world.now)
    assert stands(obstacle) == ("answered", "教育局", 1)


def test_raiser_asks_the_leader_and_the_unit_owes_no_more(world, matter):
    obstacle = put(world, matter)
    escalate_obstacle(obstacle, by=world.liaison("住建局"), now=world.now, note="涉及三个单位。")
    assert stands(obstacle) == ("open", "副区长", 2)
    assert answers_owed() == []
    assert Obligation.objects.get(kind="obstacle").waived_reason == "已提请吴一协调"
    event = Event.objects.get(name="obstacles.escalated")
    assert event.data == {
        "unit": "住建局",
        "unit_ids": sorted([world.unit("住建局").pk, world.unit("教育局").pk]),
        "to": "吴一",
        "from": "教育局",
        "note": "涉及三个单位。",
    }
    with pytest.raises(WrongState):
        escalate_obstacle(obstacle, by=world.liaison("住建局"), now=world.now)
    with pytest.raises(NotAllowed):
        answer_obstacle(obstacle, answer="迟了。", by=world.liaison("教育局"), now=world.now)


def test_matter_without_leaders_goes_to_the_head_of_government(world):
    matter = world.started(supports=("住建局",))
    obstacle = put(world, matter)
    with pytest.raises(WrongState) as refusal:
        escalate_obstacle(obstacle, by=world.liaison("住建局"), now=world.now)
    assert "没有分管或联系领导" in refusal.value.message
    world.post(None, "区长", "吴二", kind="government_head")
    escalate_obstacle(obstacle, by=world.liaison("住建局"), now=world.now)
    assert stands(obstacle) == ("open", "区长", 2)


# ── by time ──


def test_unanswered_for_long_it_goes_to_the_leader_once(world, matter, now):
    late = [put(world, matter, problem=f"问题{number}。") for number in range(3)]
    answered = put(world, matter, problem="已答复的。")
    answer_obstacle(answered, answer="已调剂。", by=world.liaison("教育局"), now=now)
    in_time = now + timedelta(days=14)  # due 2020-02-10, the fifth working day after is 2020-02-17
    assert escalate_overdue(in_time.date(), by=SYSTEM, now=in_time) == 0
    ripe = now + timedelta(days=15)
    fresh = put(world, matter, problem="昨天提出的。", now=ripe - timedelta(days=1))
    assert escalate_overdue(ripe.date(), by=SYSTEM, now=ripe) == 3
    assert escalate_overdue(ripe.date(), by=SYSTEM, now=ripe) == 0
    assert {stands(one) for one in late} == {("open", "副区长", 2)}
    assert (stands(answered)[0], stands(fresh)) == ("answered", ("open", "教育局", 1))
    assert len(answers_owed()) == 1
    assert Round.objects.filter(cause="overdue", asked_by_name="系统").count() == 3
    events = Event.objects.filter(name="obstacles.escalated")
    assert {(one.data["to"], one.data["from"], one.data["is_overdue"]) for one in events} == {("吴一", "教育局", True)}
    assert len(events) == 3


def test_many_cost_what_one_does(world, matter, now, django_assert_num_queries):
    ripe = now + timedelta(days=30)
    put(world, matter)
    with django_assert_num_queries(14):
        assert escalate_overdue(ripe.date(), by=world.officer, now=ripe) == 1
    for number in range(3):
        put(world, matter, problem=f"问题{number}。")
    with django_assert_num_queries(14):
        assert escalate_overdue(ripe.date(), by=world.officer, now=ripe) == 3


def test_nothing_goes_up_on_a_suspended_matter_or_without_a_leader(world, matter, now):
    without = world.started(supports=("住建局",), serial="2")
    put(world, without)
    put(world, matter)
    suspend(matter, reason="疫情防控", approval=world.approval(), by=world.office_head, now=now)
    assert escalate_overdue((now + timedelta(days=60)).date(), by=world.officer, now=now + timedelta(days=60)) == 0
    assert len(answers_owed()) == 2


def test_only_the_office_and_the_system_send_up_for_all(world, leader):
    for one in (world.liaison("住建局"), leader):
        with pytest.raises(NotAllowed):
            escalate_overdue(world.now.date(), by=one, now=world.now)


# ── ending ──


def test_raiser_ends_it_after_the_answer_or_before(world, matter):
    answered, own = put(world, matter), put(world, matter, problem="自己解决了的。")
    answer_obstacle(answered, answer="已调剂。", by=world.liaison("教育局"), now=world.now)
    close_obstacle(answered, by=world.liaison("住建局"), now=world.now)
    close_obstacle(own, by=world.liaison("住建局"), now=world.now, note="已自行解决。")
    assert {stands(one)[0] for one in (answered, own)} == {"closed"}
    assert answers_owed() == []
    assert list(open_obstacles([matter.pk])) == []
    rows = Obstacle.objects.order_by("pk").values_list("closed_by_name", "closing_note", "closed_at")
    assert list(rows) == [("住建局联络员", "", world.now), ("住建局联络员", "已自行解决。", world.now)]
    assert [one.data["was"] for one in Event.objects.filter(name="obstacles.closed").order_by("pk")] == [
        "answered",
        "open",
    ]
    with pytest.raises(WrongState):
        close_obstacle(Obstacle.objects.get(pk=own.pk), by=world.liaison("住建局"), now=world.now)


def test_office_ends_it_for_the_raiser_with_the_reason(world, matter, leader):
    obstacle = put(world, matter)
    for stranger in (world.liaison("教育局"), leader):
        with pytest.raises(NotAllowed):
            close_obstacle(obstacle, by=stranger, now=world.now, note="不必再办。")
    with pytest.raises(Invalid):
        close_obstacle(obstacle, by=world.officer, now=world.now)
    close_obstacle(obstacle, by=world.officer, now=world.now, note="住建局来电：已解决。")
    assert Event.objects.get(name="obstacles.closed").data["is_behalf"] is True


def test_nothing_is_asked_for_once_the_matter_has_ended(world, matter):
    obstacle = put(world, matter)
    assert list(open_obstacles([matter.pk])) == [obstacle]
    terminate(matter, reason="政策调整", approval=world.approval(), by=world.office_head, now=world.now)
    assert answers_owed() == []
    assert list(Obstacle.objects.live()) == []


def test_nothing_changes_when_the_event_cannot_be_written(world, matter, monkeypatch):
    obstacle = put(world, matter)

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(difficulties, "record", fail)
    with pytest.raises(RuntimeError):
        answer_obstacle(obstacle, answer="已调剂。", by=world.liaison("教育局"), now=world.now)
    assert stands(obstacle) == ("open", "教育局", 1)
    assert len(answers_owed()) == 1
