"""Writes the shards of a part of a work item, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
import contextlib
from types import TracebackType

import numpy as np

from ul2_flan.pipelines.run.plan import PROGRESS_FOLDER, Group, Part
from ul2_flan.pipelines.run.reports import ItemShard
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import manifest, records
from ul2_flan.tasks.ragged import UInt64s


class ShardWriter:
  """The open shards of one part; `commit` gives them their names.

  A part writes `num_shards` training shards of each data set of its group, and
  a validation shard or a part of one, which `finish` joins with others.
  """

  def __init__(self, output: str, group: Group, part: Part):
    self._output = output
    self._group = group
    self._part = part
    self._files: dict[tuple[str, str], list[files.WholeFile]] = {}
    self._records: dict[tuple[str, str, int], int] = {}
    scratch = files.join(output, PROGRESS_FOLDER)
    try:
      for data_set in group.data_sets:
        for split in ('train', 'validation')[: 1 + bool(self._held_out)]:
          shards = self._files[data_set, split] = []
          for path in self._paths(data_set, split):
            shards.append(files.WholeFile(files.join(output, path), scratch))
    except BaseException as e:
      self.__exit__(type(e), e, e.__traceback__)
      raise

  @property
  def _held_out(self) -> int:
    return self._group.validation_shards

  def _paths(self, data_set: str, split: str) -> list[str]:
    if split == 'train':
      first, count, total = (
        self._part.first_shard,
        self._part.num_shards,
        self._group.shards,
      )
    elif not self._group.joins:
      first, count, total = self._part.index, 1, self._held_out
    else:
      part = f'{split}-{self._part.index:06d}'
      folder = manifest.folder_of(data_set)
      return [f'{PROGRESS_FOLDER}/parts/{folder}/{part}']
    return [
      manifest.shard_path(data_set, split, first + i, total)
      for i in range(count)
    ]

  def write(
    self,
    data_set: str,
    split: str,
    examples: Sequence[bytes],
    keys: UInt64s,
  ) -> None:
    """Appends examples, each to the shard that its key chooses."""
    shards = self._files[data_set, split]
    which = (keys % np.uint64(len(shards))).astype(np.int64)
    for index, file in enumerate(shards):
      chosen = np.flatnonzero(which == index).tolist()
      file.write(records.frame_records([examples[i] for i in chosen]))
      place = (data_set, split, index)
      self._records[place] = self._records.get(place, 0) + len(chosen)

  def commit(self) -> tuple[ItemShard, ...]:
    """Gives all shards their names."""
    written = []
    for (data_set, split), shards in self._files.items():
      first = self._part.index
      if split == 'train':
        first = self._part.first_shard
      paths = self._paths(data_set, split)
      for i, (file, path) in enumerate(zip(shards, paths, strict=True)):
        file.commit()
        written.append(
          ItemShard(
            data_set=data_set,
            split=split,
            index=first + i,
            path=path,
            records=self._records.get((data_set, split, i), 0),
            bytes=file.size,
            crc32c=file.crc32c,
          )
        )
    self._files.clear()
    return tuple(written)

  def __enter__(self) -> ShardWriter:
    return self

  def __exit__(
    self,
    kind: type[BaseException] | None,
    error: BaseException | None,
    trace: TracebackType | None,
  ) -> None:
    # What was not committed goes: an item that fails leaves nothing behind.
    with contextlib.ExitStack() as stack:
      for shards in self._files.values():
        for file in shards:
          stack.callback(file.discard)
