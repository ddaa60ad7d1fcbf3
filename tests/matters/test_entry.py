import time
from datetime import date

import pytest

from duban.audit.models import Event
from duban.core.errors import Conflict, Invalid, NotAllowed, WrongState
from duban.matters.actions import (
    MatterEdit,
    NewApproval,
    NewAssignment,
    NewMatter,
    NewMilestone,
    NewOverseer,
    NewSetting,
    NewTarget,
    create_matters,
    create_plan,
    edit_matter,
    register_matters,
)
from duban.matters.models import Assignment, Matter, Plan, PlanSetting, Policy
from duban.matters.rules import Part, SettingKey, SupervisionType
from tests.matters.builders import names_of_events

pytestmark = pytest.mark.django_db


def test_plan_takes_the_preset_where_there_is_no_policy_and_the_latest_where_there_is(world):
    later = create_plan(world.county, year=2021, title="2021年度台账", by=world.officer, now=world.now)
    assert (Policy.objects.count(), later.policy_id) == (1, world.plan.policy_id)
    assert (world.plan.policy.number, world.plan.policy.preset) == (1, "default")
    assert names_of_events() == ["matters.policy_adopted", "matters.plan_created", "matters.plan_created"]


def test_plan_settings_keep_their_sentence(world):
    setting = PlanSetting.objects.get(plan=world.plan, key="report_dates")
    assert (setting.value, setting.sentence) == (["2020-06-20", "2020-12-20"], "于6月20日、12月20日前报送")


def test_plan_is_refused(world, auditor):
    with pytest.raises(NotAllowed):
        create_plan(world.county, year=2021, title="台账", by=auditor, now=world.now)
    with pytest.raises(WrongState):
        create_plan(world.county, year=2020, title="台账", by=world.officer, now=world.now)
    with pytest.raises(Invalid):
        create_plan(world.county, year=2021, title=" ", by=world.officer, now=world.now)
    with pytest.raises(Invalid):
        setting = NewSetting(SettingKey.DECLARED_ITEMS, "很多")
        create_plan(world.county, year=2021, title="台账", settings=[setting], by=world.officer, now=world.now)
    assert Plan.objects.count() == 1


def test_draft_takes_what_its_text_proposes(world):
    matter = world.draft(text="新建小学1所，8月底前投入使用。", deadline_text="8月底前", serial="3")
    assert (matter.state, matter.kind, matter.field, matter.is_livelihood) == ("draft", "milestone", "教育", True)
    assert (matter.starts_on, matter.due_on) == (world.now.date(), date(2020, 8, 31))
    assert matter.pinyin.startswith("xinjianxiaoxue")
    assert names_of_events(matter_id=matter.pk) == ["matters.created"]


def test_what_is_given_is_not_proposed(world):
    post = world.post(None, "副区长甲", "冯甲", kind="leader")
    matter = world.drafts(
        NewMatter(
            text="力争市场主体总量突破4万。",
            kind="continuing",
            field="",
            is_livelihood=True,
            is_weakness=True,
            supervision_type=SupervisionType.SPECIAL,
            starts_on=date(2020, 1, 22),
            due_on=date(2020, 6, 30),
            assignments=[NewAssignment(world.unit("市场局"), Part.LEAD)],
            overseers=[NewOverseer(post), NewOverseer(post)],
            targets=[NewTarget("突破4万", 40000, None, "", ">", "市场主体总量")],
            milestones=[NewMilestone("过半", date(2020, 3, 31), 50)],
        )
    )[0]
    assert (matter.kind, matter.field, matter.is_livelihood, matter.is_weakness) == ("continuing", "", True, True)
    assert [(one.text, one.value, one.sense) for one in matter.targets.all()] == [("突破4万", 40000, ">")]
    assert (matter.overseers.count(), matter.milestones.count()) == (1, 1)


