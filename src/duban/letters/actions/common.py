"""What the actions of letters share: claiming, telling the trail, ending."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F

from duban.audit.actions import Subject, record_many
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.claiming import claim_row
from duban.letters.models import Letter, LetterItem
from duban.letters.rules import OUTCOME_LABELS, LetterState, Outcome
from duban.matters.actions import let_go

CHANGED = "这份函件刚刚已由他人办理，请看现在的情况。"


def claim(
    letter: Letter, *states: LetterState, message: str = CHANGED, version: int | None = None, **changes: Any
) -> None:
    """Change a letter that stands in one of these states, or raise WrongState: somebody was first.

    version: only as the acting person saw it.
    """
    claim_row(letter, states, message=message, seen=version, **changes)


def count_up(letter: Letter, *, seen: int | None = None) -> bool:
    """Count up the version of a draft still in the officer's hands, as seen; return whether it was there."""
    standing = Letter.objects.filter(pk=letter.pk, state=LetterState.DRAFTED)
    if seen is not None:
        standing = standing.filter(version=seen)
    return bool(standing.update(version=F("version") + 1))


def about(letter: Letter, data: dict[str, Any], *, matter_id: int | None = None) -> Subject:
    """Return the subject of an event of a letter; other units than its own do not see it."""
    return Subject(
        type="letter",
        id=letter.pk,
        label=str(letter),
        matter_id=matter_id,
        jurisdiction_id=letter.jurisdiction_id,
        data={
            "unit": letter.unit.name,
            "unit_id": letter.unit_id,
            "letter": letter.label,
            "number": letter.number_text,
            **data,
        },
    )


def tell(name: EventName, letters: Iterable[Letter], *, by: Actor, now: datetime, data: dict[str, Any]) -> None:
    """Record what befell letters, an event for each matter in them: it stands in the story of each."""
    letters = list(letters)
    matters = matters_of([one.pk for one in letters])
    subjects = [about(one, data, matter_id=pk) for one in letters for pk in matters.get(one.pk, [None])]
    record_many(name, subjects, by=by, now=now)


def matters_of(letter_ids: Collection[int]) -> dict[int, list[int | None]]:
    """Return the matters that stand in letters, each once, by letter."""
    found: dict[int, list[int | None]] = {}
    rows = LetterItem.objects.filter(letter_id__in=list(letter_ids), removed_reason="").order_by("matter__order", "pk")
    for letter_id, matter_id in rows.values_list("letter_id", "matter_id"):
        some = found.setdefault(letter_id, [])
        if matter_id not in some:
            some.append(matter_id)
    return found


def settle_where_over(letter_ids: Collection[int], *, outcome: Outcome, by: Actor, now: datetime) -> int:
    """Settle those of these letters of which no line stands any more; return how many. Their answers are let go."""
    standing = LetterItem.objects.filter(removed_reason="", cured_on=None, escalated_on=None).values("letter_id")
    open_ = Letter.objects.filter(pk__in=list(letter_ids), state__in=(LetterState.ISSUED, LetterState.ANSWERED))
    return settle(list(open_.exclude(pk__in=standing).select_related("unit")), outcome=outcome, by=by, now=now)


def settle(letters: Sequence[Letter], *, outcome: Outcome, by: Actor, now: datetime) -> int:
    """Settle letters in the unit's hands, in the running transaction; return how many. Answers owed are let go."""
    done = [
        one
        for one in letters
        if Letter.objects.filter(pk=one.pk, state__in=(LetterState.ISSUED, LetterState.ANSWERED)).update(
            state=LetterState.SETTLED, outcome=outcome, settled_at=now, settled_by_name=by.name[:40]
        )
    ]
    if done:
        let_go(done, reason=f"{OUTCOME_LABELS[outcome]}，不需再答复", by=by, now=now)
        tell(EventName.LETTER_SETTLED, done, by=by, now=now, data={"outcome": outcome.value})
    return len(done)
