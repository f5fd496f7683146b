"""Shortens the long field of an instance, and keeps what must stay of it."""
