"""One matter's page and its steps; entering by hand, pasting, correcting: by whom, and what is said when it fails."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from duban.audit.models import Event
from duban.audit.rules import EventName
from duban.core.actor import SYSTEM
from duban.core.errors import Invalid
from duban.intake.models import Notice, Row
from duban.matters.actions import (
    NewAssignment,
    NewGroup,
    NewMatter,
    NewMilestone,
    NewTarget,
    acknowledge,
    refuse,
)
from duban.matters.models import Matter
from duban.matters.queries import ledger_rows
from duban.matters.rules import Part
from duban.orgs.actions import set_group
from duban.orgs.models import Unit
from duban.web.ledger import COLUMN
from duban.web.matter_history import differences, sentence_of
from duban.web.matter_paste import COLUMN_LABELS, header_of, read_paste
from duban.web.matter_steps import STEPS, read_milestones
from tests.matters.builders import World, make_world, usual_world
from tests.web.closing_doors import CLOSING_STEPS, closing_page, closing_step
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now)


APPROVAL = {"basis": "经区政府同意", "approved_by_name": "区政府", "approved_on": "2020-02-01", "document_number": ""}


def step(client, matter, name, **posted):
    """Post a step as the page's own form would: with what it showed."""
    if name in ("adjust", "arrange", "milestones") and "seen" not in posted:
        posted["seen"] = seen_on(client, matter, name, key=posted.get("assignment", ""))
    return client.post(reverse("matter_step", args=[matter.pk, name]), posted)


def seen_on(client, matter, name, *, key="") -> str:
    """What the page's form of a step says it showed."""
    forms = client.get(reverse("matter", args=[matter.pk])).context["forms"]
    fields = [one for form in forms if form.step == name and form.key == key for one in form.fields]
    return next((one.value for one in fields if one.name == "seen"), "")


def text_of(response) -> str:
    return response.content.decode()


# ---- one matter


def test_the_page_shows_everything_and_its_history_in_sentences(world):
    matter = world.assigned(serial="7", leads=("教育局", "财政局"), supports=("住建局",), due_on=date(2020, 9, 30))
    page = text_of(signed_in(world, "officer").get(reverse("matter", args=[matter.pk])))
    for words in (
        "第7项",
        "教育局（汇总）、财政局",
        "2020年9月30日",
        "待牵头单位签收；应办 4 件；最近一件：2020年6月20日前报送完成情况。",
        "2020年2月3日 09:00，督查员甲交办给教育局、财政局，住建局协办。",
        "2020年2月3日 09:00，督查员甲立项（经区政府同意；2020年2月3日区政府批准）。",
        "2020年2月3日 09:00，督查员甲录入事项，来源：责任分解通知。",
    ):
        assert words in page


def test_the_source_line_is_lit_and_its_neighbours_stay_with_those_who_may_read_the_notice(world):
    matter = world.assigned()
    notice = Notice.objects.create(
        jurisdiction=world.county,
        plan=world.plan,
        file_name="通知.txt",
        digest="0" * 64,
        size_bytes=9,
        title="通知",
        year=2020,
        header={},
        lines=["第一行", "第二行是别的单位的事", "第三行是本事项", "第四行"],
        state="registered",
        uploaded_at=world.now,
        uploaded_by_name="某人",
        registered_at=world.now,
    )
    Row.objects.create(notice=notice, order=1, source_line=3, state="accepted", matter=matter)
    address = reverse("matter", args=[matter.pk])
    office = text_of(signed_in(world, "officer").get(address))
    assert '<li class="is-lit"><span class="line-no">3</span><span>第三行是本事项</span></li>' in office
    assert "第二行是别的单位的事" in office
    unit = text_of(signed_in(world, "联络员 教育局").get(address))
    assert ("第三行是本事项" in unit, "第二行是别的单位的事" in unit) == (True, False)


def test_a_matter_that_is_not_ones_own_is_not_there(world):
    matter, draft = world.assigned(), world.draft()
    outsider, liaison = signed_in(world, "联络员 财政局"), signed_in(world, "联络员 教育局")
    assert outsider.get(reverse("matter", args=[matter.pk])).status_code == 404
    assert step(outsider, matter, "acknowledge").status_code == 404
    assert liaison.get(reverse("matter", args=[draft.pk])).status_code == 404
    assert signed_in(world, "audit_admin").get(reverse("matter", args=[matter.pk])).status_code == 404
    assert Event.objects.filter(name="access.refused").count() == 4


