"""Lists the files of an earlier run, from the marks that it left.

The marks are its manifest, its plan and the reports of its work items. A mark
may be changed, or damaged by a loss of power. One that lists what no run makes
is refused; a damaged one stands for all that runs call their files.
"""

from collections.abc import Collection, Iterable, Iterator
import dataclasses
import posixpath
import re

import orjson

from ul2_flan.pipelines.run import Group, paths, reports
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest

# The folders below the output that a run makes besides its data sets.
OURS = (paths.PROGRESS_FOLDER, paths.QUARANTINE_FOLDER)

# What a run keeps in `_progress`: plan, reports and heartbeats; files under
# their temporary names; pieces of validation shards; what is being shuffled.
_OF_PROGRESS = re.compile(
  r'plan\.json|(item|beat)-\d+\.json|[0-9a-f]{32}|(parts|shuffle-[^/]*)/.*',
  re.DOTALL,
)
_OF_QUARANTINE = re.compile(r'item-\d+\.jsonl')

_SPLITS = ('train', 'validation')

# A shard's number has five digits in its name, or one more at most.
_MOST_SHARDS = 10**6

# A part of a data set's name, which is a folder's name too.
_PART = re.compile(r'(?!\.{1,2}$)[^/\\\0]+')


@dataclasses.dataclass(slots=True)
class Listed:
  """What the marks of an earlier run list.

  Attributes:
    paths: of files of data sets, relative to the output.
    data_sets: names of data sets.
    is_begun: whether there is a mark at all.
    is_damaged: whether a mark is too damaged to tell what it listed.
  """

  paths: set[str] = dataclasses.field(default_factory=set)
  data_sets: set[str] = dataclasses.field(default_factory=set)
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
      if _is_damaged(path):
        listed.is_damaged = True
      else:
        # A manifest that was changed is read too: its message tells people to
        # overwrite it, and what it lists is checked below.
        data = files.read_bytes(path)
        listed._add_manifest(manifest_lib.parse(data, path, check=False))
    path = paths.plan_path(output)
    if files.exists(path) and not _is_damaged(path):
      for name, group in plan_lib.load(path).groups.items():
        for count in (group.shards, group.validation_shards):
          if not isinstance(count, int) or count > _MOST_SHARDS:
            raise _planted(name, output)
        listed.data_sets.update(group.data_sets)
        listed.paths.update(files_of(group))
      listed.is_begun = True
    elif files.exists(path) or reports.items_with_report(output):
      listed.is_begun = listed.is_damaged = True
    listed._check(output)
    return listed

  def _add_manifest(self, manifest: Manifest) -> None:
    self.data_sets.update(manifest.data_sets)
    for data_set, splits in manifest.data_sets.items():
      self.paths.update(_marks(data_set, splits))
      self.paths.update(str(s.path) for x in splits.values() for s in x.shards)

  def _check(self, output: str) -> None:
    """Refuses names that no run gives: they may lead out of the output."""
    for name in sorted(self.data_sets):
      parts = name.split(':')
      if parts[0] in OURS or not all(map(_PART.fullmatch, parts)):
        raise _planted(name, output)
    known = folders_of(self.data_sets)
    for path in sorted(self.paths):
      folder, file_name = posixpath.split(path)
      if folder not in known or not paths.OF_DATA_SET.fullmatch(file_name):
        raise _planted(path, output)

  def has(self, path: str, known: Collection[str]) -> bool:
    """Whether a file is one of the earlier run's.

    Args:
      path: of the file, relative to the output.
      known: folders of data sets.
    """
    top, _, rest = path.partition('/')
    if top == paths.PROGRESS_FOLDER:
      return is_of_progress(rest)
    if top == paths.QUARANTINE_FOLDER:
      return bool(_OF_QUARANTINE.fullmatch(rest))
    if path in self.paths:
      return True
    # A damaged mark does not tell more than what its run called files.
    folder, name = posixpath.split(path)
    return bool(
      self.is_damaged and folder in known and paths.OF_DATA_SET.fullmatch(name)
    )


def is_of_progress(name: str) -> bool:
  """Whether a run has such a file in `_progress`.

  >>> is_of_progress('item-000003.json'), is_of_progress('thesis.txt')
  (True, False)

  Args:
    name: the file's path below that folder.
  """
  return bool(_OF_PROGRESS.fullmatch(name))


def folders_of(data_sets: Iterable[str]) -> set[str]:
  """Returns the folders of data sets, below the output."""
  return set(map(manifest_lib.folder_of, data_sets))


def files_of(group: Group) -> Iterator[str]:
  """Yields the paths of all files of a group's data sets, below the output."""
  for data_set in group.data_sets:
    for split, count in zip(
      _SPLITS, (group.shards, group.validation_shards), strict=True
    ):
      yield from (
        manifest_lib.shard_path(data_set, split, i, count) for i in range(count)
      )
    yield from _marks(data_set, _SPLITS)


def _marks(data_set: str, splits: Iterable[str]) -> Iterator[str]:
  yield paths.completed_path('', data_set)
  folder = manifest_lib.folder_of(data_set)
  for split in splits:
    yield f'{folder}/info.{split}.json'
    yield f'{folder}/stats.{split}.json'


def _is_damaged(path: str) -> bool:
  """Whether a file is half of a JSON object; a loss of power leaves such."""
  data = files.read_bytes(path)
  try:
    orjson.loads(data)
  except orjson.JSONDecodeError as e:
    if data[:1] not in (b'', b'\0', b'{'):
      raise UserError(
        f'{path} is not of ul2-flan, and a run would replace it. Move it away, '
        'or give another --output'
      ) from e
    return True
  return False


def _planted(name: str, output: str) -> UserError:
  return UserError(
    f"the manifest or plan of {output} lists '{name}', which no run makes: it "
    'was changed, or is not of this output. Nothing was deleted. Remove '
    f'{paths.manifest_path(output)} if it is not yours, or give another '
    '--output'
  )
