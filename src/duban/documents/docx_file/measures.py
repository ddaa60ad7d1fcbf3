"""The page of GB/T 9704-2012 in the units of WordprocessingML. Source: docs/sources.md#documents

A twip is a twentieth of a point; drawings are measured in EMU, 36,000 to a millimetre.
"""

from dataclasses import dataclass

from duban.documents import standard

LINE = 579
"""22 lines to 225 mm are 579.8 twips each; 580 would take the last line to the next page."""

BODY_PT = standard.BODY_PT
CHARACTER = 315
"""28 characters to 156 mm are 15.79 pt each: 16 pt drawn 0.25 pt closer."""

NUMBER_PT = standard.SMALL_PT

RED = "FF0000"


def twips(mm: float) -> int:
    """Return millimetres in twips."""
    return round(mm * 1440 / 25.4)


def emu(mm: float) -> int:
    """Return millimetres in EMU."""
    return round(mm * 36_000)


@dataclass(frozen=True, slots=True)
class Page:
    """A page in millimetres: its size and its four edges."""

    width: float
    height: float
    top: float
    right: float
    bottom: float
    left: float

    @property
    def text_width(self) -> float:
        """The width of 版心."""
        return self.width - self.left - self.right

    @property
    def text_height(self) -> float:
        """The height of 版心."""
        return self.height - self.top - self.bottom


UPRIGHT = Page(
    *standard.PAGE_MM,
    top=standard.TOP_MM,
    right=standard.OUTSIDE_MM,
    bottom=standard.FOOT_MM,
    left=standard.BINDING_MM,
)
LANDSCAPE = Page(
    UPRIGHT.height, UPRIGHT.width, top=UPRIGHT.left, right=UPRIGHT.top, bottom=UPRIGHT.right, left=UPRIGHT.bottom
)
"""The same sheet turned: its head is at the binding edge (订口)."""


def page_of(is_landscape: bool) -> Page:
    """Return the page, upright or turned."""
    return LANDSCAPE if is_landscape else UPRIGHT
