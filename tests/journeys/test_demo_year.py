"""The demonstration year, played once: what must hold of a whole year, whatever happened in it.

On PostgreSQL a month of it is played. Afterwards the tables are emptied, so that nothing of it is left for other tests.
"""

import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from django.test import Client
from django.urls import reverse

from duban.access.models import Account
from duban.archives.models import Archive
from duban.archives.queries import open_counts
from duban.archives.rules import Open
from duban.archives.rules.packing import check_archive
from duban.audit.models import Event
from duban.audit.queries import verification
from duban.audit.rules import EventName
from duban.bulletins.models import Bulletin, Citation, Correction
from duban.bulletins.queries import bulletin_papers, named_in_bulletins, stood_in
from duban.bulletins.rules import BulletinState
from duban.calendars.queries import use_loaded_notices
from duban.cli.demo_accounts import PASSWORD, YEAR_ACCOUNTS
from duban.cli.demo_year.behaviour import FIRST, LAST, SEED
from duban.cli.demo_year.county import notice
from duban.cli.demo_year.play import closing_time, play, relax_disk
from duban.cli.demo_year.summary import events_for_comparison, fingerprint
from duban.core import clock
from duban.core.clock import SHANGHAI
from duban.core.files import path_of
from duban.evaluation.models import Evaluation, LeaderRating, ScoreSheet
from duban.evaluation.queries import data_of, facts_of_year
from duban.evaluation.rules import FactKind, scored
from duban.interviews.models import Dismissal, Interview, InterviewGround, Rectification
from duban.interviews.queries import interview_papers, proposals
from duban.interviews.rules import Outcome as TalkOutcome
from duban.jobs.models import Task
from duban.jobs.rules import TaskState
from duban.letters.models import Letter, LetterItem
from duban.letters.rules import Cause, LetterKind, LetterState, Outcome
from duban.lights.actions.judging import stored_differs
from duban.lights.models import DailyRound, LightTurn, Snapshot, SnapshotRow
from duban.lights.queries import lights_policies, standing_as_of, standing_matters
from duban.matters.models import Matter, Obligation, Plan
from duban.matters.queries import policy_of
from duban.matters.rules import LIT_STATES, Light, Owed, OwedState, State
from duban.objections.models import Objection
from duban.objections.queries import JOINED, acted_on, review_papers
from duban.objections.rules import Target, recused
from duban.orgs.models import Person
from duban.papers.models import IssuedPaper
from duban.papers.rules import PaperKind
from duban.reading import read_notice
from duban.reminders.models import Digest, Round
from duban.replay.queries import Replay, record_check_of, replayed
from duban.replay.rules import spans_of
from duban.reports.models import HollowMark, Report
from duban.superiors.models import SuperiorTask
from duban.visits.models import Draw, DrawnMatter, Finding, PlannedCheck, Visit, VisitItem
from duban.visits.models import Rectification as VisitRectification
from duban.visits.queries import callings_of, untrue_findings
from duban.visits.rules import Pools, Result, VisitKind, VisitState, listed_of
from duban.worker.schedule import SCHEDULE
from tests.archives.builders import dangling
from tests.evaluation.pencil import Page, recomputed
from tests.lights.oracle import walk
from tests.lights.test_oracle import latest

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[2]
IS_WHOLE = connection.vendor == "sqlite"
UNTIL = LAST if IS_WHOLE else date(2020, 2, 29)

whole_year = pytest.mark.skipif(not IS_WHOLE, reason="on PostgreSQL only a month is played")


@pytest.fixture(scope="module", autouse=True)
def year(django_db_setup, django_db_blocker):
    with clock.stands_still() as put:
        with django_db_blocker.unblock():
            if connection.vendor == "sqlite":
                relax_disk()
            for _ in play(until=UNTIL, seed=SEED):
                pass
        put(datetime.combine(UNTIL, closing_time(), tzinfo=SHANGHAI))
        yield
    with django_db_blocker.unblock():
        call_command("flush", verbosity=0, interactive=False)
        use_loaded_notices()  # the calendar the play loaded is gone again
        connection.close()


# ── nobody real is in it ──

