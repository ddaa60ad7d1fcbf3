"""What a snapshot proposes and how it is counted, by tables of cases; without a database."""

from datetime import date
from decimal import Decimal

import pytest

from duban.bulletins.rules import (
    Approving,
    Basis,
    BulletinKind,
    CauseWord,
    Change,
    Counted,
    Entry,
    Late,
    Over,
    Said,
    Saying,
    Section,
    Status,
    Stood,
    Unanswered,
    approvals_needed,
    cause_words,
    changes_between,
    facts_words,
    incomplete,
    is_over_target,
    prefilled,
    proposals_of,
    status_of,
    tallies,
    tally,
    usual_opening,
    usual_title,
)
from duban.matters.policy import default_preset, figures_of
from duban.matters.rules import Light, State

pytestmark = pytest.mark.engine_free

POLICY = figures_of(default_preset().values).bulletins
JUNE = date(2020, 6, 30)
RED, YELLOW, GREEN = Light.RED, Light.YELLOW, Light.GREEN
WORDS = cause_words(Section.CRITICISM, POLICY)


def stood(pk=1, light=GREEN, state=State.IN_PROGRESS, progress=None, expected=None, due_on=date(2020, 12, 31)) -> Stood:
    progress = None if progress is None else Decimal(progress)
    return Stood(pk, state, light, due_on, progress, None if expected is None else Decimal(expected))


# ---- status


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"state": State.CLOSED, "light": None}, Status.DONE),
        ({"state": State.CLOSING}, Status.CLOSING),
        ({"state": State.CLOSING, "light": RED, "progress": "10", "expected": "90"}, Status.CLOSING),
        ({"state": State.SUSPENDED, "light": None}, Status.PAUSED),
        ({"state": State.TERMINATED, "light": None}, Status.ENDED),
        ({"state": State.CARRIED_OVER, "light": None}, Status.ENDED),
        ({"light": None, "expected": "0"}, Status.NOT_YET),
        ({"progress": "50", "expected": "50"}, Status.ON_TRACK),
        ({"progress": "40.01", "expected": "50"}, Status.ON_TRACK),
        ({"progress": "40", "expected": "50", "light": YELLOW}, Status.BEHIND),
        ({"progress": "60", "expected": "50", "light": RED}, Status.BEHIND),
        ({"progress": "60", "expected": "50", "light": YELLOW}, Status.ON_TRACK),
        ({"progress": None, "expected": "50", "light": RED}, Status.NOT_STARTED),
        ({"progress": "0", "expected": "0.01"}, Status.NOT_STARTED),
        ({"progress": None, "expected": "0"}, Status.ON_TRACK),
        ({"progress": None, "expected": None}, Status.ON_TRACK),
        ({"progress": None, "expected": None, "light": YELLOW}, Status.BEHIND),
    ],
)
def test_status_of_a_matter_by_its_snapshot_alone(given, status):
    assert status_of(stood(**given), behind_points=10) is status


def test_tallies_add_up_and_what_has_no_leader_stands_last():
    some = [
        Counted(Status.DONE, None, "", "教育局", "教育"),
        Counted(Status.BEHIND, RED, "吴一", "教育局", "教育"),
        Counted(Status.BEHIND, RED, "吴一", "交通局", "交通"),
        Counted(Status.ON_TRACK, GREEN, "吴二", "交通局", ""),
    ]
    whole = tally("合计", some)
    assert (whole.total, whole.statuses, whole.lights) == (
        4,
        {"done": 1, "on_track": 1, "behind": 2},
        {"green": 1, "red": 2},
    )
    assert [(one.name, one.total) for one in tallies(some, by="overseer")] == [("吴一", 2), ("吴二", 1), ("未明确", 1)]
    assert [(one.name, one.total) for one in tallies(some, by="unit")] == [("教育局", 2), ("交通局", 2)]
    assert [(one.name, one.total) for one in tallies(some, by="field")] == [("教育", 2), ("交通", 1), ("未明确", 1)]
    assert sum(whole.statuses.values()) == whole.total


