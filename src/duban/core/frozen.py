"""Tables whose rows are never changed or deleted: kept so by triggers, on SQLite and on PostgreSQL.

SQLite loses triggers when a migration rebuilds a table: such a migration makes them anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True, slots=True)
class Frozen:
    """Tables that only grow.

    name: of the function that refuses on PostgreSQL · refusal: what it says, without quotation marks.
    """

    name: str
    tables: tuple[str, ...]
    refusal: str

    def make_triggers(self, connection: BaseDatabaseWrapper, *, tables: Sequence[str] | None = None) -> None:
        """Make the triggers where they are missing. tables: only of these, where the others are not made yet."""
        statements = [] if connection.vendor == "sqlite" else [self._refusing()]
        for table in self.tables if tables is None else tables:
            statements += self._on_sqlite(table) if connection.vendor == "sqlite" else self._on_postgresql(table)
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def drop_triggers(self, connection: BaseDatabaseWrapper) -> None:
        """Lift the triggers: for the backwards migration and for the test fixture that empties tables."""
        with connection.cursor() as cursor:
            for table in self.tables:
                if connection.vendor == "sqlite":
                    for verb in ("update", "delete"):
                        cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
                else:
                    for what in ("change", "truncate"):
                        cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{what} ON {table}")

    def _on_sqlite(self, table: str) -> list[str]:
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{self.refusal}'); END"
            for verb in ("UPDATE", "DELETE")
        ]

    def _refusing(self) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{self.refusal}'; END $$"
        )

    def _on_postgresql(self, table: str) -> list[str]:
        return [
            f"CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}_refuse()",
            f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {self.name}_refuse()",
        ]
