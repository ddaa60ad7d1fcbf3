"""What a change of the policy would do to 10,000 matters, looked at before it is adopted; and adopting it.

Through the whole middleware stack, on SQLite in a folder of its own. `python -m bench.policy` prints the figures and
exits 1 when a bound is broken.
"""

import os
import time
from typing import Any

from bench.apart import run_apart, tell

MATTERS, WITHIN_S, ADOPTED_S = 10_000, 8.0, 30.0


def run() -> list[dict[str, Any]]:
    """Measure in a process of its own."""
    return run_apart("policy")


def measure() -> list[dict[str, Any]]:
    """Return the measurements of this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duban.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from bench.units import world
    from duban.access.models import Account, Grant
    from duban.core import clock

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    now = clock.now()
    plan = world(now=now, units=40, matters=MATTERS)["plan"]
    head = Account(username="zhuren", name="督查室主任", created_at=now)
    head.set_unusable_password()  # signed in by the bench itself
    head.save()
    Grant.objects.create(
        account=head,
        role="office_head",
        jurisdiction_id=plan.jurisdiction_id,
        from_on=now.date(),
        granted_by_name="安全管理员",
    )
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(head, backend="django.contrib.auth.backends.ModelBackend")
    posted = {
        "version": "1",
        "lights.warning_windows": "365→180、3650→360",
        "lights.gap_yellow_points": "1",
        "lights.gap_red_points": "2",
        "reason": "收紧",
    }
    results = []
    for name, step, status, bound in (
        (f"改规则前看影响，{MATTERS} 件事项", "look", 200, WITHIN_S),
        (f"启用新规则，{MATTERS} 件事项重新判定", "adopt", 302, ADOPTED_S),
    ):
        begin = time.perf_counter()
        response = client.post(f"/plans/{plan.pk}/policy/edit/", {**posted, "step": step})
        value = time.perf_counter() - begin
        if response.status_code != status:
            raise RuntimeError(f"{step}: {response.status_code}")
        results.append({"name": name, "value": value, "unit": "s", "bound": bound, "ok": value <= bound})
    return results


if __name__ == "__main__":
    tell(measure, run)
