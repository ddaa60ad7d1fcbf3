"""A closed plan is looked at, not changed: every writing action of 通报, 考评, 变更 and 公文 is tried on one.

Whoever adds an action adds it here, or says why it may go on. The plan is closed under the things, past what keeps a
year open, as when somebody closes it while another has a page open. Reminders are of people, not of a plan.
"""

import inspect
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest

from duban.audit.models import Event
from duban.bulletins import actions as of_bulletins
from duban.bulletins.actions import (
    BulletinEdit,
    CitationEdit,
    NewCitation,
    accept_correction,
    add_citation,
    approve_bulletin,
    confirm_citations,
    correct_citation,
    decline_correction,
    draft_bulletin,
    drop_bulletin,
    edit_bulletin,
    edit_citation,
    issue_bulletin,
    leave_out_citation,
    present_bulletin,
    restore_citation,
    send_back_bulletin,
    show_to_units,
    withdraw_citation,
)
from duban.bulletins.models import Bulletin, Citation, Correction
from duban.bulletins.rules import BulletinKind, Section
from duban.changes import actions as of_changes
from duban.changes.actions import approve_change, ask_change, refuse_change, withdraw_change
from duban.changes.models import ChangeRequest
from duban.core.errors import WrongState
from duban.evaluation import actions as of_evaluation
from duban.evaluation.actions import (
    NewRating,
    agree_to_score,
    confirm_evaluation,
    correct_score,
    draw_up_evaluation,
    drop_evaluation,
    rate_units,
    reopen_evaluation,
    show_evaluation,
    take_in_results,
)
from duban.evaluation.models import Evaluation, LeaderRating, ScoreSheet
from duban.evaluation.rules import ScoreCorrection
from duban.evidence.examining import NewFile, NewPaper
from duban.evidence.models import Evidence
from duban.matters.actions import Behalf, put_closed
from duban.matters.models import Matter, Plan
from duban.matters.rules import Channel, Light
from duban.objections import actions as of_objections
from duban.objections.actions import Ruling, accept_objection, decide_objection
from duban.objections.models import Objection
from duban.objections.queries import conclusion_on_score, score_facts, sheet_joined
from duban.objections.rules import Outcome
from duban.orgs.models import Person
from duban.papers.actions import add_scan, issue_assignment
from duban.papers.models import IssuedPaper, PaperScan
from duban.web.matter_history import sentence_of
from tests.bulletins.builders import CHECKED, DRAFTED, approved, drafted, entry, half_year, issued, presented, shown
from tests.changes.test_actions import ask, decision, wish
from tests.evaluation.builders import (
    OVER,
    SHOWN,
    UNTIL,
    drawn_up,
    fresh,
    leader_of,
    played,
    set_scoring,
    sheet,
    shown_to_units,
)
from tests.letters.builders import at, person_of, signer
from tests.matters.builders import World, names_of_events
from tests.objections.builders import accepted, filed, light, objection_of, office_of, score
from tests.papers.test_actions import PDF

pytestmark = pytest.mark.django_db

ON_PAPER = Behalf(Channel.PAPER, "周局长")
Verbs = dict[str, Callable[[], object]]


def told(world, now=CHECKED) -> dict:
    return {"by": world.officer, "now": now}


def of_a_snapshot(world) -> Verbs:
    snapshot = half_year(world)
    return {"draft_bulletin": lambda: draft_bulletin(snapshot, kind=BulletinKind.REGULAR, **told(world, DRAFTED))}


def of_a_draft(world) -> Verbs:
    bulletin = drafted(world)
    one, other = entry(bulletin), entry(bulletin, Section.PRAISE)
    leave_out_citation(other, reason="不宜表扬。", **told(world, DRAFTED))
    bulletin.refresh_from_db()
    now = told(world, DRAFTED)
    seen = bulletin.version
    new = NewCitation(Section.PRAISE, one.matter, one.unit, "提前完成。", "成效明显。")
    return {
        "edit_bulletin": lambda: edit_bulletin(
            bulletin, edit=BulletinEdit("另一个标题", "另一段话。"), seen=seen, **now
        ),
        "edit_citation": lambda: edit_citation(one, edit=CitationEdit("另一种说法。"), seen=seen, **now),
        "add_citation": lambda: add_citation(bulletin, new=new, **now),
        "leave_out_citation": lambda: leave_out_citation(one, reason="已经整改。", **now),
        "restore_citation": lambda: restore_citation(other, **now),
        "drop_bulletin": lambda: drop_bulletin(bulletin, reason="不再印发。", **now),
        "show_to_units": lambda: show_to_units(bulletin, **now),
    }


