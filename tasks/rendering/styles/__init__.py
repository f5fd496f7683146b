"""How options, turns of a conversation and exemplars are written out."""