def test_a_supporting_unit_sees_no_other_units_business(world):
    matter = world.assigned(leads=("教育局", "财政局"), supports=("住建局",))
    own = matter.assignments.get(unit=world.unit("财政局"))
    refuse(own, reason="本局并无此项职责", by=world.liaison("财政局"), now=world.now)
    address = reverse("matter", args=[matter.pk])
    assert "本局并无此项职责" not in text_of(signed_in(world, "联络员 住建局").get(address))
    assert "本局并无此项职责" in text_of(signed_in(world, "联络员 教育局").get(address))


@pytest.mark.parametrize(
    ("who", "state", "expected"),
    [
        ("officer", "draft", ["register", "milestones"]),
        ("officer", "registered", ["assign", "milestones"]),
        ("officer", "assigned", ["acknowledge", "refuse", "start", "milestones"]),
        ("officer", "started", ["arrange", "milestones"]),
        ("officer", "closing", []),
        ("office_head", "closing", []),
        ("office_head", "closed", ["reopen"]),
        ("director", "started", ["extend", "adjust", "split", "suspend", "carry-over", "terminate"]),
        ("deputy_director", "started", []),
        ("联络员 教育局", "assigned", ["acknowledge", "refuse"]),
        ("联络员 教育局", "started", ["arrange"]),
        ("主要负责人 教育局", "started", ["arrange"]),
        ("联络员 教育局", "closed", []),
    ],
)
def test_only_what_one_may_do_now_is_offered(world, who, state, expected):
    matter = getattr(world, state)()
    response = signed_in(world, who).get(reverse("matter", args=[matter.pk]))
    assert [form.step for form in response.context["forms"]] == expected


def test_every_step_that_is_offered_is_known():
    assert set(STEPS) >= {"register", "assign", "acknowledge", "extend", "terminate", "waive"}


def test_the_whole_life_through_the_door(world):
    matter = world.draft(leads=("教育局",), serial="7")
    officer, head = signed_in(world, "officer"), signed_in(world, "office_head")
    liaison, principal = signed_in(world, "联络员 教育局"), signed_in(world, "主要负责人 教育局")
    own = str(matter.assignments.get().pk)
    steps = [
        (officer, "register", APPROVAL, "registered"),
        (officer, "assign", {}, "assigned"),
        (
            liaison,
            "acknowledge",
            {"assignment": own, "responsible_person": "科长乙"},
            "in_progress",
        ),
        (liaison, "arrange", {"assignment": own, "responsible_leader": "副局长甲"}, "in_progress"),
        (officer, "milestones", {"milestones": "2020-06-30 主体封顶 60%", "reason": "明确进度安排"}, "in_progress"),
        (head, "extend", {**APPROVAL, "due_on": "2021-03-31", "reason": "受疫情影响"}, "in_progress"),
        (head, "suspend", {**APPROVAL, "reason": "等待规划"}, "suspended"),
        (head, "resume", {**APPROVAL, "reason": "规划已批", "due_on": ""}, "in_progress"),
        (liaison, "prepare", {"statement": "已经建成"}, "in_progress"),
        (principal, "ask", {"statement": "已经建成"}, "closing"),
        (head, "return", {"reasons": "缺少验收材料"}, "in_progress"),
        (principal, "ask", {"statement": "已补材料"}, "closing"),
        (officer, "verify", {}, "closing"),
        (head, "grant", {"conclusion": "现场核验属实"}, "closed"),
        (head, "reopen", {"reason": "核查不实", "due_on": ""}, "in_progress"),
        (head, "terminate", {**APPROVAL, "reason": "上级取消"}, "terminated"),
    ]
    for client, name, posted, state in steps:
        take = closing_step if name in CLOSING_STEPS else step
        response = take(client, matter, name, **posted)
        assert (name, response.status_code) == (name, 302)
        matter.refresh_from_db()
        assert (name, matter.state) == (name, state)
    page = text_of(officer.get(reverse("matter", args=[matter.pk])))
    assert "主体封顶" in page and "办结时限：2020年12月31日 → 2021年3月31日" in page


