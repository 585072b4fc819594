"""A clinic's own look, from a small TOML file: its name, its logo, the colour of links, and whom to ask.

The logo is decoded and drawn anew, so that nothing but its pixels reaches the report: no metadata, no place where a picture was
taken, and nothing that a damaged file might hold. SVG is refused, since it can hold scripts and fetch files.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import tomllib
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from outcomes.errors import UsageError
from outcomes.report.masthead import name_problem
from outcomes.report.parameters import meant
from outcomes.tabular.words import beginning

if TYPE_CHECKING:
    from PIL.Image import Image

KEYS = ("name", "logo", "accent", "contact")
"""What the file may set; each is a text, and each may be left out."""

LARGEST_FILE = 2_000_000
LARGEST_PICTURE = 20_000_000
"""Bytes that the file of a logo may have, and pixels that it may draw."""

LOGO_BOX = (480, 160)
"""Pixels within which a logo is kept, whatever its own size: sharp on a telephone and in print, where it is a third as wide."""

BACKGROUNDS = {"white": "#ffffff", "the grey of the contents": "#f4f6f6"}
"""What links stand on in the page (`page.css`)."""

LEAST_CONTRAST = 4.5
"""Between letters and what they stand on: Web Content Accessibility Guidelines 2.2, 1.4.3."""

_LARGEST_TOML = 100_000
_PICTURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG"}


@dataclass(frozen=True)
class Logo:
    """A logo as it is shown: a PNG without metadata, and its size in pixels."""

    png: bytes
    width: int
    height: int

    @property
    def address(self) -> str:
        """The picture as an address that holds it."""
        return f"data:image/png;base64,{base64.b64encode(self.png).decode()}"


@dataclass(frozen=True)
class Branding:
    """What a clinic has set: blank or None where it has not. `files` are those read, by what they are, each with its SHA-256, at `paths`."""

    name: str = ""
    contact: str = ""
    accent: str = ""
    logo: Logo | None = None
    files: dict[str, str] = field(default_factory=dict)
    paths: tuple[Path, ...] = ()

    @property
    def masthead(self) -> dict[str, str]:
        """What it gives for the masthead, by the names of the report's parameters."""
        return {parameter: text for parameter, text in (("clinic", self.name), ("contact", self.contact)) if text}


def read_branding(path: str | Path) -> Branding:
    """The branding in a TOML file; the path of its logo begins at the folder of that file.

    Raises:
        UsageError: the file is missing or no TOML, or holds an unknown key or a value that does not fit; all are named.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "clinic.toml")
        ...     _ = file.write_text('name = "Harbour Skin Clinic"\\naccent = "#7a1f5c"')
        ...     read_branding(file).masthead
        {'clinic': 'Harbour Skin Clinic'}
    """
    file = Path(path)
    content = _read(file, file.name, _LARGEST_TOML, "100 kB")
    try:
        values = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError(f"{file.name}: holds characters that are not UTF-8; save it as UTF-8") from None
    except RecursionError:
        raise UsageError(f"{file.name}: is not TOML: brackets within brackets, too many to be read") from None
    except ValueError as problem:
        raise UsageError(f'{file.name}: is not TOML: {problem}; write lines such as name = "Harbour Skin Clinic"') from None
    return _branding(values, file, hashlib.sha256(content).hexdigest())


def _branding(values: Mapping[str, object], file: Path, digest: str) -> Branding:
    files = {"branding": digest}
    paths = [file]
    found, problems = {}, []
    logo = None
    for key, value in values.items():
        if key not in KEYS:
            problems.append(f"{file.name}: {beginning(key)} is unknown{meant(key, KEYS, KEYS)}")
            continue
        try:
            if not isinstance(value, str):
                raise UsageError(f'{key}: a text in quotation marks is wanted, such as {key} = "{_SUCH_AS[key]}"')
            if key == "logo":
                content = _logo_file(value, file.parent)
                logo = logo_of(content, value)
                files["logo"] = hashlib.sha256(content).hexdigest()
                paths.append(file.parent / value)
            else:
                found[key] = checked_accent(value.strip()) if key == "accent" else _plain(key, value.strip())
        except UsageError as problem:
            problems.append(f"{file.name}, {problem}")
    if problems:
        raise UsageError("\n".join(problems))
    return Branding(**found, logo=logo, files=files, paths=tuple(paths))


# The texts


def _plain(key: str, text: str) -> str:
    if problem := name_problem(text):
        raise UsageError(f"{key}: {problem}")
    return text


