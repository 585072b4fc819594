"""What the privacy gate catches, and what it refuses without need: ``python benchmarks/privacy.py [IDENTIFIERS.csv]``.

``data/privacy/identifiers.csv`` holds forms of invented identifiers of persons, by the place where they stand and by country. Each
form is put into a file of sixteen visits with usual codes, its examples in as many rows: in ``patient_id`` (id), in ``device``, in a
column that the contract does not know (text, unknown), or as the name of one (header). A form is caught where the records are
refused, or where it is said by column and count what they may hold (warned).

Beside, codes as clinics and studies make them at random or count them on: 500 of each scheme in ``patient_id``, of several seeds.
And ``data/privacy/innocent.csv``: devices, texts and headers that name nobody. All of these should be read.
"""

from __future__ import annotations

import argparse
import base64
import csv
import random
import string
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

import outcomes
from outcomes.errors import PrivacyError, RecordsError

FOLDER = Path(__file__).parents[1] / "data" / "privacy"
ROWS = 16
CODES = 500
SEEDS = 5
REFUSED, WARNED, READ = "refused", "warned", "read"
UPPER, LOWER, DIGITS = string.ascii_uppercase, string.ascii_lowercase, string.digits
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BASE32 = UPPER + "234567"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
NANO = string.ascii_letters + DIGITS + "_-"
SPOKEN = "bdfghjklmnprstvz", "aiou"


class Form(NamedTuple):
    """One form of identifier: where it stands, whose it is, and examples of it."""

    place: str
    country: str
    kind: str
    examples: tuple[str, ...]


def forms(path: Path) -> list[Form]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            Form(row["place"], row["country"], row["kind"], tuple(row["examples"].split(" | "))) for row in csv.DictReader(lines)
        ]


def verdict(place: str, cells: Sequence[str]) -> str:
    """What becomes of records with these cells, or with this header, in one place."""
    columns = {
        "patient_id": [f"P{number:02}" for number in range(1, ROWS + 1)],
        "fitzpatrick": ["III"] * ROWS,
        "day": ["0"] * ROWS,
        "sessions_completed": ["0"] * ROWS,
    }
    if place == "header":
        columns[cells[0]] = [""] * ROWS
    elif place == "id":
        columns["patient_id"][: len(cells)] = cells
    elif place == "device":
        columns["device"] = [*cells, *["powered pen 1"] * (ROWS - len(cells))]
    else:
        columns["extra"] = [*cells, *[""] * (ROWS - len(cells))]
    return of(pl.DataFrame(columns))


def of(frame: pl.DataFrame) -> str:
    try:
        return WARNED if outcomes.read_records(frame).doubts else READ
    except PrivacyError:
        return REFUSED
    except RecordsError:
        return READ


def of_codes(codes: Sequence[str]) -> str:
    """What becomes of records with these codes of patients."""
    return of(pl.DataFrame({"patient_id": codes, "fitzpatrick": "III", "day": "0", "sessions_completed": "0"}))


def drawn(letters: str, length: int) -> Callable[[random.Random, int], str]:
    return lambda rng, _: "".join(rng.choices(letters, k=length))


def shaped(shape: str, letters: str = UPPER) -> Callable[[random.Random, int], str]:
    """Codes of a shape: A is a letter, 0 a digit, anything else itself."""
    return lambda rng, _: "".join(
        rng.choice(letters) if sign == "A" else rng.choice(DIGITS) if sign == "0" else sign for sign in shape
    )


def counted(shape: str, first: int = 1) -> Callable[[random.Random, int], str]:
    return lambda _, number: shape.format(first + number)


def spoken(parts: int) -> Callable[[random.Random, int], str]:
    """Syllables that can be read out, and a number."""
    return lambda rng, _: "".join(rng.choice(SPOKEN[place % 2]) for place in range(2 * parts)) + f"{rng.randrange(100):02}"


