"""Every kind of run takes Hugging Face's `tokenizer.json`."""

import dataclasses
from pathlib import Path

import pyarrow.parquet
import pytest
import seqio
from support import task_files
from support.corpora import prose, write
from support.evaluation import suite_files
from support.vocabularies.tokenizer_files import data

from ul2_flan.pipelines import evaluation, export, flan, mix, ul2, verify
from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.examples import runs
from ul2_flan.pipelines.inspect import __main__ as inspect
from ul2_flan.pipelines.report import __main__ as report
from ul2_flan.tasks import denoising
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.register import load_manifest, register

HERE = Engine(local_workers=1)
LENGTHS = {'inputs_length': 128, 'targets_length': 128}

# Text spells special tokens, and has what no piece of a small model has.
TEXTS = [f'{text} </s> <|endoftext|> naïve 你好\n' for text in prose(12)]

# Two kinds that lose nothing: sentinels of its own, and another EOS.
KINDS = {'llama3': ('', 1), 'with_tokens': ('<unused39>', 739)}


@pytest.fixture(scope='module', params=KINDS)
def made(request, tmp_path_factory) -> dict[str, str]:
  """The outputs of all kinds of run."""
  kind = request.param
  folder = tmp_path_factory.mktemp(kind)
  path = folder / 'tokenizer.json'
  path.write_bytes(data(kind))
  text = write(folder / 'a.txt', ''.join(TEXTS).encode())
  task_files.write_cot(folder / 'cot', 'gsm8k', 30)
  suite_files.write(folder / 'suites')
  common = {'vocabulary': str(path), 'eos': KINDS[kind][0], 'extra_ids': 0}
  names = 'ul2', 'flan', 'eval', 'mix', 'export'
  outputs = {k: str(folder / f'{kind}_{k}') for k in names}
  config = ul2.Config(
    inputs=[text], min_shards=1, name=f'{kind}_ul2', **LENGTHS, **common
  )
  if kind == 'with_tokens':
    config = dataclasses.replace(config, sentinels='<unused{}>:0-38')
  ul2.run(config, output=outputs['ul2'], engine=HERE)
  tasks = flan.Config(
    sources={'cot': [str(folder / 'cot')]},
    settings=['zs_opt'],
    name=f'{kind}_flan',
    **LENGTHS,
    **common,
  )
  flan.run(tasks, output=outputs['flan'], engine=HERE)
  suites = evaluation.Config(
    sources={'bbh': [str(folder / 'suites/bbh')]},
    split='paper',
    name=f'{kind}_eval',
    **common,
  )
  evaluation.run(suites, output=outputs['eval'], engine=HERE)
  mixed = mix.Config(
    manifests=[outputs['ul2'], outputs['flan']],
    mixture='ul2r_flan2022',
    num_examples=40,
    min_shards=1,
    pack='enc_dec',
    name=f'{kind}_mix',
  )
  mix.run(mixed, output=outputs['mix'], engine=HERE)
  exported = export.Config(manifest=outputs['ul2'], format='parquet')
  export.run(exported, output=outputs['export'], engine=HERE)
  return outputs


def read(output: str, split: str = 'train') -> list[dict]:
  name = register(output)[0]
  dataset = seqio.get_mixture_or_task(name).get_dataset(
    None, split, use_cached=True, shuffle=False, num_epochs=1
  )
  return list(dataset.as_numpy_iterator())


def test_the_text_comes_back(made):
  run = runs.load(made['ul2'])
  assert not run.note
  assert run.vocabulary.kind == 'tokenizer_json'
  modes = denoising.MODE_TOKENS['nlu_s2s_nlg'].values()
  ids = [[*run.vocabulary.encode_mode(m)] for m in modes if m]
  restored = []
  for example in read(made['ul2']):
    inputs = example['inputs'].tolist()
    (mode,) = [m for m in ids if inputs[: len(m)] == m]
    sides = (inputs[len(mode) : -1], example['targets'].tolist()[:-1])
    restored += denoising.restore(
      *(Ragged.of([side]) for side in sides), run.vocabulary.sentinels
    )
  # Together they are all of it, in any order; a cut may go through '你'.
  text = ''.join(TEXTS)
  for ids in restored:
    assert run.vocabulary.spell(ids).strip('\ufffd') in f' {text}'
  used = sum(map(len, restored))
  assert used == run.manifest.run['counts']['tokens']['used']


@pytest.mark.parametrize('run', ['ul2', 'flan', 'eval'])
def test_examples_end_with_eos_alone(made, run):
  eos = load_manifest(made[run]).eos_id
  assert eos in dict(KINDS.values()).values()
  examples = read(made[run], 'test' if run == 'eval' else 'train')
  assert examples
  for example in examples:
    for side in ('inputs', 'targets'):
      ids = example[side].tolist()
      assert ids[-1] == eos
      assert not {0, eos} & {*ids[:-1]}


def test_packed_and_exported_ones_too(made):
  eos = load_manifest(made['ul2']).eos_id
  for example in read(made['mix']):
    for side in ('inputs', 'targets'):
      ids, segments = example[side], example[f'{side}_segment_ids']
      ends = [*(segments[1:] != segments[:-1]), True]
      assert (ids == eos).tolist() == ends
  (shard,) = Path(made['export']).rglob('*train*.parquet')
  column = pyarrow.parquet.read_table(shard)['inputs'].to_pylist()
  assert column
  assert {ids[-1] for ids in column} == {eos}


def test_people_see_text(made, capsys):
  for name in ('ul2', 'flan', 'mix'):
    assert inspect.main([made[name], '--search', 'e']) == 0
    assert ' the ' in capsys.readouterr().out
    assert report.main([made[name]]) == 0
    assert '<id ' not in Path(made[name], 'report.html').read_text()
    assert verify.main([made[name]]) == 0
