"""Writes the shards of a work item, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
import contextlib
from types import TracebackType

import numpy as np

from ul2_flan.pipelines import files
from ul2_flan.pipelines.reports import ItemShard
from ul2_flan.pipelines.work import PROGRESS_FOLDER, Plan, WorkItem
from ul2_flan.tasks import manifest, records
from ul2_flan.tasks.ragged import UInt64s


class ShardWriter:
  """The open shards of one work item; `commit` gives them their names.

  An item writes `num_shards` training shards of each data set, and a part of
  one validation shard, which `finish` joins with those of other items.
  """

  def __init__(self, output: str, plan: Plan, item: WorkItem):
    self._output = output
    self._plan = plan
    self._item = item
    self._files: dict[tuple[str, str], list[files.WholeFile]] = {}
    self._records: dict[tuple[str, str, int], int] = {}
    scratch = files.join(output, PROGRESS_FOLDER)
    try:
      for data_set in plan.data_sets:
        for split, count in self._shard_counts():
          shards = self._files[data_set, split] = []
          for path in self._paths(data_set, split, count):
            shards.append(files.WholeFile(files.join(output, path), scratch))
    except BaseException as e:
      self.__exit__(type(e), e, e.__traceback__)
      raise

  def _shard_counts(self) -> list[tuple[str, int]]:
    splits = [('train', self._item.num_shards)]
    return splits + [('validation', 1)] * bool(self._plan.validation_shards)

  def _paths(self, data_set: str, split: str, count: int) -> list[str]:
    if split == 'train':
      first, total = self._item.first_shard, self._plan.num_shards
      return [
        manifest.shard_path(data_set, split, first + i, total)
        for i in range(count)
      ]
    part = f'{manifest.folder_of(data_set)}/{split}-{self._item.index:06d}'
    return [f'{PROGRESS_FOLDER}/parts/{part}']

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
      paths = self._paths(data_set, split, len(shards))
      for i, (file, path) in enumerate(zip(shards, paths, strict=True)):
        file.commit()
        written.append(
          ItemShard(
            data_set=data_set,
            split=split,
            index=self._item.first_shard + i if split == 'train' else -1,
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
