"""Ground that knows nothing of supervision: clock, errors, text, pinyin, workdays, actor."""
