"""Shortens what is too long, and keeps what must stay."""