def test_adjusting_and_splitting_through_the_door(world):
    matter = world.started(leads=("教育局",), supports=("住建局",))
    world.unit("财政局")
    head = signed_in(world, "office_head")
    cells = {"persons": "", "overseers": "", "deadline_text": "", "due_on": "2020-12-31", "reason": "分工调整"}
    posted = {**APPROVAL, **cells, "text": matter.text, "lead_units": "教育局 财政局", "support_units": "住建局"}
    assert step(head, matter, "adjust", **posted).status_code == 302
    assert [one.unit.name for one in matter.assignments.order_by("order")] == ["教育局", "财政局", "住建局"]
    unknown = step(head, matter, "adjust", **{**posted, "lead_units": "教育局、交通运输局"})
    assert (unknown.status_code, "名册中没有单位：交通运输局" in text_of(unknown)) == (400, True)
    items = {"items": "完成选址 | 2020-06-30\n\n完成主体", "reason": "分步实施"}
    assert step(head, matter, "split", **APPROVAL, **items).status_code == 302
    assert list(matter.work_items.order_by("order").values_list("text", "due_on")) == [
        ("完成选址", date(2020, 6, 30)),
        ("完成主体", date(2020, 12, 31)),
    ]
    wrong = step(head, matter, "split", **APPROVAL, items="甲 | 明年", reason="分步实施")
    assert (wrong.status_code, "第 1 行的时限“明年”看不懂" in text_of(wrong)) == (400, True)


def adjusting(matter, **given):
    """What the form of 调整 posts: the cells as they are prefilled, and what somebody typed over."""
    cells = {"lead_units": "", "persons": "", "support_units": "", "overseers": "", "deadline_text": ""}
    return {**APPROVAL, **cells, "text": matter.text, "due_on": "2020-12-31", "reason": "分工调整", **given}


def prefilled(client, matter) -> dict[str, str]:
    forms = client.get(reverse("matter", args=[matter.pk])).context["forms"]
    return {one.name: one.value for form in forms if form.step == "adjust" for one in form.fields}


def test_a_group_put_on_by_adjusting_stays_with_its_members(world, officer):
    set_group(
        world.county,
        name="各镇（街道）",
        members=[world.unit("山前街道"), world.unit("河口镇")],
        by=officer,
        now=world.now,
    )
    matter = world.started(leads=("教育局",), supports=("住建局",))
    world.unit("财政局")
    head = signed_in(world, "office_head")
    posted = adjusting(matter, lead_units="教育局", support_units="住建局、各镇（街道）、财政局")
    assert step(head, matter, "adjust", **posted).status_code == 302
    page = text_of(head.get(reverse("matter", args=[matter.pk])))
    assert "各镇（街道）" in page and "山前街道" in page
    assert "增加协办单位各镇（街道）（山前街道、河口镇）、财政局" in page
    [row] = ledger_rows([matter.pk], today=world.now.date())
    assert row.supports == ("住建局", "各镇（街道）", "财政局")
    form = prefilled(head, matter)
    assert form["support_units"] == "住建局、各镇（街道）、财政局"
    again = adjusting(matter, lead_units="教育局", support_units="各镇（街道）、财政局")
    assert step(head, matter, "adjust", **again).status_code == 302
    active = matter.assignments.filter(ended_at=None, part="support").order_by("order", "pk")
    assert [one.unit.name for one in active] == ["山前街道", "河口镇", "财政局"]


def test_a_group_of_the_notice_keeps_whom_it_meant_and_goes_along(world, officer):
    towns = [world.unit("山前街道"), world.unit("河口镇")]
    parts = [NewAssignment(world.unit("教育局"), Part.LEAD)]
    parts += [NewAssignment(one, Part.SUPPORT, from_group="有关镇") for one in towns]
    draft = world.drafts(NewMatter(text="新建小学1所。", assignments=parts, groups=[NewGroup("有关镇", Part.SUPPORT)]))[
        0
    ]
    draft_form = {**edit_values(world, draft), "text": "新建小学2所。", "support_units": "有关镇、住建局"}
    world.unit("住建局")
    response = signed_in(world, "officer").post(reverse("matter_edit", args=[draft.pk]), draft_form)
    assert response.status_code == 302
    assert [one.unit.name for one in draft.assignments.filter(from_group="有关镇")] == ["山前街道", "河口镇"]
    assert [one.text for one in draft.targets.all()] == ["2所"]
    [row] = ledger_rows([draft.pk], today=world.now.date())
    assert row.supports == ("有关镇", "住建局")


def edit_values(world, matter) -> dict[str, str]:
    page = signed_in(world, "officer", username=f"改{matter.pk}").get(reverse("matter_edit", args=[matter.pk]))
    return {**page.context["values"], "version": page.context["version"]}


