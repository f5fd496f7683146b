"""Which of a folder's files belong to a suite, by their names.

Authors' files are found wherever they lie below the folder; exports as on
Hugging Face's hub are `<configuration>/<split>*`, or as its converter and
`save_to_disk` write them `<configuration>/<split>/*`. The configuration is a
task's key, for TyDi QA `secondary_task`, for XQuAD `xquad.<key>`.
"""

from collections.abc import Iterable, Iterator, Mapping
import dataclasses
from pathlib import PurePosixPath
import re
from typing import Literal

from ul2_flan.tasks.evaluation.suites import Suite

# 'prompts': a text of exemplars, as its authors wrote it; of MMLU, all of them.
# 'exemplars': MGSM's `exemplars.py`.
What = Literal['questions', 'prompts', 'exemplars']

_SPLITS = {'val': 'validation', 'dev': 'dev', 'test': 'test', 'train': 'train'}
_PACKED = r'(?:\.gz)?$'
_EXPORTED = rf'\.(?:parquet|arrow|jsonl{_PACKED[:-1]})$'
# A file of a split; the folder of a split, and the files in it.
_EXPORT = re.compile(rf'(train|validation|dev|test)\b.*{_EXPORTED}')
_FOLDER = re.compile(r'(train|validation|dev|test)$')
_INSIDE = re.compile(rf'(?:data-|part-|\d+).*{_EXPORTED}')

# The names that authors gave to their files.
_NAMES: Mapping[str, tuple[tuple[What, str], ...]] = {
  'mmlu': (
    ('questions', rf'(?P<task>\w+)_(?P<split>dev|val|test)\.csv{_PACKED}'),
    ('prompts', rf'_?(?:mmlu-cot|cot_prompts)\.json{_PACKED}'),
  ),
  # BIG-bench's files are `<task>[/<sub-task>]/task.json`; see `_big_bench`.
  'bbes': (),
  'bbh': (
    ('questions', rf'(?P<task>\w+)\.json{_PACKED}'),
    ('prompts', rf'(?P<task>\w+)\.txt{_PACKED}'),
  ),
  'mgsm': (
    ('questions', rf'mgsm_(?P<task>\w+)\.tsv{_PACKED}'),
    ('exemplars', r'exemplars\.py(?:\.txt)?$'),
  ),
  'tydiqa': (
    (
      'questions',
      rf'tydiqa-goldp-(?:v[\d.]+-)?(?P<split>train|dev)(?:-\w+)?\.json{_PACKED}',
    ),
    ('questions', rf'xquad\.(?P<task>\w+)\.json{_PACKED}'),
  ),
}

# Hub names of a configuration with all tasks, whose rows say which they are of.
_OF_ALL = frozenset(['all', 'secondary_task'])


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
  """A file of a suite.

  Attributes:
    path: as it was listed.
    what: what it holds.
    key: of the task that it is of; empty if it has several.
    split: 'train', 'dev', 'validation' or 'test'; empty if it has none.
    is_export: whether a split may have several such files.
  """

  path: str
  what: What
  key: str = ''
  split: str = ''
  is_export: bool = False


def find(suite: Suite, paths: Iterable[str]) -> list[Found]:
  """Finds a suite's files among others, sorted by path.

  Benchmarks have none: `sources_of` says where their rows are.

  >>> from ul2_flan.tasks.evaluation import suites
  >>> (found,) = find(suites.load('mmlu'), ['x/anatomy_dev.csv', 'README.md'])
  >>> found.what, found.key, found.split
  ('questions', 'anatomy', 'dev')

  Args:
    suite: the suite.
    paths: below the folder, with `/` between names.
  """
  return [found for path in sorted(paths) for found in _found(suite, path)]


def _found(suite: Suite, path: str) -> Iterator[Found]:
  parts = PurePosixPath(path)
  if suite.has_benchmarks:
    return
  if suite.name == 'bbes':
    yield from _big_bench(suite, parts)
    return
  if suite.catalog:  # which says where its files lie
    return
  for what, pattern in _NAMES[suite.name]:
    if match := re.match(pattern, parts.name):
      groups = match.groupdict()
      key = groups.get('task') or ''
      if key and key not in suite.tasks:
        continue
      if what == 'questions':
        # TyDi QA's development split is what others call validation. Files
        # without a split have the one that papers report.
        split = _SPLITS.get(groups.get('split') or '', suite.paper_split)
        if suite.name == 'tydiqa' and split == 'dev':
          split = 'validation'
        yield Found(path, what, key, split)
      else:
        yield Found(path, what, key)
      return
  folder, match = parts.parent, _EXPORT.match(parts.name)
  if not match and _INSIDE.match(parts.name):
    match, folder = _FOLDER.match(folder.name), folder.parent
  if match:
    configuration = folder.name.removeprefix('xquad.')
    if configuration in suite.tasks or configuration in _OF_ALL:
      key = configuration if configuration in suite.tasks else ''
      yield Found(path, 'questions', key, match[1], True)


def _big_bench(suite: Suite, path: PurePosixPath) -> Iterator[Found]:
  """Finds a task's file by its folder, and a sub-task's by two of them."""
  if path.name not in ('task.json', 'task.json.gz'):
    return
  folders = path.parent.parts
  for key in (folders[-1:], folders[-2:]):
    if '_'.join(key) in suite.tasks:
      yield Found(str(path), 'questions', '_'.join(key), suite.paper_split)
      return
