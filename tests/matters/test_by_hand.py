from datetime import date

import pytest

from duban.core.errors import Invalid, NotAllowed
from duban.matters.actions import TypedMatter, UnknownNames, enter_typed, problems_of
from duban.matters.models import Matter
from duban.orgs.models import Post, Unit, UnitAlias, UnitGroup
from duban.orgs.rules import alias_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def town_group(world):
    group = UnitGroup.objects.create(
        jurisdiction=world.county, name="各镇（街道）", key=alias_key("各镇（街道）"), kind="all"
    )
    group.members.set([world.unit("东湖镇"), world.unit("西山街道")])
    return group


def enter(world, *matters, make_missing=False, by=None):
    return enter_typed(world.plan, matters=matters, make_missing=make_missing, by=by or world.officer, now=world.now)


def parts(matter):
    rows = matter.assignments.order_by("order", "pk").select_related("unit", "post")
    return [(one.part, one.unit.name, one.post.title if one.post else "", one.from_group) for one in rows]


def test_typed_names_are_matched_by_any_name_and_person_by_post(world, town_group):
    UnitAlias.objects.create(
        unit=world.unit("教育局"), jurisdiction=world.county, alias="教体局", key=alias_key("教体局")
    )
    world.unit("财政局")
    world.post("财政局", "财政局责任人（李一）", "李一")
    world.post("教育局", "教育局局长", "王二", kind="unit_head")
    world.post(None, "副区长甲", "冯三", kind="leader")
    typed = TypedMatter(
        text="新建小学2所以上。",
        serial="3",
        lead_units="教体局 财政局",
        persons="王二 李一",
        support_units="各镇（街道）",
        overseers="冯三",
        deadline_text="8月底前",
    )
    matter = enter(world, typed)[0]
    assert parts(matter) == [
        ("lead", "教育局", "教育局局长", ""),
        ("lead", "财政局", "财政局责任人（李一）", ""),
        ("support", "东湖镇", "", "各镇（街道）"),
        ("support", "西山街道", "", "各镇（街道）"),
    ]
    assert (matter.state, matter.due_on) == ("draft", date(2020, 8, 31))
    assert [(one.name, one.is_settled) for one in matter.named_groups.all()] == [("各镇（街道）", True)]
    assert [one.post.title for one in matter.overseers.all()] == ["副区长甲"]
    assert [(one.text, one.sense) for one in matter.targets.all()] == [("2所以上", ">=")]


def test_unknown_names_are_made_only_when_a_person_agrees(world):
    typed = TypedMatter(text="修路", lead_units="交通运输局", persons="赵四", overseers="钱五")
    with pytest.raises(UnknownNames) as refusal:
        enter(world, typed)
    assert refusal.value.problems.unknown_units == ("交通运输局",)
    assert refusal.value.problems.unknown_people == ("赵四", "钱五")
    assert (Unit.objects.count(), Post.objects.count(), Matter.objects.count()) == (0, 0, 0)
    matter = enter(world, typed, make_missing=True)[0]
    assert parts(matter) == [("lead", "交通运输局", "交通运输局责任人（赵四）", "")]
    assert [one.post.title for one in matter.overseers.all()] == ["区领导（钱五）"]
    enter(world, typed)
    assert (Unit.objects.count(), Post.objects.count()) == (1, 2)


def test_group_nobody_has_explained_stays_as_printed(world):
    world.unit("教育局")
    matter = enter(world, TypedMatter(text="办学", lead_units="教育局", support_units="区直有关单位"))[0]
    assert [(one.name, one.is_settled) for one in matter.named_groups.all()] == [("区直有关单位", False)]
    assert matter.assignments.count() == 1


def test_person_without_a_unit_is_kept_in_the_note(world):
    world.unit("教育局")
    world.post("教育局", "局长", "王二")
    matter = enter(world, TypedMatter(text="办学", lead_units="教育局", persons="王二 赵四"))[0]
    assert matter.note == "责任人赵四未对应到牵头单位"


def test_serials_twice_and_rows_without_text_are_named(world):
    world.draft(serial="3")
    rows = [
        TypedMatter(text="甲", serial="3"),
        TypedMatter(text=" ", serial="4"),
        TypedMatter(text="乙", serial="5"),
        TypedMatter(text="丙", serial="5"),
    ]
    problems = problems_of(world.plan, matters=rows, today=world.now.date())
    assert problems.errors == (
        (0, "台账中已有第3项"),
        (1, "没有填写具体目标任务"),
        (3, "序号 5 重复"),
    )
    with pytest.raises(Invalid) as refusal:
        enter(world, *rows)
    assert refusal.value.message == "第 1 行：台账中已有第3项。"
    assert Matter.objects.count() == 1


def test_entering_is_refused(world):
    with pytest.raises(NotAllowed):
        enter(world, TypedMatter(text="甲"), by=world.liaison("教育局"))
    with pytest.raises(Invalid):
        enter(world)


def test_nothing_is_made_when_the_audit_fails(world, settings):
    settings.AUDIT_KEY = None
    with pytest.raises(TypeError):
        enter(world, TypedMatter(text="修路", lead_units="交通局", persons="赵四"), make_missing=True)
    assert (Unit.objects.count(), Matter.objects.count()) == (0, 0)


def test_fifty_rows_cost_as_many_lookups_as_one(world, django_assert_max_num_queries):
    world.unit("教育局")
    rows = [TypedMatter(text=f"第{number}件", serial=str(number), lead_units="教育局") for number in range(1, 51)]
    with django_assert_max_num_queries(40):
        enter(world, *rows)


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({"deadline_text": "2020-13-45"}, "完成时限“2020-13-45”看不懂，将按2020年12月31日登记"),
        ({"deadline_text": "2019-01-01"}, "办结时限2019年1月1日不在2020年度内"),
        ({"lead_units": "教肓局"}, "名册中没有单位“教肓局”"),
        ({"persons": "赵四"}, "教育局没有名为“赵四”的责任人"),
        ({"overseers": "钱五"}, "名册中没有领导“钱五”"),
        ({"support_units": "相关镇（街道）"}, "“相关镇（街道）”尚未明确所指单位，先按原文登记"),
        ({"deadline_text": "6月底前"}, None),
    ],
)
def test_what_a_person_should_know_stands_in_its_row(world, today, given, hint):
    world.unit("教育局")
    typed = TypedMatter(**{"text": "办学", "lead_units": "教育局", **given})
    problems = problems_of(world.plan, matters=[TypedMatter(text="修路", lead_units="教育局"), typed], today=today)
    assert problems.hints == (((1, hint),) if hint else ())