def test_a_new_lead_is_answered_for_by_its_head_and_quantities_follow_the_text(world):
    matter = world.started(
        text="完成项目17个，改造小学2所。",
        targets=[
            NewTarget("17个", 17, None, "个", "=", "项目"),
            NewTarget("2所", 3, None, "所", "=", "小学"),
        ],
    )
    post = world.post("住建局", "住建局主要负责人", "郭甲", kind="unit_head")
    head = signed_in(world, "office_head")
    first = matter.targets.order_by("order")[0].pk
    posted = adjusting(matter, lead_units="教育局、住建局", text="完成项目18个，改造小学2所。")
    assert step(head, matter, "adjust", **posted).status_code == 302
    assert matter.assignments.get(unit=world.unit("住建局")).post == post
    targets = matter.targets.order_by("order")
    assert [(one.text, one.value) for one in targets] == [("18个", 18), ("2所", 3)]
    assert targets[0].pk == first
    page = text_of(head.get(reverse("matter", args=[matter.pk])))
    assert "增加量化目标 18个；减少量化目标 17个" in page
    assert "教育局（汇总）、住建局" in page


def test_a_refused_step_is_the_only_open_form_and_says_so_on_top(world):
    matter = world.assigned()
    liaison = signed_in(world, "联络员 教育局")
    assert '<details class="step step-main" name="step" open>' in text_of(
        liaison.get(reverse("matter", args=[matter.pk]))
    )
    head = signed_in(world, "office_head")
    response = step(head, matter, "extend", **{**APPROVAL, "due_on": "2020-01-01", "reason": "受疫情影响"})
    page = text_of(response)
    assert (response.status_code, page.count(" open>")) == (400, 1)
    assert '<details class="step" name="step" id="problem" open>' in page
    assert "延期没有办成：新的时限应晚于" in page


def test_reasons_too_short_are_said_to_be_short(world):
    matter = world.started()
    head = signed_in(world, "office_head")
    assert "“停”太短" in text_of(step(head, matter, "suspend", **APPROVAL, reason="停"))
    assert "请写明理由。" in text_of(step(head, matter, "suspend", **APPROVAL, reason=" "))


def test_a_split_matter_does_not_ask_to_close_itself(world):
    matter = world.started()
    head = signed_in(world, "office_head")
    assert head.get(reverse("matter", args=[matter.pk])).context["closing"]["word"] == "代教育局申请销号"
    assert step(head, matter, "split", **APPROVAL, items="完成选址\n完成主体", reason="分步实施").status_code == 302
    response = head.get(reverse("matter", args=[matter.pk]))
    assert "待 2 个工作子项销号" in response.context["summary"]
    assert response.context["closing"] == {}
    assert "全部工作子项销号后随之销号" in text_of(head.get(closing_page(matter)))
    assert closing_step(head, matter, "ask", channel="paper", informant="周局长").status_code == 409


def test_closing_for_a_unit_says_so_and_asks_about_leads_that_never_signed(world):
    matter = world.started(leads=("教育局", "住建局"))
    head = signed_in(world, "office_head")
    assert "代教育局申请销号" in text_of(head.get(reverse("matter", args=[matter.pk])))
    on_paper = {"channel": "paper", "informant": "周局长"}
    assert closing_step(head, matter, "ask", statement="已经建成").status_code == 400
    assert closing_step(head, matter, "ask", statement="已经建成", **on_paper).status_code == 302
    assert closing_step(head, matter, "verify").status_code == 302
    page = text_of(head.get(reverse("matter", args=[matter.pk])))
    assert "代教育局申请销号（纸质回执，周局长签）：已经建成" in page
    assert "住建局没有签收，仍予销号的理由" in text_of(head.get(closing_page(matter)))
    refused = closing_step(head, matter, "grant", conclusion="现场核验属实")
    assert (refused.status_code, "牵头单位住建局没有签收，请写明仍予销号的理由。" in text_of(refused)) == (400, True)
    granted = closing_step(head, matter, "grant", conclusion="现场核验属实", unsigned_reason="职责已由教育局承担")
    assert granted.status_code == 302
    assert "住建局未签收，职责已由教育局承担" in text_of(head.get(reverse("matter", args=[matter.pk])))


def test_a_change_is_told_once_and_nothing_changes_into_itself(world):
    matter = world.started()
    head = signed_in(world, "office_head")
    assert step(head, matter, "suspend", **APPROVAL, reason="等待规划").status_code == 302
    assert step(head, matter, "resume", **APPROVAL, reason="规划已批", due_on="").status_code == 302
    page = text_of(head.get(reverse("matter", args=[matter.pk])))
    assert page.count("状态：办理中 → 已暂停") == 1
    assert ("2020年12月31日 → 2020年12月31日" in page, "暂停天数" in page) == (False, False)


