"""A decision as an official page."""

from dataclasses import dataclass
from datetime import date

from duban.audit.rules import EVENT_LABELS
from duban.core.errors import Invalid
from duban.core.text import date_text
from duban.documents.kinds.review_decision import ReviewDecisionData, paper_of
from duban.documents.paper import DocumentError, Paper
from duban.letters.rules import issuer_name
from duban.matters.queries import plan_contact, policy_of
from duban.objections.models import Objection
from duban.objections.queries.recusals import acted_on
from duban.objections.rules import OUTCOME_LABELS, Outcome, Target, recused, took_part_words
from duban.papers.rules import number_text

REVIEW_WORD = "政督复"
"""机关代字 of the decisions of reviews. ★"""


@dataclass(frozen=True, slots=True)
class Ruled:
    """What is decided. remedy: what becomes of the conclusion, in words."""

    outcome: Outcome
    reasons: str
    remedy: str
    by_name: str


def review_number(objection: Objection, *, number: int, year: int) -> str:
    """Return the number of a decision as it is printed: 临江政督复〔2020〕1号."""
    return number_text(REVIEW_WORD, number=number, year=year, short_name=objection.plan.jurisdiction.short_name)


def review_data(objection: Objection, *, ruled: Ruled, number: int, on: date) -> ReviewDecisionData:
    """Return a decision as it is drawn; the objection is joined. Two statements."""
    place = objection.plan.jurisdiction
    issuer = issuer_name(place.name, policy=policy_of(objection.plan).letters)
    unit = objection.unit.full_name or objection.unit.name
    filed_on = objection.filed_on or on
    taken = recused(acted_on(objection), target=Target(objection.target))
    aside = "；".join(f"{one.name}（{took_part_words(one, EVENT_LABELS)}）" for one in taken.values())
    named = f"，由{objection.appointed_by_name}指定" if objection.reviewer_account_id else ""
    recusal = f"按照《政府督查工作条例》第十七条，参与原结论的人员回避：{aside}。" if aside else "没有应当回避的人员。"
    return ReviewDecisionData(
        issuer=issuer,
        number=review_number(objection, number=number, year=on.year),
        title="复核决定书",
        recipient=unit,
        opening=(
            f"你单位{date_text(filed_on)}就{objection.about}申请复核（{date_text(objection.told_on)}告知），"
            "经复核，现决定如下。"
        ),
        grounds=tuple(objection.grounds.splitlines()),
        asked_for=tuple(objection.asked_for.splitlines()),
        findings=tuple(ruled.reasons.splitlines()),
        decision=(f"{OUTCOME_LABELS[ruled.outcome]}。", *ruled.remedy.splitlines()),
        recusal=f"{recusal}本次复核由{ruled.by_name}决定{named}",
        signed_on=on,
        contact=plan_contact(objection.plan),
        names=(objection.unit.name, issuer),
    )


def review_page(data: ReviewDecisionData) -> Paper:
    """Return a decision as a page to be drawn. Raises Invalid."""
    try:
        return paper_of(data)
    except DocumentError as error:
        raise Invalid(str(error)) from error
