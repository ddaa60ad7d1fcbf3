"""The page on which a request to close is filled in, signed, verified and decided; the office's queue."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from duban.access.models import Account
from duban.audit.models import Event
from duban.closing.models import Closure
from duban.core.actor import Actor, Held
from duban.matters.actions import NewOverseer, NewTarget, terminate
from duban.matters.models import Matter
from duban.matters.rules import Sense
from duban.obstacles.models import Obstacle
from duban.orgs.models import Appointment, Person
from duban.orgs.queries import actor_of
from duban.progress.actions import Said, enter_progress
from duban.reports.models import Report
from duban.web.closing import office_queue, waiting
from duban.web.waiting import office_of
from tests.closing.builders import TEXT, leader_of
from tests.matters.builders import World, usual_world
from tests.reports.builders import sent
from tests.web.closing_doors import closing_page, closing_step
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now)


def text_of(response) -> str:
    return response.content.decode()


def started(world, *, leader=None, **more):
    overseers = [NewOverseer(leader)] if leader else []
    return world.started(**{"text": TEXT, "serial": "7", "overseers": overseers, **more})


def as_leader(world, post, *, username="leader") -> Client:
    account = Account.objects.create(username=username, name="吴一", created_at=world.now, password="!")
    person = Appointment.objects.get(post=post).person
    Person.objects.filter(pk=person.pk).update(account=account)
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def actor(client, now) -> Actor:
    session = Session.objects.get(session_key=client.session.session_key).get_decoded()
    return actor_of(Account.objects.get(pk=session["_auth_user_id"]), on=now.date())


def waits(client, now):
    who, today = actor(client, now), now.date()
    found = waiting(who, today=today) + office_queue(office_of(who, today=today, most=5)).lines
    return [(one.waits.value, one.action, one.serial) for one in found]


def test_the_whole_chain_each_with_one_step_of_their_own(world, now):
    post = leader_of(world)
    matter = started(world, leader=post, supports=("住建局",))
    liaison, principal = signed_in(world, "联络员 教育局"), signed_in(world, "主要负责人 教育局")
    leader, officer, head = as_leader(world, post), signed_in(world, "officer"), signed_in(world, "office_head")
    people = [liaison, principal, leader, officer, head]

    def who_is_waited_for():
        return [[one[1] for one in waits(client, now)] for client in people]

    assert closing_page(matter) in text_of(liaison.get(reverse("matter", args=[matter.pk])))
    assert who_is_waited_for() == [[], [], [], [], []]
    steps = [
        (liaison, "prepare", {}, [[], ["审签"], [], [], []]),
        (principal, "send-back", {"reasons": "补充验收情况"}, [["修改"], ["修改"], [], [], []]),
        (liaison, "prepare", {}, [[], ["审签"], [], [], []]),
        (principal, "ask", {}, [[], [], ["签批"], [], []]),
        (leader, "decline", {"reasons": "未见验收"}, [["重报"], ["重报"], [], [], []]),
        (principal, "ask", {}, [[], [], ["签批"], [], []]),
        (leader, "agree", {"opinion": "同意"}, [[], [], [], ["核验"], ["核验"]]),
        (officer, "verify", {}, [[], [], [], [], ["审定"]]),
        (head, "return", {"reasons": "缺少决算"}, [["重报"], ["重报"], [], [], []]),
        (principal, "ask", {}, [[], [], ["签批"], [], []]),
        (leader, "agree", {}, [[], [], [], ["核验"], ["核验"]]),
        (officer, "verify", {}, [[], [], [], [], ["审定"]]),
        (head, "grant", {"conclusion": "要求均已达到。"}, [[], [], [], [], []]),
    ]
    for client, name, posted, waited in steps:
        page = text_of(client.get(closing_page(matter)))
        assert len(re.findall(r'class="btn btn-primary"', page)) == 1, name
        response = closing_step(client, matter, name, **posted)
        assert (name, response.status_code) == (name, 302)
        assert (name, who_is_waited_for()) == (name, waited)
    matter.refresh_from_db()
    assert matter.state == "closed"
    history = text_of(officer.get(reverse("matter", args=[matter.pk])))
    for words in (
        "联络员 教育局将教育局的销号申请送主要负责人审签，2 项要求完成 2 项。",
        "主要负责人 教育局将教育局的销号申请退回修改：补充验收情况。",
        "主要负责人 教育局申请销号：2 项要求均已完成，详见销号清单。",
        "✓ 新建小学1所：已经全部完成",
        "吴一不同意销号，退回申请：未见验收。",
        "吴一签批同意销号：同意。",
        "officer登记现场核验情况（officer，2020年2月3日）：已到现场看过。",
        "office_head退回销号申请：缺少决算。",
        "office_head准予销号，核验结论：要求均已达到。",
    ):
        assert words in history
    support = text_of(signed_in(world, "联络员 住建局").get(reverse("matter", args=[matter.pk])))
    assert "送主要负责人审签" not in support
    assert "退回修改" not in support


def test_form_begins_with_what_was_reported(world, now):
    target = NewTarget("1.61万人", 16100, None, "人", Sense.EQUAL, "城镇新增就业")
    matter = started(world, text="城镇新增就业1.61万人；改造校舍2栋。", targets=[target])
    said = Said(figures={matter.targets.get().pk: "1.61万"}, sentence="改造校舍2栋已经完工；城镇新增就业提前完成。")
    enter_progress(matter, unit=world.unit("教育局"), said=said, by=world.liaison("教育局"), now=now)
    lines = signed_in(world, "联络员 教育局").get(closing_page(matter)).context["lines"]
    assert [(one["text"], one["is_done"], one["how"]) for one in lines] == [
        ("城镇新增就业1.61万人", False, "城镇新增就业提前完成"),
        ("改造校舍2栋", False, "改造校舍2栋已经完工"),
        ("城镇新增就业 1.61万人", True, "现为 16,100 人，已达到"),
    ]


def test_a_single_element_begins_with_the_last_sentence_whatever_it_shares(world, now):
    matter = started(world, text="推进扫黑除恶。")
    for sentence in ("开展排查。", "破获案件三起。"):
        said = Said(sentence=sentence)
        enter_progress(matter, unit=world.unit("教育局"), said=said, by=world.liaison("教育局"), now=now)
    [line] = signed_in(world, "联络员 教育局").get(closing_page(matter)).context["lines"]
    assert (line["how"], line["is_proposed"], line["is_done"]) == ("破获案件三起。", True, False)


def test_form_takes_what_an_accepted_report_said(world, now):
    matter = started(world)
    text = "新建小学1所已经竣工验收；改造校舍正在施工。"
    report = sent(world, matter, text=text, now=now, reason_outside="只有这些")
    client = signed_in(world, "联络员 教育局")
    assert [one["how"] for one in client.get(closing_page(matter)).context["lines"]] == ["", ""]
    Report.objects.filter(pk=report.pk).update(state="accepted", accepted_at=now, accepted_by_name="督查员甲")
    lines = client.get(closing_page(matter)).context["lines"]
    assert [one["how"] for one in lines] == ["新建小学1所已经竣工验收", "改造校舍正在施工"]


@pytest.mark.parametrize("wrong", [{"how": ""}, {"how": "字" * 101}, {"statement": "好"}])
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(world, wrong):
    matter = started(world)
    client = signed_in(world, "主要负责人 教育局")
    keys = [one["key"] for one in client.get(closing_page(matter)).context["lines"]]
    posted = {f"how-{keys[0]}": "主体封顶", f"how-{keys[1]}": wrong.get("how", "全部改造完"), "done": keys[0]}
    answer = closing_step(client, matter, "ask", **posted, statement=wrong.get("statement", "总的情况说明"))
    page = text_of(answer)
    assert answer.status_code == 400
    assert 'role="alert"' in page
    assert 'value="主体封顶"' in page
    assert f'value="{wrong.get("how", "全部改造完")}"' in page
    assert f">{wrong.get('statement', '总的情况说明')}</textarea>" in page
    ticked = re.findall(r'name="done" value="(\w+)" checked', page)
    assert ticked == [keys[0]]
    assert Closure.objects.count() == 0


def test_second_writer_sees_both_versions(world):
    matter = started(world)
    liaison, principal = signed_in(world, "联络员 教育局"), signed_in(world, "主要负责人 教育局")
    keys = [one["key"] for one in liaison.get(closing_page(matter)).context["lines"]]
    mine = {f"how-{key}": "乙写的" for key in keys} | {"version": 0, "statement": "乙的说明"}
    closing_step(liaison, matter, "prepare", statement="甲的说明", **{f"how-{key}": "甲写的" for key in keys})
    answer = closing_step(principal, matter, "ask", **mine)
    page = text_of(answer)
    assert answer.status_code == 409
    assert page.count("他人填的：已完成；甲写的") == 2
    assert "他人填的：甲的说明" in page
    assert page.count('value="乙写的"') == 2
    assert 'name="version" value="1"' in page
    assert closing_step(principal, matter, "ask", **{**mine, "version": 1}).status_code == 302


def test_second_officer_sees_the_first_ones_findings(world):
    matter = started(world)
    closing_step(signed_in(world, "主要负责人 教育局"), matter, "ask")
    first, second = signed_in(world, "officer"), signed_in(world, "office_head")
    closing_step(first, matter, "verify", findings="甲看过")
    answer = closing_step(second, matter, "verify", findings="乙看过", version=1)
    assert answer.status_code == 409
    assert "他人登记的：甲看过" in text_of(answer)
    assert ">乙看过</textarea>" in text_of(answer)


def test_who_has_no_part_in_it_finds_nothing(world):
    matter = started(world, supports=("住建局",), leads=("教育局", "财政局"))
    closing_step(signed_in(world, "主要负责人 教育局"), matter, "ask")
    before = Event.objects.filter(name="access.refused").count()
    strangers = [
        signed_in(world, who) for who in ("联络员 住建局", "主要负责人 财政局", "联络员 交通局", "audit_admin")
    ]
    for stranger in strangers:
        assert stranger.get(closing_page(matter)).status_code == 404
        assert stranger.post(closing_page(matter), {"step": "ask"}).status_code == 404
    assert Event.objects.filter(name="access.refused").count() == before + 8
    director = signed_in(world, "director")
    assert director.get(closing_page(matter)).status_code == 200
    assert director.post(closing_page(matter), {"step": "return", "reasons": "缺验收"}).status_code == 403
    liaison = signed_in(world, "联络员 教育局")
    for step in ("verify", "grant", "return", "agree"):
        posted = {"step": step, "findings": "属实", "method": "documents", "conclusion": "属实", "reasons": "退回吧"}
        assert liaison.post(closing_page(matter), posted).status_code == 403
    assert (
        signed_in(world, "officer").post(closing_page(matter), {"step": "return", "reasons": "退回"}).status_code == 403
    )
    assert Closure.objects.get().state == "agreed"


def test_unknown_or_missing_steps_are_said(world):
    matter = started(world)
    client = signed_in(world, "主要负责人 教育局")
    for step in ("", "nothing"):
        answer = client.post(closing_page(matter), {"step": step})
        assert (answer.status_code, "请选择要办理的一步。" in text_of(answer)) == (400, True)
    assert client.post(closing_page(matter), {"step": "agree"}).status_code == 404


def test_only_the_office_sees_the_lot_before_it_has_looked(world):
    matter = started(world, is_livelihood=True)
    post = leader_of(world)
    other = started(world, leader=post, is_livelihood=True, serial="8")
    principal, officer = signed_in(world, "主要负责人 教育局"), signed_in(world, "officer")
    for one in (matter, other):
        closing_step(principal, one, "ask")
        assert "现场核验" not in text_of(principal.get(closing_page(one))).replace("督查室核验", "")
        assert "民生事项" in text_of(officer.get(closing_page(one)))
    assert "民生事项" not in text_of(as_leader(world, post).get(closing_page(other)))
    closing_step(officer, matter, "verify")
    assert "须现场核验" in text_of(principal.get(closing_page(matter)))


def test_granting_asks_for_what_speaks_against_it(world, now):
    matter = started(world, is_livelihood=True)
    closing_step(signed_in(world, "主要负责人 教育局"), matter, "ask")
    Obstacle.objects.create(
        jurisdiction=world.county,
        matter=matter,
        unit=world.unit("教育局"),
        problem="缺资金",
        need="财政局拨付",
        to_unit=world.unit("财政局"),
        raised_at=now,
    )
    head = signed_in(world, "office_head")
    closing_step(head, matter, "verify", method="documents", true=[])
    page = text_of(head.get(closing_page(matter)))
    asked = {name: f"{name}：写明理由" for name in re.findall(r'name="(despite-\w+)"', page)}
    assert sorted(asked) == ["despite-documents_only", "despite-obstacles", "despite-untrue"]
    assert "缺资金" in page
    refused = closing_step(head, matter, "grant", conclusion="属实的", **{**asked, "despite-obstacles": ""})
    assert (refused.status_code, ">despite-untrue：写明理由</textarea>" in text_of(refused)) == (400, True)
    assert closing_step(head, matter, "grant", conclusion="属实的", **asked).status_code == 302
    done = text_of(head.get(closing_page(matter)))
    assert done.count("未核实") == 2
    assert "有要求没有核实：despite-untrue：写明理由" in done


def test_office_enters_a_leaders_signature(world):
    matter = started(world, leader=leader_of(world))
    closing_step(signed_in(world, "主要负责人 教育局"), matter, "ask")
    officer = signed_in(world, "officer")
    assert closing_step(officer, matter, "agree").status_code == 400
    assert closing_step(officer, matter, "agree", channel="paper", informant="吴一").status_code == 302
    page = text_of(officer.get(reverse("matter", args=[matter.pk])))
    assert "officer代吴一签批同意销号（纸质回执，吴一签）。" in page


def test_matter_with_several_leaders_offers_who_signs(world):
    first, second = leader_of(world), leader_of(world, "吴二", "副区长乙")
    matter = world.started(overseers=[NewOverseer(first), NewOverseer(second)])
    principal = signed_in(world, "主要负责人 教育局")
    assert principal.get(closing_page(matter)).context["overseers"] == [(first.pk, "吴一"), (second.pk, "吴二")]
    assert closing_step(principal, matter, "ask", overseer=second.pk).status_code == 302
    assert Closure.objects.get().overseer == second


def test_what_is_shown_is_escaped(world):
    matter = started(world)
    client = signed_in(world, "主要负责人 教育局")
    keys = [one["key"] for one in client.get(closing_page(matter)).context["lines"]]
    closing_step(client, matter, "ask", **{f"how-{key}": "<script>x</script>" for key in keys})
    for address in (closing_page(matter), reverse("matter", args=[matter.pk])):
        page = text_of(client.get(address))
        assert "<script>x" not in page
        assert "&lt;script&gt;x" in page


# ---- the queue


def test_queue_holds_what_is_to_be_decided_with_its_day(world, monkeypatch, now):
    post = leader_of(world)
    first, second, third = (
        started(world, serial="1", is_livelihood=True),
        started(world, serial="2", leader=post),
        started(world, serial="3", text="打造样板。", kind="continuing"),
    )
    officer = signed_in(world, "officer")
    assert "没有在办的销号申请" in text_of(officer.get(reverse("closing")))
    principal = signed_in(world, "主要负责人 教育局")
    for one in (first, second, third):
        closing_step(principal, one, "ask")
    closing_step(officer, third, "verify", method="documents")
    groups = officer.get(reverse("closing")).context["groups"]
    assert [(state, [(one["matter"].serial, one["on_site"]) for one in rows]) for state, _, rows in groups] == [
        ("agreed", [("1", "民生事项")]),
        ("verified", [("3", groups[1][2][0]["on_site"])]),
        ("asked", [("2", groups[2][2][0]["on_site"])]),
    ]
    assert groups[2][2][0]["leader"] == "吴一"
    page = text_of(officer.get(reverse("closing")))
    assert "2月10日" in page
    assert "逾期" not in page
    set_clock(monkeypatch, now.replace(day=11))
    later = signed_in(world, "office_head")
    assert "逾期" in text_of(later.get(reverse("closing")))
    assert signed_in(world, "director").get(reverse("closing")).status_code == 403
    assert "销号</span>" in text_of(later.get(reverse("ledger")))


@pytest.mark.parametrize("number", [1, 3])
def test_pages_cost_the_same_however_many_there_are(world, number, now):
    principal, officer = signed_in(world, "主要负责人 教育局"), signed_in(world, "officer")
    post = leader_of(world)
    matters = [
        started(world, serial=str(one), leader=post, text="一项。" * (one + 1), supports=("住建局", "财政局")[:one])
        for one in range(number)
    ]
    for one in matters:
        closing_step(principal, one, "ask")
    last = matters[-1]
    counts = []
    for client, address in (
        (officer, reverse("closing")),
        (officer, closing_page(last)),
        (principal, closing_page(last)),
    ):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    who = actor(officer, now)
    with CaptureQueriesContext(connection) as queries:
        waiting(who, today=now.date())
        office_queue(office_of(who, today=now.date(), most=5))
    assert [*counts, len(queries)] == [QUEUE_QUERIES, OFFICE_QUERIES, UNIT_QUERIES, 3]


QUEUE_QUERIES = 7
OFFICE_QUERIES = 18
UNIT_QUERIES = 21


def test_unit_may_see_its_old_attempts(world):
    matter = started(world)
    principal, head = signed_in(world, "主要负责人 教育局"), signed_in(world, "office_head")
    closing_step(principal, matter, "ask")
    closing_step(head, matter, "return", reasons="缺少验收")
    page = text_of(principal.get(closing_page(matter)))
    assert "第 1 次申请　已退回" in page
    assert "office_head：缺少验收" in page
    assert "已被督查室退回 1 次" in page
    assert Matter.objects.get().state == "in_progress"


def test_request_of_a_matter_that_ended_otherwise_is_gone(world, now):
    matter = started(world)
    closing_step(signed_in(world, "联络员 教育局"), matter, "prepare")
    principal = signed_in(world, "主要负责人 教育局")
    assert waits(principal, now) == [("decide", "审签", "7")]
    terminate(matter, reason="上级取消", approval=world.approval(), by=world.office_head, now=now)
    assert waits(principal, now) == []
    assert "待主要负责人审签" not in text_of(principal.get(closing_page(matter)))
    assert "待主要负责人审签" not in text_of(principal.get(reverse("matter", args=[matter.pk])))


def test_people_without_a_part_in_closing_are_asked_nothing(world, now):
    nobody = Actor(name="某人", held=(Held(role="deputy_director", jurisdiction_id=world.county.pk),))
    with CaptureQueriesContext(connection) as queries:
        assert waiting(nobody, today=now.date()) == []
    assert len(queries) == 0
