"""Each model with each data, packed or not: refused, or read as it was made."""

from collections.abc import Mapping
import dataclasses
import functools
import itertools
from typing import Any

import numpy as np
import pytest
import seqio
from support import collection_runs, corpora, task_files

from ul2_flan.pipelines import flan, mix, ul2
from ul2_flan.pipelines.engines import Engine
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.register import load_manifest
from ul2_flan.trainer_plugin import converters, data, fit, prompts

HERE = Engine(local_workers=1)
LENGTHS = {'inputs_length': 64, 'targets_length': 64}
EOS = 1


@dataclasses.dataclass
class Model:
  """What is asked of a model of T5X."""

  FEATURE_CONVERTER_CLS: Any
  _inputs_bidirectional_attention: bool = False


MODELS = {
  'enc_dec': Model(functools.partial(seqio.EncDecFeatureConverter)),
  'prefix_lm': Model(seqio.DecoderFeatureConverter, True),
  'lm': Model(seqio.DecoderFeatureConverter),
}

# What the data was made for, and how it was packed -> the models that read it.
TABLE: Mapping[tuple[str, str], tuple[str, ...]] = {
  ('enc_dec', 'ul2'): ('enc_dec',),
  ('enc_dec', 'flan'): ('enc_dec',),
  ('enc_dec', 'mixed'): ('enc_dec',),
  ('enc_dec', 'enc_dec'): ('enc_dec',),
  # Its inputs keep their EOS.
  ('enc_dec', 'prefix_lm'): ('prefix_lm', 'lm'),
  ('enc_dec', 'lm'): ('lm',),
  ('decoder', 'ul2'): ('prefix_lm', 'lm'),
  ('decoder', 'flan'): ('prefix_lm', 'lm'),
  ('decoder', 'mixed'): ('prefix_lm', 'lm'),
  ('decoder', 'prefix_lm'): ('prefix_lm', 'lm'),
  ('decoder', 'lm'): ('lm',),
}

# The others are in the mixed ones.
READ = [
  key
  for key in TABLE
  if key not in (('enc_dec', 'ul2'), ('enc_dec', 'flan'), ('decoder', 'ul2'))
]

pytestmark = pytest.mark.usefixtures('t5x_or_stub')


@pytest.fixture(scope='module')
def outputs(vocabulary_path, tmp_path_factory) -> dict[tuple[str, str], str]:
  """Runs of `ul2`, of `flan`, and of both mixed, for each kind of model."""
  folder = tmp_path_factory.mktemp('fit')
  text = corpora.write(folder / 'a.jsonl', corpora.documents(30))
  task_files.write_cot(folder / 'cot', 'gsm8k', 30)
  made = {key: str(folder / '_'.join(key)) for key in TABLE}
  for kind in ('enc_dec', 'decoder'):
    shared = {'vocabulary': vocabulary_path, **LENGTHS}
    shared['decoder_only'] = kind == 'decoder'
    ul2.run(
      ul2.Config(inputs=[text], min_shards=1, name=f'fit_{kind}', **shared),
      output=made[kind, 'ul2'],
      engine=HERE,
    )
    flan.run(
      flan.Config(
        sources={'cot': [str(folder / 'cot')]},
        settings=['zs_opt'],
        name=f'fit_flan_{kind}',
        **shared,
      ),
      output=made[kind, 'flan'],
      engine=HERE,
    )
    for how in ('mixed', 'enc_dec', 'prefix_lm', 'lm'):
      if (kind, how) in made:
        mix.run(mixed(made, kind, how), output=made[kind, how], engine=HERE)
  return made


def mixed(made: Mapping[Any, str], kind: str, how: str) -> mix.Config:
  return mix.Config(
    manifests=[made[kind, 'ul2'], made[kind, 'flan']],
    mixture='ul2r_flan2022',
    num_examples=40,
    min_shards=1,
    pack='' if how == 'mixed' else how,
    name=f'fit_{kind}_{how}',
  )


def batches(path: str, model: Model) -> list[dict[str, np.ndarray]]:
  """What T5X would train on."""
  config = data.for_training(path, 8, 0, model=model)
  converter = converters.converter_for(
    config.mixture_or_task_name, model.FEATURE_CONVERTER_CLS
  )
  dataset = seqio.get_dataset(
    config.mixture_or_task_name,
    config.task_feature_lengths,
    converter(pack=config.pack),
    shuffle=False,
    num_epochs=1,
    verbose=False,
  )
  return list(dataset.as_numpy_iterator())


