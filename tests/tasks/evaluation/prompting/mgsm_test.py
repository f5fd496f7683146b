"""MGSM's prompts are in the language of the question."""

import json
from pathlib import Path

import pytest
from support.evaluation.suite_files import MGSM, material

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.prompting import prompter
from ul2_flan.tasks.evaluation.suites import load


def test_the_chain_of_thought_and_the_direct_prompt():
  made = material('mgsm:de', MGSM)
  question = made.questions['test'][1]
  assert (
    prompter(made, 'cot')(question).text
    == """Frage: Eins?
Schritt-für-Schritt-Antwort: Die Antwort ist 11.

Frage: Zwei?
Schritt-für-Schritt-Antwort: Die Antwort lautet 29.

Frage: Und jetzt?
Schritt-für-Schritt-Antwort:"""
  )
  assert (
    prompter(made, 'direct')(question).text
    == """Frage: Eins?
Antwort: 11

Frage: Zwei?
Antwort: 29

Frage: Und jetzt?
Antwort:"""
  )


def test_exemplars_of_an_export_are_its_training_split():
  rows = [
    {'question': f'Frage: {q}?', 'answer': a, 'answer_number': n}
    for q, a, n in (
      ('Eins', 'Schritt-für-Schritt-Antwort: Die Antwort ist 11.', 11),
      ('Zwei', 'Schritt-für-Schritt-Antwort: Die Antwort lautet 29.', 29),
    )
  ]
  lines = '\n'.join(map(json.dumps, rows))
  exported = material(
    'mgsm:de', {'mgsm_de.tsv': MGSM['mgsm_de.tsv'], 'de/train-0.jsonl': lines}
  )
  theirs = material('mgsm:de', MGSM)
  question = theirs.questions['test'][0]
  for variant in ('cot', 'direct'):
    assert prompter(exported, variant)(question) == (
      prompter(theirs, variant)(question)
    )


def test_cues_are_those_of_the_exemplars(shared_data: Path):
  folder = shared_data / 'eval/mgsm'
  names = [
    'exemplars.py.txt',
    *(f'mgsm_{key}.tsv' for key in load('mgsm').tasks),
  ]
  files = {name: (folder / name).read_bytes() for name in names}
  for key in load('mgsm').tasks:
    made = material(f'mgsm:{key}', files)
    question = made.questions['test'][0]
    *exemplars, asked = prompter(made, 'cot')(question).text.split('\n\n')
    assert len(exemplars) == 8
    before, cue = asked.split(question.text + '\n')
    for exemplar, (_, chain) in zip(exemplars, made.chains, strict=True):
      assert exemplar.startswith(before)
      assert exemplar.endswith(f'\n{chain}')
      assert chain.startswith(cue)


def test_what_is_needed():
  made = material('mgsm:de', {'mgsm_de.tsv': MGSM['mgsm_de.tsv']})
  with pytest.raises(UserError, match=r'needs exemplars\.py'):
    prompter(made, 'cot')
