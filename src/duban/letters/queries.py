"""Reads of the three letters that several doors share: the facts of a round, what it drafts, who waits for what."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from duban.access.rules import OFFICE_ROLES, WHOLE_UNIT_ROLES
from duban.closing.models import Closure
from duban.closing.rules import ClosureState
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, NotFound
from duban.core.text import date_text
from duban.core.workdays import workdays_now
from duban.documents.kinds.letter import LetterData, LetterMatter, paper_of
from duban.documents.paper import DocumentError, Paper
from duban.documents.wording import Addressee, Rank
from duban.letters.models import AnswerLine, Letter, LetterAnswer, LetterItem, LetterQuerySet
from duban.letters.rules import (
    LIVE,
    OWED_BRINGS_LETTER,
    Cause,
    Draft,
    GivenBack,
    LetterKind,
    LetterState,
    MatterFacts,
    Owing,
    Returned,
    Sent,
    Standing,
    causes_of,
    drafts_of,
    ending_of,
    issuer_name,
    signer_of,
    titled,
)
from duban.lights.models import Override
from duban.lights.rules import expected_pct, reasons_of
from duban.matters.models import Assignment, Matter, Milestone, Obligation, Overseer, Plan
from duban.matters.policy import Figures
from duban.matters.queries import plan_contact, policy_of, report_days
from duban.matters.rules import LIT_STATES, Kind, Light, Owed, OwedState, State
from duban.orgs.models import Person, Post, Unit
from duban.orgs.queries import post_holders
from duban.papers.models import IssuedPaper
from duban.papers.queries import papers_of
from duban.papers.rules import PaperKind, thawed
from duban.reports.models import Report
from duban.reports.rules import WITH_THE_OFFICE

_POINT = 100


@dataclass(frozen=True, slots=True)
class Material:
    """What a round reads of a plan on a day. units: every unit written to, the one that stands today, by id.

    used: the keys of causes that brought a letter before.   inviting: units that get 商请函.
    """

    day: date
    figures: Figures
    facts: dict[int, MatterFacts]
    sent: list[Sent]
    used: frozenset[str]
    report_days: list[date]
    units: dict[int, Unit]
    inviting: frozenset[int]

    def causes(self) -> list[Standing]:
        """Return every cause that stands, whether it brought a letter already or not."""
        return causes_of(
            self.facts.values(),
            self.sent,
            day=self.day,
            policy=self.figures.letters,
            closure_returns=self.figures.closure.returns_to_urge,
            report_days=self.report_days,
            calendar=workdays_now(),
        )

    def drafts(self, causes: Iterable[Standing]) -> list[Draft]:
        """Return the letters these causes bring on the day."""
        return drafts_of(
            causes,
            self.sent,
            day=self.day,
            policy=self.figures.letters,
            calendar=workdays_now(),
            used=self.used,
            inviting=self.inviting,
        )


def material_of(
    plan: Plan,
    *,
    day: date,
    matter_ids: Collection[int] | None = None,
) -> Material:
    """Return what a round reads, in eleven statements whatever the plan holds.

    matter_ids: only these matters. The calendar is the one in use; the caller has seen to that.
    """
    figures = policy_of(plan)
    matters = Matter.objects.filter(plan=plan, state__in=LIT_STATES)
    lines = LetterItem.objects.filter(letter__plan=plan)
    if matter_ids is not None:
        matters = matters.filter(pk__in=list(matter_ids))
        lines = lines.filter(matter_id__in=list(matter_ids))
    standing = _Units(plan)
    sent = _sent(lines, standing=standing)
    facts = _facts(matters, day=day, figures=figures, standing=standing)
    wanted = {one.unit_id for one in sent} | {one.unit_id for one in facts.values()}
    wanted |= {each.unit_id for one in facts.values() for each in one.owing}
    wanted |= {each.unit_id for one in facts.values() for each in one.given_back}
    units = {pk: unit for pk, unit in standing.units.items() if pk in wanted}
    inviting = {pk for pk, unit in units.items() if unit.unit_type in figures.letters.inviting_unit_types}
    return Material(
        day=day,
        figures=figures,
        facts=facts,
        sent=sent,
        used=frozenset(one.key for one in sent if one.key),
        report_days=report_days(plan),
        units=units,
        inviting=frozenset(inviting),
    )


class _Units:
    """The units of a plan's place; what is owed by one merged into another is the survivor's."""

    def __init__(self, plan: Plan) -> None:
        self.units = {one.pk: one for one in Unit.objects.filter(jurisdiction=plan.jurisdiction_id)}

    def survivor(self, unit_id: int) -> int:
        while (into := self.units[unit_id].merged_into_id) is not None:
            unit_id = into
        return unit_id


def _sent(lines: QuerySet[LetterItem], *, standing: _Units) -> list[Sent]:
    rows = list(lines.select_related("letter").order_by("pk"))
    due = answer_days({one.letter_id for one in rows})
    return [
        Sent(
            item_id=one.pk,
            letter_id=one.letter_id,
            matter_id=one.matter_id,
            unit_id=standing.survivor(one.letter.unit_id),
            kind=LetterKind(one.letter.kind),
            cause=Cause(one.cause),
            state=LetterState(one.letter.state),
            key=one.key or "",
            root=one.root,
            drafted_on=one.letter.drafted_on,
            is_batch=one.letter.is_batch,
            is_courtesy=one.letter.is_courtesy,
            is_standing=not one.removed_reason and one.cured_on is None and one.escalated_on is None,
            is_removed=bool(one.removed_reason),
            number=one.letter.number_text,
            issued_on=one.letter.issued_on,
            clock_on=one.letter.delivered_on,
            due_on=due.get(one.letter_id),
        )
        for one in rows
    ]


def answer_days(letter_ids: Collection[int]) -> dict[int, date]:
    """Return by when letters are to be answered, while that is open. One statement."""
    rows = _answers_owed().filter(subject_id__in=list(letter_ids)).values_list("subject_id", "due_on")
    return {pk or 0: due_on for pk, due_on in rows}


def _answers_owed() -> QuerySet[Obligation]:
    return Obligation.objects.filter(kind=Owed.LETTER, state=OwedState.OPEN, subject_type="letter")


def overdue(letters: LetterQuerySet, *, today: date) -> LetterQuerySet:
    """Return of these letters those issued that were to be answered by a day that has passed."""
    owed = _answers_owed().filter(due_on__lt=today)
    return letters.filter(state=LetterState.ISSUED, pk__in=owed.values("subject_id"))


def signed_by(actor: Actor, letters: LetterQuerySet, *, plans: Iterable[Plan]) -> LetterQuerySet:
    """Return of these letters those of the kinds the actor signs in their plan. plans: policies joined."""
    wanted = Q(pk__in=[])
    for plan in plans:
        wanted |= Q(plan=plan, kind__in=roles_signing(actor, plan=plan))
    return letters.filter(wanted)


def _facts(
    matters: QuerySet[Matter],
    *,
    day: date,
    figures: Figures,
    standing: _Units,
) -> dict[int, MatterFacts]:
    rows = {one.pk: one for one in matters.order_by("order", "pk")}
    inside = matters.order_by().values("pk")
    merging = Assignment.objects.filter(matter__in=inside, is_merging=True, ended_at=None)
    leads = {
        matter_id: standing.survivor(unit_id) for matter_id, unit_id in merging.values_list("matter_id", "unit_id")
    }
    nodes: dict[int, list[Milestone]] = defaultdict(list)
    for node in Milestone.objects.filter(matter__in=inside).order_by("due_on"):
        nodes[node.matter_id].append(node)
    overrides = {one.matter_id: one for one in Override.objects.filter(matter__in=inside, ended_at=None)}
    owing = _owing(inside, rows=rows, nodes=nodes, standing=standing)
    given_back = _given_back(inside, rows=rows, standing=standing)
    found = {}
    for pk, one in rows.items():
        light: Light | None = Light(one.light) if one.light else None
        since, reasons = one.light_since, reasons_of(one.light_reasons)
        override = overrides.get(pk)
        if override is not None and light is not None:
            light, since = Light(override.light), day_of(override.made_at)
        found[pk] = MatterFacts(
            id=pk,
            unit_id=leads.get(pk, 0),
            state=one.state,
            light=light,
            light_since=since,
            reasons=reasons,
            progress=None if one.progress_pct is None else int(_POINT * one.progress_pct),
            expected=_expected(one, nodes=nodes[pk], day=day, figures=figures),
            forecast=one.forecast,
            override_reason=override.reason if override is not None else "",
            owing=tuple(owing[pk]),
            given_back=tuple(given_back[pk]),
        )
    return found


def _expected(one: Matter, *, nodes: Sequence[Milestone], day: date, figures: Figures) -> int | None:
    if one.kind == Kind.CONTINUING:
        return None
    share = expected_pct(
        starts_on=one.starts_on,
        due_on=one.due_on,
        today=day,
        schedule=figures.lights.schedule,
        quarter_pct=figures.lights.quarter_pct,
        milestones=[(node.due_on, node.expected_pct) for node in nodes],
    )
    return int(_POINT * share)


def _owing(
    inside: QuerySet[Matter, Any],
    *,
    rows: Mapping[int, Matter],
    nodes: Mapping[int, Sequence[Milestone]],
    standing: _Units,
) -> dict[int, list[Owing]]:
    """Return what is open of the kinds that bring letters; a node whose share is reached is as good as met.

    A report that was given and returned to be written better is not late, so it is not owed here.
    """
    found: dict[int, list[Owing]] = defaultdict(list)
    expected = {node.pk: node.expected_pct for some in nodes.values() for node in some}
    owed = Obligation.objects.filter(matter__in=inside, kind__in=OWED_BRINGS_LETTER).exclude(state=OwedState.WAIVED)
    rest = list(owed.order_by("due_on", "pk"))
    given = {_of_report(one) for one in rest if one.kind == Owed.REPORT and one.state == OwedState.MET}
    for one in rest:
        matter_id = one.matter_id or 0
        if one.state == OwedState.MET or _of_report(one) in given:
            continue
        reached = rows[matter_id].progress_pct
        asked = expected.get(one.subject_id or 0) if one.kind == Owed.MILESTONE else None
        if asked is not None and reached is not None and reached >= asked:
            continue
        found[matter_id].append(Owing(one.pk, standing.survivor(one.unit_id), one.kind, one.title, one.due_on))
    return found


def _of_report(one: Obligation) -> tuple[int | None, int, date] | None:
    return (one.matter_id, one.unit_id, one.due_on) if one.kind == Owed.REPORT else None


def _given_back(
    inside: QuerySet[Matter, Any], *, rows: Mapping[int, Matter], standing: _Units
) -> dict[int, list[GivenBack]]:
    """Return what the office gave back and the unit has not handed in anew. Two statements."""
    found: dict[int, list[GivenBack]] = defaultdict(list)
    reports = Report.objects.filter(matter__in=inside, returns__gt=0).exclude(state__in=WITH_THE_OFFICE)
    for pk, matter_id, unit_id, times, day in reports.order_by("pk").values_list(
        "pk", "matter_id", "unit_id", "returns", "report_day"
    ):
        found[matter_id].append(GivenBack(standing.survivor(unit_id), Returned.REPORT, pk, times, day))
    attempts: dict[int, list[Closure]] = defaultdict(list)
    for one in Closure.objects.filter(matter__in=inside).order_by("matter_id", "attempt"):
        some = attempts[one.matter_id]
        if one.state == ClosureState.GRANTED:
            some.clear()
        elif one.state == ClosureState.RETURNED and not one.is_overseers_return:
            some.append(one)
    for matter_id, some in attempts.items():
        if some and rows[matter_id].state == State.IN_PROGRESS:
            last = some[-1]
            found[matter_id].append(GivenBack(standing.survivor(last.unit_id), Returned.CLOSURE, last.pk, len(some)))
    return found


# ---- letters as somebody sees them


def _with_items(letters: LetterQuerySet) -> LetterQuerySet:
    items = LetterItem.objects.filter(removed_reason="").select_related("matter").order_by("matter__order", "pk")
    joined = letters.select_related("unit", "plan__policy", "plan__jurisdiction")
    return joined.prefetch_related(Prefetch("items", queryset=items, to_attr="lines"))


def letters_for(actor: Actor) -> LetterQuerySet:
    """Return the letters this actor may see, the latest first; unit and plan joined, `lines` the causes that stand.

    Two statements.
    """
    return _with_items(Letter.objects.visible_to(actor)).order_by("-drafted_on", "-pk")


def letter_for(actor: Actor, pk: int) -> Letter:
    """Return a letter this actor may see, joined as `letters_for` does. Raises NotFound."""
    found = letters_for(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这份函件，或者您无权查看。")
    return found


def example_letter(plan: Plan, *, key: str) -> Letter | None:
    """Return the last letter of a plan written from the template of this key, joined as `letters_for` does, or None."""
    kind, _, inviting = key.partition("_")
    found = Letter.objects.filter(plan=plan, is_inviting=bool(inviting), is_courtesy=kind == "courtesy")
    found = found.exclude(state=LetterState.DROPPED)
    found = found if kind == "courtesy" else found.filter(kind=kind)
    return _with_items(found).order_by("-drafted_on", "-pk").first()


def lines_of(letter: Letter) -> list[LetterItem]:
    """Return the causes that stand in a letter, joined with their matters, in the ledger's order."""
    lines = LetterItem.objects.filter(letter=letter, removed_reason="").select_related("matter")
    return list(lines.order_by("matter__order", "pk"))


