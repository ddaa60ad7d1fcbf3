"""A database made before the tables' history was folded into one step per room goes on as it is."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

pytestmark = pytest.mark.django_db


def steps_left():
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    return [str(step) for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def test_models_have_no_changes_without_a_migration():
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def test_a_database_of_before_is_taken_over():
    recorder = MigrationRecorder(connection)
    folded = [step for step in MigrationExecutor(connection).loader.disk_migrations.values() if step.replaces]
    assert folded
    for step in folded:
        recorder.record_unapplied(step.app_label, step.name)
        for app, name in step.replaces:
            recorder.record_applied(app, name)
    assert steps_left() == []


def test_a_new_database_has_nothing_left_to_do():
    assert steps_left() == []
