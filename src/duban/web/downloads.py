"""Files that a page hands out."""

from base64 import b64encode
from urllib.parse import quote

from django.http import FileResponse, HttpResponse

from duban.core.files import opened

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(data: bytes, *, name: str, kind: str = XLSX) -> HttpResponse:
    """Return bytes as a file to keep, under a Chinese name."""
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def kept_file(digest: str, *, name: str, kind: str, is_shown: bool = False) -> FileResponse:
    """Return a file somebody gave, by its digest. It is never run as part of a page, nor kept by a cache.

    is_shown: to be looked at in the browser instead of kept; only for kinds that are harmless there.
    """
    response = FileResponse(opened(digest), as_attachment=not is_shown, filename=name, content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    response["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(digest)).decode()}:"
    return response
