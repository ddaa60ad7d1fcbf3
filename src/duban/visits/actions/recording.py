"""Results, claim by claim: from a page, from a phone that was without a network, or twice the same; nothing is lost."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, WrongState
from duban.core.typed import past_day
from duban.evidence.actions import put_evidence
from duban.evidence.examining import Examined, NewFile, examined
from duban.evidence.queries import most_mb_of
from duban.matters.models import Matter
from duban.visits.actions.common import about, claim, count_up
from duban.visits.models import Answer, Claim, Submission, Visit, VisitItem
from duban.visits.rules import (
    KEY_LENGTH,
    REASON_LENGTH,
    RESULT_LABELS,
    TAKES_RESULTS,
    Merging,
    Result,
    VisitState,
    checked_words,
    merging_of,
    needs_note,
    optional_words,
)


@dataclass(frozen=True, slots=True)
class Given:
    """What a verifier found of one claim. seen: the answer that stood when it was written, 0 for none."""

    claim_id: int
    result: Result
    found: str
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of what was sent. conflicts: in words, claims somebody else had answered otherwise meanwhile.

    refused: in words, what could not be taken and why.   is_repeat: it had come before, and counts once.
    """

    taken: int = 0
    same: int = 0
    photos: int = 0
    conflicts: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    is_repeat: bool = False

    def kept(self) -> dict[str, Any]:
        """Return it as it is kept with the submission."""
        return {
            "taken": self.taken,
            "same": self.same,
            "photos": self.photos,
            "conflicts": list(self.conflicts),
            "refused": list(self.refused),
        }


def record_results(
    visit: Visit,
    *,
    key: str,
    given: Sequence[Given],
    by: Actor,
    now: datetime,
    written_at: datetime | None = None,
    photos: Mapping[int, Sequence[NewFile]] | None = None,
    after: Sequence[str] = (),
) -> Outcome:
    """填写核验结果: take what was found of some claims, each for itself.

    key: made by the device; sent again, nothing is doubled and the same outcome is told.   photos: by the matter on the
    visit; nobody has to give any, and one that cannot be kept does not hold up the results.
    An answer written without sight of the standing one is kept beside it until somebody chooses.   after: keys of what
    the same person's device sent before, whether or not it heard an answer: what those gave it has seen.
    Raises NotAllowed, Invalid (no key), WrongState (not approved, or confirmed already: nothing is taken then).
    """
    require(by, Permission.VISIT_RECORD, jurisdiction_id=visit.jurisdiction_id)
    word = key.strip()
    if not 8 <= len(word) <= KEY_LENGTH:
        raise Invalid("缺少报送标识，请刷新页面后再提交。", field="key")
    if (earlier := _earlier(visit, word)) is not None:
        return earlier
    with ExitStack() as stack:
        seen: list[tuple[int, Examined]] = []
        refused: list[str] = []
        for item_id, files in (photos or {}).items():
            for one in files:
                try:
                    seen += [(item_id, each) for each in stack.enter_context(examined([one], most_mb=_most_mb(visit)))]
                except (Invalid, WrongState) as error:
                    refused.append(error.message)
        try:
            return _record(
                visit,
                key=word,
                after=after,
                given=given,
                photos=seen,
                refused=refused,
                written_at=written_at,
                by=by,
                now=now,
            )
        except IntegrityError:  # the same sending came in twice at once: the other was first
            earlier = _earlier(visit, word)
            if earlier is None:
                raise
            return earlier


def _most_mb(visit: Visit) -> int:
    first = VisitItem.objects.filter(visit=visit).select_related("matter__plan__policy").order_by("pk").first()
    return most_mb_of(first.matter) if first is not None else 1


def _earlier(visit: Visit, key: str) -> Outcome | None:
    row = Submission.objects.filter(visit=visit, key=key).first()
    if row is None:
        return None
    kept = dict(row.outcome)
    return Outcome(
        taken=kept.get("taken", 0),
        same=kept.get("same", 0),
        photos=kept.get("photos", 0),
        conflicts=tuple(kept.get("conflicts", ())),
        refused=tuple(kept.get("refused", ())),
        is_repeat=True,
    )


