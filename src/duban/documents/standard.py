"""The figures of GB/T 9704-2012, once for the PDF and the .docx; what it leaves open is marked ★.

Millimetres and points; each drawer turns them into its own unit. Source: docs/sources.md#documents
"""

from duban.documents.paper import Form, Head

PAGE_MM = (210, 297)
TEXT_MM = (156, 225)
"""版心: width and height."""
TOP_MM, BINDING_MM = 37, 28
"""天头, 订口: above the 版心, and beside it where the sheet is bound."""
FOOT_MM, OUTSIDE_MM = PAGE_MM[1] - TOP_MM - TEXT_MM[1], PAGE_MM[0] - BINDING_MM - TEXT_MM[0]
LINES, CHARACTERS = 22, 28
"""Of a full page, of a full line."""
BODY_PT, TITLE_PT, SMALL_PT = 16.0, 22.0, 14.0
"""三号 of the text, 二号 of the title, 四号 of 版记 and page numbers."""

NUMBER_BELOW_MM = 7
"""From the 版心 to the dashes of the page number."""
RULE_BELOW_MM = 4
"""From the number, or a letter's mark, to the red rule."""
MARK_TOP_MM = {Form.FILE: 35, Form.MINUTES: 35, Form.BULLETIN: 15}
"""From the top of the 版心 to the upper edge of the mark; of a bulletin ★."""
LETTER_MARK_TOP_MM = 30
"""From the edge of the page."""
LETTER_RULE_MM, LETTER_RULE_FOOT_MM = 170, 20
"""How wide a letter's double rules are; from the second to the foot of the page."""
CODE_MM = 18
"""★ The side of a QR code."""

LARGEST_MARK_PT = {Form.FILE: 62.0, Form.MINUTES: 50.0, Form.LETTER: 46.0, Form.BULLETIN: 72.0, Form.PLAIN: 46.0}
"""★ The standard wants a mark conspicuous and no larger than that of the level above."""
NARROWEST_MARK = 0.72
"""★ A mark's characters become narrower before they become smaller, as letterheads of long names are printed."""
MASTHEAD_SPREAD = 0.35
"""★ Between the characters of a bulletin's short masthead, against their size."""
SHORT_MASTHEAD = 5
"""★ Characters."""


def issue_of(head: Head) -> str:
    """Return which issue it is: 第3期（总第128期）."""
    return f"{head.issue}（{head.issue_total}）" if head.issue and head.issue_total else head.issue or head.issue_total


def signers_by_line(head: Head) -> list[str]:
    """Return the signers two a line, names of two characters opened so that they stand below one another."""
    opened = [f"{one[0]}\u3000{one[1]}" if len(one) == 2 else one for one in head.signers]
    return ["\u3000\u3000".join(opened[place : place + 2]) for place in range(0, len(opened), 2)]
