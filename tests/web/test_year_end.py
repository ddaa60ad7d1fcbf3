"""年度办结 on its page: what is open, carried over, terminated, waived; closing, opening again, the archive."""

from datetime import timedelta

import pytest
from django.urls import reverse

from duban.archives import writing
from duban.archives.models import Archive, PlanClosing
from duban.archives.rules.packing import check_archive
from duban.audit.models import Event
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.core.files import path_of
from duban.matters.actions import carry_over
from duban.matters.models import Matter, Plan
from duban.objections.actions import accept_objection
from duban.web.waiting import office_of
from duban.web.year_end import office_queue
from tests.archives.builders import closed, filed, following, over, told, waived
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db

APPROVAL = {"basis": "经区政府同意", "approved_by_name": "区政府", "approved_on": "2020-02-03", "document_number": ""}


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _house(monkeypatch, now, settings, tmp_path):
    set_clock(monkeypatch, now)
    settings.FILES_DIR = tmp_path / "files"


def page(client, **query):
    return client.get(reverse("year_end"), {"year": 2020, **query})


def send(client, do: str, **posted):
    return client.post(f"{reverse('year_end')}?year=2020", {"do": do, **APPROVAL, **posted})


def text_of(response) -> str:
    return response.content.decode()


def test_everything_open_is_listed_with_what_to_do(world):
    world.started(serial="3", text="新建小学1所。")
    shown = text_of(page(signed_in(world, "office_head")))
    for words in (
        "没有办结的事项",
        "新建小学1所。",
        "没有完成的应办事宜",
        "明确 1 名分管领导",
        "不能办结。",
        "年还没有过完",
    ):
        assert words in shown
    assert 'value="close"' not in shown


def test_officer_looks_but_does_not_decide(world):
    over(world)
    client = signed_in(world, "officer")
    shown = text_of(page(client))
    assert "由督查室主任办结" in shown
    assert 'value="archive"' not in page(client).content.decode()
    for do in ("end", "waive", "close", "reopen", "archive"):
        assert send(client, do, note="全部办结。", reason="不再办。", how="carry").status_code in (400, 403)
    assert Plan.objects.get().closed_at is None


@pytest.mark.parametrize("role", ["director", "联络员 教育局", "government_head", "system_admin"])
def test_others_do_not_see_it(world, role):
    world.started()
    assert page(signed_in(world, role)).status_code == 403


def test_matters_ticked_are_carried_over_together(world):
    into, one, other = following(world), world.started(serial="1"), world.started(serial="2")
    client = signed_in(world, "office_head")
    answer = send(client, "end", how="carry", matter=[one.pk, other.pk], reason="跨年实施。", due_on="2021-06-30")
    assert answer.status_code == 302
    assert "已把 2 件事项结转到2021年度临江区督查台账" in text_of(client.get(answer.url))
    assert {str(each.due_on) for each in Matter.objects.filter(plan=into)} == {"2021-06-30"}


def test_what_was_typed_stays_when_it_is_refused(world):
    one, other = world.started(serial="1"), world.started(serial="2")
    client = signed_in(world, "office_head")
    answer = send(client, "end", how="terminate", matter=[other.pk], reason="", basis="会议纪要")
    assert answer.status_code == 400
    shown = text_of(answer)
    assert "请写明理由。" in shown
    assert f'value="{other.pk}" aria-label="选中2" checked' in shown
    assert f'value="{one.pk}" aria-label="选中1" checked' not in shown
    assert 'value="terminate" checked' in shown
    assert 'value="会议纪要"' in shown


def test_without_a_plan_of_the_next_year_nothing_is_carried_over(world):
    one = world.started()
    client = signed_in(world, "office_head")
    answer = send(client, "end", how="carry", matter=[one.pk], reason="跨年实施。")
    assert (answer.status_code, "还没有建立2021年度台账" in text_of(answer)) == (400, True)


def test_what_is_owed_is_waived_with_one_reason(world):
    world.closed()
    client = signed_in(world, "office_head")
    (line,) = page(client).context["owed"].lines
    assert send(client, "waive", owed=[line.thing.id], reason="年度结束。").status_code == 302
    assert page(client).context["owed"] is None


