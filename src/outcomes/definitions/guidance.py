"""Guidance on sessions: its limits and the questions that are asked before one."""

from __future__ import annotations

FACE = ("face", "cheeks", "forehead", "temples", "nose", "chin", "jawline")
"""Areas on which the cleared device was evaluated to `DEEPEST_MM` only."""

DEEPEST_MM = 1.5

YOUNGEST = 22

ISOTRETINOIN_MONTHS = 6

SHORTEST_INTERVAL, USUAL_INTERVAL, LONGEST_INTERVAL = 21, 28, 60
"""Days between two sessions: four weeks are usual."""

SCREENED = {
    "pregnant": "during pregnancy",
    "breastfeeding": "while breastfeeding",
    "active_skin_cancer": "with active skin cancer in the area",
    "blood_disorder": "with a blood disorder",
}
"""Columns of the questions asked at a visit, and what a session after a yes was."""

TIP, TOO_SOON, TOO_LATE = "tip reused", f"under {SHORTEST_INTERVAL} days apart", f"over {LONGEST_INTERVAL} days apart"

TIP_WORDS = "recorded at more than one visit; tips are single-use"

ANY_QUESTION, ALL_QUESTIONS = "at least one question", "every question"
