"""A checkout of google-research/FLAN, made up, becomes templates of ours."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.__main__ import main
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flan_import import import_templates
from ul2_flan.tasks.flan_import.patterns import family_of, patterns
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
from ul2_flan.tasks.rendering.templates.pattern import Pattern

# In the form that FLAN's files have; the words are ours.
_V2 = """
import copy
from flan.v2 import flan_templates_branched as flan_templates

PATTERNS = {
    "rte": [
        ("Pick one. {premise} So: {hypothesis}?\\n\\n{options_}", "{answer}"),
        ("{premise}\\n{hypothesis} Right?\\n{options_}", "{answer}"),
        ("{premise} { or } " "{hypothesis}?", "{answer}"),
        ("Invent a pair.", "{premise} => {hypothesis}"),
    ],
    "multi_news": [("{text}\\nIn short:", "{summary}")],
    "anli": [("{context} -> {hypothesis}?{options_}", "{answer}")],
    "newsroom": [("{title}: {text} In short?", "{summary}")],
    "natinst_v2": [("{Definition} {input}", "{output}")],
    "cot_stream": [
        ("Why? {question} {answer}", "{chain_of_thought}"),
        ("Ask. {chain_of_thought}", "{question} {answer}"),
        ("Ask and tell why: {answer}", "{question} {chain_of_thought}"),
    ],
    "synth_cot_x": [("{question}", "{cot}")],
    "something_new": [("{question}", "{answer}")],
}
PATTERNS["cot_input_inversion_gsm8k"] = PATTERNS[
    "cot_stream"]
PATTERNS_NO_OPTIONS = copy.deepcopy(PATTERNS)
PATTERNS_NO_OPTIONS.update(flan_templates.PATTERNS)
for t_name, templates in PATTERNS_NO_OPTIONS.items():
  PATTERNS_NO_OPTIONS[t_name] = templates


class FewShotPattern:
  inputs: str
  targets: str
  inputs_prefix: str = ""
  targets_prefix: str = ""
  x_y_delimiter: str = "\\n\\n"
  example_separator: str = "\\n\\n\\n"
  final_suffix: str = ""
  input_pattern: str = "{{inputs}}{final_suffix}"

  @property
  def combined(self):
    return self.inputs + self.targets


