"""Finds what an earlier run left in an output, and where a run goes on.

A run leaves marks as it goes: its plan first, a report for each finished work
item, the manifest, and last a `COMPLETED` in each data set. By these marks a
run learns here where to go on, and `overwrite` what to delete.
"""

import shutil

from ul2_flan.pipelines.launch import overwrite
from ul2_flan.pipelines.launch.kind import refuse_unknown
from ul2_flan.pipelines.run import Plan, Report, changes, paths, reports
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.run.tables import size
from ul2_flan.pipelines.storage import each, files, folders
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError


def is_complete(output: str, plan: Plan) -> bool:
  """Whether the output holds all that this plan makes.

  Raises:
    UserError: another plan made it.
  """
  path = paths.manifest_path(output)
  if not files.exists(path):
    return False
  manifest = manifest_lib.parse(files.read_bytes(path), path)
  refuse_unknown(manifest.run['job'], path)
  changes.refuse_change(manifest.run['config'], plan.config, output)
  # The configuration does not list the files, so they are compared too.
  changes.refuse_change(
    {'sources': manifest.run['sources']}, {'sources': plan.sources()}, output
  )
  # Not the plan's: a run may leave out data sets.
  marks = (paths.completed_path(output, name) for name in manifest.data_sets)
  return ended(output) and all(each(files.exists, marks, output))


def ended(output: str) -> bool:
  """Whether the end of the run has come: its plan is gone, its manifest there.

  An engine may begin a finished run again when it fails after the last step.
  Its workers ask this first, and then do nothing.
  """
  has_manifest = files.exists(paths.manifest_path(output))
  return has_manifest and not files.exists(paths.plan_path(output))


def clean(output: str) -> None:
  """Removes what a finished run needs no more; a second time does nothing."""
  # The plan first: `ended` takes its absence for the end of the run.
  files.delete([paths.plan_path(output)])
  progress = paths.progress_folder(output)
  listed = [path for path, _ in folders.below(progress, links=False)]
  at = len(progress) + 1
  ours = [path for path in listed if overwrite.is_of_progress(path[at:])]
  if ours == listed:
    folders.delete(progress)
  else:
    files.delete(ours)


def report_of(output: str, plan: Plan, item: int) -> Report | None:
  """Returns the report of a work item if this plan has finished it."""
  report = reports.read(output, item)
  return report if report and report.plan == plan.fingerprint else None


def unfinished(output: str, plan: Plan) -> list[int]:
  """Lists the work items that this plan has still to do.

  One listing finds all reports, and only those are read: a new run has none.
  """
  items = reports.items_with_report(output)
  read = each(lambda item: report_of(output, plan, item), items, output)
  done = {report.item for report in read if report}
  return [item.index for item in plan.items if item.index not in done]


def begin(output: str, plan: Plan) -> None:
  """Makes the output ready for work: checks it, and writes the plan.

  Raises:
    UserError: another plan, or an unknown program, has begun the output; the
      disk is too small; or nothing can be written.
  """
  _refuse_strange(output)
  _refuse_other_run(output, plan)
  _check_room(output, plan)
  path = paths.plan_path(output)
  try:
    files.write_bytes(path, plan.to_json(), paths.progress_folder(output))
  except OSError as e:
    raise UserError(f"cannot write to --output '{output}': {e}") from e


def _refuse_other_run(output: str, plan: Plan) -> None:
  """Refuses an output that another plan, or an unknown program, began."""
  path = paths.plan_path(output)
  if files.exists(path):
    old = plan_lib.load(path)
    refuse_unknown(old.kind, path)
    changes.refuse_change(old.config, plan.config, output)
    changes.refuse_change(
      {'sources': old.sources()}, {'sources': plan.sources()}, output
    )
    return
  known = {
    files.join(output, manifest_lib.folder_of(name)) for name in plan.data_sets
  }
  # One listing for each top folder: there may be thousands of data sets.
  for top in sorted({name.split(':')[0] for name in plan.data_sets}):
    for path, _ in folders.below(files.join(output, top)):
      folder = path.rsplit('/', 1)[0]
      if folder in known:
        raise UserError(
          f'{folder} holds files such as {path}, and {output} has no plan of '
          'theirs. Give another --output, or move the folder away. --overwrite '
          'deletes what a manifest there lists'
        )


def _refuse_strange(output: str) -> None:
  """Refuses files that a run would replace, or delete with its progress."""
  has_manifest = files.exists(paths.manifest_path(output))
  is_begun = has_manifest or bool(
    files.exists(paths.plan_path(output)) or reports.items_with_report(output)
  )
  strange = []
  if not has_manifest:
    path = paths.summary_path(output)
    strange += [path] * files.exists(path)
  if not is_begun:
    rejects = folders.below(paths.quarantine_folder(output), links=False)
    strange += [path for path, _ in rejects]
  progress = paths.progress_folder(output)
  for path, _ in folders.below(progress, links=False):
    name = path[len(progress) + 1 :]
    if not overwrite.is_of_progress(name, is_begun=is_begun):
      strange.append(path)
  if strange:
    raise UserError(
      f'{strange[0]} is of no run, and this one would replace or delete it. '
      'Move it away, or give another --output'
    )


def _check_room(output: str, plan: Plan) -> None:
  """Refuses a local disk that is too small for what is expected."""
  if '://' in output:  # nobody can say how much room a bucket has
    return
  # The nearest folder that exists tells the file system.
  parent = output
  while parent and not files.exists(parent):
    parent = files.FileSystems.split(parent)[0]
  free = shutil.disk_usage(parent or '.').free
  tops = {name.split(':')[0] for name in plan.data_sets}
  written = sum(
    size
    for top in {paths.PROGRESS_FOLDER, *tops}
    for _, size in folders.below(files.join(output, top), links=False)
  )
  needed = plan.estimate['bytes'] - written
  if needed > free:
    raise UserError(
      f'the output takes about {size(plan.estimate["bytes"])} and {output} has '
      f'room for {size(free)}. Give an --output on a larger file system.'
    )