def test_extending_into_the_next_year_hints_at_carrying_over(world):
    matter = world.started()
    head = signed_in(world, "office_head")
    step(head, matter, "extend", **{**APPROVAL, "due_on": "2021-02-28", "reason": "受疫情影响"})
    page = text_of(head.get(reverse("matter", args=[matter.pk])))
    assert "已延期。新的时限在2021年，2020年底未办结的请办理结转。" in page
    [row] = ledger_rows([matter.pk], today=world.now.date())
    assert COLUMN["due"].text(row) == "2021年2月28日"


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ({"due_on": "2020-06-30"}, {"due_on": "2020-06-30", "paused_days": 0}, ()),
        (
            {"assignments": ["牵头 教育局 局长", "协办 住建局"]},
            {"assignments": ["牵头 住建局", "协办 教育局 局长", "协办 各镇（甲镇、乙镇）", "协办 财政局"]},
            ("增加协办单位各镇（甲镇、乙镇）、财政局；住建局由协办改为牵头；教育局由牵头改为协办",),
        ),
        (
            {"assignments": ["牵头 教育局 局长"]},
            {"assignments": ["牵头 教育局 责任人"]},
            ("教育局：局长 → 责任人",),
        ),
        ({"overseers": ["甲", "乙"]}, {"overseers": ["乙", "甲"]}, ("分管或联系领导顺序：甲；乙 → 乙；甲",)),
    ],
)
def test_changes_are_told_as_differences(before, after, says):
    assert differences(before, after) == says


def test_a_lead_that_left_leaves_no_comma(world):
    matter = world.started(leads=("教育局", "财政局"))
    head = signed_in(world, "office_head")
    assert step(head, matter, "adjust", **adjusting(matter, lead_units="教育局")).status_code == 302
    assert "牵头 <b>教育局</b>" in text_of(head.get(reverse("matter", args=[matter.pk])))


def test_a_step_that_fails_keeps_what_was_typed(world):
    matter = world.started()
    head = signed_in(world, "office_head")
    response = step(head, matter, "extend", **{**APPROVAL, "due_on": "2020-01-01", "reason": "受疫情影响"})
    assert response.status_code == 400
    form = next(one for one in response.context["forms"] if one.step == "extend")
    assert "新的时限应晚于" in form.problem
    assert {one.name: one.value for one in form.fields}["reason"] == "受疫情影响"
    response = step(head, matter, "extend", **{**APPROVAL, "due_on": "改天", "reason": "受疫情影响"})
    assert (response.status_code, "请填写延期后的日期" in text_of(response)) == (400, True)


def test_a_step_refused(world):
    matter = world.started()
    officer = signed_in(world, "officer")
    assert step(officer, matter, "extend", **APPROVAL, due_on="2021-01-01", reason="受疫情影响").status_code == 403
    assert step(officer, matter, "assign").status_code == 409
    assert step(officer, matter, "no-such-step").status_code == 404
    assert officer.get(reverse("matter_step", args=[matter.pk, "assign"])).status_code == 405
    other = world.assigned(leads=("财政局",)).assignments.get()
    assert step(officer, matter, "acknowledge", assignment=str(other.pk)).status_code == 404


def test_waiving_through_the_door(world):
    matter = world.assigned()
    one = matter.obligations.filter(kind="report").order_by("due_on")[0]
    head = signed_in(world, "office_head")
    assert step(head, matter, "waive", obligation=str(one.pk), reason="疫情期间免报").status_code == 302
    one.refresh_from_db()
    assert (one.state, one.waived_reason) == ("waived", "疫情期间免报")


def test_deciding_a_refusal_through_the_door(world):
    matter = world.assigned(leads=("教育局", "财政局"))
    own = matter.assignments.get(unit=world.unit("教育局"))
    assert (
        step(signed_in(world, "联络员 教育局"), matter, "refuse", assignment=own.pk, reason="非我职责").status_code
        == 302
    )
    officer = signed_in(world, "officer")
    assert step(officer, matter, "decide-refusal", assignment=own.pk, reason="理由成立").status_code == 400
    posted = {"assignment": own.pk, "reason": "理由成立", "is_upheld": "yes"}
    assert step(officer, matter, "decide-refusal", **posted).status_code == 302
    own.refresh_from_db()
    assert own.ended_at is not None


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_whatever_hangs_on_it(world, number):
    leads = tuple(f"单位{one}" for one in range(number))
    matter = world.assigned(leads=leads, supports=tuple(f"协办{one}" for one in range(number)))
    client = signed_in(world, "officer")
    client.get(reverse("matter", args=[matter.pk]))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("matter", args=[matter.pk]))
    assert len(queries) == PAGE_QUERIES


