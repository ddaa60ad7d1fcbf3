"""The ledger: all matters of a plan on one page, as a list to work through, to print and to carry away."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import groupby
from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import push_url

from duban.access.rules import OFFICE_ROLES, UNIT_ROLES, Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import DomainError, Invalid, NotFound
from duban.core.text import date_text, ranges_text
from duban.documents import sheets
from duban.documents.csv_file import to_csv
from duban.documents.sheets import Sheet, Value, to_xlsx
from duban.intake.models import Notice
from duban.lights.queries import ledger_as_of, worse_since
from duban.matters.actions import NewApproval, assign_matters, record_export, register_matters
from duban.matters.models import Matter, Plan
from duban.matters.queries import (
    LedgerFilter,
    LedgerPage,
    LedgerRow,
    duty_table,
    ledger_page,
    ledger_rows,
    overseers_in_plan,
    plan_tally,
    units_in_plan,
)
from duban.matters.rules import (
    FIELD_NAMES,
    KIND_LABELS,
    LIGHT_LABELS,
    LIT_STATES,
    OPEN_STATES,
    ORIGIN_LABELS,
    PART_LABELS,
    STATE_LABELS,
    SUPERVISION_TYPE_LABELS,
    Kind,
    Light,
    Origin,
    State,
    Step,
    may_step,
)
from duban.orgs.models import Appointment, in_force
from duban.orgs.rules import PostKind
from duban.progress.rules import pct_text
from duban.web.downloads import download
from duban.web.exports import FORMS, TABLE_FORMS, exported
from duban.web.given import day_asked, day_of
from duban.web.templatetags.ui import LAMPS, STATE_BADGES, lamp_of

_NOT_BEGUN, _NO_LAMP = lamp_of("", grey="未开始"), mark_safe("")

PAGE_ROWS = 100
"""Rows on a page once the whole no longer stands on one."""
ALL_AT_ONCE = 500
"""Up to this many rows stand on one page."""


_STATE_WORDS = {state.value: label for state, label in STATE_LABELS.items()}
LIGHT_WORDS = {light.value: label for light, label in LIGHT_LABELS.items()}
_KIND_WORDS = {kind.value: label for kind, label in KIND_LABELS.items()}
_ORIGIN_WORDS = {origin.value: label for origin, label in ORIGIN_LABELS.items()}
_TYPE_WORDS = {one.value: label for one, label in SUPERVISION_TYPE_LABELS.items()}


def _due(row: LedgerRow) -> str:
    """Return the final date in short form; another year than the ledger's own is said."""
    day = f"{row.due_on.month}月{row.due_on.day}日"
    return day if row.due_on.year == row.year else f"{row.due_on.year}年{day}"


def _marks(row: LedgerRow) -> str:
    return "、".join(word for word, is_set in (("民生", row.is_livelihood), ("短板", row.is_weakness)) if is_set)


def _acknowledged(row: LedgerRow) -> str:
    if not row.leads_count or row.state in (State.DRAFT, State.REGISTERED):
        return ""
    return "已签收" if row.acknowledged == row.leads_count else f"{row.acknowledged}/{row.leads_count}"


