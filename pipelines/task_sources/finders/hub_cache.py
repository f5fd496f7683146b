"""Reads the names of files in the cache of Hugging Face's hub.

datasets--nyu-mll--glue/refs/main            the commit that is current
datasets--nyu-mll--glue/snapshots/<commit>/cola/train-00000-of-00001.parquet
datasets--nyu-mll--glue/blobs/<hash>         what the snapshots are links to
"""

from collections.abc import Iterable, Iterator, Mapping
import re

from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.buckets.hub_path import without_commit

_CACHED = re.compile(
  r'(?P<repo>(?:.*/)?datasets--(?P<name>[^/]+))/(?P<kind>[^/]+)/(?P<rest>.+)'
)


def folder_of(path: str) -> str:
  """Returns the folder of a file; of one in a snapshot with the set's name.

  The commit stays in it, so that files of two snapshots never mix. Of a file on
  the hub itself it does not: of each repository one commit is listed.

  >>> folder_of('hub/datasets--nyu-mll--glue/snapshots/8ab/cola/train.parquet')
  'hub/datasets--nyu-mll--glue/snapshots/8ab/nyu-mll/glue/cola'
  """
  if path.startswith('hf://'):
    return without_commit(path).rpartition('/')[0]
  folder = path.rpartition('/')[0]
  match = _CACHED.fullmatch(path)
  if not match or match['kind'] != 'snapshots':
    return folder
  commit, _, below = match['rest'].rpartition('/')[0].partition('/')
  parts = [
    match['repo'],
    'snapshots',
    commit,
    match['name'].replace('--', '/', 1),
  ]
  return '/'.join([*parts, below] if below else parts)


def without_old(listed: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
  """Leaves out what is no data, and snapshots that no branch is at any longer.

  Those of the branch `main` come first, then those of others, such as
  `refs/convert/parquet`.

  Args:
    listed: paths and sizes.
  """
  files_of: dict[str, dict[str, list[tuple[str, int]]]] = {}
  branches: dict[str, dict[str, str]] = {}
  # Files, and repositories in the place of their first file.
  order: dict[tuple[str, int] | str, None] = {}
  for path, size in listed:
    match = _CACHED.fullmatch(path)
    if not match:
      order[path, size] = None
    elif match['kind'] == 'snapshots':
      order[match['repo']] = None
      commits = files_of.setdefault(match['repo'], {})
      commit = match['rest'].partition('/')[0]
      commits.setdefault(commit, []).append((path, size))
    elif match['kind'] == 'refs':
      commit = files.read_bytes(path).decode(errors='replace').strip()
      branches.setdefault(match['repo'], {})[match['rest']] = commit
  for one in order:
    if isinstance(one, tuple):
      yield one
    else:
      for commit in _current(files_of[one], branches.get(one, {})):
        yield from files_of[one][commit]


def _current(
  commits: Iterable[str], branches: Mapping[str, str]
) -> Iterable[str]:
  """Returns the commits that branches are at, main's first.

  All, where nothing tells which is current: there is no branch, or nobody has
  downloaded what it is at.
  """
  heads = dict.fromkeys([branches.get('main', ''), *branches.values()])
  return [head for head in heads if head in commits] or commits
