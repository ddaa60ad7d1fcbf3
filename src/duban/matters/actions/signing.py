"""签收 once for a whole unit: contacts named, matters signed for or sent back, all in one go."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from duban.access.rules import Permission, require
from duban.core.actor import Actor
from duban.core.errors import Invalid, WrongState
from duban.matters.actions.duties import name_contacts
from duban.matters.actions.life import Arrangement, Behalf, acknowledge, refuse
from duban.matters.models import Assignment, Matter, Plan
from duban.matters.queries import unsigned_assignments
from duban.orgs.actions import NewContact
from duban.orgs.models import Unit
from duban.orgs.queries import absorbed_by


@dataclass(frozen=True, slots=True)
class Signature:
    """What one signature did. left: matters shown to the person that a colleague had dealt with meanwhile."""

    signed: list[Assignment]
    refused: list[Assignment]
    left: int


@transaction.atomic
def acknowledge_plan(
    plan: Plan,
    *,
    unit: Unit,
    matters: Sequence[int],
    by: Actor,
    now: datetime,
    arrangements: Mapping[int, Arrangement] | None = None,
    refusals: Mapping[int, str] | None = None,
    contacts: Sequence[NewContact] = (),
    behalf: Behalf | None = None,
) -> Signature:
    """签收 for everything a unit (with those merged into it) was shown of a plan, once. All or none.

    matters: ids of the matters the person saw; what came since is not signed unread.   refusals: reason by matter id,
    sent back instead of signed.   contacts: those to be named anew.   behalf: compulsory for whoever is not of the
    unit: how the unit answered.
    Raises NotAllowed, Invalid, WrongState (a colleague signed first). Source: docs/sources.md#reports
    """
    require(by, Permission.MATTER_ACKNOWLEDGE, unit_id=unit.pk, jurisdiction_id=plan.jurisdiction_id)
    is_own = any(unit.pk in one.unit_ids for one in by.held)
    if behalf is not None and (is_own or len(behalf.signer.strip()) < 2):
        raise Invalid("请写明单位由谁签收。" if not is_own else "本单位签收不必代录。", field="signer")
    if behalf is None and not is_own:
        raise Invalid("代单位签收，请写明方式（纸质回执或电话）和签收人。", field="channel")
    refusals = refusals or {}
    units = {unit.pk} | absorbed_by({unit.pk})[unit.pk]
    waiting: dict[int, list[Assignment]] = defaultdict(list)  # after a merger a unit may stand on a matter twice
    for one in unsigned_assignments(units, plan=plan).filter(matter_id__in=list(matters)):
        waiting[one.matter_id].append(one)
    taken = [pk for pk in refusals if pk not in waiting]
    if not waiting or taken:
        raise WrongState("这些事项刚刚由本单位的同事签收或退回了，请刷新后再看。")
    if contacts:
        name_contacts(contacts, by=by, now=now)
    refused: list[Assignment] = []
    to_sign: dict[Unit, list[Matter]] = {}
    for pk, rows in waiting.items():
        for one in rows:
            one.matter.plan = plan
            if pk in refusals:
                refused.append(refuse(one, reason=refusals[pk], by=by, now=now, behalf=behalf))
            else:
                to_sign.setdefault(one.unit, []).append(one.matter)
    signed: list[Assignment] = []
    for signing, own in to_sign.items():
        signed += acknowledge(signing, plan=plan, matters=own, arrangements=arrangements, behalf=behalf, by=by, now=now)
    return Signature(signed=signed, refused=refused, left=len(set(matters)) - len(waiting))
