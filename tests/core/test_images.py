from io import BytesIO

import pytest
from PIL import Image

from duban.core.errors import Invalid
from duban.core.images import LONGEST_PX, clean_image
from tests.evidence.files import package, photograph, picture

pytestmark = pytest.mark.engine_free


def redrawn(data, name="现场.jpg"):
    made = clean_image(BytesIO(data), name=name)
    return made, made.content.getvalue()


def test_photograph_stands_upright_and_tells_no_place():
    given = photograph(orientation=6, size=(40, 30))
    assert b"secret place" in given
    made, data = redrawn(given)
    image = Image.open(BytesIO(data))
    assert (made.extension, made.content_type, image.format, image.size) == ("jpg", "image/jpeg", "JPEG", (30, 40))
    assert dict(image.getexif()) == {}
    assert [one for one in (b"Exif", b"secret place", "临江牌手机".encode()) if one in data] == []
    assert image.getpixel((5, 5))[0] > 240


@pytest.mark.parametrize(
    ("data", "made"),
    [
        (picture("PNG", mode="RGBA", colour=(255, 0, 0, 90)), ("png", "PNG", "RGBA")),
        (picture("PNG", mode="1", colour=1), ("png", "PNG", "1")),
        (picture("PNG", mode="I;16", colour=40000), ("png", "PNG", "L")),
        (picture("GIF", mode="P", colour=0), ("png", "PNG", "RGB")),
        (picture("BMP"), ("png", "PNG", "RGB")),
        (picture("TIFF"), ("png", "PNG", "RGB")),
        (picture("WEBP"), ("jpg", "JPEG", "RGB")),
        (picture("WEBP", mode="RGBA", colour=(255, 0, 0, 90)), ("png", "PNG", "RGBA")),
        (picture("JPEG", mode="CMYK", colour=(0, 0, 0, 0)), ("jpg", "JPEG", "RGB")),
        (picture("JPEG", mode="L", colour=9), ("jpg", "JPEG", "L")),
    ],
)
def test_every_kind_becomes_one_a_browser_draws(data, made):
    result, written = redrawn(data)
    image = Image.open(BytesIO(written))
    assert (result.extension, image.format, image.mode) == made


def test_sixteen_bits_are_scaled_not_cut():
    _, data = redrawn(picture("PNG", mode="I;16", colour=0x8000))
    assert Image.open(BytesIO(data)).getpixel((0, 0)) == 128


def test_scan_of_several_pages_keeps_its_pages():
    pages = [Image.new("1", (60, 80), place % 2) for place in range(3)]
    written = BytesIO()
    pages[0].save(written, "TIFF", save_all=True, append_images=pages[1:], description="secret place")
    made, data = redrawn(written.getvalue(), "合同.tif")
    image = Image.open(BytesIO(data))
    assert (made.extension, made.content_type, image.n_frames, image.mode) == ("tif", "image/tiff", 3, "1")
    assert b"secret place" not in data


def test_too_large_a_side_is_scaled_down():
    _, data = redrawn(picture("JPEG", size=(9000, 3000)))
    assert Image.open(BytesIO(data)).size == (LONGEST_PX, 1365)
    _, data = redrawn(picture("PNG", mode="1", size=(100, 5000), colour=1))
    assert Image.open(BytesIO(data)).size == (82, LONGEST_PX)


def test_what_hangs_on_an_image_is_gone():
    tail = package("payload.class")
    for kind in ("GIF", "PNG", "JPEG"):
        _, data = redrawn(picture(kind) + tail + b"<script>alert(1)</script>")
        assert b"payload" not in data
        assert b"<script>" not in data


def moving(kind):
    written = BytesIO()
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    frames[0].save(written, kind, save_all=True, append_images=frames[1:])
    return written.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(60), "“图.png”不是完好的图片，请重新选择或重新拍摄。"),
        (picture("JPEG", size=(400, 400))[:1500], "“图.png”不是完好的图片，请重新选择或重新拍摄。"),
        (picture("PNG", size=(400, 400))[:60], "“图.png”不是完好的图片，请重新选择或重新拍摄。"),
        (b"GIF89a" + b"\xff" * 30, "“图.png”不是完好的图片，请重新选择或重新拍摄。"),
        (moving("GIF"), "“图.png”是动图，请截成静态图片再传。"),
        (moving("WEBP"), "“图.png”是动图，请截成静态图片再传。"),
        (picture("PNG", mode="1", size=(30000, 30000), colour=0), "“图.png”的尺寸太大，请缩小后再传。"),
        (picture("PNG", mode="L", size=(12000, 17000), colour=0), "“图.png”的尺寸太大，请缩小后再传。"),
    ],
)
def test_broken_moving_and_huge_ones_are_refused(data, said):
    with pytest.raises(Invalid) as refusal:
        redrawn(data, "图.png")
    assert refusal.value.message == said
