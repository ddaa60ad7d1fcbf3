"""Words and decisions: 变更申请."""
