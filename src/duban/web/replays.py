"""推演: a plan's year under other rules beside those that hold. For who may edit the policy; nothing is written."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from duban.access.rules import Permission, require
from duban.bulletins.rules import BASIS_LABELS, SECTION_LABELS, Basis
from duban.core import clock
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound
from duban.interviews.rules import GROUND_LABELS, ground_words
from duban.letters.rules import CAUSE_LABELS, LETTER_KIND_LABELS
from duban.lights.rules import Light
from duban.matters.models import Plan
from duban.matters.policy import Changed, changed_figures, figures_json, figures_of, presets, read_figures
from duban.matters.queries import LedgerRow, ledger_rows, policy_versions, rules_file
from duban.replay.queries import Replay, comparison_of, record_check_of, replayed, why_of
from duban.replay.rules import (
    ANSWERS_LABELS,
    ASSUMED,
    FIGURE_LABELS,
    FIGURES,
    HELD_FIXED,
    UNKNOWABLE,
    Answers,
    Comparison,
    Drafted,
    FrozenDay,
    UnitSums,
    not_judged_by,
)
from duban.replay.told import replay_json
from duban.web.downloads import download
from duban.web.given import actor_of, day_of, number_of
from duban.web.obstacles import status_of
from duban.web.policies import change_rows, plan_seen, typed_figures, values_typed

SHOWN = 80
"""Differences of a kind told one by one; the file has them all."""

MOST_BYTES = 1_000_000


@require_safe
def policy_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules in force (or `?version=`, for the office) as a file: every figure with its sentence and source."""
    plan, number = plan_seen(request, pk), number_of(request.GET.get("version"))
    if number and number != plan.policy.number:
        require(actor_of(request), Permission.NOTICE_VIEW, jurisdiction_id=plan.jurisdiction_id)
    text, name = rules_file(plan, number=number)
    return download(text.encode(), name=name, kind="application/toml; charset=utf-8")


@dataclass(slots=True)
class _Asked:
    """What is to be replayed. values: the other figures.   name: what they were taken from."""

    values: dict[str, dict[str, Any]]
    name: str
    since: date | None
    until: date
    answers: Answers

    @property
    def is_until_today(self) -> bool:
        """Whether it goes on to the present day."""
        return self.until == clock.today()


@require_http_methods(["GET", "POST"])
def policy_replay(request: HttpRequest, pk: int) -> HttpResponse:
    """推演: choose other rules (a preset, a version, a file, what the editor holds), and see the year under them.

    Figures that are absurd are refused in the policy's own words; what was typed stays.
    """
    actor, plan = actor_of(request), plan_seen(request, pk)
    require(actor, Permission.POLICY_EDIT, jurisdiction_id=plan.jurisdiction_id)
    given = request.POST if request.method == "POST" else request.GET
    if not given.get("from") and not any("." in name for name in given):
        return _choose(request, plan)
    try:
        asked = _asked(request, plan, given)
        replay = replayed(
            plan,
            figures=figures_of(asked.values),
            since=asked.since,
            until=asked.until,
            answers=asked.answers,
        )
        if replay is None:
            raise Invalid("到这一天还没有交办的事项，没有可推演的。", field="until")
    except NotAllowed:
        raise
    except DomainError as error:
        return _choose(request, plan, refusal=error)
    changes = changed_figures(plan.policy.values(), asked.values)
    if given.get("form") == "json":
        told = json.dumps(replay_json(replay, changes), ensure_ascii=False, indent=1)
        return download(told.encode(), name=f"{plan.title}推演.json", kind="application/json; charset=utf-8")
    return render(request, "policies/replay.html", _context(plan, asked, replay, changes))


