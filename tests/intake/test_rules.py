from datetime import date

import pytest

from duban.intake.rules import (
    Answer,
    PlaceProposal,
    answer_of,
    approval_words,
    as_names,
    changes_a_cell,
    document_key,
    due_in_text,
    government_of,
    group_members,
    is_same_place,
    leader_word,
    nearest_names,
    place_named,
    post_title,
    similar_key,
    value_text,
    with_suggestion,
)
from duban.orgs.rules import Level, PostKind, UnitType

pytestmark = pytest.mark.engine_free


def name(word, qualifier=None):
    return {"name": word, "qualifier": qualifier}


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("", []),
        ("教育局", [name("教育局")]),
        ("教育局 财政局、农水局，人社局", [name("教育局"), name("财政局"), name("农水局"), name("人社局")]),
        ("商务局（口岸办）、商务局 (口岸办)", [name("商务局", "口岸办")]),
        ("各镇（街道）；相关镇（街道）", [name("各镇（街道）"), name("相关镇（街道）")]),
        ("政法委（扫黑办、禁毒办）", [name("政法委", "扫黑办、禁毒办")]),
        ([name("教育局"), "财政局"], [name("教育局"), name("财政局")]),
        ([name(" "), name("教育局", "")], [name("教育局")]),
        (None, []),
    ],
)
def test_names_as_typed(typed, names):
    assert as_names(typed) == names


def test_value_text_is_what_one_writes():
    assert value_text([name("商务局", "口岸办"), name("教育局")]) == "商务局（口岸办）、教育局"
    assert value_text("全年") == "全年"
    assert as_names(value_text([name("商务局", "口岸办"), name("教育局")])) == [
        name("商务局", "口岸办"),
        name("教育局"),
    ]


@pytest.mark.parametrize(
    ("suggestion", "before", "after"),
    [
        ({"action": "add", "value": name("教育局")}, [name("财政局")], [name("财政局"), name("教育局")]),
        ({"action": "add", "value": name("财政局")}, [name("财政局")], [name("财政局")]),
        ({"action": "set", "value": [name("冯远山")]}, [], [name("冯远山")]),
        ({"action": "remove", "value": "财政局"}, [name("财政局"), name("教育局")], [name("教育局")]),
        ({"action": "clear", "value": None}, [name("财政局")], []),
        ({"action": "clear", "value": None}, "全年", ""),
        ({"action": "set", "value": "全年"}, "", "全年"),
        ({"action": "split", "value": ["教育局", "财政局"]}, [name("教育局财政局")], [name("教育局"), name("财政局")]),
        (
            {"action": "replace", "value": {"from": "谢梓赛", "to": "谢梓骞"}},
            [name("谢梓赛", "挂职")],
            [name("谢梓骞", "挂职")],
        ),
        ({"action": "replace", "value": {"from": "祠", "to": "柯"}}, "祠山", "柯山"),
        ({"action": "confirm", "value": {}}, [name("教育局")], [name("教育局")]),
        ({"action": "choose", "value": name("相关镇")}, [name("相关镇")], [name("相关镇")]),
    ],
)
def test_suggestion_applied(suggestion, before, after):
    assert with_suggestion(before, suggestion) == after


@pytest.mark.parametrize(
    ("kind", "suggestion", "answer", "changes"),
    [
        ("inherited_cells", {"action": "confirm"}, Answer.ROW, False),
        ("inherited_cells", {"action": "choose"}, Answer.WORD, False),
        ("unresolved_group", {"action": "choose"}, Answer.GROUP, False),
        ("person_without_unit", {"action": "add"}, Answer.WORD, True),
        ("possible_misprint", {"action": "replace"}, Answer.WORD, True),
        ("unequal_counts", None, Answer.WORD, False),
    ],
)
def test_what_settles_a_finding(kind, suggestion, answer, changes):
    assert (answer_of(kind, suggestion), changes_a_cell(suggestion)) == (answer, changes)


@pytest.mark.parametrize(
    ("group", "members"),
    [
        ("各镇", ["南山镇", "北山乡"]),
        ("各镇（街道）", ["南山镇", "北山乡", "东河街道"]),
        ("各街道", ["东河街道"]),
        ("各国有企业", ["临江城投公司"]),
        ("区政府各部门", ["教育局"]),
        ("相关镇（街道）", []),
        ("各相关镇", []),
        ("其他部门", []),
        ("区直各单位", []),
    ],
)
def test_group_names_every_unit_of_its_kind(group, members):
    units = {
        "南山镇": UnitType.TOWN,
        "北山乡": UnitType.TOWN,
        "东河街道": UnitType.TOWN,
        "临江城投公司": UnitType.ENTERPRISE,
        "教育局": UnitType.DEPARTMENT,
    }
    assert group_members(group, units) == members


