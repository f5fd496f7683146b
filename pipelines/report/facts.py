"""What a run was made with: the command, its plan, versions, configuration."""

from collections.abc import Iterator, Mapping
from typing import Any

from ul2_flan.pipelines.launch.kind import KINDS, kind_of
from ul2_flan.tasks import denoising
from ul2_flan.tasks.manifest import Manifest

# Characters of a value that are shown.
_VALUE_CHARS = 200

# What stands elsewhere on the page, or is as long as the run.
_NOT_TOLD = (
  *('members', 'tasks', 'templates', 'denoisers', 'features'),
  *('vocabulary', 'version'),
)


def of(manifest: Manifest) -> Iterator[tuple[str, str]]:
  """Yields names and values."""
  known = manifest.run
  yield 'command', command_of(manifest)
  yield 'plan', known.get('plan', '')
  yield from flat(known.get('versions', {}), 'version of ')
  yield from flat(manifest.vocabulary, 'vocabulary, ')
  if known.get('sources'):
    yield 'source files', f'{len(known["sources"]):,}'
  config = known.get('config', {})
  yield from flat({k: v for k, v in config.items() if k not in _NOT_TOLD})


def command_of(manifest: Manifest) -> str:
  """Returns the command of a run, as far as the manifest tells.

  A plan keeps what a run does and not what was typed: a flag may have been left
  out, and sources are files, whoever named their folder.
  """
  kind, config = manifest.run['job'], manifest.run.get('config', {})
  if kind not in KINDS:
    return f'ul2-flan {kind} …'
  lengths = config.get('lengths', {})
  given = {
    **config,
    'vocabulary': manifest.vocabulary.get('path'),
    'inputs_length': lengths.get('inputs'),
    'targets_length': lengths.get('targets'),
    'manifest': ' '.join(m['output'] for m in config.get('manifests', ())),
    'pack': (config.get('pack') or {}).get('layout'),
    **_table(config),
    **_size(config),
  }
  if kind == 'mix':
    # A mixture has the vocabulary of its runs.
    del given['vocabulary']
  flags = ['…' if kind != 'mix' else '']
  for group in kind_of(kind).flags:
    for flag in group.flags:
      value = given.get(flag.name)
      if isinstance(value, list | tuple):
        value = ','.join(map(str, value))
      if isinstance(value, bool):
        flags.append(f'--{flag.name}' * value)
      elif isinstance(value, str | int | float) and value != '':
        flags.append(f'--{flag.name} {value}')
  return ' '.join(['ul2-flan', kind, *filter(None, flags)])


def _table(config: Mapping[str, Any]) -> dict[str, Any]:
  """Says which table of denoisers was given, if any was."""
  text = config.get('denoisers', '')
  shipped = [
    name for name in denoising.presets() if text == denoising.preset_text(name)
  ]
  if shipped:
    return {'preset': shipped[0], 'denoisers': None}
  return {'denoisers': '…' if text else None}


def _size(config: Mapping[str, Any]) -> dict[str, int]:
  """Says how large a mixture was asked to be."""
  train = config.get('splits', {}).get('train')
  if not train:
    return {}
  epochs = train['epochs']
  return {'num_examples': train['places'] // epochs, 'epochs': epochs}


def flat(value: Any, prefix: str = '') -> Iterator[tuple[str, str]]:
  """Yields the facts of nested mappings: the path of each, and its value.

  >>> list(flat({'lengths': {'inputs': 512}, 'seed': 0}))
  [('lengths, inputs', '512'), ('seed', '0')]
  """
  if isinstance(value, Mapping):
    for key, inner in value.items():
      # On disk, the number of exemplars is called so.
      key = 'exemplars' if key == 'shots' else str(key)
      name = f'{prefix}{key.replace("_", " ")}'
      nested = isinstance(inner, Mapping)
      yield from flat(inner, f'{name}, ' if nested else name)
  elif isinstance(value, list) and any(isinstance(v, Mapping) for v in value):
    yield from flat(
      {str(i): one for i, one in enumerate(value, 1)}, f'{prefix} '
    )
  else:
    is_list = isinstance(value, list | tuple)
    text = ', '.join(map(str, value)) if is_list else str(value)
    more = ' …' if len(text) > _VALUE_CHARS else ''
    yield prefix, text[:_VALUE_CHARS] + more
