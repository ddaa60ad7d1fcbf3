import copy

import pytest

from duban.core.errors import Invalid
from duban.matters.policy import (
    GRADES,
    SECTION_LABELS,
    SECTIONS,
    changed_figures,
    default_preset,
    figures_json,
    figures_of,
    presets,
    read_preset,
    stored_figures,
)

pytestmark = pytest.mark.engine_free


def test_preset_holds_every_figure_with_its_source():
    preset = default_preset()
    named = {(one.section, one.name) for one in preset.sources}
    assert named == {(section, name) for section, names in preset.values.items() for name in names}
    assert {one.grade for one in preset.sources} == {"A", "B", "C", "★"}
    assert set(SECTION_LABELS) == set(SECTIONS)


def test_sources_on_screen_are_public_ones_or_say_that_the_choice_is_ours():
    for one in (source for preset in presets().values() for source in preset.sources):
        words = one.text + one.source
        assert [word for word in ("规则依据", "RULES", "§") if word in words] == [], words
        assert one.source


RULES = {
    "assigning": [2, 5, 1, 1, 1],
    "lights": [
        True, 10, 30, "day", [20, 50, 75, 100], True, [[7, 2], [15, 3], [30, 7], [90, 10], [180, 15], [365, 30]],
        10, 5, 2, True, ["06-30", "12-31"],
    ],
    "letters": [
        "government_office", "office_head", "deputy_director", "director", 10, 5, 1, 5, 2, 5, 10, True, 10, 2,
        ["party", "mass", "vertical", "military"], "register", ["政督提", "政督催", "政督办"], False,
    ],
    "reminders": [[10, 5, 1], 1, 1, 1, "08:30", "18:00", "08:00"],
    "bulletins": [
        3, ["资金", "用地", "审批", "征迁", "政策", "施工", "责任"],
        ["责任落实", "部门协同", "要素保障", "提前谋划", "方法创新"], 30, 10, "director", "government_head",
    ],
    "interviews": [10, 2, 2, 3, 10, 30, 2, 10, "leader", "government_head", "government_head", True, "政督约"],
    "reports": [["06-20", "12-20"], 100, 150, True, 3],
    "obstacles": [5, 5],
    "instructions": [10],
    "evidence": [[], 50],
    "changes": [2, 3],
    "closure": [5, 2, True, True, 10, []],
    "visits": [10, 2, 4, 10, 30],
    "objections": [30, 30, 15, 10],
    "evaluation": [False, 100, 0, 0.5, -5, -0.5, -2, -1, -1, -1, 1, -2, -3, 5, 20, "overseers", True, 0.8, 2, 8, False],
    "precedents": [3, 3, 30, 10, 20],
}  # fmt: skip
"""What the rules of this field ask for, section by section, in the order of the sections' figures."""


def test_the_default_holds_every_figure_of_the_rules():
    values = default_preset().values
    assert {section: list(names.values()) for section, names in values.items()} == RULES


