"""The shapes of two suites whose records are all alike: NIv2 and P3."""

from __future__ import annotations

from ul2_flan.tasks.rendering.instances.shapes import Fields, require


def niv2(fields: Fields, bits: int) -> list[Fields]:
  """An instance of Super-NaturalInstructions with what its task says.

  The reader gives `definition`, `input`, `output` (all that are right) and
  `positive`, the task's good examples; one of each is drawn.
  """
  outputs = [o for o in fields['output'] if o.strip()]
  require(outputs, 'empty_output')
  own = fields['input'].strip()
  positive = [
    p
    for p in fields.get('positive') or ()
    if p['output'] and p['input'].strip() not in ('', own)
  ]
  told = [p for p in positive if p.get('explanation', '').strip()]
  row: Fields = {
    'definition': fields['definition'],
    'input': own,
    'output': outputs[bits % len(outputs)],
    'positive_input': None,
    'positive_output': None,
    'explanation': None,
  }
  if told:
    example = told[(bits >> 16) % len(told)]
    output = example['output']
    row['positive_input'] = example['input']
    row['positive_output'] = output if isinstance(output, str) else output[0]
    row['explanation'] = example['explanation']
  return [row]


def p3(fields: Fields, bits: int, *, options: bool) -> list[Fields]:
  """A row that P3 has rendered; of rank classification, only the right one.

  Rows for rank classification have `is_correct`, and a row for each option.
  """
  require(fields.get('is_correct', True), 'wrong_choice')
  row: Fields = {
    'prompt': fields['inputs_pretokenized'],
    'answer': fields['targets_pretokenized'].strip(),
  }
  if options:
    row['options'] = fields.get('answer_choices') or ()
  return [row]
