"""《政务督查》 in the browser: drafting, the unit's page, approving, issuing; what each reader sees."""

from datetime import date

import pytest
from django.urls import reverse

from duban.access.actions import create_account, grant_role
from duban.access.models import Account
from duban.access.rules import Role
from duban.bulletins.models import Bulletin, BulletinReceipt, Citation, Correction
from duban.bulletins.rules import BulletinKind, Section
from duban.core.actor import SYSTEM
from duban.matters.models import Plan
from duban.orgs.actions import link_account
from duban.orgs.models import Person
from tests.bulletins.builders import (
    approved,
    bulletin_of,
    drafted,
    entry,
    half_year,
    issued,
    presented,
    shown,
    snapshot_on,
)
from tests.letters.builders import at
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """The clock stands within the units' three days."""
    set_clock(monkeypatch, at("2020-07-02", 10))


def signed_in(client, world, role: str):
    if not Account.objects.filter(username=role).exists():
        account = create_account(
            role, name=f"{role}某", password="qiche-2020", must_change_password=False, by=SYSTEM, now=world.now
        )
        if role == "government_head":
            holder = Person.objects.create(jurisdiction=world.county, name="区长甲", pinyin="x", initials="x")
            post = world.post(None, "区长", kind="government_head")
            post.appointments.create(person=holder, from_on=date(2020, 1, 1))
            link_account(holder, account=account, by=SYSTEM, now=world.now)
        else:
            grant_role(
                account,
                role=Role(role),
                jurisdiction_id=world.county.pk,
                leader_person_id=None,
                from_on=date(2020, 1, 1),
                by=SYSTEM,
                now=world.now,
            )
    client.force_login(Account.objects.get(username=role))
    return client


def as_unit(client, unit="教育局", part="联络员"):
    account = Person.objects.get(name=f"{unit}{part}").account
    Account.objects.filter(pk=account.pk).update(must_change_password=False)
    client.force_login(Account.objects.get(pk=account.pk))
    return client


def page(client, name, *args, query=""):
    return client.get(reverse(name, args=args) + query)


def step(client, bulletin, name, **data):
    return client.post(reverse("bulletin_step", args=[bulletin.pk, name]), {"version": bulletin.version, **data})


def test_no_issue_of_a_closed_year_is_offered(client, world):
    snapshot = half_year(world)
    signed_in(client, world, "officer")
    address = f"{reverse('bulletin_new')}?year=2020&snapshot={snapshot.pk}"
    assert 'name="snapshot"' in client.get(address).content.decode()
    Plan.objects.update(closed_at=snapshot.taken_at, closed_by_name="主任甲")
    shown = client.get(address).content.decode()
    assert "2020年度台账已经办结，只能查看。" in shown
    assert 'name="snapshot"' not in shown


def test_officer_drafts_from_the_morning_page(client, world):
    snapshot = half_year(world)
    signed_in(client, world, "officer")
    morning = page(client, "morning").content.decode()
    assert "6月30日定格还没有拟通报" in morning
    address = f"{reverse('bulletin_new')}?year=2020&snapshot={snapshot.pk}"
    assert address.replace("&", "&amp;") in morning
    form = client.get(address).content.decode()
    assert "2020年6月30日" in form
    response = client.post(reverse("bulletin_new"), {"snapshot": snapshot.pk, "kind": "regular", "proposes": "on"})
    made = Bulletin.objects.get()
    assert response.url == reverse("bulletin", args=[made.pk])
    text = page(client, "bulletin", made.pk).content.decode()
    assert "还有 2 条没有写全" in text
    assert "进展缓慢事项" in text
    assert "迟报漏报情况" in text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"snapshot": "999999", "kind": "regular"}, "请选择定格"),
        ({"kind": "weekly"}, "请选择通报的种类"),
        ({"kind": "special", "field": "海洋"}, "没有这个领域"),
        ({"kind": "special", "title": "好" * 61}, "标题不超过 60 字"),
    ],
)
def test_draft_that_does_not_do_keeps_what_was_typed(client, world, given, words):
    snapshot = half_year(world)
    signed_in(client, world, "officer")
    response = client.post(reverse("bulletin_new"), {"snapshot": snapshot.pk, "proposes": "on", **given})
    assert (response.status_code, words in response.content.decode()) == (400, True)
    assert Bulletin.objects.count() == 0


