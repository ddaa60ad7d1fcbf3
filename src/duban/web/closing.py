"""据实销号: one page on which a request to close is filled in, signed, verified and decided; the office's queue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from duban.access.rules import LEADER_ROLES, Permission, Role, may, require
from duban.closing.actions import (
    Grant,
    Request,
    Verification,
    agree_closure,
    ask_closure,
    decline_closure,
    grant_closure,
    prepare_closure,
    return_closure,
    send_back_closure,
    verify_closure,
)
from duban.closing.models import Closure
from duban.closing.queries import (
    Line,
    closure_for,
    closures_at_office,
    closures_in_hand,
    closures_of,
    closures_to_decide,
    decision_day,
    doubts_about,
    is_own_unit,
    lacks_evidence,
    lines_of,
    may_sign,
    may_sign_on_behalf,
    merging_of,
    overseers_of,
    returns_of,
    supports_of,
)
from duban.closing.rules import (
    ASKED_STATES,
    CLOSURE_STATE_LABELS,
    DOUBT_LABELS,
    ENDED,
    HOW_LENGTH,
    IN_UNIT,
    ITEM_KIND_LABELS,
    LIVE,
    METHOD_LABELS,
    ON_SITE_LABELS,
    Answer,
    ClosureState,
    Doubt,
    ItemKind,
    Method,
    OnSite,
    decide_by,
    is_going_on,
)
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from duban.evidence.queries import evidence_of
from duban.matters.actions import Behalf
from duban.matters.models import Assignment, Matter
from duban.matters.queries import MatterPage, matter_for, policy_of, scope_of
from duban.matters.rules import CHANNEL_LABELS, OPEN_STATES, Part, State
from duban.obstacles.queries import open_obstacles
from duban.orgs.queries import post_holders
from duban.web.evidence import evidence_line
from duban.web.given import actor_of, behalf_of, day_of, number_of
from duban.web.middleware import STATUS
from duban.web.waiting import ABOUT_A_MATTER, Office, Queue, Waiting, Waits, about_a_matter, first_of, of_own_units


class Turn(StrEnum):
    """What a request waits for from the reader."""

    NONE = ""
    PREPARE = "prepare"
    ASK = "ask"
    SIGN = "sign"
    VERIFY = "verify"
    GRANT = "grant"


_TURN_WORDS = {
    Turn.PREPARE: "申请销号",
    Turn.ASK: "申请销号",
    Turn.SIGN: "签批",
    Turn.VERIFY: "核验",
    Turn.GRANT: "审定",
}


def _turn(actor: Actor, matter: Matter, *, closure: Closure | None, merging: Assignment | None, is_split: bool) -> Turn:
    """Return what the reader may do next. closure: the live attempt."""
    place = matter.jurisdiction_id

    def allowed(permission: Permission, unit_id: int | None = None) -> bool:
        return may(actor, permission, unit_id=unit_id, jurisdiction_id=place)

    if closure is None or closure.state in IN_UNIT:
        if matter.state != State.IN_PROGRESS or merging is None or is_split:
            return Turn.NONE
        if allowed(Permission.CLOSURE_ASK, merging.unit_id):
            return Turn.ASK
        is_own = is_own_unit(actor, merging.unit_id)
        return Turn.PREPARE if is_own and allowed(Permission.CLOSURE_PREPARE, merging.unit_id) else Turn.NONE
    if closure.state == ClosureState.ASKED:
        is_signing = allowed(Permission.CLOSURE_AGREE) and (
            may_sign(actor, closure) or (may_sign_on_behalf(actor, matter) and not actor.holds(*LEADER_ROLES))
        )
        return Turn.SIGN if is_signing else Turn.NONE
    if closure.state == ClosureState.VERIFIED and allowed(Permission.CLOSURE_GRANT):
        return Turn.GRANT
    return Turn.VERIFY if allowed(Permission.CLOSURE_VERIFY) else Turn.NONE


# ---- the panel on a matter's page


def closing_panel(actor: Actor, page: MatterPage) -> dict[str, Any]:
    """Return what a matter's page shows of its closing: where the request stands, and the reader's next step. At
    most one statement; nothing for those who see only their own part of the matter.
    """
    if not page.scope.is_whole:
        return {}
    matter = page.matter
    attempts: list[Closure] = []
    if "closures" in page.there:
        attempts = list(Closure.objects.filter(matter=matter).select_related("overseer").order_by("-attempt"))
    for one in attempts:
        one.matter = matter
    last = attempts[0] if attempts else None
    is_live = last is not None and is_going_on(ClosureState(last.state), matter_state=State(matter.state))
    is_split = any(one.state in (State.DRAFT, *OPEN_STATES) for one in page.work_items)
    turn = _turn(actor, matter, closure=last if is_live else None, merging=page.merging, is_split=is_split)
    if last is None and turn is Turn.NONE:
        return {}
    merging = page.merging
    is_behalf = merging is not None and turn is Turn.ASK and not is_own_unit(actor, merging.unit_id)
    return {
        "state": CLOSURE_STATE_LABELS[ClosureState(last.state)] if last and (is_live or last.state in ENDED) else "",
        "reasons": last.return_reasons if last else "",
        "sent_back": last.sent_back_reasons if last and last.state == ClosureState.SENT_BACK else "",
        "attempt": last.attempt if last else 0,
        "verified": next((_verified(one) for one in attempts if one.verified_on is not None), None),
        "word": f"代{merging.unit.name}申请销号" if is_behalf and merging else _TURN_WORDS.get(turn, "查看"),
        "is_turn": turn is not Turn.NONE and not is_behalf,
    }


def _verified(closure: Closure) -> dict[str, Any]:
    """Return what the office found when it looked, for the matter's page."""
    return {"method": METHOD_LABELS[Method(closure.method)], "on": closure.verified_on, "findings": closure.findings}


