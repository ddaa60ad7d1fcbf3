"""January and February: the notice comes in, is reviewed, registered and handed out; the units sign for it."""

from datetime import date

from duban.access.rules import Role
from duban.cli.demo_year.behaviour import chance, draw, number, signs_on
from duban.cli.demo_year.county import NOTICE_NAME, county, notice
from duban.cli.demo_year.stage import Stage, key_of
from duban.cli.demo_year.words import measures
from duban.core.actor import SYSTEM
from duban.core.clock import day_of
from duban.core.workdays import add_workdays
from duban.intake.actions import (
    accept_row,
    accept_rows,
    add_row,
    confirm_cell,
    correct_cell,
    correct_notice,
    decide_group,
    decide_name,
    discard_notice,
    register_notice,
    reject_row,
    reopen_row,
    settle_finding,
    upload_notice,
)
from duban.intake.models import Cell, Finding, NameReading, Notice, Row
from duban.intake.queries import jurisdiction_named
from duban.intake.rules import Answer, CellField, FindingState, NameKind, RowState, answer_of, changes_a_cell
from duban.matters.actions import (
    Arrangement,
    NewApproval,
    TypedMatter,
    acknowledge_plan,
    assign_matters,
    decide_refusal,
    enter_typed,
    give_arrangement,
    name_contacts,
    register_matters,
    start,
)
from duban.matters.models import Assignment, Matter
from duban.matters.rules import Origin, Part, State
from duban.orgs.actions import NewContact, NewPerson, NewPost, appoint, create_jurisdiction, create_people, create_posts
from duban.orgs.models import Person, Unit, UnitContact, in_force
from duban.orgs.rules import ContactRole, Level, PostKind
from duban.papers.actions import issue_assignment
from duban.reading import read_notice

UPLOADED_ON = date(2020, 1, 22)
REGISTERED_ON = date(2020, 1, 23)
ASSIGNED_ON = date(2020, 2, 3)

_GRANTED = {
    "ducha": Role.OFFICER,
    "zhuren": Role.OFFICE_HEAD,
    "banzhuren": Role.DIRECTOR,
    "fubanzhuren": Role.DEPUTY_DIRECTOR,
}
_ADMINISTRATORS = {"xitong": Role.SYSTEM_ADMIN, "anquan": Role.SECURITY_ADMIN, "shenji": Role.AUDIT_ADMIN}


# ---- before anything: the house


def open_the_house(stage: Stage) -> None:
    """Make the county and the first accounts, as the operator of the machine does."""
    place = jurisdiction_named(read_notice(notice(), file_name=NOTICE_NAME).as_json()["notice"])
    if place is None:
        raise LookupError("the notice names no issuer")
    stage.county = create_jurisdiction(
        place.name, short_name=place.short_name, level=Level(place.level), **stage.told(SYSTEM)
    )
    people = county()["people"]
    for username, role in _ADMINISTRATORS.items():
        stage.add_account(username, name=people[username], by=SYSTEM)
        stage.grant(username, role, by=SYSTEM)
    for username, role in _GRANTED.items():
        stage.add_account(username, name=people[username], by=stage.actor("xitong"))
        stage.grant(username, role, by=stage.actor("anquan"))
    (head,) = create_people(stage.county, people=[NewPerson(people["quzhang"])], **stage.told(stage.officer))
    (post,) = create_posts(
        stage.county, posts=[NewPost(None, PostKind.GOVERNMENT_HEAD, "区长")], **stage.told(stage.officer)
    )
    appoint(post, person=head, from_on=stage.day, **stage.told(stage.officer))
    stage.add_account("quzhang", name=people["quzhang"], by=stage.actor("xitong"))
    stage.link(head, "quzhang")


# ---- the notice


