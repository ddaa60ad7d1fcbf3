"""The two papers of an interview as official pages: its notice, and the minutes of the talk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from duban.core.clock import SHANGHAI
from duban.core.errors import Invalid
from duban.core.text import date_text
from duban.documents.kinds.interview_minutes import Demand, InterviewMinutesData
from duban.documents.kinds.interview_minutes import paper_of as minutes_paper
from duban.documents.kinds.interview_notice import InterviewNoticeData
from duban.documents.kinds.interview_notice import paper_of as notice_paper
from duban.documents.paper import DocumentError, Paper
from duban.documents.wording import Addressee, Rank, unspaced
from duban.interviews.models import Interview, InterviewGround, TalkRecord
from duban.interviews.rules import GROUND_LABELS, GroundKind, noun
from duban.letters.rules import issuer_name, titled
from duban.matters.queries import plan_contact, policy_of
from duban.matters.rules import matter_name
from duban.orgs.models import Post
from duban.orgs.queries import post_holders
from duban.papers.models import IssuedPaper
from duban.papers.queries import papers_of
from duban.papers.rules import PaperKind, number_text

_WEEKDAYS = "一二三四五六日"
_NOON, _EVENING = 12, 18


@dataclass(frozen=True, slots=True)
class Numbered:
    """What a paper gets when it is issued."""

    number: int
    text: str
    on: date


def notice_number(interview: Interview, *, number: int, year: int) -> str:
    """Return the notice's number as it is printed: 临江政督约〔2020〕1号. Its plan's policy and place are joined."""
    return number_text(
        policy_of(interview.plan).interviews.number_word,
        number=number,
        year=year,
        short_name=interview.plan.jurisdiction.short_name,
    )


def minutes_number(*, number: int, year: int) -> str:
    """Return the minutes' number as it is printed: 〔2020〕2号."""
    return f"〔{year}〕{number}号"


def time_words(at: datetime) -> str:
    """Return when a talk is, as a notice says it: 2020年8月6日（星期四）上午9时30分."""
    local = at.astimezone(SHANGHAI)
    part = "上午" if local.hour < _NOON else "下午" if local.hour < _EVENING else "晚上"
    hour = local.hour if local.hour <= _NOON else local.hour - _NOON
    minutes = f"{local.minute}分" if local.minute else ""
    return f"{date_text(local.date())}（星期{_WEEKDAYS[local.weekday()]}）{part}{hour}时{minutes}"


def leader_words(post: Post, *, on: date) -> str:
    """Return the leader who holds a post on a day, as a document names one; the post where nobody does."""
    holder = post_holders([post.pk], on=on).get(post.pk)
    return titled(holder.name, post.title) if holder is not None else post.title


def usual_basis(interview: Interview, grounds: Iterable[InterviewGround]) -> str:
    """Return the paragraph a notice begins with, as it is usually written; the office may word it otherwise."""
    kinds = list(dict.fromkeys(GroundKind(one.kind) for one in grounds))
    why = "、".join(_WHY[one] for one in kinds if one in _WHY) or "推进不够有力"
    approved = f"经{interview.approver.title.split('（')[0]}批准"
    if interview.is_inviting:
        return f"因贵单位承办的督查事项{why}，{approved}，商请贵单位有关负责同志面谈。现将有关事项函告如下："
    return (
        f"因你单位承办的督查事项{why}，{approved}，决定对你单位有关负责同志进行约谈，"
        "共同分析原因、研究措施。现将有关事项通知如下："
    )


_WHY = {
    GroundKind.UNANSWERED: "发出督办函后逾期未答复",
    GroundKind.RED: "进展严重滞后、连续定格为红灯",
    GroundKind.NAMED: "多次被通报",
    GroundKind.UNTRUE: "经核验报送情况不实",
    GroundKind.UNMET: "约谈后整改不到位",
}

USUAL_PREPARE = "说明进展情况和存在的困难\n提出下一步措施和完成时间；不需另行准备书面汇报材料"


