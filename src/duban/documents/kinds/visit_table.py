"""察访核验表: taken along to a visit and filled in by two verifiers; a result for every claim.

Source: docs/sources.md#kinds
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from duban.documents.kinds.parts import called, stacked, watermark
from duban.documents.paper import Align, Column, DocumentError, Form, Paper, Row, Table
from duban.documents.wording import day

RESULTS = ("属实", "基本属实", "不实")
_BOXES = "\n".join(f"□{one}" for one in RESULTS)


@dataclass(frozen=True, slots=True)
class Claim:
    """Something a unit claims of a matter, and what to look at. result, found: filled in where already known."""

    words: str
    look_at: str = ""
    result: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Visited:
    """A matter to verify. why: 通报点名、曾亮红灯、随机抽取."""

    serial: str
    text: str
    units: tuple[str, ...]
    why: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class VisitTableData:
    """The table. method: 实地察看（事先不通知）; visited_on: None while it is still to come."""

    title: str
    office: str
    method: str
    matters: tuple[Visited, ...]
    visited_on: date | None = None
    verifiers: tuple[str, ...] = ()
    is_draft: bool = False


def paper_of(data: VisitTableData) -> Paper:
    """Return the table, landscape. Raises DocumentError without a matter, for a matter without claims, or a result not
    among `RESULTS`."""
    if not data.matters:
        raise DocumentError("察访核验表中没有事项。请先选定核验哪些事项。")
    for one in data.matters:
        if not one.claims:
            raise DocumentError(f"{called(one.serial, one.text)}没有列出要核验的内容。")
        for claim in one.claims:
            if claim.result and claim.result not in RESULTS:
                raise DocumentError(
                    f"{called(one.serial, one.text)}的核验结果“{claim.result}”不在{'、'.join(RESULTS)}之内。"
                )
    centre = Align.CENTRE
    blank = "＿＿＿＿＿＿"
    people = "、".join(data.verifiers) if data.verifiers else f"{blank}、{blank}"
    when = day(data.visited_on) if data.visited_on else "＿＿＿＿年＿＿月＿＿日"
    signing = (
        Row((f"核验方式：{data.method}",), is_band=True, keeps_next=True),
        Row((f"核验人（签名）：{people}　　核验日期：{when}",), is_band=True),
    )
    return Paper(
        form=Form.PLAIN,
        title=data.title,
        subtitle=f"（{data.office}）",
        blocks=(
            Table(
                columns=(
                    Column("序号", 1.4, centre),
                    Column("督查事项", 5),
                    Column("责任单位", 3.6, centre),
                    Column("列入原因", 2.8, centre),
                    Column("单位所报", 5),
                    Column("核验要点", 4),
                    Column("核验结果", 3),
                    Column("现场情况", 4.5),
                ),
                rows=(*_rows(data.matters), *signing),
                merged=(0, 1, 2, 3),
                notes=("注：不要求单位为核验另行准备材料；结果逐条填写，由两名核验人签名。",),
            ),
        ),
        watermark=watermark(data.is_draft),
        is_landscape=True,
    )


def _rows(matters: Sequence[Visited]) -> Iterator[Row]:
    """Yield a row for each claim; the last stays with the lines to sign below it."""
    for one in matters:
        for place, claim in enumerate(one.claims, start=1):
            units = stacked(one.units)
            told = (claim.words, claim.look_at, _boxes(claim.result), claim.found)
            is_last = one is matters[-1] and place == len(one.claims)
            yield Row((one.serial, one.text, units, one.why, *told), keeps_next=is_last or place < len(one.claims))


def _boxes(result: str) -> str:
    return "\n".join(f"{'■' if one == result else '□'}{one}" for one in RESULTS) if result else _BOXES
