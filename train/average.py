"""`python -m train.average OUT CHECKPOINT ...`: the mean of the weights of runs that began alike, which does better than each.

Wortsman et al. 2022, "Model soups" (https://arxiv.org/abs/2203.05482). Two runs on a core each need not wait for each other.
"""

import argparse
import sys
from pathlib import Path

import torch


def main(argv: list[str] | None = None) -> int:
    """Write to OUT the mean of the weights in the checkpoints (reader.pt or checkpoint.pt)."""
    parser = argparse.ArgumentParser(prog="python -m train.average", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    args = parser.parse_args(argv)
    states = [torch.load(path, weights_only=True, map_location="cpu") for path in args.checkpoints]
    states = [state.get("model", state) for state in states]
    torch.save({name: torch.stack([s[name] for s in states]).mean(0) for name in states[0]}, args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
