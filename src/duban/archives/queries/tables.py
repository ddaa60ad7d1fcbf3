"""What an archive holds as data: a closed list of tables, each narrowed to one plan, read in pieces.

A new table is one line here, or one in LEFT_OUT with the reason: a test sees to it. Names of files and columns are
stable; docs/archive.schema.json describes them and is written by `schema`.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from duban.archives.models import PlanClosing
from duban.audit.models import Event
from duban.audit.rules import EventName, changes_nothing
from duban.bulletins.models import Bulletin, BulletinReader, BulletinReceipt, Citation, Correction, UnitCheck
from duban.changes.models import ChangeRequest
from duban.closing.models import Closure, ClosureItem
from duban.closing.rules import IN_UNIT
from duban.core.clock import SHANGHAI
from duban.evaluation.models import Evaluation, LeaderRating, OfficeResult, ResultIntake, ScoreSheet
from duban.evidence.models import Evidence
from duban.instructions.models import Charge, Feedback, Instruction
from duban.intake.models import Cell, Finding, NameReading, Notice, Row
from duban.interviews.models import DecisionScan, Demand, Dismissal, Interview, InterviewGround, Recheck, TalkRecord
from duban.interviews.models import Rectification as InterviewRectification
from duban.letters.models import AnswerLine, Letter, LetterAnswer, LetterItem, Receipt
from duban.lights.models import LightTurn, Override, Snapshot, SnapshotRow
from duban.matters.models import (
    Approval,
    Assignment,
    Matter,
    MatterChange,
    Milestone,
    NamedGroup,
    Obligation,
    Overseer,
    Plan,
    PlanPolicy,
    PlanSetting,
    Policy,
    Target,
)
from duban.objections.models import Objection
from duban.obstacles.models import AgendaItem, Decision, DecisionReply, Meeting, Obstacle, Round
from duban.orgs.models import Appointment, Jurisdiction, Person, Post, Unit, UnitContact, UnitGroup
from duban.papers.models import IssuedPaper, PaperScan
from duban.progress.models import Figure, LookBack, Progress, Schedule
from duban.reports.models import Contribution, HollowMark, Report, ReportVersion
from duban.reports.rules import WITH_THE_OFFICE
from duban.superiors.models import Dealing, SuperiorTask
from duban.visits.models import (
    Answer,
    Claim,
    Draw,
    DrawnMatter,
    Handover,
    PlannedCheck,
    RectificationStep,
    Submission,
    TakenResults,
    Verifier,
    Visit,
    VisitItem,
)
from duban.visits.models import Finding as VisitFinding
from duban.visits.models import Rectification as VisitRectification

FORMAT, VERSION = "duban-archive", 1
_CHUNK = 2_000

Rows = Callable[[Plan], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Table:
    """One file of data. name: of the file · label: in the words of the field · rows: of a plan, in no order.

    leaves: columns left out: what finds a thing by its sound, and what nobody outside needs to know of a person.
    """

    name: str
    label: str
    model: type[models.Model]
    rows: Rows
    leaves: tuple[str, ...] = ()

    @property
    def columns(self) -> list[models.Field[Any, Any]]:
        """The fields that are written, in the order of the table."""
        return [one for one in self.model._meta.concrete_fields if one.attname not in self.leaves]


def _of(model: type[models.Model], path: str, **narrowed: Any) -> Rows:
    """Return how the rows of a plan are found: by a path of foreign keys to it."""
    return lambda plan: model._default_manager.filter(**{path: plan.pk}, **narrowed)


def _of_place(model: type[models.Model], path: str = "jurisdiction") -> Rows:
    return lambda plan: model._default_manager.filter(**{path: plan.jurisdiction_id})


def _approvals(plan: Plan) -> QuerySet[Any]:
    """Return the approvals that anything of a plan rests on: of every table here that leads to one."""
    found = Q(pk__in=[])
    for table in TABLES:
        for one in table.columns:
            if one.related_model is Approval:
                rows = table.rows(plan).filter(**{f"{one.name}__isnull": False}).order_by()
                found |= Q(pk__in=rows.values(one.attname))
    return Approval.objects.filter(found)


def _policies(plan: Plan) -> QuerySet[Any]:
    held = PlanPolicy.objects.filter(plan=plan).order_by().values("policy_id")
    return Policy.objects.filter(Q(pk__in=held) | Q(pk=plan.policy_id))


_SOUNDS = ("pinyin", "initials")
_PAPER_UNITS, _PAPER_MATTERS = IssuedPaper.units.through, IssuedPaper.matters.through
_PLANNED_UNITS, _VISIT_UNITS = PlannedCheck.units.through, Visit.units.through

TABLES: tuple[Table, ...] = (
    Table("jurisdictions", "辖区", Jurisdiction, _of_place(Jurisdiction, "pk")),
    Table("plans", "年度台账", Plan, _of(Plan, "pk")),
    Table("plan_settings", "台账设置", PlanSetting, _of(PlanSetting, "plan")),
    Table("policies", "督查规则", Policy, _policies),
    Table("plan_policies", "台账所用规则", PlanPolicy, _of(PlanPolicy, "plan")),
    Table("plan_closings", "年度办结", PlanClosing, _of(PlanClosing, "plan")),
    Table("approvals", "审批记录", Approval, _approvals),
    Table("units", "单位", Unit, _of_place(Unit), ("keys", *_SOUNDS)),
    Table("unit_groups", "统称", UnitGroup, _of_place(UnitGroup), ("key",)),
    Table(
        "unit_group_members",
        "统称成员",
        UnitGroup.members.through,
        _of_place(UnitGroup.members.through, "unitgroup__jurisdiction"),
    ),
    Table("posts", "岗位", Post, _of_place(Post)),
    Table("people", "人员", Person, _of_place(Person), ("phone", "email", "note", "account_id", *_SOUNDS)),
    Table("appointments", "任职", Appointment, _of_place(Appointment, "post__jurisdiction")),
    Table("unit_contacts", "联络员、分管领导", UnitContact, _of_place(UnitContact, "unit__jurisdiction")),
    Table("notices", "通知", Notice, _of(Notice, "plan")),
    Table("notice_rows", "通知的行", Row, _of(Row, "notice__plan")),
    Table("notice_cells", "通知的格", Cell, _of(Cell, "row__notice__plan")),
    Table("notice_findings", "疑点", Finding, _of(Finding, "notice__plan")),
    Table("notice_names", "名称认定", NameReading, _of(NameReading, "notice__plan")),
    Table("matters", "督查事项", Matter, _of(Matter, "plan"), ("light_key", *_SOUNDS)),
    Table("assignments", "责任单位", Assignment, _of(Assignment, "matter__plan")),
    Table("named_groups", "事项中的统称", NamedGroup, _of(NamedGroup, "matter__plan")),
    Table("overseers", "分管或联系领导", Overseer, _of(Overseer, "matter__plan")),
    Table("targets", "量化目标", Target, _of(Target, "matter__plan")),
    Table("milestones", "时间节点", Milestone, _of(Milestone, "matter__plan")),
    Table("obligations", "应办事宜", Obligation, _of(Obligation, "plan")),
    Table("matter_changes", "事项变更", MatterChange, _of(MatterChange, "matter__plan")),
    Table("light_turns", "灯的变化", LightTurn, _of(LightTurn, "matter__plan")),
    Table("light_overrides", "灯色改判", Override, _of(Override, "matter__plan")),
    Table("snapshots", "定格", Snapshot, _of(Snapshot, "plan")),
    Table("snapshot_rows", "定格的事项", SnapshotRow, _of(SnapshotRow, "snapshot__plan")),
    Table("progress", "进展", Progress, _of(Progress, "matter__plan")),
    Table("progress_figures", "进展数字", Figure, _of(Figure, "progress__matter__plan")),
    Table(
        "look_backs", "写成进展的回头看", LookBack, _of(LookBack, "matter__plan", entry__isnull=False)
    ),
    Table("schedules", "进度安排", Schedule, _of(Schedule, "matter__plan")),
    Table("evidence", "佐证材料", Evidence, _of(Evidence, "matter__plan")),
    Table("reports", "报告", Report, _of(Report, "matter__plan", state__in=WITH_THE_OFFICE)),
    Table(
        "report_versions",
        "报告各稿",
        ReportVersion,
        _of(ReportVersion, "report__matter__plan", report__state__in=WITH_THE_OFFICE),
    ),
    Table("report_marks", "空泛的报告", HollowMark, _of(HollowMark, "report__matter__plan")),
    Table("contributions", "协办情况", Contribution, _of(Contribution, "matter__plan")),
    Table("obstacles", "困难问题", Obstacle, _of(Obstacle, "matter__plan")),
    Table("obstacle_rounds", "困难问题的往来", Round, _of(Round, "obstacle__matter__plan")),
    Table("meetings", "调度会", Meeting, _of(Meeting, "plan")),
    Table("meeting_items", "议题", AgendaItem, _of(AgendaItem, "meeting__plan")),
    Table("decisions", "议定事项", Decision, _of(Decision, "item__meeting__plan")),
    Table("decision_replies", "议定事项的落实", DecisionReply, _of(DecisionReply, "decision__item__meeting__plan")),
    Table("instructions", "批示", Instruction, _of(Instruction, "plan")),
    Table("instruction_charges", "批示的承办单位", Charge, _of(Charge, "instruction__plan")),
    Table("instruction_feedback", "批示的反馈", Feedback, _of(Feedback, "charge__instruction__plan")),
    Table("superior_tasks", "对接上级任务", SuperiorTask, _of(SuperiorTask, "matter__plan"), ("phone",)),
    Table("superior_dealings", "对接情况", Dealing, _of(Dealing, "matter__plan")),
    Table("change_requests", "变更申请", ChangeRequest, _of(ChangeRequest, "matter__plan")),
    Table("closures", "销号申请", Closure, lambda plan: _closures(plan)),
    Table("closure_items", "销号核对项", ClosureItem, lambda plan: _closure_items(plan)),
    Table("letters", "函件", Letter, _of(Letter, "plan")),
    Table("letter_items", "函件所列事项", LetterItem, _of(LetterItem, "letter__plan")),
    Table("letter_receipts", "函件收件人", Receipt, _of(Receipt, "letter__plan")),
    Table("letter_answers", "函件答复", LetterAnswer, _of(LetterAnswer, "letter__plan")),
    Table("letter_answer_lines", "答复的事项", AnswerLine, _of(AnswerLine, "answer__letter__plan")),
    Table("bulletins", "通报", Bulletin, _of(Bulletin, "plan")),
    Table("citations", "通报条目", Citation, _of(Citation, "bulletin__plan")),
    Table("corrections", "事实更正", Correction, _of(Correction, "citation__bulletin__plan")),
    Table("bulletin_checks", "单位核对", UnitCheck, _of(UnitCheck, "bulletin__plan")),
    Table("bulletin_readers", "通报阅读对象", BulletinReader, _of(BulletinReader, "bulletin__plan")),
    Table("bulletin_receipts", "通报收件人", BulletinReceipt, _of(BulletinReceipt, "bulletin__plan")),
    Table("papers", "存档公文", IssuedPaper, _of(IssuedPaper, "plan")),
    Table("paper_units", "公文发往的单位", _PAPER_UNITS, _of(_PAPER_UNITS, "issuedpaper__plan")),
    Table("paper_matters", "公文所涉事项", _PAPER_MATTERS, _of(_PAPER_MATTERS, "issuedpaper__plan")),
    Table("planned_checks", "督查计划", PlannedCheck, _of(PlannedCheck, "plan")),
    Table("planned_check_units", "计划督查的单位", _PLANNED_UNITS, _of(_PLANNED_UNITS, "plannedcheck__plan")),
    Table("verification_draws", "核验名单", Draw, _of(Draw, "plan")),
    Table("verification_matters", "名单上的事项", DrawnMatter, _of(DrawnMatter, "draw__plan")),
    Table("visits", "实地考查、察访核验", Visit, _of(Visit, "plan")),
    Table("visit_units", "核验的单位", _VISIT_UNITS, _of(_VISIT_UNITS, "visit__plan")),
    Table("visit_verifiers", "核验人", Verifier, _of(Verifier, "visit__plan")),
    Table("visit_items", "核验的事项", VisitItem, _of(VisitItem, "visit__plan")),
    Table("visit_claims", "单位所报", Claim, _of(Claim, "item__visit__plan")),
    Table("visit_submissions", "报送的核验结果", Submission, _of(Submission, "visit__plan")),
    Table("visit_answers", "逐条结果", Answer, _of(Answer, "claim__item__visit__plan")),
    Table("visit_findings", "认定", VisitFinding, _of(VisitFinding, "item__visit__plan")),
    Table("visit_rectifications", "整改", VisitRectification, _of(VisitRectification, "visit__plan")),
    Table(
        "visit_rectification_steps",
        "整改过程",
        RectificationStep,
        _of(RectificationStep, "rectification__visit__plan"),
    ),
    Table("visit_handovers", "线索移送", Handover, _of(Handover, "visit__plan")),
    Table("visit_results_taken", "回收的核验结果", TakenResults, _of(TakenResults, "plan")),
    Table("interviews", "约谈", Interview, _of(Interview, "plan")),
    Table("interview_scans", "批示件扫描件", DecisionScan, _of(DecisionScan, "interview__plan")),
    Table("interview_dismissals", "不予提起的约谈", Dismissal, _of(Dismissal, "plan")),
    Table("interview_grounds", "约谈事由", InterviewGround, _of(InterviewGround, "plan")),
    Table("interview_talks", "约谈记录", TalkRecord, _of(TalkRecord, "interview__plan")),
    Table("interview_demands", "约谈要求", Demand, _of(Demand, "talk__interview__plan")),
    Table(
        "interview_rectifications",
        "约谈的整改材料",
        InterviewRectification,
        _of(InterviewRectification, "interview__plan"),
    ),
    Table("interview_rechecks", "约谈的复查", Recheck, _of(Recheck, "interview__plan")),
    Table("evaluations", "考评", Evaluation, _of(Evaluation, "plan")),
    Table("score_sheets", "考评表", ScoreSheet, _of(ScoreSheet, "evaluation__plan")),
    Table("leader_ratings", "领导评价", LeaderRating, _of(LeaderRating, "evaluation__plan")),
    Table("evaluation_intakes", "核查结果", ResultIntake, _of(ResultIntake, "evaluation__plan")),
    Table("evaluation_results", "考评部门结果", OfficeResult, _of(OfficeResult, "intake__evaluation__plan")),
    Table("objections", "复核申请", Objection, _of(Objection, "plan", filed_at__isnull=False)),
    Table("paper_scans", "盖章扫描件", PaperScan, _of(PaperScan, "paper__plan")),
)  # fmt: skip

LEFT_OUT: Mapping[str, str] = {
    # label of a table: why nothing of it is in an archive
    "access.Account": "accounts are of the installation, not of a year",
    "access.Token": "accounts are of the installation, not of a year",
    "access.Grant": "accounts are of the installation, not of a year",
    "archives.Archive": "an archive does not hold the list of archives",
    "audit.Event": "written as events.json, see `event_rows`",
    "audit.MatterCounter": "counted again from the events",
    "calendars.NoticeDay": "public calendars",
    "calendars.YearNotice": "public calendars",
    "jobs.Schedule": "how the installation runs",
    "jobs.Task": "how the installation runs",
    "jobs.Worker": "how the installation runs",
    "lights.DailyRound": "the rounds of all plans; the turns are in the archive",
    "lights.KnownFacts": "worked out from the facts that are in the archive",
    "orgs.UnitAlias": "how names are found",
    "outbox.Channel": "how the installation sends",
    "outbox.Delivery": "how the installation sends",
    "outbox.Message": "personal messages; what they tell of is in the archive",
    "papers.NumberCounter": "the last numbers of all years",
    "papers.Template": "wording of all years; each paper keeps its own words",
    "reminders.Digest": "personal messages",
    "reminders.DigestPart": "personal messages",
    "reminders.Round": "rounds of all plans",
}


def _closures(plan: Plan) -> QuerySet[Any]:
    return Closure.objects.filter(matter__plan=plan).exclude(state__in=IN_UNIT)


def _closure_items(plan: Plan) -> QuerySet[Any]:
    return ClosureItem.objects.filter(closure__matter__plan=plan).exclude(closure__state__in=IN_UNIT)


def table_rows(table: Table, plan: Plan) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table as JSON-able values, by their key, a chunk in memory at a time. One statement."""
    columns = table.columns
    names = [one.attname for one in columns]
    found = table.rows(plan).order_by("pk").values_list(*names)
    for row in found.iterator(chunk_size=_CHUNK):
        yield {name: plain(value) for name, value in zip(names, row, strict=True)}


