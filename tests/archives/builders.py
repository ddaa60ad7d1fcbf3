"""A year at its end: what is over, what is not, and what may be closed."""

import json
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import BinaryIO

from duban.archives.actions import close_plan
from duban.archives.queries import TABLES, still_owed, whole_of
from duban.evidence.actions import add_evidence
from duban.evidence.examining import NewFile
from duban.matters.actions import Behalf, create_plan, waive_obligations
from duban.matters.models import Matter, Plan
from duban.matters.rules import Channel, Light
from duban.objections.actions import Words, file_objection
from duban.objections.models import Objection
from duban.objections.queries import JOINED, Conclusion
from duban.objections.rules import Target
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


def filed(world: World) -> Objection:
    """An objection which a unit sent on paper, to the red light the only matter once showed."""
    matter = Matter.objects.select_related("plan__policy").get()
    today = world.now.date()
    conclusion = Conclusion(
        target=Target.LIGHT,
        unit=world.unit("教育局"),
        plan=matter.plan,
        about="第1项亮的红灯",
        facts="1月10日起亮红灯",
        told_on=today,
        last_on=today + timedelta(days=30),
        matter=matter,
        light=Light.RED,
    )
    words = Words("当时已经具备进场条件。", "改判为绿灯。")
    made = file_objection(conclusion, words=words, behalf=Behalf(Channel.PAPER, "张某"), **told(world, world.officer))
    return Objection.objects.select_related(*JOINED).get(pk=made.pk)


def with_proof(world: World, matter, *, name="现场.png"):
    given = [NewFile(name, BytesIO(picture()))]
    behalf = Behalf(Channel.PAPER, "张某")
    return add_evidence(matter, unit=world.unit("教育局"), given=given, behalf=behalf, **told(world, world.officer))[0]


LEADS_OUT = {("matters", "carried_from_id")}
"""Columns that lead to another year's archive."""


def dangling(content: BinaryIO) -> list[str]:
    """Whatever in the data of an archive leads to a row that is not in it."""
    names = {one.model: one.name for one in TABLES}
    with zipfile.ZipFile(content) as packed:
        rows = {one.name: json.loads(packed.read(f"data/{one.name}.json")) for one in TABLES}
    ids = {name: {row["id"] for row in some} for name, some in rows.items()}
    found = []
    for table in TABLES:
        for column in table.columns:
            target = names.get(column.related_model)
            if target is None or (table.name, column.attname) in LEADS_OUT:
                continue
            gone = {row[column.attname] for row in rows[table.name]} - ids[target] - {None}
            found += [f"{table.name}.{column.attname}: {pk}" for pk in sorted(gone)]
    return found


def written(world: World) -> bytes:
    target = BytesIO()
    whole_of(world.plan, target, today=world.now.date())
    return target.getvalue()
