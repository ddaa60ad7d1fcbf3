"""A unit objects on its telephone, somebody who took no part decides; everybody else is refused by the page."""

from datetime import date
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from duban.access.models import Account
from duban.bulletins.models import Citation
from duban.evaluation.actions import confirm_evaluation
from duban.evaluation.models import ScoreSheet
from duban.evaluation.queries import data_of
from duban.evidence.models import Evidence
from duban.objections.actions import accept_objection, file_objection
from duban.objections.models import Objection
from duban.objections.queries import conclusions_open_to, score_facts
from duban.web import objections
from duban.web.waiting import office_of
from tests.evaluation.builders import OVER, fresh
from tests.house.world import picture
from tests.letters.builders import at
from tests.objections.builders import (
    FILED,
    WORDS,
    Office,
    accepted,
    citation,
    filed,
    issued,
    light,
    objection_of,
    overridden,
    score,
    verified,
)
from tests.objections.builders import (
    office_of as an_office,
)
from tests.web.matter_doors import set_clock

pytestmark = pytest.mark.django_db

DECIDED = at("2020-08-03")
RULING = {"outcome": "upheld", "reasons": "经查，通报所列原因不实。"}


@pytest.fixture
def office(county, now) -> Office:
    return an_office(county, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    set_clock(monkeypatch, FILED)


def text_of(response) -> str:
    return response.content.decode()


def client_of(account: Account) -> Client:
    Account.objects.filter(pk=account.pk).update(must_change_password=False)
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def door(office: Office, who: str) -> Client:
    return client_of(office.accounts[who])


def unit_door(office: Office, part: str) -> Client:
    return client_of(Account.objects.get(pk=office.of_unit(part).account_id))


def page(one: Objection) -> str:
    return reverse("objection", args=[one.pk])


def step(one: Objection, name: str) -> str:
    return reverse("objection_step", args=[one.pk, name])


WRITTEN = {"grounds": "征迁由街道办理。", "asked_for": "撤回这一条。"}


def test_liaison_writes_the_head_signs_the_office_accepts_and_another_decides(office):
    bulletin = issued(office)
    entry = Citation.objects.get(bulletin=bulletin, section="criticism")
    liaison, head = unit_door(office, "liaison"), unit_door(office, "head")
    new = f"{reverse('objection_new')}?citation={entry.pk}"
    assert new.replace("&", "&amp;") in text_of(liaison.get(reverse("bulletin", args=[bulletin.pk])))
    form = text_of(liaison.get(new))
    assert "申请到 <b>8月6日</b> 为止" in form
    assert "送审签" in form
    done = liaison.post(reverse("objection_new"), {"citation": entry.pk, **WRITTEN}, follow=True)
    assert "已送本单位审签" in text_of(done)
    one = objection_of()
    assert "审签" in text_of(head.get(reverse("my_desk")))
    assert "征迁由街道办理" in text_of(head.get(page(one)))
    head.post(step(one, "sign"), {"version": one.version})
    morning = text_of(door(office, "officer").get(reverse("morning")))
    assert "复核待决定" in morning
    assert ">受理<" in morning
    door(office, "officer").post(step(one, "accept"))
    shown = text_of(door(office, "deputy").get(page(one)))
    assert "officer甲" in shown
    assert "拟办通报" in shown
    assert "可以决定的：office_head甲（督查室主任）、deputy甲（政府办副主任）" in shown
    done = door(office, "deputy").post(step(one, "decide"), RULING, follow=True)
    assert "临江政督复〔2020〕1号" in text_of(done)
    assert "已撤回" in text_of(liaison.get(reverse("bulletin", args=[bulletin.pk])))
    assert "已撤回" in text_of(liaison.get(reverse("matter", args=[entry.matter_id])))
    assert "支持申请" in text_of(liaison.get(reverse("matter", args=[entry.matter_id])))
    pdf = liaison.get(reverse("objection_pdf", args=[one.pk]))
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")


@pytest.mark.parametrize("who", ["officer", "director", "mayor"])
def test_who_took_part_finds_no_form_and_is_refused_by_the_page(office, who):
    one = accepted(office)
    client = door(office, who)
    shown = text_of(client.get(page(one)))
    assert "按《政府督查工作条例》第十七条应当回避" in shown
    assert step(one, "decide") not in shown
    refused = client.post(step(one, "decide"), RULING)
    assert refused.status_code == 403
    assert "应当回避" in text_of(refused)
    assert objection_of().state == "accepted"


def test_second_officer_is_refused_until_named_and_then_the_page_offers_it(office):
    one = accepted(office)
    second = door(office, "second")
    assert second.post(step(one, "decide"), RULING).status_code == 403
    named = {"reviewer": office.accounts["second"].pk, "reason": "主任另有任务。"}
    done = door(office, "mayor").post(step(one, "appoint"), named, follow=True)
    assert "已指定" in text_of(done)
    assert step(one, "decide") in text_of(second.get(page(one)))
    assert door(office, "deputy").post(step(one, "decide"), RULING).status_code == 403
    second.post(step(one, "decide"), RULING)
    assert objection_of().decided_by_name == "second甲"


def test_a_leader_who_was_named_finds_it_on_the_desk_and_only_that_one(office):
    one = accepted(office)
    leader = door(office, "leader")
    assert leader.get(page(one)).status_code == 404
    named = {"reviewer": office.accounts["leader"].pk, "reason": "办公室人员均参与。"}
    door(office, "mayor").post(step(one, "appoint"), named)
    assert "mayor甲指定您决定" in text_of(leader.get(reverse("my_desk")))
    assert leader.get(page(one)).status_code == 200


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(office):
    entry = citation(office).citation
    head = unit_door(office, "head")
    wrong = head.post(reverse("objection_new"), {"citation": entry.pk, "grounds": "征迁由街道办理。", "asked_for": ""})
    assert wrong.status_code == 400
    assert "请写明请求怎样处理" in text_of(wrong)
    assert "征迁由街道办理。</textarea>" in text_of(wrong)
    assert not Objection.objects.exists()


def test_a_decision_without_its_words_is_given_back_as_typed(office):
    one = accepted(office)
    deputy = door(office, "deputy")
    wrong = deputy.post(step(one, "decide"), {"outcome": "partly", "reasons": "原因有出入。"})
    assert wrong.status_code == 400
    assert "请写明更正的内容" in text_of(wrong)
    assert "原因有出入。</textarea>" in text_of(wrong)
    assert "请选择怎样决定" in text_of(deputy.post(step(one, "decide"), {"reasons": "原因有出入。"}))


def test_too_late_is_said_instead_of_a_form_and_refused_when_posted(office, monkeypatch):
    entry = citation(office).citation
    head = unit_door(office, "head")
    set_clock(monkeypatch, at("2020-08-07"))
    assert "申请期限已过" in text_of(head.get(reverse("objection_new"), {"citation": entry.pk}))
    late = head.post(reverse("objection_new"), {"citation": entry.pk, **WRITTEN})
    assert "已经超过，不能再申请" in text_of(late)


def test_office_enters_a_paper_for_a_unit_it_chooses(office):
    issued(office)
    office.of_unit("head")
    client = door(office, "second")
    unit = office.world.unit("教育局")
    assert "看可以申请的" in text_of(client.get(reverse("objection_new")))
    rows = text_of(client.get(reverse("objection_new"), {"unit": unit.pk}))
    assert "《政务督查》2020年第1期对第1项" in rows
    entry = Citation.objects.get(section="criticism")
    posted = {"citation": entry.pk, **WRITTEN, "channel": "paper", "informant": "王一", "filed_on": "2020-07-15"}
    done = client.post(reverse("objection_new"), posted, follow=True)
    assert "已提出，2020年8月14日前决定" in text_of(done)
    assert "王一（纸质回执，second甲代录）" in text_of(done)


def test_office_still_finds_what_a_paper_in_time_is_against_and_the_unit_does_not(office, monkeypatch):
    issued(office)
    unit = office.world.unit("教育局")
    office.of_unit("head")
    set_clock(monkeypatch, at("2020-09-04"))  # within thirty days after the last
    head = unit_door(office, "head")
    found = text_of(door(office, "second").get(reverse("objection_new"), {"unit": unit.pk}))
    assert "《政务督查》2020年第1期对第1项" in found
    assert "已过期限" in found
    assert "《政务督查》" not in text_of(head.get(reverse("objection_new")))
    set_clock(monkeypatch, at("2020-09-07"))
    assert "《政务督查》" not in text_of(door(office, "second").get(reverse("objection_new"), {"unit": unit.pk}))


def test_unit_objects_to_the_light_from_its_panel_with_a_file(office):
    matter = overridden(office)
    head = unit_door(office, "head")
    address = f"{reverse('objection_new')}?matter={matter.pk}&unit={office.world.unit('教育局').pk}"
    assert address.replace("&", "&amp;") in text_of(head.get(reverse("matter", args=[matter.pk])))
    assert "督查室改判为红灯，理由：现场停工。" in text_of(head.get(address))
    photo = BytesIO(picture())
    photo.name = "现场.png"
    posted = {"matter": matter.pk, "unit": office.world.unit("教育局").pk, **WRITTEN, "file": photo}
    done = head.post(reverse("objection_new"), posted, follow=True)
    assert "已提出" in text_of(done)
    assert Evidence.objects.get().subject_type == "objection"
    assert "现场" in text_of(done)


def test_another_units_people_find_nothing(office):
    one = filed(office)
    client = client_of(Account.objects.get(person__name="交通局联络员"))
    assert client.get(page(one)).status_code == 404
    assert client.post(step(one, "withdraw")).status_code == 404
    assert client.get(reverse("objection_new"), {"citation": one.citation_id}).status_code in (403, 404)


def test_withdrawn_by_the_unit_while_undecided(office):
    one = accepted(office)
    head = unit_door(office, "head")
    assert "撤回申请" in text_of(head.get(page(one)))
    head.post(step(one, "withdraw"))
    assert objection_of().state == "withdrawn"
    assert "撤回申请" not in text_of(head.get(page(one)))


def test_two_editors_of_the_words_and_the_second_sees_the_first(office):
    one = filed(office, by="liaison")
    liaison = unit_door(office, "liaison")
    liaison.post(step(one, "edit"), {**WRITTEN, "version": 1})
    late = liaison.post(step(one, "edit"), {"grounds": "另一种说法。", "asked_for": "撤回。", "version": 1})
    assert late.status_code == 409
    assert "征迁由街道办理。" in text_of(late)
    assert "另一种说法。</textarea>" in text_of(late)


def test_late_decisions_are_counted_on_the_morning_page(office, monkeypatch):
    one = accepted(office)
    assert objections.office_queue(office_of(office["deputy"], today=date(2020, 8, 19), most=5)).note == ""
    queue = objections.office_queue(office_of(office["deputy"], today=date(2020, 8, 20), most=5))
    assert (queue.count, queue.note, queue.lines[0].action, queue.lines[0].due_on) == (
        1,
        "逾期未决定 1",
        "决定",
        date(2020, 8, 19),
    )
    recused = objections.office_queue(office_of(office["director"], today=date(2020, 8, 20), most=5))
    assert (recused.lines[0].action, recused.lines[0].note) == ("查看", "复核中，您应当回避")
    set_clock(monkeypatch, at("2020-08-20"))
    assert "逾期未决定" in text_of(door(office, "deputy").get(page(one)))


def open_to(office: Office) -> int:
    """File and accept an objection to every entry against the unit; return how many."""
    found = conclusions_open_to([office.world.unit("教育局").pk], today=FILED.date())
    for conclusion in found:
        made = file_objection(conclusion, words=WORDS, by=office.of_unit("head"), now=FILED)
        accept_objection(objection_of(pk=made.pk), by=office["second"], now=FILED)
    return len(found)


def test_morning_and_list_read_two_with_as_many_statements_as_one(office):
    filed(office)
    deputy = door(office, "deputy")

    def counted() -> list[int]:
        counts = []
        with CaptureQueriesContext(connection) as queries:
            objections.office_queue(office_of(office["deputy"], today=FILED.date(), most=5))
        counts.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            assert deputy.get(reverse("objections")).status_code == 200
        counts.append(len(queries))
        return counts

    counted()
    before = counted()
    assert open_to(office) == 1
    assert Objection.objects.count() == 2
    assert counted() == before


def test_lists_open_on_what_there_is(office):
    one = filed(office)
    head = unit_door(office, "head")
    opened = text_of(head.get(reverse("objections")))
    assert one.about in opened and "决定期限" in opened and "决定文号" not in opened
    assert "这里没有复核申请" in text_of(head.get(reverse("objections"), {"tab": "decided"}))


def test_panel_of_the_light_says_how_the_review_ended(office):
    one = accepted(office, light(office))
    door(office, "director").post(step(one, "decide"), {**RULING, "light": "green"})
    shown = text_of(unit_door(office, "head").get(reverse("matter", args=[one.matter_id])))
    assert "自决定之日起显示绿灯" in shown
    assert "复核决定（临江政督复〔2020〕1号）" in shown


# ---- the forms that decide about a verification and a score

LATER = at("2021-02-01")


def opened(office: Office, monkeypatch, conclusion) -> Objection:
    set_clock(monkeypatch, LATER)
    return accepted(office, conclusion, now=at("2021-01-20"))


def chosen(response, name: str) -> dict[str, bool]:
    """The choices of a form by this name, and whether each is chosen."""
    tree = html.fromstring(text_of(response))
    return {one.get("value", "on"): one.get("checked") is not None for one in tree.xpath(f'//input[@name="{name}"]')}


def test_a_verification_is_decided_with_the_results_its_form_offers(office, monkeypatch):
    one = opened(office, monkeypatch, verified(office))
    deputy = door(office, "deputy")
    assert chosen(deputy.get(page(one)), "result") == {"true": False, "mostly": False}
    assert "现认定不实" in text_of(deputy.get(page(one)))
    wrong = deputy.post(step(one, "decide"), RULING)
    assert wrong.status_code == 400
    assert "请选择复核后认定为什么" in text_of(wrong)
    assert f"{RULING['reasons']}</textarea>" in text_of(wrong)
    partly = deputy.post(step(one, "decide"), {**RULING, "outcome": "partly", "result": "true"})
    assert "部分支持的请选基本属实" in text_of(partly)
    assert chosen(partly, "result") == {"true": True, "mostly": False}
    done = deputy.post(step(one, "decide"), {**RULING, "outcome": "partly", "result": "mostly"}, follow=True)
    assert "核验结果改为“基本属实”，原认定保留备查。" in text_of(done)
    assert objection_of(pk=one.pk).visit_item.result == "mostly"


def test_a_score_is_decided_by_the_facts_its_form_lists_and_nobody_types_a_score(office, monkeypatch):
    one = opened(office, monkeypatch, score(office))
    deputy = door(office, "deputy")
    facts = score_facts(one)
    shown = deputy.get(page(one))
    assert chosen(shown, "left_out") == {each.key: False for each in facts}
    assert all(each.words in text_of(shown) for each in facts)
    assert 'name="score"' not in text_of(shown)
    wrong = deputy.post(step(one, "decide"), RULING)
    assert wrong.status_code == 400
    assert "请选择哪些事实不再计入" in text_of(wrong)
    first = facts[0].key
    short = deputy.post(step(one, "decide"), {"outcome": "upheld", "reasons": "", "left_out": [first]})
    assert "请写明决定的理由" in text_of(short)
    assert chosen(short, "left_out") == {each.key: each.key == first for each in facts}
    done = deputy.post(step(one, "decide"), {**RULING, "left_out": [first]}, follow=True)
    assert f"不再计入：{facts[0].words}" in text_of(done)
    sheet = ScoreSheet.objects.get(unit=one.unit, is_current=True)
    assert (sheet.number, first in {each.key for each in data_of(sheet).unit.facts}) == (2, False)


@pytest.mark.parametrize("made", [verified, score])
def test_who_took_part_finds_no_form_of_a_verification_nor_of_a_score(office, monkeypatch, made):
    one = opened(office, monkeypatch, made(office))
    officer = door(office, "officer")
    shown = officer.get(page(one))
    assert "按《政府督查工作条例》第十七条应当回避" in text_of(shown)
    assert step(one, "decide") not in text_of(shown)
    assert (chosen(shown, "result"), chosen(shown, "left_out"), chosen(shown, "recounts")) == ({}, {}, {})
    assert officer.post(step(one, "decide"), {**RULING, "result": "true", "recounts": "on"}).status_code == 403


def test_office_enters_a_paper_in_time_from_the_sheet_of_a_confirmed_evaluation(office, monkeypatch):
    conclusion = score(office)
    evaluation = fresh(conclusion.sheet.evaluation)
    confirm_evaluation(evaluation, by=office["office_head"], now=OVER)
    set_clock(monkeypatch, at("2021-01-28"))
    client = door(office, "second")
    shown = text_of(client.get(reverse("evaluation_sheet", args=[evaluation.pk, conclusion.unit.pk])))
    new = f"{reverse('objection_new')}?sheet={conclusion.sheet.pk}&unit={conclusion.unit.pk}"
    assert f'1月26日前交来、还没有录入的纸质异议，可以<a href="{new.replace("&", "&amp;")}">代录</a>' in shown
    assert client.get(new).status_code == 200
    posted = {"sheet": conclusion.sheet.pk, **WRITTEN, "channel": "paper", "informant": "王一"}
    done = client.post(reverse("objection_new"), {**posted, "filed_on": "2021-01-26"}, follow=True)
    assert "已提出，2021年2月8日前决定" in text_of(done)
    unit = unit_door(office, "head")
    assert "可以申请" not in text_of(unit.get(reverse("evaluation_sheet", args=[evaluation.pk, conclusion.unit.pk])))
