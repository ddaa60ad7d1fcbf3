"""Words and decisions: 困难问题与调度会."""
