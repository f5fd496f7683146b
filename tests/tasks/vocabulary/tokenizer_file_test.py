"""A `tokenizer.json` is refused where text would be masked, or lost."""

import json
from typing import Any

import pytest
from support.vocabularies.tokenizer_files import MAKERS, data

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.vocabulary import Vocabulary
from ul2_flan.tasks.vocabulary.tokenizer_file import HIDDEN, TokenizerFile


@pytest.mark.parametrize('kind', MAKERS)
def test_names_of_special_tokens_are_hidden_alone(kind: str):
  file = TokenizerFile.read(data(kind))
  hidden = json.loads(file.with_hidden_names())
  vocab = hidden['model']['vocab']
  names = [*vocab] if isinstance(vocab, dict) else [name for name, _ in vocab]
  shown = {name.removeprefix(HIDDEN): name for name in names}
  assert len(shown) == len(names)
  for name, new in shown.items():
    assert new == (HIDDEN + name if name in file.special else name)
  assert hidden['post_processor'] is None
  assert bool(file.byte_letters) == (kind in ('gpt2', 'llama3', 'with_tokens'))


def changed(kind: str, **model: object) -> bytes:
  raw = json.loads(data(kind))
  raw['model'] |= model
  return json.dumps(raw).encode()


def renamed(kind: str, **names: str) -> bytes:
  """The file with other special tokens, in the order of their ids."""
  raw: dict[str, Any] = json.loads(data(kind))
  for token in raw['added_tokens']:
    new = names.get(token['content'].strip('<>/|'), token['content'])
    vocab = raw['model']['vocab']
    if token['content'] in vocab:
      vocab[new] = vocab.pop(token['content'])
    token['content'] = new
  return json.dumps(raw).encode()


@pytest.mark.parametrize(
  ('model', 'eos', 'message'),
  [
    (b'{', '', 'not a tokenizer.json: '),
    (b'{"a": 1}', '', "not a tokenizer.json: KeyError: 'model'"),
    (b'{"model": []}', '', 'not a tokenizer.json: TypeError'),
    (changed('gpt2', type='new'), '', 'not a tokenizer.json: '),
    (changed('gpt2', vocab=[7]), '', 'not a tokenizer.json: TypeError'),
    (changed('plain', unk_token=None), '', 'drops characters that it has no'),
    (
      renamed('gpt2', endoftext='[SEP]'),
      '',
      r'none of a usual name. Name it: --eos .* are: <pad> \[SEP\]',
    ),
    (renamed('plain', pad='<eos>'), '', "several that may be: '</s>', '<eos>'"),
    (renamed('plain', pad='<eos>'), '<eos>', "id 0 is '<eos>', EOS; but seqio"),
    (data('gpt2'), '</s>', "unknown --eos '</s>'"),
    (
      changed('llama', byte_fallback=False),
      '',
      "id 0 is '<unk>', which text can give; .* such as '<pad>'",
    ),
  ],
)
def test_what_cannot_be_used_is_refused(model: bytes, eos: str, message: str):
  with pytest.raises(UserError, match=message):
    Vocabulary(model, None, '', eos)


def test_a_token_of_text_as_id_0_is_refused():
  raw = json.loads(data('gpt2'))
  raw['added_tokens'] = raw['added_tokens'][1:]
  with pytest.raises(UserError, match="id 0 is '<pad>', which text can give"):
    Vocabulary(json.dumps(raw).encode())
