"""Which cause brings which letter: tables of the edge days, without a table of the database."""

from dataclasses import replace
from datetime import date

import pytest

from duban.core.errors import Invalid
from duban.core.workdays import Workdays
from duban.letters.rules import (
    Cause,
    GivenBack,
    LetterKind,
    LetterState,
    Line,
    MatterFacts,
    Owing,
    Returned,
    Sent,
    Standing,
    answer_workdays,
    causes_of,
    checked_words,
    drafts_of,
    ending_of,
    is_cured,
    issuer_name,
    kind_label,
    may_skip_levels,
    number_text,
    signer_of,
    titled,
    wording_of,
    words_of,
)
from duban.lights.rules import Cause as LightCause
from duban.lights.rules import Reason
from duban.matters.policy import default_preset, figures_of
from duban.matters.rules import Light
from duban.papers.wording import Wording, template_kinds

pytestmark = pytest.mark.engine_free

FIGURES = figures_of(default_preset().values)
POLICY = FIGURES.letters
CALENDAR = Workdays()
UNIT, OTHER = 7, 8


def day(text: str) -> date:
    return date.fromisoformat(f"2020-{text}")


GAP = Reason(LightCause.GAP, day("03-01"), day("05-01"))
NODE = Reason(LightCause.NODE, day("03-01"), day("04-20"), due_on=day("03-20"), title="主体封顶")
REPORT = Reason(LightCause.REPORT, day("05-21"), day("06-30"), due_on=day("06-20"))
STRAINED = Reason(LightCause.FORECAST, day("03-01"), None)
UNLIKELY = Reason(LightCause.FORECAST, None, day("03-01"))
MONTH_ENDS = Reason(LightCause.MONTH_ENDS, None, day("05-01"), since=day("03-01"))


def matter(light: Light | None = Light.GREEN, since="03-02", *reasons: Reason, **more) -> MatterFacts:
    given = {
        "id": 1,
        "unit_id": UNIT,
        "state": "in_progress",
        "light": light,
        "light_since": day(since),
        "reasons": reasons,
        **more,
    }
    return MatterFacts(**given)


def sent(kind: LetterKind, state: LetterState, on: str, **more) -> Sent:
    given = {
        "item_id": 50,
        "letter_id": 40,
        "matter_id": 1,
        "unit_id": UNIT,
        "kind": kind,
        "cause": Cause.YELLOW,
        "state": state,
        "key": "",
        "root": f"yellow/1/{UNIT}/2020-03-02",
        "drafted_on": day(on),
        "issued_on": day(on),
        "clock_on": day(on),
        **more,
    }
    return Sent(**given)


def causes(facts: MatterFacts, *earlier: Sent, on: str, policy=POLICY, report_days=()) -> list[Standing]:
    return causes_of(
        [facts],
        earlier,
        day=day(on),
        policy=policy,
        closure_returns=2,
        report_days=report_days,
        calendar=CALENDAR,
    )


def names(found) -> list[str]:
    return [one.line.cause.value for one in found]


# ---- causes


def test_new_yellow_reminds_and_red_supervises_the_lead_that_merges():
    assert names(causes(matter(), on="03-02")) == []
    yellow = causes(matter(Light.YELLOW, "03-02", GAP), on="03-02")
    assert [(one.unit_id, one.kind, one.line.key) for one in yellow] == [
        (UNIT, LetterKind.REMIND, f"yellow/1/{UNIT}/2020-03-02")
    ]
    red = causes(matter(Light.RED, "05-01", replace_red()), on="05-06")
    assert [(one.kind, one.line.cause) for one in red] == [(LetterKind.SUPERVISE, Cause.RED)]


def replace_red() -> Reason:
    return GAP._replace(red_on=day("05-01"))


