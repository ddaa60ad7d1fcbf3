"""今日工作: what an office finds in the morning, each role its own, in the order of urgency."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from duban.access.models import Account
from duban.changes.actions import Wish, ask_change
from duban.core.actor import SYSTEM
from duban.core.clock import SHANGHAI
from duban.jobs.models import Task
from duban.letters.actions import AnsweredMatter, answer_letter, present_letter, sign_letter
from duban.letters.rules import LetterKind
from duban.lights.actions import override_light, tick
from duban.matters.actions import Behalf, NewOverseer, acknowledge, ask_to_close, create_plan, refuse, suspend
from duban.matters.models import Matter
from duban.matters.rules import ChangeKind, Channel, Forecast, Kind, Light, Part
from duban.obstacles.actions import raise_obstacle
from duban.orgs.models import Jurisdiction
from duban.progress.actions import Said, enter_progress, propose_schedule_nodes
from duban.progress.rules import Node
from tests.conftest import holder
from tests.letters.builders import letter_of, sent_out, signer, staff
from tests.letters.test_actions import by_hand
from tests.matters.builders import World, usual_world
from tests.reports.builders import sent
from tests.web.closing_doors import closing_step
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db

LAST_NODE = Node(date(2020, 12, 31), "全部完成", Decimal(100))


def at(day: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02}:00").replace(tzinfo=SHANGHAI)


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now)


@pytest.fixture
def on(monkeypatch):
    """Go to a day: the rounds until then are made, and the pages show it."""

    def go(day: str):
        tick(date.fromisoformat(day), by=SYSTEM, now=at(day, 1))
        set_clock(monkeypatch, at(day))

    return go


def visitor(world, who="officer"):
    """The same person, signed in anew: between two days of a test every session ends."""
    if not Account.objects.filter(username=who).exists():
        return signed_in(world, who)
    client = Client()
    client.force_login(Account.objects.get(username=who), backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(world, who="officer", name="morning"):
    answer = visitor(world, who).get(reverse(name))
    assert answer.status_code == 200
    return answer


def section(world, key, who="officer"):
    """The queue of one kind on somebody's page; None where nothing of it waits."""
    return next((one.queue for one in shown(world, who).context["sections"] if one.key == key), None)


def lines(world, key, who="officer"):
    queue = section(world, key, who)
    return [(one.serial, one.unit, one.action) for one in queue.lines] if queue else []


def long_matter(world, serial="1", **more):
    """A year's matter; if nothing is said it is yellow from 7 February 2020 on, a Friday."""
    more = {"starts_on": date(2020, 1, 1), "due_on": date(2020, 12, 31), "kind": Kind.QUANTIFIED, **more}
    return world.started(serial=serial, **more)


def say(world, matter, pct, *, when, forecast=""):
    said = Said(pct=Decimal(pct), forecast=forecast)
    enter_progress(matter, unit=world.unit("教育局"), said=said, by=world.liaison("教育局"), now=when)


# ---- whose page it is


@pytest.mark.parametrize("who", ["officer", "office_head", "director", "deputy_director"])
def test_who_works_at_the_office_begins_here(world, who):
    client = visitor(world, who)
    assert client.get(reverse("home")).url == reverse("morning")
    page = shown(world, who).content.decode()
    assert "今日工作" in page
    assert reverse("my_desk") not in page


@pytest.mark.parametrize(("who", "home"), [("leader", "my_desk"), ("联络员 教育局", "my_desk")])
def test_leaders_and_units_keep_their_desk(world, who, home):
    assert visitor(world, who).get(reverse("home")).url == reverse(home)
    assert visitor(world, who).get(reverse("morning")).status_code == 403


def test_a_directors_page_is_what_waits_for_the_directors_signature(world, now):
    matter = world.started(serial="1")
    wish = Wish(ChangeKind.EXTEND, "用地未批", "尚未开工", due_on=date(2021, 1, 31))
    ask_change(matter, unit=world.unit("教育局"), wish=wish, by=world.liaison("教育局"), now=now)
    propose_schedule_nodes(matter, nodes=[LAST_NODE], version=0, by=world.liaison("教育局"), now=now)
    keys = {
        who: [one.key for one in shown(world, who).context["sections"]]
        for who in ("officer", "office_head", "director", "deputy_director")
    }
    assert keys == {
        "officer": ["schedules"],
        "office_head": ["changes", "schedules"],
        "director": ["changes"],
        "deputy_director": [],
    }
    assert "没有等您签批的事" in shown(world, "deputy_director").content.decode()
    assert "单位应办" not in shown(world, "director").content.decode()


