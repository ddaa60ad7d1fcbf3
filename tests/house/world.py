"""A small invented county with somebody in every role: what the house tests walk through."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from duban.access.actions import create_account, create_token, grant_role
from duban.access.models import Account, Grant
from duban.access.rules import GRANTABLE_ROLES, Role
from duban.archives.actions import ask_archive
from duban.audit.models import Event
from duban.bulletins.actions import (
    CitationEdit,
    NewCitation,
    add_citation,
    approve_bulletin,
    draft_bulletin,
    edit_citation,
    issue_bulletin,
    present_bulletin,
    show_to_units,
)
from duban.bulletins.models import Bulletin, Citation
from duban.bulletins.rules import Audience, BulletinKind, Section
from duban.changes.actions import Wish, ask_change
from duban.core.actor import SYSTEM, Actor, Held
from duban.evaluation.actions import draw_up_evaluation, show_evaluation
from duban.evidence.actions import add_evidence
from duban.evidence.examining import NewFile
from duban.instructions.actions import give_instruction
from duban.intake.actions import upload_notice
from duban.interviews.actions import (
    Application,
    Arrangement,
    Demanded,
    Talk,
    apply_interview,
    approve_interview,
    arrange_interview,
    hold_interview,
    issue_notice,
    send_back_interview,
)
from duban.interviews.models import Interview
from duban.interviews.rules import Level as TalkLevel
from duban.jobs.models import Task
from duban.letters.actions import NewItem, issue_letter, sign_letter, write_letter
from duban.letters.rules import LetterKind
from duban.lights.actions.snapshots import take_snapshots
from duban.lights.models import Snapshot
from duban.matters.actions import (
    Behalf,
    NewApproval,
    NewAssignment,
    NewMatter,
    NewOverseer,
    assign_matters,
    create_matters,
    create_plan,
    register_matters,
)
from duban.matters.models import Matter, Plan
from duban.matters.rules import ChangeKind, Channel, Part, SupervisionType
from duban.objections.actions import Ruling, Words, accept_objection, decide_objection, file_objection
from duban.objections.models import Objection
from duban.objections.queries import citation_joined, conclusion_on_citation
from duban.objections.rules import Outcome
from duban.obstacles.actions import Agenda, Decided, call_meeting, hold_meeting, raise_obstacle
from duban.obstacles.models import Decision, Meeting, Obstacle
from duban.orgs.actions import (
    NewPerson,
    NewPost,
    NewUnit,
    appoint,
    create_jurisdiction,
    create_people,
    create_posts,
    create_units,
    link_account,
    name_contact,
    set_group,
)
from duban.orgs.models import Appointment, Jurisdiction, Person, Post, Unit
from duban.orgs.rules import ContactRole, Level, PostKind
from duban.outbox.actions import NewMessage, change_channel, post_message
from duban.outbox.models import Delivery
from duban.outbox.rules import ChannelKind, MessageKind
from duban.papers.models import IssuedPaper
from duban.reports.actions import enter_for_unit
from duban.visits.actions import (
    Conclusion,
    Given,
    NewVerifier,
    Scheme,
    approve_visit,
    conclude_visit,
    confirm_visit,
    hold_visit,
    prepare_visit,
    record_results,
)
from duban.visits.models import Claim, TakenResults, Visit
from duban.visits.rules import CheckMethod, Result, VisitKind
from tests.evidence.files import picture

NOBODY = "nobody"
"""A visitor who is not signed in."""

ROLES = [role.value for role in Role if role is not Role.SYSTEM]

NOTICE = """临江市临江区人民政府办公室关于印发2020年政府工作报告主要任务责任分解的通知
临江政办〔2020〕2号
各镇人民政府、街道办事处，区直有关单位：
现将2020年政府工作报告主要任务责任分解印发给你们，共5项任务，请于6月20日、12月20日前报送完成情况。
临江市临江区人民政府办公室
2020年1月22日
序号\t具体目标任务\t牵头单位\t责任人\t协办单位\t区分管或联系领导
1\t新建公办幼儿园3所。\t教育局\t周一\t各镇（街道）\t吴一
2\t改造校舍2栋。\t\t\t\t
4\t新建农村公路20公里。\t交通局\t郑一\t教育局\t吴一
"""


@dataclass
class World:
    """The county: accounts by role, and for each kind of thing one that concerns 教育局 and one that does not."""

    accounts: dict[str, Account]
    ours: dict[str, Any]
    others: dict[str, Any]


def build(now: datetime) -> World:
    """Build the county through the actions an office uses."""
    today, told = now.date(), {"by": SYSTEM, "now": now}
    county = create_jurisdiction("临江市临江区", short_name="临江区", level=Level.COUNTY, **told)
    education, roads, town = create_units(
        county, units=[NewUnit("教育局"), NewUnit("交通局"), NewUnit("临江镇")], **told
    )
    made = create_people(
        county, people=[NewPerson(name, phone="0000-0000", email="a@example.cn") for name in NAMES], **told
    )
    people = {person.name: person for person in made}
    head, road_head, responsible, leader, mayor = create_posts(
        county,
        posts=[
            NewPost(education, PostKind.UNIT_HEAD, "教育局局长"),
            NewPost(roads, PostKind.UNIT_HEAD, "交通局局长"),
            NewPost(education, PostKind.RESPONSIBLE, "教育局责任人"),
            NewPost(None, PostKind.LEADER, "副区长"),
            NewPost(None, PostKind.GOVERNMENT_HEAD, "区长"),
        ],
        **told,
    )
    for post, name in ((head, "周一"), (road_head, "郑一"), (responsible, "周四"), (leader, "吴一"), (mayor, "吴二")):
        appoint(post, person=people[name], from_on=today, **told)
    name_contact(education, role=ContactRole.LIAISON, person=people["周二"], from_on=today, **told)
    name_contact(education, role=ContactRole.DEPUTY, person=people["周三"], from_on=today, **told)
    group = set_group(county, name="各镇（街道）", members=[town], **told)

    plan = create_plan(county, year=2020, title="2020年度临江区督查台账", **told)
    matters = create_matters(
        plan,
        matters=[
            NewMatter(
                text="办好职业教育。",
                serial="8",
                assignments=[NewAssignment(education, Part.LEAD, post=responsible)],
                overseers=[NewOverseer(leader)],
            ),
            NewMatter(text="养护农村公路。", serial="9", assignments=[NewAssignment(roads, Part.LEAD, post=road_head)]),
            NewMatter(text="推广普通话。", serial="10", assignments=[NewAssignment(education, Part.LEAD, post=head)]),
        ],
        **told,
    )
    approval = NewApproval(basis="经区政府同意", approved_by_name="区政府", approved_on=today)
    ours, others, further = assign_matters(register_matters(matters, approval=approval, **told), **told)
    proof, other_proof = (
        add_evidence(
            matter,
            unit=unit,
            given=[NewFile("现场.png", BytesIO(picture()))],
            behalf=Behalf(Channel.PAPER, "周二"),
            **told,
        )[0]
        for matter, unit in ((ours, education), (others, roads))
    )
    on_paper = Behalf(Channel.PAPER, "单位负责人")
    requests = [
        ask_change(
            matter,
            unit=unit,
            wish=Wish(ChangeKind.EXTEND, "用地未批", "尚未开工", due_on=date(2021, 1, 31)),
            behalf=on_paper,
            **told,
        )
        for matter, unit in ((ours, education), (others, roads))
    ]
    notice = upload_notice(county, data=NOTICE.encode(), file_name="通知.txt", **told)

    words = {"problem": "经费不足。", "need": "请协调经费。", "behalf": Behalf(Channel.TELEPHONE, "周二"), **told}
    difficulty = raise_obstacle(ours, unit=education, to=leader, **words)
    foreign_difficulty = raise_obstacle(others, unit=roads, to=mayor, **words)
    meeting = called_after_one_held(plan, chair=leader, obstacle=difficulty, unit=education, **told)
    foreign_meeting = called_after_one_held(plan, chair=mayor, obstacle=foreign_difficulty, unit=roads, **told)
    note = {"text": "请抓紧办理。", **told}
    instruction = give_instruction(plan, post=leader, units=[education], matter=ours, **note)
    foreign_instruction = give_instruction(plan, post=mayor, units=[roads], matter=others, **note)

    head_of_office = Actor("督查室主任", held=(Held(role=Role.OFFICE_HEAD.value, jurisdiction_id=county.pk),))
    draft, letter, foreign_letter = (
        write_letter(plan, unit=unit, kind=LetterKind.REMIND, items=[NewItem(matter, "进度偏慢。")], **told)
        for matter, unit in ((further, education), (ours, education), (others, roads))
    )
    for one in (letter, foreign_letter):
        issue_letter(sign_letter(one, by=head_of_office, now=now), **told)

    [snapshot] = take_snapshots(date(2020, 2, 29), now=now)
    bulletin = issued_bulletin(snapshot, matter=ours, unit=education, posts=[leader], **told)
    foreign_bulletin = issued_bulletin(snapshot, matter=others, unit=roads, posts=[mayor], **told)
    objection, foreign_objection = (
        decided_objection(one, on_paper=on_paper, reviewer=reviewer_of(county), **told)
        for one in (bulletin, foreign_bulletin)
    )
    interview, foreign_interview, mending, planning, recording = (
        interviewed(plan, unit=unit, matter=matter, approver=approver, day=day, until=until, **told)
        for unit, matter, approver, day, until in (
            (education, ours, leader, 0, "held"),
            (roads, others, mayor, 0, "held"),
            (education, ours, leader, 1, "sent_back"),
            (education, ours, leader, 2, "approved"),
            (education, ours, leader, 3, "notified"),
        )
    )
    told_of_visits = {"plan": plan, **told}
    visit = concluded_visit(prepared_visit(ours, **told_of_visits), unit=education, **told)
    foreign_visit = concluded_visit(prepared_visit(others, **told_of_visits), unit=roads, **told)
    waiting_visit = prepared_visit(ours, **told_of_visits)
    taken = TakenResults.objects.create(
        jurisdiction=county, plan=plan, file_name="结果.xlsx", digest="0" * 64, uploaded_at=now, uploaded_by_name="系统"
    )
    with_units = show_to_units(cited(snapshot, matter=ours, unit=education, **told), **told)

    tomorrow: Any = {"by": SYSTEM, "now": now + timedelta(days=1)}
    evaluation = show_evaluation(draw_up_evaluation(plan, until=today, **tomorrow), **tomorrow)

    accounts = {}
    for role in ROLES:
        account = create_account(role, name=f"{role}某", password="qiche-2020", must_change_password=False, **told)
        if role in GRANTABLE_ROLES:
            grant_role(
                account,
                role=Role(role),
                jurisdiction_id=county.pk,
                leader_person_id=people["吴一"].pk if role == Role.SECRETARY else None,
                from_on=today,
                **told,
            )
        else:
            link_account(people[HOLDERS[role]], account=account, **told)
        accounts[role] = account
    mail = {"host": "smtp.example.cn", "port": "465", "security": "tls", "sender": "ducha@example.cn"}
    change_channel(county, kind=ChannelKind.EMAIL, given=mail, is_enabled=True, version=0, **told)
    reminder = NewMessage(people["周二"], title="明天到期 2 项", dedupe_key="reminder/1", link="/my/")
    message = post_message(MessageKind.REMINDER, message=reminder, **told)
    ours_all = {
        "jurisdiction": county,
        "unit": education,
        "person": people["周二"],
        "post": head,
        "appointment": Appointment.objects.get(post=head),
        "group": group,
        "plan": plan,
        "matter": ours,
        "change": requests[0],
        "evidence": proof,
        "notice": notice,
        "row": notice.rows.first(),
        "cell": notice.rows.first().cells.first(),
        "name": notice.names.first(),
        "finding": notice.findings.first(),
        "account": accounts["officer"],
        "grant": Grant.objects.get(account=accounts["officer"]),
        "obstacle": difficulty,
        "instruction": instruction,
        "meeting": meeting,
        "decision": Decision.objects.get(unit=education),
        "letter": letter,
        "draft": draft,
        "paper": IssuedPaper.objects.get(kind="letter", subject_id=letter.pk),
        "evaluation": evaluation,
        "bulletin": bulletin,
        "bulletin_draft": with_units,
        "citation": Citation.objects.get(bulletin=with_units),
        "token": create_token(
            accounts["officer"],
            name="报表",
            expires_on=today + timedelta(days=30),
            by=Actor("督查员", account_id=accounts["officer"].pk),
            now=now,
        )[0],
        "objection": objection,
        "archive": ask_archive(plan, **told),
        "interview": interview,
        "interview_back": mending,
        "interview_approved": planning,
        "interview_notified": recording,
        "visit": visit,
        "visit_waiting": waiting_visit,
        "taken": taken,
        "event": Event.objects.order_by("pk").first(),
        "message": message,
        "delivery": Delivery.objects.get(message=message),
        "task": Task.objects.create(path="duban.worker.schedule.run_job", label="清理过期会话", state="dead"),
    }
    by_telephone = Behalf(Channel.TELEPHONE, "周二")
    report, other_report = (
        enter_for_unit(
            matter,
            unit=unit,
            report_day=date(today.year, 12, 20),
            text="全年任务已经完成。",
            reason_outside="只报结果",
            version=0,
            behalf=by_telephone,
            **told,
        )
        for matter, unit in ((ours, education), (others, roads))
    )
    ours_all["report"] = report
    others_all = {
        "unit": roads,
        "person": Person.objects.get(name="郑一"),
        "matter": others,
        "change": requests[1],
        "obstacle": foreign_difficulty,
        "evidence": other_proof,
        "instruction": foreign_instruction,
        "report": other_report,
        "meeting": foreign_meeting,
        "decision": Decision.objects.get(unit=roads),
        "letter": foreign_letter,
        "paper": IssuedPaper.objects.get(kind="letter", subject_id=foreign_letter.pk),
        "bulletin": foreign_bulletin,
        "interview": foreign_interview,
        "visit": foreign_visit,
        "objection": foreign_objection,
    }
    return World(accounts=accounts, ours=ours_all, others=others_all)


def called_after_one_held(
    plan: Plan, *, chair: Post, obstacle: Obstacle, unit: Unit, by: Actor, now: datetime
) -> Meeting:
    """Hold a meeting that lets a unit owe a decision on a difficulty, and call the next one."""
    told = {"by": by, "now": now}
    agenda = Agenda(title=f"{chair.title}调度会", starts_at=now, place="三楼", chair=chair, obstacles=[obstacle])
    held = call_meeting(plan, agenda=agenda, **told)
    decided = Decided(held.items.get().pk, "限期办结。", [unit], now.date() + timedelta(days=10))
    hold_meeting(held, minutes=[decided], **told)
    return call_meeting(plan, agenda=replace(agenda, title=f"{chair.title}再次调度会"), **told)


def prepared_visit(matter: Matter, *, plan: Plan, by: Actor, now: datetime) -> Visit:
    """Prepare a routine visit to one matter."""
    scheme = Scheme(
        title="实地考查",
        place="现场",
        supervision_type=SupervisionType.SPECIAL,
        method=CheckMethod.INSPECTION,
        purpose="核实进展。",
        scope="所报内容。",
        first_on=now.date(),
        last_on=now.date(),
        verifiers=[NewVerifier("郑二", "统计局"), NewVerifier("郑三", "督查室")],
        unplanned_reason="领导要求",
    )
    made = prepare_visit(plan, kind=VisitKind.ROUTINE, scheme=scheme, matters=[matter], by=by, now=now)
    return Visit.objects.select_related("plan__policy", "plan__jurisdiction").get(pk=made.pk)


def concluded_visit(visit: Visit, *, unit: Unit, by: Actor, now: datetime) -> Visit:
    """Go there, find it as reported, and ask for something all the same."""
    told = {"by": by, "now": now}
    approve_visit(visit, **told)
    given = [Given(one.pk, Result.TRUE, "") for one in Claim.objects.filter(item__visit=visit)]
    record_results(visit, key="device-0001", given=given, **told)
    hold_visit(visit, visited_on=now.date(), **told)
    confirm_visit(visit, **told)
    conclusion = Conclusion("所报属实。", "继续抓好落实。", {unit.pk: "完善台账。"})
    return conclude_visit(visit, conclusion=conclusion, **told)


def cited(snapshot: Snapshot, *, matter: Matter, unit: Unit, by: Actor, now: datetime) -> Bulletin:
    """Draft a special issue that criticises one unit about one matter."""
    told = {"by": by, "now": now}
    made = draft_bulletin(snapshot, kind=BulletinKind.SPECIAL, proposes=False, **told)
    new = NewCitation(Section.CRITICISM, matter, unit, "进展缓慢。", "领导要求")
    entry = add_citation(made, new=new, **told)
    edit = CitationEdit(entry.facts, cause="资金", next_step="尽快拨付。")
    edit_citation(entry, edit=edit, seen=made.version, **told)
    return Bulletin.objects.select_related("plan__policy", "snapshot__policy").get(pk=made.pk)


def reviewer_of(county: Jurisdiction) -> Actor:
    """Return somebody who took part in nothing."""
    held = Held(role=Role.DEPUTY_DIRECTOR.value, jurisdiction_id=county.pk)
    return Actor("政府办副主任", account_id=990, held=(held,))


def decided_objection(bulletin: Bulletin, *, on_paper: Behalf, reviewer: Actor, by: Actor, now: datetime) -> Objection:
    """Enter a unit's objection to the one entry of a bulletin, and reject it."""
    entry = citation_joined(Citation.objects.get(bulletin=bulletin).pk)
    words = Words("进度已经达到要求。", "撤回这一条通报。")
    made = file_objection(conclusion_on_citation(entry), words=words, behalf=on_paper, by=by, now=now)
    accept_objection(made, by=by, now=now)
    ruling = Ruling(Outcome.REJECTED, "进度属实。")
    return decide_objection(made, ruling=ruling, by=reviewer, now=now)


