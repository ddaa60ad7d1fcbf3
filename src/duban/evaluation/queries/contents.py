"""What an evaluation carries out: the spreadsheet the appraisal office fills in, and the official table."""

from collections.abc import Sequence
from decimal import Decimal

from duban.documents.kinds.evaluation_table import EvaluationTableData, FactLine, UnitLine
from duban.documents.sheets import Column, Value
from duban.documents.sheets import Sheet as Spreadsheet
from duban.evaluation.models import Evaluation
from duban.evaluation.queries.sheets import figures_for, sheets_of
from duban.evaluation.rules import (
    FACT_LABELS,
    STANDING_LABELS,
    STANDING_WORDS,
    EvaluationState,
    FactKind,
    Sheet,
    Standing,
    exact,
    points_of,
)
from duban.matters.policy import Figures
from duban.matters.rules import PART_LABELS, Part, office_name

UNITS_SHEET = "单位汇总"
FACTS_SHEET = "逐条事实"
KEY_TITLE = "编号"
RESULT_TITLE = "核查结果"
NOTE_TITLE = "核查说明"
FACT_RESULTS = ("属实", "不属实")


def plain(value: Decimal) -> str:
    """Return a figure as a person writes it: 0.5, -2, 97.25."""
    return f"{value.normalize():f}" if value else "0"


def printed(value: Decimal) -> str:
    """Return a figure as it is printed: with a minus, not a hyphen."""
    return plain(value).replace("-", "−")


def two(value: Decimal | None) -> str:
    """Return a figure with its two digits; empty for none."""
    return "" if value is None else f"{value:.2f}"


def note_of(sheet: Sheet) -> str:
    """Return what a table says beside a unit."""
    if not sheet.is_type_scored:
        return "不计分"
    if sheet.scored is None:
        return ""
    words = ["取消评先"] if sheet.scored.loses_award else []
    words += ["无领导评价"] if sheet.scored.rating_pct and sheet.scored.rating is None else []
    return "、".join(words)


def method_of(figures: Figures, *, median: Decimal) -> tuple[str, ...]:
    """Return how the figures come about, a paragraph each. Source: docs/sources.md#evaluation"""
    policy = figures.evaluation
    never = "函件、批示、签收、上传材料、照片、阅读时间和回头看都不计入；单位自己预判有困难的也不计入。"
    if not policy.enabled:
        return (f"督查规则没有启用计分，本表只提供事实，是否计分、怎样计分由考评部门决定。{never}",)
    divided = (
        f"折算系数=应办事宜数÷中位数（{plain(median)}），保留两位小数，在{policy.workload_least:g}—"
        f"{policy.workload_most:g}之间。"
        if policy.normalised
        else "不按任务量折算，折算系数都是1。"
    )
    points = "，".join(f"{FACT_LABELS[kind]}{printed(points_of(kind, policy))}" for kind in FactKind)
    rating = (
        f"总分=事实得分×{100 - policy.leaders_rating_pct}%+领导评价平均分×{policy.leaders_rating_pct}%；"
        "没有领导评价的，以事实得分为总分。"
        if policy.leaders_rating_pct
        else "总分就是事实得分。"
    )
    return (
        f"每次分值：{points}；协办单位按{policy.support_ratio:g}计。{_supporting(figures)}",
        f"{divided}核查不实不折算。每行得分=每次分值×次数×牵头或协办比例÷折算系数。",
        f"事实得分={policy.base_score}+扣分合计+加分合计（加分最多{policy.bonus_most:g}），最低{policy.floor_score}。{rating}"
        "各步都四舍五入到两位小数，后一步用前一步的结果。",
        f"核查不实的取消评先资格。{never}",
    )


def _supporting(figures: Figures) -> str:
    """Return in a sentence what a unit loses by a matter it only supports, and what it may do; empty for nothing."""
    led, lost = (printed(fact_points(FactKind.NOT_DONE, part, figures)) for part in (Part.LEAD, Part.SUPPORT))
    if lost == "0":
        return ""
    return (
        f"协办的事项到期没有办结的，每项计{lost}（牵头单位计{led}），不论是哪个单位的原因；"
        "已经尽责的，可以写明情况申请复核。"
    )


