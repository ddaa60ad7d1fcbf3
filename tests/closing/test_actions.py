from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from duban.audit.models import Event
from duban.closing import actions
from duban.closing.actions import (
    Request,
    agree_closure,
    ask_closure,
    decline_closure,
    grant_closure,
    prepare_closure,
    return_closure,
    send_back_closure,
    verify_closure,
)
from duban.closing.models import Closure, ClosureItem
from duban.closing.queries import checklist_now, returns_of
from duban.closing.rules import Answer, Doubt, Method, lot_of
from duban.core.errors import Conflict, Invalid, NotAllowed, WrongState
from duban.evidence.actions import add_evidence
from duban.evidence.models import Evidence
from duban.matters.actions import (
    Adjustment,
    Behalf,
    NewAssignment,
    NewMatter,
    NewOverseer,
    NewTarget,
    adjust,
    reopen,
    split,
)
from duban.matters.models import Matter, Obligation
from duban.matters.policy import default_preset
from duban.matters.rules import Channel, Part, Sense
from duban.obstacles.models import Obstacle
from duban.progress.actions import Said, enter_progress
from tests.closing.builders import (
    acting,
    answers,
    asked,
    found,
    grant,
    granted,
    head,
    leader_of,
    prepared,
    request,
    started,
    verified,
)
from tests.conftest import holder
from tests.evidence.builders import LINK
from tests.matters.builders import names_of_events

pytestmark = pytest.mark.django_db

BY_PAPER = Behalf(Channel.PAPER, "周局长")


def closing_events() -> list[str]:
    return [one for one in names_of_events() if one.startswith("closing.") or "clos" in one]


def set_figures(world, **changed) -> None:
    """Let the plan go by other figures: section__name=value."""
    figures = {section: dict(values) for section, values in default_preset().values.items()}
    for name, value in changed.items():
        section, _, figure = name.partition("__")
        figures[section][figure] = value
    world.plan.policy.figures = figures
    world.plan.policy.save(update_fields=["figures"])


# ---- within the unit


def test_liaison_sends_it_to_the_head_who_asks(world):
    matter = started(world)
    closure = prepare_closure(matter, request=request(matter), by=world.liaison("教育局"), now=world.now)
    assert (closure.state, closure.attempt, closure.version) == ("prepared", 1, 1)
    assert [(one.text, one.is_done, one.how) for one in closure.items.all()] == [
        ("新建小学1所", True, "已经全部完成"),
        ("改造校舍2栋", True, "已经全部完成"),
    ]
    matter.refresh_from_db()
    assert matter.state == "in_progress"
    closure = ask_closure(matter, request=request(matter, version=1), by=head(world), now=world.now)
    matter.refresh_from_db()
    assert (closure.state, matter.state, matter.closing_asked_at) == ("agreed", "closing", world.now)
    assert closure.statement == "2 项要求均已完成，详见销号清单。"
    assert closing_events() == ["closing.prepared", "matters.closure_asked"]
    event = Event.objects.get(name="closing.prepared")
    assert (event.matter_id, event.data["unit"], event.data["unit_id"]) == (
        matter.pk,
        "教育局",
        world.unit("教育局").pk,
    )


def test_head_asks_at_once_where_nobody_prepared_it(world):
    closure = asked(world)
    assert (closure.state, closure.prepared_at, closure.asked_by_name) == ("agreed", None, "教育局联络员")


def test_event_of_asking_holds_what_the_lot_was_drawn_from(world):
    closure = asked(world)
    data = Event.objects.get(name="matters.closure_asked").data
    assert data["lot"] == lot_of(data["lot_seed"]) == closure.lot
    assert data["lot_seed"] == closure.lot_seed
    assert data["lot_seed"].startswith(f"{world.plan.pk}|")
    assert data["lot_seed"].endswith(f"|{closure.matter_id}|1")
    assert [one["text"] for one in data["items"]] == ["新建小学1所", "改造校舍2栋"]


