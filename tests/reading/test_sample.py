"""The notice Duban was made for, read whole."""

import json
from pathlib import Path

import jsonschema
import pytest

from duban.reading import Reading, read_notice
from tests.reading.support import EXAMPLE, LAYOUTS, SAMPLES, differences, expected

pytestmark = pytest.mark.engine_free
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "notice.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sample() -> Reading:
    return read_notice(EXAMPLE.read_bytes(), file_name=EXAMPLE.name)


def matter(sample: Reading, serial: str):
    return next(m for m in sample.matters if m.serial == serial)


def findings(sample: Reading, kind: str) -> list:
    return [finding for finding in sample.findings if finding.kind == kind]


def test_sample_has_every_row_with_every_field(sample):
    rows = expected("quangang-2020-2")
    assert len(rows) == 128
    assert differences(rows, sample.matters) == []
    assert len(sample.matters) == 128


def test_sample_header_facts(sample):
    notice = sample.notice.as_json()
    assert {
        key: notice[key] for key in notice if key not in ("clauses", "tables", "text", "recipients", "copies_to")
    } == {
        "title": "泉港区人民政府办公室关于印发2020年区政府工作报告目标任务责任分解表的通知",
        "document_number": "泉港政办〔2020〕2号",
        "issuer": "泉州市泉港区人民政府办公室",
        "issued_on": "2020-01-22",
        "dated_on": None,
        "year": 2020,
        "declared_items": 157,
        "report_dates": ["2020-06-20", "2020-12-20"],
        "report_length": {"min": 100, "max": 150},
        "contact": {"name": "杨幼梅", "phone": "87987011", "fax": "87975011", "email": "qgzwdc@126.com"},
    }
    assert notice["recipients"] == [
        "石化工业园区",
        "各镇人民政府",
        "山腰街道办事处",
        "区政府各部门",
        "各直属机构",
        "省市直驻泉港各单位",
        "区属各国有企业",
    ]
    assert notice["copies_to"][:6] == ["市府办", "纪委监委", "区委办", "巡察办", "组织部", "统战部"]
    assert notice["copies_to"][-2:] == ["区法院", "检察院"]


def test_sample_rules_carry_their_sentences(sample):
    clauses = {clause.key: clause for clause in sample.notice.clauses}
    assert clauses["declared_items"].value == 157
    assert "157项“法定作业”" in clauses["declared_items"].sentence
    assert clauses["contacts_per_unit"].value == {"deputy": 1, "liaison": 1}
    assert clauses["look_back"].value == "month_end"
    assert clauses["steps"].value[0] == "任务分解"
    assert len(clauses["steps"].value) == 8
    assert {"lights", "letters", "bulletin", "year_end_check", "evaluation", "report_to_lead"} <= set(clauses)
    for clause in clauses.values():
        head = clause.sentence[:12]
        assert head in sample.lines[clause.line - 1].replace(" ", "")


def test_sample_missing_serials(sample):
    (missing,) = findings(sample, "missing_serials")
    assert missing.serials == tuple(str(n) for n in [*range(1, 14), *range(142, 158)])
    assert missing.severity == "warning"


def test_sample_person_without_unit(sample):
    (stranger,) = findings(sample, "person_without_unit")
    assert stranger.serials == ("16",)
    assert stranger.suggestion == {
        "field": "lead_units",
        "action": "add",
        "value": {"name": "自然资源局", "qualifier": None},
    }
    assert "10" in stranger.message


def test_sample_unequal_counts(sample):
    assert [finding.serials for finding in findings(sample, "unequal_counts")] == [("33",), ("80",)]


def test_sample_blank_overseer_is_suggested(sample):
    (blank,) = findings(sample, "blank_cell")
    assert (blank.serials, blank.field) == (("82",), "overseers")
    assert blank.suggestion == {
        "field": "overseers",
        "action": "set",
        "value": [{"name": "谢梓骞", "qualifier": None}],
    }


def test_sample_inherited_rows_are_all_found_and_116_to_121_stand_out(sample):
    inherited = findings(sample, "inherited_cells")
    serials = [serial for finding in inherited for serial in finding.serials]
    assert sorted(serials, key=int) == [m.serial for m in sample.matters if m.inherited]
    assert len(serials) == 27
    (doubtful,) = [finding for finding in inherited if finding.severity == "warning"]
    assert doubtful.serials == ("116", "117", "118", "119", "120", "121")
    assert "安全生产" in doubtful.message
    assert {"name": "应急局", "qualifier": None} in doubtful.suggestion["value"]["candidates"]


