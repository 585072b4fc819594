"""The page in the browser, where there is one."""

from __future__ import annotations

import webbrowser
from pathlib import Path


def opened(page: Path) -> bool:
    """Whether a page could be opened in the default browser."""
    try:
        return webbrowser.open(page.resolve().as_uri())
    except (webbrowser.Error, OSError):
        return False