def plain(value: Any) -> Any:
    """Return a column's value as JSON holds it: days and moments as ISO words, exact numbers as words."""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


# ---- the trail

_OF_A_UNIT = (
    EventName.REPORT_SUBMITTED,
    EventName.REPORT_SENT_BACK,
    EventName.CLOSURE_PREPARED,
    EventName.CLOSURE_SENT_BACK,
)
"""What goes on inside a unit before it reaches the office: that it happened is in the archive, its content is not."""

_OF_ARCHIVES = (EventName.ARCHIVE_ASKED, EventName.ARCHIVE_WRITTEN, EventName.ARCHIVE_TAKEN)
"""Archiving changes nothing of a year: the same year gives the same archive twice."""

_EVENT_COLUMNS = (
    "id", "at", "name", "actor_id", "actor_name", "subject_type", "subject_id", "subject_label", "jurisdiction_id",
    "matter_id", "matter_no", "data", "digest", "algorithm", "key_id",
)  # fmt: skip


def event_rows(plan: Plan) -> Iterator[dict[str, Any]]:
    """Yield the trail of a plan: each matter's events in order, then those of its other things, kind by kind.

    data is null where it is a unit's own, and what a matter's event of such a kind is of. One statement a kind.
    """
    for found in _events_of(plan):
        for values in found.values_list(*_EVENT_COLUMNS).iterator(chunk_size=_CHUNK):
            row = {name: plain(value) for name, value in zip(_EVENT_COLUMNS, values, strict=True)}
            if row["name"] in _OF_A_UNIT:
                row["data"] = None
            yield row