def test_first_lead_merges_and_a_unit_stands_once_as_lead(world):
    matter = world.draft(leads=("教育局", "财政局"), supports=("财政局", "住建局", "住建局"))
    rows = matter.assignments.order_by("order").values_list("unit__name", "part", "is_merging")
    assert list(rows) == [("教育局", "lead", True), ("财政局", "lead", False), ("住建局", "support", False)]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"text": "  "}, "没有填写具体目标任务"),
        ({"starts_on": date(2020, 5, 1), "due_on": date(2020, 4, 1)}, "办结时限早于起始日期"),
        ({"milestones": [NewMilestone("甲", date(2021, 1, 1), 50)]}, "应在起始日期和办结时限之间"),
        ({"milestones": [NewMilestone("", date(2020, 5, 1), 50)]}, "都要写明内容"),
        ({"milestones": [NewMilestone("甲", date(2020, 5, 1), 101)]}, "0—100"),
        (
            {"milestones": [NewMilestone("甲", date(2020, 5, 1), 60), NewMilestone("乙", date(2020, 6, 1), 50)]},
            "不低于前一节点",
        ),
        (
            {"milestones": [NewMilestone("甲", date(2020, 5, 1), 60), NewMilestone("乙", date(2020, 5, 1), 70)]},
            "有两个时间节点",
        ),
    ],
)
def test_entry_that_contradicts_itself_is_refused_whole(world, given, says):
    good = NewMatter(text="甲事")
    with pytest.raises(Invalid) as refusal:
        world.drafts(good, NewMatter(**{"text": "乙事", **given}))
    assert says in refusal.value.message
    assert Matter.objects.count() == 0


def test_post_of_another_unit_is_refused(world):
    post = world.post("财政局", "局长")
    with pytest.raises(Invalid):
        world.drafts(NewMatter(text="甲事", assignments=[NewAssignment(world.unit("教育局"), Part.LEAD, post)]))


def test_entry_by_a_unit_is_refused(world):
    with pytest.raises(NotAllowed):
        create_matters(world.plan, matters=[NewMatter(text="甲事")], by=world.liaison("教育局"), now=world.now)


def test_added_rows_find_their_place(world):
    world.drafts(NewMatter(text="丙", serial="14", order=1), NewMatter(text="丁", serial="15", order=2))
    world.drafts(NewMatter(text="甲", serial="1"), NewMatter(text="乙", serial="2"), NewMatter(text="戊", serial="16"))
    assert [one.serial for one in world.plan.matters.order_by("order")] == ["1", "2", "14", "15", "16"]


def test_registering_carries_its_approval(world):
    approval = NewApproval("经区政府同意", "区政府", date(2020, 1, 22), "临政办〔2020〕2号")
    matter = register_matters([world.draft()], approval=approval, by=world.officer, now=world.now)[0]
    assert (matter.state, matter.version, str(matter.approval)) == (
        "registered",
        2,
        "经区政府同意，临政办〔2020〕2号",
    )
    assert Event.objects.get(name="matters.registered").data == {
        "basis": "经区政府同意",
        "approved_by": "区政府",
        "approved_on": "2020-01-22",
        "document_number": "临政办〔2020〕2号",
    }


def test_registering_is_refused(world, auditor):
    matter = world.draft()
    with pytest.raises(NotAllowed):
        register_matters([matter], approval=world.approval(), by=auditor, now=world.now)
    with pytest.raises(NotAllowed):
        register_matters([matter], approval=world.approval(), by=world.liaison("教育局"), now=world.now)
    for wrong in ({"basis": ""}, {"approved_by_name": " "}, {"approved_on": date(2020, 2, 4)}):
        with pytest.raises(Invalid):
            register_matters([matter], approval=world.approval(**wrong), by=world.officer, now=world.now)
    with pytest.raises(Invalid):
        register_matters([], approval=world.approval(), by=world.officer, now=world.now)
    matter.refresh_from_db()
    assert matter.state == "draft"


def test_registering_twice_names_the_matter_and_changes_nothing(world):
    first, second = world.draft(serial="1"), world.draft(serial="2")
    register_matters([first], approval=world.approval(), by=world.officer, now=world.now)
    with pytest.raises(WrongState) as refusal:
        register_matters([first, second], approval=world.approval(), by=world.officer, now=world.now)
    assert refusal.value.message == "第1项（已立项）当前不能立项，可能他人刚刚办理过，请刷新后再看。"
    second.refresh_from_db()
    assert second.state == "draft"


