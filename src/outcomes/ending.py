"""How a command ends, whatever happens to it: in order, with one message and its own exit code."""

from __future__ import annotations

import codecs
import errno
import os
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from outcomes.errors import OutcomesError, RecordsError
from outcomes.tabular.room import memory_limit

STOPPING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Ctrl-C, a request to end, and a closed terminal."""

_PATIENCE = 20
"""Seconds for which a second request is passed over: what is under way is being put in order."""

_words = 0
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_PLAIN = str.maketrans("–−“”‘’…×·\xa0", "--\"\"''.x. ")
_PACKAGE = Path(__file__).parent


@contextmanager
def in_order() -> Iterator[None]:
    """What runs inside ends the process by SystemExit: the exit code of `OutcomesError`, 128 and the number of a signal, or 1.

    A mistake of this package is told by its kind and its place, never by its text, which may quote the records.
    """
    with _streams():
        try:
            with stoppable():
                _check_folder()
                try:
                    yield
                finally:
                    _flushed(sys.stdout)
        except (SystemExit, KeyboardInterrupt, GeneratorExit):
            raise
        except OutcomesError as error:
            _say(str(error))
            if isinstance(error, RecordsError):
                _tell_texts(error)
            if isinstance(error, RecordsError) and any(breach.rule for breach in error.breaches):
                _say("Fix these rows, or leave out their courses: outcomes report --set-aside.")
            code = error.exit_code
        except BaseException as failure:  # polars and calamine panic by what is no Exception
            if message := told(failure):
                _say(message)
            code = 1
        else:
            return
        sys.exit(code)


def _tell_texts(error: RecordsError) -> None:
    """What the cells of an export that can't be read hold, as lines for the mapping: on a screen alone, never in a file."""
    if error.on_screen and sys.stderr.isatty():
        _say("\n".join(["Say in the mapping what these mean (they are told on this screen alone):", *error.on_screen]))
    elif error.on_screen:
        _say("Run it in a terminal to see the texts, as lines for the mapping; they are told on a screen alone.")


@contextmanager
def stoppable() -> Iterator[None]:
    """Within it a signal to end is a KeyboardInterrupt, once, and in the end SystemExit with 128 and its number.

    A text among what the interruption is raised with again is what is told of it.
    """
    asked: list[int] = []
    since = 0.0

    def stop(number: int, _: object) -> None:
        nonlocal since
        if asked and time.monotonic() - since < _PATIENCE:
            return
        asked.append(number)
        since = time.monotonic()
        raise KeyboardInterrupt(number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # What was ignored from the start, as under nohup, stays ignored.
    before = {number: signal.signal(number, stop) for number in STOPPING if signal.getsignal(number) != signal.SIG_IGN}
    try:
        yield
    except BaseException as failure:
        interruption = failure if isinstance(failure, KeyboardInterrupt) else None
        # An engine may give a failure of its own in place of the interruption.
        if interruption is None and (not asked or (isinstance(failure, SystemExit) and not failure.code)):
            raise
        _say(
            next((told for told in interruption.args if isinstance(told, str)), "interrupted") if interruption else "interrupted"
        )
        sys.exit(128 + (asked or [signal.SIGINT])[0])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def told(failure: BaseException) -> str:
    """What went wrong in one sentence, without a value of the records; "" where nobody listens any more.

    >>> told(MemoryError())
    'there is not enough memory for this; close other programs, or allow less with --memory'
    """
    if isinstance(failure, BrokenPipeError):
        return ""
    if isinstance(failure, MemoryError):
        return "there is not enough memory for this; close other programs, or allow less with --memory"
    if isinstance(failure, OSError) and failure.strerror:
        if failure.errno in _FULL:
            return f"{_named(failure)}there is no room to write ({failure.strerror}); make room and run it again"
        return f"{_named(failure)}{failure.strerror}"
    kind, place = type(failure).__name__, _place(failure)
    if limit := memory_limit():
        return f"there is not enough memory for this: the process may have {limit / 2**30:.1f} GiB; allow it more ({kind})"
    return (
        f"outcomes stopped over a mistake of its own: {kind}{f' in {place}' if place else ''}.\n"
        "Please report this line, the command and `outcomes --version`; none of them holds anything from the records."
    )


def watched() -> None:
    """Where memory is short, goes on in a process of its own: a library that gets none ends its process without a word.

    To be called before anything has threads.
    """
    global _words
    if not memory_limit() or not hasattr(os, "fork"):
        return
    heard, _words = os.pipe()
    child = os.fork()
    if not child:
        warnings.simplefilter("ignore")
        # What a library writes as it dies may quote what it was working on.
        kept = os.dup(2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        sys.stderr = open(kept, "w", encoding="utf-8", buffering=1)  # noqa: PTH123, SIM115
        return
    os.close(_words)
    _words = 0
    for number in STOPPING:
        signal.signal(number, lambda number, _: os.kill(child, number))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code < 0 and -code not in STOPPING:
        code = 1
        if not os.read(heard, 1):
            _say(f"there is not enough memory for this: the process may have {memory_limit() / 2**30:.1f} GiB; allow it more")
    os._exit(code if code >= 0 else 128 - code)


def _check_folder() -> None:
    """Refuses to work in a folder that is gone: no path could be told from there."""
    try:
        Path.cwd()
    except OSError:
        raise OutcomesError("the folder in which you are is no longer there; go to another one, and run it again") from None


def _named(failure: OSError) -> str:
    return f"{Path(os.fsdecode(failure.filename)).name}: " if isinstance(failure.filename, str | bytes) else ""


def _place(failure: BaseException) -> str:
    """The last line of this package that was under way, and of what it called where that is another one's."""
    frames = traceback.extract_tb(failure.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
    shown = [f"{Path(frame.filename).relative_to(_PACKAGE.parent).as_posix()} line {frame.lineno}" for frame in own[-1:]]
    if frames and (not own or frames[-1] is not own[-1]):
        shown.append(f"{'/'.join(Path(frames[-1].filename).parts[-2:])} line {frames[-1].lineno}")
    return ", ".join(shown)


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")
    if _words:
        os.write(_words, b".")
    _flushed(sys.stderr)


class _Deaf:
    """A stream that nobody has to read: what can't be written there is dropped."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _streams() -> Iterator[None]:
    """Standard streams that are there, and take any character: where a terminal has none, the nearest that it has."""
    before = sys.stdin, sys.stdout, sys.stderr
    if None in before:
        # A file opened next would take the place of a closed stream, and what is printed would go into it.
        while (number := os.open(os.devnull, os.O_RDWR)) < 3:
            continue
        os.close(number)
    codecs.register_error("outcomes", _nearest)
    nothing = Path(os.devnull)
    sys.stdin = sys.stdin or nothing.open(encoding="utf-8")
    sys.stdout = sys.stdout or nothing.open("w", encoding="utf-8")
    sys.stderr = _Deaf(sys.stderr or nothing.open("w", encoding="utf-8"))
    streams: tuple[Any, ...] = (sys.stdout, sys.stderr)
    for stream in streams:
        with suppress(AttributeError, OSError, ValueError):
            stream.reconfigure(errors="outcomes")
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


def _nearest(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    text = problem.object[problem.start : problem.end].translate(_PLAIN)
    return "".join(letter if letter.isascii() else "?" for letter in text), problem.end


def _flushed(stream: Any) -> None:
    """Write out what waits; where that fails, Python is not to try again when it ends.

    Raises:
        OSError: it can't be written.
    """
    try:
        stream.flush()
    except OSError:
        with suppress(OSError, ValueError, AttributeError):
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, stream.fileno())
            os.close(nothing)
        raise