def ends_of(sequence: Mapping[str, np.ndarray], side: str) -> list[int]:
  """The last token of each example in a packed sequence."""
  segments = sequence[f'{side}_segment_ids']
  tokens = sequence.get(f'{side}_input_tokens')
  if side == 'decoder':
    tokens = sequence['decoder_target_tokens']
  return [int(tokens[segments == k][-1]) for k in range(1, segments.max() + 1)]


@pytest.mark.parametrize(('kind', 'how'), READ)
def test_what_a_model_reads_ends_as_it_was_made(outputs, kind, how):
  path = outputs[kind, how]
  manifest = load_manifest(path)
  assert manifest.inputs_eos is (kind == 'enc_dec')
  read = batches(path, MODELS[TABLE[kind, how][0]])
  assert read
  for sequence in read:
    assert set(ends_of(sequence, 'decoder')) == {EOS}
    count = int(sequence['decoder_segment_ids'].max())
    if 'encoder_segment_ids' in sequence:
      assert ends_of(sequence, 'encoder') == [EOS] * count
      continue
    # A text of both sides has EOS at its end, and between them if it was made
    # for an encoder-decoder.
    ends = sequence['decoder_target_tokens'] == EOS
    assert ends.sum() == count * (1 + manifest.inputs_eos)
    in_loss = ends[sequence['decoder_loss_weights'] > 0].sum()
    assert in_loss == count * (1 + (manifest.inputs_eos and how == 'lm'))


@pytest.mark.parametrize(('kind', 'how'), TABLE)
def test_prompts_end_as_inputs_did(outputs, kind, how, tmp_path):
  path = tmp_path / 'prompts.txt'
  path.write_text('The name\n')
  config = prompts.dataset_config(
    outputs[kind, how],
    str(path),
    1,
    task_feature_lengths={'inputs': 64, 'targets': 64},
    model=MODELS[TABLE[kind, how][0]],
  )
  task = seqio.get_mixture_or_task(config.mixture_or_task_name)
  (one,) = task.get_dataset(None, config.split, shuffle=False)
  assert (int(one['inputs'][-1]) == EOS) is (kind == 'enc_dec')


@pytest.mark.parametrize(
  ('kind', 'how', 'model'),
  [
    (*key, model)
    for key, model in itertools.product(TABLE, MODELS)
    if model not in TABLE[key]
  ],
)
def test_all_other_models_are_refused(outputs, kind, how, model, tmp_path):
  path, chosen = outputs[kind, how], MODELS[model]
  asked = tmp_path / 'prompts.txt'
  asked.write_text('The name\n')
  for use in (
    lambda: data.for_training(path, 8, 0, model=chosen),
    lambda: data.for_evaluation(path, 8, 'train', model=chosen),
    lambda: prompts.dataset_config(path, str(asked), 1, model=chosen),
  ):
    with pytest.raises(UserError, match=r'was made for .* the model is'):
      use()


@pytest.mark.parametrize(('kind', 'how'), TABLE)
@pytest.mark.parametrize('model', MODELS)
def test_a_model_that_t5x_hands_over_is_known(outputs, kind, how, model):
  """T5X calls `get_dataset` with a model's converter, not with the model."""
  name = data.for_training(outputs[kind, how], 8, 0).mixture_or_task_name
  of_model = MODELS[model].FEATURE_CONVERTER_CLS
  # A converter does not tell the two kinds of decoders apart.
  if (model == 'enc_dec') is (TABLE[kind, how] == ('enc_dec',)):
    assert converters.converter_for(name, of_model)
    return
  with pytest.raises(UserError, match=r'was made for .* the model is'):
    converters.converter_for(name, of_model)


def test_examples_of_decoders_are_packed_for_none_else(outputs, tmp_path):
  with pytest.raises(UserError, match='give prefix_lm or lm'):
    mix.plan(mixed(outputs, 'decoder', 'enc_dec'), output=str(tmp_path))


def test_runs_for_different_models_are_not_mixed(outputs, tmp_path):
  for pack in ('', 'enc_dec', 'prefix_lm', 'lm'):
    config = dataclasses.replace(
      mixed(outputs, 'decoder', 'mixed'),
      manifests=[outputs['enc_dec', 'ul2'], outputs['decoder', 'flan']],
      pack=pack,
    )
    with pytest.raises(UserError, match='cannot be mixed'):
      mix.plan(config, output=str(tmp_path))


