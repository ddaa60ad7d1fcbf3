"""Strips put on pages one below the other; what belongs together stands together where a page can hold it."""

from collections.abc import Iterable, Sequence

from duban.documents.pdf.marks import LINE, Mark, Page, Strip, moved

_SLACK = 0.01


class Flow:
    """The pages of one document as they fill. y: how far down the 版心 of the last one is used."""

    def __init__(self, *, is_landscape: bool) -> None:
        self.pages: list[Page] = []
        self.y = 0.0
        self._kept: list[Strip] = []
        self._is_off_grid = False
        self.open_page(is_landscape=is_landscape)

    @property
    def page(self) -> Page:
        """The page being filled."""
        return self.pages[-1]

    @property
    def room(self) -> float:
        """Height still free on the page, behind what waits to be put with its next."""
        return self.page.depth - self.y - sum(one.height for one in self._kept)

    def room_on_new_page(self) -> float:
        """Height a fresh page has, behind what waits to be put with its next."""
        page = Page(len(self.pages) + 1, self.page.is_landscape, 0.0)
        return page.height - sum(one.height for one in self._kept)

    def open_page(self, *, is_landscape: bool | None = None) -> None:
        """Begin a page, like the last one where not told otherwise."""
        landscape = self.page.is_landscape if is_landscape is None else is_landscape
        page = Page(len(self.pages) + 1, landscape, 0.0)
        page.depth = page.height
        self.pages.append(page)
        self.y = 0.0
        self._is_off_grid = False

    def begin_at(self, y: float) -> None:
        """Leave the head of the page free; lines of text begin at y, from the top of the 版心."""
        self.y = self.page.origin = y

    def put(self, strips: Iterable[Strip]) -> None:
        """Put strips below what stands there; groups that keep together go to a fresh page rather than be parted."""
        for strip in strips:
            self.to_grid()
            self._kept.append(strip)
            if not strip.keeps_next:
                self.settle()

    def need(self, height: float) -> None:
        """See that this height is free behind what waits, on a fresh page if it must be and if that can hold it."""
        if height > self.room + _SLACK and self.y > self.page.origin and height <= self.room_on_new_page() + _SLACK:
            self.open_page()
        self.settle()

    def settle(self) -> None:
        """Put what waits to be put with its next."""
        waiting, self._kept = self._kept, []
        height = sum(one.height for one in waiting)
        if height > self.page.depth - self.y + _SLACK and self.y > 0.0 and height <= self.page.height + _SLACK:
            self.open_page()
        for strip in waiting:
            if strip.height > self.page.depth - self.y + _SLACK and self.y > 0.0:
                self.open_page()
            if strip.is_blank and self.y == 0.0:
                continue
            self.draw(strip.marks, self.y)
            self.y += strip.height

    def draw(self, marks: Iterable[Mark], y: float) -> None:
        """Draw marks on the page, placed from the left of its 版心 and from y below its top."""
        self.page.marks.extend(moved(one, self.page.left, self.page.top + y) for one in marks)

    def leave_grid(self) -> None:
        """Say that what ends here is no multiple of a line; the next strip begins at the next line of the grid."""
        self._is_off_grid = True

    def to_grid(self) -> None:
        """Go on at the next line of the page's grid."""
        if self._is_off_grid:
            lines = -(-(self.y - self.page.origin - _SLACK) // LINE)
            self.y = self.page.origin + max(lines, 0.0) * LINE
            self._is_off_grid = False


def kept(strips: Sequence[Strip]) -> Sequence[Strip]:
    """Return the strips, each kept with its next and the last with what will follow."""
    for strip in strips:
        strip.keeps_next = True
    return strips


def kept_together(strips: Sequence[Strip]) -> list[Strip]:
    """Return the strips, each but the last kept with its next."""
    for strip in strips[:-1]:
        strip.keeps_next = True
    return list(strips)
