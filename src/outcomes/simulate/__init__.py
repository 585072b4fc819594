"""Invented session records with known true effects."""
