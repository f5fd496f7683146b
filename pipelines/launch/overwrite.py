"""Deletes an earlier run of an output, and nothing that is not of it.

A manifest or plan lists what its run has written. All else in the folders of
data sets belongs to somebody: then the whole output is refused, and nothing
deleted. A link is removed, and what it leads to stays.
"""

from collections.abc import Collection, Iterable, Iterator
import dataclasses
import posixpath
import re

import orjson

from ul2_flan.pipelines.run import Group, Plan, paths, reports
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.storage import files, folders
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest

# Paths below the output.
_OURS = (paths.PROGRESS_FOLDER, paths.QUARANTINE_FOLDER)
_PLAN = paths.plan_path('')
_SUMMARY = paths.summary_path('')

_SPLITS = ('train', 'validation')

# What a run keeps in `_progress`: plan, reports and heartbeats; files under
# their temporary names; pieces of validation shards; what is being shuffled.
_OF_PROGRESS = re.compile(
  r'plan\.json|(item|beat)-\d+\.json|[0-9a-f]{32}|(parts|shuffle-[^/]*)/.*',
  re.DOTALL,
)
_OF_QUARANTINE = re.compile(r'item-\d+\.jsonl')

# A shard's number has five digits in its name, or one more at most.
_MOST_SHARDS = 10**6

# A part of a data set's name, which is a folder's name too.
_PART = re.compile(r'(?!\.{1,2}$)[^/\\\0]+')


@dataclasses.dataclass(slots=True)
class _Listed:
  """What the marks of an earlier run list.

  Attributes:
    paths: of files, relative to the output.
    data_sets: names of data sets.
    is_begun: whether there is a mark at all.
    is_damaged: whether a mark is too damaged to tell what it listed.
  """

  paths: set[str] = dataclasses.field(default_factory=set)
  data_sets: set[str] = dataclasses.field(default_factory=set)
  is_begun: bool = False
  is_damaged: bool = False


def delete_run(output: str, plan: Plan) -> None:
  """Deletes an earlier run, so that this plan can begin.

  Raises:
    UserError: a folder of its data sets, or of this plan's, holds a file that
      no manifest or plan of this output lists; or these list what lies
      elsewhere. Nothing has been deleted then.
  """
  listed = _listed(output)
  present, unknown = _sorted_out(output, listed, plan)
  if unknown:
    more = f' ({len(unknown):,} such files)' if len(unknown) > 1 else ''
    raise UserError(
      f'{unknown[0]} is no file of a run that {output} holds{more}: no '
      'manifest or plan there lists it, so nothing was deleted. Move it away, '
      'or give another --output or --name'
    )
  if listed.is_begun:
    present += [_SUMMARY, manifest_lib.FILE_NAME, _PLAN]
  for group in _in_order(present):
    files.delete([files.join(output, path) for path in group])
  progress = paths.progress_folder(output)
  if not folders.is_link(progress):
    folders.delete(progress)
  folders.delete_empty(paths.quarantine_folder(output))
  known = _folders_of(listed.data_sets)
  for folder in sorted(known | _above(known), reverse=True):  # inner ones first
    folders.delete_empty(files.join(output, folder))


def _in_order(present: Iterable[str]) -> list[list[str]]:
  """Orders what is deleted, so that a stop in between does no harm.

  First the marks that make data sets look whole, and the reports of work done.
  Last the plan and the manifest: while they are there, the rest is known.
  """

  def rank(path: str) -> int:
    if path in (_PLAN, paths.PROGRESS_FOLDER, manifest_lib.FILE_NAME):
      return 3
    if path == _SUMMARY or path.endswith('/COMPLETED'):
      return 0
    return 1 if path.startswith(f'{paths.PROGRESS_FOLDER}/') else 2

  groups: list[list[str]] = [[], [], [], []]
  for path in sorted(set(present)):
    groups[rank(path)].append(path)
  return groups


def _sorted_out(
  output: str, listed: _Listed, plan: Plan
) -> tuple[list[str], list[str]]:
  """Returns what there is of the earlier run, and what is not of it.

  The first are paths below the output, the second whole paths.
  """
  known = _folders_of(listed.data_sets | set(plan.data_sets))
  above = _above(known)
  old = _folders_of(listed.data_sets)
  old |= _above(old) | (set(_OURS) if listed.is_begun else set())
  present, unknown = [], []
  for path in _present(output, known):
    whole = files.join(output, path)
    if path in known or path in above or path in _OURS:
      # No folder, or it would not be listed.
      if path in old and folders.is_link(whole):
        present.append(path)
      elif not folders.is_link(whole) or folders.below(whole):
        unknown.append(whole)
    elif _is_listed(path, listed, known):
      present.append(path)
    elif path.split('/')[0] in _OURS or not known.isdisjoint(_above([path])):
      unknown.append(whole)
  return present, unknown


