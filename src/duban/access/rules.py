"""The one role table: which role may do what, and for whom.

Source: docs/sources.md#roles
"""

import re
from dataclasses import replace
from enum import StrEnum

from duban.core.actor import Actor, Held
from duban.core.errors import NotAllowed


class Role(StrEnum):
    """Every role there is. Where it comes from stands beside it."""

    SYSTEM = "system"  # jobs, the operator at the machine
    OFFICER = "officer"  # grant
    OFFICE_HEAD = "office_head"  # grant
    DIRECTOR = "director"  # grant
    DEPUTY_DIRECTOR = "deputy_director"  # grant
    GOVERNMENT_HEAD = "government_head"  # appointment to the post
    LEADER = "leader"  # appointment to the post
    SECRETARY = "secretary"  # grant, for one leader
    LIAISON = "liaison"  # unit contact in force
    UNIT_DEPUTY = "unit_deputy"  # unit contact in force
    UNIT_HEAD = "unit_head"  # appointment to the post
    RESPONSIBLE = "responsible"  # appointment to a post of the unit answering for some matters
    SYSTEM_ADMIN = "system_admin"  # grant; the three administrators are three people
    SECURITY_ADMIN = "security_admin"  # grant
    AUDIT_ADMIN = "audit_admin"  # grant


ROLE_LABELS: dict[Role, str] = {
    Role.SYSTEM: "系统",
    Role.OFFICER: "督查员",
    Role.OFFICE_HEAD: "督查室主任",
    Role.DIRECTOR: "政府办主任",
    Role.DEPUTY_DIRECTOR: "政府办副主任",
    Role.GOVERNMENT_HEAD: "政府主要领导",
    Role.LEADER: "区领导",
    Role.SECRETARY: "秘书",
    Role.LIAISON: "联络员",
    Role.UNIT_DEPUTY: "分管领导",
    Role.UNIT_HEAD: "单位主要负责人",
    Role.RESPONSIBLE: "责任人",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDIT_ADMIN: "审计管理员",
}