def take_the_notice_in(stage: Stage) -> None:
    """Upload the notice (after a draft of it, which is thrown away) and review the first doubts."""
    if stage.day != UPLOADED_ON:
        return
    draft = upload_notice(
        stage.county,
        data=notice() + "（征求意见稿）\n".encode(),
        file_name="征求意见稿.txt",
        **stage.told(stage.officer),
    )
    discard_notice(draft, reason="误传了征求意见稿，正式文件另行导入", **stage.told(stage.officer))
    taken = upload_notice(stage.county, data=notice(), file_name=NOTICE_NAME, **stage.told(stage.officer))
    correct_notice(
        taken,
        title=taken.title,
        document_number=taken.document_number,
        issuer="临江区人民政府办公室",
        year=taken.year,
        issued_on=taken.issued_on,
        **stage.told(stage.officer),
    )
    for serial in ("116", "117", "118", "119", "120", "121"):
        for column, value in ((CellField.LEAD_UNITS, "应急局"), (CellField.PERSONS, "滕向东")):
            cell = _cell(taken, serial, column)
            correct_cell(cell, value=value, version=cell.version, **stage.told(stage.officer))
    for serial in ("20", "21", "38"):
        for cell in Cell.objects.filter(row=_row(taken, serial), is_confirmed=False).order_by("pk"):
            confirm_cell(cell, version=cell.version, **stage.told(stage.officer))


def finish_the_review(stage: Stage) -> None:
    """Settle what is open, pass the rows, decide the names, and register the notice."""
    if stage.day != REGISTERED_ON:
        return
    taken = Notice.objects.get(jurisdiction=stage.county, state="reviewing")
    officer = stage.officer
    for finding in Finding.objects.filter(notice=taken, state=FindingState.OPEN).order_by("order", "pk"):
        if answer_of(finding.kind, finding.suggestion) is Answer.WORD:
            is_answered = finding.row_id is not None and changes_a_cell(finding.suggestion)
            reason = "" if is_answered else "已与发文科室核对，按通知原文登记"
            settle_finding(finding, accept=is_answered, reason=reason, **stage.told(officer))
    row = _row(taken, "65")
    reject_row(row, version=row.version, reason="似与上行重复", **stage.told(officer))
    row.refresh_from_db()
    reopen_row(row, version=row.version, **stage.told(officer))
    row.refresh_from_db()
    accept_row(row, version=row.version, **stage.told(officer))
    pending = dict(Row.objects.filter(notice=taken, state=RowState.PENDING).values_list("pk", "version"))
    accept_rows(taken, selected=pending, **stage.told(officer))
    missing = dict(county()["missing_row"])
    add_row(taken, values=missing, **stage.told(officer))
    _decide_names(stage, taken)
    stage.plan = register_notice(
        taken,
        approval=NewApproval("经区政府同意", "区政府", REGISTERED_ON, taken.document_number),
        **stage.told(officer),
    )


def _row(taken: Notice, serial: str) -> Row:
    cells = Cell.objects.filter(row__notice=taken, field=CellField.SERIAL, value=serial)
    return cells.select_related("row").get().row


def _cell(taken: Notice, serial: str, column: CellField) -> Cell:
    return Cell.objects.get(row=_row(taken, serial), field=column)


_RELATED = 6
"""So many units a person names for 区直有关单位."""


def _decide_names(stage: Stage, taken: Notice) -> None:
    readings = NameReading.objects.filter(notice=taken, row__isnull=True, uses__gt=0).order_by("pk")
    units = [one.unit_name for one in readings if one.kind == NameKind.UNIT]
    towns = sorted(one for one in set(units) if one.endswith(("镇", "街道")))
    others = sorted({one for one in units if one.endswith("局")})
    for one in readings:
        if one.is_decided:
            continue
        if one.kind != NameKind.GROUP:
            decide_name(one, version=one.version, **stage.told(stage.officer))
            continue
        pool, most = (towns, 3) if "镇" in one.name else (others, _RELATED)
        drawn = {name: draw(stage.seed, "member", one.name, name) for name in pool}
        members = sorted(pool, key=drawn.__getitem__)[:most]
        decide_group(one, version=one.version, members=members, **stage.told(stage.officer))


# ---- handed out and signed for


def hand_the_matters_out(stage: Stage) -> None:
    """Hand everything registered out on the first morning after the festival; open the first accounts of units."""
    if stage.day != ASSIGNED_ON:
        return
    for unit in _leads(stage):
        person = stage.head_person(unit)
        if person is not None and person.account_id is None:
            username = "juzhang" if unit.name == county()["school"]["unit"] else ""
            stage.open_for(unit, "head", person, username=username)
    leader = Person.objects.get(jurisdiction=stage.county, name=county()["leader"]["name"])
    stage.add_account("quling", name=leader.name, by=stage.actor("xitong"))
    stage.link(leader, "quling")
    stage.add_account("mishu", name=county()["people"]["mishu"], by=stage.actor("xitong"))
    stage.grant("mishu", Role.SECRETARY, by=stage.actor("anquan"), leader_person_id=leader.pk)
    assign_matters(list(Matter.objects.filter(plan=stage.plan).order_by("order")), **stage.told(stage.officer))


