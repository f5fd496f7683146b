r"""Mixes data sets of finished runs into one: shuffled, and packed if wanted.

On this machine:

    python -m ul2_flan.pipelines.mix --manifest FLAN_OUT --mixture flan2022_b \
        --num_examples 2_000_000 --output OUT --pack enc_dec

The result is one data set in seqio's cached layout, whose counts are exact and
whose order is final; `ul2_flan.tasks.register` registers it. The same command
goes on where an earlier one stopped. `python -m ul2_flan.mixtures list` lists
the mixtures, and `show` says what is in one.
"""

from ul2_flan.pipelines.launch.kind import Kind
from ul2_flan.pipelines.mix import accounts, estimate, flags, transform
from ul2_flan.pipelines.mix.accounts import MixAccounts
from ul2_flan.pipelines.mix.check import check
from ul2_flan.pipelines.mix.config import Config
from ul2_flan.pipelines.mix.members import origin_of
from ul2_flan.pipelines.mix.planning import make_plan
from ul2_flan.pipelines.mix.summary import MixSummary
from ul2_flan.pipelines.mix.worker import MixWorker

KIND = Kind(
  name='mix',
  about=__doc__,
  flags=flags.FLAGS,
  config=Config,
  configure=flags.configure,
  plan=make_plan,
  check=check,
  unit='examples',
  variant=lambda config: str(config['mixture']),
  worker=MixWorker,
  steps=transform.steps,
  cost=estimate.cost,
  records=accounts.records,
  accounts=MixAccounts,
  summary=MixSummary,
  origin=origin_of,
)
