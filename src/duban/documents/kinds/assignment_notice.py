"""交办通知: in 文件式, with the 责任分解表 as its annex. Source: docs/sources.md#kinds"""

from dataclasses import dataclass
from datetime import date

from duban.documents.kinds.duty_table import DutyTableData, annex_of
from duban.documents.kinds.parts import Contact, Section, sections, watermark
from duban.documents.paper import Block, Colophon, DocumentError, Form, Head, Paper, Signature, text
from duban.documents.wording import Addressee, recipients, unspaced, with_brackets


@dataclass(frozen=True, slots=True)
class AssignmentNoticeData:
    """The notice. issuer: 临江区人民政府办公室, in the mark with 文件 behind it.

    opening: the paragraph before the sections; sections: headings without their numbers; ending: empty for none.
    copies_to: 抄送.   copies: 共印×份.
    """

    issuer: str
    number: str
    title: str
    recipients: tuple[Addressee, ...]
    opening: str
    sections: tuple[Section, ...]
    table: DutyTableData
    ending: str = ""
    signed_on: date | None = None
    copies_to: tuple[Addressee, ...] = ()
    contact: Contact | None = None
    printed_on: date | None = None
    copies: int | None = None
    names: tuple[str, ...] = ()
    has_seal: bool = True
    is_draft: bool = False


def paper_of(data: AssignmentNoticeData) -> Paper:
    """Return the notice with its annex. Raises DocumentError without a recipient or a matter."""
    if not data.recipients:
        raise DocumentError("通知没有主送机关。请先选定发给哪些单位。")
    body: list[Block] = [text(unspaced(data.opening)), *sections(data.sections)]
    if data.ending:
        body.append(text(unspaced(data.ending)))
    return Paper(
        form=Form.FILE,
        title=data.title,
        blocks=tuple(body),
        head=Head(mark=f"{data.issuer}文件", number=with_brackets(data.number)),
        never_split=(data.issuer, *data.names),
        recipients=recipients(data.recipients),
        attachments=(data.table.title,),
        signature=Signature((data.issuer,), data.signed_on, has_seal=data.has_seal),
        note=data.contact.words() if data.contact else "",
        annexes=(annex_of(data.table),),
        colophon=Colophon(
            copies_to=(recipients(data.copies_to),) if data.copies_to else (),
            printer=data.issuer,
            printed_on=data.printed_on or data.signed_on,
            copies=data.copies,
        ),
        watermark=watermark(data.is_draft),
    )
