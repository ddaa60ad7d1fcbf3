"""What changes reports: one function a verb. Doors import from here."""

from duban.reports.actions.contributing import Given, give_contributions, mark_contribution_missing
from duban.reports.actions.deciding import (
    accept_reports,
    approve_reports,
    lift_hollow,
    mark_hollow,
    record_reports_export,
    return_report,
    send_back,
)
from duban.reports.actions.writing import AlreadySubmitted, enter_for_unit, save_draft, submit_report

__all__ = [
    "AlreadySubmitted",
    "Given",
    "accept_reports",
    "approve_reports",
    "enter_for_unit",
    "give_contributions",
    "lift_hollow",
    "mark_contribution_missing",
    "mark_hollow",
    "record_reports_export",
    "return_report",
    "save_draft",
    "send_back",
    "submit_report",
]
