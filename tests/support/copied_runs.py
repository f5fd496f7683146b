"""Finished Flan runs with any number of data sets, which are all alike."""

from collections.abc import Iterator
import hashlib
from pathlib import Path

import google_crc32c
import numpy as np
from support import manifests

from ul2_flan.tasks import catalog, records
from ul2_flan.tasks import manifest as lib
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.rendering.templates.setting import SETTINGS

# A mixture of all data sets, whatever their names.
EVERYTHING = """
[[mixtures]]
name = "everything"
suites = ["flan2021", "dialog", "program_synthesis", "t0_sf", "niv2", "cot"]
inverted = false
no_options = 0.5
include = ["*"]
"""


def data_sets(run: str) -> Iterator[str]:
  """Names the data sets of a run: each task in each of the four settings."""
  for task in catalog.tasks(inverted=False):
    for setting in SETTINGS[:4]:
      yield f'{run}:{task.name}:{setting}'


def write_run(
  folder: Path,
  vocabulary: str,
  *,
  members: int,
  examples: int,
  lengths: tuple[int, int] = (400, 100),
) -> Path:
  """Writes a run whose data sets are taken evenly from all.

  Args:
    folder: the output; its name is the run's.
    vocabulary: the path that the manifest is to name.
    members: how many data sets the run has.
    examples: how many examples each data set has, the same in all.
    lengths: how many tokens the inputs and targets of an example have; the ids
      are random.
  """
  draw = np.random.default_rng(0).integers
  columns = {
    name: Ragged(
      draw(3, 500, length * examples).astype(np.int32),
      np.arange(examples + 1) * length,
    )
    for name, length in zip(('inputs', 'targets'), lengths, strict=True)
  }
  shard = records.frame_records(records.encode_examples(columns))
  stats = {'examples': examples}
  for name, length in zip(columns, lengths, strict=True):
    stats |= {f'{name}_tokens': examples * length, f'{name}_max_tokens': length}
  made = {}
  everything = list(data_sets(folder.name))
  for i in range(members):
    data_set = everything[i * len(everything) // members]
    path = lib.shard_path(data_set, 'train', 0, 1)
    (folder / path).parent.mkdir(parents=True)
    (folder / path).write_bytes(shard)
    crc = f'{google_crc32c.value(shard):08x}'
    shards = (lib.Shard(path, examples, len(shard), crc),)
    made[data_set] = {'train': lib.Split(shards, stats)}
  manifest = lib.Manifest(
    name=folder.name,
    features={
      name: lib.Feature('int32', length + 1, add_eos=True)
      for name, length in zip(columns, lengths, strict=True)
    },
    vocabulary={
      'path': vocabulary,
      'sha256': hashlib.sha256(Path(vocabulary).read_bytes()).hexdigest(),
      'extra_ids': 100,
    },
    decoder_only=False,
    data_sets=made,
    mixtures={},
    run={'plan': 'copied', 'job': 'flan', 'config': {}, 'counts': {}},
  )
  (folder / lib.FILE_NAME).write_bytes(manifests.to_json(manifest))
  return folder
