"""What is drawn: figures, the QR code, the watermark, the turned page number.

A figure stays SVG, sharp at any size, with a PNG beside it for programs that know no SVG; typst draws the PNG.
"""

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import segno
import typst

from duban.documents import standard
from duban.documents.docx_file.markup import NOTHING, Xml, cleaned, escaped, tag, w
from duban.documents.docx_file.measures import LANDSCAPE, NUMBER_PT, UPRIGHT, Page, emu
from duban.documents.docx_file.package import Package
from duban.documents.docx_file.styles import FIGURE, FONTS
from duban.documents.docx_file.words import Line
from duban.documents.paper import DocumentError, Face, Figure

_FONTS = Path(__file__).parents[1] / "fonts"
_PNG_PPI = 200
_PICTURE = "http://schemas.openxmlformats.org/drawingml/2006/picture"
_SHAPE = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
_SVG = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a drawing stands: millimetres from an edge (page or margin, which is 版心), or against it."""

    edge: str
    at: float | str

    @property
    def xml(self) -> Xml:
        """As DrawingML has it."""
        if isinstance(self.at, str):
            return tag("wp:align", {}, escaped(self.at))
        return tag("wp:posOffset", {}, escaped(str(emu(self.at))))

    def vml(self, side: str, axis: str) -> str:
        """As VML has it."""
        place = f"margin-{side}:0;mso-position-{axis}:{self.at}"
        if not isinstance(self.at, str):
            place = f"margin-{side}:{self.at:.2f}mm"
        return f"{place};mso-position-{axis}-relative:{self.edge}"


@dataclass(slots=True)
class Drawings:
    """The drawings of one document; each gets a number of its own."""

    package: Package
    count: int = 0

    def number(self) -> int:
        """Return the next number."""
        self.count += 1
        return self.count

    def figure(self, figure: Figure) -> Line:
        """Return a paragraph with the figure. Raises DocumentError where it is no SVG."""
        png = self.package.image("png", _png_of(figure))
        svg = self.package.image("svg", figure.svg)
        words = figure.words or figure.caption
        picture = self._picture(png, figure.width_mm, figure.height_mm, words=words, svg=svg)
        extent, properties = _extent(figure.width_mm, figure.height_mm), self._told("图", words)
        none = {"distT": 0, "distB": 0, "distL": 0, "distR": 0}
        inline = tag("wp:inline", none, extent, properties, tag("wp:cNvGraphicFramePr", {}), picture)
        return Line(FIGURE, w("r", w("drawing", inline)))

    def code(self, text: str, page: Page) -> Xml:
        """Return a run with a QR code in the upper right corner of its page. Raises DocumentError: too long."""
        stream = io.BytesIO()
        try:
            segno.make_qr(cleaned(text), error="m").save(stream, kind="png", scale=8, border=0)
        except segno.DataOverflowError as problem:
            raise DocumentError(f"二维码放不下这么长的内容（{len(text)}字）。请缩短。") from problem
        png = self.package.image("png", stream.getvalue())
        told = self._told("二维码", "二维码")
        picture = self._picture(png, standard.CODE_MM, standard.CODE_MM, words="二维码")
        across, down = (
            _Place("page", page.width - page.right - standard.CODE_MM),
            _Place("page", min(10, page.top - standard.CODE_MM - 5)),
        )
        return w("r", w("drawing", _anchor(across, down, standard.CODE_MM, standard.CODE_MM, told, picture)))

    def watermark(self, text: str) -> Xml:
        """Return a run with words across the page, as Word writes its own watermarks."""
        number = self.number()
        words = cleaned(text)
        wide = min(430, 150 * len(words))
        style = (
            f"position:absolute;margin-left:0;margin-top:0;width:{wide}pt;height:{wide // max(len(words), 1)}pt;"
            "rotation:315;z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
            "mso-position-vertical:center;mso-position-vertical-relative:margin"
        )
        told = {"id": f"PowerPlusWaterMarkObject{number}", "o:spid": f"_x0000_s{2048 + number}"}
        told |= {"type": "#_x0000_t136", "alt": words, "style": style, "o:allowincell": "f"}
        told |= {"fillcolor": "#d0d0d0", "stroked": "f"}
        fill = tag("v:fill", {"opacity": ".5"})
        path = tag("v:textpath", {"style": f'font-family:"{FONTS[Face.HEI]}";font-size:1pt', "string": words})
        return w("r", w("pict", _word_art(), tag("v:shape", told, fill, path)))

    def turned(self, paragraph: Xml) -> Xml:
        """Return a run with a paragraph where an upright page has its number, on a page that lies on its side."""
        high = NUMBER_PT * 25.4 / 72
        across = _Place("page", LANDSCAPE.left - standard.NUMBER_BELOW_MM - high)
        down = _Place("page", LANDSCAPE.top)
        return self._box(across, down, high, LANDSCAPE.text_height, paragraph, name="页码", is_turned=True)

    def at_foot(self, inside: Xml, *, height_mm: float) -> Xml:
        """Return a run with a box as wide as 版心, standing on its lower edge; text keeps clear of it.

        height_mm: at least as high as its content, which stands at the bottom of it.
        """
        across, down = _Place("margin", "left"), _Place("margin", "bottom")
        return self._box(across, down, UPRIGHT.text_width, height_mm, inside, name="版记", is_clear=True)

    def _box(
        self,
        across: _Place,
        down: _Place,
        width_mm: float,
        height_mm: float,
        inside: Xml,
        *,
        name: str,
        is_turned: bool = False,
        is_clear: bool = False,
    ) -> Xml:
        """Return a run with a box of words, in the newer form and in the older one (VML)."""
        number = self.number()
        content = w("txbxContent", inside)
        wide: dict[str, str | int] = {"cx": emu(width_mm), "cy": emu(height_mm)}
        shape = tag(
            "wps:wsp",
            {},
            tag("wps:cNvSpPr", {"txBox": 1}),
            tag(
                "wps:spPr",
                {},
                tag("a:xfrm", {}, tag("a:off", {"x": 0, "y": 0}), tag("a:ext", wide)),
                tag("a:prstGeom", {"prst": "rect"}, tag("a:avLst", {})),
                tag("a:noFill", {}),
                tag("a:ln", {}, tag("a:noFill", {})),
            ),
            tag("wps:txbx", {}, content),
            tag(
                "wps:bodyPr",
                {"vert": "vert" if is_turned else "horz", **dict.fromkeys(("lIns", "tIns", "rIns", "bIns"), 0)}
                | {"anchor": "t" if is_turned else "b"},
                tag("a:noAutofit", {}),
            ),
        )
        graphic = tag("a:graphic", {}, tag("a:graphicData", {"uri": _SHAPE}, shape))
        told = _named(number, name, name)
        drawing = _anchor(across, down, width_mm, height_mm, told, graphic, is_clear=is_clear)
        style = (
            f"position:absolute;{across.vml('left', 'horizontal')};{down.vml('top', 'vertical')};"
            f"width:{width_mm:.2f}mm;height:{height_mm:.2f}mm;z-index:1;"
            f"v-text-anchor:{'top' if is_turned else 'bottom'}"
        )
        flow = {"style": "layout-flow:vertical"} if is_turned else {}
        parts = [tag("v:textbox", {**flow, "inset": "0,0,0,0"}, content)]
        parts += [tag("w10:wrap", {"type": "topAndBottom"})] if is_clear else []
        old = tag("v:rect", {"id": f"_x0000_s{2048 + number}", "style": style, "filled": "f", "stroked": "f"}, *parts)
        choice = tag("mc:Choice", {"Requires": "wps"}, w("drawing", drawing))
        return w("r", tag("mc:AlternateContent", {}, choice, tag("mc:Fallback", {}, w("pict", old))))

    def _told(self, name: str, words: str) -> Xml:
        return _named(self.number(), name, words)

    def _picture(self, png: str, width_mm: float, height_mm: float, *, words: str, svg: str = "") -> Xml:
        more = NOTHING
        if svg:
            more = tag("a:extLst", {}, tag("a:ext", {"uri": _SVG}, tag("asvg:svgBlip", {"r:embed": svg})))
        wide = {"cx": emu(width_mm), "cy": emu(height_mm)}
        blip = tag("a:blip", {"r:embed": png}, more) if svg else tag("a:blip", {"r:embed": png})
        picture = tag(
            "pic:pic",
            {},
            tag(
                "pic:nvPicPr",
                {},
                tag("pic:cNvPr", {"id": self.count, "name": f"图{self.count}", "descr": words}),
                tag("pic:cNvPicPr", {}),
            ),
            tag("pic:blipFill", {}, blip, tag("a:stretch", {}, tag("a:fillRect", {}))),
            tag(
                "pic:spPr",
                {},
                tag("a:xfrm", {}, tag("a:off", {"x": 0, "y": 0}), tag("a:ext", wide)),
                tag("a:prstGeom", {"prst": "rect"}, tag("a:avLst", {})),
            ),
        )
        return tag("a:graphic", {}, tag("a:graphicData", {"uri": _PICTURE}, picture))


def _named(number: int, name: str, words: str) -> Xml:
    return tag("wp:docPr", {"id": number, "name": f"{name}{number}", "descr": words})


def _extent(width_mm: float, height_mm: float) -> Xml:
    return tag("wp:extent", {"cx": emu(width_mm), "cy": emu(height_mm)})


def _anchor(
    across: _Place, down: _Place, width_mm: float, height_mm: float, told: Xml, graphic: Xml, is_clear: bool = False
) -> Xml:
    """Return a drawing at a place of the page. is_clear: words keep above it and below; otherwise it is over them."""
    attributes = {"distT": 0, "distB": 0, "distL": 0, "distR": 0, "simplePos": 0, "relativeHeight": 1}
    attributes |= {"behindDoc": 0, "locked": 0, "layoutInCell": 1, "allowOverlap": 1}
    return tag(
        "wp:anchor",
        attributes,
        tag("wp:simplePos", {"x": 0, "y": 0}),
        tag("wp:positionH", {"relativeFrom": across.edge}, across.xml),
        tag("wp:positionV", {"relativeFrom": down.edge}, down.xml),
        _extent(width_mm, height_mm),
        tag("wp:effectExtent", {"l": 0, "t": 0, "r": 0, "b": 0}),
        tag("wp:wrapTopAndBottom" if is_clear else "wp:wrapNone", {}),
        told,
        tag("wp:cNvGraphicFramePr", {}),
        graphic,
    )


@cache
def _word_art() -> Xml:
    """Return the shape Word calls 136: words stretched over a box."""
    formulas = (
        *("sum #0 0 10800", "prod #0 2 1", "sum 21600 0 @1", "sum 0 0 @2", "sum 21600 0 @3", "if @0 @3 0"),
        *("if @0 21600 @1", "if @0 0 @2", "if @0 @4 21600", "mid @5 @6", "mid @8 @5", "mid @7 @8", "mid @6 @7"),
        "sum @6 0 @5",
    )
    told: dict[str, str | int] = {"id": "_x0000_t136", "coordsize": "21600,21600", "o:spt": 136, "adj": "10800"}
    return tag(
        "v:shapetype",
        told | {"path": "m@7,l@8,m@5,21600l@6,21600e"},
        tag("v:formulas", {}, *(tag("v:f", {"eqn": one}) for one in formulas)),
        tag(
            "v:path",
            {
                "textpathok": "t",
                "o:connecttype": "custom",
                "o:connectlocs": "@9,0;@10,10800;@11,21600;@12,10800",
                "o:connectangles": "270,180,90,0",
            },
        ),
        tag("v:textpath", {"on": "t", "fitshape": "t"}),
        tag("o:lock", {"v:ext": "edit", "text": "t", "shapetype": "t"}),
    )


@cache
def _drawing_fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FONTS)])


def _png_of(figure: Figure) -> bytes:
    wide = f"width: {figure.width_mm}mm, height: {figure.height_mm}mm"
    page = f'#set page({wide}, margin: 0pt)\n#image(bytes(sys.inputs.drawing), format: "svg", {wide})'
    try:
        drawn = typst.compile(
            page.encode(),
            font_paths=_drawing_fonts(),
            format="png",
            ppi=_PNG_PPI,
            sys_inputs={"drawing": figure.svg.decode()},
        )
    except (typst.TypstError, UnicodeDecodeError) as error:
        raise DocumentError(f"图“{figure.caption or figure.words}”画不出来：{error}") from error
    return drawn