FEWSHOT_PATTERNS = {
    "rte": [
        FewShotPattern(
            inputs="{premise} | {hypothesis} ({options_})",
            targets="{answer}",
            inputs_prefix="Q: ",
            targets_prefix="A: ",
            example_separator="\\n==\\n"),
        FewShotPattern(inputs="{premise}\\n{options_}", targets="{answer}"),
    ],
    "natinst_v2": [
        FewShotPattern(
            input_pattern="Do: {{Definition}}\\n{{inputs}}{final_suffix}",
            inputs="{input}", targets="{output}"),
    ],
}
INLINE_FS_PATTERNS = {
    "natinst_v2": [
        ("{Definition} Like {ex_input} -> {ex_output} ({ex_explanation}). "
         "{input}", "{output}"),
    ],
}
"""

_BRANCHED = """
PATTERNS = {
    "rte": [
        ("{premise} So: {hypothesis}?\\n\\n{options_}", "{answer}"),
        ("{premise}\\n{hypothesis} Right?\\n{options_}", "{answer}"),
        ("{premise} { or } {hypothesis}?", "{answer}"),
        ("Invent a pair.", "{premise} => {hypothesis}"),
    ],
}
"""


def _checkout(folder: Path, v2: str = _V2, branched: str = _BRANCHED) -> str:
  (folder / 'flan' / 'v2').mkdir(parents=True, exist_ok=True)
  (folder / 'flan/v2/templates.py').write_text(v2)
  (folder / 'flan/v2/flan_templates_branched.py').write_text(branched)
  return str(folder)


@pytest.fixture(scope='module')
def imported(
  tmp_path_factory: pytest.TempPathFactory,
) -> tuple[OwnTemplates, list[str]]:
  folder = tmp_path_factory.mktemp('flan')
  checkout = _checkout(folder / 'checkout')
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
def test_each_kind_of_setting_has_the_words_that_it_has_there(
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
def test_few_shot_words(
  imported: tuple[OwnTemplates, list[str]], setting: str, questions: set[str]
) -> None:
  words = _words(imported, 'flan2021:rte', setting)
  assert {question for question, _ in words} == questions


def test_separators_are_theirs(
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


def test_inverted_wordings_are_told_by_their_targets(
  imported: tuple[OwnTemplates, list[str]],
) -> None:
  templates = _family(imported, 'flan2021:rte').templates
  assert [t.inputs for t in templates if t.inverted] == ['Invent a pair.']


def test_what_is_one_task_there_and_three_here(
  imported: tuple[OwnTemplates, list[str]],
) -> None:
  explanation = _family(imported, 'cot:gsm8k_explanation')
  both = _family(imported, 'cot:gsm8k_question_and_answer')
  assert [t.targets for t in explanation.templates] == ['{rationale}']
  assert [t.targets for t in both.templates] == ['{question} {answer}']
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


def test_what_finds_no_place_is_told(
  imported: tuple[OwnTemplates, list[str]],
) -> None:
  told = '\n'.join(imported[1])
  for words in (
    "newsroom: 1 wordings, since rows have no 'title' (flan/v2/templates.py, "
    'line 14)',
    "no task asks for that ('Ask and tell why: {answer}')",
    'wsc: this checkout has no such pattern',
    'synth_cot_x: made-up reasoning',
    'something_new: not in the release',
  ):
    assert words in told
  assert _family(imported, 'flan2021:newsroom') is family_of('news_summary')


@pytest.mark.parametrize(
  ('old', 'new', 'line', 'words'),
  [
    ('("Invent a pair."', '("Invent" + NAME', 10, 'not a literal'),
    ('"anli": [("', '"anli": f() or [("', 13, 'not a literal list'),
    (
      'PATTERNS["cot_input',
      'PATTERNS.pop("rte")\nPATTERNS["cot_input',
      24,
      'changes',
    ),
    ('"cot_stream"]\n', '"cot_steam"]\n', 24, "no 'cot_steam'"),
    ('FEWSHOT_PATTERNS = {', 'FEWSHOT_PATTERNS = dict() or {', 47, 'not a'),
    ('inputs="{input}", ', '**open("x"), ', 58, 'with named arguments'),
    ('PATTERNS = {', 'PATTERNS = {)', 5, 'not Python'),
  ],
)
def test_what_is_not_literal_is_an_error_with_its_line(
  tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
  assert old in _V2
  checkout = _checkout(tmp_path, _V2.replace(old, new, 1))
  with pytest.raises(UserError) as e:
    list(import_templates(checkout, str(tmp_path / 'out')))
  assert f'flan/v2/templates.py, line {line}: ' in str(e.value)
  assert words in str(e.value)
  assert not (tmp_path / 'out').exists()


# The question of their rows is the source's; for natural_questions their code
# adds a mark to it, whether the wording has one or not.
@pytest.mark.parametrize(
  ('task', 'record', 'expected'),
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
def test_their_marks_stand_after_the_source_s_own_questions(
  tmp_path: Path,
  task: str,
  record: dict[str, Any],
  expected: str,
  setting: str,
) -> None:
  words = f'"{task}": [("Say if {{question}}?", "{{answer}}")],\n    "rte": ['
  v2 = _V2.replace('"rte": [', words, 1)
  list(import_templates(_checkout(tmp_path, v2), str(tmp_path / 'out')))
  own = OwnTemplates.read(str(tmp_path / 'out'))
  renderer = Renderer.of(
    catalog.load(f'flan2021:{task}'),
    setting,
    own,
    seed=0,
    exemplar_count=ExemplarCount(1, 1),
  )
  records = [{**record, 'question': q} for q in ('is it so', 'was it so')]
  rows = prepare(
    records,
    np.array([1, 2], np.uint64),
    task=renderer.task,
    source=renderer.task.sources[0],
    seed=0,
  ).instances
  assert rows.columns['question'][0] == 'Is it so?'
  pool = Pool.of(renderer.family, rows)
  text = renderer.render(rows, pool).inputs[0]
  assert expected in text
  assert 'Is it' not in text
  if renderer.setting.few_shot:
    assert expected.replace('is it', 'was it') in text
  shown = samples(renderer.task, renderer.family)[0].columns['question'][0]
  assert shown[0].islower()
  assert shown[-1] != '?'


def test_nothing_in_a_checkout_is_run(tmp_path: Path) -> None:
  ran = tmp_path / 'ran'
  code = f'open({str(ran)!r}, "w")\n'
  list(import_templates(_checkout(tmp_path, code + _V2), str(tmp_path / 'out')))
  assert not ran.exists()


def test_the_command(
  tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
  out = str(tmp_path / 'out')
  command = ['import_flan_templates', _checkout(tmp_path), '--output', out]
  assert main(command) == 0
  assert 'files are in' in capsys.readouterr().out
  assert main(command) == 2
  assert 'is there already' in capsys.readouterr().err
  assert main(['show', 'flan2021:rte', '--templates', out]) == 0
  assert 'Pick one.' in capsys.readouterr().out


def test_no_checkout(tmp_path: Path) -> None:
  with pytest.raises(UserError, match='is no checkout of google-research/FLAN'):
    list(import_templates(str(tmp_path), str(tmp_path / 'out')))


@pytest.mark.parametrize('name', patterns())
def test_patterns_name_our_tasks_and_fields(name: str) -> None:
  pattern = patterns()[name]
  for target in pattern.to:
    known = set(family_of(target).fields)
    for text in pattern.translator(target).fields.values():
      assert set(Pattern.of(text).fields) <= known


def test_settings_without_a_wording_are_told_in_a_sheet(
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
