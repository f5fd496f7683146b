"""seqio mixes what is registered, at the rates of the definition."""

from pathlib import Path

import pytest
import seqio
from support import manifests
from support.collection_runs import flan_run, ul2_run

from ul2_flan.mixtures.definition import load
from ul2_flan.mixtures.register import register_mixture
from ul2_flan.mixtures.resolve import resolve
from ul2_flan.pipelines import ul2
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest


def write(folder: Path, run: Manifest) -> str:
  folder = folder / run.name
  folder.mkdir()
  (folder / 'manifest.json').write_bytes(manifests.to_json(run))
  return str(folder)


def rates(name: str) -> dict[str, float]:
  return dict(seqio.MixtureRegistry.get(name).rate_per_task_name)


def test_rates_are_those_of_the_definition(tmp_path):
  tasks = list(catalog.tasks(suite='cot'))
  run = flan_run('live_flan', tasks=tasks)
  runs = [run, ul2_run('ul2r', name='live_ul2r')]
  folders = [write(tmp_path, run) for run in runs]
  assert register_mixture('ul2r_flan2022', folders) == 'ul2r_flan2022'
  members = resolve(load('ul2r_flan2022'), runs).members
  assert rates('ul2r_flan2022') == {m.data_set: m.rate for m in members}
  assert set(rates('ul2r_flan2022')) <= set(seqio.TaskRegistry.names())
  # The same again, by the manifest's own name, adds nothing.
  again = [f'{folder}/manifest.json' for folder in folders]
  assert register_mixture('ul2r_flan2022', again) == 'ul2r_flan2022'
  with pytest.raises(UserError, match="'ul2r_flan2022' is registered already"):
    register_mixture('ul2r_flan2022', folders, exclude=['cot:gsm8k'])
  other = register_mixture(
    'ul2r_flan2022',
    folders,
    registered_name='without_gsm8k',
    exclude=['cot:gsm8k'],
  )
  assert other == 'without_gsm8k'
  assert not any('gsm8k' in name for name in rates(other))


@pytest.mark.parametrize('per_denoiser', [True, False])
def test_a_run_of_the_mixtures_own_name_is_it(tmp_path, per_denoiser):
  # A run of the preset prefix_lm is called so by default, and so are others.
  preset = 'ul2r' if per_denoiser else 'ul2'
  run = ul2_run(preset, per_denoiser=per_denoiser)
  if per_denoiser:
    known = {m.data_set: m.rate for m in resolve(load('ul2r'), [run]).members}
    run = ul2_run(preset, mixtures={'ul2r': known})
  assert register_mixture(preset, [write(tmp_path, run)]) == preset
  names = seqio.MixtureRegistry.names()
  assert (preset in names) == per_denoiser


def test_seqio_reads_the_mixture(tmp_path, vocabulary_path):
  source = tmp_path / 'text.txt'
  source.write_text('\n'.join(f'number {i}, ' * 60 for i in range(60)))
  output = tmp_path / 'out'
  flags = ['--input', str(source), '--vocabulary', vocabulary_path]
  flags += ['--output', str(output), '--name', 'live_text', '--per_denoiser']
  flags += ['--inputs_length', '64', '--targets_length', '64']
  flags += ['--validation_fraction', '0', '--min_shards', '1']
  assert ul2.main(flags) == 0
  name = register_mixture(
    'ul2r', [str(output)], registered_name='live_ul2r_mix'
  )
  lengths = {'inputs': 64, 'targets': 64}
  dataset = seqio.get_mixture_or_task(name).get_dataset(
    lengths, 'train', shuffle=False, use_cached=True, num_epochs=1
  )
  found = list(dataset.take(20).as_numpy_iterator())
  assert len(found) == 20
  assert all(example['targets'][-1] == 1 for example in found)
