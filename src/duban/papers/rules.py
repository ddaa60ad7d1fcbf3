"""公文: kinds of issued documents, the names of their files, their frozen values. Plain Python."""

import re
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from duban.core.errors import Invalid

REASON_LENGTH = 200
TITLE_LENGTH = 200
NUMBER_LENGTH = 60
ADDRESSEE_LENGTH = 200


class PaperKind(StrEnum):
    """What kind of document was issued; each is about a thing of its own room."""

    LETTER = "letter"
    ASSIGNMENT = "assignment"
    BULLETIN = "bulletin"
    INTERVIEW = "interview"
    MINUTES = "minutes"
    VISIT = "visit"
    CONCLUSION = "conclusion"
    REVIEW = "review"
    EVALUATION = "evaluation"


PAPER_KIND_LABELS = {
    PaperKind.LETTER: "函件",
    PaperKind.ASSIGNMENT: "交办通知",
    PaperKind.BULLETIN: "政务督查",
    PaperKind.INTERVIEW: "约谈通知书",
    PaperKind.MINUTES: "约谈纪要",
    PaperKind.VISIT: "核验记录",
    PaperKind.CONCLUSION: "督查结论",
    PaperKind.REVIEW: "复核决定",
    PaperKind.EVALUATION: "考评结果",
}


class Format(StrEnum):
    """The two files of one document: for printing and sealing, and for further editing."""

    PDF = "pdf"
    DOCX = "docx"


ASSIGNMENT_WORD = "政督交"
"""机关代字 of the notices that hand out matters. ★"""

CONTENT_TYPES = {
    Format.PDF: "application/pdf",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

Frozen = TypeVar("Frozen")

_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_NAME_BYTES = 180


def file_name(*parts: str, form: Format) -> str:
    """Return how a file is called: its parts in order, the empty ones left out, without what no file system takes."""
    stem = " ".join(filter(None, (_NOT_IN_NAMES.sub("", one).strip(" .") for one in parts))) or "公文"
    while len(stem.encode()) > _NAME_BYTES:
        stem = stem[:-1]
    return f"{stem}.{form.value}"


def names_once(names: list[str]) -> list[str]:
    """Return file names so that no two are alike: the second of a name has （2） before its ending."""
    found: list[str] = []
    for name in names:
        stem, dot, ending = name.rpartition(".")
        unique, number = name, 2
        while unique in found:
            unique, number = f"{stem}（{number}）{dot}{ending}", number + 1
        found.append(unique)
    return found


def frozen_values(value: Any) -> Any:
    """Return frozen dataclasses as JSON-able values: dates as 2020-02-03, decimals as “0.50”, tuples as lists.

    Raises TypeError for what is none of these, so that nothing is frozen that cannot be read again.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: frozen_values(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return {str(key): frozen_values(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [frozen_values(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"{type(value).__name__} cannot be frozen")


def thawed(kind: type[Frozen], data: dict[str, Any]) -> Frozen:
    """Return the frozen dataclass that `frozen_values` wrote; fields added to it later have their defaults.

    Raises TypeError, ValueError, KeyError where the data is of another kind.
    """
    hints = get_type_hints(kind)
    wanted = {one.name for one in fields(kind)} & data.keys()  # type: ignore[arg-type]
    return kind(**{name: _thawed(hints[name], data[name]) for name in wanted})


def _thawed(kind: Any, value: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        if value is None:
            return None
        (kind,) = (one for one in get_args(kind) if one is not NoneType)
    if get_origin(kind) is tuple:
        each, *rest = get_args(kind)
        kinds = [each] * len(value) if rest == [...] else [each, *rest]
        return tuple(_thawed(one, part) for one, part in zip(kinds, value, strict=True))
    if is_dataclass(kind) and isinstance(kind, type):
        return thawed(kind, value)
    if kind is date:
        return date.fromisoformat(value)
    if kind is Decimal:
        return Decimal(value)
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value


def place_word(short_name: str) -> str:
    """Return a place as numbers of documents name it: 临江区 → 临江."""
    return short_name[:-1] if len(short_name) > 2 and short_name[-1] in "省市区县旗镇乡" else short_name


def number_text(word: str, *, number: int, year: int, short_name: str) -> str:
    """Return a document's number as it is printed: 临江政督提〔2020〕1号. word: 机关代字 behind the place."""
    return f"{place_word(short_name)}{word}〔{year}〕{number}号"


def takes_scans(*, issued_at: datetime, plan_closed_at: datetime | None) -> bool:
    """Return whether a scan may still be put beside a document: of a closed year only beside what was issued after."""
    return plan_closed_at is None or issued_at > plan_closed_at


def checked_reason(text: str) -> str:
    """Return why something is done, without blanks around it. Raises Invalid."""
    words = text.strip()
    if len(words) < 2:
        raise Invalid("请写明理由。", field="reason")
    if len(words) > REASON_LENGTH:
        raise Invalid(f"理由不超过 {REASON_LENGTH} 字，现在 {len(words)} 字。", field="reason")
    return words
