"""提醒: one digest a person a day, and what each unit was asked for (减负账)."""
