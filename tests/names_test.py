"""Names that were given up do not come back: one concept, one name.

The glossary in README.md has the names that took their place. The test reads
identifiers, docstrings, comments and messages of all Python files, and all
Markdown, TOML and gin files.
"""

from collections.abc import Iterator
import dataclasses
import re

import pytest
from support.house.modules import PACKAGES, ROOT, modules, text_of


@dataclasses.dataclass(frozen=True)
class Retired:
  """A name that was given up.

  Attributes:
    pattern: a regular expression that finds it.
    instead: what to say.
    stays: a regular expression for where it may stand, such as a key on disk,
      which must be the same for data that was made before.
  """

  pattern: str
  instead: str
  stays: str = r'(?!)'


RETIRED = (
  Retired(
    r'(?i)wording',
    "'template'",
    stays=r"""['"/]wordings(?=['"/])|\bwordings/<""",
  ),
  Retired(
    r'(?i)(?<![a-z])shots?(?![a-z])',
    "'exemplar', or 'few-shot' and 'zero-shot'",
    stays=r"""(?i)(?:few|zero|one)[-_ ]?shot(?!s)|['"]shots['"]""",
  ),
  Retired(
    r'\b(?:Render|Denoise|Mix)(?:Job|Work)\b', "'Ul2Worker' and the like"
  ),
  Retired(r'\bclass \w*(?:Job|Work)\b', "'Worker' for what does a kind's work"),
  Retired(r'_JOBS\b|\bjob_of\b', "'kind': a job is what a service runs"),
  Retired(r'\bTaskAccounts\b|\bTaskWork\b', "'FlanAccounts', 'TaskContext'"),
  Retired(r'\bRecordBlock\b', "'RowBlock'"),
)

# This file, and what has changed, which is told in the words of its time.
MAY_NAME_THEM = ('tests/names_test.py', 'CHANGELOG.md')

TEXTS = [
  path
  for path in (
    *modules(*PACKAGES, 'scripts', 'tests'),
    *(path.name for path in ROOT.glob('*.md')),
    *(
      path.relative_to(ROOT).as_posix()
      for folder in (*PACKAGES, 'docs')
      for kind in ('*.md', '*.toml', '*.gin')
      for path in sorted((ROOT / folder).rglob(kind))
    ),
  )
  if path not in MAY_NAME_THEM
]


def come_back(path: str, text: str) -> Iterator[str]:
  """Each line with a name that was given up."""
  for number, line in enumerate(text.splitlines(), 1):
    for name in RETIRED:
      rest = re.sub(name.stays, '', line)
      if match := re.search(name.pattern, rest):
        yield f'{path}:{number}: {match[0]!r} was given up; say {name.instead}'


def test_no_name_comes_back():
  found = [
    message for path in TEXTS for message in come_back(path, text_of(path))
  ]
  if found:
    pytest.fail('\n'.join(found), pytrace=False)


BAD = (
  'def _wordings(family):',
  '# Every Wording of a family.',
  "raise UserError(f'no wording for {setting}')",
  "counts.add('wordings_left', 1)",
  'num_shots = 3',
  'class Shots:',
  '"""How many shots fit."""',
  "config['shots'] = len(shots)",
  'A shot, or few shots, or a zero-shots.',
  'job = RenderJob(plan)',
  'class FakeJob:',
  'class TaskWork(Protocol):',
  '_JOBS = {}',
  'worker = job_of(plan)',
  'def read() -> Iterator[RecordBlock]:',
)


@pytest.mark.parametrize('line', BAD)
def test_a_name_that_comes_back_is_found(line: str):
  (found, *_) = come_back('a.py', f'x = 1\n{line}\n')
  assert found.startswith('a.py:2: ')
  assert 'was given up; say ' in found


@pytest.mark.parametrize(
  'line',
  [
    "counts.add(f'{data_set}/wordings/{label}', n)",
    "_ELSEWHERE = ('data', 'wordings')",
    '<data set>/trimmed, exemplars, wordings/<label>',
    "low, high = config['shots']",
    'few_shot, zero-shot, FewShot, one-shot, few-shot.',
    'A snapshot of the shotgun.',
    'class Ul2Worker(Worker):',
    'job = service.job_name(plan)',
  ],
)
def test_another_name_is_none(line: str):
  assert [*come_back('a.py', line)] == []


def test_every_rule_finds_a_line():
  for name in RETIRED:
    assert any(re.search(name.pattern, line) for line in BAD), name
