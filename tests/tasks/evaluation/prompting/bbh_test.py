"""BBH's prompts are those that Codex got."""

import gzip
import json
from pathlib import Path

import pytest
from support.evaluation.suite_files import BBH, CHAIN, material

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.prompting import prompter
from ul2_flan.tasks.evaluation.reading import Question


def test_a_small_one():
  made = material('bbh:navigate', BBH)
  question = made.questions['test'][1]
  assert (
    prompter(made, 'cot')(question).text
    == f"""Say where you are.

Q: One?
{CHAIN}
It is far. So the answer is No.

Q: Two?
{CHAIN} It is near. So the answer is Yes.

Q: Back?
{CHAIN}"""
  )
  assert (
    prompter(made, 'direct')(question).text
    == """Say where you are.

Q: One?
A: No

Q: Two?
A: Yes

Q: Back?
A:"""
  )


def test_all_are_byte_for_byte_what_codex_got(shared_data: Path):
  data = (shared_data / 'eval/bbh_codex/first_prompts.json.gz').read_bytes()
  prompts = json.loads(gzip.decompress(data))
  assert len(prompts) == 27
  for key, by_variant in prompts.items():
    path = shared_data / f'eval/bbh_cot-prompts/{key}.txt'
    made = material(f'bbh:{key}', {path.name: path.read_bytes()})
    for variant, whole in by_variant.items():
      asked, _, _ = whole['input'].rpartition('\n\nQ: ')[2].rpartition('\nA:')
      question = Question(task='', split='test', id='0', text=asked, answers=())
      prompt = prompter(made, variant)(question)
      assert prompt.text == whole['input']
      assert (prompt.exemplars, prompt.dropped) == (3, 0)


def test_a_task_without_its_prompt():
  made = material('bbh:navigate', {'navigate.json': BBH['bbh/navigate.json']})
  with pytest.raises(UserError, match=r'needs cot-prompts/navigate\.txt'):
    prompter(made, 'cot')
