"""Cells → names."""

import pytest

from duban.reading import names

pytestmark = pytest.mark.engine_free


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("城管局 文体旅游局 商务局", ["城管局", "文体旅游局", "商务局"]),
        ("民政局 残 联", ["民政局", "残联"]),
        ("侨 办 侨 联 供销联社", ["侨办", "侨联", "供销联社"]),
        ("海关临江 办事处", ["海关临江办事处"]),
        ("商务局 (口岸办)", ["商务局（口岸办）"]),
        ("商务局(口岸办)、粮食局", ["商务局（口岸办）", "粮食局"]),
        ("区直有关单位各镇（街道）", ["区直有关单位", "各镇（街道）"]),
        ("各相关镇(街道)", ["各相关镇（街道）"]),
        ("各县（市、区）人民政府，各有关部门", ["各县（市、区）人民政府", "各有关部门"]),
        ("各县、区人民政府(管委会)", ["各县、区人民政府（管委会）"]),
        ("各镇、街道", ["各镇、街道"]),
        ("开发区,各街道、区直各部门", ["开发区", "各街道", "区直各部门"]),
        ("市发改委、统计局", ["市发改委", "统计局"]),
        ("市发展和改革局、工业和信息化局", ["市发展和改革局", "工业和信息化局"]),
        ("市委办及各有关单位", ["市委办", "各有关单位"]),
        ("县住房和城乡建设局和县水务局", ["县住房和城乡建设局", "县水务局"]),
        ("区科技局、区商务局等", ["区科技局", "区商务局"]),
        ("区科技局、区商务局等部门", ["区科技局", "区商务局"]),
        ("区商务局等各产业、招商主管部门", ["区商务局", "各产业、招商主管部门"]),
        ("能源局等省有关部门和各市人民政府", ["能源局", "省有关部门", "各市人民政府"]),
        ("农业农村\n局\n水利局", ["农业农村局", "水利局"]),
        ("教育局；财政局/审计局", ["教育局", "财政局", "审计局"]),
        ("教育局、教育局", ["教育局"]),
        ("市税务局（列第一位者为牵头单位，下同）", ["市税务局"]),
        ("縣財政局、各鄉鎮", ["縣財政局", "各鄉鎮"]),
        ("无", []),
        ("/", []),
        ("", []),
    ],
)
def test_units(cell, shown):
    assert [name.display for name in names.units(cell)] == shown


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("李海军 江 岚 吴文辉", ["李海军", "江岚", "吴文辉"]),
        ("陆 明俞 悦", ["陆明", "俞悦"]),
        ("张  三", ["张三"]),
        ("江 岚、肖 军", ["江岚", "肖军"]),
        ("李明、王芳，赵小兵", ["李明", "王芳", "赵小兵"]),
        ("李明 黄金宝 (镇长人选)", ["李明", "黄金宝（镇长人选）"]),
        ("副县长张小明 李四", ["张小明", "李四"]),
        ("县委常委、常务副县长李四", ["李四"]),
        ("周大伟省长", ["周大伟"]),
        ("欧阳明华", ["欧阳明华"]),
        ("刘冰李海军", ["刘冰", "李海军"]),
        ("阿卜杜拉·买买提", ["阿卜杜拉·买买提"]),
        ("各镇镇长", ["各镇镇长"]),
        ("王强（副县长）等", ["王强（副县长）"]),
        ("", []),
    ],
)
def test_persons(cell, shown):
    assert [name.display for name in names.persons(cell)] == shown


@pytest.mark.parametrize(
    "cell",
    ["县教育局 王大力\n县财政局 李小红", "县教育局（王大力）、县财政局（李小红）", "县教育局：王大力 县财政局：李小红"],
)
def test_units_and_persons_in_one_cell(cell):
    units, persons, pairs = names.units_and_persons(cell)
    assert [unit.name for unit in units] == ["县教育局", "县财政局"]
    assert [person.name for person in persons] == ["王大力", "李小红"]
    assert pairs == (("王大力", "县教育局"), ("李小红", "县财政局"))


@pytest.mark.parametrize(
    ("name", "group", "open_group"),
    [
        ("各镇（街道）", True, False),
        ("区直有关单位", True, True),
        ("相关镇（街道）", True, True),
        ("县直各单位", True, False),
        ("教育局", False, False),
    ],
)
def test_groups(name, group, open_group):
    assert (names.is_group(name), names.is_open_group(name)) == (group, open_group)


@pytest.mark.parametrize(
    ("word", "is_person"),
    [("江岚", True), ("江 岚", True), ("金融办", False), ("全年", False), ("欧阳锋", True), ("张", False)],
)
def test_looks_like_person(word, is_person):
    assert names.looks_like_person(word) is is_person
