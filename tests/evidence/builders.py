"""Shortcuts: evidence given by a unit."""

from io import BytesIO

from duban.evidence.actions import add_evidence
from duban.evidence.examining import NewFile, NewLink, NewPaper
from tests.evidence.files import PDF

LINK = NewLink("https://www.linjiang.example/gs/1.html", "项目公示")
PAPER = NewPaper("临江教〔2020〕5号，教育局档案室", "竣工验收备案表")


def file(name="验收报告.pdf", data=PDF, title=""):
    return NewFile(name, BytesIO(data), title)


def add(world, matter, *given, unit="教育局", by=None, now=None, **more):
    by = by or world.liaison(unit)
    whose = world.unit(unit) if unit else None
    return add_evidence(matter, unit=whose, given=given or [file()], by=by, now=now or world.now, **more)


def lying(folder):
    """The names of all files in a folder."""
    return sorted(one.name for one in folder.rglob("*") if one.is_file())