@pytest.mark.parametrize(
    ("more", "pct", "on_site"),
    [
        ({"is_livelihood": True}, 0, ["livelihood"]),
        ({"is_livelihood": False}, 0, []),
        ({"is_livelihood": False}, 100, ["drawn"]),
    ],
)
def test_on_site_follows_the_policy_of_the_day_of_asking(world, more, pct, on_site):
    set_figures(world, closure__onsite_random_pct=pct)
    closure = asked(world, **more)
    set_figures(world, closure__onsite_random_pct=100 - pct)
    assert Closure.objects.get(pk=closure.pk).on_site == on_site


def test_nobody_else_prepares_or_asks(world):
    matter = started(world, supports=("财政局",))
    given = {"request": request(matter), "now": world.now}
    for actor in (world.liaison("财政局"), head(world, "财政局"), holder("director", jurisdiction=world.county)):
        with pytest.raises(NotAllowed):
            prepare_closure(matter, by=actor, **given)
        with pytest.raises(NotAllowed):
            ask_closure(matter, by=actor, **given)
    with pytest.raises(NotAllowed):
        ask_closure(matter, by=world.liaison("教育局"), **given)
    with pytest.raises(Invalid):
        prepare_closure(matter, by=world.officer, **given)
    assert (Closure.objects.count(), closing_events()) == (0, [])


def test_office_asks_for_a_unit_and_says_how_its_head_agreed(world):
    matter = started(world)
    given = {"request": request(matter), "by": world.officer, "now": world.now}
    for behalf in (None, Behalf(Channel.PAPER, " "), Behalf(Channel.PAPER, "周")):
        with pytest.raises(Invalid):
            ask_closure(matter, behalf=behalf, **given)
    closure = ask_closure(matter, behalf=BY_PAPER, **given)
    assert (closure.channel, closure.signer) == ("paper", "周局长")
    data = Event.objects.get(name="matters.closure_asked").data
    assert (data["behalf_of"], data["channel"], data["signer"]) == ("教育局", "paper", "周局长")


def test_own_head_needs_no_behalf(world):
    matter = started(world)
    with pytest.raises(Invalid):
        ask_closure(matter, request=request(matter), by=head(world), now=world.now, behalf=BY_PAPER)


def test_head_sends_it_back_and_the_liaison_sends_it_again(world):
    closure = prepared(world)
    with pytest.raises(NotAllowed):
        send_back_closure(closure, reasons="补充验收", by=world.liaison("教育局"), now=world.now)
    with pytest.raises(NotAllowed):
        send_back_closure(closure, reasons="补充验收", by=world.officer, now=world.now)
    with pytest.raises(Invalid):
        send_back_closure(closure, reasons=" ", by=head(world), now=world.now)
    closure = send_back_closure(closure, reasons="补充验收", by=head(world), now=world.now)
    assert (closure.state, closure.sent_back_reasons, closure.version) == ("sent_back", "补充验收", 2)
    with pytest.raises(WrongState):
        send_back_closure(closure, reasons="补充验收", by=head(world), now=world.now)
    matter = closure.matter
    again = prepare_closure(matter, request=request(matter, version=2), by=world.liaison("教育局"), now=world.now)
    assert (again.pk, again.state, again.attempt, again.version) == (closure.pk, "prepared", 1, 3)
    assert closing_events() == ["closing.prepared", "closing.sent_back", "closing.prepared"]


def test_sent_twice_is_prepared_once(world):
    closure = prepared(world)
    matter = closure.matter
    with pytest.raises(Conflict):
        prepare_closure(matter, request=request(matter), by=world.liaison("教育局"), now=world.now)
    with pytest.raises(WrongState):
        prepare_closure(matter, request=request(matter, version=1), by=world.liaison("教育局"), now=world.now)
    assert closing_events() == ["closing.prepared"]
    asked(world, started(world, serial="9"))
    with pytest.raises(WrongState):
        asked(world, Matter.objects.get(serial="9"))


