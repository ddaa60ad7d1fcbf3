"""What changes evaluations: drawn up, rated, shown, corrected, agreed to, confirmed, exported; results taken in."""

from duban.evaluation.actions.confirming import confirm_evaluation, drop_evaluation, reopen_evaluation
from duban.evaluation.actions.correcting import agree_to_score, contest_score, correct_score, uphold_score
from duban.evaluation.actions.drawing_up import NewRating, draw_up_evaluation, rate_units, show_evaluation
from duban.evaluation.actions.exporting import record_evaluation_export, take_in_results

__all__ = [
    "NewRating",
    "agree_to_score",
    "confirm_evaluation",
    "contest_score",
    "correct_score",
    "draw_up_evaluation",
    "drop_evaluation",
    "rate_units",
    "record_evaluation_export",
    "reopen_evaluation",
    "show_evaluation",
    "take_in_results",
    "uphold_score",
]
