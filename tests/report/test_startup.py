"""What a command settles before it loads anything heavy."""

import importlib.util
import os
import subprocess
import sys

import pytest

from outcomes.report import startup

SETTLED = """
import json, os, sys
from outcomes.report import startup
startup.settle()
print(json.dumps([sys.pycache_prefix, sys.dont_write_bytecode, "numpy" in sys.modules, {name: os.environ.get(name) for name in startup.BLAS_THREADS}]))
"""


@pytest.fixture
def plain(monkeypatch, tmp_path):
    """Surroundings in which nothing is set and nothing is compiled."""
    for name in (*startup.BLAS_THREADS, "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(importlib.util, "cache_from_source", lambda source: str(tmp_path / "packages" / "__pycache__" / "x.pyc"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "packages").mkdir()
    return monkeypatch


def test_linear_algebra_has_one_thread_unless_the_user_says_otherwise(plain):
    assert {startup.variables()[name] for name in startup.BLAS_THREADS} == {"1"}
    plain.setenv("OMP_NUM_THREADS", "4")
    assert not {*startup.BLAS_THREADS} & startup.variables().keys()


def test_bytecode_that_is_not_kept_beside_the_packages_is_kept_in_the_users_cache(plain, tmp_path):
    expected = {"PYTHONPYCACHEPREFIX": str(tmp_path / "cache/microneedling-outcomes/bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
    assert expected.items() <= startup.variables().items()
    assert (tmp_path / "cache/microneedling-outcomes/bytecode").is_dir()


def test_python_is_left_alone_where_it_keeps_bytecode_or_has_it_or_was_told_where(plain, tmp_path):
    plain.setattr(sys, "dont_write_bytecode", False)
    assert "PYTHONPYCACHEPREFIX" not in startup.variables()
    plain.setattr(sys, "dont_write_bytecode", True)
    plain.setattr(sys, "pycache_prefix", str(tmp_path))
    assert "PYTHONPYCACHEPREFIX" not in startup.variables()
    plain.setattr(sys, "pycache_prefix", None)
    (tmp_path / "packages/__pycache__").mkdir()
    (tmp_path / "packages/__pycache__/x.pyc").touch()
    assert "PYTHONPYCACHEPREFIX" not in startup.variables()
    assert not (tmp_path / "cache").exists()


def test_without_a_cache_folder_kernels_share_a_private_one(plain, tmp_path):
    (tmp_path / "file").touch()
    plain.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert "PYTHONPYCACHEPREFIX" not in startup.variables()
    assert startup.variables(private=tmp_path / "own")["PYTHONPYCACHEPREFIX"] == str(tmp_path / "own")


def test_a_command_is_settled_before_numpy_is_loaded(tmp_path):
    """In a process of its own, as it is for that process."""
    named = {*startup.BLAS_THREADS, "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE"}
    environment = {name: value for name, value in os.environ.items() if name not in named} | {"XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", SETTLED], env=environment, capture_output=True, text=True, check=True)
    assert '"OPENBLAS_NUM_THREADS": "1"' in done.stdout
    assert "false, false" in done.stdout
