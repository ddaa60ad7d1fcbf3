"""The paragraph styles by the names officers know, the fonts they name, and what the document is set to.

The fonts are those the field has on its computers; where one is missing, Word and WPS look for its other names.
"""

from dataclasses import dataclass

from duban.documents import standard
from duban.documents.docx_file.markup import NOTHING, Xml, joined, on, part, w
from duban.documents.docx_file.measures import BODY_PT, CHARACTER, LINE, NUMBER_PT, RED
from duban.documents.paper import Align, Face

FONTS = {
    Face.FANG: "仿宋_GB2312",
    Face.HEI: "黑体",
    Face.KAI: "楷体_GB2312",
    Face.SONG: "宋体",
    Face.MARK: "方正小标宋简体",
}
WIDER = {
    Face.FANG: "仿宋",
    Face.HEI: "黑体",
    Face.KAI: "楷体",
    Face.SONG: "宋体",
    Face.MARK: "华文中宋",
}
"""The same face with the characters of GBK: 昇玥喆珺翀赟镕 are not among the 6,763 of GB2312."""
WIDEST = "SimSun-ExtB"
"""Characters beyond the basic plane; Windows has no other font with them."""

_OTHER_NAMES = {
    "方正小标宋简体": "方正小标宋_GBK,方正小标宋,FZXiaoBiaoSong-B05S,华文中宋",
    "仿宋_GB2312": "FangSong_GB2312,仿宋,FangSong,华文仿宋",
    "仿宋": "FangSong,华文仿宋",
    "楷体_GB2312": "KaiTi_GB2312,楷体,KaiTi,华文楷体",
    "楷体": "KaiTi,华文楷体",
    "黑体": "SimHei",
    "宋体": "SimSun",
    "华文中宋": "STZhongsong",
    "SimSun-ExtB": "宋体-ExtB",
}

