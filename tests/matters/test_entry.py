import time

import pytest

from duban.matters.actions import NewAssignment, NewMatter, create_matters, register_matters
from duban.matters.models import Assignment, Matter
from duban.matters.rules import Part

pytestmark = pytest.mark.django_db


def test_a_whole_annex_enters_in_a_constant_number_of_statements(world, django_assert_max_num_queries):
    units = [world.unit(f"单位{number}") for number in range(40)]
    new = [
        NewMatter(
            text=f"推进第{number}项重点工作，完成投资{number}亿元。",
            serial=str(number),
            order=number,
            assignments=[
                NewAssignment(units[(number + k) % 40], Part.LEAD if k < 2 else Part.SUPPORT) for k in range(5)
            ],
        )
        for number in range(1, 158)
    ]
    start = time.perf_counter()
    matters = create_matters(world.plan, matters=new, by=world.officer, now=world.now)
    registered = register_matters(matters, approval=world.approval(), by=world.officer, now=world.now)
    took = time.perf_counter() - start
    assert (len(registered), Assignment.objects.count(), Matter.objects.filter(state="registered").count()) == (
        157,
        785,
        157,
    )
    assert took < 3
    print("took", took)
