"""Finds what an earlier run left in an output, and where a run goes on.

A run leaves marks as it goes: its plan first, a report for each finished work
item, the manifest, and last a `COMPLETED` in each data set. By these marks a
run learns here where to go on, and `overwrite` what to delete.
"""

import contextlib
import dataclasses
import os
import shutil

from ul2_flan.pipelines.launch import overwrite
from ul2_flan.pipelines.launch.kind import refuse_unknown
from ul2_flan.pipelines.launch.manifest import finished
from ul2_flan.pipelines.run import Plan, Report, changes, paths, reports
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.run.tables import size
from ul2_flan.pipelines.storage import each, files, folders
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError


def clean(output: str) -> None:
  """Deletes what an ended run needs no more; a second time does nothing.

  Another launcher of the same run may still write. The last of them to end
  finds nobody else writing, so nothing stays.
  """
  # The plan first: `ended` takes its absence for the end of the run.
  files.delete([paths.plan_path(output)])
  progress = paths.progress_folder(output)
  listed = [path for path, _ in folders.below(progress, links=False)]
  at = len(progress) + 1
  ours = [path for path in listed if overwrite.is_of_progress(path[at:])]
  if ours != listed:
    return files.delete(ours)
  # A folder that was empty may have a file again: whoever wrote it cleans up.
  with contextlib.suppress(OSError):
    folders.delete(progress)


def report_of(output: str, plan: Plan, item: int) -> Report | None:
  """Returns the report of a work item if this plan has finished it.

  What the report names must be there, of the right sizes. Only on a local disk
  can it be otherwise without somebody's doing; there a look costs nothing. And
  what it was made of must be as it was.
  """
  report = reports.read(output, item)
  if not report or report.plan != plan.fingerprint:
    return None
  if '://' not in output and reports.damaged(report, output):
    return None
  return report if all(mark.is_same for mark in report.read) else None


def unfinished(output: str, plan: Plan) -> list[int]:
  """Lists the work items that this plan has still to do.

  One listing finds all reports, and only those are read: a new run has none.
  """
  items = reports.items_with_report(output)
  read = each(lambda item: report_of(output, plan, item), items, output)
  done = {report.item for report in read if report}
  return [item.index for item in plan.items if item.index not in done]


def plan_to_follow(output: str, plan: Plan) -> Plan:
  """Returns the plan that has begun an output if it divides the work alike.

  Samples of the sources make the estimate: if a file was mended, or changed in
  another way, another may come of them. Each work item finds that by itself.
  And another version may make other data sets of the same work.
  """
  old = plan_lib.find(paths.plan_path(output))
  return old if old and _work_of(old) == _work_of(plan) else plan


def _work_of(plan: Plan) -> str:
  """Returns the fingerprint of the work that a plan divides."""
  # A run that the version before began keeps no denoisers apart, and has fewer
  # validation shards. The work is the same.
  groups = {
    name: dataclasses.replace(
      group,
      data_sets=(),
      validation_shards=min(1, group.validation_shards),
      denoisers=1,
    )
    for name, group in plan.groups.items()
  }
  work = dataclasses.replace(plan, groups=groups, estimate={}, manifest={})
  return work.fingerprint


def begin(output: str, plan: Plan) -> bool:
  """Makes the output ready for work: checks it, and writes the plan.

  Of several launchers that begin an output at once, one writes the plan. The
  others find it, and work with it if it is theirs.

  Returns:
    whether there is work to do; False if another launcher of this plan did it
    just now.

  Raises:
    UserError: another plan, or an unknown program, has begun the output; the
      disk is too small; or nothing can be written.
  """
  if not _is_begun(output, plan):
    try:
      _refuse_files(output, plan)
    except UserError:
      # They may be those of another launcher, which began or ended just now.
      if finished.is_complete(output, plan):
        return False
      if not _is_begun(output, plan):
        raise
  _refuse_strange(output)
  _check_room(output, plan)
  path = paths.plan_path(output)
  try:
    if files.exists(path) and overwrite.is_damaged(path):
      files.delete([path])
    data = plan.to_json()
    if files.write_first(path, data, paths.progress_folder(output)):
      _give_way(output, plan)
      return True
  except OSError as e:
    if finished.is_complete(output, plan):
      return False  # another launcher did, and deleted the folder of the plan
    raise UserError(f"cannot write to --output '{output}': {e}") from e
  # Another launcher may have been first, or even have ended meanwhile.
  return _is_begun(output, plan) or not finished.is_complete(output, plan)


def version_of(output: str) -> str:
  """Returns what differs when another launcher has begun an output anew.

  Only in a bucket can one do so while others are at work; see `locks`.
  """
  if '://' not in output:
    return ''
  try:
    return files.version(paths.plan_path(output))
  except FileNotFoundError:
    return 'none'


def _give_way(output: str, plan: Plan) -> None:
  """Takes a new plan back if a run of another plan has just ended here.

  Raises:
    UserError: one has.
  """
  path = paths.manifest_path(output)
  if files.exists(path):
    try:
      finished.made_by(plan, path, output)
    except UserError:
      clean(output)
      raise


def _is_begun(output: str, plan: Plan) -> bool:
  """Whether this plan has begun the output.

  A plan that is lost or damaged is known by the reports of its work items.

  Raises:
    UserError: another plan has begun it.
  """
  path = paths.plan_path(output)
  old = plan_lib.find(path)
  if old is None:
    items = reports.items_with_report(output)
    read = (reports.read(output, item) for item in items)
    return any(r and r.plan == plan.fingerprint for r in read)
  refuse_unknown(old.kind, path)
  changes.refuse_change(old.config, plan.config, output)
  changes.refuse_change(
    {'sources': old.sources()}, {'sources': plan.sources()}, output
  )
  if old.fingerprint != plan.fingerprint:
    raise UserError(
      f'{output} was begun with files of the same sizes, whose content has '
      'changed so much that the work would be divided otherwise. Give the old '
      'files to go on, another --output, or --overwrite to delete that run'
    )
  return True


def _refuse_files(output: str, plan: Plan) -> None:
  """Refuses data sets' folders that hold files of which no plan tells."""
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
  progress = paths.progress_folder(output)
  summary = paths.summary_path(output)
  rejects = paths.quarantine_folder(output)
  in_progress = folders.below(progress, links=False)
  strange = [summary] * files.exists(summary)
  strange += [path for path, _ in folders.below(rejects, links=False)]
  # Marks are looked for last: another launcher may write files now, but no file
  # before its plan.
  has_manifest = files.exists(paths.manifest_path(output))
  is_begun = has_manifest or bool(
    files.exists(paths.plan_path(output)) or reports.items_with_report(output)
  )
  if is_begun:
    strange = [path for path in strange if path == summary and not has_manifest]
  at = len(progress) + 1
  strange += [
    path
    for path, _ in in_progress
    if not overwrite.is_of_progress(path[at:], is_begun=is_begun)
  ]
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
    parent = os.path.dirname(parent)
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
