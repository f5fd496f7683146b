"""Lines of examples say all of them, with colours or without."""

import dataclasses

import pytest

from ul2_flan.pipelines.examples import members
from ul2_flan.pipelines.examples.stretches import Stretch
from ul2_flan.pipelines.inspect import find
from ul2_flan.pipelines.inspect.lines import Writer, of_rejected, styled


def first(run):
  return next(find.first_ones(run, find.data_sets(run, ''), 'train', 1))


def plain(lines) -> list[str]:
  return [''.join(text for text, _ in line) for line in lines]


def test_an_instruction_has_provenance_and_both_sides(shown_runs):
  run = shown_runs['flan']
  found = first(run)
  lines = plain(Writer(run).lines(found))
  assert lines[0].startswith(f'{found.data_set}  train, record 0 of ')
  assert [line.split()[0] for line in lines[1:]] == [
    *('key', 'source', 'template', 'inputs', 'targets')
  ]
  assert lines[-1].endswith(run.vocabulary.spell(found.example['targets']))


def test_a_denoiser_shows_its_mask(shown_runs):
  run = shown_runs['ul2']
  found = first(run)
  lines = plain(Writer(run).lines(found))
  heads = [line.split()[0] for line in lines]
  assert heads[-4:] == ['denoiser', 'text', 'inputs', 'targets']
  (name,) = found.example['provenance/denoiser']
  assert name.decode() in lines[-4]
  assert '[' in lines[-3]
  spans = [s for s in ('<0>', '[0:') if s in ''.join(lines[-3:])]
  assert len(spans) != 1


def test_a_packed_sequence_is_unfolded_with_its_members(shown_runs):
  run = shown_runs['packed']
  named = members.of_first_sequences(run)
  lines = plain(Writer(run).lines(first(run), named[0]))
  heads = [line for line in lines if line.startswith('example ')]
  assert len(heads) == len(named[0])
  for number, (head, name) in enumerate(zip(heads, named[0], strict=True), 1):
    assert head.startswith(f'example {number}, of {name}: ')
  assert len(plain(Writer(run).lines(first(run)))) == len(lines)


def test_without_a_vocabulary_there_are_ids(shown_runs):
  run = dataclasses.replace(shown_runs['flan'], vocabulary=None)
  found = first(run)
  ids = ' '.join(map(str, found.example['targets']))
  assert plain(Writer(run).lines(found))[-1] == f'targets   {ids}'


@pytest.mark.parametrize(
  ('stretch', 'shown'),
  [
    (Stretch('', 'sentinel', 12), '<12>'),
    (Stretch(' a b', 'masked', 3), '[3: a b]'),
    (Stretch(' a b', 'masked'), '[ a b]'),
    (Stretch('[NLU]', 'mode'), '[NLU]'),
    (Stretch(' a'), ' a'),
  ],
)
def test_marks_are_read_without_colours(stretch: Stretch, shown: str):
  assert [text for text, _ in styled([stretch])] == [shown]


def test_a_reject_has_place_and_reason(shown_runs):
  (one,) = find.rejected(shown_runs['ul2'], '', 'not json')
  place, reason, record = plain(of_rejected(one))
  assert place.startswith('not used  ')
  assert place.endswith(f'text.jsonl:{one.place}')
  assert reason.startswith('reason    not_json: ')
  assert record == 'record    <not json>'
