"""答复: the unit says what it has to say of each matter; the office accepts it, or returns it with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.rules import EventName
from duban.calendars.queries import use_loaded_notices
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid
from duban.letters.actions.common import claim, tell
from duban.letters.actions.issuing import post_to
from duban.letters.models import AnswerLine, Letter, LetterAnswer, LetterItem, Receipt
from duban.letters.queries import lines_of, speaks_for
from duban.letters.rules import (
    ANSWER_LABELS,
    REASON_LENGTH,
    LetterKind,
    LetterState,
    Outcome,
    answer_workdays,
    checked_words,
)
from duban.matters.actions import Behalf, meet_owed, owe, told_by
from duban.matters.models import Matter
from duban.matters.queries import policy_of
from duban.matters.rules import Owed


@dataclass(frozen=True, slots=True)
class AnsweredMatter:
    """What a unit says of one matter. new_on: by when it will be done, which a 催办函 asks for."""

    matter_id: int
    text: str
    new_on: date | None = None


@transaction.atomic
def answer_letter(
    letter: Letter,
    *,
    lines: Sequence[AnsweredMatter],
    by: Actor,
    now: datetime,
    behalf: Behalf | None = None,
    answered_on: date | None = None,
) -> Letter:
    """答复函件: the unit answers for every matter that still stands in the letter, all at once.

    behalf: how it answered, where the office enters it; answered_on: the day it did so then, today where None.
    Raises NotAllowed, WrongState (answered, settled or withdrawn meanwhile), Invalid.
    """
    require(by, Permission.LETTER_ANSWER, unit_id=letter.unit_id, jurisdiction_id=letter.jurisdiction_id)
    is_own = speaks_for(by, letter.unit_id)
    told = told_by(behalf, is_own=is_own, act="答复")
    today = day_of(now)
    day = today if is_own or answered_on is None else answered_on
    if day > today or (letter.issued_on is not None and day < letter.issued_on):
        raise Invalid("答复日期应在发函之后，不晚于今天。", field="answered_on")
    matters = open_matters(lines_of(letter))
    said = _checked(letter, matters, lines, today=today)
    claim(letter, LetterState.ISSUED, state=LetterState.ANSWERED, answer_no=letter.answer_no + 1)
    answer = LetterAnswer.objects.create(
        letter=letter,
        number=letter.answer_no,
        answered_on=day,
        answered_at=now,
        answered_by_name=by.name[:40],
        **told,
    )
    AnswerLine.objects.bulk_create(
        AnswerLine(answer=answer, matter_id=one.matter_id, text=one.text, new_on=one.new_on) for one in said
    )
    meet_owed(letter, by=by, now=now, met_on=day)
    data: dict[str, Any] = {
        "answers": [{"matter": str(matters[one.matter_id]), "text": one.text, "new_on": one.new_on} for one in said],
        "answered_on": day,
        **told,
    }
    tell(EventName.LETTER_ANSWERED, [letter], by=by, now=now, data=data)
    return letter


def open_matters(lines: Sequence[LetterItem]) -> dict[int, Matter]:
    """Return the matters a letter still asks about: cured ones and those a graver letter took up need no answer."""
    return {one.matter_id: one.matter for one in lines if one.cured_on is None and one.escalated_on is None}


def _checked(
    letter: Letter, matters: dict[int, Matter], lines: Sequence[AnsweredMatter], *, today: date
) -> list[AnsweredMatter]:
    kind = LetterKind(letter.kind)
    given = {one.matter_id: one for one in lines}
    said = []
    for pk, matter in matters.items():
        one = given.get(pk, AnsweredMatter(pk, ""))
        text = checked_words(one.text, what=f"{matter}的{ANSWER_LABELS[kind]}", field=f"text-{pk}")
        if kind is LetterKind.URGE and one.new_on is None:
            raise Invalid(f"请填写{matter}新的完成时间。", field=f"new-{pk}")
        if one.new_on is not None and one.new_on < today:
            raise Invalid(f"{matter}新的完成时间不能早于今天。", field=f"new-{pk}")
        said.append(AnsweredMatter(pk, text, one.new_on))
    return said


@transaction.atomic
def accept_answer(letter: Letter, *, by: Actor, now: datetime) -> Letter:
    """认可答复: the office is content, and the letter is settled. Raises NotAllowed, WrongState."""
    require(by, Permission.LETTER_DRAFT, jurisdiction_id=letter.jurisdiction_id)
    claim(
        letter,
        LetterState.ANSWERED,
        state=LetterState.SETTLED,
        outcome=Outcome.ACCEPTED,
        settled_at=now,
        settled_by_name=by.name[:40],
    )
    LetterAnswer.objects.filter(letter=letter, number=letter.answer_no).update(
        accepted_at=now, accepted_by_name=by.name[:40]
    )
    tell(EventName.LETTER_ANSWER_ACCEPTED, [letter], by=by, now=now, data={})
    return letter


@transaction.atomic
def return_answer(letter: Letter, *, reason: str, by: Actor, now: datetime) -> Letter:
    """退回答复: the office asks for another answer, with a reason; the unit owes it anew, from today.

    Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.LETTER_DRAFT, jurisdiction_id=letter.jurisdiction_id)
    words = checked_words(reason, what="退回的理由", field="reason", most=REASON_LENGTH)
    claim(letter, LetterState.ANSWERED, state=LetterState.ISSUED)
    LetterAnswer.objects.filter(letter=letter, number=letter.answer_no).update(
        returned_at=now, returned_by_name=by.name[:40], returned_reason=words
    )
    workdays = answer_workdays(LetterKind(letter.kind), policy_of(letter.plan).letters)
    due_on = use_loaded_notices().add_workdays(day_of(now), workdays)
    matters = list(open_matters(lines_of(letter)).values())
    owe(
        letter.unit,
        plan=letter.plan,
        kind=Owed.LETTER,
        subject=letter,
        title=f"重新答复{letter.label}{letter.number_text}",
        due_on=due_on,
        matter=matters[0] if len(matters) == 1 else None,
        by=by,
        now=now,
    )
    told = Receipt.objects.filter(letter=letter, is_copy=False).select_related("person")
    post_to(
        letter,
        [(one.person, False) for one in told],
        what=f"returned-{letter.answer_no}",
        text=f"{letter.label}{letter.number_text}的答复已退回：{words}",
        by=by,
        now=now,
    )
    tell(EventName.LETTER_ANSWER_RETURNED, [letter], by=by, now=now, data={"reason": words, "due_on": due_on})
    return letter
