"""Exemplars: which are drawn, how they are written, how many of them fit."""
