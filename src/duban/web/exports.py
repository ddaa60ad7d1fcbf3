"""What is carried out of the ledger as a document: the same files from a page and from the terminal."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from duban.access.rules import Permission, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Invalid, NotFound
from duban.documents.csv_file import to_csv
from duban.documents.kinds import (
    closure_list,
    duty_table,
    half_year_table,
    leader_brief,
    matter_file,
    report_passage,
    unit_list,
)
from duban.documents.paper import DocumentError, Paper
from duban.documents.sheets import Sheet, to_xlsx
from duban.matters.actions import record_export
from duban.matters.models import Plan
from duban.papers.drawing import drawn_as
from duban.papers.rules import CONTENT_TYPES, Format, frozen_values
from duban.web.downloads import XLSX, download

FORMS = {
    "pdf": CONTENT_TYPES[Format.PDF],
    "docx": CONTENT_TYPES[Format.DOCX],
    "xlsx": XLSX,
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
"""The forms of a table, each with the content type of its file."""

TABLE_FORMS = (("pdf", "PDF"), ("docx", ".docx"), ("xlsx", ".xlsx"))
"""Those a page offers, with the words on the button."""

_PAPERS: Mapping[type, Callable[[Any], Paper]] = {
    closure_list.ClosureListData: closure_list.paper_of,
    duty_table.DutyTableData: duty_table.paper_of,
    half_year_table.HalfYearTableData: half_year_table.paper_of,
    leader_brief.LeaderBriefData: leader_brief.paper_of,
    matter_file.MatterFileData: matter_file.paper_of,
    report_passage.ReportPassageData: report_passage.paper_of,
    unit_list.UnitListData: unit_list.paper_of,
}
_SHEETS: Mapping[type, Callable[[Any], Sheet]] = {duty_table.DutyTableData: duty_table.sheet_of}


def forms_of(data: object) -> list[str]:
    """Return the forms this data can be had in."""
    return list(FORMS) if type(data) in _SHEETS else [Format.PDF, Format.DOCX]


def exported(data: object, form: str) -> bytes:
    """Return frozen data as a file. Raises NotFound (no such form), Invalid (nothing to draw, or not to be drawn)."""
    if form not in forms_of(data):
        raise NotFound("没有这种格式。")
    if form in set(Format):
        return drawn_as(paper_of(data), Format(form))
    if form == "json":
        return json.dumps(frozen_values(data), ensure_ascii=False, indent=1).encode()
    sheet = _SHEETS[type(data)](data)
    return to_xlsx(sheet) if form == "xlsx" else to_csv(sheet)


def paper_of(data: object) -> Paper:
    """Return frozen data as a page to be drawn. Raises Invalid where there is nothing to draw."""
    try:
        return _PAPERS[type(data)](data)
    except DocumentError as error:
        raise Invalid(str(error)) from error


def carried_out(
    request: HttpRequest, data: Any, form: str, *, plan: Plan, what: str, count: int, actor: Actor
) -> HttpResponse | None:
    """Return frozen data as a file to keep and leave the export's event; None, with a message, where there is nothing
    to draw. Raises NotAllowed, NotFound (no such form).
    """
    require(actor, Permission.LEDGER_EXPORT, jurisdiction_id=plan.jurisdiction_id)
    try:
        content = exported(data, form)
    except Invalid as error:
        messages.error(request, error.message)
        return None
    record_export(plan, form=form, view=what, count=count, by=actor, now=clock.now())
    return download(content, name=f"{data.title}.{form}", kind=FORMS[form])
