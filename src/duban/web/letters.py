"""三种函: the queue, a letter to be read, its steps; the unit's answer in one form."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.access.rules import OFFICE_ROLES, Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, WrongState
from duban.letters.actions import (
    AnsweredMatter,
    LetterEdit,
    NewItem,
    accept_answer,
    answer_letter,
    deliver_letter,
    drop_letter,
    edit_letter,
    issue_letter,
    keep_letter,
    merge_letters,
    number_letter,
    present_letter,
    read_letter,
    return_answer,
    send_back_letter,
    sign_letter,
    withdraw_letter,
    write_letter,
)
from duban.letters.models import Letter, LetterItem, Receipt
from duban.letters.queries import (
    LetterRow,
    answer_days,
    answers_of,
    letter_for,
    letter_page,
    letter_papers,
    letters_for,
    letters_on,
    lines_of,
    may_sign,
    morning_of,
    overdue,
    signed_by,
    speaks_for,
)
from duban.letters.rules import (
    ANSWER_LABELS,
    CAUSE_LABELS,
    DELIVERY_LABELS,
    ENDED,
    LETTER_KIND_LABELS,
    LETTER_STATE_LABELS,
    LIVE,
    OUTCOME_LABELS,
    REASON_LENGTH,
    TEXT_LENGTH,
    TITLE_LENGTH,
    UNSIGNED,
    Cause,
    Delivery,
    LetterKind,
    LetterState,
    Outcome,
    ending_of,
    issuer_name,
)
from duban.matters.models import Assignment, Matter
from duban.matters.queries import MatterPage, matter_for, plans_in_sight, policy_of
from duban.matters.rules import CHANNEL_LABELS, LIT_STATES, Channel
from duban.papers.actions import add_scan
from duban.papers.rules import Format
from duban.web.downloads import kept_file
from duban.web.evidence import files_of
from duban.web.given import actor_of, behalf_of, day_of, number_of
from duban.web.obstacles import CHANNELS, status_of
from duban.web.papers import Sheaf, draft_file, issued_file, paper_panel, scan_file, several_in_one, several_zipped
from duban.web.waiting import Office, Queue, Waiting, Waits, of_own_units

STATE_TONES = {
    LetterState.DRAFTED: "draft",
    LetterState.PRESENTED: "violet",
    LetterState.SIGNED: "blue",
    LetterState.ISSUED: "warn",
    LetterState.ANSWERED: "teal",
    LetterState.SETTLED: "plain",
    LetterState.DROPPED: "plain",
    LetterState.WITHDRAWN: "over",
}
TABS: dict[str, tuple[LetterState, ...]] = {
    "drafted": (LetterState.DRAFTED,),
    "presented": (LetterState.PRESENTED,),
    "signed": (LetterState.SIGNED,),
    "issued": (LetterState.ISSUED,),
    "answered": (LetterState.ANSWERED,),
    "ended": ENDED,
}
TAB_LABELS = {name: LETTER_STATE_LABELS[states[0]] for name, states in TABS.items() if name != "ended"} | {
    "ended": "已办结"
}
_OF_UNITS = ("issued", "answered", "ended")
_TICKS = {"presented": ("mine", "只看待我签发的"), "issued": ("late", "只看逾期未答复的")}
"""What more the office may narrow a tab to: the name of the parameter and its words."""
_PAGE_ROWS = 50


def _is_office(actor: Actor) -> bool:
    return bool(actor.holds(*OFFICE_ROLES))


# ---- the queue


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """The letters the reader may see, by how they stand; narrowed to a kind and a unit."""
    actor = actor_of(request)
    require(actor, Permission.LETTER_VIEW)
    is_office = _is_office(actor)
    names = list(TABS) if is_office else list(_OF_UNITS)
    kind, unit = request.GET.get("kind", ""), number_of(request.GET.get("unit"))
    kind = kind if kind in set(LetterKind) else ""
    visible = Letter.objects.visible_to(actor)
    states = Counter(dict(_counted(visible, kind=kind, unit=unit)))
    counts = {name: sum(states[state.value] for state in TABS[name]) for name in names}
    tab = request.GET.get("tab", "")
    tab = tab if tab in names else next((name for name in names if counts[name]), names[0])
    found = letters_for(actor).filter(state__in=TABS[tab])
    found = found.filter(kind=kind) if kind else found
    found = found.filter(unit=unit) if unit else found
    tick = _TICKS.get(tab) if is_office else None
    is_ticked = tick is not None and request.GET.get(tick[0]) == "1"
    if is_ticked and tab == "issued":
        found = overdue(found, today=clock.today())
    elif is_ticked:
        found = signed_by(actor, found, plans=plans_in_sight(actor))
    page = Paginator(found, _PAGE_ROWS).get_page(request.GET.get("page"))
    shown = list(page)
    due = answer_days([one.pk for one in shown])
    narrowed = "".join(f"{name}={value}&" for name, value in (("kind", kind), ("unit", unit)) if value)
    context = {
        "tabs": [(name, TAB_LABELS[name], counts[name]) for name in names],
        "tab": tab,
        "rows": [_row(one, due=due.get(one.pk), actor=actor) for one in shown],
        "page": page,
        "query": narrowed,
        "tab_query": f"tab={tab}&{narrowed}{f'{tick[0]}=1&' if tick and is_ticked else ''}",
        "kind": kind,
        "kinds": LETTER_KIND_LABELS.items(),
        "unit": unit,
        "units": _units_of(visible) if is_office else (),
        "tick": tick,
        "is_ticked": is_ticked,
        "batch": _BATCHES.get(tab) if is_office and may(actor, Permission.LETTER_DRAFT) else None,
    }
    return render(request, "letters/index.html", context)


def _counted(visible: Any, *, kind: str, unit: int) -> list[tuple[str, int]]:
    found = visible.filter(kind=kind) if kind else visible
    found = found.filter(unit=unit) if unit else found
    return list(Counter(found.order_by().values_list("state", flat=True)).items())


def _units_of(visible: Any) -> list[tuple[int, str]]:
    return list(visible.order_by("unit__order", "unit_id").values_list("unit_id", "unit__name").distinct())


def _row(one: Letter, *, due: date | None, actor: Actor) -> dict[str, Any]:
    lines: list[LetterItem] = one.lines  # type: ignore[attr-defined]
    matters = list(dict.fromkeys(str(line.matter) for line in lines))
    state = LetterState(one.state)
    outcome = f"（{OUTCOME_LABELS[Outcome(one.outcome)]}）" if one.outcome else ""
    return {
        "letter": one,
        "name": one.number_text or one.label,
        "kind": one.label,
        "matters": "、".join(matters[:3]) + (f"等 {len(matters)} 项" if len(matters) > 3 else ""),
        "why": lines[0].words if lines else one.dropped_reason,
        "state": LETTER_STATE_LABELS[state] + outcome,
        "tone": STATE_TONES[state],
        "due_on": due,
        "is_undelivered": one.issued_on is not None and one.delivered_on is None and state is LetterState.ISSUED,
        "is_sent_back": state is LetterState.DRAFTED and bool(one.sent_back_reason),
        "next": _next_word(one, actor=actor),
    }


def _next_word(one: Letter, *, actor: Actor) -> str:
    state = LetterState(one.state)
    if state is LetterState.ISSUED and speaks_for(actor, one.unit_id):
        return "答复"
    drafts = may(actor, Permission.LETTER_DRAFT, jurisdiction_id=one.jurisdiction_id)
    if state in UNSIGNED and may_sign(actor, one):
        return "签发"
    words = {LetterState.DRAFTED: "办理", LetterState.SIGNED: "发出", LetterState.ANSWERED: "认定"}
    return words.get(state, "") if drafts else ""


_BATCHES = {"drafted": ("present", "选定的送签"), "signed": ("issue", "选定的发出")}
_FILES = {"pdf": several_in_one, "zip": several_zipped}
"""What is done with several letters that changes none of them."""


@require_POST
def letters_batch(request: HttpRequest) -> HttpResponse:
    """Present or issue several letters, one after the other; what cannot be is said, the others go. Or get one file."""
    actor = actor_of(request)
    step = request.POST.get("step", "")
    if step in _FILES:
        return _in_one_file(request, step)
    require(actor, Permission.LETTER_DRAFT)
    steps = {"present": present_letter, "issue": issue_letter}
    if step not in steps:
        raise NotFound
    wanted = [number_of(one) for one in request.POST.getlist("letter")]
    if not wanted:
        messages.error(request, "请先选定函件。")
    done, problems = 0, []
    for one in letters_for(actor).filter(pk__in=wanted):
        try:
            steps[step](one, by=actor, now=clock.now())
        except DomainError as error:
            problems.append(f"{one}：{error.message}")
        else:
            done += 1
    if done:
        messages.success(request, f"已{'送签' if step == 'present' else '发出'} {done} 份。")
    for problem in problems:
        messages.error(request, problem)
    return redirect(f"{reverse('letters')}?tab={'drafted' if step == 'present' else 'signed'}")


def _in_one_file(request: HttpRequest, step: str) -> HttpResponse:
    """Return chosen letters as one PDF to be printed, or as a .zip."""
    actor = actor_of(request)
    require(actor, Permission.LETTER_VIEW)
    wanted = [number_of(one) for one in request.POST.getlist("letter")]
    chosen = sorted(letters_for(actor).filter(pk__in=wanted), key=lambda one: wanted.index(one.pk))
    papers = letter_papers(chosen)
    sheaves = [
        Sheaf(f"{_called(one)} {one.unit}", letter_page(one, papers.get(one.pk)), papers.get(one.pk)) for one in chosen
    ]
    try:
        return _FILES[step](sheaves, name=f"函件 {clock.today().isoformat()}")
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(f"{reverse('letters')}?tab={request.POST.get('tab', '')}")


def _called(one: Letter) -> str:
    return one.number_text or f"{one.label}草稿"


@require_safe
def letter_pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A letter as PDF: as it was issued; before that a draft, for the office."""
    return _file(request, pk, Format.PDF)


