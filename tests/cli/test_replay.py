"""`duban policy` and `duban replay` in processes of their own, on two months of the demonstration year."""

import hashlib
import json
import re
import sqlite3
import tomllib

import pytest

from duban.matters.policy import default_preset, figures_toml, presets, read_figures
from tests import once
from tests.cli.running import duban

pytestmark = [pytest.mark.engine_free, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    return once.two_months(tmp_path_factory) / "data"


@pytest.fixture(scope="module")
def other(played, tmp_path_factory):
    """The policy in force as it is exported, with one figure changed."""
    file = tmp_path_factory.mktemp("rules") / "other.toml"
    result = duban("policy", "--export", "-o", file, "--data", played)
    assert (result.returncode, result.stderr) == (0, "")
    text = file.read_text("utf-8")
    changed = re.sub(r"(\[lights\.gap_yellow_points\]\ntext = .*\nvalue = )10", r"\g<1>5", text)
    assert changed != text
    file.write_text(changed, "utf-8")
    return file


def contents(folder) -> str:
    """A digest over every row of every table."""
    digest = hashlib.sha256()
    with sqlite3.connect(f"file:{folder / 'duban.sqlite3'}?mode=ro", uri=True) as database:
        for line in database.iterdump():
            digest.update(line.encode())
    return digest.hexdigest()


def test_a_replay_touches_nothing_of_the_record(played, other):
    before, files = contents(played), sorted(one.name for one in (played / "files").rglob("*"))
    result = duban("replay", "--policy", other, "--data", played)
    assert (result.returncode, result.stderr) == (0, "")
    assert contents(played) == before
    assert sorted(one.name for one in (played / "files").rglob("*")) == files


def test_a_replay_is_told_in_words_with_what_it_cannot_know(played, other):
    told = duban("replay", "--policy", other, "--data", played).stdout
    assert told.startswith("临江区2020年度台账　推演 2020-02-03 至 2020-03-20\n")
    for words in (
        "改动 1 处：",
        "三盏灯：落后序时进度达到几个百分点亮黄灯（含本数）。　10 → 5",
        "各单位并列，只列有变化的：",
        "定格不同（共 1 次）：1 条",
        "灯色不同：",
        "函件不同：",
        "单位在期限内答复并获认可",
        "这一点推演不出来",
    ):
        assert words in told
    assert "有出入" not in told, "what held, made again, is the record"


def test_the_object_names_every_difference_and_its_reason(played, other, tmp_path):
    out = tmp_path / "推演.json"
    result = duban("replay", "--policy", other, "--json", "-o", out, "--until", "2020-03-06", "--data", played)
    assert (result.returncode, result.stderr) == (0, "")
    told = json.loads(out.read_text("utf-8"))
    assert told["changes"] == [{"figure": "lights.gap_yellow_points", "held": 10, "other": 5, "is_judged_by": True}]
    assert (told["since"], told["until"], told["answers"]) == ("2020-02-03", "2020-03-06", "given")
    assert told["record"]["lines"] > 0
    assert (told["record"]["missing"], told["record"]["extra"]) == (0, 0)
    assert told["totals"]["other"]["yellow_days"] > told["totals"]["held"]["yellow_days"]
    for side in ("held", "other"):
        for name in ("red_days", "yellow_days", "reminding", "turns"):
            assert sum(one[side][name] for one in told["units"]) == told["totals"][side][name]
    first = told["lights"][0]
    assert (first["held"], first["other"]) == ("green", "yellow")
    assert first["held_why"] == []
    assert any("序时进度" in one for one in first["other_why"])
    assert all(one["held"] != one["other"] for one in told["letters"])
    [frozen] = told["snapshots"]
    differing = len(frozen["differing"])
    assert frozen["day"] == "2020-02-29"
    assert frozen["other"]["yellow"] - frozen["held"]["yellow"] == differing > 0


def test_from_a_day_on_nothing_differs_before_it(played, other):
    result = duban("replay", "--policy", other, "--from", "2020-03-02", "--json", "--data", played)
    told = json.loads(result.stdout)
    assert told["lights"]
    assert min(one["from"] for one in told["lights"]) == "2020-03-02"
    assert all(day["day"] >= "2020-03-02" for one in told["letters"] for day in (*one["held"], *one["other"]))


def test_the_policy_in_force_differs_nowhere(played, tmp_path):
    file = tmp_path / "same.toml"
    assert duban("policy", "--export", "-o", file, "--data", played).returncode == 0
    told = json.loads(duban("replay", "--policy", file, "--json", "--data", played).stdout)
    assert (told["changes"], told["lights"], told["letters"], told["entries"]) == ([], [], [], [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[lights]\ngap_yellow_points = 40\n", "黄灯起点 40 应小于红灯起点 30"),
        ("[lights]\ngap_yelow_points = 5\n", "“三盏灯”中没有“gap_yelow_points”这一项"),
        ("[lamps]\ngap = 5\n", "督查规则中没有“lamps”这一部分"),
        ('[lights]\ngap_yellow_points = "五"\n', "应填整数，现为“五”"),
        ("gap_yellow_points = 5\n", "应写在它所属的部分下面"),
        ("[lights.gap_yellow_points]\ngrade = 'A'\n", "没有写明数值"),
        ("[lights\n", "规则文件写法有误"),
        ("", "规则文件里没有任何数值"),
    ],
)
def test_absurd_rules_are_refused_in_the_policys_words(played, tmp_path, text, words):
    file = tmp_path / "bad.toml"
    file.write_text(text, "utf-8")
    result = duban("replay", "--policy", file, "--data", played)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["replay"], "命令写得不对"),
        (["replay", "--policy", "nowhere.toml"], "读不了规则文件“nowhere.toml”"),
        (["policy"], "命令写得不对"),
        (["policy", "--export", "--preset", "strict"], "没有“strict”这套预置规则，有 default、deadlines、pace"),
        (["policy", "--export", "--version", "9"], "督查规则没有这一版"),
    ],
)
def test_wrong_call_is_said(played, arguments, words):
    result = duban(*arguments, "--data", played)
    assert result.returncode == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments", [["policy", "--export"], ["replay", "--policy", "其他"], ["archive"], ["export", "--table"]]
)
def test_every_command_finds_its_plan_in_one_way(played, other, arguments):
    given = [other if one == "其他" else one for one in arguments]
    for more, words in (
        (["--plan", "1999"], "没有1999年度的台账。\n"),
        (["--plan", "2020", "--jurisdiction", "别处"], "没有别处2020年度的台账。\n"),
    ):
        result = duban(*given, *more, "--data", played)
        assert (result.returncode, result.stdout, result.stderr) == (2, "", words)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (["--until", "2020-12-31"], "只能推演到今天（2020年3月20日）"),
        (["--from", "2020-03-10", "--until", "2020-03-01"], "开始的日期晚于截止的日期"),
        (["--until", "2020-01-01"], "还没有交办的事项"),
        (["--until", "昨天"], "命令写得不对"),
    ],
)
def test_days_that_cannot_be_replayed_are_said(played, other, days, words):
    result = duban("replay", "--policy", other, *days, "--data", played)
    assert result.returncode == 2
    assert words in result.stderr


def test_folder_without_data_is_said_and_nothing_made_in_it(tmp_path, other):
    result = duban("replay", "--policy", other, "--data", tmp_path / "typo")
    assert (result.returncode, "里没有督办的数据" in result.stderr) == (2, True)
    assert not (tmp_path / "typo").exists()


@pytest.mark.parametrize("key", list(presets()))
def test_a_preset_is_exported_without_data_and_read_as_it_was(key):
    result = duban("policy", "--export", "--preset", key, "-o", "-")
    assert (result.returncode, result.stderr) == (0, "")
    assert read_figures(result.stdout, base=default_preset().values) == presets()[key].values


def test_what_is_written_is_what_is_read_whatever_stands_in_it():
    preset = default_preset()
    values = {section: dict(names) for section, names in preset.values.items()}
    values["bulletins"]["causes"] = ['引号"与\\反斜', "换行\n制表\t", "删除\x7f零"]
    text = figures_toml(values, name='名"字', note="多行\n说明", sources=preset.sources)
    raw = tomllib.loads(text)
    assert raw["preset"] == {"name": '名"字', "note": "多行\n说明"}
    assert {
        section: {name: entry["value"] for name, entry in entries.items()}
        for section, entries in raw.items()
        if section != "preset"
    } == values