def test_sample_links_follow_the_order_where_the_counts_are_equal(sample):
    equal = [m for m in sample.matters if m.persons and len(m.persons) == len(m.lead_units)]
    assert len(equal) == 125
    for m in equal:
        pairs = list(zip([p.name for p in m.persons], [u.name for u in m.lead_units], strict=True))
        assert [(link.person, link.unit) for link in m.links] == pairs


@pytest.mark.parametrize(
    ("serial", "pairs"),
    [
        ("16", [("肖银河", "商务局")]),
        ("33", [("李海军", "财政局"), ("肖坚松", "金融办")]),
    ],
)
def test_sample_links_of_unequal_rows_are_learned_from_the_others(sample, serial, pairs):
    assert [(link.person, link.unit) for link in matter(sample, serial).links] == pairs


def test_sample_oversight_is_learned(sample):
    assert [(o.overseer, o.unit) for o in matter(sample, "15").oversight] == [
        ("黄少伟", "自然资源局"),
        ("柯明好", "商务局"),
    ]


TARGETS = {
    "20": [(7, None, "个", "=", "文体旅游融合试点村")],
    "25": [(100, None, "%", "=", "审批事项"), (80, None, "%", "=", "重点项目")],
    "31": [(40000, None, None, ">", "市场主体总量")],
    "38": [(16100, None, "人", "=", "新增各类人才")],
    "40": [(53, None, "个", "=", "房地产项目"), (3810000, None, "平方米", "=", "施工面积")],
    "53": [(30, None, "个", "=", "村（居）综合文化中心")],
    "54": [(100, None, "场", ">=", "公益文化展演展播")],
    "56": [(15, None, "分钟", "=", "城区健身圈"), (30, None, "分钟", "=", "农村健身圈")],
    "66": [(3, None, "个", "=", "红色文化展示馆")],
    "91": [(12, None, "家", "=", "新改建乡村卫生所")],
    "92": [(17, None, "个", "=", "学校新改扩建项目")],
    "109": [(100, None, "%", "=", "社区"), (70, None, "%", ">=", "建制村")],
    "125": [(6, None, "项", "=", "污染物指标")],
    "128": [(1, 2, "条", "range", "区级示范河湖")],
    "131": [
        (80, None, "%", "=", "村（居）"),
        (100000, None, "元", ">", "村（居）集体经营性收入"),
        (50, None, "%", "=", "村（居）"),
        (200000, None, "元", ">", "村（居）集体经营性收入"),
    ],
}


def test_sample_targets(sample):
    found = {m.serial: [(t.value, t.upper, t.unit, t.sense, t.subject) for t in m.targets] for m in sample.matters}
    assert {serial: targets for serial, targets in found.items() if targets} == TARGETS


def test_sample_cells_say_where_they_come_from(sample):
    read, inherited, blank = (matter(sample, serial).cells for serial in ("19", "20", "82"))
    assert (read["lead_units"].basis, read["lead_units"].line) == ("read", 41)
    assert (inherited["lead_units"].basis, inherited["lead_units"].line) == ("inherited", 41)
    assert inherited["text"].basis == "read"
    assert (blank["overseers"].basis, blank["overseers"].line) == ("blank", None)


@pytest.mark.parametrize("name", LAYOUTS)
def test_other_notice_is_read_whole(name):
    reading = read_notice((SAMPLES / f"{name}.txt").read_bytes())
    assert differences(expected(name), reading.matters) == []


@pytest.mark.parametrize("path", [EXAMPLE, *(SAMPLES / f"{name}.txt" for name in LAYOUTS)], ids=lambda path: path.stem)
def test_output_fits_the_schema(path):
    jsonschema.Draft202012Validator(SCHEMA).validate(read_notice(path.read_bytes()).as_json())


def test_output_is_stable(sample):
    again = read_notice(EXAMPLE.read_bytes())
    assert json.dumps(again.as_json(), ensure_ascii=False) == json.dumps(sample.as_json(), ensure_ascii=False)
    assert list(sample.as_json()) == ["notice", "matters", "findings"]


@pytest.mark.parametrize(
    ("separator", "allowed"), [("|", 0), (" ", 2), ("\n", 1)], ids=["pipes", "blanks", "a cell a line"]
)
def test_sample_without_its_tabs_loses_next_to_nothing(separator, allowed):
    text = EXAMPLE.read_text(encoding="utf-8").replace("\t", separator)
    wrong = {
        line.split()[0].rstrip(":")
        for line in differences(expected("quangang-2020-2"), read_notice(text.encode()).matters)
    }
    assert len(wrong) <= allowed, wrong
