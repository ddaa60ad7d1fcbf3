"""Matters come to their end: asked for, signed by the leader, verified, granted; some go back, one is opened again."""

from collections.abc import Sequence

from duban.cli.demo_year.behaviour import chance, number, workday_from
from duban.cli.demo_year.stage import Stage, key_of, merging
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
from duban.closing.models import Closure, ClosureItem
from duban.closing.queries import doubts_about, lines_of
from duban.closing.rules import IN_UNIT, Answer, ClosureState, Method
from duban.core.clock import day_of
from duban.core.workdays import add_workdays
from duban.evidence.actions import add_evidence
from duban.evidence.examining import NewPaper
from duban.evidence.models import Evidence
from duban.matters.actions import Behalf, reopen
from duban.matters.models import Assignment, Matter
from duban.matters.rules import Channel, State
from duban.obstacles.queries import open_obstacles


def prepare(stage: Stage) -> None:
    """Let liaisons fill in the checklist of what is done; the unit's head gives a few back, and asks for the others."""
    plans = [stage.plan.pk, *([stage.next_plan.pk] if stage.next_plan else [])]
    live = {one.matter_id: one for one in Closure.objects.filter(state__in=IN_UNIT).prefetch_related("items")}
    going = {"matter__state": State.IN_PROGRESS, "acknowledged_at__isnull": False, "matter__untrue_on": None}
    done = merging(plans, matter__progress_pct__gte=100, **going)
    returned = {one.matter_id: one for one in Closure.objects.filter(state=ClosureState.RETURNED).order_by("attempt")}
    for part in done:
        matter, closure = part.matter, live.get(part.matter_id)
        if closure is not None:
            _ask(stage, part, closure)
            continue
        since, key = matter.progress_on, key_of(matter)
        back = returned.get(matter.pk)
        if back is not None and back.returned_at is not None:
            since = day_of(back.returned_at)
        wait = number(stage.seed, 3, 12, "prepares", key, back.attempt if back else 0)
        if since is None or add_workdays(since, wait) > stage.day:
            continue
        if open_obstacles([matter.pk]).exists() or matter.work_items.exists():  # a parent closes with its last item
            continue
        actor = stage.of_unit(part.unit, "liaison")
        if actor is not None:
            _give_proof(stage, part)
            prepare_closure(matter, request=_request(stage, part, None), **stage.told(actor))
        else:
            behalf = Behalf(Channel.PAPER, f"{part.unit.name}办公室")
            ask_closure(matter, request=_request(stage, part, None), behalf=behalf, **stage.told(stage.officer))


def _give_proof(stage: Stage, part: Assignment) -> None:
    """Hand in papers before closure where nothing was given yet: most do."""
    actor, behalf = stage.speaker(part.unit)
    has_some = Evidence.objects.standing().filter(matter=part.matter).exists()
    if not has_some and chance(stage.seed, 0.7, "proof", key_of(part.matter)):
        title = f"第{part.matter.serial}项办结资料" if part.matter.serial else "办结资料"
        given = [NewPaper(f"{part.unit.name}档案室{stage.day.year}年卷", title)]
        add_evidence(part.matter, unit=part.unit, given=given, behalf=behalf, **stage.told(actor))


def _request(stage: Stage, part: Assignment, standing: Closure | None) -> Request:
    answers = {}
    for line in lines_of(part.matter, unit=part.unit, standing=standing):
        how = line.answer.how if len(line.answer.how) >= 2 else "已按要求完成，资料齐备。"
        answers[line.item.key] = Answer(True, how)
    return Request(answers=answers, version=standing.version if standing else 0)


def _ask(stage: Stage, part: Assignment, closure: Closure) -> None:
    key = key_of(part.matter)
    head = stage.of_unit(part.unit, "head")
    if closure.state == ClosureState.PREPARED and closure.prepared_at is not None:
        if (
            add_workdays(day_of(closure.prepared_at), number(stage.seed, 1, 2, "head reads", key, closure.version))
            > stage.day
        ):
            return
        if closure.version == 1 and head is not None and chance(stage.seed, 0.07, "sends closure back", key):
            send_back_closure(closure, reasons="佐证资料不全，补齐后再报。", **stage.told(head))
            return
        request = _request(stage, part, closure)
        if head is not None:
            ask_closure(part.matter, request=request, **stage.told(head))
        else:
            behalf = Behalf(Channel.PAPER, f"{part.unit.name}主要负责人")
            ask_closure(part.matter, request=request, behalf=behalf, **stage.told(stage.officer))
    elif closure.sent_back_at is not None and add_workdays(day_of(closure.sent_back_at), 3) == stage.day:
        actor = stage.of_unit(part.unit, "liaison")
        if actor is not None:
            request = _request(stage, part, closure)
            again = Request(request.answers, "资料已补齐，各项要求均已完成。", request.version)
            prepare_closure(part.matter, request=again, **stage.told(actor))


