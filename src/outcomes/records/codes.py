"""What the codes of one column look like, all of them together: names, births, numbers of persons, or as random as they should be.

A single random code can look like anything; so each kind is held against how many random codes of the same shape would look so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from outcomes.definitions.columns import COLUMN
from outcomes.records import births, numbers
from outcomes.records.chance import REFUSED_BELOW, is_refused, tail
from outcomes.records.names import SHORTEST, TITLES, is_name, names_with_initials, runs, whole_names

NAMES = "codes that look like a name"
BORN = "codes that look like a date of birth"
PERSON = "codes that look like the number of an identity card, a passport or an insurance"
RECORD = "codes that say that they are numbers of records or insurances"
LONG = "codes that look like a telephone, record or social security number"
DIGITS = "numbers of 5 to 8 digits, as record numbers are"
WORDS = "codes of letters alone, as names are"
CAPITALS = "codes with capitals as in names"

OWN = "^[PSCKT][CDFGHJKMNPQRTVWX3479]{8}$"
"""Codes as `outcomes deidentify` makes them."""

_NUMBERED = r"(?i:(patient|subject|proband|participant|person|client|case|course|visit|provider|clinic|tip)[-_ .#]*(no|nr|id|number)?[-_ .#]*[0-9]+)"
# Words that a course may be told by.
_PLACES = (
    "left right upper lower middle cheek temple lip eyes hands arm legs abdomen first second third both side whole course series area scar scars acne pih "
    + " ".join(COLUMN["area"].categories)
).split()
_PLACE = rf"(?i:(({'|'.join(_PLACES)})[_-]?)+)"
_WORD = re.compile("(?=(?:[_-]*[A-Za-z]){3})[A-Za-z_-]*[AEIOUYaeiouy][A-Za-z_-]*")
_WORDED = re.compile("[-_.]?([A-Za-z]{5,})[-_.]?[0-9]{1,4}")
_TWO_WORDS = re.compile("[-_.]?([A-Za-z]{3,})[-_. ]+([A-Za-z]{4,})[-_.]?[0-9]{0,4}")
_LETTERS_AND_NUMBER = re.compile("[A-Z]{1,4}[#:]?[0-9]{6,14}[A-Z]{0,3}|[0-9]{6,14}[A-Z]{1,3}")
_CAPITALS = re.compile("[A-Z][a-z]{2,}([-_]?[A-Z][a-z]+)*|[A-Z][a-z]+[-_]?[A-Z][a-z]+[-_]?[0-9]{1,4}")

_VOWEL = re.compile("[aeiouy]", re.IGNORECASE)
_LONG = re.compile("[0-9](?:[-_ ./()]*[0-9]){8,}|[0-9]{3}[-_][0-9]{4}")
_SHORT = re.compile("[0-9]{5,8}")
_SEEN_TO_BE_RANDOM = 30
_SEEN_TO_BE_A_SERIES = 12
_MANY = 100
"""Different numbers from which on it is seen whether they are spread as random ones are."""


class Doubt(NamedTuple):
    """What codes of a column look like: which of them, and whether the records are refused for it or only warned of."""

    holds: str
    codes: tuple[str, ...]
    is_refused: bool


def doubts(
    codes: Mapping[str, int] | Iterable[str], others: int = 0, *, with_digits: bool = True, places: bool = False
) -> list[Doubt]:
    """What the different codes of a column look like, each kind once.

    `codes`: code -> its cells; `others` are the cells of codes that look like nothing at all. Without `with_digits`, short
    numbers and words are nothing to say. With `places`, words for places on the body are none either.
    """
    counts = dict(codes) if isinstance(codes, Mapping) else dict.fromkeys(codes, 1)
    harmless = re.compile(f"{_NUMBERED}|{_PLACE}" if places else _NUMBERED)
    known = sorted(code for code in counts if not harmless.fullmatch(code))
    cells = Cells(counts, others + sum(n for code, n in counts.items() if harmless.fullmatch(code)))
    found = [
        *_named(known, cells),
        *_births(known),
        _years(known),
        *_shapes(known),
        _records(known),
        _long(known, cells),
    ]
    if with_digits:
        found += [
            _digits(known, cells),
            _words(known, cells),
            _capitals(known, cells),
            _worded(known, cells),
            _two_words(known),
            _numbered_letters(known),
        ]
    by_kind: dict[str, Doubt] = {}
    for each in filter(None, found):
        held = by_kind.get(each.holds, each)
        both = tuple(dict.fromkeys([*held.codes, *each.codes]))
        # What is only warned of is not counted among what is refused.
        refused = [one for one in (held, each) if one.is_refused]
        by_kind[each.holds] = (
            refused[0]._replace(codes=both if len(refused) == 2 else refused[0].codes)
            if refused
            else Doubt(each.holds, both, False)
        )
    return list(by_kind.values())


class Cells(NamedTuple):
    """How often each code stands in the column, and in how many cells codes that look like nothing."""

    of: Mapping[str, int]
    others: int

    def share(self, hits: Sequence[str], *, without: Sequence[str] = ()) -> float:
        """The share of the column's cells with these codes; `without` are not counted as other ones."""
        counted = sum(self.of[code] for code in hits)
        return counted / max(self.others + sum(self.of.values()) - sum(self.of[code] for code in without), 1)

    def rare(self, codes: Sequence[str], run_of: Callable[[str], str]) -> list[str]:
        """Codes whose run of letters hardly any other has: that of a series stands in all of them."""
        counted = Counter(run_of(code) for code in self.of)
        return [code for code in codes if counted[run_of(code)] < 3]


