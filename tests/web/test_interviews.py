"""约谈 in the browser: the desk, the forms, one interview with its line of steps; what each reader sees."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from duban.access.models import Account
from duban.interviews.models import Dismissal, Interview, Recheck, Rectification, TalkRecord
from duban.matters.actions import put_closed
from duban.orgs.models import Person
from tests.evidence.files import PDF
from tests.interviews.builders import (
    applied,
    approved,
    arranged,
    held,
    interview_of,
    leader_actor,
    leader_post,
    mayor_post,
    minuted,
    notified,
    planned,
    rechecked,
    red_twice,
    reported,
)
from tests.letters.builders import at
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock
from tests.web.test_bulletins import as_unit, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    set_clock(monkeypatch, at("2020-07-02", 10))


def page(client, name, *args, query=""):
    return client.get(reverse(name, args=args) + query)


def text_of(client, name, *args, query="") -> str:
    return page(client, name, *args, query=query).content.decode()


def step(client, interview, name, **data):
    return client.post(reverse("interview_step", args=[interview.pk, name]), {"version": interview.version, **data})


def as_leader(client, post=None):
    account = Account.objects.get(pk=leader_actor(post or leader_post()).account_id)
    Account.objects.filter(pk=account.pk).update(must_change_password=False)
    client.force_login(account)
    return client


# ---- proposals


def test_officer_finds_the_proposal_and_applies(client, world):
    red_twice(world)
    signed_in(client, world, "officer")
    assert "按规则建议约谈 1 个单位" in text_of(client, "morning")
    desk = text_of(client, "interviews")
    assert "2020年5月31日、6月30日连续2次定格为红灯" in desk
    assert "本年度首次约谈" in desk
    unit = world.unit("教育局")
    query = f"?plan={world.plan.pk}&unit={unit.pk}"
    assert query.replace("&", "&amp;") in desk
    form = text_of(client, "interview_new", query=query)
    assert "教育局1件督查事项连续定格红灯。" in form
    assert "一级约谈：吴一副区长" in form
    [key] = [one.split('"')[0] for one in form.split('name="key"')[1].split('value="')[1:2]]
    data = {"plan": world.plan.pk, "unit": unit.pk, "key": key, "level": "1", "reason": "进展滞后。"}
    response = client.post(reverse("interview_new"), data)
    made = Interview.objects.get()
    assert response.url == reverse("interview", args=[made.pk])
    text = text_of(client, "interview", made.pk)
    assert "待批准" in text
    assert "眼下没有建议约谈的单位" in text_of(client, "interviews", query="?tab=proposed")


def test_wrong_application_keeps_what_was_typed(client, world):
    red_twice(world)
    signed_in(client, world, "officer")
    data = {"plan": world.plan.pk, "unit": world.unit("教育局").pk, "level": "1", "reason": "写好的理由。"}
    response = client.post(reverse("interview_new"), data)
    assert response.status_code == 400
    text = response.content.decode()
    assert "请选择约谈事由，或者写明领导要求。" in text
    assert "写好的理由。" in text
    response = client.post(reverse("interview_new"), data | {"level": "9"})
    assert "请选择约谈的级别" in response.content.decode()
    assert Interview.objects.count() == 0


def test_officer_applies_because_a_leader_asks(client, world):
    red_twice(world)
    other = world.unit("交通局")
    matter = world.assigned(serial="8", leads=("交通局",))
    signed_in(client, world, "officer")
    form = text_of(client, "interview_new", query=f"?plan={world.plan.pk}&unit={other.pk}")
    assert "按规则眼下没有对该单位提出约谈的事由" in form
    data = {
        "plan": world.plan.pk,
        "unit": other.pk,
        "level": "1",
        "reason": "区长批示。",
        "words": "区长要求约谈",
        "matter": matter.pk,
        "approver": leader_post().pk,
    }
    client.post(reverse("interview_new"), data)
    assert [one.words for one in Interview.objects.get().grounds.all()] == ["区长要求约谈。"]


def test_proposal_is_dismissed_with_a_reason(client, world):
    red_twice(world)
    signed_in(client, world, "officer")
    desk = text_of(client, "interviews")
    key = desk.split('name="key" value="')[1].split('"')[0]
    data = {"plan": world.plan.pk, "unit": world.unit("教育局").pk, "key": key, "reason": ""}
    response = client.post(reverse("interview_dismiss"), data)
    assert response.status_code == 400
    assert "请写明不予提起的理由" in response.content.decode()
    client.post(reverse("interview_dismiss"), data | {"reason": "已由分管区领导当面调度"})
    assert Dismissal.objects.get().reason == "已由分管区领导当面调度"
    ended = text_of(client, "interviews", query="?tab=ended")
    assert "已由分管区领导当面调度" in ended
    assert "按规则建议约谈" not in text_of(client, "morning")


# ---- deciding


def test_leader_decides_from_the_own_desk(client, world):
    red_twice(world)
    interview = applied(world)
    as_leader(client)
    assert "申请约谈教育局" in text_of(client, "my_desk")
    text = text_of(client, "interview", interview.pk)
    assert "批示日期" not in text
    response = step(client, interview, "approve", opinion="同意。")
    assert response.url == reverse("interview", args=[interview.pk])
    assert (interview_of().state, interview_of().opinion) == ("approved", "同意。")
    again = step(client, interview, "approve")
    assert again.status_code == 409


def test_leader_refuses_and_sends_back(client, world):
    red_twice(world)
    interview = applied(world)
    as_leader(client)
    response = step(client, interview, "refuse", reason="")
    assert response.status_code == 400
    assert "请写明不予批准的理由" in response.content.decode()
    step(client, interview, "send_back", reason="请写明整改期限")
    assert interview_of().state == "sent_back"
    signed_in(client, world, "officer")
    assert "退回修改：请写明整改期限" in text_of(client, "morning")
    form = text_of(client, "interview_edit", interview.pk)
    assert "请写明整改期限" in form
    data = {"version": interview.version, "level": "1", "reason": "期限一个月。", "approver": leader_post().pk}
    assert client.post(reverse("interview_edit", args=[interview.pk]), data | {"reason": ""}).status_code == 400
    client.post(reverse("interview_edit", args=[interview.pk]), data)
    assert (interview_of().state, interview_of().reason) == ("applied", "期限一个月。")


def test_office_enters_the_paper_with_its_day(client, world):
    red_twice(world)
    interview = applied(world)
    signed_in(client, world, "officer")
    assert "批示日期" in text_of(client, "interview", interview.pk)
    assert step(client, interview, "approve").status_code == 400
    step(client, interview, "approve", decided_on="2020-07-01")
    assert "督查室据批示件登记" in text_of(client, "interview", interview.pk)


def test_office_enters_the_paper_with_its_scan_which_the_unit_never_sees(client, world, settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    red_twice(world)
    interview = applied(world)
    signed_in(client, world, "officer")
    assert 'enctype="multipart/form-data"' in text_of(client, "interview", interview.pk)
    scan = SimpleUploadedFile("批示件.pdf", PDF, "application/pdf")
    undated = step(client, interview, "approve", file=scan)
    assert (undated.status_code, "请填写批示日期" in undated.content.decode()) == (400, True)
    scan.seek(0)
    assert step(client, interview, "approve", decided_on="2020-07-01", file=scan).status_code == 302
    shown = text_of(client, "interview", interview.pk)
    assert "批示件扫描件" in shown
    assert "2020年7月1日批示" in shown
    kept = page(client, "interview_scan", interview.pk)
    assert (kept.status_code, b"".join(kept.streaming_content)) == (200, PDF)
    assert page(client, "interview_scan", interview.pk, query="?number=2").status_code == 404
    as_leader(client)
    assert page(client, "interview_scan", interview.pk).status_code == 200
    notified(world, arranged(world, interview_of()))
    as_unit(client)
    assert "批示件扫描件" not in text_of(client, "interview", interview.pk)
    assert page(client, "interview_scan", interview.pk).status_code == 404


def test_who_is_to_chair_finds_the_talk_in_the_morning(client, world):
    red_twice(world)
    mayor_post(world)
    one = notified(world)
    signed_in(client, world, "director")
    shown = text_of(client, "morning")
    assert "约谈教育局：2020年7月8日" in shown
    assert "由您主持，对方还没有确认参加人员" in shown
    assert reverse("interview", args=[one.pk]) in shown
    signed_in(client, world, "deputy_director")
    assert "由您主持" not in text_of(client, "morning")
    as_leader(client)
    assert "由您主持" not in text_of(client, "my_desk")
    Interview.objects.filter(pk=one.pk).update(chair=leader_post(), level=2)
    assert "由您主持" in text_of(client, "my_desk")
    signed_in(client, world, "director")
    assert "由您主持" not in text_of(client, "morning")


# ---- the notice


def test_plan_then_draft_then_notice(client, world):
    red_twice(world)
    interview = approved(world)
    signed_in(client, world, "officer")
    refused = page(client, "interview_notice", interview.pk, "pdf")
    assert (refused.status_code, "请先定约谈方案" in refused.content.decode()) == (400, True)
    form = text_of(client, "interview_arrange", interview.pk)
    assert 'value="2020-07-07T09:00"' in form  # three working days on, so that two lie between
    assert "教育局副局长（教育局分管领导）" in form
    assert "经副区长批准，决定对你单位有关负责同志进行约谈" in form
    data = {
        "version": interview.version,
        "starts_at": "2020-07-07T15:00",
        "place": "",
        "chair_name": "政府办主任",
        "invited": "教育局副局长",
        "basis": "因进展滞后，决定约谈。",
    }
    address = reverse("interview_arrange", args=[interview.pk])
    wrong = client.post(address, data)
    assert (wrong.status_code, "请写明地点" in wrong.content.decode()) == (400, True)
    assert client.post(address, data | {"place": "三楼", "starts_at": "明天"}).status_code == 400
    client.post(address, data | {"place": "三楼会议室"})
    draft = page(client, "interview_notice", interview.pk, "pdf")
    assert (draft.status_code, draft["Content-Type"]) == (200, "application/pdf")
    assert page(client, "interview_notice", interview.pk, "docx").status_code == 200
    assert page(client, "interview_notice", interview.pk, "txt").status_code == 404
    step(client, interview, "notice")
    text = text_of(client, "interview", interview.pk)
    assert "临江政督约〔2020〕1号" in text


def test_notice_too_late_says_from_when_on_the_talk_may_be(client, world, monkeypatch):
    red_twice(world)
    interview = arranged(world)
    set_clock(monkeypatch, at("2020-07-07", 10))
    response = step(signed_in(client, world, "officer"), interview, "notice")
    assert response.status_code == 400
    assert "约谈不早于2020年7月9日" in response.content.decode()
    assert interview_of().state == "approved"


def test_unit_sees_the_talk_from_the_notice_on_and_says_who_comes(client, world):
    red_twice(world)
    interview = arranged(world)
    as_unit(client)
    assert page(client, "interview", interview.pk).status_code == 404
    assert "没有正在办理的约谈" in text_of(client, "interviews")
    notified(world, interview)
    desk = text_of(client, "my_desk")
    assert "请确认参加人员" in desk
    text = text_of(client, "interview", interview.pk)
    assert "申请和批准" not in text
    assert "不予批准" not in text
    assert step(client, interview, "attend", attending="").status_code == 400
    step(client, interview, "attend", attending="副局长、科长")
    assert interview_of().attending == "副局长、科长"
    assert "请确认参加人员" not in text_of(client, "my_desk")
    assert page(client, "interview_notice", interview.pk, "pdf").status_code == 200
    assert page(client, "interview_minutes", interview.pk, "pdf").status_code == 404
    assert page(client, "interview_record", interview.pk).status_code == 403


def test_talk_is_moved(client, world):
    red_twice(world)
    interview = notified(world, now=at("2020-07-02", 9))
    signed_in(client, world, "officer")
    assert step(client, interview, "postpone", starts_at="x", place="三楼", reason="防汛").status_code == 400
    step(client, interview, "postpone", starts_at="2020-07-09T09:00", place="三楼", reason="防汛值守")
    assert "防汛值守" in text_of(client, "interview", interview.pk)


# ---- the talk, and what comes after it


def test_officer_writes_the_record_and_issues_the_minutes(client, world, monkeypatch):
    red_twice(world)
    interview = notified(world)
    set_clock(monkeypatch, at("2020-07-09", 10))
    signed_in(client, world, "officer")
    assert "登记" in text_of(client, "morning")
    form = text_of(client, "interview_record", interview.pk)
    assert 'value="2020-07-08"' in form
    assert "第1项：2020年5月31日、6月30日连续2次定格为红灯" in form
    data = {
        "version": interview.version,
        "held_on": "2020-07-08",
        "place": "三楼",
        "chair_name": "政府办主任",
        "present": "政府办主任、教育局副局长",
        "recorder": "督查员甲",
        "reasons": "进展滞后。",
        "explanation": "征迁未谈拢。",
        "undertaking": "按时完成。",
        "demand": ["报送整改方案", ""],
        "demand-unit": ["", ""],
        "demand-due": ["2020-07-22", ""],
    }
    address = reverse("interview_record", args=[interview.pk])
    wrong = client.post(address, data)
    assert (wrong.status_code, "请写明责任单位" in wrong.content.decode()) == (400, True)
    assert "征迁未谈拢。" in wrong.content.decode()
    assert client.post(address, data | {"demand-due": ["7月", ""]}).status_code == 400
    client.post(address, data | {"demand-unit": ["教育局", ""]})
    assert TalkRecord.objects.get().demands.get().words == "报送整改方案"
    assert page(client, "interview_minutes", interview.pk, "pdf").status_code == 200
    again = client.post(address, data | {"demand-unit": ["教育局", ""], "version": interview_of().version})
    assert again.status_code == 302
    step(client, interview, "minutes")
    text = text_of(client, "interview", interview.pk)
    assert "〔2020〕1号" in text
    assert "纪要已经印发，记录不再改动" in text_of(client, "interview_record", interview.pk)


def test_unit_hands_in_on_its_phone_and_the_office_returns(client, world, monkeypatch):
    red_twice(world)
    interview = minuted(world)
    set_clock(monkeypatch, at("2020-07-14", 10))
    as_unit(client)
    desk = text_of(client, "my_desk")
    assert reverse("interview", args=[interview.pk]) in desk
    assert "报送约谈整改方案" in desk
    assert step(client, interview, "hand_in", paper="plan", text="").status_code == 400
    step(client, interview, "hand_in", paper="plan", text="分三步推进。")
    assert Rectification.objects.get().text == "分三步推进。"
    signed_in(client, world, "officer")
    assert "整改方案待审" in text_of(client, "morning")
    step(client, interview, "return", reason="请写明责任人")
    as_unit(client)
    text = text_of(client, "interview", interview.pk)
    assert "退回：请写明责任人" in text
    assert "分三步推进。" in text
    step(client, interview, "hand_in", paper="plan", text="分三步推进，局长负总责。")
    signed_in(client, world, "officer")
    step(client, interview, "accept")
    assert interview_of().state == "rectifying"
    told = {"paper": "report", "text": "已完成。", "channel": "telephone", "informant": "教育局办公室"}
    undated = step(client, interview, "hand_in", **told)
    assert (undated.status_code, "请填写报送日期" in undated.content.decode()) == (400, True)
    step(client, interview, "hand_in", **told, handed_on="2020-07-14")
    assert interview_of().state == "reported"


def test_recheck_on_the_page(client, world, monkeypatch):
    red_twice(world)
    interview = reported(world)
    set_clock(monkeypatch, at("2020-08-12", 10))
    signed_in(client, world, "officer")
    text = text_of(client, "interview", interview.pk)
    assert "8月19日前" in text  # ten working days from Wednesday 5 August
    data = {"checked_on": "2020-08-12", "checked_by": "督查员甲", "findings": "没有动工。", "result": "not_met"}
    wrong = step(client, interview, "recheck", **data)
    assert (wrong.status_code, "请选择继续整改" in wrong.content.decode()) == (400, True)
    assert "没有动工。" in wrong.content.decode()
    assert step(client, interview, "recheck", **data | {"result": ""}).status_code == 400
    assert step(client, interview, "recheck", **data | {"checked_on": ""}).status_code == 400
    step(client, interview, "recheck", **data, follow_up="raise")
    assert Recheck.objects.get().follow_up == "raise"
    text = text_of(client, "interview", interview.pk)
    assert "转上一级约谈" in text
    assert "上次约谈后整改不到位，提高一级。" in text_of(client, "interviews", query="?tab=proposed")


def test_line_shows_eight_steps_with_day_and_document(client, world):
    matter = red_twice(world)
    interview = rechecked(world)
    signed_in(client, world, "officer")
    text = text_of(client, "interview", interview.pk)
    line = text.split('class="talk-steps"')[1].split("</ol>")[0]
    labels = ["申请", "批准", "通知和方案", "约谈", "纪要", "整改方案", "整改报告", "复查"]
    assert [one.split("</b>")[0] for one in line.split("<b>")[1:]] == labels
    days = ["2020年7月1日", "2020年7月2日", "2020年7月3日", "2020年7月8日", "2020年7月10日", "2020年7月15日"]
    for day in [*days, "2020年8月5日", "2020年8月12日"]:
        assert day in line
    assert line.count('class="is-done"') == 8
    panel = text_of(client, "matter", matter.pk)
    assert reverse("interview", args=[interview.pk]) in panel
    story = text_of(client, "matter_story", matter.pk, query="?kind=interviews")
    assert "发出对教育局的一级约谈通知临江政督约〔2020〕1号" in story
    assert "复查教育局整改情况：整改到位" in story
    settled = text_of(client, "interviews", query="?tab=settled")
    assert "已办结" in settled and "整改到位" in settled and "办结日期" in settled


def test_withdrawn_says_why(client, world):
    red_twice(world)
    interview = notified(world)
    signed_in(client, world, "officer")
    assert step(client, interview, "withdraw", reason="").status_code == 400
    step(client, interview, "withdraw", reason="单位已整改到位")
    as_unit(client)
    assert "已撤回：单位已整改到位" in text_of(client, "interview", interview.pk)
    signed_in(client, world, "officer")
    assert "已撤回" in text_of(client, "interviews", query="?tab=ended")


def test_nobody_else_sees_it(client, world):
    matter = red_twice(world)
    interview = minuted(world)
    other = world.post(None, "另一位副区长", "吴二", kind="leader")
    as_leader(client, other)
    assert page(client, "interview", interview.pk).status_code == 404
    assert page(client, "interview_minutes", interview.pk, "pdf").status_code == 404
    as_leader(client)
    assert page(client, "interview_minutes", interview.pk, "pdf").status_code == 200
    as_unit(client, part="局长")
    assert page(client, "interview", interview.pk).status_code == 200
    assert "约谈" in text_of(client, "matter", matter.pk)


@pytest.mark.parametrize("tab", ["live", "settled"])
def test_desk_costs_the_same_for_one_and_for_three(client, world, tab, django_assert_num_queries):
    red_twice(world)
    one = held(world) if tab == "live" else rechecked(world)
    signed_in(client, world, "director")
    page(client, "interviews", query=f"?tab={tab}")
    with django_assert_num_queries(11):
        page(client, "interviews", query=f"?tab={tab}")
    for number in (2, 3):
        copy = interview_of(pk=one.pk)
        copy.pk, copy.number, copy.number_text, copy.minutes_number = None, number, f"{number}号", None
        copy.minutes_on = copy.minutes_at = None
        copy.save()
    with django_assert_num_queries(11):
        text = text_of(client, "interviews", query=f"?tab={tab}")
    assert text.count('class="letter-to"') == 3


def test_page_of_an_interview_costs_little(client, world, django_assert_max_num_queries):
    red_twice(world)
    interview = planned(world)
    signed_in(client, world, "officer")
    with django_assert_max_num_queries(26):
        page(client, "interview", interview.pk)


def test_head_of_government_decides_the_second_level(client, world):
    red_twice(world)
    mayor_post(world)
    interview = applied(world, level=2)
    account = Account.objects.get(pk=leader_actor(mayor_post(world)).account_id)
    Account.objects.filter(pk=account.pk).update(must_change_password=False)
    client.force_login(account)
    assert "申请约谈教育局" in text_of(client, "my_desk")
    step(client, interview, "approve")
    assert interview_of().approved_for_name == Person.objects.get(name="区长甲").name


def test_closed_year_says_so_and_lets_only_the_rectification_go_on(client, world, monkeypatch):
    red_twice(world)
    interview = reported(world)
    put_closed(world.plan, approval=world.approval(), by=world.office_head, now=world.now)
    set_clock(monkeypatch, at("2020-08-12", 10))
    signed_in(client, world, "officer")
    shown = text_of(client, "interview", interview.pk)
    assert "2020年度台账已经办结，只能查看" in shown
    assert ("登记复查" in shown, "提请上一级约谈" in shown) == (True, False)
    for tab in ("", "?tab=proposed"):
        assert reverse("interview_new") not in text_of(client, "interviews", query=tab)
    assert "送领导批示" not in text_of(client, "interview_new")
    data = {"checked_on": "2020-08-12", "checked_by": "督查员甲", "findings": "没有动工。", "result": "not_met"}
    refused = step(client, interview, "recheck", **data, follow_up="raise")
    assert (refused.status_code, "已经办结" in refused.content.decode()) == (409, True)
    step(client, interview, "recheck", **data, follow_up="rectify")
    assert interview_of().state == "rectifying"


def test_talk_of_a_closed_year_has_no_buttons(client, world):
    red_twice(world)
    interview = notified(world)
    put_closed(world.plan, approval=world.approval(), by=world.office_head, now=world.now)
    signed_in(client, world, "officer")
    shown = text_of(client, "interview", interview.pk)
    assert ("登记约谈" in shown, "改期" in shown, "撤回" in shown) == (False, False, False)
    assert "已经办结" in text_of(client, "interview_record", interview.pk)
