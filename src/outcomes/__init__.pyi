"""The public names and where they live: the one list, which the package reads when it is imported."""

from typing import Final

from outcomes.cohort.cohort import Cohort as Cohort
from outcomes.cohort.course_list import courses as courses
from outcomes.cohort.findings import completeness as completeness
from outcomes.cohort.findings import findings as findings
from outcomes.cohort.read import read_cohort as read_cohort
from outcomes.cohort.read import tallies as tallies
from outcomes.cohort.read import tally as tally
from outcomes.cohort.score_account import score_account as score_account
from outcomes.cohort.score_account import unscored_ends as unscored_ends
from outcomes.cohort.tally import Tally as Tally
from outcomes.definitions.notes import Note as Note
from outcomes.definitions.notes import NoteCode as NoteCode
from outcomes.display import figures as figures
from outcomes.display import prose as prose
from outcomes.display import tables as tables
from outcomes.display.page_one import page_one as page_one
from outcomes.measures.adverse_events import adverse_event_differences as adverse_event_differences
from outcomes.measures.adverse_events import adverse_events as adverse_events
from outcomes.measures.appearance import appearance as appearance
from outcomes.measures.blinding import blind_headline as blind_headline
from outcomes.measures.blinding import blinding as blinding
from outcomes.measures.change import better_or_worse as better_or_worse
from outcomes.measures.change import change_by_session as change_by_session
from outcomes.measures.change import percent_of_possible_by_session as percent_of_possible_by_session
from outcomes.measures.change import responders_by_session as responders_by_session
from outcomes.measures.change import transitions as transitions
from outcomes.measures.claim_measures import claimed_regression as claimed_regression
from outcomes.measures.claim_measures import claimed_skin_types as claimed_skin_types
from outcomes.measures.claims import claims as claims
from outcomes.measures.continued import continued as continued
from outcomes.measures.continued_by_session import continued_by_session as continued_by_session
from outcomes.measures.continued_by_session import crosscheck_by_session as crosscheck_by_session
from outcomes.measures.durability import durability as durability
from outcomes.measures.eligibility import contraindications as contraindications
from outcomes.measures.eligibility import eligibility as eligibility
from outcomes.measures.evidence import evidence as evidence
from outcomes.measures.evidence import not_compared as not_compared
from outcomes.measures.gain import gain_by_session as gain_by_session
from outcomes.measures.headline import headline as headline
from outcomes.measures.headline import headline_session as headline_session
from outcomes.measures.mmrm import mmrm as mmrm
from outcomes.measures.patients import patients as patients
from outcomes.measures.published_results import published_new_pih as published_new_pih
from outcomes.measures.raters import agreement as agreement
from outcomes.measures.raters import reliability as reliability
from outcomes.measures.regression_to_the_mean import regression_to_the_mean as regression_to_the_mean
from outcomes.measures.release import release as release
from outcomes.measures.response import response_by_session as response_by_session
from outcomes.measures.sessions_to_half import sessions_to_half as sessions_to_half
from outcomes.measures.skin_types import skin_type_counts as skin_type_counts
from outcomes.measures.skin_types import skin_type_differences as skin_type_differences
from outcomes.measures.stopping import odds_of_stopping as odds_of_stopping
from outcomes.measures.tipping_point import tipping_point as tipping_point
from outcomes.measures.unrecorded import last_results as last_results
from outcomes.measures.unrecorded import tilt_sensitivity as tilt_sensitivity
from outcomes.records.read import read_records as read_records
from outcomes.records.records import Records as Records
from outcomes.report.verify import verify_report as verify_report
from outcomes.statistics.grim import is_possible_mean as is_possible_mean
from outcomes.statistics.grim import is_possible_percent as is_possible_percent
from outcomes.statistics.meta_analysis import random_effects as random_effects
from outcomes.trials.published import published_trials as published_trials

__version__: Final[str]
