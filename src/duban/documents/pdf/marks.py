"""What is drawn: words, rules and pictures at their places on a page, in points from its upper left corner.

Source: docs/sources.md#documents
"""

from dataclasses import dataclass, field, replace

from duban.documents import standard
from duban.documents.fonts import Font
from duban.documents.standard import CHARACTERS, LINES

MM = 72 / 25.4
A4 = (standard.PAGE_MM[0] * MM, standard.PAGE_MM[1] * MM)
WIDTH, HEIGHT = standard.TEXT_MM[0] * MM, standard.TEXT_MM[1] * MM  # 版心
TOP, BINDING = standard.TOP_MM * MM, standard.BINDING_MM * MM
LINE = int(HEIGHT / LINES * 100) / 100  # 28.99 pt: 29 pt would make it 21 lines
CELL = WIDTH / CHARACTERS  # 15.79 pt: a character and its share of the line
RED, BLACK, PALE = "#ff0000", "#000000", "#e4e4e4"


@dataclass(frozen=True, slots=True)
class Words:
    """Words of one font on one baseline. stretch: of their width; turn: clockwise about their place, in degrees."""

    x: float
    y: float
    text: str
    font: Font
    size: float
    tracking: float = 0.0
    colour: str = BLACK
    stretch: float = 1.0
    turn: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight rule, level or upright; thick: in points."""

    x: float
    y: float
    end_x: float
    end_y: float
    thick: float
    colour: str = BLACK


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing. words: what it shows, for who cannot see it."""

    x: float
    y: float
    width: float
    height: float
    svg: str
    words: str = ""


Mark = Words | Rule | Picture


def moved(mark: Mark, right: float, down: float) -> Mark:
    """Return the mark at another place."""
    if isinstance(mark, Rule):
        return replace(mark, x=mark.x + right, y=mark.y + down, end_x=mark.end_x + right, end_y=mark.end_y + down)
    return replace(mark, x=mark.x + right, y=mark.y + down)


@dataclass(slots=True)
class Strip:
    """A strip of a page that is never cut; its marks are placed from its own upper left corner.

    keeps_next: stands on one page with the next strip. is_blank: white only, left out at the head of a page.
    """

    height: float
    marks: list[Mark] = field(default_factory=list)
    keeps_next: bool = False
    is_blank: bool = False


@dataclass(slots=True)
class Page:
    """One page. number: from 1, of its document; left, top: of its 版心; depth: how far down from there text may go.

    origin: where its lines of text begin, from the top of the 版心.
    """

    number: int
    is_landscape: bool
    depth: float
    origin: float = 0.0
    marks: list[Mark] = field(default_factory=list)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the sheet as it is read."""
        return (A4[1], A4[0]) if self.is_landscape else A4

    @property
    def left(self) -> float:
        """Of the 版心. The binding is at the left of odd pages and at the right of even ones."""
        if self.is_landscape:
            return A4[1] - TOP - HEIGHT
        return BINDING if self.number % 2 else A4[0] - BINDING - WIDTH

    @property
    def top(self) -> float:
        """Of the 版心. A landscape page is bound at its head where it is odd, at its foot where it is even."""
        if not self.is_landscape:
            return TOP
        return BINDING if self.number % 2 else A4[0] - BINDING - WIDTH

    @property
    def width(self) -> float:
        """Of the 版心."""
        return HEIGHT if self.is_landscape else WIDTH

    @property
    def height(self) -> float:
        """Of the 版心."""
        return WIDTH if self.is_landscape else HEIGHT