PLACES = (
    "泉港", "泉州", "福建", "闽", "山腰", "峰尾", "后龙", "涂岭", "前黄", "南埔", "界山", "惠屿", "黄田", "海丝",
    "土坑", "源昌", "世茂", "永嘉", "福厦", "沈海", "南山", "朝阳公路", "海南街", "中兴街", "菱溪", "陈田", "泗洲",
    "湄南", "双溪", "岩山", "坝头", "泉企", "三朱", "诚峰", "樟脚", "福炼", "氯碱", "龙马溪", "福医大", "海峡",
    "石化", "前欧", "大众公交", "新城投资", "文旅开发公司", "高新产业园区", "水利水务", "移动分公司", "联通", "电信",
    "强基促稳", "飓风", "七镇", "金牌带星牌", "一线协调", "321+X", "505 微心愿", "505微心愿",
)  # fmt: skip


def words_of_the_sample() -> set[str]:
    """Names of people and telephone numbers of the published sample, and the places and projects it names."""
    sample = ROOT / "examples" / "quangang-2020-2.txt"
    read = read_notice(sample.read_bytes(), file_name=sample.name).as_json()
    people = {one["name"] for row in read["matters"] for one in (*row["persons"], *row["overseers"])}
    contact = {value for value in read["notice"]["contact"].values() if value}
    assert len(people) > 70
    assert len(contact) == 4
    return people | contact | set(PLACES)


def texts() -> list[str]:
    """Every word and every JSON in the played database."""
    found = []
    for model in apps.get_models():
        if not model.__module__.startswith("duban."):
            continue
        names = [
            one.attname
            for one in model._meta.concrete_fields
            if isinstance(one, models.CharField | models.TextField | models.JSONField)
        ]
        found += [str(value) for row in model.objects.values_list(*names) for value in row] if names else []
    return found


def test_nothing_of_the_sample_is_in_the_played_county():
    played = "\n".join([*texts(), notice().decode()])
    assert len(played) > 500_000
    assert {word for word in words_of_the_sample() if word in played} == set()


def test_there_is_no_telephone_but_an_invented_one():
    phones = {*Person.objects.values_list("phone", flat=True), *SuperiorTask.objects.values_list("phone", flat=True)}
    phones |= set(re.findall(r"[\d-]{7,}(?=[，。])", notice().decode()))
    assert phones - {"", "0000-00000000", "0000-00000001"} == set()
    assert len(phones) > 1


# ── what happened ──

NOT_PLAYED = {
    "at the door, which no action of the play goes through": {
        EventName.SIGNED_IN,
        EventName.SIGN_IN_FAILED,
        EventName.SIGNED_OUT,
        EventName.LOCKED_OUT,
        EventName.REFUSED,
    },
    "care of accounts": {
        EventName.ACCOUNT_CHANGED,
        EventName.ACCOUNT_UNLOCKED,
        EventName.PASSWORD_CHANGED,
        EventName.PASSWORD_RESET,
        EventName.ROLE_ENDED,
    },
    "the auditor's reading": {EventName.AUDIT_OPENED, EventName.AUDIT_VERIFIED},
    "care of the directory": {
        EventName.UNIT_CHANGED,
        EventName.POST_CHANGED,
        EventName.APPOINTMENT_ENDED,
        EventName.ORGS_IMPORTED,
        EventName.ORGS_EXPORTED,
    },
    "numbers come from the plan's own register": {EventName.LETTER_NUMBERED},
    "an office's second thoughts about an issue; the three of the year go out as proposed": {
        EventName.BULLETIN_DROPPED,
        EventName.BULLETIN_SENT_BACK,
        EventName.BULLETIN_EDITED,
        EventName.CITATION_ADDED,
        EventName.CITATION_RESTORED,
    },
    "second thoughts about talks; those of the year are held as arranged": {
        EventName.INTERVIEW_SENT_BACK,
        EventName.INTERVIEW_REAPPLIED,
        EventName.INTERVIEW_REFUSED,
        EventName.INTERVIEW_POSTPONED,
        EventName.INTERVIEW_WITHDRAWN,
        EventName.TALK_EDITED,
    },
    "second thoughts about objections; both of the year are decided by who usually does": {
        EventName.OBJECTION_SENT_BACK,
        EventName.OBJECTION_WITHDRAWN,
        EventName.OBJECTION_PROVED,
        EventName.OBJECTION_DECLINED,
        EventName.REVIEWER_APPOINTED,
    },
    "nobody objects to a score": {
        EventName.SCORE_CONTESTED,
        EventName.SCORE_UPHELD,
        EventName.EVALUATION_DROPPED,
        EventName.EVALUATION_REOPENED,
        EventName.HOLLOW_MARK_LIFTED,
    },
    "programs of others": {EventName.TOKEN_CREATED, EventName.TOKEN_REVOKED},
    "second thoughts about visits, and what another office or a later month brings": {
        EventName.CHECK_DROPPED,
        EventName.CHECKS_JOINED,
        EventName.VISIT_EDITED,
        EventName.VISITS_JOINED,
        EventName.VISIT_DROPPED,
        EventName.VISIT_SENT_BACK,
        EventName.ANSWER_CHOSEN,
        EventName.FINDING_OVERTURNED,
        EventName.RECTIFYING_REPORTED,
        EventName.RECTIFYING_RETURNED,
        EventName.RECTIFYING_ACCEPTED,
        EventName.LEAD_HANDED_OVER,
        EventName.RESULTS_UPLOADED,
        EventName.RESULTS_COUNTED,
        EventName.RESULTS_DROPPED,
    },
    "a closed year stays closed, and its archive lies beside the data folder": {
        EventName.PLAN_REOPENED,
        EventName.ARCHIVE_TAKEN,
    },
    "the machine's operator": {
        EventName.TASK_RETRIED,
        EventName.TASK_DROPPED,
        EventName.CHANNEL_CHANGED,
        EventName.CHANNEL_TESTED,
        EventName.DELIVERY_RESENT,
        EventName.DELIVERY_DROPPED,
    },
}
"""Events no business brings about by itself, and why."""


