"""What a reading gives back: the notice, its matters, and what a person must look at.

Every class here is a frozen value. `Reading.as_json()` is the object of docs/notice.schema.json; its keys
come in a fixed order, unknown values are null and lists may be empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from duban.reading.shape import Document

CELL_FIELDS = ("text", "lead_units", "persons", "support_units", "overseers", "deadline")
"""The fields of a matter whose certainty is kept, in the order they are written out."""


@dataclass(frozen=True, slots=True)
class Name:
    """A unit, a person or a group as printed, with what stood in brackets behind it."""

    name: str
    qualifier: str | None = None

    @property
    def display(self) -> str:
        """The name as one writes it: 商务局（口岸办）."""
        return f"{self.name}（{self.qualifier}）" if self.qualifier else self.name

    def as_json(self) -> dict[str, Any]:
        """This function will return the name as a JSON object."""
        return {"name": self.name, "qualifier": self.qualifier}


@dataclass(frozen=True, slots=True)
class Link:
    """One person answers for one unit in one matter.

    basis: position (as many persons as units, in step) · learned (other rows teach it) · only (nothing else
    is possible) · printed (the text itself says so).   confidence: 0–1.
    """

    person: str
    unit: str
    basis: str
    confidence: float

    def as_json(self) -> dict[str, Any]:
        """This function will return the link as a JSON object."""
        return {"person": self.person, "unit": self.unit, "basis": self.basis, "confidence": self.confidence}


@dataclass(frozen=True, slots=True)
class Oversight:
    """One leader oversees one lead unit in one matter; basis and confidence as in `Link`."""

    overseer: str
    unit: str
    basis: str
    confidence: float

    def as_json(self) -> dict[str, Any]:
        """This function will return the link as a JSON object."""
        return {
            "overseer": self.overseer,
            "unit": self.unit,
            "basis": self.basis,
            "confidence": self.confidence,
        }


@dataclass(frozen=True, slots=True)
class Target:
    """One quantity a matter promises.

    value: amounts multiplied out (4万 → 40000), percentages as printed (80, unit "%").
    upper: the upper end when sense is "range".   sense: = > >= < <= range.   subject: what the number counts.
    """

    text: str
    value: int | float
    upper: int | float | None
    unit: str | None
    sense: str
    subject: str | None

    def as_json(self) -> dict[str, Any]:
        """This function will return the target as a JSON object."""
        return {
            "text": self.text,
            "value": self.value,
            "upper": self.upper,
            "unit": self.unit,
            "sense": self.sense,
            "subject": self.subject,
        }


@dataclass(frozen=True, slots=True)
class CellSource:
    """Where one field of a matter comes from.

    basis: read (it stands there) · inherited (a merged or blank cell, taken from above) · inferred (worked
    out from the layout, e.g. a leader in a heading) · blank.   line: 1-based, null when it stands nowhere.
    raw: the characters of the source.
    """

    basis: str
    line: int | None = None
    raw: str = ""

    def as_json(self) -> dict[str, Any]:
        """This function will return the source as a JSON object."""
        return {"basis": self.basis, "line": self.line, "raw": self.raw}


@dataclass(frozen=True, slots=True)
class Matter:
    """One numbered row: what is to be done, by whom, with whom, under whom, by when.

    line and page tell where it begins; line is 1-based in `Reading.lines`, lines are all it covers.
    other: what stood in further columns, by header.   raw: the source lines as they are.
    """

    serial: str | None
    title: str | None
    text: str
    lead_units: tuple[Name, ...] = ()
    persons: tuple[Name, ...] = ()
    support_units: tuple[Name, ...] = ()
    overseers: tuple[Name, ...] = ()
    links: tuple[Link, ...] = ()
    oversight: tuple[Oversight, ...] = ()
    targets: tuple[Target, ...] = ()
    deadline: str | None = None
    inherited: bool = False
    page: int | None = None
    line: int | None = None
    section: str | None = None
    other: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[int, ...] = ()
    raw: str = ""
    cells: Mapping[str, CellSource] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """This function will return the matter as a JSON object in the order of the schema."""
        blank = CellSource("blank")
        return {
            "serial": self.serial,
            "title": self.title,
            "text": self.text,
            "lead_units": [n.as_json() for n in self.lead_units],
            "persons": [n.as_json() for n in self.persons],
            "support_units": [n.as_json() for n in self.support_units],
            "overseers": [n.as_json() for n in self.overseers],
            "links": [n.as_json() for n in self.links],
            "targets": [n.as_json() for n in self.targets],
            "deadline": self.deadline,
            "inherited": self.inherited,
            "source": {"page": self.page, "line": self.line},
            "section": self.section,
            "oversight": [n.as_json() for n in self.oversight],
            "other": dict(self.other),
            "raw": self.raw,
            "cells": {name: self.cells.get(name, blank).as_json() for name in CELL_FIELDS},
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """What a person must look at.

    severity: error · warning · notice.   suggestion: null or an object a desk can apply with one key:
    {"field", "action": add | set | remove | clear | split | confirm | choose | enter, "value"}.
    evidence: a sentence or several that say how it is known.   line: 1-based.
    """

    kind: str
    serials: tuple[str, ...]
    severity: str
    message: str
    evidence: str | None = None
    suggestion: Mapping[str, Any] | None = None
    field: str | None = None
    line: int | None = None
    lines: tuple[int, ...] = ()
    """Every line the finding is about; for unread_text the lines that stand in no other place."""

    def as_json(self) -> dict[str, Any]:
        """This function will return the finding as a JSON object."""
        return {
            "kind": self.kind,
            "serials": list(self.serials),
            "severity": self.severity,
            "message": self.message,
            "suggestion": dict(self.suggestion) if self.suggestion is not None else None,
            "evidence": self.evidence,
            "field": self.field,
            "line": self.line,
            "lines": list(self.lines),
        }


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule the notice's own text states, with the sentence it came from."""

    key: str
    value: Any
    sentence: str
    line: int | None = None

    def as_json(self) -> dict[str, Any]:
        """This function will return the clause as a JSON object."""
        return {"key": self.key, "value": self.value, "sentence": self.sentence, "line": self.line}


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of the document outside its matters, and what it was taken for.

    role: title · number · issuer · recipients · issued_on · dated_on · copies_to · body · heading · header ·
    separator.
    """

    line: int
    role: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """This function will return the line as a JSON object."""
        return {"line": self.line, "role": self.role, "text": self.text}


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read: where its header stands and which field each column was taken for."""

    line: int | None
    columns: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """This function will return the table as a JSON object."""
        return {"line": self.line, "columns": [{"header": h, "field": f} for h, f in self.columns]}