def test_nothing_is_shown_of_another_county(world, on, now):
    place = Jurisdiction.objects.create(level="county", name="临江市江北区", short_name="江北区")
    others = [holder(role, jurisdiction=place) for role in ("officer", "office_head")]
    long_matter(usual_world(place, *others, now))
    on("2020-02-06")
    on("2020-02-07")
    context = shown(world).context
    assert (context["sections"], context["due"]) == ([], [])


# ---- the day


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2020-02-03", "工作日"),
        ("2020-04-06", "今日为节假日，4月7日（周二）上班"),
        ("2020-06-20", "今日为休息日，6月22日（周一）上班"),
        ("2020-06-28", "调休上班"),
    ],
)
def test_page_says_what_kind_of_day_it_is(world, on, day, words):
    on(day)
    assert shown(world).context["day"] == words


def test_page_says_which_round_it_shows(world, on, monkeypatch):
    assert shown(world).context["round"].text == "灯色还没有刷新过"
    on("2020-02-04")
    said = shown(world).context["round"]
    assert (said.text, said.is_behind) == ("灯色截至今天 01:00", False)
    set_clock(monkeypatch, at("2020-02-06"))
    said = shown(world).context["round"]
    assert (said.text, said.is_behind) == ("灯色截至2月4日，今天的刷新还没有完成", True)


def test_what_failed_is_one_line(world):
    assert "没有办成" not in shown(world).content.decode()
    Task.objects.create(path="duban.worker.schedule.run_job", label="刷新灯色", state="dead")
    page = shown(world).content.decode()
    assert "1 项后台任务没有办成。请告诉系统管理员。" in page
    assert reverse("operations") not in page
    assert "没有办成" not in shown(world, "director").content.decode()


# ---- lights


def test_on_monday_what_turned_since_friday_is_shown_red_first(world, on, now):
    for serial, pct in (("1", "2"), ("2", "2.3"), ("3", "2.5")):  # yellow on Friday, Saturday, Sunday
        say(world, long_matter(world, serial), pct, when=now)
    worse = long_matter(world, "4")
    say(world, worse, "50", when=now)
    on("2020-02-13")
    on("2020-02-14")
    assert lines(world, "lights") == [("1", "教育局", "看原因")]
    say(world, worse, "51", when=at("2020-02-14", 17), forecast=Forecast.UNLIKELY)
    on("2020-02-17")
    queue = section(world, "lights")
    assert [(one.serial, one.light) for one in queue.lines] == [("4", "red"), ("3", "yellow"), ("2", "yellow")]
    assert queue.note == "红灯 1，黄灯 2"
    assert queue.lines[1].note.startswith("落后序时进度 10")
    assert queue.lines[1].address == f"{reverse('matter', args=[Matter.objects.get(serial='3').pk])}#light"
    on("2020-02-18")
    assert section(world, "lights") is None


def test_what_was_judged_again_that_day_and_stayed_is_no_news(world, on, now):
    matter = long_matter(world)
    say(world, matter, "2", when=now)
    on("2020-02-14")  # yellow by the round of this Friday
    say(world, matter, "2", when=at("2020-02-14", 15))
    on("2020-02-17")
    assert section(world, "lights") is None
    say(world, matter, "2.2", when=at("2020-02-17", 15), forecast=Forecast.UNLIKELY)
    on("2020-02-18")
    assert [one.light for one in section(world, "lights").lines] == ["red"]


def test_a_light_that_got_better_again_is_no_news(world, on):
    matter = long_matter(world)
    on("2020-02-06")
    on("2020-02-07")
    assert [one.light for one in section(world, "lights").lines] == ["yellow"]
    say(world, matter, "60", when=at("2020-02-07", 10))
    assert section(world, "lights") is None


def test_what_the_office_shows_instead_counts(world, on):
    matter = long_matter(world)
    on("2020-02-06")
    on("2020-02-07")
    matter.refresh_from_db()
    override_light(matter, light=Light.GREEN, reason="进度数据滞后。", by=world.office_head, now=at("2020-02-07"))
    assert section(world, "lights") is None


def test_the_whole_list_is_the_ledger_with_the_same_matters(world, on):
    for number in range(7):
        long_matter(world, str(number + 1))
    say(world, long_matter(world, "9"), "60", when=at("2020-02-03"))
    on("2020-02-06")
    on("2020-02-07")
    queue = section(world, "lights")
    assert (len(queue.lines), queue.count, queue.note) == (5, 7, "黄灯 7")
    [(_, address)] = queue.ways
    page = visitor(world).get(address)
    assert page.context["found"].total == 7
    assert "灯色转差：2020年2月6日以来" in page.content.decode()