def copies_of(letter: Letter, lines: Sequence[LetterItem], *, on: date) -> list[tuple[Person, Post]]:
    """Return the leaders a letter is told to in copy on a day: who oversees its matters; of a 提醒函 none.

    At most three statements.
    """
    if letter.kind == LetterKind.REMIND:
        return []
    post_ids = list(dict.fromkeys(overseers_of({one.matter_id for one in lines}).values()))
    posts = Post.objects.in_bulk(post_ids)
    holders = post_holders(post_ids, on=on)
    return [(holders[pk], posts[pk]) for pk in post_ids if pk in holders]


def letter_data(letter: Letter, lines: Sequence[LetterItem], *, on: date, is_draft: bool) -> LetterData:
    """Return a letter as it is drawn, a matter with several causes once. Unit, plan, policy and place are joined.

    on: the day by which the leaders in copy hold their posts.
    """
    policy = policy_of(letter.plan).letters
    kind = LetterKind(letter.kind)
    issuer = issuer_name(letter.plan.jurisdiction.name, policy=policy)
    recipient = letter.unit.full_name or letter.unit.name
    signed_on = day_of(letter.signed_at) if letter.signed_at else None
    reasons: dict[Matter, list[str]] = defaultdict(list)
    for line in lines:
        reasons[line.matter].append(line.words)
    copies = [titled(person.name, post.title) for person, post in copies_of(letter, lines, on=on)]
    told = (letter.number_text, letter.title, issuer, recipient, date_text(signed_on))
    return LetterData(
        issuer=issuer,
        number=letter.number_text,
        title=letter.title,
        recipient=recipient,
        opening=letter.opening,
        matters=tuple(LetterMatter(one.serial, one.title or one.text, "".join(some)) for one, some in reasons.items()),
        demand=letter.demand,
        ending=ending_of(kind, is_inviting=letter.is_inviting),
        signed_on=signed_on,
        copies_to=tuple(Addressee(one, Rank.ABOVE) for one in copies),
        contact=plan_contact(letter.plan),
        names=(letter.unit.name, issuer),
        urgency="加急" if letter.is_urgent else "",
        is_draft=is_draft,
        code="\n".join(told) if policy.qr_code and not is_draft else "",
    )


