"""The ZIP of an archive: whole files in a fixed order, each with its digest in a manifest; the same files give the same
bytes. Plain Python; nothing of an archive is held in memory but the list of its files.
"""

import hashlib
import json
import re
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import IO

MANIFEST = "MANIFEST.sha256"
_CHUNK = 1 << 20
_ONE_DAY = (1980, 1, 1, 0, 0, 0)
_PACKED = frozenset({"pdf", "docx", "xlsx", "pptx", "zip", "png", "jpg", "jpeg", "gif", "webp", "mp4", "ofd"})
"""Endings of files that are packed already: packing them again costs time and saves nothing."""

_SAFE_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_ENDING = re.compile(r"[a-z0-9]{1,8}")


def is_safe_path(path: str) -> bool:
    """Return whether every system can unpack a path where it belongs: ASCII words, no way up, no drive."""
    return _SAFE_PATH.fullmatch(path) is not None and ".." not in path and len(path) < 200


def ending_of(file_name: str) -> str:
    """Return the ending of a file's name with its dot, in small letters; “.bin” for one that is no plain word."""
    ending = file_name.rpartition(".")[2].lower() if "." in file_name else ""
    return f".{ending}" if _ENDING.fullmatch(ending) else ".bin"


class Packing:
    """An archive that is being written to a file open for writing. `finish` writes the manifest and the directory."""

    def __init__(self, target: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        self._lines = tempfile.SpooledTemporaryFile(max_size=_CHUNK)  # noqa: SIM115  (closed by finish, drop)
        self.files = 0

    def add(self, path: str, pieces: Iterable[bytes]) -> str:
        """Write one file piece by piece and return its digest. Raises ValueError for a path that is not safe."""
        if not is_safe_path(path) or path == MANIFEST:
            raise ValueError(path)
        return self._write(path, pieces, is_listed=True)

    def add_text(self, path: str, pieces: Iterable[str]) -> str:
        """Write a text in UTF-8, in larger pieces than it comes in. See `add`."""
        return self.add(path, _joined(pieces))

    def _write(self, path: str, pieces: Iterable[bytes], *, is_listed: bool) -> str:
        info = zipfile.ZipInfo(path, _ONE_DAY)
        info.create_system = 3
        info.external_attr = 0o644 << 16
        is_packed = ending_of(path).removeprefix(".") in _PACKED
        info.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
        digest = hashlib.sha256()
        with self._zip.open(info, "w", force_zip64=True) as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
        if is_listed:
            self._lines.write(manifest_line(digest.hexdigest(), path).encode())
            self.files += 1
        return digest.hexdigest()

    def finish(self) -> int:
        """Write the manifest and close the archive; return how many files it names."""
        self._lines.seek(0)
        self._write(MANIFEST, iter(lambda: self._lines.read(_CHUNK), b""), is_listed=False)
        self._lines.close()
        self._zip.close()
        return self.files

    def drop(self) -> None:
        """Let go of what was written: the caller throws the file away."""
        self._lines.close()
        self._zip.close()


def _joined(pieces: Iterable[str]) -> Iterable[bytes]:
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > 1 << 16:
            yield "".join(held).encode()
            held, size = [], 0
    if held:
        yield "".join(held).encode()


def manifest_line(digest: str, path: str) -> str:
    """Return one line as `sha256sum` writes and checks it."""
    return f"{digest}  {path}\n"


# ---- checking


@dataclass
class Checked:
    """What holding an archive against its manifest found. problems: in words, empty where it is whole.

    missing: files that were gone already when it was written, as it says itself.
    """

    files: int = 0
    problems: list[str] = field(default_factory=list)
    title: str = ""
    is_final: bool = False
    as_of: str = ""
    missing: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


_NOTED_MOST = 20


def check_archive(content: IO[bytes]) -> Checked:
    """Hold every file of an archive against its manifest: none missing, none added, none changed, none outside.

    Reads piece by piece. Raises ValueError for a file that is no such archive.
    """
    try:
        packed = zipfile.ZipFile(content)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise ValueError("这不是一个完整的 ZIP 文件。") from error
    with packed:
        names = packed.namelist()
        if MANIFEST not in names or "data/archive.json" not in names:
            raise ValueError(f"这不是督办的年度档案：里面没有 {MANIFEST}。")
        found = Checked()
        told = _manifest(packed, found)
        _note(found, sorted(name for name, count in Counter(names).items() if count > 1), "重复")
        _note(found, sorted(one for one in names if not is_safe_path(one)), "文件名不安全")
        _note(found, sorted(set(told) - set(names)), "缺少")
        _note(found, sorted(set(names) - set(told) - {MANIFEST}), "清单里没有")
        changed = []
        for path in sorted(set(told) & set(names)):
            found.files += 1
            if _digest(packed, path) != told[path]:
                changed.append(path)
        _note(found, changed, "与清单不一致")
        _read_header(packed, found)
    return found


def _note(found: Checked, paths: list[str], what: str) -> None:
    found.problems += [f"{what}：{one}" for one in paths[:_NOTED_MOST]]
    if len(paths) > _NOTED_MOST:
        found.problems.append(f"{what}：另有 {len(paths) - _NOTED_MOST} 个文件")


def _manifest(packed: zipfile.ZipFile, found: Checked) -> dict[str, str]:
    told: dict[str, str] = {}
    try:
        text = packed.read(MANIFEST).decode()
    except (zipfile.BadZipFile, UnicodeDecodeError, OSError) as error:
        raise ValueError(f"{MANIFEST} 读不出来。") from error
    for line in text.splitlines():
        digest, _, path = line.partition("  ")
        if re.fullmatch(r"[0-9a-f]{64}", digest) is None or not path:
            _note(found, [line[:80]], "清单里有读不懂的一行")
        else:
            told[path] = digest
    return told


def _digest(packed: zipfile.ZipFile, path: str) -> str:
    digest = hashlib.sha256()
    try:
        with packed.open(path) as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, zlib.error):
        return ""
    return digest.hexdigest()


def _read_header(packed: zipfile.ZipFile, found: Checked) -> None:
    try:
        header = json.loads(packed.read("data/archive.json"))
        found.title, found.as_of = str(header["title"]), str(header["as_of"])
        found.is_final, found.missing = bool(header["is_final"]), [str(one) for one in header["missing"]]
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, zlib.error):
        _note(found, ["data/archive.json"], "读不懂")
