"""Records the stages that a model was trained in: `stages.json`.

The file lies in the model's folder, beside the folders of the stages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import contextlib
import dataclasses
import hashlib
from importlib import metadata, util
import json
import os
import socket
import subprocess

import tensorflow as tf

from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.strict_tables import typed
from ul2_flan.trainer_plugin import steps

FILE_NAME = 'stages.json'

# Packages whose versions a result depends on.
_PACKAGES = (
  *('ul2-flan', 't5x', 'seqio', 'jax', 'jaxlib', 'flax', 'optax'),
  *('orbax-checkpoint', 'tensorflow', 'numpy'),
)

# Options of T5X that differ between the hosts of a run, and when it is resumed.
_OF_A_HOST = ('--process_index=', '--coordinator_address=')


@dataclasses.dataclass(frozen=True, slots=True)
class StageRecord:
  """What is recorded of one stage.

  Attributes:
    command: T5X's command line.
    manifest: path of the data's manifest.
    manifest_sha256: of that file.
    versions: maps packages to versions, '' if one is not installed; T5X to its
      commit.
    last: path of the checkpoint that it ended with; '' until it has ended.
    config: all gin bindings, as T5X writes them; '' until the stage has ended.
  """

  command: tuple[str, ...]
  manifest: str
  manifest_sha256: str
  versions: Mapping[str, str]
  last: str = ''
  config: str = ''

  @classmethod
  def of(cls, manifest: str, command: Sequence[str]) -> StageRecord:
    """Makes the record of a stage that is about to run.

    Raises:
      UserError: there is no such manifest.
    """
    path = manifest_lib.path_of(manifest)
    if not tf.io.gfile.exists(path):
      raise UserError(
        f'no manifest {path}. Make the data with ul2_flan.pipelines, or give '
        'the folder that was its --output'
      )
    digest = hashlib.sha256(_read(path).encode()).hexdigest()
    versions = {name: _version(name) for name in _PACKAGES}
    # T5X has the version 0.0.0 at every commit.
    versions['t5x'] = commit_of('t5x') or versions['t5x']
    return cls(tuple(command), path, digest, versions)

  def finished(self, model_dir: str) -> StageRecord:
    """Returns the record with what T5X has left in the stage's folder.

    Raises:
      UserError: there is no checkpoint.
    """
    return dataclasses.replace(
      self,
      last=last_checkpoint(model_dir),
      config=_read(f'{model_dir}/config.gin'),
    )

  def must_match(self, now: StageRecord, stage: str, model_dir: str) -> None:
    """Refuses to go on with other options or other data.

    Args:
      now: the record of the same stage, as it is to run now.
      stage: its name.
      model_dir: the model's folder, for the message.

    Raises:
      UserError: says what differs.
    """
    if differences := self.differences(now):
      raise UserError(
        f'{model_dir} has a stage {stage} with other settings:\n  '
        + '\n  '.join(differences)
        + '\nGive the same, or another --model_dir'
      )

  def differences(self, now: StageRecord) -> list[str]:
    """Returns a line for each option, and for the data, that differs."""
    before, after = _settings(self.command), _settings(now.command)
    differences = [
      *(f'- {option}' for option in before if option not in after),
      *(f'+ {option}' for option in after if option not in before),
    ]
    if self.manifest_sha256 != now.manifest_sha256:
      differences.append(f'{self.manifest} is not what it was')
    return differences

  def has_trained(self, folder: str) -> bool:
    """Whether the stage's folder has a checkpoint of a step that it took."""
    return any(step != self._first_step() for step in steps_in(folder))

  def begin_anew(self, folder: str) -> None:
    """Deletes the checkpoint that T5X saved before the first step.

    T5X would start from it with other settings too, and with the state of the
    data set that it had then.
    """
    path = f'{folder}/checkpoint_{self._first_step()}'
    # With several hosts, another may have been here first.
    with contextlib.suppress(tf.errors.NotFoundError):
      tf.io.gfile.rmtree(path)

  def _first_step(self) -> int:
    bound = (part.partition('=') for part in self.command)
    given = {name: value.strip('"\'') for name, _, value in bound}
    if given.get('--gin.OPTIMIZER_STATE') == 'reset':
      return 0
    # No step, if the path is why the start failed.
    return steps.step_of(given.get('--gin.INITIAL_CHECKPOINT_PATH', '')) or 0


def read(model_dir: str) -> dict[str, StageRecord]:
  """Reads the stages that were begun, by name; {} if there are none.

  Raises:
    UserError: the file was changed, or is of something else.
  """
  path = f'{model_dir}/{FILE_NAME}'
  if not tf.io.gfile.exists(path):
    return {}
  try:
    return {
      name: typed(StageRecord, {**stage, 'command': tuple(stage['command'])})
      for name, stage in json.loads(_read(path)).items()
    }
  except (
    *(AttributeError, KeyError, RecursionError, TypeError, ValueError),
    tf.errors.OpError,
  ) as e:
    raise UserError(
      f'{path} does not record the stages of a model: {e!r}. Copy it anew from '
      'where the model was trained, or give another --model_dir'
    ) from e


def write(model_dir: str, stages: Mapping[str, StageRecord]) -> None:
  """Writes the stages so that nobody sees half a file.

  Several hosts may do so at once: each writes a file of its own, and renames
  it.
  """
  path = f'{model_dir}/{FILE_NAME}'
  text = json.dumps(
    {name: dataclasses.asdict(stage) for name, stage in stages.items()},
    indent=2,
  )
  tf.io.gfile.makedirs(model_dir)
  temporary = f'{path}.tmp-{socket.gethostname()}-{os.getpid()}'
  with tf.io.gfile.GFile(temporary, 'w') as f:
    f.write(f'{text}\n')
  tf.io.gfile.rename(temporary, path, overwrite=True)


def last_checkpoint(model_dir: str) -> str:
  """Returns the path of the checkpoint with the highest step in a folder.

  Raises:
    UserError: there is none.
  """
  known = steps_in(model_dir)
  if not known:
    raise UserError(f'no checkpoint in {model_dir}, though T5X has ended well')
  return f'{model_dir}/checkpoint_{known[-1]}'


def steps_in(folder: str) -> list[int]:
  """Returns the steps of a folder's checkpoints, sorted; [] if it has none."""
  names = tf.io.gfile.listdir(folder) if tf.io.gfile.isdir(folder) else []
  found = (steps.step_of(name) for name in names)
  return sorted(step for step in found if step is not None)


def commit_of(package: str) -> str:
  """Returns the commit of the checkout that a package is from, or ''."""
  spec = util.find_spec(package)
  if not spec or not spec.origin:
    return ''
  git = ['git', '-C', os.path.dirname(spec.origin)]
  try:
    # A package in .venv lies in a checkout of something else: its files must be
    # known to git.
    subprocess.check_output(
      [*git, 'ls-files', '--error-unmatch', spec.origin],
      stderr=subprocess.DEVNULL,
    )
    return subprocess.check_output(
      [*git, 'rev-parse', 'HEAD'], text=True
    ).strip()
  except (OSError, subprocess.CalledProcessError):
    return ''


def _settings(command: Sequence[str]) -> list[str]:
  """Returns a command's options without those that differ between hosts."""
  return [part for part in command[1:] if not part.startswith(_OF_A_HOST)]


def _read(path: str) -> str:
  with tf.io.gfile.GFile(path, 'r') as f:
    return str(f.read())


def _version(package: str) -> str:
  try:
    return metadata.version(package)
  except metadata.PackageNotFoundError:
    return ''
