"""Estimates and counts in sentences: display only, no statistics.

Sentences speak of change, never of what caused it, and carry their interval and n.
"""

from outcomes.display.claim_rules import rule_words
from outcomes.display.notes import note_words
from outcomes.display.prose.adverse_events import adverse_event_differences, adverse_events, bound, how_often, label, of_sessions, percent_of, what_counts  # fmt: skip
from outcomes.display.prose.appearance import appearance
from outcomes.display.prose.change import responder_rule
from outcomes.display.prose.claims import claim_limits, claim_number, claims, sessions_to_half
from outcomes.display.prose.continued import headline, why_continued
from outcomes.display.prose.durability import durability
from outcomes.display.prose.eligibility import act_on_first, eligibility
from outcomes.display.prose.evidence import assumed_correlation, dose_words, evidence, like_with_like, not_compared, of_words, published_limits, published_new_pih, source_words, trial_name  # fmt: skip
from outcomes.display.prose.findings import findings, in_the_records
from outcomes.display.prose.group_comparison import group_comparison, group_comparison_limits, one_group
from outcomes.display.prose.how_to_read import how_to_read
from outcomes.display.prose.limits import attending_limits, limits
from outcomes.display.prose.raters import agreement, blind_headline, blinding, raters, share
from outcomes.display.prose.records import rows_kept, who_is_in
from outcomes.display.prose.regression_to_the_mean import regression_to_the_mean, why_regression_to_the_mean
from outcomes.display.prose.release import (
    released_by_skin_types,
    released_change,
    released_events,
    released_treated,
    what_is_released,
    what_released_events_count,
)
from outcomes.display.prose.response import response_by_session
from outcomes.display.prose.score_account import account_lines, score_account, score_window, unscored_ends, window_follows
from outcomes.display.prose.since_last import overlap, since_last, since_limits
from outcomes.display.prose.skin_types import about_more, how_compared, margin_words, skin_type_differences, skin_type_numbers
from outcomes.display.prose.stopping import odds_of_stopping
from outcomes.display.prose.tipping_point import tipping_point
from outcomes.display.prose.unrecorded import tilt_sensitivity
from outcomes.display.prose.years import by_year, year_limits
from outcomes.display.words import between, counted, difference_of, change_of, heading, in_unit, listed, number, percent, plain, rate, rate_of, ratio_of, session_words, share_of, shown, signed, size, size_of, types, typeset  # fmt: skip
from outcomes.display.texts import paragraphs, points, Prose  # fmt: skip
from outcomes.display.prose.gain import gain_by_session
