"""Where workers run: processes of this machine, a Dask cluster, Ray. All of it is joblib's."""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from layerwise.engine.threads import available_cores
from layerwise.signals import end_with, starting_without_interrupt
from layerwise.study.results import StudyError
from layerwise.training.trainer import load_engine

BACKENDS = ("loky", "dask", "ray")
_CONNECT_SECONDS = 20
_IDLE_SECONDS = 20  # for which a process waits for more to do


@dataclass(frozen=True)
class Workers:
    """Workers that a backend has ready.

    Attributes
    ----------
    n : int
        How many.
    config : dict
        Joblib's.
    """

    n: int
    config: dict[str, Any]

    @property
    def are_processes_here(self) -> bool:
        """Whether they are processes of this machine that this one has started."""
        return self.config["backend"] == "loky" and self.n > 1

    @property
    def are_this_process(self) -> bool:
        """Whether there is one worker, a thread of this process."""
        return self.config["backend"] == "loky" and self.n == 1

    def __call__(self, function: Callable[[Any], int], argument: Any) -> int:
        """Run function(argument) once in each; the sum of what they return."""
        from joblib import Parallel, delayed, parallel_config

        if self.are_this_process:
            return function(argument)
        with starting_without_interrupt(), parallel_config(**self.config, n_jobs=self.n):
            parallel = Parallel(batch_size=1, pre_dispatch="all")
            return sum(parallel(delayed(function)(argument) for _ in range(self.n)))

    def kill(self) -> None:
        """End their processes at once, where these are of this machine."""
        if self.are_processes_here:
            with suppress(Exception):
                from joblib.externals.loky import get_reusable_executor

                executor = get_reusable_executor(reuse=True)  # the one there is
                executor.shutdown(wait=False, kill_workers=True)


class Backend:
    """What starts a study's workers.

    Parameters
    ----------
    name : {"loky", "dask", "ray"}
        Processes of this machine, a Dask cluster, or Ray.
    address : str or None
        Of the cluster's scheduler; "dask" without one takes the client there is, or a cluster of
        this machine; "ray" without one, the cluster there is, or this machine.
    n_workers : int or None
        None: as many as there are cores, or as the cluster has threads.

    Raises
    ------
    StudyError
        For an unknown name, an address that "loky" has no use for, a cluster that cannot be
        reached, or a library that is not installed.
    """

    def __init__(
        self, name: str = "loky", address: str | None = None, n_workers: int | None = None
    ) -> None:
        if name not in BACKENDS:
            raise StudyError(f"unknown backend {name!r}; known: {', '.join(BACKENDS)}")
        if name == "loky" and address is not None:
            raise StudyError(
                f"the address {address!r} is of no use to the backend 'loky', whose workers are "
                "processes of this machine: name the backend too, dask or ray"
            )
        if n_workers is not None and (not hasattr(n_workers, "__index__") or n_workers < 1):
            raise StudyError(f"workers must be a whole number of at least 1; got {n_workers!r}")
        self.name, self.address, self._n_workers = name, address, n_workers

    @contextmanager
    def started(self) -> Iterator[Workers]:
        """Connect to where workers are to run."""
        with {"loky": self._loky, "dask": self._dask, "ray": self._ray}[self.name]() as (n, config):
            workers = Workers(self._n_workers or n, config)
            if workers.are_this_process:  # a thread beside the one that watches: see `load_engine`
                import sklearn.ensemble  # noqa: F401

                load_engine()
            yield workers

    @contextmanager
    def _loky(self) -> Iterator[tuple[int, dict[str, object]]]:
        if self._n_workers != 1 and not _processes_can_share():
            warnings.warn(
                "worker processes need /dev/shm, or what the system has in its place, and may not "
                "write to it: this study runs in one process",
                stacklevel=5,
            )
            self._n_workers = 1
        config = {
            "backend": "loky",
            "inner_max_num_threads": 1,
            "idle_worker_timeout": _IDLE_SECONDS,
            "initializer": end_with,
            "initargs": (os.getpid(),),
        }
        yield available_cores(), config

    @contextmanager
    def _dask(self) -> Iterator[tuple[int, dict[str, object]]]:
        try:
            distributed: Any = import_module("distributed")
        except ImportError:
            raise StudyError(
                'the backend dask needs distributed: pip install "layerwise[dask]"'
            ) from None
        there = None
        if self.address is None:
            with suppress(ValueError):
                there = distributed.default_client()
        if there is not None:
            yield sum(there.ncores().values()), {"backend": "dask", "client": there}
            return
        try:
            own = distributed.Client(self.address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise StudyError(
                f"the Dask scheduler at {self.address} cannot be reached: {error}"
            ) from None
        try:
            n_threads = sum(own.ncores().values())
            if not n_threads:
                raise StudyError(f"the Dask cluster at {self.address} has no workers yet")
            yield n_threads, {"backend": "dask", "client": own}
        finally:
            own.close()

    @contextmanager
    def _ray(self) -> Iterator[tuple[int, dict[str, object]]]:
        try:
            ray: Any = import_module("ray")
            register_ray = import_module("ray.util.joblib").register_ray
        except ImportError:
            raise StudyError('the backend ray needs Ray: pip install "layerwise[ray]"') from None
        own = not ray.is_initialized()
        if own:
            try:
                ray.init(address=self.address, log_to_driver=False, logging_level="error")
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise StudyError(
                    f"the Ray cluster at {self.address} cannot be reached: {error}"
                ) from None
        try:
            register_ray()
            yield int(ray.cluster_resources().get("CPU", 1)), {"backend": "ray"}
        finally:
            if own:
                ray.shutdown()


def _processes_can_share() -> bool:
    """Whether there are the semaphores that joblib's processes are steered by."""
    try:
        multiprocessing.Semaphore()
    except (ImportError, OSError):
        return False
    return True
