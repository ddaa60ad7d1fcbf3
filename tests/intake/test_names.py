import pytest

from duban.audit.models import Event
from duban.core.actor import SYSTEM
from duban.core.errors import Conflict, Invalid, NotAllowed
from duban.intake.actions import decide_group, decide_name
from duban.intake.models import Finding
from duban.intake.queries import names_for_desk
from duban.intake.rules import NameKind
from duban.orgs.actions import NewPerson, NewUnit, create_people, create_units
from duban.orgs.models import Jurisdiction
from duban.orgs.rules import PostKind, UnitType
from tests.conftest import holder


@pytest.fixture
def name(notice):
    return lambda word, **more: notice.names.get(name=word, row=None, **more)


def test_unit_is_matched_with_one_that_is_there(name, county, officer, now):
    (water,) = create_units(county, units=[NewUnit("农业农村和水利局")], by=SYSTEM, now=now)
    after = decide_name(name("农水局"), version=1, unit=water, by=officer, now=now)
    assert (after.unit, after.unit_name, after.is_decided, after.version) == (water, "农业农村和水利局", True, 2)
    data = Event.objects.get(name="intake.name_decided").data
    assert (data["before"]["unit"], data["after"]["unit"]) == (None, "农业农村和水利局")


def test_unit_is_made_new_under_another_name_and_kind(name, officer, now):
    after = decide_name(
        name("公安分局"),
        version=1,
        is_new=True,
        unit_name="临江区公安分局",
        unit_type=UnitType.VERTICAL,
        by=officer,
        now=now,
    )
    assert (after.unit, after.unit_name, after.unit_type) == (None, "临江区公安分局", "vertical")


def test_unit_of_another_county_is_refused(name, officer, now):
    far = Jurisdiction.objects.create(level="county", name="临江市江北区", short_name="江北区")
    (unit,) = create_units(far, units=[NewUnit("教育局")], by=SYSTEM, now=now)
    with pytest.raises(Invalid):
        decide_name(name("教育局"), version=1, unit=unit, by=officer, now=now)


def test_name_may_be_another_kind_of_name(name, officer, now):
    group = decide_name(name("南山镇"), version=1, kind=NameKind.GROUP, by=officer, now=now)
    assert (group.kind, group.is_decided, group.unit_name) == ("group", False, "")
    person = decide_name(name("东河街道"), version=1, kind=NameKind.PERSON, by=officer, now=now)
    assert (person.kind, person.unit_name, person.post_kind) == ("person", "", "responsible")
    back = decide_name(person, version=person.version, kind=NameKind.UNIT, by=officer, now=now)
    assert (back.kind, back.unit_name, back.unit_type) == ("unit", "东河街道", "town")


def test_person_is_given_a_unit_a_post_and_who_it_is(name, county, officer, now):
    (known,) = create_people(county, people=[NewPerson("王建国")], by=SYSTEM, now=now)
    after = decide_name(
        name("王建国"),
        version=1,
        person=known,
        unit_name="财政局",
        post_kind=PostKind.RESPONSIBLE,
        by=officer,
        now=now,
    )
    assert (after.person, after.unit_name, after.post_title) == (known, "财政局", "财政局责任人（王建国）")
    titled = decide_name(after, version=after.version, post_title="财政局总会计师", by=officer, now=now)
    assert titled.post_title == "财政局总会计师"


@pytest.mark.parametrize(
    ("word", "given"),
    [
        ("教育局", {"unit_name": " "}),
        ("教育局", {"unit_name": "局" * 61}),
        ("王建国", {"unit_name": "没有这个局"}),
        ("王建国", {"post_title": ""}),
        ("王建国", {"post_title": "长" * 61}),
        ("王建国", {"post_kind": PostKind.LEADER}),
        ("陈江河", {"post_kind": PostKind.UNIT_HEAD}),
    ],
)
def test_decision_that_cannot_stand_is_refused(name, officer, now, word, given):
    with pytest.raises(Invalid):
        decide_name(name(word), version=1, by=officer, now=now, **given)
    assert (name(word).version, Event.objects.filter(name="intake.name_decided").count()) == (1, 0)


