"""What changes evidence: it is added, and withdrawn with a reason; never edited, never deleted."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record, record_many
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI
from duban.core.errors import Invalid, NotAllowed, NotFound, WrongState
from duban.core.text import date_text
from duban.evidence.examining import Examined, Given, examined
from duban.evidence.models import Evidence
from duban.evidence.queries import most_mb_of
from duban.evidence.rules import (
    FOUND_STATES,
    GIVING_BACK_STATES,
    MOST_AT_ONCE,
    TAKING_STATES,
    EvidenceKind,
    checked_reason,
    may_enter_for_units,
    may_give_itself,
)
from duban.matters.actions import Behalf
from duban.matters.models import Assignment, Matter
from duban.orgs.models import Unit


def add_evidence(
    matter: Matter,
    *,
    unit: Unit | None,
    given: Sequence[Given],
    by: Actor,
    now: datetime,
    subject: models.Model | None = None,
    behalf: Behalf | None = None,
) -> list[Evidence]:
    """提交佐证材料: add files, links and pointers to papers, all or none; files are examined before anything is locked.

    unit: whose it is; None where the office or a leader gives its own.   subject: what it is given with.   behalf: how
    the unit gave it, where the office enters it.
    Raises NotAllowed, NotFound (the unit is not on the matter), WrongState (the matter takes none, given before, the
    scanner does not answer), Invalid. What is refused leaves nothing on the disk.
    """
    _check_giver(matter, unit=unit, behalf=behalf, by=by)
    if not given:
        raise Invalid("请选择文件，或填写链接、纸质材料。", field="file")
    if len(given) > MOST_AT_ONCE:
        raise Invalid(f"一次最多提交 {MOST_AT_ONCE} 份，现在 {len(given)} 份，请分几次提交。", field="file")
    with examined(given, most_mb=most_mb_of(matter)) as seen:
        return put_evidence(matter, unit=unit, seen=seen, by=by, now=now, subject=subject, behalf=behalf)


@transaction.atomic
def put_evidence(
    matter: Matter,
    *,
    unit: Unit | None,
    seen: Sequence[Examined],
    by: Actor,
    now: datetime,
    subject: models.Model | None = None,
    behalf: Behalf | None = None,
    is_found: bool = False,
    is_objection: bool = False,
) -> list[Evidence]:
    """Record what was examined, within the block of `examined`.

    is_found: the office found it on the spot, so that a closed matter takes it as well; no unit gives it.
    is_objection: a unit proves by it that a conclusion is wrong, whatever has become of the matter, or of its year.
    Called down by whoever takes evidence with something else, as the last step of that transaction: the files are
    kept last of all, so that whatever is refused before leaves none. Raises as `add_evidence` does.
    """
    _check_giver(matter, unit=unit, behalf=behalf, by=by)
    standing = Matter.objects.select_for_update(of=("self",)).get(pk=matter.pk)
    if unit is not None and not Assignment.objects.filter(matter=standing, unit=unit, ended_at=None).exists():
        raise NotFound(f"{unit.name}不在{standing}的责任单位中。")
    if not is_objection and standing.state not in (FOUND_STATES if is_found and unit is None else TAKING_STATES):
        raise WrongState(f"{standing}当前不在办理中，不能提交佐证材料。")
    earlier = list(Evidence.objects.standing().filter(matter=standing, unit=unit))
    rows: list[Evidence] = []
    for one in seen:
        row = _row(one, standing, unit=unit, subject=subject, behalf=behalf, by=by, now=now)
        _refuse_again(row, earlier=[*earlier, *rows])
        rows.append(row)
    rows = Evidence.objects.bulk_create(rows)
    name = EventName.OBJECTION_PROVED if is_objection else EventName.EVIDENCE_ADDED
    record_many(name, [_subject(row, data=_given_data(row)) for row in rows], by=by, now=now)
    for one in seen:
        if one.file is not None:
            one.file.keep()
    return rows


def _check_giver(matter: Matter, *, unit: Unit | None, behalf: Behalf | None, by: Actor) -> None:
    place = matter.jurisdiction_id
    require(by, Permission.EVIDENCE_ADD, unit_id=unit.pk if unit else None, jurisdiction_id=place)
    if unit is None:
        if not may_give_itself(by, jurisdiction_id=place):
            raise NotAllowed
        if behalf is not None:
            raise Invalid("不是单位的材料，不必代录。", field="channel")
        return
    is_own = any(unit.pk in one.unit_ids for one in by.held)
    if not is_own and not may_enter_for_units(by, jurisdiction_id=place):
        raise NotAllowed
    if is_own and behalf is not None:
        raise Invalid("本单位提交不必代录。", field="channel")
    if not is_own and behalf is None:
        raise Invalid("代单位提交，请写明方式（纸质回执或电话）和提供人。", field="channel")
    if behalf is not None and len(behalf.signer.strip()) < 2:
        raise Invalid("请写明单位由谁提供。", field="informant")


def _row(
    one: Examined,
    matter: Matter,
    *,
    unit: Unit | None,
    subject: models.Model | None,
    behalf: Behalf | None,
    by: Actor,
    now: datetime,
) -> Evidence:
    return Evidence(
        matter=matter,
        unit=unit,
        kind=one.kind,
        title=one.title,
        address=one.address,
        place=one.place,
        file_name=one.file_name,
        content_type=one.content_type,
        size_bytes=one.file.size_bytes if one.file else None,
        digest=one.file.digest if one.file else "",
        given_digest=one.given_digest,
        scan=one.scan.value if one.scan else "",
        scanner=one.scanner,
        subject_type=subject._meta.model_name or "" if subject else "",
        subject_id=subject.pk if subject else None,
        channel=behalf.channel.value if behalf else "",
        informant=behalf.signer.strip()[:40] if behalf else "",
        added_at=now,
        added_by_name=by.name[:40],
    )


_SAME = {EvidenceKind.FILE: ("given_digest",), EvidenceKind.LINK: ("address",), EvidenceKind.PAPER: ("title", "place")}


def _refuse_again(row: Evidence, *, earlier: Sequence[Evidence]) -> None:
    names = ("kind", *_SAME[EvidenceKind(row.kind)])
    for one in earlier:
        if all(getattr(one, name) == getattr(row, name) for name in names):
            day = date_text(one.added_at.astimezone(SHANGHAI))
            raise WrongState(f"“{row.title}”已由{one.added_by_name}于{day}提交过（“{one.title}”），不必重复提交。")


def _subject(row: Evidence, *, data: dict[str, Any]) -> Subject:
    return Subject(
        type="evidence",
        id=row.pk,
        label=row.title,
        matter_id=row.matter_id,
        jurisdiction_id=row.matter.jurisdiction_id,
        data={
            "unit": row.unit.name if row.unit else "",
            "unit_id": row.unit_id,
            "kind": row.kind,
            "title": row.title,
            **data,
        },
    )


def _given_data(row: Evidence) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name in ("file_name", "size_bytes", "digest", "given_digest", "scan", "address", "place"):
        if value := getattr(row, name):
            data[name] = value
    if row.subject_id is not None:
        data["given_with"] = {"type": row.subject_type, "id": row.subject_id}
    if row.channel:
        data |= {"channel": row.channel, "informant": row.informant}
    return data


@transaction.atomic
def withdraw_evidence(evidence: Evidence, *, reason: str, by: Actor, now: datetime) -> Evidence:
    """撤下: take evidence back with a reason; it stays on record. By the unit that gave it, or the office.

    Raises NotAllowed, Invalid (no reason), WrongState (withdrawn already, or a closure is judged by it or rests on it).
    """
    matter = Matter.objects.select_for_update(of=("self",)).get(pk=evidence.matter_id)
    require(by, Permission.EVIDENCE_ADD, unit_id=evidence.unit_id, jurisdiction_id=matter.jurisdiction_id)
    is_own = evidence.unit_id is not None and any(evidence.unit_id in one.unit_ids for one in by.held)
    if not is_own and not may_enter_for_units(by, jurisdiction_id=matter.jurisdiction_id):
        raise NotAllowed
    why = checked_reason(reason)
    if matter.state not in GIVING_BACK_STATES:
        raise WrongState(f"{matter}已申请销号或不在办理中，佐证材料不能撤下；要更正的，请另行补充。")
    standing = Evidence.objects.standing().filter(pk=evidence.pk, held_at=None)
    if not standing.update(withdrawn_at=now, withdrawn_by_name=by.name[:40], withdrawn_reason=why):
        raise WrongState("这份材料已经撤下，或者已作为销号依据，不能撤下。")
    evidence.refresh_from_db()
    record(EventName.EVIDENCE_WITHDRAWN, _subject(evidence, data={"reason": why}), by=by, now=now)
    return evidence


@transaction.atomic
def hold_evidence(matter: Matter, *, ids: Collection[int], by: Actor, now: datetime) -> int:
    """Let evidence stay for good, because a granted closure rests on it; return how many pieces.

    Called down by whoever grants the closure, in that transaction; the event is that grant's (so `now` is its moment).
    Raises NotAllowed, WrongState (a piece was withdrawn, or is another matter's).
    """
    require(by, Permission.CLOSURE_GRANT, jurisdiction_id=matter.jurisdiction_id)
    wanted = set(ids)
    held = Evidence.objects.standing().filter(matter=matter, pk__in=wanted).update(held_at=now)
    if held != len(wanted):
        raise WrongState("所列佐证材料中有的已经撤下，请刷新后再办。")
    return held