# ---- the page


@require_http_methods(["GET", "POST"])
def matter_closing(request: HttpRequest, pk: int) -> HttpResponse:
    """The request to close a matter: its checklist, what stands beside it, and the one step that is the reader's."""
    actor = actor_of(request)
    matter = matter_for(actor, pk)
    merging = merging_of(matter)
    if not scope_of(actor, matter, assignments=[merging] if merging else []).is_whole:
        raise NotFound("没有这件事项的销号申请，或者您无权查看。")
    if request.method == "GET":
        return _show(request, matter, merging)
    step = request.POST.get("step", "")
    take = _STEPS.get(step)
    try:
        if take is None:
            raise Invalid("请选择要办理的一步。")
        done = take(_Posted(matter, merging, request.POST, actor))
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        matter = matter_for(actor, pk)
        return _show(request, matter, merging_of(matter), error=error)
    messages.success(request, done)
    return redirect("matter_closing", pk)


@dataclass(frozen=True, slots=True)
class _Posted:
    """A form as it was sent."""

    matter: Matter
    merging: Assignment | None
    given: QueryDict
    by: Actor

    @property
    def closure(self) -> Closure:
        """The live attempt. Raises NotFound."""
        return closure_for(self.by, self.matter)

    @property
    def version(self) -> int:
        """Of the request as the sender saw it."""
        return number_of(self.given.get("version"))

    @property
    def request(self) -> Request:
        """What the unit says."""
        done = set(self.given.getlist("done"))
        keys = {name.removeprefix("how-") for name in self.given if name.startswith("how-")} | done
        answers = {key: Answer(key in done, self.given.get(f"how-{key}", "")) for key in keys}
        return Request(answers, self.given.get("statement", ""), self.version)

    @property
    def behalf(self) -> Behalf | None:
        """How it reached the office, where the form asks that."""
        return behalf_of(self.given)


def _prepare(posted: _Posted) -> str:
    prepare_closure(posted.matter, request=posted.request, by=posted.by, now=clock.now())
    return "已送主要负责人审签。"


def _send_back(posted: _Posted) -> str:
    send_back_closure(posted.closure, reasons=posted.given.get("reasons", ""), by=posted.by, now=clock.now())
    return "已退回联络员修改。"


def _ask(posted: _Posted) -> str:
    is_own = posted.merging is not None and is_own_unit(posted.by, posted.merging.unit_id)
    closure = ask_closure(
        posted.matter,
        request=posted.request,
        by=posted.by,
        now=clock.now(),
        behalf=None if is_own else posted.behalf,
        overseer_post_id=number_of(posted.given.get("overseer")) or None,
    )
    following = "等待领导签批" if closure.state == ClosureState.ASKED else "等待督查室核验"
    return f"已申请销号，{following}。"


