"""The three letters: drafted by the round, worked on, signed by a person, issued, answered; some help, some do not."""

from collections import defaultdict
from io import BytesIO

from django.db.models import F

from duban.cli.demo_year.behaviour import Character, chance, choice, number
from duban.cli.demo_year.stage import Stage
from duban.cli.demo_year.words import LETTER_ANSWERS
from duban.cli.demo_year.working import picture
from duban.core.clock import day_of
from duban.core.workdays import add_workdays
from duban.evidence.examining import NewFile
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
    merge_letters,
    present_letter,
    read_letter,
    return_answer,
    send_back_letter,
    sign_letter,
    withdraw_letter,
    write_letter,
)
from duban.letters.models import Letter, LetterAnswer, LetterItem, Receipt
from duban.letters.queries import letter_papers, lines_of
from duban.letters.rules import LetterKind, LetterState, signer_of
from duban.matters.models import Assignment
from duban.matters.queries import policy_of
from duban.matters.rules import State
from duban.orgs.models import Unit
from duban.papers.actions import add_scan
from duban.papers.models import IssuedPaper

_SIGNERS = {"office_head": "zhuren", "deputy_director": "fubanzhuren", "director": "banzhuren"}
_GRAVE = (LetterKind.URGE, LetterKind.SUPERVISE)


def _letters(stage: Stage, state: LetterState) -> list[Letter]:
    """Return the letters in a state, joined, in an order that does not depend on their ids."""
    found = Letter.objects.filter(jurisdiction=stage.county, state=state).select_related(
        "unit__jurisdiction", "unit__merged_into", "plan__policy", "plan__jurisdiction", "jurisdiction"
    )
    return list(found.order_by("drafted_at", "unit__name", "kind", "pk"))


def _about(letter: Letter) -> tuple[object, ...]:
    """Return what a letter goes by in draws: never its id."""
    return (letter.unit.name, letter.kind, letter.is_courtesy, letter.drafted_on)


def work_on_drafts(stage: Stage) -> None:
    """Let the officer read what the round drafted: merge, mend, drop with a reason, and put the rest up for signing."""
    same: dict[tuple[int, int, str, bool], list[Letter]] = defaultdict(list)
    for one in _letters(stage, LetterState.DRAFTED):
        same[one.plan_id, one.unit_id, one.kind, one.is_courtesy].append(one)
    for some in same.values():
        letter, others = some[0], some[1:]
        if others:
            merge_letters(letter, others=others, **stage.told(stage.officer))
        _work_on(stage, letter)


def _work_on(stage: Stage, letter: Letter) -> None:
    about = _about(letter)
    if add_workdays(letter.drafted_on, number(stage.seed, 0, 1, "works on", *about)) > stage.day:
        return
    if letter.kind == LetterKind.REMIND and chance(stage.seed, 0.06, "drops", *about):
        drop_letter(letter, reason="单位已电话说明，近日即可改正，不再发函。", **stage.told(stage.officer))
        return
    if letter.sent_back_reason or chance(stage.seed, 0.08, "edits", *about):
        _mend(stage, letter)
    present_letter(letter, **stage.told(stage.officer))


def _mend(stage: Stage, letter: Letter) -> None:
    lines = lines_of(letter)
    takes_out = len(lines) > 2 and chance(stage.seed, 0.5, "takes out", *_about(letter))
    edit = LetterEdit(
        title=letter.title,
        opening=letter.opening,
        demand=f"{letter.demand.rstrip('。')}，并请同步抄报分管或联系领导。",
        words={one.pk: one.words for one in lines},
        removed=frozenset({lines[-1].pk}) if takes_out else frozenset(),
        removed_reason="该项单位已书面说明" if takes_out else "",
    )
    edit_letter(letter, edit=edit, seen=letter.version, **stage.told(stage.officer))
    letter.refresh_from_db()