# ---- what changed


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (stood(), stood(light=YELLOW), Change.WORSE),
        (stood(light=YELLOW), stood(light=RED), Change.WORSE),
        (stood(light=None), stood(light=RED), Change.WORSE),
        (stood(light=None), stood(), None),
        (stood(light=RED), stood(light=YELLOW), Change.BETTER),
        (stood(light=RED), stood(light=RED), None),
        (None, stood(light=RED), Change.NEW),
        (stood(light=RED), stood(light=None, state=State.CLOSED), Change.CLOSED),
        (stood(light=None, state=State.CLOSED), stood(light=None, state=State.CLOSED), None),
        (stood(light=None, state=State.CLOSED), stood(light=RED), Change.REOPENED),
        (stood(light=RED), stood(light=None, state=State.SUSPENDED), Change.LEFT),
        (stood(light=None, state=State.SUSPENDED), stood(light=None, state=State.TERMINATED), None),
        (stood(light=None, state=State.SUSPENDED), stood(light=YELLOW), Change.WORSE),
    ],
)
def test_change_between_two_snapshots(before, after, change):
    found = changes_between([before] if before else [], [after])
    assert [one.change for one in found] == ([change] if change else [])


# ---- proposals


def proposals(*some: Stood, **more):
    given = {
        "day": JUNE,
        "leads": {one.matter_id: 10 + one.matter_id for one in some},
        "red_figures": {one.matter_id: {"words": "红"} for one in some},
        "unanswered": [],
        "closed_on": {},
        "over": [],
        "late": [],
        "praised": [],
        "policy": POLICY,
        "year_ends_on": date(2020, 12, 31),
        **more,
    }
    found = proposals_of(some, **given)
    return [(one.section.value, one.unit_id, one.matter_id, sorted(one.figures)) for one in found]


SILENT = Unanswered(1, 11, "临江政督督〔2020〕1号", date(2020, 6, 1), date(2020, 6, 15))


def test_red_and_unanswered_are_one_entry_of_one_unit():
    assert proposals(stood(light=RED), unanswered=[SILENT]) == [("criticism", 11, 1, ["red", "unanswered"])]
    assert proposals(stood(light=YELLOW), unanswered=[SILENT]) == [("criticism", 11, 1, ["unanswered"])]
    other = SILENT._replace(unit_id=99)
    assert proposals(stood(light=RED), unanswered=[other]) == [
        ("criticism", 11, 1, ["red"]),
        ("criticism", 99, 1, ["unanswered"]),
    ]


def test_matter_without_a_lead_accuses_nobody():
    assert proposals(stood(light=RED), leads={}) == []


@pytest.mark.parametrize(
    ("due_on", "closed_on", "is_praised"),
    [
        (date(2020, 12, 30), date(2020, 11, 30), True),
        (date(2020, 12, 30), date(2020, 12, 1), False),
        (date(2020, 9, 30), date(2020, 6, 1), True),
        (date(2020, 9, 30), None, False),
        (date(2020, 12, 31), date(2020, 6, 1), False),  # everybody's day: it has none of its own
        (date(2021, 6, 30), date(2020, 12, 1), True),
    ],
)
def test_praise_asks_for_so_many_days_before_a_due_date_of_its_own(due_on, closed_on, is_praised):
    given = {"closed_on": {1: closed_on} if closed_on else {}}
    found = proposals(stood(state=State.CLOSED, light=None, due_on=due_on), **given)
    assert found == ([("praise", 11, 1, ["early"])] if is_praised else [])


OVER = Over(1, "建成幼儿园3所", Decimal(3), Decimal(4), "所")


def test_over_target_is_praised_unless_the_matter_is_red_or_was_praised_for_it():
    assert proposals(stood(), over=[OVER]) == [("praise", 11, 1, ["over_target"])]
    assert proposals(stood(light=RED), over=[OVER]) == [("criticism", 11, 1, ["red"])]
    assert proposals(stood(), over=[OVER], praised=[(1, Basis.OVER_TARGET)]) == []
    assert proposals(stood(state=State.SUSPENDED, light=None), over=[OVER]) == []


@pytest.mark.parametrize(
    ("value", "sense", "is_over"),
    [("11", ">=", True), ("10.99", ">=", False), ("11", "<=", False), ("11", "=", True), ("11", ">", True)],
)
def test_over_target_by_ten_percent(value, sense, is_over):
    assert is_over_target(Decimal(value), target=Decimal(10), sense=sense, over_pct=10) is is_over