def lists_of(sheets: Sequence[Sheet]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return the status lists: (name, what puts a unit on it, its units in their order). No ranking."""
    found = [
        (STANDING_LABELS[one], STANDING_WORDS[one], tuple(each.unit.name for each in sheets if each.standing is one))
        for one in Standing
    ]
    late = tuple(one.unit.name for one in sheets if one.is_late_reporter)
    untrue = tuple(one.unit.name for one in sheets if one.unit.counted(FactKind.UNTRUE))
    found.append(("报送逾期", "有迟报或者漏报，与工作滞后分开列", late))
    found.append(("查出不实", "察访核验查出不实，取消评先资格", untrue))
    return tuple(found)


def fact_points(kind: FactKind, part: Part, figures: Figures) -> Decimal:
    """Return what one fact is worth before it is divided by the workload."""
    policy = figures.evaluation
    points = points_of(kind, policy)
    return points if part is Part.LEAD else points * exact(policy.support_ratio)


def table_data(evaluation: Evaluation, *, is_draft: bool | None = None) -> EvaluationTableData:
    """Return an evaluation as the official table draws it. is_draft: by its state where not given."""
    sheets, figures = sheets_of(evaluation), figures_for(evaluation)
    is_scored = figures.evaluation.enabled
    place = evaluation.plan.jurisdiction
    return EvaluationTableData(
        title=evaluation.title,
        office=office_name(place.short_name),
        until=evaluation.until,
        units=tuple(_unit_line(one) for one in sheets),
        facts=tuple(
            FactLine(
                unit=sheet.unit.name,
                kind=FACT_LABELS[one.kind],
                matter=one.name,
                part=PART_LABELS[one.part],
                on=one.on,
                words=one.words,
                points=printed(fact_points(one.kind, one.part, figures)) if sheet.is_type_scored else "不计分",
            )
            for sheet in sheets
            for one in sheet.unit.facts
        ),
        lists=lists_of(sheets),
        method=method_of(figures, median=sheets[0].median if sheets else Decimal(0)),
        is_scored=is_scored,
        is_draft=evaluation.state != EvaluationState.CONFIRMED if is_draft is None else is_draft,
    )


def _unit_line(sheet: Sheet) -> UnitLine:
    unit, found = sheet.unit, sheet.scored
    return UnitLine(
        unit=unit.name,
        matters=len(unit.matters),
        done=unit.finished(),
        obligations=unit.obligations,
        counts=tuple(unit.counted(kind) for kind in FactKind),
        workload=two(found.workload.divisor) if found else "",
        facts_score=two(found.facts_score) if found else "",
        rating=two(found.rating) if found else "",
        score=two(found.score) if found else "",
        note=note_of(sheet),
    )


def spreadsheets_of(evaluation: Evaluation) -> tuple[Spreadsheet, Spreadsheet]:
    """Return the form the appraisal office is given: a line a unit, a line a fact, each with columns to be filled in.

    The keys in the first column say what a filled-in line belongs to; what is read back goes by them.
    """
    sheets, figures = sheets_of(evaluation), figures_for(evaluation)
    return _units_sheet(sheets, is_scored=figures.evaluation.enabled), _facts_sheet(sheets, figures)


def _units_sheet(sheets: Sequence[Sheet], *, is_scored: bool) -> Spreadsheet:
    columns = [Column(KEY_TITLE, 9, is_centred=True), Column("单位", 18), Column("状态清单", 12, is_centred=True)]
    columns += [Column(one, 9, is_centred=True) for one in ("事项", "已完成", "应办事宜")]
    columns += [Column(FACT_LABELS[one], 10, is_centred=True) for one in FactKind]
    if is_scored:
        columns += [
            Column(one, 10, is_centred=True) for one in ("折算系数", "扣分", "加分", "事实得分", "领导评价", "总分")
        ]
    columns += [Column("备注", 14), Column(RESULT_TITLE, 14), Column(NOTE_TITLE, 30)]
    rows: list[tuple[Value, ...]] = []
    for one in sheets:
        line, found = _unit_line(one), one.scored
        cells: list[Value] = [f"U{one.unit.unit_id}", line.unit, STANDING_LABELS[one.standing]]
        cells += [line.matters, line.done, line.obligations, *line.counts]
        if is_scored:
            bonus = (two(found.deductions), two(found.bonus)) if found else ("", "")
            cells += [line.workload, *bonus, line.facts_score, line.rating, line.score]
        rows.append((*cells, line.note, "", ""))
    return Spreadsheet(UNITS_SHEET, tuple(columns), tuple(rows))


def _facts_sheet(sheets: Sequence[Sheet], figures: Figures) -> Spreadsheet:
    columns = (
        Column(KEY_TITLE, 22),
        Column("单位", 16),
        Column("类别", 12, is_centred=True),
        Column("事项", 40),
        Column("承担", 8, is_centred=True),
        Column("日期", 13, is_centred=True),
        Column("情况", 46),
        Column("每次分值", 10, is_centred=True),
        Column(RESULT_TITLE, 12, is_centred=True, choices=FACT_RESULTS),
        Column(NOTE_TITLE, 30),
    )
    is_scored = figures.evaluation.enabled
    rows: list[tuple[Value, ...]] = []
    for sheet in sheets:
        for one in sheet.unit.facts:
            points = plain(fact_points(one.kind, one.part, figures)) if is_scored and sheet.is_type_scored else ""
            rows.append(
                (
                    one.key,
                    sheet.unit.name,
                    FACT_LABELS[one.kind],
                    one.name,
                    PART_LABELS[one.part],
                    one.on,
                    one.words,
                    points,
                    "",
                    "",
                )
            )
    return Spreadsheet(FACTS_SHEET, columns, tuple(rows))
