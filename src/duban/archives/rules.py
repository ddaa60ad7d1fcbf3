"""Words and arithmetic of archives. Source: docs/sources.md#archives"""
