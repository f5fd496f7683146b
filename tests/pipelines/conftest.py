"""Small finished runs of each kind, for tests of what shows them."""

from collections.abc import Mapping
import json

import pytest
from support.corpora import prose
from support.task_files import write_collection

from ul2_flan.pipelines import examples, flan, mix, ul2
from ul2_flan.pipelines.examples import Run


@pytest.fixture(scope='session')
def shown_runs(tmp_path_factory, vocabulary_path) -> Mapping[str, Run]:
  """Runs of text, of tasks, and of both mixed; no test may change them.

  A record of the text is no JSON, and one is empty. Examples of text say which
  denoiser made them, and those of tasks where they are from.
  """
  folder = tmp_path_factory.mktemp('shown')
  lines = [json.dumps({'text': text}) for text in (*prose(60), '')]
  (folder / 'text.jsonl').write_text('\n'.join([*lines, '<not json>']) + '\n')
  write_collection(folder / 'data')
  common = [f'--vocabulary={vocabulary_path}', '--local_workers=1']
  common += ['--inputs_length=512', '--targets_length=256', '--provenance']
  common += ['--validation_fraction=0.1', '--max_reject_fraction=0.1']
  made = {name: str(folder / name) for name in ('ul2', 'flan', 'packed')}
  text = [f'--input={folder}/text.jsonl', '--preset=ul2r', '--min_shards=2']
  tasks = [f'--source={s}={folder}/data/{s}' for s in ('niv2', 'cot')]
  settings = '--settings=zs_opt,fs_opt'
  assert ul2.main([*common, *text, f'--output={made["ul2"]}']) == 0
  assert flan.main([*common, *tasks, settings, f'--output={made["flan"]}']) == 0
  status = mix.main(
    [
      *('--manifest', made['ul2'], made['flan'], '--pack=enc_dec'),
      *('--mixture=ul2r_flan2022', '--num_examples=400', '--min_shards=2'),
      *('--output', made['packed'], '--local_workers=1'),
    ]
  )
  assert status == 0
  return {name: examples.load(output) for name, output in made.items()}