@pytest.mark.parametrize(
    ("facts", "on"),
    [
        (matter(Light.YELLOW, "03-03", GAP), "03-02"),  # turns only tomorrow: a missed day caught up
        (matter(Light.YELLOW, "03-02", GAP, state="closing"), "03-02"),  # lies with the office
        (matter(Light.YELLOW, "03-02", GAP, state="suspended"), "03-02"),
        (matter(Light.YELLOW, "03-02", GAP, state="closed"), "03-02"),
        (matter(Light.YELLOW, "03-02", GAP, unit_id=0), "03-02"),  # nobody merges
        (matter(None, "03-02"), "03-02"),
        (matter(Light.YELLOW, "05-21", REPORT), "05-21"),  # left to the courtesy batch
    ],
)
def test_light_that_brings_no_letter(facts, on):
    assert names(causes(facts, on=on)) == []


def test_yellow_for_a_report_and_something_else_reminds():
    assert names(causes(matter(Light.YELLOW, "05-21", REPORT, GAP), on="05-21")) == ["yellow"]


@pytest.mark.parametrize(
    ("light", "reasons", "is_scored"),
    [
        (Light.YELLOW, (STRAINED,), False),
        (Light.YELLOW, (STRAINED, GAP), True),
        (Light.RED, (UNLIKELY,), False),
        (Light.RED, (UNLIKELY, GAP._replace(red_on=day("03-01"))), True),
        (Light.RED, (MONTH_ENDS, STRAINED), False),  # yellow at month ends, but only because the unit said so
        (Light.RED, (MONTH_ENDS, STRAINED, GAP), True),
    ],
)
def test_letter_caused_by_the_own_forecast_alone_is_not_scored(light, reasons, is_scored):
    found = causes(matter(light, "03-02", *reasons), on="06-01")
    assert [one.line.is_scored for one in found] == [is_scored]


def test_what_the_office_decided_itself_is_the_light_that_counts():
    facts = matter(Light.YELLOW, "03-02", GAP._replace(red_on=day("03-01")), override_reason="已现场看过")
    found = causes(facts, on="03-02")
    assert names(found) == ["yellow"]
    assert words_of(Cause.YELLOW, found[0].line.figures) == "2020年3月2日起为黄灯。督查室认定：已现场看过。"


@pytest.mark.parametrize(
    ("due", "on", "urged"),
    [
        ("06-30", "06-30", False),  # the due date includes its day
        ("06-30", "07-01", True),
        ("06-19", "06-20", False),  # Friday, then a Saturday: no working day has passed
        ("06-19", "06-22", True),
        ("06-24", "06-25", False),  # 端午
        ("06-24", "06-28", True),  # the Sunday worked for 端午
    ],
)
def test_something_owed_is_urged_one_working_day_after_its_day(due, on, urged):
    facts = matter(owing=(Owing(3, OTHER, "milestone", "主体封顶", day(due)),))
    found = causes(facts, on=on)
    assert [(one.unit_id, one.kind) for one in found] == ([(OTHER, LetterKind.URGE)] if urged else [])


def test_how_long_after_its_day_is_the_policys():
    facts = matter(owing=(Owing(3, UNIT, "final", "办结", day("06-30")),))
    later = replace(POLICY, urge_after_overdue_workdays=3)
    assert [names(causes(facts, on=on, policy=later)) for on in ("07-02", "07-03")] == [[], ["overdue"]]
    at_once = replace(POLICY, urge_after_overdue_workdays=0)
    assert [names(causes(facts, on=on, policy=at_once)) for on in ("06-30", "07-01")] == [[], ["overdue"]]


@pytest.mark.parametrize("kind", ["acknowledge", "contacts", "obstacle", "instruction", "contribution", "letter"])
def test_what_is_only_reminded_of_is_not_urged(kind):
    assert names(causes(matter(owing=(Owing(3, UNIT, kind, "某事", day("06-01")),)), on="07-01")) == []


@pytest.mark.parametrize(("kind", "urged"), [("report", True), ("final", False), ("milestone", False)])
def test_while_the_office_verifies_a_closure_only_reports_are_asked_for(kind, urged):
    facts = matter(state="closing", owing=(Owing(3, UNIT, kind, "某事", day("06-01")),))
    assert bool(causes(facts, on="07-01")) is urged