def _choose(request: HttpRequest, plan: Plan, *, refusal: DomainError | None = None) -> HttpResponse:
    versions = policy_versions(plan.jurisdiction_id).values()
    given = request.POST if request.method == "POST" else request.GET
    chosen = given.get("from", "")
    sources = [(f"preset:{key}", f"预置：{one.name}") for key, one in presets().items()]
    sources += [
        (f"version:{one.policy.number}", f"本级第{one.policy.number}版：{one.policy.name}")
        for one in versions
        if one.policy.pk != plan.policy_id
    ]
    context = {
        "plan": plan,
        "sources": sources,
        "chosen": chosen,
        "since": given.get("since", ""),
        "until": given.get("until", ""),
        "answers": given.get("answers", Answers.GIVEN.value),
        "answer_labels": ANSWERS_LABELS.items(),
        "today": clock.today(),
        "fixed": HELD_FIXED,
        "unknowable": UNKNOWABLE,
        "typed": [(name, given[name]) for name in given if "." in name],
        "problem": refusal.message if refusal else "",
        "field": refusal.field or "" if refusal else "",
    }
    return render(request, "policies/replay_choose.html", context, status=status_of(refusal) if refusal else 200)


def _asked(request: HttpRequest, plan: Plan, given: QueryDict) -> _Asked:
    today = clock.today()
    since = day_of(given.get("since", ""), field="since", what="开始日期")
    until = day_of(given.get("until", ""), field="until", what="截止日期") or today
    if until > today:
        raise Invalid("只能推演到今天：以后的事实还没有。", field="until")
    if since is not None and since > until:
        raise Invalid("开始的日期晚于截止的日期。", field="since")
    values, name = _values(request, plan, given)
    answers = Answers.NONE if given.get("answers") == Answers.NONE else Answers.GIVEN
    return _Asked(values, name, since, until, answers)


def _values(request: HttpRequest, plan: Plan, given: QueryDict) -> tuple[dict[str, dict[str, Any]], str]:
    """Return the other figures, checked, and what they were taken from. Raises Invalid, NotFound."""
    source, _, key = given.get("from", "").partition(":")
    if source == "preset" and key in presets():
        return presets()[key].values, f"预置规则“{presets()[key].name}”"
    if source == "version":
        found = (one for one in policy_versions(plan.jurisdiction_id).values() if one.policy.number == number_of(key))
        for one in found:
            return figures_json(figures_of(one.values)), f"本级规则第{one.policy.number}版"
    if source == "file":
        return _uploaded(request, plan), "规则文件"
    if source in ("", "typed"):
        typed = {name: str(given[name]) for name in given if "." in name}
        return figures_json(figures_of(values_typed(plan, typed))), given.get("name", "")[:40] or "正在修改的规则"
    raise NotFound("没有这套规则。")


def _uploaded(request: HttpRequest, plan: Plan) -> dict[str, dict[str, Any]]:
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("请选择规则文件（.toml）。", field="file")
    if file.size is None or file.size > MOST_BYTES:
        raise Invalid("文件太大，不是规则文件。", field="file")
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("规则文件应为 UTF-8 文本，请先导出现行规则再改。", field="file") from error
    return read_figures(text, base=plan.policy.values())


# ---- what is shown


