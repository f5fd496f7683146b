"""Tells whether a run has ended, and whether all that it made is there."""

from ul2_flan.pipelines.launch.kind import refuse_unknown
from ul2_flan.pipelines.run import Plan, changes, paths
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.storage import files, folders
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import TFRECORD, Manifest


def is_complete(output: str, plan: Plan) -> bool:
  """Whether the output holds all that this plan makes, and the run has ended.

  Raises:
    UserError: another plan made it; or somebody deleted or changed shards.
  """
  path = paths.manifest_path(output)
  # With a plan the run has not ended: it died while it finished.
  if not files.exists(path) or plan_lib.find(paths.plan_path(output)):
    return False
  made = made_by(plan, path, output)
  # One listing for each top folder: there may be thousands of data sets.
  tops = sorted({name.split(':')[0] for name in made.data_sets})
  sizes = {
    file: size
    for top in tops
    for file, size in folders.below(files.join(output, top))
  }
  if made.file_format == TFRECORD:  # an export has no marks
    # Not the plan's data sets: a run may leave some out.
    for name in made.data_sets:
      if paths.completed_path(output, name) not in sizes:
        return False
  _refuse_loss(output, made, sizes)
  return True


def _refuse_loss(
  output: str, manifest: Manifest, sizes: dict[str, int]
) -> None:
  """Refuses an output whose shards are not there, or not of their sizes."""
  wrong = [
    f'{path} has {sizes[path]} bytes, not {shard.bytes}'
    if path in sizes
    else f'{path} is missing'
    for splits in manifest.data_sets.values()
    for split in splits.values()
    for shard in split.shards
    if sizes.get(path := files.join(output, shard.path)) != shard.bytes
  ]
  if wrong:
    raise UserError(
      f'{output} was complete, and is so no more: {wrong[0]} ({len(wrong):,} '
      f'such shards, which `verify {output}` names). Copy them back from where '
      'they are whole, or make all anew with --overwrite'
    )


def made_by(plan: Plan, path: str, output: str) -> Manifest:
  """Reads a manifest.

  Raises:
    UserError: another plan made it.
  """
  manifest = manifest_lib.parse(files.read_bytes(path), path)
  refuse_unknown(manifest.run['job'], path)
  changes.refuse_change(manifest.run['config'], plan.config, output)
  # The configuration does not list the files, so they are compared too.
  changes.refuse_change(
    {'sources': manifest.run['sources']}, {'sources': plan.sources()}, output
  )
  return manifest


def ended(output: str) -> bool:
  """Whether the end of the run has come: its plan is gone, its manifest there.

  An engine may begin a finished run again when it fails after the last step.
  Its workers ask this first, and then do nothing.
  """
  has_manifest = files.exists(paths.manifest_path(output))
  return has_manifest and not files.exists(paths.plan_path(output))