@whole_year
def test_everything_that_can_happen_in_a_year_happens():
    seen = {EventName(name) for name in Event.objects.values_list("name", flat=True).distinct()}
    excused = set().union(*NOT_PLAYED.values())
    assert set(EventName) - seen - excused == set()
    assert seen & excused == set()


@whole_year
def test_units_differ_and_about_a_third_of_the_lights_are_coloured():
    matters = Matter.objects.filter(plan__year=2020, parent=None).count()
    coloured = Counter()
    for one in Snapshot.objects.filter(plan__year=2020, day__lt=date(2020, 12, 1)).prefetch_related("rows"):
        coloured.update(row.matter_id for row in one.rows.all() if row.light in (Light.YELLOW, Light.RED))
    assert 0.25 * matters < len(coloured) < 0.65 * matters
    last = Snapshot.objects.filter(plan__year=2020).order_by("day").last()
    assert 3 <= last.rows.filter(light=Light.RED).count() <= 20
    states = Counter(Matter.objects.filter(plan__year=2020, parent=None).values_list("state", flat=True))
    assert states[State.CLOSED] > matters / 2
    assert states[State.CARRIED_OVER] >= 5
    assert states[State.TERMINATED] >= 1
    assert set(states) == {State.CLOSED, State.CARRIED_OVER, State.TERMINATED}, "the year is closed"


@whole_year
def test_reports_came_in_time_late_and_not_at_all():
    for day in (date(2020, 6, 20), date(2020, 12, 20)):
        sent = Report.objects.filter(report_day=day, first_sent_on__isnull=False)
        late = sent.filter(first_sent_on__gt=day).count()
        assert sent.count() - late > 15
        assert late >= 5
        assert sent.filter(returns__gt=0).exists()
    assert Report.objects.exclude(exception_reason="").exists()
    let_go = Obligation.objects.filter(kind=Owed.REPORT, due_on=date(2020, 6, 20), state=OwedState.WAIVED)
    assert let_go.filter(ended_at__date__gt=date(2020, 12, 31)).exists(), "never given, let go with the year"


def test_trail_is_true_and_without_gaps():
    found = verification()
    assert (found.untrue, found.matters_with_gaps) == ([], [])


# ── the lights ──


def test_stored_lights_are_what_the_facts_earn():
    ids = list(Matter.objects.values_list("pk", flat=True))
    figures = lights_policies(set(Matter.objects.values_list("plan_id", flat=True)))
    wrong = {
        one.id: columns
        for one in standing_matters(ids)
        if (columns := stored_differs(one, policy=figures[one.plan_id], calendar=use_loaded_notices(), today=UNTIL))
    }
    assert wrong == {}


def shown_at_night(day: date) -> dict[int, str]:
    """The stored lights at the end of a day: of each matter's last turn by then."""
    turns = LightTurn.objects.filter(day__lte=day).order_by("day", "pk").values_list("matter_id", "light")
    return {pk: light for pk, light in dict(turns).items() if light}


