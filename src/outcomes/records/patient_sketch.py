"""Which patients are in records, told by a few numbers: how many of an earlier report's patients are in these records too.

A bottom-k sketch: the smallest hashes of the patients' codes. They are a random sample of the patients, so that the share of them
that is found among the hashes of other records is the share of the patients. Up to `SIZE` patients it holds each of them, and the share is exact.

References: Beyer, Haas, Reinwald, Sismanis & Gemulla (2007), Proc SIGMOD, 199-210 (k minimum values).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from outcomes.records.records import Records
from outcomes.tabular.engines import collect

SIZE = 1024
"""Hashes that are kept: the share found of them is known to 1.6 percentage points (one standard error), or exactly."""

MOST_PATIENTS = 2_000_000
"""Of more patients no sketch is made: it would take longer than all else."""

_BYTES = 4
_HELD = "_patient_hashes"

Hashes = NDArray[np.uint32]


class PatientSketch(NamedTuple):
    """How many patients there are, and the smallest hashes of their codes in ascending order."""

    patients: int
    smallest: Hashes

    def told(self) -> dict[str, Any]:
        """As it stands in a manifest: the hashes as hexadecimal digits without a blank."""
        return {"patients": self.patients, "smallest": self.smallest.astype(">u4").tobytes().hex()}


def patient_hashes(records: Records) -> Hashes | None:
    """A 32-bit hash of the code of each patient, in ascending order; None of more than `MOST_PATIENTS`."""
    if records.patients > MOST_PATIENTS:
        return None
    held = records.__dict__
    if _HELD not in held:
        held[_HELD] = hashes_of(map(str, collect(records.frame.select("patient_id").unique())["patient_id"]))
    found: Hashes = held[_HELD]
    return found


def hashes_of(codes: Any) -> Hashes:
    """The hashes of these codes, each once, in ascending order."""
    each = b"".join(blake2b(code.encode("utf-8"), digest_size=_BYTES).digest() for code in codes)
    return np.unique(np.frombuffer(each, ">u4").astype(np.uint32))


def sketch_of(hashes: Hashes) -> PatientSketch:
    """The sketch of patients with these hashes.

    Example:
        >>> sketch_of(hashes_of(["P1", "P2"])).told()
        {'patients': 2, 'smallest': '056e2011b7461383'}
    """
    return PatientSketch(len(hashes), hashes[:SIZE])


def sketch_told(told: Any) -> PatientSketch:
    """The sketch from what a manifest tells.

    Raises:
        ValueError: that is none.
    """
    try:
        patients, digits = told["patients"], told["smallest"]
        smallest = np.frombuffer(bytes.fromhex(digits), ">u4").astype(np.uint32)
    except (KeyError, TypeError, ValueError):
        raise ValueError("no sketch of patients") from None
    if type(patients) is not int or len(smallest) != min(patients, SIZE) or (np.diff(smallest.astype(np.int64)) <= 0).any():
        raise ValueError("no sketch of patients")
    return PatientSketch(patients, smallest)


def share_among(earlier: PatientSketch, hashes: Hashes) -> float:
    """The share, 0 to 1, of the earlier patients that are among those with these hashes; nan of none.

    Example:
        >>> share_among(sketch_of(hashes_of(["P1", "P2"])), hashes_of(["P2", "P3"]))
        0.5
    """
    return float(np.isin(earlier.smallest, hashes).mean()) if len(earlier.smallest) else float("nan")
