"""《政务督查》: an issue after each half-year snapshot, one about a field; units correct facts, two people approve."""

from collections import Counter
from datetime import date

from duban.bulletins.actions import (
    CitationEdit,
    accept_correction,
    approve_bulletin,
    confirm_citations,
    correct_citation,
    decline_correction,
    draft_bulletin,
    edit_citation,
    issue_bulletin,
    leave_out_citation,
    present_bulletin,
    read_bulletin,
    show_to_units,
)
from duban.bulletins.models import Bulletin, BulletinReceipt, Citation, Correction, UnitCheck
from duban.bulletins.queries import awaiting_snapshots, entries_of, stood_in, units_waited_for
from duban.bulletins.rules import JUDGING, Audience, BulletinKind, BulletinState, Section, cause_words
from duban.cli.demo_year.behaviour import chance, choice
from duban.cli.demo_year.stage import Stage
from duban.cli.demo_year.words import NEXT_STEPS
from duban.core.clock import day_of
from duban.core.workdays import add_workdays
from duban.lights.models import Snapshot
from duban.matters.models import Matter
from duban.matters.queries import policy_of
from duban.matters.rules import Light
from duban.orgs.models import Unit

_SPECIAL_ON = date(2020, 9, 15)
_PRAISED_MOST = 6
"""So many are praised in one issue; the others are left out, with a reason."""


def _bulletins(stage: Stage, state: BulletinState) -> list[Bulletin]:
    """Return the bulletins in a state, joined, in the order in which they were drafted."""
    found = Bulletin.objects.filter(jurisdiction=stage.county, state=state).select_related(
        "plan__policy", "plan__jurisdiction", "snapshot__policy", "snapshot__plan", "since"
    )
    return list(found.order_by("drafted_at", "title"))


def _has_rested(stage: Stage, since: date, workdays: int = 1) -> bool:
    return add_workdays(since, workdays) <= stage.day


def draft_bulletins(stage: Stage) -> None:
    """Let the officer draft the issue of a half-year snapshot two working days after it, and the special one."""
    for snapshot in awaiting_snapshots([stage.plan], today=stage.day):
        if _has_rested(stage, snapshot.day, 2):
            made = draft_bulletin(snapshot, kind=BulletinKind.REGULAR, **stage.told(stage.officer))
            _choose(stage, made)
    if stage.day == _SPECIAL_ON:
        joined = Snapshot.objects.filter(plan=stage.plan).select_related("plan__jurisdiction", "policy")
        snapshot = joined.order_by("-day")[0]
        field = _field_in_trouble(snapshot)
        made = draft_bulletin(snapshot, kind=BulletinKind.SPECIAL, field=field, **stage.told(stage.officer))
        _choose(stage, made)


def _field_in_trouble(snapshot: Snapshot) -> str:
    """Return the field most of the red matters of a snapshot are of."""
    red = [one.matter_id for one in stood_in(snapshot) if one.light is Light.RED]
    fields = Matter.objects.filter(pk__in=red).exclude(field="").values_list("field", flat=True)
    counts = Counter(fields)
    return max(sorted(counts), key=counts.__getitem__)


def _choose(stage: Stage, bulletin: Bulletin) -> None:
    """Leave out what is too much of a good thing, and write down what the units have not told."""
    words = policy_of(bulletin.plan).bulletins
    praised = [one for one in entries_of(bulletin) if one.section == Section.PRAISE]
    for one in praised[_PRAISED_MOST:]:
        one.bulletin = bulletin
        leave_out_citation(one, reason="同类做法已有代表，本期不再逐一列举。", **stage.told(stage.officer))
    for one in entries_of(bulletin):
        if one.section not in JUDGING or (one.cause and one.next_step):
            continue
        one.bulletin = bulletin
        about = (one.unit.name, one.matter.serial if one.matter else "", bulletin.title)
        section = Section(one.section)
        edit = CitationEdit(
            facts=one.facts,
            cause=one.cause or choice(stage.seed, cause_words(section, words), "cause of an entry", *about),
            cause_note=one.cause_note,
            next_step=one.next_step or choice(stage.seed, NEXT_STEPS[section], "next step", *about),
        )
        edit_citation(one, edit=edit, seen=bulletin.version, **stage.told(stage.officer))


def show_bulletins(stage: Stage) -> None:
    """Let the officer show the units their entries, the day after drafting."""
    for bulletin in _bulletins(stage, BulletinState.DRAFTED):
        if _has_rested(stage, bulletin.drafted_on):
            show_to_units(bulletin, **stage.told(stage.officer))


