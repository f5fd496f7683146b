"""Plans a search, from the manifests of the runs and the suites' files."""

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
from typing import Any

from ul2_flan.pipelines.contamination.config import Config
from ul2_flan.pipelines.contamination.items import items_of
from ul2_flan.pipelines.contamination.texts.find_texts import (
  TEXT,
  find_texts,
  reads_documents,
)
from ul2_flan.pipelines.launch.cards.origin import Origin
from ul2_flan.pipelines.run import (
  Group,
  Part,
  Plan,
  Planned,
  WorkItem,
  checks,
  division,
)
from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.pipelines.storage.manifests import manifest_as_planned
from ul2_flan.tasks.contamination import rules
from ul2_flan.tasks.contamination.index import Digest
from ul2_flan.tasks.errors import UserError, given_by
from ul2_flan.tasks.manifest import JSON_LINES, Manifest, refuse_export
from ul2_flan.tasks.version import VERSION

# Source bytes of a part, of which each work item has one: some seconds.
_PART_BYTES = 64 << 20

# Source bytes of a document, of a row of a task, and of a token.
_DOCUMENT_BYTES, _ROW_BYTES, _TOKEN_BYTES = 3000, 300, 4

# The group of the last work item, which adds up what the others found.
TALLY = 'tally'


def make_plan(config: Config, output: str = '') -> Planned:
  """Plans a search; reads the suites, and no text.

  Args:
    config: its configuration.
    output: the folder that it will write to.

  Raises:
    UserError: a run is not there or cannot be read here; a file of its sources
      is not as it was; or a suite's is not; or there is no such text.
  """
  checks.check_output(output, [*config.outputs, config.suites])
  with given_by('--manifest'):
    manifests = [manifest_of(folder) for folder in config.outputs]
    for manifest, folder in zip(manifests, config.outputs, strict=True):
      _refuse(manifest, folder)
  with given_by('--evaluation'):
    known = _suites(manifest_of(config.suites), config.suites)
  labelled = dict(zip(_labels(config, manifests), manifests, strict=True))
  found = find_texts(config, labelled, output, _PART_BYTES)
  groups: dict[str, Group] = {}
  parts: list[Part] = []
  for label, of in found.pieces.items():
    made = division.divide(label, of, _PART_BYTES, 0)
    names = data_sets_of(config.name, label)
    groups[label] = Group(names, len(made), len(made), 0, 'test')
    parts += made
  items = division.items_of(parts, 0)
  last = Part(TALLY, 0, (), 0, 1, expected=1)
  groups[TALLY] = Group(
    (f'{config.name}:items', f'{config.name}:keys'), 1, 1, 0, 'test'
  )
  plan = Plan(
    kind='contamination',
    config=_as_written(config, manifests, known, found.rows),
    items=(*items, WorkItem(len(items), (last,))),
    groups=groups,
    estimate=_expected(config, manifests, parts, known['items']),
    manifest=_known_manifest(config, manifests),
  )
  rule = rules.load(config.rule).description
  told = [f'{known["items"]:,} items are looked for: {rule}', found.note]
  facts = {'items': known['items']}
  return Planned(plan, '\n'.join(filter(None, told)), facts, output=output)


def data_sets_of(name: str, label: str) -> tuple[str, str]:
  """Names the data sets of what a run touches: its texts, and all grams."""
  return f'{name}:{label}:texts', f'{name}:{label}:grams'


def origin_of(plan: Plan) -> Origin:
  """Returns the licences of the suites, whose items a report quotes."""
  manifest = manifest_as_planned(plan.config['evaluation'])
  return Origin.parse(manifest.run, manifest.name)


def _labels(config: Config, manifests: Sequence[Manifest]) -> Iterator[str]:
  """Names runs; of several of one name, the others get a number."""
  # These are other data sets, and other groups.
  others = [*config.sources, *([TEXT] if config.inputs else [])]
  seen = dict.fromkeys(('items', 'keys', TALLY, *others), 1)
  for manifest in manifests:
    number = seen[manifest.name] = seen.get(manifest.name, 0) + 1
    yield manifest.name if number == 1 else f'{manifest.name}_{number}'


