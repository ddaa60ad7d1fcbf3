"""What stands in the way and who clears it: difficulties, meetings, what leaders instruct."""

from datetime import datetime, time, timedelta

from duban.cli.demo_year.behaviour import Character, chance, choice, number
from duban.cli.demo_year.county import county
from duban.cli.demo_year.stage import Stage, key_of, merging
from duban.cli.demo_year.words import ANSWERS, NOT_SOLVED, PROBLEMS, what_of
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI, day_of
from duban.core.workdays import add_workdays
from duban.instructions.actions import answer_instruction, ask_again, give_instruction, settle_instruction
from duban.instructions.models import Charge, Feedback
from duban.instructions.rules import ChargeState
from duban.matters.actions import Behalf
from duban.matters.models import Assignment, Matter
from duban.matters.rules import Channel, State
from duban.obstacles.actions import (
    Agenda,
    Decided,
    accept_decision,
    answer_obstacle,
    call_meeting,
    cancel_meeting,
    change_meeting,
    close_obstacle,
    escalate_obstacle,
    finish_decision,
    hold_meeting,
    press_obstacle,
    raise_obstacle,
    return_decision,
)
from duban.obstacles.models import Decision, DecisionReply, Meeting, Obstacle, Round
from duban.obstacles.queries import IN_HAND, agenda_of, leaders_for, obstacles_on_offer
from duban.obstacles.rules import Cause, DecisionState, MeetingState, ObstacleState
from duban.orgs.models import Post, Unit

# ---- difficulties


def raise_difficulties(stage: Stage) -> None:
    """Let leads put a difficulty to another unit now and then, or at once to the leader who oversees the matter."""
    if stage.day.weekday() not in (0, 2) or stage.day.month == 1:
        return
    for part in merging([stage.plan.pk], matter__state=State.IN_PROGRESS, acknowledged_at__isnull=False):
        key = key_of(part.matter)
        if not chance(stage.seed, 0.0045, "difficulty", key, stage.day):
            continue
        actor = stage.of_unit(part.unit, "liaison")
        problem, need = choice(stage.seed, PROBLEMS, "problem", key, stage.day)
        others = Assignment.objects.filter(matter=part.matter, ended_at=None, unit__merged_into=None)
        asked = list(
            others.exclude(unit=part.unit).select_related("unit__jurisdiction").order_by("part", "order", "pk")
        )
        leaders = leaders_for([part.matter_id])[part.matter_id]
        to: Unit | Post
        if asked and not chance(stage.seed, 0.15, "to leader", key, stage.day):
            to = choice(stage.seed, asked, "asked", key, stage.day).unit
        elif leaders:
            to = leaders[0]
        else:
            continue
        if actor is not None:
            said = f"{what_of(part.matter.text)}：{problem}"[:100]
            raise_obstacle(part.matter, unit=part.unit, problem=said, need=need, to=to, **stage.told(actor))


def _open_difficulties(stage: Stage, state: ObstacleState) -> list[Obstacle]:
    found = Obstacle.objects.filter(jurisdiction=stage.county, state=state, matter__state__in=IN_HAND)
    joined = found.select_related(
        "matter__plan__policy", "unit__jurisdiction", "to_unit__jurisdiction", "to_post", "jurisdiction"
    )
    return list(joined.order_by("matter__order", "raised_at", "pk"))


def answer_difficulties(stage: Stage) -> None:
    """Let whom a difficulty is put to answer, most in time; slack units let it lie until it goes to the leaders."""
    for one in _open_difficulties(stage, ObstacleState.OPEN):
        asked_at = Round.objects.values_list("asked_at", flat=True).get(obstacle=one, number=one.round_no)
        about = (key_of(one.matter), one.unit.name, one.round_no, day_of(one.raised_at))
        character = stage.character_of(one.to_unit) if one.to_unit else Character.ORDINARY
        low, high = (1, 5) if character in (Character.DILIGENT, Character.ORDINARY, None) else (6, 16)
        if add_workdays(day_of(asked_at), number(stage.seed, low, high, "answers", *about)) > stage.day:
            continue
        actor, behalf = _who_answers(stage, one)
        answer = choice(stage.seed, ANSWERS, "answer", *about)
        answer_obstacle(one, answer=answer, behalf=behalf, **stage.told(actor))