def notice_data(
    interview: Interview,
    grounds: Sequence[InterviewGround],
    *,
    issued: Numbered | None,
    on: date,
) -> InterviewNoticeData:
    """Return the notice as it is drawn. Unit, approver, plan, policy and place are joined.

    issued: with which number and day; None draws a draft.   on: the day by which leaders hold their posts.
    """
    issuer = issuer_name(interview.plan.jurisdiction.name, policy=policy_of(interview.plan).letters)
    unit = interview.unit.full_name or interview.unit.name
    reasons = _by_matter(grounds)
    at = interview.starts_at
    return InterviewNoticeData(
        issuer=issuer,
        number=issued.text if issued else "",
        title="关于商请面谈督查事项的函" if interview.is_inviting else "约谈通知书",
        recipient=unit,
        basis=unspaced(interview.basis),
        when=time_words(at) if at else "",
        place=interview.place,
        chair=interview.chair_name,
        invited=tuple(interview.invited.split("、")) if interview.invited else (),
        reasons=tuple(unspaced(one) for one in reasons),
        prepare=tuple(unspaced(one) for one in interview.prepare.splitlines()),
        ending=_ending(interview),
        signed_on=issued.on if issued else None,
        copies_to=(Addressee(leader_words(interview.approver, on=on), Rank.ABOVE),),
        contact=plan_contact(interview.plan),
        names=(unit, issuer),
        word=noun(is_inviting=interview.is_inviting),
        is_draft=issued is None,
    )


def _ending(interview: Interview) -> str:
    if interview.is_inviting:
        return "请予支持；时间不便的，请与督查室联系另行商定。"
    return "请按时参加，并将参加人员告知督查室；因故不能参加的，请提前说明。"


def _by_matter(grounds: Iterable[InterviewGround]) -> list[str]:
    """Return the reasons, a matter with several grounds once."""
    said: dict[str, list[str]] = {}
    for one in grounds:
        name = ""
        if one.matter is not None:
            name = matter_name(serial=one.matter.serial, heading=one.matter.title or one.matter.text, most=None)
        said.setdefault(name, []).append(one.words)
    return [f"{name}：{''.join(words)}" if name else "".join(words) for name, words in said.items()]


def minutes_data(interview: Interview, talk: TalkRecord, *, issued: Numbered | None, on: date) -> InterviewMinutesData:
    """Return the minutes as they are drawn; the talk has its demands as `rows`. Joined as for `notice_data`."""
    issuer = issuer_name(interview.plan.jurisdiction.name, policy=policy_of(interview.plan).letters)
    word = noun(is_inviting=interview.is_inviting)
    unit = interview.unit.full_name or interview.unit.name
    held_on = interview.held_on or on
    rows = talk.rows  # type: ignore[attr-defined]
    return InterviewMinutesData(
        office=issuer,
        mark=f"{issuer}{'面谈' if interview.is_inviting else '约谈'}纪要",
        number=issued.text if issued else "",
        title=f"{'与' if interview.is_inviting else '约谈'}{unit}{'面谈' if interview.is_inviting else ''}纪要",
        held=date_text(held_on),
        place=talk.place,
        chair=talk.chair_name,
        present=tuple(talk.present.split("、")),
        recorder=talk.recorder,
        reasons=_lines(talk.reasons),
        explanation=_lines(talk.explanation),
        demands=tuple(Demand(unspaced(one.words.rstrip("。")), one.unit_name, one.due_on) for one in rows),
        undertaking=_lines(talk.undertaking),
        absent=tuple(talk.absent.split("、")) if talk.absent else (),
        issued_on=issued.on if issued else None,
        sent_to=(
            Addressee(leader_words(interview.approver, on=on), Rank.ABOVE),
            Addressee(unit, Rank.DEPARTMENT),
        ),
        names=(unit, issuer),
        word=word,
        is_draft=issued is None,
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(unspaced(one) for one in text.splitlines() if one.strip())


def notice_page(data: InterviewNoticeData) -> Paper:
    """Return a notice as a page to be drawn. Raises Invalid, in words."""
    try:
        return notice_paper(data)
    except DocumentError as error:
        raise Invalid(str(error)) from error


def minutes_page(data: InterviewMinutesData) -> Paper:
    """Return minutes as a page to be drawn. Raises Invalid, in words."""
    try:
        return minutes_paper(data)
    except DocumentError as error:
        raise Invalid(str(error)) from error


def interview_papers(interviews: Iterable[Interview], kind: PaperKind) -> dict[int, IssuedPaper]:
    """Return what was frozen of interviews when it was issued, by the interview's id. One statement."""
    return papers_of(kind, subject_type="interview", subject_ids=[one.pk for one in interviews])


def ground_label(kind: str) -> str:
    """Return what a ground is called."""
    return GROUND_LABELS[GroundKind(kind)]
