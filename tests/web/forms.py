"""Posting what a page's own form would: with what it showed, so that nobody overwrites what came meanwhile."""

from django.http import HttpResponse
from django.test import Client


def seen_on(client: Client, address: str, **query: str) -> str:
    """What the form at an address says it shows."""
    return client.get(address, query).context["seen"]


def send(client: Client, address: str, posted: dict, **query: str) -> HttpResponse:
    """Open a form and post it filled in."""
    return client.post(address, {"seen": seen_on(client, address, **query), **posted})
