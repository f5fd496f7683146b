"""Writes a vocabulary, with its sentinels, as Hugging Face's tokenizer.

The ids are those that the model was trained on. `T5Tokenizer` gives others
around blanks: behind `<extra_id_0>` it puts a space before a full stop. Nor
does it know pieces for bytes, or sentinels among a model's own pieces.

One difference stays: where two ways to write a text have the same score, such
as a row of dashes, SentencePiece's sums in single precision let one win and
`tokenizers`' in double the other. And names of special tokens in a text become
these tokens, as Transformers' users expect.
"""

from __future__ import annotations

from collections.abc import Mapping
import json
from typing import TYPE_CHECKING, Any

from ul2_flan.tasks.denoising.mode_tokens import MODE_TOKENS
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.vocabulary import Vocabulary
from ul2_flan.tasks.vocabulary.tokenizer_file import pair_of

# An extra of this package, imported where it is used.
if TYPE_CHECKING:
  import tokenizers

_MARK = '▁'
_NORMAL, _CONTROL = 1, 3  # of ModelProto.SentencePiece.Type

# Texts on which a tokenizer is compared with the vocabulary: cases, digits,
# marks, white space, letters that normalising changes, letters not known. Two
# ways to write one may have the same score, so some may differ.
_TEXTS = (
  'The QUICK brown fox jumps',
  '3.5 km (or 2,000 miles) at 5%',
  '"So on", he said - and: no!',
  ' two  spaces',
  'a space at the end ',
  'a line\nand another\n\n',
  'a tab\tand more',
  'Ｆｕｌｌ ﬁgure',
  'naïve café № 1',
  '中文 и ещё',
)
_MAY_DIFFER = 2


def files(
  model: bytes, vocabulary: Vocabulary, appends_eos: bool = True
) -> dict[str, bytes]:
  """Makes the files of a tokenizer.

  Args:
    model: the bytes of the vocabulary's file.
    vocabulary: made of them.
    appends_eos: whether inputs end with EOS.

  Returns:
    maps names of files to contents.

  Raises:
    UserError: `tokenizers` gives other ids than the vocabulary.
  """
  is_json = vocabulary.kind == 'tokenizer_json'
  raw = json.loads(model if is_json else _of_sentencepiece(model).to_str())
  names = _name_sentinels(raw, vocabulary)
  eos = names[vocabulary.eos_id]
  tokenizer = _loaded(raw)
  if appends_eos:
    from tokenizers import processors

    tokenizer.post_processor = processors.TemplateProcessing(
      single=['$A', eos],
      pair=['$A', eos, '$B', eos],
      special_tokens=[(eos, vocabulary.eos_id)],
    )
  _compare(tokenizer, vocabulary)
  config = {
    'tokenizer_class': 'PreTrainedTokenizerFast',
    'model_input_names': ['input_ids', 'attention_mask'],
    'clean_up_tokenization_spaces': False,
    'pad_token': names[0],
    'eos_token': eos,
    'additional_special_tokens': [
      f'<extra_id_{k}>' for k in range(vocabulary.sentinels.count)
    ],
  }
  if vocabulary.unk_id >= 0:
    config['unk_token'] = names[vocabulary.unk_id]
  written = {
    'tokenizer.json': tokenizer.to_str(pretty=True).encode(),
    'tokenizer_config.json': json.dumps(
      config, indent=2, ensure_ascii=False
    ).encode(),
  }
  return written if is_json else {**written, 'spiece.model': model}


def _of_sentencepiece(model: bytes) -> tokenizers.Tokenizer:
  """Makes a tokenizer of a SentencePiece model, still without sentinels."""
  # Its classes are made at run time.
  from sentencepiece import sentencepiece_model_pb2
  import tokenizers
  from tokenizers import Regex, decoders, normalizers, pre_tokenizers

  proto: Any = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]
  proto.ParseFromString(model)
  rules = proto.normalizer_spec
  tokenizer = tokenizers.Tokenizer(_units(proto))
  steps: list[Any] = []
  if rules.precompiled_charsmap:
    steps.append(normalizers.Precompiled(rules.precompiled_charsmap))
  if rules.remove_extra_whitespaces:
    # White space behind a blank stays: there, a word begins.
    steps.append(normalizers.Strip(left=False, right=True))
    steps.append(normalizers.Replace(Regex(' {2,}'), ' '))
  tokenizer.normalizer = normalizers.Sequence(steps)
  # A word begins at the start of a text, but not behind each blank.
  tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
    _MARK,
    prepend_scheme='first' if rules.add_dummy_prefix else 'never',
    split=not any(_MARK in piece.piece[1:] for piece in proto.pieces),
  )
  tokenizer.decoder = decoders.Sequence(
    [
      decoders.Replace(_MARK, ' '),
      decoders.ByteFallback(),
      decoders.Fuse(),
      *([decoders.Strip(' ', 1, 0)] if rules.add_dummy_prefix else []),
    ]
  )
  tokenizer.add_special_tokens(
    [
      piece.piece
      for i, piece in enumerate(proto.pieces)
      if piece.type == _CONTROL or i in (0, proto.trainer_spec.unk_id)
    ]
  )
  return tokenizer


