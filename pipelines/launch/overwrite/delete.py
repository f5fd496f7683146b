"""Deletes all files of an earlier run, or none.

A manifest or plan lists what its run has written. Any other file in a data
set's folder belongs to somebody. If there is one, or if the next run reads a
file of the earlier one, nothing is deleted. A link is removed, and what it
leads to stays.
"""

from collections.abc import Iterable, Iterator, Sequence
import dataclasses
import re

from ul2_flan.pipelines.launch.overwrite.listed import (
  OURS,
  Listed,
  files_of,
  folders_of,
)
from ul2_flan.pipelines.run import Group, Plan, paths, reports
from ul2_flan.pipelines.storage import files, folders
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError

# Paths below the output.
_PLAN = paths.plan_path('')
_SUMMARY = paths.summary_path('')


def delete_run(output: str, plan: Plan) -> None:
  """Deletes an earlier run, so that this plan can begin.

  Raises:
    UserError: a folder of its data sets, or of this plan's, holds a file that
      no manifest or plan of this output lists; or these list what lies
      elsewhere; or this plan reads a file of the earlier run. Nothing has been
      deleted then.
  """
  listed = Listed.of(output)
  present, unknown = _sorted_out(output, listed, plan)
  if unknown:
    more = f' ({len(unknown):,} such files)' if len(unknown) > 1 else ''
    raise UserError(
      f'{unknown[0]} is no file of a run that {output} holds{more}: no '
      'manifest or plan there lists it, so nothing was deleted. Move it away, '
      'or give another --output or --name'
    )
  present += _cards(output, listed)
  if listed.is_begun:
    present += [_SUMMARY, manifest_lib.FILE_NAME, _PLAN]
  _refuse_sources([files.join(output, path) for path in present], plan)
  for group in _in_order(present):
    files.delete([files.join(output, path) for path in group])
  progress = paths.progress_folder(output)
  if not folders.is_link(progress):
    folders.delete(progress)
  folders.delete_empty(paths.quarantine_folder(output))
  known = folders_of(listed.data_sets)
  for folder in sorted(known | _above(known), reverse=True):  # inner ones first
    folders.delete_empty(files.join(output, folder))


def _cards(output: str, listed: Listed) -> Iterator[str]:
  """Yields the cards of the earlier run that nobody has changed since."""
  for name, known in listed.cards.items():
    path = files.join(output, name)
    if files.exists(path):
      made = dataclasses.asdict(reports.described(files.read_bytes(path)))
      if made == known:
        yield name


def delete_group(output: str, group: Group) -> None:
  """Deletes the data sets of a group, and no other file in their folders."""
  files.delete([files.join(output, path) for path in files_of(group)])
  for folder in folders_of(group.data_sets):
    folders.delete_empty(files.join(output, folder))


def _refuse_sources(present: Sequence[str], plan: Plan) -> None:
  """Refuses a plan that reads what it would delete, under any name."""
  sources = list(plan.sources())
  doomed = set(folders.identities(present))
  for path, identity in zip(sources, folders.identities(sources), strict=True):
    if identity in doomed:
      raise UserError(
        f'the run reads {path}, and --overwrite would delete it first, with '
        'the earlier run that wrote it. Nothing was deleted. Give another '
        '--output'
      )


def _in_order(present: Iterable[str]) -> list[list[str]]:
  """Orders what is deleted, so that a stop in between does no harm.

  First the marks that make data sets look whole, and the reports of work done.
  Last the plan and the manifest: while they are there, the rest is known.
  """

  def rank(path: str) -> int:
    if path in (_PLAN, paths.PROGRESS_FOLDER, manifest_lib.FILE_NAME):
      return 3
    if path == _SUMMARY or path.endswith('/COMPLETED'):
      return 0
    return 1 if path.startswith(f'{paths.PROGRESS_FOLDER}/') else 2

  groups: list[list[str]] = [[], [], [], []]
  for path in sorted(set(present)):
    groups[rank(path)].append(path)
  return groups


def _sorted_out(
  output: str, listed: Listed, plan: Plan
) -> tuple[list[str], list[str]]:
  """Returns what there is of the earlier run, and what is not of it.

  The first are paths below the output, the second whole paths.
  """
  known = folders_of(listed.data_sets | set(plan.data_sets))
  above = _above(known)
  old = folders_of(listed.data_sets)
  old |= _above(old) | (set(OURS) if listed.is_begun else set())
  present, unknown = [], []
  for path in _present(output, known):
    whole = files.join(output, path)
    if path in known or path in above or path in OURS:
      # It is a link or a file: folders are never listed.
      if path in old and folders.is_link(whole):
        present.append(path)
      elif not folders.is_link(whole) or folders.below(whole):
        unknown.append(whole)
    elif listed.has(path, known):
      present.append(path)
    elif path.split('/')[0] in OURS or not known.isdisjoint(_above([path])):
      unknown.append(whole)
  return present, unknown


def _above(below: Iterable[str]) -> set[str]:
  """Returns the folders in which some paths lie, at any depth."""
  return {
    path[: match.start()] for path in below for match in re.finditer('/', path)
  }


def _present(output: str, known: Iterable[str]) -> Iterator[str]:
  """Yields the files, and links, below all folders of ours.

  Paths are relative to the output.
  """
  # One listing for each top folder: there may be thousands of data sets.
  tops = {folder.split('/')[0] for folder in known}
  for top in sorted(tops | set(OURS)):
    folder = files.join(output, top)
    if folders.is_link(folder):
      yield top
      continue
    for path, _ in folders.below(folder, links=False):
      yield f'{top}/{path[len(folder) :].lstrip("/")}'
