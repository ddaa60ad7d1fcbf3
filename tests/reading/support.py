"""Comparing a reading with what a careful person read."""

import json
import re
from pathlib import Path

from duban.reading import Matter, Name, Reading, read_notice

SAMPLES = Path(__file__).parent / "samples"
EXAMPLE = Path(__file__).parents[2] / "examples" / "quangang-2020-2.txt"
LAYOUTS = sorted(path.stem for path in SAMPLES.glob("*.txt"))
_FIELDS = (("lead_units", "lead_units"), ("co_units", "support_units"), ("leaders", "overseers"))


def read(text: str) -> Reading:
    return read_notice(text.encode())


def row(matter: Matter) -> tuple:
    """Return what most layouts are compared by: serial, text, lead, support, persons, overseers, deadline."""
    return (
        matter.serial,
        matter.text,
        shown(matter.lead_units),
        shown(matter.support_units),
        shown(matter.persons),
        shown(matter.overseers),
        matter.deadline,
    )


def shown(names: tuple[Name, ...]) -> str:
    return " ".join(name.display for name in names)


def plain(text: str | None) -> str:
    return re.sub(r"\s", "", text or "").translate(str.maketrans("(),", "（），"))


def expected(name: str) -> list[dict]:
    return json.loads((SAMPLES / f"{name}.expected.json").read_text(encoding="utf-8"))


def differences(rows: list[dict], matters: tuple[Matter, ...]) -> list[str]:
    """Return one line for each expected matter that the reading does not hold with every field right."""
    left = list(matters)
    found: list[str] = []
    for want in rows:
        match = next(
            (m for m in left if plain(m.serial) == plain(want["serial"]) and plain(m.text) == plain(want["task"])), None
        )
        if match is None:
            found.append(f"{want['serial']}: not read")
            continue
        left.remove(match)
        for theirs, ours in _FIELDS:
            got = [plain(name.display) for name in getattr(match, ours)]
            if got != [plain(name) for name in want[theirs]]:
                found.append(f"{want['serial']} {ours}: {got} for {want[theirs]}")
        if [plain(name.name) for name in match.persons] != [plain(name) for name in want["persons"]]:
            found.append(f"{want['serial']} persons: {match.persons} for {want['persons']}")
        if plain(match.deadline) != plain(want["deadline"]):
            found.append(f"{want['serial']} deadline: {match.deadline} for {want['deadline']}")
        inherited = want.get("extra", {}).get("inherited")
        if inherited is not None and inherited != match.inherited:
            found.append(f"{want['serial']} inherited: {match.inherited}")
    return found
