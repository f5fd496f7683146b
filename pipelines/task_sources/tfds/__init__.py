"""Finds and reads what TensorFlow Datasets has prepared, without TensorFlow.

`find_prepared` finds the newest version of a data set and its shards;
`read_prepared` reads a shard's rows. `features` reads from `features.json`
which columns there are, and `values` makes Python's values of the examples.
"""
