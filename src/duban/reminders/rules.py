"""Words and arithmetic of 提醒."""
