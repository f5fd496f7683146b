"""A task's context follows from the plan."""

import pytest

from ul2_flan.pipelines.flan.context import task_of
from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering import Setting


def test_a_task_is_the_catalogs_or_of_a_file():
  config = {
    'tasks': {
      'cot:gsm8k': {},
      'niv2:task9999_mine': {'unlisted': ['niv2', 'task9999_mine']},
    }
  }
  assert task_of(config, 'cot:gsm8k') == catalog.load('cot:gsm8k')
  mine = task_of(config, 'niv2:task9999_mine')
  assert mine == catalog.unlisted('niv2', 'task9999_mine')


def test_there_is_a_renderer_for_each_data_set(context_of):
  settings = ('zs_opt', 'fs_noopt', 'zs_opt_cot')
  context = context_of('cot:gsm8k', settings)
  assert [str(r.setting) for r in context.renderers] == list(settings)
  assert [name.rsplit(':', 1)[1] for name in context.data_sets] == list(
    settings
  )
  assert all(r.family is context.family for r in context.renderers)


@pytest.mark.parametrize(
  'settings', [('zs_opt',), ('fs_opt',), ('zs_opt', 'fs_opt')]
)
def test_it_knows_whether_exemplars_are_needed(context_of, settings):
  few_shot = any(Setting.parse(setting).few_shot for setting in settings)
  assert context_of('cot:gsm8k', settings).few_shot == few_shot


@pytest.mark.parametrize(('cap', 'expected'), [(None, 100_000), (0, 0), (7, 7)])
def test_a_cap_is_the_runs_or_the_catalogs(context_of, cap, expected):
  context = context_of('cot:gsm8k', cap=cap, held_out=0.02, validation_cap=9)
  assert context.task.cap == 100_000
  assert context.selector.cap == expected
  assert context.selector.validation_cap == 9
  assert context.selector.held_out == 0.02


def test_the_source_is_the_one_that_was_found(context_of):
  for source, kind in enumerate(('cot_tsv', 'jsonl')):
    assert context_of('cot:gsm8k', source=source).source.kind == kind


@pytest.mark.parametrize(('decoder_only', 'most'), [(False, 63), (True, 64)])
def test_inputs_have_room_for_their_eos(context_of, decoder_only, most):
  context = context_of('cot:gsm8k', inputs_length=64, decoder_only=decoder_only)
  assert context.encoder.max_tokens('inputs') == most
  assert context.encoder.max_tokens('targets') == 511
