"""Finds the Chromium that drives the browser tests; `python -m tests.browser.chromium` prints its path."""
from __future__ import annotations

import os
import shutil
import sys

#: Everything that would look for a network of its own is off: the tests speak to the loopback address alone.
FLAGS = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-default-apps", "--disable-dev-shm-usage")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """Path of a Chromium: ``NENNEP_TEST_CHROMIUM``, an installed one, or the one that Playwright downloaded."""
    for name in (os.environ.get("NENNEP_TEST_CHROMIUM"), *NAMES):
        path = shutil.which(name) if name else None
        if path:
            return path
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def flags() -> list[str]:
    """Arguments for the browser; root has no sandbox to enter."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*FLAGS, *(["--no-sandbox"] if root else [])]


if __name__ == "__main__":
    found = find()
    print(found or "no Chromium found", file=sys.stdout if found else sys.stderr)
    sys.exit(0 if found else 1)
