"""考评: the evaluations, one with its units and lists, a unit's sheet with every step of its score; what waits."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from duban.access.rules import LEADER_ROLES, Permission, Role, may, require
from duban.bulletins.models import Bulletin
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound, WrongState
from duban.documents.kinds.evaluation_table import paper_of
from duban.documents.sheets import to_xlsx
from duban.evaluation.actions import (
    agree_to_score,
    confirm_evaluation,
    drop_evaluation,
    record_evaluation_export,
    reopen_evaluation,
    show_evaluation,
)
from duban.evaluation.models import Evaluation, ScoreSheet
from duban.evaluation.queries import (
    data_of,
    drafted_sheets,
    drafts_to_rate,
    evaluation_for,
    evaluations_for,
    figures_for,
    findings_not_counted,
    history_of,
    intakes_of,
    is_of_office,
    lists_of,
    method_of,
    missing_ratings,
    note_of,
    plain,
    posts_rating,
    ranks_of,
    readable_units,
    results_of,
    sheet_for,
    sheets_in_time,
    sheets_of,
    spreadsheets_of,
    table_data,
    to_rate,
    two,
    waits_for_ratings,
)
from duban.evaluation.rules import (
    BONUSES,
    EVALUATION_STATE_LABELS,
    FACT_LABELS,
    FROZEN,
    LIVE,
    OUTCOME_LABELS,
    REASON_LENGTH,
    STANDING_LABELS,
    STANDING_WORDS,
    EvaluationState,
    Fact,
    FactKind,
    Outcome,
    Scored,
    Sheet,
    Standing,
)
from duban.interviews.models import Interview
from duban.matters.models import Matter
from duban.matters.queries import plans_in_sight
from duban.matters.rules import PART_LABELS, Part
from duban.papers.models import IssuedPaper
from duban.papers.rules import Format, PaperKind
from duban.visits.models import Visit
from duban.web.closed import closed_note
from duban.web.downloads import download
from duban.web.given import actor_of, behalf_of, number_of
from duban.web.obstacles import CHANNELS, status_of
from duban.web.papers import draft_file, issued_file, paper_panel
from duban.web.waiting import Office, Queue, Waiting, Waits, of_own_units

STATE_TONES = {
    EvaluationState.DRAFTED: "draft",
    EvaluationState.SHOWN: "warn",
    EvaluationState.CONFIRMED: "teal",
    EvaluationState.DROPPED: "plain",
}
STANDING_TONES = {Standing.WELL: "ok", Standing.ON_TIME: "plain", Standing.BEHIND: "warn"}
OUTCOME_TONES = {
    Outcome.EARLY: "ok",
    Outcome.DONE: "ok",
    Outcome.DONE_LATE: "warn",
    Outcome.NOT_DONE: "bad",
    Outcome.VERIFYING: "blue",
    Outcome.RUNNING: "plain",
    Outcome.ADJUSTED: "over",
}


# ---- the list


@require_safe
def evaluations(request: HttpRequest) -> HttpResponse:
    """The evaluations the reader may look at; a unit goes straight to its own sheets."""
    actor = actor_of(request)
    require(actor, Permission.EVALUATION_VIEW)
    found = list(evaluations_for(actor))
    draws = may(actor, Permission.EVALUATION_DRAW)
    own = ScoreSheet.objects.visible_to(actor).filter(is_current=True, evaluation__in=found).select_related("unit")
    sheets: dict[int, list[ScoreSheet]] = {}
    rows = []
    for one in own.order_by("unit__order", "unit_id"):
        sheets.setdefault(one.evaluation_id, []).append(one)
    ratable = {one.evaluation.pk: one for one in to_rate(actor)}
    for evaluation in found:
        rows.append(
            {
                "evaluation": evaluation,
                "state": EVALUATION_STATE_LABELS[EvaluationState(evaluation.state)],
                "tone": STATE_TONES[EvaluationState(evaluation.state)],
                "is_office": is_of_office(actor, evaluation),
                "sheets": [] if is_of_office(actor, evaluation) else sheets.get(evaluation.pk, []),
                "to_rate": ratable.get(evaluation.pk),
            }
        )
    taken = {one.plan_id for one in found if one.state != EvaluationState.DROPPED}
    plans = [one for one in plans_in_sight(actor).filter(closed_at=None) if one.pk not in taken] if draws else []
    return render(request, "evaluation/index.html", {"rows": rows, "plans": plans, "draws": draws})


# ---- one evaluation


@require_safe
def evaluation(request: HttpRequest, pk: int) -> HttpResponse:
    """One evaluation: its units, lists and rules, and what the reader may do now."""
    require(actor_of(request), Permission.EVALUATION_VIEW)
    return show_page(request, evaluation_for(actor_of(request), pk))


def _steps(actor: Actor, one: Evaluation, *, is_over: bool) -> set[str]:
    """Return what the actor may do now; of a year that is closed the table is still given out. is_over: shown to the
    units, none of which has time left."""
    place = {"jurisdiction_id": one.jurisdiction_id}
    state = EvaluationState(one.state)
    found: set[str] = set()
    if may(actor, Permission.EVALUATION_DRAW, **place):
        found |= {"export", "results"} if state != EvaluationState.DROPPED else set()
        found |= {"show"} if state == EvaluationState.DRAFTED else set()
    if may(actor, Permission.EVALUATION_CONFIRM, **place):
        found |= {"drop"} if state in LIVE else set()
        found |= {"reopen"} if state == EvaluationState.CONFIRMED else set()
        found |= {"confirm"} if is_over else set()
    return found if one.plan.closed_at is None else found & {"export"}


def show_page(
    request: HttpRequest, one: Evaluation, *, refusal: DomainError | None = None, step: str = ""
) -> HttpResponse:
    """Return the page of an evaluation, with what was refused and how it was filled in."""
    actor = actor_of(request)
    state, is_office = EvaluationState(one.state), is_of_office(actor, one)
    is_shown = state == EvaluationState.SHOWN
    in_time = sheets_in_time(one, today=clock.today()) if is_shown else []
    steps = _steps(actor, one, is_over=is_shown and not in_time)
    readable = set() if is_office else readable_units(actor, one)
    sheets = sheets_of(one) if is_office or readable else []
    shown = [each for each in sheets if is_office or each.unit.unit_id in readable]
    figures = figures_for(one)
    ranks = ranks_of(sheets, figures) if is_office else {}
    contested = {each.unit_id for each in _contested(one)} if is_shown else set()
    missing = findings_not_counted(one, known_on=clock.today()) if is_office else {}
    corrects = may(actor, Permission.EVALUATION_CORRECT, jurisdiction_id=one.jurisdiction_id)
    posted = request.POST if refusal else QueryDict()
    context = {
        "evaluation": one,
        "state": EVALUATION_STATE_LABELS[state],
        "tone": STATE_TONES[state],
        "is_office": is_office,
        "is_scored": figures.evaluation.enabled,
        "is_frozen": state in FROZEN,
        "policy_number": (one.policy or one.plan.policy).number,
        "rows": [_unit_row(each, ranks=ranks, contested=contested) for each in shown],
        "is_ranked": bool(ranks),
        "kinds": [FACT_LABELS[kind] for kind in FactKind],
        "lists": lists_of(sheets) if is_office else (),
        "method": method_of(figures, median=sheets[0].median if sheets else Decimal(0)),
        "effects": _effects(sheets) if is_office else [],
        "unrated": missing_ratings(sheets) if is_office else [],
        "later": [each for each in in_time if is_office and each.number > 1],
        "missing": [
            {
                "name": each.unit.name,
                "facts": [
                    f"{fact.on.month}月{fact.on.day}日{fact.words.rstrip('。')}（{fact.name.rstrip('。')}）"
                    for fact in missing[each.unit.unit_id]
                ],
                "address": _correcting(one, each.unit.unit_id, missing[each.unit.unit_id])
                if corrects and is_shown
                else "",
            }
            for each in sheets
            if each.unit.unit_id in missing
        ],
        "closed": closed_note(one.plan) if is_office else "",
        "rating_open": waits_for_ratings(one),
        "rates": bool(posts_rating(actor, one)) and waits_for_ratings(one),
        "steps": steps,
        "intakes": intakes_of(one) if is_office else [],
        **paper_panel(actor, _paper(one)),
        "given": {name: posted.get(name, "") for name in posted},
        "problem": refusal.message if refusal else "",
        "field": (refusal.field or "") if refusal else "",
        "step": step,
        "reason_length": REASON_LENGTH,
    }
    return render(request, "evaluation/evaluation.html", context, status=status_of(refusal) if refusal else 200)


def _correcting(one: Evaluation, unit_pk: int, facts: Iterable[Fact]) -> str:
    """Return where a sheet is corrected, with what is to be taken in chosen already."""
    chosen = urlencode([("in", each.key) for each in facts])
    return f"{reverse('evaluation_correct', args=[one.pk, unit_pk])}?{chosen}"


def _contested(one: Evaluation) -> QuerySet[ScoreSheet]:
    return ScoreSheet.objects.filter(evaluation=one, is_current=True, contested_at__isnull=False)


def _paper(one: Evaluation) -> IssuedPaper | None:
    """Return the table as it was last confirmed."""
    kept = IssuedPaper.objects.filter(plan=one.plan_id, kind=PaperKind.EVALUATION, subject_id=one.pk)
    return kept.order_by("-version").first()


def _unit_row(sheet: Sheet, *, ranks: Any, contested: set[int]) -> dict[str, Any]:
    unit, found = sheet.unit, sheet.scored
    return {
        "pk": unit.unit_id,
        "name": unit.name,
        "matters": len(unit.matters),
        "done": unit.finished(),
        "obligations": unit.obligations,
        "counts": [(FACT_LABELS[kind], unit.counted(kind)) for kind in FactKind],
        "standing": STANDING_LABELS[sheet.standing],
        "tone": STANDING_TONES[sheet.standing],
        "divisor": plain(found.workload.divisor) if found else "",
        "facts_score": two(found.facts_score) if found else "",
        "rating": two(found.rating) if found else "",
        "score": two(found.score) if found else "",
        "rank": ranks.get(unit.unit_id, ""),
        "note": note_of(sheet),
        "is_contested": unit.unit_id in contested,
    }


def _effects(sheets: Iterable[Sheet]) -> list[dict[str, Any]]:
    """Return which rule moved how many units by how much in all, the heaviest first."""
    moved: dict[FactKind, list[Decimal]] = {}
    for sheet in sheets:
        for one in sheet.scored.effects if sheet.scored else ():
            moved.setdefault(one.kind, []).append(one.moved)
    found = [
        {
            "kind": FACT_LABELS[kind],
            "units": len(some),
            "moved": two(sum(some, Decimal(0))),
            "most": two(_largest(some)),
        }
        for kind, some in moved.items()
    ]
    return sorted(found, key=lambda one: -abs(Decimal(one["moved"])))


def _largest(some: Sequence[Decimal]) -> Decimal:
    return max(some, key=abs)


_DONE = {
    "show": "已送各单位核对，事实和规则就此固定。",
    "confirm": "已核定，考评数据表已经存档。",
    "reopen": "已重新核对，可以更正；原来核定的数据表仍然保留。",
    "drop": "已作罢。",
}


@require_POST
def evaluation_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step with an evaluation; what is wrong is said on its page, as it was filled in."""
    actor = actor_of(request)
    require(actor, Permission.EVALUATION_VIEW)
    one = evaluation_for(actor, pk)
    if step not in _DONE:
        raise NotFound
    if seen := number_of(request.POST.get("version")):
        one.version = seen  # as the page showed it: who comes second is told so
    told: dict[str, Any] = {"by": actor, "now": clock.now()}
    reason = request.POST.get("reason", "")
    try:
        if step == "show":
            show_evaluation(one, **told)
        elif step == "confirm":
            confirm_evaluation(one, **told)
        elif step == "reopen":
            reopen_evaluation(one, reason=reason, **told)
        else:
            drop_evaluation(one, reason=reason, **told)
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return show_page(request, evaluation_for(actor, pk), refusal=error, step=step)
    messages.success(request, _DONE[step])
    return redirect("evaluation_one", pk)


