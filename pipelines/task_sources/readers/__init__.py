"""Readers of task files, one for each layout."""
