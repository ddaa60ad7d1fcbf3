"""Bytes kept for good: in the data folder, outside the web root, each under the SHA-256 digest of what it holds."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from duban.core.errors import NotFound

_CHUNK = 1 << 20


def path_of(digest: str) -> Path:
    """Return where the bytes of a digest lie."""
    return Path(settings.FILES_DIR) / digest[:2] / digest


def digest_of(content: BinaryIO) -> str:
    """Return the SHA-256 digest of a file read from its start, which is then at its start again."""
    content.seek(0)
    digest = hashlib.sha256()
    while chunk := content.read(_CHUNK):
        digest.update(chunk)
    content.seek(0)
    return digest.hexdigest()


class Staged:
    """Bytes written and synced to the disk, not yet under their name: `keep` is one rename."""

    def __init__(self, temporary: Path, *, digest: str, size_bytes: int) -> None:
        self._temporary = temporary
        self.digest = digest
        self.size_bytes = size_bytes

    def keep(self) -> None:
        """Let the file stand under its digest. The same bytes kept before are replaced by themselves, whole."""
        path = path_of(self.digest)
        if self._temporary.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._temporary.replace(path)
            for folder in (path.parent, path.parent.parent):
                _sync_folder(folder)


@contextmanager
def staged(content: BinaryIO) -> Iterator[Staged]:
    """Write a file's bytes beside those kept; unless `keep` is called meanwhile, nothing of them stays.

    The slow part: it is done before a transaction is opened, and `keep` is called as its last step.
    """
    folder = Path(settings.FILES_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(prefix=".new-", dir=folder)  # mode 0600
    temporary = Path(name)
    try:
        digest, size_bytes = hashlib.sha256(), 0
        content.seek(0)
        with os.fdopen(descriptor, "wb") as file:
            while chunk := content.read(_CHUNK):
                digest.update(chunk)
                size_bytes += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        yield Staged(temporary, digest=digest.hexdigest(), size_bytes=size_bytes)
    finally:
        temporary.unlink(missing_ok=True)


class Draft:
    """A file that is being written beside those kept, for what is too long to be held in memory."""

    def __init__(self, file: BinaryIO, temporary: Path) -> None:
        self.file = file
        self._temporary = temporary

    def staged(self) -> Staged:
        """Return what was written, synced to the disk; nothing more may be written."""
        self.file.flush()
        os.fsync(self.file.fileno())
        size_bytes = self.file.tell()
        digest = digest_of(self.file)
        self.file.close()
        return Staged(self._temporary, digest=digest, size_bytes=size_bytes)


@contextmanager
def drafted(name: str) -> Iterator[Draft]:
    """Let a file be written piece by piece; unless it is staged and kept meanwhile, nothing of it stays.

    name: of the thing it is of, in plain letters: what a killed writer of the same thing left behind is cleared away.
    """
    folder = Path(settings.FILES_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.glob(f".{name}-*"):
        left.unlink(missing_ok=True)
    descriptor, path = tempfile.mkstemp(prefix=f".{name}-", dir=folder)  # mode 0600
    temporary = Path(path)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield Draft(file, temporary)
    finally:
        temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def keep_bytes(data: bytes) -> str:
    """Keep bytes so that a whole file stands under the digest or none, whatever fails in between; return it."""
    with staged(BytesIO(data)) as file:
        file.keep()
    return file.digest


def opened(digest: str) -> BinaryIO:
    """Return a kept file, open at its start. Raises NotFound when it is gone or no longer the same."""
    path = path_of(digest)
    if path.is_file():
        content = path.open("rb")
        if digest_of(content) == digest:
            return content
        content.close()
    raise NotFound("原件不在数据目录中，或者与存入时不一致。请从备份中恢复。")
