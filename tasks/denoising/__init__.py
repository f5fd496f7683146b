"""UL2's denoisers: pure, vectorised, and with an exact inverse."""

from ul2_flan.tasks.denoising.denoiser import MODE_TOKENS as MODE_TOKENS
from ul2_flan.tasks.denoising.denoiser import Denoiser as Denoiser
from ul2_flan.tasks.denoising.denoiser import DenoiserTable as DenoiserTable
from ul2_flan.tasks.denoising.denoiser import load_preset as load_preset
from ul2_flan.tasks.denoising.denoiser import parse_table as parse_table
from ul2_flan.tasks.denoising.denoiser import preset_text as preset_text
from ul2_flan.tasks.denoising.denoiser import presets as presets
from ul2_flan.tasks.denoising.lengths import FeatureLengths as FeatureLengths
from ul2_flan.tasks.denoising.objective import Objective as Objective
from ul2_flan.tasks.denoising.objective import Segments as Segments
from ul2_flan.tasks.denoising.objective import solve as solve
from ul2_flan.tasks.denoising.sentinels import Sentinels as Sentinels
from ul2_flan.tasks.denoising.sentinels import corrupt as corrupt
from ul2_flan.tasks.denoising.sentinels import restore as restore
