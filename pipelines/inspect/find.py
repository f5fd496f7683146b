"""Finds examples of a run, and what became of a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
import dataclasses
import fnmatch
import itertools

import numpy as np

from ul2_flan.pipelines.examples import Run, rejects, sample
from ul2_flan.pipelines.examples.kinds import held
from ul2_flan.pipelines.examples.rejects import Rejected
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.records import Feature

Example = Mapping[str, Feature]

# Who asks for a row or a text wants to know of all that was rejected.
_ALL_FILES = 10**9


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
  """An example, and where it lies.

  Attributes:
    data_set: its name.
    split: its name.
    path: of the shard, below the output.
    number: of the record in its shard, from 0.
    example: its features.
  """

  data_set: str
  split: str
  path: str
  number: int
  example: Example


def data_sets(run: Run, pattern: str) -> list[str]:
  """Lists the data sets of a run that a pattern fits; '' fits all.

  Raises:
    UserError: it fits none.
  """
  names = list(run.manifest.data_sets)
  chosen = fnmatch.filter(names, pattern) if pattern else names
  if not chosen:
    raise unknown('data set of --data_set', pattern, names)
  return chosen


def splits(run: Run, split: str) -> list[str]:
  """Lists the splits to read: the one that is named, or all.

  Raises:
    UserError: no data set has it.
  """
  known = {name for made in run.manifest.data_sets.values() for name in made}
  if split and split not in known:
    raise unknown('split of --split', split, known)
  return [split] if split else sorted(known)


def first_ones(
  run: Run, names: Sequence[str], split: str, most: int
) -> Iterator[Found]:
  """Yields the first examples of each group of data sets.

  Args:
    run: the run.
    names: the data sets.
    split: whose examples.
    most: how many of each group, each from another data set if there are.
  """
  shown: dict[str, int] = {}
  per_group: dict[str, int] = {}
  for name in names:
    per_group[held(name).group] = per_group.get(held(name).group, 0) + 1
  for name in names:
    group = held(name).group
    left = most - shown.get(group, 0)
    share = -(-most // per_group[group])
    # Before the data set is opened: a run may have thousands.
    if left <= 0:
      continue
    found = _of_data_set(run, name, split, lambda record: True)
    for one in itertools.islice(found, min(left, share)):
      yield one
      shown[group] = shown.get(group, 0) + 1


def matching(
  run: Run,
  names: Sequence[str],
  split: str,
  *,
  key: str = '',
  row: str = '',
  search: str = '',
) -> Iterator[Found]:
  """Yields the examples that fit all that is asked for.

  Args:
    run: the run.
    names: the data sets to look in.
    split: '' for all.
    key: of the row that an example was made of.
    row: its file and place, or how these end, as provenance says them.
    search: a text, which inputs or targets have, in any case.

  Raises:
    UserError: the run did not store what a key or a row are looked up by, or
      has no vocabulary to search with.
  """
  for flag, given in (('--key', key), ('--row', row)):
    if given and f'provenance/{flag[2:]}' not in _provenance(run):
      raise UserError(
        f'{flag} {given}: the run was made without --provenance, so its '
        'examples do not say where they are from. --search looks for their text'
      )
  if search and run.vocabulary is None:
    raise UserError(f'--search needs the vocabulary. {run.note}')
  # Text features lie in a record as they are, so most records are passed over
  # undecoded.
  needed = [text.encode() for text in (key, row) if text]
  for name in names:
    for part in splits(run, split):
      for found in _of_data_set(
        run, name, part, lambda record: all(n in record for n in needed)
      ):
        if _fits(run, found.example, key, row, search):
          yield found


def _provenance(run: Run) -> set[str]:
  """Returns the features to look things up by, as the flags call them."""
  has = set(run.manifest.features)
  return has | {'provenance/row'} if 'provenance/source' in has else has


def _fits(run: Run, example: Example, key: str, row: str, search: str) -> bool:
  if key and text_of(example, 'provenance/key') != key:
    return False
  if row and not _ends(text_of(example, 'provenance/source'), row):
    return False
  if not search or run.vocabulary is None:
    return True
  wanted = _folded(search)
  return any(
    wanted in _folded(run.vocabulary.spell(np.asarray(example[side], np.int64)))
    for side in ('inputs', 'targets', 'decoder_target_tokens')
    if side in example
  )


def _folded(text: str) -> str:
  return ' '.join(text.casefold().split())


def _ends(path: str, end: str) -> bool:
  """Whether a path ends in another: 'a/b:5' in 'b:5', but not in ':5'.

  >>> _ends('a/b:5', 'b:5'), _ends('a/b:15', '5')
  (True, False)
  """
  return path == end or path.endswith(f'/{end.lstrip("/")}')


def text_of(example: Example, feature: str) -> str:
  """Returns a text feature of an example; '' if it has none."""
  texts = example.get(feature, [])
  if not isinstance(texts, list):
    return ''
  return b' '.join(texts).decode(errors='replace')


def rejected(run: Run, row: str, search: str) -> Iterator[Rejected]:
  """Yields the records of the quarantine that fit what is asked for."""
  wanted = _folded(search)
  for one in rejects.read(run, _ALL_FILES):
    is_row = not row or _ends(f'{one.source}:{one.place}', row)
    if is_row and wanted in _folded(one.record):
      yield one


def _of_data_set(
  run: Run, name: str, split: str, wanted: Callable[[bytes], bool]
) -> Iterator[Found]:
  made = run.manifest.data_sets[name].get(split)
  for shard in made.shards if made else ():
    for number, example in sample.examples_of(run, shard, wanted):
      yield Found(name, split, shard.path, number, example)