@pytest.mark.parametrize("days", [0, 17, 40, 101, 163, 251, 310, 345])
def test_lights_of_a_day_are_the_same_judged_anew_from_what_was_known(days):
    day = FIRST + timedelta(days=days)
    if day > UNTIL:
        day = UNTIL
    stood = standing_as_of(list(Matter.objects.values_list("pk", flat=True)), day=day)
    assert {pk: one.light.value for pk, one in stood.items() if one.light} == shown_at_night(day)


def test_lights_of_the_last_day_are_those_stored():
    lit = dict(Matter.objects.exclude(light="").values_list("pk", "light"))
    assert lit == shown_at_night(UNTIL)
    assert set(Matter.objects.filter(state__in=LIT_STATES, starts_on__lte=UNTIL).values_list("pk", flat=True)) == set(
        lit
    )


def test_snapshots_hold_what_was_to_be_seen():
    taken = Snapshot.objects.order_by("day", "pk").prefetch_related("rows")
    for one in taken:
        night = shown_at_night(one.day)
        assert {row.matter_id: row.light for row in one.rows.all() if row.light} == {
            pk: light for pk, light in night.items() if pk in {row.matter_id for row in one.rows.all()}
        }
    month_ends = [
        day
        for number in range((UNTIL - FIRST).days)
        if (day := FIRST + timedelta(days=number)).month != (day + timedelta(days=1)).month and day >= date(2020, 2, 29)
    ]
    assert [one.day for one in taken if one.plan.year == 2020] == month_ends


# ── judged again ──


@pytest.fixture(scope="module")
def replays(year, django_db_blocker) -> dict[int, Replay]:
    """Every plan under another policy, by year: what turns lights, and what brings letters, is another."""
    with django_db_blocker.unblock():
        found = {}
        for plan in Plan.objects.select_related("policy", "jurisdiction"):
            figures = policy_of(plan)
            other = replace(
                figures,
                lights=replace(figures.lights, gap_yellow_points=5, schedule="month", node_grace_workdays=3),
                letters=replace(figures.letters, cooldown_workdays=5),
                evaluation=replace(figures.evaluation, criticised_score=-2.0),
            )
            replay = replayed(plan, figures=other, until=UNTIL)
            if replay is not None:
                found[plan.year] = replay
    return found


def test_what_held_made_again_is_the_record(replays):
    for replay in replays.values():
        recorded = {(one.matter_id, one.day, one.light) for one in LightTurn.objects.filter(matter__plan=replay.plan)}
        assert {
            (pk, day, light.value if light else "")
            for pk, one in replay.held.tracks.items()
            for day, light in one.turns
        } == recorded
        items = LetterItem.objects.filter(letter__plan=replay.plan).exclude(key=None).select_related("letter")
        assert sorted((one.key, one.unit_id, one.kind, one.cause) for one in replay.held.rounds.drafted) == sorted(
            (one.key, one.letter.unit_id, one.letter.kind, one.cause) for one in items
        )
        assert record_check_of(replay).agrees
        facts, figures = facts_of_year(replay.plan, until=UNTIL), policy_of(replay.plan)
        assert {pk: one.score for pk, one in replay.held.scores.units.items()} == {
            pk: one.score for pk, one in scored(facts, figures).units.items()
        }
        for snapshot in Snapshot.objects.filter(plan=replay.plan):
            assert replay.held.snapshots[snapshot.day] == {one.matter_id: one for one in stood_in(snapshot)}
        for pk, entries in replay.held.entries.items():
            cited = Citation.objects.filter(bulletin=pk, added_reason="")
            assert {(one.section, one.unit_id, one.matter_id) for one in entries.proposals} == set(
                cited.values_list("section", "unit_id", "matter_id")
            )


def test_another_policy_parts_on_the_days_a_full_recomputation_parts(replays):
    """Matter by matter, day by day, against the slow second opinion of tests/lights."""
    parted = 0
    for replay in replays.values():
        held = [(moment.date(), figures.lights) for moment, figures in replay.held_rules.held]
        other = replay.other_rules.held[0][1].lights
        for pk, story in replay.past.stories.items():
            known = dict(story.history)
            slow = [
                walk(known, lambda day, held=held: latest(dict(held), max(day, held[0][0])), until=UNTIL),
                walk(known, lambda _, other=other: other, until=UNTIL),
            ]
            told = {}
            sides = (replay.held.tracks[pk], replay.other.tracks[pk])
            for one in spans_of(*sides, matter_id=pk, since=replay.since, until=UNTIL):
                for number in range((one.until_on - one.from_on).days + 1):
                    told[one.from_on + timedelta(days=number)] = (one.held, one.other)
            assert told == {day: (slow[0][day], slow[1][day]) for day in slow[0] if slow[0][day] != slow[1][day]}
            parted += len(told)
    assert parted > 100