@pytest.mark.parametrize(
    ("times", "keys"),
    [(1, []), (2, ["returned/report/9/1"]), (3, ["returned/report/9/1"]), (4, ["returned/report/9/2"])],
)
def test_second_return_urges_once(times, keys):
    facts = matter(given_back=(GivenBack(UNIT, Returned.REPORT, 9, times, day("06-20")),))
    assert [one.line.key for one in causes(facts, on="07-01")] == keys


def test_closure_returned_twice_urges():
    facts = matter(given_back=(GivenBack(UNIT, Returned.CLOSURE, 9, 2),))
    found = causes(facts, on="07-01")
    assert [(one.kind, words_of(Cause.RETURNED, one.line.figures)) for one in found] == [
        (LetterKind.URGE, "销号申请已被退回 2 次，尚未重新申请。")
    ]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("03-13", ["yellow"]),  # the fifth working day after 6 March: still in time
        ("03-16", ["yellow", "uncured"]),
    ],
)
def test_reminder_of_a_yellow_uncured_after_five_working_days_urges(on, expected):
    reminder = sent(LetterKind.REMIND, LetterState.ISSUED, "03-06")
    assert names(causes(matter(Light.YELLOW, "03-02", GAP), reminder, on=on)) == expected


@pytest.mark.parametrize(
    "more",
    [
        {"state": LetterState.ANSWERED},  # one line was said: the office looks at it first
        {"state": LetterState.SETTLED},
        {"state": LetterState.SIGNED},
        {"clock_on": None},  # nobody has it yet
        {"is_standing": False},
        {"is_courtesy": True},
        {"unit_id": OTHER},
        {"kind": LetterKind.URGE},
    ],
)
def test_reminder_that_does_not_urge(more):
    given = {"kind": LetterKind.REMIND, "state": LetterState.ISSUED, **more}
    reminder = sent(given.pop("kind"), given.pop("state"), "03-06", **given)
    assert names(causes(matter(Light.YELLOW, "03-02", GAP), reminder, on="04-30")) == ["yellow"]


def test_another_yellow_than_the_one_reminded_of_does_not_urge():
    reminder = sent(LetterKind.REMIND, LetterState.ISSUED, "03-06")
    assert names(causes(matter(Light.YELLOW, "03-09", GAP), reminder, on="04-30")) == ["yellow"]


@pytest.mark.parametrize(("on", "expected"), [("03-20", ["yellow"]), ("03-23", ["yellow", "uncured"])])
def test_nobody_is_urged_for_a_day_still_to_come(on, expected):
    reminder = sent(LetterKind.REMIND, LetterState.ISSUED, "03-06")
    assert names(causes(matter(Light.YELLOW, "03-02", NODE), reminder, on=on)) == expected


@pytest.mark.parametrize(
    ("on", "more", "expected"),
    [
        ("03-13", {}, []),  # the day of the answer itself
        ("03-14", {}, ["unanswered"]),
        ("03-16", {"state": LetterState.ANSWERED}, []),
        ("03-16", {"due_on": None}, []),
        ("03-16", {"is_standing": False}, []),
        ("03-16", {"kind": LetterKind.SUPERVISE}, []),  # what follows is an interview
    ],
)
def test_urging_unanswered_supervises(on, more, expected):
    given = {"kind": LetterKind.URGE, "state": LetterState.ISSUED, "due_on": day("03-13"), **more}
    urging = sent(given.pop("kind"), given.pop("state"), "03-06", **given)
    found = causes(matter(), urging, on=on)
    assert names(found) == expected
    assert [one.kind for one in found] == [LetterKind.SUPERVISE] * len(expected)


@pytest.mark.parametrize(
    ("on", "told"),
    [
        ("06-05", False),
        ("06-08", True),  # the tenth working day before Saturday, 20 June
        ("06-20", True),
        ("06-21", False),
    ],
)
def test_courtesy_ten_working_days_before_a_report(on, told):
    facts = matter(owing=(Owing(3, UNIT, "report", "报送完成情况", day("06-20")),))
    found = causes(facts, on=on, report_days=[day("06-20"), day("12-20")])
    assert [one.line.cause for one in found if one.line.cause is Cause.COURTESY] == [Cause.COURTESY] * told