PAGE_QUERIES = 14


def test_reading_writes_nothing(world):
    matter = world.started()
    before = Event.objects.count()
    client = signed_in(world, "officer")
    for address in (
        reverse("matter", args=[matter.pk]),
        reverse("matter_edit", args=[matter.pk]),
        reverse("matter_new"),
        reverse("matters_paste"),
    ):
        assert client.get(address).status_code == 200
    assert Event.objects.count() == before


# ---- history


def test_every_event_of_a_matter_has_a_sentence(world):
    names = [
        one
        for one in EventName
        if one.value.startswith("matters.")
        and one
        not in (
            EventName.PLAN_CREATED,
            EventName.PLAN_SETTING_CHANGED,
            EventName.POLICY_ADOPTED,
            EventName.LEDGER_EXPORTED,
        )
    ]
    data = {
        "unit": "教育局",
        "leads": ["甲局", "乙局", "丙局"],
        "reason": "理由",
        "after": {"plan": 2021},
        "before": {},
        "ids": [1, 2],
        "origin": "notice",
    }
    sentences = {
        one: sentence_of(Event(at=world.now, name=one.value, actor_name="督查员甲", data=data)).text for one in names
    }
    assert sentences[EventName.MATTER_ASSIGNED] == "督查员甲交办给甲局等 3 个单位。"
    assert len(set(sentences.values())) == len(names)


# ---- entering by hand


def test_the_form_goes_on_with_the_next_missing_number(world):
    world.draft(serial="2")
    client = signed_in(world, "officer")
    assert client.get(reverse("matter_new")).context["values"]["serial"] == "1"
    posted = {"plan": world.plan.pk, "text": "甲事", "lead_units": "教育局", "origin": "notice", "field": "auto"}
    response = client.post(reverse("matter_new"), {**posted, "serial": "1", "next": "1"})
    assert response["Location"] == f"/matters/new/?plan={world.plan.pk}&serial=3"
    response = client.post(reverse("matter_new"), {**posted, "serial": "5", "next": "1"})
    assert response["Location"] == f"/matters/new/?plan={world.plan.pk}&serial=3"
    response = client.post(reverse("matter_new"), {**posted, "serial": "", "origin": "instruction", "done": "1"})
    made = Matter.objects.get(origin="instruction")
    assert response["Location"] == reverse("matter", args=[made.pk])


def test_unknown_names_are_asked_about_and_nothing_is_lost(world):
    client = signed_in(world, "officer")
    posted = {"plan": world.plan.pk, "text": "修路", "lead_units": "交通运输局", "persons": "赵四", "origin": "notice"}
    response = client.post(reverse("matter_new"), posted)
    assert (response.status_code, Unit.objects.count(), Matter.objects.count()) == (400, 0, 0)
    page = text_of(response)
    assert 'value="交通运输局"' in page and "名称无误，新建以上单位、人员和岗位" in page
    response = client.post(reverse("matter_new"), {**posted, "make_missing": "1"})
    assert (response.status_code, Unit.objects.get().name) == (302, "交通运输局")


@pytest.mark.parametrize(
    ("posted", "says"),
    [
        ({"text": ""}, "没有填写具体目标任务"),
        ({"text": "甲", "serial": "2"}, "台账中已有第2项"),
        ({"text": "甲", "due_on": "下周"}, "办结时限应为日期"),
        ({"text": "甲", "due_on": "2019-01-01"}, ""),
    ],
)
def test_what_cannot_be_entered_is_said(world, posted, says):
    world.draft(serial="2")
    response = signed_in(world, "officer").post(reverse("matter_new"), {"plan": world.plan.pk, **posted})
    if says:
        assert (response.status_code, says in text_of(response), Matter.objects.count()) == (400, True, 1)
    else:
        assert (response.status_code, Matter.objects.get(serial="").starts_on) == (302, date(2019, 1, 1))


