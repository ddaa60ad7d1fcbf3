"""Cause and next step, from what the unit has said already. Source: docs/sources.md#bulletins"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from duban.bulletins.rules.words import Section
from duban.core.text import date_text
from duban.matters.policy import Bulletins


class CauseWord(StrEnum):
    """Kinds of causes by which slow work is told, and the words they are known by. Source: docs/sources.md#bulletins

    Which of them an office uses, and its own besides, stands in the policy.
    """

    FUNDS = "资金"
    LAND = "用地"
    PERMIT = "审批"
    CLEARANCE = "征迁"
    RULE = "政策"
    WORKS = "施工"
    DUTY = "责任"


_KNOWN_BY: dict[CauseWord, str] = {
    CauseWord.CLEARANCE: r"征迁|征地|拆迁|征收|腾退|安置|搬迁户",
    CauseWord.LAND: r"用地|土地|农转用|选址|红线|林地|海域",
    CauseWord.FUNDS: r"资金|经费|拨付|融资|贷款|配套款|预算|欠款",
    CauseWord.PERMIT: r"审批|报批|手续|许可|批复|环评|核准|备案|立项",
    CauseWord.WORKS: r"施工|工期|工程|材料|雨季|天气|班组|进场|管线|设备|交叉作业",
    CauseWord.RULE: r"政策|规划调整|标准|上级要求|疫情|管控",
    CauseWord.DUTY: r"责任|重视|人手|人员|力量不足|协调|配合|衔接|推诿",
}
"""In the order in which they are asked: 征地 is a matter of clearance before it is one of land."""


def cause_words(section: Section, policy: Bulletins) -> tuple[str, ...]:
    """Return the words an entry's cause is chosen from."""
    return policy.praise_causes if section is Section.PRAISE else policy.causes


class Said(StrEnum):
    """Where a unit said something. A 回头看 is the unit's own and is never read."""

    OBSTACLE = "obstacle"
    NEED = "need"
    CAUSE = "cause"
    MEASURES = "measures"
    REPORT = "report"


SAID_LABELS = {
    Said.OBSTACLE: "单位提出的困难问题",
    Said.NEED: "单位提出的困难问题",
    Said.CAUSE: "催办函的答复",
    Said.MEASURES: "督办函的答复",
    Said.REPORT: "单位的报告",
}


class Saying(NamedTuple):
    """What a unit said of a matter. said_on: the day it came."""

    kind: Said
    text: str
    said_on: date


class Prefilled(NamedTuple):
    """What may stand in an entry before anybody typed: each part empty where the unit has said nothing of it.

    cause_from, next_from: in words, what it was taken from.
    """

    cause: str
    cause_note: str
    cause_from: str
    next_step: str
    next_from: str


_SENTENCES = re.compile(r"[^。；！？\n]+[。；！？]?")

_NEXT = re.compile(r"下一步|下阶段|接下来|将于|将在|计划|拟于|力争|确保|预计|将")

_IN_THE_WAY = re.compile(r"困难|问题|滞后|未|没有|影响|制约|不足|缺|偏慢|缓慢|因")

_LED_IN = re.compile(r"^(?:下一步|存在的?(?:困难|问题|困难问题)|(?:主要)?原因)[，：]")
"""Words that only name what follows: they stand before it in the bulletin already."""
_CAUSE_FROM = (Said.OBSTACLE, Said.CAUSE, Said.MEASURES, Said.REPORT)

_NEXT_FROM = (Said.MEASURES, Said.CAUSE, Said.REPORT, Said.NEED)


def prefilled(sayings: Iterable[Saying], *, section: Section, words: Sequence[str]) -> Prefilled:
    """Return what of cause and next step the unit has told already, the latest of the surest place first.

    words: those the cause may be chosen from. The cause of praise is nobody's to guess: a person chooses it.
    Source: docs/sources.md#bulletins
    """
    by_kind: dict[Said, list[Saying]] = {}
    for one in sorted(sayings, key=lambda one: one.said_on, reverse=True):
        by_kind.setdefault(one.kind, []).append(one)
    cause = note = cause_from = next_step = next_from = ""
    if section is Section.CRITICISM:
        for saying in (one for kind in _CAUSE_FROM for one in by_kind.get(kind, [])):
            cause, note = _cause_in(saying, words=words)
            if cause:
                cause_from = _from(saying)
                break
    for saying in (one for kind in _NEXT_FROM for one in by_kind.get(kind, [])):
        next_step = _next_in(saying, cause=note)
        if next_step:
            next_from = _from(saying)
            break
    return Prefilled(cause, note, cause_from, next_step, next_from)


def _from(saying: Saying) -> str:
    return f"{date_text(saying.said_on)}{SAID_LABELS[saying.kind]}"


def _cause_in(saying: Saying, *, words: Sequence[str]) -> tuple[str, str]:
    """Return the kind of cause a saying names, and the sentence in which it does so."""
    for sentence in _SENTENCES.findall(saying.text):
        if saying.kind is not Said.OBSTACLE and not _IN_THE_WAY.search(sentence):
            continue  # it tells what was done, or will be; only what stands in the way is a cause
        for word, pattern in _KNOWN_BY.items():
            if word.value in words and re.search(pattern, sentence):
                whole = sentence.strip("。；！？ ")
                note = whole if saying.kind is Said.OBSTACLE else _in_the_way(whole)
                return word.value, _LED_IN.sub("", note)
    return "", ""


def _in_the_way(sentence: str) -> str:
    """Return the clauses of a sentence up to the last that says what stands in the way; measures follow those."""
    clauses = sentence.split("，")
    last = max(place for place, clause in enumerate(clauses) if _IN_THE_WAY.search(clause))
    return "，".join(clauses[: last + 1])


def _next_in(saying: Saying, *, cause: str) -> str:
    """Return what a saying tells of the next step, without the cause told in the same breath."""
    if saying.kind is not Said.REPORT:
        text = _LED_IN.sub("", saying.text.strip())  # the cause was told without its lead-in too
        return _LED_IN.sub("", text.removeprefix(cause).lstrip("，。；")) if cause else text
    return _LED_IN.sub("", "".join(one.strip() for one in _SENTENCES.findall(saying.text) if _NEXT.search(one)))
