"""How an export writes its dates and numbers, found in its cells where they leave no doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from outcomes.deidentify import dates
from outcomes.errors import counted

_CERTAIN = (
    "yyyy-mm-dd", "yyyy/mm/dd", "yyyy.mm.dd", "yyyymmdd", "dd mmm yyyy", "dd-mmm-yyyy", "dd. mmm yyyy", "dd/mmm/yyyy", "mmm dd, yyyy",
    "mmm dd yyyy", "mmm-dd-yyyy", "dd mmm yy", "dd-mmm-yy", "dd. mmm yy", "mmm dd, yy",
)  # fmt: skip
"""Forms in which no day can be taken for a month."""

_ORDERS = {
    order: tuple(form.replace("-", separator) for form in (f"{order}-yyyy", f"{order}-yy") for separator in "./-")
    for order in ("dd-mm", "mm-dd")
}
DAY_OR_MONTH = "day or month first"
_NUMBER = re.compile(r"[0-9]+([.,])([0-9]+)")


class Dates(NamedTuple):
    """The forms that read the dates of an export, in order; why somebody has to check them; and how many texts none of them reads."""

    forms: tuple[str, ...]
    doubt: str
    unread: int


def date_forms(texts: Iterable[str], day_first: bool | None = None) -> Dates:
    """How dates are written. `day_first` is how they are usually written where the headers come from, asked only where the cells leave it open.

    Example:
        >>> date_forms(["03/16/2023", "Oct 5, 1991", "04/05/23"])
        Dates(forms=('mmm dd, yyyy', 'mm/dd/yyyy', 'mm/dd/yy'), doubt='', unread=0)
        >>> date_forms(["03/04/2023"]).doubt
        'day or month first? No cell tells'
    """
    left = list(dict.fromkeys(texts))
    certain: list[str] = []
    for form in _CERTAIN:
        others = _unread(left, (form,))
        if len(others) < len(left):
            certain.append(form)
            left = others
    if not left:
        return Dates(tuple(certain), "", 0)
    rest = {order: _unread(left, forms) for order, forms in _ORDERS.items()}
    by_day, by_month = (len(left) - len(rest[order]) for order in _ORDERS)
    is_open = by_day == by_month > 0 and any("." not in text for text in left if text not in rest["dd-mm"])
    order = "mm-dd" if by_month > by_day or (is_open and day_first is False) else "dd-mm"
    if is_open and day_first is None:
        doubt = f"{DAY_OR_MONTH}? No cell tells"
    elif min(by_day, by_month) > 0 and rest[order]:
        doubt = f"{counted(len(rest[order]), 'dates')} written in another way"
    else:
        doubt = ""
    forms = [form for form in _ORDERS[order] if len(_unread(left, (form,))) < len(left)]
    return Dates((*certain, *forms), doubt, len(rest[order]))


def _unread(texts: Sequence[str], forms: Sequence[str]) -> list[str]:
    readers = [dates.reader(form) for form in forms]
    return [text for text in texts if not any(read(text) for read in readers)]


def decimal_sign(texts: Iterable[str]) -> str:
    """The decimal sign of numbers: a comma where more numbers have one than a point.

    Example:
        >>> decimal_sign(["3,5", "2", "1.5mm"]), decimal_sign(["3,5", "2,25 mm"])
        ('.', ',')
    """
    signs = [found[1] for text in texts if (found := _NUMBER.search(text))]
    return "," if signs.count(",") > signs.count(".") else "."