def of_one_with_the_units(world) -> Verbs:
    bulletin = shown(world)
    one, other = entry(bulletin), entry(bulletin, Section.PRAISE)
    now = {**told(world, DRAFTED), "behalf": ON_PAPER}
    correction = correct_citation(one, text="6月已经进场。", **now)
    return {
        "confirm_citations": lambda: confirm_citations(bulletin, unit=other.unit, **now),
        "correct_citation": lambda: correct_citation(other, text="5月就已完成。", **now),
        "accept_correction": lambda: accept_correction(correction, facts="6月进场。", **told(world)),
        "decline_correction": lambda: decline_correction(correction, reason="没有依据。", **told(world)),
    }


def of_one_to_be_presented(world) -> Verbs:
    bulletin = shown(world)
    return {"present_bulletin": lambda: present_bulletin(bulletin, **told(world))}


def of_one_presented(world) -> Verbs:
    bulletin, director = presented(world), signer(world, "director")
    return {
        "approve_bulletin": lambda: approve_bulletin(bulletin, by=director, now=CHECKED),
        "send_back_bulletin": lambda: send_back_bulletin(bulletin, reason="再核实。", **told(world)),
    }


def of_one_approved(world) -> Verbs:
    bulletin = approved(world)
    return {"issue_bulletin": lambda: issue_bulletin(bulletin, **told(world))}


def of_one_issued(world) -> Verbs:
    one = entry(issued(world))
    paper = IssuedPaper.objects.get()
    matters = list(Matter.objects.filter(state="assigned"))
    given = {"by": signer(world, "director"), "now": CHECKED}
    return {
        "withdraw_citation": lambda: withdraw_citation(one, reason="复核支持申请。", **given),
        "add_scan": lambda: add_scan(paper, scan=NewFile("盖章.pdf", BytesIO(PDF)), **told(world)),
        "issue_assignment": lambda: issue_assignment(world.plan, matters=matters, **told(world)),
    }


def of_a_year(world) -> Verbs:
    played(world)
    return {"draw_up_evaluation": lambda: draw_up_evaluation(world.plan, until=UNTIL, **told(world, SHOWN))}


def of_an_evaluation(world) -> Verbs:
    set_scoring(world)
    year = played(world)
    evaluation = drawn_up(world)
    rating = NewRating(world.unit("教育局"), Decimal(90))
    leader = {"post": year.leader, "by": leader_of(world, year.leader), "now": SHOWN}
    return {
        "rate_units": lambda: rate_units(evaluation, ratings=[rating], **leader),
        "show_evaluation": lambda: show_evaluation(evaluation, **told(world, SHOWN)),
        "drop_evaluation": lambda: drop_evaluation(evaluation, reason="重来。", by=world.office_head, now=SHOWN),
        "take_in_results": lambda: take_in_results(evaluation, data=b"", file_name="表.xlsx", **told(world, SHOWN)),
    }


def of_one_shown(world) -> Verbs:
    set_scoring(world)
    played(world)
    evaluation = shown_to_units(world)
    other = sheet(world, evaluation, "交通局")
    correction, head = ScoreCorrection(obligations=9), {"by": world.office_head, "now": SHOWN}
    person = Person.objects.get(appointments__post__unit=world.unit("交通局"), appointments__post__kind="unit_head")
    unit_head = person_of(world, person, unit="交通局", role="unit_head")
    return {
        "correct_score": lambda: correct_score(other, correction=correction, reason="有误。", **head),
        "agree_to_score": lambda: agree_to_score(other, by=unit_head, now=SHOWN),
        "confirm_evaluation": lambda: confirm_evaluation(evaluation, by=world.office_head, now=OVER),
    }


