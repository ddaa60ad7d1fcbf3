"""Words and decisions: 据实销号."""
