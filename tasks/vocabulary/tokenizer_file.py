"""What a `tokenizer.json` says, and which ones can be used.

The file has no word for EOS or padding. It lists special tokens, which are no
text, but which `tokenizers` finds in text; `with_hidden_names` prevents it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
import dataclasses
import functools
from typing import Any

import orjson

from ul2_flan.tasks.errors import UserError, unknown

# What the tokenizers of well-known models call EOS.
USUAL_EOS = (
  *('</s>', '<eos>', '<|endoftext|>', '<|end_of_text|>', '[EOS]'),
  *('<|eos|>', '<EOS>', '<｜end▁of▁sentence｜>'),
)

# Stands before the names of special tokens, so that no text has them: these are
# no characters, and Unicode promises that they never will be.
HIDDEN = '\U0010ffff\U0010fffe'


@dataclasses.dataclass(frozen=True)
class TokenizerFile:
  """A file whose texts are never masked and lose no characters.

  Attributes:
    raw: its JSON.
    ids: of each token, by name.
    special: names of tokens that are no text, EOS included.
    eos: the name of EOS.
    unk: the name of the unknown token; '' if there is none.
  """

  raw: Mapping[str, Any]
  ids: Mapping[str, int]
  special: frozenset[str]
  eos: str
  unk: str

  @classmethod
  def read(cls, data: bytes, eos: str = '') -> TokenizerFile:
    """Reads a file.

    Args:
      data: its bytes.
      eos: the name of EOS; by default the only one there is of `USUAL_EOS`.

    Raises:
      UserError: the bytes are no tokenizer; or text could give the id 0, which
        is padding to seqio; or EOS is not known; or characters would be lost.
    """
    raw, ids, special, unk = _parse(data)
    eos = eos or _usual_eos(special)
    if eos not in ids:
      raise unknown('--eos', eos, special)
    file = cls(raw, ids, frozenset({*special, eos}), eos, unk)
    file._check()
    return file

  def _check(self) -> None:
    """Refuses a tokenizer whose texts would be masked, or lose characters."""
    ids = self.ids
    all_bytes = (f'<0x{b:02X}>' for b in range(256))
    writes_all = bool(self.byte_letters) or (
      bool(self.raw['model'].get('byte_fallback'))
      and all(b in ids for b in all_bytes)
    )
    if not (writes_all or self.unk in ids):
      raise UserError(
        'the tokenizer drops characters that it has no token for: it has '
        'neither an unk_token nor tokens for all bytes'
      )
    zero = next((name for name, i in ids.items() if not i), '')
    never = writes_all if zero == self.unk else zero in {'', *self.special}
    if never and zero != self.eos:
      return
    what = 'EOS' if zero == self.eos else 'which text can give'
    raise UserError(
      f"the tokenizer's id 0 is '{zero}', {what}; but seqio pads with 0, and "
      'T5X masks it as padding. Take a tokenizer whose id 0 is a special '
      "token, such as '<pad>'"
    )

  @functools.cached_property
  def byte_letters(self) -> Mapping[str, int]:
    """GPT-2's letters for bytes; {} if the tokens are not of these."""
    steps = [self.raw.get(k) for k in ('normalizer', 'pre_tokenizer')]
    if 'ByteLevel' not in _types([*steps, self.raw.get('decoder')]):
      return {}
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in plain]
    letters = {chr(b): b for b in plain}
    letters |= {chr(256 + i): b for i, b in enumerate(others)}
    return letters if letters.keys() <= self.ids.keys() else {}

  def with_hidden_names(self) -> bytes:
    """Returns the file with names for special tokens that no text has.

    Unigram takes tokens of its vocabulary from text, special or not; BPE makes
    them where merges of their letters are listed.
    """
    hidden = {name: HIDDEN + name for name in self.special}
    model = dict(self.raw['model'])
    vocab = model['vocab']
    model['vocab'] = (
      {hidden.get(name, name): i for name, i in vocab.items()}
      if isinstance(vocab, dict)
      else [[hidden.get(name, name), score] for name, score in vocab]
    )
    if model.get('unk_token'):
      model['unk_token'] = hidden.get(model['unk_token'], model['unk_token'])
    if model.get('merges'):
      model['merges'] = [
        merge
        for merge in model['merges']
        if not hidden.keys() & {*pair_of(merge), ''.join(pair_of(merge))}
      ]
    added = [
      {**token, 'content': hidden.get(token['content'], token['content'])}
      for token in self.raw['added_tokens']
    ]
    off = dict.fromkeys(('post_processor', 'truncation', 'padding'))
    return orjson.dumps(
      {**self.raw, **off, 'model': model, 'added_tokens': added}
    )


def _parse(data: bytes) -> tuple[dict[str, Any], dict[str, int], set[str], str]:
  """Reads the file.

  Returns:
    its JSON; the id of each token; which of these are special; and the name of
    the unknown token, '' if there is none.
  """
  try:
    raw: dict[str, Any] = orjson.loads(data)
    added = raw.setdefault('added_tokens', [])
    model, vocab = raw['model'], raw['model']['vocab']
    if isinstance(vocab, dict):
      ids, unk = {**vocab}, model.get('unk_token') or ''
    else:
      ids = {name: i for i, (name, _) in enumerate(vocab)}
      place = model.get('unk_id')
      unk = '' if place is None else vocab[place][0]
    ids |= {token['content']: token['id'] for token in added}
    special = {token['content'] for token in added if token['special']}
  except (AttributeError, IndexError, KeyError, TypeError, ValueError) as e:
    raise UserError(f'not a tokenizer.json: {type(e).__name__}: {e}') from e
  return raw, ids, special, unk


def _usual_eos(special: Iterable[str]) -> str:
  found = [name for name in USUAL_EOS if name in special]
  if len(found) == 1:
    return found[0]
  named = ', '.join(f"'{name}'" for name in found)
  what = f'several that may be: {named}' if found else 'none of a usual name'
  raise UserError(
    'a tokenizer.json does not say which token is EOS, which ends each '
    f"example, and this one has {what}. Name it: --eos '</s>', for example. "
    f'Its special tokens are: {" ".join(sorted(special)[:20]) or "none"}'
  )


def _types(node: object) -> Iterator[str]:
  """Yields the types of all steps of a part of the file."""
  if isinstance(node, Mapping):
    yield node.get('type', '')
    node = [*node.values()]
  if isinstance(node, list):
    for each in node:
      yield from _types(each)


def pair_of(merge: str | Sequence[str]) -> Sequence[str]:
  """Returns the two pieces of a merge, in either way of writing it."""
  return merge.split(' ') if isinstance(merge, str) else merge