@pytest.mark.parametrize("name", ["matter_new", "matters_paste"])
def test_entering_is_the_offices(world, name):
    for who, status in (("officer", 200), ("director", 403), ("联络员 教育局", 403), ("audit_admin", 404)):
        assert signed_in(world, who).get(reverse(name)).status_code == status
    client = signed_in(world, "office_head")
    assert client.get(reverse(name), {"plan": "999999"}).status_code == 404
    assert client.get(reverse(name), {"plan": "x"}).status_code == 404


# ---- pasting


HEADED = "序号\t目标任务\t责任单位\t配合单位\n1\t甲事\t教育局\t财政局\n3\t乙事\t教育局\t\n"


def test_a_paste_is_looked_over_and_then_saved_whole(world):
    world.unit("教育局"), world.unit("财政局")
    client = signed_in(world, "officer")
    response = client.post(reverse("matters_paste"), {"plan": world.plan.pk, "pasted": HEADED, "preview": "1"})
    assert (response.status_code, Matter.objects.count()) == (200, 0)
    assert response.context["pasted"].columns == ("serial", "text", "lead_units", "support_units")
    response = client.post(reverse("matters_paste"), {"plan": world.plan.pk, "pasted": HEADED, "save": "1"})
    assert response.status_code == 302
    rows = Matter.objects.order_by("order").values_list("serial", "text", "state")
    assert list(rows) == [("1", "甲事", "draft"), ("3", "乙事", "draft")]


def test_a_paste_with_one_bad_row_saves_nothing(world):
    world.unit("教育局"), world.unit("财政局")
    world.draft(serial="3")
    client = signed_in(world, "officer")
    response = client.post(reverse("matters_paste"), {"plan": world.plan.pk, "pasted": HEADED, "save": "1"})
    assert (response.status_code, Matter.objects.count()) == (400, 1)
    assert [row["errors"] for row in response.context["rows"]] == [[], ["台账中已有第3项"]]


def test_columns_may_be_chosen(world):
    world.unit("教育局")
    client = signed_in(world, "officer")
    posted = {"plan": world.plan.pk, "pasted": "教育局\t甲事", "column-0": "lead_units", "column-1": "text"}
    response = client.post(reverse("matters_paste"), {**posted, "origin": "meeting", "save": "1"})
    assert response.status_code == 302
    matter = Matter.objects.get()
    assert (matter.text, matter.origin, matter.assignments.get().unit.name) == ("甲事", "meeting", "教育局")


@pytest.mark.parametrize("pasted", ["", " \n\t\n", "序号\t目标任务\t责任单位", "甲\n" * 2001, "\t" * 45 + "甲"])
def test_a_paste_of_nothing_or_too_much_is_refused_in_words(world, pasted):
    response = signed_in(world, "officer").post(
        reverse("matters_paste"), {"plan": world.plan.pk, "pasted": pasted, "preview": "1"}
    )
    assert (response.status_code, bool(response.context["problem"])) == (400, True)


@pytest.mark.parametrize(
    ("pasted", "columns", "rows"),
    [
        ("1\t甲事\t教育局", ("serial", "text", "lead_units"), (("1", "甲事", "教育局"),)),
        ("甲事\t教育局", ("text", "lead_units"), (("甲事", "教育局"),)),
        ("甲事\n乙事", ("text",), (("甲事",), ("乙事",))),
        ('1\t"甲事\n第二行"\t教育局', ("serial", "text", "lead_units"), (("1", "甲事\n第二行", "教育局"),)),
        ("任务\t牵头单位\t责任单位\n甲\t乙\t丙", ("text", "lead_units", "support_units"), (("甲", "乙", "丙"),)),
        ("1\t甲\n2\t乙\t丙", ("serial", "text", "lead_units"), (("1", "甲", ""), ("2", "乙", "丙"))),
    ],
)
def test_what_the_cells_mean(pasted, columns, rows):
    read = read_paste(pasted)
    assert (read.columns, read.rows) == (columns, rows)


def test_a_row_is_a_header_only_when_it_names_the_task_and_more():
    assert header_of(["序号", "单位"]) is None
    assert header_of(["任务"]) is None
    assert header_of(["完成任务", "教育局"]) is None
    assert header_of(["Ｎｏ．", "具体 目标任务"]) == ("serial", "text")


