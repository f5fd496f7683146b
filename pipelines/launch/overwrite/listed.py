"""Lists the files of an earlier run, from the marks that it left.

The marks are its manifest, its plan and the reports of its work items. A mark
may be changed, or damaged by a loss of power. One that lists what no run makes
is refused. A damaged one names no files: then all count that are called as a
run's files are.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
import dataclasses
import posixpath
import re
from typing import Any

import orjson

from ul2_flan.pipelines.run import Group, Plan, paths, reports
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import TFRECORD, Manifest
from ul2_flan.tasks.manifest.shape import PART

# The folders below the output that a run makes besides its data sets.
OURS = (paths.PROGRESS_FOLDER, paths.QUARANTINE_FOLDER)

# What a run keeps in `_progress`: plan, reports, heartbeats and marks of reads;
# files under their temporary names; pieces of validation shards; what later
# work items read; what is being shuffled.
_OF_PROGRESS = re.compile(
  r'plan\.json|(item|beat)-\d+\.json|read(-\d+){3}|[0-9a-f]{32}'
  r'|parts/.+/[a-z]+-\d+|scratch/\w+-\d+|shuffle-\w{8}/\d+/\d+',
  re.DOTALL,
)
_OF_QUARANTINE = re.compile(r'item-\d+\.jsonl')

# A file under its temporary name: all that a run leaves before its first mark.
_TEMPORARY = re.compile(r'[0-9a-f]{32}')

# A group that lists more files than this was made by hand; names of them alone
# would fill the memory.
_MOST_FILES = 10**7

# How a manifest and a plan begin. So does half of one.
_BEGINS = (b'{\n"data_sets": ', b'{\n  "config": ')


@dataclasses.dataclass(slots=True)
class Listed:
  """What the marks of an earlier run list.

  Attributes:
    paths: of files of data sets, relative to the output.
    data_sets: names of data sets.
    cards: of the finished run, as it wrote them: their sizes and checksums.
    is_begun: whether there is a mark at all.
    is_damaged: whether a mark is too damaged to tell what it listed.
  """

  paths: set[str] = dataclasses.field(default_factory=set)
  data_sets: set[str] = dataclasses.field(default_factory=set)
  cards: Mapping[str, Mapping[str, Any]] = dataclasses.field(
    default_factory=dict
  )
  is_begun: bool = False
  is_damaged: bool = False

  @classmethod
  def of(cls, output: str) -> 'Listed':
    """Reads the marks of an output.

    Raises:
      UserError: they are not of ul2-flan, or list what lies elsewhere.
    """
    listed = cls()
    path = paths.manifest_path(output)
    if files.exists(path):
      listed.is_begun = True
      if is_damaged(path):
        listed.is_damaged = True
      else:
        # A changed manifest is read too: the error that refuses it tells people
        # to overwrite. `_add` looks at what it lists.
        data = files.read_bytes(path)
        listed._add_manifest(manifest_lib.parse(data, path, check=False), path)
    path = paths.plan_path(output)
    if files.exists(path) and not is_damaged(path):
      listed.is_begun = True
      listed._add_plan(plan_lib.load(path), path)
    elif files.exists(path) or reports.items_with_report(output):
      listed.is_begun = listed.is_damaged = True
      listed._add_reports(output)
    return listed

  def _add_manifest(self, manifest: Manifest, path: str) -> None:
    found = {
      str(shard.path)
      for splits in manifest.data_sets.values()
      for split in splits.values()
      for shard in split.shards
    }
    if manifest.file_format == TFRECORD:
      for data_set, splits in manifest.data_sets.items():
        found.update(_marks(data_set, splits))
    self._add(manifest.data_sets, found, path)
    self.cards = {
      name: card for name, card in manifest.cards.items() if name in paths.CARDS
    }

  def _add_plan(self, plan: Plan, path: str) -> None:
    for name, group in plan.groups.items():
      if group.split not in ('train', 'test'):
        raise _planted(name, path)
      most = _MOST_FILES // max(len(group.data_sets), 1)
      for count in (group.shards, group.validation_shards):
        if not isinstance(count, int) or count > most:
          raise _planted(name, path)
      self._add(group.data_sets, set(files_of(group, plan.file_format)), path)

  def _add_reports(self, output: str) -> None:
    for item in reports.items_with_report(output):
      if report := reports.read(output, item):
        shards = [
          shard
          for shard in report.shards
          if not shard.path.startswith(f'{paths.PROGRESS_FOLDER}/')
        ]
        self._add(
          {shard.data_set for shard in shards},
          {shard.path for shard in shards},
          paths.report_path(output, item),
        )

  def _add(
    self, data_sets: Collection[str], listed: Collection[str], mark: str
  ) -> None:
    """Adds what a mark lists, unless no run gives such names.

    They may lead out of the output.
    """
    for name in sorted(data_sets):
      parts = name.split(':')
      if parts[0] in OURS or not all(map(PART.fullmatch, parts)):
        raise _planted(name, mark)
    known = folders_of(data_sets)
    for path in sorted(listed):
      folder, file_name = posixpath.split(path)
      ours = [paths.OF_DATA_SET.fullmatch(file_name)]
      ours.append(paths.OF_EXPORT.fullmatch(file_name))
      if folder not in known or not any(ours):
        raise _planted(path, mark)
    self.data_sets.update(data_sets)
    self.paths.update(listed)

  def has(self, path: str, known: Collection[str]) -> bool:
    """Whether a file is one of the earlier run's.

    Args:
      path: of the file, relative to the output.
      known: folders of data sets.
    """
    top, _, rest = path.partition('/')
    if top == paths.PROGRESS_FOLDER:
      return is_of_progress(rest, is_begun=self.is_begun)
    if top == paths.QUARANTINE_FOLDER:
      return self.is_begun and bool(_OF_QUARANTINE.fullmatch(rest))
    if path in self.paths:
      return True
    folder, name = posixpath.split(path)
    return bool(
      self.is_damaged and folder in known and paths.OF_DATA_SET.fullmatch(name)
    )


def is_of_progress(name: str, *, is_begun: bool = True) -> bool:
  """Whether a run has such a file in `_progress`.

  >>> is_of_progress('item-000003.json'), is_of_progress('thesis.txt')
  (True, False)

  Args:
    name: the file's path below that folder.
    is_begun: whether the output has a mark. A run that has none has left
      nothing but files under temporary names.
  """
  rule = _OF_PROGRESS if is_begun else _TEMPORARY
  return bool(rule.fullmatch(name))


def folders_of(data_sets: Iterable[str]) -> set[str]:
  """Returns the folders of data sets, below the output."""
  return set(map(manifest_lib.folder_of, data_sets))


def files_of(group: Group, file_format: str = TFRECORD) -> Iterator[str]:
  """Yields the paths of all files of a group's data sets, below the output."""
  for data_set in group.data_sets:
    counts = {group.split: group.shards, 'validation': group.validation_shards}
    for split, count in counts.items():
      yield from (
        manifest_lib.shard_path(data_set, split, i, count, file_format)
        for i in range(count)
      )
    if file_format == TFRECORD:
      yield from _marks(data_set, counts)


def _marks(data_set: str, splits: Iterable[str]) -> Iterator[str]:
  yield paths.completed_path('', data_set)
  folder = manifest_lib.folder_of(data_set)
  for split in splits:
    yield f'{folder}/info.{split}.json'
    yield f'{folder}/stats.{split}.json'


def is_damaged(path: str) -> bool:
  """Whether a mark cannot be read; a loss of power leaves such.

  Raises:
    UserError: it does not begin as ours do.
  """
  data = files.read_bytes(path)
  try:
    orjson.loads(data)
  except orjson.JSONDecodeError as e:
    for beginning in (*_BEGINS, bytes(8)):
      if data[: len(beginning)] == beginning[: len(data)]:
        return True
    raise UserError(
      f'{path} is not of ul2-flan, and a run would replace it. Move it away, '
      'or give another --output'
    ) from e
  return False


def _planted(name: str, mark: str) -> UserError:
  return UserError(
    f"{mark} lists '{name}', which no run makes: it was changed, or is of "
    f'another output. Nothing was deleted. Remove {mark} if it is not yours, '
    'or give another --output'
  )
