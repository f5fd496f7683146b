"""What a finished run says of itself: `manifest.json`, and seqio's own files.

The manifest is the contract between the pipelines that write data sets and all
that read them: registration, mixing and verification read it and list no
folders. Beside it each data set has the files of seqio's cached tasks, so stock
seqio reads it with nothing of ours.

`contents` has the manifest's fields and reads it; `architecture` says for which
models examples were made; `checksum` tells whether a manifest has changed;
`seqio_layout` names and describes files as seqio does.
`pipelines/launch/manifest/writer.py` writes the manifest, data set by data set.
"""

from ul2_flan.tasks.manifest.architecture import (
  ARCHITECTURES,
  SIDES,
  eos_in_packed,
  of_sides,
  packed_for,
)
from ul2_flan.tasks.manifest.checksum import is_unchanged, last_member
from ul2_flan.tasks.manifest.contents import (
  FILE_NAME,
  FORMAT,
  JSON_LINES,
  T5_EOS,
  TFRECORD,
  ChangedManifestError,
  Feature,
  Manifest,
  Shard,
  Split,
  output_of,
  parse,
  path_of,
  refuse_export,
)
from ul2_flan.tasks.manifest.seqio_layout import (
  EXPORTS,
  folder_of,
  seqio_files,
  shard_path,
)
