"""Scores side by side: of one model asked in several ways, of several sizes."""