# ---- carried out


@require_POST
def evaluation_export(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """The figures for the appraisal office: the form to be filled in (.xlsx), or the table as PDF and .docx.

    What was confirmed is handed out as it was kept, byte for byte; before that a draft. It is written down who took it.
    """
    actor = actor_of(request)
    require(actor, Permission.EVALUATION_DRAW)
    one = evaluation_for(actor, pk)
    if form not in ("xlsx", *Format):
        raise NotFound
    name = f"{one.title}{'' if one.state == EvaluationState.CONFIRMED else '（草稿）'}"
    try:
        record_evaluation_export(one, form=form, by=actor, now=clock.now())
        if form == "xlsx":
            return download(to_xlsx(*spreadsheets_of(one)), name=f"{name}.xlsx")
        paper = _paper(one)
        if one.state == EvaluationState.CONFIRMED and paper is not None:
            return issued_file(paper, Format(form))
        return draft_file(paper_of(table_data(one)), Format(form), name=name)
    except Invalid as error:
        return show_page(request, one, refusal=error)


# ---- a unit's sheet


@require_safe
def evaluation_sheet(request: HttpRequest, pk: int, unit_pk: int) -> HttpResponse:
    """A unit's sheet: every fact one click from its events, every step of the score so that a pencil can follow."""
    actor = actor_of(request)
    require(actor, Permission.EVALUATION_VIEW)
    one = evaluation_for(actor, pk)
    if one.state not in FROZEN:
        return _drafted_sheet(request, one, unit_pk)
    row = sheet_for(actor, pk, unit_pk)
    wanted = number_of(request.GET.get("number"))
    history = history_of(row)
    standing = next((each for each in history if each.number == wanted), history[-1])
    return render(request, "evaluation/sheet.html", _sheet_context(actor, one, data_of(standing), standing, history))


@require_POST
def evaluation_agree(request: HttpRequest, pk: int, unit_pk: int) -> HttpResponse:
    """A unit says that it has nothing against its sheet, or the office enters that it said so."""
    actor = actor_of(request)
    require(actor, Permission.EVALUATION_VIEW)
    row = sheet_for(actor, pk, unit_pk)
    if number_of(request.POST.get("number")) != row.number:
        raise WrongState("这张考评表刚刚已经更正，请看现在的情况。")
    agree_to_score(row, by=actor, now=clock.now(), behalf=behalf_of(request.POST))
    messages.success(request, "已记下没有异议，督查室不必再等。")
    return redirect("evaluation_sheet", pk, unit_pk)


def _drafted_sheet(request: HttpRequest, one: Evaluation, unit_pk: int) -> HttpResponse:
    """Show the office a sheet before units see it, as the facts stand now. Raises NotFound for everybody else."""
    actor = actor_of(request)
    found = next((each for each in drafted_sheets(one) if each.unit.unit_id == unit_pk), None)
    if found is None or not is_of_office(actor, one):
        raise NotFound("没有这张考评表，或者您无权查看。")
    return render(request, "evaluation/sheet.html", _sheet_context(actor, one, found, None, []))


def _sheet_context(
    actor: Actor, one: Evaluation, sheet: Sheet, row: ScoreSheet | None, history: Sequence[ScoreSheet]
) -> dict[str, Any]:
    found, figures = sheet.scored, figures_for(one)
    ways = Ways(actor, [*sheet.unit.facts, *(each.fact for each in sheet.left_out)], sheet.unit.matters)
    results = results_of(one, unit_id=sheet.unit.unit_id)
    is_own = any(sheet.unit.unit_id in held.unit_ids for held in actor.held)
    place = {"unit_id": sheet.unit.unit_id, "jurisdiction_id": one.jurisdiction_id}
    stands = row is not None and row.is_current and row.contested_at is None and row.agreed_at is None
    is_time = one.state == EvaluationState.SHOWN and row is not None and clock.today() <= row.objections_until
    files = may(actor, Permission.OBJECTION_FILE, **place)
    speaks = may(actor, Permission.OBJECTION_SIGN if is_own else Permission.OBJECTION_FILE, **place)
    untrue = {each.matter_id for each in sheet.unit.facts if each.kind is FactKind.UNTRUE}
    return {
        "evaluation": one,
        "sheet": sheet,
        "row": row,
        "state": EVALUATION_STATE_LABELS[EvaluationState(one.state)],
        "tone": STATE_TONES[EvaluationState(one.state)],
        "standing": STANDING_LABELS[sheet.standing],
        "standing_tone": STANDING_TONES[sheet.standing],
        "standing_words": STANDING_WORDS[sheet.standing],
        "score": _score(found) if found else None,
        "is_ranked": False,
        "facts": _fact_groups(sheet, ways=ways, results=results),
        "left_out": [(_fact_line(each.fact, ways=ways, results=results), each.reason) for each in sheet.left_out],
        "matters": [
            {
                "name": each.name,
                "address": ways.matter(each.matter_id),
                "part": PART_LABELS[each.part],
                "outcome": OUTCOME_LABELS[each.outcome],
                "tone": OUTCOME_TONES[each.outcome],
                "is_untrue": each.matter_id in untrue,
                "due_on": each.due_on,
                "done_on": each.done_on,
            }
            for each in sheet.unit.matters
        ],
        "unit_result": results.get((sheet.unit.unit_id, "")),
        "history": [{"row": each, "is_shown": row is not None and each.pk == row.pk} for each in reversed(history)],
        "is_former": row is not None and not row.is_current,
        "is_own": is_own,
        "is_time": is_time,
        "objects_at": f"{reverse('objection_new')}?sheet={row.pk}&unit={sheet.unit.unit_id}"
        if row is not None and stands and files
        else "",
        "agrees": stands and is_time and speaks and row is not None and row.number > 1,
        "channels": CHANNELS,
        "is_office": is_of_office(actor, one),
        "corrects": row is not None
        and row.is_current
        and row.contested_at is None
        and one.state == EvaluationState.SHOWN
        and may(actor, Permission.EVALUATION_CORRECT, jurisdiction_id=one.jurisdiction_id),
        "method": method_of(figures, median=sheet.median),
    }


class Ways:
    """Where the events behind facts are found, for this reader: only what the reader may open. At most four
    statements.
    """

    def __init__(self, actor: Actor, facts: Sequence[Fact], matters: Iterable[Any]) -> None:
        wanted = {one.matter_id for one in (*facts, *matters) if one.matter_id}
        self._matters = set(Matter.objects.visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True))
        self._seen: dict[str, set[int]] = {}
        readable: dict[str, Any] = {
            "bulletin": Bulletin.objects,
            "interview": Interview.objects,
            "visit": Visit.objects,
        }
        for source, rows in readable.items():
            ids = {one.source_id for one in facts if one.source == source}
            if ids:
                self._seen[source] = set(rows.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))

    def matter(self, matter_id: int | None) -> str:
        """Return the page of a matter; empty where the reader may not open it."""
        return reverse("matter", args=[matter_id]) if matter_id in self._matters else ""

    def fact(self, one: Fact) -> str:
        """Return where the events of a fact are found; empty where the reader may open nothing of it."""
        if one.source_id in self._seen.get(one.source, ()):
            return reverse(one.source, args=[one.source_id])
        if one.matter_id not in self._matters:
            return ""
        panels = {"report": "#reports", "bulletin": "#bulletins"}
        if one.source in panels:
            return f"{self.matter(one.matter_id)}{panels[one.source]}"
        return reverse("matter_story", args=[one.matter_id])


