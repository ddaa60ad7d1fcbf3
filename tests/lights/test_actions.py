"""Whatever changes a fact leaves the stored light what the facts earn; rounds, snapshots, overrides, the past."""

import hashlib
import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import Error, IntegrityError, connection, transaction

from duban.audit.models import Event
from duban.calendars.rules import NamedDay
from duban.core.actor import SYSTEM
from duban.core.errors import DomainError, Invalid, NotAllowed, WrongState
from duban.core.workdays import workdays_now
from duban.lights.actions import judge, judge_never_judged, lift_override, load_year, override_light, reconcile, tick
from duban.lights.actions.judging import stored_differs
from duban.lights.actions.snapshots import take_snapshots
from duban.lights.models import DailyRound, KnownFacts, LightTurn, Override, Snapshot, SnapshotRow
from duban.lights.queries import facts_json, key_of, lights_policies, standing_as_of, standing_matters
from duban.lights.rules import expected_of, reasons_of
from duban.matters import actions as acts
from duban.matters.actions import Adjustment, MatterEdit, NewMatter, NewMilestone, NewSetting, facts_changed
from duban.matters.actions import judging as registration
from duban.matters.models import Matter, Obligation, Plan
from duban.matters.policy import default_preset, figures_json, figures_of
from duban.matters.queries import policy_of
from duban.matters.rules import Forecast, Kind, Light, Owed, SettingKey, State
from duban.progress.actions import Said, enter_progress
from tests.lights.oracle import walk
from tests.matters.builders import World, names_of_events

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day: str | date, hour: int = 10) -> datetime:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def begun(world: World, **more) -> Matter:
    """A matter of the whole year 2020, signed and in hand since 3 February."""
    given = {"starts_on": date(2020, 1, 1), "due_on": date(2020, 12, 31), "kind": Kind.QUANTIFIED, **more}
    return world.started(**given)


def fresh(matter: Matter) -> Matter:
    return Matter.objects.get(pk=matter.pk)


def dates(matter: Matter) -> tuple:
    one = fresh(matter)
    return (one.light, str(one.yellow_on), str(one.red_on), str(one.next_on))


def say(world: World, matter: Matter, pct, *, on: str, forecast=None):
    said = Said(pct=None if pct is None else Decimal(pct), forecast=forecast, sentence="按实际情况填报。")
    return enter_progress(matter, unit=world.unit("教育局"), said=said, by=world.liaison("教育局"), now=at(on))


def out_of_step(today: date) -> dict[int, list[str]]:
    """Matters whose stored light, or whose key of known facts, is not what stands now."""
    standing = list(standing_matters(Matter.objects.values_list("pk", flat=True)))
    figures = lights_policies({one.plan_id for one in standing})
    found = {}
    for one in standing:
        columns = stored_differs(one, policy=figures[one.plan_id], calendar=workdays_now(), today=today)
        if one.stored["light_key"] != key_of(facts_json(one.facts)) and one.facts.state not in ("draft", "registered"):
            columns.append("unknown facts")
        if columns:
            found[one.id] = columns
    return found


# ---------------------------------------------------------------- every action that changes a fact


def _policy(world, matter, now):
    figures = figures_json(policy_of(Plan.objects.select_related("policy").get(pk=world.plan.pk)))
    figures["lights"]["gap_yellow_points"] = 3
    acts.adopt_policy(world.plan, figures=figures, reason="收紧黄灯", by=world.office_head, now=now, version=1)


def _waive(world, matter, now):
    owed = Obligation.objects.get(matter=matter, kind=Owed.REPORT, due_on=date(2020, 6, 20))
    acts.waive_obligation(owed, reason="本期免报", by=world.office_head, now=now)


def _resume(world, matter, now):
    more = {"reason": "受疫情影响", "approval": world.approval(), "by": world.office_head}
    acts.suspend(matter, now=now, **more)
    acts.resume(matter, now=now + timedelta(days=20), **more)


def _closed(world, matter, now):
    acts.ask_to_close(matter, statement="已经完成。", by=world.officer, now=now)
    return acts.grant_closure(matter, conclusion="属实。", by=world.office_head, now=now)


def _returned(world, matter, now):
    acts.ask_to_close(matter, statement="已经完成。", by=world.officer, now=now)
    acts.return_closure(matter, reasons="缺佐证。", by=world.office_head, now=now)


def _reopened(world, matter, now):
    _closed(world, matter, now)
    acts.reopen(matter, reason="核查不实", by=world.office_head, now=now)


def _next_year(world, matter, now):
    into = acts.create_plan(world.county, year=2021, title="2021年度台账", by=world.officer, now=now)
    acts.carry_over(matter, into=into, reason="跨年", approval=world.approval(), by=world.office_head, now=now)


def _approved(world, now, **more):
    return {"reason": "经研究同意", "approval": world.approval(), "by": world.office_head, "now": now, **more}


