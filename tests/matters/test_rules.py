from datetime import date

import pytest

from duban.core.errors import Invalid
from duban.matters.rules import (
    STATE_LABELS,
    STEPS,
    Kind,
    SettingKey,
    State,
    Step,
    checked_setting,
    count_text,
    is_late,
    matter_name,
    may_step,
    missing_serials,
    order_between,
    propose_due_on,
    propose_field,
    propose_kind,
    propose_livelihood,
    short_name,
)

pytestmark = pytest.mark.engine_free


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6月底前", date(2020, 6, 30)),
        ("2月底", date(2020, 2, 29)),
        ("2021年2月", date(2021, 2, 28)),
        ("9月30日前", date(2020, 9, 30)),
        ("2020年12月", date(2020, 12, 31)),
        ("2021-03-05", date(2021, 3, 5)),
        ("上半年", date(2020, 6, 30)),
        ("第三季度", date(2020, 9, 30)),
        ("四季度前", date(2020, 12, 31)),
        ("全年", date(2020, 12, 31)),
        ("2021年底", date(2021, 12, 31)),
        ("1-6月", date(2020, 6, 30)),
        ("1—12月", date(2020, 12, 31)),
        ("5月上旬", date(2020, 5, 10)),
        ("5月中旬", date(2020, 5, 20)),
        ("5月下旬", date(2020, 5, 31)),
        ("6月底前开工，11月底前完工", date(2020, 11, 30)),
        ("6月20日、12月20日前", date(2020, 12, 20)),
        ("９月３０日", date(2020, 9, 30)),
        ("13月", None),
        ("2月30日", date(2020, 2, 29)),
        ("2020.6", None),
        ("长期", None),
        ("", None),
    ],
)
def test_deadline_is_the_last_day_the_words_mean(text, expected):
    assert propose_due_on(text, year=2020) == expected


@pytest.mark.parametrize(
    ("serial", "placed", "expected"),
    [
        ("5", [], 5.0),
        ("", [], 1.0),
        ("1", [(1.0, "14"), (2.0, "15")], 0.0),
        ("142", [(1.0, "14"), (128.0, "141")], 129.0),
        ("15", [(1.0, "14"), (2.0, "16")], 1.5),
        ("14", [(1.0, "14"), (2.0, "15")], 1.5),
        ("", [(1.0, "14"), (2.0, "15")], 3.0),
        ("二", [(1.0, "一")], 2.0),
        ("②", [(1.0, "①"), (2.0, "③")], 1.5),
        ("²", [(1.0, "１")], 2.0),
        ("9" * 5000, [(1.0, "1")], 2.0),
    ],
)
def test_order_of_a_matter_added_later(serial, placed, expected):
    assert order_between(serial, placed=placed) == expected


def test_serials_in_other_digits_count_as_numbers_and_others_do_not():
    assert missing_serials(["①", "２", "四", "5-1", ""], declared=4) == [3, 4]


def test_thirteen_rows_entered_in_turn_before_the_first_stay_in_order():
    placed = [(1.0, "14")]
    for number in range(1, 14):
        placed = sorted([*placed, (order_between(str(number), placed=placed), str(number))])
    assert [serial for _, serial in placed] == [str(number) for number in range(1, 15)]


@pytest.mark.parametrize(
    ("present", "declared", "missing", "expected"),
    [
        (128, 157, [*range(1, 14), *range(142, 158)], "128 / 157 项，缺 1–13、142–157"),
        (157, 157, [], "157 / 157 项"),
        (12, None, [], "12 项"),
        (0, None, [], "0 项"),
    ],
)
def test_count_never_passes_off_what_is_there_as_the_total(present, declared, missing, expected):
    assert count_text(present=present, declared=declared, missing=missing) == expected


