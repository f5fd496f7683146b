"""Makes data sets of frozen dumps, whose rows are rendered already.

A dump is sorted by nothing: a file may have rows of any task. So its rows are
shuffled on the way, in two steps that each restart where they stopped:

    route      a work item reads a stretch of the dump once, and leaves a file
               in which its rows lie by work item, task and setting
    make       a work item reads its tasks' rows out of all these files,
               drops duplicates and rows over the cap, and encodes the rest

A work item of the first step holds 16 MB of text at a time; one of the second
the keys of a task and a thousand of its rows. That each work item of the first
step would write shards of all data sets instead was no choice: seven thousand
data sets times a thousand work items are millions of tiny shards, which T5X
opens one by one, and neither a cap nor duplicates could be seen by one of them.
An engine's own shuffle would begin from nothing after a stop, and holds all
values of a key at once on some engines.
"""

from ul2_flan.tasks.catalog.released import SUITE as SUITE