@transaction.atomic
def _record(
    visit: Visit,
    *,
    key: str,
    after: Sequence[str],
    given: Sequence[Given],
    photos: Sequence[tuple[int, Examined]],
    refused: list[str],
    written_at: datetime | None,
    by: Actor,
    now: datetime,
) -> Outcome:
    count_up(visit, *TAKES_RESULTS)
    sending = Submission.objects.create(
        visit=visit, key=key, written_at=written_at, received_at=now, by_name=by.name[:40]
    )
    done = _Done(refused=refused)
    claims = {
        one.pk: one for one in Claim.objects.filter(item__visit=visit).select_related("item__matter", "item__visit")
    }
    standing = {one.claim_id: one for one in Answer.objects.filter(claim__in=claims, is_standing=True)}
    own = (
        Submission.objects.filter(visit=visit, key__in=after, by_name=by.name[:40])
        if after
        else Submission.objects.none()
    )
    before = set(own.values_list("pk", flat=True))
    for one in given:
        target = claims.get(one.claim_id)
        if target is None:
            done.refused.append(f"有一条内容不在“{visit.title}”中，没有采用：{one.found or RESULT_LABELS[one.result]}")
            continue
        now_stands = standing.get(one.claim_id)
        if now_stands is not None and now_stands.submission_id in before:
            one = replace(one, seen=now_stands.pk)
        _answer(target, one, standing=standing, sending=sending, done=done, by=by, now=now)
    items = {one.pk: one for one in VisitItem.objects.filter(visit=visit).select_related("matter")}
    for item_id, seen in photos:
        item = items.get(item_id)
        if item is None:
            done.refused.append(f"照片“{seen.title}”对应的事项不在“{visit.title}”中，没有保存。")
            continue
        try:
            with transaction.atomic():
                matter = Matter.objects.select_related("plan__policy").get(pk=item.matter_id)
                put_evidence(matter, unit=None, seen=[seen], subject=visit, is_found=True, by=by, now=now)
            done.photos += 1
        except (Invalid, WrongState) as error:
            done.refused.append(error.message)
    outcome = Outcome(done.taken, done.same, done.photos, tuple(done.conflicts), tuple(done.refused))
    Submission.objects.filter(pk=sending.pk).update(outcome=outcome.kept())
    data = {
        "answers": done.told,
        "conflicts": done.conflicts,
        "refused": done.refused,
        "photos": done.photos,
        "written_at": written_at,
    }
    record(EventName.RESULTS_RECORDED, about(visit, data), by=by, now=now)
    return outcome


@dataclass(slots=True)
class _Done:
    taken: int = 0
    same: int = 0
    photos: int = 0
    conflicts: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)


def _answer(
    target: Claim,
    one: Given,
    *,
    standing: dict[int, Answer],
    sending: Submission,
    done: _Done,
    by: Actor,
    now: datetime,
) -> None:
    """Put one answer beside what stands, or in its place."""
    name = f"{target.item.matter}的“{target.words[:20]}”"
    try:
        found = optional_words(one.found, what="现场情况", field="found", most=1000)
    except Invalid as error:
        done.refused.append(f"{name}：{error.message}")
        return
    if needs_note(one.result) and not found:
        done.refused.append(f"{name}：{RESULT_LABELS[one.result]}的，请写明现场情况。")
        return
    now_stands = standing.get(target.pk)
    is_equal = now_stands is not None and (now_stands.result, now_stands.found) == (one.result, found)
    what = merging_of(seen=one.seen, standing=now_stands.pk if now_stands else 0, is_equal=is_equal)
    if what is Merging.SAME:
        done.same += 1
        return
    if what is Merging.TAKEN and now_stands is not None:
        Answer.objects.filter(pk=now_stands.pk).update(is_standing=False)
    row = Answer.objects.create(
        claim=target,
        submission=sending,
        result=one.result.value,
        found=found,
        is_standing=what is Merging.TAKEN,
        is_conflict=what is Merging.CONFLICT,
        answered_at=now,
        answered_by_name=by.name[:40],
    )
    done.told.append({"matter": str(target.item.matter), "claim": target.words[:40], "result": one.result.value})
    if what is Merging.TAKEN:
        standing[target.pk] = row
        done.taken += 1
    elif now_stands is not None:
        done.conflicts.append(
            f"{name}：{now_stands.answered_by_name}已填“{RESULT_LABELS[Result(now_stands.result)]}”，"
            f"您填的是“{RESULT_LABELS[one.result]}”，两条都已保留，请商定采用哪一条。"
        )