def test_missing_serials_count_numbers_only():
    assert missing_serials(["1", "3", "3-1", "", "四"], declared=4) == [2, 4]
    assert missing_serials(["1"], declared=None) == []


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        (SettingKey.DECLARED_ITEMS, 157, 157),
        (SettingKey.REPORT_DATES, ["2020-12-20", "2020-06-20"], ["2020-06-20", "2020-12-20"]),
        (SettingKey.REPORT_DATES, [date(2020, 6, 20)], ["2020-06-20"]),
        (SettingKey.REPORT_DATES, [], []),
        (SettingKey.REPORT_LENGTH, {"min": 100, "max": 150}, {"min": 100, "max": 150}),
        (SettingKey.CONTACTS_PER_UNIT, 2, {"deputy": 1, "liaison": 1}),
        (SettingKey.LOOK_BACK, "每月底", True),
        (SettingKey.CONTACT, {"name": "某人"}, {"name": "某人", "phone": "", "fax": "", "email": ""}),
    ],
)
def test_setting_has_one_stored_form(key, value, expected):
    assert checked_setting(key, value) == expected


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (SettingKey.DECLARED_ITEMS, 0),
        (SettingKey.DECLARED_ITEMS, "157"),
        (SettingKey.DECLARED_ITEMS, True),
        (SettingKey.REPORT_DATES, ["6月20日"]),
        (SettingKey.REPORT_DATES, None),
        (SettingKey.REPORT_LENGTH, {"min": 150, "max": 100}),
        (SettingKey.REPORT_LENGTH, None),
        (SettingKey.CONTACTS_PER_UNIT, "两名"),
        (SettingKey.CONTACT, "某人"),
    ],
)
def test_setting_that_says_nothing_is_refused(key, value):
    with pytest.raises(Invalid):
        checked_setting(key, value)


@pytest.mark.parametrize(
    ("text", "has_targets", "has_deadline", "expected"),
    [
        ("力争市场主体总量突破4万大关。", True, False, Kind.QUANTIFIED),
        ("启动西部旅游公路建设。", False, False, Kind.MILESTONE),
        ("持续改善营商环境。", False, False, Kind.CONTINUING),
        ("持续改善营商环境。", False, True, Kind.MILESTONE),
        ("办好群众身边的事。", False, False, Kind.CONTINUING),
        ("推动票据服务公司开业运营。", False, False, Kind.MILESTONE),
        ("做好第七次全国人口普查工作。", False, False, Kind.MILESTONE),
        ("加强节能减排，顺利通过石化园区循环化改造验收。", False, False, Kind.MILESTONE),
        ("加强平安校园、智慧校园建设。", False, False, Kind.CONTINUING),
    ],
)
def test_kind_is_proposed_from_the_text(text, has_targets, has_deadline, expected):
    assert propose_kind(text, has_targets=has_targets, has_deadline=has_deadline) == expected


@pytest.mark.parametrize(
    ("text", "field", "is_livelihood"),
    [
        ("新建小学、幼儿园各一所", "教育", True),
        ("甲乙丙", "", False),
        ("扶持发展咨询、法务、财会、文化传媒、规划设计、检验检测等行业。", "产业发展", False),
        ("支持做大“助保贷”“科创贷”等产品规模，试点开展农村集体产权抵押贷款。", "产业发展", False),
        ("筹建中国海峡人才市场分部。", "科技人才", False),
        ("加快53个房地产项目建设,完善教育、医疗、商务、娱乐等基础配套,培育楼宇商圈。", "城乡建设", False),
        ("建成公交综合车站、公交首末站、客运西站一期，提高交通疏解效率。", "交通", False),
        ("延伸提效健身步道，完善构建城区15分钟、农村30分钟健身圈。", "文化旅游", False),
        ("争创全国文明城市、省级文明城区。", "文化旅游", False),
        ("扎实开展“飓风肃毒”“打击成品油走私”等专项行动。", "安全稳定", False),
        ("深化“区管校聘”体制改革，实现工作岗位、职称岗位全员竞聘。", "教育", True),
        ("加强平安校园、智慧校园建设。", "教育", True),
        ("推广“医养结合”居家养老助残模式。", "社会保障", True),
        ("继续开展妇女两癌、常见病免费筛查等关爱服务。", "卫生健康", True),
        ("加快福炼社区老旧小区改造提升。", "城乡建设", True),
        ("落实粮食安全行政首长责任制。", "农业农村", False),
        ("委托开展城市风险评估。", "安全稳定", False),
        ("完善“安全专家指导、企业安全员参与”的交叉检查模式。", "安全稳定", False),
        ("稳步推进土壤污染风险防控试点等工作。", "生态环境", False),
        ("实施农业面源污染整治、废弃矿山复绿等专项工程。", "生态环境", False),
        ("创建省级农民创业基地、市级现代农业产业园。", "农业农村", False),
        ("抓好农村厕所革命。", "农业农村", True),
        ("支持工青妇等群团组织发挥更大作用。", "", False),
    ],
)
def test_field_and_livelihood_are_proposed(text, field, is_livelihood):
    assert (propose_field(text), propose_livelihood(text)) == (field, is_livelihood)