def _fact_line(one: Fact, *, ways: Ways, results: Any) -> dict[str, Any]:
    return {
        "fact": one,
        "kind": FACT_LABELS[one.kind],
        "part": PART_LABELS[one.part],
        "address": ways.fact(one),
        "matter": ways.matter(one.matter_id),
        "result": results.get((one.unit_id, one.key)),
    }


def _fact_groups(sheet: Sheet, *, ways: Ways, results: Any) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = []
    for kind in FactKind:
        for part in Part:
            some = [one for one in sheet.unit.facts if one.kind is kind and one.part is part]
            if some:
                groups.append(
                    {
                        "label": FACT_LABELS[kind],
                        "part": PART_LABELS[part],
                        "slug": f"{kind.value}-{part.value}",
                        "lines": [_fact_line(one, ways=ways, results=results) for one in some],
                    }
                )
    return groups


def _score(found: Scored) -> dict[str, Any]:
    """Return every figure of a score as it is shown; the page says how each follows from those before it."""
    load = found.workload
    return {
        "lines": [
            {
                "label": FACT_LABELS[one.kind],
                "part": PART_LABELS[one.part],
                "slug": f"{one.kind.value}-{one.part.value}",
                "points": plain(one.points),
                "count": one.count,
                "ratio": plain(one.ratio),
                "divisor": plain(one.divisor),
                "score": two(one.score),
                "is_bonus": one.kind in BONUSES,
            }
            for one in found.lines
        ],
        "obligations": load.obligations,
        "median": plain(load.median),
        "quotient": two(load.quotient),
        "least": plain(load.least),
        "most": plain(load.most),
        "divisor": plain(load.divisor),
        "is_divided": load.is_used,
        "base": plain(found.base),
        "deductions": two(found.deductions),
        "bonus_before": two(found.bonus_before),
        "bonus": two(found.bonus),
        "floor": plain(found.floor),
        "facts_score": two(found.facts_score),
        "rating": two(found.rating),
        "rating_count": found.rating_count,
        "rating_pct": found.rating_pct,
        "facts_pct": 100 - found.rating_pct,
        "score": two(found.score),
        "loses_award": found.loses_award,
        "effects": [
            {
                "label": FACT_LABELS[one.kind],
                "total": two(one.total),
                "without": two(one.without),
                "moved": two(one.moved),
            }
            for one in found.effects
        ],
    }