def _units(proto: Any) -> Any:
  """Returns the model of a tokenizer: how it makes pieces of a word."""
  from tokenizers import models

  trainer = proto.trainer_spec
  scores = {piece.piece: piece.score for piece in proto.pieces}
  if trainer.model_type == trainer.UNIGRAM:
    return models.Unigram(
      list(scores.items()), trainer.unk_id, trainer.byte_fallback
    )
  if trainer.model_type != trainer.BPE:
    raise UserError(
      'a SentencePiece model of words or characters cannot be written as a '
      'tokenizer.json. Train one of the type unigram or bpe'
    )
  # SentencePiece makes the pair first whose piece has the best score.
  by_score = sorted(scores, key=lambda name: -scores[name])
  pairs = [
    (name[:i], name[i:])
    for name in by_score
    for i in range(1, len(name))
    if name[:i] in scores and name[i:] in scores
  ]
  return models.BPE(
    vocab={name: i for i, name in enumerate(scores)},
    merges=pairs,
    unk_token=proto.pieces[trainer.unk_id].piece,
    fuse_unk=True,
    byte_fallback=trainer.byte_fallback,
  )


def _name_sentinels(
  raw: dict[str, Any], vocabulary: Vocabulary
) -> Mapping[int, str]:
  """Puts sentinels and mode tokens into the contents of a `tokenizer.json`.

  Args:
    raw: the contents, which are changed.
    vocabulary: that they are of.

  Returns:
    the names of all ids.
  """
  sentinels, units = vocabulary.sentinels, raw['model']
  new = {
    sentinels.first + sentinels.step * k: f'<extra_id_{k}>'
    for k in range(sentinels.count)
  }
  is_list = isinstance(units['vocab'], list)
  names: dict[int, str] = (
    {i: name for i, (name, _) in enumerate(units['vocab'])}
    if is_list
    else {i: name for name, i in units['vocab'].items()}
  )
  added = {token['id']: token for token in raw['added_tokens']}
  names |= {i: token['content'] for i, token in added.items()}
  # A piece that is a sentinel now is no text, nor are pairs that make it.
  gone = {names[i] for i in new if i in names}
  if units.get('merges'):
    units['merges'] = [
      pair for pair in units['merges'] if ''.join(pair_of(pair)) not in gone
    ]
  for i, name in sorted(new.items()):
    names[i] = name
    if not is_list:
      units['vocab'][name] = i
    elif i < len(units['vocab']):
      units['vocab'][i] = [name, 0.0]
    elif i == len(units['vocab']):
      units['vocab'].append([name, 0.0])
  if not is_list:
    for name in gone - {*new.values()}:
      units['vocab'].pop(name, None)
  modes = {m for table in MODE_TOKENS.values() for m in table.values()}
  known = {i: name for i, name in names.items() if name in modes}
  for i, name in {**known, **new}.items():
    # With the white space before it, as in training.
    added[i] = _added(i, name, special=i in new)
  raw['added_tokens'] = [added[i] for i in sorted(added)]
  return names


def _added(i: int, name: str, special: bool) -> dict[str, Any]:
  return {
    **{'id': i, 'content': name, 'special': special, 'lstrip': True},
    **{'rstrip': False, 'single_word': False, 'normalized': False},
  }


def _loaded(raw: Mapping[str, Any]) -> tokenizers.Tokenizer:
  import tokenizers

  off = dict.fromkeys(('post_processor', 'truncation', 'padding'))
  return tokenizers.Tokenizer.from_str(json.dumps({**raw, **off}))


def _compare(tokenizer: tokenizers.Tokenizer, vocabulary: Vocabulary) -> None:
  """Refuses a tokenizer that gives other ids than the vocabulary."""
  sentinels = vocabulary.sentinels
  for k in range(sentinels.count):
    i = sentinels.first + sentinels.step * k
    if tokenizer.token_to_id(f'<extra_id_{k}>') != i:
      raise UserError(
        f'the vocabulary has <extra_id_{k}> as id {i}, and a tokenizer.json of '
        'it would not. Give a vocabulary whose ids have no gaps'
      )
  others = [
    text
    for text in _TEXTS
    if tuple(tokenizer.encode(text, add_special_tokens=False).ids)
    != vocabulary.encode(text)
  ]
  if len(others) > _MAY_DIFFER:
    raise UserError(
      'a tokenizer.json of this vocabulary gives other ids for '
      f'{", ".join(map(repr, others))}. Its normaliser is not among those that '
      'tokenizers has: ask the model with T5X'
    )
