"""Kernels that are copies of a warm process: as separate as fresh ones, and none is left behind."""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

import shared
from outcomes.errors import ReportError
from outcomes.report import kernels as kernels_module
from outcomes.report import startup, warm_kernels
from outcomes.report.execute import Executed, Source, execute
from outcomes.report.kernels import Kernels
from outcomes.report.notebooks import Run
from outcomes.report.warm_kernels import CAN_COPY, Refused, WarmKernels

pytestmark = pytest.mark.skipif(not CAN_COPY, reason="this system can't copy a process")

PATIENCE = 60
WITHOUT_FORK = "import os\ndef fork(): raise BlockingIOError(11, 'Resource temporarily unavailable')\nos.fork = fork\n"
WITH_A_THREAD = "import threading, time\nthreading.Thread(target=time.sleep, args=(99,), daemon=True).start()\n"
SERVE = "from outcomes.report import kernel_server\nkernel_server.import_everything = lambda: None\nkernel_server.main()\n"


@pytest.fixture(scope="module")
def warm():
    with Kernels() as kernels:
        yield kernels


@pytest.fixture
def run(tmp_path):
    """Runs a notebook of one cell; gives what it has printed, line by line."""

    def run(kernels: Kernels, code: str) -> list[str]:
        return printed(ran(kernels, code))

    def ran(kernels: Kernels, code: str) -> Executed:
        parameters = {"cell_type": "code", "id": "p", "metadata": {"tags": ["parameters"]}, "source": "records = ''"}
        cells = [parameters, {"cell_type": "code", "id": "c", "metadata": {}, "source": code}]
        cells = [{**cell, "execution_count": None, "outputs": []} for cell in cells]
        metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        path = tmp_path / "1_only.ipynb"
        path.write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
        (executed,) = execute([Run("1_only", path, {})], Source("sample", "sample"), kernels)
        return executed

    run.ran = ran
    return run


def printed(executed: Executed) -> list[str]:
    return "".join(output.text for output in executed.notebook.cells[-1].outputs).splitlines()


def eventually(true) -> bool:
    return shared.eventually(true, PATIENCE)