def check_bulletins(stage: Stage) -> None:
    """Let units look: one corrects a fact, one writes what is not so, some say that all is right, most say nothing."""
    for bulletin in _bulletins(stage, BulletinState.CORRECTING):
        checks = UnitCheck.objects.filter(bulletin=bulletin, answered_at=None, until__gte=stage.day)
        some = list(checks.select_related("unit").order_by("unit__order", "unit__name"))
        written = Correction.objects.filter(citation__bulletin=bulletin).count()
        for check in some:
            if not _has_rested(stage, check.shown_on):
                continue
            actor, behalf = stage.speaker(check.unit)
            own = Citation.objects.filter(
                bulletin=bulletin, unit=check.unit, section=Section.CRITICISM, left_out_reason=""
            )
            entry = own.select_related("matter", "unit").order_by("matter__order", "pk").first()
            if written < 2 and entry is not None:
                entry.bulletin = bulletin
                text = _CORRECTIONS[written]
                correct_citation(entry, text=text, behalf=behalf, **stage.told(actor))
                written += 1
            elif chance(stage.seed, 0.4, "confirms", check.unit.name, bulletin.title):
                confirm_citations(bulletin, unit=check.unit, behalf=behalf, **stage.told(actor))


_CORRECTIONS = ("定格以后已补报有关进展，请在文中注明。", "所列情况与实际不符，请不要列入。")


def decide_corrections(stage: Stage) -> None:
    """Let the office decide: what can be proved is taken into the text, the other is declined with a reason."""
    waiting = Correction.objects.filter(accepted_at=None, declined_at=None).select_related(
        "citation__bulletin__plan__policy", "citation__unit", "citation__matter"
    )
    for one in waiting.order_by("written_at", "pk"):
        if not _has_rested(stage, day_of(one.written_at)):
            continue
        if one.text == _CORRECTIONS[0]:
            facts = f"{one.citation.facts}定格以后，单位已补报有关进展。"
            accept_correction(one, facts=facts, **stage.told(stage.officer))
        else:
            decline_correction(one, reason="与定格当日的记录不符，可在下期说明整改情况。", **stage.told(stage.officer))


def approve_bulletins(stage: Stage) -> None:
    """Let the officer present what units had their time for; the director approves facts, the head the judgement."""
    for bulletin in _bulletins(stage, BulletinState.CORRECTING):
        open_notes = Correction.objects.filter(citation__bulletin=bulletin, accepted_at=None, declined_at=None)
        if not units_waited_for([bulletin], today=stage.day)[bulletin.pk] and not open_notes.exists():
            present_bulletin(bulletin, **stage.told(stage.officer))
    for bulletin in _bulletins(stage, BulletinState.PRESENTED):
        if bulletin.presented_at is None or not _has_rested(stage, day_of(bulletin.presented_at)):
            continue
        who = "quzhang" if bulletin.facts_approved_at is not None else "banzhuren"
        if who == "quzhang" and not _has_rested(stage, day_of(bulletin.presented_at), 2):
            continue
        approve_bulletin(bulletin, **stage.told(stage.actor(who)))


def issue_bulletins(stage: Stage) -> None:
    """Let the officer issue what was approved the day before: to all, the special one to those whose field it is."""
    for bulletin in _bulletins(stage, BulletinState.APPROVED):
        approved_at = bulletin.judgement_approved_at or bulletin.facts_approved_at
        if approved_at is None or not _has_rested(stage, day_of(approved_at)):
            continue
        if bulletin.kind == BulletinKind.SPECIAL:
            leads = Unit.objects.filter(
                assignments__matter__plan=stage.plan,
                assignments__matter__field=bulletin.field,
                assignments__is_merging=True,
                assignments__ended_at=None,
                merged_into=None,
            )
            units = list(leads.distinct().order_by("order", "name"))
            issue_bulletin(bulletin, audience=Audience.NAMED, units=units, **stage.told(stage.officer))
        else:
            issue_bulletin(bulletin, **stage.told(stage.officer))


def read_bulletins(stage: Stage) -> None:
    """Let people open what came in the days before; many do, not all."""
    unread = BulletinReceipt.objects.filter(
        read_at=None,
        person__account__isnull=False,
        bulletin__issued_on__lt=stage.day,
        bulletin__issued_on__gte=add_workdays(stage.day, -5),
    )
    joined = unread.select_related("bulletin", "person__account")
    for one in joined.order_by("bulletin__total_number", "person__name", "pk"):
        account = one.person.account
        if account is not None and chance(
            stage.seed, 0.3, "reads bulletin", one.person.name, one.bulletin.title, stage.day
        ):
            read_bulletin(one.bulletin, **stage.told(stage.actor(account.username)))


BULLETINS = (
    issue_bulletins,
    approve_bulletins,
    decide_corrections,
    check_bulletins,
    show_bulletins,
    draft_bulletins,
    read_bulletins,
)
