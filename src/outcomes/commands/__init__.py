"""The commands with many options, each in a module; `outcomes.cli` puts them together with the others."""
