"""Two decide at once, a unit withdraws while it is decided, many decisions take their numbers without a gap."""

import pytest

from duban.audit.models import Event
from duban.bulletins.models import Citation
from duban.objections.actions import Ruling, accept_objection, decide_objection, file_objection, withdraw_objection
from duban.objections.models import Objection
from duban.objections.queries import conclusions_open_to
from duban.objections.rules import Outcome
from tests.at_once import at_once
from tests.letters.builders import at
from tests.objections.builders import FILED, WORDS, accepted, issued, objection_of

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2020-08-03")
UPHELD = Ruling(Outcome.UPHELD, "经查，申请理由成立。")


def kinds(outcomes) -> list[str]:
    return sorted(type(one).__name__ for one in outcomes)


def test_two_decide_at_once_and_one_decision_stands(office):
    pk = accepted(office).pk
    rejected = Ruling(Outcome.REJECTED, "进度、原因均属实。")
    outcomes = at_once(
        lambda: decide_objection(objection_of(pk=pk), ruling=UPHELD, by=office["deputy"], now=NOW),
        lambda: decide_objection(objection_of(pk=pk), ruling=rejected, by=office["office_head"], now=NOW),
    )
    assert kinds(outcomes) == ["Objection", "WrongState"]
    one = objection_of(pk=pk)
    assert (one.number, Event.objects.filter(name="objections.decided").count()) == (1, 1)
    assert Citation.objects.filter(withdrawn_at__isnull=False).exists() == (one.outcome == "upheld")


def test_withdrawn_and_decided_at_once(office):
    pk = accepted(office).pk
    outcomes = at_once(
        lambda: decide_objection(objection_of(pk=pk), ruling=UPHELD, by=office["deputy"], now=NOW),
        lambda: withdraw_objection(objection_of(pk=pk), by=office.of_unit("head"), now=NOW),
    )
    assert kinds(outcomes) == ["Objection", "WrongState"]
    assert objection_of(pk=pk).state in ("decided", "withdrawn")
    withdrawn = Citation.objects.filter(withdrawn_at__isnull=False).exists()
    assert withdrawn == (objection_of(pk=pk).state == "decided")


def test_decisions_taken_at_once_have_numbers_without_a_gap(office):
    issued(office)
    open_ = conclusions_open_to([office.world.unit("教育局").pk], today=FILED.date())
    pks = []
    for one in open_:
        made = file_objection(one, words=WORDS, by=office.of_unit("head"), now=FILED)
        accept_objection(objection_of(pk=made.pk), by=office["second"], now=FILED)
        pks.append(made.pk)
    assert len(pks) == 2
    outcomes = at_once(
        *[
            lambda pk=pk: decide_objection(objection_of(pk=pk), ruling=UPHELD, by=office["deputy"], now=NOW)
            for pk in pks
        ]
    )
    assert kinds(outcomes) == ["Objection", "Objection"]
    assert sorted(Objection.objects.values_list("number", flat=True)) == [1, 2]


def test_the_same_is_filed_twice_at_once(office):
    issued(office)
    [one, *_] = conclusions_open_to([office.world.unit("教育局").pk], today=FILED.date())
    head = office.of_unit("head")
    outcomes = at_once(*[lambda: file_objection(one, words=WORDS, by=head, now=FILED)] * 3)
    assert kinds(outcomes) == ["Objection", "WrongState", "WrongState"]