_JUSTIFICATION = {Align.START: "both", Align.CENTRE: "center", Align.END: "right"}


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style.

    size_pt: of the characters · tight_pt: taken away between them · indent: of the first line, in characters ·
    line: twips of a line exactly, 0 for as high as what stands on it · outline: level in the navigation, from 0 ·
    is_filled: full lines stretch to the right edge.
    """

    key: str
    name: str
    face: Face = Face.FANG
    size_pt: float = BODY_PT
    tight_pt: float = 0.25
    indent: int = 0
    align: Align = Align.START
    line: int = LINE
    outline: int | None = None
    keeps_next: bool = False
    is_red: bool = False
    is_filled: bool = True


BODY = Style("Body", "公文正文", indent=2)
FLUSH = Style("Flush", "顶格正文")
HEADINGS = {
    1: Style("Level1", "一级标题", Face.HEI, indent=2, outline=0, keeps_next=True),
    2: Style("Level2", "二级标题", Face.KAI, indent=2, outline=1, keeps_next=True),
    3: Style("Level3", "三级标题", indent=2, outline=2, keeps_next=True),
    4: Style("Level4", "四级标题", indent=2, outline=3, keeps_next=True),
}
MARK = Style("Mark", "发文机关标志", Face.MARK, 40, 0, align=Align.CENTRE, line=920, is_red=True)
ORDER = Style("Order", "份号密级紧急程度", Face.HEI)
NUMBER = Style("Number", "发文字号", align=Align.CENTRE)
RULE = Style("Rule", "红色线", size_pt=1, tight_pt=0, line=20)
TITLE = Style("DocumentTitle", "公文标题", Face.MARK, standard.TITLE_PT, 0, align=Align.CENTRE, keeps_next=True)
SUBTITLE = Style("DocumentSubtitle", "公文副标题", Face.KAI, align=Align.CENTRE, keeps_next=True)
RECIPIENTS = Style("Recipients", "主送机关")
ATTACHMENT = Style("Attachment", "附件说明")
ISSUER = Style("Issuer", "发文机关署名", align=Align.END, keeps_next=True)
SIGNED_ON = Style("SignedOn", "成文日期", align=Align.END)
NOTE = Style("Note", "附注", indent=2)
ANNEX = Style("Annex", "附件标识", Face.HEI, outline=0, keeps_next=True)
COLOPHON = Style("Colophon", "版记", size_pt=NUMBER_PT, tight_pt=0, line=400)
PAGE_NUMBER = Style("PageNumber", "公文页码", Face.SONG, NUMBER_PT, 0, line=280)
CAPTION = Style("TableCaption", "表题图题", Face.HEI, 14, 0, align=Align.CENTRE, line=440)
CELL = Style("Cell", "表格文字", size_pt=10.5, tight_pt=0, line=0, is_filled=False)
CELL_HEAD = Style("CellHead", "表头文字", Face.HEI, 10.5, 0, align=Align.CENTRE, line=0)
FIGURE = Style("Figure", "图", tight_pt=0, align=Align.CENTRE, line=0)
SMALL = Style("Small", "占位", size_pt=1, tight_pt=0, line=20)

STYLES = (
    *(BODY, FLUSH, *HEADINGS.values(), MARK, ORDER, NUMBER, RULE, TITLE, SUBTITLE, RECIPIENTS, ATTACHMENT, ISSUER),
    *(SIGNED_ON, NOTE, ANNEX, COLOPHON, PAGE_NUMBER, CAPTION, CELL, CELL_HEAD, FIGURE, SMALL),
)


def fonts(name: str) -> Xml:
    """Return one font for characters of every kind; quotation marks and dashes stand as Chinese ones."""
    return w("rFonts", hint="eastAsia", ascii=name, hAnsi=name, eastAsia=name, cs=name)


def size(points: float) -> Xml:
    """Return a size of characters, to the half point."""
    return joined(w("sz", val=round(points * 2)), w("szCs", val=round(points * 2)))


def spacing(*, before: int = 0, line: int) -> Xml:
    """Return the space before a paragraph and the height of its lines, in twips."""
    if line:
        return w("spacing", before=before, after=0, line=line, lineRule="exact")
    return w("spacing", before=before, after=0, line=240, lineRule="auto")


def first_line(characters: int, size_pt: float) -> Xml:
    """Return the indent of a first line; told in characters too, so that it follows the size of the words."""
    wide = CHARACTER if size_pt == BODY_PT else round(size_pt * 20)
    return w("ind", firstLineChars=characters * 100, firstLine=characters * wide)


def justification(align: Align, *, is_filled: bool = True) -> Xml:
    """Return how lines stand; full lines stretch to the right edge where they are to fill the width."""
    return w("jc", val="left" if align == Align.START and not is_filled else _JUSTIFICATION[align])


def styles_part() -> bytes:
    """Return the part with the styles."""
    plain = joined(fonts(FONTS[Face.FANG]), w("kern", val=0), size(BODY_PT), w("lang", val="en-US", eastAsia="zh-CN"))
    normal = w(
        "style",
        w("name", val="Normal"),
        on("qFormat"),
        w("pPr", on("widowControl", False), w("jc", val="both")),
        type="paragraph",
        default=1,
        styleId="Normal",
    )
    characters = w(
        "style",
        w("name", val="Default Paragraph Font"),
        w("uiPriority", val=1),
        on("semiHidden"),
        type="character",
        default=1,
        styleId="DefaultParagraphFont",
    )
    return part(
        "w:styles",
        w("docDefaults", w("rPrDefault", w("rPr", plain)), w("pPrDefault", w("pPr"))),
        normal,
        characters,
        _plain_table(),
        _ruled_table(),
        *map(_style, STYLES),
    )


def _style(style: Style) -> Xml:
    paragraph = joined(
        on("keepNext") if style.keeps_next else NOTHING,
        on("widowControl", False),
        *(on(name, False) for name in ("overflowPunct", "autoSpaceDE", "autoSpaceDN", "adjustRightInd")),
        on("snapToGrid", False) if style.line != LINE else NOTHING,
        spacing(line=style.line),
        first_line(style.indent, style.size_pt) if style.indent else NOTHING,
        justification(style.align, is_filled=style.is_filled),
        w("outlineLvl", val=style.outline) if style.outline is not None else NOTHING,
    )
    characters = joined(
        fonts(FONTS[style.face]),
        w("color", val=RED) if style.is_red else NOTHING,
        w("spacing", val=-round(style.tight_pt * 20)) if style.tight_pt else NOTHING,
        size(style.size_pt),
    )
    return w(
        "style",
        w("name", val=style.name),
        w("basedOn", val="Normal"),
        on("qFormat"),
        w("pPr", paragraph),
        w("rPr", characters),
        type="paragraph",
        customStyle=1,
        styleId=style.key,
    )


def _plain_table() -> Xml:
    edges = ((edge, 0) for edge in ("top", "left", "bottom", "right"))
    return w(
        "style",
        w("name", val="Normal Table"),
        w("uiPriority", val=99),
        on("semiHidden"),
        w(
            "tblPr",
            w("tblInd", w=0, type="dxa"),
            w("tblCellMar", *(w(edge, w=wide, type="dxa") for edge, wide in edges)),
        ),
        type="table",
        default=1,
        styleId="TableNormal",
    )


def _ruled_table() -> Xml:
    edges = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = w("tblBorders", *(w(edge, val="single", sz=4, space=0, color="auto") for edge in edges))
    inner = (("top", 20), ("left", 57), ("bottom", 40), ("right", 57))
    return w(
        "style",
        w("name", val="公文表格"),
        w("basedOn", val="TableNormal"),
        on("qFormat"),
        w("tblPr", borders, w("tblCellMar", *(w(edge, w=wide, type="dxa") for edge, wide in inner))),
        type="table",
        customStyle=1,
        styleId="Ruled",
    )


def fonts_part() -> bytes:
    """Return the table of fonts, each with the names it has elsewhere."""
    return part("w:fonts", *(_font(name, other) for name, other in _OTHER_NAMES.items()))


def _font(name: str, other: str) -> Xml:
    return w(
        "font",
        w("altName", val=other),
        w("charset", val="86"),
        w("family", val="auto"),
        w("pitch", val="variable"),
        name=name,
    )


def settings_part() -> bytes:
    """Return what the whole document is set to: odd and even pages differ, punctuation keeps its full width."""
    mode = w("compatSetting", name="compatibilityMode", uri="http://schemas.microsoft.com/office/word", val=15)
    return part(
        "w:settings",
        w("zoom", percent=100),
        on("bordersDoNotSurroundHeader"),
        on("bordersDoNotSurroundFooter"),
        w("defaultTabStop", val=420),
        on("evenAndOddHeaders"),
        w("drawingGridVerticalSpacing", val=LINE),
        w("characterSpacingControl", val="doNotCompress"),
        w(
            "compat",
            *map(on, ("spaceForUL", "doNotLeaveBackslashAlone", "ulTrailSpace", "doNotExpandShiftReturn")),
            mode,
        ),
        w("themeFontLang", val="en-US", eastAsia="zh-CN"),
        w("decimalSymbol", val="."),
        w("listSeparator", val=","),
    )
