"""What a plan follows: its policy and the settings of its notice."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from duban.access.rules import Permission, require
from duban.audit.actions import record, seal_matters, unseal_matters
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, WrongState
from duban.core.seen import require_seen
from duban.matters.actions.duties import keep_in_step
from duban.matters.actions.entry import NewApproval, hold_open, make_approval
from duban.matters.actions.judging import facts_changed
from duban.matters.actions.life import said
from duban.matters.models import Approval, Matter, Plan, PlanPolicy, PlanSetting, Policy
from duban.matters.policy import presets
from duban.matters.queries import proposed_policy, setting_shown
from duban.matters.rules import LIT_STATES, SETTING_LABELS, SettingKey, State, checked_setting, closed_words
from duban.orgs.models import Jurisdiction


@transaction.atomic
def adopt_policy(
    plan: Plan,
    *,
    figures: Mapping[str, Mapping[str, Any]],
    reason: str,
    by: Actor,
    now: datetime,
    version: int,
    preset: str = "",
) -> Policy:
    """启用督查规则: a new version holds for this plan and for plans made later. The versions before stay as they are.

    figures: every figure, {section: {name: value}}. version: the number the editor saw in force. preset: the key of the
    preset it was made from, where it was. Every light is judged anew in the same transaction.
    Not done: what is owed already keeps its date. Raises NotAllowed, Invalid (a figure absurd, nothing changed),
    Conflict, WrongState (the plan is closed).
    """
    require(by, Permission.POLICY_EDIT, jurisdiction_id=plan.jurisdiction_id)
    reason = said(reason, field="reason", message="请写明修改督查规则的理由。")
    if preset and preset not in presets():
        raise Invalid("没有这套预置规则。", field="preset")
    Jurisdiction.objects.select_for_update().get(pk=plan.jurisdiction_id)
    checked, changes = proposed_policy(plan, figures=figures, version=version)
    standing = Plan.objects.select_related("policy").get(pk=plan.pk).policy
    latest = Policy.objects.filter(jurisdiction=plan.jurisdiction_id).aggregate(Max("number"))["number__max"]
    policy = Policy.objects.create(
        jurisdiction_id=plan.jurisdiction_id,
        name=presets()[preset].name if preset else standing.name,
        number=latest + 1,
        preset=preset or standing.preset,
        figures=checked,
        effective_on=day_of(now),
        adopted_at=now,
        adopted_by_name=by.name,
        reason=reason[:200],
    )
    if not Plan.objects.filter(pk=plan.pk, closed_at=None).update(policy=policy):
        raise WrongState(closed_words(plan.year))
    PlanPolicy.objects.create(plan=plan, policy=policy, held_from=now)
    lit = Matter.objects.filter(plan=plan, state__in=LIT_STATES).values_list("pk", flat=True)
    facts_changed(list(lit), now=now, policy_id=policy.pk)
    data = {
        "before": {one.place: one.before for one in changes},
        "after": {one.place: one.after for one in changes},
        "reason": reason,
        "plan": plan.title,
    }
    record(EventName.POLICY_ADOPTED, policy, by=by, now=now, data=data)
    return policy


@transaction.atomic
def change_setting(
    plan: Plan, *, key: SettingKey, value: Any, reason: str, by: Actor, now: datetime, seen: str | None = None
) -> PlanSetting:
    """修改台账设置: correct what was read from the notice; its sentence stays beside. Reports owed follow their dates.

    seen: of `setting_shown`, as the form showed it. Raises NotAllowed, Invalid, Conflict (`theirs`: what stands),
    WrongState (the plan is closed).
    """
    require(by, Permission.MATTER_REGISTER, jurisdiction_id=plan.jurisdiction_id)
    reason = said(reason, field="reason", message="请写明修改的理由。")
    wanted = checked_setting(key, value)
    hold_open(plan)  # a setting that does not stand yet has no row to lock
    setting = PlanSetting.objects.filter(plan=plan, key=key).first()
    message = f"“{SETTING_LABELS[key]}”刚刚被他人修改过，请对照后再保存。"
    require_seen(seen, standing=setting_shown(setting), message=message)
    before = setting.value if setting else None
    if before == wanted:
        raise Invalid("没有任何改变。")
    if setting is None:
        setting = PlanSetting.objects.create(plan=plan, key=key, value=wanted)
    else:
        setting.value = wanted
        setting.save(update_fields=["value"])
    if key is SettingKey.REPORT_DATES:
        handed_out = (State.ASSIGNED, State.IN_PROGRESS, State.CLOSING, State.SUSPENDED)
        matters = list(Matter.objects.filter(plan=plan, state__in=handed_out).select_related("plan__policy"))
        keep_in_step(matters, now=now, reason="报送日期调整")
    data = {"key": key.value, "before": before, "after": wanted, "reason": reason}
    record(EventName.PLAN_SETTING_CHANGED, plan, by=by, now=now, data=data)
    return setting


@transaction.atomic
def put_closed(plan: Plan, *, approval: NewApproval, by: Actor, now: datetime) -> Approval:
    """年度办结: from now on nothing of this plan or of its matters may be changed. Returns the approval it rests on.

    Called down by the year's end in its transaction, whose event tells of it, before it looks for what is still open:
    whoever is changing a matter right now is waited for. Raises NotAllowed, Invalid, WrongState (closed already).
    """
    require(by, Permission.PLAN_CLOSE, jurisdiction_id=plan.jurisdiction_id)
    if not Plan.objects.filter(pk=plan.pk, closed_at=None).update(closed_at=now, closed_by_name=by.name[:40]):
        raise WrongState(f"{plan.year}年度台账已经办结，可能他人刚刚办理过。")
    seal_matters(Matter.objects.filter(plan=plan).order_by().values("pk"), by=by, now=now)
    plan.refresh_from_db(fields=["closed_at", "closed_by_name"])
    return make_approval(approval, jurisdiction_id=plan.jurisdiction_id, by=by, now=now)


@transaction.atomic
def put_open(plan: Plan, *, approval: NewApproval, by: Actor, now: datetime) -> Approval:
    """重新打开: the plan and its matters may be changed again. See `put_closed`.

    Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.PLAN_CLOSE, jurisdiction_id=plan.jurisdiction_id)
    if not Plan.objects.filter(pk=plan.pk, closed_at__isnull=False).update(closed_at=None, closed_by_name=""):
        raise WrongState(f"{plan.year}年度台账没有办结，不必重新打开。")
    unseal_matters(Matter.objects.filter(plan=plan).order_by().values("pk"), by=by, now=now)
    plan.refresh_from_db(fields=["closed_at", "closed_by_name"])
    return make_approval(approval, jurisdiction_id=plan.jurisdiction_id, by=by, now=now)
