"""Turns a file of prompts into a data set for T5X's inference."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import seqio
import tensorflow as tf

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.registration.vocabulary import without_tensorflow
from ul2_flan.trainer_plugin import blanks, data, fit

if TYPE_CHECKING:
  from t5x import utils

TASK = 'prompts'
SPLIT = 'infer'


def dataset_config(
  manifest: str,
  prompts: str,
  batch_size: int,
  mode_token: str = '',
  task_feature_lengths: dict[str, int] | None = None,
  vocabulary: seqio.Vocabulary | None = None,
  model: Any | None = None,
) -> utils.DatasetConfig:
  """Describes the prompts of a file, for T5X's `infer.dataset_cfg`.

  Args:
    manifest: of the data that the model was trained on last. It says which
      vocabulary and lengths to take, and whether inputs end with EOS.
    prompts: path of a file. Each line is a prompt or, if the path ends in
      `.jsonl`, an object with `inputs` and, for scores, `targets`.
    batch_size: prompts in a batch.
    mode_token: text before each prompt: `[NLU]`, `[S2S]`, `[NLG]` or ''.
    task_feature_lengths: tokens, EOS included; by default those of the
      manifest.
    vocabulary: the model's; by default the manifest's.
    model: T5X's, for which that data must have been made.

  Raises:
    UserError: a file is missing or malformed, a prompt is too long, or the data
      is for another kind of model.
  """
  from t5x import utils

  (trained_on,) = fit.load(manifest, model).values()
  vocabulary = vocabulary or data.vocabulary(manifest)
  lengths = task_feature_lengths or {
    side: length
    for side, length in trained_on.task_feature_lengths.items()
    if side in ('inputs', 'targets')
  }
  if len(lengths) != 2:
    raise UserError(
      f'{manifest} does not say how long prompts and answers may be. Set '
      'TASK_FEATURE_LENGTHS, such as {"inputs": 1024, "targets": 256}'
    )
  add(
    read(prompts),
    vocabulary,
    lengths,
    mode_token,
    inputs_eos=trained_on.inputs_eos,
    sentinels=trained_on.vocabulary.get('sentinels', ''),
    path=prompts,
  )
  return utils.DatasetConfig(
    mixture_or_task_name=TASK,
    task_feature_lengths=lengths,
    split=SPLIT,
    batch_size=batch_size,
    shuffle=False,
    seed=0,
  )


def read(path: str) -> list[tuple[str, str]]:
  """Reads a file of prompts.

  Returns:
    inputs and targets of each line; targets may be empty.

  Raises:
    UserError: there is no such file, it is empty or not UTF-8, or a line of a
      `.jsonl` file is malformed.
  """
  try:
    with tf.io.gfile.GFile(path, 'r') as f:
      text = f.read()
  except tf.errors.OpError as e:
    raise UserError(f'{path}: {e.message}. Set PROMPTS to a file') from e
  except UnicodeDecodeError as e:
    raise UserError(f'{path}: {e}. A file of prompts is UTF-8') from e
  # `str.splitlines` would also split at what a prompt may have, such as U+2028.
  lines = [line.rstrip('\r\n') for line in io.StringIO(text)]
  examples = []
  for number, line in enumerate(lines, 1):
    if not path.endswith('.jsonl'):
      examples.append((line, ''))
      continue
    try:
      example = json.loads(line)
      examples.append((str(example['inputs']), str(example.get('targets', ''))))
    except (
      AttributeError, KeyError, RecursionError, TypeError, ValueError
    ) as e:  # fmt: skip
      raise UserError(
        f'{path}, line {number}: {e!r}. Each line of a .jsonl file is an '
        'object with "inputs" and, if you want scores, "targets"'
      ) from e
  if not examples:
    raise UserError(f'{path} has no prompts')
  return examples


def add(
  examples: list[tuple[str, str]],
  vocabulary: seqio.Vocabulary,
  lengths: dict[str, int],
  mode_token: str,
  inputs_eos: bool,
  path: str,
  sentinels: str = '',
) -> None:
  """Registers prompts as the task `prompts`, which replaces an earlier one.

  Args:
    examples: inputs and targets.
    vocabulary: the model's.
    lengths: tokens of 'inputs' and 'targets', EOS included.
    mode_token: text before each prompt, or ''.
    inputs_eos: whether inputs end with EOS.
    path: of the file, for errors.
    sentinels: what the data was made with, of `Manifest.vocabulary`.

  Raises:
    UserError: a prompt is longer than the model's inputs.
  """
  known = without_tensorflow(vocabulary, sentinels)
  eos = [known.eos_id]
  inputs: list[list[int]] = []
  targets: list[list[int]] = []
  for number, (prompt, answer) in enumerate(examples, 1):
    ids = blanks.encode(prompt, known, mode_token) + eos * inputs_eos
    if len(ids) > lengths['inputs']:
      raise UserError(
        f'{path}, line {number}: {len(ids)} tokens, and TASK_FEATURE_LENGTHS '
        f'has {lengths["inputs"]} for inputs. Shorten it, or give more'
      )
    inputs.append(ids)
    targets.append(blanks.encode(answer, known) + eos)

  # The signature is seqio's.
  def dataset_fn(
    split: str, shuffle_files: bool, seed: int | None = None
  ) -> tf.data.Dataset:
    del split, shuffle_files, seed
    return tf.data.Dataset.from_tensor_slices(
      {
        'inputs': tf.ragged.constant(inputs, tf.int32),
        'targets': tf.ragged.constant(targets, tf.int32),
        'inputs_pretokenized': [prompt for prompt, _ in examples],
        'targets_pretokenized': [answer for _, answer in examples],
      }
    ).map(_dense)

  if TASK in seqio.TaskRegistry.names():
    seqio.TaskRegistry.remove(TASK)
  seqio.TaskRegistry.add(
    TASK,
    source=seqio.FunctionDataSource(
      dataset_fn, splits=[SPLIT], num_input_examples={SPLIT: len(examples)}
    ),
    preprocessors=[],
    output_features={
      side: seqio.Feature(vocabulary, add_eos=False) for side in lengths
    },
  )


def _dense(example: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
  """Makes plain tensors of an example's rows of ragged ones."""
  return {
    name: value.to_tensor() if isinstance(value, tf.RaggedTensor) else value
    for name, value in example.items()
  }
