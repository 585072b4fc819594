"""A clinic's own look: what is shown of it, and one message for each thing that does not fit."""

import base64
import io
import os
import re
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from outcomes.errors import UsageError
from outcomes.report.branding import BACKGROUNDS, LARGEST_FILE, LEAST_CONTRAST, LOGO_BOX, checked_accent, contrast, read_branding
from outcomes.report.html import Page, page
from outcomes.report.masthead import LONGEST, masthead_of
from outcomes.report.pdf import pdf

PLUM = "#7a1f5c"


def picture(
    kind: str = "PNG", size: tuple[int, int] = (300, 100), mode: str = "RGB", colour: object = PLUM, **kept: object
) -> bytes:
    """The bytes of a picture of one colour."""
    made = io.BytesIO()
    Image.new(mode, size, colour).save(made, kind, **kept)
    return made.getvalue()


def png_of(width: int, height: int) -> bytes:
    """The beginning of a PNG that says it is so large and holds nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.fixture
def branding(tmp_path):
    """Reads a TOML text, with files beside it."""

    def read(text: str | bytes, **files: bytes):
        for name, content in files.items():
            (tmp_path / name.replace("_", ".")).write_bytes(content)
        (tmp_path / "clinic.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_branding(tmp_path / "clinic.toml")

    return read


def refusal(call, *arguments, **files) -> str:
    with pytest.raises(UsageError) as refused:
        call(*arguments, **files)
    return str(refused.value)


def shown(look, **given: str) -> str:
    masthead = masthead_of({"report_date": "2026-07-15", **look.masthead, **given})
    return page(Page("visits.csv", 3, 2, 2, "1", masthead=masthead, branding=look), [])


# What is shown


def test_nothing_has_to_be_set(branding):
    look = branding("")
    assert (look.masthead, look.accent, look.logo, [*look.files]) == ({}, "", None, ["branding"])
    assert 'class="logo"' not in shown(look)
    assert "[clinic name]" in shown(look)


def test_the_name_and_the_contact_stand_in_the_masthead_and_what_the_command_is_given_wins(branding):
    look = branding('name = " Harbour Skin Clinic "\ncontact = "a@example.org"')
    assert look.masthead == {"clinic": "Harbour Skin Clinic", "contact": "a@example.org"}
    assert "<h1>What do the records of Harbour Skin Clinic show?</h1>" in shown(look)
    assert "<h1>What do the records of Quay Clinic show?</h1>" in shown(look, clinic="Quay Clinic")


def test_markup_in_a_name_is_shown_as_text(branding):
    text = shown(branding("""name = '<script>alert("1")</script> & {{ 7 * 7 }} "onload="x'"""))
    assert "<script" not in text
    assert "records of &lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt; &amp; {{ 7 * 7 }} &#34;onload=&#34;x show?" in text
    assert '"onload="x' not in text


def test_names_of_every_script_are_shown(branding):
    for name in ("Clínica «Añil»", "عيادة الجلد", "پوست\u200cدرمان", "皮膚科クリニック", "Haut\u00a0&\u00a0Laser"):
        assert branding(f'name = "{name}"').name == name
    assert branding('\ufeffname = "Aïda"').name == "Aïda", "as Windows saves UTF-8"


def test_the_accent_is_the_colour_of_links_and_the_page_allows_no_other_style(branding):
    text = shown(branding(f'accent = "{PLUM.upper()}"'))
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    assert re.findall(r"--accent: (#\w+)", style)[-1] == PLUM
    assert f"style-src 'sha256-{digest(style)}'" in text
    assert " style=" not in text


def digest(style: str) -> str:
    import hashlib

    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def test_the_page_stands_on_the_backgrounds_that_the_accent_is_checked_against():
    css = re.search(r"<style>(.*?)</style>", page(Page("visits.csv", 3, 2, 2, "1"), []), re.DOTALL)[1]
    assert {*re.findall(r"--wash: (#\w+)", css)} <= {*BACKGROUNDS.values()}
    own = re.search(r"--accent: (#\w+)", css)[1]
    assert checked_accent(own) == own


# The logo


def embedded(text: str) -> Image.Image:
    tag = re.search(r'<img class="logo" src="data:image/png;base64,([^"]+)" width="(\d+)" height="(\d+)" alt="([^"]+)">', text)
    assert tag[4] == "Logo of Aïda"
    logo = Image.open(io.BytesIO(base64.b64decode(tag[1])))
    assert (logo.format, logo.size) == ("PNG", (int(tag[2]), int(tag[3])))
    return logo


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_part_of_the_page_and_of_the_pdf(branding, kind):
    text = shown(branding('name = "Aïda"\nlogo = "a.logo"', a_logo=picture(kind)))
    red, green, blue = embedded(text).convert("RGB").getpixel((150, 50))
    assert max(abs(red - 0x7A), abs(green - 0x1F), abs(blue - 0x5C)) <= 2
    assert b"/Subtype /Image" in opened(pdf(text))
    assert b"/Subtype /Image" not in opened(pdf(shown(branding('name = "Aïda"'))))


def opened(document: bytes) -> bytes:
    return document + b"".join(unpacked(part) for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL))


def unpacked(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return part


@pytest.mark.parametrize(
    ("mode", "colour", "pixel"),
    [
        ("RGBA", (122, 31, 92, 128), (122, 31, 92, 128)),
        ("LA", (90, 40), (90, 90, 90, 40)),
        ("L", 90, (90, 90, 90, 255)),
        ("1", 1, (255, 255, 255, 255)),
        ("P", 0, (0, 0, 0, 255)),
        ("I;16", 90 * 256, (90, 90, 90, 255)),
    ],
)
def test_pixels_stay_as_they_are_whatever_the_mode(branding, mode, colour, pixel):
    look = branding('logo = "a.png"', a_png=picture(mode=mode, colour=colour))
    assert Image.open(io.BytesIO(look.logo.png)).convert("RGBA").getpixel((5, 5)) == pixel


def test_a_large_logo_is_made_small_and_keeps_its_shape(branding):
    made = {
        size: branding('logo = "a.png"', a_png=picture(size=size)).logo
        for size in ((3000, 1000), (100, 4000), (40, 10), (4000, 1))
    }
    assert [(logo.width, logo.height) for logo in made.values()] == [(480, 160), (4, 160), (40, 10), (480, 1)]
    assert all(logo.width <= LOGO_BOX[0] and logo.height <= LOGO_BOX[1] for logo in made.values())


def test_nothing_but_pixels_travels(branding):
    words = PngInfo()
    words.add_text("Author", "SECRET author")
    words.add_itxt("XML:com.adobe.xmp", "SECRET xmp")
    exif = Image.Exif()
    exif[0x010E] = "SECRET place"
    files = {
        "a_png": picture(pnginfo=words, exif=exif, icc_profile=b"SECRET profile") + b"SECRET behind the end",
        "a_jpg": picture("JPEG", exif=exif, comment=b"SECRET comment") + b"SECRET behind the end",
    }
    for name, content in files.items():
        assert b"SECRET" in content
        text = shown(branding(f'name = "Aïda"\nlogo = "{name.replace("_", ".")}"', **files))
        logo = embedded(text)
        assert logo.info == {}
        assert b"SECRET" not in base64.b64decode(re.search(r"base64,([^\"]+)\" width", text)[1])


def test_a_photograph_that_lies_on_its_side_is_set_upright(branding):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert branding('logo = "a.jpg"', a_jpg=picture("JPEG", (60, 20), exif=exif)).logo.height == 60


def test_the_same_files_give_the_same_bytes(branding):
    texts = {shown(branding('name = "Aïda"\nlogo = "a.jpg"', a_jpg=picture("JPEG"))) for _ in range(2)}
    assert len(texts) == 1
    assert len({pdf(text) for text in [*texts, *texts]}) == 1


def test_a_report_remembers_which_files_it_was_made_from_by_what_they_are(branding, tmp_path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(picture())
    files = branding('logo = "pictures/a.png"').files
    assert [*files] == ["branding", "logo"]
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in files.values())


# What does not fit


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('nmae = "x"', "clinic.toml: 'nmae' is unknown; did you mean name?"),
        ('colours = "x"', "clinic.toml: 'colours' is unknown; there are name, logo, accent, contact"),
        ("name = 7", 'clinic.toml, name: a text in quotation marks is wanted, such as name = "Harbour Skin Clinic"'),
        ("[logo]", 'clinic.toml, logo: a text in quotation marks is wanted, such as logo = "logo.png"'),
        (f'name = "{"x" * 200}"', f"clinic.toml, name: it has 200 characters, at most {LONGEST} can be shown"),
        (
            'name = "a\\u0007b"',
            "clinic.toml, name: it holds a line break or a character that cannot be printed; plain text is wanted",
        ),
        (
            'contact = "a\\nb"',
            "clinic.toml, contact: it holds a line break or a character that cannot be printed; plain text is wanted",
        ),
        (
            'name = "a\\u202Eb"',
            "clinic.toml, name: it holds a line break or a character that cannot be printed; plain text is wanted",
        ),
        (
            'accent = "teal"',
            "clinic.toml, accent: 'teal' is no colour; write it as # and six digits or letters from a to f, such as #0d5c63",
        ),
        (
            'accent = "#0d5c63; } body { display: none"',
            "clinic.toml, accent: '#0d5c63; } body { display: none' is no colour; write it as # and six digits or letters from a to f,"
            " such as #0d5c63",
        ),
        (
            'accent = "#FFFFFF"',
            "clinic.toml, accent: #FFFFFF is too pale to read: its contrast with white is 1.00 : 1, at least 4.5 : 1 is needed",
        ),
        (
            # 4.54 : 1 on white, but the links to the sections stand on grey.
            'accent = "#767676"',
            "clinic.toml, accent: #767676 is too pale to read: its contrast with the grey of the contents is 4.18 : 1, at least 4.5 : 1 is needed",
        ),
        ('logo = "gone.png"', "clinic.toml, logo: gone.png: can't be read (No such file or directory)"),
        ('logo = ""', "clinic.toml, logo: '' is no name of a file"),
        ('logo = "a\\u0000b"', "clinic.toml, logo: 'a\\x00b' is no name of a file"),
        ('logo = "."', "clinic.toml, logo: .: is not a file"),
    ],
)
def test_what_does_not_fit_is_one_message(branding, text, message):
    assert refusal(branding, text) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "neither a PNG nor a JPEG picture; save the logo as PNG"),
        (b"", "neither a PNG nor a JPEG picture; save the logo as PNG"),
        (b"%PDF-1.7", "neither a PNG nor a JPEG picture; save the logo as PNG"),
        (picture("GIF"), "neither a PNG nor a JPEG picture; save the logo as PNG"),
        (picture()[:60], "damaged: it can't be decoded as PNG"),
        (picture("JPEG")[:60], "damaged: it can't be decoded as JPEG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "damaged: it can't be decoded as PNG"),
        (b"\xff\xd8\xff" + bytes(100), "damaged: it can't be decoded as JPEG"),
        (png_of(5000, 5000), "more than 20 million pixels; make it smaller"),
        (png_of(100_000, 100_000), "more than 20 million pixels; make it smaller"),
        (png_of(0, 10), "damaged: it can't be decoded as PNG"),
    ],
)
def test_a_logo_that_is_none_is_one_message(branding, content, message):
    told = refusal(branding, 'logo = "a.png"', a_png=content)
    assert told.startswith("clinic.toml, logo: a.png ")
    assert told.endswith(message)
    assert "\n" not in told


def test_a_logo_may_be_as_large_as_is_said(branding):
    assert branding('logo = "a.png"', a_png=picture().ljust(LARGEST_FILE, b"\0")).logo
    told = refusal(branding, 'logo = "a.png"', a_png=picture().ljust(LARGEST_FILE + 1, b"\0"))
    assert told == "clinic.toml, logo: a.png: is larger than 2 MB, the most that is taken"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes among its files")
def test_a_pipe_is_not_waited_for(branding, tmp_path):
    os.mkfifo(tmp_path / "a.png")
    assert refusal(branding, 'logo = "a.png"') == "clinic.toml, logo: a.png: is not a file"


def test_every_damage_of_a_logo_is_one_message(branding):
    """Each byte of a small picture is changed in turn: it is shown or refused, never a traceback."""
    whole = {"PNG": picture(size=(4, 3)), "JPEG": picture("JPEG", (8, 8))}
    for content in whole.values():
        for at in range(3, len(content), 1 if len(content) < 200 else 7):
            damaged = content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
            try:
                assert branding('logo = "a.png"', a_png=damaged).logo
            except UsageError as refused:
                assert "\n" not in str(refused)  # noqa: PT017


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name", "clinic.toml: is not TOML: "),
        (b'name = "a\nb"', "clinic.toml: is not TOML: "),
        (b'name = "a"\nname = "b"', "clinic.toml: is not TOML: "),
        (b"name = " + b"[" * 5000, "clinic.toml: is not TOML: "),
        (b"name = " + b"1" * 5000, "clinic.toml: is not TOML: "),
        ('name = "a"'.encode("utf-16"), "clinic.toml: holds characters that are not UTF-8; save it as UTF-8"),
        ('name = "Aïda"'.encode("latin-1"), "clinic.toml: holds characters that are not UTF-8; save it as UTF-8"),
        (b"#" * 200_000, "clinic.toml: is larger than 100 kB, the most that is taken"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_message(branding, content, message):
    told = refusal(branding, content)
    assert told.startswith(message)
    assert "\n" not in told


def test_a_missing_file_and_a_folder_are_one_message_each(tmp_path):
    assert refusal(read_branding, tmp_path / "gone.toml") == "gone.toml: can't be read (No such file or directory)"
    assert refusal(read_branding, tmp_path) == f"{tmp_path.name}: is not a file"


def test_everything_that_does_not_fit_is_told_at_once(branding):
    told = refusal(branding, 'name = 7\naccent = "red"\nlogo = "gone.png"').splitlines()
    assert [line.partition(":")[0] for line in told] == ["clinic.toml, name", "clinic.toml, accent", "clinic.toml, logo"]


# Contrast


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    # Known from the examples of WCAG 2.2 and its techniques: black on white, and the palest grey that may stand on white.
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#767676", "#ffffff", 4.54), ("#777777", "#ffffff", 4.48)],
)
def test_contrast_is_that_of_the_guidelines(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


def test_an_accent_just_below_the_limit_is_not_told_as_if_it_reached_it():
    greys = [f"#{level:02x}{level:02x}{level:02x}" for level in range(256)]
    pale = [grey for grey in greys if min(contrast(grey, behind) for behind in BACKGROUNDS.values()) < LEAST_CONTRAST]
    told = [refusal(checked_accent, grey) for grey in pale]
    assert all(float(re.search(r"is ([\d.]+) : 1,", message)[1]) < LEAST_CONTRAST for message in told)
    assert [checked_accent(grey) for grey in greys if grey not in pale]
