"""Words and decisions: 佐证材料."""
