from django.db.models import OuterRef

from duban.core.presence import there_is
from duban.orgs.models import Jurisdiction, Person, Unit


def test_one_statement_says_which_tables_hold_anything(county, django_assert_num_queries):
    Unit.objects.create(jurisdiction=county, name="教育局")
    rows = {
        "units": Unit.objects.filter(jurisdiction=OuterRef("pk")).select_related("merged_into").order_by("order"),
        "people": Person.objects.filter(jurisdiction=OuterRef("pk")),
        "nothing": Unit.objects.none(),
    }
    with django_assert_num_queries(1):
        found = there_is(Jurisdiction.objects.filter(pk=county.pk), rows)
    assert found == {"units"}


def test_nothing_asked_needs_no_statement(county, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert there_is(Jurisdiction.objects.all(), {}) == frozenset()
