"""档案: everything about one matter as one document, as far as the reader may see it."""

from datetime import date

from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.text import date_text
from duban.documents.kinds.matter_file import Exhibit, Happening, MatterFileData
from duban.documents.wording import percent
from duban.evidence.queries import evidence_of
from duban.evidence.rules import EVIDENCE_KIND_LABELS, EvidenceKind
from duban.matters.models import Matter
from duban.matters.queries import StoryFilter, ledger_rows, matter_page, matter_story
from duban.matters.rules import KIND_LABELS, LIGHT_LABELS, STATE_LABELS, Kind, Light, State, office_name
from duban.web.matter_history import sentence_of


def matter_file(actor: Actor, matter: Matter, *, today: date) -> MatterFileData:
    """Return the file of a matter: its facts, its story from the first day, its evidence; what is hidden stays so."""
    page = matter_page(actor, matter.pk, today=today)
    (row,) = ledger_rows([matter.pk], today=today)
    light = row.light_override or row.light
    facts = [
        ("任务原文", matter.text),
        ("牵头单位", "、".join(row.leads)),
        ("责任人", "、".join(row.persons)),
        ("协办单位", "、".join(row.supports)),
        ("分管或联系领导", "、".join(row.overseers)),
        ("类别", KIND_LABELS[Kind(matter.kind)]),
        ("量化目标", "、".join(row.targets)),
        ("时间节点", "；".join(f"{date_text(one.due_on)}{one.title}" for one in page.milestones)),
        ("办结时限", date_text(matter.due_on)),
        ("状态", STATE_LABELS[State(matter.state)]),
        ("进度", "" if row.progress_pct is None else percent(row.progress_pct)),
        ("灯", LIGHT_LABELS[Light(light)] if light else ""),
        ("立项依据", matter.approval.basis if matter.approval else ""),
    ]
    story = matter_story(actor, matter, chosen=StoryFilter()).order_by("matter_no")
    happenings = []
    for event in story:
        said = sentence_of(event)
        told = [said.text.removeprefix(event.actor_name), *said.details]
        words = "；".join([*(one.rstrip("。；") for one in told[:-1]), told[-1]])
        happenings.append(Happening(day_of(event.at), words, event.actor_name))
    exhibits = [
        Exhibit(
            name=one.title,
            kind=EVIDENCE_KIND_LABELS[EvidenceKind(one.kind)],
            unit=one.unit.name if one.unit else "督查室",
            given_on=day_of(one.added_at),
            digest=one.digest,
            withdrawn=one.withdrawn_reason,
        )
        for one in evidence_of(actor, matter=matter).order_by("added_at", "pk")
    ]
    place = matter.plan.jurisdiction.short_name
    return MatterFileData(
        title=f"{place}{matter.plan.year}年度督查事项{matter}档案",
        office=office_name(place),
        made_on=today,
        facts=tuple(one for one in facts if one[1]),
        happenings=tuple(happenings),
        exhibits=tuple(exhibits),
        names=(*row.leads, *row.persons),
    )
