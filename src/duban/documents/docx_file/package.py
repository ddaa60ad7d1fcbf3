"""The package of a .docx: its parts, what refers to what, and always the same bytes for the same parts."""

import io
import zipfile
from dataclasses import dataclass, field

from duban.documents.docx_file.markup import Xml, escaped, tag

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_KINDS = {
    "document": f"{_WORD}.document.main+xml",
    "styles": f"{_WORD}.styles+xml",
    "settings": f"{_WORD}.settings+xml",
    "fontTable": f"{_WORD}.fontTable+xml",
    "header": f"{_WORD}.header+xml",
    "footer": f"{_WORD}.footer+xml",
}
_ENDINGS = {
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
    "xml": "application/xml",
    "png": "image/png",
    "svg": "image/svg+xml",
}


@dataclass(slots=True)
class Package:
    """The parts beside the document itself, in the order they are asked for."""

    parts: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    relations: list[tuple[str, str]] = field(default_factory=list)

    def add(self, kind: str, name: str, content: bytes) -> str:
        """Add a part that the document refers to; return the id of the relation."""
        self.parts[name] = (kind, content)
        self.relations.append((kind, name))
        return f"rId{len(self.relations)}"

    def image(self, ending: str, content: bytes) -> str:
        """Add a picture; return the id of the relation."""
        return self.add("image", f"media/image{len(self.relations) + 1}.{ending}", content)

    def furniture(self, kind: str, content: bytes) -> str:
        """Add a header or a footer; return the id of the relation."""
        return self.add(kind, f"{kind}{len(self.relations) + 1}.xml", content)

    def written(self, document: bytes, *, title: str) -> bytes:
        """Return the file. It says its title, and neither who made it nor when."""
        files: dict[str, bytes] = {
            "[Content_Types].xml": self._types(),
            "_rels/.rels": _relations(
                [
                    (f"{_OFFICE}/officeDocument", "word/document.xml"),
                    (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
                ]
            ),
            "docProps/core.xml": _core(title),
            "word/document.xml": document,
            "word/_rels/document.xml.rels": _relations([(f"{_OFFICE}/{kind}", name) for kind, name in self.relations]),
            **{f"word/{name}": content for name, (_, content) in self.parts.items()},
        }
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, content in files.items():
                entry = zipfile.ZipInfo(name, _LONG_AGO)
                entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
                archive.writestr(entry, content)
        return stream.getvalue()

    def _types(self) -> bytes:
        named = [("/word/document.xml", _KINDS["document"])]
        named += [(f"/word/{name}", _KINDS[kind]) for name, (kind, _) in self.parts.items() if kind in _KINDS]
        named.append(("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"))
        return _written(
            tag(
                "Types",
                {"xmlns": f"{_PACKAGE}/content-types"},
                *(tag("Default", {"Extension": end, "ContentType": kind}) for end, kind in _ENDINGS.items()),
                *(tag("Override", {"PartName": name, "ContentType": kind}) for name, kind in named),
            )
        )


def _relations(targets: list[tuple[str, str]]) -> bytes:
    lines = (
        tag("Relationship", {"Id": f"rId{number}", "Type": kind, "Target": name})
        for number, (kind, name) in enumerate(targets, start=1)
    )
    return _written(tag("Relationships", {"xmlns": f"{_PACKAGE}/relationships"}, *lines))


def _core(title: str) -> bytes:
    told = {
        "xmlns:cp": f"{_PACKAGE}/metadata/core-properties",
        "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    }
    return _written(
        tag("cp:coreProperties", told, tag("dc:title", {}, escaped(title)), tag("dc:language", {}, escaped("zh-CN")))
    )


def _written(root: Xml) -> bytes:
    return (_HEAD + root).encode()
