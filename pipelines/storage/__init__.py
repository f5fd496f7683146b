"""Reads and writes files on local disks, on buckets and wherever Beam can.

Everything that a run reads or writes passes through `files`: sources,
vocabulary, plan, shards, manifest. Files appear whole or not at all. `folders`
lists and deletes them, with `local_files` for this machine. `manifests` and
`vocabularies` read the two kinds of file that several commands share;
`parallel` visits many small files at once.
"""

from ul2_flan.pipelines.storage.manifests import manifest_bytes, manifest_of
from ul2_flan.pipelines.storage.parallel import each
