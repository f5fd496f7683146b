"""A checkout of google-research/FLAN, made up, becomes templates of ours."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.flan_checkout import V2, write_checkout

from ul2_flan.tasks import catalog
from ul2_flan.tasks.__main__ import main
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flan_import import import_templates
from ul2_flan.tasks.flan_import.patterns import family_of
from ul2_flan.tasks.rendering import (
  ExemplarCount,
  Family,
  OwnTemplates,
  Pool,
  Renderer,
  Setting,
  prepare,
)
from ul2_flan.tasks.rendering.sheet import samples


@pytest.fixture(scope='module')
def imported(
  tmp_path_factory: pytest.TempPathFactory,
) -> tuple[OwnTemplates, list[str]]:
  folder = tmp_path_factory.mktemp('flan')
  checkout = write_checkout(folder / 'checkout')
  lines = list(import_templates(checkout, str(folder / 'out')))
  return OwnTemplates.read(str(folder / 'out')), lines


def _family(imported: tuple[OwnTemplates, list[str]], task: str) -> Family:
  return imported[0].family(catalog.load(task))


def _words(
  imported: tuple[OwnTemplates, list[str]], task: str, setting: str
) -> set[tuple[str, str]]:
  """All questions and answers of a setting."""
  own = imported[0]
  renderer = Renderer.of(catalog.load(task), setting, own, seed=0)
  rows, pool = samples(renderer.task, renderer.family)
  forms = renderer.forms(rows, pool if renderer.setting.few_shot else None)
  return {(form.inputs.text, form.targets.text) for form in forms.forms}


@pytest.mark.parametrize(
  ('setting', 'first'),
  [
    ('zs_opt', 'Pick one. {premise} So: {hypothesis}?\n\n{options}'),
    ('zs_noopt', '{premise} So: {hypothesis}?'),
  ],
)
def test_each_kind_of_setting_has_the_templates_that_it_has_in_flan(
  imported: tuple[OwnTemplates, list[str]], setting: str, first: str
) -> None:
  shown = '\n{options}' if setting == 'zs_opt' else ''
  assert _words(imported, 'flan2021:rte', setting) == {
    (first, '{answer}'),
    (f'{{premise}}\n{{hypothesis}} Right?{shown}', '{answer}'),
    ('{premise} {{ or }} {hypothesis}?', '{answer}'),
    ('Invent a pair.', '{premise} => {hypothesis}'),
  }


@pytest.mark.parametrize(
  ('setting', 'questions'),
  [
    (
      'fs_opt',
      {
        'Q: {premise} | {hypothesis} ({options})\n\nA: ',
        '{premise}\n{options}',
      },
    ),
    ('fs_noopt', {'Q: {premise} | {hypothesis}\n\nA: ', '{premise}'}),
  ],
)
def test_few_shot_templates(
  imported: tuple[OwnTemplates, list[str]], setting: str, questions: set[str]
) -> None:
  words = _words(imported, 'flan2021:rte', setting)
  assert {question for question, _ in words} == questions


def test_separators_are_those_of_flan(
  imported: tuple[OwnTemplates, list[str]],
) -> None:
  task = catalog.load('flan2021:rte')
  renderer = Renderer.of(task, 'fs_noopt', imported[0], seed=0)
  rows, pool = samples(renderer.task, renderer.family)
  (inputs,) = renderer.render(rows, pool, form=0).inputs
  one, two = inputs.split('\n==\n')
  assert one.startswith('Q: ')
  assert '\n\nA: ' in one
  assert two.startswith('Q: ')
  assert two.endswith('\n\nA:')


def test_fields_of_other_names(
  imported: tuple[OwnTemplates, list[str]],
) -> None:
  assert ('{reports}\nIn short:', '{summary}') in _words(
    imported, 'flan2021:multi_news', 'zs_noopt'
  )
  for task in ('flan2021:anli_r1', 'flan2021:anli_r3'):
    words = _words(imported, task, 'zs_noopt')
    assert words == {('{premise} -> {hypothesis}?', '{answer}')}


def test_targets_tell_which_templates_are_inverted(
  imported: tuple[OwnTemplates, list[str]],
) -> None:
  templates = _family(imported, 'flan2021:rte').templates
  assert [t.inputs for t in templates if t.inverted] == ['Invent a pair.']


def test_a_pattern_that_is_three_tasks_here_is_divided(
  imported: tuple[OwnTemplates, list[str]],
) -> None:
  explanation = _family(imported, 'cot:gsm8k_explanation')
  both = _family(imported, 'cot:gsm8k_question_and_answer')
  assert [t.targets for t in explanation.templates] == ['{rationale}']
  # FLAN asks for question and reasoning at once, as no task here does.
  assert [t.targets for t in both.templates] == [
    '{question} {answer}', '{question} {rationale}',
  ]  # fmt: skip
  assert _family(imported, 'cot:gsm8k_question_from_answer') is family_of(
    'reasoning_question_from_answer'
  )


def test_a_whole_family(imported: tuple[OwnTemplates, list[str]]) -> None:
  family = _family(imported, 'niv2:task001_quoref_question_generation')
  assert [t.inputs for t in family.templates] == ['{definition} {input}']
  with_pool, alone = family.few_shot
  assert with_pool.instruction == 'Do: {definition}'
  assert alone.exemplars == 0
  assert alone.inputs == (
    '{definition} Like {positive_input} -> {positive_output} ({explanation}). '
    '{input}'
  )


def test_what_is_not_taken_over_is_reported(
  imported: tuple[OwnTemplates, list[str]],
) -> None:
  told = '\n'.join(imported[1])
  for words in (
    "newsroom: left out 1 of its templates, since instances have no 'byline' "
    '(flan/v2/templates.py, line 14)',
    'wsc: this checkout has no such pattern',
    'synth_cot_x: made-up reasoning',
    'something_new: not in the release',
  ):
    assert words in told
  assert _family(imported, 'flan2021:newsroom') is family_of('news_summary')


# The question of their rows is the source's; for natural_questions their code
# adds a mark to it, whether the template has one or not.
@pytest.mark.parametrize(
  ('task', 'row', 'expected'),
  [
    (
      'bool_q',
      {'title': 'Owl', 'passage': 'It hoots.', 'answer': 1},
      'Say if is it so?',
    ),
    ('natural_questions', {'answer': ['Yes']}, 'Say if is it so??'),
  ],
)
@pytest.mark.parametrize('setting', ['zs_noopt', 'fs_noopt'])
def test_questions_stand_as_the_source_has_them_before_their_marks(
  tmp_path: Path, task: str, row: dict[str, Any], expected: str, setting: str
) -> None:
  words = f'"{task}": [("Say if {{question}}?", "{{answer}}")],\n    "rte": ['
  v2 = V2.replace('"rte": [', words, 1)
  list(import_templates(write_checkout(tmp_path, v2), str(tmp_path / 'out')))
  own = OwnTemplates.read(str(tmp_path / 'out'))
  renderer = Renderer.of(
    catalog.load(f'flan2021:{task}'),
    setting,
    own,
    seed=0,
    exemplar_count=ExemplarCount(1, 1),
  )
  rows = [{**row, 'question': q} for q in ('is it so', 'was it so')]
  instances = prepare(
    rows,
    np.array([1, 2], np.uint64),
    task=renderer.task,
    source=renderer.task.sources[0],
    seed=0,
  ).instances
  assert instances.columns['question'][0] == 'is it so'
  pool = Pool.of(renderer.family, instances)
  text = renderer.render(instances, pool).inputs[0]
  assert expected in text
  assert 'Is it' not in text
  if renderer.setting.few_shot:
    assert expected.replace('is it', 'was it') in text
  shown = samples(renderer.task, renderer.family)[0].columns['question'][0]
  assert shown[0].islower()
  assert shown[-1] != '?'


def test_the_command(
  tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
  out = str(tmp_path / 'out')
  command = ['import_flan_templates', write_checkout(tmp_path), '--output', out]
  assert main(command) == 0
  assert 'files are in' in capsys.readouterr().out
  assert main(command) == 2
  assert f"--output '{out}' exists: remove it" in capsys.readouterr().err
  assert main(['show', 'flan2021:rte', '--templates', out]) == 0
  assert 'Pick one.' in capsys.readouterr().out


def test_all_is_written_before_a_line_is_said(tmp_path: Path) -> None:
  """A reader such as `head` may take one line and leave."""
  out = tmp_path / 'out'
  lines = import_templates(write_checkout(tmp_path / 'in'), str(out))
  next(lines)
  written = {*out.rglob('*.toml')}
  told = [*lines]
  assert written == {*out.rglob('*.toml')}
  assert f'{len(written)} files are in {out}' in '\n'.join(told)


def test_an_output_elsewhere_is_refused(tmp_path: Path) -> None:
  with pytest.raises(UserError, match="--output 'hdfs://n/t' is neither"):
    next(import_templates(write_checkout(tmp_path), 'hdfs://n/t'))


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path) -> None:
  with pytest.raises(UserError, match='is no checkout of google-research/FLAN'):
    list(import_templates(str(tmp_path), str(tmp_path / 'out')))


def test_a_sheet_says_which_settings_have_no_template(
  imported: tuple[OwnTemplates, list[str]],
  tmp_path: Path,
  capsys: pytest.CaptureFixture[str],
) -> None:
  (tmp_path / 'cot').mkdir()
  texts = dict(imported[0].files)
  path = 'cot/gsm8k_explanation.toml'
  text = texts[path].replace('[[templates]]', '[[templates]]\nreasoning = true')
  (tmp_path / path).write_text(text)
  folder = str(tmp_path)
  assert main(['show', 'cot:gsm8k_explanation', '--templates', folder]) == 0
  assert f'{Setting.parse("zs_opt")}, no template' in capsys.readouterr().out
