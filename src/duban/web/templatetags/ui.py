"""Components: a component is a function, its arguments are its contract. The list stands in docs/design.md."""

from datetime import date
from functools import cache, lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from duban.core.text import date_text, day_words, due_words
from duban.intake.rules import BASIS_LABELS, Basis
from duban.lights.rules import LIGHT_LABELS, Light
from duban.matters.rules import STATE_LABELS, State

register = template.Library()

STATE_TONES: dict[State, str] = {
    State.DRAFT: "draft",
    State.REGISTERED: "violet",
    State.ASSIGNED: "blue",
    State.IN_PROGRESS: "teal",
    State.CLOSING: "brown",
    State.CLOSED: "plain",
    State.SUSPENDED: "draft",
    State.CARRIED_OVER: "plain",
    State.TERMINATED: "over",
}
"""The colour of each state of a matter; its word is STATE_LABELS. Green, yellow and red stay with the lights."""

STATE_BADGES: dict[str, SafeString] = {
    state.value: format_html('<span class="badge-state tone-{}">{}</span>', STATE_TONES[state], STATE_LABELS[state])
    for state in State
}
"""Each state's badge, made once: lists of thousands of rows use it as it stands."""


LAMPS: dict[str, SafeString] = {
    light.value: format_html(
        '<span class="lamp lamp-{}"><i aria-hidden="true"></i>{}</span>', light.value, LIGHT_LABELS[light]
    )
    for light in Light
}
"""Each lamp with its word, made once: lists of thousands of rows use it as it stands."""


def lamp_of(value: str, *, override: str = "", grey: str = "") -> SafeString:
    """Return the lamp that is shown, with its word; grey words where there is none; 改判 beside an overridden one."""
    if not value:
        return format_html('<span class="lamp lamp-none">{}</span>', grey)
    if not override:
        return LAMPS[value]
    title = f"督查室改判为{LIGHT_LABELS[Light(override)]}，按规则为{LIGHT_LABELS[Light(value)]}"
    return format_html('{} <small class="tag" title="{}">改判</small>', LAMPS[override], title)


@register.simple_tag
def lamp(value: str, *, override: str = "", grey: str = "") -> SafeString:
    """A light with its word. value: the judged Light or empty · override: the office's · grey: why there is none."""
    return lamp_of(value, override=override, grey=grey)


@register.simple_tag
@cache  # lists repeat their icons hundreds of times
def icon(name: str) -> SafeString:
    """One icon of the sprite, a little over 1em square, in the colour of the text; hidden from screen readers."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("vendor/icons/sprite.svg"),
        name,
    )


@register.simple_tag
def paragraphs(words: str) -> SafeString:
    """Words of a document as it will stand on paper: a new line begins a paragraph, each indented."""
    lines = [(line,) for line in words.splitlines() if line.strip()]
    return format_html_join("\n", '<p class="paper-text">{}</p>', lines)


@register.simple_tag
def state_badge(state: str) -> SafeString:
    """A matter's state: its word in its colour. state: value of matters.rules.State."""
    return STATE_BADGES[State(state).value]


@register.simple_tag
def basis(value: str, *, confirmed: bool = True, by: str = "") -> SafeString:
    """How a cell's value came about. value: intake.rules.Basis · confirmed: False adds 待确认 · by: who."""
    kind = Basis(value)
    return format_html(
        '<span class="basis basis-{}{}">{}{}</span>',
        kind.value,
        "" if confirmed else " is-unconfirmed",
        BASIS_LABELS[kind],
        f" · {by}" if by else "",
    )


@register.simple_tag
def tag(word: str, *, tone: str = "") -> SafeString:
    """A small word on a ground. tone: plain, blue, teal, violet, brown, ok, warn, bad, draft, over, or none."""
    return (
        format_html('<span class="tag{}">{}</span>', f" tone-{tone}" if tone else "", word) if word else mark_safe("")
    )


@register.simple_tag
def due(day: object, *, today: object, is_open: bool = True) -> SafeString:
    """A due date in short form; in red with 逾期 when it has passed and is still open."""
    if day is None:
        return mark_safe("")
    late = is_open and day < today  # type: ignore[operator]
    return format_html(
        '<time datetime="{}" title="{}"{}>{}{}</time>',
        day.isoformat(),  # type: ignore[attr-defined]
        date_text(day),
        mark_safe(' class="is-late"') if late else "",
        f"{day.month}月{day.day}日" if day.year == today.year else date_text(day),  # type: ignore[attr-defined]
        " 逾期" if late else "",
    )


@register.simple_tag
@lru_cache(maxsize=1024)  # the lines of a list fall on the same few days
def when(day: date, *, today: date, is_due: bool = True) -> SafeString:
    """A day as people say it. is_due: something is due by it, so that it is in red, 已逾期 N 天, once it has passed."""
    is_late = is_due and day < today
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        day.isoformat(),
        date_text(day),
        mark_safe(' class="is-late"') if is_late else "",
        due_words(day, today=today) if is_due else day_words(day, today=today),
    )


@register.simple_block_tag
def panel(content: str, *, title: str = "", note: str = "", level: int = 2, flush: bool = False) -> SafeString:
    """A framed part of a page. title · note: grey words behind it · flush: no inner margin, for tables."""
    head = (
        format_html(
            '<div class="panel-head"><h{0}>{1}{2}</h{0}></div>',
            level,
            title,
            format_html("<small>{}</small>", note) if note else "",
        )
        if title
        else ""
    )
    body = conditional_escape(content)
    if not flush:
        body = format_html('<div class="panel-body">{}</div>', body)
    return format_html('<section class="panel">{}{}</section>', head, body)


@register.simple_block_tag
def page_head(content: str, *, title: str, note: str = "", sub: str = "") -> SafeString:
    """The head of a page: title, grey words behind it, a line below; the block holds the buttons at the right."""
    return format_html(
        '<div class="page-head"><div><h1>{}{}</h1>{}</div><div class="actions">{}</div></div>',
        title,
        format_html("<small>{}</small>", note) if note else "",
        format_html('<p class="sub">{}</p>', sub) if sub else "",
        conditional_escape(content),
    )


@register.simple_block_tag
def note(content: str, *, level: str = "info") -> SafeString:
    """Words in a coloured box. level: success, info, warning, error."""
    role = "alert" if level == "error" else "status"
    return format_html('<div class="note note-{}" role="{}">{}</div>', level, role, conditional_escape(content))


@register.simple_block_tag
def empty(content: str, *, symbol: str = "list-details") -> SafeString:
    """What a list says when there is nothing: a symbol, and what to do about it."""
    return format_html('<div class="empty">{}<div>{}</div></div>', icon(symbol), conditional_escape(content))


@register.inclusion_tag("ui/pager.html")
def pager(page: object, *, query: str = "") -> dict[str, object]:
    """Former and next page. page: a django Page · query: the rest of the address, ending in & or empty."""
    return {"page": page, "query": query}


@register.inclusion_tag("ui/theirs.html")
def theirs(rows: Any, *, button: str = "保存", is_difference: bool = True) -> dict[str, object]:
    """What somebody else saved meanwhile, beside what was typed.

    rows: (label, words), or a dict of them · button: saves again · is_difference: only what differs is listed.
    """
    shown = list(rows.items()) if isinstance(rows, dict) else rows
    return {
        "rows": [(label, "、".join(words) if isinstance(words, list) else words) for label, words in shown or ()],
        "button": f"“{button}”",
        "is_difference": is_difference,
    }
