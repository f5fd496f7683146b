r"""From raw text to UL2 and UL2R training data that seqio reads.

On this machine:

    python -m ul2_flan.pipelines.ul2 --input 'DIR/*.jsonl.gz' --output OUT \
        --vocabulary t5.spiece.model --preset ul2r

On Dataflow, add Beam's own options:

        --runner DataflowRunner --project P --region R --temp_location gs://B/tmp

The output is seqio's cached layout and a manifest; `ul2_flan.tasks.register`
registers it. The same command goes on where an earlier one stopped.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import re

from ul2_flan.pipelines.launch import command, data_flags, run_flags
from ul2_flan.pipelines.run import summary
from ul2_flan.pipelines.sources import READERS, SourceOptions
from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.ul2.config import Ul2Config, make_plan
from ul2_flan.pipelines.ul2.worker import Ul2Worker
from ul2_flan.tasks import denoising
from ul2_flan.tasks.denoising import FeatureLengths
from ul2_flan.tasks.denoising.denoiser import ON_SENTINEL_OVERFLOW
from ul2_flan.tasks.errors import UserError


def main(argv: Sequence[str] | None = None) -> int:
  """Plans and runs; returns the exit status."""
  parser = make_parser()
  args, options = run_flags.parse(parser, argv)
  plan = make_plan(config_of(args))
  objective = Ul2Worker(plan).objective
  command.tell(plan, args, summary.of_objective(objective))
  if args.plan_only:
    return 0
  return command.run(plan, args.output, args, options)


def config_of(args: argparse.Namespace) -> Ul2Config:
  """The configuration that flags stand for."""
  table = _table_text(args)
  return Ul2Config(
    inputs=tuple(args.input),
    source_options=SourceOptions(
      format=args.format,
      text_field=args.text_field,
      id_field=args.id_field,
      max_document_bytes=args.max_document_bytes,
    ),
    vocabulary=args.vocabulary,
    extra_ids=args.extra_ids,
    table=table,
    lengths=FeatureLengths(
      args.inputs_length, args.targets_length, args.decoder_only
    ),
    mode_tokens=args.mode_tokens,
    per_denoiser=args.per_denoiser,
    name=args.name or denoising.parse_table(table, 'the table').name,
    seed=args.seed,
    min_tokens=args.min_tokens,
    max_document_chars=args.max_document_chars,
    validation_fraction=args.validation_fraction,
    shard_bytes=data_flags.shard_bytes(args),
    min_shards=args.min_shards,
    provenance=args.provenance,
  )


def _table_text(args: argparse.Namespace) -> str:
  """The denoiser table as TOML, from a file or a preset."""
  if args.denoisers:
    try:
      text = files.read_bytes(args.denoisers).decode()
    except (OSError, UnicodeDecodeError) as e:
      raise UserError(f"--denoisers '{args.denoisers}': {files.why(e)}") from e
    denoising.parse_table(text, args.denoisers)
  else:
    text = denoising.preset_text(args.preset)
  if args.on_sentinel_overflow:
    choice = f'on_sentinel_overflow = "{args.on_sentinel_overflow}"\n'
    text = choice + re.sub(r'(?m)^on_sentinel_overflow.*\n', '', text)
  return text


def make_parser() -> argparse.ArgumentParser:
  """The flags, and what they are for."""
  parser = argparse.ArgumentParser(
    prog='python -m ul2_flan.pipelines.ul2',
    description=__doc__,
    epilog=f'presets:\n{summary.of_presets()}\n\nAll options of Apache Beam '
    'are taken too (--runner, --project, --direct_num_workers, …).',
    formatter_class=argparse.RawDescriptionHelpFormatter,
    allow_abbrev=False,
  )
  source = parser.add_argument_group('sources')
  source.add_argument(
    '--input',
    nargs='+',
    required=True,
    metavar='PATH',
    help='files, globs or folders; .gz, .bz2 and .zst are decompressed',
  )
  source.add_argument(
    '--format',
    default='auto',
    metavar='KIND',
    help='by the file name (auto), or one of ' + ', '.join(READERS),
  )
  source.add_argument(
    '--text_field', default='text', metavar='NAME', help='default %(default)s'
  )
  source.add_argument(
    '--id_field',
    default='',
    metavar='NAME',
    help='identifies a document; by default its text does',
  )
  source.add_argument(
    '--max_document_bytes',
    type=int,
    default=SourceOptions().max_document_bytes,
    metavar='N',
    help='longer records are rejected unread (%(default)s)',
  )
  source.add_argument(
    '--max_document_chars',
    type=int,
    default=0,
    metavar='N',
    help='longer documents are dropped; 0 for no limit (%(default)s)',
  )
  source.add_argument(
    '--validation_fraction',
    type=float,
    default=0.001,
    metavar='F',
    help='share of documents held out, chosen by their keys (%(default)s, '
    "C4's); 0 for no validation split",
  )
  data_flags.add_model_flags(
    parser,
    inputs_length=512,
    inputs_have='mode token and EOS',
    decoder_only='bound the sum of both lengths, for a prefix LM; no EOS in '
    'inputs',
  )
  objective = parser.add_argument_group('the denoisers')
  objective.add_argument(
    '--preset', default='ul2r', metavar='NAME', help='see below (%(default)s)'
  )
  objective.add_argument(
    '--denoisers', metavar='TOML', help='a table of your own, instead'
  )
  objective.add_argument(
    '--mode_tokens',
    default='nlu_s2s_nlg',
    metavar='SET',
    help='[NLU] [S2S] [NLG], or r_s_x for [R] [S] [X], or none (%(default)s)',
  )
  objective.add_argument(
    '--on_sentinel_overflow',
    choices=ON_SENTINEL_OVERFLOW,
    help='if a denoiser needs more sentinels than there are: refuse it, '
    "shorten its segments, or merge spans; by default the table's choice",
  )
  objective.add_argument(
    '--min_tokens',
    type=int,
    default=16,
    metavar='N',
    help='shorter documents, and remainders, are dropped (%(default)s: below '
    'it a density of 15%% masks at most two tokens)',
  )
  objective.add_argument(
    '--seed', type=int, default=0, metavar='N', help='(%(default)s)'
  )
  out = parser.add_argument_group('the data sets')
  out.add_argument(
    '--name', metavar='NAME', help="by default the table's, such as ul2r"
  )
  out.add_argument(
    '--per_denoiser',
    action='store_true',
    help='a data set for each denoiser, so that rates can be changed when '
    "training; by default one data set in the table's rates",
  )
  data_flags.add_shard_mb(out)
  data_flags.add_min_shards(out)
  out.add_argument(
    '--provenance',
    action='store_true',
    help="store each example's source, key and denoiser",
  )
  run_flags.add_run_flags(parser)
  return parser
