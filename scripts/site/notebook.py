"""Runs the notebook, keeps what its cells print, and makes a page of it.

    python scripts/site/notebook.py

All cells run in this process, one after the other, without Jupyter. A cell
whose tag is `needs-NAME` runs where that module is installed, and keeps what it
printed before where it is not.
"""

import contextlib
import importlib.util
import io
import json
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parents[2] / 'docs' / 'notebook.ipynb'

# A cell of Jupyter's, as its files have it.
Cell = dict[str, Any]


def read(path: Path = NOTEBOOK) -> dict[str, Any]:
  notebook: dict[str, Any] = json.loads(path.read_text(encoding='utf-8'))
  return notebook


def run(cells: list[Cell]) -> None:
  """Runs the code of cells, and puts what it prints in them."""
  names: dict[str, Any] = {}
  for number, cell in enumerate(cells, 1):
    tags = cell['metadata'].get('tags', [])
    needed = [tag.removeprefix('needs-') for tag in tags]
    if cell['cell_type'] != 'code' or not all(
      map(importlib.util.find_spec, needed)
    ):
      continue
    code = compile(''.join(cell['source']), f'cell {number}', 'exec')
    with contextlib.redirect_stdout(io.StringIO()) as printed:
      exec(code, names)
    text = printed.getvalue().splitlines(keepends=True)
    stream = {'name': 'stdout', 'output_type': 'stream', 'text': text}
    cell['outputs'] = [stream] if text else []


def page(notebook: dict[str, Any]) -> str:
  """The notebook as a page of the documentation."""
  parts = []
  for cell in notebook['cells']:
    source = ''.join(cell['source'])
    if cell['cell_type'] == 'markdown':
      parts.append(source)
      continue
    parts.append(f'```python\n{source}\n```')
    for output in cell['outputs']:
      text = ''.join(output['text']).rstrip('\n')
      parts.append(f'```text\n{text}\n```')
  return '\n\n'.join(parts) + '\n'


def main() -> None:
  notebook = read()
  run(notebook['cells'])
  text = json.dumps(notebook, indent=1, ensure_ascii=False)
  NOTEBOOK.write_text(f'{text}\n', encoding='utf-8')


if __name__ == '__main__':
  main()