@pytest.mark.parametrize(
    ("met_on", "today", "expected"),
    [
        (None, date(2020, 6, 20), False),
        (None, date(2020, 6, 21), True),
        (date(2020, 6, 20), date(2020, 7, 1), False),
        (date(2020, 6, 21), date(2020, 7, 1), True),
    ],
)
def test_the_due_day_itself_is_in_time(met_on, today, expected):
    assert is_late(due_on=date(2020, 6, 20), met_on=met_on, today=today) is expected


STEPS_OF_EACH_STATE = {
    State.DRAFT: {"register", "edit"},
    State.REGISTERED: {"assign", "edit", "adjust", "extend", "suspend", "split", "carry_over", "terminate"},
    State.ASSIGNED: {"start", "edit", "adjust", "extend", "suspend", "split", "carry_over", "terminate"},
    State.IN_PROGRESS: {"ask_to_close", "edit", "adjust", "extend", "suspend", "split", "carry_over", "terminate"},
    State.CLOSING: {"return", "grant"},
    State.CLOSED: {"reopen"},
    State.SUSPENDED: {"resume", "carry_over", "terminate"},
    State.CARRIED_OVER: set(),
    State.TERMINATED: set(),
}


@pytest.mark.parametrize("state", list(State))
def test_steps_of_each_state(state):
    assert {step.value for step in Step if may_step(state, step)} == STEPS_OF_EACH_STATE[state]
    assert set(STEPS) == set(Step) and state in STATE_LABELS


# ── what a matter is called ──

LONG = "推进老旧小区改造，\n完成 20 个小区的水电气路改造和环境整治。"


@pytest.mark.parametrize(
    ("serial", "heading", "most", "name", "short"),
    [
        ("3", "新建小学1所。", 18, "第3项“新建小学1所”", "第3项"),
        ("3.1", "新建小学1所；", 18, "第3.1项“新建小学1所”", "第3.1项"),
        ("", "新建小学1所。", 18, "“新建小学1所”", "“新建小学1所”"),
        ("", LONG, 18, "“推进老旧小区改造， 完成 20 个…”", "“推进老旧小区改造， 完成 20 个…”"),
        ("12", LONG, 12, "第12项“推进老旧小区改造， 完…”", "第12项"),
        ("12", LONG, None, "第12项“推进老旧小区改造， 完成 20 个小区的水电气路改造和环境整治”", "第12项"),
        ("", "字" * 18, 18, f"“{'字' * 18}”", f"“{'字' * 18}”"),
        ("", "字" * 19, 18, f"“{'字' * 17}…”", f"“{'字' * 17}…”"),
    ],
)
def test_matter_is_named_by_its_serial_and_its_own_words(serial, heading, most, name, short):
    assert matter_name(serial=serial, heading=heading, most=most) == name
    assert short_name(serial=serial, heading=heading) == short
