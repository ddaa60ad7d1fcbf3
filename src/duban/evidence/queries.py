"""Reads of evidence that several doors and later nouns share, already joined."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, QuerySet

from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.evidence.models import Evidence
from duban.matters.models import Matter, Plan
from duban.matters.queries import policy_of


def evidence_of(actor: Actor, *, matter: Matter) -> QuerySet[Evidence]:
    """Return what was given for a matter as this actor may see it, withdrawn or not, the latest first, units joined.

    What was given in one go stands in the order it was given.
    """
    return Evidence.objects.visible_to(actor).filter(matter=matter).select_related("unit").order_by("-added_at", "pk")


def by_subject(evidence: Iterable[Evidence]) -> dict[tuple[str, int], list[Evidence]]:
    """Return what was given with a thing, by the thing's (type, id), in the order given."""
    found: dict[tuple[str, int], list[Evidence]] = defaultdict(list)
    for one in evidence:
        if one.subject_id is not None:
            found[one.subject_type, one.subject_id].append(one)
    return found


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """What a matter has to show: how many pieces stand, when the last came, how many by unit (None: the office)."""

    count: int
    last_on: date | None
    by_unit: dict[int | None, int]


def evidence_facts(matter_ids: Iterable[int]) -> dict[int, EvidenceFacts]:
    """Return what each of these matters has to show; matters without evidence are in it too. One statement.

    The caller has already seen that the actor may see the matters as a whole.
    """
    ids = list(matter_ids)
    rows = Evidence.objects.standing().filter(matter_id__in=ids).order_by().values_list("matter_id", "unit_id")
    counts: dict[int, dict[int | None, int]] = {pk: {} for pk in ids}
    last: dict[int, date] = {}
    for matter_id, unit_id, count, last_at in rows.annotate(Count("pk"), Max("added_at")):
        counts[matter_id][unit_id] = count
        day = day_of(last_at)
        last[matter_id] = max(day, last.get(matter_id, day))
    return {pk: EvidenceFacts(sum(units.values()), last.get(pk), units) for pk, units in counts.items()}


def most_mb_of(matter: Matter) -> int:
    """Return how large one file may be, by the policy of the matter's plan."""
    plan = Plan.objects.select_related("policy").get(pk=matter.plan_id)
    return policy_of(plan).evidence.most_mb