# ---- drafts


def line(matter_id=1, cause=Cause.YELLOW, key="k") -> Line:
    return Line(matter_id, cause, key, key, {})


REMIND = Standing(UNIT, LetterKind.REMIND, line())
URGE = Standing(UNIT, LetterKind.URGE, line(cause=Cause.OVERDUE, key="u"))
SUPERVISE = Standing(UNIT, LetterKind.SUPERVISE, line(cause=Cause.RED, key="s"))
COURTESY = Standing(UNIT, LetterKind.REMIND, line(cause=Cause.COURTESY, key="c"))
MONDAY = "03-02"


def drafts(*standing: Standing, earlier=(), on=MONDAY, policy=POLICY, **more):
    return drafts_of(standing, list(earlier), day=day(on), policy=policy, calendar=CALENDAR, **more)


def shape(found) -> list[tuple]:
    return [(one.unit_id, one.kind.value, one.is_courtesy, [each.key for each in one.lines]) for one in found]


@pytest.mark.parametrize("on", ["02-29", "03-01", "05-01"])
def test_nothing_is_drafted_on_a_day_nobody_works(on):
    assert drafts(REMIND, on=on) == []


def test_a_sunday_worked_for_a_holiday_has_its_round():
    assert len(drafts(REMIND, on="04-26")) == 1


def test_one_letter_per_unit_and_kind_lists_its_matters():
    second = Standing(UNIT, LetterKind.REMIND, line(2, key="k2"))
    foreign = Standing(OTHER, LetterKind.REMIND, line(3, key="k3"))
    assert shape(drafts(REMIND, second, foreign)) == [
        (UNIT, "remind", False, ["k", "k2"]),
        (OTHER, "remind", False, ["k3"]),
    ]


def test_matter_stands_in_the_gravest_kind_only():
    assert shape(drafts(REMIND, URGE, SUPERVISE)) == [(UNIT, "supervise", False, ["s"])]
    assert shape(drafts(REMIND, URGE)) == [(UNIT, "urge", False, ["u"])]


def test_all_causes_of_the_gravest_kind_stand_in_the_letter():
    returned = Standing(UNIT, LetterKind.URGE, line(cause=Cause.RETURNED, key="r"))
    assert shape(drafts(URGE, returned)) == [(UNIT, "urge", False, ["u", "r"])]


def test_courtesy_is_a_letter_of_its_own_and_gives_way():
    other = Standing(UNIT, LetterKind.REMIND, line(2, Cause.COURTESY, "c2"))
    assert shape(drafts(REMIND, COURTESY, other)) == [
        (UNIT, "remind", False, ["k"]),
        (UNIT, "remind", True, ["c2"]),
    ]


def test_cause_that_brought_a_letter_brings_no_other():
    assert drafts(REMIND, used={"k"}) == []
    dropped = sent(LetterKind.REMIND, LetterState.DROPPED, "01-06", key="k")
    assert drafts(REMIND, earlier=[dropped]) == []


@pytest.mark.parametrize(
    ("kind", "state", "more", "free"),
    [
        (LetterKind.REMIND, LetterState.ISSUED, {}, False),
        (LetterKind.URGE, LetterState.ANSWERED, {}, False),  # a graver one says it already
        (LetterKind.SUPERVISE, LetterState.DRAFTED, {}, False),
        (LetterKind.URGE, LetterState.SETTLED, {}, True),
        (LetterKind.URGE, LetterState.ISSUED, {"is_standing": False}, True),
        (LetterKind.URGE, LetterState.ISSUED, {"unit_id": OTHER}, True),
        (LetterKind.URGE, LetterState.ISSUED, {"matter_id": 2}, True),
        (LetterKind.REMIND, LetterState.DROPPED, {}, True),
        (LetterKind.REMIND, LetterState.WITHDRAWN, {}, True),
    ],
)
def test_live_letter_of_the_same_or_a_graver_kind_says_it_already(kind, state, more, free):
    earlier = sent(kind, state, "01-06", **more)
    assert bool(drafts(REMIND, earlier=[earlier])) is free


