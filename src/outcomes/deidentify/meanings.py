"""What the texts of an export mean, guessed: ``3 (moderate)`` is 3, ``FST IV`` is IV, ``2/4`` is the second session; and what leaves a doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from outcomes.definitions.columns import COLUMN, Column
from outcomes.definitions.scales import SCALES
from outcomes.deidentify.dates import month
from outcomes.deidentify.headers import LISTS, plain_words
from outcomes.deidentify.mapping import SESSION
from outcomes.tabular.words import folded, words


class Meaning(NamedTuple):
    """What a text means, "" for not recorded; and why somebody has to check it, blank where it is sure."""

    text: str
    doubt: str = ""


NOTHING = frozenset(LISTS["values"]["nothing"]["any"])
"""Texts that people write for "not recorded"."""

_SAYS = {
    kind: {plain_words(text) or text: meaning for meaning, texts in table.items() for text in texts}
    for kind, table in LISTS["values"].items()
    if kind not in ("nothing", "sex_pairs", "session", "ordinal", "service")
}
_NO_SESSION = re.compile(rf"\b(?:{'|'.join(LISTS['values']['session']['none'])})\b")
_SESSION_NUMBER = re.compile(rf"\b(?:{'|'.join(words(LISTS['layout']['session']))})\w*(?: no| nr| number)? [0-9]")
_MINUTES = re.compile(r"[0-9]+\s?(?:min|mins|minutes|minuten|minutos|minuti|hours?|hr|h)\b", re.IGNORECASE)
_YES_NO = {
    **_SAYS["yes_no"],
    "yes": "yes",
    "y": "yes",
    "true": "yes",
    "1": "yes",
    "no": "no",
    "n": "no",
    "false": "no",
    "0": "no",
}
TREATED = "treated"
_TICKS = {"✓": "yes", "✔": "yes", "☑": "yes", "☒": "yes", "✗": "no", "✘": "no", "☐": "no", "+": "yes", "++": "yes", "−": "no"}
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}
_NUMBER = r"[0-9]+(?:[.,][0-9]+)?"
_RANGE = re.compile(rf"({_NUMBER})\s*(?:-|–|to|bis|/)\s*({_NUMBER})")
_OUT_OF = re.compile(rf"({_NUMBER})\s*(?:/|out of|of|von|de|di|sur|su|sobre)\s*([0-9]{{1,3}})")
_MILLIMETRES = re.compile(r"\s?mm\b")
_OUT_OF_ALL = re.compile(rf"[^0-9]*{_OUT_OF.pattern}[^0-9]*")
_ROMAN_WORD = re.compile(r"\b(vi|iv|v|i{1,3})\b")
_PER_CENT = re.compile(rf"({_NUMBER})\s?%")
_MONTH_NAME = re.compile(r"\b(?:[0-9]{1,2}[- /.]+([^\W\d_]{3,9})|([^\W\d_]{3,9})[- /.]+[0-9]{1,2})\b")
_NEEDLING = re.compile(rf"\b(?:{'|'.join(LISTS['values']['service']['needling'])})")
_SEX_PAIRS = LISTS["values"]["sex_pairs"]


def meaning(column: str, text: str, scale: str = "") -> Meaning | None:
    """What a text means in a column of a session record; None where nothing in it is known.

    `scale` is that of a score, whose grades have names of their own.

    Example:
        >>> meaning("scar_score", "Grade 2"), meaning("fitzpatrick", "FST IV"), meaning("session", "2/4")
        (Meaning(text='2', doubt=''), Meaning(text='IV', doubt=''), Meaning(text='2', doubt=''))
        >>> meaning("fitzpatrick", "IV-V")
        Meaning(text='', doubt='two skin types')
    """
    of = COLUMN.get(column) or Column(SESSION, "whole", "", high=31)
    if scale:
        of = replace(of, low=SCALES[scale].low, high=SCALES[scale].high)
    if column == TREATED and is_needling(text):
        return Meaning("yes")
    if column == SESSION:
        if _NO_SESSION.search(plain_words(text)) and not _SESSION_NUMBER.search(plain_words(text)):
            return Meaning("", "a follow-up without a session?" if re.search("[0-9]", text) else "")
        text = _MINUTES.sub("", text)
        if number := next(
            (said for said, listed in LISTS["values"]["ordinal"].items() if {*listed} & {*plain_words(text).split()}), ""
        ):
            return Meaning(number)
    if of.kind == "yes/no":
        told = _yes_or_no(text)
        return Meaning("no", "is this a session?") if column == TREATED and told and told.doubt else told
    if column == "fitzpatrick":
        return _skin_type(text)
    if of.kind == "category":
        return _category(of, text)
    return _number(of, text, scale) if of.kind in ("number", "whole") else None


def _yes_or_no(text: str) -> Meaning | None:
    """A known word, or a description: what is described was there."""
    known = _TICKS.get(text.strip()) or _YES_NO.get(plain_words(text))
    if known:
        return Meaning(known)
    if plain_words(text).isdigit():
        return Meaning("", "a code: no, or not recorded?")
    first = plain_words(text).partition(" ")[0]
    if first in _YES_NO and not first.isdigit():
        return Meaning(_YES_NO[first], "more than yes or no")
    return Meaning("yes", "says something, taken as yes") if plain_words(text) else None


def _skin_type(text: str) -> Meaning | None:
    found = re.findall(r"\b(?:(vi|iv|v|i{1,3})|[a-z]{0,5}([1-6]))\b", plain_words(text))
    types = list(dict.fromkeys(_ROMAN.get(roman, figure) for roman, figure in found))
    if not types:
        return None
    names = list(COLUMN["fitzpatrick"].categories)
    return Meaning(names[int(types[0]) - 1]) if len(types) == 1 else Meaning("", "two skin types")


def _category(of: Column, text: str) -> Meaning | None:
    known = {plain_words(spelling): name for name, spellings in of.categories.items() for spelling in spellings}
    known |= {said: name for said, name in _SAYS.get(of.name, {}).items() if name in of.categories}
    plain = plain_words(text)
    if plain in known:
        return Meaning(known[plain])
    within = list(dict.fromkeys(name for said, name in known.items() if len(said) > 2 and re.search(rf"\b{said}\b", plain)))
    if len(within) > 1:
        return Meaning("", f"{' and '.join(within)}")
    return Meaning(within[0], "says more") if within else None


def _number(of: Column, text: str, scale: str) -> Meaning | None:
    """A number with its name or unit, the name alone, one of several, or between two."""
    plain = " ".join(folded(text).split())
    if re.fullmatch(rf"[-−]\s?{_NUMBER}", plain):
        return Meaning("", "below 0: a code for not recorded?")
    if of.name == "isotretinoin_months" and _YES_NO.get(plain_words(text)) == "no":
        return Meaning("never", "never taken?")
    if (dated := _MONTH_NAME.fullmatch(plain)) and month(dated[1] or dated[2]):
        return Meaning("", "a date: a spreadsheet makes one of 2/3")
    if not re.search("[0-9]", plain):
        plain = _ROMAN_WORD.sub(lambda found: _ROMAN[found[1]], plain)
    numbers = re.findall(_NUMBER, plain)
    if of.name in (SESSION, "planned_sessions") and (told := _OUT_OF_ALL.fullmatch(plain)):
        first, of_all = _float(told[1]), _float(told[2])
        if first > of_all:
            return _fitting(of, f"{first:g}", f"{first:g} out of {of_all:g}?")
        return _fitting(of, f"{first if of.name == SESSION else of_all:g}")
    if of.kind == "number" and (part := _part(of, plain)):
        return part
    if of.kind == "number" and (ends := _RANGE.fullmatch(_MILLIMETRES.sub("", plain))):
        low, high = map(_float, ends.groups())
        if of.name == "depth_mm" and low <= high:
            # The deepest setting of the session.
            return _fitting(of, f"{high:g}")
        return _fitting(of, f"{(low + high) / 2:g}", "between two") if low < high else Meaning("", "two numbers")
    names = _SAYS.get(scale, {}) if scale else _SAYS.get(_WORDED.get(of.name, of.name), {})
    heard = [said for said in names if re.search(rf"\b{said}\b", plain_words(text))]
    named = list(dict.fromkeys(names[said] for said in heard if not any(said in longer for longer in heard if longer != said)))
    if len(numbers) == 1:
        own = numbers[0].replace(",", ".")
        if re.search(r"[<>~?≈]|\bca\b|\babout\b|[0-9]\s*[+-]$", plain):
            return _fitting(of, own, "not exact")
        if named and float(own) != float(named[-1]):
            return Meaning("", f"the number and the word differ: {own} and {named[-1]}")
        return _fitting(of, own)
    if not numbers and len(named) == 1:
        return _fitting(of, named[0])
    if not numbers and len(named) == 2 and of.kind == "number":
        return _fitting(of, f"{sum(map(float, named)) / 2:g}", "between two")
    return Meaning("", "several numbers") if numbers else None


_WORDED = {"scar_score": "goodman_baron_grade"}
"""Score -> the scale whose grades have names, where its scale is not known."""


def _part(of: Column, plain: str) -> Meaning | None:
    """A number out of the most that there can be, ``8/10`` or ``80%``: as it stands where that is the top of the scale."""
    is_share = of.name == "satisfaction"
    if (share := _PER_CENT.fullmatch(plain)) and is_share:
        return _fitting(of, f"{_float(share[1]) * of.high / 100:g}")
    told = _OUT_OF.fullmatch(plain)
    if not told or _float(told[1]) > float(told[2]) or float(told[2]) == 0:
        return None
    own, most = _float(told[1]), float(told[2])
    if most == of.high:
        return _fitting(of, f"{own:g}")
    if is_share:
        return _fitting(of, f"{own * of.high / most:.2f}", f"out of {most:g}, as 0 to 10")
    # Neighbours are more likely two grades than a part: 2/3.
    return None if "/" in plain and most - own <= 1 else _fitting(of, f"{own:g}", f"out of {most:g}")


def _float(number: str) -> float:
    return float(number.replace(",", "."))


def is_needling(text: str) -> bool:
    """Whether a text names the treatment whose sessions are counted.

    >>> is_needling("Micro-needling - full face"), is_needling("Consultation")
    (True, False)
    """
    return bool(_NEEDLING.search(plain_words(text)))


def sexes(texts: Iterable[str], header: str = "") -> dict[str, Meaning]:
    """Letter of a column of sexes -> what it means beside the others, where that is not what it means alone.

    >>> sexes(["H", "M"]), sexes(["F", "M"])
    ({'h': Meaning(text='male', doubt=''), 'm': Meaning(text='female', doubt='')}, {})
    """
    letters = {folded(text) for text in texts}
    for pair in _SEX_PAIRS.values():
        if len(pair.keys() & letters) == 2 and letters <= {*pair, "x", "?", "-"}:
            return {letter: Meaning(sex) for letter, sex in pair.items()}
    if "v" in letters and "m" in letters:
        is_spanish = "sexo" in plain_words(header).split()
        v, m = ("male", "female") if is_spanish else ("female", "male")
        return {"v": Meaning(v, "varón, or vrouw?"), "m": Meaning(m, "which sex is M beside V?")}
    if letters == {"m"} and {"sexo", "genero"} & {*plain_words(header).split()}:
        return {"m": Meaning("male", "masculino, or mujer (mulher)?")}
    if letters in ({"h"}, {"d"}, {"u"}):
        (letter,) = letters
        sex = {"h": "male", "d": "female", "u": "male"}[letter]
        return {letter: Meaning(sex, "which sex is this?")}
    return {}


def _fitting(of: Column, number: str, doubt: str = "") -> Meaning:
    value = float(number)
    if not of.low <= value <= of.high:
        return Meaning("", f"not between {of.low} and {of.high}")
    return Meaning(f"{value:g}", doubt)


def readable_share(column: str, texts: Iterable[str]) -> float:
    """What share of these texts can be meant in a column; 1 of none. Any text could describe an event, so answers have to be sure."""
    is_answer = column in COLUMN and COLUMN[column].kind == "yes/no"
    told = [meaning(column, text) for text in texts]
    known = sum(each is not None and bool(each.text) and not (is_answer and each.doubt) for each in told)
    return known / len(told) if told else 1.0
