"""Estimates as pictures: display only, no statistics. The one room that draws.

A picture's title states the finding, what stands beside it the measure, unit and direction, its note the caveat: all of it is text of
the page. Panels are drawn by Matplotlib as SVG; rows with an interval each are a table whose last column is drawn. Each picture tells
its plotted numbers in words too, which stand where no picture can be shown.
"""

from outcomes.display.figures.adverse_events import adverse_events, adverse_events_by_skin_type
from outcomes.display.figures.better_or_worse import better_or_worse
from outcomes.display.figures.canvas import Figure, HUES, SKIN_TYPE_HUES
from outcomes.display.figures.change import change_by_session
from outcomes.display.figures.evidence import evidence
from outcomes.display.figures.flow import flow
from outcomes.display.figures.group_comparison import group_comparison
from outcomes.display.figures.release import released_by_skin_types, released_change, released_events
from outcomes.display.figures.response import response_by_session
from outcomes.display.figures.since_last import since_last
from outcomes.display.figures.skin_types import change_of_groups
from outcomes.display.figures.verdicts import change_at_last, skin_type_differences
from outcomes.display.figures.gain import gain_by_session
from outcomes.display.figures.years import by_year
