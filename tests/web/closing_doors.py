"""The page of closing as somebody fills it in."""

from django.urls import reverse

CLOSING_STEPS = ("prepare", "send-back", "ask", "agree", "decline", "verify", "grant", "return")


def closing_page(matter) -> str:
    return reverse("matter_closing", args=[matter.pk])


def closing_step(client, matter, step, **posted):
    """Post a step with what its form shows: every item done and explained, every item true."""
    page = client.get(closing_page(matter))
    lines = page.context.get("lines", [])
    given = {"step": step, "version": page.context["version"]}
    if step in ("prepare", "ask"):
        given["done"] = [one["key"] for one in lines]
        given |= {f"how-{one['key']}": one["how"] or "已经全部完成" for one in lines}
    if step == "verify":
        given |= {"true": [one["key"] for one in lines], "method": "on_site", "findings": "已到现场看过。"}
    return client.post(closing_page(matter), {**given, **posted})