def has_ended(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def served_by(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(warm_kernels, "SERVER", (sys.executable, "-P", "-c", code + SERVE))


# Separate


def test_what_a_notebook_changes_ends_with_it(warm, run):
    look = (
        "import os, sys, matplotlib, outcomes, pandas\n"
        "print(outcomes.tally.__name__, os.environ.get('MARK'), os.getcwd(), matplotlib.rcParams['font.size'], pandas.options.display.width)\n"
        "print('MARK' in globals(), 'somewhere' in sys.path, len(outcomes.definitions.endpoints.ENDPOINTS))"
    )
    change = (
        "outcomes.tally.__name__ = 'other'\nos.environ['MARK'] = 'x'\nos.chdir('..')\nmatplotlib.rcParams['font.size'] = 99\n"
        "pandas.options.display.width = 7\nMARK = 1\nsys.path.append('somewhere')\noutcomes.definitions.endpoints.ENDPOINTS.clear()"
    )
    before = run(warm, look)
    run(warm, f"{look}\n{change}")
    assert run(warm, look) == before
    assert before[0].split()[0] == "tally"


def test_kernels_are_processes_of_their_own_and_draw_numbers_of_their_own(warm, run):
    code = (
        "import os, random, uuid, numpy as np\nprint(os.getpid(), random.random(), np.random.random(), uuid.uuid4(), sep='\\n')"
    )
    first, second = run(warm, code), run(warm, code)
    assert [one for one, other in zip(first, second, strict=True) if one == other] == []


def test_a_copy_shows_what_a_fresh_kernel_shows(warm, run):
    code = (
        "import matplotlib, os, sys, tempfile\n"
        "print([name for name in ('', os.getcwd()) if name in sys.path], sys.argv[1:2], os.environ['MPLBACKEND'])\n"
        "print(sys.stdin.closed, tempfile.gettempdir() == os.environ['TMPDIR'], __name__, sys.modules['__main__'].__name__)\n"
        "print(matplotlib.get_backend(), 'matplotlib.pyplot' in sys.modules)"
    )
    with Kernels(fresh=True) as fresh:
        assert run.ran(fresh, code).text == run.ran(warm, code).text


@pytest.mark.parametrize("is_fresh", [False, True])
def test_kernels_hold_the_private_folder_as_long_as_they_live(is_fresh, run):
    with Kernels(fresh=is_fresh) as kernels:
        (number,) = kernels._held
        held = os.fstat(number)
        assert run(kernels, f"import os; print(os.fstat({number}).st_ino)") == [str(held.st_ino)]


def test_the_environment_and_the_folder_of_the_caller_are_those_of_the_kernel(warm, run, tmp_path, monkeypatch):
    monkeypatch.setenv("SET_LATER", "é")
    monkeypatch.chdir(tmp_path)
    assert run(warm, "import os\nprint(os.environ['SET_LATER'], os.getcwd())") == [f"é {tmp_path}"]


def test_the_process_that_is_copied_has_one_thread(warm, run):
    run(warm, "print(1)")
    assert psutil.Process(warm._warm.server.pid).num_threads() == 1


# Ends


def test_a_kernel_that_dies_is_one_message_and_the_next_one_runs(warm, run):
    with pytest.raises(ReportError, match=r"^1_only, cell 2: Python ended unexpectedly"):
        run(warm, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    warm.stopped.clear()
    assert run(warm, "print('still')") == ["still"]


def test_an_interrupt_reaches_the_kernel_and_its_exit_code_is_told(tmp_path):
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path)}
    kernels = WarmKernels(tmp_path, startup.variables())
    try:
        copy = kernels.start(["-f", str(tmp_path / "c.json")], environment, str(tmp_path))
        assert copy.poll() is None
        assert os.getpgid(copy.pid) == copy.pid
        copy.send_signal(signal.SIGTERM)
        assert copy.wait(PATIENCE) == -signal.SIGTERM
        copy.kill()
    finally:
        kernels.end()
    assert has_ended(kernels.server.pid)
    with pytest.raises(Refused, match="the process that kernels are copied from has ended"):
        kernels.start([], {}, "")


@pytest.mark.parametrize("whose", ["server", "report"])
def test_no_kernel_is_left_where_the_warm_process_or_the_report_ends(whose, run, tmp_path):
    mark = tmp_path / "pids"
    code = (
        "import os, subprocess, sys, time, pathlib\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(mark)!r} + 'x').write_text(f'{{os.getpid()}} {{child.pid}}')\n"
        f"os.rename({str(mark)!r} + 'x', {str(mark)!r})\n"
        "time.sleep(600)"
    )
    ended: list[BaseException] = []

    def report() -> None:
        try:
            run(kernels, code)
        except ReportError as error:
            ended.append(error)

    with Kernels() as kernels:
        thread = threading.Thread(target=report)
        thread.start()
        assert eventually(mark.exists)
        if whose == "server":
            kernels._warm.server.kill()
        else:
            kernels.stop()
        thread.join(PATIENCE)
    assert [str(error).partition(";")[0].startswith("1_only, cell 2: Python ended unexpectedly") for error in ended] == [True]
    assert all(eventually(lambda pid=pid: has_ended(pid)) for pid in map(int, mark.read_text().split()))
    assert has_ended(kernels._warm.server.pid)
    assert not kernels.folder.exists()


# The ordinary start


@pytest.mark.parametrize(
    ("surroundings", "reason"),
    [
        (WITHOUT_FORK, "Resource temporarily unavailable"),
        (WITH_A_THREAD, "a library runs 2 threads"),
        ("raise SystemExit\n", "the process that kernels are copied from has ended"),
    ],
    ids=["fork is refused", "threads", "no server"],
)
def test_where_no_copy_can_be_made_kernels_start_afresh_and_it_is_said_once(surroundings, reason, run, monkeypatch):
    served_by(monkeypatch, surroundings)
    with Kernels() as kernels:
        assert run(kernels, "print('made')") == ["made"]
        assert kernels._copy([], {"env": {}}) is None
    assert kernels.notes == [f"every notebook was started afresh, which takes longer: {reason}"]


def test_a_system_without_fork_starts_kernels_afresh_without_a_word(run, monkeypatch):
    monkeypatch.setattr(kernels_module, "CAN_COPY", False)
    with Kernels() as kernels:
        assert kernels._warm is None
        assert run(kernels, "import os; print(os.getppid())") == [str(os.getpid())]
    assert kernels.notes == []


def test_a_server_that_never_copied_ends_at_once(tmp_path: Path):
    kernels = WarmKernels(tmp_path, {})
    began = time.monotonic()
    kernels.end()
    assert time.monotonic() - began < warm_kernels.SECONDS_TO_END
    assert has_ended(kernels.server.pid)
