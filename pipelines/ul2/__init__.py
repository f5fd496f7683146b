"""Raw text to UL2 examples."""

from ul2_flan.pipelines.ul2.command import config_of as config_of
from ul2_flan.pipelines.ul2.command import main as main
from ul2_flan.pipelines.ul2.command import make_parser as make_parser
