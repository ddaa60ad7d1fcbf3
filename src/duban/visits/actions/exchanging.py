"""The list goes out to the evaluation office, which holds the year-end verification, and its results come in.

A list that comes back is read row by row, shown before it counts, and kept whole: nothing of it is lost.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, NotFound, WrongState
from duban.matters.actions import hold_open
from duban.matters.models import Plan
from duban.reading.errors import NotReadable
from duban.reading.sheets import read_sheet
from duban.visits.actions.recording import Given, Outcome, hold_visit, record_results
from duban.visits.models import Answer, Claim, TakenResults, Visit
from duban.visits.queries import read_code
from duban.visits.queries.pages import CODE, FOUND, RESULT, VERIFIERS, VISITED
from duban.visits.rules import (
    RESULT_LABELS,
    TAKES_RESULTS,
    Result,
    TakenState,
    VisitState,
    needs_note,
)

_RESULTS = {label: one for one, label in RESULT_LABELS.items()}


def _about(plan: Plan, data: dict[str, Any], *, taken: TakenResults | None = None) -> Subject:
    return Subject(
        type="takenresults" if taken else "plan",
        id=taken.pk if taken else plan.pk,
        label=taken.file_name if taken else plan.title,
        jurisdiction_id=plan.jurisdiction_id,
        data=data,
    )


@transaction.atomic
def upload_results(plan: Plan, *, file_name: str, content: bytes, by: Actor, now: datetime) -> TakenResults:
    """导入核验结果: read a list that came back, row by row; nothing counts yet. Every row is kept as it was read.

    Raises NotAllowed, Invalid (not a list of ours, or this very file was counted already), WrongState (the plan is
    closed).
    """
    require(by, Permission.VISIT_PREPARE, jurisdiction_id=plan.jurisdiction_id)
    hold_open(plan)
    digest = hashlib.sha256(content).hexdigest()
    if TakenResults.objects.filter(plan=plan, digest=digest, state=TakenState.COUNTED).exists():
        raise Invalid("这份文件的结果已经采用过，不必重复导入。", field="file")
    try:
        cells = read_sheet(content)
    except NotReadable as error:
        raise Invalid(error.message_zh, field="file") from error
    rows = read_results(plan, cells, today=day_of(now))
    taken = TakenResults.objects.create(
        jurisdiction_id=plan.jurisdiction_id,
        plan=plan,
        file_name=(file_name.strip() or "核验结果.xlsx")[:100],
        digest=digest,
        rows=rows,
        uploaded_at=now,
        uploaded_by_name=by.name[:40],
    )
    counts = {"rows": len(rows), "good": sum(one["claim"] is not None and not one["problem"] for one in rows)}
    record(EventName.RESULTS_UPLOADED, _about(plan, {"digest": digest, **counts}, taken=taken), by=by, now=now)
    return taken


def read_results(plan: Plan, cells: Sequence[Sequence[str]], *, today: date) -> list[dict[str, Any]]:
    """Return the rows of a list that came back, each with what it says and what is wrong with it; see `TakenResults`.

    Raises Invalid where its heading is not ours.
    """
    place, columns = _heading(cells)
    known = {
        one.pk: one
        for one in Claim.objects.filter(item__visit__plan=plan).select_related("item__visit", "item__matter")
    }
    standing = dict(Answer.objects.filter(claim__in=known, is_standing=True).values_list("claim_id", "result"))
    rows: list[dict[str, Any]] = []
    seen: dict[int, int] = {}
    for number, row in enumerate(cells[place + 1 :], start=place + 2):
        if not any(one.strip() for one in row):
            continue
        said = {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
        code = read_code(said[CODE])
        claim = known.get(code[1]) if code else None
        result = _RESULTS.get(said[RESULT])
        visited_on = _day(said.get(VISITED, ""))
        told: dict[str, Any] = {
            "row": number,
            "cells": list(row),
            "claim": claim.pk if claim else None,
            "visit": claim.item.visit_id if claim else None,
            "matter": str(claim.item.matter) if claim else "",
            "words": claim.words if claim else "",
            "result": result.value if result else "",
            "found": said.get(FOUND, ""),
            "verifiers": said.get(VERIFIERS, ""),
            "visited_on": visited_on.isoformat() if visited_on else "",
            "problem": "",
            "note": "",
        }
        if claim is None or code is None or claim.item.visit_id != code[0]:
            told["problem"] = f"编号“{said[CODE]}”不是本年度导出的清单中的。" if said[CODE] else "没有编号。"
            told["claim"] = told["visit"] = None
        elif not said[RESULT]:
            told["note"] = "没有填写结果，不采用。"
        elif result is None:
            told["problem"] = f"结果“{said[RESULT]}”应为{'、'.join(_RESULTS)}之一。"
        elif needs_note(result) and not told["found"]:
            told["problem"] = f"{RESULT_LABELS[result]}的，应写明现场情况。"
        elif claim.item.visit.state not in TAKES_RESULTS:
            told["problem"] = f"“{claim.item.visit.title}”方案尚未批准，或结果已经认定。"
        elif claim.pk in seen:
            told["problem"] = f"与第 {seen[claim.pk]} 行重复。"
        elif said.get(VISITED) and visited_on is None:
            told["problem"] = f"核验日期“{said[VISITED]}”看不懂，请写成 2021-01-15。"
        elif visited_on is not None and visited_on > today:
            told["problem"] = "核验日期晚于今天。"
        elif claim.pk in standing:
            before = RESULT_LABELS[Result(standing[claim.pk])]
            is_same = standing[claim.pk] == result
            told["note"] = "与现有结果一致。" if is_same else f"现有结果“{before}”将被代替，原结果保留。"
        if claim is not None and result is not None and not told["problem"]:
            seen[claim.pk] = number
        rows.append(told)
    if not rows:
        raise Invalid("清单中没有一行内容。", field="file")
    return rows


def _heading(cells: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """Return where the heading stands, and the column of each title. Raises Invalid."""
    for place, row in enumerate(cells[:10]):
        titles = [one.strip() for one in row]
        if CODE in titles and RESULT in titles:
            return place, {one: titles.index(one) for one in (CODE, RESULT, FOUND, VERIFIERS, VISITED) if one in titles}
    raise Invalid(f"没有找到“{CODE}”和“{RESULT}”两列，请上传由本系统导出、填好结果的清单。", field="file")


def _day(text: str) -> date | None:
    words = text.strip().replace("/", "-").replace(".", "-").replace("年", "-").replace("月", "-").rstrip("日")
    parts = words[:10].split("-")
    try:
        return date(*(int(one) for one in parts)) if len(parts) == 3 else None
    except ValueError:
        return None


@transaction.atomic
def count_results(taken: TakenResults, *, by: Actor, now: datetime) -> TakenResults:
    """采用: what was shown as good counts now: each claim gets its answer; a visit all of whose claims are answered is
    held, where its day is told. Rows with a problem stay as they are, on record.

    Raises NotAllowed, WrongState (counted or dropped by somebody else, or the visits have moved on meanwhile).
    """
    plan = taken.plan
    require(by, Permission.VISIT_RECORD, jurisdiction_id=plan.jurisdiction_id)
    _settle(taken, TakenState.COUNTED, by=by, now=now)
    good = [one for one in taken.rows if one["claim"] and one["result"] and not one["problem"]]
    if not good:
        raise WrongState("没有一行可以采用，请改正后重新导入。")
    by_visit: dict[int, list[dict[str, Any]]] = {}
    for one in good:
        by_visit.setdefault(one["visit"], []).append(one)
    outcome: dict[str, Any] = {"taken": 0, "same": 0, "held": [], "said": []}
    for visit in Visit.objects.filter(pk__in=by_visit).select_related("plan__policy", "plan__jurisdiction"):
        rows = by_visit[visit.pk]
        done = _count(visit, rows, taken=taken, by=by, now=now)
        outcome["taken"] += done.taken
        outcome["same"] += done.same
        outcome["said"] += [*done.conflicts, *done.refused]
        days = sorted({one["visited_on"] for one in rows if one["visited_on"]})
        visit.refresh_from_db(fields=["state", "approved_at"])
        open_ = Claim.objects.filter(item__visit=visit).exclude(answers__is_standing=True).exists()
        if visit.state == VisitState.APPROVED and not open_ and days:
            try:
                with transaction.atomic():
                    Visit.objects.filter(pk=visit.pk).update(is_by_office=True)
                    hold_visit(visit, visited_on=date.fromisoformat(days[-1]), by=by, now=now)
                outcome["held"].append(visit.title)
            except (Invalid, WrongState) as error:
                outcome["said"].append(f"“{visit.title}”：{error.message}")
    TakenResults.objects.filter(pk=taken.pk).update(outcome=outcome)
    taken.refresh_from_db()
    record(EventName.RESULTS_COUNTED, _about(plan, dict(outcome), taken=taken), by=by, now=now)
    return taken


def _count(visit: Visit, rows: Sequence[dict[str, Any]], *, taken: TakenResults, by: Actor, now: datetime) -> Outcome:
    ids = [one["claim"] for one in rows]
    standing = dict(Answer.objects.filter(claim__in=ids, is_standing=True).values_list("claim_id", "pk"))
    given = [Given(one["claim"], Result(one["result"]), _found(one), standing.get(one["claim"], 0)) for one in rows]
    return record_results(visit, key=f"results-{taken.pk}-{visit.pk}", given=given, by=by, now=now)


def _found(row: dict[str, Any]) -> str:
    """Return what was found, with who looked where the list tells."""
    people = f"（核验人：{row['verifiers']}）" if row["verifiers"] else ""
    return f"{row['found']}{people}"


@transaction.atomic
def drop_results(taken: TakenResults, *, by: Actor, now: datetime) -> TakenResults:
    """作罢: an uploaded list does not count; it stays on record. Raises NotAllowed, WrongState."""
    require(by, Permission.VISIT_RECORD, jurisdiction_id=taken.plan.jurisdiction_id)
    _settle(taken, TakenState.DROPPED, by=by, now=now)
    record(EventName.RESULTS_DROPPED, _about(taken.plan, {}, taken=taken), by=by, now=now)
    return taken


def _settle(taken: TakenResults, state: TakenState, *, by: Actor, now: datetime) -> None:
    hold_open(taken.plan)
    standing = TakenResults.objects.filter(pk=taken.pk, state=TakenState.PREVIEWED)
    if not standing.update(state=state, settled_at=now, settled_by_name=by.name[:40]):
        if not TakenResults.objects.filter(pk=taken.pk).exists():
            raise NotFound
        raise WrongState("这份结果刚刚已由他人处理。")
    taken.refresh_from_db()