def trail_of(plan: Plan) -> dict[str, int]:
    """Return how many events of each name the trail of a plan holds, see `changed_by`. One statement a kind."""
    found: Counter[str] = Counter()
    for some in _events_of(plan):
        found.update(dict(some.order_by().values_list("name").annotate(models.Count("pk"))))
    return {name: count for name, count in found.items() if changed_by(name)}


def changed_by(name: str) -> bool:
    """Return whether an event of this name changed something of the year."""
    return not changes_nothing(EventName(name))


def _events_of(plan: Plan) -> Iterator[QuerySet[Event]]:
    matters = Matter.objects.filter(plan=plan).order_by().values("pk")
    of_matters = Event.objects.filter(matter_id__in=matters).order_by("matter_id", "matter_no")
    unwanted = [one.value for one in _OF_ARCHIVES]
    yield of_matters.exclude(name__in=unwanted)
    for table in TABLES:
        if table.name in _OF_THE_PLACE or table.model._meta.auto_created:
            continue
        subjects = table.rows(plan).order_by().values("pk")
        kind = table.model._meta.model_name
        found = Event.objects.filter(subject_type=kind, subject_id__in=subjects, matter_id=None)
        if kind in _MANY_CALL_SO:  # a round of reminders is no round of a difficulty
            found = found.filter(name__startswith=f"{table.model._meta.app_label}.")
        yield found.exclude(name__in=unwanted).order_by("pk")


