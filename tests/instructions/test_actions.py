from datetime import date, timedelta

import pytest

from duban.audit.models import Event
from duban.core.errors import Invalid, NotAllowed, NotFound, WrongState
from duban.instructions import actions
from duban.instructions.actions import answer_instruction, ask_again, give_instruction, settle_instruction
from duban.instructions.models import Charge, Feedback, Instruction
from duban.instructions.queries import charges_shown, instructions_for
from duban.matters.actions import Behalf, NewOverseer
from duban.matters.models import Obligation
from duban.matters.queries import matter_page
from duban.matters.rules import Channel
from tests.conftest import holder
from tests.matters.builders import make_unit

pytestmark = pytest.mark.django_db

SECRET = "此事不能再拖，请主要负责同志亲自抓。"


@pytest.fixture
def post(world):
    return world.post(None, "副区长", "吴一", kind="leader")


@pytest.fixture
def leader(world, post):
    return holder("leader", jurisdiction=world.county, post_ids=[post.pk], name="吴一", account_id=7)


@pytest.fixture
def matter(world, post):
    """教育局 leads and merges, 住建局 supports, 副区长 oversees."""
    return world.started(supports=("住建局",), overseers=[NewOverseer(post)], serial="1")


def give(world, post, *, by, units=("住建局",), **more):
    given = {"text": SECRET, "units": [world.unit(name) for name in units], "now": world.now, **more}
    return give_instruction(world.plan, post=post, by=by, **given)


def charge_of(instruction, unit="住建局"):
    return Charge.objects.select_related("instruction__plan__policy", "unit").get(
        instruction=instruction, unit__name=unit
    )


def owed(*, state="open"):
    rows = Obligation.objects.filter(kind="instruction", state=state).select_related("unit").order_by("pk")
    return [(one.unit.name, one.title, one.due_on.isoformat()) for one in rows]


# ── given ──


def test_leader_gives_it_and_each_unit_owes_a_word(world, post, leader, matter):
    instruction = give(world, post, by=leader, units=("住建局", "教育局", "住建局"), matter=matter)
    assert (instruction.leader_name, instruction.entered_as, instruction.given_on) == (
        "吴一",
        "leader",
        date(2020, 2, 3),
    )
    assert owed() == [("住建局", "落实批示", "2020-02-17"), ("教育局", "落实批示", "2020-02-17")]
    event = Event.objects.get(name="instructions.given")
    assert (event.matter_id, event.subject_label) == (matter.pk, "第1项批示")
    assert event.data == {
        "leader": "吴一",
        "entered_as": "leader",
        "given_on": "2020-02-03",
        "due_on": "2020-02-17",
        "units": ["住建局", "教育局"],
        "meant_for": {
            "unit_ids": sorted([world.unit("住建局").pk, world.unit("教育局").pk]),
            "post_ids": [post.pk],
        },
    }


def test_who_entered_it_for_whom_is_kept(world, post):
    secretary = holder("secretary", jurisdiction=world.county, post_ids=[post.pk], name="秘书甲")
    one = give(world, post, by=secretary)
    two = give(world, post, by=world.officer, text="另一件。", given_on=date(2020, 1, 30), due_on=date(2020, 2, 20))
    assert [(each.entered_as, each.entered_by_name, each.leader_name) for each in (one, two)] == [
        ("secretary", "秘书甲", "吴一"),
        ("office", "督查员甲", "吴一"),
    ]
    assert owed()[1] == ("住建局", "落实批示", "2020-02-20")


def test_government_head_gives_one_too(world):
    post = world.post(None, "区长", "吴二", kind="government_head")
    head = holder("government_head", jurisdiction=world.county, post_ids=[post.pk], name="吴二")
    assert give(world, post, by=head).entered_as == "leader"


