"""Tasks of the Flan collection to instruction examples."""

from ul2_flan.pipelines.flan.command import config_of as config_of
from ul2_flan.pipelines.flan.command import main as main
from ul2_flan.pipelines.flan.command import make_parser as make_parser
