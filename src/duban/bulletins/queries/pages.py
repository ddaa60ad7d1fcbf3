"""A bulletin as an official page."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from duban.bulletins.models import Bulletin, BulletinReader
from duban.bulletins.queries.contents import composed
from duban.bulletins.rules import (
    CHANGE_LABELS,
    STATUS_LABELS,
    Audience,
    BulletinKind,
    Change,
    Section,
    Status,
)
from duban.core.errors import Invalid
from duban.core.text import date_text
from duban.documents.charts import Change as TurnedMatters
from duban.documents.charts import (
    Counts,
    Progress,
    UnitLights,
    changes_since,
    lights_by_unit,
    progress_against_schedule,
)
from duban.documents.kinds.bulletin import BulletinData, LateReport, Praise, Standing, captioned, paper_of
from duban.documents.kinds.bulletin import Entry as DrawnEntry
from duban.documents.paper import Align, Annex, Column, DocumentError, Paper, Row, Table
from duban.documents.paper import Figure as Drawing
from duban.documents.wording import Addressee, Rank
from duban.letters.rules import issuer_name
from duban.matters.queries import policy_of
from duban.matters.rules import LIGHT_LABELS, Light
from duban.orgs.models import Post, Unit
from duban.papers.models import IssuedPaper
from duban.papers.queries import papers_of
from duban.papers.rules import PaperKind

_NOT_WRITTEN = "（尚未写明）"

_UNITS_IN_A_CHART = 8
"""More would move the whole chart to the next page and leave the first half empty."""


@dataclass(frozen=True, slots=True)
class Issue:
    """What an issue gets when it is issued. addressees: to whom, for its foot."""

    number: int
    total: int
    issued_on: date
    addressees: tuple[tuple[str, Rank], ...]


def bulletin_data(bulletin: Bulletin, *, issue: Issue | None = None) -> BulletinData:
    """Return a bulletin as it is drawn. Its plan, policy, place and snapshots are joined.

    issue: what it is about to be issued with; without it what it was issued with. A draft has none, carries 草稿 and
    shows what is still to be written.
    """
    said = composed(bulletin)
    if issue is None and bulletin.issued_on is not None:
        issue = Issue(bulletin.number or 0, bulletin.total_number or 0, bulletin.issued_on, addressees_of(bulletin))
    is_draft = issue is None
    issue = issue or Issue(0, 0, bulletin.drafted_on, ())
    some = said["entries"]
    blank = _NOT_WRITTEN if is_draft else ""
    return BulletinData(
        office=issuer_name(bulletin.plan.jurisdiction.name, policy=policy_of(bulletin.plan).letters),
        issue=issue.number,
        issue_total=issue.total,
        issued_on=issue.issued_on,
        title=said["title"],
        as_of=date.fromisoformat(said["day"]),
        whole=said["total"]["total"],
        totals=(),  # the opening tells them, as the office worded it
        summary=(said["opening"], *_changes_words(said)),
        charts=_charts(said),
        praises=tuple(
            Praise((one["unit"],), f"{_called(one)}。{one['facts']}{_reasons(one, label='主要做法', blank=blank)}")
            for one in some
            if one["section"] == Section.PRAISE
        ),
        entries=tuple(
            DrawnEntry(
                serial=one["serial"],
                text=one["name"],
                units=(one["unit"],),
                standing=one["facts"],
                cause=(f"{one['cause']}：{one['cause_note']}" if one["cause_note"] else one["cause"]) or blank,
                next_step=one["next_step"] or blank,
            )
            for one in some
            if one["section"] == Section.CRITICISM
        ),
        late_reports=tuple(
            LateReport(one["unit"], tuple(one["serials"]), one["facts"])
            for one in some
            if one["section"] == Section.LATE_REPORT
        ),
        standings=tuple(
            Standing(
                serial=one["serial"],
                text=one["text"],
                units=(one["unit"],),
                progress="未报" if one["progress"] is None else f"{Decimal(one['progress']):g}%",
                light=LIGHT_LABELS[Light(one["light"])][0],
            )
            for one in said["standings"]
        ),
        issued_to=tuple(Addressee(name, rank) for name, rank in issue.addressees),
        is_special=bulletin.kind == BulletinKind.SPECIAL,
        is_draft=is_draft,
    )


def _called(one: Mapping[str, Any]) -> str:
    return f"{one['matter']}“{one['name'].rstrip('。')}”"


def _reasons(one: Mapping[str, Any], *, label: str, blank: str) -> str:
    note = f"（{one['cause_note']}）" if one["cause_note"] else ""
    return f"{label}：{one['cause'] or blank}{note}。下一步：{one['next_step'] or blank}"


def _changes_words(said: Mapping[str, Any]) -> list[str]:
    """Return what changed since the last issue, in one sentence; nothing where there is none."""
    counts = Counter(one["change"] for one in said["changes"])
    if not counts:
        return []
    words = "，".join(f"{CHANGE_LABELS[one]}{counts[one.value]}项" for one in Change if counts[one.value])
    return [f"与{date_text(date.fromisoformat(said['since']))}相比，{words}。"]


def _charts(said: Mapping[str, Any]) -> tuple[Drawing, ...]:
    """Return the charts: the lights of this snapshot and the last, progress by field, and the lights of the units that
    have a yellow or red one. What was frozen before there were the first two has the last alone.
    """
    rows = [
        _lights(one["name"], one)
        for one in said["by_unit"]
        if one["lights"].get(Light.RED) or one["lights"].get(Light.YELLOW)
    ]
    found: list[Drawing] = []
    if before := said.get("before"):
        turned = Counter(one["change"] for one in said["changes"])
        found += changes_since(
            _lights(_month_day(said["since"]), before),
            _lights(_month_day(said["day"]), said["total"]),
            [TurnedMatters(CHANGE_LABELS[one], turned[one.value]) for one in Change],
            caption="亮灯情况与上次定格相比",
        )
    found += progress_against_schedule(
        [Progress(one["name"], Decimal(one["progress"]), Decimal(one["expected"])) for one in said.get("progress", [])],
        caption="在办事项平均进度与序时进度",
    )
    found += lights_by_unit(rows, caption="有黄灯、红灯的单位亮灯情况", most_rows=_UNITS_IN_A_CHART)
    return captioned(found)


def _lights(name: str, counted: Mapping[str, Any]) -> UnitLights:
    lights = counted["lights"]
    return UnitLights(name, Counts(**lights, grey=counted["total"] - sum(lights.values())))


def _month_day(day: str) -> str:
    on = date.fromisoformat(day)
    return f"{on.month}月{on.day}日"


def addressees_of(bulletin: Bulletin) -> tuple[tuple[str, Rank], ...]:
    """Return to whom an issue went, for its foot: all units in common words, or those named."""
    if bulletin.audience != Audience.NAMED:
        return named_addressees((), ())
    readers = list(BulletinReader.objects.filter(bulletin=bulletin).select_related("unit", "post").order_by("pk"))
    return named_addressees(
        [one.unit for one in readers if one.unit is not None], [one.post for one in readers if one.post is not None]
    )


def named_addressees(units: Sequence[Unit], posts: Sequence[Post]) -> tuple[tuple[str, Rank], ...]:
    """Return units and leaders as the foot of an issue names them; nobody named is everybody."""
    if not units and not posts:
        return (("各镇人民政府、街道办事处", Rank.TOWN), ("区直有关单位", Rank.DEPARTMENT))
    named = [(one.title, Rank.ABOVE) for one in posts]
    return (*named, *((one.full_name or one.name, Rank.DEPARTMENT) for one in units))


def bulletin_papers(bulletins: Iterable[Bulletin]) -> dict[int, IssuedPaper]:
    """Return what was frozen of bulletins when they were issued, by the bulletin's id. One statement."""
    return papers_of(PaperKind.BULLETIN, subject_type="bulletin", subject_ids=[one.pk for one in bulletins])


