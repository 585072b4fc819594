"""Adds rows to modules of outcomes in memory, as they are loaded: imported by every Python that has this folder on its path.

A report runs its notebooks in other processes, where a patch of this one does not reach. ADDED_ROWS holds them as JSON:
``{module: [line after which the row stands, row]}``. No file is changed, and nothing compiled of this is kept.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType

ROWS = json.loads(os.environ.get("ADDED_ROWS", "{}"))


class Adding(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        source = self.get_data(self.path).decode()
        line, row = ROWS[fullname]
        assert source.count(line) == 1, f"{fullname}: not just once: {line!r}"
        return compile(source.replace(line, f"{line}\n{row}"), self.path, "exec")


class Finder:
    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name not in ROWS:
            return None
        spec = PathFinder.find_spec(name, path)
        spec.loader = Adding(name, spec.origin)
        return spec


sys.meta_path.insert(0, Finder)
