"""What a finished run says of itself: `manifest.json`, and seqio's own files.

The manifest is the contract between the pipelines that write data sets and all
that read them: registration, mixing and verification read it and list no
folders. Beside it each data set has the files of seqio's cached tasks, so stock
seqio reads it with nothing of ours.

`contents` has the manifest's fields and reads it; `seqio_layout` names and
describes files as seqio does. `pipelines/launch/manifest/writer.py` writes the
manifest, data set by data set.
"""

from ul2_flan.tasks.manifest.contents import FILE_NAME as FILE_NAME
from ul2_flan.tasks.manifest.contents import FORMAT as FORMAT
from ul2_flan.tasks.manifest.contents import Feature as Feature
from ul2_flan.tasks.manifest.contents import Manifest as Manifest
from ul2_flan.tasks.manifest.contents import Shard as Shard
from ul2_flan.tasks.manifest.contents import Split as Split
from ul2_flan.tasks.manifest.contents import parse as parse
from ul2_flan.tasks.manifest.contents import path_of as path_of
from ul2_flan.tasks.manifest.seqio_layout import folder_of as folder_of
from ul2_flan.tasks.manifest.seqio_layout import seqio_files as seqio_files
from ul2_flan.tasks.manifest.seqio_layout import shard_path as shard_path
