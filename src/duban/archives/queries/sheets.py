"""What an archive holds as a workbook: the tables an office reads, in the field's own words, one row at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models

from duban.archives.queries.tables import Rows, Table
from duban.documents.long_sheets import LongSheet, Value
from duban.matters.models import Matter, Plan
from duban.matters.queries import LedgerRow, ledger_rows
from duban.matters.rules import KIND_LABELS, LIGHT_LABELS, ORIGIN_LABELS, STATE_LABELS, Kind, Light, Origin, State
from duban.papers.models import IssuedPaper
from duban.papers.rules import PAPER_KIND_LABELS
from duban.visits.models import DrawnMatter, VisitItem
from duban.visits.rules import WHY_LABELS

_CHUNK = 2_000
Column = tuple[str, str, float]
"""A column of a sheet: path of the field, heading, width."""


@dataclass(frozen=True, slots=True)
class SheetOf:
    """One sheet. table: by the name of its data · columns: choices are shown by their words."""

    name: str
    table: str
    columns: Sequence[Column]


_MATTER = ("matter__serial", "序号", 7)
_UNIT = ("unit__name", "单位", 14)

SHEETS: tuple[SheetOf, ...] = (
    SheetOf(
        "应办事宜",
        "obligations",
        (
            _MATTER, _UNIT, ("kind", "种类", 16), ("title", "内容", 36), ("due_on", "期限", 15),
            ("state", "状态", 8), ("met_on", "完成日期", 15), ("waived_reason", "免除理由", 24),
        ),
    ),
    SheetOf(
        "变更",
        "matter_changes",
        (
            _MATTER, ("kind", "种类", 10), ("effective_on", "日期", 15), ("reason", "理由", 40),
            ("approval__basis", "审批依据", 24), ("approval__approved_by_name", "批准人", 12),
            ("approval__document_number", "文号", 20), ("recorded_by_name", "经办人", 10),
        ),
    ),
    SheetOf(
        "进展",
        "progress",
        (
            _MATTER, _UNIT, ("effective_on", "截至", 15), ("pct", "完成百分比", 10), ("sentence", "说明", 60),
            ("forecast", "自我预判", 16), ("recorded_at", "填报时间", 17), ("recorded_by_name", "填报人", 10),
        ),
    ),
    SheetOf(
        "报告",
        "reports",
        (
            _MATTER, _UNIT, ("report_day", "报送日期", 15), ("text", "报告", 80), ("chars", "字数", 7),
            ("state", "状态", 10), ("first_sent_on", "首次报到", 15), ("accepted_by_name", "采用人", 10),
            ("returns", "退回次数", 9),
        ),
    ),
    SheetOf(
        "协办情况",
        "contributions",
        (
            _MATTER, _UNIT, ("report_day", "报送日期", 15), ("text", "协办情况", 60),
            ("is_nothing_new", "无补充", 8), ("given_at", "报送时间", 17),
        ),
    ),
    SheetOf(
        "灯的变化",
        "light_turns",
        (_MATTER, ("day", "日期", 15), ("before", "原来", 8), ("light", "变为", 8)),
    ),
    SheetOf(
        "灯色改判",
        "light_overrides",
        (
            _MATTER, ("judged", "按规则", 8), ("light", "改判为", 8), ("reason", "理由", 40),
            ("made_at", "时间", 17), ("made_by_name", "改判人", 10), ("ended_at", "取消时间", 17),
            ("ended_reason", "取消理由", 30),
        ),
    ),
    SheetOf(
        "困难问题",
        "obstacles",
        (
            _MATTER, _UNIT, ("problem", "问题", 40), ("need", "需要谁做什么", 40), ("state", "状态", 9),
            ("to_unit__name", "提给单位", 14), ("to_post__title", "提给领导", 16), ("raised_at", "提出时间", 17),
            ("closed_at", "销结时间", 17), ("closing_note", "销结说明", 30),
        ),
    ),
    SheetOf(
        "调度会议定事项",
        "decisions",
        (
            ("item__meeting__title", "会议", 24), ("item__meeting__starts_at", "时间", 17),
            ("item__decision", "议定事项", 50), _UNIT, ("state", "状态", 12), ("accepted_at", "认可时间", 17),
        ),
    ),
    SheetOf(
        "批示",
        "instruction_charges",
        (
            ("instruction__matter__serial", "序号", 7), ("instruction__leader_name", "批示领导", 12),
            ("instruction__given_on", "批示日期", 15), ("instruction__text", "批示内容", 60), _UNIT,
            ("state", "状态", 9), ("settled_at", "办结时间", 17), ("settled_note", "办结说明", 30),
        ),
    ),
    SheetOf(
        "函件",
        "letters",
        (
            ("number_text", "编号", 24), ("kind", "种类", 9), _UNIT, ("title", "标题", 36), ("state", "状态", 9),
            ("issued_on", "发出日期", 15), ("signed_by_name", "签发人", 10), ("delivered_on", "送达日期", 15),
            ("settled_at", "办结时间", 17), ("outcome", "结果", 12),
        ),
    ),
    SheetOf(
        "函件所列事项",
        "letter_items",
        (
            ("letter__number_text", "编号", 24), ("letter__unit__name", "单位", 14), _MATTER, ("cause", "事由种类", 14),
            ("words", "事由", 60), ("cured_on", "转好日期", 15), ("removed_reason", "移出理由", 24),
        ),
    ),
    SheetOf(
        "函件答复",
        "letter_answer_lines",
        (
            ("answer__letter__number_text", "编号", 24), ("answer__letter__unit__name", "单位", 14), _MATTER,
            ("answer__answered_on", "答复日期", 15), ("text", "答复", 60), ("new_on", "新的完成时间", 15),
            ("answer__returned_reason", "退回理由", 24),
        ),
    ),
    SheetOf(
        "通报",
        "bulletins",
        (
            ("number_year", "年", 7), ("number", "期", 6), ("total_number", "总第", 7), ("kind", "种类", 10),
            ("title", "标题", 40), ("state", "状态", 9), ("issued_on", "印发日期", 15),
            ("facts_approved_by_name", "事实批准人", 12), ("judgement_approved_by_name", "褒贬批准人", 12),
        ),
    ),
    SheetOf(
        "通报条目",
        "citations",
        (
            ("bulletin__number_year", "年", 7), ("bulletin__number", "期", 6), ("section", "栏目", 12), _MATTER, _UNIT,
            ("facts", "事实", 60), ("cause", "原因", 12), ("next_step", "下一步", 40),
            ("left_out_reason", "不列理由", 24),
        ),
    ),
    SheetOf(
        "变更申请",
        "change_requests",
        (
            _MATTER, _UNIT, ("kind", "种类", 10), ("asked_on", "申请日期", 15), ("cause", "原因", 40),
            ("progress", "进展", 40), ("due_on", "新的时限", 15), ("state", "状态", 9),
            ("refusal_reasons", "不同意的理由", 30),
        ),
    ),
    SheetOf(
        "销号",
        "closures",
        (
            _MATTER, _UNIT, ("attempt", "第几次", 7), ("state", "状态", 12), ("statement", "完成情况", 50),
            ("asked_at", "申请时间", 17), ("agreed_by_name", "签批", 10), ("method", "核验方式", 10),
            ("findings", "核验情况", 40), ("verified_on", "核验日期", 15), ("verifiers", "核验人", 16),
            ("grade", "等次", 8), ("conclusion", "结论", 40), ("granted_at", "销号时间", 17),
            ("return_reasons", "退回理由", 30),
        ),
    ),
    SheetOf(
        "督查计划",
        "planned_checks",
        (
            ("title", "名称", 30), ("kind", "种类", 10), ("supervision_type", "督查类型", 10), ("purpose", "目的", 40),
            ("method", "方式", 12), ("first_on", "开始", 15), ("last_on", "结束", 15),
            ("approval__basis", "审批依据", 24), ("approval__approved_by_name", "批准人", 12),
            ("approval__approved_on", "批准日期", 15), ("approval__document_number", "文号", 20),
            ("planned_by_name", "经办人", 10), ("dropped_reason", "不办的理由", 24),
        ),
    ),
    SheetOf(
        "计划督查的单位",
        "planned_check_units",
        (("plannedcheck__title", "名称", 30), ("plannedcheck__first_on", "开始", 15), _UNIT),
    ),
    SheetOf(
        "核验名单",
        "verification_matters",
        (
            ("draw__number", "第几次", 7), ("draw__as_of", "截至", 15), ("draw__pct", "随机抽取%", 10),
            ("draw__seed", "种子", 24), _MATTER, ("key", "事项", 16), ("why", "为何列入", 24), ("lot", "签号", 24),
            ("draw__replaced_at", "重抽时间", 17),
        ),
    ),
    SheetOf(
        "考查核验",
        "visit_items",
        (
            ("visit__kind", "种类", 10), ("visit__title", "名称", 30), ("visit__visited_on", "日期", 15),
            _MATTER, _UNIT, ("why", "为何核验", 16), ("result", "结果", 10), ("cured_on", "整改到位", 15),
            ("note", "备注", 24),
        ),
    ),
    SheetOf(
        "核验逐条结果",
        "visit_answers",
        (
            ("claim__item__visit__title", "名称", 30), ("claim__item__matter__serial", "序号", 7),
            ("claim__unit__name", "单位", 14), ("claim__words", "单位所报", 50), ("result", "结果", 10),
            ("found", "现场情况", 50), ("is_standing", "采用", 7), ("answered_at", "时间", 17),
            ("answered_by_name", "核验人", 10),
        ),
    ),
    SheetOf(
        "核验整改",
        "visit_rectifications",
        (
            ("visit__title", "名称", 30), _UNIT, ("demand", "整改要求", 50), ("state", "状态", 12),
            ("plan_due_on", "方案期限", 15), ("report_due_on", "报告期限", 15),
        ),
    ),
    SheetOf(
        "线索移送",
        "visit_handovers",
        (
            ("visit__title", "名称", 30), ("matter__serial", "序号", 7), ("recipient", "移送单位", 16),
            ("lead", "线索", 50), ("basis", "批准依据", 24), ("document_number", "文号", 20),
            ("handed_on", "移送日期", 15),
        ),
    ),
    SheetOf(
        "约谈",
        "interviews",
        (
            ("number_text", "编号", 24), ("level", "级别", 10), _UNIT, ("reason", "事由", 50), ("state", "状态", 12),
            ("applied_on", "提起日期", 15), ("approved_by_name", "批准人", 10), ("held_on", "约谈日期", 15),
            ("chair_name", "主持", 10), ("settled_on", "办结日期", 15), ("outcome", "结果", 12),
        ),
    ),
    SheetOf(
        "约谈记录",
        "interview_talks",
        (
            ("interview__number_text", "编号", 24), ("interview__unit__name", "单位", 14), ("chair_name", "主持", 10),
            ("present", "出席", 24), ("absent", "请假", 16), ("reasons", "约谈原因", 50),
            ("explanation", "单位说明", 50), ("undertaking", "单位承诺", 50), ("recorder", "记录", 10),
        ),
    ),
    SheetOf(
        "约谈要求",
        "interview_demands",
        (
            ("talk__interview__number_text", "编号", 24), ("talk__interview__unit__name", "单位", 14),
            ("words", "要求", 50), ("unit_name", "责任单位", 16), ("due_on", "完成时间", 15),
        ),
    ),
    SheetOf(
        "约谈复查",
        "interview_rechecks",
        (
            ("interview__number_text", "编号", 24), ("interview__unit__name", "单位", 14), ("number", "第几次", 7),
            ("checked_on", "复查日期", 15), ("checked_by", "复查人", 16), ("findings", "复查情况", 50),
            ("result", "结果", 10),
        ),
    ),
    SheetOf(
        "复核",
        "objections",
        (
            ("number_text", "编号", 24), ("target", "对什么", 12), ("about", "内容", 40), _UNIT,
            ("grounds", "理由", 50), ("filed_on", "申请日期", 15), ("state", "状态", 12),
            ("reviewer_name", "复核人", 10), ("outcome", "决定", 10), ("reasons", "决定的理由", 50),
            ("decided_at", "决定时间", 17),
        ),
    ),
    SheetOf(
        "考评",
        "score_sheets",
        (
            ("evaluation__title", "考评", 30), _UNIT, ("number", "第几版", 7), ("is_current", "现行", 7),
            ("score", "得分", 9), ("loses_award", "不得评优", 9), ("reason", "更正理由", 40), ("made_at", "时间", 17),
        ),
    ),
    SheetOf(
        "领导评价",
        "leader_ratings",
        (
            ("evaluation__title", "考评", 30), ("leader_name", "领导", 12), _UNIT, ("value", "评价", 8),
            ("note", "说明", 40), ("rated_at", "时间", 17), ("rated_by_name", "录入人", 10),
            ("replaced_at", "改评时间", 17),
        ),
    ),
    SheetOf(
        "考评部门核查结果",
        "evaluation_results",
        (
            ("intake__evaluation__title", "考评", 30), ("intake__file_name", "文件名", 30), _UNIT,
            ("result", "核查结果", 30), ("note", "核查说明", 40), ("intake__taken_at", "载入时间", 17),
        ),
    ),
    SheetOf(
        "督查规则",
        "plan_policies",
        (
            ("policy__number", "版本", 7), ("policy__name", "名称", 24), ("held_from", "起用时间", 17),
            ("policy__reason", "理由", 40), ("policy__adopted_by_name", "启用人", 10),
        ),
    ),
    SheetOf(
        "佐证材料",
        "evidence",
        (
            _MATTER, _UNIT, ("kind", "类别", 8), ("title", "名称", 36), ("file_name", "文件名", 30),
            ("size_bytes", "字节", 10), ("digest", "SHA-256", 66), ("address", "网址", 30),
            ("place", "文号、存放处", 30), ("added_at", "提交时间", 17), ("added_by_name", "提交人", 10),
            ("withdrawn_reason", "撤下理由", 24),
        ),
    ),
    SheetOf(
        "存档公文",
        "papers",
        (
            ("number_text", "编号", 24), ("kind", "种类", 12), ("title", "标题", 40), ("addressee", "主送", 30),
            ("dated_on", "成文日期", 15), ("pdf_digest", "PDF 的 SHA-256", 66), ("docx_digest", ".docx 的 SHA-256", 66),
        ),
    ),
)  # fmt: skip
"""In the order of the workbook, behind the ledger."""


def sheets_of(plan: Plan, *, tables: Mapping[str, Table], as_of: date) -> Iterator[LongSheet]:
    """Yield the sheets of a plan, the ledger first. One statement a sheet; the ledger takes six for 2,000 matters."""
    yield _ledger(plan, as_of=as_of)
    for one in SHEETS:
        table = tables[one.table]
        yield LongSheet(one.name, [(title, width) for _, title, width in one.columns], sheet_rows(one, table, plan))


def sheet_rows(sheet: SheetOf, table: Table, plan: Plan) -> Iterator[list[Value]]:
    """Yield the rows of one sheet of a plan, choices in their words. One statement."""
    paths = [path for path, _, _ in sheet.columns]
    words = [_choices(table.model, path) for path in paths]
    rows: Rows = table.rows
    for values in rows(plan).order_by("pk").values_list(*paths).iterator(chunk_size=_CHUNK):
        yield [_in_words(value, known) for known, value in zip(words, values, strict=True)]


def _in_words(value: Any, known: Mapping[Any, str]) -> Value:
    """Return a value as it is read; of several, each."""
    if isinstance(value, list):
        return "、".join(str(known.get(one, one)) for one in value)
    shown: Value = known.get(value, value)
    return shown


def _choices(model: type[models.Model], path: str) -> dict[Any, str]:
    """Return the words of a field that has choices, found along a path of foreign keys; empty where it has none."""
    *steps, name = path.split("__")
    for step in steps:
        related = model._meta.get_field(step).related_model
        if not isinstance(related, type):
            raise TypeError(f"{path} leads nowhere")
        model = related
    if (model, name) == (IssuedPaper, "kind"):  # its room leaves the list open
        return {one.value: label for one, label in PAPER_KIND_LABELS.items()}
    if (model, name) in ((VisitItem, "why"), (DrawnMatter, "why")):  # a list of them
        return {one.value: label for one, label in WHY_LABELS.items()}
    choices = getattr(model._meta.get_field(name), "choices", None)
    return {value: str(label) for value, label in choices or ()}


_LEDGER: Sequence[tuple[str, float]] = (
    ("序号", 7), ("具体目标任务", 60), ("牵头单位", 20), ("责任人", 12), ("协办单位", 24), ("区分管或联系领导", 14),
    ("状态", 9), ("起始日期", 15), ("办结时限", 15), ("销号日期", 17), ("进展（%）", 9), ("灯", 8), ("改判", 8),
    ("类别", 7), ("领域", 10), ("所属板块", 16), ("量化目标", 24), ("民生", 6), ("短板", 6), ("来源", 12), ("备注", 24),
)  # fmt: skip


def _ledger(plan: Plan, *, as_of: date) -> LongSheet:
    return LongSheet("台账", _LEDGER, (_ledger_row(one) for one in ledger_lines(plan, as_of=as_of)))


def ledger_lines(plan: Plan, *, as_of: date) -> Iterator[LedgerRow]:
    """Yield the lines of a plan's ledger in its order, 2,000 in memory at a time."""
    ids = list(Matter.objects.filter(plan=plan).order_by("order", "pk").values_list("pk", flat=True))
    for start in range(0, len(ids), _CHUNK):
        yield from ledger_rows(ids[start : start + _CHUNK], today=as_of)


def _ledger_row(one: LedgerRow) -> list[Value]:
    return [
        one.serial,
        f"{one.title}\n{one.text}" if one.title else one.text,
        "、".join(one.leads),
        "、".join(one.persons),
        "、".join(one.supports),
        "、".join(one.overseers),
        STATE_LABELS[State(one.state)],
        one.starts_on,
        one.due_on,
        one.closed_at,
        one.progress_pct,
        LIGHT_LABELS[Light(one.light)] if one.light else "",
        LIGHT_LABELS[Light(one.light_override)] if one.light_override else "",
        KIND_LABELS[Kind(one.kind)],
        one.field,
        one.section,
        "；".join(one.targets),
        one.is_livelihood,
        one.is_weakness,
        ORIGIN_LABELS[Origin(one.origin)],
        one.note,
    ]