def _leads(stage: Stage) -> list[Unit]:
    parts = Assignment.objects.filter(matter__plan=stage.plan, part=Part.LEAD, ended_at=None)
    return list(Unit.objects.filter(pk__in=parts.values("unit_id")).order_by("order", "name"))


def take_matters_besides(stage: Stage) -> None:
    """Enter what a meeting, an instruction or a higher office brings in between; register and hand it out."""
    for besides in county()["besides"]:
        if besides["on"] != stage.day:
            continue
        typed = TypedMatter(
            text=besides["text"],
            lead_units=besides["lead_units"],
            support_units=besides["support_units"],
            overseers=besides["overseers"],
            due_on=besides["due_on"],
            origin=Origin(besides["origin"]),
        )
        drafts = enter_typed(stage.plan, matters=[typed], make_missing=False, **stage.told(stage.officer))
        approval = stage.approval("区政府常务会议研究决定")
        registered = register_matters(drafts, approval=approval, **stage.told(stage.officer))
        assigned = assign_matters(registered, **stage.told(stage.officer))
        issue_assignment(stage.plan, matters=assigned, **stage.told(stage.officer))


def sign(stage: Stage) -> None:
    """Let the units sign for what was handed to them, each when it gets to it; what comes on paper is entered."""
    waiting: dict[int, list[Assignment]] = {}
    open_states = (State.ASSIGNED, State.IN_PROGRESS)
    rows = Assignment.objects.filter(acknowledged_at=None, ended_at=None, matter__state__in=open_states)
    rows = rows.exclude(refused_at__isnull=False, refusal_upheld=None)
    for one in rows.select_related("matter__plan", "unit__jurisdiction", "unit__merged_into").order_by(
        "unit__order", "unit__name", "matter__order", "pk"
    ):
        waiting.setdefault(one.unit_id, []).append(one)
    for parts in waiting.values():
        unit = parts[0].unit
        handed = max(_day(one) for one in parts)
        if unit.merged_into is None and _signs_on(stage, unit, handed) <= stage.day:
            for plan in sorted({one.matter.plan for one in parts}, key=lambda one: one.year):
                _sign(stage, unit, [one for one in parts if one.matter.plan_id == plan.pk])


def _day(part: Assignment) -> date:
    assigned_at = part.matter.assigned_at
    decided = part.refused_at
    moments = [one for one in (assigned_at, decided) if one is not None]
    return day_of(max(moments))


def _signs_on(stage: Stage, unit: Unit, handed: date) -> date:
    return signs_on(unit.name, character=stage.character_of(unit), asked_on=handed, seed=stage.seed)


def _sign(stage: Stage, unit: Unit, parts: list[Assignment]) -> None:
    plan = parts[0].matter.plan
    own = stage.of_unit(unit, "liaison") or stage.of_unit(unit, "head")
    actor, behalf = (own, None) if own else stage.speaker(unit)
    named = set(UnitContact.objects.filter(in_force(stage.day), unit=unit).values_list("role", flat=True))
    contacts = [
        NewContact(unit, role, stage.new_person(unit, role), from_on=stage.day)
        for role in ContactRole
        if role not in named
    ]
    names = {one.role: one.person.name for one in contacts}
    arrangements = {
        one.matter_id: Arrangement(
            responsible_leader=names[ContactRole.DEPUTY],
            responsible_person=names[ContactRole.LIAISON],
            measures=measures(one.matter.text, seed=stage.seed, about=key_of(one.matter)),
        )
        for one in parts
        if one.part == Part.LEAD and contacts
    }
    refusals = {one.matter_id: words for one in parts if (words := _refuses(stage, unit, one))}
    acknowledge_plan(
        plan,
        unit=unit,
        matters=[one.matter_id for one in parts],
        arrangements=arrangements,
        refusals=refusals,
        contacts=contacts,
        behalf=behalf,
        **stage.told(actor),
    )
    if contacts and (stage.head_person(unit) is not None):
        _open_accounts(stage, unit)


