"""`duban manage …`: Django's own maintenance commands (migrate, makemigrations, dbshell)."""

from django.core.management import execute_from_command_line


def main(argv: list[str]) -> int:
    """Pass the arguments on to Django."""
    execute_from_command_line(["duban manage", *argv])
    return 0
