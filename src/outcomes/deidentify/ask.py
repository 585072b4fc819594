"""The open lines of a mapping as questions, one at a time: each answer takes the mark off its line, so what is left can be asked later."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from outcomes.definitions.columns import COLUMN
from outcomes.deidentify.mapping import Mapping, parse_mapping
from outcomes.deidentify.readers import is_read
from outcomes.deidentify.template import BEFORE_OR_AFTER, CHECK, UNMAPPED, quoted
from outcomes.deidentify.written import DAY_OR_MONTH
from outcomes.errors import UsageError, counted
from outcomes.tabular.atomic import written_whole

KEEP, NOTHING, LATER, STOP = "", "-", "?", "q"
"""Answers that hold for every question: as it stands, not recorded or no such column, later, and stop for now."""

_LINE = re.compile(rf"(?P<off># )?(?P<key>\w+|\"(?:[^\"\\]|\\.)*\") = (?P<value>.*?)\s+{CHECK}: (?P<why>.*)")
_AFTER = "# scores_days_after = 30"


class Question(NamedTuple):
    """An open line: its place in the mapping, the heading that it stands under, its key and value, why it is open, and what can be chosen."""

    place: int
    heading: str
    key: str
    value: str
    why: str
    choices: tuple[str, ...] = ()


def questions(text: str) -> list[Question]:
    """The lines of a mapping that are marked, from top to bottom.

    Example:
        >>> questions('[values.fitzpatrick]\\n"IV-V" = ""    # check: two skin types')
        [Question(place=1, heading='values.fitzpatrick', key='"IV-V"', value='""', why='two skin types', choices=())]
    """
    found = []
    heading, headers = "", _unmapped(text)
    for place, line in enumerate(text.splitlines()):
        if opened := re.match(r"\[(.*?)\]\s*(#|$)", line):
            heading = opened[1]
        elif told := _LINE.fullmatch(line):
            value = "" if told["off"] else told["value"]
            found.append(
                Question(place, heading, told["key"], value, told["why"], _choices(heading, told["key"], told["why"], headers))
            )
        elif f"{CHECK}: " in line:
            found.append(Question(place, heading, "", "", line.removeprefix("# ").replace(f"{CHECK}: ", "")))
    return found


def _choices(heading: str, key: str, why: str, headers: list[str]) -> tuple[str, ...]:
    """What an answer is chosen from; blank where it is free."""
    if heading == "columns":
        return tuple(headers)
    if heading == "constants":
        return tuple(COLUMN[key].categories)
    return _CHOICES.get((heading, why.partition("?")[0]), ())


_DAY, _MONTH = "day first", "month first"
_CHOICES = {("export", DAY_OR_MONTH): (_DAY, _MONTH), ("export", BEFORE_OR_AFTER): ("before", "after")}


def _unmapped(text: str) -> list[str]:
    """The headers that no line names."""
    _, _, rest = text.partition(UNMAPPED)
    return [line.removeprefix("#   ") for line in rest.partition("\n\n")[0].splitlines() if line.startswith("#   ")]


def answered(text: str, question: Question, answer: str) -> str:
    """The mapping with the answer in place of an open line.

    An answer is `KEEP`, `NOTHING`, the number of a choice or its text, or what a text of the export means.

    Raises:
        UsageError: the answer does not fit.
    """
    lines = text.splitlines()
    line = lines[question.place]
    bare = re.sub(rf"\s+{CHECK}: .*", "", line)
    chosen = question.choices[int(answer) - 1] if answer.isdigit() and 0 < int(answer) <= len(question.choices) else answer
    if answer == KEEP or not question.key:
        lines[question.place] = bare
    elif question.heading == "columns" and answer == NOTHING:
        lines[question.place] = bare if bare.startswith("# ") else f"# {bare}"
    elif question.choices and chosen not in question.choices:
        raise UsageError(f"answer with a number from 1 to {len(question.choices)}")
    elif question.heading == "columns":
        lines[question.place] = f"{question.key} = {quoted(chosen)}"
        lines.remove(f"#   {chosen}")
    elif chosen in (_DAY, _MONTH):
        lines[question.place] = f"dates = {_month_first(question.value) if chosen == _MONTH else question.value}"
    elif question.key == "scores":
        lines[question.place] = f"scores = {quoted(chosen)}"
        if chosen == "after":
            after = next(place for place, each in enumerate(lines) if each.startswith(_AFTER))
            lines[after] = (
                f"{_AFTER.removeprefix('# ')}   {CHECK}: how many days after the session, where no date of the scores is given?"
            )
    else:
        column = question.heading.removeprefix("values.").strip('"')
        if answer != NOTHING and column in COLUMN and not is_read(column, chosen, Mapping(columns={}), is_typed=False):
            raise UsageError(f"{chosen} is not {COLUMN[column].allowed}")
        value = chosen if question.key in _WHOLE else quoted("" if answer == NOTHING else chosen)
        lines[question.place] = f"{question.key} = {value}"
    new = "\n".join(lines) + "\n"
    if worse := {*_problems(new)} - {*_problems(text)}:
        raise UsageError("\n".join(sorted(worse)))
    return new


_WHOLE = ("scores_days_after",)


def _month_first(value: str) -> str:
    return re.sub(r"dd([./-])mm", r"mm\1dd", value)


def _problems(text: str) -> list[str]:
    try:
        parse_mapping(text, "")
    except UsageError as error:
        return [line.removeprefix(": ") for line in str(error).splitlines()]
    return []


def ask(mapping: Path, read: Callable[[str], str], show: Callable[[str], None]) -> int:
    """Ask every open line of a mapping, and write it after each answer; how many are still open.

    `read` gives an answer to a prompt; the end of input stops, as `STOP` does.
    """
    later: set[str] = set()
    while left := [each for each in questions(mapping.read_text(encoding="utf-8")) if f"{each.heading} {each.key}" not in later]:
        question = left[0]
        show(_asked(question, len(left)))
        try:
            answer = read("> ").strip()
        except (EOFError, KeyboardInterrupt):
            break
        if answer == STOP:
            break
        if answer == LATER:
            later.add(f"{question.heading} {question.key}")
            continue
        try:
            new = answered(mapping.read_text(encoding="utf-8"), question, answer)
        except UsageError as problem:
            show(str(problem))
            continue
        with written_whole(mapping) as passing:
            passing.write_text(new, encoding="utf-8")
    return len(questions(mapping.read_text(encoding="utf-8")))


def _asked(question: Question, left: int) -> str:
    """A question as it stands on the terminal: what is asked, what can be chosen, and what Enter does."""
    told = f"{question.key} = {question.value}" if question.value else question.key
    meant = f" ({COLUMN[question.key].meaning})" if question.heading == "columns" and question.key in COLUMN else ""
    lines = [f"\n{counted(left, 'questions')} left. [{question.heading}]", f"  {told}{meant}", f"  {question.why}"]
    lines += [f"    {number} {choice}" for number, choice in enumerate(question.choices, start=1)]
    keeps = "Enter: as it stands" if question.value else "Enter: leave it out"
    other = (
        "a number: that column; -: no column"
        if question.heading == "columns"
        else "a number"
        if question.choices
        else "another value; -: not recorded"
    )
    return "\n".join([*lines, f"  {keeps}; {other}; ?: later; q: stop for now"])