ACTIONS = {
    "progress": lambda w, m, now: say(w, m, "12", on="2020-02-10"),
    "forecast": lambda w, m, now: say(w, m, None, on="2020-02-10", forecast=Forecast.UNLIKELY),
    "untrue": lambda w, m, now: acts.put_untrue(m, found_on=now.date(), by=w.office_head, now=now),
    "kind": lambda w, m, now: acts.edit_matter(
        m, version=fresh(m).version, edit=MatterEdit(kind=Kind.CONTINUING), by=w.officer, now=now
    ),
    "first day": lambda w, m, now: acts.adjust(
        m, adjustment=Adjustment(starts_on=date(2020, 3, 1)), **_approved(w, now)
    ),
    "final day": lambda w, m, now: acts.adjust(m, adjustment=Adjustment(due_on=date(2020, 3, 1)), **_approved(w, now)),
    "extension": lambda w, m, now: acts.extend(m, due_on=date(2021, 3, 1), **_approved(w, now)),
    "extension of many": lambda w, m, now: acts.extend_many([m], due_on=date(2021, 3, 1), **_approved(w, now)),
    "nodes": lambda w, m, now: acts.set_milestones(
        m, milestones=[NewMilestone("开工", date(2020, 2, 28), 10)], reason="明确节点", by=w.officer, now=now
    ),
    "pause": lambda w, m, now: acts.suspend(m, **_approved(w, now)),
    "pause over": _resume,
    "closure asked": lambda w, m, now: acts.ask_to_close(m, statement="已经完成。", by=w.officer, now=now),
    "closure returned": _returned,
    "closed": _closed,
    "reopened": _reopened,
    "split": lambda w, m, now: acts.split(m, items=[NewMatter("甲校"), NewMatter("乙校")], **_approved(w, now)),
    "carried over": _next_year,
    "ended": lambda w, m, now: acts.terminate(m, **_approved(w, now)),
    "waived": _waive,
    "report days": lambda w, m, now: acts.change_setting(
        w.plan, key=SettingKey.REPORT_DATES, value=["2020-03-05"], reason="提前报送", by=w.officer, now=now
    ),
    "policy": _policy,
}


@pytest.mark.parametrize("name", ACTIONS)
def test_whatever_changes_a_fact_has_the_light_judged(world, name):
    matter = begun(world)
    assert out_of_step(date(2020, 2, 3)) == {}
    before = (fresh(matter).light_key, fresh(matter).light_reasons)
    now = at("2020-02-10")
    ACTIONS[name](world, matter, now)
    today = max(now.date(), *LightTurn.objects.values_list("day", flat=True))
    tick(today, by=SYSTEM, now=at(today))
    assert out_of_step(today) == {}
    if name not in ("closure returned", "reopened", "split"):  # these leave the matter's own facts as they were
        assert (fresh(matter).light_key, fresh(matter).light_reasons) != before


def test_signing_and_starting_are_known_too(world):
    signed, begun_unsigned = world.assigned(), world.assigned()
    acts.acknowledge(world.unit("教育局"), plan=world.plan, by=world.officer, now=world.now, matters=[signed])
    acts.start(begun_unsigned, reason="电话已确认", by=world.officer, now=world.now)
    assert out_of_step(world.now.date()) == {}
    assert [row.facts[0] for row in KnownFacts.objects.all()] == ["in_progress", "in_progress"]


def test_a_fact_without_a_judge_is_an_error(world, monkeypatch):
    monkeypatch.setattr(registration, "_registered", [])
    with pytest.raises(RuntimeError):
        facts_changed([1], now=world.now)


def test_drafts_leave_nothing_behind(world):
    draft = world.draft()
    acts.edit_matter(draft, version=1, edit=MatterEdit(title="新校"), by=world.officer, now=world.now)
    assert (KnownFacts.objects.count(), LightTurn.objects.count(), fresh(draft).light_key) == (0, 0, "")


# ---------------------------------------------------------------- what is stored


def test_a_matter_without_progress_turns_by_the_straight_line(world):
    matter = begun(world)
    # 10 % of 365 days is the 37th day after 1 January, 30.01 % the 110th; month ends February and March come before
    assert dates(matter) == ("green", "2020-02-07", "2020-04-01", "2020-02-07")
    say(world, matter, "8", on="2020-02-06")
    assert dates(matter) == ("green", "2020-03-07", "2020-05-01", "2020-03-07")


def test_a_light_is_lit_on_the_first_day(world):
    matter = begun(world, starts_on=date(2020, 3, 1))
    assert (fresh(matter).light, fresh(matter).next_on, fresh(matter).light_since) == ("", date(2020, 3, 1), None)
    tick(date(2020, 3, 1), by=SYSTEM, now=at("2020-03-01", 0))
    assert (fresh(matter).light, fresh(matter).light_since) == ("green", date(2020, 3, 1))
    turn = LightTurn.objects.get(day=date(2020, 3, 1))
    assert (turn.before, turn.light, turn.is_round) == ("", "green", True)


