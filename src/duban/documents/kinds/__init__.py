"""The kinds of document: one module each, a frozen dataclass in, `paper_of(data)` a `Paper` out.

Words that a county may want otherwise come ready with the data; what stands here is what the form itself prescribes.
Every kind takes `is_draft`, which puts 草稿 across its pages. Source: docs/sources.md#kinds
"""

from duban.documents.kinds import (
    assignment_notice,
    bulletin,
    closure_list,
    duty_table,
    evaluation_table,
    half_year_table,
    interview_minutes,
    interview_notice,
    leader_brief,
    letter,
    matter_file,
    report_passage,
    review_decision,
    unit_list,
    visit_table,
)

__all__ = [
    "assignment_notice",
    "bulletin",
    "closure_list",
    "duty_table",
    "evaluation_table",
    "half_year_table",
    "interview_minutes",
    "interview_notice",
    "leader_brief",
    "letter",
    "matter_file",
    "report_passage",
    "review_decision",
    "unit_list",
    "visit_table",
]
