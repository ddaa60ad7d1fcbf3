"""`duban letter` and `duban export` in a process of their own, as an operator runs them."""

import json
import shutil

import pytest

from tests.cli.running import duban
from tests.intake.builders import notice_bytes

pytestmark = pytest.mark.engine_free


@pytest.fixture(scope="module")
def folder(tables_made, tmp_path_factory):
    """A data folder with the plan of a notice in force."""
    made = tmp_path_factory.mktemp("out")
    shutil.copytree(tables_made, made / "data")
    file = made / "通知.txt"
    file.write_bytes(notice_bytes())
    result = duban("import", file, "--confirm", "--data", made / "data")
    assert result.returncode == 0, result.stderr
    return made / "data"


@pytest.mark.parametrize(
    ("form", "begins"), [("pdf", b"%PDF-"), ("docx", b"PK"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf"), ("json", b"{")]
)
def test_table_is_written_in_every_form(folder, tmp_path, form, begins):
    out = tmp_path / f"表.{form}"
    result = duban("export", "--table", "--plan", "2020", "--format", form, "-o", out, "--data", folder)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"已写入 {out}（")
    assert out.read_bytes().startswith(begins)


def test_table_takes_its_title_as_a_name_in_a_folder(folder, tmp_path):
    result = duban("export", "--table", "--plan", "2020", "--format", "json", "-o", tmp_path, "--data", folder)
    assert result.returncode == 0
    (written,) = tmp_path.iterdir()
    assert written.name == "临江区2020年度督查事项责任分解表.json"
    assert [one["serial"] for one in json.loads(written.read_text("utf-8"))["duties"]][:2] == ["1", "2"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["export", "--table", "--plan", "1999"], "没有1999年度的台账。"),
        (["export", "--plan", "2020"], "命令写得不对"),
        (["export", "--table", "--plan", "2020", "--format", "doc"], "命令写得不对"),
        (["export", "--table", "--plan", "2020", "-o", "/nowhere/at/all.pdf"], "写不了文件"),
        (["letter", "临江政督提〔2020〕9号", "--pdf"], "没有“临江政督提〔2020〕9号”这份函件"),
        (["letter", "1"], "命令写得不对"),
    ],
)
def test_wrong_call_is_said_and_nothing_written(folder, arguments, words):
    result = duban(*arguments, "--data", folder)
    assert result.returncode == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments", [("letter", "1", "--pdf"), ("bulletin", "--pdf"), ("export", "--table", "--plan", "2020")]
)
def test_folder_without_data_is_said_and_nothing_made_in_it(tmp_path, arguments):
    result = duban(*arguments, "--data", tmp_path / "typo")
    assert result.returncode == 2
    assert "里没有督办的数据" in result.stderr
    assert not (tmp_path / "typo").exists()


@pytest.mark.parametrize("form", ["docx", "xlsx", "pdf"])
def test_table_read_again_gives_the_same_matters(folder, tmp_path, form):
    out = tmp_path / f"表.{form}"
    kept = tmp_path / "表.json"
    for path, wanted in ((out, form), (kept, "json")):
        command = ["export", "--table", "--plan", "2020", "--format", wanted, "-o", path, "--data", folder]
        assert duban(*command).returncode == 0
    read = duban("read", out, "--json")
    assert read.returncode == 0, read.stderr
    found = [
        (one["serial"], one["text"], [unit["name"] for unit in one["lead_units"]])
        for one in json.loads(read.stdout)["matters"]
    ]
    meant = [
        (one["serial"], one["text"], [name.split("（")[0] for name in one["lead_units"]])
        for one in json.loads(kept.read_text("utf-8"))["duties"]
    ]
    assert found == meant