# ---- letters


def letters_in_every_hand(world):
    """Two go out, one of them late by 14 February; the others wait for a signature, to be issued, to be judged."""
    names = ("late", "in time", "head signs", "director signs", "drafted", "signed", "answered")
    units = dict(zip(names, ("教育局", "交通局", "住建局", "卫健局", "财政局", "水利局", "民政局"), strict=True))
    for name in ("late", "in time", "answered"):
        staff(world, units[name])
    made, matters = {}, {}
    for number, (name, unit) in enumerate(units.items(), 1):
        kind = LetterKind.SUPERVISE if name == "director signs" else LetterKind.REMIND
        matters[name] = world.assigned(serial=str(number), leads=(unit,))
        urgent = {"is_urgent": kind is LetterKind.SUPERVISE}
        made[name] = by_hand(world, kind, matters[name], unit=world.unit(unit), **urgent)
    for name in ("head signs", "director signs"):
        present_letter(made[name], by=world.officer, now=at("2020-02-06", 12))
    sign_letter(made["signed"], by=signer(world, "office_head"), now=at("2020-02-06", 12))
    for name, day in (("late", "2020-02-06"), ("in time", "2020-02-13"), ("answered", "2020-02-06")):
        sent_out(world, letter_of(pk=made[name].pk), on=day)
    answer_letter(
        letter_of(pk=made["answered"].pk),
        lines=[AnsweredMatter(matters["answered"].pk, "三月复工。")],
        by=world.liaison(units["answered"]),
        now=at("2020-02-07"),
    )
    return {one.pk: name for name, one in made.items()}


def letters_of(page):
    return {one.key: one.queue for one in page.context["sections"] if one.key.startswith("letters-")}


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (
            "office_head",
            {"to_sign": "head signs", "overdue": "late", "answers_in": "answered", "to_issue": "signed"}
            | {"to_handle": "drafted"},
        ),
        ("director", {"to_sign": "director signs"}),
    ],
)
def test_letters_lead_to_the_queue_with_the_same_letters(world, monkeypatch, who, expected):
    named = letters_in_every_hand(world)
    set_clock(monkeypatch, at("2020-02-14"))
    queues = letters_of(shown(world, who))
    found = {}
    for key, queue in queues.items():
        [(_, address)] = queue.ways
        page = visitor(world, who).get(address)
        found[key.removeprefix("letters-")] = "、".join(named[row["letter"].pk] for row in page.context["rows"])
        assert queue.count == page.context["page"].paginator.count == len(page.context["rows"])
        assert [one.address for one in queue.lines] == [
            reverse("letter", args=[row["letter"].pk]) for row in page.context["rows"]
        ]
    assert found == expected


def test_what_a_letter_queue_is_narrowed_to_is_said_and_can_be_undone(world, monkeypatch):
    letters_in_every_hand(world)
    set_clock(monkeypatch, at("2020-02-14"))
    client = visitor(world, "office_head")
    page = client.get(letters_of(shown(world, "office_head"))["letters-overdue"].ways[0][1])
    assert 'name="late" value="1" checked' in page.content.decode()
    assert len(client.get(f"{reverse('letters')}?tab=issued").context["rows"]) == 2
    assert len(client.get(f"{reverse('letters')}?tab=issued&mine=1").context["rows"]) == 2  # of another tab


def test_letters_of_last_years_ledger_still_wait(world, monkeypatch):
    letters_in_every_hand(world)
    create_plan(world.county, year=2021, title="2021年度台账", settings=[], by=SYSTEM, now=at("2021-01-04"))
    set_clock(monkeypatch, at("2021-01-08"))
    queue = letters_of(shown(world, "office_head"))["letters-overdue"]
    assert queue.count == 2
    assert len(visitor(world, "office_head").get(queue.ways[0][1]).context["rows"]) == 2


# ---- what waits


def test_what_waits_in_several_ledgers_leads_to_each(world, now):
    plan = create_plan(world.county, year=2021, title="2021年度台账", settings=[], by=SYSTEM, now=now)
    for there, serials in ((world, ("1", "2")), (replace(world, plan=plan), ("3",))):
        for serial in serials:
            matter = there.assigned(serial=serial, leads=("交通局",))
            refuse(matter.assignments.get(), reason="不属本单位职责", by=world.liaison("交通局"), now=now)
    queue = section(world, "refusals")
    assert (queue.count, [words for words, _ in queue.ways]) == (3, ["2020年度 2 项", "2021年度 1 项"])
    client = visitor(world)
    found = [[row.serial for row in client.get(address).context["found"].rows] for _, address in queue.ways]
    assert found == [["1", "2"], ["3"]]


