"""Every template is used, every address it names exists, and nothing in it is inline."""

import ast
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.urls import get_resolver

import duban

pytestmark = pytest.mark.engine_free

SOURCE = Path(duban.__file__).parent
TEMPLATES = SOURCE / "web" / "templates"
STATIC = SOURCE / "web" / "static"
BY_DJANGO = {"400.html", "403_csrf.html", "404.html", "500.html"}
"""Templates that Django itself asks for by name."""


def templates() -> dict[str, str]:
    return {str(path.relative_to(TEMPLATES)): path.read_text("utf-8") for path in sorted(TEMPLATES.rglob("*.html"))}


def strings_of_python() -> set[str]:
    found = set()
    for path in SOURCE.rglob("*.py"):
        if path.is_relative_to(SOURCE / "archives"):  # its pages are files of an archive, no templates
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_every_template_is_used():
    used = {one.partition("#")[0] for one in strings_of_python() if ".html" in one}
    for text in templates().values():
        used |= set(re.findall(r'{%\s*(?:extends|include|partial)\s+"([^"#]+\.html)', text))
    assert set(templates()) - used - BY_DJANGO == set()


def test_every_template_named_exists():
    named = {one for one in strings_of_python() if re.fullmatch(r"[\w/]+\.html", one)}
    for text in templates().values():
        named |= set(re.findall(r'{%\s*(?:extends|include)\s+"([^"#]+\.html)', text))
    assert named - set(templates()) == set()


@pytest.mark.parametrize("name", templates())
def test_template_can_be_read(name):
    get_template(name)


def url_names() -> set[str]:
    return {one.name for one in get_resolver().url_patterns}


def test_every_address_a_template_names_exists():
    found = {
        (name, url)
        for name, text in templates().items()
        for url in re.findall(r"{%\s*url\s+['\"]([^'\"]+)['\"]", text)
        if url not in url_names()
    }
    assert found == set()


def test_every_address_python_names_exists():
    found = set()
    for path in (SOURCE / "web").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            target = node.args[0].value
            is_name = name == "reverse" or (name == "redirect" and "/" not in target)
            if is_name and target not in url_names():
                found.add((path.name, target))
    assert found == set()


def test_every_address_has_a_name_of_its_own():
    names = [one.name for one in get_resolver().url_patterns]
    assert sorted(names) == sorted(set(names))
    assert [one for one in names if not re.fullmatch(r"[a-z_]+", one)] == []


INLINE = {
    "a style attribute": r"<[a-zA-Z][^>]*\sstyle\s*=",
    "an on… attribute": r"<[a-zA-Z][^>]*\son[a-z]+\s*=",
    "a script without src": r"<script(?![^>]*\ssrc=)[^>]*>",
    "a style element": r"<style\b",
    "a javascript: address": r"javascript:",
    "hx-on": r"\shx-on[:\-a-z]*\s*=",
    "an address elsewhere": r"(?:src|href|action)=[\"'](?:https?:)?//",
}


@pytest.mark.parametrize("what", INLINE)
def test_templates_hold_nothing_inline(what):
    found = {
        (name, match.group(0)[-60:])
        for name, text in templates().items()
        for match in [re.search(INLINE[what], re.sub(r"{%.*?%}", "", text), re.IGNORECASE)]
        if match
    }
    assert found == set()


def test_components_hold_nothing_inline():
    text = (SOURCE / "web" / "templatetags" / "ui.py").read_text("utf-8")
    assert [what for what, pattern in INLINE.items() if re.search(pattern, text, re.IGNORECASE)] == []


def test_every_static_file_named_exists():
    found = {
        (name, file)
        for name, text in templates().items()
        for file in re.findall(r"{%\s*static\s+['\"]([^'\"]+)['\"]", text)
        if not finders.find(file)
    }
    assert found == set()


def test_every_style_sheet_and_script_of_ours_is_used():
    ours = {str(path.relative_to(STATIC)) for kind in ("css", "js") for path in (STATIC / kind).glob("*")}
    named = {file for text in templates().values() for file in re.findall(r"{%\s*static\s+['\"]([^'\"]+)['\"]", text)}
    assert ours - named == set()


def test_every_icon_named_is_in_the_sprite():
    sprite = (STATIC / "vendor" / "icons" / "sprite.svg").read_text("utf-8")
    there = set(re.findall(r'\bid="([^"]+)"', sprite))
    wanted = {(name, icon) for name, text in templates().items() for icon in re.findall(r'{%\s*icon\s+"([^"]+)"', text)}
    assert {one for one in wanted if one[1] not in there} == set()


def test_every_form_that_posts_carries_its_token():
    found = []
    for name, text in templates().items():
        for form in re.findall(r"<form\b[^>]*method=[\"']post[\"'].*?</form>", text, re.IGNORECASE | re.DOTALL):
            if "csrf_token" not in form:
                found.append((name, form[:60]))
    assert found == []


def test_server_names_the_partial_never_the_client():
    text = "\n".join(path.read_text("utf-8") for path in (SOURCE / "web").glob("*.py"))
    assert not re.search(r"render\([^)]*request\.(GET|POST)", text)
