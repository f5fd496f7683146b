"""Describes the denoisers of UL2 runs to a person."""

from ul2_flan.pipelines.run.tables import table
from ul2_flan.tasks import denoising
from ul2_flan.tasks.denoising import Objective


def of_objective(objective: Objective) -> str:
  """Shows the denoisers of a run, solved for its lengths."""
  rows: list[list[object]] = []
  notes = []
  for d, raw in zip(objective.denoisers, objective.raw, strict=True):
    span = f'{d.mean_span:g}' if d.corruption == 'spans' else d.corruption
    shares = f'{d.density:.0%}', f'{d.rate:.1%}'
    rows.append([d.name, d.mode, span, *shares, raw.tokens, raw.max_spans])
    if raw.tokens < raw.unlimited_tokens:
      notes.append(
        f'{d.name}: segments of {raw.tokens} tokens instead of '
        f'{raw.unlimited_tokens}, because there are only '
        f'{objective.sentinels.count} sentinels'
      )
  header = ['denoiser', 'mode', 'mean_span', 'density', 'rate']
  header += ['raw_tokens', 'max_spans']
  return '\n'.join([table(header, rows), *notes])


def of_presets() -> str:
  """Lists the shipped tables, a line each."""
  return '\n'.join(
    f'  {name}: {denoising.load_preset(name).description}'
    for name in denoising.presets()
  )