def test_what_was_given_back_waits_for_a_decision(world, now):
    matter = world.assigned(serial="3", leads=("教育局", "交通局"))
    for name in ("教育局", "交通局"):
        refuse(matter.assignments.get(unit__name=name), reason="不属本单位职责", by=world.liaison(name), now=now)
    queue = section(world, "refusals")
    assert [(one.unit, one.address) for one in queue.lines] == [
        (name, f"{reverse('matter', args=[matter.pk])}#steps") for name in ("教育局", "交通局")
    ]
    assert queue.lines[0].note == "退回理由：不属本单位职责"
    page = visitor(world).get(queue.ways[0][1])
    assert [row.serial for row in page.context["found"].rows] == ["3"]


def test_difficulties_stand_by_the_day_an_answer_is_owed(world, now, monkeypatch):
    post = world.post(None, "副区长", "吴一", kind="leader")
    words = {"need": "请协调。", "behalf": Behalf(Channel.TELEPHONE, "周二"), "by": world.officer}
    matter = world.started(serial="1", supports=("住建局",), overseers=[NewOverseer(post)])
    asked, later = {"unit": world.unit("住建局"), "to": world.unit("教育局")}, now + timedelta(days=1)
    raise_obstacle(matter, problem="后提出。", now=later, **asked, **words)
    raise_obstacle(matter, problem="先提出。", now=now, **asked, **words)
    raise_obstacle(matter, unit=world.unit("教育局"), problem="请领导。", to=post, now=now, **words)
    set_clock(monkeypatch, at("2020-03-20"))
    queue = section(world, "obstacles")
    assert [(one.text, one.action) for one in queue.lines] == [
        ("先提出。", "提请领导"),
        ("后提出。", "提请领导"),
        ("请领导。", "协调"),
    ]
    assert (queue.count, queue.note) == (3, "其中逾期 2 件")
    page = visitor(world).get(queue.ways[0][1])
    assert page.context["tabs"][0] == ("open", "待答复", 3)


def test_sections_stand_in_the_order_of_urgency_and_the_rest_is_one_quiet_line(world, now):
    first, second = world.started(serial="1"), world.started(serial="2", supports=("住建局",))
    propose_schedule_nodes(first, nodes=[LAST_NODE], version=0, by=world.liaison("教育局"), now=now)
    raise_obstacle(
        second,
        unit=world.unit("住建局"),
        problem="资金缺口。",
        need="请协调。",
        to=world.unit("教育局"),
        behalf=Behalf(Channel.TELEPHONE, "周二"),
        by=world.officer,
        now=now,
    )
    closing_step(signed_in(world, "主要负责人 教育局"), first, "ask")
    page = shown(world)
    assert [one.key for one in page.context["sections"]] == ["obstacles", "closing"]
    quiet = page.context["quiet"]
    assert (quiet[0], quiet[-1]) == ("灯色转差", "进度安排待核定")
    assert f"没有：{'、'.join(quiet)}" in page.content.decode()


def test_reports_are_one_line_a_day(world, now, monkeypatch):
    for number in range(7):
        sent(world, world.started(serial=str(number + 1)), now=now)
    queue = section(world, "reports")
    assert (len(queue.lines), queue.count, queue.lines[0].text) == (1, 7, "6月20日报告 7 份待审核")


# ---- what units owe


def test_what_units_owe_stands_by_day_and_kind_with_their_names(world, monkeypatch):
    for number, name in enumerate(("教育局", "交通局", "住建局", "卫健局", "财政局")):
        matter = world.assigned(serial=str(number + 1), leads=(name,))
        acknowledge(world.unit(name), plan=world.plan, by=world.officer, now=world.now, matters=[matter])
    world.assigned(serial="8", leads=("水利局",))
    set_clock(monkeypatch, at("2020-06-18"))
    days = shown(world).context["due"]
    assert [(one.day, [(kind.what, kind.count) for kind in one.kinds]) for one in days] == [
        (None, [("签收", 1), ("明确分管领导和联络员", 6)]),
        (date(2020, 6, 20), [("报送完成情况", 6)]),
    ]
    reports = days[1].kinds[0]
    assert ([one.name for one in reports.named], reports.is_shortened, len(reports.units)) == (
        ["教育局", "交通局", "住建局", "卫健局"],
        True,
        6,
    )
    assert reports.address == f"{reverse('reports')}?plan={world.plan.pk}&day=2020-06-20&state=none"
    assert visitor(world).get(reports.address).status_code == 200
    page = shown(world).content.decode()
    assert "后天" in page
    assert "水利局" in shown(world, name="morning_due").content.decode()


