"""What changes visits: one function a verb. Doors and later nouns import from here."""

from duban.visits.actions.concluding import (
    Conclusion,
    NewHandover,
    OnBehalf,
    Recheck,
    conclude_visit,
    hand_over,
    plan_rectifying,
    recheck,
    report_rectified,
)
from duban.visits.actions.drawing import draw_list
from duban.visits.actions.exchanging import count_results, drop_results, upload_results
from duban.visits.actions.finding import confirm_visit, overturn_finding
from duban.visits.actions.planning import NewCheck, approve_checks, drop_check, join_checks, plan_check
from duban.visits.actions.preparing import (
    NewVerifier,
    Scheme,
    add_claim,
    approve_visit,
    drop_visit,
    edit_visit,
    join_visits,
    prepare_visit,
    prepare_visits_of_list,
)
from duban.visits.actions.recording import (
    Given,
    Outcome,
    choose_answer,
    hold_visit,
    record_results,
    send_back_results,
)

__all__ = [
    "Conclusion",
    "Given",
    "NewCheck",
    "NewHandover",
    "NewVerifier",
    "OnBehalf",
    "Outcome",
    "Recheck",
    "Scheme",
    "add_claim",
    "approve_checks",
    "approve_visit",
    "choose_answer",
    "conclude_visit",
    "confirm_visit",
    "count_results",
    "draw_list",
    "drop_check",
    "drop_results",
    "drop_visit",
    "edit_visit",
    "hand_over",
    "hold_visit",
    "join_checks",
    "join_visits",
    "overturn_finding",
    "plan_check",
    "plan_rectifying",
    "prepare_visit",
    "prepare_visits_of_list",
    "recheck",
    "record_results",
    "report_rectified",
    "send_back_results",
    "upload_results",
]
