"""Notebooks -> one report: which notebooks, with which parameters, run, laid out and published whole."""