def of_one_confirmed(world) -> Verbs:
    set_scoring(world)
    played(world)
    evaluation = fresh(confirm_evaluation(shown_to_units(world), by=world.office_head, now=OVER))
    head = {"by": world.office_head, "now": OVER}
    return {"reopen_evaluation": lambda: reopen_evaluation(evaluation, reason="事实有变。", **head)}


def of_a_matter(world) -> Verbs:
    matter = world.started()
    request = ask(world, matter)
    other = wish(of_changes.ChangeKind.SUSPEND)
    unit, head = {"by": world.liaison("教育局"), "now": world.now}, {"by": world.office_head, "now": world.now}
    return {
        "ask_change": lambda: ask_change(matter, unit=world.unit("教育局"), wish=other, **unit),
        "withdraw_change": lambda: withdraw_change(request, **unit),
        "refuse_change": lambda: refuse_change(request, reasons="条件已经具备。", **head),
        "approve_change": lambda: approve_change(request, decision=decision(world), **head),
    }


STAGES: dict[Callable[[World], Verbs], set[str]] = {
    of_a_snapshot: {"draft_bulletin"},
    of_a_draft: {
        "edit_bulletin",
        "edit_citation",
        "add_citation",
        "leave_out_citation",
        "restore_citation",
        "drop_bulletin",
        "show_to_units",
    },
    of_one_with_the_units: {"confirm_citations", "correct_citation", "accept_correction", "decline_correction"},
    of_one_to_be_presented: {"present_bulletin"},
    of_one_presented: {"approve_bulletin", "send_back_bulletin"},
    of_one_approved: {"issue_bulletin"},
    of_one_issued: {"withdraw_citation", "add_scan", "issue_assignment"},
    of_a_year: {"draw_up_evaluation"},
    of_an_evaluation: {"rate_units", "show_evaluation", "drop_evaluation", "take_in_results"},
    of_one_shown: {"correct_score", "agree_to_score", "confirm_evaluation"},
    of_one_confirmed: {"reopen_evaluation"},
    of_a_matter: {"ask_change", "withdraw_change", "refuse_change", "approve_change"},
}
"""Where a thing stands, and what is tried on it there."""

TRIED = set().union(*STAGES.values())
GO_ON = {
    "read_bulletin": "阅读回执: changes nothing of the year",
    "contest_score": "复核: units have their days to object whether or not the year is closed, see below",
    "uphold_score": "复核: a decision that changes nothing, see below",
    "record_evaluation_export": "carried out of the house: changes nothing of the year",
}


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


def shut(world, *, now) -> None:
    plan = Plan.objects.get(pk=world.plan.pk)
    put_closed(plan, approval=world.approval(), by=world.office_head, now=now)


def rows() -> list:
    kept = (Bulletin, Citation, Correction, ChangeRequest, Evaluation, ScoreSheet, LeaderRating, PaperScan, Matter)
    return [list(one.objects.order_by("pk").values()) for one in kept] + [Event.objects.count()]


@pytest.mark.parametrize("stage", STAGES, ids=lambda one: one.__name__)
def test_nothing_of_a_closed_plan_is_changed(world, stage):
    verbs = stage(world)
    assert set(verbs) == STAGES[stage]
    shut(world, now=OVER)
    before = rows()
    for name, verb in verbs.items():
        with pytest.raises(WrongState) as refusal:
            verb()
        assert "年度台账已经办结，只能查看。确需改动的，先经批准重新打开台账。" in refusal.value.message, name
    assert rows() == before


def verbs_of(room) -> set[str]:
    """The actions of a room: its functions that are told by whom."""
    found = inspect.getmembers(room, inspect.isfunction)
    own = {name: one for name, one in found if one.__module__.startswith(room.__name__) and not name.startswith("_")}
    return {name for name, one in own.items() if "by" in inspect.signature(one).parameters}


def test_every_action_of_these_rooms_is_tried_or_says_why_it_goes_on():
    own = set().union(*(verbs_of(room) for room in (of_bulletins, of_evaluation, of_changes)))
    assert own - TRIED - set(GO_ON) == set()
    assert TRIED - own == {"add_scan", "issue_assignment"}
    assert set(GO_ON) <= own


