"""Why rows are not used: because of a rule, or because something is wrong.

A rule of the task or of the run drops a row. Everything else rejects it:
something is wrong with it, and there is a budget for such rows.
"""

# Every reason that is not here is a fault, even a new one.
RULES = frozenset(
  (
    'over_cap',
    # The user leaves it out.
    'left_out_by_key',
    # Of a frozen dump: a row like another, and one of a task that is not asked
    # for.
    'duplicate', 'not_wanted',
    # Test sets have no labels; templates and rank classification choose rows.
    'no_label', 'empty_template', 'wrong_choice',
    # There is nothing to correct in the sentence, no turn to be given, no
    # solution in Python, no question in the dialogue; Gigaword lacks words;
    # UnifiedQA takes questions with four options.
    'nothing_to_do', 'too_short', 'no_python', 'no_row', 'unknown_words',
    'not_four_options',
  )
)  # fmt: skip

# An empty field is not a fault either: QReCC has more questions without an
# answer than any budget for faults would allow.
_EMPTY = 'empty_'


def is_fault(reason: str) -> bool:
  """Returns whether it says that something is wrong with a row.

  >>> is_fault('not_json'), is_fault('over_cap'), is_fault('empty_answer')
  (True, False, False)
  """
  return reason not in RULES and not reason.startswith(_EMPTY)


def is_empty_field(reason: str) -> bool:
  """Returns whether it says that a field has no text.

  >>> is_empty_field('empty_answer'), is_empty_field('empty_template')
  (True, False)
  """
  return reason.startswith(_EMPTY) and reason not in RULES
