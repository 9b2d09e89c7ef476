"""A real Chromium for tests; they are skipped where there is none."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


@contextmanager
def chromium() -> Iterator[Any]:
    """Playwright's browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: run `make setup-test`")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium here: sudo apt install chromium")
    with playwright.sync_playwright() as playing:
        # Its own sandbox needs rights that a container's root does not have; it opens our own page only.
        browser = playing.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def page_of(browser: Any, url: str, **context: Any) -> Iterator[Any]:
    """An open page; afterwards it fails for whatever went wrong in it, or asked for something from elsewhere."""
    with_context = browser.new_context(**context)
    page = with_context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("request", lambda asked: None if asked.url.startswith(url) else complaints.append(asked.url))
    page.goto(url)
    yield page
    with_context.close()
    assert not complaints
