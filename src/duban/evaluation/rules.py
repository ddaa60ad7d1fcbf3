"""Words and arithmetic of evaluation. Source: docs/sources.md#evaluation"""