def test_a_graver_letter_is_not_held_back_by_a_milder_one():
    earlier = sent(LetterKind.REMIND, LetterState.ISSUED, "02-28")
    assert shape(drafts(REMIND, SUPERVISE, earlier=[earlier])) == [(UNIT, "supervise", False, ["s"])]


@pytest.mark.parametrize(
    ("on", "free"),
    [("03-13", False), ("03-16", True)],  # ten working days after 2 March
)
def test_cool_down_of_ten_working_days_per_matter_and_kind(on, free):
    earlier = sent(LetterKind.REMIND, LetterState.SETTLED, "03-02")
    assert bool(drafts(REMIND, earlier=[earlier], on=on)) is free
    assert len(drafts(URGE, earlier=[earlier], on=on)) == 1, "another kind"


def test_courtesy_counts_for_the_cool_down():
    earlier = sent(LetterKind.REMIND, LetterState.SETTLED, "03-02", is_courtesy=True)
    assert drafts(REMIND, earlier=[earlier], on="03-06") == []


def other_letters(*days: str, **more) -> list[Sent]:
    return [
        sent(LetterKind.REMIND, LetterState.SETTLED, on, matter_id=90 + number, letter_id=90 + number, **more)
        for number, on in enumerate(days)
    ]


def test_two_batched_letters_a_unit_and_month():
    assert len(drafts(REMIND, earlier=other_letters("03-02"), on="03-20")) == 1
    assert drafts(REMIND, earlier=other_letters("03-02", "03-03"), on="03-20") == []
    assert len(drafts(REMIND, earlier=other_letters("03-02", "03-03"), on="04-01")) == 1, "another month"
    assert len(drafts(REMIND, earlier=other_letters("03-02", "03-03", is_batch=False), on="03-20")) == 1
    assert len(drafts(REMIND, earlier=other_letters("03-02", "03-03", unit_id=OTHER), on="03-20")) == 1


def test_the_gravest_takes_the_last_place_of_the_month():
    mild = Standing(UNIT, LetterKind.REMIND, line(2, key="k2"))
    found = drafts(mild, SUPERVISE, COURTESY, earlier=other_letters("03-02"), on="03-20")
    assert shape(found) == [(UNIT, "supervise", False, ["s"])]


def test_draft_in_the_officers_hands_grows_instead_of_a_second_letter():
    standing = other_letters("03-02", "03-03")
    standing[1] = standing[1]._replace(state=LetterState.DRAFTED, issued_on=None)
    found = drafts(REMIND, earlier=standing, on="03-20")
    assert [(one.joins, [each.key for each in one.lines]) for one in found] == [(91, ["k"])]
    presented = [one._replace(state=LetterState.PRESENTED) for one in standing[1:]]
    assert [one.joins for one in drafts(REMIND, earlier=presented, on="03-20")] == [None]


def test_invited_units_are_not_scored():
    assert [one.lines[0].is_scored for one in drafts(REMIND, inviting={UNIT})] == [False]
    assert [one.lines[0].is_scored for one in drafts(REMIND, inviting={OTHER})] == [True]


# ---- cured, skipped


@pytest.mark.parametrize(
    ("root", "state", "light", "standing", "cured"),
    [
        ("yellow/1/7/2020-03-02", "in_progress", Light.GREEN, set(), True),
        ("yellow/1/7/2020-03-02", "in_progress", Light.YELLOW, set(), False),
        ("red/1/7/2020-03-02", "in_progress", Light.YELLOW, set(), False),
        ("red/1/7/2020-03-02", "in_progress", Light.GREEN, set(), True),
        ("overdue/3/2020-03-02", "in_progress", Light.RED, set(), True),
        ("overdue/3/2020-03-02", "in_progress", Light.GREEN, {"overdue/3/2020-03-02"}, False),
        ("returned/report/9/1", "in_progress", Light.GREEN, {"returned/report/9/1"}, False),
        ("returned/report/9/1", "in_progress", Light.YELLOW, set(), True),
        ("hand", "in_progress", Light.GREEN, set(), False),  # by its answer alone
        ("hand", "closed", None, set(), True),
        ("red/1/7/2020-03-02", "suspended", None, set(), True),
    ],
)
def test_what_a_letter_was_about_is_over(root, state, light, standing, cured):
    assert is_cured(root=root, state=state, light=light, standing=standing) is cured