def _sign_behalf(posted: _Posted) -> Behalf | None:
    return None if may_sign(posted.by, posted.closure) else posted.behalf


def _agree(posted: _Posted) -> str:
    opinion = posted.given.get("opinion", "")
    agree_closure(posted.closure, opinion=opinion, by=posted.by, now=clock.now(), behalf=_sign_behalf(posted))
    return "已签批，转督查室核验。"


def _decline(posted: _Posted) -> str:
    reasons = posted.given.get("reasons", "")
    decline_closure(posted.closure, reasons=reasons, by=posted.by, now=clock.now(), behalf=_sign_behalf(posted))
    return "已退回销号申请。"


def _verify(posted: _Posted) -> str:
    given = posted.given
    method = given.get("method", "")
    verified_on = day_of(given.get("verified_on", ""), field="verified_on", what="核验日期")
    verification = Verification(
        method=Method(method) if method in {one.value for one in Method} else None,
        findings=given.get("findings", ""),
        true_keys=frozenset(given.getlist("true")),
        verified_on=verified_on or clock.today(),
        verifiers=given.get("verifiers", ""),
        version=posted.version,
    )
    verify_closure(posted.closure, verification=verification, by=posted.by, now=clock.now())
    return "核验情况已登记，等待审定。"


def _grant(posted: _Posted) -> str:
    given = posted.given
    grant = Grant(
        conclusion=given.get("conclusion", ""),
        grade=given.get("grade", ""),
        despite={one: given.get(f"despite-{one}", "") for one in Doubt},
        unsigned_reason=given.get("unsigned_reason", ""),
        version=posted.version,
    )
    grant_closure(posted.closure, grant=grant, by=posted.by, now=clock.now())
    return "已销号。"


def _return(posted: _Posted) -> str:
    return_closure(posted.closure, reasons=posted.given.get("reasons", ""), by=posted.by, now=clock.now())
    return "已退回销号申请。"


_STEPS = {
    "prepare": _prepare,
    "send-back": _send_back,
    "ask": _ask,
    "agree": _agree,
    "decline": _decline,
    "verify": _verify,
    "grant": _grant,
    "return": _return,
}


