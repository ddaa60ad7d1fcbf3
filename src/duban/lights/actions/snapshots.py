"""定格: how the lights stood at the end of a month, and on the policy's own days; called by the daily round."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from duban.lights.models import Snapshot, SnapshotRow
from duban.lights.queries import AsOf, end_of, standing_as_of
from duban.lights.rules import expected_of, reasons_json
from duban.matters.models import Matter, Plan, PlanPolicy
from duban.matters.policy import Lights, stored_figures
from duban.matters.rules import LIT_STATES


def take_snapshots(day: date, *, now: datetime) -> list[Snapshot]:
    """Freeze how every matter of every plan stood at the end of a day that asks for it, once.

    It is read from what was known by then, so it may be taken later: a round missed at a month's end loses nothing.
    Plans of years that are over are frozen while something of them is still open.
    """
    is_month_end = (day + timedelta(days=1)).day == 1
    wanted = Q(year=day.year) | Q(matters__state__in=LIT_STATES)
    plans = Plan.objects.filter(wanted).exclude(snapshots__day=day).distinct().order_by("pk")
    taken = []
    for plan in plans:
        held = PlanPolicy.objects.filter(plan=plan, held_from__lte=end_of(day)).select_related("policy").last()
        if held is None:
            continue
        policy = stored_figures(held.policy.figures).lights
        is_own_day = f"{day:%m-%d}" in policy.snapshot_days
        if not (is_month_end or is_own_day):
            continue
        ids = Matter.objects.filter(plan=plan).order_by("order", "pk").values_list("pk", flat=True)
        stood = standing_as_of(ids, day=day)
        if not stood:
            continue
        snapshot = Snapshot.objects.create(
            plan=plan, day=day, policy=held.policy, is_half_year=is_own_day, taken_at=now
        )
        rows = [_row(snapshot, pk, stood[pk], policy, day) for pk in ids if pk in stood]
        SnapshotRow.objects.bulk_create(rows, batch_size=2_000)
        taken.append(snapshot)
    return taken


def _row(snapshot: Snapshot, matter_id: int, stood: AsOf, policy: Lights, day: date) -> SnapshotRow:
    facts = stood.facts
    expected = expected_of(facts, policy=policy, today=day)
    reasons = [one for one in stood.judgement.reasons if one.begins_on <= day]
    return SnapshotRow(
        snapshot=snapshot,
        matter_id=matter_id,
        state=facts.state,
        light=stood.light or "",
        override=stood.override or "",
        due_on=facts.due_on,
        progress_pct=None if facts.progress is None else Decimal(facts.progress).scaleb(-2),
        expected_pct=None if expected is None else Decimal(expected).scaleb(-2),
        reasons=reasons_json(reasons),
    )
