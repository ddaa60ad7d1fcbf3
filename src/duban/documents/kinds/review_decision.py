"""复核决定书: what was objected to, what the review found, what becomes of the conclusion. In 信函格式.

Source: docs/sources.md#kinds
"""

from dataclasses import dataclass
from datetime import date

from duban.documents.kinds.parts import Contact, Counter, counted, sentence, watermark
from duban.documents.paper import Block, Colophon, DocumentError, Form, Head, Paper, Signature, text
from duban.documents.wording import Addressee, recipients, with_brackets


@dataclass(frozen=True, slots=True)
class ReviewDecisionData:
    """The decision. recipient: the unit that objected; opening: who asked for what, when it came.

    grounds, asked_for: the unit's own words.   findings: the reasons, a paragraph each; decision: what is decided and
    what becomes of the conclusion.   recusal: who stood aside and who decided, one sentence.
    """

    issuer: str
    number: str
    title: str
    recipient: str
    opening: str
    grounds: tuple[str, ...]
    asked_for: tuple[str, ...]
    findings: tuple[str, ...]
    decision: tuple[str, ...]
    recusal: str
    ending: str = "特此决定。"
    signed_on: date | None = None
    copies_to: tuple[Addressee, ...] = ()
    contact: Contact | None = None
    names: tuple[str, ...] = ()
    has_seal: bool = True
    is_draft: bool = False


def paper_of(data: ReviewDecisionData) -> Paper:
    """Return the decision. Raises DocumentError without findings, a decision, or who stood aside."""
    wanted = (("复核认定的理由", data.findings), ("复核决定", data.decision), ("回避情况", data.recusal))
    missing = [word for word, said in wanted if not said]
    if missing:
        raise DocumentError(f"复核决定书没有写明{'、'.join(missing)}。请补写后再生成。")
    number = Counter()
    body: list[Block] = [text(data.opening)]
    for heading, paragraphs in (
        ("申请理由", data.grounds),
        ("复核请求", data.asked_for),
        ("复核认定", data.findings),
        ("复核决定", data.decision),
    ):
        if paragraphs:
            body += [number.heading(heading), *counted(paragraphs)]
    body += [number.heading("回避情况"), text(sentence(data.recusal)), text(data.ending)]
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