def _show(
    request: HttpRequest, matter: Matter, merging: Assignment | None, *, error: DomainError | None = None
) -> HttpResponse:
    actor, today = actor_of(request), clock.today()
    attempts = closures_of(actor, matter)
    for one in attempts:
        one.matter = matter
    goes_on = {one.pk: is_going_on(ClosureState(one.state), matter_state=State(matter.state)) for one in attempts}
    live = next((one for one in attempts if goes_on[one.pk]), None)
    ended = [one for one in attempts if one.state in ENDED]
    is_split = Matter.objects.filter(parent=matter, state__in=[State.DRAFT, *OPEN_STATES]).exists()
    turn = _turn(actor, matter, closure=live, merging=merging, is_split=is_split)
    posted = request.POST if error is not None else QueryDict()
    overseers = overseers_of(matter)
    holders = post_holders([one.post_id for one in overseers], on=today)
    is_office = may(actor, Permission.CLOSURE_VERIFY, jurisdiction_id=matter.jurisdiction_id)
    is_unit_form = turn in (Turn.PREPARE, Turn.ASK) and merging is not None
    is_conflict = isinstance(error, Conflict)
    context: dict[str, Any] = {
        "matter": matter,
        "merging": merging,
        "is_split": is_split,
        "live": live,
        "state": CLOSURE_STATE_LABELS[ClosureState(live.state)] if live else "",
        "chain": _chain(live or (ended[0] if ended else None)),
        "ended": [_ended(one) for one in ended],
        "returns": returns_of(matter),
        "turn": turn.value,
        "is_own": merging is not None and is_own_unit(actor, merging.unit_id),
        "version": live.version if live else 0,
        "decide_by": decision_day(live) if live and live.state in ASKED_STATES else None,
        "on_site": _on_site(live, is_office=is_office),
        "overseers": [
            (one.post_id, holders[one.post_id].name if one.post_id in holders else one.post.title) for one in overseers
        ],
        "leader": next((holders[one].name for one in [live.overseer_id] if one in holders), "") if live else "",
        "signs_for": live is not None and turn is Turn.SIGN and not may_sign(actor, live),
        "may_return": live is not None
        and live.state in ASKED_STATES
        and may(actor, Permission.CLOSURE_GRANT, jurisdiction_id=matter.jurisdiction_id),
        "may_send_back": turn is Turn.ASK
        and live is not None
        and live.state == ClosureState.PREPARED
        and is_own_unit(actor, live.unit_id),
        "evidence": [evidence_line(one) for one in evidence_of(actor, matter=matter) if one.withdrawn_at is None],
        "lacks_evidence": is_unit_form and lacks_evidence(matter),
        "obstacles": list(open_obstacles([matter.pk])),
        "supports": supports_of(matter),
        "channels": [(one.value, label) for one, label in CHANNEL_LABELS.items()],
        "given": {name: posted.get(name, "") for name in posted},
        "problem": error.message if error else "",
        "field": (error.field or "") if error else "",
        "step": posted.get("step", ""),
        "today": today,
        "how_length": HOW_LENGTH,
    }
    if is_unit_form and merging is not None:
        lines = lines_of(matter, unit=merging.unit, standing=live)
        context["lines"] = [_line(one, posted=posted, is_conflict=is_conflict) for one in lines]
        context["statement"] = posted.get("statement", live.statement if live else "")
        theirs = live.statement if is_conflict and live else ""
        context["their_statement"] = theirs if theirs != posted.get("statement", "").strip() else ""
    elif live is not None:
        is_marked = live.state == ClosureState.VERIFIED
        context["lines"] = [
            {
                "key": one.key,
                "kind": ITEM_KIND_LABELS[ItemKind(one.kind)],
                "text": one.text,
                "facts": one.facts,
                "is_done": one.is_done,
                "how": one.how,
                "is_true": one.key in posted.getlist("true") if posted.get("step") == "verify" else bool(one.is_true),
                "is_marked": is_marked,
                "found": bool(one.is_true),
            }
            for one in live.items.all()
        ]
    if live is not None and live.state in (ClosureState.AGREED, ClosureState.VERIFIED) and is_office:
        context |= _verifying(live, posted=posted, is_conflict=is_conflict, by=actor, today=today)
    if live is not None and turn is Turn.GRANT:
        context |= _granting(live, posted=posted)
    status = 200
    if error is not None:
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    return render(request, "closing/matter.html", context, status=status)


def _line(one: Line, *, posted: Mapping[str, str], is_conflict: bool) -> dict[str, Any]:
    """Return one item of the unit's form: as it was typed where a form came back, else as it stands or is proposed."""
    key, answer = one.item.key, one.answer
    done = set(posted.getlist("done")) if isinstance(posted, QueryDict) else set()
    how = posted.get(f"how-{key}")
    mine = answer if how is None else Answer(key in done, how)
    differs = is_conflict and not one.is_proposed and mine != answer
    return {
        "key": key,
        "kind": ITEM_KIND_LABELS[one.item.kind],
        "text": one.item.text,
        "facts": one.item.facts,
        "is_done": mine.is_done,
        "how": mine.how,
        "is_proposed": one.is_proposed and how is None,
        "theirs": f"{'已完成' if answer.is_done else '未完成'}；{answer.how or '（空）'}" if differs else "",
    }


def _on_site(live: Closure | None, *, is_office: bool) -> str:
    """Return why somebody has to look on site: for the office before it verified, for everybody after."""
    if live is None or live.state not in ASKED_STATES or not (is_office or live.state == ClosureState.VERIFIED):
        return ""
    return "、".join(ON_SITE_LABELS[OnSite(one)] for one in live.on_site)


def _verifying(live: Closure, *, posted: QueryDict, is_conflict: bool, by: Actor, today: date) -> dict[str, Any]:
    method = live.method or (Method.ON_SITE if live.on_site else Method.DOCUMENTS)
    is_mine = posted.get("step") == "verify"
    stands = {
        "method": method,
        "findings": live.findings,
        "verified_on": (live.verified_on or today).isoformat(),
        "verifiers": live.verifiers or by.name,
    }
    return {
        "may_verify": True,
        "methods": [(one.value, label) for one, label in METHOD_LABELS.items()],
        "verify": {name: posted.get(name, value) if is_mine else value for name, value in stands.items()},
        "their_findings": live.findings if is_conflict and is_mine else "",
    }


