"""Templates: what is shipped, what is filled in, what is refused."""

import pytest

from duban.core.errors import Invalid
from duban.papers.wording import Wording, checked_wording, filled, template_kinds

pytestmark = pytest.mark.engine_free

URGE = template_kinds()["urge"]
GOOD = {
    "title": "关于{年度}年度督查事项的催办函",
    "opening": "{单位}承办的事项未按要求办理：",
    "demand": "请于 {天数} 个工作日内答复。",
}


def test_there_is_a_template_for_every_kind_of_letter_and_the_notice():
    assert list(template_kinds()) == [
        "remind",
        "urge",
        "supervise",
        "courtesy",
        "remind_inviting",
        "urge_inviting",
        "supervise_inviting",
        "courtesy_inviting",
        "assignment",
    ]


@pytest.mark.parametrize("key", template_kinds())
def test_what_is_shipped_would_be_adopted_as_it_stands(key):
    kind = template_kinds()[key]
    assert checked_wording(kind, kind.shipped.parts()) == kind.shipped
    assert "{" not in "".join(filled(kind.shipped, kind.examples()).parts().values())


def test_fields_are_filled_in():
    values = {"年度": "2020", "单位": "区教育局", "天数": "5"}
    assert filled(checked_wording(URGE, GOOD), values) == Wording(
        "关于2020年度督查事项的催办函", "区教育局承办的事项未按要求办理：", "请于 5 个工作日内答复。"
    )


def test_wide_braces_and_blanks_are_taken_as_meant():
    found = checked_wording(URGE, GOOD | {"demand": "  请于 ｛ 天数 ｝ 个工作日内答复。 \n 谢谢。"})
    assert found.demand == "请于 {天数} 个工作日内答复。\n谢谢。"


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"opening": "{局长}："}, "opening", "没有“{局长}”这个字段，可用的是{单位}、{年度}、{天数}"),
        ({"demand": "请尽快答复。"}, "demand", "缺少字段“{天数}”"),
        ({"demand": "请于 {天数 个工作日内答复。{天数}"}, "demand", "没有“{天数 个工作日内答复。{天数}”|不成对"),
        ({"demand": "请于 天数} 个工作日内答复。"}, "demand", "花括号不成对"),
        ({"title": " "}, "title", "请写明标题"),
        ({"title": "关于{单位}的催办函"}, "title", "填入字段后可能有 126 字，不能超过 60 字"),
        ({"opening": "长" * 501}, "opening", "不能超过 500 字"),
    ],
)
def test_template_is_refused_with_the_place_and_the_field(changed, field, message):
    with pytest.raises(Invalid, match=message) as refused:
        checked_wording(URGE, GOOD | changed)
    assert refused.value.field == field