def checked_accent(text: str) -> str:
    """A colour that words can be read in, as ``#rrggbb``.

    Raises:
        UsageError: it is not written so, or too pale for words on the page.

    Example:
        >>> checked_accent("#7A1F5C")
        '#7a1f5c'
        >>> checked_accent("#ff9900")
        Traceback (most recent call last):
        outcomes.errors.UsageError: accent: #ff9900 is too pale to read: its contrast with the grey of the contents is 1.97 : 1, at least 4.5 : 1 is needed
    """
    if not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise UsageError(
            f"accent: {beginning(text)} is no colour; write it as # and six digits or letters from a to f, such as #0d5c63"
        )
    contrasts = {name: contrast(text, behind) for name, behind in BACKGROUNDS.items()}
    name = min(contrasts, key=contrasts.__getitem__)
    if contrasts[name] < LEAST_CONTRAST:
        # Cut, not rounded: 4.499 is not told as 4.50.
        found = int(contrasts[name] * 100) / 100
        raise UsageError(
            f"accent: {text} is too pale to read: its contrast with {name} is {found:.2f} : 1, at least {LEAST_CONTRAST:g} : 1 is needed"
        )
    return text.lower()


def contrast(one: str, other: str) -> float:
    """How much two colours ``#rrggbb`` stand out from each other, from 1 to 21, in either order.

    References:
        World Wide Web Consortium (2023), Web Content Accessibility Guidelines 2.2, definitions of relative luminance and contrast ratio.

    Example:
        >>> round(contrast("#ffffff", "#000000"), 1), round(contrast("#ffffff", "#767676"), 2)
        (21.0, 4.54)
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


_SUCH_AS = {"name": "Harbour Skin Clinic", "contact": "Dr A. Ng, a.ng@example.org", "accent": "#0d5c63", "logo": "logo.png"}


# The logo


def _logo_file(named: str, folder: Path) -> bytes:
    if not named.strip() or not named.isprintable():
        raise UsageError(f"logo: {beginning(named)} is no name of a file")
    return _read(folder / named, f"logo: {named}", LARGEST_FILE, f"{LARGEST_FILE // 1_000_000} MB")


def _read(file: Path, shown: str, largest: int, told: str) -> bytes:
    """The bytes of a file that is not larger than it may be; a device or a pipe is none."""
    try:
        if file.exists() and not file.is_file():
            raise UsageError(f"{shown}: is not a file")
        with file.open("rb") as opened:
            content = opened.read(largest + 1)
    except OSError as problem:
        raise UsageError(f"{shown}: can't be read ({problem.strerror})") from None
    if len(content) > largest:
        raise UsageError(f"{shown}: is larger than {told}, the most that is taken")
    return content


def logo_of(content: bytes, shown: str) -> Logo:
    """The logo in the bytes of a PNG or JPEG file, drawn anew within `LOGO_BOX`; `shown` names the file in messages.

    Raises:
        UsageError: it is neither, can't be decoded, or has more than `LARGEST_PICTURE` pixels.

    Example:
        >>> from PIL import Image
        >>> drawn = io.BytesIO()
        >>> Image.new("RGB", (960, 100), "#7a1f5c").save(drawn, "JPEG")
        >>> made = logo_of(drawn.getvalue(), "logo.jpg")
        >>> made.width, made.height, made.png[1:4]
        (480, 50, b'PNG')
    """
    from PIL import Image, ImageOps

    kind = next((name for start, name in _PICTURES.items() if content.startswith(start)), None)
    if kind is None:
        raise UsageError(f"logo: {shown} is neither a PNG nor a JPEG picture; save the logo as PNG")
    try:
        with _strict():
            picture = Image.open(io.BytesIO(content), formats=[kind])
            too_large = picture.width * picture.height > LARGEST_PICTURE
            if not too_large:
                drawn = _eight_bits(ImageOps.exif_transpose(picture)).convert("RGBA")
    except Image.DecompressionBombError:
        too_large = True
    # What a damaged file makes of a decoder is an error of any kind.
    except Exception:
        raise UsageError(f"logo: {shown} is damaged: it can't be decoded as {kind}") from None
    if too_large:
        raise UsageError(f"logo: {shown} has more than {LARGEST_PICTURE // 1_000_000} million pixels; make it smaller")
    drawn.thumbnail(LOGO_BOX)
    # A new picture of the same pixels: what else the file held stays behind.
    clean = Image.frombytes("RGBA", drawn.size, drawn.tobytes())
    made = io.BytesIO()
    is_opaque = clean.getchannel("A").getextrema() == (255, 255)
    (clean.convert("RGB") if is_opaque else clean).save(made, "PNG", optimize=True)
    return Logo(made.getvalue(), *clean.size)


@contextmanager
def _strict() -> Iterator[None]:
    """Half a picture is none, though WeasyPrint has Pillow show it; and one too large is told of once, in our own words."""
    from PIL import Image, ImageFile

    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _eight_bits(picture: Image) -> Image:
    """A picture in 65,536 greys in 256 of them; others as they are."""
    return picture.convert("I").point(lambda level: level / 256).convert("L") if picture.mode.startswith("I;16") else picture
