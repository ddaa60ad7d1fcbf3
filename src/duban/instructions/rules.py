"""Words and decisions: 批示."""
