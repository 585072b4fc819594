"""``python -m outcomes``, on Windows ``py -m outcomes``: the command line where no command `outcomes` is on the path."""

from outcomes.cli import main

if __name__ == "__main__":
    main()
