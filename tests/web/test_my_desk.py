"""A unit's own side: what it owes, signing once for everything, and who has not signed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from duban.access.models import Account, Grant
from duban.audit.models import Event
from duban.audit.rules import EventName
from duban.core.errors import Invalid
from duban.matters.actions import acknowledge_plan, decide_refusal, extend_many
from duban.matters.models import Assignment, Matter, Obligation
from duban.matters.rules import Owed, OwedState, State
from duban.obstacles.actions import raise_obstacle
from duban.orgs.actions import NewContact, NewPerson, create_people, merge_units
from duban.orgs.models import UnitContact
from duban.orgs.rules import ContactRole
from duban.progress.actions import propose_schedule_nodes
from duban.progress.rules import Node
from tests.conftest import holder
from tests.matters.builders import names_of_events, owed, usual_world
from tests.web.matter_doors import set_clock, signed_in


@pytest.fixture
def world(county, officer, office_head, now, monkeypatch):
    set_clock(monkeypatch, now)
    return usual_world(county, officer, office_head, now)


@pytest.fixture
def handed_out(world):
    """教育局 leads the first and supports the second; 交通局 leads the second and third."""
    return [
        world.assigned(text="新建小学1所。", serial="1"),
        world.assigned(text="改造校门口道路。", serial="2", leads=("交通局",), supports=("教育局",)),
        world.assigned(text="养护公路。", serial="3", leads=("交通局",)),
    ]


def sign_address(world, unit="教育局"):
    return reverse("my_sign", args=[world.unit(unit).pk])


def everything(world, matters, **more):
    given = {"plan": world.plan.pk, "matter": [one.pk for one in matters]}
    given |= {f"leader-{matters[0].pk}": "", f"person-{matters[0].pk}": "", f"measures-{matters[0].pk}": ""}
    return {**given, **more}


def state_of(matter):
    matter.refresh_from_db()
    return matter.state


# ── the desk ──


def test_home_of_a_unit_is_its_desk(world, handed_out):
    assert signed_in(world, "联络员 教育局").get(reverse("home")).url == reverse("my_desk")


def test_desk_calls_for_the_signature_first(world, handed_out):
    page = signed_in(world, "联络员 教育局").get(reverse("my_desk"))
    assert [(one.unit, one.count, one.leads) for one in page.context["signing"]] == [("教育局", 2, 1)]
    assert [one.name for one in page.context["sections"]] == ["month"]  # the contacts; all else waits for the signature
    assert f"{sign_address(world)}?plan={world.plan.pk}" in page.content.decode()


def test_desk_leads_to_the_look_back_of_this_month(world, handed_out):
    address = reverse("look_back", args=[world.unit("教育局").pk, 2020, 2])
    client = signed_in(world, "联络员 教育局")
    assert client.get(reverse("my_desk")).context["look_backs"] == [(address, "教育局")]
    assert client.get(address).status_code == 200


def test_desk_has_one_line_a_matter_by_date(world, handed_out, now, monkeypatch):
    world_signs(world, handed_out[:2])
    set_clock(monkeypatch, now.replace(month=6, day=15))
    page = signed_in(world, "联络员 教育局").get(reverse("my_desk"))
    shown = {
        section.name: [
            (group.due_on.isoformat(), line.serial, line.action) for group in section.groups for line in group.lines
        ]
        for section in page.context["sections"]
    }
    assert shown["week"] == [("2020-06-17", "", "报协办情况"), ("2020-06-20", "1", "写报告")]
    assert shown.get("later", []) == [("2020-12-16", "", "报协办情况")]
    assert {line.text for section in page.context["sections"] for group in section.groups for line in group.lines} <= {
        "新建小学1所。",
        "明确 1 名分管领导和 1 名联络员",
        "报送6月20日一期的协办情况",
        "报送12月20日一期的协办情况",
    }


def test_desk_says_what_is_overdue(world, handed_out, now, monkeypatch):
    world_signs(world, handed_out[:2])
    set_clock(monkeypatch, now.replace(month=6, day=21))
    page = signed_in(world, "主要负责人 教育局").get(reverse("my_desk"))
    late = page.context["sections"][0]
    assert late.name == "late"
    assert "1" in [line.serial for group in late.groups for line in group.lines]


def test_desk_tells_what_was_decided_once_for_many(world, handed_out, now):
    world_signs(world, handed_out[:2])
    extend_many(
        handed_out[:1] + handed_out[1:2],
        due_on=date(2021, 1, 31),
        reason="疫情影响",
        approval=world.approval(),
        by=world.office_head,
        now=now,
    )
    news = signed_in(world, "联络员 教育局").get(reverse("my_desk")).context["news"]
    assert [([serial for _, serial in one.matters], "疫情影响" in one.text) for one in news] == [
        (["第1项", "第2项"], True)
    ]


def test_desk_of_several_units_names_them(world, handed_out):
    client = signed_in(world, "联络员 教育局")
    contact = UnitContact.objects.get(unit=world.unit("教育局"))
    UnitContact.objects.create(
        unit=world.unit("交通局"), role="liaison", person=contact.person, from_on=contact.from_on
    )
    page = client.get(reverse("my_desk"))
    assert sorted(one.unit for one in page.context["signing"]) == ["交通局", "教育局"]
    assert page.context["is_several"]


def test_desk_shows_nothing_of_others(world, handed_out):
    page = signed_in(world, "联络员 卫健局").get(reverse("my_desk"))
    assert (page.context["signing"], page.context["sections"], page.context["is_empty"]) == ([], [], True)


def test_desk_is_not_for_administrators(world):
    assert signed_in(world, "system_admin").get(reverse("my_desk")).status_code == 403


def test_desk_of_a_leader_says_when_nothing_waits(world):
    page = signed_in(world, "leader").get(reverse("my_desk"))
    assert (page.context["waiting"], "眼下没有等您办理的事" in page.content.decode()) == ([], True)
    assert '<p class="muted">2020年度</p>' in page.content.decode()  # of no unit: nothing stands before the dot


def test_desk_of_somebody_of_the_office_who_stands_in_for_a_unit_is_the_units(world, handed_out):
    client = signed_in(world, "联络员 教育局")
    account = Account.objects.get(name="联络员 教育局")
    Grant.objects.create(
        account=account, role="officer", jurisdiction_id=world.county.pk, from_on=world.now.date(), granted_by_name="甲"
    )
    nodes = [Node(date(2020, 12, 31), "全部完成", Decimal(100))]
    matter = world.started(text="改造操场。", serial="5")
    propose_schedule_nodes(matter, nodes=nodes, version=0, by=world.liaison("教育局"), now=world.now)
    desk, morning = client.get(reverse("my_desk")), client.get(reverse("morning"))
    assert (client.get(reverse("home")).url, desk.context["waiting"]) == (reverse("morning"), [])
    assert [(one.key, one.queue.count) for one in morning.context["sections"]] == [("schedules", 1)]


def test_desk_shows_what_waits_for_the_reader_and_each_thing_once(world, handed_out, now):
    matter = world.started(text="改造操场。", serial="5", supports=("交通局",))
    raise_obstacle(
        matter,
        unit=world.unit("交通局"),
        problem="用地指标不足。",
        need="请教育局协调。",
        to=world.unit("教育局"),
        by=world.liaison("交通局"),
        now=now,
    )
    page = signed_in(world, "联络员 教育局").get(reverse("my_desk"))
    owed_lines = [
        line.address for section in page.context["sections"] for group in section.groups for line in group.lines
    ]
    asked = [one.address for _, lines in page.context["waiting"] for one in lines]
    address = reverse("obstacle", args=[matter.obstacles.get().pk])
    assert (owed_lines + asked).count(address) == 1
    raiser = signed_in(world, "联络员 交通局").get(reverse("my_desk"))
    assert raiser.context["waiting"] == []


DESK_QUERIES = 16  # what nouns have waiting is read only where there is any: asked of all in one statement


@pytest.mark.parametrize("count", [1, 3])
def test_desk_takes_the_same_queries(world, count, django_assert_num_queries):
    matters = [world.assigned(text=f"新建小学{number}所。", serial=str(number)) for number in range(1, count + 1)]
    world_signs(world, matters)
    client = signed_in(world, "联络员 教育局")
    client.get(reverse("my_desk"))
    with django_assert_num_queries(DESK_QUERIES):
        client.get(reverse("my_desk"))


# ── signing ──


def world_signs(world, matters):
    return acknowledge_plan(
        world.plan,
        unit=world.unit("教育局"),
        matters=[one.pk for one in matters],
        by=world.liaison("教育局"),
        now=world.now,
    )


def test_sign_everything_at_once(world, handed_out):
    client = signed_in(world, "联络员 教育局")
    page = client.get(sign_address(world))
    assert [(one.assignment.matter.serial, one.is_lead) for one in page.context["cards"]] == [("1", True), ("2", False)]
    given = everything(world, handed_out[:2], deputy_name="周副", deputy_phone="0595-1", liaison_name="联络员 教育局")
    told = client.post(sign_address(world), given, follow=True)
    assert told.redirect_chain[-1][0] == reverse("my_desk")
    assert "教育局已签收 2 项。" in told.content.decode()
    own = Assignment.objects.get(matter=handed_out[0])
    assert (own.responsible_leader, own.responsible_person) == ("周副", "联络员 教育局")
    assert [state_of(one) for one in handed_out] == [State.IN_PROGRESS, State.ASSIGNED, State.ASSIGNED]
    open_kinds = Obligation.objects.filter(unit=world.unit("教育局"), matter=None, state=OwedState.OPEN)
    assert set(open_kinds.values_list("kind", flat=True)) == {Owed.CONTRIBUTION}
    signed = Event.objects.filter(name=EventName.MATTER_ACKNOWLEDGED)
    assert sorted(signed.values_list("matter_id", flat=True)) == sorted(one.pk for one in handed_out[:2])
    assert {"channel" in one.data for one in signed} == {False}


def test_sign_twice_says_so_and_doubles_nothing(world, handed_out):
    client = signed_in(world, "联络员 教育局")
    given = everything(world, handed_out[:2])
    client.post(sign_address(world), given)
    events = names_of_events()
    again = signed_in(world, "主要负责人 教育局").post(sign_address(world), given)
    assert (again.status_code, again.context["problem"]) == (
        409,
        "这些事项刚刚由本单位的同事签收或退回了，请刷新后再看。",
    )
    assert names_of_events() == events


def test_sign_only_what_was_shown(world, handed_out):
    client = signed_in(world, "联络员 教育局")
    later = world.assigned(text="新建中学1所。", serial="4")
    client.post(sign_address(world), everything(world, handed_out[:2]))
    assert [one.assignment.matter.serial for one in client.get(sign_address(world)).context["cards"]] == ["4"]
    assert state_of(later) == State.ASSIGNED


def test_refuse_one_and_sign_the_rest(world, handed_out):
    client = signed_in(world, "联络员 教育局")
    given = everything(world, handed_out[:2], **{f"reason-{handed_out[1].pk}": "道路不归教育局管理"})
    told = client.post(sign_address(world), given, follow=True).content.decode()
    assert "教育局已签收 1 项，退回 1 项，等待督查室裁定。" in told
    refused = Assignment.objects.get(matter=handed_out[1], unit=world.unit("教育局"))
    assert (refused.refusal_reason, refused.acknowledged_at) == ("道路不归教育局管理", None)
    decide_refusal(refused, is_upheld=False, reason="学校配合疏导", by=world.officer, now=world.now)
    [card] = client.get(sign_address(world)).context["cards"]
    assert not card.may_refuse
    again = client.post(
        sign_address(world), everything(world, handed_out[1:2], **{f"reason-{handed_out[1].pk}": "还是不归"})
    )
    assert (again.status_code, again.context["problem"]) == (409, "本单位已经签收或退回过这件事项，不能再退回。")


def test_refusal_without_a_reason_signs_nothing_and_keeps_what_was_typed(world, handed_out):
    client = signed_in(world, "联络员 教育局")
    events = names_of_events()
    given = everything(
        world, handed_out[:2], **{f"reason-{handed_out[1].pk}": "否", f"measures-{handed_out[0].pk}": "每月调度"}
    )
    page = client.post(sign_address(world), given)
    assert (page.status_code, page.context["problem"]) == (400, "“否”太短，请写得具体一些。")
    assert "每月调度" in page.content.decode()
    assert names_of_events() == events
    assert [state_of(one) for one in handed_out[:2]] == [State.ASSIGNED, State.ASSIGNED]


def test_sign_for_another_unit_is_not_there(world, handed_out):
    client = signed_in(world, "联络员 教育局")
    address = sign_address(world, "交通局")
    assert (client.get(address).status_code, client.post(address, everything(world, handed_out)).status_code) == (
        404,
        404,
    )
    assert names_of_events(name=EventName.REFUSED) == [EventName.REFUSED] * 2
    assert owed(handed_out[2]) != []


def test_sign_someone_elses_matter_in_the_own_form_does_nothing(world, handed_out):
    client = signed_in(world, "联络员 教育局")
    client.post(sign_address(world), everything(world, handed_out))
    assert Assignment.objects.get(matter=handed_out[2]).acknowledged_at is None


@pytest.mark.parametrize("count", [1, 3])
def test_sign_page_takes_the_same_queries(world, count, django_assert_num_queries):
    for number in range(count):
        world.assigned(text=f"新建小学{number}所。", serial=str(number + 1))
    client = signed_in(world, "联络员 教育局")
    client.get(sign_address(world))
    with django_assert_num_queries(SIGN_QUERIES):
        client.get(sign_address(world))


SIGN_QUERIES = 18


# ── for the office ──


def test_office_signs_on_behalf_and_says_how(world, handed_out):
    client = signed_in(world, "officer")
    given = everything(world, handed_out[:2])
    page = client.post(sign_address(world), given)
    assert (page.status_code, page.context["problem"]) == (400, "请选择单位以什么方式签收。")
    page = client.post(sign_address(world), given | {"channel": "telephone", "signer": ""})
    assert (page.status_code, page.context["problem"]) == (400, "请写明单位由谁签收。")
    done = client.post(sign_address(world), given | {"channel": "telephone", "signer": "周科长"})
    assert done.url == reverse("plan_signatures", args=[world.plan.pk])
    signed = Event.objects.filter(name=EventName.MATTER_ACKNOWLEDGED)
    assert {(one.data["channel"], one.data["signer"]) for one in signed} == {("telephone", "周科长")}
    [line] = next(one for one in client.get(done.url).context["parts"] if one[0] == "signed")[2]
    assert line.line.signers == ("周科长（电话，officer代录）",)
    shown = client.get(reverse("matter", args=[handed_out[0].pk])).content.decode()
    assert "代表教育局签收（电话，签收人周科长）" in shown


def test_signatures_show_who_has_not(world, handed_out):
    world_signs(world, handed_out[:2])
    page = signed_in(world, "officer").get(reverse("plan_signatures", args=[world.plan.pk]))
    shown = [
        (name, row.line.unit.name, row.line.leads, row.line.supports, row.line.waiting)
        for name, _, rows in page.context["parts"]
        for row in rows
    ]
    assert shown == [("waiting", "交通局", 2, 0, 2), ("signed", "教育局", 1, 1, 0)]
    due = Obligation.objects.get(unit=world.unit("交通局"), kind=Owed.ACKNOWLEDGE).due_on
    assert page.context["parts"][0][2][0].line.due_on == due


def test_signatures_are_for_the_office(world, handed_out):
    address = reverse("plan_signatures", args=[world.plan.pk])
    assert [signed_in(world, who).get(address).status_code for who in ("联络员 教育局", "audit_admin")] == [403, 404]


@pytest.mark.parametrize("units", [1, 3])
def test_signatures_take_the_same_queries(world, units, django_assert_num_queries):
    for number in range(units):
        world.assigned(serial=str(number), leads=(f"第{number}局",))
    client = signed_in(world, "officer")
    address = reverse("plan_signatures", args=[world.plan.pk])
    client.get(address)
    with django_assert_num_queries(SIGNATURE_QUERIES):
        client.get(address)


SIGNATURE_QUERIES = 12


def test_director_may_not_sign(world, handed_out):
    assert signed_in(world, "director").get(sign_address(world)).status_code == 403


def test_a_day_later_is_late_for_the_signature(world, handed_out, now, monkeypatch):
    set_clock(monkeypatch, now + timedelta(days=30))
    page = signed_in(world, "officer").get(reverse("plan_signatures", args=[world.plan.pk]))
    assert "逾期" in page.content.decode()


def test_actor_of_no_unit_needs_a_channel(world, handed_out, county):
    stranger = holder("officer", jurisdiction=county)
    with pytest.raises(Invalid):
        acknowledge_plan(world.plan, unit=world.unit("教育局"), matters=[handed_out[0].pk], by=stranger, now=world.now)


def test_unit_head_is_led_to_ask_for_closure_when_only_the_end_is_left(world, handed_out, now, monkeypatch):
    world_signs(world, handed_out[:2])
    Obligation.objects.filter(kind=Owed.REPORT).update(state=OwedState.MET, met_on=now.date())
    actions, clients = {}, {who: signed_in(world, who) for who in ("主要负责人 教育局", "联络员 教育局")}
    for who, client in clients.items():
        page = client.get(reverse("my_desk"))
        lines = [line for section in page.context["sections"] for group in section.groups for line in group.lines]
        actions[who] = [(line.action, line.address) for line in lines if line.serial == "1"]
    pk = handed_out[0].pk
    assert actions == {
        "主要负责人 教育局": [("申请销号", reverse("matter_closing", args=[pk]))],
        "联络员 教育局": [("报进展", reverse("matter_progress", args=[pk]))],
    }
    Matter.objects.filter(pk=pk).update(progress_pct=100, progress_on=now.date())
    page = clients["联络员 教育局"].get(reverse("my_desk"))
    lines = [line for section in page.context["sections"] for group in section.groups for line in group.lines]
    assert [line.action for line in lines if line.serial == "1"] == ["申请销号"]


def test_unit_signs_for_what_was_handed_to_a_unit_merged_into_it(world, handed_out, now):
    merge_units(world.unit("交通局"), into=world.unit("教育局"), by=world.officer, now=now)
    client = signed_in(world, "联络员 教育局")
    page = client.get(sign_address(world))
    assert {one.assignment.matter.serial for one in page.context["cards"]} == {"1", "2", "3"}
    told = client.post(sign_address(world), everything(world, handed_out), follow=True).content.decode()
    assert "教育局已签收 3 项" in told
    assert {state_of(one) for one in handed_out} == {State.IN_PROGRESS}


def test_office_chooses_between_two_of_a_name(world, handed_out, now):
    two = create_people(
        world.county,
        people=[NewPerson("周三", phone="0595-1"), NewPerson("周三", phone="0595-2")],
        by=world.officer,
        now=now,
    )
    client = signed_in(world, "officer")
    given = everything(world, handed_out[:2], channel="paper", signer="周科长", deputy_name="周三")
    page = client.post(sign_address(world), given)
    assert (page.status_code, page.context["problem"]) == (400, "有2位“周三”，请选定是哪一位。")
    assert state_of(handed_out[0]) == State.ASSIGNED
    client.post(sign_address(world), given | {"deputy_person": two[1].pk})
    assert UnitContact.objects.get(unit=world.unit("教育局"), role="deputy").person == two[1]
    assert state_of(handed_out[0]) == State.IN_PROGRESS


def test_signing_is_undone_whole_when_the_trail_cannot_be_written(world, handed_out, monkeypatch):
    def fails(*args, **more):
        raise RuntimeError

    monkeypatch.setattr("duban.matters.actions.life.record_many", fails)
    with pytest.raises(RuntimeError):
        acknowledge_plan(
            world.plan,
            unit=world.unit("教育局"),
            matters=[one.pk for one in handed_out[:2]],
            contacts=[NewContact(world.unit("教育局"), ContactRole.DEPUTY, NewPerson("周三"), world.now.date())],
            by=world.liaison("教育局"),
            now=world.now,
        )
    assert not Assignment.objects.filter(acknowledged_at__isnull=False).exists()
    assert not UnitContact.objects.exists()
    assert state_of(handed_out[0]) == State.ASSIGNED