def _refuses(stage: Stage, unit: Unit, part: Assignment) -> str:
    """Return why a unit sends a matter back, or an empty string: a few do, once."""
    if part.is_merging or part.refused_at is not None or part.matter.plan_id != stage.plan.pk:
        return ""
    share = 0.012 if part.part == Part.SUPPORT else 0.02
    if not chance(stage.seed, share, "refuses", unit.name, key_of(part.matter)):
        return ""
    return f"该项工作不在{unit.name}职责范围内，建议由牵头单位另行明确。"


def _open_accounts(stage: Stage, unit: Unit) -> None:
    is_school = unit.name == county()["school"]["unit"]
    stage.forget_actors()
    for role, username in ((ContactRole.LIAISON, "lianluo"), (ContactRole.DEPUTY, "fenguan")):
        contact = UnitContact.objects.filter(in_force(stage.day), unit=unit, role=role).select_related("person").get()
        stage.open_for(unit, role.value, contact.person, username=username if is_school else "")


def decide_refusals(stage: Stage) -> None:
    """Decide, two working days later, on what was sent back: a supporting unit may go, a lead must sign."""
    pending = Assignment.objects.filter(refused_at__isnull=False, refusal_upheld=None, ended_at=None)
    for one in pending.select_related("matter__plan", "unit").order_by("matter__order", "pk"):
        if one.refused_at is not None and add_workdays(day_of(one.refused_at), 2) <= stage.day:
            is_upheld = one.part == Part.SUPPORT
            reason = "经核实确不属其职责" if is_upheld else "职责清单中有此项内容，应予承办"
            decide_refusal(one, is_upheld=is_upheld, reason=reason, **stage.told(stage.officer))


def start_what_nobody_signed(stage: Stage) -> None:
    """Let a matter begin by the office where its merging lead has not signed after two weeks."""
    waiting = Matter.objects.filter(state=State.ASSIGNED, plan=stage.plan).select_related("plan__policy")
    for matter in waiting.order_by("order"):
        if matter.assigned_at and add_workdays(day_of(matter.assigned_at), 8) == stage.day:
            start(matter, reason="电话催签两次，先行开始办理", **stage.told(stage.officer))


def correct_arrangements(stage: Stage) -> None:
    """Let some units say anew who answers for a matter."""
    if stage.day.day != 16 or stage.day.month not in (4, 7, 9):
        return
    parts = Assignment.objects.filter(
        matter__plan=stage.plan,
        is_merging=True,
        ended_at=None,
        matter__state=State.IN_PROGRESS,
        acknowledged_at__isnull=False,
    ).exclude(responsible_person="")
    for one in parts.select_related("matter__plan", "unit__jurisdiction").order_by("matter__order"):
        actor = stage.of_unit(one.unit, "liaison")
        if actor is None or not chance(stage.seed, 0.06, "rearranges", key_of(one.matter), stage.day):
            continue
        person = stage.new_person(one.unit, ContactRole.LIAISON, turn=stage.day.month)
        given = Arrangement(one.responsible_leader, person.name, one.measures)
        give_arrangement(one, arrangement=given, **stage.told(actor))


def change_a_contact(stage: Stage) -> None:
    """Let some units name another liaison in the course of the year."""
    if stage.day.day not in (11, 25):
        return
    for (unit_id, role), username in sorted(stage.who.items(), key=lambda one: one[1]):
        if role != "liaison" or not chance(stage.seed, 0.01, "new liaison", username, stage.day):
            continue
        unit = Unit.objects.select_related("jurisdiction").get(pk=unit_id)
        if unit.merged_into_id or unit.name == county()["school"]["unit"]:
            continue
        turn = number(stage.seed, 100, 999, "turn", unit.name, stage.day)
        person = stage.new_person(unit, ContactRole.LIAISON, turn=turn)
        new = NewContact(unit, ContactRole.LIAISON, person, from_on=stage.day)
        head = stage.of_unit(unit, "head")
        (contact,) = name_contacts([new], **stage.told(head or stage.officer))
        stage.forget_actors()
        stage.open_for(unit, "liaison", contact.person)


ARRIVING = (take_the_notice_in, finish_the_review, hand_the_matters_out)

BEGINNING = (
    take_matters_besides,
    start_what_nobody_signed,
    sign,
    decide_refusals,
    correct_arrangements,
    change_a_contact,
)
