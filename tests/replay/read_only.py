"""In a process of its own: make the tables, replay, and then try to write with what `duban replay` has opened."""

import subprocess
import sys

from django.db import DatabaseError

from duban.cli import replay
from duban.core.errors import NotFound


def main(policy: str) -> None:
    subprocess.run([sys.executable, "-m", "duban.cli.main", "manage", "migrate", "-v0"], check=True)
    try:
        replay.main(["--policy", policy])
    except NotFound as error:
        print(error.message)
    from duban.orgs.models import Jurisdiction

    try:
        Jurisdiction.objects.create(level="county", name="临江市临江区", short_name="临江区")
    except DatabaseError as error:
        print(f"refused: {error}")
    print(Jurisdiction.objects.count())


if __name__ == "__main__":
    main(sys.argv[1])
