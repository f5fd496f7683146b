"""Data sets of finished runs to one: mixed, shuffled, packed."""

from ul2_flan.pipelines.mix.command import config_of as config_of
from ul2_flan.pipelines.mix.command import main as main
from ul2_flan.pipelines.mix.command import make_parser as make_parser