class Permission(StrEnum):
    """What can be permitted; an action names exactly one."""

    ORG_VIEW = "org.view"
    ORG_EDIT = "org.edit"
    CONTACT_NAME = "contact.name"  # a unit names its liaison and deputy
    NOTICE_VIEW = "notice.view"
    NOTICE_IMPORT = "notice.import"
    NOTICE_REVIEW = "notice.review"
    MORNING_VIEW = "morning.view"  # what waits at the office; who works there has it instead of a desk
    DESK_VIEW = "desk.view"  # what one owes, what waits for one's hand
    MATTER_VIEW = "matter.view"
    MATTER_EDIT = "matter.edit"
    MATTER_REGISTER = "matter.register"
    MATTER_ASSIGN = "matter.assign"
    MATTER_ACKNOWLEDGE = "matter.acknowledge"
    PROGRESS_ENTER = "progress.enter"
    LOOK_BACK = "look_back.write"  # a unit's own; nobody else's
    SCHEDULE_PROPOSE = "schedule.propose"
    SCHEDULE_ACCEPT = "schedule.accept"
    EVIDENCE_ADD = "evidence.add"
    REPORT_WRITE = "report.write"
    REPORT_APPROVE = "report.approve"  # within the unit: its deputy, its head
    REPORT_ACCEPT = "report.accept"
    OBSTACLE_RAISE = "obstacle.raise"
    OBSTACLE_ANSWER = "obstacle.answer"
    MEETING_HOLD = "meeting.hold"
    INSTRUCTION_GIVE = "instruction.give"
    INSTRUCTION_ANSWER = "instruction.answer"
    SUPERIOR_EDIT = "superior.edit"
    CHANGE_ASK = "change.ask"
    CHANGE_APPROVE = "change.approve"
    CLOSURE_PREPARE = "closure.prepare"
    CLOSURE_ASK = "closure.ask"  # the unit's head asks for the unit
    CLOSURE_AGREE = "closure.agree"  # the leader who oversees the matter
    CLOSURE_VERIFY = "closure.verify"
    CLOSURE_GRANT = "closure.grant"
    LETTER_VIEW = "letter.view"
    LETTER_DRAFT = "letter.draft"  # edit, merge, drop, number, issue, take an answer
    LETTER_SIGN = "letter.sign"  # which of the signers may sign which kind is the policy's
    LETTER_ANSWER = "letter.answer"
    PAPER_NUMBER = "paper.number"  # take the next number of the register: whoever signs or issues
    PAPER_ISSUE = "paper.issue"  # freeze what is issued, keep the sealed scan beside it
    BULLETIN_VIEW = "bulletin.view"
    BULLETIN_DRAFT = "bulletin.draft"  # propose, word, ask units, present, issue
    BULLETIN_APPROVE = "bulletin.approve"  # which role approves what is the policy's
    BULLETIN_CORRECT = "bulletin.correct"  # a unit about its own entries; it may, it need not
    OBJECTION_VIEW = "objection.view"
    OBJECTION_FILE = "objection.file"  # a unit writes it; the office enters a unit's paper
    OBJECTION_SIGN = "objection.sign"  # within the unit: its deputy, its head
    OBJECTION_ACCEPT = "objection.accept"  # take it in hand; whether it is decided for or against is another's
    OBJECTION_DECIDE = "objection.decide"  # who took part in what is objected to is refused all the same
    OBJECTION_APPOINT = "objection.appoint"  # name who decides where those who usually do took part
    INTERVIEW_VIEW = "interview.view"
    INTERVIEW_DRAFT = "interview.draft"  # apply, arrange, notify, record, minutes, re-check; dismiss a proposal
    INTERVIEW_APPROVE = "interview.approve"  # which leader approves which level is the policy's
    INTERVIEW_ANSWER = "interview.answer"  # a unit: who comes, its plan and report of rectification
    EVALUATION_VIEW = "evaluation.view"
    EVALUATION_DRAW = "evaluation.draw"  # draw up, show to units, export, take results in
    EVALUATION_RATE = "evaluation.rate"  # leaders; which units is the policy's
    EVALUATION_CORRECT = "evaluation.correct"  # what is contested: only by deciding the objection
    EVALUATION_CONFIRM = "evaluation.confirm"
    VISIT_VIEW = "visit.view"
    VISIT_PREPARE = "visit.prepare"  # plan, prepare, draw, feed back, re-check
    VISIT_APPROVE = "visit.approve"  # the year's plan and the scheme of each visit
    VISIT_RECORD = "visit.record"  # write down what was found, claim by claim
    FINDING_JUDGE = "finding.judge"  # confirm what was found: lights follow
    RECTIFY = "visit.rectify"  # a unit says how it puts right what was found, and that it has
    LEAD_HAND_OVER = "lead.hand_over"
    REMINDER_SEND = "reminder.send"  # the daily round: the system itself
    BURDEN_VIEW = "burden.view"  # 减负账: a unit its own, the office everybody's
    POLICY_EDIT = "policy.edit"
    LIGHT_OVERRIDE = "light.override"
    LIGHT_JUDGE = "light.judge"  # the daily round: the system itself
    CALENDAR_LOAD = "calendar.load"
    LEDGER_EXPORT = "ledger.export"
    PLAN_CLOSE = "plan.close"  # 年度办结, opening again
    ARCHIVE_MAKE = "archive.make"  # everything of a year, 批示 too: the head of the office alone
    PRECEDENT_VIEW = "precedent.view"  # 往年情况: a unit its own, the office everybody's
    ACCOUNT_MANAGE = "account.manage"
    GRANT_MANAGE = "grant.manage"
    AUDIT_VIEW = "audit.view"
    AUDIT_OPEN = "audit.open"
    OPERATIONS_VIEW = "operations.view"  # what runs and what is sent; no business in it
    OPERATIONS_RUN = "operations.run"


