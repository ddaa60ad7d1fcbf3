"""`duban read`: what it prints, and what it says when it cannot."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from duban.cli.read import main, summary
from duban.reading import read_notice

pytestmark = pytest.mark.engine_free
EXAMPLE = Path(__file__).parents[2] / "examples" / "quangang-2020-2.txt"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    code = "import sys; from duban.cli.read import main; sys.exit(main(sys.argv[1:]))"
    env = {**os.environ, **environment}
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, env=env, check=False)


def test_json_is_the_reading(capsys):
    assert main([str(EXAMPLE), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads(json.dumps(read_notice(EXAMPLE.read_bytes()).as_json()))
    assert len(printed["matters"]) == 128


def test_summary_says_what_matters(capsys):
    assert main([str(EXAMPLE)]) == 0
    text = capsys.readouterr().out
    assert "128 / 157 项，缺 1–13、142–157" in text
    assert "泉港政办〔2020〕2号" in text
    assert "建议 补上 自然资源局" in text
    assert "建议 填 谢梓骞" in text
    assert "100–150 字" in text
    assert "\x1b[" not in text


def test_colour_only_where_it_is_wanted():
    reading = read_notice(EXAMPLE.read_bytes())
    assert "\x1b[33m" in summary(reading, colour=True)
    assert "\x1b[" not in summary(reading, colour=False)


@pytest.mark.parametrize("locale", ["C", "POSIX", "zh_CN.GBK"])
def test_output_is_utf8_in_any_locale(locale):
    done = run(str(EXAMPLE), "--json", LC_ALL=locale, PYTHONIOENCODING="", PYTHONUTF8="0")
    assert done.returncode == 0
    assert len(json.loads(done.stdout.decode("utf-8"))["matters"]) == 128


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空的"),
        (b"\n \n", "空的"),
        (bytes(range(256)) * 50, "不是文本"),
        ("序号\t任务".encode()[:-1], "不完整"),
        (b"\x81\x20\xff\xff" * 50, "编码"),
        (b"%PDF-1.4", "这个 PDF 文件不完整"),
        (b"PK\x03\x04" + b"\x00" * 30 + b"word/document.xml", ".docx"),
        ("序号\t任务\t责任单位\n".encode(), "没有一行任务"),
        ("关于放假的通知\n放假七天。\n".encode(), "没有读到任何任务"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_words(tmp_path, capsys, content, words):
    path = tmp_path / "通知.txt"
    path.write_bytes(content)
    assert main([str(path)]) == 2
    assert words in capsys.readouterr().err


def test_json_of_a_file_without_matters_is_printed_all_the_same(tmp_path, capsys):
    path = tmp_path / "通知.txt"
    path.write_text("序号\t任务\t责任单位\n", encoding="utf-8")
    assert main([str(path), "--json"]) == 2
    printed = json.loads(capsys.readouterr().out)
    assert [finding["kind"] for finding in printed["findings"]] == ["no_matters", "header_without_rows"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "请给出一个文件"),
        (["a.txt", "b.txt"], "请给出一个文件"),
        (["--yaml", "a.txt"], "不认识的选项：--yaml"),
        (["没有这个文件.txt"], "没有这个文件"),
        ([str(EXAMPLE.parent)], "文件夹"),
        (["a\x00b"], "打不开"),
    ],
)
def test_a_wrong_call_is_refused_with_words(capsys, arguments, words):
    assert main(arguments) == 2
    assert words in capsys.readouterr().err


def test_a_huge_file_is_refused_without_being_read(tmp_path, capsys):
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    assert main([str(path)]) == 2
    assert "200 MB" in capsys.readouterr().err


def test_help(capsys):
    assert main(["--help"]) == 0
    assert "--json" in capsys.readouterr().out


def test_a_reader_that_closes_the_pipe_early_is_no_error():
    code = "import sys; from duban.cli.read import main; sys.exit(main(sys.argv[1:]))"
    command = f'"{sys.executable}" -c "{code}" "{EXAMPLE}" --json | head -1'
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    assert done.stdout == b"{\n"
    assert done.stderr == b""


@pytest.mark.parametrize("library", ["django", "lxml", "pdfplumber", "python_calamine"])
def test_reading_text_loads_no_library_it_does_not_need(library):
    code = (
        f"import sys; from duban.cli.read import main; main([{str(EXAMPLE)!r}]); sys.exit({library!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