# ── 复核 ──


def test_objections_go_on_and_what_they_would_change_is_refused_until_the_plan_is_open_again(county, now):
    """Units have their days to object whether or not the year is closed; a decision that changes nothing is given."""
    office = office_of(county, now)
    one = accepted(office, light(office))
    shut(office.world, now=at("2020-07-22"))
    matter = Matter.objects.get()
    given = {"by": office["director"], "now": at("2020-07-23")}
    with pytest.raises(WrongState) as refusal:
        decide_objection(one, ruling=Ruling(Outcome.UPHELD, "理由成立，应予更正。", light=Light.YELLOW), **given)
    assert "已经办结，只能查看。确需改动的，先经批准重新打开台账。" in refusal.value.message
    assert (Objection.objects.get().state, IssuedPaper.objects.count()) == ("accepted", 0)
    decided = decide_objection(one, ruling=Ruling(Outcome.REJECTED, "现场核实，停工属实。"), **given)
    assert (decided.state, decided.outcome) == ("decided", "rejected")
    assert Matter.objects.filter(pk=matter.pk).values("light_override").get() == {"light_override": "red"}
    paper = IssuedPaper.objects.get()  # and the paper of after the closing gets its sealed scan
    scan = NewFile("盖章.pdf", BytesIO(PDF))
    assert add_scan(paper, scan=scan, by=office["officer"], now=at("2020-07-24")).version == 1


def test_an_objection_after_the_closing_brings_its_evidence(county, now):
    """Also of a matter that takes none any more: a closed one is verified, too."""
    office = office_of(county, now)
    conclusion = light(office)
    shut(office.world, now=at("2020-07-15"))
    events = names_of_events(matter_id=conclusion.matter.pk)
    one = filed(office, conclusion, evidence=[NewPaper(title="交地确认书", place="教育局办公室")])
    kept = Evidence.objects.get()
    assert (kept.matter_id, kept.subject_type, kept.subject_id) == (conclusion.matter.pk, "objection", one.pk)
    added = names_of_events(matter_id=conclusion.matter.pk)[len(events) :]
    assert added == ["objections.filed", "objections.evidence_added"]
    said = sentence_of(Event.objects.get(name="objections.evidence_added")).text
    assert said.endswith("提交教育局的佐证材料：纸质材料“交地确认书”，随复核申请。")


def test_a_paper_about_a_score_is_taken_after_the_closing_and_corrects_nothing_until_the_plan_is_open(county, now):
    office = office_of(county, now)
    scored = score(office)
    evaluation = fresh(scored.sheet.evaluation)
    confirm_evaluation(evaluation, by=office["office_head"], now=OVER)
    shut(office.world, now=OVER)
    conclusion = conclusion_on_score(sheet_joined(scored.sheet.pk))
    given = {"by": office["second"], "now": at("2021-01-28")}
    one = filed(office, conclusion, behalf=ON_PAPER, filed_on=date(2021, 1, 26), **given)
    accept_objection(one, **given)
    assert ScoreSheet.objects.get(pk=scored.sheet.pk).contested_at is not None
    one, deputy = objection_of(pk=one.pk), {"by": office["deputy"], "now": at("2021-02-01")}
    left_out = frozenset({score_facts(one)[0].key})
    with pytest.raises(WrongState) as refusal:
        decide_objection(one, ruling=Ruling(Outcome.UPHELD, "理由成立。", left_out=left_out), **deputy)
    assert "已经办结，只能查看。确需改动的，先经批准重新打开台账。" in refusal.value.message
    assert fresh(evaluation).state == "confirmed"
    decide_objection(objection_of(pk=one.pk), ruling=Ruling(Outcome.REJECTED, "各条均属实。"), **deputy)
    sheets = ScoreSheet.objects.filter(unit=scored.unit)
    assert [(each.number, each.contested_at) for each in sheets] == [(1, None)]


def test_every_action_of_objections_may_go_on():
    assert verbs_of(of_objections) == {
        "accept_objection",
        "appoint_reviewer",
        "decide_objection",
        "decline_objection",
        "edit_objection",
        "file_objection",
        "send_back_objection",
        "sign_objection",
        "withdraw_objection",
    }