def page_of(data: LetterData) -> Paper:
    """Return a letter as a page to be drawn. Raises Invalid where no matter is left in it."""
    try:
        return paper_of(data)
    except DocumentError as error:
        raise Invalid(str(error)) from error


def letter_papers(letters: Iterable[Letter]) -> dict[int, IssuedPaper]:
    """Return what was frozen of letters when they were issued, by the letter's id. One statement."""
    return papers_of(PaperKind.LETTER, subject_type="letter", subject_ids=[one.pk for one in letters])


def letter_page(letter: Letter, paper: IssuedPaper | None) -> Paper:
    """Return a letter as a page to be drawn: from what was frozen where it was, else as a draft."""
    if paper is not None:
        return page_of(thawed(LetterData, paper.data))
    on = day_of(letter.signed_at or letter.drafted_at)
    return page_of(letter_data(letter, lines_of(letter), on=on, is_draft=letter.issued_at is None))


def answers_of(letter: Letter) -> list[LetterAnswer]:
    """Return what a unit answered, the first answer first, each with its `lines`. Two statements."""
    lines = Prefetch("lines", queryset=AnswerLine.objects.select_related("matter"))
    return list(LetterAnswer.objects.filter(letter=letter).prefetch_related(lines).order_by("number"))


def letters_on(actor: Actor, matter: Matter) -> list[Letter]:
    """Return the letters about a matter as this actor may see them, the latest first, units joined. One statement.

    What was dropped is left out.
    """
    about = LetterItem.objects.filter(matter=matter, removed_reason="", letter=OuterRef("pk"))
    found = Letter.objects.visible_to(actor).filter(Exists(about)).exclude(state=LetterState.DROPPED)
    return list(found.select_related("unit").order_by("-drafted_on", "-pk"))