PERMISSION_LABELS: dict[Permission, str] = {
    Permission.ORG_VIEW: "查看单位",
    Permission.ORG_EDIT: "维护单位、人员、岗位",
    Permission.CONTACT_NAME: "明确联络员、分管领导",
    Permission.NOTICE_VIEW: "查看通知",
    Permission.NOTICE_IMPORT: "导入通知",
    Permission.NOTICE_REVIEW: "核对通知",
    Permission.MORNING_VIEW: "查看今日工作",
    Permission.DESK_VIEW: "查看我的事项",
    Permission.MATTER_VIEW: "查看事项",
    Permission.MATTER_EDIT: "录入、修改事项",
    Permission.MATTER_REGISTER: "立项",
    Permission.MATTER_ASSIGN: "交办",
    Permission.MATTER_ACKNOWLEDGE: "签收",
    Permission.PROGRESS_ENTER: "填报进展",
    Permission.LOOK_BACK: "写回头看",
    Permission.SCHEDULE_PROPOSE: "报送进度安排",
    Permission.SCHEDULE_ACCEPT: "核定进度安排",
    Permission.EVIDENCE_ADD: "提交佐证材料",
    Permission.REPORT_WRITE: "填写报告",
    Permission.REPORT_APPROVE: "审签本单位报告",
    Permission.REPORT_ACCEPT: "采用、退回报告",
    Permission.OBSTACLE_RAISE: "提出困难问题",
    Permission.OBSTACLE_ANSWER: "答复困难问题",
    Permission.MEETING_HOLD: "组织调度会",
    Permission.INSTRUCTION_GIVE: "批示、登记批示",
    Permission.INSTRUCTION_ANSWER: "反馈批示落实情况",
    Permission.SUPERIOR_EDIT: "填写对接上级情况",
    Permission.CHANGE_ASK: "申请延期、调整",
    Permission.CHANGE_APPROVE: "批准调整、延期",
    Permission.CLOSURE_PREPARE: "准备销号申请",
    Permission.CLOSURE_ASK: "申请销号",
    Permission.CLOSURE_AGREE: "签批销号申请",
    Permission.CLOSURE_VERIFY: "核验销号申请",
    Permission.CLOSURE_GRANT: "准予销号",
    Permission.LETTER_VIEW: "查看函件",
    Permission.LETTER_DRAFT: "拟办、发出函件",
    Permission.LETTER_SIGN: "签发函件",
    Permission.LETTER_ANSWER: "答复函件",
    Permission.PAPER_NUMBER: "为公文编号",
    Permission.PAPER_ISSUE: "公文存档、附扫描件",
    Permission.BULLETIN_VIEW: "查看通报",
    Permission.BULLETIN_DRAFT: "拟办、印发通报",
    Permission.BULLETIN_APPROVE: "批准通报",
    Permission.BULLETIN_CORRECT: "核对通报事实",
    Permission.OBJECTION_VIEW: "查看复核",
    Permission.OBJECTION_FILE: "申请复核",
    Permission.OBJECTION_SIGN: "审签本单位复核申请",
    Permission.OBJECTION_ACCEPT: "受理复核申请",
    Permission.OBJECTION_DECIDE: "作出复核决定",
    Permission.OBJECTION_APPOINT: "指定复核人",
    Permission.INTERVIEW_VIEW: "查看约谈",
    Permission.INTERVIEW_DRAFT: "办理约谈",
    Permission.INTERVIEW_APPROVE: "批准约谈",
    Permission.INTERVIEW_ANSWER: "参加约谈、报送整改",
    Permission.EVALUATION_VIEW: "查看考评",
    Permission.EVALUATION_DRAW: "拟定、导出考评",
    Permission.EVALUATION_RATE: "评价单位",
    Permission.EVALUATION_CORRECT: "更正考评得分",
    Permission.EVALUATION_CONFIRM: "核定考评",
    Permission.VISIT_VIEW: "查看核验",
    Permission.VISIT_PREPARE: "安排核验、反馈结论",
    Permission.VISIT_APPROVE: "批准督查计划、督查方案",
    Permission.VISIT_RECORD: "填写核验结果",
    Permission.FINDING_JUDGE: "认定核验结果",
    Permission.RECTIFY: "报送整改",
    Permission.LEAD_HAND_OVER: "移送线索",
    Permission.REMINDER_SEND: "发出提醒",
    Permission.BURDEN_VIEW: "查看减负账",
    Permission.POLICY_EDIT: "修改督查规则",
    Permission.LIGHT_OVERRIDE: "改判灯色",
    Permission.LIGHT_JUDGE: "刷新灯色",
    Permission.CALENDAR_LOAD: "载入放假安排",
    Permission.LEDGER_EXPORT: "导出台账",
    Permission.PLAN_CLOSE: "年度办结、重新打开",
    Permission.ARCHIVE_MAKE: "归档、取走档案",
    Permission.PRECEDENT_VIEW: "查看往年情况",
    Permission.ACCOUNT_MANAGE: "管理账号",
    Permission.GRANT_MANAGE: "管理授权",
    Permission.AUDIT_VIEW: "查看审计目录",
    Permission.AUDIT_OPEN: "打开审计内容",
    Permission.OPERATIONS_VIEW: "查看运行情况",
    Permission.OPERATIONS_RUN: "处置后台任务、设置发送渠道",
}


