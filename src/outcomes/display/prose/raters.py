"""Whether scores were taken blind, what blind scores alone say, and whether assessors agree, in sentences."""

from __future__ import annotations

from math import isnan
from typing import Any

import pandas as pd

from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import NoteCode, codes
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import ENOUGH_BLIND
from outcomes.display.prose.continued import in_short
from outcomes.display.texts import Prose, of_each_endpoint
from outcomes.display.words import (
    change_of,
    counted,
    first_up,
    is_clear,
    listed,
    minus,
    percent,
    session_words,
    shown,
    size_of,
    verb,
)
from outcomes.measures.blinding import APART, BLIND
from outcomes.measures.raters import KAPPA, SAME


def raters(blinded: pd.DataFrame, compared: pd.DataFrame, agreed: pd.DataFrame) -> Prose:
    """The sentences on `outcomes.blinding`, `outcomes.blind_headline` and `outcomes.agreement`, a paragraph each."""
    said = (blinding(blinded), blind_headline(compared), agreement(agreed))
    return Prose("\n\n".join(filter(None, said)))


def blinding(blinding: pd.DataFrame) -> Prose:
    """How many scores after a session were taken blind, of each endpoint of `outcomes.blinding`."""
    return Prose(of_each_endpoint(blinding, _blinding, " "))


_BLIND = "the assessor {knew} how many sessions had been given"


def _blinding(blinding: pd.DataFrame, before: str) -> str:
    of, label = int(blinding["of"].iloc[0]), ENDPOINTS[blinding["endpoint"].iloc[0]].label
    n = dict(zip(blinding["blinded"], blinding["n"], strict=True))
    is_explained = "how many sessions had been given" in before
    if of == 0:
        return f"No score of {label} was taken after a session."
    if n[NOT_RECORDED] == of:
        that_is = "" if is_explained else f", that is, whether {_BLIND.format(knew='knew')}"
        return f"For scores of {label} it is **not recorded** whether they were taken blind{that_is}."
    taken = (
        f"**{n['yes']:,} ({percent(100 * n['yes'] / of)}) {'was' if n['yes'] == 1 else 'were'} taken blind**" if n["yes"] else ""
    )
    after = f"{counted(of, 'scores')} of {label} after a session"
    first = (
        f"Of {after}, {taken or '**none was taken blind**'}"
        if of > 1
        else f"The 1 score of {label} after a session was {'' if n['yes'] else 'not '}taken blind"
    )
    blank = f"; for {n[NOT_RECORDED]:,}, not recorded" if n[NOT_RECORDED] else ""
    means = "" if is_explained else f" Blind means that {_BLIND.format(knew='did not know')}."
    return f"{first}{blank}.{means}"


def blind_headline(compared: pd.DataFrame) -> Prose:
    """What blind scores alone say beside all scores, of each endpoint of `outcomes.blind_headline`; empty where nobody was scored again."""
    return Prose(of_each_endpoint(compared, _blind_headline, " "))


_ALONE = "From blind scores alone, "
_NEEDED = f"{ENOUGH_BLIND} are needed for a result from blind scores alone."


def _blind_headline(compared: pd.DataFrame, before: str) -> str:
    by = compared.set_index("estimand")
    every, blind = by.loc["continued"], by.loc[BLIND]
    when, n, label = session_words(blind["session"]), int(blind["n"]), ENDPOINTS[blind["endpoint"]].label
    if n < ENOUGH_BLIND:
        have = f"{counted(n, 'courses')} {'has' if n == 1 else 'have'}" if n else "no course has"
        return f"{first_up(when)}, {have} a blind score of {label}{'.' if _NEEDED in before else f'; {_NEEDED}'}"
    if isnan(blind["estimate"]):
        return f"{_ALONE}the change in {label} {when} cannot be estimated ({counted(n, 'courses')} assessed)."
    said = in_short(blind, label, when)
    goes_on = before.startswith(_ALONE) and _NEEDED not in before
    return f"{first_up(said) if goes_on else f'{_ALONE}{said}'}{_beside(every, blind)}"


def _beside(every: Any, blind: Any) -> str:
    """The result of all scores, and which to rely on where the two are apart."""
    if isnan(every["estimate"]):
        return "."
    given, unit = f"; from all scores, {_of_all(every, blind)}", SCALES[blind["scale"]].unit
    if not APART & codes(blind):
        return f"{given}."
    margin = SCALES[blind["scale"]].margin
    is_far = abs(blind["estimate"] - every["estimate"]) > margin
    why = f"more than {margin:g} {unit} away" if is_far else "outside this interval"
    better = "better" if every["estimate"] < blind["estimate"] else "worse"
    return (
        f"{given}, {why}: **scores that were not taken blind look {better}**. "
        "Rely on the blind scores, and have more scores taken blind."
    )


def _of_all(every: Any, blind: Any) -> str:
    """The result of all scores as it goes on after that of blind ones: ``by 0.9`` where both improved."""
    if isnan(every["conf_low"]):
        return f"the change would have been {change_of(every).estimate}"
    told = size_of(every).estimate
    if not is_clear(every):
        none = "there would have been no clear change" if is_clear(blind) else "none either"
        return f"{none} ({told})"
    return f"by {told}" if is_clear(blind) and verb(blind) == verb(every) else f"it would have {verb(every)} by {told}"


def agreement(agreed: pd.DataFrame) -> Prose:
    """How well two assessors of the same visit agree, of each endpoint of `outcomes.agreement`."""
    never = [ENDPOINTS[name].label for name, rows in agreed.groupby("endpoint", sort=False) if not rows["n"].iloc[1]]
    often = agreed[~agreed["endpoint"].map(lambda name: ENDPOINTS[name].label).isin(never)]
    said = [of_each_endpoint(often, _agreement, " ")] if len(often) else []
    if never:
        said.append(f"No visit was assessed for {listed(never, 'or')} by two assessors, so it is not known how well they agree.")
    return Prose(" ".join(said))


_FULL = "1 would be full agreement"


def _agreement(agreed: pd.DataFrame, before: str) -> str:
    by = agreed.set_index("measure")
    row = agreed.iloc[1]
    label, n = ENDPOINTS[row["endpoint"]].label, int(row["n"])
    times = "once" if n == 1 else f"{n:,} times"
    first = f"Two assessors scored {label} at the same visit {times}"
    mean = "" if before else " The mean of their scores is analysed."
    if row["note"]:
        is_few = NoteCode.TOO_FEW_PAIRS in codes(row)
        why = "too few to tell how well they agree" if is_few else "always with equal scores"
        return f"{first}: {why}.{mean}"
    name = "weighted kappa" if row["measure"] == KAPPA else "intraclass correlation"
    told = shown(row["estimate"], row["conf_low"], row["conf_high"], 2)
    interval = f"; {told.ci}" if told.interval else ""
    scale = "" if _FULL in before else f": {_FULL}, 0 no more than by chance"
    return (
        f"{first}, with equal scores in {percent(by.loc[SAME, 'estimate'])}. Their agreement was **{told.estimate}** "
        f"({name}{interval}){scale}.{mean}"
    )


def share(value: float) -> str:
    """A coefficient of agreement: ``0.71``, with a real minus sign."""
    return minus(f"{value:.2f}")
