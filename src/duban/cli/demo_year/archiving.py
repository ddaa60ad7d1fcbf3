"""年度办结: what is open is brought to an end in the last days of January, the plan closed, its archive written."""

from datetime import date

from django.conf import settings

from duban.archives import writing
from duban.archives.actions import ask_archive, close_plan
from duban.archives.models import Archive
from duban.archives.queries import name_of, still_owed, undone_matters
from duban.archives.queries.standing import UNFINISHED_LETTERS
from duban.archives.rules import ArchiveState
from duban.changes.actions import refuse_change
from duban.changes.models import ChangeRequest
from duban.changes.queries import request_for
from duban.cli.demo_year.stage import Stage
from duban.closing.actions import return_closure
from duban.closing.models import Closure
from duban.closing.rules import ASKED_STATES
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.instructions.actions import settle_instruction
from duban.instructions.models import Charge
from duban.instructions.rules import ChargeState
from duban.letters.actions import drop_letter, withdraw_letter
from duban.letters.models import Letter
from duban.letters.rules import AFTER_SIGNING, LetterState
from duban.matters.actions import assign_matters, carry_over_many, terminate_many, waive_obligations
from duban.matters.models import Matter
from duban.matters.rules import State
from duban.obstacles.actions import close_obstacle
from duban.obstacles.models import Obstacle
from duban.obstacles.rules import ObstacleState

ENDED_ON = date(2021, 1, 28)
"""What nobody finished by now goes on next year, and what comes back on the last day too: closures go back first."""
CLOSED_ON = date(2021, 1, 29)
"""The last working day: the evaluation is confirmed the same afternoon, before."""


def decide_what_waits(stage: Stage) -> None:
    """Let the head decide what still waits for a decision: requests are refused, closures go back with the reason."""
    if stage.day not in (ENDED_ON, CLOSED_ON):
        return
    waiting = ChangeRequest.objects.open().filter(matter__plan=stage.plan).order_by("asked_at", "pk")
    for pk in list(waiting.values_list("pk", flat=True)):
        reasons = "年度已经结束，没有办完的统一结转，不再单独变更。"
        refuse_change(request_for(stage.office_head, pk), reasons=reasons, **stage.told(stage.office_head))
    asked = Closure.objects.filter(matter__plan=stage.plan, state__in=ASKED_STATES).order_by("asked_at", "pk")
    for one in asked.select_related("matter__plan__policy", "unit"):
        reasons = "年度办结前来不及核验，事项结转下年，核验后再申请销号。"
        return_closure(one, reasons=reasons, **stage.told(stage.office_head))


def end_what_is_open(stage: Stage) -> None:
    """Let the head give up what stayed suspended, and carry the rest over; each under one approval."""
    if stage.day not in (ENDED_ON, CLOSED_ON) or stage.next_plan is None:
        return
    joined = undone_matters(stage.plan).select_related("plan__policy").filter(parent=None)
    paused = list(joined.filter(state=State.SUSPENDED))
    if paused:
        reason = "暂停的原因一年内没有消除，不再列为督查事项。"
        approval = stage.approval("区政府主要领导同意")
        terminate_many(paused, reason=reason, approval=approval, **stage.told(stage.office_head))
    rest = list(joined.exclude(state=State.SUSPENDED))
    if not rest:
        return
    reason = "年内没有全部完成，经批准结转下年继续办理。"
    approval = stage.approval("区政府常务会议研究同意", "临江政办〔2021〕3号")
    into = stage.next_plan
    made = carry_over_many(rest, into=into, reason=reason, approval=approval, **stage.told(stage.office_head))
    items = Matter.objects.filter(parent__in=made).select_related("plan__policy").order_by("order", "pk")
    assign_matters([*made, *items], **stage.told(stage.officer))


def settle_the_papers(stage: Stage) -> None:
    """Let the office end what letters, 批示 and difficulties are left over from matters that are over."""
    if stage.day != CLOSED_ON:
        return
    head, officer = stage.office_head, stage.officer
    joined = Letter.objects.filter(plan=stage.plan, state__in=UNFINISHED_LETTERS).select_related("plan__policy", "unit")
    for letter in joined.order_by("drafted_at", "pk"):
        if letter.state in AFTER_SIGNING and letter.state != LetterState.SIGNED:
            withdraw_letter(letter, reason="所列事项已经结转或办结，函件一并了结。", **stage.told(head))
        else:
            drop_letter(letter, reason="年度办结，不再发出。", **stage.told(officer))
    answered = Charge.objects.filter(instruction__plan=stage.plan, state=ChargeState.ANSWERED)
    for charge in answered.select_related("instruction__plan", "unit").order_by("pk"):
        settle_instruction(charge, note="年度办结，后续随结转事项办理。", **stage.told(officer))
    obstacles = Obstacle.objects.filter(matter__plan=stage.plan).exclude(state=ObstacleState.CLOSED)
    for obstacle in obstacles.select_related("matter", "unit").order_by("raised_at", "pk"):
        close_obstacle(obstacle, note="事项已经结转，困难在新年度继续协调。", **stage.told(officer))
    owed = list(still_owed(stage.plan))
    if owed:
        waive_obligations(owed, reason="年度已经结束，未报的记为漏报，不再补报。", **stage.told(head))


def close_the_year(stage: Stage) -> None:
    """Let the head close the plan, and ask for its archive, which is written at once."""
    if stage.day != CLOSED_ON:
        return
    done = Matter.objects.filter(plan=stage.plan, state=State.CLOSED).count()
    note = f"全年销号 {done} 件，没有办完的已结转或终止，考评结果已确认。"
    approval = stage.approval("区政府主要领导同意", "临江政办〔2021〕4号")
    close_plan(stage.plan, note=note, approval=approval, **stage.told(stage.office_head))
    ask_archive(stage.plan, **stage.told(stage.office_head))
    archive = writing.claim(real=clock.real())
    if archive is not None:
        writing.write(archive, today=stage.day, by=SYSTEM, now=stage.now)


def archive_text() -> str:
    """Put the archive of the played year beside the data folder, and say where it is; empty where there is none."""
    archive = Archive.objects.filter(state=ArchiveState.DONE).select_related("plan__jurisdiction").order_by("pk").last()
    if archive is None:
        return ""
    folder = settings.DATA_DIR
    path = folder.parent / f"{folder.name}-{archive.plan.year}.zip"
    writing.copy_kept(archive, path)
    size = f"{archive.files} 个文件，{archive.size_bytes:,} 字节" if archive.size_bytes else ""
    return (
        f"{archive.plan.year}年度已办结，档案（{name_of(archive)}，{size}）：{path}，核对：duban archive --check {path}"
    )


ARCHIVING = (decide_what_waits, end_what_is_open, settle_the_papers, close_the_year)
