"""Data sets to train on, and T5X or what stands in for it."""

import asyncio
from collections.abc import Callable, Iterator
import dataclasses
import gc
import importlib
import importlib.util
import sys
import types
from typing import Any
import warnings

import pytest
from support import corpora
from support.evaluation import suite_files

from ul2_flan.pipelines import evaluation, mix, ul2

HAS_T5X = importlib.util.find_spec('t5x') is not None


@dataclasses.dataclass
class DatasetConfig:
  """The fields of T5X's that we set."""

  mixture_or_task_name: str
  task_feature_lengths: dict[str, int]
  split: str
  batch_size: int
  shuffle: bool
  seed: int | None
  use_cached: bool = False
  pack: bool = False


@pytest.fixture(scope='module')
def closed_loops() -> Iterator[None]:
  """Orbax leaves its event loops open, which is a warning, hence an error."""
  yield
  for found in gc.get_objects():
    if isinstance(found, asyncio.BaseEventLoop) and not found.is_running():
      found.close()


@pytest.fixture
def t5x_or_stub(monkeypatch):
  """`t5x.utils`, for functions that only fill its DatasetConfig."""
  if HAS_T5X:
    with warnings.catch_warnings():
      # It imports what JAX has deprecated.
      warnings.simplefilter('ignore')
      importlib.import_module('t5x.utils')
    return
  utils: Any = types.ModuleType('t5x.utils')
  utils.DatasetConfig = DatasetConfig
  package: Any = types.ModuleType('t5x')
  package.utils = utils
  monkeypatch.setitem(sys.modules, 't5x', package)
  monkeypatch.setitem(sys.modules, 't5x.utils', utils)


@pytest.fixture(scope='session')
def make_ul2(tmp_path_factory, vocabulary_path) -> Callable[..., str]:
  """Makes UL2 data of a small corpus: a name and more flags to its output."""
  folder = tmp_path_factory.mktemp('ul2')
  text = corpora.write(folder / 'text.jsonl', corpora.documents(300))

  def make(name: str, *more: str) -> str:
    flags = ['--input', text, '--id_field=id', '--vocabulary', vocabulary_path]
    flags += ['--output', str(folder / name), '--name', name]
    assert ul2.main([*flags, *corpora.SMALL, *more]) == 0
    return str(folder / name)

  return make


@pytest.fixture(scope='session')
def by_denoiser(make_ul2) -> str:
  return make_ul2('plugin_ul2r', '--preset=ul2r', '--per_denoiser')


@pytest.fixture(scope='session')
def decoder_only(make_ul2) -> str:
  return make_ul2(
    'plugin_lm', '--preset=ul2r', '--per_denoiser', '--decoder_only'
  )


@pytest.fixture(scope='session')
def mixed(make_ul2) -> str:
  return make_ul2('plugin_mixed', '--preset=ul2r')


@pytest.fixture(scope='session')
def make_benchmarks(vocabulary_path, tmp_path_factory) -> Callable[..., str]:
  """Makes evaluation data of all four suites: a few prompts of each."""
  folder = tmp_path_factory.mktemp('benchmarks')
  suites = suite_files.write(folder / 'suites')

  def make(name: str, *more: str) -> str:
    flags = [
      f'--source={suite}={suites}/{suite}' for suite in suite_files.SUITES
    ]
    flags += ['--vocabulary', vocabulary_path, '--output', f'{folder}/{name}']
    flags += [f'--name={name}', '--allow_unwritable', '--local_workers=1']
    flags += ['--inputs_length=512', '--targets_length=24']
    assert evaluation.main([*flags, *more]) == 0
    return f'{folder}/{name}'

  return make


@pytest.fixture(scope='session')
def benchmarks(make_benchmarks) -> str:
  """Four samples of each prompt."""
  return make_benchmarks('plugin_eval', '--samples=4')


@pytest.fixture(scope='session')
def decoder_benchmarks(make_benchmarks) -> str:
  return make_benchmarks('plugin_eval_lm', '--samples=4', '--decoder_only')


@pytest.fixture(scope='session')
def packed(by_denoiser, tmp_path_factory) -> str:
  """The same examples, packed while mixed."""
  output = str(tmp_path_factory.mktemp('packed') / 'packed')
  flags = ['--manifest', by_denoiser, '--mixture=ul2r', '--pack=enc_dec']
  flags += ['--num_examples=300', '--name=plugin_packed', '--output', output]
  assert (
    mix.main([*flags, '--task_feature_lengths=inputs=256,targets=256']) == 0
  )
  return output
