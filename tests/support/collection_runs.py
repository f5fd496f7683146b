"""Manifests of runs over the whole collection, with the catalog's counts.

No data lies behind them: mixtures need only names and counts.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from ul2_flan.tasks import catalog
from ul2_flan.tasks.denoising.denoiser import load_preset, preset_text
from ul2_flan.tasks.manifest import Feature, Manifest, Split

SETTINGS = ('zs_opt', 'zs_noopt', 'fs_opt', 'fs_noopt')

# For tasks whose examples the catalog does not count.
UNKNOWN_EXAMPLES = 1000


def split(examples: int, tokens: int) -> Split:
  """A split with so many examples of so many tokens each, EOS apart."""
  stats = {
    'examples': examples,
    'inputs_tokens': examples * (tokens - tokens // 4),
    'targets_tokens': examples * (tokens // 4),
  }
  return Split((), stats)


def manifest(name: str, splits: dict[str, Split], **more: Any) -> Manifest:
  values = {
    'features': {
      'inputs': Feature('int32', 512, add_eos=True),
      'targets': Feature('int32', 512, add_eos=True),
    },
    'vocabulary': {'path': 'v.model', 'sha256': 'ff', 'extra_ids': 100},
    'decoder_only': False,
    'data_sets': {k: {'train': v} for k, v in splits.items()},
    'mixtures': {},
    'run': {},
  }
  return Manifest(name=name, **{**values, **more})


def flan_run(
  name: str = 'flan',
  tasks: Iterable[catalog.Task] | None = None,
  settings: Sequence[str] = SETTINGS,
) -> Manifest:
  """A Flan run; by default over all tasks, also those normally left out."""
  if tasks is None:
    tasks = catalog.tasks(left_out=True)
  return manifest(
    name,
    {
      f'{name}:{task.name}:{setting}': split(
        task.examples or UNKNOWN_EXAMPLES, 800 if setting[0] == 'f' else 200
      )
      for task in tasks
      for setting in settings
    },
  )


def ul2_run(
  preset: str, *, name: str = '', per_denoiser: bool = True, **more: Any
) -> Manifest:
  """A UL2 run with data sets of a million examples in all."""
  name = name or preset
  table = load_preset(preset)
  total = 1_000_000
  splits = {name: split(total, 1000)}
  if per_denoiser:
    splits = {
      f'{name}:{d.name}': split(round(total * d.rate), 1000)
      for d in table.denoisers
    }
  run = {'config': {'denoisers': preset_text(preset)}}
  return manifest(name, splits, run=run, **more)