def _granting(live: Closure, *, posted: QueryDict) -> dict[str, Any]:
    unsigned = Assignment.objects.filter(
        matter_id=live.matter_id, part=Part.LEAD, acknowledged_at=None, ended_at=None
    ).order_by("order", "pk")
    return {
        "conclusion": posted.get("conclusion", live.findings),
        "doubts": [
            (f"despite-{one}", DOUBT_LABELS[one], posted.get(f"despite-{one}", "")) for one in doubts_about(live)
        ],
        "unsigned": "、".join(unsigned.values_list("unit__name", flat=True)),
        "grades": policy_of(live.matter.plan).closure.grades,
    }


@dataclass(frozen=True, slots=True)
class Link:
    """One stage of the chain. words: who did it, and when; empty while it is to come."""

    label: str
    words: str
    is_done: bool
    is_current: bool


def _chain(closure: Closure | None) -> list[Link]:
    """Return the four stages a request goes through, where it stands and who dealt with it so far."""
    state = ClosureState(closure.state) if closure else None
    stages = {ClosureState.PREPARED: 0, ClosureState.SENT_BACK: 0, ClosureState.ASKED: 1, ClosureState.AGREED: 2}
    at = {**stages, ClosureState.VERIFIED: 3, ClosureState.GRANTED: 4}.get(state, 0) if state else 0
    words = ["", "", "", ""]
    if closure is not None and state is not ClosureState.RETURNED:
        asked = f"{closure.signer}（{closure.asked_by_name}代录）" if closure.signer else closure.asked_by_name
        words[0] = _did(closure.asked_at, asked) or _did(closure.prepared_at, f"{closure.prepared_by_name}送审")
        agreed = closure.agreed_by_name
        if closure.agreed_for_name:
            agreed = f"{closure.agreed_for_name}（{closure.agreed_by_name}代录）"
        words[1] = _did(closure.agreed_at, agreed)
        if at > 0 and closure.overseer_id is None:
            words[1] = "没有分管领导，免"
        method = METHOD_LABELS[Method(closure.method)] if closure.method else ""
        words[2] = f"{method} {_did(closure.verified_at, closure.verifiers)}".strip()
        words[3] = _did(closure.granted_at, closure.granted_by_name)
    labels = ("单位审签", "领导签批", "督查室核验", "审定销号")
    return [
        Link(label, words[place], place < at, place == at and state is not ClosureState.RETURNED)
        for place, label in enumerate(labels)
    ]


def _did(at: Any, who: str) -> str:
    if at is None:
        return ""
    day = at.astimezone(clock.SHANGHAI)
    return f"{who} {day.month}月{day.day}日"


def _ended(one: Closure) -> dict[str, Any]:
    at = one.granted_at or one.returned_at
    who = one.granted_by_name or one.returned_by_name
    if one.is_overseers_return and one.overseer is not None:
        who = f"{one.overseer.title}（{who}）"
    return {
        "attempt": one.attempt,
        "state": CLOSURE_STATE_LABELS[ClosureState(one.state)],
        "on": clock.day_of(at) if at else None,
        "who": who,
        "words": one.conclusion or one.return_reasons,
        "grade": one.grade,
        "findings": f"{METHOD_LABELS[Method(one.method)]}：{one.findings}" if one.method else "",
        "despite": [f"{DOUBT_LABELS[Doubt(doubt)]}：{reason}" for doubt, reason in one.despite.items()],
        "is_verified": bool(one.method),
        "items": [
            {"text": item.text, "facts": item.facts, "is_done": item.is_done, "how": item.how, "found": item.is_true}
            for item in one.items.all()
        ],
    }


# ---- the office's queue


