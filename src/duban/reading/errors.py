"""The one way a reading fails: with words for the person who gave the file."""

from __future__ import annotations


class NotReadable(Exception):
    """The bytes cannot be read as a notice.

    message_zh: a sentence for the user.   code: empty · too_large · binary · unsupported_format · truncated (or
    damaged) · undecodable (or under a password) · scan.
    """

    def __init__(self, message_zh: str, code: str) -> None:
        super().__init__(message_zh)
        self.message_zh = message_zh
        self.code = code
