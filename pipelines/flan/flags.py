"""The flags of the `flan` command; `Config` has their defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ul2_flan.pipelines.flan.config import Config
from ul2_flan.pipelines.launch.common_flags import SEED, model_flags, shard_mb
from ul2_flan.pipelines.launch.flags import Flag, FlagGroup
from ul2_flan.pipelines.run.contract import Budget
from ul2_flan.tasks.errors import UserError


def names(text: str) -> tuple[str, ...]:
  """Reads a list of names with commas between them.

  >>> names('niv2, cot,')
  ('niv2', 'cot')
  """
  return tuple(name.strip() for name in text.split(',') if name.strip())


_TASKS = (
  Flag(
    'source',
    "a folder below which a suite's files lie, on any file system that Beam "
    'opens; may be given again',
    'SUITE=DIR',
    many='append',
    field='sources',
  ),
  Flag('suites', 'by default those that have a --source', 'A,B', names),
  Flag('tasks', 'only these, by their full names', 'A,B', names),
  Flag('without', 'all but these', 'A,B', names),
  Flag(
    'left_out',
    'also take what the collection leaves out: tasks like those of MMLU, and '
    "P3's subsets on data sets of Flan 2021 or for rank classification",
  ),
  Flag(
    'unlisted',
    'also take files of tasks that are not in the catalog (NIv2, P3)',
  ),
  Flag(
    'promptsource',
    "promptsource's folder of templates: P3 from raw rows",
    'DIR',
  ),
)

_EXAMPLES = (
  Flag(
    'settings',
    'zero- or few-shot, with or without options (by default all four: zs_opt, '
    'zs_noopt, fs_opt, fs_noopt); …_cot and …_direct force chain of thought, '
    'or leave it out',
    'A,B',
    names,
  ),
  Flag(
    'templates',
    'templates of your own, such as `python -m ul2_flan.tasks '
    "import_flan_templates` makes of google-research/FLAN's",
    'DIR',
  ),
  Flag(
    'exemplars',
    'how many a few-shot example shows: a number is drawn evenly, and as many '
    'are shown as fit (1 5)',
    ('LOW', 'HIGH'),
    int,
    many=2,
  ),
  Flag(
    'cap',
    "the most rows of a task, chosen by hash; by default the paper's cap for "
    'its suite; 0 for no limit',
    'N',
    int,
  ),
  Flag(
    'validation_cap',
    "the most rows of its validation split (%(default)s, FLAN's); 0 for no "
    'limit',
    'N',
    int,
  ),
  Flag(
    'validation_fraction',
    'the share of the training split that is held out, where a source has no '
    'validation split (%(default)s)',
    'F',
    float,
  ),
  SEED,
)

_DATA_SETS = (
  Flag('name', "the first part of the data sets' names (%(default)s)", 'NAME'),
  shard_mb(' of a large task'),
  Flag('keep_text', 'store the text beside the ids'),
  Flag(
    'provenance', "store each example's source, key, template and exemplars"
  ),
)

_STRICT = Flag(
  'strict',
  'fail if a task has no file or cannot be rendered, instead of leaving it out',
)

FLAGS = (
  FlagGroup('tasks and their sources', _TASKS, Config),
  FlagGroup('examples', _EXAMPLES, Config),
  FlagGroup(
    'the model',
    model_flags(inputs_have='EOS', decoder_only='inputs get no EOS'),
    Config,
  ),
  FlagGroup('the data sets', _DATA_SETS, Config),
  FlagGroup('missing tasks', (_STRICT,), Budget),
)


def configure(values: Mapping[str, Any]) -> Config:
  """Makes a configuration of the values of flags."""
  return Config(
    **{
      **values,
      'sources': _by_suite(values['sources']),
      'exemplars': tuple(values['exemplars']),
    }
  )


def _by_suite(given: Sequence[str]) -> dict[str, tuple[str, ...]]:
  """Groups folders, given as SUITE=DIR, by suite."""
  sources: dict[str, tuple[str, ...]] = {}
  for text in given:
    suite, equals, path = text.partition('=')
    if not (equals and path):
      raise UserError(
        f"--source '{text}': give a suite and a folder, such as niv2=DIR"
      )
    sources[suite] = (*sources.get(suite, ()), path)
  return sources
