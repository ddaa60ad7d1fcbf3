"""Writes docs/archive.schema.json anew, by `PYTHONPATH=src python -m tests.archives.write_schema`."""

import json
import os
from pathlib import Path

import django

PATH = Path(__file__).resolve().parents[2] / "docs" / "archive.schema.json"


def text() -> str:
    from duban.archives.queries import schema

    return json.dumps(schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    PATH.write_text(text(), encoding="utf-8")
