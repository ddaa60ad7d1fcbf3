"""Words and arithmetic of visits. Source: docs/sources.md#visits"""