def _said(holds: str, codes: Sequence[str], verdict: bool | None) -> Doubt | None:
    return None if verdict is None else Doubt(holds, tuple(codes), verdict)


def _wordy(code: str) -> list[str]:
    """The runs of letters that could be words."""
    return [run for run in runs(code) if len(run) >= SHORTEST and _VOWEL.search(run) and run.lower() not in TITLES]


def _letters(runs_: Iterable[str]) -> int:
    return sum(map(len, runs_))


def _named(codes: Sequence[str], cells: Cells) -> Iterator[Doubt | None]:
    """Codes that are names; of a word that nearly all begin with, which is the clinic's or the study's, it is only said: CLARA-001."""
    series = _series_word(codes, cells)
    apart = {code.removeprefix(series): code for code in codes}
    for kind in (_names, _pairs, _initials):
        doubt = kind(codes)
        if doubt and doubt.is_refused and series:
            own = kind([*apart])
            doubt = own._replace(codes=tuple(apart[code] for code in own.codes)) if own else doubt._replace(is_refused=False)
        yield doubt


def _series_word(codes: Sequence[str], cells: Cells) -> str:
    """The word with which nine in ten of many codes begin; blank where there is none."""
    first = Counter(found[0] for code in codes if (found := re.match("[A-Za-z]+(?=[-_ ./#]|[0-9])", code)))
    word, n = first.most_common(1)[0] if first else ("", 0)
    return word if n >= _SEEN_TO_BE_A_SERIES and 10 * n > 9 * (len(codes) + cells.others) else ""


def _names(codes: Sequence[str]) -> Doubt | None:
    """Codes of which most letters are one name: Smith01."""
    hits, expected, of = [], 0.0, 0
    for code in codes:
        likeness = whole_names(code)
        expected += likeness.chance
        of += bool(_wordy(code))
        named = [run for run in runs(code) if len(run) >= SHORTEST and (is_name(run) or likeness.hits)] if likeness.hits else []
        if likeness.hits and 2 * _letters(named) > _letters(run for run in runs(code) if run.lower() not in TITLES):
            hits.append(code)
    return _said(NAMES, hits, is_refused(len(hits), of, expected, least=0.3))


def _pairs(codes: Sequence[str]) -> Doubt | None:
    """Codes that are names throughout, at least two: jane_smith."""
    hits, expected, of = [], 0.0, 0
    for code in codes:
        parts = [run for run in runs(code) if len(run) > 1 and run.lower() not in TITLES]
        if len(parts) < 2 or min(map(len, parts)) < SHORTEST:
            continue
        likeness = whole_names(code)
        of += 1
        expected += min(1.0, likeness.chance**2)
        if likeness.hits == len(parts) and likeness.is_plain:
            hits.append(code)
    return _said(NAMES, hits, is_refused(len(hits), of, expected, least=0.1))


