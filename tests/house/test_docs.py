"""What the documents say is so: commands, settings, words, sources; and nothing of this machine is in them."""

import importlib
import re
import runpy
import subprocess
from pathlib import Path

import pytest
from django.apps import apps

import duban
from duban.cli.main import COMMANDS

pytestmark = pytest.mark.engine_free

SOURCE = Path(duban.__file__).parent
ROOT = SOURCE.parents[1]
DOCS = ROOT / "docs"


def source_texts() -> dict[str, str]:
    return {str(path.relative_to(SOURCE)): path.read_text("utf-8") for path in sorted(SOURCE.rglob("*.py"))}


def operations() -> str:
    return (DOCS / "operations.md").read_text("utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_in_the_documents_and_has_a_module(command):
    assert f"`duban {command}" in operations()
    assert hasattr(importlib.import_module(COMMANDS[command][0]), "main")


def test_every_setting_is_in_the_documents_and_every_one_there_is_read():
    read = {name for text in source_texts().values() for name in re.findall(r"\bDUBAN_[A-Z_]+\b", text)}
    tests = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    told = set(re.findall(r"`(DUBAN_[A-Z_]+)`", operations()))
    assert read - told == set()
    assert {one for one in told - read if one not in tests} == set()


# ── glossary ──


def glossary() -> list[tuple[str, list[str], str]]:
    """Return (中文, identifiers, rooms) of every line of the tables."""
    lines = []
    for line in (DOCS / "glossary.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) >= 3 and "`" in cells[1]:
            lines.append((cells[0], re.findall(r"`([^`]+)`", cells[1]), cells[2].strip("` ")))
    return lines


def test_glossary_has_words():
    assert len(glossary()) > 60


@pytest.mark.parametrize(("chinese", "identifiers", "room"), glossary())
def test_word_of_the_glossary_is_in_its_room(chinese, identifiers, room):
    folder = SOURCE / room.replace(".", "/")
    files = sorted(folder.rglob("*.py")) or [folder.with_suffix(".py")]
    text = "\n".join(path.read_text("utf-8") for path in files)
    missing = [one for one in identifiers if not re.search(rf"\b{re.escape(one.split('.')[-1])}\b", text)]
    assert missing == []


def test_every_table_of_the_database_is_in_the_glossary():
    told = {one for _, identifiers, _ in glossary() for one in identifiers}
    ours = {model.__name__ for model in apps.get_models() if model.__module__.startswith("duban.")}
    assert ours - told == set()


# ── sources ──


def anchors() -> set[str]:
    text = (DOCS / "sources.md").read_text("utf-8")
    return set(re.findall(r'<a id="([a-z-]+)"></a>', text))


def test_every_source_a_docstring_names_is_in_the_list():
    wanted = {
        (name, anchor)
        for name, text in source_texts().items()
        for anchor in re.findall(r"docs/sources\.md#([\w-]+)", text)
    }
    assert {one for one in wanted if one[1] not in anchors()} == set()


def test_no_docstring_names_a_source_without_an_anchor():
    assert [name for name, text in source_texts().items() if re.search(r"Source: docs/sources\.md(?!#)", text)] == []


# ── links and paths ──


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def tracked_texts() -> dict[str, str]:
    texts = {}
    for path in tracked():
        try:
            texts[str(path.relative_to(ROOT))] = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
    return texts


PLACES = ("work/", "root/", r"home/[a-z]", "Users/", r"tmp/[a-z]+/[a-z]+/")
MACHINE = re.compile(r"(?<![\w./-])/(?:" + "|".join(PLACES) + ")")


def test_no_path_of_a_machine_is_in_the_project():
    found = {(name, match.group(0)) for name, text in tracked_texts().items() for match in MACHINE.finditer(text)}
    assert found == set()


def test_lock_names_no_address():
    text = (ROOT / "requirements.lock").read_text("utf-8")
    assert not re.search(r"https?://|--index-url|--extra-index", text)
    assert "--hash=sha256:" in text


@pytest.mark.parametrize("name", [name for name in tracked_texts() if name.endswith(".md")])
def test_links_of_a_document_lead_somewhere(name):
    folder = (ROOT / name).parent
    text = re.sub(r"```.*?```", "", (ROOT / name).read_text("utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    local = [one.partition("#")[0] for one in targets if not re.match(r"[a-z]+:|#", one)]
    assert [one for one in local if not (folder / one).exists()] == []


def test_every_decision_is_numbered_and_short():
    found = sorted(path.name for path in (DOCS / "decisions").glob("*.md"))
    assert [name[:4] for name in found] == [f"{number:04}" for number in range(1, len(found) + 1)]
    assert [name for name in found if len((DOCS / "decisions" / name).read_text("utf-8")) > 6000] == []


def test_picture_of_the_rooms_is_drawn_from_their_layers():
    drawn = runpy.run_path(str(ROOT / "tools" / "architecture.py"))["drawn"]
    kept = (ROOT / "docs" / "architecture.svg").read_text("utf-8")
    assert kept == drawn(), "run: python tools/architecture.py"