# ---- elsewhere


def may_wait(actor: Actor) -> QuerySet[Any]:
    """Return rows without which nothing waits for the actor; some may be there for others."""
    if actor.holds(*LEADER_ROLES, Role.GOVERNMENT_HEAD):
        return Evaluation.objects.filter(state__in=LIVE)
    return ScoreSheet.objects.filter(
        of_own_units(actor, "unit"), is_current=True, evaluation__state=EvaluationState.SHOWN
    )


def waiting(actor: Actor, *, today: Any) -> list[Waiting]:
    """Return what waits for the reader: units to rate, an own sheet that may be looked at (it need not)."""
    found = []
    if drafts_to_rate(actor).exists():
        found += [
            Waiting(
                waits=Waits.CONFIRM,
                address=f"{reverse('evaluation_rate', args=[one.evaluation.pk])}?post={one.post.pk}",
                action="评价",
                text=f"{one.evaluation.title}：请评价 {one.missing} 个单位",
                since=one.evaluation.drafted_on,
                note="可由秘书代录；不评价的以事实得分为准",
            )
            for one in to_rate(actor)
        ]
    units = {unit_id for held in actor.held for unit_id in held.unit_ids}
    shown = ScoreSheet.objects.visible_to(actor).filter(
        unit_id__in=units,
        is_current=True,
        evaluation__state=EvaluationState.SHOWN,
        objections_until__gte=today,
        agreed_at=None,
    )
    found += [
        Waiting(
            waits=Waits.CONFIRM,
            address=reverse("evaluation_sheet", args=[one.evaluation_id, one.unit_id]),
            action="核对",
            text=f"{one.evaluation.title}：{one.unit.name}的考评表{'有更正' if one.reason else ''}，"
            "有异议的可以申请复核",
            since=clock.day_of(one.made_at),
            unit=one.unit.name,
            due_on=one.objections_until,
        )
        for one in shown.select_related("evaluation", "unit").order_by("evaluation_id", "unit__order", "unit_id")
    ]
    return found


