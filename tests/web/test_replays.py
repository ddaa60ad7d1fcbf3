"""推演 and the rules as a file: who may, what is shown, what is refused, and that nothing is written."""

import json
import tomllib
from datetime import date

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from duban.matters.models import Plan
from duban.matters.policy import figures_json
from duban.matters.queries import policy_of
from duban.replay.rules import HELD_FIXED
from tests.letters.builders import at, round_of, sent_out, slow_matter, staff
from tests.letters.builders import letter_of as letter
from tests.lights.test_policy import adopt
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db

SESSIONS = {"session", "logentry"}


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    set_clock(monkeypatch, at("2020-03-10", 10))


@pytest.fixture
def lived(world) -> World:
    """Two matters of two units that turned yellow on 6 February; one was reminded of it."""
    staff(world)
    slow_matter(world)
    slow_matter(world, serial="2", leads=("交通局",))
    round_of("2020-02-06")
    sent_out(world, letter(unit__name="教育局"), on="2020-02-06")
    round_of("2020-03-02")
    return world


def url(world) -> str:
    return reverse("policy_replay", args=[world.plan.pk])


def rows() -> dict:
    """Every row of every table of ours, so that two moments can be compared."""
    return {
        model._meta.label: sorted(map(repr, model.objects.values_list()))
        for model in apps.get_models()
        if model.__module__.startswith("duban.")
    }


def text_of(response) -> str:
    return response.content.decode()


def typed(world, **changed) -> dict[str, str]:
    return {"from": "typed", **changed}


def test_a_replay_shows_both_policies_side_by_side_and_writes_nothing(lived):
    client = signed_in(lived, "office_head")
    before = rows()
    response = client.post(url(lived), typed(lived, **{"lights.gap_yellow_points": "5"}))
    assert rows() == before
    assert response.status_code == 200
    context = response.context
    assert [(one["text"], one["before"], one["after"]) for one in context["changes"]] == [
        ("落后序时进度达到几个百分点亮黄灯（含本数）。", "10", "5")
    ]
    assert [one["name"] for one in context["units"]] == ["教育局", "交通局"]
    spans = [(one["span"].from_on, one["span"].held.value, one["span"].other.value) for one in context["spans"]]
    assert spans == [(date(2020, 2, 3), "green", "yellow")] * 2
    told = [(one["unit"], one["kind"], [line["day"] for line in one["held"]]) for one in context["letters"]]
    assert ("教育局", "提醒函", [date(2020, 2, 6)]) in told
    page = text_of(response)
    assert "核对：按现行规则重拟" in page
    assert all(one in page for one in HELD_FIXED)
    assert "应完成" in page


def test_a_file_with_a_figure_changed_is_replayed_and_absurd_ones_are_refused(lived):
    client = signed_in(lived, "office_head")
    exported = client.get(reverse("policy_export", args=[lived.plan.pk]))
    text = exported.content.decode()
    assert exported["Content-Disposition"].endswith(".toml")
    assert tomllib.loads(text)["lights"]["gap_yellow_points"]["value"] == 10
    changed = text.replace("value = 10\n", "value = 6\n", 1)
    assert changed != text

    def posted(content: str | bytes, **more):
        content = content.encode() if isinstance(content, str) else content
        return client.post(url(lived), {"from": "file", "file": SimpleUploadedFile("other.toml", content), **more})

    short = posted("[lights]\ngap_yellow_points = 5\n")
    assert [one["after"] for one in short.context["changes"]] == ["5"]
    assert posted(changed).status_code == 200
    for content, words in (
        ("[lights]\ngap_yellow_points = 40\n", "黄灯起点 40 应小于红灯起点 30"),
        ("[lights\n", "规则文件写法有误"),
        (b"\xff\xfe\x00", "应为 UTF-8 文本"),
    ):
        refused = posted(content, until="2020-03-01", answers="none")
        assert (refused.status_code, words in text_of(refused)) == (400, True)
        assert 'value="2020-03-01"' in text_of(refused), "what was typed stays"
    missing = client.post(url(lived), {"from": "file"})
    assert (missing.status_code, "请选择规则文件" in text_of(missing)) == (400, True)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"until": "2021-01-01"}, "只能推演到今天"),
        ({"since": "2020-03-05", "until": "2020-03-01"}, "开始的日期晚于截止的日期"),
        ({"until": "三月"}, "截止日期不是日期"),
        ({"until": "2020-01-01"}, "还没有交办的事项"),
        ({"lights.gap_yellow_points": "40"}, "黄灯起点 40 应小于红灯起点 30"),
    ],
)
def test_what_cannot_be_replayed_is_said_and_what_was_typed_stays(lived, given, words):
    client = signed_in(lived, "office_head")
    posted = typed(lived, **{"lights.gap_red_points": "30", **given})
    response = client.post(url(lived), posted)
    assert (response.status_code, words in text_of(response)) == (400, True)
    assert 'name="lights.gap_red_points" value="30"' in text_of(response)