def test_edit_keeps_before_and_after(world):
    matter = world.draft(serial="3")
    edited = edit_matter(
        matter,
        version=1,
        edit=MatterEdit(text="新建中学1所。", is_weakness=True, targets=[NewTarget("1所", 1)]),
        by=world.officer,
        now=world.now,
    )
    assert (edited.version, edited.text, edited.pinyin) == (2, "新建中学1所。", "xinjianzhongxue1suo。")
    assert Event.objects.get(name="matters.edited").data == {
        "before": {"text": "新建小学1所。", "is_weakness": False, "targets": []},
        "after": {"text": "新建中学1所。", "is_weakness": True, "targets": ["1所"]},
    }


def test_edit_without_change_writes_nothing(world):
    matter = world.draft()
    edit_matter(matter, version=1, edit=MatterEdit(text="新建小学1所。"), by=world.officer, now=world.now)
    matter.refresh_from_db()
    assert (matter.version, names_of_events(matter_id=matter.pk)) == (1, ["matters.created"])


def test_second_editor_is_shown_what_stands(world):
    matter = world.draft()
    edit_matter(matter, version=1, edit=MatterEdit(note="甲的备注"), by=world.officer, now=world.now)
    with pytest.raises(Conflict) as conflict:
        edit_matter(matter, version=1, edit=MatterEdit(note="乙的备注"), by=world.office_head, now=world.now)
    assert conflict.value.theirs.note == "甲的备注"
    matter.refresh_from_db()
    assert matter.note == "甲的备注"


def test_text_and_units_of_a_registered_matter_are_not_edited(world):
    matter = world.registered()
    for edit in (
        MatterEdit(text="换个说法"),
        MatterEdit(due_on=date(2020, 6, 30)),
        MatterEdit(assignments=[NewAssignment(world.unit("财政局"), Part.LEAD)]),
    ):
        with pytest.raises(WrongState):
            edit_matter(matter, version=2, edit=edit, by=world.officer, now=world.now)
    same = [NewAssignment(world.unit("教育局"), Part.LEAD)]
    edited = edit_matter(
        matter, version=2, edit=MatterEdit(assignments=same, field="交通"), by=world.officer, now=world.now
    )
    assert (edited.field, edited.version) == ("交通", 3)
    assert [one.unit.name for one in edited.assignments.all()] == ["教育局"]


def test_edit_is_refused(world):
    matter = world.closed()
    with pytest.raises(NotAllowed):
        edit_matter(matter, version=1, edit=MatterEdit(note="x"), by=world.liaison("教育局"), now=world.now)
    matter.refresh_from_db()
    with pytest.raises(WrongState):
        edit_matter(matter, version=matter.version, edit=MatterEdit(note="x"), by=world.officer, now=world.now)


def test_nothing_changes_when_the_audit_fails(world, settings):
    matter = world.draft()
    settings.AUDIT_KEY = None
    with pytest.raises(TypeError):
        register_matters([matter], approval=world.approval(), by=world.officer, now=world.now)
    with pytest.raises(TypeError):
        world.draft()
    matter.refresh_from_db()
    assert (matter.state, Matter.objects.count()) == ("draft", 1)


def test_a_whole_annex_enters_quickly(world):
    units = [world.unit(f"单位{number}") for number in range(40)]
    new = [
        NewMatter(
            text=f"推进第{number}项重点工作，完成投资{number}亿元。",
            serial=str(number),
            order=number,
            assignments=[NewAssignment(units[(number + k) % 40], "lead" if k < 2 else "support") for k in range(5)],
        )
        for number in range(1, 158)
    ]
    start = time.perf_counter()
    matters = create_matters(world.plan, matters=new, by=world.officer, now=world.now)
    registered = register_matters(matters, approval=world.approval(), by=world.officer, now=world.now)
    took = time.perf_counter() - start
    assert (len(registered), Assignment.objects.count()) == (157, 785)
    assert Matter.objects.filter(state="registered").count() == 157
    assert took < 3