def test_what_is_turned_back_on_the_same_day_leaves_no_turn(world):
    matter = begun(world)
    say(world, matter, None, on="2020-02-04", forecast=Forecast.STRAINED)
    assert [(one.before, one.light) for one in LightTurn.objects.filter(matter=matter)][-1:] == [("green", "yellow")]
    say(world, matter, None, on="2020-02-04", forecast=Forecast.ON_TIME)
    assert [(str(one.day), one.light) for one in LightTurn.objects.filter(matter=matter)] == [("2020-02-03", "green")]
    assert (fresh(matter).light, fresh(matter).light_since) == ("green", date(2020, 2, 3))


def test_days_that_no_round_was_made_for_are_made_up_for_when_a_fact_changes(world):
    matter = begun(world)
    say(world, matter, "20", on="2020-03-20")  # yellow since 7 February, which no round has turned
    assert [(str(one.day), one.light, one.is_round) for one in LightTurn.objects.filter(matter=matter)] == [
        ("2020-02-03", "green", False),
        ("2020-02-07", "yellow", True),
        ("2020-03-20", "green", False),
    ]


def test_a_clock_set_back_takes_the_turns_of_the_days_it_undoes(world):
    matter = begun(world)
    say(world, matter, None, on="2020-02-20", forecast=Forecast.UNLIKELY)
    say(world, matter, "9", on="2020-02-05")
    assert {str(one.day) for one in LightTurn.objects.filter(matter=matter)} == {"2020-02-03"}
    assert out_of_step(date(2020, 2, 5)) == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"next_on": date(2020, 5, 5)},
        {"yellow_on": date(2020, 5, 5), "red_on": date(2020, 5, 5)},
        {"light": "blue"},
        {"light": ""},
        {"light": "red", "next_on": date(2020, 4, 1)},
        {"light_since": None},
    ],
)
def test_the_database_refuses_a_light_that_cannot_be(world, wrong):
    matter = begun(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Matter.objects.filter(pk=matter.pk).update(**wrong)


def test_judging_costs_the_same_for_one_and_for_three(world, django_assert_num_queries):
    three = [begun(world).pk for _ in range(3)]
    with django_assert_num_queries(8):  # savepoint, calendar, three of facts, plans, turns of today, release
        judge(three[:1], by=SYSTEM, now=at("2020-02-04"))
    with django_assert_num_queries(8):
        judge(three, by=SYSTEM, now=at("2020-02-04"))


def test_two_month_ends_running_in_yellow_make_red_and_a_cure_between_them_does_not(world):
    steady, cured = begun(world), begun(world)
    say(world, steady, "12", on="2020-02-06")
    say(world, cured, "12", on="2020-02-06")
    assert dates(steady) == ("green", "2020-03-22", "2020-05-01", "2020-03-22")
    say(world, cured, "16", on="2020-04-02")
    assert dates(cured) == ("green", "2020-04-05", "2020-06-01", "2020-04-05")
    tick(date(2020, 5, 1), by=SYSTEM, now=at("2020-05-01", 0))
    assert (fresh(steady).light, fresh(cured).light) == ("red", "yellow")
    say(world, steady, "24", on="2020-05-06")  # less late than a month ago, but yellow as it was
    assert fresh(steady).light == "red"
    say(world, steady, "40", on="2020-05-07")
    assert fresh(steady).light == "green"


def test_the_days_of_verification_make_no_unit_red(world):
    matter = begun(world, due_on=date(2020, 3, 10))
    say(world, matter, "100", on="2020-03-01")
    acts.ask_to_close(matter, statement="已经完成。", by=world.officer, now=at("2020-03-09"))
    tick(date(2020, 4, 20), by=SYSTEM, now=at("2020-04-20", 0))
    assert dates(matter) == ("yellow", "2020-02-29", "None", "None")
    acts.return_closure(matter, reasons="缺佐证。", by=world.office_head, now=at("2020-04-20"))
    assert fresh(matter).light == "red"


def test_a_node_reached_is_met_and_owed_again_when_the_figure_is_corrected(world):
    matter = begun(world)
    nodes = [NewMilestone("开工", date(2020, 3, 31), 10), NewMilestone("封顶", date(2020, 9, 30), 60)]
    acts.set_milestones(matter, milestones=nodes, reason="明确节点", by=world.officer, now=at("2020-02-04"))

    def open_nodes():
        rows = Obligation.objects.filter(matter=matter, kind=Owed.MILESTONE, state="open")
        return [one.due_on.month for one in rows.order_by("due_on")]

    assert open_nodes() == [3, 9]
    say(world, matter, "10", on="2020-02-05")
    assert open_nodes() == [9]
    say(world, matter, "9.99", on="2020-02-06")
    assert open_nodes() == [3, 9]
    acts.set_milestones(matter, milestones=nodes, reason="再次明确", by=world.officer, now=at("2020-02-07"))
    assert open_nodes() == [3, 9]
    assert out_of_step(date(2020, 2, 7)) == {}


# ---------------------------------------------------------------- the round


def test_the_round_turns_what_turns_that_day_and_says_so_once(world):
    matter, other = begun(world), begun(world, kind=Kind.CONTINUING)
    assert tick(date(2020, 2, 6), by=SYSTEM, now=at("2020-02-06", 0)) == 0
    assert tick(date(2020, 2, 7), by=SYSTEM, now=at("2020-02-07", 0)) == 1
    assert dates(matter) == ("yellow", "2020-02-07", "2020-04-01", "2020-04-01")
    assert fresh(other).light == "green"
    event = Event.objects.filter(name="lights.turned").latest("pk")
    line = f"{matter.pk} 2020-02-07 green>yellow\n".encode()
    assert event.data == {"day": "2020-02-07", "turns": 1, "digest": hashlib.sha256(line).hexdigest()}
    assert tick(date(2020, 2, 7), by=SYSTEM, now=at("2020-02-07", 1)) == 0
    assert names_of_events(name="lights.turned") == ["lights.turned"] * 2
    assert (LightTurn.objects.filter(is_round=True).count(), DailyRound.objects.count()) == (1, 2)
    assert LightTurn.objects.get(is_round=True).reasons[0]["at_yellow"] == 1013


def test_missed_days_are_made_up_for_day_by_day(world):
    matter = begun(world)
    tick(date(2020, 2, 4), by=SYSTEM, now=at("2020-02-04", 0))
    assert tick(date(2020, 4, 3), by=SYSTEM, now=at("2020-04-03", 8)) == 2
    assert [(str(one.day), one.light) for one in LightTurn.objects.filter(matter=matter, is_round=True)] == [
        ("2020-02-07", "yellow"),
        ("2020-04-01", "red"),
    ]
    assert fresh(matter).light_since == date(2020, 4, 1)
    assert DailyRound.objects.count() == 60
    assert names_of_events(name="lights.turned") == ["lights.turned"] * 60


def test_a_first_round_long_after_the_turns_keeps_their_days(world):
    matter = begun(world)
    assert tick(date(2020, 5, 1), by=SYSTEM, now=at("2020-05-01", 8)) == 2
    assert [str(one.day) for one in LightTurn.objects.filter(matter=matter, is_round=True)] == [
        "2020-02-07",
        "2020-04-01",
    ]


def test_a_clock_set_back_makes_no_round(world):
    begun(world)
    tick(date(2020, 3, 1), by=SYSTEM, now=at("2020-03-01", 0))
    assert tick(date(2020, 2, 1), by=SYSTEM, now=at("2020-02-01", 0)) == 0
    assert DailyRound.objects.filter(day=date(2020, 2, 1)).count() == 1


def test_a_round_broken_off_changes_nothing(world, monkeypatch):
    matter = begun(world)
    monkeypatch.setattr("duban.lights.actions.rounds.record", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tick(date(2020, 2, 7), by=SYSTEM, now=at("2020-02-07", 0))
    assert (fresh(matter).light, DailyRound.objects.count()) == ("green", 0)
    assert LightTurn.objects.filter(is_round=True).count() == 0


def test_only_the_system_makes_rounds(world):
    for action in (lambda: tick(date(2020, 2, 7), by=world.office_head, now=world.now),):
        with pytest.raises(NotAllowed):
            action()
    with pytest.raises(NotAllowed):
        reconcile(by=world.office_head, now=world.now)


# ---------------------------------------------------------------- the weekly check


def test_the_check_finds_nothing_and_says_so(world):
    begun(world)
    assert reconcile(by=SYSTEM, now=at("2020-03-02", 3)) == []
    assert Event.objects.get(name="lights.reconciled").data == {"judged": 1, "differing": []}


@pytest.mark.parametrize(
    ("spoiled", "column"),
    [
        ({"light": "green", "next_on": None}, "light"),
        ({"next_on": None}, "next_on"),
        ({"red_on": None, "next_on": None}, "red_on"),
        ({"light_reasons": []}, "light_reasons"),
        ({"light_override": "red"}, "light_override"),
        ({"progress_pct": 30, "progress_on": date(2020, 2, 2)}, "light_key"),
    ],
)
def test_the_check_finds_what_was_spoiled_and_puts_it_right(world, spoiled, column):
    matter, sound = begun(world), begun(world)
    tick(date(2020, 3, 2), by=SYSTEM, now=at("2020-03-02", 0))
    Matter.objects.filter(pk=matter.pk).update(**spoiled)
    found = reconcile(by=SYSTEM, now=at("2020-03-02", 3))
    assert [(one.matter_id, column in one.columns) for one in found] == [(matter.pk, True)]
    assert reconcile(by=SYSTEM, now=at("2020-03-02", 4)) == []
    assert fresh(sound).light == "yellow"


def test_matters_from_before_there_were_lights_are_judged_by_the_check(world):
    matter = begun(world)
    Matter.objects.filter(pk=matter.pk).update(
        light="", light_since=None, lit_on=None, yellow_on=None, red_on=None, next_on=None, light_reasons=[],
        judged_on=None, yellow_since=None, light_key="",
    )  # fmt: skip
    assert len(reconcile(by=SYSTEM, now=at("2020-02-05", 3))) == 1
    assert dates(matter)[0] == "green"


# ---------------------------------------------------------------- the office's override


def test_an_override_is_shown_beside_the_judged_light_until_it_is_lifted(world):
    matter = begun(world)
    override_light(matter, light=Light.YELLOW, reason="现场查看停工", by=world.office_head, now=at("2020-02-04"))
    assert (fresh(matter).light, fresh(matter).light_override) == ("green", "yellow")
    tick(date(2020, 4, 1), by=SYSTEM, now=at("2020-04-01", 0))
    assert (fresh(matter).light, fresh(matter).light_override) == ("red", "yellow")
    lift_override(matter, reason="已按规则转红", by=world.office_head, now=at("2020-04-02"))
    assert (fresh(matter).light, fresh(matter).light_override) == ("red", "")
    row = Override.objects.get()
    assert (row.judged, row.light, row.ended_reason) == ("green", "yellow", "已按规则转红")
    assert names_of_events(matter_id=matter.pk)[-2:] == ["lights.overridden", "lights.override_lifted"]
    stood = standing_as_of([matter.pk], day=date(2020, 4, 1))[matter.pk]
    assert (stood.light, stood.override.light, stood.shown) == (Light.RED, Light.YELLOW, Light.YELLOW)
    assert standing_as_of([matter.pk], day=date(2020, 4, 2))[matter.pk].shown == Light.RED


def test_another_override_replaces_the_first(world):
    matter = begun(world)
    override_light(matter, light=Light.YELLOW, reason="现场查看停工", by=world.office_head, now=at("2020-02-04"))
    override_light(matter, light=Light.RED, reason="仍未复工", by=world.office_head, now=at("2020-02-05"))
    assert list(Override.objects.values_list("light", "ended_reason")) == [("yellow", "另行改判"), ("red", "")]


def test_an_override_goes_out_with_the_light(world):
    matter = begun(world)
    override_light(matter, light=Light.RED, reason="现场查看停工", by=world.office_head, now=at("2020-02-04"))
    acts.suspend(matter, **_approved(world, at("2020-02-05")))
    assert (fresh(matter).light, fresh(matter).light_override) == ("", "")
    assert Override.objects.get().ended_reason == "事项已不亮灯，改判随之失效"


def test_override_is_refused_in_words(world):
    matter, waiting = begun(world), world.registered()
    refused = [
        (NotAllowed, matter, Light.RED, "现场停工", world.officer),
        (NotAllowed, matter, Light.GREEN, "我们没有问题", world.liaison("教育局")),
        (Invalid, matter, Light.RED, " ", world.office_head),
        (Invalid, matter, Light.GREEN, "没有问题", world.office_head),
        (WrongState, waiting, Light.RED, "尚未交办", world.office_head),
    ]
    for error, which, light, reason, by in refused:
        with pytest.raises(error):
            override_light(which, light=light, reason=reason, by=by, now=world.now)
    with pytest.raises(WrongState):
        lift_override(matter, reason="无须改判", by=world.office_head, now=world.now)
    assert (Override.objects.count(), fresh(matter).light_override) == (0, "")
    override_light(matter, light=Light.RED, reason="现场停工", by=world.office_head, now=world.now)
    with pytest.raises(Invalid) as refusal:
        override_light(matter, light=Light.GREEN, reason="恢复原判", by=world.office_head, now=world.now)
    assert refusal.value.message == "按规则判定的就是绿灯，请取消改判。"


# ---------------------------------------------------------------- the calendar


def test_a_years_notice_moves_the_days_of_the_lights_that_hang_on_them(world):
    matter = begun(world, kind=Kind.CONTINUING, due_on=date(2020, 12, 31))
    nodes = [NewMilestone("完成招标", date(2020, 3, 2), 10)]
    acts.set_milestones(matter, milestones=nodes, reason="明确节点", by=world.officer, now=at("2020-02-04"))
    assert fresh(matter).red_on == date(2020, 3, 17)  # the 11th working day after the node
    days = [NamedDay(date(2020, 3, 9) + timedelta(days=n), is_workday=False, name="临时放假") for n in range(5)]
    admin = replace(SYSTEM, name="系统管理员")
    load_year(days, year=2020, title="国办发明电〔2020〕1号", by=admin, now=at("2020-02-05"))
    assert fresh(matter).red_on == date(2020, 3, 24)
    assert standing_as_of([matter.pk], day=date(2020, 3, 17))[matter.pk].light == Light.YELLOW
    assert out_of_step(date(2020, 2, 5)) == {}


# ---------------------------------------------------------------- snapshots


def test_what_is_said_after_a_months_end_does_not_reach_its_snapshot(world):
    matter, paused = begun(world), begun(world)
    say(world, matter, "8", on="2020-02-06")
    acts.suspend(paused, **_approved(world, at("2020-02-07")))
    tick(date(2020, 2, 10), by=SYSTEM, now=at("2020-02-10", 0))
    say(world, matter, "40", on="2020-04-02")
    tick(date(2020, 4, 2), by=SYSTEM, now=at("2020-04-02", 23))
    rows = SnapshotRow.objects.filter(matter=matter).order_by("snapshot__day")
    assert [(str(one.snapshot.day), one.light, one.progress_pct, one.expected_pct) for one in rows] == [
        ("2020-02-29", "green", Decimal("8.00"), Decimal("16.16")),
        ("2020-03-31", "yellow", Decimal("8.00"), Decimal("24.65")),
    ]
    assert [one["cause"] for one in rows[1].reasons] == ["gap"]
    assert list(SnapshotRow.objects.filter(matter=paused).values_list("state", "light")) == [("suspended", "")] * 2
    for change in (lambda: rows.update(light="green"), lambda: rows.delete(), lambda: Snapshot.objects.all().delete()):
        with pytest.raises(Error), transaction.atomic():
            change()


def frozen() -> dict:
    """Every row of every snapshot, as it was frozen."""
    rows = SnapshotRow.objects.select_related("snapshot")
    return {
        (one.matter_id, one.snapshot.day): (
            one.state, one.light, one.override, one.due_on, one.progress_pct, one.expected_pct, reasons_of(one.reasons),
        )
        for one in rows
    }  # fmt: skip


def read_from_the_past() -> dict:
    """The same rows as what was known then gives them, one by one."""
    found = {}
    for snapshot in Snapshot.objects.all():
        ids = list(Matter.objects.filter(plan=snapshot.plan).values_list("pk", flat=True))
        for pk, one in standing_as_of(ids, day=snapshot.day).items():
            expected = expected_of(one.facts, policy=one.policy, today=snapshot.day)
            found[pk, snapshot.day] = (
                one.facts.state, one.light or "", one.override.light if one.override else "", one.facts.due_on,
                None if one.facts.progress is None else Decimal(one.facts.progress).scaleb(-2),
                None if expected is None else Decimal(expected).scaleb(-2),
                tuple(each for each in one.judgement.reasons if each.begins_on <= snapshot.day),
            )  # fmt: skip
    return found


@pytest.mark.parametrize("schedule", ["day", "month", "quarter", "nodes"])
def test_what_is_copied_is_what_was_known(world, schedule):
    """Matters of every kind, some changed, turned or decided on after the day that is frozen, some of them late."""
    figures = figures_json(figures_of(default_preset().values))
    figures["lights"]["schedule"] = schedule
    if schedule != "day":
        given = {"reason": "换算法", "by": world.office_head, "now": world.now, "version": 1}
        acts.adopt_policy(world.plan, figures=figures, **given)
    steady, changed, shown, lifted, paused, late = (begun(world) for _ in range(6))
    begun(world, kind=Kind.CONTINUING)
    begun(world, starts_on=date(2020, 5, 1))
    noded = begun(world, kind=Kind.MILESTONE)
    nodes = [NewMilestone("开工", date(2020, 2, 20), 30), NewMilestone("完工", date(2020, 5, 20), 60)]
    acts.set_milestones(noded, milestones=nodes, reason="明确节点", by=world.officer, now=at("2020-02-04"))
    for matter, pct in ((steady, "8"), (changed, "12.5"), (late, "1")):
        say(world, matter, pct, on="2020-02-06")
    acts.suspend(paused, **_approved(world, at("2020-02-07")))
    tick(date(2020, 2, 29), by=SYSTEM, now=at("2020-02-29", 0))
    for matter in (shown, lifted):
        light = Light.GREEN if fresh(matter).light == "red" else Light.RED
        override_light(fresh(matter), light=light, reason="现场情况不同", by=world.office_head, now=at("2020-02-29"))
    after = at("2020-03-01")  # before the night's round, which comes late
    lift_override(fresh(lifted), reason="情况已变", by=world.office_head, now=after)
    override_light(fresh(steady), light=Light.RED, reason="停工", by=world.office_head, now=after)
    say(world, changed, "60", on="2020-03-01")
    tick(date(2020, 3, 1), by=SYSTEM, now=at("2020-03-01", 23))
    assert len(frozen()) == 9
    assert frozen() == read_from_the_past()
    assert {one[2] for one in frozen().values()} > {""}
    tick(date(2020, 4, 3), by=SYSTEM, now=at("2020-04-03", 0))
    assert len(frozen()) == 18
    assert frozen() == read_from_the_past()


def test_a_day_frozen_late_is_frozen_as_it_was(world):
    matter = begun(world)
    say(world, matter, "8", on="2020-02-06")
    tick(date(2020, 2, 29), by=SYSTEM, now=at("2020-02-29", 0))
    figures = figures_json(figures_of(default_preset().values))
    figures["lights"]["gap_yellow_points"] = 3
    given = {"reason": "收紧", "by": world.office_head, "now": at("2020-03-10"), "version": 1}
    acts.adopt_policy(world.plan, figures=figures, **given)
    tick(date(2020, 3, 12), by=SYSTEM, now=at("2020-03-12", 0))
    assert frozen() == read_from_the_past()
    assert Snapshot.objects.get().policy.number == 1


@pytest.mark.parametrize("count", [1, 3])
def test_a_snapshot_costs_the_same_however_many_matters(world, count, django_assert_num_queries):
    for _ in range(count):
        begun(world)
    tick(date(2020, 2, 29), by=SYSTEM, now=at("2020-02-29", 0))
    with django_assert_num_queries(SNAPSHOT_QUERIES):
        take_snapshots(date(2020, 2, 29), now=at("2020-03-01", 0))
    assert SnapshotRow.objects.count() == count


SNAPSHOT_QUERIES = 14


def test_the_policys_own_days_are_marked(world):
    figures = figures_json(figures_of(default_preset().values))
    figures["lights"]["snapshot_days"] = ["06-15", "12-31"]
    begun(world)
    acts.adopt_policy(world.plan, figures=figures, reason="改日期", by=world.office_head, now=world.now, version=1)
    tick(date(2020, 6, 1), by=SYSTEM, now=at("2020-06-01", 0))
    tick(date(2020, 7, 2), by=SYSTEM, now=at("2020-07-02", 0))
    assert [(str(one.day), one.is_half_year) for one in Snapshot.objects.all()] == [
        ("2020-05-31", False),
        ("2020-06-15", True),
        ("2020-06-30", False),
    ]


# ---------------------------------------------------------------- a year, day by day


def _something(world: World, matter: Matter, chance: random.Random, now: datetime) -> None:
    """Do one thing that may happen to a matter; what its state does not allow is refused, as it should be."""
    today = now.date()
    one = fresh(matter)
    deeds = [
        lambda: say(world, one, str(chance.randint(0, 100)), on=today.isoformat()),
        lambda: say(world, one, str(min(100, int(one.progress_pct or 0) + 9)), on=today.isoformat()),
        lambda: say(world, one, None, on=today.isoformat(), forecast=chance.choice(list(Forecast))),
        lambda: acts.extend(one, due_on=one.due_on + timedelta(days=30), **_approved(world, now)),
        lambda: acts.adjust(one, adjustment=Adjustment(due_on=one.due_on - timedelta(days=9)), **_approved(world, now)),
        lambda: acts.suspend(one, **_approved(world, now)),
        lambda: acts.resume(one, **_approved(world, now)),
        lambda: acts.ask_to_close(one, statement="已经完成。", by=world.officer, now=now),
        lambda: acts.return_closure(one, reasons="缺佐证。", by=world.office_head, now=now),
        lambda: acts.grant_closure(one, conclusion="属实。", by=world.office_head, now=now),
        lambda: acts.reopen(one, reason="核查不实", by=world.office_head, now=now),
        lambda: acts.put_untrue(one, found_on=chance.choice([today, None]), by=world.office_head, now=now),
        lambda: acts.set_milestones(
            one,
            milestones=[
                NewMilestone(f"节点{n}", today + timedelta(days=20 * n + chance.randint(0, 9)), 20 * n)
                for n in range(1, chance.randint(1, 4))
            ],
            reason="调整节点",
            by=world.officer,
            now=now,
        ),
        lambda: acts.waive_obligation(
            chance.choice(list(one.obligations.filter(state="open"))), reason="免除", by=world.office_head, now=now
        ),
    ]
    try:
        with transaction.atomic():
            chance.choice(deeds)()
    except (DomainError, IndexError):
        pass  # not possible now: nothing has changed


def _stricter(world: World, now: datetime) -> None:
    plan = Plan.objects.select_related("policy").get(pk=world.plan.pk)
    figures = figures_json(policy_of(plan))
    figures["lights"] |= {"gap_yellow_points": 5, "yellow_month_ends_to_red": 1, "schedule": "month"}
    number = plan.policy.number
    acts.adopt_policy(world.plan, figures=figures, reason="收紧", by=world.office_head, now=now, version=number)


def _world_of(year: int, county, officer, office_head) -> World:
    """The usual world of another year; from 2027 on no calendar has been published."""
    days = NewSetting(SettingKey.REPORT_DATES, [f"{year}-06-20", f"{year}-12-20"])
    now = at(date(year, 2, 3), 9)
    plan = acts.create_plan(county, year=year, title=f"{year}年度台账", settings=[days], by=officer, now=now)
    return World(county=county, officer=officer, office_head=office_head, now=now, plan=plan)


@pytest.mark.parametrize("seed", range(4 if connection.vendor == "sqlite" else 1))
def test_a_year_played_day_by_day_is_what_walking_says_then_and_afterwards(county, officer, office_head, seed):
    chance = random.Random(seed)
    year = chance.randint(2005, 2032)
    world = _world_of(year, county, officer, office_head)
    kinds = [Kind.QUANTIFIED, Kind.MILESTONE, Kind.CONTINUING]
    matters = [
        world.started(
            kind=kinds[n % 3],
            starts_on=date(year, 1, 1),
            due_on=date(year, 12, 31) - timedelta(days=chance.randint(0, 200)),
        )
        for n in range(4)
    ]
    ids = [one.pk for one in matters]
    policies = {date(year, 1, 1): policy_of(Plan.objects.select_related("policy").get(pk=world.plan.pk)).lights}
    known, seen = {pk: {} for pk in ids}, {}
    first, last = date(year, 2, 3), date(year + 1, 1, 31)
    stricter_on = date(year, 5, chance.randint(1, 30))
    day = first
    while day <= last:
        if chance.random() < 0.8:  # now and then no round is made
            tick(day, by=SYSTEM, now=at(day, 0))
        if day > first and chance.random() < 0.4:
            for matter in chance.sample(matters, chance.randint(1, 3)):
                _something(world, matter, chance, at(day))
        if day == stricter_on:
            _stricter(world, at(day, 15))
            policies[day] = policy_of(Plan.objects.select_related("policy").get(pk=world.plan.pk)).lights
        if chance.random() < 0.1:
            tick(day, by=SYSTEM, now=at(day, 23))
            assert reconcile(by=SYSTEM, now=at(day, 23)) == []
        for one in standing_matters(ids):
            known[one.id][day] = one.facts
            if DailyRound.objects.filter(day=day).exists():
                seen[one.id, day] = one.stored["light"]
        day += timedelta(days=1)
    tick(last, by=SYSTEM, now=at(last, 23))

    def policy_on(day):
        return policies[max(one for one in policies if one <= day)]

    walked = {pk: walk(known[pk], policy_on, until=last) for pk in ids}
    assert {key: walked[key[0]][key[1]] or "" for key in seen} == seen
    assert len({light for one in walked.values() for light in one.values()}) == 4
    for pk in ids:
        turned = dict(LightTurn.objects.filter(matter=pk).values_list("day", "light"))
        light = ""
        for day, walked_light in walked[pk].items():
            light = turned.get(day, light)
            assert light == (walked_light or ""), day
    for day in [first, last, *(first + timedelta(days=n) for n in range(0, (last - first).days, 7))]:
        stood = standing_as_of(ids, day=day)
        assert {pk: one.light for pk, one in stood.items()} == {pk: walked[pk][day] for pk in ids}, day
        assert {pk: one.facts for pk, one in stood.items()} == {pk: known[pk][day] for pk in ids}, day
        turns = LightTurn.objects.filter(matter__in=ids, day__lte=day).order_by("day").values_list("matter", "day")
        assert {pk: one.since for pk, one in stood.items()} == dict.fromkeys(ids, first) | dict(turns), day
    for row in SnapshotRow.objects.filter(matter__in=ids).select_related("snapshot"):
        assert row.light == (walked[row.matter_id][row.snapshot.day] or "")
    assert frozen() == read_from_the_past()
    assert State.DRAFT not in Matter.objects.filter(pk__in=ids).values_list("state", flat=True)


def test_a_report_given_is_no_reason_any_more_and_a_returned_one_is_not_late_again(world):
    matter = begun(world, kind=Kind.CONTINUING)
    unit = world.unit("教育局")
    tick(date(2020, 6, 18), by=SYSTEM, now=at("2020-06-18", 0))
    assert fresh(matter).light == "yellow"
    told = {"unit": unit, "report_day": date(2020, 6, 20), "by": world.officer}
    acts.meet_report(matter, met_on=date(2020, 6, 19), now=at("2020-06-19"), **told)
    assert (fresh(matter).light, out_of_step(date(2020, 6, 19))) == ("green", {})
    acts.owe_report_again(matter, now=at("2020-06-29"), **told)
    assert reconcile(by=SYSTEM, now=at("2020-07-20")) == []
    assert fresh(matter).light == "green"


def test_matters_handed_out_before_there_were_lights_are_judged_once(world):
    started, closed, draft = begun(world), world.closed(), world.draft()
    LightTurn.objects.all().delete()
    KnownFacts.objects.all().delete()
    nothing = {"light": "", "light_since": None, "lit_on": None, "yellow_on": None, "red_on": None, "next_on": None}
    Matter.objects.update(**nothing, light_key="", light_reasons=[], judged_on=None, yellow_since=None)
    with pytest.raises(NotAllowed):
        judge_never_judged(by=world.officer, now=at("2020-02-10"))
    assert judge_never_judged(by=SYSTEM, now=at("2020-02-10")) == 2
    assert [fresh(one).light for one in (started, closed, draft)] == ["yellow", "", ""]
    assert standing_as_of([started.pk], day=date(2020, 2, 10))[started.pk].light == Light.YELLOW
    assert set(KnownFacts.objects.values_list("matter_id", flat=True)) == {started.pk, closed.pk}
    assert out_of_step(date(2020, 2, 10)) == {}
    events = Event.objects.count()
    assert (judge_never_judged(by=SYSTEM, now=at("2020-02-11")), Event.objects.count()) == (0, events)
    assert Event.objects.latest("pk").data == {"judged": 2, "differing": []}