def _light(row: LedgerRow) -> str:
    """Return the light in words for paper and sheets: 黄灯, or 黄灯（改判）."""
    if not row.light:
        return ""
    return f"{LIGHT_WORDS[row.light_override]}（改判）" if row.light_override else LIGHT_WORDS[row.light]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. text: its words, wherever they are shown · sort: the key it sorts by · width: in the sheet."""

    key: str
    label: str
    text: Callable[[LedgerRow], str]
    sort: str = ""
    width: float = 10
    is_default: bool = False
    is_centred: bool = False
    sheet_value: Callable[[LedgerRow], Value] | None = None


COLUMNS: tuple[Column, ...] = (
    Column("serial", "序号", lambda row: row.serial, "serial", 6, True, True),
    Column("text", "具体目标任务", lambda row: f"{row.title}\n{row.text}" if row.title else row.text, "", 48, True),
    Column("lead", "牵头单位", lambda row: "、".join(row.leads), "lead", 18, True),
    Column("person", "责任人", lambda row: "、".join(row.persons), "", 12, True),
    Column("support", "协办单位", lambda row: "、".join(row.supports), "", 22, True),
    Column("overseer", "区分管或联系领导", lambda row: "、".join(row.overseers), "overseer", 12, True),
    Column("light", "灯", _light, "light", 8, True, True),
    Column("state", "状态", lambda row: _STATE_WORDS[row.state], "state", 9, True, True),
    Column("due", "办结时限", _due, "due", 14, True, True, lambda row: row.due_on),
    Column("deadline", "完成时限（原文）", lambda row: row.deadline_text, "", 14),
    Column("kind", "类别", lambda row: _KIND_WORDS[row.kind], "kind", 7, True, True),
    Column("field", "领域", lambda row: row.field, "field", 10, True, True),
    Column("section", "所属板块", lambda row: row.section, "section", 16),
    Column("targets", "量化目标", lambda row: "；".join(row.targets), "", 20),
    Column("marks", "民生、短板", _marks, "", 10, False, True),
    Column("progress", "进展", lambda row: pct_text(row.progress_pct) if row.progress_pct is not None else "", "", 8),
    Column("acknowledged", "签收", _acknowledged, "", 8, False, True),
    Column("origin", "来源", lambda row: _ORIGIN_WORDS[row.origin], "", 12, False, True),
    Column("type", "督查类型", lambda row: _TYPE_WORDS[row.supervision_type], "", 10, False, True),
    Column("note", "备注", lambda row: row.note, "", 16),
)
COLUMN = {column.key: column for column in COLUMNS}
DEFAULT_COLUMNS = tuple(column.key for column in COLUMNS if column.is_default)
ANNEX_MERGES = ("lead", "person", "support", "overseer")

GROUPS: dict[str, tuple[str, Callable[[LedgerRow], str]]] = {
    # key: (label, the heading a row stands under)
    "lead": ("牵头单位", lambda row: row.merging_unit or "牵头单位待明确"),
    "field": ("领域", lambda row: row.field or "领域未填"),
    "section": ("板块", lambda row: row.section or "未列板块"),
    "overseer": ("分管领导", lambda row: row.overseers[0] if row.overseers else "分管或联系领导待明确"),
    "light": ("灯色", lambda row: LIGHT_WORDS.get(row.light_override or row.light, "不亮灯")),
    "state": ("状态", lambda row: _STATE_WORDS[row.state]),
}

PARAMETERS = (
    "plan", "as_of", "q", "unit", "part", "overseer", "light", "state", "kind", "field", "origin", "livelihood",
    "weakness", "late", "refused", "since", "group", "sort", "cols", "page",
)  # fmt: skip
_SWITCHES = ("livelihood", "weakness", "late", "refused")
FILTERS = ("q", "unit", "part", "overseer", "light", "state", "kind", "field", "origin", *_SWITCHES, "since")
_WORDS: dict[str, frozenset[str]] = {
    "part": frozenset(PART_LABELS),
    "light": frozenset({"none", *Light}),
    "state": frozenset({"open", *State}),
    "kind": frozenset(Kind),
    "origin": frozenset(Origin),
    "group": frozenset(GROUPS),
    **dict.fromkeys(_SWITCHES, frozenset("1")),
}


def view_of(given: QueryDict) -> dict[str, str]:
    """Return what the address asks for, unknown values left out: {parameter: value}, in the order of PARAMETERS."""
    view: dict[str, str] = {}
    for name in PARAMETERS:
        value = given.get(name, "").strip()
        if name == "cols":
            asked = given.getlist("col") or value.split(".")
            chosen = tuple(column.key for column in COLUMNS if column.key in asked)
            value = "" if chosen == DEFAULT_COLUMNS else ".".join(chosen)
        elif name == "as_of":
            value = day.isoformat() if (day := day_asked(given)) else ""
        elif name in ("plan", "unit", "overseer", "page"):
            value = value if value.isdecimal() and len(value) < 19 else ""
        elif name == "since":
            value = value if _is_day(value) else ""
        elif name == "sort":
            value = value if any(column.sort == value.removeprefix("-") for column in COLUMNS if column.sort) else ""
        elif name in _WORDS:
            value = value if value in _WORDS[name] else ""
        if value and not (name == "page" and value == "1"):
            view[name] = value if name == "cols" else value[:100]
    return view


def ledgers_with(counts: Mapping[int, int], **view: str) -> tuple[tuple[str, str], ...]:
    """Return (words, address) of the ledgers in which a view finds matters, the fullest first. counts: by plan id."""
    base, plans = reverse("ledger"), sorted(counts, key=lambda pk: (-counts[pk], pk))
    if len(plans) == 1:
        return (("台账", f"{base}?{address_of({'plan': str(plans[0]), **view})}"),)
    years = dict(Plan.objects.filter(pk__in=plans).values_list("pk", "year"))
    return tuple(
        (f"{years[pk]}年度 {counts[pk]} 项", f"{base}?{address_of({'plan': str(pk), **view})}") for pk in plans
    )


def _is_day(value: str) -> bool:
    try:
        return len(value) == 10 and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def address_of(view: dict[str, str], **changes: str) -> str:
    """Return the query of a view, some parameters changed or (when empty) dropped; `view_of` reads it back."""
    wanted = view | changes
    return urlencode({name: wanted[name] for name in PARAMETERS if wanted.get(name)}, safe=".、", quote_via=quote)


def _filter_of(view: dict[str, str], *, today: date) -> LedgerFilter:
    return LedgerFilter(
        text=view.get("q", ""),
        unit_id=int(view["unit"]) if "unit" in view else None,
        part=view.get("part", ""),
        overseer_post_id=int(view["overseer"]) if "overseer" in view else None,
        state=view.get("state", ""),
        light=view.get("light", ""),
        kind=view.get("kind", ""),
        field=view.get("field", ""),
        origin=view.get("origin", ""),
        is_livelihood="livelihood" in view,
        is_weakness="weakness" in view,
        late_on=today if "late" in view else None,
        is_refused="refused" in view,
        among=worse_since(date.fromisoformat(view["since"])).values("matter_id") if "since" in view else None,
    )


def plan_asked(request: HttpRequest, view: dict[str, str]) -> tuple[list[Plan], Plan | None]:
    """Return the plans the actor may open, newest first, and the one asked for. Raises NotAllowed, NotFound."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    require(actor, Permission.MATTER_VIEW)
    plans = list(Plan.objects.visible_to(actor).select_related("jurisdiction").order_by("-year", "jurisdiction_id"))
    if "plan" not in view:
        return plans, plans[0] if plans else None
    plan = next((one for one in plans if one.pk == int(view["plan"])), None)
    if plan is None:
        raise NotFound
    return plans, plan


