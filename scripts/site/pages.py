"""Adds pages to the documentation that are made, or that lie beside their code.

    make docs

mkdocs calls `on_files` and `on_page_markdown` (see `hooks` in `mkdocs.yml`).
The pages are the READMEs of folders, what each command says of its flags, the
public modules, whose docstrings mkdocstrings reads, and the notebook.
"""

from pathlib import Path
import re
import subprocess
import sys

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
import notebook

ROOT = Path(__file__).parents[2]

BESIDE_CODE = (
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'mixtures/README.md',
  'tasks/catalog/README.md',
  'trainer_plugin/README.md',
)

# What other programs import. Each is a heading of one page.
MODULES = (
  'pipelines.ul2',
  'pipelines.ul2.config',
  'pipelines.flan',
  'pipelines.flan.config',
  'pipelines.mix',
  'pipelines.mix.config',
  'pipelines.evaluation',
  'pipelines.evaluation.config',
  'pipelines.export',
  'pipelines.export.config',
  'pipelines.engines.engine',
  'tasks.register',
  'tasks.registered',
  'tasks.denoising',
  'tasks.denoising.denoiser',
  'tasks.denoising.noise_masks',
  'tasks.denoising.objective',
  'tasks.denoising.sentinels',
  'tasks.manifest.contents',
  'tasks.records',
  'tasks.vocabulary.vocabulary',
  'tasks.evaluation.scoring',
  'mixtures.register',
  'mixtures.rates',
  'trainer_plugin.data',
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
  pages = {name: beside_code(name) for name in BESIDE_CODE}
  pages['reference/commands.md'] = commands()
  pages['reference/python.md'] = python()
  pages['notebook.md'] = notebook.page(notebook.read())
  for name, text in pages.items():
    files.append(File.generated(config, name, content=text))
  return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
  """Leads to the notebook's page; in a checkout, links lead to its file."""
  if page.file.src_uri == 'notebook.md':
    return markdown
  return markdown.replace('(notebook.ipynb)', '(notebook.md)')


def beside_code(name: str) -> str:
  """A page of the repository, with links as they are on the site.

  The site has the pages of `docs` at its root, and the others where they are.
  Links to anything else of the repository become plain names.
  """
  folder = (ROOT / name).parent

  def link(match: re.Match[str]) -> str:
    text, target = match[1], match[2]
    if '://' in target or target.startswith('#'):
      return match[0]
    there = (folder / target.partition('#')[0]).resolve().relative_to(ROOT)
    page = there.relative_to('docs') if there.parts[0] == 'docs' else there
    if there.suffix != '.md' or (
      there.parts[0] != 'docs' and str(there) not in BESIDE_CODE
    ):
      return f'{text} (`{there}`)' if text != f'`{there}`' else text
    up = '../' * len(Path(name).parent.parts)
    return f'[{text}]({up}{page})'

  text = (ROOT / name).read_text(encoding='utf-8')
  return re.sub(r'\[([^\]]+)\]\(([^)\s]+)\)', link, text)


def commands() -> str:
  """What each command says of itself with `--help`."""
  overview = help_of()
  names = re.findall(r'^  (\w+) {2,}', overview, flags=re.MULTILINE)
  parts = ['# Commands\n', f'```text\n{overview}```\n']
  for name in names:
    parts.append(f'## ul2-flan {name}\n\n```text\n{help_of(name)}```\n')
  return '\n'.join(parts)


def help_of(*command: str) -> str:
  module = [sys.executable, '-m', 'ul2_flan.pipelines', *command, '--help']
  return subprocess.run(
    module, check=True, capture_output=True, text=True, cwd=ROOT
  ).stdout


def python() -> str:
  parts = ['# Python\n']
  parts += [f'::: ul2_flan.{name}\n' for name in MODULES]
  return '\n'.join(parts)
