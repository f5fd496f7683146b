import json

import pytest
import seqio

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.registration.vocabulary import without_tensorflow
from ul2_flan.trainer_plugin import blanks, prompts


@pytest.fixture(scope='module')
def vocabulary(vocabulary_path):
  return seqio.SentencePieceVocabulary(vocabulary_path, extra_ids=100)


@pytest.mark.usefixtures('t5x_or_stub')
def test_a_file_of_prompts(tmp_path, by_denoiser, vocabulary):
  path = tmp_path / 'prompts.txt'
  path.write_text('The name\nThe <extra_id_0> of a name\n')
  config = prompts.dataset_config(by_denoiser, str(path), 2, '[S2S]')
  dataset = seqio.get_mixture_or_task(config.mixture_or_task_name).get_dataset(
    config.task_feature_lengths, config.split, shuffle=False, num_epochs=1
  )
  first, second = dataset.as_numpy_iterator()
  assert first['inputs'].tolist() == [
    *blanks.encode('The name', without_tensorflow(vocabulary), '[S2S]'), 1
  ]  # fmt: skip
  assert second['inputs_pretokenized'] == b'The <extra_id_0> of a name'
  assert second['targets'].tolist() == [1]


@pytest.mark.usefixtures('t5x_or_stub')
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


@pytest.mark.usefixtures('t5x_or_stub')
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


@pytest.mark.parametrize(
  'inside', ['\u2028', '\u2029', '\x85', '\x0b', '\x0c', '\x1c', '\r']
)
def test_only_a_newline_ends_a_prompt(tmp_path, inside):
  path = tmp_path / 'prompts.txt'
  path.write_bytes(f'one{inside}more\r\n\ntwo{inside}'.encode().rstrip(b'\r'))
  found = [prompt for prompt, _ in prompts.read(str(path))]
  assert found == [f'one{inside}more', '', f'two{inside}'.rstrip('\r')]


def test_a_line_separator_in_json_is_text(tmp_path):
  path = tmp_path / 'prompts.jsonl'
  path.write_text('{"inputs": "a\u2028b"}\n', encoding='utf-8')
  assert prompts.read(str(path)) == [('a\u2028b', '')]


def test_a_file_that_is_not_utf_8_is_named(tmp_path):
  path = tmp_path / 'prompts.txt'
  path.write_bytes('Übung\n'.encode('latin-1'))
  with pytest.raises(UserError, match=r"prompts\.txt: 'utf-8' .* is UTF-8$"):
    prompts.read(str(path))


def test_a_missing_file():
  with pytest.raises(UserError, match='Set PROMPTS'):
    prompts.read('/nowhere/prompts.txt')