# ── letters and reminders ──


@whole_year
def test_numbers_of_letters_have_no_gap_and_withdrawn_ones_keep_theirs():
    numbers: dict[tuple[str, int], list[int]] = {}
    signed = Letter.objects.filter(signed_at__isnull=False).order_by("kind", "number_year", "number")
    for kind, in_year, at in signed.values_list("kind", "number_year", "number"):
        numbers.setdefault((kind, in_year), []).append(at)
    assert {key: some for key, some in numbers.items() if some != list(range(1, len(some) + 1))} == {}
    assert {kind for kind, in_year in numbers if in_year == 2020} == set(LetterKind)
    withdrawn = Letter.objects.filter(state=LetterState.WITHDRAWN)
    assert withdrawn.exists()
    assert not withdrawn.filter(number=None).exists()


@whole_year
def test_letters_were_cured_accepted_and_escalated():
    assert set(Letter.objects.exclude(outcome="").values_list("outcome", flat=True)) == set(Outcome)
    causes = set(LetterItem.objects.values_list("cause", flat=True))
    assert {Cause.YELLOW, Cause.COURTESY, Cause.OVERDUE, Cause.UNCURED, Cause.RED, Cause.UNANSWERED} <= causes
    late = Obligation.objects.filter(kind=Owed.LETTER, state=OwedState.MET, met_on__gt=models.F("due_on"))
    assert late.exists()


def test_one_cause_gives_one_letter():
    keys = list(LetterItem.objects.exclude(key=None).values_list("key", flat=True))
    assert len(keys) == len(set(keys))
    assert IS_WHOLE is (len(keys) > 100)


def test_nobody_is_reminded_twice_a_day_or_on_a_day_off():
    calendar = use_loaded_notices()
    days = list(Round.objects.order_by("day").values_list("day", flat=True))
    assert [day for day in days if not calendar.is_workday(day)] == []
    twice = Counter(Digest.objects.values_list("round__day", "person_id", "account_id"))
    assert twice
    assert max(twice.values()) == 1


# ── evaluation ──


@whole_year
def test_the_year_is_evaluated_by_a_policy_the_head_of_the_office_adopted():
    evaluation = Evaluation.objects.select_related("plan", "policy").get()
    assert (evaluation.state, evaluation.plan.year) == ("confirmed", 2020)
    assert evaluation.policy.figures["evaluation"]["enabled"]
    assert evaluation.policy.reason
    assert evaluation.objections_until < evaluation.confirmed_at.astimezone(SHANGHAI).date() <= UNTIL
    assert LeaderRating.objects.filter(evaluation=evaluation).values("post").distinct().count() == 2
    assert HollowMark.objects.filter(lifted_at=None).count() == 1
    [intake] = evaluation.intakes.all()
    assert intake.results.exists()
    [paper] = IssuedPaper.objects.filter(kind="evaluation", subject_id=evaluation.pk)
    current = ScoreSheet.objects.filter(evaluation=evaluation, is_current=True)
    assert len(paper.data["units"]) == current.count()
    assert not current.filter(contested_at__isnull=False).exists()


@whole_year
def test_what_was_found_untrue_after_the_sheets_were_shown_is_in_the_units_final_figure():
    evaluation = Evaluation.objects.select_related("plan").get()
    [untrue] = untrue_findings(evaluation.plan, until=LAST)
    assert untrue.found_on > evaluation.until
    [unit_id] = untrue.unit_ids
    first, last = ScoreSheet.objects.filter(evaluation=evaluation, unit=unit_id).order_by("number")
    key = f"untrue-{untrue.visit_id}-{untrue.matter_id}-{unit_id}"
    counted = [[one.key for one in data_of(sheet).unit.facts if one.kind is FactKind.UNTRUE] for sheet in (first, last)]
    assert counted == [[], [key]]
    [line] = [one for one in data_of(last).scored.lines if one.kind is FactKind.UNTRUE]
    assert line.score == -3
    assert last.score < first.score
    assert (first.loses_award, last.loses_award, last.is_current) == (False, True, True)
    assert "察访核验查出不实" in last.reason
    assert last.made_at < last.agreed_at < evaluation.confirmed_at
    [paper] = IssuedPaper.objects.filter(kind="evaluation", subject_id=evaluation.pk)
    [said] = [one for one in paper.data["units"] if one["unit"] == last.unit.name]
    assert (said["score"], said["note"]) == (str(last.score), "取消评先")
    others = ScoreSheet.objects.filter(evaluation=evaluation).exclude(unit=unit_id)
    assert set(others.values_list("number", flat=True)) == {1}


