"""Small files of the suites, in the forms that their authors gave them."""

from collections.abc import Mapping
import json
from pathlib import Path

from ul2_flan.tasks.evaluation.reading import Material, find, material_of
from ul2_flan.tasks.evaluation.suites import load

CHAIN = "A: Let's think step by step."

BBH = {
  'bbh/navigate.json': '{"canary": "x", "examples": ['
  '{"input": "Go?\\nOptions:\\n- Yes\\n- No", "target": "Yes"},'
  '{"input": "Back?", "target": "No"}]}',
  'cot-prompts/navigate.txt': f"""canary
-----
Say where you are.

Q: One?
{CHAIN}
It is far. So the answer is No.

Q: Two?
{CHAIN} It is near. So the answer is Yes.""",
}

# Without a header, as the authors have them.
MMLU = {
  'data/dev/anatomy_dev.csv': (
    '"What, now? ",a ,b,c,d,B\n"Why?","1\n2",3,4,5,D\n'
  ),
  'data/val/anatomy_val.csv': 'Who?,e,f,g,h,A\n',
  'data/test/anatomy_test.csv': '" Which? ",i,j ,k,l,C\nWhen?,m,n,o,p,A\n',
  'mmlu-cot.json': '{"anatomy": "About anatomy.\\n\\nQ: X?\\n(A) 1 (B) 2\\n'
  f'{CHAIN} The answer is (A).\\n\\nQ: Y?\\n{CHAIN} The answer is (B)."}}',
}

MGSM = {
  'mgsm_de.tsv': 'Wie viele "Äpfel"?\t18\nUnd jetzt?\t114,200\n',
  'exemplars.py': '''"""Prompts."""
EXEMPLAR_NUMBER_ANSWERS = [11, 29]
MGSM_EXEMPLARS = {
  "de": {
    "2": {"q": "Frage: Zwei?", "a": "Schritt-für-Schritt-Antwort: Die Antwort "
          "lautet 29."},
    "1": {"q": "Frage: Eins?", "a": "Schritt-für-Schritt-Antwort: Die Antwort "
          "ist 11."},
  },
}
''',
}


def _squad(*questions: tuple[str, str, str, str, str]) -> str:
  """A file in SQuAD's form: passage, id, question and two references each."""
  return json.dumps(
    {
      'data': [
        {
          'paragraphs': [
            {
              'context': passage,
              'qas': [
                {
                  'id': id,
                  'question': text,
                  'answers': [{'text': answer} for answer in answers],
                }
              ],
            }
          ]
        }
        for passage, id, text, *answers in questions
      ]
    }
  )


TYDIQA = {
  'tydiqa-goldp-v1.1-train.json': _squad(
    ('Kissa.', 'finnish-1', 'Mikä?', 'Kissa', 'Kissa'),
    ('Paka.', 'swahili-1', 'Nini?', 'Paka', 'Paka'),
  ),
  'tydiqa-goldp-v1.1-dev.json': _squad(
    ('Koira.', 'finnish-2', 'Kuka?', 'Koira', 'koira'),
    ('Dog.', 'english-2', 'Who?', 'Dog', 'dog'),
  ),
}


# In BIG-bench's layout.
BBES = {
  'bigbench/crass_ai/task.json': json.dumps(
    {
      'task_prefix': 'Say.',
      'append_choices_to_input': 'false',
      'examples': [
        {'input': 'One?', 'target_scores': {'red': 0, 'green': 1, 'blue': 0.5}},
        {'input': 'Two?', 'target_scores': {'no': 1, 'yes': 0}},
        {'input': 'Two?', 'target_scores': {'no': 1, 'yes': 0}},
      ],
    }
  ),
  'bigbench/physics_questions/task.json': json.dumps(
    {
      'example_input_prefix': '',
      'example_output_prefix': '>',
      'few_shot_example_separator': '#',
      'examples': [
        {'input': '', 'target': ''},
        {'input': 'How far?', 'target': ['1 m', '1.0 m']},
        {'input': 'How fast?', 'target': ['2 m/s']},
        {'input': 'How long?', 'target': '3 s'},
      ],
    }
  ),
}


def material(name: str, files: Mapping[str, str | bytes]) -> Material:
  """Reads what files hold of a task."""
  suite = load(name.partition(':')[0])
  data = {
    path: text if isinstance(text, bytes) else text.encode()
    for path, text in files.items()
  }
  found = find(suite, data)
  return material_of(suite.task(name), [(one, data[one.path]) for one in found])


SUITES = ('mmlu', 'bbh', 'tydiqa', 'mgsm')


def write(folder: Path) -> Path:
  """Writes all files, those of each suite below a folder of its name."""
  for suite, files in zip(SUITES, (MMLU, BBH, TYDIQA, MGSM), strict=True):
    for name, text in files.items():
      path = folder / suite / name
      path.parent.mkdir(parents=True, exist_ok=True)
      path.write_text(text)
  return folder
