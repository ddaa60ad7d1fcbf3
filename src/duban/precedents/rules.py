"""Words and arithmetic of precedents. Source: docs/sources.md#precedents"""
