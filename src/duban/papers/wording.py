"""行文模板: the words around the matters of a letter or notice, with named fields; checked before they are adopted.

Plain Python. What is shipped stands in presets/wording.toml; an office's own versions are rows of `models.Template`.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from duban.core.errors import Invalid

_FIELD = re.compile(r"\{([^{}]*)\}")
_WIDE = str.maketrans({"｛": "{", "｝": "}"})


@dataclass(frozen=True, slots=True)
class Field:
    """字段: a word in braces that a document fills in. longest: the most characters it can take."""

    word: str
    what: str
    example: str
    longest: int


@dataclass(frozen=True, slots=True)
class Part:
    """One of the texts of a template. longest: characters it may have once filled in."""

    key: str
    label: str
    longest: int


PARTS = (Part("title", "标题", 60), Part("opening", "开头", 500), Part("demand", "要求", 500))


@dataclass(frozen=True, slots=True)
class Wording:
    """The paragraphs of a letter or notice around its matters; the officer may change them."""

    title: str
    opening: str
    demand: str

    def parts(self) -> dict[str, str]:
        """Return the texts by the key of their part."""
        return {"title": self.title, "opening": self.opening, "demand": self.demand}


@dataclass(frozen=True, slots=True)
class TemplateKind:
    """What a template is for. required: fields without which such a document would not say what it has to."""

    key: str
    label: str
    fields: tuple[Field, ...]
    required: tuple[str, ...]
    shipped: Wording

    def examples(self) -> dict[str, str]:
        """Return an example of each field, by its word."""
        return {one.word: one.example for one in self.fields}


@cache
def template_kinds() -> Mapping[str, TemplateKind]:
    """Return every kind of template by its key, in the order shown. Source: docs/sources.md#documents"""
    text = (files("duban.papers") / "presets" / "wording.toml").read_text("utf-8")
    preset = tomllib.loads(text)
    known = {word: Field(word=word, **one) for word, one in preset["fields"].items()}
    return MappingProxyType(
        {
            key: TemplateKind(
                key=key,
                label=one["label"],
                fields=tuple(known[word] for word in one["fields"]),
                required=tuple(one["required"]),
                shipped=Wording(one["title"], one["opening"], one["demand"]),
            )
            for key, one in preset["kinds"].items()
        }
    )


def filled(wording: Wording, values: Mapping[str, str]) -> Wording:
    """Return a template with its fields filled in. values: by the field's word; a field that is not among them stays
    as it is written, so that an officer sees it in the draft.
    """
    return Wording(**{key: _fill(text, values) for key, text in wording.parts().items()})


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _FIELD.sub(lambda found: values.get(found[1].strip(), found[0]), text)


def checked_wording(kind: TemplateKind, parts: Mapping[str, str]) -> Wording:
    """Return a template as it may be adopted: lines without blanks around them, wide braces made narrow.

    Raises Invalid, its `field` the part's key: nothing written, too long once filled, braces without a pair, a field
    there is not, a field missing that has to be there.
    """
    checked: dict[str, str] = {}
    known = {one.word: one for one in kind.fields}
    for part in PARTS:
        text = "\n".join(line.strip() for line in parts.get(part.key, "").translate(_WIDE).strip().splitlines())
        if len(text) < 2:
            raise Invalid(f"请写明{part.label}。", field=part.key)
        for word in _FIELD.findall(text):
            if word.strip() not in known:
                usable = "、".join(f"{{{one}}}" for one in known)
                raise Invalid(f"{part.label}里没有“{{{word}}}”这个字段，可用的是{usable}。", field=part.key)
        rest = _FIELD.sub("", text)
        if "{" in rest or "}" in rest:
            raise Invalid(f"{part.label}里的花括号不成对：字段要写成{{单位}}的样子。", field=part.key)
        longest = len(rest) + sum(known[word.strip()].longest for word in _FIELD.findall(text))
        if longest > part.longest:
            raise Invalid(
                f"{part.label}填入字段后可能有 {longest} 字，不能超过 {part.longest} 字，请写短一些。", field=part.key
            )
        checked[part.key] = _FIELD.sub(lambda found: f"{{{found[1].strip()}}}", text)
    used = {word for text in checked.values() for word in _FIELD.findall(text)}
    for word in kind.required:
        if word not in used:
            raise Invalid(
                f"缺少字段“{{{word}}}”（{known[word].what}）：没有它，{kind.label}就说不清要求。", field="demand"
            )
    return Wording(**checked)
