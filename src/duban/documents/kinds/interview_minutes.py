"""约谈会议纪要: what was said at an interview, in 纪要格式. It is a talk, not a punishment.

Source: docs/sources.md#kinds
"""

from dataclasses import dataclass
from datetime import date

from duban.documents.kinds.parts import Counter, counted, labelled, sentence, watermark
from duban.documents.paper import Block, Colophon, DocumentError, Form, Head, Heading, Paper, text
from duban.documents.wording import Addressee, day, numeral, recipients, with_brackets


@dataclass(frozen=True, slots=True)
class Demand:
    """What is demanded, of whom, by when (None where no day was set)."""

    words: str
    unit: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class InterviewMinutesData:
    """The minutes. mark: 临江区人民政府办公室约谈纪要, red at the head; number: 〔2020〕2号 or 第2号.

    word: 约谈, or 面谈 with units that are not the government's own.   present, recorder: by name and post.
    reasons, explanation, undertaking: paragraphs, as they were said.
    """

    office: str
    mark: str
    number: str
    title: str
    held: str
    place: str
    chair: str
    present: tuple[str, ...]
    recorder: str
    reasons: tuple[str, ...]
    explanation: tuple[str, ...]
    demands: tuple[Demand, ...]
    undertaking: tuple[str, ...]
    absent: tuple[str, ...] = ()
    issued_on: date | None = None
    sent_to: tuple[Addressee, ...] = ()
    names: tuple[str, ...] = ()
    word: str = "约谈"
    is_draft: bool = False


def paper_of(data: InterviewMinutesData) -> Paper:
    """Return the minutes. Raises DocumentError without reasons or demands."""
    missing = [word for word, said in (("约谈事由", data.reasons), ("约谈要求", data.demands)) if not said]
    if missing:
        raise DocumentError(f"约谈纪要没有写明{'、'.join(missing)}。请补写后再生成。")
    number, unit = Counter(), "被约谈单位" if data.word == "约谈" else "有关单位"
    body: list[Block] = [text(f"{sentence(f'{data.held}，{data.chair}在{data.place}主持{data.word}')}纪要如下：")]
    for heading, paragraphs in (
        (f"{data.word}事由", data.reasons),
        (f"{unit}说明的情况", data.explanation),
    ):
        if paragraphs:
            body += [number.heading(heading), *counted(paragraphs)]
    body.append(number.heading(f"{data.word}要求" if data.word == "约谈" else "商定事项"))
    body += [
        Heading(2, f"（{numeral(place)}）{sentence(one.words)}", run_in=f"（责任单位：{one.unit}{_by(one.due_on)}）")
        for place, one in enumerate(data.demands, start=1)
    ]
    if data.undertaking:
        body += [number.heading(f"{unit}的承诺"), *(text(sentence(one)) for one in data.undertaking)]
    body.append(labelled("出席", sentence("、".join(data.present)), keeps_next=bool(data.absent)))
    if data.absent:
        body.append(labelled("请假", sentence("、".join(data.absent))))
    body.append(labelled("记录", sentence(data.recorder)))
    return Paper(
        form=Form.MINUTES,
        title=data.title,
        blocks=tuple(body),
        head=Head(
            mark=data.mark,
            number=with_brackets(data.number),
            left=data.office,
            right=day(data.issued_on) if data.issued_on else "",
        ),
        never_split=data.names,
        colophon=Colophon(
            sent=(("分送", recipients(data.sent_to)),) if data.sent_to else (),
            printer=data.office,
            printed_on=data.issued_on,
        ),
        watermark=watermark(data.is_draft),
    )


def _by(due_on: date | None) -> str:
    return f"；完成时间：{day(due_on)}前" if due_on else ""