def draft_page(bulletin: Bulletin) -> Paper:
    """Return a bulletin that is not issued as a page to be drawn. Raises Invalid."""
    return bulletin_page(bulletin_data(bulletin), composed(bulletin))


def bulletin_page(data: BulletinData, said: Mapping[str, Any]) -> Paper:
    """Return an issue as a page to be drawn, the counts by leader, unit and field as an annex.

    said: `composed`, or what was frozen of it. Raises Invalid.
    """
    try:
        paper = paper_of(data)
    except DocumentError as error:
        raise Invalid(str(error)) from error
    tables = tuple(
        _tally_table(label, said[name])
        for name, label in (("by_overseer", "分管或联系领导"), ("by_unit", "牵头单位"), ("by_field", "领域"))
        if said[name]
    )
    title = "督查事项分类情况"
    lists = [replace(one, label=f"附件{place}") for place, one in enumerate(paper.annexes, start=2)]
    first = Annex("附件1" if lists else "附件", title, tables, is_landscape=False)
    head = replace(paper.head, issue="（印发时编号）", issue_total="") if data.is_draft and paper.head else paper.head
    return replace(paper, head=head, attachments=(title, *paper.attachments), annexes=(first, *lists))


def _tally_table(label: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return the counts of one table, with a column for each status that is there and one for each light."""
    statuses = [one for one in Status if any(row["statuses"].get(one.value) for row in rows)]
    names = [(one.value, STATUS_LABELS[one], "statuses") for one in statuses]
    names += [(one.value, LIGHT_LABELS[one], "lights") for one in reversed(Light)]
    columns = [Column(label, 3.2), Column("事项", 1.2, Align.CENTRE)]
    columns += [Column(word, 1.2, Align.CENTRE) for _, word, _ in names]
    cells = [
        Row((row["name"], str(row["total"]), *(str(row[group].get(key) or "") for key, _, group in names)))
        for row in rows
    ]
    return Table(tuple(columns), tuple(cells), caption=f"按{label}")