def test_entry_is_worded_and_the_next_incomplete_one_follows(client, world):
    bulletin = drafted(world)
    one, following = entry(bulletin), entry(bulletin, Section.PRAISE)
    signed_in(client, world, "officer")
    data = {"facts": one.facts, "cause": "征迁", "cause_note": "", "next_step": "签约。", "version": 1, "next": "1"}
    response = client.post(reverse("bulletin_entry", args=[one.pk]), data)
    assert response.url == reverse("bulletin_entry", args=[following.pk])
    again = client.post(reverse("bulletin_entry", args=[one.pk]), {**data, "facts": "另一个说法。"})
    assert again.status_code == 409
    assert "另一个说法。" in again.content.decode()
    wrong = client.post(reverse("bulletin_entry", args=[one.pk]), {**data, "facts": "", "version": 2})
    assert (wrong.status_code, "请写明事实" in wrong.content.decode()) == (400, True)


def test_entry_is_left_out_with_a_reason(client, world):
    one = entry(drafted(world))
    signed_in(client, world, "officer")
    refused = client.post(reverse("bulletin_entry_step", args=[one.pk, "leave_out"]), {"reason": ""})
    assert (refused.status_code, "请写明不列入的理由" in refused.content.decode()) == (400, True)
    client.post(reverse("bulletin_entry_step", args=[one.pk, "leave_out"]), {"reason": "另行约谈"})
    assert Citation.objects.get(pk=one.pk).left_out_reason == "另行约谈"
    client.post(reverse("bulletin_entry_step", args=[one.pk, "restore"]))
    assert Citation.objects.get(pk=one.pk).left_out_reason == ""


def test_entry_is_added_by_its_serial(client, world):
    bulletin = drafted(world)
    signed_in(client, world, "officer")
    given = {"serial": "第1项", "unit": "", "section": "criticism", "facts": "群众反映强烈。", "reason": "领导要求"}
    there = client.post(reverse("bulletin_add", args=[bulletin.pk]), given)
    assert (there.status_code, "已在这期通报中" in there.content.decode()) == (400, True)
    unknown = client.post(reverse("bulletin_add", args=[bulletin.pk]), {**given, "serial": "77"})
    assert "台账中没有第77项" in unknown.content.decode()
    other = client.post(reverse("bulletin_add", args=[bulletin.pk]), {**given, "unit": "水利局"})
    assert "第1项的责任单位是教育局" in other.content.decode()


def test_unit_corrects_on_its_page_and_the_office_decides(client, world):
    bulletin = shown(world)
    one = entry(bulletin)
    as_unit(client)
    desk = page(client, "my_desk").content.decode()
    address = reverse("bulletin_check", args=[bulletin.pk, one.unit_id])
    assert address in desk
    text = client.get(address).content.decode()
    assert "无出入的不必办理" in text
    empty = client.post(address, {"step": "correct", "entry": one.pk, f"text-{one.pk}": ""})
    assert (empty.status_code, "请写明应更正的事实" in empty.content.decode()) == (400, True)
    client.post(address, {"step": "correct", "entry": one.pk, f"text-{one.pk}": "6月28日已报 40%。"})
    note = Correction.objects.get()
    assert "核实中" in client.get(address).content.decode()
    assert page(client, "bulletin", bulletin.pk).status_code == 404, "not yet issued"
    signed_in(client, world, "officer")
    assert "更正待定" in page(client, "bulletin", bulletin.pk).content.decode()
    decide = reverse("bulletin_entry_step", args=[one.pk, "accept"])
    assert client.post(decide, {"note": note.pk, "facts": one.facts}).status_code == 400
    client.post(decide, {"note": note.pk, "facts": "现报 40%。"})
    assert Citation.objects.get(pk=one.pk).facts == "现报 40%。"
    as_unit(client)
    shown_again = client.get(address).content.decode()
    assert "已采纳" in shown_again
    assert "现报 40%。" in shown_again


def test_unit_says_that_all_is_right_and_others_see_nothing(client, world):
    bulletin = shown(world)
    unit = world.unit("教育局")
    address = reverse("bulletin_check", args=[bulletin.pk, unit.pk])
    as_unit(client, "交通局")
    assert client.get(address).status_code == 403
    own = reverse("bulletin_check", args=[bulletin.pk, world.unit("交通局").pk])
    assert client.get(own).status_code == 404
    as_unit(client)
    client.post(address, {"step": "confirm"})
    assert "教育局联络员已核对" in client.get(address).content.decode()


