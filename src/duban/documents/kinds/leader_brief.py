"""专报 for a leader: one page, whatever there is to say; what does not fit is counted. Source: docs/sources.md#kinds"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from duban.documents.kinds.parts import Counter, sentence, watermark
from duban.documents.paper import Block, DocumentError, Form, Paper, text
from duban.documents.titles import break_title, width_of
from duban.documents.wording import day

_LINES, _CHARACTERS = 22, 28
_INDENT = 2
_LONGEST_ITEM = 3
_TITLE_LINE = 1.2
"""A line of 二号 with its share of the space around it, in lines of the body, on the safe side."""


@dataclass(frozen=True, slots=True)
class BriefList:
    """A list of the page, the gravest first: 需要您协调的事项, and its items, each a sentence or two."""

    heading: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeaderBriefData:
    """The page. leader: 郑文渊副区长; summary: one paragraph; rest: where what is left out can be seen."""

    leader: str
    title: str
    office: str
    made_on: date
    summary: str
    lists: tuple[BriefList, ...]
    rest: str = "详见台账"
    is_draft: bool = False


def paper_of(data: LeaderBriefData) -> Paper:
    """Return the page. Raises DocumentError when the summary alone fills it."""
    lists = [one for one in data.lists if one.items]
    title = len(break_title(data.title, (data.leader,), 20)) * _TITLE_LINE
    room = int(_LINES - title - 3) - _height(data.summary)  # the subtitle, blank lines around it
    if room < 3 * len(lists):
        raise DocumentError("专报的概述太长，一页放不下。请把概述压缩到200字以内。")
    shown = _fitting(lists, room)
    number = Counter()
    blocks: list[Block] = [text(sentence(data.summary))]
    for one, items in zip(lists, shown, strict=True):
        blocks.append(number.heading(f"{one.heading}（{len(one.items)}项）"))
        blocks += [text(f"{place}.{item}") for place, item in enumerate(items, start=1)]
        if len(items) < len(one.items):
            blocks.append(text(_others(len(one.items) - len(items), data.rest)))
    return Paper(
        form=Form.PLAIN,
        title=data.title,
        subtitle=f"（{data.office}　{day(data.made_on)}）",
        blocks=tuple(blocks),
        never_split=(data.leader,),
        watermark=watermark(data.is_draft),
    )


def _others(count: int, rest: str) -> str:
    return f"另有{count}项，{rest}。" if rest else f"另有{count}项。"


def _height(words: str) -> int:
    """Return how many lines a paragraph takes, a little on the safe side: a line may end early before a mark."""
    return max(1, ceil((width_of(words) + _INDENT) / (_CHARACTERS - 0.5)))


def _fitting(lists: Sequence[BriefList], room: int) -> list[tuple[str, ...]]:
    """Return the items that fit so many lines: the last list is shortened first, as the gravest stands
    at the head; then long items."""
    items = [[sentence(item) for item in one.items] for one in lists]
    while _all(lists, items) > room:
        long = [some for some in items if len(some) > 1]
        if long:
            long[-1].pop()
            continue
        widest = max(range(len(items)), key=lambda place: _height(items[place][0]))
        lines = min(_height(items[widest][0]), _LONGEST_ITEM + 1) - 1
        items[widest][0] = _cut(items[widest][0], max(lines, 1))
    return [tuple(one) for one in items]


def _all(lists: Sequence[BriefList], items: Sequence[Sequence[str]]) -> int:
    lines = 0
    for one, some in zip(lists, items, strict=True):
        lines += _height(f"一、{one.heading}（{len(one.items)}项）")
        lines += sum(_height(f"{place}.{item}") for place, item in enumerate(some, start=1))
        lines += len(some) < len(one.items)
    return lines


def _cut(words: str, lines: int) -> str:
    most = lines * (_CHARACTERS - 0.5) - _INDENT - 3
    kept = words.rstrip("…")
    while kept and width_of(f"1.{kept}") > most:
        kept = kept[:-1]
    return f"{kept}……"
