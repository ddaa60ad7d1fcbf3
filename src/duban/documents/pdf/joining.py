"""Pieces of one PDF joined, so that typst holds a piece in memory and never the whole. Source: docs/performance.md

Not for any PDF there is: only for what typst writes, which is plain — one table of objects, none packed within
another, the three about the whole file last, no page labels, no outline.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

_HEAD = b"%PDF-1.7\n%\x80\x80\x80\x80\n\n"
_TAIL = re.compile(
    rb"trailer\n<</Size (\d+)/Root (\d+) 0 R/Info (\d+) 0 R/ID\[\((.{24})\)\(\4\)\]>>\nstartxref\n(\d+)\n%%EOF\s*$"
)
_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*)\nendobj\n+", re.DOTALL)
_REFERENCE = re.compile(rb"(?<![\w.])(\d+) 0 R\b")
_PAGES = re.compile(rb"<</Type/Pages/Count (\d+)/Kids")
_CATALOG = re.compile(rb"(<</Type/Catalog/Pages )(\d+)( 0 R/Metadata )(\d+)( 0 R.*)")
_PAGE_COUNT = re.compile(rb"(?<=<xmpTPg:NPages>)\d+(?=</xmpTPg:NPages>)")
_STREAM = b"\nstream\n"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A PDF as typst writes it. objects: from number 1 on, those about the whole file left out."""

    objects: list[bytes]
    info: bytes
    metadata: bytes
    catalog: bytes
    page_count: int
    identity: bytes


def joined(pieces: Sequence[bytes]) -> bytes:
    """Return one PDF with the pages of several, in order; the same pieces give the same bytes.

    Title, date and the marking as PDF/A are those of the first, all pieces being made with the same. Each keeps its
    own part of the fonts; one piece stays as it is. Raises ValueError for one that is tagged or not as typst writes it.
    """
    if len(pieces) == 1:
        return pieces[0]
    out = bytearray(_HEAD)
    places: list[int] = []

    def put(body: bytes) -> int:
        places.append(len(out))
        out.extend(b"%d 0 obj\n%b\nendobj\n" % (len(places), body))
        return len(places)

    found = [_opened(one) for one in pieces]
    root = sum(len(piece.objects) for piece in found) + 1
    trees = []
    for piece in found:
        offset = len(places)
        trees.append(b"%d 0 R" % (offset + 1))
        put(b"<</Parent %d 0 R%b" % (root, _moved(piece.objects[0], offset).removeprefix(b"<<")))
        for body in piece.objects[1:]:
            put(_moved(body, offset))
    page_count = sum(piece.page_count for piece in found)
    put(b"<</Type/Pages/Count %d/Kids[%b]>>" % (page_count, b" ".join(trees)))
    names = hashlib.md5(b"".join(piece.identity for piece in found), usedforsecurity=False)
    identity = base64.b64encode(names.digest())
    info = put(found[0].info)
    metadata = put(_renamed(found[0].metadata, page_count, found[0].identity, identity))
    catalog = put(_CATALOG.sub(rb"\g<1>%d\g<3>%d\g<5>" % (root, metadata), found[0].catalog))
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f\r\n" % (len(places) + 1)
    out += b"".join(b"%010d 00000 n\r\n" % place for place in places)
    about = (len(places) + 1, catalog, info, identity, identity, table)
    out += b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[(%b)(%b)]>>\nstartxref\n%d\n%%%%EOF" % about
    return bytes(out)


def _opened(data: bytes) -> _Piece:
    tail = _TAIL.search(data)
    if tail is None or not data.startswith(_HEAD):
        raise ValueError("not a PDF as typst writes it")
    size, catalog, info, table = (int(tail[group]) for group in (1, 2, 3, 5))
    entries = data[data.index(b"\n", data.index(b"\n", table) + 1) + 1 : tail.start()].split(b"\r\n")[1:-1]
    starts = [int(entry[:10]) for entry in entries]
    bodies = []
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], table], strict=True), start=1):
        one = _OBJECT.fullmatch(data, start, end)
        if one is None or int(one[1]) != number:
            raise ValueError(f"object {number} does not stand where the table of objects says")
        bodies.append(one[2])
    pages, whole = _PAGES.match(bodies[0]), _CATALOG.fullmatch(bodies[-1])
    if (len(bodies), catalog, info) != (size - 1, size - 1, size - 3) or pages is None or whole is None:
        raise ValueError("the objects do not stand in the order in which typst writes them")
    if (int(whole[2]), int(whole[4])) != (1, size - 2) or b"/StructTreeRoot" in bodies[-1]:
        raise ValueError("the PDF is tagged, or its pages are not where typst puts them")
    return _Piece(bodies[:-3], bodies[-3], bodies[-2], bodies[-1], int(pages[1]), tail[4])


def _moved(body: bytes, offset: int) -> bytes:
    """Return an object, the numbers of those it names moved on; what a stream holds stays."""
    head, stream, held = body.partition(_STREAM)
    return _REFERENCE.sub(lambda one: b"%d 0 R" % (int(one[1]) + offset), head) + stream + held


def _renamed(metadata: bytes, page_count: int, identity: bytes, joined_identity: bytes) -> bytes:
    """Return what the metadata say of the whole: its pages, and a name of its own."""
    head, stream, held = metadata.partition(_STREAM)
    words = held.removesuffix(b"\nendstream").replace(identity, joined_identity)
    words = _PAGE_COUNT.sub(b"%d" % page_count, words)
    return re.sub(rb"(?<=/Length )\d+", b"%d" % len(words), head) + stream + words + b"\nendstream"