def matters_found(request: HttpRequest, plan: Plan, view: dict[str, str], *, is_whole: bool = False) -> LedgerPage:
    """Return what a view finds of a plan: one page of it, or all; as it stood on an earlier day where it names one."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    day, sort = _day_of(view), view.get("sort", "")
    asked: dict[str, Any] = {
        "plan": plan,
        "chosen": _filter_of(view, today=day),
        "group": view.get("group", ""),
        "sort": sort.removeprefix("-"),
        "is_descending": sort.startswith("-"),
        "page": int(view.get("page", "1")),
        "page_rows": None if is_whole else PAGE_ROWS,
        "whole_rows": ALL_AT_ONCE,
    }
    return ledger_as_of(actor, day=day, **asked) if "as_of" in view else ledger_page(actor, today=day, **asked)


def _day_of(view: dict[str, str]) -> date:
    """Return the day a view shows: today, or the earlier one it names."""
    return date.fromisoformat(view["as_of"]) if "as_of" in view else clock.today()


def _columns_of(view: dict[str, str]) -> list[Column]:
    return [COLUMN[key] for key in (view["cols"].split(".") if "cols" in view else DEFAULT_COLUMNS)]


def _grouped(rows: list[LedgerRow], group: str) -> Iterator[tuple[str, list[LedgerRow]]]:
    if group not in GROUPS:
        yield "", rows
        return
    for heading, members in groupby(rows, key=GROUPS[group][1]):
        yield heading, list(members)


# ── rows: made as text at once, because a template tag for each cell of 157 rows costs more than the queries ──


def _lamp(row: LedgerRow, *, today: date) -> SafeString:
    """Return the lamp of a row. The state's own column says why there is none, but for what has not begun."""
    if row.light_override:
        return lamp_of(row.light, override=row.light_override)
    if not row.light and today < row.starts_on and row.state in LIT_STATES:
        return _NOT_BEGUN
    return LAMPS.get(row.light, _NO_LAMP)