def test_nothing_is_asked_of_who_is_paused_or_verified(world, now, monkeypatch):
    paused, verified = world.started(serial="1"), world.started(serial="2")
    set_clock(monkeypatch, at("2020-12-31"))

    def kinds():
        return {one.what: one.count for day in shown(world).context["due"] for one in day.kinds}

    assert kinds()["办结时限"] == 2
    suspend(paused, reason="上级要求暂缓", approval=world.approval(), by=world.office_head, now=now)
    assert (kinds()["办结时限"], kinds()["报送完成情况"]) == (1, 2)
    ask_to_close(verified, statement="已经全部建成。", by=world.officer, now=now)
    assert ("办结时限" in kinds(), kinds()["报送完成情况"]) == (False, 2)


def test_one_node_leads_to_its_matter_and_many_to_all_that_is_due(world, monkeypatch):
    matter = world.started(serial="1")
    set_clock(monkeypatch, at("2020-12-31"))

    def finals():
        return next(
            kind for day in shown(world).context["due"] if day.day for kind in day.kinds if kind.what == "办结时限"
        )

    assert finals().address == reverse("matter", args=[matter.pk])
    world.started(serial="2")
    assert finals().address == f"{reverse('morning_due')}#2020-12-31"
    assert 'id="2020-12-31"' in shown(world, name="morning_due").content.decode()


def test_a_difficulty_stands_once_on_the_page_and_by_unit_on_the_page_of_all_that_is_due(world, now, monkeypatch):
    raise_obstacle(
        world.started(serial="1", supports=("住建局",)),
        unit=world.unit("住建局"),
        problem="资金缺口。",
        need="请协调。",
        to=world.unit("教育局"),
        behalf=Behalf(Channel.TELEPHONE, "周二"),
        by=world.officer,
        now=now,
    )
    due_on = section(world, "obstacles").lines[0].due_on

    def by_unit(name):
        page = shown(world, name=name)
        days = page.context["due" if name == "morning" else "days"]
        return [(day.day, kind.units[0].name) for day in days for kind in day.kinds if kind.what == "答复困难问题"]

    for today, stands_under in ((due_on, due_on), (due_on + timedelta(days=30), None)):
        set_clock(monkeypatch, at(today.isoformat()))
        assert section(world, "obstacles").count == 1
        assert (by_unit("morning"), by_unit("morning_due")) == ([], [(stands_under, "教育局")])


# ---- what it costs


@pytest.mark.parametrize("number", [1, 7])
def test_page_costs_the_same_however_much_waits(world, on, now, number):
    def let_wait(one):
        matter = long_matter(world, str(one))
        refused = world.assigned(serial=f"2{one}", leads=("交通局",))
        refuse(refused.assignments.get(part=Part.LEAD), reason="不属职责", by=world.liaison("交通局"), now=now)
        propose_schedule_nodes(
            matter,
            nodes=[LAST_NODE],
            version=0,
            by=world.liaison("教育局"),
            now=now,
        )
        wish = Wish(ChangeKind.EXTEND, "用地未批", "尚未开工", due_on=date(2021, 1, 31))
        ask_change(matter, unit=world.unit("教育局"), wish=wish, by=world.liaison("教育局"), now=now)
        raise_obstacle(
            matter,
            unit=world.unit("教育局"),
            problem=f"第{one}个问题。",
            need="请协调。",
            to=world.unit("交通局"),
            behalf=Behalf(Channel.TELEPHONE, "周二"),
            by=world.officer,
            now=now,
        )
        closing_step(visitor(world, "主要负责人 教育局"), long_matter(world, f"3{one}"), "ask")
        sent(world, long_matter(world, f"4{one}"), now=now)
        by_hand(world, LetterKind.REMIND, matter)

    for one in range(number):
        let_wait(one)
    on("2020-02-06")
    on("2020-02-07")
    client = visitor(world, "office_head")
    client.get(reverse("morning"))
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("morning"))
    counts = {one.key: one.queue.count for one in page.context["sections"]}
    assert counts == {
        "lights": 2 * number,
        "letters-to_handle": number,
        "obstacles": number,
        "refusals": number,
        "changes": number,
        "closing": number,
        "reports": number,
        "schedules": number,
    }
    assert len(queries) == PAGE_QUERIES


PAGE_QUERIES = 32
"""Four to know who asks, one for the plans; one for each of nine kinds, for lights three more; two each for letters,
for bulletins, interviews and for what units owe; four for the round, what failed and messages."""
