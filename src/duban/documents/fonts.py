"""Which font stands for a typeface and for each character: the operator's folder first, then the fonts shipped.

Nothing is left to chance: only the files named here are ever given to a drawer, the fonts of the machine are not looked
at, and a character that none of them has is an error with its name, never a box. Source: docs/sources.md#documents
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

import typst
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont, TTLibError

from duban.documents.paper import DocumentError, Face, MissingGlyph

SHIPPED = Path(__file__).parent / "fonts"

_SHIPPED_FILES = {
    Face.FANG: "FandolFang-Regular.otf",
    Face.HEI: "FandolHei-Regular.otf",
    Face.KAI: "FandolKai-Regular.otf",
    Face.SONG: "FandolSong-Regular.otf",
    Face.MARK: "FandolSong-Bold.otf",
}
_SHIPPED_NAMES = {
    Face.FANG: "FandolFang R",
    Face.HEI: "FandolHei",
    Face.KAI: "FandolKai",
    Face.SONG: "FandolSong",
    Face.MARK: "FandolSong Bold",
}
_FALLBACK_FILE = "LXGWWenKai-Regular.ttf"
_NAMES = {
    # what the fonts of the field call themselves, in Chinese and in English, the best first
    Face.FANG: ("仿宋_GB2312", "FangSong_GB2312", "方正仿宋_GBK", "FZFangSong-Z02", "仿宋", "FangSong", "STFangsong"),
    Face.HEI: ("黑体", "SimHei", "方正黑体_GBK", "FZHei-B01", "STHeiti"),
    Face.KAI: ("楷体_GB2312", "KaiTi_GB2312", "方正楷体_GBK", "FZKai-Z03", "楷体", "KaiTi", "STKaiti"),
    Face.SONG: ("宋体", "SimSun", "NSimSun", "方正书宋_GBK", "FZShuSong-Z01", "STSong"),
    Face.MARK: ("方正小标宋简体", "FZXiaoBiaoSong-B05S", "方正小标宋_GBK", "FZXiaoBiaoSong-B05"),
}
_BLANKS = frozenset("_＿")  # in the Fandol fonts they do not touch: a line to write on would be a row of dashes
_SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
_FAMILY_NAMES = {1, 4, 16}  # of a font's table of names: family, full name, typographic family
_CONTEXT = 12
_READING = threading.Lock()
"""An open font is read as it is asked, by one thread at a time."""

_UNREADABLE = "字体文件“{}”读不了。请换一个完好的文件，或者把它移出字体目录。"


@dataclass(frozen=True)
class Font:
    """One font of one file, under the name by which typst finds it. changed: tells a replaced file from the old one."""

    path: Path
    index: int
    family: str
    weight: int
    style: str
    changed: tuple[int, int]

    @cached_property
    def advances(self) -> dict[str, float]:
        """Width of each character the font has, in em."""
        return _advances(self.path, self.index, self.changed)

    @cached_property
    def _opened(self) -> Any:
        return _open(self.path, self.index)

    def ink(self, text: str) -> tuple[float, float]:
        """Return how far the ink of these words reaches above and below the baseline, in em, both upwards."""
        with _READING:
            glyphs = self._opened.getGlyphSet()
            names = self._opened.getBestCmap()
            pen = BoundsPen(glyphs)
            for one in text:
                glyphs[names[ord(one)]].draw(pen)
            em = self._opened["head"].unitsPerEm
        return (pen.bounds[3] / em, pen.bounds[1] / em) if pen.bounds else (0.0, 0.0)


class FontBook:
    """The fonts documents are set in, and the one each character of a typeface takes. for_typst: the same, for it."""

    def __init__(self, chains: dict[Face, tuple[Font, ...]], for_typst: typst.Fonts) -> None:
        self.chains = chains
        self.for_typst = for_typst
        self._found: dict[tuple[Face, str], tuple[Font, float]] = {}

    def find(self, face: Face, character: str, where: str) -> tuple[Font, float]:
        """Return the font a character of this typeface takes and its width in em.

        where: the text it stands in, for the message. Raises MissingGlyph.
        """
        key = (face, character)
        known = self._found.get(key)
        if known is not None:
            return known
        chain = self.chains[face]
        if character in _BLANKS:
            chain = tuple(sorted(chain, key=lambda one: one.path.parent == SHIPPED and one.path.name != _FALLBACK_FILE))
        for font in chain:
            advance = font.advances.get(character)
            if advance is not None:
                self._found[key] = (font, advance)
                return font, advance
        raise MissingGlyph(character, _around(where, character))

    def check(self, text: str, where: str) -> None:
        """Raise MissingGlyph where no font at all has a character of this text."""
        for one in text:
            if not one.isspace():
                self.find(Face.HEI, one, where)


def font_book(folder: Path | None = None) -> FontBook:
    """Return the fonts to set documents in. folder: of the operator's own fonts, looked at first.

    A font there is known by its family name, Chinese or English (方正小标宋简体, 仿宋_GB2312, 楷体_GB2312, 黑体, 宋体);
    any other one serves characters that nothing else has. Raises DocumentError for a folder or a font it cannot read.
    """
    return _book(folder, _listing(folder) if folder is not None else ())


def face_named(name: str) -> Face | None:
    """Return the typeface a family belongs to, of the field's names and of the shipped ones, None for any other."""
    wanted = name.casefold()
    for face, names in _NAMES.items():
        if any(wanted == one.casefold() for one in (*names, _SHIPPED_NAMES[face])):
            return face
    return None


