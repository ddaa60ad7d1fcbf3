"""The evaluation of a plan of 157 matters with a full year's events: its facts read, every unit scored, sheets frozen.

The events are made as rows, as many as a year leaves behind: what the actions do besides is measured elsewhere. On
SQLite in a folder of its own. `python -m bench.evaluation` prints the figures and exits 1 when a bound is broken.
"""

import os
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bench.apart import run_apart, tell
from bench.ledger import fill

SHANGHAI = ZoneInfo("Asia/Shanghai")
BEGAN = datetime(2020, 1, 22, 9, 0, tzinfo=SHANGHAI)
LATER = datetime(2021, 1, 6, 9, 0, tzinfo=SHANGHAI)
REPORT_DAYS = (date(2020, 6, 20), date(2020, 12, 20))
MATTERS, WITHIN_S = 157, 1.0


def run() -> list[dict[str, Any]]:
    """Measure in a process of its own."""
    offset = (LATER - datetime.now(UTC)).total_seconds()  # noqa: TID251
    return run_apart("evaluation", environment={"DUBAN_CLOCK_OFFSET": str(offset)})


def busy_year(name: str) -> Any:
    """Make a county whose plan has run a year; return the plan, scoring on.

    Each matter reported weekly, so its facts have fifty days; every second report was late, every third returned; a
    bulletin a month criticised or praised every fourth matter; a third of the matters was never done.
    """
    from duban.core.actor import SYSTEM
    from duban.lights.actions import judge
    from duban.matters.actions import NewApproval, acknowledge, assign_matters, register_matters
    from duban.matters.models import Matter, Policy

    told: dict[str, Any] = {"by": SYSTEM, "now": BEGAN}
    plan = fill(count=MATTERS, name=name, **told)
    approval = NewApproval(basis="经区政府同意", approved_by_name="区政府", approved_on=BEGAN.date())
    matters = list(plan.matters.order_by("order"))
    assign_matters(register_matters(matters, approval=approval, **told), **told)
    for unit in plan.jurisdiction.units.order_by("pk"):
        acknowledge(unit, plan=plan, **told)
    everybody = Matter.objects.filter(plan=plan)
    for week in range(50):
        now = BEGAN + timedelta(weeks=week)
        everybody.update(progress_pct=Decimal(min(2 * week + 1, 100)), progress_on=now.date())
        judge([one.pk for one in matters], by=SYSTEM, now=now)
    _reports(plan, matters)
    _bulletins(plan, matters)
    figures = plan.policy.values()
    figures["evaluation"] |= {"enabled": True}
    Policy.objects.filter(pk=plan.policy_id).update(figures=figures)
    return plan


def _reports(plan: Any, matters: list[Any]) -> None:
    """Let every second report be late, every third be returned and owed again."""
    from duban.matters.models import Obligation
    from duban.matters.rules import Owed, OwedState

    again = []
    for place, one in enumerate(Obligation.objects.filter(plan=plan, kind=Owed.REPORT).order_by("pk")):
        late = timedelta(days=3 if place % 2 else -3)
        Obligation.objects.filter(pk=one.pk).update(state=OwedState.MET, met_on=one.due_on + late)
        if place % 3 == 0:
            one.pk = None
            one.subject_type, one.state, one.met_on = "returned_report", OwedState.MET, one.due_on + timedelta(days=9)
            again.append(one)
    Obligation.objects.bulk_create(again)


def _bulletins(plan: Any, matters: list[Any]) -> None:
    """Issue a bulletin a month that criticises and praises every fourth matter."""
    from duban.bulletins.models import Bulletin, Citation
    from duban.lights.models import Snapshot
    from duban.matters.models import Assignment

    leads = dict(
        Assignment.objects.filter(matter__plan=plan, is_merging=True, ended_at=None).values_list("matter_id", "unit_id")
    )
    for month in range(1, 13):
        day = date(2020, month, 28)
        at = datetime(2020, month, 28, 9, 0, tzinfo=SHANGHAI)
        snapshot, _ = Snapshot.objects.get_or_create(
            plan=plan, day=day, defaults={"policy": plan.policy, "taken_at": at}
        )
        made = Bulletin.objects.create(
            jurisdiction=plan.jurisdiction,
            plan=plan,
            snapshot=snapshot,
            kind="special",
            state="issued",
            title=f"{month}月专题",
            opening="通报如下。",
            drafted_on=day,
            drafted_at=at,
            drafted_by_name="督查员",
            presented_at=at,
            frozen={},
            facts_approved_at=at,
            facts_approved_by_name="政府办主任",
            number=month,
            number_year=2020,
            total_number=month,
            audience="all",
            issued_on=day,
            issued_at=at,
            issued_by_name="督查员",
        )
        Citation.objects.bulk_create(
            Citation(
                bulletin=made,
                section="praise" if place % 8 else "criticism",
                matter=one,
                unit_id=leads[one.pk],
                facts="情况如下。",
            )
            for place, one in enumerate(matters)
            if place % 4 == 0
        )


def measure() -> list[dict[str, Any]]:
    """Return the measurements of this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duban.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from duban.core.actor import SYSTEM
    from duban.evaluation.actions import draw_up_evaluation, show_evaluation
    from duban.evaluation.queries import facts_of_year, sheets_of
    from duban.evaluation.rules import scored
    from duban.matters.models import Plan
    from duban.matters.queries import policy_of

    call_command("migrate", verbosity=0)
    made = busy_year("临江市临江区")
    plan = Plan.objects.select_related("policy", "jurisdiction").get(pk=made.pk)
    until = LATER.date() - timedelta(days=1)

    begin = time.perf_counter()
    year = facts_of_year(plan, until=until)
    scores = scored(year, policy_of(plan))
    read_s = time.perf_counter() - begin
    facts = sum(len(one.facts) for one in year.units)
    if facts < 2 * MATTERS or not scores.units:
        raise RuntimeError(f"only {facts} facts")
    evaluation = draw_up_evaluation(plan, until=until, by=SYSTEM, now=LATER)
    begin = time.perf_counter()
    show_evaluation(evaluation, by=SYSTEM, now=LATER)
    sheets_of(evaluation)
    shown_s = time.perf_counter() - begin
    return [
        {"name": name, "value": value, "unit": "s", "bound": WITHIN_S, "ok": value <= WITHIN_S}
        for name, value in (
            (f"考评取事实并计分，{MATTERS} 件事项、{facts} 条事实", read_s),
            (f"考评送各单位核对，{len(year.units)} 张考评表", shown_s),
        )
    ]


if __name__ == "__main__":
    tell(measure, run)