def issued_bulletin(
    snapshot: Snapshot, *, matter: Matter, unit: Unit, posts: list[Post], by: Actor, now: datetime
) -> Bulletin:
    """Issue such an issue to the unit it criticises and to some leaders alone."""
    told = {"by": by, "now": now}
    made = show_to_units(cited(snapshot, matter=matter, unit=unit, **told), **told)
    later = {"by": by, "now": now + timedelta(days=10)}
    present_bulletin(made, **later)
    for role in (Role.DIRECTOR, Role.GOVERNMENT_HEAD):
        held = Held(role=role.value, jurisdiction_id=made.jurisdiction_id)
        approve_bulletin(made, by=Actor(role.value, held=(held,)), now=now)
    return issue_bulletin(made, audience=Audience.NAMED, posts=posts, **told)


def interviewed(
    plan: Plan, *, unit: Unit, matter: Matter, approver: Post, day: int, until: str, by: Actor, now: datetime
) -> Interview:
    """Apply for a talk with a unit because a leader asks for it, and carry it up to a state."""
    begun = now + timedelta(days=day)
    told: dict[str, Any] = {"by": by, "now": begun}
    asked = Application(unit, TalkLevel.FIRST, "进展滞后。", words="领导要求约谈。", matter=matter, approver=approver)
    made = apply_interview(plan, application=asked, **told)
    leader = Held(role=Role.LEADER.value, jurisdiction_id=plan.jurisdiction_id, post_ids=frozenset({approver.pk}))
    decided = {"by": Actor(name="领导", held=(leader,)), "now": begun, "seen": made.version}
    if until == "sent_back":
        return send_back_interview(made, reason="请补充事由。", **decided)
    approve_interview(made, **decided)
    if until == "approved":
        return made
    starts_at = begun + timedelta(days=10)
    arrangement = Arrangement(starts_at, "三楼", "政府办主任", "单位负责人", "因进展滞后，决定约谈。")
    arrange_interview(made, arrangement=arrangement, seen=made.version, **told)
    issue_notice(made, **told)
    if until == "notified":
        return Interview.objects.select_related("unit", "approver", "plan__policy").get(pk=made.pk)
    talk = Talk(
        begun.date(), "三楼", "政府办主任", "单位负责人", "督查员", "进展滞后。", "正在推进。", "按时完成。",
        [Demanded("抓紧办理", unit.name)],
    )  # fmt: skip
    standing = Interview.objects.select_related("unit", "approver", "plan__policy").get(pk=made.pk)
    return hold_interview(standing, talk=talk, **told)


NAMES = ("周一", "周二", "周三", "周四", "吴一", "吴二", "郑一")
HOLDERS = {
    Role.UNIT_HEAD: "周一",
    Role.LIAISON: "周二",
    Role.UNIT_DEPUTY: "周三",
    Role.RESPONSIBLE: "周四",
    Role.LEADER: "吴一",
    Role.GOVERNMENT_HEAD: "吴二",
}
