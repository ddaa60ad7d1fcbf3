"""Two people open the same form; the second to save sees both versions and overwrites nothing unseen.

One table for every form that edits something: what a colleague saves meanwhile, what the second one typed, what the
page then says of the first, and what stands at each step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from duban.access.models import Account
from duban.audit.models import Event
from duban.intake.actions import upload_notice
from duban.matters.models import PlanSetting
from duban.orgs.actions import set_group
from duban.orgs.models import Appointment, Person, UnitContact, UnitGroup
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now)


@dataclass
class Form:
    """One form. shown: what its page posts back of what it showed · stands: what is in the database.

    typed: what must be on the page again · says: what the page tells of the first.
    """

    page: str
    address: str
    shown: Callable[[Any], dict[str, str]]
    first: dict[str, Any]
    second: dict[str, Any]
    stands: Callable[[], object]
    after_first: object
    after_second: object
    typed: str
    says: str
    who: str = "officer"


def seen(context) -> dict[str, str]:
    return {"seen": context["seen"]}


def version(context) -> dict[str, str]:
    return {"version": str(context["version"])}


def of_step(name: str) -> Callable[[Any], dict[str, str]]:
    def shown(context) -> dict[str, str]:
        form = next(one for one in context["forms"] if one.step == name)
        return {one.name: one.value for one in form.fields if one.kind == "hidden"}

    return shown


def same_page(name: str, *args: object, query: str = "") -> dict[str, str]:
    address = reverse(name, args=args)
    return {"page": address + query, "address": address}


def _post(world) -> Form:
    post = world.post("教育局", "教育局局长", kind="unit_head")

    def stands():
        post.refresh_from_db()
        return post.title

    return Form(
        **same_page("post_edit", post.pk),
        shown=seen,
        first={"title": "教育局党组书记", "order": "3"},
        second={"title": "教育局负责人", "order": "4"},
        stands=stands,
        after_first="教育局党组书记",
        after_second="教育局负责人",
        typed='value="教育局负责人"',
        says="教育局党组书记",
    )


def _appoint(world) -> Form:
    post = world.post("教育局", "教育局局长", kind="unit_head")
    given = {"from_on": "2020-02-03", "to_on": "", "qualifier": ""}
    return Form(
        **same_page("appoint", post.pk),
        shown=seen,
        first={"name": "周一", **given},
        second={"name": "郑一", **given},
        stands=lambda: list(Appointment.objects.filter(post=post).values_list("person__name", flat=True)),
        after_first=["周一"],
        after_second=["郑一"],
        typed='value="郑一"',
        says="周一 2020-02-03 起",
    )


def _contact(world) -> Form:
    unit = world.unit("教育局")
    given = {"role": "liaison", "phone": "", "from_on": "2020-02-03"}
    return Form(
        **same_page("contact_name", unit.pk, query="?role=liaison"),
        shown=seen,
        first={"name": "周二", **given},
        second={"name": "郑二", **given},
        stands=lambda: list(UnitContact.objects.filter(unit=unit).values_list("person__name", flat=True)),
        after_first=["周二"],
        after_second=["郑二"],
        typed='value="郑二"',
        says="周二 2020-02-03 起",
    )


def _group(world) -> Form:
    towns = [world.unit(name) for name in ("临江镇", "河口镇", "山前镇")]
    group = set_group(world.county, name="各镇", members=towns[:1], by=world.officer, now=world.now)
    return Form(
        **same_page("group_edit", group.pk),
        shown=seen,
        first={"member": [towns[0].pk, towns[1].pk]},
        second={"member": [towns[0].pk, towns[2].pk]},
        stands=lambda: sorted(UnitGroup.objects.get().members.values_list("name", flat=True)),
        after_first=sorted(["临江镇", "河口镇"]),
        after_second=sorted(["临江镇", "山前镇"]),
        typed=f'id="member-{towns[2].pk}" checked',
        says="<dd>临江镇、河口镇</dd>",
    )


def _unit(world) -> Form:
    unit = world.unit("教育局")
    given = {"name": "教育局", "full_name": "", "unit_type": "department", "aliases": ""}

    def stands():
        unit.refresh_from_db()
        return unit.order

    return Form(
        **same_page("unit_edit", unit.pk),
        shown=version,
        first={**given, "order": "5"},
        second={**given, "order": "9"},
        stands=stands,
        after_first=5,
        after_second=9,
        typed='value="9"',
        says="<dt>排序</dt><dd>5</dd>",
    )


def _person(world) -> Form:
    person = Person.objects.create(jurisdiction=world.county, name="周一", pinyin="zhouyi", initials="zy")

    def stands():
        person.refresh_from_db()
        return person.note

    return Form(
        **same_page("person_edit", person.pk),
        shown=version,
        first={"name": "周一", "phone": "", "email": "", "note": "甲写的"},
        second={"name": "周一", "phone": "", "email": "", "note": "乙写的"},
        stands=stands,
        after_first="甲写的",
        after_second="乙写的",
        typed='value="乙写的"',
        says="<dd>甲写的</dd>",
    )


def _account(world) -> Form:
    account = Account.objects.create(username="lisi", name="李四", created_at=world.now, password="!")

    def stands():
        account.refresh_from_db()
        return account.name

    return Form(
        **same_page("account_edit", account.pk),
        shown=seen,
        first={"name": "李思", "is_active": "1"},
        second={"name": "李死", "is_active": "1"},
        stands=stands,
        after_first="李思",
        after_second="李死",
        typed='value="李死"',
        says="<dd>李思</dd>",
        who="system_admin",
    )


def _setting(world) -> Form:
    return Form(
        **same_page("plan_setting", world.plan.pk, "declared_items"),
        shown=seen,
        first={"value": "157", "reason": "通知更正"},
        second={"value": "158", "reason": "又更正"},
        stands=lambda: PlanSetting.objects.get(plan=world.plan, key="declared_items").value,
        after_first=157,
        after_second=158,
        typed='value="158"',
        says="<dd>157 项</dd>",
    )


def _setting_that_was_not_there(world) -> Form:
    return Form(
        **same_page("plan_setting", world.plan.pk, "look_back"),
        shown=seen,
        first={"value": "1", "reason": "通知更正"},
        second={"reason": "不提示了"},
        stands=lambda: PlanSetting.objects.get(plan=world.plan, key="look_back").value,
        after_first=True,
        after_second=False,
        typed='value="不提示了"',
        says="每个月底提示单位自行回头看",
    )


def _policy(world) -> Form:
    context = (
        signed_in(world, "office_head", username="reader").get(reverse("policy_edit", args=[world.plan.pk])).context
    )
    figures = {one["place"]: one["words"] for section in context["sections"] for one in section["figures"]}

    def stands():
        world.plan.refresh_from_db()
        return world.plan.policy.values()["reports"]["max_chars"]

    return Form(
        **same_page("policy_edit", world.plan.pk),
        shown=version,
        first={**figures, "reports.max_chars": "200", "reason": "放宽字数", "step": "adopt"},
        second={**figures, "reports.max_chars": "300", "reason": "再放宽", "step": "adopt"},
        stands=stands,
        after_first=200,
        after_second=300,
        typed='value="300"',
        says="<dd>200</dd>",
        who="office_head",
    )


def _matter(world) -> Form:
    matter = world.registered()
    given = {"serial": "", "title": "", "section": "", "kind": "milestone", "field": "教育", "is_livelihood": "1"}
    given |= {"is_weakness": "", "supervision_type": "daily"}

    def stands():
        matter.refresh_from_db()
        return matter.note

    return Form(
        **same_page("matter_edit", matter.pk),
        shown=version,
        first={**given, "note": "甲写的"},
        second={**given, "note": "乙写的"},
        stands=stands,
        after_first="甲写的",
        after_second="乙写的",
        typed=">乙写的</textarea>",
        says="<dd>甲写的</dd>",
    )


def _milestones(world) -> Form:
    matter = world.started()
    return Form(
        page=reverse("matter", args=[matter.pk]),
        address=reverse("matter_step", args=[matter.pk, "milestones"]),
        shown=of_step("milestones"),
        first={"milestones": "2020-06-30 甲定的 60", "reason": "按会议要求"},
        second={"milestones": "2020-07-31 乙定的 70", "reason": "按会议要求"},
        stands=lambda: list(matter.milestones.values_list("title", flat=True)),
        after_first=["甲定的"],
        after_second=["乙定的"],
        typed=">2020-07-31 乙定的 70</textarea>",
        says="<dd>2020-06-30 甲定的 60</dd>",
    )


def _adjust(world) -> Form:
    matter = world.started()
    given = {"lead_units": "教育局", "persons": "", "support_units": "", "overseers": "", "deadline_text": ""}
    given |= {"due_on": "2020-12-31", "reason": "分工调整", "basis": "经区政府同意", "approved_by_name": "区政府"}
    given |= {"approved_on": "2020-02-01", "document_number": ""}

    def stands():
        matter.refresh_from_db()
        return matter.text

    return Form(
        page=reverse("matter", args=[matter.pk]),
        address=reverse("matter_step", args=[matter.pk, "adjust"]),
        shown=of_step("adjust"),
        first={**given, "text": "新建小学2所。"},
        second={**given, "text": "新建小学3所。"},
        stands=stands,
        after_first="新建小学2所。",
        after_second="新建小学3所。",
        typed=">新建小学3所。</textarea>",
        says="<dd>新建小学2所。</dd>",
        who="office_head",
    )


def _arrangement(world) -> Form:
    matter = world.started()
    own = matter.assignments.get()

    def stands():
        own.refresh_from_db()
        return own.measures

    return Form(
        page=reverse("matter", args=[matter.pk]),
        address=reverse("matter_step", args=[matter.pk, "arrange"]),
        shown=of_step("arrange"),
        first={"responsible_leader": "", "responsible_person": "", "measures": "甲写的"},
        second={"responsible_leader": "", "responsible_person": "", "measures": "乙写的"},
        stands=stands,
        after_first="甲写的",
        after_second="乙写的",
        typed=">乙写的</textarea>",
        says="<dd>甲写的</dd>",
        who="联络员 教育局",
    )


def _notice(world) -> Form:
    text = "临江区人民政府办公室关于责任分解的通知\n序号\t具体目标任务\t牵头单位\n1\t新建小学1所。\t教育局\n"
    notice = upload_notice(world.county, data=text.encode(), file_name="通知.txt", by=world.officer, now=world.now)
    given = {"document_number": "", "issuer": "", "year": "2020", "issued_on": ""}

    def stands():
        notice.refresh_from_db()
        return notice.title

    return Form(
        page=reverse("desk", args=[notice.pk]) + "?row=notice&ask=header",
        address=reverse("desk_header", args=[notice.pk]),
        shown=lambda context: {"seen": context["seen_header"]},
        first={"title": "甲定的标题", **given},
        second={"title": "乙定的标题", **given},
        stands=stands,
        after_first="甲定的标题",
        after_second="乙定的标题",
        typed=">乙定的标题</textarea>",
        says="<dd>甲定的标题</dd>",
    )


FORMS = (
    _post, _appoint, _contact, _group, _unit, _person, _account, _setting, _setting_that_was_not_there, _policy,
    _matter, _milestones, _adjust, _arrangement, _notice,
)  # fmt: skip


@pytest.mark.parametrize("make", FORMS, ids=lambda make: make.__name__.strip("_"))
def test_the_second_to_save_sees_both_versions_and_overwrites_nothing_unseen(world, make):
    form = make(world)
    client: Client = signed_in(world, form.who)
    shown = form.shown(client.get(form.page).context)
    assert client.post(form.address, {**form.first, **shown}).status_code == 302
    assert form.stands() == form.after_first
    events = Event.objects.count()

    late = client.post(form.address, {**form.second, **shown})

    page = late.content.decode()
    assert (late.status_code, form.stands()) == (409, form.after_first)
    assert "他人保存的内容" in page
    assert form.says in page
    assert form.typed in page
    assert Event.objects.count() == events
    again = {**form.second, **form.shown(late.context)}
    assert client.post(form.address, again).status_code == 302
    assert form.stands() == form.after_second


def test_a_page_that_does_not_say_what_it_showed_saves_nothing(world):
    form = _setting(world)
    answer = signed_in(world, form.who).post(form.address, form.first)
    assert (answer.status_code, form.stands()) == (409, 5)


def test_what_was_seen_stays_what_was_seen_while_the_form_is_only_mended(world):
    form = _post(world)
    client = signed_in(world, form.who)
    shown = form.shown(client.get(form.page).context)
    client.post(form.address, {**form.first, **shown})
    mended = client.post(form.address, {"title": "", "order": "4", **shown})
    assert (mended.status_code, mended.context["seen"]) == (400, shown["seen"])
    assert client.post(form.address, {**form.second, "seen": mended.context["seen"]}).status_code == 409
    assert form.stands() == form.after_first


# ---- signing for a unit, with its contacts


def signing(world, client) -> dict[str, Any]:
    [contact] = [
        one
        for one in client.get(reverse("my_sign", args=[world.unit("教育局").pk])).context["contacts"]
        if one.role == "liaison"
    ]
    return {"liaison_name": contact.name, "liaison_shown": contact.shown}


def name_liaison(world, name: str) -> None:
    UnitContact.objects.filter(unit=world.unit("教育局"), role="liaison").update(
        person=Person.objects.create(jurisdiction=world.county, name=name, pinyin="x", initials="x")
    )


def test_signing_with_an_old_page_does_not_bring_the_former_liaison_back(world):
    matter = world.assigned()
    client = signed_in(world, "主要负责人 教育局")
    signed_in(world, "联络员 教育局")
    shown = signing(world, client)
    assert shown == {"liaison_name": "联络员 教育局", "liaison_shown": "联络员 教育局"}
    name_liaison(world, "周新")
    address = reverse("my_sign", args=[world.unit("教育局").pk])
    assert client.post(address, {"plan": world.plan.pk, "matter": matter.pk, **shown}).status_code == 302
    assert UnitContact.objects.get(role="liaison").person.name == "周新"


def test_signing_that_names_another_liaison_than_a_colleague_did_asks_first(world):
    matter = world.assigned()
    client = signed_in(world, "主要负责人 教育局")
    signed_in(world, "联络员 教育局")
    shown = {**signing(world, client), "liaison_name": "郑新"}
    name_liaison(world, "周新")
    address = reverse("my_sign", args=[world.unit("教育局").pk])
    posted = {"plan": world.plan.pk, "matter": matter.pk}
    late = client.post(address, {**posted, **shown})
    assert (late.status_code, "刚刚由同事明确为周新，您填的是郑新" in late.content.decode()) == (409, True)
    assert UnitContact.objects.get(role="liaison").person.name == "周新"
    [contact] = [one for one in late.context["contacts"] if one.role == "liaison"]
    assert (contact.name, contact.shown) == ("郑新", "周新")
    again = {**posted, "liaison_name": contact.name, "liaison_shown": contact.shown}
    assert client.post(address, again).status_code == 302
    assert UnitContact.objects.filter(role="liaison", to_on=None).get().person.name == "郑新"
    assert date(2020, 2, 3) == UnitContact.objects.filter(role="liaison", to_on=None).get().from_on
