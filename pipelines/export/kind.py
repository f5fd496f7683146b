r"""Writes a finished run anew, shard by shard, in a format that others read.

    python -m ul2_flan.pipelines.export OUT --format parquet --output DIR

Parquet is for Hugging Face's datasets and PyTorch: examples end with EOS where
the run's manifest says so, and those of decoder-only models are one sequence
with the weights of the loss. ArrayRecord, for Grain and MaxText, has the record
bytes as they are. Chat is JSON lines with messages, of text that a run kept.

The same command goes on where an earlier one stopped, and `verify DIR` checks
what it wrote.
"""

from ul2_flan.pipelines.export import accounts, estimate, flags, transform
from ul2_flan.pipelines.export.accounts import ExportAccounts
from ul2_flan.pipelines.export.config import Config
from ul2_flan.pipelines.export.planning import make_plan, origin_of
from ul2_flan.pipelines.export.worker import ExportWorker
from ul2_flan.pipelines.launch.kind import Kind
from ul2_flan.pipelines.run.summary import WholeSummary

KIND = Kind(
  name='export',
  about=__doc__,
  flags=flags.FLAGS,
  config=Config,
  configure=lambda values: Config(**values),
  plan=make_plan,
  unit='examples',
  variant=lambda config: str(config['format']),
  worker=ExportWorker,
  steps=transform.steps,
  cost=estimate.cost,
  records=accounts.records,
  accounts=ExportAccounts,
  summary=WholeSummary,
  origin=origin_of,
)
