"""Any text at all: nothing crashes, nothing is lost, time grows with length."""

import time

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duban.reading import NotReadable, Reading, read_notice
from tests.reading.support import EXAMPLE, LAYOUTS, SAMPLES, read
from tests.reading.test_sample import SCHEMA

pytestmark = pytest.mark.engine_free

WORDS = """
序号 工作任务 具体目标任务 牵头单位 责任单位 责任人 协办单位 责任领导 完成时限 备注 项目名称 类别
1 2 3 14 （一） 一、 二、 1. 2. （1） (2) ① 第一条 附件 附件2 抄送： 注：
教育局 县财政局 各镇（街道） 相关单位 区直有关单位各镇 残 联 海关 办事处 等 和 及
王力 李小明 江 岚 张省长 副县长赵刚 12月底 全年 2020年6月20日前 二〇二〇年一月一日
建设学校2所。 推进工作， 突破4万 80%以上 1-2条 “四位一体” 第三届 百场以上 不超过20名
（ ） ( ) 〔 〕 [ ] “ ” 《 》 ： ； 、 ， 。 | — --- " ' # ** <br> （牵头单位：县教育局；责任单位：县财政局）
（县教育局牵头，县财政局配合） 牵头单位：县教育局 责任单位： 关于印发方案的通知
"""
BREAKS = [
    "\t",
    "\n",
    "\n\n",
    "\r\n",
    "\f",
    " ",
    "　",
    "序号\t任务\t责任单位\n",
    "|序号|任务|责任单位|\n|---|---|---|\n",
]
FRAGMENTS = st.one_of(st.sampled_from(WORDS.split()), st.sampled_from(BREAKS))
NOTICES = st.lists(FRAGMENTS, max_size=60).map("".join)


def lost_lines(reading: Reading) -> list[int]:
    """Return the lines that are not blank and stand neither in the result nor in a finding unread_text."""
    kept = {number for matter in reading.matters for number in matter.lines}
    kept |= {line.line for line in reading.notice.text}
    kept |= {n for finding in reading.findings if finding.kind == "unread_text" for n in finding.lines}
    return [number for number, text in enumerate(reading.lines, start=1) if text.strip() and number not in kept]


def read_if_text(data: bytes) -> Reading | None:
    try:
        return read_notice(data)
    except NotReadable as refused:
        assert refused.message_zh
        return None


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(NOTICES, st.text(max_size=400)))
def test_any_text_is_read_and_no_line_is_lost(text):
    reading = read_if_text(text.encode("utf-8", "surrogatepass"))
    if reading is not None:
        assert lost_lines(reading) == []
        jsonschema.Draft202012Validator(SCHEMA).validate(reading.as_json())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    read_if_text(data)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 8000), st.integers(1, 400), NOTICES)
def test_a_damaged_notice_is_read_and_no_line_is_lost(start, length, patch):
    text = EXAMPLE.read_text(encoding="utf-8")
    reading = read(text[:start] + patch + text[start + length :])
    assert lost_lines(reading) == []


@pytest.mark.parametrize("path", [EXAMPLE, *(SAMPLES / f"{name}.txt" for name in LAYOUTS)], ids=lambda path: path.stem)
def test_no_line_of_a_real_notice_is_lost(path):
    reading = read_notice(path.read_bytes())
    assert lost_lines(reading) == []
    claimed = [number for matter in reading.matters for number in matter.lines]
    outside = {line.line for line in reading.notice.text}
    assert not outside & set(claimed)


def test_the_words_of_every_line_stand_in_the_output():
    reading = read_notice(EXAMPLE.read_bytes())
    values: list[str] = [m.raw for m in reading.matters]
    values += [line.text for line in reading.notice.text]
    values += [finding.evidence or "" for finding in reading.findings]
    whole = "\n".join(values)
    assert [line for line in reading.lines if line.strip() and line.strip() not in whole] == []


def test_a_row_with_forty_units_keeps_them_all():
    units = [f"{a}{b}局" for a in "甲乙丙丁戊己庚辛" for b in "东西南北中"]
    reading = read("序号\t任务\t责任单位\n1\t建学校。\t" + "、".join(units) + "\n")
    assert [unit.name for unit in reading.matters[0].lead_units] == units
    assert len(units) == 40


def test_one_enormous_line_is_no_trap():
    begin = time.perf_counter()
    reading = read("1.推进工作" + "（甲" * 3000 + "，" * 3000 + "牵头单位：" * 500 + "。" * 3000)
    assert lost_lines(reading) == []
    assert time.perf_counter() - begin < 5


def rows(count: int) -> bytes:
    line = "{0}\t推进第{0}号学校建设，完成投资{0}万元。\t教育局 财政局\t王力 李明\t各镇（街道） 相关单位\t赵刚 孙立\n"
    head = "序号\t具体目标任务\t牵头单位\t责任人\t协办单位\t责任领导\n"
    return (head + "".join(line.format(number) for number in range(1, count + 1))).encode()


def test_twenty_thousand_rows_are_all_read_in_time_that_grows_with_their_number():
    begin = time.perf_counter()
    few = read_notice(rows(2000))
    middle = time.perf_counter()
    many = read_notice(rows(20000))
    end = time.perf_counter()
    assert (len(few.matters), len(many.matters)) == (2000, 20000)
    assert many.matters[-1].serial == "20000"
    assert (end - middle) / (middle - begin) < 20
