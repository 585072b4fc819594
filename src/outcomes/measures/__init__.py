"""Counts -> the long table of estimates, by numpy: one file for each question."""
