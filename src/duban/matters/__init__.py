"""督查事项: plan, policy, matter, assignment, target, milestone, obligation."""
