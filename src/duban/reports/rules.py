"""Words and decisions: 报送."""