NO_SKIPPING = replace(POLICY, levels_may_be_skipped=False)


@pytest.mark.parametrize(
    ("kind", "earlier", "light", "overdue", "urgent", "policy", "may"),
    [
        (LetterKind.REMIND, [], Light.GREEN, False, False, NO_SKIPPING, True),
        (LetterKind.URGE, [], Light.YELLOW, False, False, POLICY, False),
        (LetterKind.URGE, [], Light.YELLOW, True, False, POLICY, True),
        (LetterKind.URGE, [LetterKind.REMIND], Light.YELLOW, False, False, POLICY, True),
        (LetterKind.SUPERVISE, [LetterKind.REMIND], Light.YELLOW, True, False, POLICY, False),
        (LetterKind.SUPERVISE, [LetterKind.URGE], Light.YELLOW, False, False, POLICY, True),
        (LetterKind.SUPERVISE, [], Light.RED, False, False, NO_SKIPPING, True),
        (LetterKind.SUPERVISE, [], Light.GREEN, False, True, POLICY, True),
        (LetterKind.SUPERVISE, [], Light.GREEN, False, True, NO_SKIPPING, False),
    ],
)
def test_levels_are_skipped_for_urgent_matters_where_the_policy_allows(
    kind, earlier, light, overdue, urgent, policy, may
):
    former = [sent(one, LetterState.SETTLED, "01-06") for one in earlier]
    assert may_skip_levels(kind, former, light=light, is_overdue=overdue, is_urgent=urgent, policy=policy) is may


# ---- words


def test_words_of_a_light_name_each_reason_with_its_figures():
    reasons = (GAP, NODE, STRAINED)
    facts = matter(Light.YELLOW, "03-02", *reasons, progress=800, expected=1850, forecast="strained")
    figures = causes(facts, on="03-23")[0].line.figures
    assert words_of(Cause.YELLOW, figures) == (
        "2020年3月2日起为黄灯。落后序时进度：应完成 18.5%，现报 8%；“主体封顶”应于2020年3月20日完成，已经逾期；"
        "单位预判“有困难但可完成”。"
    )


@pytest.mark.parametrize(
    ("cause", "figures", "words"),
    [
        (
            Cause.OVERDUE,
            {"owed": "milestone", "title": "主体封顶", "due_on": "2020-06-30", "workdays": 3},
            "“主体封顶”应于2020年6月30日前完成，已逾期 3 个工作日。",
        ),
        (
            Cause.OVERDUE,
            {"owed": "report", "title": "报送完成情况", "due_on": "2020-06-20", "workdays": 1},
            "应于2020年6月20日前报送完成情况，至今未报，已逾期 1 个工作日。",
        ),
        (
            Cause.OVERDUE,
            {"owed": "final", "title": "办结", "due_on": "2020-06-30", "workdays": 1},
            "应于2020年6月30日前办结，已逾期 1 个工作日。",
        ),
        (
            Cause.RETURNED,
            {"what": "report", "times": 2, "report_day": "2020-06-20"},
            "2020年6月20日一期的报告已被退回 2 次，尚未重新报送。",
        ),
        (
            Cause.UNANSWERED,
            {"number": "临江政督催〔2020〕1号", "issued_on": "2020-03-06", "due_on": "2020-03-13"},
            "2020年3月6日发出的催办函（临江政督催〔2020〕1号）应于2020年3月13日前答复，至今未答复。",
        ),
        (Cause.COURTESY, {"report_day": "2020-06-20"}, "应于2020年6月20日前报送完成情况。"),
        (Cause.HAND, {"words": "群众反映强烈。"}, "群众反映强烈。"),
    ],
)
def test_words_of_a_cause(cause, figures, words):
    assert words_of(cause, figures) == words


