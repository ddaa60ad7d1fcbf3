"""The closed list of event names, their sentences, and the leaf digest."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class EventName(StrEnum):
    """Every event there is. An unknown name is an error; a house test finds unused ones."""

    SIGNED_IN = "access.signed_in"
    SIGN_IN_FAILED = "access.sign_in_failed"
    SIGNED_OUT = "access.signed_out"
    LOCKED_OUT = "access.locked_out"
    REFUSED = "access.refused"
    ACCOUNT_CREATED = "access.account_created"
    ACCOUNT_CHANGED = "access.account_changed"
    ACCOUNT_UNLOCKED = "access.account_unlocked"
    PASSWORD_CHANGED = "access.password_changed"  # noqa: S105
    PASSWORD_RESET = "access.password_reset"  # noqa: S105
    TOKEN_CREATED = "access.token_created"  # noqa: S105
    TOKEN_REVOKED = "access.token_revoked"  # noqa: S105
    ROLE_GRANTED = "access.role_granted"
    ROLE_ENDED = "access.role_ended"
    AUDIT_OPENED = "audit.opened"
    AUDIT_VERIFIED = "audit.verified"
    JURISDICTION_CREATED = "orgs.jurisdiction_created"
    UNIT_CREATED = "orgs.unit_created"
    UNIT_CHANGED = "orgs.unit_changed"
    UNITS_MERGED = "orgs.units_merged"
    GROUP_CHANGED = "orgs.group_changed"
    PERSON_CREATED = "orgs.person_created"
    PERSON_CHANGED = "orgs.person_changed"
    POST_CREATED = "orgs.post_created"
    POST_CHANGED = "orgs.post_changed"
    APPOINTED = "orgs.appointed"
    APPOINTMENT_ENDED = "orgs.appointment_ended"
    CONTACT_NAMED = "orgs.contact_named"
    ORGS_IMPORTED = "orgs.imported"
    ORGS_EXPORTED = "orgs.exported"
    NOTICE_UPLOADED = "intake.notice_uploaded"
    NOTICE_CORRECTED = "intake.notice_corrected"
    CELL_CORRECTED = "intake.cell_corrected"
    CELL_CONFIRMED = "intake.cell_confirmed"
    ROW_ACCEPTED = "intake.row_accepted"
    ROW_REJECTED = "intake.row_rejected"
    ROW_REOPENED = "intake.row_reopened"
    ROW_ADDED = "intake.row_added"
    FINDING_SETTLED = "intake.finding_settled"
    NAME_DECIDED = "intake.name_decided"
    GROUP_DECIDED = "intake.group_decided"
    NOTICE_REGISTERED = "intake.notice_registered"
    NOTICE_DISCARDED = "intake.notice_discarded"
    PLAN_CREATED = "matters.plan_created"
    PLAN_SETTING_CHANGED = "matters.plan_setting_changed"
    POLICY_ADOPTED = "matters.policy_adopted"
    MATTER_CREATED = "matters.created"
    MATTER_EDITED = "matters.edited"
    MATTER_REGISTERED = "matters.registered"
    MATTER_ASSIGNED = "matters.assigned"
    MATTER_ACKNOWLEDGED = "matters.acknowledged"
    MATTER_STARTED = "matters.started"
    ARRANGEMENT_GIVEN = "matters.arrangement_given"
    MATTER_REFUSED = "matters.refused"
    REFUSAL_DECIDED = "matters.refusal_decided"
    CLOSURE_ASKED = "matters.closure_asked"
    CLOSURE_RETURNED = "matters.closure_returned"
    MATTER_CLOSED = "matters.closed"
    MATTER_REOPENED = "matters.reopened"
    MATTER_ADJUSTED = "matters.adjusted"
    MATTER_EXTENDED = "matters.extended"
    MATTER_SUSPENDED = "matters.suspended"
    MATTER_RESUMED = "matters.resumed"
    MATTER_SPLIT = "matters.split"
    MATTER_CARRIED_OVER = "matters.carried_over"
    MATTER_TERMINATED = "matters.terminated"
    MILESTONES_SET = "matters.milestones_set"
    OBLIGATION_WAIVED = "matters.obligation_waived"
    LIGHT_OVERRIDDEN = "lights.overridden"
    OVERRIDE_LIFTED = "lights.override_lifted"
    LIGHTS_TURNED = "lights.turned"
    LIGHTS_RECONCILED = "lights.reconciled"
    CALENDAR_LOADED = "calendars.notice_loaded"
    LEDGER_EXPORTED = "matters.ledger_exported"
    PROGRESS_ENTERED = "progress.entered"
    LOOK_BACK_WRITTEN = "progress.look_back_written"
    SCHEDULE_PROPOSED = "progress.schedule_proposed"
    SCHEDULE_ACCEPTED = "progress.schedule_accepted"
    SCHEDULE_RETURNED = "progress.schedule_returned"
    EVIDENCE_ADDED = "evidence.added"
    EVIDENCE_WITHDRAWN = "evidence.withdrawn"
    CONTRIBUTION_GIVEN = "reports.contribution_given"
    CONTRIBUTION_MISSING = "reports.contribution_missing"
    REPORT_SUBMITTED = "reports.submitted"
    REPORT_SENT_BACK = "reports.sent_back"
    REPORT_APPROVED = "reports.approved"
    REPORT_ACCEPTED = "reports.accepted"
    REPORT_RETURNED = "reports.returned"
    REPORTS_EXPORTED = "reports.exported"
    REPORT_MARKED_HOLLOW = "reports.marked_hollow"
    HOLLOW_MARK_LIFTED = "reports.hollow_mark_lifted"
    OBSTACLE_RAISED = "obstacles.raised"
    OBSTACLE_ANSWERED = "obstacles.answered"
    OBSTACLE_UNSOLVED = "obstacles.unsolved"
    OBSTACLE_ESCALATED = "obstacles.escalated"
    OBSTACLE_CLOSED = "obstacles.closed"
    MEETING_CALLED = "obstacles.meeting_called"
    MEETING_CHANGED = "obstacles.meeting_changed"
    MEETING_CANCELLED = "obstacles.meeting_cancelled"
    MEETING_HELD = "obstacles.meeting_held"
    ITEM_DECIDED = "obstacles.item_decided"
    DECISION_DONE = "obstacles.decision_done"
    DECISION_ACCEPTED = "obstacles.decision_accepted"
    DECISION_RETURNED = "obstacles.decision_returned"
    INSTRUCTION_GIVEN = "instructions.given"
    INSTRUCTION_ANSWERED = "instructions.answered"
    INSTRUCTION_ASKED_AGAIN = "instructions.asked_again"
    INSTRUCTION_SETTLED = "instructions.settled"
    SUPERIOR_NAMED = "superiors.named"
    DEALING_NOTED = "superiors.dealing_noted"
    CHANGE_ASKED = "changes.asked"
    CHANGE_REFUSED = "changes.refused"
    CHANGE_WITHDRAWN = "changes.withdrawn"
    CLOSURE_PREPARED = "closing.prepared"
    CLOSURE_SENT_BACK = "closing.sent_back"
    CLOSURE_AGREED = "closing.agreed"
    CLOSURE_VERIFIED = "closing.verified"
    REMINDERS_SENT = "reminders.sent"
    LETTER_DRAFTED = "letters.drafted"
    LETTER_EDITED = "letters.edited"
    LETTERS_MERGED = "letters.merged"
    LETTER_DROPPED = "letters.dropped"
    LETTER_PRESENTED = "letters.presented"
    LETTER_SENT_BACK = "letters.sent_back"
    LETTER_SIGNED = "letters.signed"
    LETTER_NUMBERED = "letters.numbered"
    LETTER_ISSUED = "letters.issued"
    LETTER_DELIVERED = "letters.delivered"
    LETTER_READ = "letters.read"
    LETTER_ANSWERED = "letters.answered"
    LETTER_ANSWER_ACCEPTED = "letters.answer_accepted"
    LETTER_ANSWER_RETURNED = "letters.answer_returned"
    LETTER_SETTLED = "letters.settled"
    LETTER_WITHDRAWN = "letters.withdrawn"
    PAPER_ISSUED = "papers.issued"
    PAPER_SCANNED = "papers.scanned"
    TEMPLATE_ADOPTED = "papers.template_adopted"
    BULLETIN_DRAFTED = "bulletins.drafted"
    BULLETIN_EDITED = "bulletins.edited"
    CITATION_ADDED = "bulletins.citation_added"
    CITATION_EDITED = "bulletins.citation_edited"
    CITATION_LEFT_OUT = "bulletins.citation_left_out"
    CITATION_RESTORED = "bulletins.citation_restored"
    BULLETIN_SHOWN = "bulletins.shown_to_units"
    CITATIONS_CONFIRMED = "bulletins.citations_confirmed"
    CITATION_CORRECTED = "bulletins.citation_corrected"
    CORRECTION_ACCEPTED = "bulletins.correction_accepted"
    CORRECTION_DECLINED = "bulletins.correction_declined"
    BULLETIN_PRESENTED = "bulletins.presented"
    BULLETIN_SENT_BACK = "bulletins.sent_back"
    BULLETIN_APPROVED = "bulletins.approved"
    BULLETIN_ISSUED = "bulletins.issued"
    BULLETIN_READ = "bulletins.read"
    BULLETIN_DROPPED = "bulletins.dropped"
    CITATION_WITHDRAWN = "bulletins.citation_withdrawn"
    OBJECTION_WRITTEN = "objections.written"
    OBJECTION_SENT_BACK = "objections.sent_back"
    OBJECTION_FILED = "objections.filed"
    OBJECTION_PROVED = "objections.evidence_added"
    OBJECTION_ACCEPTED = "objections.accepted"
    OBJECTION_DECLINED = "objections.declined"
    OBJECTION_WITHDRAWN = "objections.withdrawn"
    REVIEWER_APPOINTED = "objections.reviewer_appointed"
    OBJECTION_DECIDED = "objections.decided"
    INTERVIEW_APPLIED = "interviews.applied"
    INTERVIEW_REAPPLIED = "interviews.reapplied"
    INTERVIEW_DISMISSED = "interviews.dismissed"
    INTERVIEW_APPROVED = "interviews.approved"
    INTERVIEW_REFUSED = "interviews.refused"
    INTERVIEW_SENT_BACK = "interviews.sent_back"
    INTERVIEW_WITHDRAWN = "interviews.withdrawn"
    INTERVIEW_ARRANGED = "interviews.arranged"
    INTERVIEW_NOTIFIED = "interviews.notified"
    INTERVIEW_POSTPONED = "interviews.postponed"
    INTERVIEW_CONFIRMED = "interviews.confirmed"
    INTERVIEW_HELD = "interviews.held"
    TALK_EDITED = "interviews.talk_edited"
    INTERVIEW_MINUTES_ISSUED = "interviews.minutes_issued"
    RECTIFY_PLAN_GIVEN = "interviews.plan_given"
    RECTIFY_PLAN_ACCEPTED = "interviews.plan_accepted"
    RECTIFICATION_REPORTED = "interviews.rectified"
    RECTIFICATION_RETURNED = "interviews.paper_returned"
    INTERVIEW_RECHECKED = "interviews.rechecked"
    EVALUATION_DRAWN_UP = "evaluation.drawn_up"
    UNIT_RATED = "evaluation.unit_rated"
    EVALUATION_SHOWN = "evaluation.shown_to_units"
    SCORE_CONTESTED = "evaluation.score_contested"
    SCORE_UPHELD = "evaluation.score_upheld"
    SCORE_AGREED = "evaluation.score_agreed"
    SCORE_CORRECTED = "evaluation.score_corrected"
    EVALUATION_CONFIRMED = "evaluation.confirmed"
    EVALUATION_REOPENED = "evaluation.reopened"
    EVALUATION_DROPPED = "evaluation.dropped"
    EVALUATION_EXPORTED = "evaluation.exported"
    RESULTS_TAKEN_IN = "evaluation.results_taken_in"
    CHECK_PLANNED = "visits.check_planned"
    CHECKS_APPROVED = "visits.checks_approved"
    CHECK_DROPPED = "visits.check_dropped"
    CHECKS_JOINED = "visits.checks_joined"
    LIST_DRAWN = "visits.list_drawn"
    VISIT_PREPARED = "visits.prepared"
    VISIT_EDITED = "visits.edited"
    VISITS_JOINED = "visits.joined"
    VISIT_APPROVED = "visits.approved"
    VISIT_DROPPED = "visits.dropped"
    RESULTS_RECORDED = "visits.results_recorded"
    ANSWER_CHOSEN = "visits.answer_chosen"
    VISIT_HELD = "visits.held"
    VISIT_SENT_BACK = "visits.sent_back"
    FINDINGS_CONFIRMED = "visits.confirmed"
    FINDING_OVERTURNED = "visits.finding_overturned"
    CONCLUSION_GIVEN = "visits.concluded"
    RECTIFYING_PLANNED = "visits.rectifying_planned"
    RECTIFYING_REPORTED = "visits.rectifying_reported"
    RECTIFYING_RETURNED = "visits.rectifying_returned"
    RECTIFYING_ACCEPTED = "visits.rectifying_accepted"
    LEAD_HANDED_OVER = "visits.lead_handed_over"
    RESULTS_UPLOADED = "visits.results_uploaded"
    RESULTS_COUNTED = "visits.results_counted"
    RESULTS_DROPPED = "visits.results_dropped"
    PLAN_CLOSED = "archives.plan_closed"
    PLAN_REOPENED = "archives.plan_reopened"
    ARCHIVE_ASKED = "archives.asked"
    ARCHIVE_WRITTEN = "archives.written"
    ARCHIVE_TAKEN = "archives.taken"
    TASK_RETRIED = "jobs.task_retried"
    TASK_DROPPED = "jobs.task_dropped"
    CHANNEL_CHANGED = "outbox.channel_changed"
    CHANNEL_TESTED = "outbox.channel_tested"
    DELIVERY_RESENT = "outbox.delivery_resent"
    DELIVERY_DROPPED = "outbox.delivery_dropped"


EVENT_LABELS: dict[EventName, str] = {
    EventName.SIGNED_IN: "登录",
    EventName.SIGN_IN_FAILED: "登录失败",
    EventName.SIGNED_OUT: "退出",
    EventName.LOCKED_OUT: "账号锁定",
    EventName.REFUSED: "越权访问被拒",
    EventName.ACCOUNT_CREATED: "新建账号",
    EventName.ACCOUNT_CHANGED: "修改账号",
    EventName.ACCOUNT_UNLOCKED: "解锁账号",
    EventName.PASSWORD_CHANGED: "修改密码",
    EventName.PASSWORD_RESET: "重置密码",
    EventName.TOKEN_CREATED: "新建接口令牌",
    EventName.TOKEN_REVOKED: "作废接口令牌",
    EventName.ROLE_GRANTED: "授权",
    EventName.ROLE_ENDED: "收回授权",
    EventName.AUDIT_OPENED: "查看审计内容",
    EventName.AUDIT_VERIFIED: "核验审计记录",
    EventName.JURISDICTION_CREATED: "新建辖区",
    EventName.UNIT_CREATED: "新建单位",
    EventName.UNIT_CHANGED: "修改单位",
    EventName.UNITS_MERGED: "合并单位",
    EventName.GROUP_CHANGED: "修改统称成员",
    EventName.PERSON_CREATED: "新建人员",
    EventName.PERSON_CHANGED: "修改人员",
    EventName.POST_CREATED: "新建岗位",
    EventName.POST_CHANGED: "修改岗位",
    EventName.APPOINTED: "任职",
    EventName.APPOINTMENT_ENDED: "免职",
    EventName.CONTACT_NAMED: "明确联络员、分管领导",
    EventName.ORGS_IMPORTED: "导入单位名册",
    EventName.ORGS_EXPORTED: "导出单位名册",
    EventName.NOTICE_UPLOADED: "导入通知",
    EventName.NOTICE_CORRECTED: "更正通知要素",
    EventName.CELL_CORRECTED: "更正读取结果",
    EventName.CELL_CONFIRMED: "确认读取结果",
    EventName.ROW_ACCEPTED: "核对通过",
    EventName.ROW_REJECTED: "核对剔除",
    EventName.ROW_REOPENED: "重新核对",
    EventName.ROW_ADDED: "补录一行",
    EventName.FINDING_SETTLED: "处理疑点",
    EventName.NAME_DECIDED: "认定单位或人员",
    EventName.GROUP_DECIDED: "明确统称所指",
    EventName.NOTICE_REGISTERED: "通知入账",
    EventName.NOTICE_DISCARDED: "作废导入",
    EventName.PLAN_CREATED: "建立年度台账",
    EventName.PLAN_SETTING_CHANGED: "修改台账设置",
    EventName.POLICY_ADOPTED: "启用督查规则",
    EventName.MATTER_CREATED: "录入事项",
    EventName.MATTER_EDITED: "修改事项",
    EventName.MATTER_REGISTERED: "立项",
    EventName.MATTER_ASSIGNED: "交办",
    EventName.MATTER_ACKNOWLEDGED: "签收",
    EventName.MATTER_STARTED: "开始办理",
    EventName.ARRANGEMENT_GIVEN: "填报责任安排",
    EventName.MATTER_REFUSED: "退回交办",
    EventName.REFUSAL_DECIDED: "裁定退回",
    EventName.CLOSURE_ASKED: "申请销号",
    EventName.CLOSURE_RETURNED: "退回销号申请",
    EventName.MATTER_CLOSED: "销号",
    EventName.MATTER_REOPENED: "重新办理",
    EventName.MATTER_ADJUSTED: "调整",
    EventName.MATTER_EXTENDED: "延期",
    EventName.MATTER_SUSPENDED: "暂停",
    EventName.MATTER_RESUMED: "恢复",
    EventName.MATTER_SPLIT: "拆分",
    EventName.MATTER_CARRIED_OVER: "结转下年",
    EventName.MATTER_TERMINATED: "终止",
    EventName.MILESTONES_SET: "明确时间节点",
    EventName.OBLIGATION_WAIVED: "免除应办事宜",
    EventName.LIGHT_OVERRIDDEN: "改判灯色",
    EventName.OVERRIDE_LIFTED: "取消改判",
    EventName.LIGHTS_TURNED: "每日刷新灯色",
    EventName.LIGHTS_RECONCILED: "全部灯色复核",
    EventName.CALENDAR_LOADED: "载入放假安排",
    EventName.LEDGER_EXPORTED: "导出台账",
    EventName.PROGRESS_ENTERED: "填报进展",
    EventName.LOOK_BACK_WRITTEN: "写回头看",
    EventName.SCHEDULE_PROPOSED: "报送进度安排",
    EventName.SCHEDULE_ACCEPTED: "同意进度安排",
    EventName.SCHEDULE_RETURNED: "退回进度安排",
    EventName.EVIDENCE_ADDED: "提交佐证材料",
    EventName.EVIDENCE_WITHDRAWN: "撤下佐证材料",
    EventName.CONTRIBUTION_GIVEN: "报送协办情况",
    EventName.CONTRIBUTION_MISSING: "标记协办未报",
    EventName.REPORT_SUBMITTED: "提交报告送审",
    EventName.REPORT_SENT_BACK: "单位内退改报告",
    EventName.REPORT_APPROVED: "审签报送报告",
    EventName.REPORT_ACCEPTED: "采用报告",
    EventName.REPORT_RETURNED: "退回报告",
    EventName.REPORTS_EXPORTED: "导出报送汇总",
    EventName.REPORT_MARKED_HOLLOW: "标记报告内容空泛",
    EventName.HOLLOW_MARK_LIFTED: "取消内容空泛标记",
    EventName.OBSTACLE_RAISED: "提出困难问题",
    EventName.OBSTACLE_ANSWERED: "答复困难问题",
    EventName.OBSTACLE_UNSOLVED: "反映困难问题未解决",
    EventName.OBSTACLE_ESCALATED: "提请领导协调",
    EventName.OBSTACLE_CLOSED: "销结困难问题",
    EventName.MEETING_CALLED: "安排调度会",
    EventName.MEETING_CHANGED: "修改调度会安排",
    EventName.MEETING_CANCELLED: "取消调度会",
    EventName.MEETING_HELD: "召开调度会",
    EventName.ITEM_DECIDED: "调度会议定",
    EventName.DECISION_DONE: "落实调度会议定事项",
    EventName.DECISION_ACCEPTED: "认可议定事项已落实",
    EventName.DECISION_RETURNED: "退回议定事项落实情况",
    EventName.INSTRUCTION_GIVEN: "批示",
    EventName.INSTRUCTION_ANSWERED: "反馈批示落实情况",
    EventName.INSTRUCTION_ASKED_AGAIN: "要求继续落实批示",
    EventName.INSTRUCTION_SETTLED: "办结批示",
    EventName.SUPERIOR_NAMED: "填写对接上级任务",
    EventName.DEALING_NOTED: "记录对接情况",
    EventName.CHANGE_ASKED: "申请变更",
    EventName.CHANGE_REFUSED: "不同意变更",
    EventName.CHANGE_WITHDRAWN: "撤回变更申请",
    EventName.CLOSURE_PREPARED: "提交销号申请送审",
    EventName.CLOSURE_SENT_BACK: "退改销号申请",
    EventName.CLOSURE_AGREED: "签批销号申请",
    EventName.CLOSURE_VERIFIED: "核验销号申请",
    EventName.REMINDERS_SENT: "发出提醒",
    EventName.LETTER_DRAFTED: "拟办函件",
    EventName.LETTER_EDITED: "修改函稿",
    EventName.LETTERS_MERGED: "合并函稿",
    EventName.LETTER_DROPPED: "作罢函稿",
    EventName.LETTER_PRESENTED: "函稿送签",
    EventName.LETTER_SENT_BACK: "退回函稿",
    EventName.LETTER_SIGNED: "签发函件",
    EventName.LETTER_NUMBERED: "登记函件文号",
    EventName.LETTER_ISSUED: "发出函件",
    EventName.LETTER_DELIVERED: "登记函件送达",
    EventName.LETTER_READ: "阅读函件",
    EventName.LETTER_ANSWERED: "答复函件",
    EventName.LETTER_ANSWER_ACCEPTED: "认可函件答复",
    EventName.LETTER_ANSWER_RETURNED: "退回函件答复",
    EventName.LETTER_SETTLED: "办结函件",
    EventName.LETTER_WITHDRAWN: "撤回函件",
    EventName.PAPER_ISSUED: "公文存档",
    EventName.PAPER_SCANNED: "附公文扫描件",
    EventName.TEMPLATE_ADOPTED: "启用行文模板",
    EventName.BULLETIN_DRAFTED: "拟办通报",
    EventName.BULLETIN_EDITED: "修改通报稿",
    EventName.CITATION_ADDED: "通报增列条目",
    EventName.CITATION_EDITED: "修改通报条目",
    EventName.CITATION_LEFT_OUT: "通报不列条目",
    EventName.CITATION_RESTORED: "通报恢复条目",
    EventName.BULLETIN_SHOWN: "通报送单位核对",
    EventName.CITATIONS_CONFIRMED: "核对通报无误",
    EventName.CITATION_CORRECTED: "更正通报事实",
    EventName.CORRECTION_ACCEPTED: "采纳事实更正",
    EventName.CORRECTION_DECLINED: "不采纳事实更正",
    EventName.BULLETIN_PRESENTED: "通报送批",
    EventName.BULLETIN_SENT_BACK: "退回通报稿",
    EventName.BULLETIN_APPROVED: "批准通报",
    EventName.BULLETIN_ISSUED: "印发通报",
    EventName.BULLETIN_READ: "阅读通报",
    EventName.BULLETIN_DROPPED: "作罢通报稿",
    EventName.CITATION_WITHDRAWN: "撤回通报条目",
    EventName.OBJECTION_WRITTEN: "起草复核申请",
    EventName.OBJECTION_SENT_BACK: "单位内退改复核申请",
    EventName.OBJECTION_FILED: "申请复核",
    EventName.OBJECTION_PROVED: "提交复核佐证材料",
    EventName.OBJECTION_ACCEPTED: "受理复核申请",
    EventName.OBJECTION_DECLINED: "不予受理复核申请",
    EventName.OBJECTION_WITHDRAWN: "撤回复核申请",
    EventName.REVIEWER_APPOINTED: "指定复核人",
    EventName.OBJECTION_DECIDED: "作出复核决定",
    EventName.INTERVIEW_APPLIED: "申请约谈",
    EventName.INTERVIEW_REAPPLIED: "重新申请约谈",
    EventName.INTERVIEW_DISMISSED: "不予提起约谈",
    EventName.INTERVIEW_APPROVED: "批准约谈",
    EventName.INTERVIEW_REFUSED: "不予批准约谈",
    EventName.INTERVIEW_SENT_BACK: "退回约谈申请",
    EventName.INTERVIEW_WITHDRAWN: "撤回约谈",
    EventName.INTERVIEW_ARRANGED: "定约谈方案",
    EventName.INTERVIEW_NOTIFIED: "发出约谈通知书",
    EventName.INTERVIEW_POSTPONED: "约谈改期",
    EventName.INTERVIEW_CONFIRMED: "确认参加约谈",
    EventName.INTERVIEW_HELD: "登记约谈",
    EventName.TALK_EDITED: "修改约谈记录",
    EventName.INTERVIEW_MINUTES_ISSUED: "印发约谈纪要",
    EventName.RECTIFY_PLAN_GIVEN: "报送整改方案",
    EventName.RECTIFY_PLAN_ACCEPTED: "认可整改方案",
    EventName.RECTIFICATION_REPORTED: "报送整改报告",
    EventName.RECTIFICATION_RETURNED: "退回整改材料",
    EventName.INTERVIEW_RECHECKED: "复查整改情况",
    EventName.EVALUATION_DRAWN_UP: "拟定考评",
    EventName.UNIT_RATED: "领导评价单位",
    EventName.EVALUATION_SHOWN: "考评送单位核对",
    EventName.SCORE_CONTESTED: "考评得分有异议",
    EventName.SCORE_UPHELD: "维持考评得分",
    EventName.SCORE_AGREED: "对考评得分没有异议",
    EventName.SCORE_CORRECTED: "更正考评得分",
    EventName.EVALUATION_CONFIRMED: "核定考评",
    EventName.EVALUATION_REOPENED: "重新核对考评",
    EventName.EVALUATION_DROPPED: "作罢考评",
    EventName.EVALUATION_EXPORTED: "导出考评数据",
    EventName.RESULTS_TAKEN_IN: "载入考评部门核查结果",
    EventName.CHECK_PLANNED: "列入督查计划",
    EventName.CHECKS_APPROVED: "批准督查计划",
    EventName.CHECK_DROPPED: "取消计划的检查",
    EventName.CHECKS_JOINED: "合并计划的检查",
    EventName.LIST_DRAWN: "抽取核验名单",
    EventName.VISIT_PREPARED: "拟定督查方案",
    EventName.VISIT_EDITED: "修改督查方案",
    EventName.VISITS_JOINED: "合并核验",
    EventName.VISIT_APPROVED: "批准督查方案",
    EventName.VISIT_DROPPED: "作罢核验",
    EventName.RESULTS_RECORDED: "填写核验结果",
    EventName.ANSWER_CHOSEN: "选定核验结果",
    EventName.VISIT_HELD: "完成现场核验",
    EventName.VISIT_SENT_BACK: "退回核验结果",
    EventName.FINDINGS_CONFIRMED: "认定核验结果",
    EventName.FINDING_OVERTURNED: "改变核验认定",
    EventName.CONCLUSION_GIVEN: "反馈督查结论",
    EventName.RECTIFYING_PLANNED: "报送核验整改方案",
    EventName.RECTIFYING_REPORTED: "报送核验整改情况",
    EventName.RECTIFYING_RETURNED: "核验整改复查不通过",
    EventName.RECTIFYING_ACCEPTED: "核验整改复查通过",
    EventName.LEAD_HANDED_OVER: "移送线索",
    EventName.RESULTS_UPLOADED: "导入核验结果",
    EventName.RESULTS_COUNTED: "采用核验结果",
    EventName.RESULTS_DROPPED: "作罢导入的核验结果",
    EventName.PLAN_CLOSED: "年度办结",
    EventName.PLAN_REOPENED: "重新打开年度台账",
    EventName.ARCHIVE_ASKED: "要求归档",
    EventName.ARCHIVE_WRITTEN: "写成档案",
    EventName.ARCHIVE_TAKEN: "取走档案",
    EventName.TASK_RETRIED: "重试后台任务",
    EventName.TASK_DROPPED: "作罢后台任务",
    EventName.CHANNEL_CHANGED: "修改发送渠道",
    EventName.CHANNEL_TESTED: "试发消息",
    EventName.DELIVERY_RESENT: "重发消息",
    EventName.DELIVERY_DROPPED: "作罢消息",
}

ALGORITHM = "HMAC-SHA256"


def key_id_of(key: bytes) -> str:
    """Return the mark by which events say with which key they were written; it does not give the key away."""
    return hashlib.sha256(b"duban audit key" + key).hexdigest()[:16]


def leaf_digest(content: Mapping[str, Any], *, key: bytes) -> str:
    """Return the keyed digest of one event as 64 hex digits; the key lies outside the database.

    content: JSON-able; its order does not matter. Source: docs/sources.md#audit
    """
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()


_CHANGE_NOTHING = (
    EventName.REFUSED,
    EventName.AUDIT_OPENED,
    EventName.LEDGER_EXPORTED,
    EventName.REPORTS_EXPORTED,
    EventName.EVALUATION_EXPORTED,
    EventName.LETTER_READ,
    EventName.BULLETIN_READ,
)
_OBJECTIONS = "objections."
"""复核: units have their days to apply whether or not the year is closed. What an outcome changes has events of its
own, which are refused until the plan is opened again."""


_RECTIFYING = (
    EventName.RECTIFY_PLAN_GIVEN,
    EventName.RECTIFY_PLAN_ACCEPTED,
    EventName.RECTIFICATION_REPORTED,
    EventName.RECTIFICATION_RETURNED,
    EventName.INTERVIEW_RECHECKED,
    EventName.RECTIFYING_PLANNED,
    EventName.RECTIFYING_REPORTED,
    EventName.RECTIFYING_RETURNED,
    EventName.RECTIFYING_ACCEPTED,
)
"""整改: what a conclusion or a talk demanded goes on to its end, past the end of the year."""


def changes_nothing(name: EventName) -> bool:
    """Return whether an event only tells that something was looked at, read or carried out of the house."""
    return name in _CHANGE_NOTHING


def may_follow_sealing(name: EventName) -> bool:
    """Return whether an event may still be written of a matter whose year is closed: it changes nothing of it, or the
    regulation lets it go on (复核, 整改).
    """
    return changes_nothing(name) or name in _RECTIFYING or name.value.startswith(_OBJECTIONS)