@whole_year
def test_three_units_scores_of_the_year_are_recomputed_with_a_pencil_from_their_pages():
    evaluation = Evaluation.objects.get()
    client = Client()
    client.force_login(Account.objects.get(username="ducha"))
    scored = ScoreSheet.objects.filter(evaluation=evaluation, is_current=True, score__isnull=False)
    heaviest = sorted(scored, key=lambda one: -len(one.data["unit"]["facts"]))[:3]
    assert len(heaviest) == 3
    for one in heaviest:
        answer = client.get(reverse("evaluation_sheet", args=[evaluation.pk, one.unit_id]))
        shown = Page(answer.content)
        assert shown.facts()
        assert recomputed(shown, middle=evaluation.median.normalize()) == shown.figure("total") == one.score


# ── bulletins ──


@whole_year
def test_two_half_year_bulletins_and_a_special_one_were_issued():
    issued = Bulletin.objects.filter(state=BulletinState.ISSUED).order_by("total_number")
    told = [(one.kind, one.snapshot.day, one.audience, one.number_year, one.number) for one in issued]
    assert [one[:3] for one in told] == [
        ("regular", date(2020, 6, 30), "all"),
        ("special", date(2020, 8, 31), "named"),
        ("regular", date(2020, 12, 31), "all"),
    ]
    assert [one[3:] for one in told] == [(2020, 1), (2020, 2), (2021, 1)]
    assert [one.total_number for one in issued] == [1, 2, 3]
    assert set(bulletin_papers(issued)) == {one.pk for one in issued}


@whole_year
def test_every_entry_issued_has_cause_and_next_step_and_units_corrected_facts():
    entries = Citation.objects.filter(bulletin__state=BulletinState.ISSUED, left_out_reason="")
    judged = entries.filter(section__in=["criticism", "praise"])
    assert judged.exists()
    assert not judged.filter(models.Q(cause="") | models.Q(next_step="")).exists()
    assert entries.filter(section="late_report").exists()
    assert judged.exclude(cause_from="").exists(), "some causes are what units told already"
    assert Correction.objects.exclude(accepted_at=None).exists()
    assert Correction.objects.exclude(declined_at=None).exists()


@whole_year
def test_two_objections_were_decided_by_somebody_apart_one_granted():
    decided = Objection.objects.select_related(*JOINED).order_by("written_at")
    told = [(one.target, one.state, one.outcome, one.number_text) for one in decided]
    assert told == [
        ("citation", "decided", "upheld", "临江政督复〔2020〕1号"),
        ("light", "decided", "rejected", "临江政督复〔2020〕2号"),
    ]
    for one in decided:
        assert one.decided_at.astimezone(SHANGHAI).date() <= one.decide_by
        taken = recused(acted_on(one), target=Target(one.target))
        assert taken, "somebody made what was objected to"
        assert one.decided_by_account_id not in taken
    withdrawn = decided[0].citation
    assert withdrawn.withdrawn_reason == "复核支持申请（临江政督复〔2020〕1号）"
    named = {(one.matter_id, one.number) for one in named_in_bulletins(decided[0].plan)}
    assert (withdrawn.matter_id, withdrawn.bulletin.number) not in named
    assert set(review_papers(decided)) == {one.pk for one in decided}


@whole_year
def test_totals_of_a_bulletin_are_those_of_its_snapshot():
    for one in Bulletin.objects.filter(state=BulletinState.ISSUED, kind="regular"):
        said = one.frozen
        rows = SnapshotRow.objects.filter(snapshot=one.snapshot, matter__parent=None)
        assert said["total"]["total"] == rows.count()
        for name in ("by_overseer", "by_unit", "by_field"):
            assert sum(row["total"] for row in said[name]) == rows.count()
        closed = rows.filter(state=State.CLOSED).count()
        assert said["total"]["statuses"].get("done", 0) == closed