def test_unknown_rules_are_not_found_by_their_name(lived):
    client = signed_in(lived, "office_head")
    for source in ("preset:strict", "version:9", "nothing"):
        response = client.get(url(lived), {"from": source})
        assert (response.status_code, "没有这套规则" in text_of(response)) == (404, True)


def test_a_preset_and_an_earlier_version_are_replayed_by_their_address(lived):
    adopt(lived, on=date(2020, 3, 10), gap_yellow_points=8)
    client = signed_in(lived, "office_head")
    chosen = client.get(url(lived))
    assert "本级第1版" in text_of(chosen)
    assert "本级第2版" not in text_of(chosen)
    first = client.get(url(lived), {"from": "version:1"})
    assert [(one["before"], one["after"]) for one in first.context["changes"]] == [("8", "10")]
    assert first.context["asked"].name == "本级规则第1版"
    assert client.get(url(lived), {"from": "preset:pace"}).context["changes"]


def test_from_a_day_on_and_unanswered_are_taken(lived):
    client = signed_in(lived, "office_head")
    given = {"lights.gap_yellow_points": "5", "since": "2020-03-02", "answers": "none"}
    response = client.post(url(lived), typed(lived, **given))
    assert (response.context["replay"].since, response.context["replay"].answers) == (date(2020, 3, 2), "none")
    assert response.context["compared"].is_same, "both were yellow by then"
    assert "完全一样" in text_of(response)


def test_every_difference_is_kept_as_a_file(lived):
    client = signed_in(lived, "office_head")
    posted = typed(lived, **{"lights.gap_yellow_points": "5", "form": "json"})
    response = client.post(url(lived), posted)
    assert response["Content-Disposition"].startswith("attachment")
    told = json.loads(response.content)
    assert [one["unit"] for one in told["lights"]] == ["教育局", "交通局"]
    assert {one["matter"] for one in told["letters"]} == {"1", "2"}


def test_a_figure_a_replay_cannot_judge_by_is_said(lived):
    client = signed_in(lived, "office_head")
    response = client.post(url(lived), typed(lived, **{"reports.max_chars": "200"}))
    assert [one["is_unknown"] for one in response.context["changes"]] == [True]
    assert "推演不看" in text_of(response)
    assert "完全一样" in text_of(response)


def test_the_editor_and_the_preview_lead_to_the_replay_and_back(lived):
    client = signed_in(lived, "office_head")
    edit = reverse("policy_edit", args=[lived.plan.pk])
    form = client.get(edit)
    assert f'formaction="{url(lived)}"' in text_of(form)
    preview = client.post(edit, {"version": "1", "step": "look", "lights.gap_yellow_points": "5"})
    assert f'formaction="{url(lived)}"' in text_of(preview)
    replay = client.post(url(lived), typed(lived, **{"lights.gap_yellow_points": "5"}))
    back = client.post(edit, {**dict(replay.context["typed"]), "version": "1", "step": "edit"})
    assert [one["after"] for one in back.context["differing"]] == ["5"]


@pytest.mark.parametrize("role", ["officer", "director", "联络员 交通局"])
def test_who_may_not_edit_the_policy_sees_no_replay(lived, role):
    client = signed_in(lived, role)
    assert client.get(url(lived)).status_code == 403
    assert client.post(url(lived), typed(lived, **{"lights.gap_yellow_points": "5"})).status_code == 403
    basis = client.get(reverse("policy_basis", args=[lived.plan.pk]))
    assert url(lived) not in text_of(basis)


def test_the_rules_are_a_file_for_whoever_reads_them_but_earlier_versions_for_the_office(lived):
    adopt(lived, on=date(2020, 3, 10), gap_yellow_points=8)
    address = reverse("policy_export", args=[lived.plan.pk])
    unit, officer = signed_in(lived, "联络员 交通局"), signed_in(lived, "officer")
    in_force = tomllib.loads(unit.get(address).content.decode())
    assert in_force["lights"]["gap_yellow_points"]["value"] == 8
    assert in_force["lights"]["gap_yellow_points"]["grade"] == "本级"
    assert unit.get(address, {"version": "1"}).status_code == 403
    first = tomllib.loads(officer.get(address, {"version": "1"}).content.decode())
    assert first["lights"]["gap_yellow_points"]["value"] == 10
    assert officer.get(address, {"version": "9"}).status_code == 404
    told = {
        section: {name: one["value"] for name, one in rows.items()}
        for section, rows in in_force.items()
        if section != "preset"
    }
    plan = Plan.objects.select_related("policy").get(pk=lived.plan.pk)
    assert told == figures_json(policy_of(plan))


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_however_many_matters(world, number, django_assert_num_queries):
    staff(world)
    for serial in range(number):
        slow_matter(world, serial=str(serial + 1))
    round_of("2020-02-06")
    client = signed_in(world, "office_head")
    with django_assert_num_queries(PAGE_QUERIES):
        response = client.post(url(world), typed(world, **{"lights.gap_yellow_points": "5"}))
    assert len(response.context["spans"]) == number


PAGE_QUERIES = 31
