"""The shapes of two suites whose rows are all alike: NIv2 and P3."""

import string

from ul2_flan.tasks.rendering.instances.reject import Fields, require


def niv2(fields: Fields, bits: int) -> list[Fields]:
  """Makes an instance of a row of Super-NaturalInstructions and its task.

  Args:
    fields: `definition`, `input`, `output` (all that are right) and `positive`,
      the task's good examples. Of the outputs and of the examples that have an
      explanation, one each is drawn.
    bits: 64 random bits.

  Rejects:
    empty_output: no output has text.
  """
  outputs = [o for o in fields['output'] if o.strip()]
  require(outputs, 'empty_output')
  asked = fields['input'].strip()
  # An example that asks the very same would give the answer away.
  positive = [
    p
    for p in fields.get('positive') or ()
    if p['output'] and p['input'].strip() not in ('', asked)
  ]
  explained = [p for p in positive if p.get('explanation', '').strip()]
  instance: Fields = {
    'definition': fields['definition'],
    'input': asked,
    'output': outputs[bits % len(outputs)],
    'positive_input': None,
    'positive_output': None,
    'explanation': None,
  }
  if explained:
    # Other bits than those that draw the output.
    example = explained[(bits >> 16) % len(explained)]
    output = example['output']
    instance['positive_input'] = example['input']
    instance['positive_output'] = (
      output if isinstance(output, str) else output[0]
    )
    instance['explanation'] = example['explanation']
  return [instance]


def niv2_as_flan(fields: Fields, bits: int) -> list[Fields]:
  """As `niv2`, with the first output and the first good example, as they are.

  Those are what TFDS and google-research/FLAN's `constants_niv2.py` have.
  """
  instance: Fields = {
    'definition': fields.get('given_definition', fields['definition']),
    'input': fields['input'],
    'output': next(iter(fields['output']), ''),
    'positive_input': None,
    'positive_output': None,
    'explanation': None,
  }
  for example in fields['positive'][:1]:
    if example['explanation'].strip():
      instance['positive_input'] = example['input']
      instance['positive_output'] = example['output']
      instance['explanation'] = example['explanation']
  return [instance]


# Tk-Instruct shows so many examples of each kind.
_TK_EXAMPLES = 2


def tk_instruct(fields: Fields, bits: int) -> list[Fields]:
  """As `niv2`, with Tk-Instruct's inputs beside it (arXiv 2204.07705).

  They have the definition, two good and two bad examples with explanations, and
  the input: the largest of the encodings of its `src/ni_collator.py`.
  """
  (instance,) = niv2(fields, bits)
  text = f'Definition: {_stopped(fields["definition"])}\n\n'
  for kind in ('positive', 'negative'):
    examples = [
      example
      for example in fields.get(kind) or ()
      if example['input'].strip() != instance['input']
    ]
    for number, example in enumerate(examples[:_TK_EXAMPLES], 1):
      text += (
        f' {kind.capitalize()} Example {number} -\n'
        f'Input: {_stopped(example["input"])}\n'
        f' Output: {_stopped(example["output"])}\n'
      )
      if example.get('explanation'):
        text += f' Explanation: {_stopped(example["explanation"])}\n'
      text += '\n'
  asked = 'Now complete the following example -\nInput: '
  instance['tk_instruct'] = (
    f'{text}{asked}{_stopped(instance["input"])}\nOutput: '
  )
  return [instance]


def _stopped(text: str) -> str:
  """Returns a text with a full stop, if it ends with no mark."""
  text = text.strip()
  return text if text[-1:] in string.punctuation else f'{text}.'


def p3(fields: Fields, bits: int, *, options: bool) -> list[Fields]:
  """Makes an instance of a row of P3, which has a prompt and its answer.

  P3's subsets for rank classification have `is_correct`, and a row for each
  option, of which only the right one becomes an instance. Of several targets
  one is drawn, as of NIv2's outputs.

  Rejects:
    wrong_choice: the row has a wrong option for its answer.
    empty_answer: none of several targets has text.
  """
  require(fields.get('is_correct', True), 'wrong_choice')
  target = fields['targets_pretokenized']
  if not isinstance(target, str):
    targets = [text for text in target if text.strip()]
    require(targets, 'empty_answer')
    target = targets[bits % len(targets)]
  instance: Fields = {
    'prompt': fields['inputs_pretokenized'],
    'answer': target.strip(),
  }
  if options:
    instance['options'] = fields.get('answer_choices') or ()
  return [instance]


def p3_as_flan(fields: Fields, bits: int, *, options: bool) -> list[Fields]:
  """As `p3`, without newlines: google-research/FLAN's `t0`."""
  (instance,) = p3(fields, bits, options=options)
  instance['prompt'] = instance['prompt'].replace('\n', ' ').strip()
  instance['answer'] = instance['answer'].replace('\n', '').strip()
  if options:
    instance['options'] = [
      option.replace('\n', '').strip() for option in instance['options']
    ]
  return [instance]
