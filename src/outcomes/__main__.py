"""``python -m outcomes``: the command line where its script is not on the path, as often on Windows (``py -m outcomes``)."""

from outcomes.cli import main

if __name__ == "__main__":
    main()
