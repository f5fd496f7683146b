"""Shows finished runs on one HTML page, which needs no network and no script.

    python -m ul2_flan.pipelines.report OUT [OUT ...] [--output PAGE.html]

What was read, used and made; lengths, rates, masks, packed sequences, prompts,
unknown tokens, rejects, licences, contamination and scores. It reads manifests
and a sample of the shards, and changes nothing of a run.
"""

from collections.abc import Sequence
import posixpath

from ul2_flan.pipelines.engines import progress
from ul2_flan.pipelines.launch import command, parsing
from ul2_flan.pipelines.report import page, scores, view
from ul2_flan.pipelines.run.tables import size
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import flags
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.messages import say

# The mark of a page stands in so many of its first bytes.
_HEAD_BYTES = 2000


def main(argv: Sequence[str] | None = None, prog: str = '') -> int:
  """Writes the page, and says where it is."""
  prog = prog or 'python -m ul2_flan.pipelines.report'
  parser = flags.make_parser(prog, __doc__, __package__, 'report.toml')
  values, _ = parsing.parse(parser, argv)
  outputs: list[str] = values['outputs']
  path = values['output'] or files.join(outputs[0], 'report.html')
  refuse_other(path)
  views = [
    view.load(output, values['vocabulary'])
    for output in progress.counted(outputs, len(outputs), 'run')
  ]
  written = page.render(views, scores.of(values['predictions']))
  files.write_bytes(path, written, posixpath.dirname(path) or '.')
  for note in (note for shown in views for note in shown.notes):
    say(f'note: {note}')
  say(f'{path}: {size(len(written))}. Open it in a browser')
  return 0


def refuse_other(path: str) -> None:
  """Refuses to write over a file that is no such page.

  Raises:
    UserError: there is one.
  """
  if not files.exists(path):
    return
  try:
    with files.open_read(path) as file:
      if page.MARK.encode() in file.read(_HEAD_BYTES):
        return
  except IsADirectoryError:
    pass
  raise UserError(
    f'--output {path} is there already, and is no page of `ul2-flan report`: '
    'only such a page is written anew. Name another file'
  )


if __name__ == '__main__':
  command.run_main(main)