def by_site(form: str) -> Callable[[random.Random, int], str]:
    return lambda _, number: form.format(1 + number // 40, 1 + number % 40)


SCHEMES: dict[str, Callable[[random.Random, int], str]] = {
    "P001": counted("P{:03}"),
    "S-0123": counted("S-{:04}"),
    "1": counted("{}"),
    "00001": counted("{:05}"),
    "100001": counted("{}", 100_001),
    "20230001": counted("{}", 20_230_001),
    "10000001": counted("{}", 10_000_001),
    "MN-2023-014": counted("MN-2023-{:03}"),
    "2023-0001": counted("2023-{:04}"),
    "P1901": counted("P{}", 1_901),
    "SUBJ_001": counted("SUBJ_{:03}"),
    "patient_1": counted("patient_{}"),
    "01-0001": by_site("{:02}-{:04}"),
    "010001": by_site("{:02}{:04}"),
    "S01P001": by_site("S{:02}P{:03}"),
    "ABC-001": counted("ABC-{:03}"),
    "SKIN0001": counted("SKIN{:04}"),
    "CLARA-001": counted("CLARA-{:03}"),
    "GRACE-01-001": by_site("GRACE-{:02}-{:03}"),
    "AB12": shaped("AA0000"),
    "ABC1234": shaped("AAA0000"),
    "ABC-123-DEF": shaped("AAA-000-AAA"),
    "AAAA-0000": shaped("AAAA-0000"),
    "A12345": shaped("A00000"),
    "AB123456": shaped("AA000000"),
    "A1B2C3": shaped("A0A0A0"),
    "12AB34": shaped("00AA00"),
    "abc123": shaped("AAA000", LOWER),
    "abcd12": shaped("AAAA00", LOWER),
    "6 capitals": drawn(UPPER, 6),
    "8 small letters": drawn(LOWER, 8),
    "6 letters": drawn(string.ascii_letters, 6),
    "12 letters": drawn(string.ascii_letters, 12),
    "6 digits": drawn(DIGITS, 6),
    "7 digits": drawn(DIGITS, 7),
    "8 digits": drawn(DIGITS, 8),
    "10 digits": drawn(DIGITS, 10),
    "8 digits, the first not 0": lambda rng, _: str(rng.randrange(10**7, 10**8)),
    "UUID": lambda rng, _: str(uuid.UUID(int=rng.getrandbits(128), version=4)),
    "UUID without hyphens": lambda rng, _: uuid.UUID(int=rng.getrandbits(128), version=4).hex,
    "hex 6": drawn("0123456789abcdef", 6),
    "hex 8": drawn("0123456789abcdef", 8),
    "HEX 10": drawn("0123456789ABCDEF", 10),
    "hash of 12": lambda rng, _: f"{rng.getrandbits(48):012x}",
    "base32": drawn(BASE32, 8),
    "Crockford base32": drawn(CROCKFORD, 10),
    "ULID": lambda rng, number: "01HQ" + "".join(rng.choices(CROCKFORD, k=22)),
    "nanoid": drawn(NANO, 21),
    "nanoid 10": drawn(NANO, 10),
    "base58": drawn(BASE58, 11),
    "base62 6": drawn(string.ascii_letters + DIGITS, 6),
    "base62 15": drawn(string.ascii_letters + DIGITS, 15),
    "base64 without signs": lambda rng, _: base64.urlsafe_b64encode(rng.randbytes(9)).decode(),
    "A-Z0-9 of 5": drawn(UPPER + DIGITS, 5),
    "A-Z0-9 of 4-4": lambda rng, _: "-".join("".join(rng.choices(UPPER + DIGITS, k=4)) for _ in range(2)),
    "no vowels": drawn("BCDFGHJKLMNPQRSTVWXZ23456789", 7),
    "as deidentify makes them": lambda rng, _: "P" + "".join(rng.choices("CDFGHJKMNPQRTVWX3479", k=8)),
    "spoken, two syllables": spoken(2),
    "spoken, three syllables": spoken(3),
    "P and 6 digits": shaped("P000000"),
    "PT-8 digits": shaped("PT-00000000"),
    "ID and 9 digits": shaped("ID000000000"),
}
"""Schemes of codes that name nobody: (random numbers, number of the code) -> a code."""


def scheme_codes(name: str, seed: int, codes: int = CODES) -> list[str]:
    """Different codes of a scheme."""
    rng = random.Random(f"{name}/{seed}")
    found: dict[str, None] = {}
    number = 0
    while len(found) < codes:
        found[SCHEMES[name](rng, number)] = None
        number += 1
    return list(found)


def innocent_texts() -> Iterator[tuple[str, str]]:
    with (FOLDER / "innocent.csv").open(encoding="utf-8", newline="") as lines:
        yield from ((row["place"], row["text"]) for row in csv.DictReader(lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument(
        "identifiers", nargs="*", type=Path, default=[FOLDER / "identifiers.csv"], help="lists of forms of identifiers"
    )
    parser.add_argument("--missed", action="store_true", help="tell each form that is missed and each file refused without need")
    given = parser.parse_args()
    for path in given.identifiers:
        known = forms(path)
        verdicts = {form: verdict(form.place, form.examples) for form in known}
        print(f"{path.name}: {len(known)} forms of {len({form.country for form in known})} countries")
        for place in dict.fromkeys(form.place for form in known):
            by = Counter(said for form, said in verdicts.items() if form.place == place)
            total = sum(by.values())
            print(f"{place:>10} {total:5} forms {by[REFUSED]:5} refused {by[WARNED]:5} warned {by[READ]:5} missed")
        caught = sum(said != READ for said in verdicts.values())
        print(f"{'caught':>10} {caught} of {len(known)} ({100 * caught / len(known):.1f} %)")
        if given.missed:
            print(*(f"  missed: {form}" for form, said in verdicts.items() if said == READ), sep="\n")
    files = {(name, seed): of_codes(scheme_codes(name, seed)) for name in SCHEMES for seed in range(SEEDS)}
    by = Counter(files.values())
    print(
        f"innocent codes: {len(SCHEMES)} schemes, {len(files)} files of {CODES}: {by[REFUSED]} refused ({100 * by[REFUSED] / len(files):.1f} %), {by[WARNED]} warned"
    )
    texts = {each: verdict(each[0], [each[1]]) for each in innocent_texts()}
    by = Counter(texts.values())
    print(f"innocent texts and headers: {len(texts)}: {by[REFUSED]} refused, {by[WARNED]} warned")
    if given.missed:
        print(*(f"  {said}: {what}" for what, said in [*files.items(), *texts.items()] if said != READ), sep="\n")


if __name__ == "__main__":
    main()
