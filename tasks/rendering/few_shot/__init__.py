"""Exemplars: the pool, the draw, how many fit, how they are put together."""
