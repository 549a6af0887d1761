"""Compiling changes Numba for a while, and puts it back."""

import threading
import time

import numpy as np
from numba.core.types.functions import BaseFunction

from layerwise.engine.compiled import calling, program_cache
from layerwise.engine.compiled.compiling import compiling, program


def test_two_threads_that_compile_leave_numba_as_it_was():
    original = BaseFunction.get_call_type
    first_is_in, let_go = threading.Event(), threading.Event()

    def first():
        with compiling():
            first_is_in.set()
            let_go.wait(10)

    def second():
        with compiling():
            pass

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert first_is_in.wait(10)
    assert BaseFunction.get_call_type is not original
    threads[1].start()
    time.sleep(0.1)  # until it waits for the first
    let_go.set()
    for thread in threads:
        thread.join(10)
    assert BaseFunction.get_call_type is original


def test_of_two_threads_that_need_a_program_one_compiles_and_says_so(monkeypatch, capsys):
    monkeypatch.setattr(program_cache, "cache_folders", list)
    monkeypatch.setattr(calling, "_compiled", set())
    both_are_there = threading.Barrier(2)

    @program
    def doubled(x):
        x[0] = 2.0 * x[0]

    def use():
        both_are_there.wait(10)
        with calling.compiled_first("doubled", "float64"):
            doubled(np.ones(1))

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert capsys.readouterr().err.count("compiling its engine") == 1
    with calling.compiled_first("doubled", "float64"):
        doubled(np.ones(1))
    assert capsys.readouterr().err == ""
