"""立项: a notice comes in, a person confirms what was read, the plan stands."""