@transaction.atomic
def choose_answer(answer: Answer, *, by: Actor, now: datetime) -> Answer:
    """选定: of two answers to one claim this one stands; the other stays on record. Raises NotAllowed, WrongState."""
    visit = answer.claim.item.visit
    require(by, Permission.VISIT_RECORD, jurisdiction_id=visit.jurisdiction_id)
    count_up(visit, *TAKES_RESULTS)
    rows = Answer.objects.filter(claim=answer.claim_id)
    if (
        not rows.filter(pk=answer.pk, is_conflict=True).exists()
        and not rows.filter(pk=answer.pk, is_standing=True).exists()
    ):
        raise WrongState("这一条已经由他人选定。")
    rows.update(is_standing=False, is_conflict=False)
    rows.filter(pk=answer.pk).update(is_standing=True)
    answer.refresh_from_db()
    data = {
        "matter": str(answer.claim.item.matter),
        "claim": answer.claim.words[:40],
        "result": answer.result,
        "answered_by": answer.answered_by_name,
    }
    record(EventName.ANSWER_CHOSEN, about(visit, data), by=by, now=now)
    return answer


@transaction.atomic
def hold_visit(visit: Visit, *, visited_on: date, by: Actor, now: datetime) -> Visit:
    """完成核验: every claim has its result and nobody's answer waits; the head is to confirm them now.

    Raises NotAllowed, Invalid (a day ahead, or before the scheme was approved), WrongState (something is open).
    """
    require(by, Permission.VISIT_RECORD, jurisdiction_id=visit.jurisdiction_id)
    since = day_of(visit.approved_at) if visit.approved_at is not None else None
    past_day(visited_on, what="到场日期", field="visited_on", today=day_of(now), since=since, after="方案批准日期")
    claim(
        visit,
        VisitState.APPROVED,
        state=VisitState.HELD,
        visited_on=visited_on,
        held_at=now,
        held_by_name=by.name[:40],
        sent_back_reason="",
    )
    open_ = Claim.objects.filter(item__visit=visit).exclude(answers__is_standing=True).count()
    if open_:
        raise WrongState(f"还有 {open_} 条没有填写结果。")
    waiting = Answer.objects.filter(claim__item__visit=visit, is_conflict=True).count()
    if waiting:
        raise WrongState(f"还有 {waiting} 条结果有两种填法，请先商定采用哪一条。")
    record(EventName.VISIT_HELD, about(visit, {"visited_on": visited_on}), by=by, now=now)
    return visit


@transaction.atomic
def send_back_results(visit: Visit, *, reason: str, by: Actor, now: datetime) -> Visit:
    """退回: who is to confirm finds the results wanting; the verifiers put them right. Raises NotAllowed, Invalid,
    WrongState."""
    require(by, Permission.FINDING_JUDGE, jurisdiction_id=visit.jurisdiction_id)
    why = checked_words(reason, what="退回的理由", field="reason", most=REASON_LENGTH)
    claim(
        visit,
        VisitState.HELD,
        state=VisitState.APPROVED,
        visited_on=None,
        held_at=None,
        held_by_name="",
        sent_back_reason=why,
    )
    record(EventName.VISIT_SENT_BACK, about(visit, {"reason": why}), by=by, now=now)
    return visit
