"""批示 on their pages: given, answered, settled; and what everybody else does not see of them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from duban.access.models import Account
from duban.audit.models import Event
from duban.instructions.actions import give_instruction
from duban.instructions.models import Charge, Feedback, Instruction
from duban.matters.actions import NewOverseer
from duban.orgs.queries import actor_of
from duban.web import instructions
from duban.web.waiting import Waits, office_of
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in
from tests.web.test_obstacles import leader_client

pytestmark = pytest.mark.django_db

SECRET = "此事不能再拖，请主要负责同志亲自抓。"
NEW = "instruction_new"


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now)


@pytest.fixture
def post(world):
    return world.post(None, "副区长", "吴一", kind="leader")


@pytest.fixture
def matter(world, post):
    return world.started(supports=("住建局",), overseers=[NewOverseer(post)], serial="1")


def give(world, post, *, units=("住建局",), **more):
    given = {"text": SECRET, "units": [world.unit(name) for name in units], **more}
    return give_instruction(world.plan, post=post, by=world.officer, now=world.now, **given)


def page_of(instruction):
    return reverse("instruction", args=[instruction.pk])


def step_of(instruction, step):
    return reverse("instruction_step", args=[instruction.pk, step])


def test_leader_gives_one_from_the_matter_with_the_lead_charged(world, post, matter):
    client = leader_client(world, post)
    address = f"{reverse(NEW)}?matter={matter.pk}"
    assert address in client.get(reverse("matter", args=[matter.pk])).content.decode()
    page = client.get(address)
    lead = world.unit("教育局").pk
    assert page.context["given"]["charged"] == {lead}
    assert page.context["given"]["post"] == str(post.pk)
    posted = {
        "matter": matter.pk,
        "post": post.pk,
        "text": SECRET,
        "charged": [lead],
        "others": "",
        "given_on": "2020-02-03",
        "due_on": "2020-02-10",
    }
    done = client.post(reverse(NEW), posted, follow=True)
    instruction = Instruction.objects.get()
    assert done.redirect_chain == [(page_of(instruction), 302)]
    assert SECRET in done.content.decode()
    assert (instruction.entered_as, [one.unit.name for one in instruction.charges.all()]) == ("leader", ["教育局"])
    history = client.get(reverse("matter", args=[matter.pk])).content.decode()
    assert "director批示，交教育局落实，2020年2月10日前反馈。" in history


def test_office_enters_one_from_paper_about_no_matter(world, post):
    client = signed_in(world, "officer")
    world.unit("教育局")
    world.unit("交通局")
    posted = {"post": post.pk, "text": SECRET, "others": "区教育局、交通局", "given_on": "2020-01-31", "due_on": ""}
    page = client.post(reverse(NEW), posted, follow=True).content.decode()
    assert "督查室据批示件登记（officer）" in page
    assert sorted(one.unit.name for one in Charge.objects.all()) == ["交通局", "教育局"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": ""}, "请写明批示内容。"),
        ({"text": "字" * 501}, "批示内容不超过 500 字，现在 501 字。"),
        ({"others": ""}, "请写明由哪个单位落实。"),
        ({"others": "教育局、天文台"}, "没有找到“天文台”，请从提示中选择单位。"),
        ({"post": "999999"}, "请选择批示的领导。"),
        ({"given_on": "2020-02-04"}, "批示日期不能晚于今天。"),
        ({"given_on": "2020-02-31"}, "批示日期不是日期：2020-02-31"),
        ({"due_on": "2020-02-01"}, "反馈期限不能早于今天。"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(world, post, wrong, said):
    world.unit("教育局")
    posted = {"post": post.pk, "text": SECRET, "others": "教育局", "given_on": "2020-02-03", "due_on": "", **wrong}
    answer = signed_in(world, "officer").post(reverse(NEW), posted)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert said in page
    assert f">{posted['text']}</textarea>" in page
    assert f'value="{posted["others"]}"' in page
    assert Instruction.objects.count() == 0


def test_sent_twice_is_given_once(world, post):
    client = signed_in(world, "officer")
    world.unit("教育局")
    posted = {"post": post.pk, "text": SECRET, "others": "教育局", "given_on": "2020-02-03", "due_on": ""}
    assert [client.post(reverse(NEW), posted).status_code for _ in range(2)] == [302, 409]


def test_unit_answers_from_its_desk_and_the_leader_settles(world, post):
    instruction = give(world, post)
    charge = Charge.objects.get()
    unit = signed_in(world, "联络员 住建局")
    desk = unit.get(reverse("my_desk"))
    lines = [line for section in desk.context["sections"] for group in section.groups for line in group.lines]
    assert [(one.text, one.action, one.address) for one in lines] == [("落实批示", "反馈", page_of(instruction))]
    assert SECRET not in desk.content.decode()
    posted = {"charge": charge.pk, "feedback": "1", "text": ""}
    assert unit.post(step_of(instruction, "answer"), posted).status_code == 400
    posted["text"] = "已经开工。"
    codes = [unit.post(step_of(instruction, "answer"), posted).status_code for _ in range(2)]
    assert codes == [302, 409]
    leader = leader_client(world, post)
    assert "已经开工。" in leader.get(page_of(instruction)).content.decode()
    again = {"charge": charge.pk, "feedback": "1", "note": "请报日期。", "due_on": "2020-02-14"}
    assert leader.post(step_of(instruction, "again"), again).status_code == 302
    assert "请报日期。" in unit.get(page_of(instruction)).content.decode()
    unit.post(step_of(instruction, "answer"), {"charge": charge.pk, "feedback": "2", "text": "3月10日。"})
    assert leader.post(step_of(instruction, "settle"), {"charge": charge.pk, "note": ""}).status_code == 302
    charge.refresh_from_db()
    assert (charge.state, charge.feedback_no, Feedback.objects.count()) == ("settled", 2, 2)


def test_office_enters_what_a_unit_telephoned(world, post):
    instruction = give(world, post)
    client = signed_in(world, "officer")
    posted = {"charge": Charge.objects.get().pk, "text": "已经开工。"}
    assert client.post(step_of(instruction, "answer"), posted).status_code == 400
    posted |= {"channel": "telephone", "informant": "周一"}
    page = client.post(step_of(instruction, "answer"), posted, follow=True).content.decode()
    assert "周一（电话，officer代录）" in page


def test_others_on_the_matter_find_no_trace_of_it(world, post, matter):
    """The merging lead: no page, no panel, no history, no obligation, nothing in lists."""
    instruction = give(world, post, matter=matter)
    lead = signed_in(world, "联络员 教育局")
    before = Event.objects.filter(name="access.refused").count()
    assert lead.get(page_of(instruction)).status_code == 404
    posted = {"charge": Charge.objects.get().pk, "text": "由我来答。"}
    assert lead.post(step_of(instruction, "answer"), posted).status_code == 404
    assert Event.objects.filter(name="access.refused").count() == before + 2
    for address in (reverse("matter", args=[matter.pk]), reverse("instructions"), reverse("my_desk")):
        page = lead.get(address).content.decode()
        assert SECRET not in page
        assert "吴一批示" not in page
        assert "落实批示" not in page
    unit = signed_in(world, "联络员 住建局")
    page = unit.get(reverse("matter", args=[matter.pk])).content.decode()
    assert SECRET in page
    assert "落实批示" in page


def test_charged_unit_cannot_answer_for_another(world, post):
    instruction = give(world, post, units=("住建局", "教育局"))
    other = Charge.objects.get(unit__name="教育局")
    client = signed_in(world, "联络员 住建局")
    assert "教育局" not in client.get(page_of(instruction)).content.decode()
    assert client.post(step_of(instruction, "answer"), {"charge": other.pk, "text": "已办。"}).status_code == 404
    own = Charge.objects.get(unit__name="住建局")
    assert client.post(step_of(instruction, "settle"), {"charge": own.pk}).status_code == 403
    assert client.post(step_of(instruction, "sing"), {"charge": own.pk}).status_code == 404


def test_list_is_by_how_they_stand(world, post):
    first = give(world, post, units=("住建局", "教育局"))
    other = world.post(None, "区长", "吴二", kind="government_head")
    second = give(world, other, text="另一件。")
    client = signed_in(world, "officer")

    def shown(**query):
        return [(one.pk, one.state) for one in client.get(reverse("instructions"), query).context["lines"]]

    assert shown() == [(second.pk, "待落实"), (first.pk, "待落实")]
    assert shown(leader=post.pk) == [(first.pk, "待落实")]
    assert shown(state="settled") == []
    unit = signed_in(world, "联络员 住建局")
    charge = Charge.objects.get(instruction=first, unit__name="住建局")
    unit.post(step_of(first, "answer"), {"charge": charge.pk, "text": "已办。"})
    assert shown(leader=post.pk) == [(first.pk, "1 / 2 已反馈")]
    mine = unit.get(reverse("instructions"), {"state": "answered"}).context["lines"]
    assert [(one.pk, one.units) for one in mine] == [(first.pk, "住建局")]


@pytest.mark.parametrize("who", ["officer", "联络员 住建局"])
def test_lists_cost_the_same_however_many_there_are(world, post, matter, who):
    client = signed_in(world, who)
    give(world, post, matter=matter)
    client.get(reverse("instructions"))
    counts = []
    for more in (0, 2):
        for number in range(more):
            give(world, post, matter=matter, text=f"第{number}件。")
        for address in (reverse("instructions"), reverse("matter", args=[matter.pk])):
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


def test_what_waits_is_named_without_its_text(world, post, now):
    instruction = give(world, post, units=("住建局", "教育局"))

    def waits(actor):
        return [(one.waits, one.text, one.action) for one in instructions.waiting(actor, today=now.date())]

    assert waits(world.liaison("住建局")) == [(Waits.ANSWER, "落实吴一批示", "反馈")]
    charge = Charge.objects.get(unit__name="住建局")
    unit = signed_in(world, "联络员 住建局")
    unit.post(step_of(instruction, "answer"), {"charge": charge.pk, "text": "已办。"})
    assert waits(world.liaison("住建局")) == []
    leader_client(world, post)
    leader = actor_of(Account.objects.get(username="wuyi"), on=now.date())
    assert waits(leader) == [(Waits.CONFIRM, "住建局反馈批示落实情况", "办结")]
    assert waits(world.officer) == waits(world.liaison("交通局")) == []

    def at_office():
        queue = instructions.office_queue(office_of(world.officer, today=now.date(), most=5))
        return queue.count, [(one.unit, one.text, one.action) for one in queue.lines]

    assert at_office() == (1, [("住建局", "反馈吴一批示的落实情况", "办结")])  # it entered it from paper
    Instruction.objects.update(entered_as="secretary")
    assert at_office() == (0, [])
