"""Documents for the terminal, by the same functions as the pages. Imported once Django is set up."""

from django.db.models import Q

from duban.bulletins.models import BulletinQuerySet
from duban.bulletins.queries import bulletin_papers, bulletins_for, draft_page
from duban.bulletins.rules import LIVE, BulletinState
from duban.cli.plans import plan_of
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.core.errors import NotFound
from duban.documents.wording import with_brackets
from duban.letters.actions import keep_letter
from duban.letters.models import Letter
from duban.letters.queries import letter_for, letter_page, letter_papers
from duban.matters.actions import record_export
from duban.matters.queries import LedgerFilter, duty_table, ledger_page
from duban.papers.drawing import drawn_as
from duban.papers.queries import opened_paper
from duban.papers.rules import Format, file_name
from duban.web.exports import exported


def letter_out(wanted: str, *, form: str) -> tuple[bytes, str]:
    """Return a letter's file and its name. wanted: its number as printed, or its id.

    One issued before papers were kept is kept first. Raises NotFound, Invalid.
    """
    by_id = Q(pk=int(wanted)) if wanted.isascii() and wanted.isdigit() and len(wanted) < 16 else Q(pk=None)
    found = list(
        Letter.objects.filter(Q(number_text=with_brackets(wanted.strip())) | by_id).values_list("pk", flat=True)[:2]
    )
    if not found:
        raise NotFound(f"没有“{wanted}”这份函件。文号要写全，如 临江政督提〔2020〕1号。")
    if len(found) > 1:
        raise NotFound(f"有不止一份函件的文号是“{wanted}”，请用函件页地址里的编号。")
    letter, chosen = letter_for(SYSTEM, found[0]), Format(form)
    if letter.issued_on is None:
        return drawn_as(letter_page(letter, None), chosen), file_name(f"{letter}草稿", form=chosen)
    paper = letter_papers([letter]).get(letter.pk) or keep_letter(letter, by=SYSTEM, now=clock.now())
    with opened_paper(paper, chosen) as kept:
        return kept.read(), file_name(paper.number_text, paper.addressee, form=chosen)


def bulletin_out(*, plan_year: int, number: str, is_draft: bool, form: str) -> tuple[bytes, str]:
    """Return a bulletin's file and its name. plan_year: 0 for any.   number: 2 or 2020-2; empty for the last one.

    Raises NotFound, Invalid.
    """
    found, chosen = bulletins_for(SYSTEM), Format(form)
    if plan_year:
        found = found.filter(plan__year=plan_year)
    if is_draft:
        one = found.filter(state__in=LIVE).first()
        if one is None:
            raise NotFound("没有还没印发的通报稿。")
        return drawn_as(draft_page(one), chosen), file_name(f"{one.title}（草稿）", form=chosen)
    issued = list(_numbered(found.filter(state=BulletinState.ISSUED).order_by("-total_number", "-pk"), number))
    if not issued:
        raise NotFound(f"没有第{number}期通报。" if number else "还没有印发过通报。")
    if number and len(issued) > 1:
        raise NotFound(f"不止一年有第{number}期，请写明年份，如 {issued[0].number_year}-{number}。")
    paper = bulletin_papers([issued[0]])[issued[0].pk]
    with opened_paper(paper, chosen) as kept:
        return kept.read(), file_name(paper.number_text, paper.title, form=chosen)


def _numbered(issued: BulletinQuerySet, number: str) -> BulletinQuerySet:
    """Return the issues of this number. Raises NotFound for what is no number."""
    if not number:
        return issued
    year, _, at = number.rpartition("-")
    if not (at.isascii() and at.isdigit() and len(at) < 9) or (year and not (year.isascii() and year.isdigit())):
        raise NotFound(f"“{number}”不是期号。请写第几期，如 2；或连同年份，如 2020-2。")
    of_number = issued.filter(number=int(at))
    return of_number.filter(number_year=int(year)) if year else of_number


def table_out(year: int, *, jurisdiction: str, form: str) -> tuple[bytes, str]:
    """Return a plan's 责任分解表 and the name of its file; the export is recorded. Raises NotFound, Invalid."""
    plan = plan_of(year, jurisdiction=jurisdiction)
    rows = ledger_page(SYSTEM, plan=plan, chosen=LedgerFilter(), today=clock.today()).rows
    data = duty_table(plan, rows)
    content = exported(data, form)
    record_export(plan, form=form, view="责任分解表", count=len(data.duties), by=SYSTEM, now=clock.now())
    return content, f"{data.title}.{form}"