def test_office_enters_it_for_a_unit(client, world):
    bulletin = shown(world)
    address = reverse("bulletin_check", args=[bulletin.pk, world.unit("教育局").pk])
    signed_in(client, world, "officer")
    refused = client.post(address, {"step": "confirm"})
    assert (refused.status_code, "请写明方式" in refused.content.decode()) == (400, True)
    client.post(address, {"step": "confirm", "channel": "telephone", "informant": "周二"})
    assert "电话，周二" in client.get(address).content.decode()


def test_presenting_says_what_is_missing_where_it_is_pressed(client, world):
    bulletin = shown(world)
    signed_in(client, world, "officer")
    early = step(client, bulletin, "present")
    assert (early.status_code, "单位核对到7月6日为止" in early.content.decode()) == (409, True)


def test_two_approve_each_their_own(client, world):
    bulletin = presented(world)
    signed_in(client, world, "director")
    assert "通报待办" in page(client, "morning").content.decode()
    text = page(client, "bulletin", bulletin.pk).content.decode()
    assert reverse("bulletin_step", args=[bulletin.pk, "approve"]) in text
    step(client, bulletin, "approve")
    assert bulletin_of().state == "presented"
    signed_in(client, world, "government_head")
    assert bulletin.title in page(client, "my_desk").content.decode()
    step(client, bulletin, "approve")
    assert bulletin_of().state == "approved"
    signed_in(client, world, "officer")
    assert step(client, bulletin, "approve").status_code == 403


def test_approver_sends_back_with_a_reason(client, world):
    bulletin = presented(world)
    signed_in(client, world, "director")
    assert step(client, bulletin, "send_back", reason="").status_code == 400
    step(client, bulletin, "send_back", reason="请核对数字")
    signed_in(client, world, "officer")
    assert "退回修改：请核对数字" in page(client, "bulletin", bulletin.pk).content.decode()


def test_issued_to_all_is_read_by_all_and_leaves_receipts(client, world):
    bulletin = approved(world)
    signed_in(client, world, "officer")
    step(client, bulletin, "issue", audience="all")
    assert bulletin_of().number == 1
    as_unit(client)
    listed = page(client, "bulletins").content.decode()
    assert "2020年第1期" in listed
    assert "待阅" in listed
    text = page(client, "bulletin", bulletin.pk).content.decode()
    assert "第1期" in text
    assert "总第1期" in text
    assert reverse("bulletin_entry", args=[entry(bulletin).pk]) not in text, "the office's own list"
    client.post(reverse("bulletin_step", args=[bulletin.pk, "read"]), headers={"HX-Request": "true"})
    assert BulletinReceipt.objects.get(person__name="教育局联络员").read_at is not None
    as_unit(client, "交通局")
    assert page(client, "bulletin", bulletin.pk).status_code == 200


def test_issued_to_some_is_read_by_them_alone(client, world):
    bulletin = approved(world)
    signed_in(client, world, "officer")
    refused = step(client, bulletin, "issue", audience="named")
    assert (refused.status_code, "请选择印发给" in refused.content.decode()) == (400, True)
    step(client, bulletin, "issue", audience="named", unit=[world.unit("教育局").pk])
    as_unit(client, "交通局")
    assert page(client, "bulletin", bulletin.pk).status_code == 404
    assert "2020年第1期" not in page(client, "bulletins").content.decode()


def test_matter_says_in_which_issue_it_was_named(client, world):
    bulletin = issued(world)
    one = entry(bulletin)
    as_unit(client)
    text = page(client, "matter", one.matter_id).content.decode()
    assert "2020年第1期" in text
    story = page(client, "matter_story", one.matter_id).content.decode()
    assert "印发《政务督查》2020年第1期（总第1期），通报批评教育局" in story


def test_two_snapshots_are_compared(client, world):
    half_year(world)
    before = snapshot_on(world, "2020-07-31")
    world.plan.matters.filter(serial="1").update(title="改造校舍")
    signed_in(client, world, "officer")
    text = page(client, "bulletin_compare").content.decode()
    assert "没有变化" in text
    same = page(client, "bulletin_compare", query=f"?before={before.pk}&after={before.pk}").content.decode()
    assert "请选两个不同的定格" in same


def test_lists_cost_the_same_whatever_there_is(client, world, django_assert_num_queries):
    snapshot = half_year(world)
    signed_in(client, world, "officer")
    page(client, "bulletins")
    drafted(world, snapshot)
    with django_assert_num_queries(10) as one:
        page(client, "bulletins")
    for _ in range(3):
        drafted(world, snapshot, kind=BulletinKind.SPECIAL, proposes=False)
    with django_assert_num_queries(len(one)):
        page(client, "bulletins")
