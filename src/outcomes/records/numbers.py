"""The shapes of numbers that states, insurers and clinics give to persons, and their check digits where these tell much."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
_PPS = "WABCDEFGHIJKLMNOPQRSTUV"
_HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_DATE6 = r"\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
_DATE6_DMY = r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d\d"


class Shape(NamedTuple):
    """A number of persons: how it is written in capitals without separators, and the share of random codes of its letters and digits that are."""

    of: str
    pattern: re.Pattern[str]
    chance: float
    is_valid: Callable[[str], bool] = lambda _: True


def _shape(of: str, pattern: str, chance: float, is_valid: Callable[[str], bool] = lambda _: True) -> Shape:
    return Shape(of, re.compile(pattern), chance, is_valid)


def _is_dni(code: str) -> bool:
    return code[-1] == _DNI[int(code[:-1].translate(str.maketrans("XYZ", "012"))) % 23]


def _is_rut(code: str) -> bool:
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(code[:-1])))
    return code[-1] == "0123456789K0"[(11 - total % 11) % 11 if total % 11 else 11]


def _is_pps(code: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(code[:7], range(8, 1, -1), strict=True))
    return code[7] == _PPS[(total + (9 * (ord(code[8]) - 64) if len(code) > 8 and code[8] != "W" else 0)) % 23]


def _is_nric(code: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(code[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    total += {"T": 4, "G": 4, "M": 3}.get(code[0], 0)
    return (
        code[8]
        == {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA"}.get(code[0], "XWUTRQPNMLK" if code[0] in "FG" else "KLJNPQRTUWX"[::1])[
            total % 11
        ]
        or code[0] == "M"
    )


def _is_hkid(code: str) -> bool:
    letters = code[:-7].rjust(2)
    values = [36 if letter == " " else ord(letter) - 55 for letter in letters] + [int(digit) for digit in code[-7:-1]]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return code[-1] == "0123456789A"[(11 - total % 11) % 11]


def _is_taiwan(code: str) -> bool:
    first = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(code[0]) + 10
    weights = (8, 7, 6, 5, 4, 3, 2, 1, 1)
    return (first // 10 + first % 10 * 9 + sum(int(d) * w for d, w in zip(code[1:], weights, strict=True))) % 10 == 0


def _is_nhi(code: str) -> bool:
    values = ["ABCDEFGHJKLMNPQRSTUVWXYZ".index(letter) + 1 for letter in code[:3]] + [int(digit) for digit in code[3:6]]
    rest = sum(value * weight for value, weight in zip(values, range(7, 1, -1), strict=True)) % 11
    return rest != 0 and int(code[6]) == (11 - rest) % 10


def _is_kvnr(code: str) -> bool:
    digits = f"{ord(code[0]) - 64:02}{code[1:-1]}"
    total = sum(sum(map(int, str(int(digit) * (1 + place % 2)))) for place, digit in enumerate(digits))
    return total % 10 == int(code[-1])


def _is_hetu(code: str) -> bool:
    return code[-1] == _HETU[int(code[:6] + code[-4:-1]) % 31]


SHAPES = (
    _shape("a Spanish DNI or NIE", r"(\d{8}|[XYZ]\d{7})[A-Z]", 1 / 23, _is_dni),
    _shape("an Italian codice fiscale", r"[A-Z]{6}\d{2}[ABCDEHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", 1e-4),
    _shape("a Mexican CURP", r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d", 1e-4),
    _shape("a Mexican RFC", rf"[A-Z]{{4}}{_DATE6}[A-Z0-9]{{3}}", 0.04),
    _shape("a British national insurance number", r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", 0.1),
    _shape("a British driving licence", r"[A-Z]{2,5}9{0,3}\d{6}[A-Z9]{2}\d[A-Z]{2}", 1e-4),
    _shape("an Irish PPS number", r"\d{7}[A-W][A-IW]?", 1 / 23, _is_pps),
    _shape("a Finnish personal identity code", rf"{_DATE6_DMY}[A-FYXWVU]?\d{{3}}[0-9A-Y]", 1e-3, _is_hetu),
    _shape("a French social security number", r"[12]\d{2}(0[1-9]|1[0-2])\d[\dAB]\d{8,10}", 1e-3),
    _shape("a German pension number", rf"\d{{2}}{_DATE6_DMY}[A-Z]\d{{3}}", 0.04),
    _shape("a German health insurance number", r"[A-Z]\d{9}", 0.1, _is_kvnr),
    _shape("an Indian PAN", r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]", 0.4),
    _shape("a Singaporean NRIC", r"[STFGM]\d{7}[A-Z]", 0.01, _is_nric),
    _shape("a Hong Kong identity card", r"[A-Z]{1,2}\d{6}[0-9A]", 1 / 11, _is_hkid),
    _shape("a Taiwanese identity card", r"[A-Z][1289]\d{8}", 0.04, _is_taiwan),
    _shape("a Chinese identity number", r"\d{6}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[0-9X]", 1e-3),
    _shape("a Chilean RUT", r"\d{7,8}[0-9K]", 1 / 11, _is_rut),
    _shape(
        "an American Medicare number",
        r"[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d[AC-HJKMNP-RT-Y]{2}\d{2}",
        1e-3,
    ),
    _shape("a New Zealand health number", r"[A-HJ-NP-Z]{3}\d{4}", 1 / 11, _is_nhi),
)
"""Shapes with letters: numbers of nine digits and more are refused as such."""

_PREFIXES = [
    "mrn",
    "ssn",
    "nhs",
    "dni",
    "nie",
    "nif",
    "cpf",
    "rut",
    "curp",
    "rfc",
    "nino",
    "nric",
    "pesel",
    "bsn",
    "svnr",
    "kvnr",
    "ahv",
    "nir",
    "insee",
    "ppsn",
    "emr",
    "ehr",
    "urn",
    "ipp",
    "uhid",
    "aadhaar",
    "pan",
    "mbi",
    "hic",
    "hicn",
    "medicare",
    "medicaid",
    "passport",
    "pass",
    "passnr",
    "chart",
    "chartno",
    "record",
    "recordno",
    "recno",
    "file",
    "fileno",
    "account",
    "acct",
    "hosp",
    "hospital",
    "hospno",
    "akte",
    "aktennr",
    "aktenr",
    "patnr",
    "patid",
    "fall",
    "fallnr",
    "dossier",
    "historia",
    "expediente",
    "prontuario",
    "cartella",
    "insurance",
    "policy",
    "member",
    "medrec",
]
RECORD = re.compile(rf"(?i)({'|'.join(sorted(_PREFIXES, key=len, reverse=True))})[-_ .:#]*(?:no|nr)?[-_ .:#]*[A-Z]?\d{{3,12}}")
"""A code that says itself that it is the number of a record or an insurance."""
CHANCE_OF_PREFIX = {length: sum(len(prefix) == length for prefix in _PREFIXES) / 26**length for length in {*map(len, _PREFIXES)}}
"""Letters of a prefix -> the share of random letters that are one."""


def bare(code: str) -> str:
    """A code in capitals without separators.

    >>> bare("ab 12-34_56.c")
    'AB123456C'
    """
    return re.sub(r"[-_ ./]", "", code).upper()


def template(code: str) -> str:
    """The shape of a code: letters and digits, whichever they are.

    >>> template("AB123456C")
    'AA000000A'
    """
    return re.sub("[A-Z]", "A", re.sub(r"\d", "0", code))
