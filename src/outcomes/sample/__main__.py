"""``python -m outcomes.sample`` prints the page beside the committed sample."""

import sys

from outcomes.sample.page import readme

sys.stdout.write(readme())
