"""Finished runs to export, which no test may change."""

from collections.abc import Mapping
import dataclasses
from pathlib import Path

import pytest
from support.corpora import documents, write

from ul2_flan.pipelines import mix, ul2
from ul2_flan.pipelines.engines import Engine

ONE = Engine(local_workers=1)


@pytest.fixture(scope='session')
def runs(tmp_path_factory, vocabulary_path) -> Mapping[str, Path]:
  """UL2 runs for both kinds of model, and both packed."""
  folder = tmp_path_factory.mktemp('to_export')
  source = write(folder / 'a.jsonl', documents(20))
  config = ul2.Config(
    inputs=[source],
    vocabulary=vocabulary_path,
    inputs_length=64,
    targets_length=64,
    min_shards=2,
    validation_fraction=0.1,
    provenance=True,
    per_denoiser=True,
  )
  made = {}
  for name, decoder_only, pack in (
    ('enc_dec', False, 'enc_dec'),
    ('decoder', True, 'prefix_lm'),
  ):
    made[name] = folder / name
    changed = dataclasses.replace(config, decoder_only=decoder_only)
    ul2.run(changed, output=str(made[name]), engine=ONE)
    made[f'{name}_packed'] = folder / f'{name}_packed'
    packed = mix.Config(
      manifests=[str(made[name])], mixture='ul2', pack=pack, min_shards=2
    )
    mix.run(packed, output=str(made[f'{name}_packed']), engine=ONE)
  return made
