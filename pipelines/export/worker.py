"""Writes one shard after another in another format: pure, but for the files."""

from collections.abc import Iterator
import dataclasses
import functools

from ul2_flan.pipelines.export.config import Config
from ul2_flan.pipelines.export.formats import WRITERS
from ul2_flan.pipelines.export.planning import columns_of
from ul2_flan.pipelines.run import Counts, ItemShard, Part, Plan
from ul2_flan.pipelines.run.open_files import OpenFiles
from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.sources.own_shards import load_frames
from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.storage.manifests import manifest_as_planned
from ul2_flan.pipelines.storage.whole_files import WholeFile
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.manifest import Shard
from ul2_flan.tasks.records import Frames

# How many examples are decoded together; also a row group of Parquet's. Arrays
# of four times as many leave the processor's cache, and take a quarter longer.
_WINDOW = 1024


class ExportWorker:
  """Writes the shards of a plan's parts."""

  def __init__(self, plan: Plan):
    """Loads the manifest of the run.

    Raises:
      UserError: it is not there any more, or another run has taken its place.
    """
    known = plan.config['manifest']
    self._plan = plan
    self._manifest = manifest_as_planned(known)
    config = Config(
      manifest=known['output'],
      format=plan.config['format'],
      columns=plan.config['columns'],
    )
    self._columns = columns_of(config, self._manifest)
    self._writer = WRITERS[config.format]

  @functools.cached_property
  def _shards(self) -> dict[str, Shard]:
    output = self._plan.config['manifest']['output']
    return {
      files.join(output, shard.path): shard
      for splits in self._manifest.data_sets.values()
      for split in splits.values()
      for shard in split.shards
    }

  def export(
    self, part: Part, opened: OpenFiles, counts: Counts
  ) -> tuple[ItemShard, WholeFile]:
    """Writes the shard of a part; the caller commits its file.

    Args:
      part: of one piece, which is a shard of the run.
      opened: where to open the file.
      counts: gets the numbers of examples, and with a split's first shard the
        statistics that the run's manifest has of the split.

    Returns:
      what the report is to say of the file, but for its size and checksum; and
      the file.

    Raises:
      UserError: the shard is not as its run wrote it.
    """
    ((piece,), name) = part.pieces, part.group
    split = piece.split
    info = self._manifest.data_sets[name][split]
    path = manifest_lib.shard_path(
      name, split, part.first_shard, len(info.shards), self._plan.file_format
    )
    file = opened.open(path)
    written = self.write(piece, file)
    counts.add('export/read', self._shards[piece.path].records)
    counts.add('export/written', written)
    where = f'{name}/data/{split}/all'
    counts.add(f'{where}/examples', written)
    if not part.first_shard:
      for key, number in info.stats.items():
        if key.endswith('_max_tokens'):
          counts.see(f'{where}/{key}', number)
        elif key != 'examples':
          counts.add(f'{where}/{key}', number)
    shard = ItemShard(name, split, part.first_shard, path, written, 0, '')
    return shard, file

  def write(self, piece: Piece, file: WholeFile) -> int:
    """Writes the examples of a shard; returns how many there are."""
    written = 0
    with self._writer(file, self._columns) as writer:
      for frames in self._windows(piece):
        writer.write(frames, piece.path)
        written += len(frames)
    return written

  def _windows(self, piece: Piece) -> Iterator[Frames]:
    frames = load_frames(piece.path, self._shards[piece.path])
    for start in range(0, len(frames), _WINDOW):
      yield frames.slice(start, start + _WINDOW)


def described(shard: ItemShard, file: WholeFile) -> ItemShard:
  """Completes the description of a shard when its file is written."""
  return dataclasses.replace(shard, bytes=file.size, crc32c=file.crc32c)
