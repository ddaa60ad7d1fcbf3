"""拟稿: a person drafts a bulletin from a snapshot, words its entries, adds some, leaves some out with a reason."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.bulletins.actions.checking import show_anew
from duban.bulletins.actions.common import about, claim, count_up, of_citation
from duban.bulletins.models import Bulletin, Citation
from duban.bulletins.queries import material_of, sayings_of, since_of
from duban.bulletins.rules import (
    FROZEN,
    JUDGING,
    LIVE,
    OPEN_TO_EDIT,
    REASON_LENGTH,
    TITLE_LENGTH,
    Basis,
    BulletinKind,
    BulletinState,
    Prefilled,
    Section,
    cause_words,
    checked_words,
    facts_words,
    optional_words,
    prefilled,
    tally,
    usual_opening,
    usual_title,
)
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, WrongState
from duban.lights.models import Snapshot, SnapshotRow
from duban.matters.actions import hold_open
from duban.matters.models import Assignment, Matter
from duban.matters.queries import policy_of
from duban.orgs.models import Unit


@transaction.atomic
def draft_bulletin(
    snapshot: Snapshot,
    *,
    kind: BulletinKind,
    by: Actor,
    now: datetime,
    title: str = "",
    field: str = "",
    proposes: bool = True,
) -> Bulletin:
    """拟办通报: draft an issue of a snapshot, its entries proposed by rule, their cause and next step taken from what
    the unit has said already. Only a person does so, never a round.

    title: the usual one where it is blank.   field: of a special issue, only matters of it.   proposes: False begins
    a special issue without entries. Raises NotAllowed, Invalid, WrongState (a regular issue of this snapshot is there,
    the plan is closed).
    Source: docs/sources.md#bulletins
    """
    plan = snapshot.plan
    require(by, Permission.BULLETIN_DRAFT, jurisdiction_id=plan.jurisdiction_id)
    hold_open(plan)
    if kind is BulletinKind.REGULAR and (field or not proposes):
        raise Invalid("定期通报不分领域，条目按规则提出；只谈一个方面的，请拟专题通报。", field="kind")
    wanted = title.strip() or usual_title(kind, day=snapshot.day, field=field)
    since = since_of(plan, snapshot)
    material = material_of(snapshot, since=since, field_name=field)
    if not material.stood:
        raise Invalid("这次定格中没有这个领域的事项。", field="field")
    try:
        with transaction.atomic():
            bulletin = Bulletin.objects.create(
                jurisdiction_id=plan.jurisdiction_id,
                plan=plan,
                snapshot=snapshot,
                since=since,
                kind=kind.value,
                field=field,
                title=checked_words(wanted, what="标题", field="title", most=TITLE_LENGTH),
                opening=usual_opening(tally("", material.counted), day=snapshot.day, field=field),
                drafted_on=day_of(now),
                drafted_at=now,
                drafted_by_name=by.name[:40],
            )
    except IntegrityError as error:
        raise WrongState(f"{snapshot}已经有一期定期通报。") from error
    policy = material.figures.bulletins
    rows = []
    for one in material.proposals if proposes else ():
        told = Prefilled("", "", "", "", "")
        if one.matter_id is not None:
            said = material.sayings.get((one.matter_id, one.unit_id), [])
            told = prefilled(said, section=one.section, words=cause_words(one.section, policy))
        rows.append(
            _row(bulletin, one.section, unit_id=one.unit_id, matter_id=one.matter_id, figures=one.figures, told=told)
        )
    Citation.objects.bulk_create(rows)
    counts = {section.value: sum(one.section == section for one in rows) for section in Section}
    data = {"kind": kind.value, "snapshot": snapshot.day, "field": field, "entries": counts}
    record(EventName.BULLETIN_DRAFTED, about(bulletin, data), by=by, now=now)
    return bulletin


def _row(
    bulletin: Bulletin,
    section: Section,
    *,
    unit_id: int,
    matter_id: int | None,
    figures: dict[str, Any],
    told: Prefilled,
    **more: Any,
) -> Citation:
    return Citation(
        bulletin=bulletin,
        section=section.value,
        matter_id=matter_id,
        unit_id=unit_id,
        figures=figures,
        facts=facts_words(figures),
        cause=told.cause,
        cause_note=told.cause_note,
        cause_from=told.cause_from,
        next_step=told.next_step,
        next_from=told.next_from,
        **more,
    )


@dataclass(frozen=True, slots=True)
class BulletinEdit:
    """The words around the entries as the officer leaves them."""

    title: str
    opening: str


@transaction.atomic
def edit_bulletin(bulletin: Bulletin, *, edit: BulletinEdit, seen: int, by: Actor, now: datetime) -> Bulletin:
    """修改通报稿: title and opening. seen: the version the form showed. Raises NotAllowed, Conflict, WrongState,
    Invalid."""
    require(by, Permission.BULLETIN_DRAFT, jurisdiction_id=bulletin.jurisdiction_id)
    title = checked_words(edit.title, what="标题", field="title", most=TITLE_LENGTH)
    opening = checked_words(edit.opening, what="开头", field="opening")
    count_up(bulletin, seen=seen, theirs=lambda: bulletin_shown(bulletin))
    before = bulletin_shown(bulletin)
    claim(bulletin, *OPEN_TO_EDIT, title=title, opening=opening)
    after = bulletin_shown(bulletin)
    changed = [name for name in after if before[name] != after[name]]
    data = {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}
    record(EventName.BULLETIN_EDITED, about(bulletin, data), by=by, now=now)
    return bulletin


def bulletin_shown(bulletin: Bulletin) -> dict[str, Any]:
    """Return what may be edited of a draft, in words, as the form shows it."""
    return {"标题": bulletin.title, "开头": bulletin.opening}


def citation_shown(one: Citation) -> dict[str, Any]:
    """Return what may be edited of an entry, in words, as the form shows it."""
    return {"事实": one.facts, "原因": one.cause, "原因说明": one.cause_note, "下一步": one.next_step}


@dataclass(frozen=True, slots=True)
class CitationEdit:
    """The words of an entry as the officer leaves them; cause and next step may wait until it is presented."""

    facts: str
    cause: str = ""
    cause_note: str = ""
    next_step: str = ""


@transaction.atomic
def edit_citation(citation: Citation, *, edit: CitationEdit, seen: int, by: Actor, now: datetime) -> Citation:
    """修改条目: word the facts, choose the cause, write the next step. seen: the bulletin's version the form showed.

    Who was shown other facts is shown these, and has its time anew. Raises NotAllowed, Conflict, WrongState, Invalid.
    """
    bulletin = citation.bulletin
    require(by, Permission.BULLETIN_DRAFT, jurisdiction_id=bulletin.jurisdiction_id)
    section = Section(citation.section)
    facts = checked_words(edit.facts, what="事实", field="facts")
    cause, note, step = _checked_reasons(edit, section, bulletin=bulletin)
    count_up(bulletin, seen=seen, theirs=lambda: citation_shown(Citation.objects.get(pk=citation.pk)))
    citation.refresh_from_db(fields=["facts", "cause", "cause_note", "cause_from", "next_step", "next_from"])
    before = citation_shown(citation)
    is_other_cause = (cause, note) != (citation.cause, citation.cause_note)
    values = {
        "facts": facts,
        "cause": cause,
        "cause_note": note,
        "cause_from": "" if is_other_cause else citation.cause_from,
        "next_step": step,
        "next_from": "" if step != citation.next_step else citation.next_from,
    }
    Citation.objects.filter(pk=citation.pk).update(**values)
    citation.refresh_from_db(fields=list(values))
    after = citation_shown(citation)
    changed = [name for name in after if before[name] != after[name]]
    if "事实" in changed:
        show_anew(citation, by=by, now=now)
    data = {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}
    record(EventName.CITATION_EDITED, of_citation(citation, data), by=by, now=now)
    return citation


def _checked_reasons(edit: CitationEdit, section: Section, *, bulletin: Bulletin) -> tuple[str, str, str]:
    """Return cause, its sentence and next step. Raises Invalid; late reports have none."""
    cause, note, step = edit.cause.strip(), edit.cause_note, edit.next_step
    if section not in JUDGING:
        if cause or note.strip() or step.strip():
            raise Invalid("迟报漏报只列事实，不写原因和下一步。", field="cause")
        return "", "", ""
    words = cause_words(section, policy_of(bulletin.plan).bulletins)
    if cause and cause not in words:
        raise Invalid(f"原因请从{'、'.join(words)}中选择。", field="cause")
    return (
        cause,
        optional_words(note, what="原因说明", field="cause_note"),
        optional_words(step, what="下一步", field="next_step"),
    )


@dataclass(frozen=True, slots=True)
class NewCitation:
    """An entry an officer adds: which matter, for which unit, what is said, and why it belongs here."""

    section: Section
    matter: Matter
    unit: Unit
    facts: str
    reason: str


@transaction.atomic
def add_citation(bulletin: Bulletin, *, new: NewCitation, by: Actor, now: datetime) -> Citation:
    """增列条目: an officer adds an entry the rules did not propose, with a reason; its unit has its three days as well.

    Raises NotAllowed, Invalid (not in the snapshot, another unit's, there already), WrongState.
    """
    require(by, Permission.BULLETIN_DRAFT, jurisdiction_id=bulletin.jurisdiction_id)
    if new.section not in JUDGING:
        raise Invalid("只能增列进展缓慢或者进展较好的事项。", field="section")
    facts = checked_words(new.facts, what="事实", field="facts")
    reason = checked_words(new.reason, what="增列的理由", field="reason", most=REASON_LENGTH)
    if not SnapshotRow.objects.filter(snapshot=bulletin.snapshot_id, matter=new.matter).exists():
        raise Invalid(f"{new.matter}不在{bulletin.snapshot}中，通报只引用定格。", field="matter")
    if not Assignment.objects.filter(matter=new.matter, unit=new.unit, ended_at=None).exists():
        raise Invalid(f"{new.unit.name}不在{new.matter}的责任单位中。", field="unit")
    count_up(bulletin)
    there = Citation.objects.filter(bulletin=bulletin, matter=new.matter, unit=new.unit).first()
    if there is not None:
        how = "，已注明不列入，可以恢复" if there.left_out_reason else ""
        raise Invalid(f"{new.matter}（{new.unit.name}）已在这期通报中{how}。", field="matter")
    pair = (new.matter.pk, new.unit.pk)
    said = sayings_of({pair}, day=bulletin.snapshot.day).get(pair, [])
    words = cause_words(new.section, policy_of(bulletin.plan).bulletins)
    citation = _row(
        bulletin,
        new.section,
        unit_id=new.unit.pk,
        matter_id=new.matter.pk,
        figures={Basis.HAND.value: {"words": facts}},
        told=prefilled(said, section=new.section, words=words),
        added_reason=reason,
    )
    citation.save()
    show_anew(citation, by=by, now=now)
    data = {"section": new.section.value, "facts": facts, "reason": reason}
    record(EventName.CITATION_ADDED, of_citation(citation, data), by=by, now=now)
    return citation


@transaction.atomic
def leave_out_citation(citation: Citation, *, reason: str, by: Actor, now: datetime) -> Citation:
    """不列入: an entry the rules proposed is not published, with a reason that stays. Raises NotAllowed, Invalid,
    WrongState."""
    bulletin = citation.bulletin
    require(by, Permission.BULLETIN_DRAFT, jurisdiction_id=bulletin.jurisdiction_id)
    words = checked_words(reason, what="不列入的理由", field="reason", most=REASON_LENGTH)
    count_up(bulletin)
    standing = Citation.objects.filter(pk=citation.pk, left_out_reason="")
    if not standing.update(left_out_reason=words, left_out_by_name=by.name[:40]):
        raise WrongState("这一条已经注明不列入。")
    citation.refresh_from_db(fields=["left_out_reason", "left_out_by_name"])
    record(EventName.CITATION_LEFT_OUT, of_citation(citation, {"reason": words}), by=by, now=now)
    return citation


@transaction.atomic
def restore_citation(citation: Citation, *, by: Actor, now: datetime) -> Citation:
    """恢复列入: an entry left out is published after all; its unit has its time anew. Raises NotAllowed, WrongState."""
    bulletin = citation.bulletin
    require(by, Permission.BULLETIN_DRAFT, jurisdiction_id=bulletin.jurisdiction_id)
    count_up(bulletin)
    standing = Citation.objects.filter(pk=citation.pk).exclude(left_out_reason="")
    if not standing.update(left_out_reason="", left_out_by_name=""):
        raise WrongState("这一条已经列入。")
    citation.refresh_from_db(fields=["left_out_reason", "left_out_by_name"])
    show_anew(citation, by=by, now=now)
    record(EventName.CITATION_RESTORED, of_citation(citation, {}), by=by, now=now)
    return citation


@transaction.atomic
def drop_bulletin(bulletin: Bulletin, *, reason: str, by: Actor, now: datetime) -> Bulletin:
    """作罢: a draft is not issued, with a reason; it has no number, so none is missing. Raises NotAllowed, Invalid,
    WrongState."""
    require(by, Permission.BULLETIN_DRAFT, jurisdiction_id=bulletin.jurisdiction_id)
    words = checked_words(reason, what="作罢的理由", field="reason", most=REASON_LENGTH)
    was_frozen = bulletin.state in FROZEN
    claim(
        bulletin,
        *LIVE,
        state=BulletinState.DROPPED,
        dropped_at=now,
        dropped_by_name=by.name[:40],
        dropped_reason=words,
        frozen=None,
    )
    record(EventName.BULLETIN_DROPPED, about(bulletin, {"reason": words, "was_presented": was_frozen}), by=by, now=now)
    return bulletin
