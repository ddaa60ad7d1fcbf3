"""Titles broken by their words."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from duban.documents.titles import break_title, width_of

pytestmark = pytest.mark.engine_free

WORDS = (
    "关于 印发 临江区 人民政府 办公室 2020年 《政府工作报告》 目标任务 责任分解表 的 通知 督查事项 落实情况 、 "
    "80% 〔2020〕2号 第3期 （试行） 和 了 A1B2 完成 𠮷"
)
NAMES = ("昇玥喆", "江河水务公司", "松岭镇人民政府", "国网临江供电公司")
NO_START = "的了、，。：；）》〕％%"


@pytest.mark.parametrize(
    ("title", "names", "lines"),
    [
        (
            "临江区人民政府办公室关于印发2020年区政府工作报告目标任务责任分解表的通知",
            (),
            ("临江区人民政府办公室", "关于印发2020年区政府工作报告", "目标任务责任分解表的通知"),
        ),
        ("关于督查事项办理情况的催办函", (), ("关于督查事项办理情况的催办函",)),
        (
            "关于商请国网临江供电公司协助推进督查事项的函",
            ("国网临江供电公司",),
            ("关于商请国网临江供电公司", "协助推进督查事项的函"),
        ),
        (
            "关于2020年《政府工作报告》目标任务上半年完成情况的通报",
            (),
            ("关于2020年《政府工作报告》", "目标任务上半年完成情况的通报"),
        ),
        (
            "临江区人民政府办公室关于约谈松岭镇人民政府、江河水务公司主要负责人的通知",
            ("松岭镇人民政府", "江河水务公司"),
            ("临江区人民政府办公室", "关于约谈松岭镇人民政府、", "江河水务公司主要负责人的通知"),
        ),
        (
            "临江区人民政府办公室关于进一步加强和改进全区重点项目建设和民生实事项目督查督办工作的通知",
            (),
            ("临江区人民政府办公室", "关于进一步加强和改进全区重点项目", "建设和民生实事项目督查督办工作的通知"),
        ),
        (
            "2020年区政府工作报告目标任务上半年完成情况汇总表",
            (),
            ("2020年区政府工作报告", "目标任务上半年完成情况汇总表"),
        ),
        ("2020年上半年区政府工作报告目标任务完成情况通报", (), ("2020年上半年区政府工作报告", "目标任务完成情况通报")),
    ],
)
def test_title_of_the_field_breaks_where_its_officers_break_it(title, names, lines):
    assert break_title(title, names, 20) == lines


def test_writers_own_break_is_kept():
    assert break_title("关于督查事项\n办理情况的催办函", (), 20) == ("关于督查事项", "办理情况的催办函")


def test_name_wider_than_a_line_is_broken_all_the_same():
    name = "临江市临江区江东工业园区管理委员会综合行政执法与应急管理联合指挥调度中心办公室筹备组"
    lines = break_title(f"关于{name}的通知", (name,), 20)
    assert "".join(lines) == f"关于{name}的通知"
    assert max(map(width_of, lines)) <= 20


def test_widths():
    assert (width_of("督查2020年"), width_of("《A》")) == (5, 2.5)
    with pytest.raises(ValueError, match="1"):
        break_title("关于督查", (), 1)


titles = st.lists(st.sampled_from([*WORDS.split(), *NAMES]), min_size=1, max_size=30).map("".join)


@given(title=titles, widest=st.sampled_from([10, 16, 20, 28]))
def test_lines_make_up_the_title_part_no_name_and_keep_the_width(title, widest):
    lines = break_title(title, NAMES, widest)
    assert "".join(lines) == title
    assert all(0 < width_of(one) <= widest for one in lines)
    if len(lines) > 1:
        assert all(len(one) > 1 for one in lines)
    for name in NAMES:
        assert sum(one.count(name) for one in lines) == title.count(name)


@given(title=titles)
def test_no_line_begins_with_what_belongs_to_the_line_before(title):
    assume(not any(f"{one}{other}" in title for one in NO_START for other in NO_START))
    assume(title[0] not in NO_START)
    assert all(one[0] not in NO_START for one in break_title(title, (), 20))


@given(title=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120))
def test_any_text_is_broken_within_the_width(title):
    lines = break_title(title, (), 20)
    assert "".join(lines) == title
    assert all(width_of(one) <= 20 for one in lines)
