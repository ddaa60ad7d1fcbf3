"""Replays and rules files for the terminal, by the same functions as the pages. Imported once Django is set up."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from duban.bulletins.rules import BASIS_LABELS, SECTION_LABELS, Basis
from duban.cli.plans import plan_of
from duban.core import clock
from duban.core.errors import Invalid, NotFound
from duban.core.text import date_text
from duban.interviews.rules import GROUND_LABELS
from duban.letters.rules import CAUSE_LABELS, LETTER_KIND_LABELS
from duban.lights.rules import LIGHT_LABELS, Light
from duban.matters.models import Matter
from duban.matters.policy import (
    SECTION_LABELS as POLICY_SECTIONS,
)
from duban.matters.policy import (
    Changed,
    changed_figures,
    default_preset,
    figures_of,
    figures_toml,
    presets,
    read_figures,
)
from duban.matters.queries import rules_file
from duban.matters.rules import short_name
from duban.replay.queries import Replay, comparison_of, record_check_of, replayed
from duban.replay.rules import (
    ASSUMED,
    FIGURE_LABELS,
    FIGURES,
    HELD_FIXED,
    UNKNOWABLE,
    Answers,
    Arisen,
    Drafted,
    FrozenDay,
    not_judged_by,
)

_GREY = "不亮灯"
_SHOWN = 40
"""So many differences of a kind are told in words; --json tells them all."""


def policy_file(*, year: int, jurisdiction: str, number: int, preset: str) -> tuple[str, str]:
    """Return a rules file and its name. number: of a version; 0 the one in force. Raises NotFound."""
    if preset:
        if preset not in presets():
            raise NotFound(f"没有“{preset}”这套预置规则，有 {'、'.join(presets())}。")
        one = presets()[preset]
        return figures_toml(one.values, name=one.name, note=one.note, sources=one.sources), f"{preset}.toml"
    return rules_file(plan_of(year, jurisdiction=jurisdiction), number=number)


def replayed_by_file(
    text: str, *, year: int, jurisdiction: str, since: date | None, until: date | None, is_unanswered: bool
) -> tuple[Replay, Sequence[Changed]]:
    """Return a replay under the rules of a file, and where they differ from what holds. Raises NotFound, Invalid."""
    plan = plan_of(year, jurisdiction=jurisdiction)
    values = read_figures(text, base=plan.policy.values())
    today = clock.today()
    day = until or today
    if day > today:
        raise Invalid(f"只能推演到今天（{date_text(today)}）：以后的事实还没有。")
    if since is not None and since > day:
        raise Invalid("开始的日期晚于截止的日期。")
    answers = Answers.NONE if is_unanswered else Answers.GIVEN
    replay = replayed(plan, figures=figures_of(values), since=since, until=day, answers=answers)
    if replay is None:
        raise Invalid(f"{plan.title}到{date_text(day)}还没有交办的事项，没有可推演的。")
    return replay, changed_figures(plan.policy.values(), values)


# ---- in words


def _named(replay: Replay) -> dict[int, str]:
    rows = Matter.objects.filter(plan=replay.plan).values_list("pk", "serial", "title", "text")
    return {pk: short_name(serial=serial, heading=title or text) for pk, serial, title, text in rows}


def replay_text(replay: Replay, changes: Sequence[Changed]) -> str:
    """Return a replay in words: what was changed, the sums side by side, the differences, what is held fixed."""
    compared, check = comparison_of(replay), record_check_of(replay)
    serials = _named(replay)
    names = {0: "（无牵头单位）", **{pk: one.name for pk, one in replay.units.items()}}
    texts = {one.place: one.text for one in default_preset().sources}
    unknown = {one.place for one in not_judged_by(changes)}
    lines = [f"{replay.plan.title}　推演 {replay.since} 至 {replay.until}", ""]
    lines.append(f"改动 {len(changes)} 处：" if changes else "与现行规则没有差别。")
    lines += [
        f"  {POLICY_SECTIONS[one.place.split('.')[0]]}：{texts[one.place]}　"
        f"{_figure(one.before)} → {_figure(one.after)}{'（推演不看这一项）' if one.place in unknown else ''}"
        for one in changes
    ]
    lines += ["", "　　　　　　　　现行　　另一套"]
    lines += [
        f"{FIGURE_LABELS[name].ljust(6, chr(0x3000))}{first:>8}{second:>10}"
        for name, first, second in zip(FIGURES, compared.held.figures(), compared.other.figures(), strict=True)
    ]
    if not check.agrees:
        lines.append(f"  按现行规则推演与实际拟出的函有出入：少 {check.missing} 条，多 {check.extra} 条。")
    parted = [one for one in compared.units if not one.is_same]
    lines += _block(
        "各单位并列，只列有变化的",
        (
            f"{names[one.unit_id]}："
            + "，".join(
                f"{FIGURE_LABELS[name]} {first} → {second}"
                for name, first, second in zip(FIGURES, one.held.figures(), one.other.figures(), strict=True)
                if first != second
            )
            for one in parted
        ),
        len(parted),
    )
    frozen = [one for one in compared.snapshots if one.differing or one.is_held != one.is_other]
    lines += _block(f"定格不同（共 {len(compared.snapshots)} 次）", (_frozen_words(one) for one in frozen), len(frozen))
    lines += _block(
        "灯色不同",
        (
            f"{serials[one.matter_id]}　{one.from_on} 至 {one.until_on}　{_lamp(one.held)} → {_lamp(one.other)}"
            for one in compared.spans
        ),
        len(compared.spans),
    )
    lines += _block(
        "函件不同",
        (
            f"{names[one.unit_id]}　{serials[one.matter_id]}　{LETTER_KIND_LABELS[one.kind]}　"
            f"{_days(one.only_held)} → {_days(one.only_other)}"
            for one in compared.letters
        ),
        len(compared.letters),
    )
    lines += _block(
        "通报条目不同",
        (
            f"{replay.bulletins[one.bulletin_id].snapshot.day} 定格　{SECTION_LABELS[one.section]}　"
            f"{names[one.unit_id]}　{serials.get(one.matter_id or 0, '')}　{_bases(one.held)} → {_bases(one.other)}"
            for one in compared.entries
        ),
        len(compared.entries),
    )
    lines += _block(
        "提请约谈的事由不同",
        (
            f"{names[one.unit_id]}　{serials[one.matter_id]}　{GROUND_LABELS[one.kind]}　"
            f"{_arose(one.held)} → {_arose(one.other)}"
            for one in compared.talks
        ),
        len(compared.talks),
    )
    if compared.is_scored:
        scored = [one for one in compared.units if one.held_score != one.other_score]
        lines += _block(
            "考评试算（不含领导评价）",
            (f"{names[one.unit_id]}　{one.held_score} → {one.other_score}" for one in scored),
            len(scored),
        )
    lines += ["", "不变的和无从知道的：", *(f"  {one}" for one in (*HELD_FIXED, ASSUMED[replay.answers], UNKNOWABLE))]
    return "\n".join(lines) + "\n"


def _block(title: str, rows: Iterable[str], count: int) -> list[str]:
    if not count:
        return ["", f"{title}：没有"]
    shown = [f"  {row}" for _, row in zip(range(_SHOWN), rows, strict=False)]
    rest = count - len(shown)
    return ["", f"{title}：{count} 条", *shown, *([f"  另有 {rest} 条，用 --json 看全部"] if rest > 0 else [])]


def _figure(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join("→".join(map(str, one)) if isinstance(one, list) else str(one) for one in value) or "（无）"
    return str(value)


def _lamp(light: Light | None) -> str:
    return LIGHT_LABELS[light] if light is not None else _GREY


def _days(drafted: Sequence[Drafted]) -> str:
    return "、".join(f"{one.day}（{CAUSE_LABELS[one.cause]}）" for one in drafted) or "不拟"


def _arose(arisen: Sequence[Arisen]) -> str:
    return "、".join(str(one.day) for one in arisen) or "没有"


def _bases(bases: Sequence[str]) -> str:
    return "、".join(BASIS_LABELS[Basis(one)] for one in bases) or "不列"


def _frozen_words(one: FrozenDay) -> str:
    order = (Light.RED, Light.YELLOW, Light.GREEN)
    held, other = (
        " ".join(f"{LIGHT_LABELS[light][0]}{lights[light]}" for light in order) if is_frozen else "不定格"
        for lights, is_frozen in ((one.held, one.is_held), (one.other, one.is_other))
    )
    return f"{one.day}　{held} → {other}　{len(one.differing)} 项不同"