_OF_THE_PLACE = ("jurisdictions", "units", "unit_groups", "posts", "people", "appointments", "unit_contacts")
"""Tables of the whole place: their events are of all years."""

_MANY_CALL_SO = {
    name for name, count in Counter(one._meta.model_name for one in apps.get_models()).items() if count > 1
}
"""Names of tables that more than one room has: their events are known by the room."""


# ---- as bytes


def json_lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield rows as one JSON array, a row a line, in pieces."""
    first = True
    for row in rows:
        yield ("[\n" if first else ",\n") + json.dumps(row, ensure_ascii=False, sort_keys=True)
        first = False
    yield "[]\n" if first else "\n]\n"


# ---- the schema

_MOMENT = {"type": "string", "format": "date-time"}
_EVENT_TYPES: Mapping[str, Any] = {
    "id": {"type": "integer"},
    "at": _MOMENT,
    "matter_no": {"type": ["integer", "null"]},
    "data": {"type": ["object", "null"], "description": "null：单位内部的步骤，内容不归档"},
    "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of an archive's data: one definition a file, by the file's name."""
    files = {one.name: _array(_row_schema(one), one.label) for one in TABLES}
    row: dict[str, Any] = {}
    for name in _EVENT_COLUMNS:
        number = {"type": ["integer", "null"]} if name.endswith("_id") and name != "key_id" else {"type": "string"}
        row[name] = _EVENT_TYPES.get(name, number)
    files["events"] = _array(_object(row), "审计记录：事项的按事项和次序，其余按种类")
    header = {
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "place": {"type": "string"},
        "year": {"type": "integer"},
        "title": {"type": "string"},
        "is_final": {"type": "boolean", "description": "true：年度台账已经办结"},
        "as_of": {"type": "string", "description": "办结的时刻；没有办结的，是写成的日期"},
        "edition": {"type": ["integer", "null"], "description": "办结以后第几次归档；没有办结的是 null"},
        "reason": {"type": "string", "description": "为何再次归档：上一版以后办了什么；第 1 版是空的"},
        "replaces": {"type": "string", "description": "上一版文件的 SHA-256；第 1 版是空的"},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "missing": {
            "type": "array",
            "items": {"type": "string"},
            "description": "应有而缺的文件：数据目录里没有，或者与存入时不一致",
        },
    }
    files["archive"] = {**_object(header), "description": "档案的总说明"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "督办年度档案的数据",
        "description": "data/ 里每个文件的内容按 $defs 里同名的定义；*_id 是另一个文件里 id 相同的一行。",
        "$defs": files,
    }


def _array(row: dict[str, Any], label: str) -> dict[str, Any]:
    return {"type": "array", "items": row, "description": label}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _row_schema(table: Table) -> dict[str, Any]:
    return _object({one.attname: _value_schema(one) for one in table.columns})


def _value_schema(field: models.Field[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any]
    if isinstance(field, models.JSONField):
        found = {}
    elif isinstance(field, models.BooleanField):
        found = {"type": "boolean"}
    elif isinstance(field, models.IntegerField | models.ForeignKey):  # keys of ours are all numbers
        found = {"type": "integer"}
    elif isinstance(field, models.FloatField):
        found = {"type": "number"}
    elif isinstance(field, models.DateTimeField):
        found = dict(_MOMENT)
    elif isinstance(field, models.DateField):
        found = {"type": "string", "format": "date"}
    elif isinstance(field, models.DecimalField):
        found = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
    else:
        found = {"type": "string"}
    if field.null and "type" in found:
        found["type"] = [found["type"], "null"]
    label = str(field.verbose_name)
    if not label.isascii():
        found["description"] = label
    return found