def office_queue(office: Office) -> Queue:
    """Return what of the evaluations waits at the office: to be shown, contested, to be corrected, confirmed.

    One statement, and a few more for each that units are looking at.
    """
    actor, today = office.actor, office.today
    live = Evaluation.objects.filter(plan__in=[one.pk for one in office.plans], state__in=LIVE)
    lines = []
    for one in live.order_by("drafted_at", "pk"):
        place = {"jurisdiction_id": one.jurisdiction_id}
        if one.state == EvaluationState.DRAFTED and may(actor, Permission.EVALUATION_DRAW, **place):
            lines.append(_of_office(one, "送核对", "拟定中，可看领导评价情况", since=one.drafted_on))
        elif one.state == EvaluationState.SHOWN and one.objections_until is not None:
            open_ = _contested(one).count()
            if open_:
                lines.append(_of_office(one, "查看", f"{open_} 个单位有异议", since=one.shown_on))
            if not may(actor, Permission.EVALUATION_CONFIRM, **place):
                continue
            if missing := len(findings_not_counted(one, known_on=today)):
                lines.append(_of_office(one, "更正", f"{missing} 个单位有查出的不实还没有计入", since=one.shown_on))
            elif not open_ and not sheets_in_time(one, today=today):
                lines.append(_of_office(one, "核定", "单位核对已经结束", since=one.shown_on))
    return Queue(lines[: office.most], len(lines), (("考评", reverse("evaluation")),))


def _of_office(one: Evaluation, action: str, note: str, *, since: Any) -> Waiting:
    return Waiting(
        waits=Waits.DECIDE,
        address=reverse("evaluation_one", args=[one.pk]),
        action=action,
        text=one.title,
        since=since or one.drafted_on,
        note=note,
    )