# ── interviews ──


@whole_year
def test_an_interview_was_carried_to_its_recheck_with_a_paper_and_a_day_for_each_step():
    held = list(Interview.objects.filter(held_on__isnull=False).order_by("held_on", "pk"))
    done = [one for one in held if one.outcome == TalkOutcome.MET]
    assert done
    for one in done:
        days = [one.applied_on, one.approved_on, one.notified_on, one.held_on, one.minutes_on, one.settled_on]
        assert None not in days
        assert days == sorted(days)
        assert one.rectifications.filter(paper="plan", accepted_at__isnull=False).exists()
        assert one.rectifications.filter(paper="report").exists()
        assert one.rechecks.get(result="met").checked_on == one.settled_on
    minuted = [one for one in held if one.minutes_on]
    assert set(interview_papers(minuted, PaperKind.MINUTES)) == {one.pk for one in minuted}
    assert set(interview_papers(held, PaperKind.INTERVIEW)) == {one.pk for one in held}
    assert Rectification.objects.exclude(returned_reason="").exists(), "a plan came back once"


@whole_year
def test_nobody_was_talked_with_by_a_rule_alone_and_no_ground_was_used_twice():
    applied = Event.objects.filter(name="interviews.applied")
    assert {one.actor_name for one in applied} == {Account.objects.get(username="ducha").name}
    assert not Interview.objects.filter(held_on__isnull=False, approved_at=None).exists()
    assert Dismissal.objects.exclude(reason="").exists()
    keys = list(InterviewGround.objects.values_list("plan_id", "key"))
    assert len(keys) == len(set(keys))
    assert {one.kind for one in InterviewGround.objects.all()} >= {"red"}
    proposed = {key for plan in Plan.objects.select_related("policy") for key in _proposed(plan)}
    assert proposed & {key for _, key in keys} == set()


def _proposed(plan: Plan) -> list[str]:
    return [key for one in proposals(plan, day=date(2021, 1, 31)) for key in one.keys]


# ── visits ──


@whole_year
def test_list_of_the_year_was_drawn_once_and_is_drawn_alike_again():
    draw = Draw.objects.get()
    pools = Pools(**{name: tuple(keys) for name, keys in draw.pools.items()})
    again = {one.key: [why.value for why in one.why] for one in listed_of(pools, seed=draw.seed, pct=draw.pct)}
    assert dict(DrawnMatter.objects.filter(draw=draw).values_list("key", "why")) == again
    named = Citation.objects.filter(bulletin__state=BulletinState.ISSUED, section="criticism", left_out_reason="")
    before = named.filter(bulletin__issued_on__lte=draw.as_of).exclude(matter__state=State.TERMINATED)
    on_list = set(DrawnMatter.objects.filter(draw=draw).values_list("matter_id", flat=True))
    assert set(before.values_list("matter_id", flat=True)) <= on_list
    assert any(why == ["drawn"] for why in again.values())


@whole_year
def test_everything_on_the_list_was_visited_and_all_but_one_found_true():
    visits = Visit.objects.filter(kind=VisitKind.VERIFICATION)
    assert set(visits.values_list("state", flat=True)) == {VisitState.CONCLUDED}
    on_list = set(DrawnMatter.objects.values_list("matter_id", flat=True))
    assert set(VisitItem.objects.filter(visit__in=visits).values_list("matter_id", flat=True)) == on_list
    [untrue] = untrue_findings(visits[0].plan, until=LAST)
    matter = Matter.objects.get(pk=untrue.matter_id)
    assert (matter.untrue_on, matter.state) == (untrue.found_on, State.CARRIED_OVER), "it goes on in the next year"
    assert matter.first_closed_on is not None, "it had been closed, and was reopened"
    turn = LightTurn.objects.filter(matter=matter, light=Light.RED).order_by("day").last()
    confirmed = Visit.objects.get(pk=untrue.visit_id).confirmed_at.astimezone(SHANGHAI).date()
    assert turn.day == confirmed
    assert Finding.objects.filter(result=Result.UNTRUE).count() == 1
    row = VisitRectification.objects.get()
    assert (row.visit_id, row.state) == (untrue.visit_id, "under_way")
    owed = Obligation.objects.filter(subject_type="visit", subject_id=row.visit_id)
    assert dict(owed.values_list("kind", "state")) == {"rectify_plan": "met", "rectified": "open"}