@require_safe
def closing(request: HttpRequest) -> HttpResponse:
    """Every request the office has in hand: to verify, to decide, and those that wait for a leader's signature."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.CLOSURE_VERIFY)
    rows: dict[ClosureState, list[dict[str, Any]]] = {
        ClosureState.AGREED: [],
        ClosureState.VERIFIED: [],
        ClosureState.ASKED: [],
    }
    found = list(closures_at_office(actor))
    holders = post_holders([one.overseer_id for one in found if one.overseer_id], on=today)
    for one in found:
        holder = holders.get(one.overseer_id) if one.overseer_id else None
        rows[ClosureState(one.state)].append(
            {
                "closure": one,
                "matter": one.matter,
                "unit": one.unit.name,
                "asked_on": clock.day_of(one.asked_at) if one.asked_at else None,
                "decide_by": decision_day(one),
                "on_site": "、".join(ON_SITE_LABELS[OnSite(each)] for each in one.on_site),
                "leader": holder.name if holder else str(one.overseer or ""),
                "found": METHOD_LABELS[Method(one.method)] if one.method else "",
            }
        )
    groups = [(state.value, CLOSURE_STATE_LABELS[state], some) for state, some in rows.items() if some]
    return render(request, "closing/index.html", {"groups": groups, "total": len(found), "today": today})


# ---- what waits


def may_wait(actor: Actor) -> QuerySet[Closure]:
    """Return rows without which nothing waits for the actor; some may be there for others."""
    return Closure.objects.filter(of_own_units(actor, "unit"), state__in=(*LIVE, ClosureState.RETURNED))


def waiting(actor: Actor, *, today: date) -> list[Waiting]:
    """Return the requests to close that wait for a unit's or a leader's hand, in the ledger's order."""
    held = (Permission.CLOSURE_PREPARE, Permission.CLOSURE_AGREE)
    if not any(may(actor, one) for one in held):
        return []
    found = []
    for one in closures_in_hand(actor):
        waits = _waits_for(actor, one)
        if waits is not None:
            found.append(waits)
    return found


def office_queue(office: Office) -> Queue:
    """Return the requests to close that wait to be verified, and for who may grant them those verified; the earliest
    asked first. One statement."""
    rows, count = first_of(closures_to_decide(office.actor), *ABOUT_A_MATTER, *_DECIDED_BY, most=office.most)
    lines = []
    for one in rows:
        is_verified = one.state == ClosureState.VERIFIED
        at = one.verified_at if is_verified else one.agreed_at or one.asked_at
        asked_on = clock.day_of(one.asked_at)
        workdays = office.figures[one.matter__plan_id].closure.decide_workdays
        lines.append(
            about_a_matter(
                one,
                "审定" if is_verified else "核验",
                f"{one.verifiers}已核验" if is_verified else "申请销号",
                address=reverse("matter_closing", args=[one.matter_id]),
                since=clock.day_of(at),
                due_on=decide_by(asked_on, decide_workdays=workdays),
            )
        )
    return Queue(lines, count, (("销号", reverse("closing")),))


_DECIDED_BY = ("state", "asked_at", "agreed_at", "verified_at", "verifiers")


def _waits(one: Closure, waits: Waits, action: str, note: str, *, at: Any) -> Waiting:
    return Waiting(
        waits=waits,
        address=reverse("matter_closing", args=[one.matter_id]),
        action=action,
        text=one.matter.title or one.matter.text,
        since=clock.day_of(at),
        serial=one.matter.serial,
        note=note,
        unit=one.unit.name,
    )


def _waits_for(actor: Actor, one: Closure) -> Waiting | None:
    state, place = ClosureState(one.state), one.matter.jurisdiction_id
    is_own = is_own_unit(actor, one.unit_id)

    def allowed(permission: Permission) -> bool:
        return may(actor, permission, unit_id=one.unit_id, jurisdiction_id=place)

    if state is ClosureState.PREPARED and is_own and allowed(Permission.CLOSURE_ASK):
        return _waits(one, Waits.DECIDE, "审签", f"{one.prepared_by_name}送来的销号申请", at=one.prepared_at)
    if state is ClosureState.SENT_BACK and is_own and allowed(Permission.CLOSURE_PREPARE):
        return _waits(one, Waits.RETURNED, "修改", f"销号申请退改：{one.sent_back_reasons}", at=one.sent_back_at)
    if state is ClosureState.RETURNED and is_own and allowed(Permission.CLOSURE_PREPARE):
        return _waits(one, Waits.RETURNED, "重报", f"销号申请退回：{one.return_reasons}", at=one.returned_at)
    if state is ClosureState.ASKED:
        own = {post_id for held in actor.holds(*LEADER_ROLES, Role.GOVERNMENT_HEAD) for post_id in held.post_ids}
        if one.overseer_id in own and may(actor, Permission.CLOSURE_AGREE, jurisdiction_id=place):
            return _waits(one, Waits.DECIDE, "签批", "申请销号", at=one.asked_at)
    return None
