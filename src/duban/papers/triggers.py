"""The triggers that keep issued documents, their scans and the templates as they are. See `audit.triggers`."""

from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = (
    "papers_issuedpaper",
    "papers_issuedpaper_units",
    "papers_issuedpaper_matters",
    "papers_paperscan",
    "papers_template",
)
REFUSAL = "issued documents are not changed"


def make_triggers(connection: BaseDatabaseWrapper, *, tables: Sequence[str] = TABLES) -> None:
    """Make the triggers where they are missing."""
    statements = []
    for table in tables:
        if connection.vendor == "sqlite":
            statements += [
                f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                for verb in ("UPDATE", "DELETE")
            ]
        else:
            statements += [
                "CREATE OR REPLACE FUNCTION papers_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
                f"CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION papers_refuse()",
                f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION papers_refuse()",
            ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    """Lift the triggers: for the backwards migration and for the test fixture that empties tables."""
    with connection.cursor() as cursor:
        for table in TABLES:
            if connection.vendor == "sqlite":
                for verb in ("update", "delete"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_change ON {table}")
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}")
