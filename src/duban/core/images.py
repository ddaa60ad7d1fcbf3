"""Images are drawn anew before they are kept: what is no picture in them (place, camera, thumbnails, tails) is gone."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageOps, ImageSequence

from duban.core.errors import Invalid

LONGEST_PX = 4096
"""A longer side is scaled down to this: an A4 page at 300 dots an inch has 3508."""

_MOST_BYTES = 200_000_000
"""Of one picture unpacked; 66 megapixels in colour."""

_MOST_PIXELS_JPEG = 120_000_000
"""A JPEG is unpacked at a part of its size; telephones make 108 megapixels."""

_MOST_PAGES = 100
_QUALITY = 88
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, IndexError, OverflowError, struct.error)
"""What decoders meet broken bytes with."""


@dataclass(frozen=True, slots=True)
class CleanImage:
    """A picture drawn anew."""

    content: BinaryIO
    extension: str
    content_type: str


def clean_image(content: BinaryIO, *, name: str) -> CleanImage:
    """Return a picture upright, without anything but the picture, no side longer than LONGEST_PX.

    Photographs become JPEG, drawings PNG, a scan of several pages stays TIFF. Raises Invalid: not an image, broken,
    too large to unpack, moving.
    """
    content.seek(0)
    try:
        with Image.open(content, formats=_FORMATS) as image:
            return _redrawn(image, name=name)
    except Image.DecompressionBombError:
        raise _too_large(name)
    except (*_BROKEN, zlib.error):
        raise Invalid(f"“{name}”不是完好的图片，请重新选择或重新拍摄。", field="file")


def _too_large(name: str) -> Invalid:
    return Invalid(f"“{name}”的尺寸太大，请缩小后再传。", field="file")


def _redrawn(image: Image.Image, *, name: str) -> CleanImage:
    pages = getattr(image, "n_frames", 1)
    is_jpeg = image.format in ("JPEG", "MPO")
    if image.format == "TIFF" and pages > 1:
        if pages > _MOST_PAGES:
            raise Invalid(f"“{name}”有 {pages} 页，超过 {_MOST_PAGES} 页，请分成几份或转成 PDF 再传。", field="file")
        return _tiff(image, name=name)
    if pages > 1 and not is_jpeg:
        raise Invalid(f"“{name}”是动图，请截成静态图片再传。", field="file")
    if is_jpeg:
        if image.width * image.height > _MOST_PIXELS_JPEG:
            raise _too_large(name)
        image.draft("RGB", (LONGEST_PX, LONGEST_PX))
    page = _page(image, name=name)
    is_photograph = is_jpeg or (image.format == "WEBP" and page.mode == "RGB")
    written = BytesIO()
    if is_photograph:
        _as_mode(page, ("L", "RGB")).save(written, "JPEG", quality=_QUALITY)
        return CleanImage(written, "jpg", "image/jpeg")
    page.save(written, "PNG")
    return CleanImage(written, "png", "image/png")


def _tiff(image: Image.Image, *, name: str) -> CleanImage:
    pages = _pages(image, name=name)
    written = BytesIO()
    next(pages).save(written, "TIFF", save_all=True, append_images=pages, compression="tiff_adobe_deflate")
    return CleanImage(written, "tif", "image/tiff")


def _pages(image: Image.Image, *, name: str) -> Iterator[Image.Image]:
    for one in ImageSequence.Iterator(image):
        yield _page(one, name=name)


def _page(image: Image.Image, *, name: str) -> Image.Image:
    """Return one picture as pixels only."""
    if image.format not in ("JPEG", "MPO"):
        unpacked = image.width * image.height * len(image.getbands()) * (4 if image.mode in ("I", "F") else 1)
        if unpacked > _MOST_BYTES:
            raise _too_large(name)
    page: Image.Image = ImageOps.exif_transpose(image)
    if page.mode.startswith("I"):
        page = page.point(lambda value: value * (1 / 256)).convert("L")  # 16 bits a dot
    elif page.mode == "P":
        page = page.convert("RGBA" if "transparency" in page.info else "RGB")
    page = _as_mode(page, ("1", "L", "LA", "RGB", "RGBA"))
    if max(page.size) > LONGEST_PX:
        page = page.convert("L") if page.mode == "1" else page
        page.thumbnail((LONGEST_PX, LONGEST_PX), Image.Resampling.LANCZOS)
    plain = page.copy()
    plain.info = {}
    return plain


def _as_mode(page: Image.Image, modes: tuple[str, ...]) -> Image.Image:
    return page if page.mode in modes else page.convert("RGB")
