"""Histograms are of the sample, and their sums of all examples."""

from ul2_flan.pipelines.examples import sample
from ul2_flan.pipelines.report import lengths, texts


def test_groups_have_the_manifests_sums(shown_runs):
  run = shown_runs['flan']
  found = {g: [e for s in m for e in s.examples]
           for g, m in sample.read(run).items()}  # fmt: skip
  made = {made.group: made for made in lengths.of(run.manifest, found)}
  assert made.keys() == found.keys()
  cot = made['cot · zs_opt']
  splits = [
    run.manifest.data_sets[name]['train']
    for name in run.manifest.data_sets
    if name.startswith('flan:cot:') and name.endswith(':zs_opt')
  ]
  assert cot.examples == sum(s.examples for s in splits)
  inputs, targets = cot.histograms
  assert (inputs.feature, inputs.most) == ('inputs', 512)
  total = sum(s.stats['inputs_tokens'] for s in splits)
  assert inputs.mean == total / cot.examples
  assert targets.longest == max(s.stats['targets_max_tokens'] for s in splits)
  assert max(inputs.bars) == 1


def test_denoisers_are_told_apart_in_one_data_set(shown_runs):
  run = shown_runs['ul2']
  found = texts.denoised(run, sample.read(run))
  examples = {d: [e for e, _ in many] for d, many in found.items()}
  made = list(lengths.of(run.manifest, examples, by_denoiser=True))
  assert {m.group for m in made} == examples.keys()
  train = run.manifest.data_sets['ul2r']['train']
  assert sum(m.examples for m in made) == train.examples
  longest = max(m.histograms[0].longest for m in made)
  assert longest == train.stats['inputs_max_tokens']
