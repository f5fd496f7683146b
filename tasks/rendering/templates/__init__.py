"""Families of templates, and which of their wordings go with a block."""
