from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from duban.audit.models import Event
from duban.core.actor import Actor
from duban.core.errors import Invalid, NotAllowed, NotFound, WrongState
from duban.matters.actions import Behalf, MatterEdit, NewTarget, edit_matter, suspend
from duban.matters.models import Matter
from duban.matters.rules import Channel, Forecast, Sense
from duban.progress import actions
from duban.progress.actions import Said, enter_progress
from duban.progress.models import Figure, Progress
from duban.progress.queries import last_figures, progress_entries
from tests.conftest import holder

pytestmark = pytest.mark.django_db

JOBS = NewTarget("1.61万人", D(16100), None, "人", Sense.EQUAL, "城镇新增就业")
SCHOOLS = NewTarget("3所", D(3), None, "所", Sense.EQUAL, "学校")


def facts(matter):
    row = Matter.objects.get(pk=matter.pk)
    return (row.progress_pct, row.progress_on, row.forecast, row.forecast_on)


def enter(world, matter, unit="教育局", *, by=None, now=None, behalf=None, **said):
    by = by or world.liaison(unit)
    return enter_progress(matter, unit=world.unit(unit), said=Said(**said), by=by, now=now or world.now, behalf=behalf)


def test_figures_give_the_percentage_and_the_matter_holds_it(world):
    matter = world.started(targets=[JOBS, SCHOOLS])
    jobs, schools = matter.targets.all()
    entry = enter(
        world,
        matter,
        figures={jobs.pk: "0.83万", schools.pk: "2"},
        sentence="已完成过半。",
        forecast=Forecast.ON_TIME,
    )
    assert entry.pct == D("51.55")
    assert [(one.target_text, one.value, one.share_pct) for one in entry.figures.all()] == [
        ("1.61万人", D(8300), D("51.55")),
        ("3所", D(2), D("66.66")),
    ]
    assert facts(matter) == (D("51.55"), date(2020, 2, 3), "on_time", date(2020, 2, 3))
    event = Event.objects.get(name="progress.entered")
    assert (event.matter_id, event.actor_name) == (matter.pk, "教育局联络员")
    assert event.data == {
        "unit": "教育局",
        "unit_id": world.unit("教育局").pk,
        "effective_on": "2020-02-03",
        "pct": "51.55",
        "sentence": "已完成过半。",
        "forecast": "on_time",
        "figures": [
            {"target": "1.61万人", "value": "8300.0000", "share_pct": "51.55"},
            {"target": "3所", "value": "2.0000", "share_pct": "66.66"},
        ],
    }
    assert last_figures(matter, unit=world.unit("教育局"), on=date(2020, 2, 3)) == {jobs.pk: D(8300), schools.pk: D(2)}


def test_number_left_out_is_the_last_one_given_and_none_at_all_is_nothing_done(world):
    limit = NewTarget("3%以内", D(3), None, "%", Sense.AT_MOST, "失业率")
    matter = world.started(targets=[JOBS, SCHOOLS, limit])
    jobs, schools, _ = matter.targets.all()
    assert enter(world, matter, figures={jobs.pk: "0.83万", schools.pk: " "}).pct == D(0)
    assert enter(world, matter, figures={schools.pk: "2"}).pct == D("51.55")
    assert enter(world, matter, sentence="正在招标。").pct is None
    assert facts(matter)[0] == D("51.55")


def test_correction_is_a_new_entry_and_an_older_day_does_not_speak_for_the_matter(world):
    matter = world.started()
    later = world.now + timedelta(days=10)
    enter(world, matter, pct=D(40), now=later)
    enter(world, matter, pct=D(20), effective_on=date(2020, 2, 4), now=later)
    assert facts(matter) == (D(40), date(2020, 2, 13), "", None)
    enter(world, matter, pct=D(30), sentence="上次多报了。", now=later)
    assert facts(matter) == (D(30), date(2020, 2, 13), "", None)
    assert [one.pct for one in Progress.objects.in_time()] == [D(20), D(40), D(30)]


def test_lower_percentage_needs_a_sentence(world):
    matter = world.started()
    enter(world, matter, pct=D(40))
    with pytest.raises(Invalid) as refusal:
        enter(world, matter, pct=D(30))
    assert refusal.value.message == "完成百分比（30%）低于上次填报（40%），请用一句话说明原因。"
    assert Progress.objects.count() == 1


def test_merging_lead_speaks_for_the_matter(world):
    matter = world.started(leads=("教育局", "财政局"), supports=("住建局",))
    enter(world, matter, "住建局", pct=D(90), forecast=Forecast.UNLIKELY)
    assert facts(matter) == (None, None, "", None)
    enter(world, matter, "财政局", pct=D(70), forecast=Forecast.STRAINED)
    assert facts(matter) == (D(70), date(2020, 2, 3), "strained", date(2020, 2, 3))
    enter(world, matter, "教育局", pct=D(10), effective_on=date(2020, 1, 31))
    assert facts(matter) == (D(10), date(2020, 1, 31), "strained", date(2020, 2, 3))
    enter(world, matter, "财政局", pct=D(80))
    assert facts(matter)[0] == D(10)


def test_same_entry_twice_is_refused(world):
    matter = world.started(targets=[SCHOOLS])
    target = matter.targets.get()
    enter(world, matter, figures={target.pk: "2"})
    with pytest.raises(WrongState) as refusal:
        enter(world, matter, figures={target.pk: "2所"})
    assert refusal.value.message == "同样的进展刚刚已经填报，不必重复填报。"
    enter(world, matter, figures={target.pk: "2.0001"})
    assert Progress.objects.count() == 2


