"""What sets and turns lights: judging, the daily round, the weekly check, the office's override."""

from duban.lights.actions.calendar import load_year
from duban.lights.actions.judging import judge
from duban.lights.actions.overriding import lift_override, override_light
from duban.lights.actions.rounds import check_weekly, judge_never_judged, reconcile, tick

__all__ = [
    "check_weekly",
    "judge",
    "judge_never_judged",
    "lift_override",
    "load_year",
    "override_light",
    "reconcile",
    "tick",
]
