"""Deadlines by the edge days, recusal by the closed list over every role, words."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duban.access.rules import Role
from duban.audit.rules import EVENT_LABELS, EventName
from duban.core.errors import Invalid
from duban.matters.policy import Objections
from duban.objections.rules import (
    APPOINTABLE,
    DECIDERS,
    DECIDING,
    DECLINING_LABELS,
    OBJECTION_STATE_LABELS,
    OUTCOME_LABELS,
    TARGET_LABELS,
    Acted,
    Declining,
    ObjectionState,
    Outcome,
    Reviewer,
    Target,
    checked_words,
    decide_by,
    is_out_of_time,
    last_day,
    optional_words,
    out_of_time_words,
    recused,
    took_part_words,
    why_not_decide,
    why_recused,
)

pytestmark = pytest.mark.engine_free

FIGURES = Objections(review_apply_days=30, review_decide_days=30, score_apply_workdays=15, score_decide_workdays=10)
AT = datetime(2020, 7, 7, 9)


@pytest.mark.parametrize(
    ("told_on", "last_on"),
    [
        (date(2020, 7, 7), date(2020, 8, 6)),
        (date(2020, 1, 30), date(2020, 2, 29)),  # a leap year
        (date(2020, 12, 31), date(2021, 1, 30)),  # a Saturday: calendar days do not move
    ],
)
def test_thirty_days_are_counted_from_the_day_after_the_unit_was_told(told_on, last_on):
    assert last_day(Target.CITATION, told_on=told_on, policy=FIGURES) == last_on
    assert not is_out_of_time(filed_on=last_on, last_on=last_on)
    assert is_out_of_time(filed_on=last_on + timedelta(days=1), last_on=last_on)


def test_decision_is_due_thirty_days_from_the_filing_not_from_the_acceptance():
    assert decide_by(Target.LIGHT, filed_on=date(2020, 7, 20), policy=FIGURES) == date(2020, 8, 19)


def test_who_files_too_late_is_told_both_days():
    words = out_of_time_words(told_on=date(2020, 7, 7), last_on=date(2020, 8, 6))
    assert words == "2020年7月7日已告知本单位，申请复核的期限到2020年8月6日为止，已经超过，不能再申请。"


def acted(name: EventName, account_id: int | None = 7, *, minutes: int = 0) -> Acted:
    return Acted(name, account_id, "某人", AT + timedelta(minutes=minutes))


def test_only_what_is_in_the_closed_list_is_taking_part():
    for target in Target:
        for name in EventName:
            found = recused([acted(name)], target=target)
            assert bool(found) == (name in DECIDING[target])


def test_reading_confirming_and_adopting_a_policy_is_no_taking_part():
    for name in (EventName.BULLETIN_READ, EventName.CITATIONS_CONFIRMED, EventName.POLICY_ADOPTED):
        assert all(name not in DECIDING[target] for target in Target)


def test_system_is_nobody_and_acts_are_named_once_in_order():
    acts = [
        acted(EventName.BULLETIN_ISSUED, minutes=9),
        acted(EventName.BULLETIN_DRAFTED),
        acted(EventName.CITATION_EDITED, minutes=3),
        acted(EventName.CITATION_EDITED, minutes=4),
        acted(EventName.BULLETIN_DRAFTED, None),
    ]
    found = recused(acts, target=Target.CITATION)
    assert list(found) == [7]
    assert took_part_words(found[7], EVENT_LABELS) == "拟办通报、修改通报条目、印发通报"


def decides(account_id: int | None, roles, *, unit_ids=(), taken=None, appointed=None):
    reviewer = Reviewer(account_id, frozenset(roles), frozenset(unit_ids))
    given = {"taken": taken or {}, "units": {5, 6}, "labels": EVENT_LABELS}
    return why_not_decide(reviewer, appointed=appointed, **given)


@pytest.mark.parametrize("role", Role)
def test_who_decides_without_being_named(role):
    assert (decides(1, [role]) is None) == (role in DECIDERS)


@pytest.mark.parametrize("role", Role)
def test_once_somebody_is_named_nobody_else_decides(role):
    assert (decides(1, [role], appointed=1) is None) == (role in APPOINTABLE)
    assert decides(2, [role], appointed=1) is not None


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the rules
@given(
    roles=st.sets(st.sampled_from(Role), min_size=1),
    target=st.sampled_from(Target),
    data=st.data(),
    appointed=st.booleans(),
)
def test_nobody_of_any_role_who_took_part_ever_decides(roles, target, data, appointed):
    name = data.draw(st.sampled_from(sorted(DECIDING[target])))
    taken = recused([acted(name, 9)], target=target)
    why = decides(9, roles, taken=taken, appointed=9 if appointed else None)
    assert why is not None
    assert why.is_recusal
    assert EVENT_LABELS[name] in why


@given(roles=st.sets(st.sampled_from(Role), min_size=1), unit_id=st.sampled_from([5, 6]), appointed=st.booleans())
def test_nobody_of_the_unit_that_objects_ever_decides(roles, unit_id, appointed):
    why = decides(9, roles, unit_ids=[unit_id], appointed=9 if appointed else None)
    assert why is not None
    assert why.is_recusal


def test_system_decides_nothing_and_another_unit_is_no_bar():
    assert why_recused(Reviewer(None, frozenset(Role), frozenset()), taken={}, units={5}, labels=EVENT_LABELS)
    assert decides(1, [Role.DIRECTOR], unit_ids=[8]) is None


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        (Target, TARGET_LABELS),
        (ObjectionState, OBJECTION_STATE_LABELS),
        (Outcome, OUTCOME_LABELS),
        (Declining, DECLINING_LABELS),
    ],
)
def test_every_word_has_its_label(words, labels):
    assert list(labels) == list(words)


def test_words_are_trimmed_and_refused_by_name():
    assert checked_words("  一是\n\n  二是 ", what="理由", field="grounds") == "一是\n二是"
    assert optional_words(" ", what="理由", field="grounds") == ""
    with pytest.raises(Invalid, match="请写明理由"):
        checked_words(" ", what="理由", field="grounds")
    with pytest.raises(Invalid, match="不超过 3 字，现在 4 字"):
        checked_words("一二三四", what="理由", field="grounds", most=3)
