"""Words and decisions: 对接上级."""
