"""签收: a unit signs once for everything it was handed; the office sees who has not, and enters what came on paper."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from duban.access.rules import Permission, acting_with, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from duban.matters.actions import Arrangement, Behalf, acknowledge_plan
from duban.matters.models import Assignment, Obligation, Plan
from duban.matters.queries import SignatureLine, pending_refusals, signatures_of, unsigned_assignments
from duban.matters.rules import CHANNEL_LABELS, Channel, Owed, OwedState, Part
from duban.orgs.actions import NewContact
from duban.orgs.models import Person, Unit, UnitContact
from duban.orgs.queries import UnitCard, absorbed_by, unit_cards
from duban.orgs.rules import CONTACT_ROLE_LABELS, ContactRole
from duban.web.given import actor_of, number_of
from duban.web.ledger import ledgers_with
from duban.web.person_choice import offered_people, person_meant, told_apart
from duban.web.waiting import ABOUT_A_MATTER, OF_WHICH_PLANS, Office, Queue, about_a_matter, counts_by_plan, first_of

_ROLES = (ContactRole.DEPUTY, ContactRole.LIAISON)
_SAID_OF = {ContactRole.DEPUTY: "责任领导", ContactRole.LIAISON: "具体责任人"}


@dataclass(frozen=True, slots=True)
class Card:
    """One matter to sign for, with what was typed for it."""

    assignment: Assignment
    is_lead: bool
    may_refuse: bool
    leader: str
    person: str
    measures: str
    reason: str


@dataclass(frozen=True, slots=True)
class ContactField:
    """One contact on the page. standing: who is it today. choices: namesakes somebody has to choose from.

    shown: the name the page was filled with; left as it is, nobody wanted to change it.
    """

    role: str
    label: str
    duty: str
    standing: UnitContact | None
    name: str
    shown: str
    phone: str
    choices: list[tuple[Person, str]]


class _Choose(Invalid):
    """Two people bear the name that was typed."""

    def __init__(self, role: ContactRole, people: list[Person]) -> None:
        super().__init__(f"有{len(people)}位“{people[0].name}”，请选定是哪一位。", field=role.value)
        self.role, self.people = role, people


@require_http_methods(["GET", "POST"])
def my_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """All that a unit has not signed for in a plan on one page: one button for everything, refusals beside."""
    actor, today = actor_of(request), clock.today()
    unit = _unit(actor, pk)
    is_own = any(unit.pk in one.unit_ids for one in actor.held)
    pks = {unit.pk} | absorbed_by({unit.pk})[unit.pk]
    wanted = (request.POST if request.method == "POST" else request.GET).get("plan", "")
    plan, others = _plan(actor, unit, pks=pks, wanted=number_of(wanted))
    [card] = unit_cards([unit], on=today)
    problem, field, status = "", "", 200
    choices: dict[ContactRole, list[Person]] = {}
    if request.method == "POST" and plan is not None:
        try:
            done = _signed(request.POST, plan=plan, unit=unit, card=card, is_own=is_own, by=actor)
        except NotAllowed:
            raise
        except _Choose as error:
            problem, field, status, choices = error.message, error.field or "", 400, {error.role: error.people}
        except Invalid as error:
            problem, field, status = error.message, error.field or "", 400
        except (WrongState, Conflict) as error:
            problem, field, status = error.message, error.field or "", 409
        else:
            messages.success(request, done)
            return redirect("home") if is_own else redirect("plan_signatures", pk=plan.pk)
    typed = request.POST if request.method == "POST" else QueryDict()
    waiting = list(unsigned_assignments(pks, plan=plan)) if plan is not None else []
    waiting.sort(key=lambda one: one.part != Part.LEAD)
    of_matters: dict[int, Assignment] = {}  # after a merger a unit may stand on a matter twice
    for one in waiting:
        of_matters.setdefault(one.matter_id, one)
    cards = [_card(one, typed=typed, card=card) for one in of_matters.values()]
    due = Obligation.objects.filter(plan=plan, unit_id__in=pks, kind=Owed.ACKNOWLEDGE, state=OwedState.OPEN)
    contacts = [_contact(role, typed=typed, card=card, choices=choices) for role in _ROLES]
    context = {
        "unit": unit,
        "plan": plan,
        "others": others,
        "cards": cards,
        "leads": sum(one.is_lead for one in cards),
        "due_on": due.order_by("due_on").values_list("due_on", flat=True).first() if cards else None,
        "contacts": contacts,
        "is_contacts_open": any(one.standing is None or one.choices or field == one.role for one in contacts),
        "people": offered_people(actor, place=unit.jurisdiction, unit=unit),
        "is_own": is_own,
        "channels": [(one.value, CHANNEL_LABELS[one]) for one in Channel],
        "channel": typed.get("channel", Channel.PAPER.value),
        "signer": typed.get("signer", ""),
        "problem": problem,
        "field": field,
    }
    return render(request, "my_desk/sign.html", context, status=status)


def _unit(actor: Actor, pk: int) -> Unit:
    """Return a unit this actor may sign for. Another unit's page is not there for a unit; others are refused."""
    unit = Unit.objects.visible_to(actor).current().select_related("jurisdiction").filter(pk=pk).first()
    if not may(actor, Permission.MATTER_ACKNOWLEDGE):
        raise NotAllowed
    if unit is None or not may(actor, Permission.MATTER_ACKNOWLEDGE, unit_id=pk, jurisdiction_id=unit.jurisdiction_id):
        raise NotFound("没有这个单位，或者您无权代它签收。")
    return unit