def test_what_a_colleague_wrote_meanwhile_is_not_overwritten(world):
    closure = prepared(world)
    matter = closure.matter
    mine = replace(request(matter, how="我写的"), version=1)
    theirs = replace(request(matter, how="他写的"), version=1)
    prepare_closure(matter, request=theirs, by=world.liaison("教育局"), now=world.now)
    for take, by in ((prepare_closure, world.liaison("教育局")), (ask_closure, head(world))):
        with pytest.raises(Conflict) as refusal:
            take(matter, request=mine, by=by, now=world.now)
        assert [one.how for one in refusal.value.theirs.items.all()] == ["他写的", "他写的"]
    assert set(ClosureItem.objects.values_list("how", flat=True)) == {"他写的"}
    matter.refresh_from_db()
    assert matter.state == "in_progress"


@pytest.mark.parametrize(
    ("answer", "said"),
    [(Answer(), "没有勾选完成"), (Answer(True), "怎样完成"), (Answer(True, "字" * 101), "现在 101 字")],
)
def test_every_item_is_done_or_explained(world, answer, said):
    matter = started(world)
    key = checklist_now(matter)[1].key
    given = Request({**answers(matter), key: answer})
    with pytest.raises(Invalid, match=said) as refusal:
        ask_closure(matter, request=given, by=head(world), now=world.now)
    assert refusal.value.field == f"how-{key}"
    assert (Closure.objects.count(), ClosureItem.objects.count()) == (0, 0)


def test_an_item_not_done_may_be_explained(world):
    matter = started(world)
    key = checklist_now(matter)[1].key
    given = Request({**answers(matter), key: Answer(False, "资金未到位")})
    closure = ask_closure(matter, request=given, by=head(world), now=world.now)
    assert closure.statement == "2 项要求完成 1 项，其余 1 项已说明情况，详见销号清单。"


def test_answers_to_items_that_are_no_more_are_left_out(world):
    matter = started(world)
    old = answers(matter)
    adjust(
        matter,
        adjustment=Adjustment(text="新建小学1所。"),
        reason="缩减规模",
        approval=world.approval(),
        by=world.office_head,
        now=world.now,
    )
    closure = ask_closure(matter, request=Request(old), by=head(world), now=world.now)
    assert [one.text for one in closure.items.all()] == ["新建小学1所"]


def test_split_matter_closes_with_its_work_items(world):
    matter = started(world)
    split(
        matter,
        items=[NewMatter(text="完成选址。"), NewMatter(text="完成主体。")],
        reason="分步实施",
        approval=world.approval(),
        by=world.office_head,
        now=world.now,
    )
    for take, by in ((prepare_closure, world.liaison("教育局")), (ask_closure, head(world))):
        with pytest.raises(WrongState, match="工作子项"):
            take(matter, request=request(matter), by=by, now=world.now)


@pytest.mark.parametrize("state", ["assigned", "closing", "closed"])
def test_only_what_is_in_hand_is_asked_for(world, state):
    matter = getattr(world, state)()
    for take, by in ((prepare_closure, world.liaison("教育局")), (ask_closure, head(world))):
        with pytest.raises(WrongState):
            take(matter, request=request(matter), by=by, now=world.now)


def test_evidence_is_asked_for_only_where_the_policy_says_so(world):
    matter = started(world, kind="milestone")
    set_figures(world, evidence__compulsory_kinds=["milestone"])
    with pytest.raises(Invalid, match="佐证材料") as refusal:
        asked(world, matter)
    assert refusal.value.field == "evidence"
    add_evidence(matter, unit=world.unit("教育局"), given=[LINK], by=head(world), now=world.now)
    assert asked(world, matter).state == "agreed"
    assert asked(world, kind="continuing").state == "agreed"


# ---- the leader


