"""Examples are found by key, row and text; so is what was not used."""

import collections
import dataclasses

import pytest

from ul2_flan.pipelines.examples import sample
from ul2_flan.pipelines.inspect import find
from ul2_flan.tasks.errors import UserError


@pytest.fixture(scope='module')
def run(shown_runs):
  return shown_runs['flan']


def all_of(run):
  return [*find.matching(run, find.data_sets(run, ''), '')]


def test_all_examples_are_there_when_nothing_is_asked(run):
  counted = collections.Counter((f.data_set, f.split) for f in all_of(run))
  assert counted == {
    (name, split): made.examples
    for name, splits in run.manifest.data_sets.items()
    for split, made in splits.items()
  }


def test_a_key_has_its_prompts_in_all_settings(run):
  for one in all_of(run)[::97]:
    key = find.text_of(one.example, 'provenance/key')
    found = [*find.matching(run, find.data_sets(run, ''), '', key=key)]
    assert {f.data_set for f in found} >= {one.data_set}
    assert {find.text_of(f.example, 'provenance/key') for f in found} == {key}
    settings = {f.data_set.rpartition(':')[2] for f in found}
    assert settings == {'zs_opt', 'fs_opt'}


def test_a_row_is_found_by_the_end_of_its_path(run):
  row = 'gsm8k_train.tsv:7'
  found = [*find.matching(run, find.data_sets(run, ''), '', row=row)]
  assert {f.data_set.split(':')[2] for f in found} >= {'gsm8k'}
  for one in found:
    place = find.text_of(one.example, 'provenance/source')
    assert place.endswith(f'/{row}')


def test_text_is_found_in_any_case_and_across_spaces(run):
  one = all_of(run)[5]
  spelled = run.vocabulary.spell(one.example['inputs'])
  asked = '  '.join(spelled.upper().split()[-5:])
  found = [*find.matching(run, [one.data_set], one.split, search=asked)]
  assert one.number in {f.number for f in found}
  for each in found:
    assert (
      asked.split()[0].casefold()
      in run.vocabulary.spell(each.example['inputs']).casefold()
    )


def test_the_first_ones_are_of_every_group(run):
  names = find.data_sets(run, '')
  groups = sample.choose(run.manifest)
  for most in (1, 3):
    found = [*find.first_ones(run, names, 'train', most)]
    counted = collections.Counter(find.held(f.data_set).group for f in found)
    assert counted == dict.fromkeys(groups, most)
    niv2 = {f.data_set for f in found if 'niv2' in f.data_set}
    # Each from another task.
    assert len(niv2) == 2 * most


def test_patterns_choose_data_sets(run):
  assert find.data_sets(run, 'flan:cot:gsm8k:*') == [
    'flan:cot:gsm8k:zs_opt',
    'flan:cot:gsm8k:fs_opt',
  ]
  with pytest.raises(UserError, match='Did you mean') as error:
    find.data_sets(run, 'flan:cot:gsm8k:zs')
  assert "'flan:cot:gsm8k:zs_opt'?" in str(error.value)
  with pytest.raises(UserError, match="split of --split 'valid'"):
    find.splits(run, 'valid')


def test_what_was_not_used_is_found(shown_runs):
  run = shown_runs['ul2']
  (one,) = find.rejected(run, '', 'NOT  json')
  assert one.reason == 'not_json'
  (same,) = find.rejected(run, f'text.jsonl:{one.place}', '')
  assert same == one
  assert [*find.rejected(run, 'text.jsonl:1', '')] == []


def test_what_cannot_be_looked_up_is_told(shown_runs):
  packed = shown_runs['packed']
  for flag in ('key', 'row'):
    with pytest.raises(
      UserError, match=f'--{flag} 5: the run was made without'
    ):
      [*find.matching(packed, ['a'], '', **{flag: '5'})]
  blind = dataclasses.replace(packed, vocabulary=None, note='No model.')
  with pytest.raises(UserError, match=r'needs the vocabulary\. No model'):
    [*find.matching(blind, ['a'], '', search='x')]
