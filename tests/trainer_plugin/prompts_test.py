import json
from pathlib import Path

import pytest
import seqio

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.vocabulary import Vocabulary
from ul2_flan.trainer_plugin import prompts


@pytest.fixture(scope='module')
def vocabulary(vocabulary_path):
  return seqio.SentencePieceVocabulary(vocabulary_path, extra_ids=100)


@pytest.fixture
def registry(monkeypatch):
  monkeypatch.setattr(seqio.TaskRegistry, '_REGISTRY', {})


def test_a_blank_takes_the_place_of_words(vocabulary, vocabulary_path):
  # What training has: ids of the whole text, a span of them replaced.
  ids = Vocabulary(Path(vocabulary_path).read_bytes()).encode
  whole = ids('The value of the name is returned.')
  before, after = ids('The value of'), ids('is returned.')
  assert whole[: len(before)] == before
  assert whole[-len(after) :] == after
  sentinel = vocabulary.vocab_size - 1
  assert prompts.encode(
    'The value of <extra_id_0> is returned.', vocabulary
  ) == [*before, sentinel, *after]


def test_what_follows_without_a_space_begins_no_word(vocabulary):
  space = vocabulary.tokenizer.piece_to_id('▁')
  found = prompts.encode('The <extra_id_0>, <extra_id_1>', vocabulary)
  blanks = [i for i, x in enumerate(found) if x >= vocabulary.vocab_size - 2]
  assert len(blanks) == 2
  assert space not in found[blanks[0] :]
  assert found[blanks[1]] == vocabulary.vocab_size - 2


def test_a_mode_token_is_in_front(vocabulary):
  plain = prompts.encode('The name', vocabulary)
  mode = list(vocabulary.encode('[NLG]'))
  assert prompts.encode('The name', vocabulary, '[NLG]') == mode + plain


def test_sentinels_that_are_pieces(vocabulary_with_sentinels_path):
  vocabulary = seqio.SentencePieceVocabulary(
    vocabulary_with_sentinels_path, extra_ids=0
  )
  known = Vocabulary(Path(vocabulary_with_sentinels_path).read_bytes())
  found = prompts.encode('<extra_id_3>', vocabulary)
  assert found == [known.sentinels.first - 3]


def test_a_blank_that_the_vocabulary_lacks(vocabulary):
  with pytest.raises(UserError, match='100 extra ids'):
    prompts.encode('<extra_id_100>', vocabulary)


@pytest.mark.usefixtures('registry', 't5x_or_stub')
def test_a_file_of_prompts(tmp_path, by_denoiser, vocabulary):
  path = tmp_path / 'prompts.txt'
  path.write_text('The name\nThe <extra_id_0> of a name\n')
  config = prompts.dataset_config(by_denoiser, str(path), 2, '[S2S]')
  dataset = seqio.get_mixture_or_task(config.mixture_or_task_name).get_dataset(
    config.task_feature_lengths, config.split, shuffle=False, num_epochs=1
  )
  first, second = dataset.as_numpy_iterator()
  assert first['inputs'].tolist() == [
    *prompts.encode('The name', vocabulary, '[S2S]'), 1
  ]  # fmt: skip
  assert second['inputs_pretokenized'] == b'The <extra_id_0> of a name'
  assert second['targets'].tolist() == [1]


@pytest.mark.usefixtures('registry', 't5x_or_stub')
def test_inputs_of_a_decoder_have_no_eos(tmp_path, decoder_only):
  path = tmp_path / 'prompts.jsonl'
  path.write_text(json.dumps({'inputs': 'The name', 'targets': 'of'}) + '\n')
  config = prompts.dataset_config(decoder_only, str(path), 2)
  dataset = seqio.get_mixture_or_task(config.mixture_or_task_name).get_dataset(
    config.task_feature_lengths, config.split, shuffle=False, num_epochs=1
  )
  (row,) = dataset.as_numpy_iterator()
  assert 1 not in row['inputs']
  assert row['targets'][-1] == 1
  assert len(row['targets']) > 1


@pytest.mark.usefixtures('registry', 't5x_or_stub')
@pytest.mark.parametrize(
  ('name', 'text', 'message'),
  [
    ('a.txt', '', 'has no prompts'),
    ('a.jsonl', '{"inputs": "a"}\n{"prompt": "b"}\n', 'line 2'),
    ('a.jsonl', 'a\n', 'line 1'),
    ('a.txt', 'a name ' * 100, 'line 1: .* tokens'),
  ],
)
def test_bad_files(tmp_path, by_denoiser, name, text, message):
  (tmp_path / name).write_text(text)
  with pytest.raises(UserError, match=message):
    prompts.dataset_config(by_denoiser, f'{tmp_path}/{name}', 2)


def test_a_missing_file():
  with pytest.raises(UserError, match='Set PROMPTS'):
    prompts.read('/nowhere/prompts.txt')