def _line(
    row: LedgerRow, number: int, *, columns: list[Column], address: Callable[[int], str], today: date, is_chooser: bool
) -> str:
    """Return one row. Without a column of their own, 民生 and 短板 stand behind the text."""
    is_late = row.due_on < today and row.state in OPEN_STATES
    cells = []
    for column in columns:
        key = column.key
        if key == "text":
            title = f"<b>{escape(row.title)}</b> " if row.title else ""
            words = f'<a href="{address(row.id)}">{title}{escape(row.text)}</a>'
            if (row.is_livelihood or row.is_weakness) and COLUMN["marks"] not in columns:
                words += "".join(f' <span class="tag">{word}</span>' for word in _marks(row).split("、"))
            if row.carried_from_id:
                title = f"{row.carried_from_year}年度的经过"
                words += f' <a class="tag" href="{address(row.carried_from_id)}" title="{title}">结转</a>'
        elif key == "light":
            words = _lamp(row, today=today)
        elif key == "state":
            words = STATE_BADGES[row.state]
        elif key == "due":
            late = ' class="is-late"' if is_late else ""
            words = f'<time datetime="{row.due_on}"{late}>{_due(row)}{" 逾期" if is_late else ""}</time>'
        else:
            words = escape(column.text(row))
        cells.append(f'<td class="c-{key}">{words}</td>')
    box = (
        f'<input class="form-check-input" type="checkbox" name="matter" value="{row.id}" form="batch"'
        f' aria-label="选中第{number}行">'
        if is_chooser
        else ""
    )
    part = ' class="is-part"' if row.parent_id else ""
    return f'<tr id="m{row.id}"{part}><td class="c-no">{box}<span>{number}</span></td>{"".join(cells)}</tr>'


def _tables(
    found: LedgerPage, view: dict[str, str], *, columns: list[Column], today: date, is_chooser: bool
) -> SafeString:
    before, after = reverse("matter", args=[0]).split("0")
    if "as_of" in view:
        after += f"?as_of={view['as_of']}"
    number = (found.page - 1) * PAGE_ROWS
    parts: list[str] = []
    for heading, rows in _grouped(found.rows, view.get("group", "")):
        if heading:
            count = f' <span class="count">{len(rows)}</span>' if found.pages == 1 else ""
            words = f'<th colspan="{len(columns) + 1}" scope="colgroup">{escape(heading)}{count}</th>'
            parts.append(f'<tr class="group">{words}</tr>')
        for row in rows:
            number += 1
            parts.append(
                _line(
                    row,
                    number,
                    columns=columns,
                    address=lambda pk: f"{before}{pk}{after}",
                    today=today,
                    is_chooser=is_chooser,
                )
            )
    return mark_safe("".join(parts))  # every value above went through escape


# ── the page ──


Pairs = list[tuple[Any, str]]


def _choices(view: dict[str, str], *, plan: Plan, actor: Actor, today: date) -> dict[str, Pairs]:
    """Return (value, label) of everything that can be chosen, by parameter."""
    fields = [*FIELD_NAMES, *({view["field"]} - set(FIELD_NAMES) if "field" in view else ())]
    return {
        "unit": units_in_plan(plan, actor=actor, chosen=int(view["unit"]) if "unit" in view else None),
        "part": [(part.value, f"只看{label}") for part, label in PART_LABELS.items()],
        "overseer": overseers_in_plan(plan, today=today, chosen=int(view["overseer"]) if "overseer" in view else None),
        "light": [*reversed(LIGHT_WORDS.items()), ("none", "不亮灯")],
        "state": [("open", "在办（未销号）"), *_STATE_WORDS.items()],
        "kind": list(_KIND_WORDS.items()),
        "field": [(name, name) for name in fields],
        "origin": list(_ORIGIN_WORDS.items()),
        "since": [(view["since"], f"{date_text(date.fromisoformat(view['since']))}以来")] if "since" in view else [],
        "group": [(key, f"按{label}") for key, (label, _) in GROUPS.items()],
    }


def _options(pairs: Pairs, *, chosen: str) -> SafeString:
    marks = {True: " selected", False: ""}
    return mark_safe(
        "".join(
            f'<option value="{escape(str(value))}"{marks[str(value) == chosen]}>{escape(label)}</option>'
            for value, label in pairs
        )
    )


