"""Three statuses of a matter side by side: what the unit says, what the evidence shows, what the schedule demands.

They are kept apart and not weighed against each other: where they disagree, that is said in grey words.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from duban.core.clock import day_of
from duban.core.text import date_text
from duban.evidence.models import Evidence
from duban.evidence.queries import by_subject
from duban.lights.rules import expected_pct
from duban.matters.queries import MatterPage, policy_of
from duban.matters.rules import FORECAST_LABELS, STATE_LABELS, Forecast, Kind, State
from duban.progress.models import Progress
from duban.progress.rules import Statuses, disagreements, months_between, pct_text, points_text
from duban.web.progress import FORECAST_TONES

_IN_HAND = (State.ASSIGNED, State.IN_PROGRESS, State.CLOSING)
_WITHOUT_SCHEDULE = {
    State.SUSPENDED: "已暂停，暂停期间不计时限。",
    State.CLOSED: "已销号。",
    State.CARRIED_OVER: "已结转下年。",
    State.TERMINATED: "已终止。",
}


def statuses_panel(
    page: MatterPage,
    *,
    entries: Sequence[Progress],
    evidence: Sequence[Evidence],
    closing: Mapping[str, Any],
    today: date,
) -> dict[str, Any]:
    """Return the three statuses as the top of a matter's page shows them; nothing before it is handed out.

    entries, evidence: what the reader may see of them.   closing: of `closing_panel`, for what a verification found.
    No statement of its own.
    """
    matter, state = page.matter, State(page.matter.state)
    if state in (State.DRAFT, State.REGISTERED):
        return {}
    lights = policy_of(matter.plan).lights
    given = [one for one in evidence if one.withdrawn_at is None]
    figures, shown = _figures(entries, evidence=given)
    is_scheduled = state in _IN_HAND and matter.kind != Kind.CONTINUING
    statuses = Statuses(
        said_pct=matter.progress_pct,
        said_on=matter.progress_on,
        forecast=Forecast(matter.forecast) if matter.forecast else None,
        evidence_count=len(given) if page.scope.is_whole else None,
        evidence_on=day_of(given[0].added_at) if given else None,
        figures=figures,
        figures_shown=shown,
        expected_pct=expected_pct(
            starts_on=matter.starts_on,
            due_on=matter.due_on,
            today=today,
            schedule=lights.schedule,
            quarter_pct=lights.quarter_pct,
            milestones=[(one.due_on, one.expected_pct) for one in page.milestones],
        )
        if is_scheduled
        else None,
    )
    notes = disagreements(statuses, today=today, notable_points=lights.gap_yellow_points) if state in _IN_HAND else []
    return {
        "said": _said(statuses, page, entries=entries),
        "evidence": _evidence(statuses, count=len(given), today=today),
        "verified": closing.get("verified"),
        "demanded": _demanded(statuses, page, state=state, today=today),
        "notes": notes,
    }


def _figures(entries: Sequence[Progress], *, evidence: Sequence[Evidence]) -> tuple[int, int]:
    """Return how many numbers stand (the last of each target), and how many of them were given with evidence."""
    last: dict[int, Progress] = {}
    for entry in entries:  # in time order
        last |= {one.target_id: entry for one in entry.figures.all() if one.target_id is not None}
    given_with = by_subject(evidence)
    return len(last), sum(("progress", entry.pk) in given_with for entry in last.values())


def _said(one: Statuses, page: MatterPage, *, entries: Sequence[Progress]) -> dict[str, Any]:
    matter = page.matter
    leads = {each.unit_id for each in page.assignments if each.is_merging and each.ended_at is None}
    sentences = [each for each in entries if each.sentence and each.unit_id in leads]
    forecast = one.forecast
    return {
        "pct": one.said_pct,
        "pct_text": pct_text(one.said_pct) if one.said_pct is not None else "",
        "on": one.said_on,
        "forecast": FORECAST_LABELS[forecast] if forecast else "",
        "forecast_tone": FORECAST_TONES[forecast] if forecast else "",
        "forecast_on": matter.forecast_on,
        "sentence": sentences[-1].sentence if sentences else "",
        "sentence_on": sentences[-1].effective_on if sentences else None,
    }


def _evidence(one: Statuses, *, count: int, today: date) -> dict[str, Any]:
    age = months_between(one.evidence_on, today) if one.evidence_on else 0
    return {
        "count": count,
        "on": one.evidence_on,
        "age": f"{age} 个月前" if age else "",
        "figures": f"{one.figures} 个数字，{one.figures_shown} 个附有佐证" if one.figures else "",
        "is_whole": one.evidence_count is not None,
    }


def _demanded(one: Statuses, page: MatterPage, *, state: State, today: date) -> dict[str, Any]:
    if state not in _IN_HAND:
        return {"words": _WITHOUT_SCHEDULE.get(state, f"{STATE_LABELS[state]}。")}
    nodes = [node for node in page.milestones if node.due_on >= today]
    due_on = page.matter.due_on
    return {
        "words": "常态事项不计序时进度，看节点和报送。" if one.expected_pct is None else "",
        "expected": pct_text(one.expected_pct) if one.expected_pct is not None else "",
        "gap": _gap_words(one.gap_points),
        "next": {"title": nodes[0].title, "on": nodes[0].due_on, "pct": pct_text(nodes[0].expected_pct)}
        if nodes
        else None,
        "left": _left_words(due_on, today=today),
    }


def _gap_words(gap: Decimal | None) -> str:
    if gap is None:
        return ""
    if not gap:
        return "所报与序时相同"
    return f"所报比序时{'多' if gap > 0 else '少'} {points_text(abs(gap))}"


def _left_words(due_on: date, *, today: date) -> str:
    """Return how far the final date is, in words."""
    days = (due_on - today).days
    if days < 0:
        return f"办结时限{date_text(due_on)}，已过 {-days} 天"
    return f"办结时限{date_text(due_on)}，" + (f"还有 {days} 天" if days else "就是今天")
