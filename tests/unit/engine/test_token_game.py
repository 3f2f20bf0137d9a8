"""The engine's traces are those of an independent token game, over many generated processes."""

# ruff: noqa: S311 - chance here makes tests, not secrets

import os
from collections import Counter
from random import Random

import pytest
from drawing import bundle
from models import VALUES, Maker
from playing import Played
from token_game import Game

MODELS, PARTS, MAX_INPUTS = int(os.environ.get("PRATICA_SOAK", "1")) * 700, 10, 150  # `make soak` plays more


def play(seed: int) -> tuple[int, bool]:
    """Play one generated process in both; give the number of inputs and whether it came to its end."""
    net = Maker(seed).net
    random = Random(seed * 7 + 1)
    first = {name: random.randrange(VALUES) for name in net.variables}
    played = Played(bundle(net.draw()), **first)
    game = Game(net, first, seed)
    for turn in range(MAX_INPUTS):
        assert +Counter(played.at_elements()) == Counter(game.tasks), (seed, turn)
        assert +played.visits == game.arrived, (seed, turn)
        assert not played.open["incident"], (seed, turn)
        assert played.finished == game.finished, (seed, turn)
        assert played.variables == game.values, (seed, turn)
        if played.finished:
            return turn, True
        waits = played.at_elements("wait")
        if waits and random.random() < 0.2:
            boundary = random.choice(waits)
            played.message(boundary)
            game.interrupt(boundary)
            continue
        task = random.choice(game.tasks)
        values = {name: random.randrange(VALUES) for name in net.variables if random.random() < 0.7}
        played.complete(task, **values)
        game.complete(task, values)
    return MAX_INPUTS, False


@pytest.mark.parametrize("part", range(PARTS))
def test_traces_equal_those_of_the_token_game(part):
    ended = sum(play(seed)[1] for seed in range(part, MODELS, PARTS))
    assert ended > MODELS / PARTS * 0.9


def test_the_generated_processes_have_every_block():
    kinds = Counter(kind for seed in range(MODELS) for kind in Maker(seed).net.kinds.values())
    expected = {
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "subProcess",
        "boundaryEvent",
        "userTask",
    }
    assert expected <= {kind for kind, count in kinds.items() if count > 100}
    several = [order for seed in range(MODELS) for _, order in Maker(seed).net.runs.values()]
    assert several.count(True) > 50
    assert several.count(False) > 50
