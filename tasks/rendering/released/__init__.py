"""Renders as google-research/FLAN's released code does, to the byte."""
