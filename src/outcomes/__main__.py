"""The command line: ``outcomes``, or ``python -m outcomes`` where its script is not on the path, as often on Windows (``py -m outcomes``)."""

import signal


def main() -> None:
    """Run the command line in surroundings that are settled first."""
    # Ctrl-C while packages are imported ends without their lines; the command line listens from then on.
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from outcomes.ending import watched
    from outcomes.report import startup

    startup.settle()
    watched()
    from outcomes.cli import main as run

    run()


if __name__ == "__main__":
    main()
