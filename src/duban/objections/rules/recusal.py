"""回避: who took part in what is objected to, read from the trail; and who may decide.

Source: docs/sources.md#objections
Nobody is asked whether he took part: the trail says it. What counts as taking part is a closed list.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from duban.access.rules import Role
from duban.audit.rules import EventName
from duban.objections.rules.words import Target

_OF_THE_MATTER = frozenset(
    {
        EventName.LIGHT_OVERRIDDEN,
        EventName.OVERRIDE_LIFTED,
        EventName.REPORT_ACCEPTED,
        EventName.REPORT_RETURNED,
        EventName.SCHEDULE_ACCEPTED,
        EventName.SCHEDULE_RETURNED,
        EventName.CHANGE_REFUSED,
        EventName.CLOSURE_RETURNED,
        EventName.MATTER_REOPENED,
    }
)
"""What the light of a matter rests on: who said otherwise than the rules, took or returned its reports and its
schedule, refused a change, returned its closure, had it begin again. Who adopted the policy decided no case."""

_OF_THE_BULLETIN = frozenset(
    {
        EventName.BULLETIN_DRAFTED,
        EventName.BULLETIN_EDITED,
        EventName.BULLETIN_SHOWN,
        EventName.BULLETIN_PRESENTED,
        EventName.BULLETIN_SENT_BACK,
        EventName.BULLETIN_APPROVED,
        EventName.BULLETIN_ISSUED,
    }
)
OF_AN_ENTRY = frozenset(
    {
        EventName.CITATION_ADDED,
        EventName.CITATION_EDITED,
        EventName.CITATION_LEFT_OUT,
        EventName.CITATION_RESTORED,
        EventName.CORRECTION_ACCEPTED,
        EventName.CORRECTION_DECLINED,
    }
)
"""These count for the entry they are about, not for the others of the same issue."""

_OF_THE_VISIT = frozenset(
    {
        EventName.VISIT_PREPARED,
        EventName.VISIT_EDITED,
        EventName.VISIT_APPROVED,
        EventName.RESULTS_RECORDED,
        EventName.ANSWER_CHOSEN,
        EventName.VISIT_HELD,
        EventName.VISIT_SENT_BACK,
        EventName.FINDINGS_CONFIRMED,
        EventName.FINDING_OVERTURNED,
        EventName.CONCLUSION_GIVEN,
    }
)
"""Who was named to go and look took part as well, whoever wrote it down (`acted_on_many` says so by VISIT_HELD)."""

_OF_THE_EVALUATION = frozenset(
    {
        EventName.EVALUATION_DRAWN_UP,
        EventName.UNIT_RATED,
        EventName.EVALUATION_SHOWN,
        EventName.SCORE_CORRECTED,
        EventName.EVALUATION_CONFIRMED,
        EventName.EVALUATION_REOPENED,
        EventName.RESULTS_TAKEN_IN,
    }
)
OF_REPORTS = frozenset({EventName.REPORT_RETURNED, EventName.REPORT_MARKED_HOLLOW})
"""What is scored because somebody of the office found it so."""

OF_THE_OBJECTION = frozenset({EventName.OBJECTION_WRITTEN, EventName.OBJECTION_SENT_BACK, EventName.OBJECTION_FILED})
"""Who wrote, signed or entered the objection itself does not decide it."""

DECIDING: dict[Target, frozenset[EventName]] = {
    Target.LIGHT: _OF_THE_MATTER | OF_THE_OBJECTION,
    Target.CITATION: _OF_THE_BULLETIN | OF_AN_ENTRY | _OF_THE_MATTER | OF_THE_OBJECTION,
    Target.VERIFICATION: _OF_THE_VISIT | OF_THE_OBJECTION,
    Target.SCORE: _OF_THE_EVALUATION | OF_REPORTS | OF_THE_OBJECTION,
}
"""By what is objected to, the events by which somebody took part in it. Source: docs/sources.md#objections"""

DECIDERS = (Role.OFFICE_HEAD, Role.DEPUTY_DIRECTOR, Role.DIRECTOR, Role.GOVERNMENT_HEAD)
"""Who decides without being named; others where they are. ★"""

APPOINTABLE = (*DECIDERS, Role.OFFICER, Role.LEADER)
"""Who may be named."""


@dataclass(frozen=True, slots=True)
class Acted:
    """One event of the trail: what somebody did. account_id: None for the system itself."""

    name: EventName
    account_id: int | None
    actor_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Recused:
    """Somebody who took part, and by what: the names of events, each once, in the order of the trail."""

    account_id: int
    name: str
    acts: tuple[EventName, ...]


def recused(acted: Iterable[Acted], *, target: Target) -> dict[int, Recused]:
    """Return who took part, by account. acted: of what is objected to and what it rests on; what is not in the closed
    list of its kind does not count, and the system is nobody. Source: docs/sources.md#objections
    """
    acts: dict[int, dict[EventName, None]] = {}
    names: dict[int, str] = {}
    for one in sorted(acted, key=lambda each: each.at):
        if one.account_id is not None and one.name in DECIDING[target]:
            acts.setdefault(one.account_id, {})[one.name] = None
            names[one.account_id] = one.actor_name
    return {pk: Recused(pk, names[pk], tuple(some)) for pk, some in acts.items()}


def took_part_words(one: Recused, labels: Mapping[EventName, str]) -> str:
    """Return by what somebody took part, in words: 拟办通报、印发通报."""
    return "、".join(labels[name] for name in one.acts)


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who would decide. roles: held in the place of the objection; unit_ids: of every role held."""

    account_id: int | None
    roles: frozenset[Role]
    unit_ids: frozenset[int]


class WhyNot(str):
    """Why somebody may not decide, in the words shown. is_recusal: because of taking part, or of belonging there."""

    is_recusal: bool

    def __new__(cls, words: str, *, is_recusal: bool = False) -> "WhyNot":
        """Make the words."""
        made = super().__new__(cls, words)
        made.is_recusal = is_recusal
        return made


def why_recused(
    reviewer: Reviewer, *, taken: Mapping[int, Recused], units: Collection[int], labels: Mapping[EventName, str]
) -> WhyNot | None:
    """Return why somebody has to stand aside, or None. taken: of `recused`; units: the objecting unit and those
    merged with it. Whatever role is held makes no difference. Source: docs/sources.md#objections
    """
    if reviewer.account_id is None:
        return WhyNot("复核由具体的人决定，系统不能代为决定。", is_recusal=True)
    if reviewer.unit_ids & set(units):
        return WhyNot("您是申请复核的单位的人员，应当回避。", is_recusal=True)
    if (one := taken.get(reviewer.account_id)) is not None:
        did = took_part_words(one, labels)
        return WhyNot(f"您参与过此事（{did}），按《政府督查工作条例》第十七条应当回避。", is_recusal=True)
    return None


def why_not_decide(
    reviewer: Reviewer,
    *,
    taken: Mapping[int, Recused],
    units: Collection[int],
    appointed: int | None,
    labels: Mapping[EventName, str],
) -> WhyNot | None:
    """Return why somebody may not decide an objection, or None. appointed: the account named to decide, if one is:
    then nobody else does. Source: docs/sources.md#objections
    """
    if (why := why_recused(reviewer, taken=taken, units=units, labels=labels)) is not None:
        return why
    if appointed is not None:
        if reviewer.account_id == appointed and reviewer.roles & set(APPOINTABLE):
            return None
        return WhyNot("已经指定了复核人，由其决定。")
    if reviewer.roles & set(DECIDERS):
        return None
    return WhyNot("复核由督查室主任、政府办主任、副主任或者政府主要领导决定，其他人须经指定。")