@whole_year
def test_routine_visits_were_planned_and_kept_within_the_budget():
    assert PlannedCheck.objects.filter(approval=None).count() == 0
    routine = Visit.objects.filter(kind=VisitKind.ROUTINE)
    assert routine.exclude(state=VisitState.CONCLUDED).count() == 0
    assert routine.count() >= 6
    units = list(Visit.units.through.objects.values_list("unit_id", flat=True).distinct())
    times = Counter((one.unit_id, one.first_on.year) for one in callings_of(units, years=[2020, 2021]))
    assert max(times.values()) <= routine[0].plan.policy.values()["visits"]["unit_times"]


# ── the year's end ──


@whole_year
def test_the_year_is_closed_and_its_archive_is_whole():
    plan = Plan.objects.get(year=2020)
    assert (plan.closed_at.astimezone(SHANGHAI).date(), open_counts(plan)) == (
        date(2021, 1, 29),
        dict.fromkeys(Open, 0),
    )
    archive = Archive.objects.get()
    assert (archive.state, archive.is_final, archive.missing) == ("done", True, [])
    with path_of(archive.digest).open("rb") as content:
        found = check_archive(content)
        assert dangling(content) == []
    assert (found.problems, found.files) == ([], archive.files)
    assert found.files > 700
    carried = Matter.objects.filter(carried_from__plan=plan)
    assert carried.count() == Matter.objects.filter(plan=plan, state=State.CARRIED_OVER).count()
    assert not carried.filter(state=State.REGISTERED).exists()


# ── nothing is left lying ──


def test_every_job_ran_once_on_each_of_its_days():
    assert set(Task.objects.values_list("state", flat=True)) == {TaskState.DONE}
    ran = Counter(Task.objects.filter(due_on__isnull=False).values_list("name", "due_on"))
    days = [FIRST + timedelta(days=number) for number in range((UNTIL - FIRST).days + 1)]
    wanted = Counter(
        (job.name, day) for job in SCHEDULE for day in days if job.weekday is None or job.weekday == day.weekday()
    )
    assert ran == wanted
    assert list(DailyRound.objects.order_by("day").values_list("day", flat=True)) == days


def test_nothing_is_owed_on_matters_that_are_over():
    over = (State.CLOSED, State.TERMINATED, State.CARRIED_OVER)
    left = Obligation.objects.filter(matter__state__in=over, state=OwedState.OPEN)
    still = left.exclude(kind__in=(Owed.INSTRUCTION, Owed.DECISION))  # what a leader or a meeting said stays owed
    assert list(still.values_list("matter__serial", "kind", "due_on")) == []


# ── the pages have it ──


def signed_in(username: str) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(Account.objects.get(username=username))
    return client


@pytest.mark.parametrize("username", [username for username, _ in YEAR_ACCOUNTS])
def test_every_role_has_an_account_whose_first_page_opens(username):
    assert Account.objects.get(username=username).check_password(PASSWORD)
    if not IS_WHOLE and username in ("quling", "mishu"):
        assert date(2020, 2, 3) <= UNTIL
    response = signed_in(username).get(reverse("home"), follow=True)
    assert response.status_code == 200


def test_every_coloured_light_says_why_since_when_what_cures_it_and_what_comes():
    coloured = Matter.objects.filter(light__in=[Light.YELLOW, Light.RED]).order_by("pk")
    assert coloured.exists() or IS_WHOLE  # the year is closed, and the next one has hardly begun
    client = signed_in("ducha")
    silent = []
    for matter in coloured:
        page = client.get(reverse("matter", args=[matter.pk])).content.decode()
        panel = re.search(r'<section class="panel" id="light">.*?</section>', page, re.DOTALL)
        row = panel and re.search(
            r"<tbody><tr><td>.*?</td><td[^>]*>([^<]+)</td><td[^>]*>([^<]+)</td>", panel[0], re.DOTALL
        )
        following = panel and re.search(r'<ul class="light-next"><li.*?>.+?</li>', panel[0], re.DOTALL)
        if not (row and row[1].strip() and row[2].strip() and following):
            silent.append((matter.serial, matter.light))
    assert silent == []


def test_events_are_told_without_keys_and_have_a_fingerprint():
    told = events_for_comparison()
    assert len(told) == Event.objects.count()
    assert fingerprint(told) == fingerprint(list(told))
    assert not any(re.search(r'"(unit_id|unit_ids|post_ids|digest|lot_seed)"', one) for one in told)
