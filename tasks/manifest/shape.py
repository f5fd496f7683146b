"""The shape of a manifest: which tables it has, and of which types values are.

Whoever changes a manifest can make its checksum too, and would then meet an
error anywhere. So all of it is looked at once, where it is read.

A shape is a type, where int is a whole number that is not negative; `[shape]`,
for a list; `(shape, shape)`, for a list of that length; or a table. In a table,
a name with '?' may be missing, what has '|null' may be null, `...` stands for
any name, and other names than these may be there too.
"""

from collections.abc import Iterable, Iterator, Mapping
import re
from typing import Any

_FILE = {'bytes': int, 'crc32c': str}
_RUN_OF = {'output': str, 'plan': str}
_COUNTS = {...: {...: int}}
_SPLIT = {'epochs': int, 'places': int, 'shards': int}

_VOCABULARY = {
  'path': str, 'sha256': str, 'extra_ids': int, 'size?': int, 'sentinels?': str,
  'eos_id?': int,
}  # fmt: skip

_RUN = {
  'job': str,
  'plan': str,
  'config': {
    'catalog?': {...: str},
    'denoisers?': str,
    'lengths?': {'inputs': int, 'targets': int},
    'min_tokens?': int,
    'mode_tokens?': str,
    'samples?': int,
    'settings?': [str],
    'tasks?': {...: {}},
    'templates?': {...: str},
    'vocabulary?': {},
  },
  'sources?': {...: int},
  'counts?': _COUNTS,
  'maxima?': _COUNTS,
  'left_out?': {...: str},
  'versions?': {...: str},
  'evaluation?': {...: str},
  'damaged_files?': {...: str},
  'summary?': _FILE,
  'cards?': {...: _FILE},
  'quarantine?': {...: _FILE},
  'origin?': {'licences': {...: [str]}, 'languages': [str]},
  'format?': str,
}

# What the configuration of these kinds of run has besides.
_CONFIGS = {
  'mix': {
    'mixture': str,
    'manifests': [_RUN_OF],
    'members': {...: {...: (int, int, int)}},
    'splits': {...: _SPLIT},
    'pack|null': {
      'layout': str,
      'inputs': int,
      'targets': int,
      'inputs_eos?': bool,
      'targets_eos?': bool,
      'eos_id?': int,
    },
  },
  'export': {'manifest': _RUN_OF},
}

_STATS = {'examples': int, ...: int}

# A part of a data set's name, which is a folder's name too.
PART = re.compile(r'(?!\.{1,2}$)[^/\\\0]+')

_WORDS = {
  str: 'text', bool: 'true or false', int: 'a whole number from 0 on',
  float: 'a number from 0 on', list: 'a list', dict: 'a table',
}  # fmt: skip


def check(manifest: Any) -> None:
  """Checks what the types of the dataclasses do not say.

  Args:
    manifest: a `Manifest`, whose fields are of their types.

  Raises:
    TypeError: something is missing, of another type, or out of its range.
  """
  for problem in _problems(manifest):
    raise TypeError(problem)


def _problems(manifest: Any) -> Iterator[str]:
  # A run that makes no tokens has none.
  vocabulary = _VOCABULARY if manifest.vocabulary or manifest.features else {}
  yield from misfits(manifest.vocabulary, vocabulary, 'vocabulary')
  yield from misfits(manifest.run, _RUN, 'run')
  config = _CONFIGS.get(manifest.run['job'], {})
  yield from misfits(manifest.run['config'], config, 'run.config')
  yield from misfits(manifest.mixtures, {...: {...: float}}, 'mixtures')
  for name, feature in manifest.features.items():
    yield from misfits(feature.length, int, f'features.{name}.length')
  for name, splits in manifest.data_sets.items():
    if not all(map(PART.fullmatch, name.split(':'))):
      yield f"'{name}' cannot be the name of a data set"
    folder = name.replace(':', '/')  # as seqio has it
    for split, info in splits.items():
      at = f'data_sets.{name}.{split}'
      if not ('examples' in info.stats and _are_counts(info.stats.values())):
        yield from misfits(info.stats, _STATS, f'{at}.stats')
      for shard in info.shards:
        if shard.path.rpartition('/')[0] != folder:
          yield f"{at} has a shard '{shard.path}', which is not in its folder"
        if not _are_counts((shard.records, shard.bytes)):
          yield from misfits(shard.records, int, f'{at}.shards')
          yield from misfits(shard.bytes, int, f'{at}.shards')


def misfits(value: Any, shape: Any, at: str) -> Iterator[str]:
  """Says where a value is not of a shape.

  >>> for problem in misfits({'a': [1, -1]}, {'a': [int], 'b': str}, 'it'):
  ...   print(problem)
  it.a[1] is -1, not a whole number from 0 on
  it has no 'b'
  """
  kind = shape if isinstance(shape, type) else type(shape)
  kind = list if kind is tuple else kind
  if not _is(value, kind):
    yield f'{at} is {value!r:.60}, not {_WORDS[kind]}'
  elif isinstance(shape, dict):
    yield from _in_table(value, shape, at)
  elif isinstance(shape, tuple) and len(value) != len(shape):
    yield f'{at} has {len(value)} values, not {len(shape)}'
  elif isinstance(shape, list | tuple):
    for i, one in enumerate(value):
      of = shape[i] if isinstance(shape, tuple) else shape[0]
      yield from misfits(one, of, f'{at}[{i}]')


def _in_table(
  table: Mapping[str, Any], shape: Mapping[Any, Any], at: str
) -> Iterator[str]:
  for key, of in shape.items():
    if key is ...:
      for name, value in table.items():
        yield from misfits(value, of, f'{at}.{name}')
      continue
    name = key.rstrip('?').removesuffix('|null')
    if name not in table:
      if not key.endswith('?'):
        yield f"{at} has no '{name}'"
    elif table[name] is not None or not key.endswith('|null'):
      yield from misfits(table[name], of, f'{at}.{name}')


def _are_counts(values: Iterable[Any]) -> bool:
  """Whether all values are whole numbers from 0 on.

  Most of what a manifest holds are counts, and `misfits` takes ten times as
  long for one.
  """
  return all(_is(value, int) for value in values)


def _is(value: Any, kind: type) -> bool:
  """Whether a value of JSON is of a type; a bool is no number."""
  if kind is int:
    return type(value) is int and value >= 0
  if kind is float:
    return type(value) in (int, float) and value >= 0
  return isinstance(value, kind)
