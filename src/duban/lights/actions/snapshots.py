"""定格: how the lights stood at the end of a month, and on the policy's own days; called by the daily round.

A day is frozen in the night after it, when almost every matter still stands as it did: those are copied in sets, a
million in a few seconds. What has changed since, or whose policy or calendar has, is read from what was known then.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from duban.calendars.models import YearNotice
from duban.lights.models import KnownFacts, Override, Snapshot, SnapshotRow
from duban.lights.queries import SOME, AsOf, end_of, standing_as_of
from duban.lights.rules import Facts, Node, Schedule, expected_of, reasons_json
from duban.matters.models import Matter, Milestone, Plan, PlanPolicy
from duban.matters.policy import Lights, stored_figures
from duban.matters.rules import LIT_STATES, Kind, State


def take_snapshots(day: date, *, now: datetime) -> list[Snapshot]:
    """Freeze how every matter of every plan stood at the end of a day that asks for it, once.

    It is read from what was known by then, so it may be taken later: a round missed at a month's end loses nothing.
    Plans of years that are over are frozen while something of them is still open.
    """
    is_month_end = (day + timedelta(days=1)).day == 1
    is_open = Exists(Matter.objects.filter(plan=OuterRef("pk"), state__in=LIT_STATES))
    frozen = Exists(Snapshot.objects.filter(plan=OuterRef("pk"), day=day))
    plans = {plan.pk: plan for plan in Plan.objects.filter(Q(year=day.year) | is_open, ~frozen).order_by("pk")}
    held = PlanPolicy.objects.filter(plan__in=plans, held_from__lte=end_of(day)).select_related("policy")
    followed = {one.plan_id: one.policy for one in held.order_by("held_from", "pk")}  # the last row is the plan's own
    figures = {plan_id: stored_figures(policy.figures).lights for plan_id, policy in sorted(followed.items())}
    own_days = {plan_id for plan_id, lights in figures.items() if f"{day:%m-%d}" in lights.snapshot_days}
    asked = set(figures) if is_month_end else own_days
    if not asked:
        return []
    known = Exists(KnownFacts.objects.filter(matter__plan=OuterRef("pk"), day__lte=day))
    begun = set(Plan.objects.filter(known, pk__in=asked).values_list("pk", flat=True))
    taken = Snapshot.objects.bulk_create(
        Snapshot(plan=plans[pk], day=day, policy=followed[pk], is_half_year=pk in own_days, taken_at=now)
        for pk in figures
        if pk in begun
    )
    if not taken:
        return []
    if YearNotice.objects.filter(loaded_at__gt=end_of(day)).exists():
        _write(taken, copied=(), day=day)
        return taken
    by_figures: defaultdict[Lights, list[Snapshot]] = defaultdict(list)
    for one in taken:
        by_figures[figures[one.plan_id]].append(one)
    copied: list[Snapshot] = []
    for lights, some in by_figures.items():
        same = [one for one in some if one.plan.policy_id == one.policy_id]
        _copy(same, lights=lights, day=day)
        copied += same
    _write(taken, copied=copied, day=day)
    return taken


def _write(snapshots: Sequence[Snapshot], *, copied: Collection[Snapshot], day: date) -> None:
    """Freeze whatever was not copied, from what was known then."""
    of_plan = {one.plan_id: one for one in snapshots}
    whole = [one.plan_id for one in snapshots if one not in copied]
    changed = Q(plan__in=[one.plan_id for one in copied]) & ~Q(light_key="")
    changed &= ~_unchanged(day) | Q(pk__in=_decided_since(day))
    left = Matter.objects.filter(changed | Q(plan__in=whole)).order_by("plan", "order", "pk")
    pairs = list(left.values_list("plan_id", "pk"))
    for start in range(0, len(pairs), SOME):
        some = pairs[start : start + SOME]
        stood = standing_as_of([pk for _, pk in some], day=day)
        rows = [_row(of_plan[plan_id], pk, stood[pk], day=day) for plan_id, pk in some if pk in stood]
        SnapshotRow.objects.bulk_create(rows, batch_size=2_000)


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


# ---- in sets


def _unchanged(day: date) -> Q:
    """Return which matters stand as they did at the end of a day: neither judged nor turned since."""
    not_turned = Q(light_since=None) | Q(light_since__lte=day)
    not_due = Q(next_on=None) | Q(next_on__gt=day)
    return Q(judged_on__lte=day) & not_turned & not_due


def _decided_since(day: date) -> QuerySet[Override, int]:
    """Return the matters of which the office showed another light, or ceased to, after the end of a day."""
    later = Override.objects.filter(Q(made_at__gt=end_of(day)) | Q(ended_at__gt=end_of(day)))
    return later.order_by().values_list("matter_id", flat=True)


_ROWS, _MATTERS, _SNAPSHOTS = SnapshotRow._meta.db_table, Matter._meta.db_table, Snapshot._meta.db_table
_TELLS = {
    "sqlite": (
        "(SELECT json_group_array(json(one.value)) FROM json_each(m.light_reasons) AS one"
        " WHERE json_extract(one.value, '$.yellow_on') <= %s OR json_extract(one.value, '$.red_on') <= %s)"
    ),
    "postgresql": (
        "(SELECT COALESCE(jsonb_agg(one.value ORDER BY one.place), '[]'::jsonb)"
        " FROM jsonb_array_elements(m.light_reasons) WITH ORDINALITY AS one(value, place)"
        " WHERE one.value->>'yellow_on' <= %s OR one.value->>'red_on' <= %s)"
    ),
}
"""The reasons that tell by a day; a green light and none at all have none."""
_EXPECTED = (
    "CREATE TEMPORARY TABLE frozen_spans (starts_on date, due_on date, pct numeric, PRIMARY KEY (starts_on, due_on))",
    "CREATE TEMPORARY TABLE frozen_nodes (matter_id bigint PRIMARY KEY, pct numeric)",
)
"""What is expected on the day, by span and by matter: to be looked up by key, a million times."""


def _copy(snapshots: Sequence[Snapshot], *, lights: Lights, day: date) -> None:
    """Copy the matters that stand as they did, of plans with the same figures, in one statement.

    What is expected on the day is the rule's own answer, asked once for each span of days there is (and once for each
    matter with nodes, where they are the schedule).
    """
    if not snapshots:
        return
    plans, on = [one.plan_id for one in snapshots], day.isoformat()
    nothing = "'[]'::jsonb" if connection.vendor == "postgresql" else "'[]'"
    copied = f"""
        INSERT INTO {_ROWS}
            (snapshot_id, matter_id, state, light, override, due_on, progress_pct, expected_pct, reasons)
        SELECT s.id, m.id, m.state, m.light, m.light_override, m.due_on, m.progress_pct,
            CASE WHEN m.kind = 'continuing' THEN NULL ELSE COALESCE(own.pct, spans.pct) END,
            CASE WHEN m.light IN ('', 'green') THEN {nothing} ELSE {_TELLS[connection.vendor]} END
        FROM {_MATTERS} AS m JOIN {_SNAPSHOTS} AS s ON s.plan_id = m.plan_id AND s.day = %s
        LEFT JOIN frozen_spans AS spans ON spans.starts_on = m.starts_on AND spans.due_on = m.due_on
        LEFT JOIN frozen_nodes AS own ON own.matter_id = m.id
        WHERE s.id IN ({", ".join(["%s"] * len(snapshots))}) AND m.light_key <> '' AND m.judged_on <= %s
            AND (m.light_since IS NULL OR m.light_since <= %s) AND (m.next_on IS NULL OR m.next_on > %s)
    """
    decided = list(_decided_since(day))
    if decided:
        copied += f" AND m.id NOT IN ({', '.join(['%s'] * len(decided))})"
    spans, nodes = _expected_by_span(plans, lights=lights, day=day), _expected_by_nodes(plans, lights=lights, day=day)
    told: list[str | int] = [on, on, on, *(one.pk for one in snapshots), on, on, on, *decided]
    with connection.cursor() as cursor:
        for statement in _EXPECTED:
            cursor.execute(statement)
        cursor.executemany("INSERT INTO frozen_spans VALUES (%s, %s, %s)", spans)
        if nodes:
            cursor.executemany("INSERT INTO frozen_nodes VALUES (%s, %s)", nodes)
        cursor.execute(copied, told)
        cursor.execute("DROP TABLE frozen_spans")
        cursor.execute("DROP TABLE frozen_nodes")


def _expected_by_span(plans: Sequence[int], *, lights: Lights, day: date) -> list[tuple[str, str, float]]:
    """Return what is expected on a day of a matter from one day to another, for every such pair there is."""
    pairs = Matter.objects.filter(plan__in=plans).order_by().values_list("starts_on", "due_on").distinct()
    found = []
    for starts_on, due_on in pairs:
        share = expected_of(Facts(State.IN_PROGRESS, Kind.MILESTONE, starts_on, due_on), policy=lights, today=day)
        found.append((starts_on.isoformat(), due_on.isoformat(), (share or 0) / 100))
    return found


def _expected_by_nodes(plans: Sequence[int], *, lights: Lights, day: date) -> list[tuple[int, float]]:
    """Return what is expected on a day of the matters with nodes, where nodes are the schedule."""
    if lights.schedule != Schedule.NODES:
        return []
    nodes: dict[tuple[int, date, date], list[Node]] = defaultdict(list)
    rows = Milestone.objects.filter(matter__plan__in=plans).order_by("due_on")
    for pk, starts_on, last_on, due_on, pct in rows.values_list(
        "matter_id", "matter__starts_on", "matter__due_on", "due_on", "expected_pct"
    ):
        nodes[pk, starts_on, last_on].append(Node(due_on, int(100 * pct), "", True))
    found = []
    for (pk, starts_on, due_on), some in nodes.items():
        facts = Facts(State.IN_PROGRESS, Kind.MILESTONE, starts_on, due_on, nodes=tuple(some))
        found.append((pk, (expected_of(facts, policy=lights, today=day) or 0) / 100))
    return found