def test_nobody_gives_one_for_another_leader(world, post):
    other = holder("leader", jurisdiction=world.county, post_ids=[post.pk + 1000])
    for stranger in (other, world.liaison("教育局"), holder("director", jurisdiction=world.county)):
        with pytest.raises(NotAllowed):
            give(world, post, by=stranger)
    assert Instruction.objects.count() == 0


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "字" * 501}, "text"),
        ({"units": ()}, "units"),
        ({"given_on": date(2020, 2, 4)}, "given_on"),
        ({"due_on": date(2020, 2, 2)}, "due_on"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_owed(world, post, leader, more, field):
    with pytest.raises(Invalid) as refusal:
        give(world, post, by=leader, **more)
    assert refusal.value.field == field
    assert (Instruction.objects.count(), owed()) == (0, [])


def test_units_and_posts_of_elsewhere_are_refused(world, post, leader):
    from duban.orgs.models import Jurisdiction

    elsewhere = Jurisdiction.objects.create(level="county", name="临江市临海区", short_name="临海区")
    with pytest.raises(Invalid):
        give_instruction(
            world.plan, post=post, text=SECRET, units=[make_unit(elsewhere, "财政局")], by=leader, now=world.now
        )
    with pytest.raises(Invalid):
        give(world, world.post("教育局", "教育局局长", kind="unit_head"), by=world.officer)


def test_matter_must_be_seen_and_not_ended(world, post, leader, matter):
    unseen = world.started(serial="2")
    with pytest.raises(NotFound):
        give(world, post, by=leader, matter=unseen)
    ended = world.closed(overseers=[NewOverseer(post)], serial="3")
    with pytest.raises(WrongState):
        give(world, post, by=leader, matter=ended)


def test_same_words_on_the_same_day_are_given_once(world, post, leader):
    give(world, post, by=leader)
    with pytest.raises(WrongState):
        give(world, post, by=leader)
    assert Instruction.objects.count() == 1


# ── answered, settled, asked again ──


def test_unit_answers_and_the_leader_settles(world, post, leader, matter):
    instruction = give(world, post, by=leader, units=("住建局", "教育局"), matter=matter)
    charge = charge_of(instruction)
    answer_instruction(charge, text="已开工。\n月底封顶。", by=world.liaison("住建局"), now=world.now)
    assert owed() == [("教育局", "落实批示", "2020-02-17")]
    assert Feedback.objects.get(charge=charge).text == "已开工。\n月底封顶。"
    settle_instruction(charge, by=leader, now=world.now)
    assert charge_of(instruction).state == "settled"
    assert charge_of(instruction, "教育局").state == "open"
    told = [(one.name, one.data["unit"]) for one in Event.objects.filter(name__startswith="instructions.")[1:]]
    assert told == [("instructions.answered", "住建局"), ("instructions.settled", "住建局")]
    with pytest.raises(WrongState):
        settle_instruction(charge_of(instruction), by=leader, now=world.now)


def test_asked_again_it_owes_again(world, post, leader):
    charge = charge_of(give(world, post, by=leader))
    with pytest.raises(WrongState):
        ask_again(charge, note="还不够。", by=leader, now=world.now)
    answer_instruction(charge, text="在办。", by=world.liaison("住建局"), now=world.now)
    later = world.now + timedelta(days=7)
    ask_again(charge, note="请报具体日期。", by=leader, now=later)
    assert owed() == [("住建局", "落实批示", "2020-02-24")]
    assert owed(state="met") == [("住建局", "落实批示", "2020-02-17")]
    answer_instruction(charge, text="3月10日完工。", by=world.liaison("住建局"), now=later)
    assert list(Feedback.objects.values_list("number", "asked", "text")) == [
        (1, "", "在办。"),
        (2, "请报具体日期。", "3月10日完工。"),
    ]


def test_office_answers_for_a_unit_that_telephoned_and_settles_for_the_leader(world, post, leader):
    charge = charge_of(give(world, post, by=leader))
    with pytest.raises(Invalid):
        answer_instruction(charge, text="已办。", by=world.officer, now=world.now)
    with pytest.raises(Invalid):
        behalf = Behalf(Channel.PAPER, "周一")
        answer_instruction(charge, text="已办。", by=world.liaison("住建局"), now=world.now, behalf=behalf)
    answer_instruction(charge, text="已办。", by=world.officer, now=world.now, behalf=Behalf(Channel.TELEPHONE, "周一"))
    settle_instruction(charge, by=world.officer, now=world.now, note="领导已阅。")
    assert charge_of(charge.instruction).settled_note == "领导已阅。"


def test_who_may_not(world, post, leader):
    charge = charge_of(give(world, post, by=leader))
    for stranger in (world.liaison("教育局"), leader):
        with pytest.raises(NotAllowed):
            answer_instruction(charge, text="由我来答。", by=stranger, now=world.now)
    answer_instruction(charge, text="已办。", by=world.liaison("住建局"), now=world.now)
    other = holder("leader", jurisdiction=world.county, post_ids=[post.pk + 1000])
    for stranger in (world.liaison("住建局"), other):
        with pytest.raises(NotAllowed):
            settle_instruction(charge, by=stranger, now=world.now)
        with pytest.raises(NotAllowed):
            ask_again(charge, note="不够。", by=stranger, now=world.now)


def test_second_answer_is_refused_and_the_first_stands(world, post, leader):
    charge = charge_of(give(world, post, by=leader))
    seen = charge_of(charge.instruction)
    answer_instruction(charge, text="已办。", by=world.liaison("住建局"), now=world.now)
    with pytest.raises(WrongState):
        answer_instruction(seen, text="没办。", by=world.liaison("住建局"), now=world.now)
    assert Feedback.objects.get().text == "已办。"


def test_nothing_changes_when_the_event_cannot_be_written(world, post, leader, monkeypatch):
    charge = charge_of(give(world, post, by=leader))

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(actions, "record", fail)
    with pytest.raises(RuntimeError):
        answer_instruction(charge, text="已办。", by=world.liaison("住建局"), now=world.now)
    assert (charge_of(charge.instruction).state, len(owed())) == ("open", 1)


# ── seen only by those it is meant for ──


def test_seen_only_by_those_it_is_meant_for(world, post, leader, matter):
    """The merging lead, a responsible person and another overseer of the matter know nothing of it."""
    second = world.post(None, "常务副区长", "吴三", kind="leader")
    matter.overseers.create(post=second, order=5)
    instruction = give(world, post, by=leader, matter=matter)
    answer_instruction(charge_of(instruction), text="已办。", by=world.liaison("住建局"), now=world.now)
    ask_again(charge_of(instruction), note="还缺日期。", by=leader, now=world.now)
    responsible = world.post("住建局", "住建局责任人", "周四")
    matter.assignments.filter(unit=world.unit("住建局")).update(post=responsible)
    meant = [
        leader,
        holder("secretary", jurisdiction=world.county, post_ids=[post.pk]),
        world.liaison("住建局"),
        world.officer,
        holder("director", jurisdiction=world.county),
        holder("government_head", jurisdiction=world.county, post_ids=[-1]),
    ]
    others = [
        world.liaison("教育局"),
        holder("leader", jurisdiction=world.county, post_ids=[second.pk]),
        holder("responsible", jurisdiction=world.county, unit_ids=[world.unit("住建局").pk], post_ids=[responsible.pk]),
    ]

    def sees(actor):
        page = matter_page(actor, matter.pk, today=world.now.date())
        events = sum(one.name.startswith("instructions.") for one in page.events)
        dues = sum(one.kind == "instruction" for one in page.obligations)
        return (instructions_for(actor).count(), events, dues)

    assert [sees(one) for one in others] == [(0, 0, 0)] * 3
    assert [sees(one) for one in meant] == [(1, 3, 0), (1, 3, 0), (1, 3, 2), (1, 3, 2), (1, 3, 2), (1, 3, 2)]
    assert [SECRET in str(one.content()) for one in Event.objects.all()] == [False] * Event.objects.count()
    assert [one.title for one in Obligation.objects.filter(kind="instruction")] == ["落实批示"] * 2


def test_charged_unit_sees_its_own_part_only(world, post, leader):
    give(world, post, by=leader, units=("住建局", "教育局"))

    def units_seen(actor):
        return [one.unit.name for one in charges_shown(actor, instructions_for(actor).get())]

    assert units_seen(world.liaison("住建局")) == ["住建局"]
    assert units_seen(leader) == units_seen(world.officer) == ["住建局", "教育局"]


def test_list_costs_the_same_however_many(world, post, leader, django_assert_num_queries):
    for number in range(3):
        give(world, post, by=leader, units=("住建局", "教育局"), text=f"第{number}件。")
        with django_assert_num_queries(2):
            assert len([charges_shown(leader, one) for one in instructions_for(leader)]) == number + 1
