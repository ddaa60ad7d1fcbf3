"""The kinds of document: one module each, a frozen dataclass in, `paper_of(data)` a `Paper` out.

Words that a county may want otherwise come ready with the data; what stands here is what the form itself prescribes.
Every kind takes `is_draft`, which puts 草稿 across its pages. Source: docs/sources.md#kinds
"""
