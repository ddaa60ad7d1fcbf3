"""Reads of objections that several doors share: what may be objected to, who stands aside, what waits."""

from duban.objections.queries.conclusions import (
    Conclusion,
    citation_joined,
    conclusion_on_citation,
    conclusion_on_light,
    conclusions_open_to,
)
from duban.objections.queries.objections import (
    at_office,
    named_to_decide,
    objection_for,
    objections_for,
    objections_on_citations,
    objections_on_matter,
    review_papers,
    to_sign,
)
from duban.objections.queries.pages import Ruled, review_data, review_number, review_page
from duban.objections.queries.recusals import (
    Candidate,
    Panel,
    acted_on,
    better_lights,
    panel_of,
    reviewer_of,
    units_of,
    why_not,
    why_not_any,
)

__all__ = [
    "Candidate",
    "Conclusion",
    "Panel",
    "Ruled",
    "acted_on",
    "at_office",
    "better_lights",
    "citation_joined",
    "conclusion_on_citation",
    "conclusion_on_light",
    "conclusions_open_to",
    "named_to_decide",
    "objection_for",
    "objections_for",
    "objections_on_citations",
    "objections_on_matter",
    "panel_of",
    "review_data",
    "review_number",
    "review_page",
    "review_papers",
    "reviewer_of",
    "to_sign",
    "units_of",
    "why_not",
    "why_not_any",
]
