"""What is uploaded is cut off where nobody may send more, before it fills the disk; the rest of the form stays."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class UploadLimits(FileUploadHandler):
    """Leave out files of somebody not signed in, and what is longer than any policy may allow.

    The first of the handlers. `request.left_out` then holds the names of what was left out, for the page to say so.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._total_bytes = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self._file_bytes = 0
        if not self.request.user.is_authenticated:  # type: ignore[union-attr]
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass a piece on to the handlers that keep it. Raises SkipFile past the limits."""
        self._file_bytes += len(raw_data)
        self._total_bytes += len(raw_data)
        if self._file_bytes > settings.MAX_UPLOAD_BYTES or self._total_bytes > settings.MAX_UPLOADS_BYTES:
            left_out: list[str] = self.request.__dict__.setdefault("left_out", [])
            left_out.append(self.file_name or "")
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Keep nothing: the handlers behind do."""
        return