def test_first_leader_signs(world):
    first, second = leader_of(world), leader_of(world, "吴二", "副区长乙")
    matter = world.started(overseers=[NewOverseer(first), NewOverseer(second)])
    closure = asked(world, matter)
    assert (closure.state, closure.overseer) == ("asked", first)
    with pytest.raises(NotAllowed):
        agree_closure(closure, by=acting(world, second), now=world.now)
    agreed = agree_closure(closure, opinion="同意", by=acting(world, first), now=world.now)
    assert (agreed.state, agreed.agreed_by_name, agreed.agreed_for_name, agreed.opinion) == (
        "agreed",
        "吴一",
        "",
        "同意",
    )
    with pytest.raises(WrongState):
        agree_closure(closure, by=acting(world, first), now=world.now)
    assert closing_events() == ["matters.closure_asked", "closing.agreed"]


def test_another_leader_of_the_matter_may_be_chosen(world):
    first, second, stranger = leader_of(world), leader_of(world, "吴二", "乙"), leader_of(world, "吴三", "丙")
    matter = world.started(overseers=[NewOverseer(first), NewOverseer(second)])
    given = {"request": request(matter), "by": head(world), "now": world.now}
    with pytest.raises(Invalid):
        ask_closure(matter, overseer_post_id=stranger.pk, **given)
    assert ask_closure(matter, overseer_post_id=second.pk, **given).overseer == second


def test_secretary_signs_for_the_leader_served(world):
    post = leader_of(world)
    closure = asked(world, leader=post)
    agreed = agree_closure(closure, by=acting(world, post, role="secretary", name="秘书甲"), now=world.now)
    assert (agreed.agreed_by_name, agreed.agreed_for_name, agreed.agreed_channel) == ("秘书甲", "吴一", "")
    assert Event.objects.get(name="closing.agreed").data["leader"] == "吴一"


def test_head_of_government_signs_whatever_waits_for_a_leader(world):
    closure = asked(world, leader=leader_of(world))
    mayor = holder("government_head", jurisdiction=world.county, name="区长")
    assert agree_closure(closure, by=mayor, now=world.now).agreed_by_name == "区长"


def test_office_enters_what_the_leader_signed_on_paper(world):
    closure = asked(world, leader=leader_of(world))
    with pytest.raises(Invalid):
        agree_closure(closure, by=world.officer, now=world.now)
    with pytest.raises(NotAllowed):
        agree_closure(closure, by=holder("director", jurisdiction=world.county), now=world.now, behalf=BY_PAPER)
    with pytest.raises(NotAllowed):
        agree_closure(closure, by=head(world), now=world.now, behalf=BY_PAPER)
    agreed = agree_closure(closure, by=world.officer, now=world.now, behalf=Behalf(Channel.PAPER, "吴一"))
    assert (agreed.agreed_for_name, agreed.agreed_channel) == ("吴一", "paper")


def test_leader_returns_it_and_the_unit_asks_again(world):
    post = leader_of(world)
    closure = asked(world, leader=post)
    with pytest.raises(Invalid):
        decline_closure(closure, reasons="", by=acting(world, post), now=world.now)
    declined = decline_closure(closure, reasons="未见验收", by=acting(world, post), now=world.now)
    assert (declined.state, declined.return_reasons, declined.is_overseers_return) == ("returned", "未见验收", True)
    matter = Matter.objects.get(pk=closure.matter_id)
    assert (matter.state, matter.closing_asked_at, returns_of(matter)) == ("in_progress", None, 0)
    data = Event.objects.get(name="matters.closure_returned").data
    assert (data["is_overseers"], data["reasons"]) == (True, "未见验收")
    again = asked(world, matter)
    assert (again.attempt, again.state) == (2, "asked")
    assert again.lot_seed != closure.lot_seed


def test_matter_without_a_leader_needs_no_signature(world):
    closure = asked(world)
    with pytest.raises(WrongState):
        agree_closure(closure, by=world.officer, now=world.now, behalf=BY_PAPER)


# ---- the office


