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
    LEDGER_EXPORTED = "matters.ledger_exported"
    PROGRESS_ENTERED = "progress.entered"
    LOOK_BACK_WRITTEN = "progress.look_back_written"


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
    EventName.LEDGER_EXPORTED: "导出台账",
    EventName.PROGRESS_ENTERED: "填报进展",
    EventName.LOOK_BACK_WRITTEN: "写回头看",
}

ALGORITHM = "HMAC-SHA256"


def leaf_digest(content: Mapping[str, Any], *, key: bytes) -> str:
    """Return the keyed digest of one event as 64 hex digits; the key lies outside the database.

    content: JSON-able; its order does not matter. Source: docs/sources.md#audit
    """
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()