def _plan(actor: Actor, unit: Unit, *, pks: set[int], wanted: int) -> tuple[Plan | None, list[Plan]]:
    """Return the plan to sign for (the one asked for, else the latest that waits), and the others that wait."""
    plans = list(
        Plan.objects.visible_to(actor)
        .filter(
            jurisdiction_id=unit.jurisdiction_id,
            matters__assignments__in=Assignment.objects.filter(
                unit_id__in=pks, acknowledged_at=None, ended_at=None
            ).values("pk"),
        )
        .distinct()
        .order_by("-year", "pk")
    )
    asked = Plan.objects.visible_to(actor).filter(pk=wanted, jurisdiction_id=unit.jurisdiction_id).first()
    plan = asked or (plans[0] if plans else None)
    return plan, [one for one in plans if plan is not None and one.pk != plan.pk]


def _contact_of(card: UnitCard, role: ContactRole) -> UnitContact | None:
    return card.deputy if role is ContactRole.DEPUTY else card.liaison


def _contact(
    role: ContactRole, *, typed: QueryDict, card: UnitCard, choices: dict[ContactRole, list[Person]]
) -> ContactField:
    standing = _contact_of(card, role)
    shown = standing.person.name if standing else ""
    return ContactField(
        role=role.value,
        label=CONTACT_ROLE_LABELS[role],
        duty=_SAID_OF[role],
        standing=standing,
        name=_kept_name(typed, role, shown=shown),
        shown=shown,
        phone=typed.get(f"{role.value}_phone", ""),
        choices=told_apart(choices.get(role, [])),
    )


def _kept_name(typed: QueryDict, role: ContactRole, *, shown: str) -> str:
    """Return the name the page shows for a contact: as typed; what was left as it was follows who it is now."""
    name = typed.get(f"{role.value}_name", shown)
    return shown if name == typed.get(f"{role.value}_shown") else name


def _card(one: Assignment, *, typed: QueryDict, card: UnitCard) -> Card:
    return Card(
        assignment=one,
        is_lead=one.part == Part.LEAD,
        may_refuse=one.refused_at is None,
        leader=typed.get(f"leader-{one.matter_id}", card.deputy.person.name if card.deputy else ""),
        person=typed.get(f"person-{one.matter_id}", card.liaison.person.name if card.liaison else ""),
        measures=typed.get(f"measures-{one.matter_id}", ""),
        reason=typed.get(f"reason-{one.matter_id}", ""),
    )


# ── what a posted page asks for ──


def _signed(posted: QueryDict, *, plan: Plan, unit: Unit, card: UnitCard, is_own: bool, by: Actor) -> str:
    """Sign, and return the words that say what was done. Raises what `acknowledge_plan` raises."""
    names = {role: _name_of(posted, role, card=card) for role in _ROLES}
    matters = [number_of(one) for one in posted.getlist("matter")]
    reasons = {one: posted.get(f"reason-{one}", "").strip() for one in matters}
    refusals = {one: reason for one, reason in reasons.items() if reason}
    arrangements = {
        one: _arrangement(posted, one, names=names, card=card)
        for one in matters
        if f"leader-{one}" in posted and one not in refusals
    }
    behalf = None
    if not is_own:
        channel = posted.get("channel", "")
        if channel not in set(Channel):
            raise Invalid("请选择单位以什么方式签收。", field="channel")
        behalf = Behalf(Channel(channel), posted.get("signer", "").strip())
    done = acknowledge_plan(
        plan,
        unit=unit,
        matters=matters,
        arrangements=arrangements,
        refusals=refusals,
        contacts=_new_contacts(posted, unit=unit, names=names, card=card, by=by),
        behalf=behalf,
        by=by,
        now=clock.now(),
    )
    signed, refused = ({one.matter_id for one in rows} for rows in (done.signed, done.refused))
    said = [f"{unit.name}已签收 {len(signed)} 项" if signed else ""]
    said += [f"退回 {len(refused)} 项，等待督查室裁定" if refused else ""]
    said += [f"另有 {done.left} 项已由同事签收" if done.left else ""]
    return "，".join(filter(None, said)) + "。"


def _name_of(posted: QueryDict, role: ContactRole, *, card: UnitCard) -> str:
    """Return who shall be this contact from now on: as typed, else who it is.

    Raises Conflict where somebody else was named since the page was shown.
    """
    standing = _contact_of(card, role)
    typed, shown = ("".join(posted.get(f"{role.value}_{what}", "").split()) for what in ("name", "shown"))
    now = "".join(standing.person.name.split()) if standing else ""
    if typed in ("", shown, now):
        return standing.person.name if standing else ""
    if standing is not None and now != shown:
        label = CONTACT_ROLE_LABELS[role]
        raise Conflict(
            f"本单位的{label}刚刚由同事明确为{standing.person.name}，您填的是{typed}，请核对后再签收。",
            field=role.value,
        )
    return typed


