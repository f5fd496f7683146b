"""LLaMA's kind of vocabulary, from text to batches: EOS is 2, and no pad.

EleutherAI's Pile-T5 was trained with such a one, in T5X.
"""

import pytest
import seqio
from support import task_files
from support.corpora import documents, write, write_llama

from ul2_flan.pipelines import flan, mix, ul2
from ul2_flan.pipelines.engines import Engine
from ul2_flan.tasks.register import register

EOS = 2
HERE = Engine(local_workers=1)


@pytest.fixture(scope='module')
def vocabulary(tmp_path_factory) -> str:
  return write_llama(tmp_path_factory.mktemp('llama') / 'llama.model')


@pytest.fixture(scope='module')
def outputs(vocabulary, tmp_path_factory) -> dict[str, str]:
  """Runs of `ul2`, `flan` and `mix`, packed for both architectures."""
  folder = tmp_path_factory.mktemp('runs')
  text = write(folder / 'a.jsonl', documents(20))
  task_files.write_cot(folder / 'cot', 'gsm8k', 40)
  lengths = {'inputs_length': 256, 'targets_length': 256}
  made = {k: str(folder / k) for k in ('ul2r', 'flan', 'enc_dec', 'lm')}
  ul2.run(
    ul2.Config(
      inputs=[text],
      vocabulary=vocabulary,
      min_shards=1,
      name='llama_ul2r',
      **lengths,
    ),
    output=made['ul2r'],
    engine=HERE,
  )
  flan.run(
    flan.Config(
      sources={'cot': [str(folder / 'cot')]},
      vocabulary=vocabulary,
      settings=['zs_opt'],
      validation_fraction=0.1,
      name='llama_flan',
      **lengths,
    ),
    output=made['flan'],
    engine=HERE,
  )
  for pack in ('enc_dec', 'lm'):
    config = mix.Config(
      manifests=[made['ul2r'], made['flan']],
      mixture='ul2r_flan2022',
      num_examples=60,
      min_shards=1,
      pack=pack,
      name=f'llama_{pack}',
    )
    manifest = mix.run(config, output=made[pack], engine=HERE)
    assert manifest.vocabulary['eos_id'] == EOS
  return made


def read(output: str, split: str = 'train') -> list[dict]:
  name = register(output)[0]
  dataset = seqio.get_mixture_or_task(name).get_dataset(
    None, split, use_cached=True, shuffle=False, num_epochs=1
  )
  return list(dataset.as_numpy_iterator())


@pytest.mark.parametrize('run', ['ul2r', 'flan'])
def test_examples_end_with_the_models_eos(outputs, run):
  for example in read(outputs[run]):
    for side in ('inputs', 'targets'):
      ids = example[side].tolist()
      assert ids[-1] == EOS
      assert not {0, 1, EOS} & {*ids[:-1]}


def test_packed_sequences_have_it_behind_each_example(outputs):
  for example in read(outputs['enc_dec']):
    for side in ('inputs', 'targets'):
      ids, segments = example[side], example[f'{side}_segment_ids']
      ends = [*(segments[1:] != segments[:-1]), True]
      assert (ids == EOS).tolist() == ends
  for example in read(outputs['lm']):
    ids, segments = (
      example[f'decoder_{k}'] for k in ('target_tokens', 'segment_ids')
    )
    ends = (segments > 0) & (segments != [*segments[1:], 0])
    assert (ids[ends] == EOS).all()
    # The inputs of an encoder-decoder's example end with it too.
    assert (ids == EOS).sum() == 2 * segments.max()
    # Only padding is 0, so T5X masks no token.
    assert ((ids == 0) == (segments == 0)).all()


def test_evaluation_reads_answers_up_to_it(outputs):
  name = register(outputs['flan'])[0]
  task = seqio.get_mixture_or_task(name)
  task = next(iter(getattr(task, 'tasks', [task])))
  decode = task.output_features['targets'].vocabulary.decode
  examples = list(
    task.get_dataset(None, 'validation', shuffle=False).as_numpy_iterator()
  )
  assert examples
  answers = [decode([*e['targets'].tolist(), 77, 0, 0]) for e in examples]
  references = [decode(e['targets'].tolist()) for e in examples]
  assert answers == references
  targets = [task.postprocess_fn(t, is_target=True) for t in references]
  predictions = [task.postprocess_fn(t, is_target=False) for t in answers]
  (metric,) = task.metric_fns
  assert set(metric(targets, predictions).values()) == {100}
