"""Rows of unusual shape, beside the examples in `shapes` itself."""

import pytest

from ul2_flan.tasks.evaluation.reading import shapes


def test_answers_that_tfds_has_as_a_list_stay():
  fields = {'answers': ['Nen', 'Orla (town)']}
  assert shapes.descriptions(fields) == [fields]


@pytest.mark.parametrize(
  ('inside', 'ending'),
  [('I ran.', 'I ran.'), ("I'd go.", "I'd go."), ('It ran.', 'it ran.')],
)
def test_a_cause_begins_with_a_small_letter(inside, ending):
  fields = {'premise': 'So it was. ', 'relation': 'cause', 'options': [inside]}
  (made,) = shapes.cause(fields)
  assert (made['begin'], made['endings']) == ('So it was because', [ending])


def pronoun(text: str, said: str, name: str) -> str:
  start = text.index(said)
  fields = {'text': text, 'pronoun': said, 'start': start, 'options': [name]}
  (made,) = shapes.pronoun(fields)
  return made['prompt'][0] + made['endings'][0]


@pytest.mark.parametrize(
  ('text', 'said', 'name', 'whole'),
  [
    ('They ran.', 'They', 'The cats', 'The cats ran.'),
    ('So they ran.', 'they', 'The cats', 'So the cats ran.'),
    ('So they ran.', 'they', 'Ann', 'So Ann ran.'),
    ('Ann lost her coat.', 'her', 'Ann', "Ann lost Ann's coat."),
    ('His coat fell.', 'His', 'The man', "The man's coat fell."),
  ],
)
def test_a_name_takes_the_place_of_a_pronoun(text, said, name, whole):
  assert pronoun(text, said, name) == whole


def test_a_wrong_place_is_told():
  fields = {'text': 'It ran.', 'pronoun': 'he', 'start': 0, 'options': ['A']}
  with pytest.raises(ValueError, match="no pronoun 'he' at 0"):
    shapes.pronoun(fields)


def test_something_follows_the_blank():
  with pytest.raises(ValueError, match='nothing follows'):
    shapes.blank({'sentence': 'It was _', 'options': ['a', 'b']})


def test_what_wikihow_marks_is_gone():
  fields = {
    'context': '[header] How? [title] Sit.',
    'options': ['Go [step] on'],
  }
  (made,) = shapes.wikihow(fields)
  assert (made['context'], made['options']) == ('How? Sit.', ['Go on'])


def test_a_hub_has_each_question_of_an_exam_in_a_row():
  fields = {'question': 'Q?', 'answer': 'A', 'options': ['x', 'y']}
  assert shapes.exam(fields) == [fields]