def test_office_verifies_and_its_head_grants(world):
    closure = verified(world)
    assert (closure.state, closure.method, closure.verifiers) == ("verified", "on_site", "督查员甲")
    assert set(closure.items.values_list("is_true", flat=True)) == {True}
    done = grant_closure(closure, grant=grant(closure), by=world.office_head, now=world.now + timedelta(days=3))
    matter = Matter.objects.get(pk=closure.matter_id)
    assert (done.state, done.despite, matter.state) == ("granted", {}, "closed")
    assert matter.first_closed_on == date(2020, 2, 6)
    final = Obligation.objects.get(matter=matter, kind="final")
    assert (final.state, final.met_on) == ("met", date(2020, 2, 3))  # the day it was asked for
    assert closing_events() == ["matters.closure_asked", "closing.verified", "matters.closed"]


def test_verifying_before_the_leader_signed_or_by_others_is_refused(world):
    closure = asked(world, leader=leader_of(world))
    with pytest.raises(WrongState):
        verify_closure(closure, verification=found(closure), by=world.officer, now=world.now)
    closure = asked(world)
    for actor in (head(world), holder("director", jurisdiction=world.county)):
        with pytest.raises(NotAllowed):
            verify_closure(closure, verification=found(closure), by=actor, now=world.now)
    assert Event.objects.filter(name="closing.verified").count() == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"method": None}, "method"),
        ({"findings": " "}, "findings"),
        ({"verified_on": date(2020, 2, 4)}, "verified_on"),
        ({"verified_on": date(2020, 2, 2)}, "verified_on"),
    ],
)
def test_verification_says_how_what_and_when(world, changed, field):
    closure = asked(world)
    with pytest.raises(Invalid) as refusal:
        verify_closure(closure, verification=found(closure, **changed), by=world.officer, now=world.now)
    assert refusal.value.field == field
    assert Closure.objects.get(pk=closure.pk).state == "agreed"


def test_second_officer_sees_that_a_colleague_was_there(world):
    closure = asked(world)
    mine = found(closure)
    verified(world, closure, verification=found(closure, findings="同事看过。"))
    with pytest.raises(Conflict) as refusal:
        verify_closure(closure, verification=mine, by=world.officer, now=world.now)
    assert refusal.value.theirs.findings == "同事看过。"
    with pytest.raises(Conflict):
        grant_closure(closure, grant=replace(grant(closure), version=1), by=world.office_head, now=world.now)
    assert verify_closure(closure, verification=found(closure), by=world.officer, now=world.now).version == 3


def test_granting_needs_the_verification_and_the_head(world):
    closure = asked(world)
    with pytest.raises(WrongState):
        grant_closure(closure, grant=grant(closure), by=world.office_head, now=world.now)
    closure = verified(world, closure)
    with pytest.raises(NotAllowed):
        grant_closure(closure, grant=grant(closure), by=world.officer, now=world.now)
    with pytest.raises(Invalid):
        grant_closure(closure, grant=grant(closure, conclusion=""), by=world.office_head, now=world.now)
    with pytest.raises(Invalid):
        grant_closure(closure, grant=grant(closure, grade="优秀"), by=world.office_head, now=world.now)
    granted(world, closure)
    with pytest.raises(WrongState):
        grant_closure(closure, grant=grant(closure), by=world.office_head, now=world.now)


def test_grades_are_those_of_the_policy(world):
    set_figures(world, closure__grades=["优秀", "合格"])
    closure = verified(world)
    with pytest.raises(Invalid):
        grant_closure(closure, grant=grant(closure, grade="良好"), by=world.office_head, now=world.now)
    done = grant_closure(closure, grant=grant(closure, grade="优秀"), by=world.office_head, now=world.now)
    assert done.grade == "优秀"
    assert Event.objects.get(name="matters.closed").data["grade"] == "优秀"


