"""Issued documents, their scans and the templates stay as they are."""

from duban.core.frozen import Frozen

TABLES = (
    "papers_issuedpaper",
    "papers_issuedpaper_units",
    "papers_issuedpaper_matters",
    "papers_paperscan",
    "papers_template",
)
_PAPERS = Frozen("papers", TABLES, "issued documents are not changed")

make_triggers = _PAPERS.make_triggers
drop_triggers = _PAPERS.drop_triggers
