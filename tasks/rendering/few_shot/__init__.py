"""Which exemplars are drawn, how they are written, and how many fit."""