def speaks_for(actor: Actor, unit_id: int) -> bool:
    """Return whether the actor acts for this unit itself, not for it at the office."""
    return any(unit_id in one.unit_ids for one in actor.holds(*WHOLE_UNIT_ROLES))


def may_sign(actor: Actor, letter: Letter) -> bool:
    """Return whether the actor holds the role that signs this letter. Its plan and policy are joined."""
    role = signer_of(LetterKind(letter.kind), policy_of(letter.plan).letters)
    return any(one.jurisdiction_id in (None, letter.jurisdiction_id) for one in actor.holds(role))


def roles_signing(actor: Actor, *, plan: Plan) -> list[LetterKind]:
    """Return the kinds of letters of a plan the actor signs."""
    policy = policy_of(plan).letters
    places = {kind: actor.holds(signer_of(kind, policy)) for kind in LetterKind}
    return [
        kind
        for kind, held in places.items()
        if any(one.jurisdiction_id in (None, plan.jurisdiction_id) for one in held)
    ]


def overseers_of(matter_ids: Iterable[int]) -> dict[int, int]:
    """Return the post of the first overseer of each matter: who is told in copy. One statement."""
    found: dict[int, int] = {}
    rows = Overseer.objects.filter(matter_id__in=list(matter_ids)).order_by("matter_id", "order", "pk")
    for matter_id, post_id in rows.values_list("matter_id", "post_id"):
        found.setdefault(matter_id, post_id)
    return found