def _arrangement(posted: QueryDict, matter_id: int, *, names: dict[ContactRole, str], card: UnitCard) -> Arrangement:
    """Return who answers for a matter: a name left as it was proposed follows the contact named above."""

    def answering(field: str, role: ContactRole) -> str:
        typed = posted.get(f"{field}-{matter_id}", "").strip()
        standing = _contact_of(card, role)
        proposed = ("", posted.get(f"{role.value}_shown", ""), standing.person.name if standing else "")
        return names[role] if typed in proposed else typed

    return Arrangement(
        responsible_leader=answering("leader", ContactRole.DEPUTY),
        responsible_person=answering("person", ContactRole.LIAISON),
        measures=posted.get(f"measures-{matter_id}", ""),
    )


def _new_contacts(
    posted: QueryDict, *, unit: Unit, names: dict[ContactRole, str], card: UnitCard, by: Actor
) -> list[NewContact]:
    """Return the contacts that change. Raises _Choose where two people bear a name."""
    offered = offered_people(by, place=unit.jurisdiction, unit=unit)
    found = []
    for role in _ROLES:
        standing, name = _contact_of(card, role), names[role]
        if not name or (standing is not None and standing.person.name == name):
            continue
        given = QueryDict(mutable=True)
        given["name"] = name
        given["phone"] = phone = posted.get(f"{role.value}_phone", "").strip()
        given["person"] = posted.get(f"{role.value}_person", "")
        meant = person_meant(given, place=unit.jurisdiction, unit=unit, offered=offered)
        if isinstance(meant, list):
            raise _Choose(role, meant)
        found.append(NewContact(unit, role, meant, clock.today(), phone))
    return found


# ── who has not signed ──


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of the list, with whom to call. lacking: contacts nobody is named for."""

    line: SignatureLine
    card: UnitCard
    may_sign: bool

    @property
    def lacking(self) -> str:
        """The contacts that are missing, in words."""
        return "、".join(CONTACT_ROLE_LABELS[role] for role in _ROLES if _contact_of(self.card, role) is None)

    @property
    def caller(self) -> Person | None:
        """Whom to call: the liaison, else the deputy, else the head."""
        found = self.card.liaison or self.card.deputy or self.card.head
        return found.person if found else None

    @property
    def sign_pk(self) -> int:
        """The unit that signs: for a merged one the unit it went into."""
        return self.line.unit.merged_into_id or self.line.unit.pk


def office_queue(office: Office) -> Queue:
    """Return what units gave back and nobody has decided on; until then nobody works on it.

    One statement, two more where it lies in several plans.
    """
    found = pending_refusals(acting_with(office.actor, Permission.MATTER_ASSIGN))
    columns = (*ABOUT_A_MATTER, "refused_at", "refusal_reason")
    rows, count = first_of(found, *columns, most=office.most, **OF_WHICH_PLANS)
    lines = [
        about_a_matter(
            one,
            "裁定",
            f"退回理由：{one.refusal_reason}",
            address=f"{reverse('matter', args=[one.matter_id])}#steps",
            since=clock.day_of(one.refused_at),
        )
        for one in rows
    ]
    return Queue(lines, count, ledgers_with(counts_by_plan(found, rows), refused="1"))


@require_safe
def plan_signatures(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has signed for what a plan handed out, who has not, and whom to call."""
    actor, today = actor_of(request), clock.today()
    plan = Plan.objects.visible_to(actor).filter(pk=pk).first()
    if plan is None:
        raise NotFound("没有这本台账，或者您无权查看。")
    require(actor, Permission.NOTICE_VIEW, jurisdiction_id=plan.jurisdiction_id)
    lines = signatures_of(plan)
    cards = unit_cards([one.unit for one in lines], on=today)
    may_sign = may(actor, Permission.MATTER_ACKNOWLEDGE, jurisdiction_id=plan.jurisdiction_id)
    rows = [Row(line, card, may_sign) for line, card in zip(lines, cards, strict=True)]
    parts: list[tuple[str, str, list[Row]]] = [
        ("waiting", "未签收", [one for one in rows if one.line.waiting]),
        ("refused", "退回待裁定", [one for one in rows if not one.line.waiting and one.line.refused]),
        ("signed", "已签收", [one for one in rows if not one.line.waiting and not one.line.refused]),
    ]
    context: dict[str, Any] = {
        "plan": plan,
        "parts": [one for one in parts if one[2]],
        "count": len(rows),
        "waiting": len(parts[0][2]),
        "lacking": sum(bool(one.lacking) for one in rows),
        "may_sign": may_sign,
        "may_assign": may(actor, Permission.MATTER_ASSIGN, jurisdiction_id=plan.jurisdiction_id),
    }
    return render(request, "my_desk/signatures.html", context)
