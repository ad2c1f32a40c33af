"""The numbers learned from the dev questions (`python -m eval calibrate` writes them): two logistic models over evidence."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = Path(__file__).with_name("weights.json")


@dataclass(frozen=True)
class Weights:
    """`choose` weighs evidence that a unit is the right one, `trust` that the answer made of it is right.

    Both map evidence names to weights, "" to the constant. `threshold` is the least confidence with which an answer is
    given, `also` the least probability of a second or third quote.
    """

    choose: dict[str, float]
    trust: dict[str, float]
    threshold: float
    also: float

    def selection(self, evidence: dict[str, float]) -> float:
        """Log-odds that the unit with this evidence answers."""
        return _sum(self.choose, evidence)

    def probability(self, evidence: dict[str, float]) -> float:
        """Probability, in [0, 1], that the unit with this evidence answers."""
        return logistic(self.selection(evidence))

    def confidence(self, evidence: dict[str, float]) -> float:
        """Probability, in [0, 1], that an answer whose best unit has this evidence is right."""
        return logistic(self.log_odds(evidence))

    def log_odds(self, evidence: dict[str, float]) -> float:
        """Log-odds that an answer whose best unit has this evidence is right."""
        return _sum(self.trust, evidence)


def logistic(value: float) -> float:
    """1 / (1 + e^-value): 0 gives 0.5."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, value))))


def _sum(weights: dict[str, float], evidence: dict[str, float]) -> float:
    return weights.get("", 0.0) + sum(weight * evidence[name] for name, weight in weights.items() if name)


NO_WEIGHTS = Weights(choose={}, trust={}, threshold=0.0, also=2.0)


def setting(reader: object | None) -> str:
    """Under which name the weights for answering with `reader` stand in the file: what it is, not which one it is."""
    return "embeddings" if reader is None else "reader"


def load(name: str) -> Weights:
    """The weights for the setting called `name`: "reader" or "embeddings"."""
    return Weights(**json.loads(FILE.read_text("utf-8"))[name])


def save(name: str, weights: Weights) -> None:
    """Write the weights for the setting called `name` into the file, beside the other setting's."""
    rows = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    rows[name] = asdict(weights)
    FILE.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n", "utf-8")
