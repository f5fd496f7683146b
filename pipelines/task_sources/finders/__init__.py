"""Finds the files of tasks by the names that they have where people get them.

`file_index.Index` lists all files below a user's folders, once for all tasks. A
locator for each kind of source (`exports`, `niv2`, `original_files`) looks
there for a task's files; `split_slices` turns whole files into the slices, such
as `train[:-200]`, that the catalog makes splits of.
"""