# ---- the office's morning


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter as a list shows it. due_on: by when it is to be answered, while that is open."""

    letter: Letter
    matters: int
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Morning:
    """What of the letters waits on a morning, each the longest waiting first, all counted, the first few as rows.

    to_sign: those the reader signs.   overdue: to be answered by a day that has passed.
    """

    to_handle: list[LetterRow] = field(default_factory=list)
    to_sign: list[LetterRow] = field(default_factory=list)
    to_issue: list[LetterRow] = field(default_factory=list)
    answers_in: list[LetterRow] = field(default_factory=list)
    overdue: list[LetterRow] = field(default_factory=list)
    counts: Mapping[str, int] = field(default_factory=dict)


MORNING_ROWS = 8
"""So many rows of each are told where nothing else is said; the rest is counted."""


def morning_of(actor: Actor, plans: Iterable[Plan], *, today: date, most: int = MORNING_ROWS) -> Morning:
    """Return what of the letters of plans waits for the office (and of signatures, for this reader) today.

    One statement for what waits, one for the letters shown, whatever there is. plans: policies joined.   counts: by
    the names of Morning's lists.   Units see nothing here.
    """
    places = {one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)}
    signing = {one.pk: roles_signing(actor, plan=one) for one in plans if places & {None, one.jurisdiction_id}}
    if not signing:
        return Morning()
    owed = _answers_owed().filter(subject_id=OuterRef("pk")).values("due_on")
    live = Letter.objects.filter(plan__in=signing, state__in=LIVE).annotate(due_on=Subquery(owed[:1]))
    waiting: dict[str, list[tuple[int, date | None]]] = defaultdict(list)
    for pk, plan_id, kind, state, due_on in live.order_by("drafted_on", "pk").values_list(
        "pk", "plan_id", "kind", "state", "due_on"
    ):
        if state in _WAITS_AS and (state != LetterState.PRESENTED or kind in signing[plan_id]):
            waiting[_WAITS_AS[state]].append((pk, None))
        elif state == LetterState.ISSUED and due_on is not None and due_on < today:
            waiting["overdue"].append((pk, due_on))
    waiting["overdue"].sort(key=lambda one: (one[1] or today, one[0]))
    counts = {name: len(some) for name, some in waiting.items() if some}
    shown = {name: waiting[name][:most] for name in counts}
    ids = [pk for some in shown.values() for pk, _ in some]
    about = Count("items__matter", filter=Q(items__removed_reason=""), distinct=True)
    named = Letter.objects.select_related("unit").annotate(matters=about)
    letters = named.in_bulk(ids) if ids else {}
    return Morning(
        **{
            name: [LetterRow(letters[pk], letters[pk].matters, due_on) for pk, due_on in some]  # type: ignore[attr-defined]
            for name, some in shown.items()
        },
        counts=counts,
    )


_WAITS_AS: dict[str, str] = {
    LetterState.DRAFTED: "to_handle",
    LetterState.PRESENTED: "to_sign",
    LetterState.SIGNED: "to_issue",
    LetterState.ANSWERED: "answers_in",
}
"""By state, the name of Morning's list; what is issued waits for the unit, until it is overdue."""
