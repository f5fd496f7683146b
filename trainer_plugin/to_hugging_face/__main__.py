r"""Writes a checkpoint of T5X as Transformers reads it, with its tokenizer.

    python -m ul2_flan.trainer_plugin.to_hugging_face \
        --model_dir MODELS/flan --output MODEL

T5X's `config.gin`, beside the checkpoints, says what the model is and which
data it was trained on; the manifest of that data says which vocabulary it has.
`AutoModelForSeq2SeqLM` and `AutoTokenizer` load the folder: as
`T5ForConditionalGeneration`, or as `UMT5ForConditionalGeneration` (with
Transformers 5) if T5X's scalable network was trained. Decoder-only models are
refused: Transformers has no class for them.

The folder must be new or empty, and appears when it is complete.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import hashlib
from importlib import util
import sys
from typing import Any

import tensorflow as tf

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flags import make_parser
from ul2_flan.tasks.messages import complain, say
from ul2_flan.tasks.register import load_manifest
from ul2_flan.tasks.registration import vocabulary as vocabulary_lib
from ul2_flan.tasks.vocabulary import Vocabulary
from ul2_flan.trainer_plugin.configs import settings
from ul2_flan.trainer_plugin.steps import absolute
from ul2_flan.trainer_plugin.to_hugging_face import (
  checkpoint,
  folder,
  tensors,
  tokenizer,
)


def main(argv: Sequence[str] | None = None) -> int:
  """Writes a model.

  Returns:
    the exit status: 0; or 2 for a mistake in what was given.
  """
  try:
    _main(sys.argv[1:] if argv is None else argv)
  except UserError as e:
    complain(f'error: {e}')
    return 2
  return 0


def _main(argv: Sequence[str]) -> None:
  prog = 'python -m ul2_flan.trainer_plugin.to_hugging_face'
  parser = make_parser(prog, __doc__, __package__, 'flags.toml')
  args = parser.parse_args(argv)
  for package in ('safetensors', 'tokenizers'):
    if util.find_spec(package) is None:
      raise UserError(f'needs the package {package}: pip install {package}')
  folder.check(args.output)
  model_dir = absolute(args.model_dir)
  trained = checkpoint.opened(checkpoint.find(model_dir, args.step))
  known = settings.read(model_dir, args.model)
  model = tensors.model(trained.shapes, known.network, known.path)
  data, vocabulary, appends_eos = _vocabulary(known, args)
  rows = model.config['vocab_size']
  if vocabulary.size > rows:
    raise UserError(
      f'the vocabulary has {vocabulary.size} ids, and the model {rows}: it was '
      'trained with another. Give its manifest, or its --vocabulary'
    )
  ids = {
    'decoder_start_token_id': 0,
    'eos_token_id': vocabulary.eos_id,
    'pad_token_id': 0,
  }
  files = tokenizer.files(data, vocabulary, appends_eos)
  say(f'reading {trained.path}')
  with folder.whole(args.output) as made:
    folder.write_tensors(made, trained, model)
    folder.write_json(made / 'config.json', {**model.config, **ids})
    folder.write_json(made / 'generation_config.json', ids)
    for name, content in files.items():
      (made / name).write_bytes(content)
  (written,) = model.config['architectures']
  say(
    f'{args.output}: {written}, {rows} ids. Load it with\n'
    f"  AutoModelForSeq2SeqLM.from_pretrained('{args.output}')\n"
    f"  AutoTokenizer.from_pretrained('{args.output}')"
  )


def _vocabulary(
  known: settings.Settings, args: Any
) -> tuple[bytes, Vocabulary, bool]:
  """Returns the vocabulary: its file's bytes, itself, whether inputs have EOS.

  Raises:
    UserError: it is not known, it cannot be read, or it is another file than
      the data was made with.
  """
  manifest = args.manifest or _first(known.macros.get('MANIFEST'))
  moved = args.vocabulary or known.macros.get('VOCABULARY_PATH')
  if not manifest:
    if not moved:
      raise UserError(
        f'{known.path} names no data, so the vocabulary is not known. Give '
        "--manifest, the folder of the model's data, or --vocabulary"
      )
    data = _read(moved)
    return data, Vocabulary(data), True
  made = load_manifest(manifest)
  described: Mapping[str, Any] = made.vocabulary
  path = moved or described['path']
  data = _read(path)
  if hashlib.sha256(data).hexdigest() != described['sha256']:
    raise UserError(
      f'{path} is not the vocabulary that {manifest} was made with. Give that '
      'file: --vocabulary'
    )
  vocabulary = Vocabulary(
    data,
    described['extra_ids'],
    described.get('sentinels', ''),
    described.get('eos', ''),
  )
  return data, vocabulary, made.inputs_eos


def _first(manifests: object) -> str | None:
  """Returns a path, or the first of several."""
  if isinstance(manifests, list | tuple):
    manifests = manifests[0] if manifests else None
  return manifests if isinstance(manifests, str) else None


def _read(path: str) -> bytes:
  try:
    return vocabulary_lib.read(path)
  except tf.errors.OpError as e:
    raise UserError(
      f'vocabulary {path}: {e.message}. Give --vocabulary, where it is now'
    ) from e


if __name__ == '__main__':
  sys.exit(main())
