"""Every action is told who acts and when; every event is used; nothing below the doors reads the clock."""

import ast
import inspect
import re
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

import pytest

import duban
from duban.audit.rules import EVENT_LABELS, EventName

pytestmark = pytest.mark.engine_free

SOURCE = Path(duban.__file__).parent
HELPERS = {
    # public functions of actions that change nothing by themselves, and what they are for
    "duban.matters.actions.facts_changed": "has the lights of matters judged by the room above",
    "duban.matters.actions.hold_open": "holds a plan's row, so that nobody closes it meanwhile",
    "duban.matters.actions.let_judge": "is told by lights, once, who judges",
    "duban.matters.actions.approval_data": "tells an approval as an event keeps it",
    "duban.audit.actions.subject_of": "names what an event is about",
    "duban.orgs.actions.plan_roster": "shows what an import would do",
    "duban.matters.actions.problems_of": "says what is wrong with typed matters before they are entered",
    "duban.matters.actions.read_targets": "finds the quantities of a typed text",
    "duban.matters.actions.told_by": "checks how a unit told the office what it enters",
    "duban.matters.actions.typed_units": "finds the units that typed names mean",
}


def actions() -> dict[str, Callable[..., object]]:
    """Return the public functions of every noun's actions, whether that is a file or a folder."""
    found = {}
    for noun in iter_modules([str(SOURCE)]):
        name = f"duban.{noun.name}.actions"
        if not noun.ispkg or find_spec(name) is None:
            continue
        for word, thing in vars(import_module(name)).items():
            is_ours = inspect.isfunction(thing) and thing.__module__.startswith(name)
            if is_ours and not word.startswith("_") and f"{name}.{word}" not in HELPERS:
                found[f"{name}.{word}"] = thing
    return found


def test_there_are_actions_of_every_noun():
    assert {name.split(".")[1] for name in actions()} == {
        "access",
        "audit",
        "jobs",
        "outbox",
        "orgs",
        "matters",
        "intake",
        "progress",
        "evidence",
        "obstacles",
        "instructions",
        "superiors",
        "closing",
        "reports",
        "calendars",
        "lights",
        "changes",
        "reminders",
        "letters",
        "papers",
        "bulletins",
        "objections",
        "interviews",
        "evaluation",
        "visits",
        "archives",
    }


@pytest.mark.parametrize("name", actions())
def test_action_is_told_by_and_now(name):
    parameters = inspect.signature(actions()[name]).parameters
    by_key = {key for key, one in parameters.items() if one.kind is one.KEYWORD_ONLY}
    assert {"by", "now"} <= by_key
    assert [key for key in ("by", "now") if parameters[key].default is not inspect.Parameter.empty] == []
    first = 2 if name.startswith("duban.audit.") else 1
    positional = [key for key, one in parameters.items() if one.kind is not one.KEYWORD_ONLY]
    assert len(positional) <= first, "everything is keyword-only after the first argument"


@pytest.mark.parametrize("name", actions())
def test_action_says_what_it_does(name):
    assert inspect.getdoc(actions()[name])


def sources() -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in sorted(SOURCE.rglob("*.py"))}


def event_names_used() -> set[str]:
    used = set()
    for path, text in sources().items():
        if path == SOURCE / "audit" / "rules.py":
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "EventName":
                used.add(node.attr)
    return used


def test_every_event_is_written_somewhere():
    assert {one.name for one in EventName} - event_names_used() == set()


def test_every_event_used_is_in_the_list():
    assert event_names_used() - {one.name for one in EventName} == set()


def test_every_event_has_a_chinese_sentence_of_its_own():
    assert set(EVENT_LABELS) == set(EventName)
    assert len(set(EVENT_LABELS.values())) == len(EventName)
    assert [one.value for one in EventName if not re.fullmatch(r"[a-z]+\.[a-z_]{3,33}", one.value)] == []


DOORS = ("web", "api", "cli", "worker", "settings.py")


def test_only_doors_read_the_clock():
    found = []
    for path, text in sources().items():
        inside = path.relative_to(SOURCE)
        if inside.parts[0] in DOORS or inside == Path("core/clock.py"):
            continue
        if re.search(r"\bclock\.(now|today)\b|timezone\.now\(|datetime\.now\(|date\.today\(", text):
            found.append(str(inside))
    assert found == []


def test_below_the_doors_no_room_is_imported_inside_a_function():
    """An import inside a function means the wrong room. The terminal waits with Django until it is set up."""
    found = []
    for path, text in sources().items():
        inside = path.relative_to(SOURCE)
        if inside.parts[0] in ("cli", "worker"):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                imports = [one for one in ast.walk(node) if isinstance(one, ast.ImportFrom)]
                found += [f"{inside}:{one.lineno}" for one in imports if (one.module or "").startswith("duban")]
    assert found == []
