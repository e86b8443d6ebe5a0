"""A real browser for tests that open pages; they are skipped where it or the extra [browser] is not installed."""

import contextlib
import shutil

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NEEDED = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt-get install chromium)"),
]
"""The marks of a module of such tests."""


@contextlib.contextmanager
def chromium():
    """A running browser."""
    api = pytest.importorskip("playwright.sync_api", reason="needs the extra [browser]")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()
