"""What scoring makes of the entries a side proposes, and how grounds for talks are told apart."""

from datetime import date
from decimal import Decimal

import pytest

from duban.bulletins.rules import Section
from duban.evaluation.rules import Fact, FactKind, UnitYear, YearFacts
from duban.interviews.rules import GroundKind
from duban.matters.policy import default_preset, figures_of
from duban.matters.rules import Part
from duban.replay.rules import Arisen, Published, Rules, proposed_talks, scores_of, talk_differences
from tests.replay.builders import changed, moment

pytestmark = pytest.mark.engine_free

UNTIL = date(2020, 12, 31)
FIGURES = figures_of(default_preset().values)


def fact(kind: FactKind, unit_id: int, number: int = 1) -> Fact:
    return Fact(key=f"{kind}-{number}", kind=kind, unit_id=unit_id, on=date(2020, 7, 10), words="")


def cited(section: Section, unit_id: int, matter_id: int, *, on: date = date(2020, 7, 10)) -> Published:
    return Published(1, "2020-1", on, section, unit_id, matter_id)


def scores(*published, parts=(), figures=FIGURES, units=None) -> dict[int, Decimal]:
    given = units or (
        UnitYear(1, "教育局", "department", 10, (fact(FactKind.CRITICISED, 1), fact(FactKind.LATE_REPORT, 1))),
        UnitYear(2, "交通局", "department", 10, (fact(FactKind.PRAISED, 2),)),
    )
    rules = Rules(((moment(date(2020, 1, 1)).replace(tzinfo=None), figures),))
    told = scores_of(YearFacts(UNTIL, given), published, parts=dict(parts), rules=rules, until=UNTIL)
    return {pk: one.score for pk, one in told.units.items()}


def test_a_score_counts_the_entries_its_side_proposes_and_not_those_of_the_record():
    assert scores() == {1: Decimal("99.50"), 2: Decimal("100.00")}
    assert scores(cited(Section.CRITICISM, 1, 7), cited(Section.CRITICISM, 2, 8)) == {
        1: Decimal("98.50"),
        2: Decimal("99.00"),
    }
    assert scores(cited(Section.PRAISE, 2, 8)) == {1: Decimal("99.50"), 2: Decimal("101.00")}


def test_a_supporting_unit_is_counted_by_its_part_and_late_reports_and_later_issues_are_not_counted():
    support = {(7, 2): Part.SUPPORT}
    assert scores(cited(Section.CRITICISM, 2, 7), parts=support)[2] == Decimal("99.50")
    assert scores(cited(Section.LATE_REPORT, 2, 7)) == scores()
    assert scores(cited(Section.CRITICISM, 2, 7, on=date(2021, 1, 10))) == scores()


def test_other_points_give_other_scores_of_the_same_facts():
    harder = changed(FIGURES, "evaluation", criticised_score=-4.0, late_report_score=-1.0)
    assert scores(cited(Section.CRITICISM, 1, 7), figures=harder)[1] == Decimal("95.00")


def arisen(day: int, *, kind=GroundKind.RED, unit_id=1, matter_id=7) -> Arisen:
    on = date(2020, 7, day)
    return Arisen(on, kind, unit_id, matter_id, on, {})


def test_grounds_part_by_the_day_they_first_stood():
    both, later = arisen(1), arisen(9)
    [one] = talk_differences([both, later, arisen(3, matter_id=8)], [both, arisen(12), arisen(3, matter_id=8)])
    assert (one.kind, one.unit_id, one.matter_id) == (GroundKind.RED, 1, 7)
    assert ([each.day.day for each in one.held], [each.day.day for each in one.other]) == ([9], [12])
    assert talk_differences([both], [both]) == []


def test_what_arises_for_a_unit_on_one_day_is_one_talk():
    some = [arisen(1), arisen(1, matter_id=8), arisen(2), arisen(1, unit_id=2)]
    assert proposed_talks(some) == 3