def _light_links(view: dict[str, str], counts: dict[str, int]) -> list[tuple[SafeString, int, str]]:
    """Return (lamp with its word, how many, address that shows only these) of each light there is, the worst first."""
    return [
        (LAMPS[light], counts[light], address_of(view, light="" if view.get("light") == light else light, page=""))
        for light in reversed(LIGHT_WORDS)
        if counts.get(light)
    ]


_FILTER_WORDS = {
    "q": "查找", "unit": "单位", "part": "承担", "overseer": "分管领导", "light": "灯", "state": "状态", "kind": "类别",
    "field": "领域", "origin": "来源", "livelihood": "民生", "weakness": "短板", "late": "逾期",
    "refused": "退回待裁定", "since": "灯色转差",
}  # fmt: skip


def _chips(view: dict[str, str], choices: dict[str, Pairs]) -> list[tuple[str, str]]:
    """Return (words, address without it) of every filter in force."""
    chips = []
    for name in FILTERS:
        if name not in view:
            continue
        label = next((label for value, label in choices.get(name, ()) if str(value) == view[name]), view[name])
        words = _FILTER_WORDS[name] if name in _SWITCHES else f"{_FILTER_WORDS[name]}：{label}"
        chips.append((words, address_of(view, **{name: "", "page": ""})))
    return chips


def _headings(view: dict[str, str], columns: list[Column]) -> list[dict[str, str]]:
    headings = []
    for column in columns:
        sort, direction = view.get("sort", ""), ""
        if column.sort:
            direction = {column.sort: "ascending", f"-{column.sort}": "descending"}.get(sort, "")
        following = {"": column.sort, "ascending": f"-{column.sort}", "descending": ""}[direction]
        headings.append(
            {
                "key": column.key,
                "label": column.label,
                "direction": direction,
                "address": address_of(view, sort=following, page="") if column.sort else "",
                "is_sortable": column.sort,
            }
        )
    return headings