def sign_letters(stage: Stage) -> None:
    """Let whoever signs each kind sign it, or give it back to be worked on."""
    for letter in _letters(stage, LetterState.PRESENTED):
        about = _about(letter)
        if letter.presented_at is None:
            continue
        if add_workdays(day_of(letter.presented_at), number(stage.seed, 0, 1, "signs letter", *about)) > stage.day:
            continue
        role = signer_of(LetterKind(letter.kind), policy_of(letter.plan).letters)
        signer = stage.actor(_SIGNERS[str(role)])
        is_first = letter.version == 1
        if is_first and chance(stage.seed, 0.04, "sends letter back", *about):
            send_back_letter(letter, reason="请写明要求的书面答复内容。", **stage.told(signer))
        else:
            sign_letter(letter, **stage.told(signer))


def issue_letters(stage: Stage) -> None:
    """Send what was signed; hand over on paper what nobody of the unit can open; take a few back."""
    for letter in _letters(stage, LetterState.SIGNED):
        issue_letter(letter, **stage.told(stage.officer))
        unit = letter.unit
        if letter.kind in _GRAVE and stage.character_of(unit) is not Character.NEVER:
            stage.woken.setdefault(unit.pk, stage.day)
    for letter in _letters(stage, LetterState.ISSUED):
        if letter.issued_on is None or letter.issued_on == stage.day:
            continue
        if letter.delivered_on is None:
            deliver_letter(
                letter, delivered_on=stage.day, to=f"{letter.unit.name}办公室"[:40], **stage.told(stage.officer)
            )
        elif add_workdays(letter.issued_on, 1) == stage.day and chance(stage.seed, 0.02, "withdraws", *_about(letter)):
            withdraw_letter(letter, reason="所列数据已经更正，原函收回。", **stage.told(stage.officer))


def keep_sealed_originals(stage: Stage) -> None:
    """Keep the scan of what was sealed beside the gravest letters the day after; where it was unclear, a better one."""
    for letter in _letters(stage, LetterState.ISSUED):
        if letter.kind != LetterKind.SUPERVISE or letter.issued_on is None:
            continue
        paper = letter_papers([letter])[letter.pk]
        if add_workdays(letter.issued_on, 1) == stage.day:
            _keep_scan(stage, paper, reason="")
        elif add_workdays(letter.issued_on, 2) == stage.day and chance(stage.seed, 0.2, "scans again", *_about(letter)):
            _keep_scan(stage, paper, reason="第一份扫描件印章不清楚，重新扫描。")


def _keep_scan(stage: Stage, paper: IssuedPaper, *, reason: str) -> None:
    about = f"{paper.number_text}{reason}"
    scan = NewFile(f"{paper.number_text}盖章件.png", BytesIO(picture(about)))
    add_scan(paper, scan=scan, reason=reason, **stage.told(stage.officer))


def read_letters(stage: Stage) -> None:
    """Let addressees open what came the day before; most do."""
    unread = Receipt.objects.filter(read_at=None, person__account__isnull=False, letter__issued_on__lt=stage.day)
    joined = unread.filter(letter__state=LetterState.ISSUED).select_related("letter__unit", "person__account")
    for one in joined.order_by("letter__issued_at", "person__name", "pk"):
        account = one.person.account
        if account is not None and chance(stage.seed, 0.45, "reads", one.person.name, *_about(one.letter), stage.day):
            read_letter(one.letter, **stage.told(stage.actor(account.username)))


_ANSWERS_AFTER: dict[Character, tuple[int, int]] = {
    Character.DILIGENT: (1, 4),
    Character.ORDINARY: (2, 5),
    Character.SLACK: (4, 9),
    Character.RECOVERS: (2, 6),
    Character.NEVER: (11, 16),
}


