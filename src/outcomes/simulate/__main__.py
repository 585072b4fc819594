"""``python -m outcomes.simulate`` prints the page beside the committed sample."""

import sys

from outcomes.simulate.readme import readme

sys.stdout.write(readme())
