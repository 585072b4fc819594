"""The command line: ``outcomes``, or ``python -m outcomes`` where its script is not on the path, as often on Windows (``py -m outcomes``)."""

from outcomes.report import startup


def main() -> None:
    """Run the command line in surroundings that are settled first."""
    startup.settle()
    from outcomes.cli import main as run

    run()


if __name__ == "__main__":
    main()
