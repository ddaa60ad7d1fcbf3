"""What is given is looked at before anything is locked: its type, its content, viruses; images are drawn anew."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings

from duban.core.antivirus import ScannerUnavailable, scan
from duban.core.errors import Invalid, WrongState
from duban.core.file_types import Family, checked_type, clean_name
from duban.core.files import Staged, digest_of, staged
from duban.core.images import clean_image
from duban.evidence.rules import EvidenceKind, Scan, checked_address, checked_place, checked_title


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as it came. name: whatever the sender called it.   title: empty takes the name.   content: seekable."""

    name: str
    content: BinaryIO
    title: str = ""


@dataclass(frozen=True, slots=True)
class NewLink:
    """A web address."""

    address: str
    title: str


@dataclass(frozen=True, slots=True)
class NewPaper:
    """Where a paper lies: its number, the shelf it stands on."""

    place: str
    title: str


Given = NewFile | NewLink | NewPaper


@dataclass(frozen=True, slots=True)
class Examined:
    """Something given, found good. file: its bytes on the disk, not yet kept; None for links and papers."""

    kind: EvidenceKind
    title: str
    address: str = ""
    place: str = ""
    file_name: str = ""
    content_type: str = ""
    given_digest: str = ""
    scan: Scan | None = None
    scanner: str = ""
    file: Staged | None = None


@dataclass(frozen=True, slots=True)
class KeptScan:
    """The scan of a paper, examined and kept: the columns of `ScanOfPaper`. scan, scanner: what looked for viruses."""

    file_name: str
    content_type: str
    size_bytes: int
    digest: str
    given_digest: str
    scan: str
    scanner: str


def kept_scan(seen: Examined) -> KeptScan:
    """Return an examined scan as it is recorded. Raises Invalid: it is no file."""
    if seen.file is None:
        raise Invalid("请附扫描件。", field="scan")
    return KeptScan(
        file_name=seen.file_name,
        content_type=seen.content_type,
        size_bytes=seen.file.size_bytes,
        digest=seen.file.digest,
        given_digest=seen.given_digest,
        scan=seen.scan.value if seen.scan else "",
        scanner=seen.scanner,
    )


@contextmanager
def examined(given: Sequence[Given], *, most_mb: int) -> Iterator[list[Examined]]:
    """Look at everything given; yield what is good to be recorded. One thing refused refuses all of it.

    What is not kept by the end of the block leaves nothing on the disk. Raises Invalid, WrongState (the scanner does
    not answer). Source: docs/sources.md#evidence
    """
    with ExitStack() as stack:
        yield [_examined(one, most_mb=most_mb, stack=stack) for one in given]


def _examined(one: Given, *, most_mb: int, stack: ExitStack) -> Examined:
    if isinstance(one, NewLink):
        address = checked_address(one.address)
        return Examined(EvidenceKind.LINK, checked_title(one.title), address=address)
    if isinstance(one, NewPaper):
        return Examined(EvidenceKind.PAPER, checked_title(one.title), place=checked_place(one.place))
    name = clean_name(one.name)
    size_bytes = one.content.seek(0, 2)
    if size_bytes > most_mb * 1024 * 1024:
        size_mb = size_bytes / 1024 / 1024
        raise Invalid(f"“{name}”有 {size_mb:.1f} MB，超过 {most_mb} MB 的上限，请压缩或分成几份再传。", field="file")
    found = checked_type(one.content, name=name)
    given_digest = digest_of(one.content)
    result, scanner = _scanned(one.content, name=name)
    content, content_type = one.content, found.content_type
    stem = name.rpartition(".")[0]
    if found.family is Family.IMAGE:
        image = clean_image(one.content, name=name)
        content, content_type, name = image.content, image.content_type, f"{stem}.{image.extension}"
    return Examined(
        EvidenceKind.FILE,
        checked_title(one.title, otherwise=stem or "未命名的文件"),
        file_name=name,
        content_type=content_type,
        given_digest=given_digest,
        scan=result,
        scanner=scanner,
        file=stack.enter_context(staged(content)),
    )


def _scanned(content: BinaryIO, *, name: str) -> tuple[Scan, str]:
    """Return what is known of a file, and by which program. Raises Invalid (a virus), WrongState (no answer)."""
    if not settings.CLAMD:
        return Scan.NONE, ""
    try:
        verdict = scan(content, address=settings.CLAMD)
    except ScannerUnavailable as error:
        logging.getLogger("duban.evidence").warning("no answer of the scanner: %s", error)
        if settings.CLAMD_OPTIONAL:
            return Scan.UNREACHABLE, ""
        raise WrongState("查毒程序没有应答，文件没有保存。请稍后再传；一直如此，请告知系统管理员。") from error
    if verdict.virus:
        raise Invalid(f"“{name}”里查出病毒（{verdict.virus}），没有保存。请杀毒后再传。", field="file")
    return Scan.CLEAN, verdict.scanner[:80]