def _who_answers(stage: Stage, one: Obstacle) -> tuple[Actor, Behalf | None]:
    if one.to_unit is not None:
        return stage.speaker(one.to_unit)
    leader = stage.actor("quling")
    if any(one.to_post_id in held.post_ids for held in leader.held):
        return leader, None
    return stage.officer, Behalf(Channel.PAPER, one.to_post.title if one.to_post else "区领导")


def follow_difficulties_up(stage: Stage) -> None:
    """Let who raised a difficulty say, some days after the answer, whether it helped: it ends, or is put again."""
    for one in _open_difficulties(stage, ObstacleState.ANSWERED):
        last = Round.objects.get(obstacle=one, number=one.round_no)
        about = (key_of(one.matter), one.unit.name, one.round_no, day_of(one.raised_at))
        if last.answered_at is None:
            continue
        if add_workdays(day_of(last.answered_at), number(stage.seed, 2, 7, "follows up", *about)) != stage.day:
            continue
        actor, behalf = stage.speaker(one.unit)
        if one.round_no <= 2 and last.cause != Cause.MEETING and chance(stage.seed, 0.22, "unsolved", *about):
            to = one.to_unit or one.to_post
            if to is not None and behalf is None:
                note = choice(stage.seed, NOT_SOLVED, "not solved", *about)
                press_obstacle(one, to=to, note=note, **stage.told(actor))
                continue
        note = "" if behalf is None else "单位电话告知问题已解决"
        close_obstacle(one, note=note, **stage.told(actor))


def ask_leaders(stage: Stage) -> None:
    """Let some who wait for a unit's answer ask the leader instead."""
    for one in _open_difficulties(stage, ObstacleState.OPEN):
        about = (key_of(one.matter), one.unit.name, one.round_no, day_of(one.raised_at))
        if one.to_unit is None or not chance(stage.seed, 0.12, "asks leader", *about):
            continue
        actor, behalf = stage.speaker(one.unit)
        has_leader = bool(leaders_for([one.matter_id])[one.matter_id])
        if behalf is None and has_leader and add_workdays(day_of(one.raised_at), 4) == stage.day:
            escalate_obstacle(one, note="答复期限将到，影响后续工序", **stage.told(actor))


def end_difficulties_of_ended_matters(stage: Stage) -> None:
    """Let the office end, at a month's end, what is still open on matters that are over."""
    if add_workdays(stage.day, 1).month == stage.day.month:
        return
    left = Obstacle.objects.filter(jurisdiction=stage.county).exclude(state=ObstacleState.CLOSED)
    over = left.filter(matter__state__in=(State.CLOSED, State.TERMINATED, State.CARRIED_OVER))
    for one in over.select_related("matter__plan", "unit", "to_unit", "to_post", "jurisdiction").order_by("pk"):
        close_obstacle(one, note="事项已办结", **stage.told(stage.officer))


# ---- meetings


def hold_meetings(stage: Stage) -> None:
    """Call the year's meetings, change one, cancel one, hold the others and enter what they decided."""
    for told in county()["meetings"]:
        if told["called_on"] == stage.day:
            _call(stage, told)
        elif told["on"] == stage.day:
            meeting = Meeting.objects.select_related("chair", "plan__policy", "jurisdiction").get(title=told["title"])
            if told.get("cancelled"):
                cancel_meeting(meeting, reason=told["cancelled"], **stage.told(stage.officer))
            else:
                _hold(stage, meeting)


def _call(stage: Stage, told: dict[str, object]) -> None:
    chair = stage.leader_post(str(told["chair"]))
    offered = obstacles_on_offer(stage.officer, chair=chair)
    chosen = [one.obstacle for one in offered if not one.on_agenda][:5]
    starts_at = datetime.combine(told["on"], time(9, 0), tzinfo=SHANGHAI)  # type: ignore[arg-type]
    items = [str(one) for one in told["items"]]  # type: ignore[attr-defined]
    agenda = Agenda(str(told["title"]), starts_at, str(told["place"]), chair, chosen, items)
    meeting = call_meeting(stage.plan, agenda=agenda, **stage.told(stage.officer))
    if told["called_on"] == county()["meetings"][0]["called_on"]:
        changed = Agenda(meeting.title, starts_at + timedelta(hours=6), meeting.place, chair, chosen, items)
        change_meeting(meeting, version=meeting.version, agenda=changed, **stage.told(stage.officer))