_P = Permission
_UNIT = {_P.ORG_VIEW, _P.MATTER_VIEW, _P.LEDGER_EXPORT, _P.BULLETIN_VIEW, _P.VISIT_VIEW}
_OWN_UNIT = _UNIT | {
    _P.DESK_VIEW,
    _P.MATTER_ACKNOWLEDGE,
    _P.CONTACT_NAME,
    _P.PROGRESS_ENTER,
    _P.LOOK_BACK,
    _P.SCHEDULE_PROPOSE,
    _P.EVIDENCE_ADD,
    _P.REPORT_WRITE,
    _P.OBSTACLE_RAISE,
    _P.OBSTACLE_ANSWER,
    _P.INSTRUCTION_ANSWER,
    _P.SUPERIOR_EDIT,
    _P.CHANGE_ASK,
    _P.CLOSURE_PREPARE,
    _P.LETTER_VIEW,
    _P.LETTER_ANSWER,
    _P.BULLETIN_CORRECT,
    _P.OBJECTION_VIEW,
    _P.OBJECTION_FILE,
    _P.INTERVIEW_VIEW,
    _P.INTERVIEW_ANSWER,
    _P.RECTIFY,
    _P.BURDEN_VIEW,
    _P.EVALUATION_VIEW,
    _P.PRECEDENT_VIEW,
}
_LEADER = {
    _P.INTERVIEW_VIEW,
    _P.INTERVIEW_APPROVE,
    _P.LETTER_VIEW,
    _P.DESK_VIEW,
    _P.OBSTACLE_ANSWER,
    _P.INSTRUCTION_GIVE,
    _P.CLOSURE_AGREE,
    _P.EVIDENCE_ADD,
    _P.EVALUATION_VIEW,
    _P.EVALUATION_RATE,
}
_LOOK = {
    _P.INTERVIEW_VIEW,
    _P.LETTER_VIEW,
    _P.BULLETIN_VIEW,
    _P.OBJECTION_VIEW,
    _P.VISIT_VIEW,
    _P.BURDEN_VIEW,
    _P.PRECEDENT_VIEW,
    _P.ORG_VIEW,
    _P.NOTICE_VIEW,
    _P.MATTER_VIEW,
    _P.LEDGER_EXPORT,
    _P.EVALUATION_VIEW,
}
_OFFICER = _LOOK | {
    _P.MORNING_VIEW,
    _P.ORG_EDIT,
    _P.CONTACT_NAME,
    _P.NOTICE_IMPORT,
    _P.NOTICE_REVIEW,
    _P.MATTER_EDIT,
    _P.MATTER_REGISTER,
    _P.MATTER_ASSIGN,
    _P.MATTER_ACKNOWLEDGE,
    _P.PROGRESS_ENTER,
    _P.SCHEDULE_PROPOSE,
    _P.SCHEDULE_ACCEPT,
    _P.EVIDENCE_ADD,
    _P.REPORT_WRITE,
    _P.REPORT_APPROVE,
    _P.REPORT_ACCEPT,
    _P.OBSTACLE_RAISE,
    _P.OBSTACLE_ANSWER,
    _P.MEETING_HOLD,
    _P.INSTRUCTION_GIVE,
    _P.INSTRUCTION_ANSWER,
    _P.SUPERIOR_EDIT,
    _P.CHANGE_ASK,
    _P.CLOSURE_PREPARE,
    _P.CLOSURE_ASK,
    _P.CLOSURE_AGREE,
    _P.CLOSURE_VERIFY,
    _P.LETTER_DRAFT,
    _P.LETTER_ANSWER,
    _P.PAPER_NUMBER,
    _P.PAPER_ISSUE,
    _P.BULLETIN_DRAFT,
    _P.BULLETIN_CORRECT,
    _P.OBJECTION_FILE,
    _P.OBJECTION_ACCEPT,
    _P.OBJECTION_DECIDE,
    _P.INTERVIEW_DRAFT,
    _P.INTERVIEW_ANSWER,
    _P.EVALUATION_DRAW,
    _P.VISIT_PREPARE,
    _P.VISIT_RECORD,
    _P.RECTIFY,
}
"""What the office does, and enters for a unit or a leader who answered on paper or by telephone."""

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.SYSTEM: frozenset(Permission),
    Role.OFFICER: frozenset(_OFFICER),
    Role.OFFICE_HEAD: frozenset(
        _OFFICER
        | {
            _P.CHANGE_APPROVE,
            _P.CLOSURE_GRANT,
            _P.LETTER_SIGN,
            _P.BULLETIN_APPROVE,
            _P.EVALUATION_CORRECT,
            _P.EVALUATION_CONFIRM,
            _P.VISIT_APPROVE,
            _P.FINDING_JUDGE,
            _P.LEAD_HAND_OVER,
            _P.POLICY_EDIT,
            _P.LIGHT_OVERRIDE,
            _P.PLAN_CLOSE,
            _P.ARCHIVE_MAKE,
        }
    ),
    Role.DIRECTOR: frozenset(
        _LOOK
        | {
            _P.MORNING_VIEW,
            _P.CHANGE_APPROVE,
            _P.LETTER_SIGN,
            _P.PAPER_NUMBER,
            _P.BULLETIN_APPROVE,
            _P.OBJECTION_DECIDE,
            _P.OBJECTION_APPOINT,
            _P.VISIT_APPROVE,
        }
    ),
    Role.DEPUTY_DIRECTOR: frozenset(
        _LOOK | {_P.MORNING_VIEW, _P.LETTER_SIGN, _P.PAPER_NUMBER, _P.BULLETIN_APPROVE, _P.OBJECTION_DECIDE}
    ),
    Role.GOVERNMENT_HEAD: frozenset(_LOOK | _LEADER | {_P.BULLETIN_APPROVE, _P.OBJECTION_DECIDE, _P.OBJECTION_APPOINT}),
    Role.LEADER: frozenset(_UNIT | _LEADER | {_P.BULLETIN_APPROVE, _P.OBJECTION_VIEW, _P.OBJECTION_DECIDE}),
    Role.SECRETARY: frozenset(_UNIT | _LEADER),
    Role.LIAISON: frozenset(_OWN_UNIT),
    Role.UNIT_DEPUTY: frozenset(_OWN_UNIT | {_P.REPORT_APPROVE, _P.OBJECTION_SIGN}),
    Role.UNIT_HEAD: frozenset(_OWN_UNIT | {_P.REPORT_APPROVE, _P.CLOSURE_ASK, _P.OBJECTION_SIGN}),
    Role.RESPONSIBLE: frozenset(_UNIT | {_P.DESK_VIEW}),
    Role.SYSTEM_ADMIN: frozenset({_P.ACCOUNT_MANAGE, _P.OPERATIONS_VIEW, _P.OPERATIONS_RUN, _P.CALENDAR_LOAD}),
    Role.SECURITY_ADMIN: frozenset({_P.GRANT_MANAGE}),
    Role.AUDIT_ADMIN: frozenset({_P.AUDIT_VIEW, _P.AUDIT_OPEN}),
}