def _initials(codes: Sequence[str]) -> Doubt | None:
    """An initial and a name in one: jsmith2."""
    hits, expected, of = [], 0.0, 0
    for code in codes:
        likeness = names_with_initials(code)
        of += bool(_wordy(code))
        expected += likeness.chance
        if likeness.hits and not whole_names(code).hits and _letters(runs(code)) == max(map(len, runs(code))):
            hits.append(code)
    return _said(NAMES, hits, is_refused(len(hits), of, expected, least=0.3))


def _births(codes: Sequence[str]) -> Iterator[Doubt | None]:
    dated = {code: digits for code in codes if (digits := births.digits_of(code))}
    for length in (6, 8):
        own = [code for code, digits in dated.items() if len(digits) == length]
        hits = births.dates_among([dated[code] for code in own], length)
        dates = [code for code in own if births.dates_among([dated[code]], length)]
        yield _said(BORN, dates, is_refused(hits, len(own), births.CHANCE[length] * len(own), least=0.5))


def _years(codes: Sequence[str]) -> Doubt | None:
    of, hits = births.years_among(codes)
    years = [code for code in codes if births.years_among([code])[1]]
    return _said(BORN, years, is_refused(hits, of, births.CHANCE_OF_YEAR * of, least=0.5))


def _shapes(codes: Sequence[str]) -> Iterator[Doubt | None]:
    plain = {code: numbers.bare(code) for code in codes}
    templates = Counter(map(numbers.template, plain.values()))
    for shape in numbers.SHAPES:
        hits = [code for code, own in plain.items() if shape.pattern.fullmatch(own) and shape.is_valid(own)]
        of = sum(templates[each] for each in {numbers.template(plain[code]) for code in hits})
        alike = [code for code in _others(codes) if len(plain[code]) in {len(plain[hit]) for hit in hits}]
        # Among random letters and digits of the same length one has this shape by chance.
        if hits and not _is_series(hits) and 10 * len(hits) >= len(alike):
            yield _said(PERSON, hits, is_refused(len(hits), of, shape.chance * of, least=0.5))


def _records(codes: Sequence[str]) -> Doubt | None:
    hits = [code for code in codes if numbers.RECORD.fullmatch(code)]
    shaped = [code for code in codes if re.fullmatch(r"[A-Za-z]{3,}[-_ .:#]*[A-Z]?\d{3,12}", code)]
    expected = sum(numbers.CHANCE_OF_PREFIX.get(len(runs(code)[0]), 0.0) for code in shaped)
    return _said(RECORD, hits, is_refused(len(hits), len(shaped), expected, least=0.3))


def _long(codes: Sequence[str], cells: Cells) -> Doubt | None:
    """Nine digits and more: any telephone. Only many that begin with each digit alike, and have no check digit, are random."""
    long = _of_digits(codes, cells, _LONG, least=1 / 200)
    bare = [re.sub("[^0-9]", "", code) for code in long]
    return Doubt(LONG, tuple(long), not _is_random(bare)) if long else None


def _digits(codes: Sequence[str], cells: Cells) -> Doubt | None:
    short = _of_digits(codes, cells, _SHORT, least=1 / 20)
    return Doubt(DIGITS, tuple(short), False) if short and not _is_random(short) else None


def _of_digits(codes: Sequence[str], cells: Cells, pattern: re.Pattern[str], *, least: float) -> list[str]:
    """Codes of digits alone, unless they are few, a series, or what is to be expected among others of digits and letters."""
    hits = [code for code in codes if pattern.fullmatch(code)]
    if not hits or cells.share(hits, without=_prefixed(codes)) <= least:
        return []
    if births.is_series([int(re.sub("[^0-9]", "", code)) for code in hits]):
        return []
    lengths = Counter(map(len, hits))
    mixed = [code for code in _others(codes) if len(code) in lengths and any(map(str.isalpha, code))]
    if mixed:
        share = sum(map(str.isdigit, "".join(mixed))) / sum(map(len, mixed))
        expected = sum(share ** len(code) for code in [*mixed, *hits]) + cells.others * share ** max(lengths)
        if tail(len(hits), expected) > REFUSED_BELOW:
            return []
    return hits


def _words(codes: Sequence[str], cells: Cells) -> Doubt | None:
    """Letters alone with a vowel. Random codes are of one length, names are not."""
    words = [code for code in codes if _WORD.fullmatch(code)]
    if not words or cells.share(words, without=_prefixed(codes)) <= 1 / 3:
        return None
    lengths = {*map(len, words)}
    if len(lengths) == 1 and len(words) >= _SEEN_TO_BE_RANDOM:
        return None
    return Doubt(WORDS, tuple(words), len(words) < 5 or len(lengths) > 2)


