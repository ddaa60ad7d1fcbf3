"""定格: how the lights stood at the end of a month, and on the policy's own days; called by the daily round."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q

from duban.lights.models import Snapshot, SnapshotRow
from duban.lights.queries import AsOf, end_of, standing_as_of
from duban.lights.rules import expected_of, reasons_json
from duban.matters.models import Matter, Plan, PlanPolicy
from duban.matters.policy import default_preset
from duban.matters.rules import LIT_STATES


def take_snapshots(day: date, *, now: datetime) -> list[Snapshot]:
    """Freeze how every matter of every plan stood at the end of a day that asks for it, once.

    It is read from what was known by then, so it may be taken later: a round missed at a month's end loses nothing.
    Plans of years that are over are frozen while something of them is still open.
    """
    is_month_end = (day + timedelta(days=1)).day == 1
    is_open = Exists(Matter.objects.filter(plan=OuterRef("pk"), state__in=LIT_STATES))
    frozen = Exists(Snapshot.objects.filter(plan=OuterRef("pk"), day=day))
    plans = {plan.pk: plan for plan in Plan.objects.filter(Q(year=day.year) | is_open, ~frozen).order_by("pk")}
    held = PlanPolicy.objects.filter(plan__in=plans, held_from__lte=end_of(day)).order_by("held_from", "pk")
    named = held.values_list("plan_id", "policy_id", "policy__figures__lights__snapshot_days")
    followed = {plan_id: (policy_id, days) for plan_id, policy_id, days in named}  # the last row is the plan's own
    taken = []
    for plan_id, (policy_id, own_days) in sorted(followed.items()):
        is_own_day = f"{day:%m-%d}" in (own_days or default_preset().values["lights"]["snapshot_days"])
        if not (is_month_end or is_own_day):
            continue
        ids = Matter.objects.filter(plan=plan_id).order_by("order", "pk").values_list("pk", flat=True)
        stood = standing_as_of(ids, day=day)
        if not stood:
            continue
        snapshot = Snapshot.objects.create(
            plan=plans[plan_id], day=day, policy_id=policy_id, is_half_year=is_own_day, taken_at=now
        )
        rows = [_row(snapshot, pk, stood[pk], day=day) for pk in ids if pk in stood]
        SnapshotRow.objects.bulk_create(rows, batch_size=2_000)
        taken.append(snapshot)
    return taken


def _row(snapshot: Snapshot, matter_id: int, stood: AsOf, *, day: date) -> SnapshotRow:
    facts = stood.facts
    expected = expected_of(facts, policy=stood.policy, today=day)
    reasons = [one for one in stood.judgement.reasons if one.begins_on <= day]
    return SnapshotRow(
        snapshot=snapshot,
        matter_id=matter_id,
        state=facts.state,
        light=stood.light or "",
        override=stood.override.light if stood.override else "",
        due_on=facts.due_on,
        progress_pct=None if facts.progress is None else Decimal(facts.progress).scaleb(-2),
        expected_pct=None if expected is None else Decimal(expected).scaleb(-2),
        reasons=reasons_json(reasons),
    )
