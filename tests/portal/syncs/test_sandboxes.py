"""A sync whose destination is a sandbox of the portal: it holds what the destination would, restarts or not."""

from __future__ import annotations

from dataclasses import replace

from core.destination import Sandbox, SandboxRegistry
from core.portal.syncs.means import Means
from core.portal.syncs.sandboxes import Sandboxes
from core.portal.syncs.syncs import Sync
from tests.portal.syncs.conftest import World, result_of


def fresh(world: World) -> Means:
    """Those of a process that has just begun."""
    return replace(world.means, sandboxes=Sandboxes(SandboxRegistry()))


def held(means: Means, sync: Sync) -> frozenset[str]:
    sandbox = means.sandboxes.of(sync.id)
    assert isinstance(sandbox, Sandbox)
    (only,) = sandbox.lists
    return sandbox.held(only.id)


def test_after_a_restart_the_sandbox_holds_what_it_acknowledged(world: World) -> None:
    sync = world.sync(world.boxed)
    world.snapshot("a", "b", "c")
    assert world.run(sync).state == "succeeded"
    assert held(world.means, sync) == {"a", "b", "c"}
    world.snapshot("b", "c", "d")
    world.clock.pass_(hours=1)
    restarted = fresh(world)
    run = world.run(sync, restarted)
    assert run.state == "succeeded"
    assert (result_of(run)["added"], result_of(run)["removed"]) == (1, 1)
    assert held(restarted, sync) == {"b", "c", "d"}
    assert world.destination.counts.requests == 0, "nothing left the portal"


def test_a_sandbox_that_another_server_has_run_past_is_brought_up_to_date(world: World) -> None:
    sync = world.sync(world.boxed)
    other = fresh(world)
    world.snapshot("a", "b")
    world.run(sync)
    world.snapshot("b", "c")
    world.clock.pass_(hours=1)
    world.run(sync, other)
    world.snapshot("c", "d")
    world.clock.pass_(hours=1)
    assert world.run(sync).state == "succeeded"
    assert held(world.means, sync) == {"c", "d"}


def test_a_sandbox_that_was_put_away_comes_back(world: World) -> None:
    registry = SandboxRegistry()
    means = replace(world.means, sandboxes=Sandboxes(registry))
    sync = world.sync(world.boxed)
    world.snapshot("a", "b")
    world.run(sync, means)
    while len(registry):
        registry._sandboxes.popitem()
    world.clock.pass_(hours=1)
    world.snapshot("a", "c")
    assert world.run(sync, means).state == "succeeded"
    assert held(means, sync) == {"a", "c"}