@pytest.mark.parametrize(
    ("key", "differing"),
    [
        ("deadlines", {"lights.gap_judged": False, "lights.warning_windows": [[365, 3]]}),
        ("pace", {"lights.schedule": "month", "lights.windows_judged": False}),
    ],
)
def test_a_preset_holds_what_differs_and_its_own_sources(key, differing):
    preset, default = presets()[key], default_preset()
    changes = changed_figures(default.values, preset.values)
    assert {one.place: one.after for one in changes} == differing
    for one, given in zip(preset.sources, default.sources, strict=True):
        assert (one.place, one.grade in GRADES) == (given.place, True)
        assert (one.source == given.source) is (one.place not in differing), one.place


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
        ("lights.warning_windows", [[15, 3], [7, 2]], "跨度应由小到大"),
        ("lights.warning_windows", [[7, 2], [7, 3]], "同一跨度只能有一个提前天数"),
        ("lights.warning_windows", [[7, 9]], "提前天数至少 1 天并小于跨度"),
        ("lights.warning_windows", [[7, 7]], "提前天数至少 1 天并小于跨度"),
        ("lights.warning_windows", [[7, 0]], "提前天数至少 1 天并小于跨度"),
        ("lights.warning_windows", [[7, -2]], "提前天数至少 1 天并小于跨度"),
        ("lights.warning_windows", [[7]], "每组应为"),
        ("lights.warning_windows", [[100000, 3]], "跨度不超过十年"),
        ("lights.warning_windows", [[7, 5], [15, 3]], "提前天数不应越短"),
        ("lights.warning_windows", [], "每组应为"),
        ("lights.gap_yellow_points", 40, "黄灯起点 40 应小于红灯起点 30"),
        ("lights.gap_yellow_points", 0, "黄灯起点 0 应小于红灯起点 30"),
        ("lights.quarter_pct", [20, 50, 75, 90], "最后一个是 100"),
        ("lights.quarter_pct", [-1, 50, 75, 100], "应为四个由小到大的百分比"),
        ("lights.node_grace_workdays", 61, "最多为 60"),
        ("lights.yellow_month_ends_to_red", 0, "至少为 1"),
        ("lights.yellow_month_ends_to_red", 13, "最多为 12"),
        ("lights.snapshot_days", ["06-31"], "日期应写成“月-日”"),
        ("lights.snapshot_days", ["02-29"], "每年都有这一天"),
        ("lights.snapshot_days", ["02-30"], "每年都有这一天"),
        ("lights.snapshot_days", ["W01-1"], "日期应写成“月-日”"),
        ("lights.snapshot_days", ["6-30"], "日期应写成“月-日”"),
        ("lights.snapshot_days", ["06-30", "06-30"], "日期应由早到晚，不重复"),
        ("lights.snapshot_days", [], "日期应由早到晚"),
        ("reports.dates", ["13-01"], "日期应写成“月-日”"),
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
        ("letters.remind_signer", "officer", "没有签发函件的权限"),
        ("letters.supervise_signer", "government_head", "没有签发函件的权限"),
        ("letters.remind_signer", "director", "后一种的签发人职务不应低于前一种"),
        ("letters.supervise_signer", "office_head", "后一种的签发人职务不应低于前一种"),
        ("bulletins.facts_approver", "nobody", "没有“nobody”这种签发人"),
        ("bulletins.judgement_approver", "officer", "通报将无人能批"),
        ("bulletins.judgement_approver", "office_head", "职务不应低于"),
        ("bulletins.praise_causes", [], "至少要有一种主要做法"),
        ("bulletins.praise_early_days", 0, "至少为 1"),
        ("letters.numbering", "by hand", "没有“by hand”这种编号办法"),
        ("reminders.send_at", "8:30", "时间应写成“时:分”"),
        ("reminders.send_at", "19:00", "应在免打扰时段（18:00 至次日 08:00）之外"),
        ("reminders.overdue_every_weeks", 60, "最多为 52"),
        ("evaluation.raters", "anybody", "没有“anybody”这种评价人"),
        ("evaluation.workload_most", 0.9, "下限不大于 1，上限不小于 1"),
        ("evaluation.workload_least", 0, "折算系数应在 0 和 10 之间"),
        ("letters.issuer", "somebody", "没有“somebody”这种发文名义"),
        ("letters.cooldown_workdays", 0, "至少为 1"),
        ("letters.urge_after_overdue_workdays", 0, "至少为 1"),
        ("letters.batches_per_unit_month", 40, "最多为 31"),
        ("letters.urge_after_remind_workdays", 4, "提醒函给了 5 个工作日改正，不能在第 4 个工作日就催办"),
        ("interviews.unanswered_workdays", 9, "督办函给了 10 个工作日答复，不能在第 9 个工作日就以未答复为由约谈"),
        ("interviews.level1_approver", "director", "须经政府主要领导或者区领导批准"),
        ("interviews.level2_approver", "nobody", "没有“nobody”这种批准人"),
        ("interviews.level3_approver", "leader", "上一级的批准人职务不应低于下一级"),
        ("interviews.number_word", "约", "二至八个汉字"),
        ("interviews.recheck_workdays", 0, "至少为 1"),
        ("interviews.report_days", 10, "整改方案还没到期（10 个工作日）就要报送整改情况（10 日）"),
        ("letters.number_words", ["甲", "甲", "乙"], "三种函应各有一个不同的代字"),
        ("letters.number_words", ["政督提", "政督催", " "], "二至八个汉字"),
        ("letters.number_words", ["政督提", "政督催", "督〔2020〕"], "二至八个汉字"),
        ("letters.inviting_unit_types", ["party", "party"], "单位类别写重了"),
        ("letters.inviting_unit_types", ["army"], "单位类别写错了"),
        ("letters.qr_code", 1, "应填“是”或“否”"),
        ("reminders.before_workdays", [1, 5], "提醒日应由远到近"),
        ("reminders.before_workdays", [], "提醒日应由远到近"),
        ("reminders.before_workdays", [5, -1], "提醒日应由远到近"),
        ("reminders.before_workdays", [200, 1], "最早提前 60 个工作日"),
        ("reminders.digests_per_day", 50, "最多为 5"),
        ("assigning.liaisons_per_unit", 2, "每个单位同时只能有一名"),
        ("assigning.deputies_per_unit", 0, "每个单位同时只能有一名"),
        ("assigning.refusals_most", 1000, "最多为 10"),
        ("changes.extensions_most", 99, "最多为 12"),
        ("visits.verifiers", 0, "至少为 1"),
        ("visits.unit_times", 0, "至少为 1"),
        ("visits.report_days", 5, "整改方案还没到期（10 个工作日）"),
        ("evidence.most_mb", 501, "最多为 500"),
        ("evidence.compulsory_kinds", ["all"], "事项类别写错了"),
        ("objections.review_apply_days", 15, "第十七条给了 30 日，规则不能缩短"),
        ("objections.review_decide_days", 45, "第十七条要求 30 日内决定，规则不能延长"),
        ("closure.grades", ["优秀"], "只有一个等次等于不评"),
        ("closure.grades", ["优秀", "优秀"], "不能重复"),
        ("bulletins.causes", ["资金", " "], "不能是空的"),
        ("reports.max_chars", 10**9, "最多为 5000"),
        ("closure.onsite_random_pct", 101, "百分比不能超过 100"),
        ("evaluation.support_ratio", 1.5, "应在 0 和 1 之间"),
        ("evaluation.late_report_score", 0.5, "扣分应写成负数"),
        ("evaluation.praised_score", -1.0, "加分不能是负数"),
        ("evaluation.floor_score", 100, "最低分应低于基准分"),
        ("bulletins.causes", [], "至少要有一个原因类别"),
        ("evaluation.base_score", 0, "至少为 1"),
        ("evaluation.floor_score", -5, "不能是负数"),
        ("evaluation.untrue_score", -101.0, "超过基准分与最低分之差 100"),
        ("evaluation.missing_report_score", -0.2, "漏报扣 0.2 分，比迟报的 0.5 分还轻"),
        ("evaluation.praised_score", 6.0, "加分合计最多 5 分，少于一次表扬的 6 分"),
        ("evaluation.deduction_kinds_most", 9, "扣分项目一共 8 类"),
        ("evaluation.deduction_kinds_most", 7, "有 8 类扣分不为零，超过最多 7 类"),
        ("evaluation.ranking", True, "不计分就无从排名"),
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


def test_a_light_that_would_never_warn_is_refused():
    values = copy.deepcopy(default_preset().values)
    values["lights"] |= {"gap_judged": False, "windows_judged": False}
    with pytest.raises(Invalid) as refusal:
        figures_of(values)
    assert "两样至少要判一样" in refusal.value.message


def test_what_was_adopted_is_read_also_where_it_would_be_refused_today():
    values = copy.deepcopy(default_preset().values)
    values["letters"]["cooldown_workdays"] = 0
    del values["lights"]["gap_judged"], values["visits"]
    stored = stored_figures(values)
    assert (stored.letters.cooldown_workdays, stored.lights.gap_judged, stored.visits.verifiers) == (0, True, 2)


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