@pytest.mark.parametrize(
    ("one", "other", "is_alike"),
    [
        ("区教育局", "教育局", True),
        ("临江区教育局", "教育局", True),
        ("东河街道办事处", "东河街道", True),
        ("发展和改革委员会", "发展和改革委", True),
        ("商务局（口岸办）", "商务局", True),
        ("市教育局", "教育局", False),
        ("教育局", "财政局", False),
    ],
)
def test_two_ways_of_writing_one_unit(one, other, is_alike):
    prefixes = ("临江市临江区", "临江区", "区")
    assert (similar_key(one, prefixes=prefixes) == similar_key(other, prefixes=prefixes)) is is_alike


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("力争9月投入使用。", date(2020, 9, 30)),
        ("6月底前建成，12月底前投入使用。", None),
        ("2021年3月底前完成验收。", date(2021, 3, 31)),
        ("上半年开工。", date(2020, 6, 30)),
        ("开展12月主题活动。", None),
        ("新增人才1.2万人。", None),
    ],
)
def test_day_promised_in_the_text(text, day):
    assert due_in_text(text, year=2020) == day


@pytest.mark.parametrize(
    ("issuer", "place"),
    [
        ("临江市临江区人民政府办公室", PlaceProposal("临江市临江区", "临江区", Level.COUNTY)),
        ("临江区人民政府办公室文件", PlaceProposal("临江区", "临江区", Level.COUNTY)),
        ("青川县人民政府", PlaceProposal("青川县", "青川县", Level.COUNTY)),
        ("临江市人民政府办公室", PlaceProposal("临江市", "临江市", Level.CITY)),
        ("中共临江市委办公室", PlaceProposal("临江市", "临江市", Level.CITY)),
        ("南安市北山镇人民政府", PlaceProposal("南安市北山镇", "北山镇", Level.TOWN)),
        ("督查工作领导小组", None),
        ("", None),
    ],
)
def test_place_an_issuer_speaks_for(issuer, place):
    assert place_named(issuer) == place


def test_government_of_an_office():
    assert government_of("临江区人民政府办公室") == "临江区人民政府"
    assert government_of("临江区人民政府") == "临江区人民政府"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("一、概况。经区政府同意，现印发给你们。请抓好落实。", ("经区政府同意", "经区政府同意，现印发给你们。")),
        (
            "经县政府常务会议研究同意，现通知如下：",
            ("经县政府常务会议研究同意", "经县政府常务会议研究同意，现通知如下："),
        ),
        ("经市委、市政府同意，现印发。", ("经市委、市政府同意", "经市委、市政府同意，现印发。")),
        ("对经省级以上人力资源社会保障部门批准的企业给予补助。", None),
        ("经济社会发展目标任务", None),
    ],
)
def test_words_of_approval(line, words):
    assert approval_words(["通知", line]) == words


def test_titles_of_posts():
    assert leader_word("临江区") == "区领导"
    assert leader_word("青川县") == "县领导"
    assert leader_word("") == "领导"
    assert post_title(PostKind.UNIT_HEAD, unit="教育局", person="王建国") == "教育局主要负责人"
    assert post_title(PostKind.RESPONSIBLE, unit="教育局", person="王建国") == "教育局责任人（王建国）"
    assert post_title(PostKind.LEADER, unit="", person="陈江河", leaders="区领导") == "区领导（陈江河）"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("卫健局", ["卫健委"]),
        ("医保局", ["医保临江分局"]),
        ("农业农村局", ["农水局"]),
        ("水利局", ["农水局"]),
        ("发展和改革局", ["发改局"]),
        ("月亮管理局", []),
        ("=1+1局", []),
    ],
)
def test_names_that_may_mean_the_same_unit(name, nearest):
    names = ["卫健委", "医保临江分局", "农水局", "教育局", "发改局", "自然资源局", "公安分局", "南山镇"]
    assert nearest_names(name, names=names, prefixes=("临江市临江区", "临江区", "临江", "区")) == nearest


@pytest.mark.parametrize(
    ("issuer", "is_same"),
    [
        ("临江市临江区人民政府办公室", True),
        ("临江区人民政府", True),
        ("临江市人民政府办公室", False),
        ("北江市临江区人民政府", False),
        ("南湖县人民政府办公室", False),
    ],
)
def test_issuer_speaks_for_the_jurisdiction(issuer, is_same):
    assert is_same_place(place_named(issuer), name="临江市临江区", short_name="临江区") is is_same


def test_document_numbers_are_one_however_bracketed():
    assert (
        document_key("临江政办〔2020〕5号")
        == document_key("临江政办[2020] 5 号")
        == document_key("临江政办（2020）5号")
    )
