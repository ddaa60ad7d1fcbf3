"""What a played year holds, in words; and its events in a form in which two plays are compared."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count

from duban.audit.models import Event
from duban.bulletins.models import Bulletin, Citation
from duban.bulletins.rules import BulletinState
from duban.evidence.models import Evidence
from duban.interviews.models import Dismissal, Interview
from duban.interviews.rules import Outcome as TalkOutcome
from duban.letters.models import Letter
from duban.letters.rules import AFTER_SIGNING, LETTER_KIND_LABELS, LetterKind
from duban.lights.models import LightTurn, Snapshot
from duban.matters.models import Matter, Plan
from duban.matters.rules import LIGHT_LABELS, STATE_LABELS, Light, State
from duban.objections.models import Objection
from duban.objections.rules import Outcome
from duban.outbox.models import Message
from duban.progress.models import Progress
from duban.reminders.models import Digest
from duban.reports.models import Report
from duban.reports.rules import ReportState
from duban.visits.models import Visit, VisitItem
from duban.visits.rules import RESULT_LABELS, SEEN_BY_UNITS, Result

_OF_THE_DATABASE = ("id", "ids", "pk", "digest", "seed")
"""Endings of names whose values are keys, or are made from keys: two plays need not share them."""

Row = tuple[str, str, str, str, str, Any]


def comparable(rows: Iterable[Row]) -> list[str]:
    """Return events, one line each in their order, without keys, clocks and digests.

    rows: (day, name, actor, kind of subject, label, data) as the trail has them, by key.
    """
    return [
        json.dumps([day, name, actor, kind, label, _without_keys(data)], ensure_ascii=False, sort_keys=True)
        for day, name, actor, kind, label, data in rows
    ]


def _without_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_keys(one)
            for key, one in value.items()
            if not (key.endswith(_OF_THE_DATABASE) or key in _HOLDS_KEYS)
        }
    if isinstance(value, list):
        return [_without_keys(one) for one in value]
    return value


_HOLDS_KEYS = ("meant_for", "nothing_new", "differing", "given_with", "lot")


def events_for_comparison() -> list[str]:
    """Return the events of this database, to be held against those of another play."""
    rows = Event.objects.order_by("pk").values_list("at", "name", "actor_name", "subject_type", "subject_label", "data")
    return comparable(
        (at.date().isoformat(), name, actor, kind, label, data)
        for at, name, actor, kind, label, data in rows.iterator()
    )


def fingerprint(events: Iterable[str]) -> str:
    """Return a short mark of events for comparison: two plays of one seed show the same."""
    return hashlib.sha256("\n".join(events).encode()).hexdigest()[:12]


def month_line(day: date) -> str:
    """Return how things stand at the end of a month's play, on one line."""
    return f"{day.year}年{day.month:2}月{day.day:2}日　事件 {Event.objects.count():5}　{_lights()}　{_states()}"


def _lights() -> str:
    counts = dict(Matter.objects.exclude(light="").values_list("light").annotate(count=Count("pk")).order_by())
    return "　".join(f"{LIGHT_LABELS[one]} {counts.get(one, 0):3}" for one in Light)


def _states() -> str:
    counts = dict(Matter.objects.values_list("state").annotate(count=Count("pk")).order_by())
    return "　".join(f"{STATE_LABELS[one]} {counts[one]}" for one in State if one in counts)


def _letters() -> str:
    signed = Letter.objects.filter(state__in=AFTER_SIGNING)
    counts = dict(signed.values_list("kind").annotate(count=Count("pk")).order_by())
    return "　".join(f"{LETTER_KIND_LABELS[one]} {counts.get(one, 0)}" for one in LetterKind)


def _citations() -> int:
    issued = Citation.objects.filter(bulletin__state=BulletinState.ISSUED, left_out_reason="")
    return issued.count()


def _visits() -> str:
    held = Visit.objects.filter(state__in=SEEN_BY_UNITS)
    counts = dict(VisitItem.objects.filter(visit__in=held).values_list("result").annotate(count=Count("pk")).order_by())
    return f"{held.count()} 次：" + "　".join(f"{RESULT_LABELS[one]} {counts.get(one, 0)}" for one in Result)


def year_text() -> str:
    """Return what the played county holds, a line each."""
    accepted = Report.objects.filter(state=ReportState.ACCEPTED).count()
    coloured = LightTurn.objects.filter(light__in=[Light.YELLOW, Light.RED]).values("matter").distinct().count()
    turns, snapshots = LightTurn.objects.count(), Snapshot.objects.count()
    evidence, events = Evidence.objects.count(), Event.objects.count()
    held = Interview.objects.filter(held_on__isnull=False)
    lines = [
        f"台账 {Plan.objects.count()} 本，事项 {Matter.objects.count()} 件：{_states()}",
        f"{_lights()}；亮过黄灯或红灯的 {coloured} 件，灯的变化 {turns} 次，定格 {snapshots} 次",
        f"进展 {Progress.objects.count()} 条，报告 {Report.objects.count()} 份（采用 {accepted}），佐证 {evidence} 份",
        f"《政务督查》 {Bulletin.objects.filter(state=BulletinState.ISSUED).count()} 期，通报条目 {_citations()} 条",
        f"约谈 {len(held)} 次，整改到位 {sum(one.outcome == TalkOutcome.MET for one in held)} 次，"
        f"不予提起 {Dismissal.objects.count()} 次",
        f"复核申请 {Objection.objects.count()} 件，支持 {Objection.objects.filter(outcome=Outcome.UPHELD).count()} 件",
        f"实地考查、察访核验 {_visits()}",
        f"函件 {_letters()}；提醒 {Digest.objects.count()} 份，系统内消息 {Message.objects.count()} 条",
        f"事件 {events} 条，指纹 {fingerprint(events_for_comparison())}（同一个词播放两次，指纹相同）",
    ]
    return "\n".join(lines)
