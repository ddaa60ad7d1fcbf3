"""每日拟函: the round of a workday. What is over is settled or taken out first, then the day's letters are drafted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import record, record_many
from duban.audit.rules import EventName
from duban.calendars.queries import use_loaded_notices
from duban.core.actor import Actor
from duban.letters.actions.common import about, count_up, settle_where_over
from duban.letters.models import Letter, LetterItem
from duban.letters.queries import Material, material_of
from duban.letters.rules import (
    IS_OVER,
    LIVE,
    UNSIGNED,
    Cause,
    Draft,
    LetterState,
    Outcome,
    superseded,
    superseded_reason,
    what_is_over,
    wording_of,
    words_of,
)
from duban.matters.models import Matter, Plan
from duban.matters.rules import LIT_STATES
from duban.papers.queries import templates_in_force
from duban.papers.wording import Wording


def draft_letters(day: date, *, by: Actor, now: datetime) -> int:
    """Make the round of a day over every plan with matters in hand; return how many letters were drafted.

    Nothing is drafted on a day nobody works. Each plan is a transaction of its own, and its row the lock: run twice,
    late, or beside its twin, a cause gives one letter. For a day that was missed the facts are those of today, the
    causes those that stood on the day. Raises NotAllowed. Source: docs/sources.md#letters
    """
    require(by, Permission.LETTER_DRAFT)
    if not use_loaded_notices().is_workday(day):
        return 0
    in_hand = Matter.objects.filter(state__in=LIT_STATES).values("plan_id")
    awaited = Letter.objects.filter(state__in=LIVE).values("plan_id")
    plans = Plan.objects.filter(pk__in=in_hand) | Plan.objects.filter(pk__in=awaited)
    return sum(_round(pk, day=day, by=by, now=now) for pk in plans.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _round(plan_id: int, *, day: date, by: Actor, now: datetime) -> int:
    plan = Plan.objects.select_for_update(of=("self",)).select_related("policy", "jurisdiction").get(pk=plan_id)
    material = material_of(plan, day=day)
    causes = material.causes()
    keys = {one.line.key for one in causes}
    if _end_what_is_over(material, keys, by=by, now=now):
        material = material_of(plan, day=day)
        causes = material.causes()
    drafts = material.drafts(causes)
    made = _draft(plan, [one for one in drafts if one.joins is None], material=material, by=by, now=now)
    _grow([one for one in drafts if one.joins is not None], by=by, now=now)
    _supersede(drafts, material=material, by=by, now=now)
    return made


# ---- what is over


def _end_what_is_over(material: Material, keys: set[str], *, by: Actor, now: datetime) -> bool:
    """Mark what was cured, settle what is cured whole, take out of drafts what is over; return whether anything was."""
    cured, stale = what_is_over(material.sent, facts=material.facts, standing=keys)
    if cured:
        LetterItem.objects.filter(pk__in=[one.item_id for one in cured]).update(cured_on=material.day)
        settle_where_over({one.letter_id for one in cured}, outcome=Outcome.CURED, by=by, now=now)
    if stale:
        _take_out([one.item_id for one in stale], reason=IS_OVER, by=by, now=now)
    return bool(cured or stale)


def _take_out(item_ids: Sequence[int], *, reason: str, by: Actor, now: datetime) -> None:
    """Take lines out of drafts nobody has signed; a draft without lines is dropped."""
    lines = list(
        LetterItem.objects.filter(pk__in=list(item_ids), letter__state__in=UNSIGNED, removed_reason="").select_related(
            "letter__unit", "matter"
        )
    )
    LetterItem.objects.filter(pk__in=[one.pk for one in lines]).update(removed_reason=reason)
    by_letter: dict[Letter, list[LetterItem]] = defaultdict(list)
    for one in lines:
        by_letter[one.letter].append(one)
    rest = set(
        LetterItem.objects.filter(letter__in=list(by_letter), removed_reason="").values_list("letter_id", flat=True)
    )
    empty = [one for one in by_letter if one.pk not in rest]
    Letter.objects.filter(pk__in=[one.pk for one in empty], state__in=UNSIGNED).update(
        state=LetterState.DROPPED, dropped_reason=reason, dropped_at=now, dropped_by_name=by.name[:40]
    )
    record_many(EventName.LETTER_DROPPED, [about(one, {"reason": reason}) for one in empty], by=by, now=now)
    for letter, some in by_letter.items():
        if letter.pk in rest:
            Letter.objects.filter(pk=letter.pk).update(version=letter.version + 1)
            data = {"removed": [str(one.matter) for one in some], "reason": reason}
            record(EventName.LETTER_EDITED, about(letter, data), by=by, now=now)


# ---- what is drafted


def _draft(plan: Plan, drafts: Sequence[Draft], *, material: Material, by: Actor, now: datetime) -> int:
    """Write the letters of the day, in few statements however many there are."""
    if not drafts:
        return 0
    templates = templates_in_force(plan.jurisdiction_id)
    rows = [_letter(plan, one, material=material, templates=templates, by=by, now=now) for one in drafts]
    letters = Letter.objects.bulk_create(rows)
    LetterItem.objects.bulk_create(
        row for letter, draft in zip(letters, drafts, strict=True) for row in _items(letter, draft)
    )
    subjects = [
        about(letter, {"day": material.day, "causes": [line.key for line in draft.lines]})
        for letter, draft in zip(letters, drafts, strict=True)
    ]
    record_many(EventName.LETTER_DRAFTED, subjects, by=by, now=now)
    return len(letters)


def _letter(
    plan: Plan, draft: Draft, *, material: Material, templates: Mapping[str, Wording], by: Actor, now: datetime
) -> Letter:
    is_inviting = draft.unit_id in material.inviting
    report_day = next((line.figures["report_day"] for line in draft.lines if line.cause is Cause.COURTESY), None)
    unit = material.units[draft.unit_id]
    wording = wording_of(
        draft.kind,
        is_courtesy=draft.is_courtesy,
        is_inviting=is_inviting,
        policy=material.figures.letters,
        report_day=date.fromisoformat(report_day) if report_day else None,
        unit=unit.full_name or unit.name,
        year=plan.year,
        templates=templates,
    )
    return Letter(
        jurisdiction_id=plan.jurisdiction_id,
        plan=plan,
        unit=unit,
        kind=draft.kind.value,
        is_batch=True,
        is_courtesy=draft.is_courtesy,
        is_inviting=is_inviting,
        title=wording.title,
        opening=wording.opening,
        demand=wording.demand,
        drafted_on=material.day,
        drafted_at=now,
        drafted_by_name=by.name[:40],
    )


def _items(letter: Letter, draft: Draft) -> list[LetterItem]:
    return [
        LetterItem(
            letter=letter,
            matter_id=line.matter_id,
            cause=line.cause.value,
            key=line.key,
            root=line.root,
            figures=line.figures,
            words=words_of(line.cause, line.figures),
            follows_id=line.follows_id,
            is_scored=line.is_scored,
        )
        for line in draft.lines
    ]


def _grow(drafts: Sequence[Draft], *, by: Actor, now: datetime) -> None:
    """Add what is new to drafts nobody has presented; one that was presented meanwhile waits for another day."""
    standing = {
        one.pk: one for one in Letter.objects.filter(pk__in=[one.joins for one in drafts]).select_related("unit")
    }
    for draft in drafts:
        letter = standing[draft.joins or 0]
        if not count_up(letter):
            continue
        LetterItem.objects.bulk_create(_items(letter, draft))
        data: dict[str, Any] = {"causes": [line.key for line in draft.lines]}
        record(EventName.LETTER_EDITED, about(letter, data), by=by, now=now)


def _supersede(drafts: Sequence[Draft], *, material: Material, by: Actor, now: datetime) -> None:
    """Take out of milder drafts what a graver one now says: a matter stands in one kind only."""
    for kind, lines in superseded(drafts, material.sent).items():
        _take_out([one.item_id for one in lines], reason=superseded_reason(kind), by=by, now=now)