@pytest.mark.parametrize('how', ['enc_dec', 'prefix_lm', 'lm'])
def test_what_is_packed_is_not_packed_again(outputs, how, tmp_path):
  config = dataclasses.replace(
    mixed(outputs, 'enc_dec', how), manifests=[outputs['enc_dec', how]]
  )
  with pytest.raises(UserError, match='is packed already: give the runs that'):
    mix.plan(config, output=str(tmp_path))


def test_losses_of_both_stages_are_shown_together(outputs):
  for kind in ('enc_dec', 'decoder'):
    paths = [outputs[kind, 'ul2'], outputs[kind, 'flan']]
    model = MODELS['enc_dec' if kind == 'enc_dec' else 'prefix_lm']
    config = data.for_evaluation(paths, 8, 'train', model=model)
    name = config.mixture_or_task_name
    assert len(seqio.get_subtasks(seqio.get_mixture_or_task(name))) == 2


def test_packed_sequences_with_eos_and_without_are_not_read_together(outputs):
  paths = [outputs[kind, 'prefix_lm'] for kind in ('enc_dec', 'decoder')]
  with pytest.raises(UserError, match='with EOS after inputs'):
    data.for_training(paths, 8, 0)


@pytest.mark.parametrize('asked', [False, True])
@pytest.mark.parametrize('trained', [False, True])
def test_prompts_of_suites_end_as_a_model_was_trained(asked, trained):
  one, other = (
    dataclasses.replace(
      collection_runs.ul2_run('ul2r'),
      features={
        'inputs': dataclasses.replace(
          collection_runs.ul2_run('ul2r').features['inputs'],
          eos_after=('inputs',) * eos,
        )
      },
    )
    for eos in (asked, trained)
  )
  if asked is trained:
    return fit.require_prompts_as_trained(one, 'EVAL', other, 'FLAN')
  has, lacks = ('EVAL', 'FLAN') if asked else ('FLAN', 'EVAL')
  with pytest.raises(
    UserError, match=f'inputs of {has} end with EOS, and those of {lacks} do'
  ):
    fit.require_prompts_as_trained(one, 'EVAL', other, 'FLAN')


# As T5X writes it.
CONFIG = """
from __gin__ import dynamic_registration
import __main__ as train_script
from t5x import utils

# Macros:
MANIFEST = {}
MODEL = @models.EncoderDecoderModel()
MODEL_DIR = \\
    '/a/path/that/fills/a/line'
TRAIN_STEPS = %STEPS

# Parameters for utils.CheckpointConfig:
utils.CheckpointConfig.restore = None
"""


def test_what_a_checkpoint_was_trained_on_is_beside_it(
  outputs, tmp_path, capsys
):
  checkpoint = f'{tmp_path}/checkpoint_3'
  assert fit.trained_on(checkpoint) == []
  (tmp_path / 'config.gin').write_text('MODEL_DIR = "of no run of ours"')
  assert fit.trained_on(checkpoint) == []
  path = outputs['decoder', 'prefix_lm']
  for value in (path, [path, outputs['decoder', 'flan']]):
    (tmp_path / 'config.gin').write_text(CONFIG.format(repr(value)))
    found = [value] if isinstance(value, str) else value
    assert fit.trained_on(checkpoint) == found
    assert fit.trained_on([f'{tmp_path}/']) == found
  assert not capsys.readouterr().err
  (tmp_path / 'config.gin').write_text(CONFIG.format("'/lost'"))
  assert fit.trained_on(checkpoint) == []
  assert 'was trained on /lost, which is there no more' in (
    capsys.readouterr().err
  )


def test_prompts_are_compared_with_what_the_checkpoint_was_trained_on(
  outputs, benchmarks
):
  # Inputs keep their EOS, and prompts for an encoder-decoder have one.
  lm, given = MODELS['lm'], [outputs['enc_dec', 'lm']]
  assert data.for_benchmarks(benchmarks, 1, model=lm, trained_on=given)
  given = [outputs['decoder', 'lm']]
  with pytest.raises(UserError, match='Make the prompts again with --decoder'):
    data.for_benchmarks(benchmarks, 1, model=lm, trained_on=given)
  with pytest.raises(UserError, match=r'was made for .* the model is'):
    data.for_benchmarks(benchmarks, 1, model=lm, trained_on=[])