def test_late_and_missing_reports_of_a_unit_are_one_entry_apart_from_late_work():
    late = [
        Late(11, 1, "14", date(2020, 6, 20), date(2020, 6, 24)),
        Late(11, 2, "15", date(2020, 6, 20), None),
        Late(11, 3, "16", date(2020, 6, 20), date(2020, 7, 3)),
        Late(12, 4, "20", date(2020, 6, 20), None),
    ]
    found = proposals_of(
        [], day=JUNE, leads={}, red_figures={}, unanswered=[], closed_on={}, over=[], late=late, praised=[],
        policy=POLICY, year_ends_on=date(2020, 12, 31),
    )  # fmt: skip
    assert [(one.section, one.unit_id, one.matter_id) for one in found] == [
        (Section.LATE_REPORT, 11, None),
        (Section.LATE_REPORT, 12, None),
    ]
    assert facts_words(found[0].figures) == "2020年6月20日一期报告迟报1项（第14项），至今未报2项（第15项、第16项）。", (
        "what came after the snapshot's day was missing on it"
    )


def test_facts_in_sentences():
    unanswered = {"number": "临江政督督〔2020〕1号", "issued_on": "2020-06-01", "due_on": "2020-06-15"}
    assert facts_words({"unanswered": unanswered}) == (
        "2020年6月1日发出的督办函（临江政督督〔2020〕1号）应于2020年6月15日前答复，至今未答复。"
    )
    early = {"closed_on": "2020-11-01", "due_on": "2020-12-31"}
    assert facts_words({"early": early}) == "办结时限为2020年12月31日，已于2020年11月1日销号，提前60天完成。"
    over = {"text": "建成幼儿园3所", "target": "3", "value": "4", "unit": "所"}
    assert facts_words({"over_target": over}) == "“建成幼儿园3所”现为4所，超过目标3所。"


# ---- cause and next step


def said(kind: Said, text: str, day: int = 10) -> Saying:
    return Saying(kind, text, date(2020, 6, day))


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("征地补偿未谈拢。", CauseWord.CLEARANCE),
        ("用地指标没有下达。", CauseWord.LAND),
        ("资金缺口较大。", CauseWord.FUNDS),
        ("环评手续没有办完。", CauseWord.PERMIT),
        ("雨季影响施工。", CauseWord.WORKS),
        ("上级政策调整。", CauseWord.RULE),
        ("部门衔接不畅。", CauseWord.DUTY),
        ("天下太平。", ""),
    ],
)
def test_cause_is_known_by_its_words(text, cause):
    found = prefilled([said(Said.OBSTACLE, text)], section=Section.CRITICISM, words=WORDS)
    assert found.cause == cause
    assert found.cause_note == (text.rstrip("。") if cause else "")


def test_difficulty_goes_before_answer_before_report_and_the_latest_first():
    sayings = [
        said(Said.REPORT, "项目用地未落实，进度滞后。下一步将加快报批。", 20),
        said(Said.CAUSE, "资金没有到位。"),
        said(Said.OBSTACLE, "征迁两户未签。", 1),
        said(Said.OBSTACLE, "手续未批复。", 2),
        said(Said.MEASURES, "倒排工期，8月底前完成。"),
    ]
    found = prefilled(sayings, section=Section.CRITICISM, words=WORDS)
    assert (found.cause, found.cause_note, found.cause_from) == (
        "审批",
        "手续未批复",
        "2020年6月2日单位提出的困难问题",
    )
    assert (found.next_step, found.next_from) == ("倒排工期，8月底前完成。", "2020年6月10日督办函的答复")
    report_only = prefilled(sayings[:1], section=Section.CRITICISM, words=WORDS)
    assert (report_only.cause, report_only.next_step) == ("用地", "下一步将加快报批。")


def test_cause_and_next_step_told_in_one_breath_are_parted():
    answer = said(Said.MEASURES, "受施工条件影响进度偏慢，已倒排工期，由分管领导现场督办。")
    found = prefilled([answer], section=Section.CRITICISM, words=WORDS)
    assert (found.cause, found.cause_note) == ("施工", "受施工条件影响进度偏慢")
    assert found.next_step == "已倒排工期，由分管领导现场督办。"
    no_measures = said(Said.CAUSE, "资金没有到位。")
    found = prefilled([no_measures], section=Section.CRITICISM, words=WORDS)
    assert (found.cause, found.cause_note, found.next_step) == ("资金", "资金没有到位", "")


