"""`python -m zbridge.simulator --port N`: serve the fake Zoho on loopback."""

from argparse import ArgumentParser
from pathlib import Path

from zbridge.simulator.build import build, has_world, lay_world
from zbridge.simulator.server import serve


def main() -> None:
    """Open the state file (laying its world the first time) and serve."""
    parser = ArgumentParser(prog="zbridge.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8900)
    parser.add_argument("--state", default=":memory:", help="state file; made when it isn't there")
    parser.add_argument("--size", default="small", help="small, none, or a number of accounts")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    if wanted.state != ":memory:":
        Path(wanted.state).parent.mkdir(parents=True, exist_ok=True)
    simulator = build(wanted.state, base_url=f"http://127.0.0.1:{wanted.port}")
    if not has_world(simulator):
        lay_world(simulator, size=wanted.size, seed=wanted.seed)
    serve(simulator, wanted.port)


main()
