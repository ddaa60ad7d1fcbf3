"""The triggers that keep the trail append-only: SQLite and PostgreSQL.

SQLite loses triggers when a migration rebuilds a table: such a migration makes them anew.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "audit_event"
REFUSAL = "audit events are append-only"

_SQLITE = [
    f"CREATE TRIGGER IF NOT EXISTS audit_event_no_{verb.lower()} BEFORE {verb} ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for verb in ("UPDATE", "DELETE")
]
_POSTGRESQL = [
    "CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
    f"CREATE OR REPLACE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()",
    f"CREATE OR REPLACE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()",
]


def make_triggers(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers where they are missing."""
    with connection.cursor() as cursor:
        for statement in _SQLITE if connection.vendor == "sqlite" else _POSTGRESQL:
            cursor.execute(statement)


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    """Lift the triggers: for the backwards migration and for the test fixture that empties tables."""
    if connection.vendor == "sqlite":
        statements = [f"DROP TRIGGER IF EXISTS audit_event_no_{verb}" for verb in ("update", "delete")]
    else:
        statements = [
            f"DROP TRIGGER IF EXISTS audit_event_no_change ON {TABLE}",
            f"DROP TRIGGER IF EXISTS audit_event_no_truncate ON {TABLE}",
        ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