def _scope(actor: Actor) -> str:
    """Return in words whose part of the ledger this is; empty for those who see the whole."""
    if actor.holds(*OFFICE_ROLES):
        return ""
    return "与本单位有关的事项" if actor.holds(*UNIT_ROLES) else "分管或联系的事项"


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """The ledger. htmx asks for its rows alone; the address bar always holds the view."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    view = view_of(request.GET)
    today, is_past = _day_of(view), "as_of" in view
    plans, plan = plan_asked(request, view)
    if plan is None:
        return render(request, "ledger/none.html", {"may_import": may(actor, Permission.NOTICE_IMPORT)})
    found = matters_found(request, plan, view)
    columns = _columns_of(view)
    choices = _choices(view, plan=plan, actor=actor, today=today)
    may_register = may(actor, Permission.MATTER_REGISTER, jurisdiction_id=plan.jurisdiction_id)
    may_extend = may(actor, Permission.CHANGE_APPROVE, jurisdiction_id=plan.jurisdiction_id)
    is_chooser = (may_register or may_extend) and not is_past
    scope = _scope(actor)
    tally = None if scope or is_past else plan_tally(plan)
    context = {
        "plan": plan,
        "plans": plans,
        "scope": scope,
        "tally": tally,
        "missing": ranges_text(tally.missing) if tally else "",
        "day": today if is_past else None,
        "now_address": address_of(view, as_of="", page=""),
        "kept": {name: value for name, value in view.items() if name not in ("as_of", "page")},
        "may_enter": may(actor, Permission.MATTER_EDIT, jurisdiction_id=plan.jurisdiction_id) and not is_past,
        "may_export": may(actor, Permission.LEDGER_EXPORT, jurisdiction_id=plan.jurisdiction_id),
        "table_forms": TABLE_FORMS,
        "is_office": bool(actor.holds(*OFFICE_ROLES)),
        "is_chooser": is_chooser,
        "may_register": may_register,
        "may_extend": may_extend and not is_past,
        "view": view,
        "address": address_of(view, page=""),
        "options": {name: _options(pairs, chosen=view.get(name, "")) for name, pairs in choices.items()},
        "chips": _chips(view, choices),
        "clear": address_of({name: value for name, value in view.items() if name not in FILTERS}, page=""),
        "columns": [(one.key, one.label, one in columns) for one in COLUMNS],
        "headings": _headings(view, columns),
        "lights": _light_links(view, found.lights),
        "span": len(columns) + 1,
        "found": found,
        "rows": _tables(found, view, columns=columns, today=today, is_chooser=is_chooser),
        "earlier": address_of(view, page=str(found.page - 1)) if found.page > 1 else "",
        "later": address_of(view, page=str(found.page + 1)) if found.page < found.pages else "",
    }
    is_part = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    response = render(request, "ledger/index.html#rows" if is_part else "ledger/index.html", context)
    patch_vary_headers(response, ["HX-Request"])  # one address, two answers: no cache may mix them up
    return push_url(response, f"{request.path}?{address_of(view)}" if view else request.path) if is_part else response


@require_safe
def ledger_print(request: HttpRequest) -> HttpResponse:
    """The same view on A4 landscape, its heading on each page."""
    view = view_of(request.GET)
    _, plan = plan_asked(request, view)
    if plan is None:
        raise NotFound
    found = matters_found(request, plan, view, is_whole=True)
    columns = _columns_of(view)
    choices = _choices(view, plan=plan, actor=request.actor, today=_day_of(view))  # type: ignore[attr-defined]
    context = {
        "plan": plan,
        "found": found,
        "columns": columns,
        "groups": [
            (heading, [[(column.key, column.text(row)) for column in columns] for row in rows])
            for heading, rows in _grouped(found.rows, view.get("group", ""))
        ],
        "span": len(columns),
        "day": _day_of(view),
        "is_past": "as_of" in view,
        "filters": "；".join(words for words, _ in _chips(view, choices)),
        "scope": _scope(request.actor),  # type: ignore[attr-defined]
        "back": address_of(view),
    }
    return render(request, "ledger/print.html", context)


def _sheet(request: HttpRequest, form: str) -> tuple[str, Sheet]:
    """Return the whole of a view as a sheet, the annex's columns first, and its name; leaves the export's audit event.

    Every column, unless some were chosen. The filters in force stand under the title.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    view = view_of(request.GET)
    _, plan = plan_asked(request, view)
    if plan is None:
        raise NotFound
    rows = matters_found(request, plan, view, is_whole=True).rows
    columns = _columns_of(view) if "cols" in view else COLUMNS
    chips = _chips(view, _choices(view, plan=plan, actor=actor, today=_day_of(view)))
    scope = _scope(actor) or ("" if chips else "全部事项")
    narrowed = f"（{'；'.join(words for words, _ in chips)}）" if chips else ""
    day = f"{date_text(_day_of(view))}{'的情况' if 'as_of' in view else ''}"
    record_export(plan, form=form, view=address_of(view, page=""), count=len(rows), by=actor, now=clock.now())
    return f"{plan.year}年督查台账{f'（{day}）' if 'as_of' in view else ''}", Sheet(
        name="台账",
        title=plan.title,
        subtitle=f"{scope} {len(rows)} 项{narrowed}    {day}".strip(),
        columns=tuple(sheets.Column(title=one.label, width=one.width, is_centred=one.is_centred) for one in columns),
        rows=tuple(tuple((one.sheet_value or one.text)(row) for one in columns) for row in rows),
        merged=tuple(place for place, one in enumerate(columns) if one.key in ANNEX_MERGES),
    )


@require_POST
def ledger_xlsx(request: HttpRequest) -> HttpResponse:
    """The view as a spreadsheet, responsibility cells merged as the annex has them."""
    name, sheet = _sheet(request, "xlsx")
    return download(to_xlsx(sheet), name=f"{name}.xlsx")


@require_POST
def ledger_csv(request: HttpRequest) -> HttpResponse:
    """The view as CSV, safe against formula injection."""
    name, sheet = _sheet(request, "csv")
    return download(to_csv(sheet), name=f"{name}.csv", kind="text/csv; charset=utf-8")


