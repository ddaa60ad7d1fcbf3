"""Chromium, and people signed in with every role they need."""

import os
from datetime import date
from pathlib import Path

import pytest

CHROMIUM = os.environ.get("DUBAN_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PASSWORD = "linjiang-2020-review"


@pytest.fixture(scope="session")
def chromium():
    """One browser for all tests; DUBAN_CHROMIUM names another than Debian's."""
    if not Path(CHROMIUM).exists():
        pytest.fail(f"no browser at {CHROMIUM}: install Debian's chromium, or set DUBAN_CHROMIUM")
    from playwright.sync_api import sync_playwright

    # The sync API keeps an event loop in this thread; the database is still used by one thread at a time.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def new_page(chromium, live_server):
    """Return a function that opens a page of a new visitor: javascript=False for one without scripts."""
    contexts = []

    def open_page(*, javascript: bool = True, width: int = 1440, height: int = 900):
        context = chromium.new_context(
            base_url=live_server.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(8_000)
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on(
            "console",
            lambda message: (
                page.problems.append(message.text)
                if message.type == "error" and "Content Security Policy" in message.text
                else None
            ),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def account_of(transactional_db):
    """Return a function that makes an account with a granted role; its password is PASSWORD."""
    from duban.access.models import Account, Grant

    def make(username: str, *, role: str | None = None, jurisdiction=None, name: str = ""):
        account = Account(username=username, name=name or username, created_at="2020-01-02T00:00:00+08:00")
        account.set_password(PASSWORD)
        account.save()
        if role:
            Grant.objects.create(
                account=account,
                role=role,
                jurisdiction_id=jurisdiction.pk if jurisdiction else None,
                from_on=date(2020, 1, 1),
                granted_by_name="安全管理员",
            )
        return account

    return make


def sign_in(page, username: str) -> None:
    """Sign in by keyboard: the name field has the focus."""
    page.goto("/sign-in/")
    page.locator("#username").focus()
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in/" not in url)