@given(
    st.text(alphabet=st.sampled_from("甲乙丙1２\t\n\r\"'、 ,序号任务\x00单位"), max_size=300) | st.text(max_size=200)
)
def test_any_paste_is_read_or_refused_and_no_word_is_lost(pasted):
    try:
        read = read_paste(pasted)
    except Invalid as refusal:
        assert refusal.message
        return
    assert all(len(row) == len(read.columns) for row in read.rows)
    assert set(read.columns) <= set(COLUMN_LABELS)
    kept = "".join("".join(row) for row in (read.header, *read.rows))
    wanted = [sign for sign in pasted if sign.isalnum()]
    assert [sign for sign in kept if sign.isalnum()] == wanted


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", []),
        ("2020-06-30 主体封顶 60", [NewMilestone("主体封顶", date(2020, 6, 30), 60.0)]),
        ("2020年6月30日，主体 封顶，60％", [NewMilestone("主体 封顶", date(2020, 6, 30), 60.0)]),
        ("\n2020/6/3 开工 12.5%\n", [NewMilestone("开工", date(2020, 6, 3), 12.5)]),
    ],
)
def test_milestones_typed_a_line_each(typed, expected):
    assert read_milestones(typed) == expected


@pytest.mark.parametrize("typed", ["6月底封顶", "2020-02-30 封顶 60", "2020-06-30 60", "2020-06-30 封顶"])
def test_milestones_nobody_can_read_are_refused(typed):
    with pytest.raises(Invalid):
        read_milestones(typed)


# ---- correcting


def edit_form(client, matter, **changes):
    values = client.get(reverse("matter_edit", args=[matter.pk])).context
    return {**values["values"], "version": values["version"], **changes}


def test_a_draft_is_corrected_whole(world):
    matter = world.draft(serial="3", supports=("住建局",))
    world.unit("财政局")
    client = signed_in(world, "officer")
    posted = edit_form(client, matter, text="新建中学2所。", lead_units="财政局 教育局", is_weakness="1")
    assert client.post(reverse("matter_edit", args=[matter.pk]), posted).status_code == 302
    matter.refresh_from_db()
    assert (matter.text, matter.is_weakness, matter.version) == ("新建中学2所。", True, 2)
    assert [one.unit.name for one in matter.assignments.order_by("order")] == ["财政局", "教育局", "住建局"]
    assert [one.text for one in matter.targets.all()] == ["2所"]


def test_the_second_editor_sees_both_versions(world):
    matter = world.draft()
    first, second = signed_in(world, "officer"), signed_in(world, "office_head")
    mine, theirs = edit_form(first, matter, note="甲写的"), edit_form(second, matter, note="乙写的")
    assert first.post(reverse("matter_edit", args=[matter.pk]), mine).status_code == 302
    response = second.post(reverse("matter_edit", args=[matter.pk]), theirs)
    page = text_of(response)
    assert (response.status_code, "甲写的" in page, "乙写的" in page) == (409, True, True)
    assert response.context["theirs"] == [("备注", "甲写的")]
    again = {**theirs, "version": response.context["version"]}
    assert second.post(reverse("matter_edit", args=[matter.pk]), again).status_code == 302
    matter.refresh_from_db()
    assert (matter.note, matter.version) == ("乙写的", 3)


def test_after_registration_only_what_describes_it(world):
    matter = world.registered()
    client = signed_in(world, "officer")
    posted = edit_form(client, matter, field="交通")
    assert "text" not in posted
    assert client.post(reverse("matter_edit", args=[matter.pk]), {**posted, "text": "偷换"}).status_code == 302
    matter.refresh_from_db()
    assert (matter.field, matter.text) == ("交通", "新建小学1所。")


def test_correcting_is_refused(world):
    matter = world.assigned()
    address = reverse("matter_edit", args=[matter.pk])
    assert signed_in(world, "联络员 教育局").get(address).status_code == 403
    assert signed_in(world, "联络员 财政局").get(address).status_code == 404
    client = signed_in(world, "officer")
    assert client.post(address, {**edit_form(client, matter), "version": "x"}).status_code == 409


def test_late_signature_and_late_dues_are_said(world, monkeypatch):
    matter = world.assigned()
    acknowledge(world.unit("教育局"), plan=world.plan, by=world.officer, now=world.now)
    client = signed_in(world, "officer")
    set_clock(monkeypatch, world.now + timedelta(days=150))
    page = text_of(client.get(reverse("matter", args=[matter.pk])))
    assert "应办 3 件，其中逾期 1 件" in page


def test_plan_of_another_place_is_not_there(world, county, officer, office_head, now):
    other = make_world(
        type(county).objects.create(level="county", name="临江市西山区", short_name="西山区"),
        SYSTEM,
        office_head,
        now,
    )
    response = signed_in(world, "officer").get(reverse("matter_new"), {"plan": other.plan.pk})
    assert response.status_code == 404
