"""What an output holds of an earlier run, and whether to go on with that."""

from __future__ import annotations

import shutil

from ul2_flan.pipelines.launch.finish import SUMMARY, completed_path
from ul2_flan.pipelines.run import changes, quarantine, summary
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError


def is_complete(output: str, plan: Plan) -> bool:
  """Whether the output is whole, and of this plan.

  Raises:
    UserError: it is of another.
  """
  path = files.join(output, manifest_lib.FILE_NAME)
  if not files.exists(path):
    return False
  manifest = manifest_lib.parse(files.read_bytes(path), path)
  changes.refuse_change(manifest.run['config'], plan.config, output)
  changes.refuse_change(
    {'sources': manifest.run['sources']}, {'sources': plan.sources()}, output
  )
  return all(
    files.exists(completed_path(output, name)) for name in plan.data_sets
  )


def refuse_other_run(output: str, plan: Plan) -> None:
  """Lets nobody build on what another plan has begun, or nobody knows.

  Raises:
    UserError: there is such, with what differs.
  """
  path = plan_lib.plan_path(output)
  if files.exists(path):
    old = plan_lib.load(path)
    changes.refuse_change(old.config, plan.config, output)
    changes.refuse_change(
      {'sources': old.sources()}, {'sources': plan.sources()}, output
    )
    return
  folders = {
    files.join(output, manifest_lib.folder_of(name)) for name in plan.data_sets
  }
  # One listing, since there may be thousands of data sets.
  for top in sorted({name.split(':')[0] for name in plan.data_sets}):
    for path, _ in files.match(files.join(output, top, '**')):
      folder = path.rsplit('/', 1)[0]
      if folder in folders:
        raise UserError(
          f'{folder} holds files and {output} no plan of theirs, such as '
          f'{path}. Give another --output, or --overwrite to delete them.'
        )


def check_room(output: str, plan: Plan) -> None:
  """Fails early where a local disk is too small for what is expected."""
  if '://' in output:
    return
  parent = output
  while parent and not files.exists(parent):
    parent = files.FileSystems.split(parent)[0]
  free = shutil.disk_usage(parent or '.').free
  written = sum(size for _, size in files.match(files.join(output, '**')))
  needed = plan.estimate['bytes'] - written
  if needed > free:
    raise UserError(
      f'the output takes about {summary.size(plan.estimate["bytes"])} and '
      f'{output} has room for {summary.size(free)}. Give an --output on a '
      'larger file system.'
    )


def write_plan(output: str, plan: Plan) -> None:
  """Puts the plan where workers, and a later run, will look for it.

  Raises:
    UserError: the output cannot be written.
  """
  path = plan_lib.plan_path(output)
  scratch = files.join(output, plan_lib.PROGRESS_FOLDER)
  try:
    files.write_bytes(path, plan.to_json(), scratch)
  except OSError as e:
    raise UserError(f"cannot write to --output '{output}': {e}") from e


def delete_run(output: str, plan: Plan) -> None:
  """Deletes an earlier run's data sets, and this one's if there are any."""
  names = set(plan.data_sets)
  path = files.join(output, manifest_lib.FILE_NAME)
  if files.exists(path):
    names |= set(manifest_lib.parse(files.read_bytes(path), path).data_sets)
  if files.exists(plan_lib.plan_path(output)):
    names |= set(plan_lib.load(plan_lib.plan_path(output)).data_sets)
  # The manifest first: what is half deleted must not look whole.
  files.delete([path])
  files.delete([files.join(output, SUMMARY)])
  for name in sorted(names):
    files.delete([completed_path(output, name)])
  for name in sorted(names):
    files.delete_below(files.join(output, manifest_lib.folder_of(name)))
  files.delete_below(files.join(output, quarantine.FOLDER))
  files.delete_below(files.join(output, plan_lib.PROGRESS_FOLDER))
