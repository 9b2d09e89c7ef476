"""Whole suites in one command: from nothing to the tables of docs/results.md."""