def test_units_that_are_invited_are_asked_politely():
    usual = wording_of(LetterKind.URGE, is_courtesy=False, is_inviting=False, policy=POLICY)
    invited = wording_of(LetterKind.URGE, is_courtesy=False, is_inviting=True, policy=POLICY)
    assert usual.title == "关于督查事项办理情况的催办函"
    assert usual.opening.startswith("你单位")
    assert "5 个工作日内书面说明原因和新的完成时间" in usual.demand
    assert invited.title == "关于商请协助推进督查事项的函"
    assert invited.opening.startswith("贵单位")
    assert invited.demand.startswith("商请")
    assert kind_label(LetterKind.URGE, is_inviting=True) == "催办函（商请）"


def test_courtesy_asks_for_no_answer():
    words = wording_of(LetterKind.REMIND, is_courtesy=True, is_inviting=False, policy=POLICY, report_day=day("06-20"))
    assert words.opening.startswith("2020年6月20日前应报送")
    assert "不需答复" in words.demand


@pytest.mark.parametrize(
    ("kind", "place", "number", "text"),
    [
        (LetterKind.REMIND, "临江区", 1, "临江政督提〔2020〕1号"),
        (LetterKind.URGE, "临江区", 12, "临江政督催〔2020〕12号"),
        (LetterKind.SUPERVISE, "临江", 3, "临江政督办〔2020〕3号"),
        (LetterKind.REMIND, "江区", 1, "江区政督提〔2020〕1号"),
    ],
)
def test_number_as_it_is_printed(kind, place, number, text):
    assert number_text(kind, number=number, year=2020, short_name=place, policy=POLICY) == text


def test_signers_and_answers_are_the_policys():
    assert [signer_of(kind, POLICY) for kind in LetterKind] == ["office_head", "deputy_director", "director"]
    assert [answer_workdays(kind, POLICY) for kind in LetterKind] == [5, 5, 10]
    assert issuer_name("临江市临江区", policy=POLICY) == "临江市临江区人民政府办公室"
    own = replace(POLICY, issuer="supervision_office")
    assert issuer_name("临江市临江区", policy=own) == "临江市临江区人民政府督查室"


@pytest.mark.parametrize(("text", "message"), [("", "请写明理由。"), (" 无 ", "太短"), ("长" * 201, "不超过 200 字")])
def test_words_that_say_nothing_or_too_much(text, message):
    with pytest.raises(Invalid, match=message):
        checked_words(text, what="理由", field="reason", most=200)


@pytest.mark.parametrize(
    ("post", "words"),
    [
        ("副区长", "吴一副区长"),
        ("区委常委、副区长", "区委常委、副区长吴一"),
        ("区领导（吴一）", "区领导吴一"),
        ("区长", "吴一区长"),
    ],
)
def test_leader_in_copy_is_named_with_the_post(post, words):
    assert titled("吴一", post) == words


def test_letters_are_written_from_the_template_in_force_with_its_fields():
    own = {key: kind.shipped for key, kind in template_kinds().items()}
    own["urge"] = Wording("催办函", "{单位}{年度}年度事项：", "请于 {天数} 个工作日内答复。")
    words = wording_of(
        LetterKind.URGE,
        is_courtesy=False,
        is_inviting=False,
        policy=POLICY,
        unit="区教育局",
        year=2020,
        templates=own,
    )
    assert (words.opening, words.demand) == ("区教育局2020年度事项：", "请于 5 个工作日内答复。")


def test_every_letter_ends_with_its_formula():
    assert [ending_of(kind, is_inviting=False) for kind in LetterKind] == ["特此提醒。", "特此催办。", "特此督办。"]
    assert ending_of(LetterKind.URGE, is_inviting=True) == "特此函商。"