def _hold(stage: Stage, meeting: Meeting) -> None:
    minutes = []
    for item in agenda_of(meeting):
        if item.obstacle is not None:
            asked = item.obstacle.to_unit or item.obstacle.unit
            decision = f"由{asked.name}牵头，会同有关单位提出解决方案并落实，督查室跟踪。"
        else:
            asked = stage.unit("发改局")
            decision = f"{item.title}由{asked.name}会商有关单位拿出具体意见，报区政府审定。"
        if asked.merged_into_id is None:
            minutes.append(Decided(item.pk, decision, [asked], add_workdays(stage.day, 10)))
    stage.begin(stage.day, time(15, 40))
    hold_meeting(meeting, minutes=minutes, **stage.told(stage.officer))


def carry_decisions_out(stage: Stage) -> None:
    """Let units report what became of decisions, and the office look at it: one goes back."""
    found = Decision.objects.exclude(state=DecisionState.ACCEPTED).select_related(
        "unit__jurisdiction", "item__meeting__jurisdiction", "item__meeting__plan__policy", "item__obstacle__unit",
        "item__obstacle__matter",
    )  # fmt: skip
    for one in found.filter(item__meeting__state=MeetingState.HELD).order_by("pk"):
        reply = DecisionReply.objects.get(decision=one, number=one.reply_no)
        about = (one.item.meeting.title, one.item.order, one.unit.name, one.reply_no)
        if one.state == DecisionState.OPEN:
            if add_workdays(day_of(reply.asked_at), number(stage.seed, 5, 13, "carries out", *about)) == stage.day:
                actor, behalf = stage.speaker(one.unit)
                text = "已按会议要求落实，责任到人，相关手续正在办理并按周报告。"
                finish_decision(one, text=text, behalf=behalf, **stage.told(actor))
        elif reply.answered_at is not None and add_workdays(day_of(reply.answered_at), 2) == stage.day:
            if one.reply_no == 1 and chance(stage.seed, 0.25, "returns decision", *about):
                due_on = add_workdays(stage.day, 8)
                return_decision(one, reason="没有写明完成时间，请补充。", due_on=due_on, **stage.told(stage.officer))
            else:
                accept_decision(one, **stage.told(stage.officer))


# ---- what leaders instruct


def instruct(stage: Stage) -> None:
    """Let leaders give their 批示: themselves, through a secretary, on paper the office enters."""
    for told in county()["instructions"]:
        if told["on"] != stage.day:
            continue
        matter = None
        if told["serial"]:
            open_ = Matter.objects.open().filter(plan=stage.plan, serial=told["serial"])
            matter = open_.select_related("plan__policy").first()
        give_instruction(
            stage.plan,
            post=stage.leader_post(told["leader"]),
            text=told["text"],
            units=[stage.unit(name) for name in told["units"]],
            matter=matter,
            **stage.told(stage.actor(told["by"])),
        )


def answer_instructions(stage: Stage) -> None:
    """Let charged units answer, and leaders or the office settle it or ask further."""
    found = Charge.objects.exclude(state=ChargeState.SETTLED).select_related(
        "unit__jurisdiction", "instruction__plan__policy", "instruction__post", "instruction__matter"
    )
    for one in found.order_by("pk"):
        said = Feedback.objects.get(charge=one, number=one.feedback_no)
        about = (one.instruction.given_on, one.unit.name, one.feedback_no)
        if one.state == ChargeState.OPEN:
            if add_workdays(day_of(said.asked_at), number(stage.seed, 3, 12, "answers 批示", *about)) == stage.day:
                actor, behalf = stage.speaker(one.unit)
                text = "已召开专题会研究，明确责任人和完成时间，首批任务已经启动，后续按月报告进展。"
                answer_instruction(one, text=text, behalf=behalf, **stage.told(actor))
        elif said.answered_at is not None and add_workdays(day_of(said.answered_at), 3) == stage.day:
            own = stage.actor("quling")
            is_own = any(one.instruction.post_id in held.post_ids for held in own.held)
            actor = own if is_own else stage.officer
            if one.feedback_no == 1 and chance(stage.seed, 0.3, "asks again", *about):
                ask_again(one, note="请补充具体完成时限和责任人。", **stage.told(actor))
            else:
                settle_instruction(one, note="同意，抓好落实。", **stage.told(actor))


COORDINATING = (
    raise_difficulties,
    answer_difficulties,
    follow_difficulties_up,
    ask_leaders,
    hold_meetings,
    carry_decisions_out,
    instruct,
    answer_instructions,
    end_difficulties_of_ended_matters,
)
