"""每日刷新 and the weekly check. Set-based: a day of a million matters is two statements over those that turn."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record
from duban.audit.rules import EventName
from duban.calendars.queries import use_loaded_notices
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.lights.actions.judging import judge, stored_differs
from duban.lights.actions.snapshots import take_snapshots
from duban.lights.models import DailyRound, LightTurn, Override
from duban.lights.queries import SOME, lights_policies, standing_matters
from duban.matters.models import Matter
from duban.matters.rules import LIT_STATES, State

_DAY = timedelta(days=1)
_TURNED = "CASE WHEN red_on <= next_on THEN 'red' WHEN yellow_on <= next_on THEN 'yellow' ELSE 'green' END"
_AFTER = (
    "CASE WHEN red_on <= next_on THEN NULL WHEN yellow_on <= next_on THEN red_on ELSE COALESCE(yellow_on, red_on) END"
)
_MATTERS, _TURNS = Matter._meta.db_table, LightTurn._meta.db_table
_READ = f"SELECT id, next_on, light, {_TURNED} FROM {_MATTERS} WHERE next_on <= %s ORDER BY +id"
"""`+id` keeps SQLite from walking every matter in the order of its key instead of the few in the index."""
_INSERT = f"""
    INSERT INTO {_TURNS} (matter_id, day, before, light, reasons, is_round)
    SELECT id, next_on, light, {_TURNED}, light_reasons, TRUE FROM {_MATTERS} WHERE next_on <= %s
    ON CONFLICT (matter_id, day) DO UPDATE SET light = excluded.light, reasons = excluded.reasons
