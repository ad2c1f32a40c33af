"""Appends to a feedback file until it is killed, for test_chat_feedback.py; prints a row's number once it is kept.

usage: appender.py FILE NAME [COUNT]     a COUNT of rows, else without end
"""

import itertools
import sys
from pathlib import Path

from chat.feedback import FeedbackFile


def main() -> None:
    path, name, *count = sys.argv[1:]
    file = FeedbackFile(Path(path))
    for number in range(int(count[0])) if count else itertools.count():
        file.append({"name": name, "number": number, "comment": "word " * 2000})
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
