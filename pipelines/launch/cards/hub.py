"""A data set card as Hugging Face's hub reads it: YAML, then Markdown.

https://huggingface.co/docs/hub/datasets-cards
"""

from collections.abc import Iterator

import yaml

from ul2_flan.pipelines.launch.cards.configs import Configs
from ul2_flan.pipelines.launch.cards.origin import Origin
from ul2_flan.pipelines.run import Plan
from ul2_flan.tasks.manifest import TFRECORD
from ul2_flan.tasks.version import VERSION

# Rows of a table, and names under a licence.
_ROWS, _NAMES = 60, 12

_CATEGORIES = (
  ('n<1K', 10**3),
  ('1K<n<10K', 10**4),
  ('10K<n<100K', 10**5),
  ('100K<n<1M', 10**6),
  ('1M<n<10M', 10**7),
  ('10M<n<100M', 10**8),
  ('100M<n<1B', 10**9),
  ('1B<n<10B', 10**10),
)


def card(plan: Plan, configs: Configs, origin: Origin) -> str:
  """Writes the card of a run."""
  header = yaml.safe_dump(
    _header(plan, configs, origin), sort_keys=False, allow_unicode=True
  )
  sections = [
    f'# {plan.manifest["name"]}',
    about(plan),
    *_load(plan, configs),
    _table(configs),
    '## Licences',
    '\n'.join(_licences(origin)),
    '## What to know',
    '\n'.join(f'* {line}' for line in _caveats(plan, origin)),
  ]
  return f'---\n{header}---\n\n' + '\n\n'.join(sections) + '\n'


def _header(plan: Plan, configs: Configs, origin: Origin) -> dict[str, object]:
  """Returns the fields of the card that the hub reads."""
  total = sum(configs.examples.values())
  size = [name for name, most in _CATEGORIES if total < most] or ['10B<n<100B']
  listed = [
    {
      'config_name': config.name,
      **({'default': True} if not number else {}),
      'data_files': [
        {'split': split, 'path': path} for split, path in config.paths.items()
      ],
    }
    for number, config in enumerate(configs)
  ]
  return {
    'pretty_name': plan.manifest['name'],
    'license': origin.hub_licences,
    **({'language': list(origin.languages)} if origin.languages else {}),
    'size_categories': size[:1],
    'task_categories': ['text-generation'],
    'tags': ['ul2-flan', plan.kind],
    'configs': listed,
  }


def about(plan: Plan) -> str:
  """Says in a sentence or two what made the data."""
  return (
    f'Made by `ul2-flan {plan.kind}` {VERSION}. `manifest.json` has the '
    'whole configuration, the sources, and the size and checksum of every file.'
  )


def _load(plan: Plan, configs: Configs) -> Iterator[str]:
  """Says how the data are read."""
  name = next(iter(configs)).name if configs.examples else ''
  if plan.file_format == TFRECORD:
    yield (
      "The files are TFRecords in the layout of seqio's cached tasks: "
      '`ul2_flan.tasks.register.register` registers them. `datasets` reads no '
      'TFRecords: `ul2-flan export` writes Parquet, which it loads.'
    )
  elif plan.file_format == 'array_record':
    yield (
      'The files are ArrayRecords of `tf.train.Example`, which Grain reads: '
      '`grain.sources.ArrayRecordDataSource(paths)`. `datasets` does not.'
    )
  else:
    yield (
      'In Python, with this folder as DIR: '
      f"`datasets.load_dataset(DIR, '{name}')`."
    )


def _table(configs: Configs) -> str:
  rows = [
    f'| {name} | {split} | {examples:,} |'
    for (name, split), examples in configs.examples.items()
  ]
  if len(rows) > _ROWS:
    rest = len(rows) - _ROWS
    rows[_ROWS:] = [f'| and {rest:,} more, which `manifest.json` lists | | |']
  total = f'| all | | {sum(configs.examples.values()):,} |'
  return '\n'.join(
    ['| data set | split | examples |', '|---|---|---:|', *rows, total]
  )


def _licences(origin: Origin) -> Iterator[str]:
  for licence, names in origin.licences.items():
    some = ', '.join(names[:_NAMES])
    more = len(names) - _NAMES
    rest = f' and {more:,} more' if more > 0 else ''
    yield f'* {licence or "not known"}: {some}{rest}'


def _caveats(plan: Plan, origin: Origin) -> Iterator[str]:
  unknown = origin.licences.get('', ())
  if unknown:
    yield (
      f'The licences of {len(unknown):,} of the sources are not known: ask '
      'their owners before you share the data.'
    )
  else:
    yield 'Each source has its own licence, and terms that come with it.'
  ends = [k for k, f in plan.manifest['features'].items() if f.get('add_eos')]
  if ends:
    yield f'Stored {", ".join(ends)} end without EOS, which the reader appends.'
  if not plan.manifest['vocabulary']:
    return  # there is no id
  yield (
    'Token ids are those of the vocabulary with SHA-256 '
    f'`{plan.manifest["vocabulary"]["sha256"]}`, and of no other.'
  )