def _asked(state: ClosureState) -> Sequence[Closure]:
    found = Closure.objects.filter(state=state, matter__state=State.CLOSING)
    return list(
        found.select_related("matter__plan__policy", "matter__jurisdiction", "unit", "overseer").order_by(
            "matter__plan__year", "matter__order", "attempt"
        )
    )


def sign_closures(stage: Stage) -> None:
    """Let the leaders sign: one in person, some through the secretary, the others on paper; one is not content."""
    leader, secretary = stage.actor("quling"), stage.actor("mishu")
    own = {post for held in leader.held for post in held.post_ids}
    for one in _asked(ClosureState.ASKED):
        about = (key_of(one.matter), one.attempt)
        if one.asked_at is None:
            continue
        if add_workdays(day_of(one.asked_at), number(stage.seed, 1, 4, "leader signs", *about)) > stage.day:
            continue
        actor, behalf = stage.officer, Behalf(Channel.PAPER, one.overseer.title if one.overseer else "区领导")
        if one.overseer_id in own:
            actor = leader if chance(stage.seed, 0.6, "in person", *about) else secretary
        told = None if one.overseer_id in own else behalf
        if one.attempt == 1 and chance(stage.seed, 0.025, "declines", *about):
            reasons = "群众反映与所报情况有出入，请核实后再报。"
            decline_closure(one, reasons=reasons, behalf=told, **stage.told(actor))
        else:
            opinion = "同意。" if chance(stage.seed, 0.4, "opinion", *about) else ""
            agree_closure(one, opinion=opinion, behalf=told, **stage.told(actor))


def verify_closures(stage: Stage) -> None:
    """Let the office look: at the documents, or on site where the policy or the lot asks for it."""
    for one in _asked(ClosureState.AGREED):
        since = one.agreed_at or one.asked_at
        about = (key_of(one.matter), one.attempt)
        if since is None or add_workdays(day_of(since), number(stage.seed, 1, 3, "verifies", *about)) > stage.day:
            continue
        keys = list(ClosureItem.objects.filter(closure=one).order_by("order").values_list("key", flat=True))
        true_keys = frozenset(keys[1:] if len(keys) > 1 and chance(stage.seed, 0.04, "untrue", *about) else keys)
        is_on_site = bool(one.on_site)
        verification = Verification(
            method=Method.ON_SITE if is_on_site else Method.DOCUMENTS,
            findings="实地查看，与所报情况一致。" if is_on_site else "查阅资料，手续齐全，与所报情况一致。",
            true_keys=true_keys,
            verified_on=stage.day,
            verifiers="方知白、许望舒" if is_on_site else "",
            version=one.version,
        )
        verify_closure(one, verification=verification, **stage.told(stage.officer))


def decide_closures(stage: Stage) -> None:
    """Let the head of the office grant what was verified; some go back with reasons the first time."""
    for one in _asked(ClosureState.VERIFIED):
        about = (key_of(one.matter), one.attempt)
        if one.verified_at is None:
            continue
        if add_workdays(day_of(one.verified_at), number(stage.seed, 0, 2, "decides", *about)) > stage.day:
            continue
        if one.attempt == 1 and chance(stage.seed, 0.09, "returns closure", *about):
            reasons = "有一项要求缺少验收资料，请补充后重新申请。"
            return_closure(one, reasons=reasons, **stage.told(stage.office_head))
            continue
        despite = dict.fromkeys(doubts_about(one), "情况已说明，不影响整体完成，同意销号。")
        grant = Grant(
            conclusion="经核验，各项要求已经完成，同意销号。",
            despite=despite,
            unsigned_reason="该单位已以其他方式参与，不影响办结。",
            version=one.version,
        )
        grant_closure(one, grant=grant, **stage.told(stage.office_head))


def open_one_again(stage: Stage) -> None:
    """Let the office open two closed matters again, in autumn, after what people said."""
    if stage.day not in (workday_from(stage.day.replace(year=2020, month=10, day=13)),) or stage.day.month != 10:
        return
    closed = Matter.objects.filter(plan=stage.plan, state=State.CLOSED, is_livelihood=True, parent=None)
    for matter in closed.select_related("plan__policy").order_by("order")[:2]:
        reopen(matter, reason="回访发现个别点位又出现同类问题，需继续整改。", **stage.told(stage.office_head))


CLOSING = (prepare, sign_closures, verify_closures, decide_closures, open_one_again)