@dataclass(frozen=True, slots=True)
class Notice:
    """The facts of the document itself; dates are ISO text."""

    title: str | None = None
    document_number: str | None = None
    issuer: str | None = None
    recipients: tuple[str, ...] = ()
    issued_on: str | None = None
    dated_on: str | None = None
    year: int | None = None
    declared_items: int | None = None
    report_dates: tuple[str, ...] = ()
    report_length: tuple[int, int] | None = None
    contact: Mapping[str, str | None] | None = None
    copies_to: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()
    tables: tuple[Table, ...] = ()
    text: tuple[TextLine, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """This function will return the notice as a JSON object."""
        length = {"min": self.report_length[0], "max": self.report_length[1]} if self.report_length else None
        return {
            "title": self.title,
            "document_number": self.document_number,
            "issuer": self.issuer,
            "recipients": list(self.recipients),
            "issued_on": self.issued_on,
            "dated_on": self.dated_on,
            "year": self.year,
            "declared_items": self.declared_items,
            "report_dates": list(self.report_dates),
            "report_length": length,
            "contact": dict(self.contact) if self.contact is not None else None,
            "copies_to": list(self.copies_to),
            "clauses": [c.as_json() for c in self.clauses],
            "tables": [t.as_json() for t in self.tables],
            "text": [t.as_json() for t in self.text],
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole reading.

    document: the neutral shape it was read from.   lines: the decoded text by line; every line number in
    the reading is 1-based in this list.
    """

    notice: Notice
    matters: tuple[Matter, ...]
    findings: tuple[Finding, ...]
    document: Document
    lines: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """This function will return the object of docs/notice.schema.json, keys in a fixed order."""
        return {
            "notice": self.notice.as_json(),
            "matters": [m.as_json() for m in self.matters],
            "findings": [f.as_json() for f in self.findings],
        }