def test_plan_is_closed_and_opened_again(world):
    over(world)
    client = signed_in(world, "office_head")
    assert send(client, "close", note="全部办结。").status_code == 302
    shown = text_of(page(client))
    assert "台账只能查看" in shown
    assert "已销号 1 件" in shown
    again = send(client, "close", note="全部办结。")
    assert (again.status_code, PlanClosing.objects.count()) == (409, 1)
    assert send(client, "reopen", reason="").status_code == 400
    assert send(client, "reopen", reason="复核更正。").status_code == 302
    assert "复核更正。" in text_of(page(client))
    assert Plan.objects.get().closed_at is None


def test_nonsense_is_refused_in_words(world):
    world.started()
    client = signed_in(world, "office_head")
    assert send(client, "nonsense").status_code == 400
    assert client.get(reverse("year_end"), {"year": "1999"}).status_code == 404
    assert send(client, "end", how="carry", matter=["x", "999999"], reason="跨年。").status_code == 400


def test_archive_is_asked_for_written_and_taken(world, monkeypatch):
    closed(world)
    client = signed_in(world, "office_head")
    assert send(client, "archive").status_code == 302
    assert "正在写" in text_of(page(client))
    assert send(client, "archive").status_code == 409
    writing.write(writing.claim(real=clock.real()), today=world.now.date(), by=SYSTEM, now=lambda: world.now)
    archive = Archive.objects.get()
    shown = text_of(page(client))
    assert archive.digest in shown
    answer = client.post(reverse("archive_take", args=[archive.pk]))
    assert answer["Content-Disposition"].startswith("attachment;")
    content = b"".join(answer.streaming_content)
    assert content == path_of(archive.digest).read_bytes()
    assert check_archive(path_of(archive.digest).open("rb")).is_final
    assert Event.objects.filter(name="archives.taken").count() == 1
    again = send(client, "archive")
    assert again.status_code == 409
    assert "2020年度档案第1版已于2020年2月3日写成，此后没有变化" in text_of(again)
    accept_objection(filed(world), **told(world, world.officer))
    assert send(client, "archive").status_code == 302
    writing.write(writing.claim(real=clock.real()), today=world.now.date(), by=SYSTEM, now=lambda: world.now)
    shown = text_of(page(client))
    assert "临江区2020年度督查档案（第2版）.zip" in shown
    assert "上一版以后：申请复核 1 次、受理复核申请 1 次" in shown


def test_nobody_else_takes_an_archive(world):
    closed(world)
    send(signed_in(world, "office_head"), "archive")
    writing.write(writing.claim(real=clock.real()), today=world.now.date(), by=SYSTEM, now=lambda: world.now)
    address = reverse("archive_take", args=[Archive.objects.get().pk])
    for role in ("officer", "director", "government_head", "联络员 教育局", "audit_admin"):
        assert signed_in(world, role).post(address).status_code == 403
    assert signed_in(world, "office_head", username="主任乙").get(address).status_code == 405
    assert Event.objects.filter(name="archives.taken").count() == 0


def test_action_on_a_closed_year_is_refused_on_its_page(world):
    closed(world)
    matter = Matter.objects.get()
    answer = signed_in(world, "office_head").post(
        reverse("matter_step", args=[matter.pk, "reopen"]), {"reason": "遗漏。"}
    )
    assert answer.status_code == 409
    assert "已经办结，只能查看" in text_of(answer)


def test_morning_names_the_year_from_december_on(world, office_head):
    queue = {}
    for month, day in ((11, 30), (12, 1)):
        queue[month] = office_queue(
            office_of(office_head, today=world.now.date().replace(month=month, day=day), most=5)
        )
    assert [one.count for one in queue.values()] == [0, 1]
    assert queue[12].lines[0].address == "/year-end/?year=2020"
    closed(world)
    later = world.now.date() + timedelta(days=365)
    assert office_queue(office_of(office_head, today=later, most=5)).count == 0


def test_carried_matter_leads_to_its_earlier_life(world):
    into, matter = following(world), world.started(serial="7")
    made = carry_over(matter, into=into, reason="跨年。", approval=world.approval(), **told(world))
    client = signed_in(world, "office_head")
    earlier = reverse("matter", args=[matter.pk])
    assert f'<a class="tag" href="{earlier}" title="2020年度的经过">结转</a>' in text_of(
        client.get(reverse("ledger"), {"plan": into.pk})
    )
    shown = text_of(client.get(reverse("matter", args=[made.pk])))
    assert f'由 <a href="{earlier}">2020年度第7项</a> 结转而来。' in shown
    waived(world)