def test_documents_alone_need_a_reason_where_somebody_should_have_looked(world):
    closure = asked(world, is_livelihood=True)
    verified(world, closure, verification=found(closure, method=Method.DOCUMENTS))
    with pytest.raises(Invalid, match="应到现场核验") as refusal:
        granted(world, closure)
    assert refusal.value.field == "despite-documents_only"
    reasons = {Doubt.DOCUMENTS_ONLY: "疫情期间不能到场"}
    done = grant_closure(closure, grant=grant(closure, despite=reasons), by=world.office_head, now=world.now)
    assert done.despite == {"documents_only": "疫情期间不能到场"}
    assert Event.objects.get(name="matters.closed").data["despite"] == {"documents_only": "疫情期间不能到场"}


def test_unmet_and_untrue_items_need_reasons(world):
    matter = started(world, is_livelihood=False)
    set_figures(world, closure__onsite_random_pct=0)
    items = checklist_now(matter)
    given = Request({**answers(matter), items[1].key: Answer(False, "资金未到位")})
    closure = ask_closure(matter, request=given, by=head(world), now=world.now)
    verified(world, closure, verification=found(closure, true_keys=frozenset([items[1].key]), method=Method.DOCUMENTS))
    reasons = {Doubt.UNMET: "已列入明年计划"}
    with pytest.raises(Invalid) as refusal:
        grant_closure(closure, grant=grant(closure, despite=reasons), by=world.office_head, now=world.now)
    assert refusal.value.field == "despite-untrue"
    reasons[Doubt.UNTRUE] = "已补验收单"
    done = grant_closure(closure, grant=grant(closure, despite=reasons), by=world.office_head, now=world.now)
    assert done.despite == {"unmet": "已列入明年计划", "untrue": "已补验收单"}


def test_open_difficulties_block_granting_unless_said_why(world):
    closure = verified(world)
    Obstacle.objects.create(
        jurisdiction=world.county,
        matter=closure.matter,
        unit=world.unit("教育局"),
        problem="缺资金",
        need="财政局拨付",
        to_unit=world.unit("财政局"),
        raised_at=world.now,
    )
    with pytest.raises(Invalid, match="困难问题"):
        granted(world, closure)
    reasons = {Doubt.OBSTACLES: "资金已另行落实"}
    done = grant_closure(closure, grant=grant(closure, despite=reasons), by=world.office_head, now=world.now)
    assert done.state == "granted"


def test_leads_that_never_signed_are_asked_about(world):
    matter = world.started(leads=("教育局", "住建局"))
    closure = verified(world, asked(world, matter))
    with pytest.raises(Invalid, match="住建局没有签收"):
        granted(world, closure)
    assert Closure.objects.get(pk=closure.pk).state == "verified"
    given = grant(closure, unsigned_reason="职责已由教育局承担")
    assert grant_closure(closure, grant=given, by=world.office_head, now=world.now).state == "granted"


def test_evidence_a_grant_rests_on_stays_for_good(world):
    matter = started(world)
    [piece] = add_evidence(matter, unit=world.unit("教育局"), given=[LINK], by=head(world), now=world.now)
    granted(world, verified(world, asked(world, matter)))
    assert Evidence.objects.get(pk=piece.pk).held_at == world.now
    assert Event.objects.get(name="matters.closed").data["evidence"] == 1


@pytest.mark.parametrize("stage", ["asked", "agreed", "verified"])
def test_office_returns_with_reasons_at_any_stage(world, stage):
    closure = asked(world, leader=leader_of(world) if stage == "asked" else None)
    if stage == "verified":
        closure = verified(world, closure)
    assert closure.state == stage
    with pytest.raises(NotAllowed):
        return_closure(closure, reasons="缺验收", by=world.officer, now=world.now)
    with pytest.raises(Invalid):
        return_closure(closure, reasons="", by=world.office_head, now=world.now)
    returned = return_closure(closure, reasons="缺验收", by=world.office_head, now=world.now)
    matter = Matter.objects.get(pk=closure.matter_id)
    assert (returned.state, matter.state, returns_of(matter)) == ("returned", "in_progress", 1)
    with pytest.raises(WrongState):
        return_closure(closure, reasons="缺验收", by=world.office_head, now=world.now)


