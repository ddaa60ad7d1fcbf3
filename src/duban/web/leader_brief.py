"""专报: one page for a leader on what the leader oversees, the gravest first."""

from collections.abc import Sequence
from datetime import date, timedelta

from duban.core.actor import Actor
from duban.core.text import date_text
from duban.core.workdays import workdays_now
from duban.documents.kinds.leader_brief import BriefList, LeaderBriefData
from duban.documents.wording import day as day_words
from duban.documents.wording import listed, percent
from duban.letters.rules import titled
from duban.lights.models import Override
from duban.lights.queries import FACTS_IN_WORDS, facts_in_words, stored_judgement
from duban.lights.words import why_lit
from duban.matters.models import Matter, Plan
from duban.matters.queries import LedgerFilter, LedgerRow, ledger_page, policy_of
from duban.matters.rules import OPEN_STATES, Light, State, numbered, office_name
from duban.obstacles.queries import obstacles_for
from duban.obstacles.rules import ObstacleState
from duban.orgs.models import Person, Post

SOON_DAYS = 30


def leader_brief(actor: Actor, plan: Plan, *, post: Post, holder: Person | None, today: date) -> LeaderBriefData:
    """Return the page for the leader of a post: how its matters stand, what waits for that leader, what is red or due.

    The caller has seen that the actor may see what this leader oversees.
    """
    rows = ledger_page(actor, plan=plan, chosen=LedgerFilter(overseer_post_id=post.pk), today=today).rows
    in_hand = [one for one in rows if one.state in OPEN_STATES]
    lights = {light: [one for one in in_hand if (one.light_override or one.light) == light] for light in Light}
    closed = sum(one.state == State.CLOSED for one in rows)
    red, yellow = lights[Light.RED], lights[Light.YELLOW]
    summary = (
        f"截至{date_text(today)}，您分管或联系的督查事项{len(rows)}项，已销号{closed}项，在办{len(in_hand)}项，"
        f"其中红灯{len(red)}项、黄灯{len(yellow)}项"
    )
    asked = obstacles_for(actor).filter(to_post=post, matter__plan=plan).exclude(state=ObstacleState.CLOSED)
    soon = [one for one in in_hand if one not in red and today <= one.due_on <= today + timedelta(days=SOON_DAYS)]
    why = _why([one.id for one in (*red, *yellow)], plan=plan, today=today)
    name = titled(holder.name, post.title) if holder is not None else post.title
    place = plan.jurisdiction.short_name
    return LeaderBriefData(
        leader=name,
        title=f"关于{name}分管联系督查事项进展情况的专报",
        office=office_name(place),
        made_on=today,
        summary=summary,
        lists=(
            BriefList(
                "需要您协调的困难问题",
                tuple(f"{one.matter}（{one.unit}）：{_stop(one.problem)}{_stop(one.need)}" for one in asked),
            ),
            BriefList("红灯事项", tuple(_line(one) + why[one.id] for one in red)),
            BriefList("黄灯事项", tuple(_line(one) + why[one.id] for one in yellow)),
            BriefList(f"{SOON_DAYS}日内到期的事项", tuple(_line(one) for one in soon if one not in yellow)),
        ),
    )


def _why(ids: Sequence[int], *, plan: Plan, today: date) -> dict[int, str]:
    """Return why each matter is red or yellow, by its gravest reason: the office's own where it overrode the light.

    Three statements, none for no matter.
    """
    if not ids:
        return {}
    overridden = dict(Override.objects.filter(matter__in=ids, ended_at=None).values_list("matter_id", "reason"))
    policy, calendar = policy_of(plan).lights, workdays_now()
    found = {}
    for matter in Matter.objects.filter(pk__in=ids).only(*FACTS_IN_WORDS).prefetch_related("milestones"):
        facts = facts_in_words(matter, milestones=matter.milestones.all())
        judgement = stored_judgement(matter, today=today)
        reasons = why_lit(facts, judgement, policy=policy, calendar=calendar, today=today)
        words = reasons[0].text if reasons else ""
        found[matter.pk] = _stop(f"督查室认定：{overridden[matter.pk]}" if matter.pk in overridden else words)
    return found


def _stop(words: str) -> str:
    return f"{words.strip().rstrip('。')}。" if words.strip() else ""


def _line(one: LedgerRow) -> str:
    reached = "未报进展" if one.progress_pct is None else f"现报{percent(one.progress_pct)}"
    text = (one.title or one.text).rstrip("。")
    leads = listed(one.leads, most=2, measure="个单位")
    return f"{numbered(one.serial)}（{leads}）{text}，时限{day_words(one.due_on)}，{reached}。"
