"""约谈通知书: invites a person to a talk, says what about, and what to bring. In 信函格式.

Source: docs/sources.md#kinds
"""

from dataclasses import dataclass
from datetime import date

from duban.documents.kinds.parts import Contact, Counter, counted, labelled, sentence, watermark
from duban.documents.paper import Block, Colophon, DocumentError, Form, Head, Paper, Signature, text
from duban.documents.wording import Addressee, recipients, with_brackets


@dataclass(frozen=True, slots=True)
class InterviewNoticeData:
    """The notice. recipient: the unit; invited: who is to come, by name and post.

    basis: the paragraph that says on what ground and with whose approval; when and place: as they are to stand.
    reasons: matters and facts, one a paragraph; prepare: what the invited is asked to explain.   word: 约谈, or 面谈
    with units that are not the government's own.
    """

    issuer: str
    number: str
    title: str
    recipient: str
    basis: str
    when: str
    place: str
    chair: str
    invited: tuple[str, ...]
    reasons: tuple[str, ...]
    prepare: tuple[str, ...]
    ending: str = ""
    signed_on: date | None = None
    copies_to: tuple[Addressee, ...] = ()
    contact: Contact | None = None
    names: tuple[str, ...] = ()
    has_seal: bool = True
    word: str = "约谈"
    is_draft: bool = False


def paper_of(data: InterviewNoticeData) -> Paper:
    """Return the notice. Raises DocumentError without reasons or anybody invited."""
    if not data.reasons:
        raise DocumentError("约谈通知书没有写明约谈事由。请补写后再生成。")
    if not data.invited:
        raise DocumentError("约谈通知书没有写明约谈对象。请补写后再生成。")
    number = Counter()
    body: list[Block] = [text(data.basis), number.heading(f"{data.word}安排")]
    body += [
        labelled("时间", sentence(data.when)),
        labelled("地点", sentence(data.place)),
        labelled(f"{data.word}人", sentence(data.chair)),
        labelled(f"{data.word}对象", sentence("、".join(data.invited))),
        number.heading(f"{data.word}事由"),
        *counted(data.reasons),
    ]
    if data.prepare:
        body += [number.heading("有关准备"), *counted(data.prepare)]
    if data.ending:
        body.append(text(data.ending))
    return Paper(
        form=Form.LETTER,
        title=data.title,
        blocks=tuple(body),
        head=Head(mark=data.issuer, number=with_brackets(data.number)),
        never_split=(data.recipient, *data.names),
        recipients=data.recipient,
        signature=Signature((data.issuer,), data.signed_on, has_seal=data.has_seal),
        note=data.contact.words() if data.contact else "",
        colophon=Colophon(copies_to=(recipients(data.copies_to),)) if data.copies_to else None,
        watermark=watermark(data.is_draft),
    )
