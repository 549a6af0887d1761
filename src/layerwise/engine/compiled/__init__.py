"""The compiled engine: an architecture as tables of numbers, which one program by Numba reads.

`step_table` makes the tables, `program` and `prediction` are the programs, `kernels` and `steps`
what they do, and `compiled_session` and `compiled_predictor` keep to the protocol of engines.
"""

from layerwise.engine.compiled.compiled_predictor import CompiledPredictor
from layerwise.engine.compiled.compiled_session import CompiledSession

__all__ = ["CompiledPredictor", "CompiledSession"]
