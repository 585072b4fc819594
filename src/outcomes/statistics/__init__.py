"""Estimators on plain arrays: numpy and scipy only. Nothing here knows of records, endpoints or words."""