def test_group_is_decided_for_the_whole_notice(notice, name, officer, now):
    after = decide_group(name("相关镇（街道）"), version=1, members=["南山镇", "南山镇", " "], by=officer, now=now)
    assert (after.members, after.is_open_group, after.is_decided) == (["南山镇"], False, True)
    finding = Finding.objects.get(kind="unresolved_group")
    assert (finding.state, finding.note) == ("accepted", "已明确统称所指")
    assert names_for_desk(notice).filter(is_decided=False).count() == 0


def test_group_may_stay_open(name, officer, now):
    after = decide_group(name("相关镇（街道）"), version=1, is_open=True, by=officer, now=now)
    assert (after.members, after.is_open_group, after.is_decided) == ([], True, True)
    assert Finding.objects.get(kind="unresolved_group").note == "暂不明确"


def test_one_row_may_mean_something_else_by_a_group(name, row, officer, now):
    whole = name("各镇（街道）")
    one = row("1")
    own = decide_group(whole, version=whole.version, row=one, members=["东河街道"], by=officer, now=now)
    assert (own.row, own.members, name("各镇（街道）").members) == (one, ["东河街道"], ["南山镇", "东河街道"])
    with pytest.raises(Conflict) as refusal:
        decide_group(whole, version=whole.version, row=one, members=["南山镇"], by=officer, now=now)
    assert refusal.value.theirs == own
    changed = decide_group(own, version=own.version, members=["南山镇"], by=officer, now=now)
    assert (changed.pk, changed.members) == (own.pk, ["南山镇"])
    assert Event.objects.filter(name="intake.group_decided").count() == 2


@pytest.mark.parametrize("members", [[], ["没有这个镇"]])
def test_group_without_known_members_is_refused(name, officer, now, members):
    with pytest.raises(Invalid):
        decide_group(name("相关镇（街道）"), version=1, members=members, by=officer, now=now)


def test_unit_is_no_group(name, officer, now):
    with pytest.raises(Invalid, match="不是统称"):
        decide_group(name("教育局"), version=1, members=["南山镇"], by=officer, now=now)


def test_stale_decision_carries_what_stands(name, county, officer, now):
    colleague = holder("officer", jurisdiction=county, name="督查员乙")
    seen = name("相关镇（街道）")
    decide_group(seen, version=seen.version, members=["南山镇"], by=colleague, now=now)
    with pytest.raises(Conflict, match="督查员乙刚刚认定了") as refusal:
        decide_group(seen, version=seen.version, is_open=True, by=officer, now=now)
    assert refusal.value.theirs.members == ["南山镇"]
    with pytest.raises(Conflict):
        decide_name(name("教育局"), version=7, by=officer, now=now)


def test_decisions_are_refused_without_permission(name, county, now):
    nobody = holder("director", jurisdiction=county)
    with pytest.raises(NotAllowed):
        decide_name(name("教育局"), version=1, by=nobody, now=now)
    with pytest.raises(NotAllowed):
        decide_group(name("相关镇（街道）"), version=1, is_open=True, by=nobody, now=now)


def test_group_may_name_units_nobody_knows_yet(notice, name, officer, now):
    group = name("各镇（街道）")
    decided = decide_group(
        group, version=group.version, members=["南山镇"], new_members=["清水镇", " 白沙镇 ", ""], by=officer, now=now
    )
    assert (decided.members, decided.is_open_group) == (["南山镇", "清水镇", "白沙镇"], False)
    made = notice.names.filter(name__in=["清水镇", "白沙镇"]).order_by("name").values_list("kind", "unit_type", "uses")
    assert list(made) == [("unit", "town", 1), ("unit", "town", 1)]


@pytest.mark.parametrize("typed", ["各村", "名" * 61])
def test_group_of_a_group_is_refused_and_nothing_is_made(notice, name, officer, now, typed):
    group = name("各镇（街道）")
    before = notice.names.count()
    with pytest.raises(Invalid):
        decide_group(group, version=group.version, new_members=["清水镇", typed], by=officer, now=now)
    assert notice.names.count() == before