@require_safe
def letter_docx(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A letter as .docx, for further editing; as `letter_pdf`."""
    return _file(request, pk, Format.DOCX)


def _file(request: HttpRequest, pk: int, form: Format) -> HttpResponseBase:
    require(actor_of(request), Permission.LETTER_VIEW)
    one = letter_for(actor_of(request), pk)
    paper = letter_papers([one]).get(pk)
    if paper is not None:
        return issued_file(paper, form)
    if one.issued_on is not None:
        raise NotFound("这份函件在公文存档以前发出，请先在函件页上补存。")
    try:
        return draft_file(letter_page(one, None), form, name=f"{_called(one)} {one.unit}")
    except Invalid as error:
        return _show(request, one, refusal=error)


# ---- one letter


@require_safe
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter as it is read, what was answered, and what the reader may do now."""
    require(actor_of(request), Permission.LETTER_VIEW)
    return _show(request, letter_for(actor_of(request), pk))


@dataclass(frozen=True, slots=True)
class _Hands:
    """What the reader may do with a letter now."""

    drafts: bool
    signs: bool
    is_own: bool
    answers: bool

    def steps(self, one: Letter, *, needs_number: bool) -> set[str]:
        state = LetterState(one.state)
        found: set[str] = set()
        if self.signs and state in UNSIGNED:
            found.add("sign")
        if state is LetterState.PRESENTED and (self.signs or self.drafts):
            found.add("send_back")
        if self.drafts:
            found |= _OFFICE_STEPS.get(state, set())
            if state is LetterState.SIGNED:
                found.add("number" if needs_number and not one.number_text else "issue")
            if one.issued_on is not None and one.delivered_on is None and state is not LetterState.WITHDRAWN:
                found.add("deliver")
        if self.answers and state is LetterState.ISSUED:
            found.add("answer")
        return found


_OFFICE_STEPS = {
    LetterState.DRAFTED: {"edit", "present", "drop", "merge"},
    LetterState.PRESENTED: {"drop"},
    LetterState.SIGNED: {"withdraw"},
    LetterState.ISSUED: {"withdraw"},
    LetterState.ANSWERED: {"accept", "return", "withdraw"},
}
_PRIMARY = ("sign", "answer", "accept", "number", "issue", "deliver", "present")
"""The first of these the reader may do is the one button that stands out."""


_BUTTONS = {"sign", "accept", "issue", "present", "edit"}
"""Steps that need no form of their own."""


def _hands(actor: Actor, one: Letter) -> _Hands:
    place = one.jurisdiction_id
    return _Hands(
        drafts=may(actor, Permission.LETTER_DRAFT, jurisdiction_id=place),
        signs=may(actor, Permission.LETTER_SIGN, jurisdiction_id=place) and may_sign(actor, one),
        is_own=speaks_for(actor, one.unit_id),
        answers=may(actor, Permission.LETTER_ANSWER, unit_id=one.unit_id, jurisdiction_id=place),
    )


def _show(request: HttpRequest, one: Letter, *, refusal: DomainError | None = None, step: str = "") -> HttpResponse:
    actor, today = actor_of(request), clock.today()
    policy = policy_of(one.plan).letters
    paper = letter_papers([one]).get(one.pk)
    hands = _hands(actor, one)
    steps = hands.steps(one, needs_number=policy.numbering == "document_system")
    lines: list[LetterItem] = one.lines  # type: ignore[attr-defined]
    seen = set(
        Matter.objects.visible_to(actor).filter(pk__in={line.matter_id for line in lines}).values_list("pk", flat=True)
    )
    receipts = list(Receipt.objects.filter(letter=one).select_related("person")) if one.issued_on else []
    is_office = _is_office(actor)
    posted = {name: request.POST.get(name, "") for name in request.POST} if refusal else {}
    own_steps = steps if hands.is_own else steps - {"answer"}  # entering it for the unit is the other way
    primary = next((name for name in _PRIMARY if name in own_steps), "")
    state = LetterState(one.state)
    context = {
        "letter": one,
        "kind": one.label,
        "state": LETTER_STATE_LABELS[state],
        "tone": STATE_TONES[state],
        "outcome": OUTCOME_LABELS[Outcome(one.outcome)] if one.outcome else "",
        "is_office": is_office,
        "issuer": issuer_name(one.plan.jurisdiction.name, policy=policy),
        "salutation": one.unit.full_name or one.unit.name,
        "ending": ending_of(LetterKind(one.kind), is_inviting=one.is_inviting),
        "dated_on": one.signed_at.astimezone(clock.SHANGHAI) if one.signed_at else None,
        **paper_panel(actor, paper),
        "is_unkept": one.issued_on is not None and paper is None,
        "groups": _groups(lines, seen=seen),
        "receipts": [
            {
                "name": each.person.name,
                "capacity": each.capacity,
                "is_copy": each.is_copy,
                "read_at": each.read_at.astimezone(clock.SHANGHAI) if each.read_at else None,
            }
            for each in receipts
        ],
        "delivery": DELIVERY_LABELS[Delivery(one.delivery)] if one.delivery else "",
        "is_unread": any(each.person_id == actor.person_id and each.read_at is None for each in receipts),
        "due_on": answer_days([one.pk]).get(one.pk) if state is LetterState.ISSUED else None,
        "answers": [_answer(each) for each in answers_of(one)] if one.answer_no else [],
        "asked": _asked(one, lines, posted=posted, field=refusal.field if refusal else None),
        "steps": steps,
        "has_buttons": bool(steps & _BUTTONS),
        "has_other_steps": bool(steps - {"answer"} if hands.is_own else steps),
        "primary": primary,
        "is_own": hands.is_own,
        "others": _mergeable(actor, one) if "merge" in steps else [],
        "channels": CHANNELS,
        "given": posted or {"channel": Channel.TELEPHONE.value, "delivered_on": today.isoformat()},
        "problem": refusal.message if refusal else "",
        "field": (refusal.field or "") if refusal else "",
        "step": step,
        "reason_length": REASON_LENGTH,
        "text_length": TEXT_LENGTH,
    }
    return render(request, "letters/letter.html", context, status=status_of(refusal) if refusal else 200)


def _groups(lines: Sequence[LetterItem], *, seen: set[int]) -> list[dict[str, Any]]:
    """Return the matters of a letter in order, each with its causes."""
    found: dict[int, dict[str, Any]] = {}
    for line in lines:
        group = found.setdefault(
            line.matter_id,
            {
                "matter": line.matter,
                "is_seen": line.matter_id in seen,
                "lines": [],
                "is_over": True,
                "is_unscored": True,
            },
        )
        over = "已改正" if line.cured_on else "已改发上一级函件" if line.escalated_on else ""
        group["lines"].append({"cause": CAUSE_LABELS[Cause(line.cause)], "words": line.words, "over": over})
        group["is_over"] &= bool(over)
        group["is_unscored"] &= not line.is_scored
    return list(found.values())


def _answer(one: Any) -> dict[str, Any]:
    by = one.answered_by_name
    if one.channel:
        by = f"{one.informant}（{CHANNEL_LABELS[Channel(one.channel)]}，{by}代录）"
    return {"answer": one, "by": by, "lines": list(one.lines.all())}


def _asked(
    one: Letter, lines: Sequence[LetterItem], *, posted: dict[str, str], field: str | None
) -> list[dict[str, Any]]:
    """Return the matters an answer has to speak of, with what was typed."""
    kind = LetterKind(one.kind)
    matters = {line.matter_id: line.matter for line in lines if line.cured_on is None and line.escalated_on is None}
    return [
        {
            "pk": pk,
            "matter": matter,
            "label": ANSWER_LABELS[kind],
            "text": posted.get(f"text-{pk}", ""),
            "new_on": posted.get(f"new-{pk}", ""),
            "asks_day": kind is not LetterKind.REMIND,
            "needs_day": kind is LetterKind.URGE,
            "text_wrong": field == f"text-{pk}",
            "day_wrong": field == f"new-{pk}",
        }
        for pk, matter in matters.items()
    ]


def _mergeable(actor: Actor, one: Letter) -> list[Letter]:
    same = letters_for(actor).filter(
        plan=one.plan_id, unit=one.unit_id, kind=one.kind, is_courtesy=one.is_courtesy, state=LetterState.DRAFTED
    )
    return list(same.exclude(pk=one.pk))


_DONE = {
    "present": "已送签。",
    "send_back": "已退回修改。",
    "sign": "已签发。",
    "number": "已登记文号。",
    "issue": "已发出。",
    "deliver": "已登记送达。",
    "withdraw": "已撤回。",
    "drop": "已作罢。",
    "merge": "已合并。",
    "accept": "已认可答复，函件办结。",
    "return": "已退回答复。",
    "answer": "已答复。",
    "read": "",
    "keep": "已补存，可以下载。",
    "scan": "已附上扫描件。",
}


@require_POST
def letter_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step with a letter; what is wrong is said on its form, as it was filled in."""
    actor = actor_of(request)
    require(actor, Permission.LETTER_VIEW)
    found = letter_for(actor, pk)
    if step not in _DONE:
        raise NotFound
    seen = number_of(request.POST.get("version"))
    try:
        if seen:
            found.version = seen  # as the page showed it: who comes second is told so
        _take(step, found, request=request, actor=actor)
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return _show(request, letter_for(actor, pk), refusal=error, step=step)
    if step == "read" and request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    if _DONE[step]:
        messages.success(request, _DONE[step])
    return redirect("letter", pk)


def _take(step: str, one: Letter, *, request: HttpRequest, actor: Actor) -> None:
    posted, now = request.POST, clock.now()
    reason = posted.get("reason", "")
    simple = {
        "present": present_letter,
        "sign": sign_letter,
        "issue": issue_letter,
        "accept": accept_answer,
        "read": read_letter,
        "keep": keep_letter,
    }
    with_reason = {
        "send_back": send_back_letter,
        "withdraw": withdraw_letter,
        "drop": drop_letter,
        "return": return_answer,
    }
    if step in simple:
        simple[step](one, by=actor, now=now)
    elif step in with_reason:
        with_reason[step](one, reason=reason, by=actor, now=now)
    elif step == "number":
        require(actor, Permission.LETTER_DRAFT, jurisdiction_id=one.jurisdiction_id)
        files = files_of(request)
        if not files:
            raise Invalid("请附盖章的扫描件。", field="file")
        number_letter(one, number=posted.get("number", ""), scan=files[0], by=actor, now=now)
    elif step == "scan":
        require(actor, Permission.PAPER_ISSUE, jurisdiction_id=one.jurisdiction_id)
        _add_scan(request, one, reason=reason, actor=actor)
    elif step == "deliver":
        require(actor, Permission.LETTER_DRAFT, jurisdiction_id=one.jurisdiction_id)
        day = day_of(posted.get("delivered_on", ""), field="delivered_on", what="送达日期")
        if day is None:
            raise Invalid("请填写送达日期。", field="delivered_on")
        deliver_letter(one, delivered_on=day, to=posted.get("to", ""), by=actor, now=now)
    elif step == "merge":
        require(actor, Permission.LETTER_DRAFT, jurisdiction_id=one.jurisdiction_id)
        wanted = {number_of(each) for each in posted.getlist("others")}
        merge_letters(one, others=[each for each in _mergeable(actor, one) if each.pk in wanted], by=actor, now=now)
    else:
        require(actor, Permission.LETTER_ANSWER, unit_id=one.unit_id, jurisdiction_id=one.jurisdiction_id)
        _take_answer(one, posted=posted, actor=actor)


def _take_answer(one: Letter, *, posted: QueryDict, actor: Actor) -> None:
    is_own = speaks_for(actor, one.unit_id)
    lines = [
        AnsweredMatter(
            pk,
            posted.get(f"text-{pk}", ""),
            day_of(posted.get(f"new-{pk}", ""), field=f"new-{pk}", what="新的完成时间"),
        )
        for pk in {line.matter_id for line in lines_of(one)}
    ]
    day = None if is_own else day_of(posted.get("answered_on", ""), field="answered_on", what="答复日期")
    behalf = None if is_own else behalf_of(posted)
    answer_letter(one, lines=lines, behalf=behalf, answered_on=day, by=actor, now=clock.now())


def _add_scan(request: HttpRequest, one: Letter, *, reason: str, actor: Actor) -> None:
    paper = letter_papers([one]).get(one.pk)
    files = files_of(request)
    if paper is None:
        raise WrongState("发出并存档以后才能附扫描件。")
    if not files:
        raise Invalid("请附盖章的扫描件。", field="scan")
    add_scan(paper, scan=files[0], reason=reason, by=actor, now=clock.now())


@require_safe
def letter_scan(request: HttpRequest, pk: int) -> FileResponse:
    """The scan of the sealed letter: the last or the `version` asked for; until it is issued that behind its number."""
    require(actor_of(request), Permission.LETTER_VIEW)
    one = letter_for(actor_of(request), pk)
    paper = letter_papers([one]).get(pk)
    if paper is not None:
        return scan_file(request, paper)
    if not one.scan_digest:
        raise NotFound("这份函件没有扫描件。")
    return kept_file(one.scan_digest, name=one.scan_name, kind=one.scan_type)


# ---- editing a draft


@require_http_methods(["GET", "POST"])
def letter_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The words of a draft; what somebody else changed meanwhile is shown beside what was typed."""
    actor = actor_of(request)
    require(actor, Permission.LETTER_DRAFT)
    one = letter_for(actor, pk)
    if one.state != LetterState.DRAFTED:
        return redirect("letter", pk)
    lines = lines_of(one)
    given = {"title": one.title, "opening": one.opening, "demand": one.demand, "removed_reason": ""}
    words = {line.pk: line.words for line in lines}
    removed: set[int] = set()
    problem, field, theirs, status, seen = "", "", None, 200, one.version
    if request.method == "POST":
        posted = request.POST
        given = {name: posted.get(name, "") for name in given}
        words = {line.pk: posted.get(f"words-{line.pk}", line.words) for line in lines}
        removed = {number_of(each) for each in posted.getlist("removed")}
        seen = number_of(posted.get("version"))
        edit = LetterEdit(words=words, removed=frozenset(removed), **given)
        try:
            edit_letter(one, edit=edit, seen=seen, by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except Conflict as error:
            problem, theirs, status, seen = error.message, error.theirs, 409, one.version
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, "函稿已保存。")
            return redirect("letter", pk)
    context = {
        "letter": one,
        "kind": one.label,
        "given": given,
        "lines": [
            {
                "pk": line.pk,
                "matter": line.matter,
                "cause": CAUSE_LABELS[Cause(line.cause)],
                "words": words.get(line.pk, line.words),
                "is_removed": line.pk in removed,
                "is_wrong": field == f"words-{line.pk}",
            }
            for line in lines
        ],
        "version": seen,
        "problem": problem,
        "field": field,
        "theirs": theirs,
        "title_length": TITLE_LENGTH,
        "text_length": TEXT_LENGTH,
        "reason_length": REASON_LENGTH,
    }
    return render(request, "letters/edit.html", context, status=status)


# ---- by hand


@require_http_methods(["GET", "POST"])
def matter_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter written by hand about a matter, to one of its units; a level is skipped where it is urgent."""
    actor = actor_of(request)
    require(actor, Permission.LETTER_DRAFT)
    matter = matter_for(actor, pk)
    require(actor, Permission.LETTER_DRAFT, jurisdiction_id=matter.jurisdiction_id)
    parts = list(
        Assignment.objects.filter(matter=matter, ended_at=None)
        .select_related("unit")
        .order_by("-is_merging", "part", "order", "pk")
    )
    given: dict[str, str] = {
        "unit": str(parts[0].unit_id) if parts else "",
        "kind": LetterKind.REMIND.value,
        "words": "",
        "override_reason": "",
        "is_urgent": "",
    }
    problem, field, status = "", "", 200
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in given}
        try:
            made = _write(matter, given, parts=parts, actor=actor)
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, f"已拟好{made.label}，请看后送签。")
            return redirect("letter", made.pk)
    policy = policy_of(matter.plan).letters
    context = {
        "matter": matter,
        "is_in_hand": matter.state in LIT_STATES,
        "units": [(str(one.unit_id), one.unit.name, one.get_part_display()) for one in parts],
        "kinds": LETTER_KIND_LABELS.items(),
        "may_skip": policy.levels_may_be_skipped,
        "cooldown_workdays": policy.cooldown_workdays,
        "given": given,
        "problem": problem,
        "field": field,
        "text_length": TEXT_LENGTH,
        "reason_length": REASON_LENGTH,
    }
    return render(request, "letters/new.html", context, status=status)


def _write(matter: Matter, given: dict[str, str], *, parts: Sequence[Assignment], actor: Actor) -> Letter:
    unit = next((one.unit for one in parts if str(one.unit_id) == given["unit"]), None)
    if unit is None:
        raise Invalid("请选择主送单位。", field="unit")
    if given["kind"] not in set(LetterKind):
        raise Invalid("请选择函种。", field="kind")
    return write_letter(
        matter.plan,
        unit=unit,
        kind=LetterKind(given["kind"]),
        items=[NewItem(matter, given["words"])],
        is_urgent=given["is_urgent"] == "on",
        override_reason=given["override_reason"],
        by=actor,
        now=clock.now(),
    )


# ---- elsewhere


def letters_panel(actor: Actor, page: MatterPage) -> dict[str, Any]:
    """Return what a matter's page shows of the letters about it. At most one statement, none where there are none."""
    matter = page.matter
    found = letters_on(actor, matter) if "letters" in page.there else []
    return {
        "lines": [
            {
                "pk": one.pk,
                "name": one.number_text or one.label,
                "kind": one.label,
                "unit": one.unit.name,
                "on": one.issued_on or one.drafted_on,
                "state": LETTER_STATE_LABELS[LetterState(one.state)]
                + (f"（{OUTCOME_LABELS[Outcome(one.outcome)]}）" if one.outcome else ""),
                "tone": STATE_TONES[LetterState(one.state)],
            }
            for one in found
        ],
        "may_write": matter.state in LIT_STATES
        and may(actor, Permission.LETTER_DRAFT, jurisdiction_id=matter.jurisdiction_id),
    }


LETTERS_ON_MATTER = Letter.objects.filter(items__matter=OuterRef("pk"))
"""For the matter's page: whether there are letters about it."""


def may_wait(actor: Actor) -> QuerySet[Letter]:
    """Return rows without which nothing waits for the actor; some may be there for others."""
    return Letter.objects.filter(of_own_units(actor, "unit"), state__in=LIVE)


def waiting(actor: Actor, *, today: date) -> list[Waiting]:
    """Return the letters that wait for the reader: to sign, to work on, to issue, to judge; a unit's to answer.

    Three statements.
    """
    letters = list(letters_for(actor).filter(state__in=LIVE).order_by("drafted_on", "pk"))
    due = answer_days([one.pk for one in letters if one.state == LetterState.ISSUED])
    found = []
    for one in letters:
        action = _next_word(one, actor=actor)
        if not action or (one.state == LetterState.DRAFTED and action == "签发"):
            action = "办理" if action and may(actor, Permission.LETTER_DRAFT) else ""
        if not action:
            continue
        row = _row(one, due=due.get(one.pk), actor=actor)
        serials = {line.matter.serial for line in one.lines}  # type: ignore[attr-defined]
        found.append(
            Waiting(
                waits=_WAITS.get(action, Waits.CONFIRM),
                address=reverse("letter", args=[one.pk]),
                action=action,
                text=f"{one.label}{one.number_text}：{row['matters']}",
                since=one.issued_on or one.drafted_on,
                serial=serials.pop() if len(serials) == 1 else "",
                note=one.sent_back_reason if row["is_sent_back"] else "",
                unit=one.unit.name,
                due_on=due.get(one.pk),
            )
        )
    return found


MORNING_KINDS: dict[str, tuple[str, str, Permission, str]] = {
    # name in letters.queries.Morning: (words on the morning page, action, who does it, the view in which all stand)
    "to_sign": ("函件待签发", "签发", Permission.LETTER_SIGN, "tab=presented&mine=1"),
    "overdue": ("函件逾期未答复", "催问", Permission.LETTER_DRAFT, "tab=issued&late=1"),
    "answers_in": ("函件答复待认定", "认定", Permission.LETTER_DRAFT, "tab=answered"),
    "to_issue": ("函件待发出", "发出", Permission.LETTER_DRAFT, "tab=signed"),
    "to_handle": ("函稿待办理", "办理", Permission.LETTER_DRAFT, "tab=drafted"),
}


def office_queues(office: Office) -> dict[str, Queue]:
    """Return what of the letters waits at the office, by the names of MORNING_KINDS. At most two statements."""
    found = morning_of(office.actor, office.plans, today=office.today, most=office.most)
    return {
        name: Queue(
            [_of_office(row, action) for row in getattr(found, name)],
            found.counts.get(name, 0),
            (("函件", f"{reverse('letters')}?{view}"),),
        )
        for name, (_, action, permission, view) in MORNING_KINDS.items()
        if may(office.actor, permission)
    }


def _of_office(row: LetterRow, action: str) -> Waiting:
    letter = row.letter
    return Waiting(
        waits=Waits.DECIDE,
        address=reverse("letter", args=[letter.pk]),
        action=action,
        text=f"{letter.label} {letter.number_text}".strip(),
        since=letter.issued_on or letter.drafted_on,
        note=f"{row.matters} 件事项",
        unit=letter.unit.name,
        due_on=row.due_on,
    )


_WAITS = {"签发": Waits.DECIDE, "答复": Waits.ANSWER, "认定": Waits.DECIDE}