"""
_UPDATE = f"UPDATE {_MATTERS} SET light = {_TURNED}, light_since = next_on, next_on = {_AFTER} WHERE next_on <= %s"


def tick(day: date, *, by: Actor, now: datetime) -> int:
    """Turn the lights that turn by themselves up to and including `day`; return how many turned.

    Days no round was made for are made up for one by one, each in a transaction of its own: a round that is killed
    leaves whole days behind it, one that runs twice or beside another finds nothing to do. A snapshot is taken of each
    last day of a month (and the policy's own days) once it is over. One event a day, with the count and digest of its
    turns. Raises NotAllowed.
    """
    require(by, Permission.LIGHT_JUDGE)
    last = DailyRound.objects.filter(done_at__isnull=False).order_by("-day").values_list("day", flat=True).first()
    at = day if last is None else min(last + _DAY, day)
    turned = 0
    while at <= day:
        turned += _round(at, by=by, now=now)
        at += _DAY
    return turned


@transaction.atomic
def _round(day: date, *, by: Actor, now: datetime) -> int:
    """Make the round of one day. Its row is the lock: whoever comes second waits, and finds it done."""
    DailyRound.objects.bulk_create([DailyRound(day=day)], ignore_conflicts=True)
    done = DailyRound.objects.select_for_update().get(day=day)
    use_loaded_notices()
    take_snapshots(day - _DAY, now=now)
    turns, digest = 0, hashlib.sha256()
    with connection.cursor() as cursor:
        while lines := _turning(cursor, day):
            for line in lines:
                digest.update(line)
            turns += len(lines)
            cursor.execute(_INSERT, [day.isoformat()])
            cursor.execute(_UPDATE, [day.isoformat()])
    if done.done_at is None or turns:
        data = {"day": day, "turns": turns, "digest": digest.hexdigest()}
        subject = Subject("dailyround", done.pk, f"{day.isoformat()} 刷新灯色", data=data)
        record(EventName.LIGHTS_TURNED, subject, by=by, now=now)
        DailyRound.objects.filter(pk=done.pk).update(done_at=now, turns=done.turns + turns, digest=digest.hexdigest())
    return turns


def _turning(cursor: CursorWrapper, day: date) -> list[bytes]:
    """Return what turns, a line each as the digest tells it, the lowest id first; nobody else may touch it now."""
    cursor.execute(_READ + (" FOR UPDATE" if connection.vendor == "postgresql" else ""), [day.isoformat()])
    return [f"{pk} {on} {before}>{light}\n".encode() for pk, on, before, light in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Difference:
    """A matter whose stored light was not what its facts earn; columns: where. It has been put right."""

    matter_id: int
    columns: tuple[str, ...]


def reconcile(*, by: Actor, now: datetime) -> list[Difference]:
    """Judge every matter anew and return those whose stored light differed; they are put right. It must find nothing.

    The round of today is made first. Each suspect is looked at again under its lock, so that a change in progress is
    no difference. One event, with what was found. Raises NotAllowed.
    """
    require(by, Permission.LIGHT_JUDGE)
    tick(day_of(now), by=by, now=now)
    wanted = Matter.objects.filter(Q(state__in=LIT_STATES) | ~Q(light="") | Q(next_on__isnull=False))
    ids = list(wanted.order_by("pk").values_list("pk", flat=True))
    found: list[Difference] = []
    for start in range(0, len(ids), SOME):
        suspects = _differing(ids[start : start + SOME], now=now, is_locked=False)
        if suspects:
            found += _put_right([one.matter_id for one in suspects], by=by, now=now)
    with transaction.atomic():
        data = {"judged": len(ids), "differing": [[one.matter_id, *one.columns] for one in found]}
        subject = Subject("matter", None, f"复核 {len(ids)} 件事项的灯色，{len(found)} 件有出入", data=data)
        record(EventName.LIGHTS_RECONCILED, subject, by=by, now=now)
    return found


@transaction.atomic
def judge_never_judged(*, by: Actor, now: datetime) -> int:
    """Judge every matter that was handed out before there were lights; return how many. A second time there is none.

    What an upgrade needs: their past is not known, so they are known from today on. One event. Raises NotAllowed.
    """
    require(by, Permission.LIGHT_JUDGE)
    never = Matter.objects.filter(light_key="").exclude(state__in=(State.DRAFT, State.REGISTERED))
    ids = list(never.order_by("pk").values_list("pk", flat=True))
    if ids:
        judge(ids, by=by, now=now)
        subject = Subject(
            "matter", None, f"首次判定 {len(ids)} 件事项的灯色", data={"judged": len(ids), "differing": []}
        )
        record(EventName.LIGHTS_RECONCILED, subject, by=by, now=now)
    return len(ids)


def check_weekly(day: date, *, by: Actor, now: datetime) -> int:
    """Reconcile on Mondays; return how many matters differed. What the schedule runs each night."""
    return len(reconcile(by=by, now=now)) if day.weekday() == 0 else 0


@transaction.atomic
def _put_right(ids: Collection[int], *, by: Actor, now: datetime) -> list[Difference]:
    found = _differing(ids, now=now, is_locked=True)
    wrong = [one.matter_id for one in found]
    in_force = dict(Override.objects.filter(matter_id__in=wrong, ended_at=None).values_list("matter_id", "light"))
    for pk in wrong:
        Matter.objects.filter(pk=pk).exclude(light="").update(light_override=in_force.get(pk, ""))
    judge(wrong, by=by, now=now)
    return found


def _differing(ids: Collection[int], *, now: datetime, is_locked: bool) -> list[Difference]:
    today, calendar = day_of(now), use_loaded_notices()
    standing = list(standing_matters(ids, is_locked=is_locked))
    figures = lights_policies({one.plan_id for one in standing})
    in_force = dict(Override.objects.filter(matter_id__in=ids, ended_at=None).values_list("matter_id", "light"))
    found = []
    for one in standing:
        columns = stored_differs(one, policy=figures[one.plan_id], calendar=calendar, today=today)
        if one.stored["light_override"] != in_force.get(one.id, ""):
            columns.append("light_override")
        if columns:
            found.append(Difference(one.id, tuple(columns)))
    return found
