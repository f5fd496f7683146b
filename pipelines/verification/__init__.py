"""The checks of `verify`: of small files, of shards, and of what is left over.

Each module yields problems, a line each, and goes on after a file that cannot
be read. None of them changes anything.
"""
