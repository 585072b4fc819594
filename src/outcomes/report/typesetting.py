"""What a PDF is set with: fonts that come along, whatever is installed, and libraries of the system, which are recorded.

The settings of a user or a machine for fonts would make another PDF of the same page; one that names no font ends Pango, and the
process with it.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from outcomes.report.startup import drawing_data
from outcomes.tabular.private_folder import PrivateFolder

_SETTINGS = ("FONTCONFIG_", "FC_", "FREETYPE_", "HB_", "PANGO", "SOURCE_DATE_EPOCH", "LANGUAGE")
_FAMILIES = {"system-ui": "DejaVu Sans", "sans-serif": "DejaVu Sans", "monospace": "DejaVu Sans Mono", "serif": "DejaVu Serif"}


@contextmanager
def typesetting() -> Iterator[None]:
    """Within it, text is set in the fonts that come with Matplotlib, and in those of the system only what these have no letters for.

    fontTools writes the time into the fonts that it cuts down, unless a variable holds another: there it is always the same.
    """
    before = {name: value for name, value in os.environ.items() if name.startswith(_SETTINGS)}
    with PrivateFolder() as folder:
        own = Path(folder, "fonts.conf")
        own.write_text(_configuration(), encoding="utf-8")
        for name in before:
            del os.environ[name]
        os.environ |= {"SOURCE_DATE_EPOCH": "0", "FONTCONFIG_FILE": str(own)}
        try:
            yield
        finally:
            for name in ("SOURCE_DATE_EPOCH", "FONTCONFIG_FILE"):
                del os.environ[name]
            os.environ |= before


def fonts_of(document: Any) -> dict[str, str]:
    """The fonts that a document of WeasyPrint has used, each with the SHA-256 of its file."""
    from weasyprint.text.fonts import get_hb_object_data

    names = {font.name.rpartition(b"+")[2].decode().replace("-", " "): font for font in document.fonts.values()}
    # What a font holds by then is what was cut out of it.
    return {name: hashlib.sha256(get_hb_object_data(font.hb_face)).hexdigest() for name, font in sorted(names.items())}


def libraries() -> dict[str, object]:
    """The versions of the libraries that set text, and whether there is the one that cuts fonts down: other ones make other bytes."""
    from weasyprint.text import ffi

    text = ffi.ffi.string
    ffi.ffi.cdef(
        "const char *pango_version_string(void); const char *hb_version_string(void); int FcGetVersion(void);", override=True
    )
    version = ffi.fontconfig.FcGetVersion()
    return {
        "pango": text(ffi.pango.pango_version_string()).decode(),
        "harfbuzz": text(ffi.harfbuzz.hb_version_string()).decode(),
        "harfbuzz_subset": ffi.harfbuzz_subset is not None,
        "fontconfig": f"{version // 10000}.{version // 100 % 100}.{version % 100}",
    }


def _configuration() -> str:
    data = drawing_data()
    ours = "" if data is None else escape(str(data / "fonts" / "ttf"))
    folders = "".join(f"<dir>{escape(folder)}</dir>" for folder in (ours, *_system_folders()) if folder)
    first = "".join(
        f'<alias binding="same"><family>{generic}</family><prefer><family>{family}</family></prefer></alias>'
        for generic, family in _FAMILIES.items()
    )
    # Of the same fonts elsewhere, another version may be installed.
    chosen = (
        f"<acceptfont><glob>{ours}/DejaVuS*</glob></acceptfont><rejectfont><glob>{ours}/*</glob><glob>*/DejaVu*</glob></rejectfont>"
        if ours
        else ""
    )
    caches = '<cachedir>/var/cache/fontconfig</cachedir><cachedir prefix="xdg">fontconfig</cachedir>'
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n'
        f"<fontconfig>{folders}<selectfont>{chosen}</selectfont>{first}{caches}</fontconfig>\n"
    )


def _system_folders() -> tuple[str, ...]:
    if sys.platform == "win32":
        return ("WINDOWSFONTDIR", "WINDOWSUSERFONTDIR")
    if sys.platform == "darwin":
        return ("/System/Library/Fonts", "/Library/Fonts")
    return ("/usr/share/fonts", "/usr/local/share/fonts")
