"""Small `tokenizer.json` files of each kind, trained on prose Python ships."""

from collections.abc import Callable
import functools
import json
from typing import Any

from support.corpora import prose
from tokenizers import (
  AddedToken,
  Regex,
  Tokenizer,
  decoders,
  models,
  normalizers,
  pre_tokenizers,
  trainers,
)

T5_LIKE = ['<pad>', '</s>', '<unk>']
LLAMA_LIKE = ['<unk>', '<s>', '</s>']
BYTES = [f'<0x{b:02X}>' for b in range(256)]


def _trained(tokenizer: Tokenizer, trainer: Any) -> Tokenizer:
  tokenizer.train_from_iterator(prose(60), trainer)
  return tokenizer


def _bpe(tokenizer: Tokenizer, special: list[str], **options: Any) -> Tokenizer:
  trainer = trainers.BpeTrainer(
    vocab_size=700, special_tokens=special, show_progress=False, **options
  )
  return _trained(tokenizer, trainer)


def _byte_level(pre_tokenizer: Any, **options: Any) -> Tokenizer:
  tokenizer = Tokenizer(models.BPE(**options))
  tokenizer.pre_tokenizer = pre_tokenizer
  tokenizer.decoder = decoders.ByteLevel()
  letters = pre_tokenizers.ByteLevel.alphabet()
  return _bpe(tokenizer, ['<pad>', '<|endoftext|>'], initial_alphabet=letters)


def _gpt2() -> Tokenizer:
  return _byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False))


def _llama3() -> Tokenizer:
  """Its own rule for words, and special tokens behind the vocabulary."""
  words = (
    r"(?i:'s|'t)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+"
  )
  tokenizer = _byte_level(
    pre_tokenizers.Sequence(
      [
        pre_tokenizers.Split(Regex(words), 'isolated'),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
      ]
    ),
    ignore_merges=True,
  )
  tokenizer.add_special_tokens([f'<extra_id_{k}>' for k in range(100)])
  return tokenizer


def _with_tokens() -> Tokenizer:
  """A normalizer, a space before each text, and tokens that text may have."""
  tokenizer = _byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True))
  tokenizer.normalizer = normalizers.NFC()
  tokenizer.add_tokens(
    [*(f'<unused{k}>' for k in range(40)), AddedToken('    ', normalized=False)]
  )
  return tokenizer


def _unigram(
  pre_tokenizer: Any, normalizer: Any, special: list[str]
) -> Tokenizer:
  tokenizer = Tokenizer(models.Unigram())
  tokenizer.normalizer = normalizer
  tokenizer.pre_tokenizer = pre_tokenizer
  tokenizer.decoder = decoders.Metaspace()
  trainer = trainers.UnigramTrainer(
    vocab_size=600, special_tokens=special, unk_token='<unk>',
    show_progress=False,
  )  # fmt: skip
  return _trained(tokenizer, trainer)


def _t5() -> Tokenizer:
  """Sentinels are pieces, as in the file of T5's own."""
  words = pre_tokenizers.Sequence(
    [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
  )
  sentinels = [f'<extra_id_{k}>' for k in reversed(range(100))]
  return _unigram(words, normalizers.NFKC(), [*T5_LIKE, *sentinels])


def _xlnet() -> Tokenizer:
  steps = [normalizers.NFKD(), normalizers.StripAccents()]
  lower = normalizers.Sequence([*steps, normalizers.Lowercase()])
  return _unigram(pre_tokenizers.Metaspace(), lower, T5_LIKE)


def _first_space() -> Tokenizer:
  space = pre_tokenizers.Metaspace(prepend_scheme='first')
  return _unigram(space, normalizers.NFC(), ['<s>', '<pad>', '</s>', '<unk>'])


def _spaced_bpe(special: list[str]) -> Tokenizer:
  tokenizer = Tokenizer(models.BPE(unk_token='<unk>'))
  tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
  tokenizer.decoder = decoders.Metaspace()
  return _bpe(tokenizer, special)


def _with_bytes(tokenizer: Tokenizer, steps: Any = None) -> Tokenizer:
  """Adds tokens for bytes, and takes them for characters that it lacks.

  Args:
    tokenizer: a BPE.
    steps: a normalizer that takes the place of the pre-tokenizer, if any.
  """
  raw = json.loads(tokenizer.to_str())
  model = raw['model']
  first = len(model['vocab'])
  model['vocab'] |= {name: first + i for i, name in enumerate(BYTES)}
  model |= {'byte_fallback': True, 'fuse_unk': True}
  tokenizer = Tokenizer.from_str(json.dumps(raw))
  if steps:
    tokenizer.normalizer = steps
    tokenizer.pre_tokenizer = None
  tokenizer.decoder = decoders.Sequence(
    [
      decoders.Replace('▁', ' '),
      decoders.ByteFallback(),
      decoders.Fuse(),
      decoders.Strip(' ', 1, 0),
    ]
  )
  return tokenizer


def _llama() -> Tokenizer:
  """No pre-tokenizer: a text is one word."""
  steps = [normalizers.Prepend('▁'), normalizers.Replace(' ', '▁')]
  bpe = _spaced_bpe(LLAMA_LIKE)
  return _with_bytes(bpe, normalizers.Sequence(steps))


def _gemma() -> Tokenizer:
  return _with_bytes(_spaced_bpe(['<pad>', '<eos>', '<bos>', '<unk>']))


def _plain() -> Tokenizer:
  return _spaced_bpe(T5_LIKE)


MAKERS: dict[str, Callable[[], Tokenizer]] = {
  'gpt2': _gpt2,
  'llama3': _llama3,
  'with_tokens': _with_tokens,
  't5': _t5,
  'xlnet': _xlnet,
  'first_space': _first_space,
  'llama': _llama,
  'gemma': _gemma,
  'plain': _plain,
}


@functools.cache
def tokenizer(kind: str) -> Tokenizer:
  return MAKERS[kind]()


@functools.cache
def data(kind: str) -> bytes:
  """The bytes of the file of a kind."""
  return tokenizer(kind).to_str().encode()
