"""Whom numbers are for."""

from __future__ import annotations

from enum import StrEnum


class Audience(StrEnum):
    """The clinic itself, which may see small groups, or anybody."""

    clinic = "clinic"
    public = "public"


CLINIC, PUBLIC = Audience
