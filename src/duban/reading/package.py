"""An Office file as the zip of XML parts it is, opened with suspicion: sizes capped, no entities, no DTD."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from typing import TYPE_CHECKING

from duban.reading.errors import NotReadable
from duban.reading.xml_names import STRICT

if TYPE_CHECKING:
    from lxml import etree

MAX_PART_BYTES = 60 * 1024 * 1024
MAX_UNPACKED_BYTES = 300 * 1024 * 1024
MAX_PARTS = 10_000

_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What an Office file may be packed with (ECMA-376 part 2); the others take what memory a file asks for."""
_UNDER_PASSWORD = 0x41
"""Bits of a part's flags: encrypted, and encrypted in the newer way."""


def opened(data: bytes) -> zipfile.ZipFile:
    """This function will open a zip; raises BadZipFile, whatever is wrong with it."""
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (ValueError, NotImplementedError) as problem:  # a name in no encoding; a version of zip still to come
        raise zipfile.BadZipFile(str(problem)) from problem


class Package:
    """The parts of one file. kind: how the file is called in messages. Every failure is a NotReadable."""

    def __init__(self, data: bytes, *, kind: str) -> None:
        self._kind = kind
        try:
            self._zip = opened(data)
        except zipfile.BadZipFile as problem:
            raise self.damaged() from problem
        parts = self._zip.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            raise NotReadable(f"这个{kind}展开后太大，没有读。请只保留通知和任务分解表，去掉图片后再读。", "too_large")
        self._names = {part.filename.lstrip("/"): part for part in parts}

    def damaged(self) -> NotReadable:
        """This function will return the refusal of a file that is cut off or broken inside."""
        return NotReadable(
            f"这个{self._kind}不完整或已损坏，打不开。请重新取得原文件；能用 Word 或 WPS 打开的，另存一份再读。",
            "truncated",
        )

    def main_part(self) -> str:
        """This function will return the name of the part that holds the document itself."""
        for relation in self.xml("_rels/.rels").iterchildren("*"):
            if relation.get("Type", "").endswith("/officeDocument"):
                return str(posixpath.normpath(relation.get("Target", ""))).lstrip("/")
        raise self.damaged()

    def sibling(self, main: str, name: str) -> etree._Element | None:
        """This function will return a part beside the main one, None when the file has none."""
        path = posixpath.join(posixpath.dirname(main), name)
        return self.xml(path) if path in self._names else None

    def xml(self, name: str) -> etree._Element:
        """This function will return the root of a part."""
        from lxml.etree import XMLParser, XMLSyntaxError, fromstring  # only where a package is read

        part = self._names.get(name)
        if part is None or part.compress_type not in _PACKED:
            raise self.damaged()
        if part.flag_bits & _UNDER_PASSWORD:
            raise NotReadable(f"这个{self._kind}设了密码，请取消密码后再读。", "undecodable")
        try:
            with self._zip.open(part) as file:
                text = file.read(MAX_PART_BYTES + 1)
        # a broken head or sum; broken bytes; cut off; a place before the file, a name in no encoding; a patch
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as problem:
            raise self.damaged() from problem
        if len(text) > MAX_PART_BYTES:
            raise NotReadable(f"这个{self._kind}展开后太大，没有读。请只保留通知和任务分解表。", "too_large")
        for strict, common in STRICT:
            text = text.replace(strict, common)
        parser = XMLParser(
            resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True
        )
        try:
            root = fromstring(text, parser)
        except (XMLSyntaxError, ValueError) as problem:
            raise self.damaged() from problem
        if root.getroottree().docinfo.doctype:
            raise NotReadable(f"这个{self._kind}里夹带了外部实体定义（DTD），为安全起见没有读。", "undecodable")
        return root
