"""Words and decisions: 佐证材料."""

import re
import unicodedata
from collections.abc import Collection
from enum import StrEnum
from urllib.parse import urlsplit

from duban.access.rules import LEADER_ROLES, Role
from duban.core.actor import Actor
from duban.core.errors import Invalid
from duban.matters.rules import Kind, State


class EvidenceKind(StrEnum):
    """What is given."""

    FILE = "file"
    LINK = "link"
    PAPER = "paper"


EVIDENCE_KIND_LABELS: dict[EvidenceKind, str] = {
    EvidenceKind.FILE: "文件",
    EvidenceKind.LINK: "链接",
    EvidenceKind.PAPER: "纸质材料",
}


class Scan(StrEnum):
    """What is known of a kept file. One in which a virus was found is not kept."""

    CLEAN = "clean"
    NONE = "none"  # no scanner is set up
    UNREACHABLE = "unreachable"  # there is one, and it did not answer


SCAN_LABELS: dict[Scan, str] = {
    Scan.CLEAN: "已查毒",
    Scan.NONE: "未查毒",
    Scan.UNREACHABLE: "未查毒（查毒程序当时没有应答）",
}

TAKING_STATES = (State.ASSIGNED, State.IN_PROGRESS, State.CLOSING)
"""States in which a matter takes evidence."""

FOUND_STATES = (*TAKING_STATES, State.CLOSED, State.SUSPENDED, State.CARRIED_OVER)
"""States in which it takes what the office found on the spot: what is closed is verified too."""

GIVING_BACK_STATES = (State.ASSIGNED, State.IN_PROGRESS, State.SUSPENDED)
"""States in which evidence may be withdrawn: not while a closure is judged by it, not once it was granted."""

_ENTERING = (Role.SYSTEM, Role.OFFICER, Role.OFFICE_HEAD)
_GIVING = (*_ENTERING, Role.GOVERNMENT_HEAD, *LEADER_ROLES)


def may_enter_for_units(actor: Actor, *, jurisdiction_id: int) -> bool:
    """Return whether the actor is of the office: enters what units hand in, withdraws what was given by mistake."""
    return any(one.jurisdiction_id in (None, jurisdiction_id) for one in actor.holds(*_ENTERING))


def may_give_itself(actor: Actor, *, jurisdiction_id: int) -> bool:
    """Return whether the actor may give evidence that is no unit's: the office, or a leader."""
    return any(one.jurisdiction_id in (None, jurisdiction_id) for one in actor.holds(*_GIVING))


MOST_AT_ONCE = 20
"""The most pieces given in one go."""

TITLE_LENGTH = 100
ADDRESS_LENGTH = 500
PLACE_LENGTH = 200
REASON_LENGTH = 200


def needs_evidence(kind: Kind, compulsory_kinds: Collection[str]) -> bool:
    """Return whether a matter of this kind closes only with evidence. compulsory_kinds: the policy's; empty asks none.

    Source: docs/sources.md#evidence
    """
    return kind.value in compulsory_kinds


def _line(text: str, *, what: str, most: int, field: str) -> str:
    """Return a text on one line, without characters nobody sees. Raises Invalid when it is too long."""
    seen = "".join(one for one in text if one.isspace() or unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co"))
    line = " ".join(seen.split())
    if len(line) > most:
        raise Invalid(f"{what}不超过 {most} 字，现在 {len(line)} 字。", field=field)
    return line


def checked_title(title: str, *, otherwise: str = "") -> str:
    """Return a title on one line; `otherwise` where none is given. Raises Invalid."""
    line = _line(title, what="名称", most=TITLE_LENGTH, field="title") or otherwise[:TITLE_LENGTH]
    if not line:
        raise Invalid("请填写材料名称。", field="title")
    return line


def checked_place(place: str) -> str:
    """Return where a paper lies, on one line. Raises Invalid."""
    line = _line(place, what="文号、存放处", most=PLACE_LENGTH, field="place")
    if not line:
        raise Invalid("请写明纸质材料的文号或存放处，便于查找。", field="place")
    return line


def checked_reason(reason: str) -> str:
    """Return why evidence is withdrawn, on one line. Raises Invalid."""
    line = _line(reason, what="原因", most=REASON_LENGTH, field="reason")
    if len(line) < 2:
        raise Invalid("请写明撤下的原因。", field="reason")
    return line


_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f\\<>\"]+")


def checked_address(address: str) -> str:
    """Return a web address that may be shown as a link: http(s), with a host, without a user name. Raises Invalid."""
    text = address.strip()
    if len(text) > ADDRESS_LENGTH:
        raise Invalid(f"网址不超过 {ADDRESS_LENGTH} 个字符，现在 {len(text)} 个。", field="address")
    wrong = Invalid("请填写完整的网址，以 http:// 或 https:// 开头。", field="address")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise wrong
    hidden = any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co") for one in text)
    if parts.scheme not in ("http", "https") or not host or hidden or not _ADDRESS.fullmatch(text):
        raise wrong
    if "@" in parts.netloc:
        raise Invalid("网址里不能带用户名和密码。", field="address")
    return text


def size_text(size_bytes: int) -> str:
    """Return a size in words: 320 KB, 1.4 MB."""
    if size_bytes < 1024 * 1024:
        return f"{max(1, round(size_bytes / 1024))} KB"
    return f"{size_bytes / 1024 / 1024:.1f} MB"
