"""A year at its end: what is over, what is not, and what may be closed."""

from io import BytesIO

from duban.archives.actions import close_plan
from duban.archives.queries import still_owed, whole_of
from duban.evidence.actions import add_evidence
from duban.evidence.examining import NewFile
from duban.matters.actions import Behalf, create_plan, waive_obligations
from duban.matters.models import Plan
from duban.matters.rules import Channel
from tests.evidence.files import picture
from tests.matters.builders import World


def told(world: World, who=None) -> dict:
    return {"by": who or world.office_head, "now": world.now}


def following(world: World) -> Plan:
    return create_plan(world.county, year=2021, title="2021年度临江区督查台账", **told(world))


def waived(world: World) -> int:
    """Let go what units still owe beyond their matters."""
    owed = list(still_owed(world.plan))
    return waive_obligations(owed, reason="年度结束，不再补办。", **told(world)) if owed else 0


def over(world: World) -> Plan:
    """A plan nothing of which is open: one matter done."""
    world.closed(serial="1")
    waived(world)
    return world.plan


def closed(world: World) -> Plan:
    plan = over(world)
    close_plan(plan, note="全部办结。", approval=world.approval(), **told(world))
    return plan


def with_proof(world: World, matter, *, name="现场.png"):
    given = [NewFile(name, BytesIO(picture()))]
    behalf = Behalf(Channel.PAPER, "张某")
    return add_evidence(matter, unit=world.unit("教育局"), given=given, behalf=behalf, **told(world, world.officer))[0]


def written(world: World) -> bytes:
    target = BytesIO()
    whole_of(world.plan, target, today=world.now.date())
    return target.getvalue()