OFFICE_ROLES = (
    Role.SYSTEM,
    Role.OFFICER,
    Role.OFFICE_HEAD,
    Role.DIRECTOR,
    Role.DEPUTY_DIRECTOR,
    Role.GOVERNMENT_HEAD,
)
"""Roles that see every matter of their jurisdiction."""

LEADER_ROLES = (Role.LEADER, Role.SECRETARY)
"""Roles that see the matters a leader oversees."""

UNIT_ROLES = (Role.LIAISON, Role.UNIT_DEPUTY, Role.UNIT_HEAD, Role.RESPONSIBLE)
"""Roles that see what concerns their units."""

WHOLE_UNIT_ROLES = (Role.LIAISON, Role.UNIT_DEPUTY, Role.UNIT_HEAD)
"""Roles that see everything their unit leads or supports; other responsible persons see what their post answers for."""

ADMIN_ROLES = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
"""三员: three separate people, none of whom sees business."""

GRANTABLE_ROLES = (
    Role.OFFICER,
    Role.OFFICE_HEAD,
    Role.DIRECTOR,
    Role.DEPUTY_DIRECTOR,
    Role.SECRETARY,
    *ADMIN_ROLES,
)
"""Roles given by the security administrator; all others follow from appointments and unit contacts."""


def _covers(held: Held, *, unit_id: int | None, jurisdiction_id: int | None) -> bool:
    if held.jurisdiction_id is not None and jurisdiction_id is not None and held.jurisdiction_id != jurisdiction_id:
        return False
    return unit_id is None or not held.unit_ids or unit_id in held.unit_ids