def _worded(codes: Sequence[str], cells: Cells) -> Doubt | None:
    """A word of five letters and more with a short number, as user names have it, known as a name or not: mizrahi5."""
    hits = [code for code in codes if (found := _WORDED.fullmatch(code)) and _VOWEL.search(found[1])]
    rare = cells.rare(hits, _letters_of)
    shapes = Counter(numbers.template(code.upper()) for code in codes)
    rare = [code for code in rare if shapes[numbers.template(code.upper())] < _SEEN_TO_BE_RANDOM]
    return Doubt(NAMES, tuple(rare), False) if rare and 3 * len(rare) > len(_others(codes)) - len(rare) else None


def _two_words(codes: Sequence[str]) -> Doubt | None:
    """Two words that could be names, known or not, in codes not all of one length: rahim_uddin."""
    hits = [code for code in codes if (found := _TWO_WORDS.fullmatch(code)) and all(map(_VOWEL.search, found.groups()))]
    lengths = Counter(map(len, codes))
    rare = [code for code in hits if lengths[len(code)] < _SEEN_TO_BE_RANDOM]
    return Doubt(NAMES, tuple(rare), False) if rare else None


def _numbered_letters(codes: Sequence[str]) -> Doubt | None:
    """Letters and a number of six digits and more, not counted on: a passport, a licence, an insurance or a record."""
    hits = [code for code in codes if _LETTERS_AND_NUMBER.fullmatch(numbers.bare(code))]
    figures = [re.sub("[^0-9]", "", code) for code in hits]
    if not hits or (10 * len(hits) < len(codes) and _is_mixed(codes)) or _is_series(hits) or _is_random(figures):
        return None
    return Doubt(PERSON, tuple(hits), False)


def _is_mixed(codes: Sequence[str]) -> bool:
    """Whether digits and letters stand anywhere in the codes: one of any shape comes by chance."""
    return len({numbers.template(numbers.bare(code)) for code in codes}) > len(codes) / 4


def _letters_of(code: str) -> str:
    return "".join(runs(code)).lower()


def _capitals(codes: Sequence[str], cells: Cells) -> Doubt | None:
    capitals = [code for code in codes if _CAPITALS.fullmatch(code)]
    lengths = {*map(len, capitals)}
    alike = [code for code in codes if len(code) in lengths and code.isalpha() and not code.isupper() and not code.islower()]
    # Letters of either kind at random are of one length and now and then spelt so.
    if len(lengths) == 1 and len(alike) >= 10 and 4 * len(capitals) < len(alike):
        return None
    return Doubt(CAPITALS, tuple(capitals), True) if capitals and cells.share(capitals) > 1 / 20 else None


def _others(codes: Sequence[str]) -> list[str]:
    """The codes but for those."""
    return [code for code in codes if not _prefixed([code])]


def _prefixed(codes: Sequence[str]) -> list[str]:
    """Codes that could not be digits alone by chance: letters and a number."""
    return [code for code in codes if re.fullmatch("[A-Za-z]{1,6}[-_]?[0-9]+", code)]


def _is_random(digits: Sequence[str]) -> bool:
    """Whether many numbers begin with each digit alike and mostly fail the usual check digits."""
    if len(digits) < _MANY:
        return False
    first = Counter(number[0] for number in digits)
    checks: tuple[Callable[[str], bool], ...] = (_luhn, _mod_11, _is_dated)
    return max(first.values()) < 0.25 * len(digits) and all(sum(map(check, digits)) < 0.5 * len(digits) for check in checks)


def _luhn(number: str) -> bool:
    return sum(sum(map(int, str(int(digit) * (1 + place % 2)))) for place, digit in enumerate(reversed(number))) % 10 == 0


def _mod_11(number: str) -> bool:
    return sum(int(digit) * (len(number) - place) for place, digit in enumerate(number)) % 11 == 0


def _is_dated(number: str) -> bool:
    return len(number) > 9 and any(births.dates_among([number[at : at + 6]], 6) for at in (0, 1, 2))


def _is_series(codes: Sequence[str]) -> bool:
    found: list[Any] = [re.findall("[0-9]+", code) for code in codes]
    return all(found) and births.is_series([int(parts[-1]) for parts in found])
