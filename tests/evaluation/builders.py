"""A county whose year is over: matters done and not done, reports late, missing, returned and hollow, a bulletin."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from duban.bulletins.actions import draft_bulletin
from duban.bulletins.models import Bulletin
from duban.bulletins.rules import BulletinKind
from duban.core.actor import SYSTEM, Actor, Held
from duban.evaluation.actions import NewRating, draw_up_evaluation, rate_units, show_evaluation
from duban.evaluation.models import Evaluation, ScoreSheet
from duban.evaluation.rules import YearFacts
from duban.lights.actions import tick
from duban.lights.models import DailyRound
from duban.matters.actions import Behalf, acknowledge, ask_to_close, grant_closure
from duban.matters.models import Matter, Plan, Policy
from duban.matters.rules import Channel
from duban.orgs.models import Post
from duban.reports.actions import enter_for_unit, mark_hollow, return_report
from duban.reports.models import Report
from tests.bulletins.builders import approved, bulletin_of, issued, presented, shown, snapshot_on
from tests.letters.builders import at, overseen, staff
from tests.matters.builders import World
from tests.reports.builders import DAY, TEXT

UNTIL = date(2020, 12, 31)
DRAWN = at("2021-01-04")
SHOWN = at("2021-01-05")
OVER = at("2021-01-27")
"""The day after the fifteen working days that begin on Tuesday 5 January."""


@dataclass
class Year:
    """What a test needs of the year: its matters, the leader who oversees them."""

    world: World
    behind: Matter
    done: Matter
    leader: Post


def set_scoring(world: World, **changes) -> None:
    """Switch scoring on, and let the plan follow other figures of it."""
    figures = {**world.plan.policy.values()}
    figures["evaluation"] = figures["evaluation"] | {"enabled": True, **changes}
    Policy.objects.filter(pk=world.plan.policy_id).update(figures=figures)
    world.plan = Plan.objects.select_related("policy", "jurisdiction").get(pk=world.plan.pk)


def reported(world: World, matter: Matter, *, on: str, unit: str = "教育局", day: date = DAY) -> Report:
    """A report the office enters from paper as it came on a day."""
    return enter_for_unit(
        matter,
        unit=world.unit(unit),
        report_day=day,
        text=TEXT,
        version=0,
        behalf=Behalf(Channel.PAPER, "局办公室"),
        by=world.officer,
        now=at(on, 10),
    )


def played(world: World) -> Year:
    """教育局 leads two matters and 临江镇 helps with one that is not done; 交通局 leads one that is done early.

    June: the report of the first comes late, is called hollow and returned; that of the second never comes. A bulletin
    criticises 教育局 for the first and praises 交通局. December: nothing comes.
    """
    for unit in ("教育局", "交通局", "临江镇"):
        staff(world, unit)
    leaders = overseen(world)
    told = {"starts_on": date(2020, 1, 1), "overseers": leaders, "leads": ("教育局",)}
    behind = world.started(text="改造校舍。", serial="1", due_on=date(2020, 11, 30), supports=("临江镇",), **told)
    world.started(text="新建幼儿园。", serial="2", due_on=date(2021, 3, 31), **told)
    done = world.assigned(text="新建农村公路20公里。", leads=("交通局",), serial="3", due_on=date(2020, 11, 30))
    acknowledge(world.unit("交通局"), plan=world.plan, by=world.officer, now=world.now)
    done.refresh_from_db()
    ask_to_close(done, statement="已经全部建成。", by=world.officer, now=world.now)
    grant_closure(done, conclusion="现场核验属实。", by=world.office_head, now=world.now)
    report = reported(world, behind, on="2020-06-23")
    mark_hollow(report, reason="只有套话，没有数字", by=world.officer, now=at("2020-06-24"))
    report.refresh_from_db()
    return_report(report, reason="请写明进度", by=world.officer, now=at("2020-06-24", 10))
    cite(world)
    DailyRound.objects.create(day=UNTIL, done_at=at("2020-12-31", 0))  # half a year of nights is passed over
    tick(date(2021, 1, 1), by=SYSTEM, now=at("2021-01-01", 0))
    return Year(world, Matter.objects.get(pk=behind.pk), Matter.objects.get(pk=done.pk), leaders[0].post)


def cite(world: World) -> Bulletin:
    """Issue the bulletin of the half-year, with its proposals as they are."""
    snapshot = snapshot_on(world, "2020-06-30")
    made = draft_bulletin(snapshot, kind=BulletinKind.REGULAR, by=world.officer, now=at("2020-07-01"))
    return issued(world, approved(world, presented(world, shown(world, bulletin_of(pk=made.pk)))))


def kinds_of(year: YearFacts, name: str) -> list[tuple[str, str, int | None]]:
    """The facts of a unit: kind, part, matter."""
    unit = next(one for one in year.units if one.name == name)
    return [(one.kind.value, one.part.value, one.matter_id) for one in unit.facts]


def drawn_up(world: World, **more) -> Evaluation:
    given = {"until": UNTIL, "by": world.officer, "now": DRAWN, **more}
    return fresh(draw_up_evaluation(world.plan, **given))


def fresh(evaluation: Evaluation) -> Evaluation:
    return Evaluation.objects.select_related("plan__policy", "plan__jurisdiction", "policy").get(pk=evaluation.pk)


def shown_to_units(world: World, evaluation: Evaluation | None = None) -> Evaluation:
    return fresh(show_evaluation(evaluation or drawn_up(world), by=world.officer, now=SHOWN))


def leader_of(world: World, post: Post, role: str = "leader") -> Actor:
    held = Held(role=role, jurisdiction_id=world.county.pk, post_ids=frozenset({post.pk}))
    return Actor(name="吴一" if role == "leader" else "秘书某", account_id=30, held=(held,))


def rated(world: World, evaluation: Evaluation, post: Post, unit: str = "教育局", value: str = "90", **more) -> None:
    given = {"by": leader_of(world, post), "now": DRAWN, **more}
    rate_units(evaluation, post=post, ratings=[NewRating(world.unit(unit), Decimal(value))], **given)


def sheet(world: World, evaluation: Evaluation, unit: str = "教育局") -> ScoreSheet:
    joined = ScoreSheet.objects.select_related("evaluation__plan__policy", "evaluation__policy", "unit")
    return joined.get(evaluation=evaluation, unit=world.unit(unit), is_current=True)
