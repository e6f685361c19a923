"""A million frames with faults for every driver's decoder: `make fuzz`, not part of the default run.

`LOBBYD_FUZZ` is how many for each driver; `LOBBYD_FUZZ_SEED` which; `make fuzz ARGS='-k led'` chooses drivers.
"""

import os
from itertools import islice

import pytest

from tests.fuzz.mutants import Mutants, by_driver

COUNT = int(os.environ.get("LOBBYD_FUZZ", "1000000"))
SEED = int(os.environ.get("LOBBYD_FUZZ_SEED", "1"))


@pytest.mark.parametrize("mutants", by_driver(SEED), ids=lambda mutants: mutants.driver)
def test_no_driver_sees_phantoms(mutants: Mutants) -> None:
    assert list(islice(mutants.phantoms(COUNT), 3)) == []