def _refuse(manifest: Manifest, folder: str) -> None:
  """Refuses a run whose examples cannot be read here."""
  refuse_export(manifest, folder)
  kind = manifest.run['job']
  if kind == 'evaluation':
    raise UserError(
      f'{folder} is of a run of evaluation: no model trains on it. Give it as '
      '--evaluation'
    )
  if manifest.is_packed:
    raise UserError(
      f'{folder} has packed sequences, whose examples cannot be told apart: '
      'give the runs that it was mixed of'
    )


def _suites(manifest: Manifest, folder: str) -> dict[str, Any]:
  """Describes the items of a run's suites, as the plan keeps it.

  Raises:
    UserError: it is no such run; or one of its files is not as it was.
  """
  if manifest.run['job'] != 'evaluation':
    raise UserError(
      f'{folder} is of a run of {manifest.run["job"]}: give the output of one '
      'of evaluation'
    )
  digest = Digest()
  for _ in digest.of(items_of(manifest)):
    pass  # files are read, and counted
  return {
    'output': folder,
    'plan': manifest.run['plan'],
    'items': digest.items,
    'digest': str(digest),
  }


def _as_written(
  config: Config,
  manifests: Sequence[Manifest],
  suites: Mapping[str, Any],
  rows: Mapping[str, Any],
) -> dict[str, Any]:
  """Returns the configuration as the plan keeps it, as JSON."""
  return {
    **({'rows': dict(rows)} if rows else {}),
    **({TEXT: _text_as_written(config)} if config.inputs else {}),
    'rule': config.rule,
    'manifests': [
      {'output': folder, 'plan': manifest.run['plan'], 'label': label}
      for folder, manifest, label in zip(
        config.outputs, manifests, _labels(config, manifests), strict=True
      )
    ],
    'evaluation': dict(suites),
    'examples': config.examples,
    'name': config.name,
    'version': VERSION,
  }


def _text_as_written(config: Config) -> dict[str, Any]:
  """Returns how raw text is read, as a plan of `ul2` keeps it."""
  return {
    'source_options': config.text.source_options.as_written(),
    'max_document_chars': config.max_document_chars,
  }


def _expected(
  config: Config,
  manifests: Sequence[Manifest],
  parts: Sequence[Part],
  items: int,
) -> dict[str, int]:
  """Estimates what is read; what is written is a line for each item."""
  texts = tokens = 0
  # A guess, as in plans of `flan`; files may be compressed.
  for part in parts:
    if part.group in config.sources or part.group == TEXT:
      of_rows = part.group in config.sources
      texts += part.size // (_ROW_BYTES if of_rows else _DOCUMENT_BYTES)
      tokens += part.size // _TOKEN_BYTES
  for manifest in manifests:
    if reads_documents({'examples': config.examples}, manifest):
      counts = manifest.run['counts']
      texts += counts.get('documents', {}).get('read', 0)
      tokens += counts.get('tokens', {}).get('read', 0)
      continue
    for splits in manifest.data_sets.values():
      if train := splits.get('train'):
        texts += train.examples
        sides = ('inputs_tokens', 'targets_tokens')
        tokens += sum(train.stats.get(side, 0) for side in sides)
  return {
    'texts': texts,
    'tokens': tokens,
    'bytes': 200 * items + sum(part.size for part in parts) // 100,
  }


def _known_manifest(
  config: Config, manifests: Sequence[Manifest]
) -> dict[str, Any]:
  """Returns what the manifest will say and is known already."""
  return {
    'name': config.name,
    'features': {},
    'vocabulary': {},
    'decoder_only': False,
    'mixtures': {},
    'run': {
      'format': JSON_LINES,
      'rule': dataclasses.asdict(rules.load(config.rule)),
    },
  }