def answer_letters(stage: Stage) -> None:
    """Let units answer what asks for an answer: in time, late, or only once it is grave."""
    for letter in _letters(stage, LetterState.ISSUED):
        since = letter.delivered_on
        character = stage.character_of(letter.unit) or Character.ORDINARY
        if since is None or letter.is_courtesy or letter.unit.merged_into is not None:
            continue
        is_deaf = character is Character.NEVER and letter.kind != LetterKind.SUPERVISE
        if is_deaf or chance(stage.seed, 0.12, "no answer", *_about(letter)):
            continue
        low, high = _ANSWERS_AFTER[character]
        begins = since
        last = LetterAnswer.objects.filter(letter=letter, number=letter.answer_no).first()
        if last is not None and last.returned_at is not None:
            begins = day_of(last.returned_at)
        days = number(stage.seed, low, high, "answers letter", letter.answer_no, *_about(letter))
        if add_workdays(begins, days) <= stage.day:
            _answer(stage, letter)


def _answer(stage: Stage, letter: Letter) -> None:
    actor, behalf = stage.speaker(letter.unit)
    open_lines = {one.matter_id: one for one in lines_of(letter) if one.cured_on is None and one.escalated_on is None}
    said = [
        AnsweredMatter(
            pk,
            choice(stage.seed, LETTER_ANSWERS, "letter answer", letter.unit.name, one.matter.serial, letter.drafted_on),
            add_workdays(stage.day, 12) if letter.kind == LetterKind.URGE else None,
        )
        for pk, one in open_lines.items()
    ]
    if said:
        answer_letter(letter, lines=said, behalf=behalf, **stage.told(actor))


def judge_answers(stage: Stage) -> None:
    """Let the office read the answers: most are accepted, some are asked for anew."""
    for letter in _letters(stage, LetterState.ANSWERED):
        answer = LetterAnswer.objects.get(letter=letter, number=letter.answer_no)
        about = (*_about(letter), answer.number)
        if add_workdays(day_of(answer.answered_at), number(stage.seed, 1, 3, "reads answer", *about)) > stage.day:
            continue
        if answer.number == 1 and chance(stage.seed, 0.12, "returns answer", *about):
            return_answer(letter, reason="没有写明具体措施和完成时间，请重新答复。", **stage.told(stage.officer))
        else:
            accept_answer(letter, **stage.told(stage.officer))


def write_by_hand(stage: Stage) -> None:
    """Let the officer write urgent letters by hand: one to a unit that has nobody in the system, so it goes on paper;
    two to another unit on matters no letter is about, which are then merged."""
    is_for_paper = (stage.day.month, stage.day.day) == (7, 22)
    if not is_for_paper and (stage.day.month, stage.day.day) != (8, 19):
        return
    parts = Assignment.objects.filter(matter__plan=stage.plan, matter__state=State.IN_PROGRESS, ended_at=None)
    parts = parts.filter(unit__merged_into=None)
    if is_for_paper:
        parts = parts.exclude(matter__letter_items__letter__unit=F("unit"))
    else:
        told_of = LetterItem.objects.filter(removed_reason="").values("matter_id")
        parts = parts.filter(is_merging=True).exclude(matter__in=told_of)
    by_unit: dict[Unit, list[Assignment]] = defaultdict(list)
    for part in parts.select_related("matter__plan__policy", "unit__jurisdiction").order_by("matter__order", "pk"):
        by_unit[part.unit].append(part)
    for unit, some in by_unit.items():
        is_on_paper = (unit.pk, "liaison") not in stage.who
        if is_on_paper == is_for_paper and (is_for_paper or len(some) > 1):
            for part in some[: 1 if is_for_paper else 2]:
                item = NewItem(part.matter, "群众来信反映问题集中，请立即核实处理并书面报告。")
                told = stage.told(stage.officer)
                write_letter(stage.plan, unit=unit, kind=LetterKind.URGE, items=[item], is_urgent=True, **told)
            return


LETTERS = (
    issue_letters,
    keep_sealed_originals,
    write_by_hand,
    work_on_drafts,
    sign_letters,
    read_letters,
    answer_letters,
    judge_answers,
)
