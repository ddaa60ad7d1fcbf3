"""Asking for a change, deciding it, and extending many at once."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from duban.audit.models import Event
from duban.changes.models import ChangeRequest
from duban.matters.actions import create_plan, decide_refusal, refuse
from duban.matters.models import Matter, MatterChange
from duban.progress.actions import Said, enter_progress
from duban.web.changes import office_queue, waiting
from duban.web.waiting import office_of
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in
from tests.web.test_closing import actor

pytestmark = pytest.mark.django_db

APPROVAL = {"basis": "经区政府同意", "approved_by_name": "区政府", "approved_on": "2020-02-03", "document_number": ""}
ASKED = {"kind": "extend", "due_on": "2021-03-31", "cause": "用地尚未批复", "progress": "主体封顶"}


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now)


def text_of(response) -> str:
    return response.content.decode()


def asking(matter, **query) -> str:
    return reverse("matter_change", args=[matter.pk]) + (f"?kind={query['kind']}" if query else "")


def ask(client, matter, **more):
    return client.post(asking(matter), {**ASKED, **more})


def deciding(request) -> str:
    return reverse("change", args=[request.pk])


def test_unit_asks_and_the_office_agrees(world, now):
    matter = world.started(serial="7", supports=("住建局",))
    said = Said(pct=30, sentence="主体封顶。")
    enter_progress(matter, unit=world.unit("教育局"), said=said, by=world.liaison("教育局"), now=now)
    liaison, head = signed_in(world, "联络员 教育局"), signed_in(world, "office_head")
    assert asking(matter) in text_of(liaison.get(reverse("matter", args=[matter.pk])))
    form = text_of(liaison.get(asking(matter)))
    assert "截至2月3日，完成 30%。主体封顶。</textarea>" in form
    assert "按督查规则最多延期 2 次。" in form
    done = liaison.post(asking(matter), ASKED, follow=True)
    assert "延期申请已提交，督查室应于2020年2月6日前裁定。" in text_of(done)
    request = ChangeRequest.objects.get()
    [line] = at_office(head, now)
    assert (line.waits.value, line.serial, line.due_on, line.address) == (
        "decide",
        "7",
        date(2020, 2, 6),
        deciding(request),
    )
    assert "用地尚未批复" in text_of(head.get(reverse("changes")))
    page = text_of(head.get(deciding(request)))
    assert 'name="due_on" value="2021-03-31"' in page
    assert 'value="教育局2020年2月3日延期申请"' in page
    assert 'name="approved_by_name" value="office_head"' in page
    assert len(re.findall('class="btn btn-primary"', page)) == 1
    posted = {**APPROVAL, "step": "approve", "due_on": "2021-02-28", "reason": "同意延期"}
    agreed = head.post(deciding(request), posted, follow=True)
    assert "已同意延期申请。" in text_of(agreed)
    matter.refresh_from_db()
    assert matter.due_on == date(2021, 2, 28)
    assert at_office(head, now) == []
    history = text_of(liaison.get(reverse("matter", args=[matter.pk])))
    assert "联络员 教育局提出教育局的延期申请，延至2021年3月31日，事由：用地尚未批复。" in history
    assert "已延期 1 次，按督查规则最多 2 次。" in text_of(liaison.get(asking(matter)))
    support = text_of(signed_in(world, "联络员 住建局").get(reverse("matter", args=[matter.pk])))
    assert "用地尚未批复，" not in support
    assert "延期申请" not in support


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"cause": ""}, "请写明事由。"),
        ({"progress": "好"}, "“好”太短"),
        ({"due_on": "2020-12-31"}, "新的时限应晚于现在的办结时限（2020年12月31日）。"),
        ({"due_on": "2020-13-01"}, "新的时限不是日期：2020-13-01"),
        ({"kind": "adjust", "wording": "新建小学1所。"}, "目标任务没有改动，不必申请调整。"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(world, wrong, said):
    matter = world.started()
    client = signed_in(world, "联络员 教育局")
    answer = ask(client, matter, **{"cause": "用地尚未批复情况", **wrong})
    page = text_of(answer)
    assert answer.status_code == 400
    assert said in page
    assert f">{wrong.get('cause', '用地尚未批复情况')}</textarea>" in page
    assert ChangeRequest.objects.count() == 0


def test_each_kind_has_its_own_form(world):
    matter = world.started()
    client = signed_in(world, "联络员 教育局")
    fields = {
        kind: [
            name for name in ("due_on", "wording") if f'name="{name}"' in text_of(client.get(asking(matter, kind=kind)))
        ]
        for kind in ("extend", "adjust", "suspend", "carry_over", "terminate", "nothing")
    }
    assert fields == {
        "extend": ["due_on"],
        "adjust": ["wording"],
        "suspend": [],
        "carry_over": [],
        "terminate": [],
        "nothing": ["due_on"],
    }


def test_sent_twice_is_asked_once(world):
    matter = world.started()
    client = signed_in(world, "联络员 教育局")
    assert [ask(client, matter).status_code for _ in range(2)] == [302, 409]
    assert ChangeRequest.objects.count() == 1


def test_after_the_due_date_the_unit_is_told_and_the_office_may_record(world):
    matter = world.started(due_on=date(2020, 2, 1), starts_on=date(2020, 1, 1))
    liaison, officer = signed_in(world, "联络员 教育局"), signed_in(world, "officer")
    page = text_of(liaison.get(asking(matter)))
    assert "办结时限（2020年2月1日）已过，变更须在到期前申请" in page
    assert 'name="cause"' not in page
    assert ask(liaison, matter).status_code == 409
    on_paper = {"channel": "paper", "informant": "周局长"}
    assert ask(officer, matter, **on_paper).status_code == 400
    assert ask(officer, matter, late_reason="疫情期间未能报送", **on_paper).status_code == 302
    page = text_of(officer.get(deciding(ChangeRequest.objects.get())))
    assert "周局长（纸质回执，officer代录）" in page
    assert "疫情期间未能报送" in page


def test_refused_request_comes_back_to_the_unit(world, now):
    matter = world.started(serial="7")
    liaison, head = signed_in(world, "联络员 教育局"), signed_in(world, "office_head")
    ask(liaison, matter)
    request = ChangeRequest.objects.get()
    assert head.post(deciding(request), {"step": "refuse", "reasons": ""}).status_code == 400
    assert head.post(deciding(request), {"step": "nothing"}).status_code == 400
    assert head.post(deciding(request), {"step": "refuse", "reasons": "理由不足"}).status_code == 302
    assert head.post(deciding(request), {"step": "refuse", "reasons": "理由不足"}).status_code == 409
    [line] = waiting(actor(liaison, now), today=now.date())
    assert (line.waits.value, line.note) == ("returned", "不同意延期：理由不足")
    assert "不同意：理由不足" in text_of(liaison.get(reverse("matter", args=[matter.pk])))
    assert "不同意教育局的延期申请：理由不足" in text_of(liaison.get(reverse("my_desk")))


def test_unit_withdraws(world):
    matter = world.started()
    liaison = signed_in(world, "联络员 教育局")
    ask(liaison, matter)
    request = ChangeRequest.objects.get()
    page = text_of(liaison.get(deciding(request)))
    assert "撤回申请" in page
    assert "审批依据" not in page
    assert liaison.post(deciding(request), {"step": "withdraw"}).status_code == 302
    assert ChangeRequest.objects.get().state == "withdrawn"


def test_who_has_no_part_finds_nothing(world):
    matter = world.started(leads=("教育局", "财政局"), supports=("住建局",))
    ask(signed_in(world, "联络员 财政局"), matter)
    request = ChangeRequest.objects.get()
    before = Event.objects.filter(name="access.refused").count()
    for who, status in (("联络员 住建局", 404), ("联络员 交通局", 404), ("audit_admin", 404)):
        client = signed_in(world, who)
        assert client.get(deciding(request)).status_code == status
        assert client.post(deciding(request), {"step": "withdraw"}).status_code == status
    assert Event.objects.filter(name="access.refused").count() == before + 6
    assert signed_in(world, "主要负责人 住建局").get(asking(matter)).status_code == 403
    merging = signed_in(world, "联络员 教育局")
    assert merging.get(deciding(request)).status_code == 200
    assert merging.post(deciding(request), {"step": "withdraw"}).status_code == 403
    assert merging.post(deciding(request), {**APPROVAL, "step": "approve"}).status_code == 403
    assert ask(merging, matter, kind="suspend", unit=world.unit("财政局").pk).status_code == 404
    assert signed_in(world, "officer").post(deciding(request), {"step": "refuse", "reasons": "不行"}).status_code == 403
    assert ChangeRequest.objects.get().state == "open"


def test_carrying_over_is_decided_with_its_plan(world, now):
    matter = world.started()
    ask(signed_in(world, "联络员 教育局"), matter, kind="carry_over")
    request = ChangeRequest.objects.get()
    head = signed_in(world, "office_head")
    assert "还没有以后年度的台账" in text_of(head.get(deciding(request)))
    assert head.post(deciding(request), {**APPROVAL, "step": "approve"}).status_code == 400
    following = create_plan(world.county, year=2021, title="2021年度台账", by=world.officer, now=now)
    posted = {**APPROVAL, "step": "approve", "into": following.pk}
    assert head.post(deciding(request), posted).status_code == 302
    assert Matter.objects.get(pk=matter.pk).state == "carried_over"


def at_office(client, now):
    return office_queue(office_of(actor(client, now), today=now.date(), most=5)).lines


@pytest.mark.parametrize("number", [1, 3])
def test_lists_cost_the_same_however_many_there_are(world, number, now):
    liaison, head = signed_in(world, "联络员 教育局"), signed_in(world, "office_head")
    for one in range(number):
        ask(liaison, world.started(serial=str(one)))
    head.get(reverse("changes"))
    with CaptureQueriesContext(connection) as page:
        head.get(reverse("changes"))
    who = actor(head, now)
    with CaptureQueriesContext(connection) as queries:
        office_queue(office_of(who, today=now.date(), most=5))
    assert (len(page), len(queries)) == (LIST_QUERIES, 2)


LIST_QUERIES = 6


# ---- many at once


def extending(**query) -> str:
    return reverse("ledger_extend") + (
        f"?{'&'.join(f'{name}={value}' for name, value in query.items())}" if query else ""
    )


def seen_on(response) -> str:
    return re.findall(r'name="seen" value="(\w+)"', text_of(response))[0]


def test_many_are_extended_after_both_dates_were_seen(world):
    first = world.started(serial="1", due_on=date(2020, 6, 30))
    second = world.registered(serial="2", due_on=date(2020, 9, 30))
    done = world.closed(serial="3")
    head = signed_in(world, "office_head")
    assert "集中延期" in text_of(head.get(reverse("ledger")))
    chosen = {"matter": [first.pk, second.pk, done.pk], **APPROVAL, "how": "days", "days": "30", "reason": "受疫情影响"}
    preview = head.post(extending(), {**chosen, "preview": "1"})
    page = text_of(preview)
    assert [(row["matter"].serial, row["new"], row["cannot"]) for row in preview.context["rows"]] == [
        ("1", date(2020, 7, 30), ""),
        ("2", date(2020, 10, 30), ""),
        ("3", None, "当前是“已销号”"),
    ]
    assert "2020年6月30日" in page
    assert "2020年7月30日" in page
    assert "确认延期 2 项" in page
    unseen = head.post(extending(), {**chosen, "days": "60", "confirm": "1", "seen": seen_on(preview)})
    assert (unseen.status_code, "请核对下面的新旧时限" in text_of(unseen)) == (409, True)
    assert MatterChange.objects.count() == 0
    answer = head.post(extending(), {**chosen, "confirm": "1", "seen": seen_on(preview)}, follow=True)
    assert "已集中延期 2 项" in text_of(answer)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.due_on, second.due_on) == (date(2020, 7, 30), date(2020, 10, 30))
    assert set(MatterChange.objects.values_list("is_bulk", flat=True)) == {True}
    history = text_of(head.get(reverse("matter", args=[first.pk])))
    assert "office_head集中延期，理由：受疫情影响。" in history
    again = head.post(extending(), {**chosen, "confirm": "1", "seen": seen_on(preview)})
    assert again.status_code == 409


def test_all_the_view_finds_are_extended_to_one_day(world):
    for serial, kind in (("1", "milestone"), ("2", "continuing")):
        world.started(serial=serial, kind=kind, due_on=date(2020, 6, 30))
    director = signed_in(world, "director")
    view = {"plan": world.plan.pk, "kind": "milestone"}
    page = director.get(extending(**view))
    assert [row["matter"].serial for row in page.context["rows"]] == ["1"]
    posted = {"all": "1", **APPROVAL, "how": "date", "due_on": "2020-08-31", "reason": "受疫情影响"}
    preview = director.post(extending(**view), {**posted, "preview": "1"})
    world.started(serial="3", kind="milestone", due_on=date(2020, 6, 30))
    late = director.post(extending(**view), {**posted, "confirm": "1", "seen": seen_on(preview)})
    assert late.status_code == 409
    done = director.post(extending(**view), {**posted, "confirm": "1", "seen": seen_on(late)})
    assert done.status_code == 302
    assert list(Matter.objects.order_by("serial").values_list("due_on", flat=True)) == [
        date(2020, 8, 31),
        date(2020, 6, 30),
        date(2020, 8, 31),
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"days": ""}, "请填写顺延多少天"),
        ({"days": "0"}, "请填写顺延多少天"),
        ({"days": "367"}, "请填写顺延多少天"),
        ({"days": "-3"}, "请填写顺延多少天"),
        ({"how": "date", "due_on": ""}, "请填写延至哪一天。"),
        ({"how": "date", "due_on": "2020-02-31"}, "延至不是日期"),
        ({"how": "date", "due_on": "2020-01-01"}, "没有可以延期的事项。"),
    ],
)
def test_bulk_dates_that_make_no_sense_are_said(world, wrong, said):
    matter = world.started()
    posted = {"matter": matter.pk, **APPROVAL, "how": "days", "days": "30", "reason": "受疫情影响", "preview": "1"}
    answer = signed_in(world, "office_head").post(extending(), {**posted, **wrong})
    assert (answer.status_code, said in text_of(answer)) == (400, True)


def test_bulk_needs_its_reason_and_approval(world):
    matter = world.started()
    head = signed_in(world, "office_head")
    posted = {"matter": matter.pk, **APPROVAL, "how": "days", "days": "30", "reason": "受疫情影响"}
    seen = seen_on(head.post(extending(), {**posted, "preview": "1"}))
    for wrong in ({"reason": ""}, {"basis": ""}, {"approved_on": ""}, {"approved_by_name": " "}):
        answer = head.post(extending(), {**posted, **wrong, "confirm": "1", "seen": seen})
        assert answer.status_code == 400
    assert MatterChange.objects.count() == 0


def test_bulk_is_of_those_who_approve(world):
    matter = world.started()
    for who in ("officer", "联络员 教育局", "deputy_director"):
        assert signed_in(world, who).get(extending()).status_code == 403
    head = signed_in(world, "office_head")
    assert head.post(extending(), {}).status_code == 302
    page = head.post(extending(), {"matter": matter.pk})
    assert (page.status_code, len(page.context["rows"])) == (200, 1)


# ---- who left


def test_a_unit_whose_refusal_was_upheld_no_longer_sees_the_matter(world, now):
    matter = world.assigned(leads=("教育局", "财政局"))
    own = matter.assignments.get(unit=world.unit("财政局"))
    client = signed_in(world, "联络员 财政局")
    address = reverse("matter", args=[matter.pk])
    refuse(own, reason="本局并无此项职责", by=world.liaison("财政局"), now=now)
    assert client.get(address).status_code == 200
    decide_refusal(own, is_upheld=True, reason="理由成立", by=world.officer, now=now)
    assert client.get(address).status_code == 404
    assert signed_in(world, "officer").get(address).status_code == 200
