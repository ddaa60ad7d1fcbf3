"""Visits as documents: the table taken along, the conclusion, the list for the evaluation office, leads handed over."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from duban.core.errors import Invalid
from duban.documents.kinds import visit_conclusion, visit_table
from duban.documents.kinds.visit_conclusion import Demand, Found, VisitConclusionData
from duban.documents.kinds.visit_table import Claim as TableClaim
from duban.documents.kinds.visit_table import Visited, VisitTableData
from duban.documents.paper import DocumentError, Paper
from duban.documents.sheets import Column, Sheet, Value
from duban.letters.rules import issuer_name
from duban.matters.models import Plan
from duban.matters.queries import policy_of
from duban.matters.rules import matter_name
from duban.orgs.models import Unit
from duban.papers.models import IssuedPaper
from duban.papers.queries import papers_of
from duban.papers.rules import PaperKind
from duban.visits.models import Claim, Handover, Visit
from duban.visits.queries.listing import said_words
from duban.visits.queries.seen import SeenItem, items_of, verifiers_of
from duban.visits.rules import (
    CHECK_METHOD_LABELS,
    RESULT_LABELS,
    VISIT_KIND_LABELS,
    WHY_LABELS,
    CheckMethod,
    Result,
    VisitKind,
    Why,
)


def why_words(why: Iterable[str], *, note: str = "") -> str:
    """Return why a matter is visited."""
    words = "、".join(WHY_LABELS[Why(one)] for one in why)
    return f"{words}（{note}）" if note else words


def table_data(visit: Visit, *, seen: Sequence[SeenItem] | None = None) -> VisitTableData:
    """Return the table of a visit, to be taken along or with what was found. Its plan and place are joined."""
    items = items_of(visit) if seen is None else seen
    kind = VISIT_KIND_LABELS[VisitKind(visit.kind)]
    method = CHECK_METHOD_LABELS[CheckMethod(visit.method)]
    return VisitTableData(
        title=f"{kind}表",
        office=f"{visit.title}　{visit.place}",
        method=f"{method}（事先不通知）",
        matters=tuple(
            Visited(
                serial=one.item.matter.serial,
                text=one.item.matter.title or one.item.matter.text,
                units=tuple(dict.fromkeys([one.item.unit.name, *(each.claim.unit.name for each in one.claims)])),
                why=why_words(one.item.why),
                claims=tuple(
                    TableClaim(
                        words=f"{each.claim.words}（{said_words(each.claim.source, each.claim.said_on)}）",
                        look_at=each.claim.look_at,
                        result=RESULT_LABELS[Result(each.standing.result)] if each.standing else "",
                        found=each.standing.found if each.standing else "",
                    )
                    for each in one.claims
                ),
            )
            for one in items
        ),
        visited_on=visit.visited_on,
        verifiers=tuple(one.name for one in verifiers_of(visit)),
    )


def table_page(data: VisitTableData) -> Paper:
    """Return the table as a page to be drawn. Raises Invalid."""
    try:
        return visit_table.paper_of(data)
    except DocumentError as error:
        raise Invalid(str(error)) from error


def demands_due(
    demands: Mapping[int, str], *, units: Mapping[int, Unit], plan_due_on: date, report_due_on: date
) -> tuple[Demand, ...]:
    """Return what units have to put right, with its days, in the order of the units."""
    return tuple(
        Demand(one.name, demands[pk], plan_due_on, report_due_on) for pk, one in units.items() if pk in demands
    )


def conclusion_data(
    visit: Visit, *, facts: str, opinion: str, demands: tuple[Demand, ...], on: date, is_draft: bool = False
) -> VisitConclusionData:
    """Return the conclusion of a visit as it is drawn. Its plan, policy and place are joined."""
    units = list(Unit.objects.filter(visits=visit).order_by("order", "pk"))
    return VisitConclusionData(
        issuer=issuer_name(visit.plan.jurisdiction.name, policy=policy_of(visit.plan).letters),
        title=f"关于{visit.title}的督查结论",
        recipients=tuple(one.full_name or one.name for one in units),
        visited_on=visit.visited_on or on,
        place=visit.place,
        method=CHECK_METHOD_LABELS[CheckMethod(visit.method)],
        verifiers=tuple(one.name for one in verifiers_of(visit)),
        facts=tuple(line for line in facts.splitlines() if line),
        opinion=tuple(line for line in opinion.splitlines() if line),
        demands=demands,
        found=tuple(
            Found(
                serial=one.item.matter.serial,
                text=one.item.matter.title or one.item.matter.text,
                units=(one.item.unit.name,),
                claim=each.claim.words,
                result=RESULT_LABELS[Result(each.standing.result)] if each.standing else "",
                found=(each.standing.found if each.standing else "") or "与所报一致。",
            )
            for one in items_of(visit)
            for each in one.claims
        ),
        dated_on=on,
        is_draft=is_draft,
    )


def conclusion_page(data: VisitConclusionData) -> Paper:
    """Return a conclusion as a page to be drawn. Raises Invalid."""
    try:
        return visit_conclusion.paper_of(data)
    except DocumentError as error:
        raise Invalid(str(error)) from error


def conclusions_of(visits: Iterable[Visit]) -> dict[int, IssuedPaper]:
    """Return what was frozen of visits when they were concluded, by the visit's id. One statement."""
    return papers_of(PaperKind.CONCLUSION, subject_type="visit", subject_ids=[one.pk for one in visits])


