"""Reading a PDF back: its lines, its rules, and where they stand in millimetres."""

import io
from collections import defaultdict

import pdfplumber

MM = 72 / 25.4


def read(data):
    """Return the pages of a PDF."""
    return pdfplumber.open(io.BytesIO(data)).pages


def turned(page):
    """Return the characters that do not stand upright."""
    return [one for one in page.chars if one["matrix"][1] and one["text"].strip()]


def lines_of(page):
    """Return the upright lines of a page from top to bottom, each its characters from left to right."""
    found = defaultdict(list)
    for char in page.chars:
        if not char["matrix"][1]:
            found[round(char["matrix"][5], 1)].append(char)
    rows = [sorted(found[height], key=lambda one: one["x0"]) for height in sorted(found, reverse=True)]
    return [[one for one in row if one["text"].strip()] for row in rows]


def words(line):
    return "".join(one["text"] for one in line)


def texts(page):
    return [words(line) for line in lines_of(page)]


def find_line(page, part):
    """Return the one line of a page that holds these words."""
    (found,) = [line for line in lines_of(page) if part in words(line)]
    return found


def line_that_is(page, whole):
    """Return the last line of a page that says exactly this."""
    return [line for line in lines_of(page) if words(line) == whole][-1]


def baseline(page, line):
    """Return how far the baseline of a line is from the top of the page, in millimetres."""
    return (float(page.height) - line[0]["matrix"][5]) / MM


def rules_of(page, *, is_level=True):
    """Return (left, top, right, bottom, thick) in millimetres of a page's rules, from top to bottom."""
    found = []
    for one in [*page.lines, *page.rects]:
        wide, high = one["x1"] - one["x0"], one["bottom"] - one["top"]
        if (wide > high) is is_level:
            thick = one["linewidth"] if one["object_type"] == "line" else min(wide, high)
            found.append(tuple(value / MM for value in (one["x0"], one["top"], one["x1"], one["bottom"], thick)))
    return sorted(found, key=lambda one: (one[1], one[0]))


def is_red(thing):
    return tuple(thing["stroking_color"] or ()) == (1.0, 0.0, 0.0)
