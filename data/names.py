"""Makes ``src/outcomes/records/names.txt`` anew: ``python data/names.py CENSUS WORDS``.

Needs the package faker 40.63.0 (MIT), whose lists of given and family names are kept by speakers of some seventy languages.
CENSUS is ``dist.all.last`` of the package names 0.3.0: family names of the United States census of 1990 in order of frequency
(public domain). WORDS is a list of English words, such as american-english-small of Debian (SCOWL, free of restrictions): a
name that is also a word in small letters gets a star, and so does one that is a word of this package's own lists.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from unicodedata import combining, normalize

from faker.providers import person

PACKAGE = Path(__file__).parents[1] / "src" / "outcomes"
MOST_OF_CENSUS = 10_000
# Large lists of patronymics, of rare given names, and of names in letters that have no usual spelling in Latin ones.
LEFT_OUT = ("is_IS",)
_KINDS = re.compile("first|last|surname|family|romanized|middle")
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "Ø": "o",
        "ł": "l",
        "Ł": "l",
        "đ": "d",
        "Đ": "d",
        "ı": "i",
        "æ": "ae",
        "Æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
        "ə": "a",
        "Ə": "a",
    }
)
_CYRILLIC = dict(
    zip(
        "абвгдезийклмнопрстуфхцыэіїєґ",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "z",
            "i",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "y",
            "e",
            "i",
            "i",
            "e",
            "g",
        ],
        strict=True,
    )
) | {"ж": "zh", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ё": "e", "ъ": "", "ь": ""}
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψωςʼ",
        [
            "a",
            "v",
            "g",
            "d",
            "e",
            "z",
            "i",
            "th",
            "i",
            "k",
            "l",
            "m",
            "n",
            "x",
            "o",
            "p",
            "r",
            "s",
            "t",
            "y",
            "f",
            "ch",
            "ps",
            "o",
            "s",
            "'",
        ],
        strict=True,
    )
)
# Where a list is only in letters of another kind: the usual spelling of the most frequent family names.
KOREAN = "kim lee park choi jung jeong kang cho yoon yun jang lim han oh seo shin kwon hwang ahn song ryu yoo hong jeon ko moon yang son bae baek heo nam sim noh ha joo"
ARABIC = (
    "mohammed mohamed muhammad ahmed ahmad ali hassan hussein hussain ibrahim ismail khalid khaled omar umar osman yusuf youssef mustafa mahmoud "
    "abdullah abdallah abdul rahman aziz karim salem saleh said saeed tariq hamid hamza bilal fatima aisha zainab zaynab maryam mariam layla leila "
    "noor nour amina samira yasmin yasmine huda rania hanan al-farsi haddad khoury nasser mansour farouk qasim kassem shaikh sheikh malik"
)
SURNAMES_FIRST = 60
"""The most frequent family names, which are no words here but for these."""
WORDS_ALL_THE_SAME = "brown white green king hill young hall bell reed cook"
ALSO_WORDS = (
    "january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday "
    "venus viva scarlet vivace infini genius potenza exceed candela legend morpheus eclipse secret fractora sylfirm lutronic cutera vitamin rosa alba "
    "laser serum retinol acid collagen rejuva amelan obagi nivea cerave sigma omega delta alfa beta gamma zeta iota theta kappa lambda test alpha"
)
JAPANESE = "sato suzuki takahashi tanaka watanabe ito yamamoto nakamura kobayashi kato yoshida yamada sasaki yamaguchi matsumoto inoue kimura hayashi shimizu yamazaki mori abe ikeda hashimoto ishikawa ogawa okada hasegawa fujita"


def plain(name: str) -> str:
    """A name in small Latin letters; "" where it has others."""
    lower = name.translate(_LETTERS).lower()
    spelt = "".join(_CYRILLIC.get(letter, _GREEK.get(letter, letter)) for letter in unaccented(lower))
    return re.sub("['’ .-]", "", spelt) if re.fullmatch("[a-z'’ .-]+", spelt) else ""


def unaccented(text: str) -> str:
    # й is no и with an accent.
    return "".join(
        letter if letter in _CYRILLIC else "".join(part for part in normalize("NFKD", letter) if not combining(part))
        for letter in text
    )


def of_faker() -> Iterator[str]:
    for module in pkgutil.iter_modules(person.__path__):
        if module.name in LEFT_OUT:
            continue
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        for name, listed in vars(provider).items():
            if _KINDS.search(name) and "format" not in name and isinstance(listed, tuple | list | dict):
                # A name stands beside its spelling in other letters.
                yield from (part for each in listed for part in ([each] if isinstance(each, str) else map(str, each)))


def own_words() -> Iterator[str]:
    """Words that headers and cells of session records are made of."""
    lists = [PACKAGE / "records" / "identifiers.toml", PACKAGE / "deidentify" / "synonyms.toml"]
    for path in lists:
        yield from re.findall("[a-z]+", json.dumps(tomllib.loads(path.read_text(encoding="utf-8")), ensure_ascii=False).lower())
    from outcomes.definitions.columns import COLUMN

    for name, column in COLUMN.items():
        yield from re.findall("[a-z]+", " ".join([name, column.meaning.lower(), *column.categories]))


def main(census: str, words: str) -> None:
    counted = [line.split()[0] for line in Path(census).read_text(encoding="ascii").splitlines()][:MOST_OF_CENSUS]
    of_persons = [*of_faker()]
    # Of de Vries and García-López each last word too.
    last = [part for name in of_persons if len(part := re.split("[ -]", name)[-1]) >= 4 and part != name]
    names = {plain(name) for name in (*of_persons, *last, *counted, *f"{KOREAN} {ARABIC} {JAPANESE}".split())}
    are_words = {word for word in Path(words).read_text(encoding="utf-8").split() if word.islower()} | {*own_words()}
    are_words = (are_words - {name.lower() for name in counted[:SURNAMES_FIRST]}) | {
        *f"{WORDS_ALL_THE_SAME} {ALSO_WORDS}".split()
    }
    kept = sorted(name for name in names if 3 <= len(name) <= 20 and re.search("[aeiouy]", name))
    head = f"""\
# Given and family names in small letters, without accents; those with a star are words as well. Made by data/names.py, not by hand.
# From the lists of Faker {version("faker")} (https://github.com/joke2k/faker), Copyright (c) 2012-2024 Daniele Faraglia and contributors,
# MIT License: permission is granted, free of charge, to use, copy, modify, merge, publish, distribute, sublicense and sell copies of it,
# provided that this notice is kept; it is provided "as is", without warranty of any kind. And from the family names of the United
# States census of 1990 (public domain).
"""
    lines = (f"{name}*" if name in are_words else name for name in kept)
    (PACKAGE / "records" / "names.txt").write_text(head + "\n".join(lines) + "\n", encoding="ascii", newline="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
