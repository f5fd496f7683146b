"""Writes the shards of a part of a work item, all of them or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ul2_flan.pipelines.run.open_files import OpenFiles
from ul2_flan.pipelines.run.paths import PROGRESS_FOLDER, scratch_path
from ul2_flan.pipelines.run.plan import Group, Part
from ul2_flan.pipelines.run.reports import ItemShard
from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.storage.whole_files import WholeFile
from ul2_flan.tasks import manifest, records
from ul2_flan.tasks.ragged import Int64s, UInt64s


class ShardWriter:
  """The open shards of one part; `commit` gives them their names.

  A part writes `num_shards` shards of each data set of its group. If it holds
  examples out, it also writes one file of them, or one for each denoiser: a
  validation shard, or a piece of one, which the end of the run joins.
  """

  def __init__(
    self,
    output: str,
    group: Group,
    part: Part,
    file_format: str = manifest.TFRECORD,
  ):
    """Opens the files that the part always has.

    Args:
      output: the run's output folder.
      group: of the part.
      part: the part.
      file_format: that of the shards; examples of `JSON_LINES` are lines.
    """
    self._output = output
    self._format = file_format
    self._joined = (
      b''.join if file_format == manifest.JSON_LINES else records.frame_records
    )
    self._group = group
    self._part = part
    self._files = OpenFiles(output)
    # By data set and split.
    self._shards: dict[tuple[str, str], list[tuple[str, WholeFile]]] = {}
    self._records: dict[tuple[str, str, int], int] = {}
    self._scratch: WholeFile | None = None
    try:
      for data_set in group.data_sets:
        self._open(data_set, group.split)
    except BaseException as e:
      # No `with` has begun that would discard those that are open.
      self.__exit__(type(e), e, e.__traceback__)
      raise

  def _open(self, data_set: str, split: str) -> None:
    self._shards[data_set, split] = [
      (path, self._files.open(path)) for path in self._paths(data_set, split)
    ]

  def _paths(self, data_set: str, split: str) -> list[str]:
    group, numbers = self._group, self._numbers(split)
    if split == 'validation' and group.joins:
      folder = f'{PROGRESS_FOLDER}/parts/{manifest.folder_of(data_set)}'
      return [f'{folder}/{split}-{number:06d}' for number in numbers]
    total = group.validation_shards if split == 'validation' else group.shards
    return [
      manifest.shard_path(data_set, split, number, total, self._format)
      for number in numbers
    ]

  def _numbers(self, split: str) -> range:
    """Returns the numbers of the part's shards or files of a split."""
    part, group = self._part, self._group
    if split == 'validation':
      return range(part.index, group.validation_files, group.parts)
    return range(part.first_shard, part.first_shard + part.num_shards)

  def write(
    self,
    data_set: str,
    split: str,
    examples: Sequence[bytes],
    keys: UInt64s,
    denoisers: Int64s | None = None,
  ) -> None:
    """Appends examples, each to the shard that its key chooses.

    Keys are hashes, so the shards of a part come out about equally large, and
    an example's shard does not depend on how blocks divide the sources. A
    validation example goes to the file of its denoiser instead, if they are
    kept apart.

    Args:
      data_set: of the part's group.
      split: 'validation' if the group has that split; all else goes to the
        group's other split.
      examples: n serialised examples.
      keys: uint64 [n].
      denoisers: int64 [n], the denoiser of each.
    """
    split = split if split == 'validation' else self._group.split
    if split == 'validation' and (data_set, split) not in self._shards:
      self._open(data_set, split)
    shards = self._shards[data_set, split]
    if split == 'validation' and self._group.denoisers > 1:
      assert denoisers is not None
      which = denoisers
    else:
      which = (keys % np.uint64(len(shards))).astype(np.int64)
    for index, (_, file) in enumerate(shards):
      mine = examples
      if len(shards) > 1:
        mine = [examples[i] for i in np.flatnonzero(which == index).tolist()]
      file.write(self._joined(mine))
      place = (data_set, split, index)
      self._records[place] = self._records.get(place, 0) + len(mine)

  def keep(self, data: bytes) -> None:
    """Appends bytes to the part's own file, which is no shard."""
    if self._scratch is None:
      path = scratch_path(self._part.group, self._part.index)
      self._scratch = self._files.open(path)
    self._scratch.write(data)

  def commit(self) -> tuple[ItemShard, ...]:
    """Gives all shards their names, and the part's own file its name.

    Their bytes are then on the disk; the caller calls `flush_below` for their
    names.
    """
    self._files.commit(flush_names=False)
    # A try with other sources may have left examples that are none any more.
    files.delete(
      [
        files.join(self._output, path)
        for data_set in self._group.data_sets
        for split in self._group.splits
        if (data_set, split) not in self._shards
        for path in self._paths(data_set, split)
      ]
    )
    return (*self._shards_made(), *self._scratch_made())

  def _scratch_made(self) -> Iterator[ItemShard]:
    part, file = self._part, self._scratch
    if file:
      path = scratch_path(part.group, part.index)
      yield ItemShard(
        *(part.group, 'train', part.index, path, 0, file.size, file.crc32c)
      )

  def _shards_made(self) -> Iterator[ItemShard]:
    yield from (
      ItemShard(
        data_set=data_set,
        split=split,
        index=self._numbers(split)[i],
        path=path,
        records=self._records.get((data_set, split, i), 0),
        bytes=file.size,
        crc32c=file.crc32c,
      )
      for (data_set, split), shards in self._shards.items()
      for i, (path, file) in enumerate(shards)
    )

  def __enter__(self) -> ShardWriter:
    return self

  # An item that fails leaves no file behind.
  def __exit__(self, *error: object) -> None:
    self._files.__exit__(*error)
