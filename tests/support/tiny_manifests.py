"""An output with one data set of one shard."""

import dataclasses
from pathlib import Path

import google_crc32c
from support import manifests

from ul2_flan.pipelines.run.reports import described
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks import records
from ul2_flan.tasks.manifest import Feature, Manifest, Shard, Split

DATA = records.frame_records([b'one', b'two'])
SUMMARY = b'two records\n'
REJECTS = b'{"place": 7}\n'
REJECTS_PATH = 'quarantine/item-000000.jsonl'

SHARD = Shard(
  manifest_lib.shard_path('n:a', 'train', 0, 1),
  2,
  len(DATA),
  f'{google_crc32c.value(DATA):08x}',
)

MANIFEST = Manifest(
  name='n',
  features={'inputs': Feature('int32', 8)},
  vocabulary={'path': 'v', 'sha256': 'ff', 'extra_ids': 100},
  decoder_only=False,
  data_sets={'n:a': {'train': Split((SHARD,), {'examples': 2})}},
  mixtures={},
  run={
    'job': 'ul2',
    'counts': {},
    'summary': dataclasses.asdict(described(SUMMARY)),
    'quarantine': {REJECTS_PATH: dataclasses.asdict(described(REJECTS))},
  },
)


def write(output: Path) -> None:
  """Writes all files of the output."""
  contents = manifest_lib.seqio_files(
    'n:a', MANIFEST.data_sets['n:a'], MANIFEST.features, MANIFEST.vocabulary
  )
  made = {name: files.to_json(content) for name, content in contents.items()}
  made |= {
    SHARD.path: DATA,
    'n/a/COMPLETED': b'',
    'summary.txt': SUMMARY,
    REJECTS_PATH: REJECTS,
    manifest_lib.FILE_NAME: manifests.to_json(MANIFEST),
  }
  for name, data in made.items():
    path = output / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
