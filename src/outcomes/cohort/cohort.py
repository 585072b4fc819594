"""The Cohort: every count that any measure needs, integers only. From here on no row of a patient is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from outcomes.cohort.counting import Counting
from outcomes.cohort.groups import NUMBERS, OfGroup, check_grouped_by, groups
from outcomes.cohort.parts import PARTS, SPLIT, Key, added_parts, counted, keys_of, none_of
from outcomes.cohort.paths import BLIND, EVERY
from outcomes.cohort.saved import SavedGroup, save
from outcomes.cohort.spread import counts_of_workers
from outcomes.cohort.tally import Tally, tally_of
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.endpoints import ENDPOINTS, LEADING, Endpoint, endpoint_named, endpoints_named
from outcomes.definitions.fitzpatrick import SKIN_TYPES, named_types
from outcomes.definitions.scales import SCALES, Scale
from outcomes.definitions.thresholds import FEW_COURSES, MOST_GROUPS
from outcomes.definitions.windows import Window
from outcomes.errors import UsageError


@dataclass(frozen=True)
class About:
    """What is known of a cohort beside its counts.

    `rows` are those analysed, `rows_aside` those set aside, `blank` those that hold nothing, `aside` the reasons (`column`, `problem`, `n`), None where nothing
    was set aside. `is_own_window` says that the window was set and does not follow the clinic's spacing. `limits` are those
    of guidance, by option.
    """

    source: str
    rows: int
    visits: int
    courses: int
    patients: int
    rows_aside: int
    blank: int
    present: tuple[str, ...]
    unknown: tuple[str, ...]
    window: Window
    is_own_window: bool
    limits: Mapping[str, float]
    aside: pd.DataFrame | None = None


@dataclass(frozen=True, eq=False)
class Cohort:
    """Counts of patients, courses, visits and scores, from which every measure is computed; cohorts of different patients add with ``+``.

    Integers only: no row of a patient, no code of one. A cohort of records counts each part when it is first asked for, on PySpark
    all of them; `+` and `save` count all. Groups can be as small as one patient, so a cohort is kept as carefully as the records.

    Example:
        >>> import outcomes
        >>> cohort = outcomes.read_cohort("sample")
        >>> cohort
        Cohort(sessions.csv: 1,210 rows, 251 courses, 240 patients)
        >>> (cohort + outcomes.read_cohort("patchy")).patients
        390
    """

    about: About
    parts: dict[Key, pd.DataFrame]
    counting: Counting | None = None
    kept: tuple[str, ...] = ()
    _tallies: dict[object, Tally] = field(default_factory=dict, repr=False)
    _groups: dict[str, dict[str, Cohort]] = field(default_factory=dict, repr=False)

    def part(self, name: str, *of: str) -> pd.DataFrame:
        """The counts of one part, tidy; of a scale that nobody is scored on, as if counted with everybody not scored on it."""
        key = (name, *of)
        if self.kept and (name not in self.kept or BLIND in of):
            raise UsageError(f"a group of a saved cohort holds no {name}: count the records anew")
        if key not in self.parts and self.counting:
            self.parts.update(self._counts(self.counting, key))
        return self.parts[key] if key in self.parts else none_of(self.parts, key)

    def _counts(self, counting: Counting, key: Key) -> dict[Key, pd.DataFrame]:
        """The counts asked for; of records on PySpark all at once, the first time."""
        if isinstance(counting, OfGroup):
            return {key: counting.counted(key)}
        if not counting.records.is_spread:
            return {key: counted(counting, key)}
        return {} if self.parts else counts_of_workers(counting)

    def by(self, column: str) -> dict[str, Cohort]:
        """The cohort of each provider, area, device or clinic, by the value of that column in the order of their texts.

        A course belongs to the value that all its rows name which name one; where they name more than one, to the group
        `outcomes.cohort.groups.SEVERAL`, and without any to `NOT_RECORDED`. The window and the limits are those of the whole.

        Raises:
            UsageError: another column, records on PySpark, or a saved cohort that was not saved with these groups.

        Example:
            >>> import outcomes
            >>> {code: cohort.courses for code, cohort in outcomes.read_cohort("sample").by("provider_id").items()}
            {'D2': 90, 'D5': 75, 'D8': 86}
        """
        check_grouped_by(column)
        if column not in self._groups:
            self._groups[column] = self._grouped(column)
        return self._groups[column]

    def _grouped(self, column: str) -> dict[str, Cohort]:
        if column not in self.about.present:
            return {NOT_RECORDED: self}
        if self.counting is None:
            raise UsageError(f"{self.about.source} holds no groups by {column}: count the records anew")
        return {of.value: self.group(of.numbers, {}, of.counting) for of in groups(self.counting, column)}

    def group(
        self,
        numbers: Mapping[str, int],
        parts: dict[Key, pd.DataFrame],
        counting: Counting | None = None,
        kept: tuple[str, ...] = (),
    ) -> Cohort:
        """The cohort of some of the courses: `numbers` of rows, visits, courses and patients, and their counts or what counts them."""
        sizes: dict[str, Any] = {name: numbers[name] for name in NUMBERS}
        about = replace(self.about, rows_aside=0, blank=0, aside=None, **sizes)
        return Cohort(about, parts, counting, kept)

    def is_split(self, column: str) -> bool:
        """Whether `by` can give the groups of a column."""
        is_spread = bool(self.counting and self.counting.records.is_spread)
        return column in self._groups or column not in self.about.present or (bool(self.counting) and not is_spread)

    def with_groups(self, saved: Sequence[SavedGroup]) -> None:
        """Have the groups of a saved cohort at hand."""
        for of in saved:
            self._groups.setdefault(of.column, {})[of.value] = self.group(of.numbers, dict(of.parts), kept=of.kept)

    def only(self, names: tuple[str, ...]) -> Cohort:
        """The same with these parts alone, counted of every score, and free of the records."""
        keys = keys_of(names, self.part("scales"), (EVERY,))
        return Cohort(self.about, {key: self.part(*key) for key in keys}, kept=names)

    def part_keys(self) -> list[Key]:
        """Every part that there is: those of scales, for each scale that is recorded."""
        return keys_of(list(PARTS), self.part("scales"))

    def counted(self) -> Cohort:
        """The same with every part counted, and free of the records."""
        return Cohort(self.about, {key: self.part(*key) for key in self.part_keys()})

    def save(self, path: str | Path, *, by: Mapping[str, tuple[str, ...]] = SPLIT) -> Path:
        """Write every count into one file ``name.cohort``, which `outcomes.read_cohort` reads; its form is in `outcomes.cohort.saved`.

        `by` are columns by which the file holds its groups as well, where the records have them, each with the names of the parts that
        are kept of a group; of more than `MOST_GROUPS` groups those with at least `FEW_COURSES` courses.

        Raises:
            UsageError: another ending, a place that can't be written, or a file there that is no cohort.
        """
        aside = None if self.about.aside is None else self.about.aside.to_dict("list")
        about = asdict(replace(self.about, aside=None)) | {"aside": aside}
        split = [
            SavedGroup(column, value, {name: getattr(of.about, name) for name in NUMBERS}, of.parts, names)
            for column, names in by.items()
            if column in self.about.present
            for value, of in self._split(column, names).items()
        ]
        save(Path(path), about, self.counted().parts, split)
        return Path(path)

    def _split(self, column: str, names: tuple[str, ...]) -> dict[str, Cohort]:
        """The groups of a column as they are kept without the records, as far as there are any."""
        check_grouped_by(column)
        if not self.is_split(column):
            return {}
        every = self.by(column)
        least = FEW_COURSES if len(every) > MOST_GROUPS else 1
        return {value: of.only(names) for value, of in every.items() if of.courses >= least}

    def __add__(self, other: Cohort) -> Cohort:
        """The cohort of both; the patients must be different ones.

        Raises:
            UsageError: they were counted by other definitions.
        """
        for name in ("window", "limits"):
            one, two = getattr(self.about, name), getattr(other.about, name)
            if one != two:
                raise UsageError(f"cohorts counted with another {name.removesuffix('s')} do not add: {said(one)} and {said(two)}")
        parts = added_parts([self.counted().parts, other.counted().parts])
        together = Cohort(_together(self.about, other.about), parts)
        for column, names in SPLIT.items():
            if column in together.about.present and self.is_split(column) and other.is_split(column):
                together._groups[column] = _by_value(together, [self._split(column, names), other._split(column, names)], names)
        return together

    @property
    def rows(self) -> int:
        """Rows of the records that are analysed."""
        return self.about.rows

    @property
    def courses(self) -> int:
        """All courses."""
        return self.about.courses

    @property
    def patients(self) -> int:
        """All patients."""
        return self.about.patients

    @property
    def window(self) -> Window:
        """The days after a session in which a score counts as the one after it."""
        return self.about.window

    @cached_property
    def endpoints(self) -> tuple[str, ...]:
        """Names of the endpoints that have a score anywhere."""
        recorded = self.part("columns").iloc[0]
        return tuple(name for name, endpoint in ENDPOINTS.items() if recorded[endpoint.score_column] > 0)

    def scale_used(self, endpoint: Endpoint, scale: str | None = None) -> Scale:
        """The scale asked for, or the one on which most courses are scored (the first by name where two tie): scales are never mixed.

        Raises:
            UsageError: not a scale of the endpoint, or no scores on it.
        """
        if scale is not None and scale not in endpoint.scales:
            raise UsageError(f"scale of {endpoint.name} must be one of {', '.join(endpoint.scales)}, got {scale!r}")
        scales = self.part("scales")
        used = scales[(scales["endpoint"] == endpoint.name) & (scales["scale"] == (scale or scales["scale"]))]
        if used.empty:
            raise UsageError(
                f"{self.about.source} has no scores of {endpoint.label} ({endpoint.score_column}{f' on {scale}' if scale else ''})"
            )
        return SCALES[used.sort_values(["n", "scale"], ascending=[False, True])["scale"].iloc[0]]

    def tally(
        self,
        endpoint: str = "scarring",
        *,
        scale: str | None = None,
        skin_types: str | Sequence[str] = SKIN_TYPES,
        blinded: bool = False,
        every_course: bool = False,
    ) -> Tally:
        """The counts from which everything about one endpoint is computed; see `outcomes.tally`."""
        of = endpoint_named(endpoint, every_course=every_course)
        used, types = self.scale_used(of, scale), tuple(named_types(skin_types))
        key = of, used.name, types, blinded
        if key not in self._tallies:
            flow, paths = (self.part(name, of.name, used.name, BLIND if blinded else EVERY) for name in ("flow", "paths"))
            self._tallies[key] = tally_of(of, used, self.window, flow, paths, types, self.rows, self.patients)
        return self._tallies[key]

    def tallies(
        self,
        endpoints: str | Sequence[str] = LEADING,
        *,
        skin_types: str | Sequence[str] = SKIN_TYPES,
        blinded: bool = False,
        every_course: bool = False,
    ) -> list[Tally]:
        """The tallies of those of the endpoints that have scores; where none has, of whatever is scored. See `outcomes.tallies`."""
        wanted = endpoints_named(endpoints) or LEADING
        scored = [name for name in wanted if name in self.endpoints] or self.endpoints
        if not scored:
            raise UsageError(f"{self.about.source}: no score of any endpoint")
        return [self.tally(name, skin_types=skin_types, blinded=blinded, every_course=every_course) for name in scored]

    def __repr__(self) -> str:
        return f"Cohort({self.about.source}: {self.rows:,} rows, {self.courses:,} courses, {self.patients:,} patients)"


def _by_value(whole: Cohort, several: Sequence[Mapping[str, Cohort]], names: tuple[str, ...]) -> dict[str, Cohort]:
    """The groups of all, those of equal value added."""
    found = {}
    for value in sorted({value for split in several for value in split}):
        ones = [split[value] for split in several if value in split]
        numbers = {name: sum(getattr(one.about, name) for one in ones) for name in NUMBERS}
        found[value] = whole.group(numbers, added_parts([one.parts for one in ones]), kept=names)
    return found


def _together(one: About, other: About) -> About:
    numbers = (*NUMBERS, "rows_aside", "blank")
    reasons = [about.aside for about in (one, other) if about.aside is not None]
    aside = (
        pd.concat(reasons).groupby(["column", "problem"], sort=False, as_index=False, dropna=False)["n"].sum()
        if reasons
        else None
    )
    return replace(
        one,
        source=one.source if one.source == other.source else f"{one.source}, {other.source}",
        present=tuple(dict.fromkeys([*one.present, *other.present])),
        unknown=tuple(dict.fromkeys([*one.unknown, *other.unknown])),
        is_own_window=one.is_own_window or other.is_own_window,
        aside=aside,
        **{name: getattr(one, name) + getattr(other, name) for name in numbers},
    )


def said(definition: Window | Mapping[str, float]) -> str:
    """A window or limits of guidance, as one would give them."""
    if isinstance(definition, Mapping):
        return ", ".join(f"{name} {limit:g}" for name, limit in definition.items())
    return ",".join(map(str, definition))