def _listing(folder: Path) -> tuple[tuple[Path, tuple[int, int]], ...]:
    """Return the folder's font files, each with what changes when it is replaced."""
    try:
        if not folder.is_dir():
            raise NotADirectoryError(0, "没有这个目录")
        found = sorted(one for one in folder.rglob("*") if one.suffix.lower() in _SUFFIXES)
        return tuple((one, (one.stat().st_mtime_ns, one.stat().st_size)) for one in found)
    except OSError as problem:
        raise DocumentError(f"字体目录“{folder}”读不了：{problem.strerror}。请核对设置里的目录。") from problem


@lru_cache(maxsize=4)
def _book(folder: Path | None, files: tuple[tuple[Path, tuple[int, int]], ...]) -> FontBook:
    shipped_fonts = {font.path.name: font for font in _fonts_in(SHIPPED, {})}
    shipped = {face: shipped_fonts[name] for face, name in _SHIPPED_FILES.items()}
    own: list[tuple[Font, frozenset[str]]] = []
    taken = {(font.family, font.weight, font.style) for font in shipped_fonts.values()}
    for font in _fonts_in(folder, dict(files)) if folder is not None else ():
        if (font.family, font.weight, font.style) not in taken:  # of two with one name, typst takes the first
            taken.add((font.family, font.weight, font.style))
            own.append((font, _names_of(font)))
    chains = {}
    for face in Face:
        first = _best_of(own, _NAMES[face])
        others = (*first, shipped[face], shipped_fonts[_FALLBACK_FILE], *shipped.values(), *(font for font, _ in own))
        chains[face] = tuple(dict.fromkeys(others))
    folders = [SHIPPED, *([folder] if folder is not None else [])]
    return FontBook(chains, _for_typst(folders))


def _for_typst(folders: Sequence[Path]) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(folders))


def _best_of(own: Sequence[tuple[Font, frozenset[str]]], wanted: Iterable[str]) -> list[Font]:
    for name in wanted:
        for font, names in own:
            if name.casefold() in names:
                return [font]
    return []


def _fonts_in(folder: Path, changed: Mapping[Path, tuple[int, int]]) -> list[Font]:
    found = [
        Font(Path(one.path), one.index, one.family, one.weight, one.style, changed.get(Path(one.path), (0, 0)))
        for one in _for_typst([folder]).fonts()
        if one.path is not None
    ]
    unread = sorted(set(changed) - {font.path for font in found})
    if unread:
        raise DocumentError(_UNREADABLE.format(unread[0].name))
    return found


def _open(path: Path, index: int) -> TTFont:
    try:
        return TTFont(path, fontNumber=index, lazy=True)
    except (TTLibError, OSError) as problem:
        raise DocumentError(_UNREADABLE.format(path.name)) from problem


def _names_of(font: Font) -> frozenset[str]:
    with _open(font.path, font.index) as opened:
        found = (one.toUnicode(errors="replace") for one in opened["name"].names if one.nameID in _FAMILY_NAMES)
        return frozenset(one.casefold() for one in found)


@cache
def _advances(path: Path, index: int, changed: tuple[int, int]) -> dict[str, float]:
    with _open(path, index) as opened:
        opened.setGlyphOrder([str(number) for number in range(opened["maxp"].numGlyphs)])  # their true names cost most
        widths = opened["hmtx"].metrics
        em = opened["head"].unitsPerEm
        return {chr(code): widths[name][0] / em for code, name in opened.getBestCmap().items()}


def _around(text: str, character: str) -> str:
    """Return the few words around a character, so that a person finds it."""
    place = text.find(character)
    start, end = max(place - _CONTEXT, 0), place + _CONTEXT + 1
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
