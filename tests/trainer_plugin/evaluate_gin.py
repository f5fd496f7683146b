"""Evaluates gin files as T5X would, but trains nothing. Needs T5X.

    python evaluate_gin.py '[{"files": [...], "bindings": [...]}, ...]'

Prints, as JSON, for each case the operative configuration and the given one,
the model's number of parameters, over how many chips it divides, and learning
rates. A program of its own, since our files bind functions of the program that
reads them, as T5X's own files do.
"""

import copy
import functools
import json
import sys
from typing import Any

import gin
import jax
from jax.sharding import PartitionSpec as P
import numpy as np
from t5x import eval as eval_lib
from t5x import infer as infer_lib
from t5x import train as train_lib

FOUND: dict = {}


def _stands_in_for(function):
  """A function of the same name and signature, which only looks."""

  @functools.wraps(function)
  def stub(**settings):
    FOUND.clear()
    look(settings)

  stub.__module__ = '__main__'
  return stub


def look(settings: dict) -> None:
  model = settings['model']
  tokens = (settings['partitioner'].mesh.size, 8)
  decoder = ['decoder_input_tokens', 'decoder_target_tokens']
  names = ['encoder_input_tokens', *decoder]
  make = settings.get('train_state_initializer_cls')
  if make:
    initializer = make(
      optimizer_def=model.optimizer_def,
      init_fn=model.get_initial_variables,
      input_shapes=dict.fromkeys(names, tokens),
      partitioner=settings['partitioner'],
    )
    state = initializer.global_train_state_shape
    FOUND['divides_by'] = most_partitions(
      state.params, initializer.train_state_axes.params
    )
    sizes = [x.size for x in jax.tree.leaves(state.params)]
    FOUND['parameters'] = int(np.sum(sizes, dtype=np.int64))
    total = settings['total_steps']
    rate = copy.deepcopy(
      gin.query_parameter('trainer.Trainer.learning_rate_fn')
    )
    FOUND['last_step'] = total
    FOUND['rates'] = [float(f'{rate(step):.4g}') for step in (0, total)]


train = _stands_in_for(train_lib.train)
infer = _stands_in_for(infer_lib.infer)
evaluate = _stands_in_for(eval_lib.evaluate)


def most_partitions(shapes: Any, specs: Any) -> int:
  """The largest power of two of chips that a model can be divided over."""

  def fits(count: int) -> bool:
    mesh = jax.sharding.AbstractMesh((1, count), ('data', 'model'))
    for shape, spec in zip(
      jax.tree.leaves(shapes),
      jax.tree.leaves(specs, is_leaf=lambda x: x is None or isinstance(x, P)),
      strict=True,
    ):
      try:
        jax.sharding.NamedSharding(mesh, spec).shard_shape(shape.shape)
      except ValueError:
        return False
    return True

  return max(count for count in (1, 2, 4, 8, 16, 32, 64) if fits(count))


def main() -> None:
  programs = {'train': train, 'infer': infer, 'eval': evaluate}
  run = {name: gin.configurable(of) for name, of in programs.items()}
  results = []
  for case in json.loads(sys.argv[1]):
    gin.clear_config()
    gin.parse_config_files_and_bindings(case['files'], case['bindings'])
    run[case.get('program', 'train')]()
    configs = {'config': gin.operative_config_str(), 'given': gin.config_str()}
    results.append({**configs, **FOUND})
  print(json.dumps(results))


if __name__ == '__main__':
  main()
