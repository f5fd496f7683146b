"""FLOPs are those of the papers."""

import dataclasses
from pathlib import Path

import pytest
from support import manifests, tiny_manifests

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Feature
from ul2_flan.trainer_plugin.compute import of_stage, told
from ul2_flan.trainer_plugin.record import StageRecord

CONFIG = """# Macros:
BATCH_SIZE = 64
FLAN_STEPS = 14000
STEPS = %FLAN_STEPS
TASK_FEATURE_LENGTHS = \\
    {'inputs': 2048,
     'targets': 512}
"""


def record(
  folder: Path, parameters: int, config: str = CONFIG, side: str = 'encoder'
) -> StageRecord:
  """A stage that T5X has ended."""
  lines = [
    f'Variable {side}/layers_0/x/kernel   size 9',
    f'Total number of parameters: {parameters}',
  ]
  (folder / 'model-info.txt').write_text('\n'.join(lines))
  last = f'{folder}/checkpoint_1114000'
  return StageRecord((), f'{folder}/manifest.json', '', {}, last, config)


def test_flan_t5_xxl_took_what_its_paper_says(tmp_path):
  """Table 2 has 7.6E+19, 0.2% of pre-training."""
  stage = record(tmp_path, 11_000_000_000)
  assert f'{of_stage(stage).flops:.1e}' == '7.6e+19'
  lines = [*told({'flan': stage}, 't5_1_1_xxl', None)]
  assert lines[1].split() == [
    'flan', '14,000', '2,293,760,000', '7.6e+19', '0.23%'
  ]  # fmt: skip


def test_u_palm_took_a_thousandth_and_a_half(tmp_path):
  """20k steps of 32 sequences of 2,048 tokens; lengths are the manifest's."""
  features = {side: Feature('int32', 1024) for side in ('inputs', 'targets')}
  manifest = dataclasses.replace(tiny_manifests.MANIFEST, features=features)
  (tmp_path / 'manifest.json').write_bytes(manifests.to_json(manifest))
  config = 'STEPS = 20000\nBATCH_SIZE = 32\nTASK_FEATURE_LENGTHS = None\n'
  stage = record(tmp_path, 540_000_000_000, config, 'decoder')
  assert of_stage(stage).flops == pytest.approx(4.2e21, rel=0.02)
  row = [*told({'ul2r': stage}, 'prefix_lm_xxl', 780e9)][1].split()
  assert row[-2:] == ['4.2e+21', '0.17%']
  lines = [*told({'ul2r': stage}, 'prefix_lm_xxl', None)]
  assert lines[1].split()[-1] == '-'
  assert '--pretraining_tokens' in lines[-1]


DECODER = ('input_tokens', 'loss_weights', 'positions', 'segment_ids')
SIDES = {'inputs': 384, 'targets': 128}


@pytest.mark.parametrize(
  ('extra', 'length'),
  [('decoder_causal_attention', 512), ('', 128), ('encoder_input_tokens', 512)],
)
def test_a_packed_sequence_counts_once(tmp_path, extra: str, length: int):
  """Each of its features is as long as the sequence, or as one of its sides."""
  decoder = 512 if 'causal' in extra else 128
  features = {f'decoder_{one}': Feature('int32', decoder) for one in DECODER}
  if extra:
    features[extra] = Feature('int32', 384 if 'encoder' in extra else 512)
  manifest = dataclasses.replace(
    tiny_manifests.MANIFEST,
    features=features,
    run={**tiny_manifests.MANIFEST.run, 'config': {'pack': SIDES}},
  )
  (tmp_path / 'manifest.json').write_bytes(manifests.to_json(manifest))
  config = 'STEPS = 10\nBATCH_SIZE = 2\nTASK_FEATURE_LENGTHS = None\n'
  stage = record(tmp_path, 1, config, 'decoder')
  assert of_stage(stage).tokens == 20 * length


def test_what_is_not_known_is_told(tmp_path):
  stage = record(tmp_path, 1, 'X = 1')
  with pytest.raises(UserError, match='lack parameters or steps'):
    of_stage(stage)
  (tmp_path / 'model-info.txt').unlink()
  (line,) = told({'flan': stage}, 't5_1_1_xl', None)
  assert line.startswith('the FLOPs of flan are not known: ')