def test_second_return_is_a_fact_and_a_grant_begins_anew(world):
    matter = started(world)
    for number in (1, 2):
        return_closure(asked(world, matter), reasons="缺验收", by=world.office_head, now=world.now)
        assert returns_of(matter) == number
    numbers = Event.objects.filter(name="matters.closure_returned").order_by("pk").values_list("data", flat=True)
    assert [one["return_no"] for one in numbers] == [1, 2]
    closure = granted(world, verified(world, asked(world, matter)))
    assert (closure.attempt, returns_of(matter)) == (3, 0)


def test_reopened_matter_begins_a_new_attempt_and_the_first_day_stays(world):
    closure = granted(world)
    matter = reopen(closure.matter, reason="核查不实", by=world.office_head, now=world.now + timedelta(days=1))
    again = asked(world, matter, now=world.now + timedelta(days=2))
    assert (again.attempt, again.state) == (2, "agreed")
    matter.refresh_from_db()
    assert matter.first_closed_on == date(2020, 2, 3)
    assert Closure.objects.get(pk=closure.pk).state == "granted"


def test_nothing_changes_when_the_audit_fails(world, monkeypatch):
    closure = verified(world)
    matter = started(world, serial="2")
    leaders = asked(world, leader=leader_of(world), serial="3")

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(actions, "record", fail)
    monkeypatch.setattr("duban.matters.actions.life.record", fail)
    attempts = [
        lambda: prepare_closure(matter, request=request(matter), by=world.liaison("教育局"), now=world.now),
        lambda: ask_closure(matter, request=request(matter), by=head(world), now=world.now),
        lambda: agree_closure(leaders, by=acting(world, leaders.overseer), now=world.now),
        lambda: decline_closure(leaders, reasons="未见验收", by=acting(world, leaders.overseer), now=world.now),
        lambda: verify_closure(
            closure, verification=found(closure, findings="改" * 3), by=world.officer, now=world.now
        ),
        lambda: granted(world, closure),
        lambda: return_closure(closure, reasons="缺验收", by=world.office_head, now=world.now),
    ]
    before = list(Closure.objects.order_by("pk").values())
    for attempt in attempts:
        with pytest.raises(RuntimeError):
            attempt()
    assert list(Closure.objects.order_by("pk").values()) == before
    assert list(Matter.objects.order_by("pk").values_list("state", flat=True)) == ["closing", "in_progress", "closing"]


def test_request_follows_the_lead_that_merges_when_it_is_asked(world):
    closure = prepared(world, matter=started(world, leads=("教育局", "财政局")))
    matter = closure.matter
    adjust(
        matter,
        adjustment=Adjustment(assignments=[NewAssignment(world.unit("财政局"), Part.LEAD)]),
        reason="分工调整",
        approval=world.approval(),
        by=world.office_head,
        now=world.now,
    )
    with pytest.raises(NotAllowed):
        ask_closure(matter, request=request(matter, version=1), by=head(world), now=world.now)
    closure = ask_closure(matter, request=request(matter, version=1), by=head(world, "财政局"), now=world.now)
    assert closure.unit.name == "财政局"


def test_figures_stand_in_the_checklist(world):
    target = NewTarget("1.61万人", D(16100), None, "人", Sense.EQUAL, "城镇新增就业")
    matter = world.started(text="城镇新增就业1.61万人。", targets=[target])
    said = Said(figures={matter.targets.get().pk: "1.61万"}, sentence="全年任务提前完成。")
    enter_progress(matter, unit=world.unit("教育局"), said=said, by=world.liaison("教育局"), now=world.now)
    assert [(one.text, one.facts, one.is_met) for one in checklist_now(matter)] == [
        ("城镇新增就业1.61万人", "", False),
        ("城镇新增就业 1.61万人", "现为 16,100 人，已达到", True),
    ]