def test_who_may_not_enter(world):
    matter = world.started(supports=("住建局",))
    for actor in (
        world.liaison("财政局"),
        world.liaison("住建局"),
        world.liaison("教育局", role="responsible"),
        holder("director", jurisdiction=world.county),
        Actor(name="无"),
    ):
        with pytest.raises(NotAllowed):
            enter(world, matter, by=actor, pct=D(1))
    with pytest.raises(NotFound):
        enter(world, matter, "财政局", pct=D(1))
    assert (Progress.objects.count(), Event.objects.filter(name="progress.entered").count()) == (0, 0)


def test_deputy_and_head_may_enter_before_signing(world):
    matter = world.assigned()
    enter(world, matter, by=world.liaison("教育局", role="unit_deputy"), pct=D(1))
    enter(world, matter, by=world.liaison("教育局", role="unit_head"), pct=D(2))
    assert facts(matter)[0] == D(2)


def test_office_enters_what_came_on_paper_or_by_telephone(world):
    matter = world.started()
    with pytest.raises(Invalid) as refusal:
        enter(world, matter, by=world.officer, pct=D(10))
    assert refusal.value.field == "channel"
    with pytest.raises(Invalid) as refusal:
        enter(world, matter, by=world.officer, pct=D(10), behalf=Behalf(Channel.PAPER, " "))
    assert refusal.value.message == "请写明单位由谁填报。"
    with pytest.raises(Invalid):
        enter(world, matter, pct=D(10), behalf=Behalf(Channel.PAPER, "周一"))
    entry = enter(world, matter, by=world.officer, pct=D(10), behalf=Behalf(Channel.TELEPHONE, "周一"))
    assert (entry.channel, entry.informant, entry.recorded_by_name) == ("telephone", "周一", "督查员甲")
    assert Event.objects.get(name="progress.entered").data["informant"] == "周一"


@pytest.mark.parametrize(
    ("said", "field", "message"),
    [
        ({}, "pct", "请至少填写数字、百分比、说明、预判中的一项。"),
        ({"pct": D(1), "effective_on": date(2020, 2, 4)}, "effective_on", "“截至”不能晚于今天。"),
        ({"pct": D(1), "effective_on": date(2019, 12, 31)}, "effective_on", "“截至”应在 2020 年或以后。"),
        ({"sentence": "字" * 201}, "sentence", "说明不超过 200 字，现在 201 字。"),
        ({"figures": {0: "1"}}, "figure-0", "量化目标刚刚被修改过，请刷新后再填。"),
    ],
)
def test_what_cannot_be_entered(world, said, field, message):
    matter = world.started()
    with pytest.raises(Invalid) as refusal:
        enter(world, matter, **said)
    assert (refusal.value.field, refusal.value.message) == (field, message)
    assert Progress.objects.count() == 0


def test_wrong_figure_names_its_field(world):
    matter = world.started(targets=[JOBS])
    target = matter.targets.get()
    with pytest.raises(Invalid) as refusal:
        enter(world, matter, figures={target.pk: "0.83"})
    assert refusal.value.field == f"figure-{target.pk}"


def test_nothing_is_entered_on_a_matter_not_in_hand(world):
    paused = suspend(
        world.started(), reason="等待上级批复", approval=world.approval(), by=world.office_head, now=world.now
    )
    for matter in (paused, world.closed(), world.registered()):
        with pytest.raises(WrongState):
            enter(world, matter, pct=D(1))


def test_figures_keep_their_words_when_the_target_is_edited(world):
    matter = world.started(targets=[JOBS])
    enter(world, matter, figures={matter.targets.get().pk: "0.83万"})
    matter.refresh_from_db()
    edit_matter(matter, edit=MatterEdit(targets=[SCHOOLS]), version=matter.version, by=world.officer, now=world.now)
    assert [(one.target_id, one.target_text) for one in Figure.objects.all()] == [(None, "1.61万人")]


def test_nothing_is_entered_when_the_audit_fails(world, monkeypatch):
    matter = world.started()

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(actions, "record", fail)
    with pytest.raises(RuntimeError):
        enter(world, matter, pct=D(5))
    assert (Progress.objects.count(), facts(matter)[0]) == (0, None)


def test_who_sees_which_entries(world):
    matter = world.started(leads=("教育局", "财政局"), supports=("住建局",))
    for unit in ("教育局", "财政局", "住建局"):
        enter(world, matter, unit, pct=D(10))
    seen = {
        name: [one.unit.name for one in progress_entries(actor, matter=matter)]
        for name, actor in {
            "office": world.officer,
            "merging": world.liaison("教育局"),
            "other lead": world.liaison("财政局"),
            "support": world.liaison("住建局"),
            "stranger": world.liaison("交通局"),
            "elsewhere": Actor(name="无"),
        }.items()
    }
    assert seen == {
        "office": ["教育局", "财政局", "住建局"],
        "merging": ["教育局", "财政局", "住建局"],
        "other lead": ["财政局"],
        "support": ["住建局"],
        "stranger": [],
        "elsewhere": [],
    }


@pytest.mark.parametrize("number", [1, 3])
def test_entries_cost_two_statements(world, number, django_assert_num_queries):
    matter = world.started(targets=[SCHOOLS])
    target = matter.targets.get()
    for place in range(number):
        enter(world, matter, figures={target.pk: str(place)})
    with django_assert_num_queries(2):
        said = [(one.unit.name, len(one.figures.all())) for one in progress_entries(world.officer, matter=matter)]
    assert said == [("教育局", 1)] * number
