"""据实销号: checklist, head of the unit, overseer, verification."""
