"""三种函: drafted by rule, signed by a person, answered, escalated."""
