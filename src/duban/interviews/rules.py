"""Words and arithmetic of interviews. Source: docs/sources.md#interviews"""
