"""年度办结: a plan is closed once nothing of it is open, and from then on nothing of it changes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from duban.archives.actions import StillOpen, close_plan, reopen_plan
from duban.archives.models import PlanClosing
from duban.archives.queries import ending_plans, next_plan, open_counts, standing_of, still_owed
from duban.archives.rules import Open, blockers_words, counts_words, warnings
from duban.audit.actions import Sealed
from duban.audit.models import Event, MatterCounter
from duban.audit.rules import EventName, may_follow_sealing
from duban.core.errors import Invalid, NotAllowed, WrongState
from duban.evidence.models import Evidence
from duban.instructions.actions import give_instruction
from duban.interviews.actions import Handed, hand_in, issue_minutes
from duban.interviews.rules import Paper
from duban.letters.actions import NewItem, write_letter
from duban.letters.rules import LetterKind
from duban.matters.actions import (
    MatterEdit,
    NewMatter,
    adopt_policy,
    carry_over,
    carry_over_many,
    change_setting,
    create_matters,
    edit_matter,
    reopen,
    split,
    terminate_many,
    waive_obligations,
)
from duban.matters.models import Matter, MatterChange, Obligation, Plan
from duban.matters.rules import SettingKey, State
from duban.obstacles.actions import raise_obstacle
from tests.archives.builders import closed, following, over, told, waived, with_proof
from tests.interviews.builders import PLANNED, held, liaison, red_twice
from tests.matters.builders import names_of_events

pytestmark = pytest.mark.django_db


# ── words ──


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, ""),
        ({Open.MATTER: 0, Open.OWED: 0}, ""),
        ({Open.MATTER: 2, Open.LETTER: 1}, "还有没有办结的事项 2 件、没有办结的函件 1 件，不能办结。"),
    ],
)
def test_what_keeps_a_year_open_is_said_in_one_sentence(counts, words):
    assert blockers_words(counts) == words


@pytest.mark.parametrize(
    ("today", "changes", "count"),
    [
        (date(2020, 12, 31), {}, 1),
        (date(2021, 1, 1), {}, 0),
        (date(2021, 1, 1), {"has_next_plan": False}, 1),
        (date(2021, 1, 1), {"lacks_bulletin": True, "unscanned": 3}, 2),
    ],
)
def test_warnings_do_not_keep_a_year_open(today, changes, count):
    given = {"year": 2020, "has_next_plan": True, "lacks_bulletin": False, "unscanned": 0, "rectifying": 0, **changes}
    assert len(warnings(today=today, **given)) == count


def test_counts_are_said_in_the_order_of_the_states():
    assert counts_words({"b": 2, "a": 1, "c": 0}, {"a": "甲", "b": "乙", "c": "丙"}, order="abc") == "甲 1 件，乙 2 件"


def test_only_what_changes_nothing_follows_sealing():
    rooms = ("objections.", "interviews.", "visits.")
    assert [one for one in EventName if may_follow_sealing(one) and not one.value.startswith(rooms)] == [
        EventName.REFUSED,
        EventName.AUDIT_OPENED,
        EventName.LEDGER_EXPORTED,
        EventName.REPORTS_EXPORTED,
        EventName.LETTER_READ,
        EventName.BULLETIN_READ,
        EventName.EVALUATION_EXPORTED,
    ]
    refused = (EventName.FINDING_OVERTURNED, EventName.INTERVIEW_APPLIED, EventName.CONCLUSION_GIVEN)
    assert not any(may_follow_sealing(one) for one in refused)
    assert may_follow_sealing(EventName.RECTIFYING_REPORTED)


# ── what is open ──


def test_open_matters_are_listed_and_what_they_owe_is_not_listed_again(world):
    started = world.started(serial="1")
    waived(world)
    standing = standing_of(world.plan, today=world.now.date())
    assert {kind: [one.id for one in things] for kind, things in standing.open.items()} == {Open.MATTER: [started.pk]}
    assert standing.counts == {Open.MATTER: 1}
    assert Obligation.objects.filter(matter=started, state="open").exists()


def test_what_is_owed_without_a_matter_has_to_be_waived(world):
    world.closed()
    assert [one.kind for one in still_owed(world.plan)] == ["contacts"]
    assert open_counts(world.plan)[Open.OWED] == 1
    assert waived(world) == 1
    assert open_counts(world.plan)[Open.OWED] == 0
    assert names_of_events(name="matters.obligation_waived") == ["matters.obligation_waived"]


def test_letters_difficulties_and_instructions_are_open_things_of_their_own(world):
    matter = world.started()
    leader = world.post(None, "副区长", holder="吴一", kind="leader")
    write_letter(
        world.plan,
        unit=world.unit("教育局"),
        kind=LetterKind.REMIND,
        items=[NewItem(matter, "进度偏慢。")],
        **told(world),
    )
    give_instruction(
        world.plan, post=leader, units=[world.unit("教育局")], text="请抓紧。", **told(world, world.officer)
    )
    waived(world)
    standing = standing_of(world.plan, today=world.now.date())
    assert standing.counts == {Open.MATTER: 1, Open.LETTER: 1, Open.INSTRUCTION: 1}
    assert standing.open[Open.INSTRUCTION][0].words == "吴一2020年2月3日的批示"


def test_talk_whose_minutes_are_not_out_keeps_the_year_open(world):
    red_twice(world)
    interview = held(world)
    hand_in(interview, handed=Handed(Paper.PLAN, "分三步。"), by=liaison(world), now=PLANNED)
    assert open_counts(world.plan)[Open.INTERVIEW] == 1
    issue_minutes(interview, by=world.officer, now=PLANNED)
    assert open_counts(world.plan)[Open.INTERVIEW] == 0


@pytest.mark.parametrize("number", [1, 3])
def test_looking_at_the_year_costs_the_same_however_much_is_open(world, number, django_assert_num_queries):
    for _ in range(number):
        world.started()
    plan = Plan.objects.select_related("policy", "jurisdiction").get(pk=world.plan.pk)
    with django_assert_num_queries(19):
        standing_of(plan, today=world.now.date())


def test_years_are_told_of_from_their_december_on(world, county):
    places = {county.pk}
    assert [list(ending_plans(places, today=day)) for day in (date(2020, 11, 30), date(2020, 12, 1))] == [
        [],
        [world.plan],
    ]
    closed(world)
    assert ending_plans({None}, today=date(2021, 1, 5)) == []


# ── carrying over and terminating many ──


def test_many_are_carried_over_under_one_approval_with_their_open_work_items(world):
    into = following(world)
    whole, other = world.started(serial="1", due_on=date(2020, 12, 31)), world.started(serial="2")
    items = [NewMatter(text="第一所。"), NewMatter(text="第二所。")]
    given = {"reason": "跨年实施。", "approval": world.approval(), **told(world)}
    split(whole, items=items, **given)
    made = carry_over_many([whole, other], into=into, **given)
    assert [(one.carried_from_id, one.state) for one in made] == [(whole.pk, "registered"), (other.pk, "registered")]
    assert [(one.text, one.order) for one in made[0].work_items.order_by("order")] == [
        ("第一所。", made[0].order + 0.001),
        ("第二所。", made[0].order + 0.002),
    ]
    assert set(Matter.objects.filter(plan=world.plan).values_list("state", flat=True)) == {"carried_over"}
    assert MatterChange.objects.filter(kind="carry_over").values("approval").distinct().count() == 1
    assert names_of_events(name="matters.carried_over") == ["matters.carried_over"] * 4


def test_carrying_over_is_all_or_none(world):
    into = following(world)
    fine, closing = world.started(), world.closing()
    with pytest.raises(WrongState):
        carry_over_many([fine, closing], into=into, reason="跨年实施。", approval=world.approval(), **told(world))
    assert set(Matter.objects.filter(pk=fine.pk).values_list("state", flat=True)) == {"in_progress"}
    assert into.matters.count() == 0


@pytest.mark.parametrize("verb", ["carry", "terminate"])
def test_nothing_chosen_is_refused(world, verb):
    given = {"reason": "跨年实施。", "approval": world.approval(), **told(world)}
    with pytest.raises(Invalid) as refusal:
        carry_over_many([], into=world.plan, **given) if verb == "carry" else terminate_many([], **given)
    assert refusal.value.field == "matters"


def test_many_are_terminated_with_their_work_items(world):
    whole = world.started(serial="1", due_on=date(2020, 12, 31))
    given = {"reason": "政策调整，不再实施。", "approval": world.approval(), **told(world)}
    split(whole, items=[NewMatter(text="第一所。"), NewMatter(text="第二所。")], **given)
    ended = terminate_many([whole], **given)
    assert {one.state for one in ended} == {"terminated"}
    assert len(ended) == 3


def test_neither_goes_on_in_a_closed_plan_nor_in_an_earlier_one(world):
    later, matter = following(world), world.started()
    given = {"reason": "跨年实施。", "approval": world.approval(), **told(world)}
    with pytest.raises(Invalid):
        carry_over(matter, into=world.plan, **given)
    close_plan(later, note="没有事项。", approval=world.approval(), **told(world))
    assert next_plan(world.plan) is None
    for verb in (
        lambda: carry_over(matter, into=later, **given),
        lambda: carry_over_many([matter], into=later, **given),
    ):
        with pytest.raises(WrongState) as refusal:
            verb()
        assert "2021年度台账已经办结" in refusal.value.message


def test_waiving_is_all_or_none_and_needs_a_reason(world):
    world.closed()
    (one,) = still_owed(world.plan)
    with pytest.raises(Invalid):
        waive_obligations([one], reason=" ", **told(world))
    with pytest.raises(Invalid):
        waive_obligations([], reason="不再补办。", **told(world))
    with pytest.raises(NotAllowed):
        waive_obligations([one], reason="不再补办。", **told(world, world.officer))
    assert waive_obligations([one], reason="不再补办。", **told(world)) == 1
    with pytest.raises(WrongState):
        waive_obligations([one], reason="不再补办。", **told(world))


# ── closing ──


def test_closing_freezes_the_counts_with_the_approval(world):
    plan = over(world)
    made = close_plan(plan, note=" 全部办结。 ", approval=world.approval(), **told(world))
    assert (made.number, made.counts, made.note, made.approval.basis) == (
        1,
        {"closed": 1},
        "全部办结。",
        "经区政府同意",
    )
    plan.refresh_from_db()
    assert (plan.closed_at, plan.closed_by_name) == (world.now, world.office_head.name)
    assert MatterCounter.objects.filter(is_sealed=False).count() == 0
    event = Event.objects.get(name="archives.plan_closed")
    assert (event.subject_type, event.subject_id, event.data["counts"]) == ("plan", plan.pk, {"closed": 1})


@pytest.mark.parametrize("what", ["draft", "registered", "assigned", "started", "closing"])
def test_a_year_with_an_open_matter_is_not_closed(world, what):
    getattr(world, what)()
    waived(world)
    with pytest.raises(StillOpen) as refusal:
        close_plan(world.plan, note="全部办结。", approval=world.approval(), **told(world))
    assert refusal.value.message == "还有没有办结的事项 1 件，不能办结。"
    assert (Plan.objects.get().closed_at, PlanClosing.objects.count()) == (None, 0)
    assert not MatterCounter.objects.filter(is_sealed=True).exists()


def test_only_the_head_of_the_office_closes(world):
    plan = over(world)
    with pytest.raises(NotAllowed):
        close_plan(plan, note="全部办结。", approval=world.approval(), **told(world, world.officer))


def test_closing_needs_words_and_an_approval(world):
    plan = over(world)
    with pytest.raises(Invalid) as refusal:
        close_plan(plan, note=" ", approval=world.approval(), **told(world))
    assert refusal.value.field == "note"
    with pytest.raises(Invalid):
        close_plan(plan, note="全部办结。", approval=world.approval(basis=" "), **told(world))
    assert Plan.objects.get(pk=plan.pk).closed_at is None


def test_second_closing_is_refused(world):
    plan = closed(world)
    with pytest.raises(WrongState):
        close_plan(plan, note="全部办结。", approval=world.approval(), **told(world))
    assert PlanClosing.objects.count() == 1


# ── read-only ──


def test_no_action_changes_a_matter_of_a_closed_year(world):
    plan = closed(world)
    matter = Matter.objects.get()
    before = Matter.objects.filter(pk=matter.pk).values().get()
    events = Event.objects.count()
    with pytest.raises(Sealed) as refusal:
        reopen(matter, reason="有遗漏。", **told(world))
    assert refusal.value.message == ("第1项：所在的年度台账已经办结，只能查看。确需改动的，先经批准重新打开台账。")
    with pytest.raises(WrongState):
        with_proof(world, matter)
    given = {"problem": "缺钱。", "need": "请拨款。", "to": world.unit("财政局")}
    with pytest.raises(WrongState):
        raise_obstacle(matter, unit=world.unit("教育局"), **given, **told(world, world.officer))
    with pytest.raises(WrongState):
        edit_matter(matter, version=matter.version, edit=MatterEdit(note="补记"), **told(world))
    assert Matter.objects.filter(pk=matter.pk).values().get() == before
    assert (Evidence.objects.count(), Event.objects.count()) == (0, events)
    assert plan.closed_at


def test_nothing_is_put_into_a_closed_plan(world):
    matter = world.closed(serial="1")
    waived(world)
    plan = world.plan
    close_plan(plan, note="全部办结。", approval=world.approval(), **told(world))
    leader = world.post(None, "副区长", holder="吴一", kind="leader")
    figures = plan.policy.values()
    figures["reports"]["support_workdays"] += 1
    refused = [
        lambda: create_matters(plan, matters=[NewMatter(text="新建小学。")], **told(world)),
        lambda: change_setting(plan, key=SettingKey.DECLARED_ITEMS, value=9, reason="更正。", **told(world)),
        lambda: adopt_policy(plan, figures=figures, reason="调整。", version=plan.policy.number, **told(world)),
        lambda: give_instruction(plan, post=leader, units=[world.unit("教育局")], text="请抓紧。", **told(world)),
        lambda: write_letter(
            plan, unit=world.unit("教育局"), kind=LetterKind.REMIND, items=[NewItem(matter, "慢。")], **told(world)
        ),
    ]
    for verb in refused:
        with pytest.raises(WrongState) as refusal:
            verb()
        assert refusal.value.message == "2020年度台账已经办结，只能查看。确需改动的，先经批准重新打开台账。"
    assert (Matter.objects.count(), plan.policies.count()) == (1, 1)


def test_other_years_go_on(world):
    into, matter = following(world), world.started()
    carry_over(matter, into=into, reason="跨年实施。", approval=world.approval(), **told(world))
    waived(world)
    close_plan(world.plan, note="全部办结。", approval=world.approval(), **told(world))
    made = Matter.objects.get(plan=into)
    edit_matter(made, version=made.version, edit=MatterEdit(note="接着办"), **told(world))
    assert names_of_events(matter_id=made.pk) == ["matters.created", "matters.edited"]


# ── opening again ──


def test_opened_again_for_a_reason_it_may_be_changed_and_closed_once_more(world):
    plan = closed(world)
    later = world.now + timedelta(days=3)
    made = reopen_plan(plan, reason="复核决定更正。", approval=world.approval(), by=world.office_head, now=later)
    assert (made.reopened_at, made.reopened_reason) == (later, "复核决定更正。")
    matter = Matter.objects.get()
    reopen(matter, reason="有遗漏。", **told(world))
    with pytest.raises(StillOpen):
        close_plan(plan, note="再次办结。", approval=world.approval(), **told(world))
    terminate_many([Matter.objects.get()], reason="不再实施。", approval=world.approval(), **told(world))
    waived(world)
    again = close_plan(plan, note="再次办结。", approval=world.approval(), **told(world))
    assert (again.number, again.counts) == (2, {"terminated": 1})
    names = ["archives.plan_closed", "archives.plan_reopened", "archives.plan_closed"]
    assert names_of_events(subject_type="plan", name__startswith="archives.") == names


def test_opening_again_needs_a_reason_an_approval_and_the_head(world):
    plan = closed(world)
    with pytest.raises(NotAllowed):
        reopen_plan(plan, reason="更正。", approval=world.approval(), **told(world, world.officer))
    with pytest.raises(Invalid):
        reopen_plan(plan, reason="", approval=world.approval(), **told(world))
    with pytest.raises(Invalid):
        reopen_plan(plan, reason="更正。", approval=replace(world.approval(), approved_by_name=""), **told(world))
    assert Plan.objects.get(pk=plan.pk).closed_at is not None
    reopen_plan(plan, reason="更正。", approval=world.approval(), **told(world))
    with pytest.raises(WrongState):
        reopen_plan(plan, reason="更正。", approval=world.approval(), **told(world))


def test_state_of_a_matter_carried_over_says_so(world):
    into, matter = following(world), world.started(serial="7")
    carry_over(matter, into=into, reason="跨年实施。", approval=world.approval(), **told(world))
    made = Matter.objects.get(plan=into)
    assert (made.note, Matter.objects.get(pk=matter.pk).state) == ("由2020年度第7项结转", State.CARRIED_OVER)