def test_words_that_only_name_what_follows_are_left_to_the_bulletin():
    report = said(Said.REPORT, "存在问题：部门衔接不畅。下一步，到现场逐项核对。")
    found = prefilled([report], section=Section.CRITICISM, words=WORDS)
    assert (found.cause_note, found.next_step) == ("部门衔接不畅", "到现场逐项核对。")
    answer = said(Said.CAUSE, "主要原因：资金没有到位，下一步：申请追加预算。")
    found = prefilled([answer], section=Section.CRITICISM, words=WORDS)
    assert (found.cause_note, found.next_step) == ("资金没有到位", "申请追加预算。")
    named = said(Said.REPORT, "主要原因：协办单位配合不够及时。")  # only the lead-in says it is a cause
    assert prefilled([named], section=Section.CRITICISM, words=WORDS).cause_note == "协办单位配合不够及时"


def test_measures_alone_are_no_cause():
    found = prefilled([said(Said.MEASURES, "倒排工期，8月底前完成。")], section=Section.CRITICISM, words=WORDS)
    assert (found.cause, found.next_step) == ("", "倒排工期，8月底前完成。")


def test_report_that_tells_of_work_done_is_no_cause():
    done = said(Said.REPORT, "完成施工图设计，资金已拨付到位。")
    found = prefilled([done], section=Section.CRITICISM, words=WORDS)
    assert (found.cause, found.next_step) == ("", "")


def test_cause_outside_the_policys_words_is_not_proposed_and_praise_is_left_to_a_person():
    sayings = [said(Said.OBSTACLE, "资金缺口较大。")]
    assert prefilled(sayings, section=Section.CRITICISM, words=("用地",)).cause == ""
    assert prefilled(sayings, section=Section.PRAISE, words=("责任落实",)).cause == ""


# ---- complete, approved, worded


def test_incomplete_entries_are_named_one_sentence_each():
    entries = [
        Entry(Section.CRITICISM, "第1项（教育局）", "", ""),
        Entry(Section.CRITICISM, "第2项（教育局）", "资金", ""),
        Entry(Section.PRAISE, "第3项（交通局）", "", "继续巩固。"),
        Entry(Section.PRAISE, "第4项（交通局）", "责任落实", "继续巩固。"),
        Entry(Section.LATE_REPORT, "教育局", "", ""),
    ]
    assert incomplete(entries) == [
        "第1项（教育局）没有写明原因，没有写明下一步。",
        "第2项（教育局）没有写明下一步。",
        "第3项（交通局）没有写明主要做法。",
    ]


def test_criticism_and_praise_need_the_government():
    facts = {Approving.FACTS: "director"}
    whole = facts | {Approving.JUDGEMENT: "government_head"}
    assert approvals_needed([], POLICY) == facts
    assert approvals_needed([Section.LATE_REPORT], POLICY) == facts
    assert approvals_needed([Section.LATE_REPORT, Section.PRAISE], POLICY) == whole
    assert approvals_needed([Section.CRITICISM], POLICY) == whole


@pytest.mark.parametrize(
    ("kind", "day", "field", "title"),
    [
        (BulletinKind.REGULAR, JUNE, "", "关于2020年度督查事项上半年进展情况的通报"),
        (BulletinKind.REGULAR, date(2020, 12, 31), "", "关于2020年度督查事项全年进展情况的通报"),
        (BulletinKind.REGULAR, date(2020, 9, 30), "", "关于2020年度督查事项9月底前进展情况的通报"),
        (BulletinKind.SPECIAL, JUNE, "教育", "关于教育事项进展情况的通报"),
    ],
)
def test_usual_title(kind, day, field, title):
    assert usual_title(kind, day=day, field=field) == title


def test_usual_opening_counts():
    some = [Counted(Status.DONE, None, "", "", ""), Counted(Status.BEHIND, RED, "", "", "")]
    assert usual_opening(tally("", some), day=JUNE) == (
        "截至2020年6月30日，列入台账的督查事项共2项，其中已完成1项，滞后1项；在办事项中红灯1项。"
    )
