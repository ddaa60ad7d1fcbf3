"""When a draft is complete, and who approves it. Source: docs/sources.md#bulletins"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from duban.bulletins.rules.words import JUDGING, Section
from duban.matters.policy import Bulletins


class Entry(NamedTuple):
    """An entry as it is looked at before a draft goes on. name: of its matter (or of its unit)."""

    section: Section
    name: str
    cause: str
    next_step: str


def incomplete(entries: Iterable[Entry]) -> list[str]:
    """Return, a sentence each, which entries lack a cause or a next step; late reports need neither.

    Source: docs/sources.md#bulletins
    """
    found = []
    for one in entries:
        if one.section not in JUDGING:
            continue
        words = ("没有写明主要做法" if one.section is Section.PRAISE else "没有写明原因") if not one.cause else ""
        missing = [each for each in (words, "" if one.next_step else "没有写明下一步") if each]
        if missing:
            found.append(f"{one.name}{'，'.join(missing)}。")
    return found


class Approving(StrEnum):
    """What a bulletin is approved for: its facts, and its criticism and praise."""

    FACTS = "facts"
    JUDGEMENT = "judgement"


APPROVING_LABELS = {Approving.FACTS: "事实", Approving.JUDGEMENT: "批评和表扬"}


def approvals_needed(sections: Iterable[Section], policy: Bulletins) -> dict[Approving, str]:
    """Return what has to be approved and by which role: criticism and praise by the government, never automatic.

    Source: docs/sources.md#bulletins
    """
    needed = {Approving.FACTS: policy.facts_approver}
    if any(one in JUDGING for one in sections):
        needed[Approving.JUDGEMENT] = policy.judgement_approver
    return needed
