"""Words and arithmetic of objections. Source: docs/sources.md#objections"""