def facts_drafted(seen: Sequence[SeenItem]) -> str:
    """Return the facts of a conclusion as they follow from the answers, for the office to word: a line a matter."""
    lines = []
    for one in seen:
        answers = [each.standing for each in one.claims if each.standing is not None]
        told = []
        for result in Result:
            some = [each for each in answers if each.result == result]
            notes = "；".join(each.found.rstrip("。") for each in some if each.found)
            if some:
                told.append(f"{RESULT_LABELS[result]} {len(some)} 条{f'（{notes}）' if notes else ''}")
        matter = one.item.matter
        name = matter_name(serial=matter.serial, heading=matter.title or matter.text, most=40)
        lines.append(f"{name}：核验 {len(answers)} 条，{'，'.join(told)}。")
    return "\n".join(lines)


# ---- the list for the evaluation office

CODE = "编号"
RESULT = "核验结果"
FOUND = "现场情况"
VERIFIERS = "核验人"
VISITED = "核验日期"

_CODE = re.compile(r"[VvＶ](\d{1,12})[-－—](\d{1,12})")


def code_of(claim: Claim) -> str:
    """Return what a row of the exported list is known by when it comes back."""
    return f"V{claim.item.visit_id}-{claim.pk}"


def read_code(text: str) -> tuple[int, int] | None:
    """Return the visit and the claim a row's code names, or None."""
    found = _CODE.fullmatch(text.strip())
    return (int(found[1]), int(found[2])) if found else None


def list_sheet(plan: Plan, visits: Iterable[Visit]) -> Sheet:
    """Return the claims of visits as a sheet to be filled in and taken in again. Three statements."""
    joined = Claim.objects.filter(item__visit__in=list(visits)).select_related(
        "item__visit", "item__matter", "item__unit", "unit"
    )
    rows: list[tuple[Value, ...]] = []
    standing = {
        (claim_id): (result, found)
        for claim_id, result, found in Claim.objects.filter(
            item__visit__in=list(visits), answers__is_standing=True
        ).values_list("pk", "answers__result", "answers__found")
    }
    for one in joined.order_by("item__visit__first_on", "item__visit_id", "item__order", "order", "pk"):
        item = one.item
        result, found = standing.get(one.pk, ("", ""))
        rows.append(
            (
                code_of(one),
                item.matter.serial,
                item.matter.title or item.matter.text,
                one.unit.name,
                why_words(item.why),
                one.words,
                one.look_at,
                RESULT_LABELS[Result(result)] if result else "",
                found,
                "",
                item.visit.visited_on,
            )
        )
    return Sheet(
        name="核验清单",
        columns=(
            Column(CODE, 12, is_centred=True),
            Column("序号", 8, is_centred=True),
            Column("督查事项", 40),
            Column("责任单位", 16, is_centred=True),
            Column("列入原因", 14, is_centred=True),
            Column("单位所报", 50),
            Column("核验要点", 24),
            Column(RESULT, 12, is_centred=True, choices=tuple(RESULT_LABELS.values())),
            Column(FOUND, 40),
            Column(VERIFIERS, 20),
            Column(VISITED, 14, is_centred=True),
        ),
        rows=tuple(rows),
    )


def handovers_of(plan: Plan) -> list[Handover]:
    """Return the leads handed over in a plan's year, the earliest first, joined. One statement."""
    rows = Handover.objects.filter(visit__plan=plan).select_related("visit", "matter")
    return list(rows.order_by("handed_on", "pk"))


def handovers_sheet(plan: Plan) -> Sheet:
    """Return the leads handed over as a sheet."""
    return Sheet(
        name="移送登记",
        title=f"{plan.year}年度线索移送登记",
        columns=(
            Column("移送日期", 14, is_centred=True),
            Column("移送单位", 24),
            Column("文号", 20),
            Column("来源", 30),
            Column("涉及事项", 14, is_centred=True),
            Column("线索", 60),
            Column("批准依据", 30),
            Column("登记人", 12, is_centred=True),
        ),
        rows=tuple(
            (
                one.handed_on,
                one.recipient,
                one.document_number,
                one.visit.title,
                str(one.matter) if one.matter else "",
                one.lead,
                one.basis,
                one.recorded_by_name,
            )
            for one in handovers_of(plan)
        ),
    )