def _context(plan: Plan, asked: _Asked, replay: Replay, changes: Sequence[Changed]) -> dict[str, Any]:
    compared = comparison_of(replay)
    unknown = {one.place for one in not_judged_by(changes)}
    matters = {row.id: row for row in ledger_rows(_told(compared), today=replay.until)}
    names = {0: "（无牵头单位）", **{pk: one.name for pk, one in replay.units.items()}}
    units = sorted(compared.units, key=lambda one: list(names).index(one.unit_id))
    parted = [one for one in units if not one.is_same]
    return {
        "plan": plan,
        "asked": asked,
        "replay": replay,
        "typed": typed_figures(asked.values).items(),
        "changes": [{**row, "is_unknown": row["place"] in unknown} for row in change_rows(changes)],
        "answer_labels": ANSWERS_LABELS.items(),
        "check": record_check_of(replay),
        "compared": compared,
        "labels": [FIGURE_LABELS[name] for name in FIGURES],
        "sums": [
            {"label": FIGURE_LABELS[name], "held": held, "other": other, "change": other - held}
            for name, held, other in zip(FIGURES, compared.held.figures(), compared.other.figures(), strict=True)
        ],
        "units": [{"name": names[one.unit_id], "cells": _cells(one)} for one in parted],
        "same_units": len(units) - len(parted),
        "snapshots": [_snapshot(one, matters) for one in compared.snapshots],
        "spans": [
            {"span": one, "matter": matters[one.matter_id], "held_why": held, "other_why": other}
            for one in compared.spans[:SHOWN]
            for held, other in [why_of(replay, one)]
        ],
        "more_spans": max(len(compared.spans) - SHOWN, 0),
        "letters": [
            {
                "unit": names[one.unit_id],
                "matter": matters[one.matter_id],
                "kind": LETTER_KIND_LABELS[one.kind],
                "held": _lines(one.only_held),
                "other": _lines(one.only_other),
            }
            for one in compared.letters[:SHOWN]
        ],
        "more_letters": max(len(compared.letters) - SHOWN, 0),
        "entries": [
            {
                "day": replay.bulletins[one.bulletin_id].snapshot.day,
                "bulletin": replay.bulletins[one.bulletin_id],
                "section": SECTION_LABELS[one.section],
                "unit": names[one.unit_id],
                "matter": matters.get(one.matter_id or 0),
                "held": "、".join(BASIS_LABELS[Basis(each)] for each in one.held),
                "other": "、".join(BASIS_LABELS[Basis(each)] for each in one.other),
            }
            for one in compared.entries
        ],
        "talks": [
            {
                "unit": names[one.unit_id],
                "matter": matters[one.matter_id],
                "ground": GROUND_LABELS[one.kind],
                "held": [{"day": each.day, "words": ground_words(one.kind, each.figures)} for each in one.held],
                "other": [{"day": each.day, "words": ground_words(one.kind, each.figures)} for each in one.other],
            }
            for one in compared.talks[:SHOWN]
        ],
        "more_talks": max(len(compared.talks) - SHOWN, 0),
        "scores": [
            {"name": names[one.unit_id], "held": one.held_score, "other": one.other_score}
            for one in units
            if one.held_score is not None and one.other_score is not None
        ],
        "fixed": [*HELD_FIXED, ASSUMED[replay.answers]],
        "unknowable": UNKNOWABLE,
        "shown": SHOWN,
    }


def _told(compared: Comparison) -> list[int]:
    """Return the matters the page names."""
    found = [one.matter_id for one in islice(compared.spans, SHOWN)]
    found += [one.matter_id for one in islice(compared.letters, SHOWN)]
    found += [one.matter_id for one in compared.entries if one.matter_id is not None]
    found += [one.matter_id for one in islice(compared.talks, SHOWN)]
    found += [first.matter_id for day in compared.snapshots for first, _ in day.differing]
    return sorted(set(found))


def _cells(one: UnitSums) -> list[dict[str, Any]]:
    return [
        {"label": FIGURE_LABELS[name], "held": held, "other": other}
        for name, held, other in zip(FIGURES, one.held.figures(), one.other.figures(), strict=True)
    ]


def _snapshot(one: FrozenDay, matters: Mapping[int, LedgerRow]) -> dict[str, Any]:
    order = (Light.RED, Light.YELLOW, Light.GREEN)
    return {
        "day": one.day,
        "held": [(light.value, one.held[light]) for light in order] if one.is_held else [],
        "other": [(light.value, one.other[light]) for light in order] if one.is_other else [],
        "differing": [
            {"matter": matters[first.matter_id], "held": first.light or "", "other": second.light or ""}
            for first, second in one.differing
        ],
    }


def _lines(drafted: Sequence[Drafted]) -> list[dict[str, Any]]:
    return [{"day": one.day, "cause": CAUSE_LABELS[one.cause], "words": one.words} for one in drafted]
