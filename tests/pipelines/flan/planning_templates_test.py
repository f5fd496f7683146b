"""A task without a file of templates is an error, unless ours may stand in."""

import json
from pathlib import Path

import pytest
from support.flan_checkout import V2, write_checkout

from ul2_flan.pipelines import flan
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flan_import import import_templates


@pytest.fixture(scope='module')
def imported(tmp_path_factory: pytest.TempPathFactory) -> str:
  folder = tmp_path_factory.mktemp('flan')
  out = str(folder / 'out')
  list(import_templates(write_checkout(folder / 'in'), out))
  return out


# The made-up checkout has templates for NIv2, and none for cot:gsm8k.
def test_tasks_without_a_file_are_named(flags, imported: str):
  with pytest.raises(UserError) as e:
    flan.main(flags('out', f'--templates={imported}'))
  said = str(e.value)
  assert 'has no file for cot:gsm8k, cot:gsm8k_question_from_answer.' in said
  assert '--templates_missing ours' in said


def test_ours_may_stand_in_and_the_manifest_says_where(flags, imported, capsys):
  given = flags('out', f'--templates={imported}', '--templates_missing=ours')
  assert flan.main(given) == 0
  assert 'our own templates: ' in capsys.readouterr().out
  output = given[given.index('--output') + 1]
  run = json.loads(Path(output, 'manifest.json').read_bytes())['run']
  assert run['templates_missing'] == [
    *('cot:gsm8k', 'cot:gsm8k_question_from_answer')
  ]
  assert run['config']['templates_missing'] == 'ours'
  assert 'as_released' not in run


def test_one_switch_makes_all_as_released(flags, imported: str):
  more = ('--as_released', '--templates_missing=ours', '--keep_text')
  given = flags('out', f'--templates={imported}', *more)
  assert flan.main(given) == 0
  output = given[given.index('--output') + 1]
  manifest = json.loads(Path(output, 'manifest.json').read_bytes())
  assert manifest['run']['as_released'] == 'google-research/FLAN'
  counts = manifest['run']['counts']
  niv2 = next(n for n in counts if 'niv2' in n and n.endswith('fs_opt'))
  assert counts[niv2]['exemplars'] <= 2 * counts[niv2]['rendered']


@pytest.mark.parametrize(
  ('more', 'words'),
  [
    ((), '--as_released wants --templates DIR'),
    (('--exemplars', '2', '2'), '--exemplars does not go with --as_released'),
  ],
)
def test_what_as_released_wants(flags, imported: str, more, words: str):
  templates = [f'--templates={imported}'] if more else []
  with pytest.raises(UserError) as e:
    flan.main(flags('out', '--as_released', *templates, *more))
  assert words in str(e.value)


def test_templates_without_styles_are_refused(flags, tmp_path: Path):
  v2 = V2[: V2.index('OPT_START_STRING')]
  lines = list(
    import_templates(write_checkout(tmp_path, v2), f'{tmp_path}/out')
  )
  assert 'no --as_released' in '\n'.join(lines)
  with pytest.raises(UserError, match=r'has no released\.toml'):
    flan.main(flags('out', '--as_released', f'--templates={tmp_path}/out'))