@require_POST
def ledger_table(request: HttpRequest, form: str) -> HttpResponse:
    """The view as a 责任分解表 in the form of the notice's annex: pdf, docx, xlsx, csv or json."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if form not in FORMS:
        raise NotFound("没有这种格式。")
    view = view_of(request.GET)
    _, plan = plan_asked(request, view)
    if plan is None:
        raise NotFound
    require(actor, Permission.LEDGER_EXPORT, jurisdiction_id=plan.jurisdiction_id)
    data = duty_table(plan, matters_found(request, plan, view, is_whole=True).rows)
    try:
        content = exported(data, form)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(f"{reverse('ledger')}?{address_of(view)}")
    record_export(plan, form=form, view=address_of(view, page=""), count=len(data.duties), by=actor, now=clock.now())
    return download(content, name=f"{data.title}.{form}", kind=FORMS[form])


# ── 立项、交办 of several at once ──


def approval_proposed(plan: Plan, *, today: date) -> dict[str, str]:
    """Return what the approval form begins with: 经区政府同意, the notice's number and day, the head's name."""
    notice = Notice.objects.filter(plan=plan, registered_at__isnull=False).order_by("pk").first()
    head = Appointment.objects.filter(
        in_force(today), post__jurisdiction=plan.jurisdiction_id, post__kind=PostKind.GOVERNMENT_HEAD
    ).select_related("person")
    place = plan.jurisdiction.short_name[-1:]
    return {
        "basis": f"经{place if place in '省市县区旗镇乡' else ''}政府同意",
        "document_number": notice.document_number if notice else "",
        "approved_on": (notice.issued_on or today).isoformat() if notice else today.isoformat(),
        "approved_by_name": next((one.person.name for one in head), ""),
    }


def approval_from(given: QueryDict) -> NewApproval:
    """Return the approval a form names. Raises Invalid."""
    approved_on = day_of(given.get("approved_on", ""), field="approved_on", what="批准日期")
    if approved_on is None:
        raise Invalid("请填写批准日期。", field="approved_on")
    return NewApproval(
        basis=given.get("basis", "").strip(),
        approved_by_name=given.get("approved_by_name", "").strip(),
        approved_on=approved_on,
        document_number=given.get("document_number", "").strip(),
    )


@require_POST
def ledger_batch(request: HttpRequest) -> HttpResponse:
    """Register or assign the chosen matters: first shown to be looked over, then done when confirmed."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    step = Step.ASSIGN if request.POST.get("step") == Step.ASSIGN else Step.REGISTER
    require(actor, Permission.MATTER_ASSIGN if step is Step.ASSIGN else Permission.MATTER_REGISTER)
    ids = [int(value) for value in request.POST.getlist("matter") if value.isdecimal() and len(value) < 19]
    matters = list(Matter.objects.visible_to(actor).filter(pk__in=ids).select_related("plan__jurisdiction"))
    fitting = [matter for matter in matters if may_step(State(matter.state), step)]
    back = reverse("ledger") + (f"?{address}" if (address := address_of(view_of(request.GET))) else "")
    rows = ledger_rows([matter.pk for matter in fitting], today=clock.today())
    leaderless = [row for row in rows if step is Step.ASSIGN and not row.merging_unit]
    rows = [row for row in rows if row not in leaderless]
    going = {row.id for row in rows}
    without_lead = [matter for matter in fitting if matter.pk not in going]
    fitting = [matter for matter in fitting if matter.pk in going]
    if without_lead and not fitting:
        names = "、".join(str(one) for one in without_lead)
        messages.warning(request, f"{names}没有牵头单位，不能交办。")
        return redirect(back)
    if not fitting:
        wanted = "草稿" if step is Step.REGISTER else "已立项"
        messages.warning(
            request, f"没有可{'交办' if step is Step.ASSIGN else '立项'}的事项：须先选中“{wanted}”状态的事项。"
        )
        return redirect(back)
    today, problem = clock.today(), ""
    approval = approval_proposed(fitting[0].plan, today=today)
    if request.POST.get("confirmed"):
        approval |= {name: request.POST[name] for name in approval if name in request.POST}
        try:
            if step is Step.REGISTER:
                register_matters(fitting, approval=approval_from(request.POST), by=actor, now=clock.now())
            else:
                assign_matters(fitting, by=actor, now=clock.now())
        except DomainError as error:
            problem = error.message
        else:
            messages.success(request, f"已{'交办' if step is Step.ASSIGN else '立项'} {len(fitting)} 项。")
            return redirect(back)
    context = {
        "step": step.value,
        "word": "交办" if step is Step.ASSIGN else "立项",
        "rows": rows,
        "left_out": len(ids) - len(fitting) - len(without_lead),
        "without_lead": without_lead,
        "approval": approval,
        "problem": problem,
        "back": back,
        "action": f"{request.path}?{address_of(view_of(request.GET))}",
    }
    return render(request, "ledger/batch.html", context, status=400 if problem else 200)