def _folders_of(data_sets: Iterable[str]) -> set[str]:
  return set(map(manifest_lib.folder_of, data_sets))


def _above(below: Iterable[str]) -> set[str]:
  """Returns the folders in which some paths lie, at any depth."""
  return {
    path[: match.start()] for path in below for match in re.finditer('/', path)
  }


def delete_group(output: str, group: Group) -> None:
  """Deletes the data sets of a group, and no other file in their folders."""
  files.delete([files.join(output, path) for path in files_of(group)])
  for folder in _folders_of(group.data_sets):
    folders.delete_empty(files.join(output, folder))


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


def _listed(output: str) -> _Listed:
  """Reads what the manifest and the plan of an output list.

  Raises:
    UserError: they are not of ul2-flan, or list what lies elsewhere.
  """
  listed = _Listed()
  path = paths.manifest_path(output)
  if files.exists(path):
    listed.is_begun = True
    if _is_damaged(path):
      listed.is_damaged = True
    else:
      # Its message tells whoever has a changed manifest to overwrite it, and
      # what it lists is checked below.
      data = files.read_bytes(path)
      _add_manifest(listed, manifest_lib.parse(data, path, check=False))
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
  _check(listed, output)
  return listed


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


def _add_manifest(listed: _Listed, manifest: Manifest) -> None:
  listed.data_sets.update(manifest.data_sets)
  for data_set, splits in manifest.data_sets.items():
    listed.paths.update(_marks(data_set, splits))
    listed.paths.update(str(s.path) for x in splits.values() for s in x.shards)


def _check(listed: _Listed, output: str) -> None:
  """Refuses names that no run gives: they may lead out of the output."""
  for name in sorted(listed.data_sets):
    parts = name.split(':')
    if parts[0] in _OURS or not all(map(_PART.fullmatch, parts)):
      raise _planted(name, output)
  known = _folders_of(listed.data_sets)
  for path in sorted(listed.paths):
    folder, file_name = posixpath.split(path)
    if folder not in known or not paths.OF_DATA_SET.fullmatch(file_name):
      raise _planted(path, output)


def _planted(name: str, output: str) -> UserError:
  return UserError(
    f"the manifest or plan of {output} lists '{name}', which no run makes: it "
    'was changed, or is not of this output. Nothing was deleted. Remove '
    f'{paths.manifest_path(output)} if it is not yours, or give another '
    '--output'
  )


def _present(output: str, known: Iterable[str]) -> Iterator[str]:
  """Yields the files, and links, below all folders of ours.

  Paths are relative to the output.
  """
  # One listing for each top folder: there may be thousands of data sets.
  tops = {folder.split('/')[0] for folder in known}
  for top in sorted(tops | set(_OURS)):
    folder = files.join(output, top)
    if folders.is_link(folder):
      yield top
      continue
    for path, _ in folders.below(folder, links=False):
      yield f'{top}/{path[len(folder) :].lstrip("/")}'


def is_of_progress(name: str) -> bool:
  """Whether a run has such a file in `_progress`.

  >>> is_of_progress('item-000003.json'), is_of_progress('thesis.txt')
  (True, False)

  Args:
    name: the file's path below that folder.
  """
  return bool(_OF_PROGRESS.fullmatch(name))


def _is_listed(path: str, listed: _Listed, known: Collection[str]) -> bool:
  """Whether a file is one of the earlier run's.

  Args:
    path: of the file, relative to the output.
    listed: what the run's marks list.
    known: folders of data sets.
  """
  top, _, rest = path.partition('/')
  if top == paths.PROGRESS_FOLDER:
    return is_of_progress(rest)
  if top == paths.QUARANTINE_FOLDER:
    return bool(_OF_QUARANTINE.fullmatch(rest))
  if path in listed.paths:
    return True
  # A damaged mark does not tell more than what its run called files.
  folder, name = posixpath.split(path)
  return bool(
    listed.is_damaged and folder in known and paths.OF_DATA_SET.fullmatch(name)
  )
