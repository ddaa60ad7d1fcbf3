from datetime import date

import pytest

from duban.core.errors import Invalid
from duban.superiors.rules import SUPERIOR_FIELDS, checked_dealing, checked_superior

pytestmark = pytest.mark.engine_free

TASK = {"department": "市教育局", "task": "2020年新建公办园计划"}
TODAY = date(2020, 2, 3)


def test_words_stand_on_one_line_and_the_rest_may_be_empty():
    words = checked_superior({**TASK, "contact": " 郑\n科长 "})
    assert words == {**dict.fromkeys(SUPERIOR_FIELDS, ""), **TASK, "contact": "郑 科长"}


@pytest.mark.parametrize(
    ("wrong", "said", "field"),
    [
        ({"department": " "}, "请写明上级部门。", "department"),
        ({"task": "x"}, "请写明任务或文件。", "task"),
        ({"task": "字" * 201}, "“任务或文件”不超过 200 字，现在 201 字。", "task"),
        ({"phone": "1" * 41}, "“电话”不超过 40 字，现在 41 字。", "phone"),
    ],
)
def test_what_is_missing_or_too_long_is_refused(wrong, said, field):
    with pytest.raises(Invalid) as refusal:
        checked_superior({**TASK, **wrong})
    assert (refusal.value.message, refusal.value.field) == (said, field)


def test_dealing():
    assert checked_dealing(held_on=TODAY, with_whom=" 市教育局 ", outcome="同意\n立项。", today=TODAY) == (
        "市教育局",
        "同意 立项。",
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"held_on": date(2020, 2, 4)}, "held_on"),
        ({"with_whom": ""}, "with_whom"),
        ({"with_whom": "字" * 61}, "with_whom"),
        ({"outcome": " "}, "outcome"),
        ({"outcome": "字" * 201}, "outcome"),
    ],
)
def test_bad_dealing_is_refused(wrong, field):
    given = {"held_on": TODAY, "with_whom": "市教育局", "outcome": "同意立项。", "today": TODAY, **wrong}
    with pytest.raises(Invalid) as refusal:
        checked_dealing(**given)
    assert refusal.value.field == field
