"""Words and arithmetic of replay. Source: docs/sources.md#replay"""
