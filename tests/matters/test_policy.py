import copy

import pytest

from duban.core.errors import Invalid
from duban.matters.policy import SECTION_LABELS, SECTIONS, default_preset, figures_json, figures_of, read_preset


def test_preset_holds_every_figure_with_its_source():
    preset = default_preset()
    named = {(one.section, one.name) for one in preset.sources}
    assert named == {(section, name) for section, names in preset.values.items() for name in names}
    assert {one.grade for one in preset.sources} == {"A", "B", "C", "★"}
    assert set(SECTION_LABELS) == set(SECTIONS)


def test_sources_on_screen_are_public_ones_or_say_that_the_choice_is_ours():
    for one in default_preset().sources:
        words = one.text + one.source
        assert [word for word in ("规则依据", "RULES", "§") if word in words] == [], words
        assert one.source


def test_preset_figures_are_those_of_the_rules():
    figures = figures_of(default_preset().values)
    assert figures.assigning.acknowledge_workdays == 2
    assert (figures.lights.gap_yellow_points, figures.lights.gap_red_points) == (10, 30)
    assert figures.lights.warning_windows == ((7, 2), (15, 3), (30, 7), (90, 10), (180, 15), (365, 30))
    assert (figures.lights.node_grace_workdays, figures.lights.report_grace_workdays) == (10, 5)
    assert (figures.reports.min_chars, figures.reports.max_chars) == (100, 150)
    assert (figures.changes.extensions_most, figures.changes.decide_workdays) == (2, 3)
    assert (figures.evaluation.enabled, figures.evaluation.ranking) == (False, False)
    assert (figures.evaluation.support_ratio, figures.evaluation.not_done_score) == (0.5, -5.0)


def test_figures_survive_storage():
    figures = figures_of(default_preset().values)
    assert figures_of(figures_json(figures)) == figures


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        ("lights.gap_yellow_points", 30, "黄灯起点 30 应小于红灯起点 30"),
        ("lights.gap_red_points", 101, "黄灯起点 10 应小于红灯起点 101"),
        ("lights.schedule", "weekly", "没有“weekly”这种算法"),
        ("lights.quarter_pct", [20, 50, 75], "应为四个由小到大的百分比"),
        ("lights.quarter_pct", [50, 20, 75, 100], "应为四个由小到大的百分比"),
        ("lights.warning_windows", [[15, 3], [7, 2]], "跨度由小到大"),
        ("lights.warning_windows", [[7, 9]], "提前天数小于跨度"),
        ("lights.warning_windows", [[7, 5], [15, 3]], "提前天数不应越短"),
        ("lights.warning_windows", [], "每组应为"),
        ("lights.snapshot_days", ["06-31"], "日期应写成“月-日”"),
        ("reports.dates", ["12-20", "06-20"], "日期应由早到晚"),
        ("reports.max_chars", 90, "最少 100 字多于最多 90 字"),
        ("reports.min_chars", 0, "至少为 1"),
        ("assigning.acknowledge_workdays", -1, "不能是负数"),
        ("assigning.acknowledge_workdays", 0, "至少为 1"),
        ("assigning.acknowledge_workdays", "两", "应填整数"),
        ("assigning.acknowledge_workdays", True, "应填整数"),
        ("interviews.report_days", 400, "期限超过一年"),
        ("evaluation.bonus_most", float("inf"), "应填数"),
        ("evaluation.not_done_score", float("nan"), "应填数"),
        ("evaluation.praised_score", 10**400, "应填数"),
        ("letters.remind_signer", "nobody", "没有“nobody”这种签发人"),
        ("letters.number_words", ["甲", "甲", "乙"], "三种函应各有一个不同的代字"),
        ("letters.inviting_unit_types", ["army"], "单位类别写错了"),
        ("letters.qr_code", 1, "应填“是”或“否”"),
        ("reminders.before_workdays", [1, 5], "提醒日应由远到近"),
        ("closure.onsite_random_pct", 101, "百分比不能超过 100"),
        ("evaluation.support_ratio", 1.5, "应在 0 和 1 之间"),
        ("evaluation.late_report_score", 0.5, "扣分应写成负数"),
        ("evaluation.praised_score", -1.0, "加分不能是负数"),
        ("evaluation.floor_score", 100, "最低分应低于基准分"),
        ("bulletins.causes", [], "至少要有一个原因类别"),
    ],
)
def test_absurd_or_contradictory_figures_are_refused_in_words(place, value, says):
    values = copy.deepcopy(default_preset().values)
    section, name = place.split(".")
    values[section][name] = value
    with pytest.raises(Invalid) as refusal:
        figures_of(values)
    assert says in refusal.value.message
    assert refusal.value.field is not None and refusal.value.field.startswith(f"{section}.")


def test_missing_and_unknown_figures_are_refused():
    values = copy.deepcopy(default_preset().values)
    del values["changes"]["extensions_most"]
    with pytest.raises(Invalid) as missing:
        figures_of(values)
    assert missing.value.field == "changes.extensions_most"
    with pytest.raises(Invalid) as unknown:
        figures_of({**default_preset().values, "weather": {}})
    assert unknown.value.message == "督查规则中没有“weather”这一部分。"
    with pytest.raises(Invalid) as extra:
        figures_of({**default_preset().values, "changes": {**default_preset().values["changes"], "colour": 1}})
    assert extra.value.field == "changes.colour"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[changes", "规则文件写法有误"),
        ("[changes]\nextensions_most = 2", "没有写明数值"),
        ("[changes.extensions_most]\nvalue = 2\ngrade = 'A'\ntext = '最多'", "没有写明出处"),
        ("[changes.extensions_most]\nvalue = 2\ngrade = 'Z'\nsource='x'\ntext = '最多'", "没有写明出处、等级"),
    ],
)
def test_preset_file_without_sources_is_refused(text, says):
    with pytest.raises(Invalid) as refusal:
        read_preset(text, key="own")
    assert says in refusal.value.message
