"""When something owed was met or waived; of what was met before that was written down, noon of the day it was met."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db import migrations, models

import duban.matters.rules


def from_the_day_it_was_met(apps, schema_editor):
    obligations = apps.get_model("matters", "Obligation").objects.filter(met_on__isnull=False)
    for day in sorted(set(obligations.order_by().values_list("met_on", flat=True).distinct())):
        noon = datetime.combine(day, time(12), ZoneInfo("Asia/Shanghai"))
        obligations.filter(met_on=day).update(ended_at=noon)


class Migration(migrations.Migration):
    dependencies = [
        ("matters", "0007_rectifying"),
        ("orgs", "0002_person_email"),
    ]

    operations = [
        migrations.AddField(
            model_name="obligation",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(from_the_day_it_was_met, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", duban.matters.rules.OwedState["OPEN"]), _negated=True),
                    ("ended_at__isnull", True),
                    _connector="OR",
                ),
                name="obligation_open_has_not_ended",
            ),
        ),
    ]