def may(
    actor: Actor, permission: Permission, *, unit_id: int | None = None, jurisdiction_id: int | None = None
) -> bool:
    """Return whether any role held permits this, for this unit and jurisdiction where they are given."""
    return any(
        permission in ROLE_PERMISSIONS[Role(held.role)]
        and _covers(held, unit_id=unit_id, jurisdiction_id=jurisdiction_id)
        for held in actor.held
    )


def require(
    actor: Actor, permission: Permission, *, unit_id: int | None = None, jurisdiction_id: int | None = None
) -> None:
    """Raise NotAllowed unless `may`. Every action begins with it."""
    if not may(actor, permission, unit_id=unit_id, jurisdiction_id=jurisdiction_id):
        raise NotAllowed


def acting_with(actor: Actor, permission: Permission) -> Actor:
    """Return the actor with only those of the roles held that permit this: what is then visible is visible by them.

    For those who hold several, such as an officer who is also a unit's liaison.
    """
    return replace(actor, held=tuple(one for one in actor.held if permission in ROLE_PERMISSIONS[Role(one.role)]))


TOKEN_PREFIX = "duban_"  # noqa: S105
"""What every secret begins with, so that one that leaked is recognised."""

TOKEN_NAME_LENGTH = 40
TOKEN_DAYS_MOST = 366
"""A token ends after a year at the latest; its owner makes another. ★"""

USERNAME_LENGTH = 40
_USERNAME = re.compile(r"[\w.@+-]{2,40}")


def is_username(username: str) -> bool:
    """Return whether a folded user name may be given to an account: 2 to 40 letters, digits or .@+-_."""
    return _USERNAME.fullmatch(username) is not None


def has_session_ended(
    *, began_s: float, seen_s: float, now_s: float, idle_limit_s: float, whole_limit_s: float
) -> bool:
    """Return whether a session has been idle, or has lasted, longer than it may. All times in seconds."""
    return now_s - seen_s > idle_limit_s or now_s - began_s > whole_limit_s


def conflicting_roles(roles: set[Role]) -> str | None:
    """Return why these roles may not be held by one person, or None.

    The three administrators are three people, and none of them does business. Source: docs/sources.md#roles
    """
    admins = roles & set(ADMIN_ROLES)
    if len(admins) > 1:
        return "系统管理员、安全管理员、审计管理员须由不同的人担任。"
    if admins and roles - set(ADMIN_ROLES):
        return "三员账号不得兼任业务角色。"
    return None
