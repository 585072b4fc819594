"""Estimates and counts as accessible tables: display only, no statistics."""

from outcomes.display.tables.adverse_events import adverse_event_differences, adverse_events
from outcomes.display.tables.appearance import appearance
from outcomes.display.tables.claims import claims, what_claims_rest_on
from outcomes.display.tables.durability import durability
from outcomes.display.tables.eligibility import eligibility
from outcomes.display.tables.estimates import numbers, transitions, ways_of_counting
from outcomes.display.tables.evidence import correlations, evidence, not_compared, published_new_pih
from outcomes.display.tables.findings import findings
from outcomes.display.tables.group_comparison import group_comparison, one_group
from outcomes.display.tables.patients import patients
from outcomes.display.tables.raters import raters
from outcomes.display.tables.records import completeness, flow
from outcomes.display.tables.release import released_events, released_numbers, released_treated
from outcomes.display.tables.score_account import score_account
from outcomes.display.tables.since_last import since_last, verdicts_since
from outcomes.display.tables.skin_types import skin_type_counts, skin_type_differences
from outcomes.display.tables.table import ESTIMATES_MIME, Table
from outcomes.display.tables.years import by_year
