"""Every sentence of the interface, in one place; no markup here (render.py) and no sentence anywhere else."""

from collections.abc import Sequence

from answer.cite import Citation
from ingest.document import Document

TITLE = "ISECG report assistant"
PROMISE = "Answers in the reports’ own words"
NEW = "New conversation"

WELCOME = "What would you like to know?"
WELCOME_TEXT = (
    "Every answer is quoted word for word from {reports}, with the place where it stands. "
    "If the reports do not say, you are told so."
)
TRY = "Questions to start with"
SUGGESTIONS = (  # shown only if the assistant answers them from the index at hand
    "When was the Global Exploration Roadmap 2024 published?",
    "What is the goal of the Technology Working Group?",
    "What common exploration themes and benefits does the GES identify?",
    "Why is the Science White Paper being revised?",
    "What is ISECG?",
)

QUESTION = "Your question"
PLACEHOLDER = "Ask the reports a question"
SEND = "Ask"
REPORTS = "Reports to ask (none chosen: all)"
LOOKING = "Looking in the reports …"
CONVERSATION = "Conversation"

YOU_ASKED = "You asked"
UNDERSTOOD = "Understood as:"
VERBATIM = "In the report’s own words"
NEAREST = "The nearest sections, which may help"
COPY = "Copy"
COPY_MARKDOWN = "Copy as Markdown"
COPY_LINK = "Copy link"
COPIED = "Copied"
RECEIPT = "Receipt"
RECEIPT_TITLE = "Save this answer with all that is needed to check it"
SAVE = "Save"
SAVE_AS = (("markdown", "Markdown"), ("json", "JSON, which can be checked"), ("page", "Page to print"))
NOTHING_TO_SAVE = "There is no answer to save yet."
EXPORTED = "Asked on {date}. Every quote is the report’s own words."
SOURCES = "Sources"
BY_YEAR = "By year"
BY_YEAR_TITLE = "Ask the same of each year’s report"
BY_YEAR_LABEL = "In the words of each year’s report"
NO_YEAR = "Year unknown"
NOTHING_FOUND = "Nothing found."
OLDER = "older report, of {year}"
ASK_NEXT = "Questions near this that are answered"
ASK_INSTEAD = "Near this, the reports answer"
SAID = "{count} quoted: {text}"
CONFIDENCE = "{percent} % likely to be right"
LOW_CONFIDENCE = "{percent} % likely to be right: check the source"
LOW_PERCENT = 60

RATE = "Rate this answer"
RATE_ANSWER = "Does this answer your question?"
RATE_REFUSAL = "Is it right that the reports do not say?"
RATE_UP = "Yes"
RATE_DOWN = "No"
RATED = "Thank you, noted."
WHY_UP = "What was good?"
WHY_DOWN = "What was wrong?"
REASON = "Reason"
REASONS = {
    "exact": "It is exactly what I asked for",
    "helpful": "It helps, though it is not all of it",
    "beside": "It is beside the point",
    "incomplete": "Something is missing",
    "wrong": "The quote or its place is wrong",
    "unsaid": "The reports really do not say it",
    "said": "The reports do say it",
    "misunderstood": "My question was misunderstood",
    "other": "Something else",
}
COMMENT = "Anything to add? (optional)"
KEPT = "Your question, this answer and what you write here are kept in a file on the computer that runs the chat."
CANCEL = "Cancel"
SEND_RATING = "Send"
NOT_KEPT = "This could not be kept: {reason}. Try again."

ADD = "Add a report"
UPLOAD_RUNNING = "Adding {name}: {stage} …"
UPLOAD_STEPS = {
    "reading": "reading it",
    "embedding": "making it searchable",
    "waiting": "waiting for another process that writes the index",
}
UPLOAD_ADDED = "Added “{title}” ({name}; {size}). You can ask it now."
UPLOAD_REFUSED = "{name} was not added: {reason}"
UPLOAD_BUSY = "Another report is being added. Try again when it is done."
UPLOAD_KIND = "It is not one of the kinds that are read: {kinds}."
UPLOAD_README = "A file of this name is never read as a report. Rename it."
UPLOAD_LONG_NAME = "Its name is too long. Rename it."
UPLOAD_EMPTY = "It is empty."
UPLOAD_SIZE = "It is too large; at most {most} MB are read."
UPLOAD_CONTENT = "It is called {kind}, and its content is something else."
UPLOAD_KNOWN = "The same report is there already, as {name}."
UPLOAD_TAKEN = "There is another report of the name {name}. Rename yours, or have the old one removed."
UPLOAD_NO_ROOM = "It could not be kept: {reason}."
UPLOAD_GONE = "It is no longer there. Choose it again."
UPLOAD_FORGED = "Only a file that was uploaded in this page can be added."
UPLOAD_TAKEN_OUT = (
    "{name} was taken out of the reports again: the chat was killed before it was read. Add it once more."
)
NO_UPLOAD = "No report can be added to {path}: {reason}. Name another folder with --corpus."
UPLOAD_FAILED = "It could not be read. Try again, and see the messages of the server if it fails again."
DISMISS = "Close"
PAGE = "page"
SECTION = "section"

SOURCE = "Source"
SOURCE_EMPTY = "Nothing opened yet"
SOURCE_EMPTY_TEXT = "Choose a numbered source under an answer to read the quote where it stands in the report."
SOURCE_GONE = "No longer at hand"
SOURCE_GONE_TEXT = (
    "The chat has been restarted since, or has made room for others. Ask the question again to open its sources."
)
SURROUNDING = "The text of the report"
NEAR_NOTE = "A section near your question. It does not answer it."
QUOTE_NOTE = "The quote is marked in the report’s text."
BOXED_NOTE = "The quote is boxed on the page."
ELSEWHERE_NOTE = "The quote stands on another page."
UNPLACED_NOTE = "The quote stands on this page, unmarked."
UNPLACED = (
    "Where on this page the quote stands could not be told for certain, so nothing is boxed. “Text” shows it marked."
)
NO_PAGE = "{reason} So this is the text as it was read."
SHOW = "Show as"
AS_PAGE = "Page"
AS_TEXT = "Text"
PAGES = "The page of the report"
PREVIOUS_PAGE = "Previous page"
NEXT_PAGE = "Next page"
SMALLER = "Smaller"
LARGER = "Larger"
OPEN_PDF = "Open PDF"
CLOSE = "Back to the conversation"
PREVIOUS = "Previous source"
NEXT = "Next source"
BEFORE = "The report goes on before this."
AFTER = "The report goes on after this."

BUSY = "Many people are asking just now. Try again in a moment."
ONE_QUESTION = "question"
ASK_AGAIN = "Ask again"
TOO_OFTEN = "You have asked {questions} in a minute, the most that is taken. Go on in {seconds} seconds."
NO_SUCH_REPORT = "There is no report {name!r}; /api/reports names those that can be asked."

NOT_SERVED = "This address is not served here."
OTHER_ORIGIN = "Only the chat's own page may ask."
NOTHING_HERE = "There is nothing here."
TOO_LONG = "The request is too long."
LOG_IN = "Log in with your name and password."
TOO_MANY_TRIES = "There were too many attempts to log in. Try again in a minute."
LOGINS_UNREADABLE = (
    "The logins in {path} cannot be read: {reason}. Make them with: python app.py --auth-file {path} --add-login NAME"
)
LOGINS_EMPTY = "There is no login in {path}. Make one with: python app.py --auth-file {path} --add-login NAME"
LOGIN_BAD_LINE = (
    "{path}, line {number}: not name:scrypt$N$r$p$salt$hash."
    " Make it with: python app.py --auth-file {path} --add-login NAME"
)
LOGIN_BAD_NAME = "{name!r} cannot be a name: it must be there, without a colon, and not begin with #."
LOGIN_BAD_PASSWORD = "A password has 8 to {longest} characters."
LOGIN_ADDED = "{name} can log in, with --auth-file {path}, when the chat is started again."
LOGIN_NOT_WRITTEN = "The login cannot be written to {path}: {reason}."
LOGIN_NEEDS_FILE = "--add-login needs --auth-file, the file that the login is written to"
PASSWORD = "Password for {name}: "
PASSWORD_AGAIN = "Again: "
PASSWORDS_DIFFER = "The two are not the same; nothing was written."

API_NOTHING = "This is not served; there are GET and POST /api/ask, and GET /api/reports."
API_NOT_JSON = 'The request is not a JSON object; send {"question": "…"}.'
API_UNKNOWN = "There is no field {field!r}; the fields are question, history, reports and receipt."
API_NO_QUESTION = '`question` is missing or no text; send {"question": "…"}.'
API_NO_LIST = "`{field}` must be a list of texts."
API_NO_TRUTH = "`receipt` must be true or false."

MCP_INSTRUCTIONS = (
    "Quotes from the annual reports of the International Space Exploration Coordination Group (ISECG), word for word and with"
    " their places. It writes no text of its own: quote what it gives exactly, with report, section and page."
)
MCP_ASK = (
    "Ask the ISECG reports a question in English; the answer is quotes of them. `citations` hold each quote with report (title),"
    " section, page and characters; `confidence` is the probability that they answer. Where `answered` is false, the reports do"
    " not say (`refusal` says why), and `passages` are merely near. `history`: earlier questions, oldest first, for a question"
    " that leans on them. `reports`: file names from list_reports, to ask only these."
)
MCP_REPORTS = "The reports that can be asked: file name (document), title, year and SHA-256 of each."

HELP = "ask the reports questions in the browser"
HELP_INDEX = "where the index lies (default: .index, or $ISECG_INDEX)"
HELP_HOST = "the address to listen on (default: %(default)s, this machine only)"
HELP_UPLOAD = "let people add reports in the page; on a host that others can reach, only with a password (--auth-file)"
HELP_CORPUS = "the folder to which reports are added (default: %(default)s)"
UPLOAD_OPEN = (
    "--allow-upload on {host} would let anyone add reports; set a password with --auth-file, or listen on 127.0.0.1."
)
HELP_FEEDBACK = "where feedback is kept (default: feedback.jsonl beside the index, or $ISECG_FEEDBACK)"
NO_FEEDBACK = "No feedback is taken: {path} cannot be written ({reason}). Name another file with --feedback."
HELP_PORT = "the port to listen on (default: %(default)s)"
HELP_AUTH = "ask for a name and password out of this file; --add-login writes it"
HELP_ADD_LOGIN = "write a name and password (asked for, or a line of standard input) to --auth-file, and stop"
HELP_RATE = (
    "questions that one client may ask a minute; 0: any number (default: 60, and any number on this machine only)"
)
HELP_READ_ONLY = "write nothing that a visitor sends: no feedback is taken"
HELP_MCP = "serve the Model Context Protocol on standard input and output, for a program, in place of the chat"
HELP_MODEL = "the sentence-transformers model that the index was made with (default: %(default)s)"
HELP_READER = "the reader: carried, none, or a folder (default: %(default)s)"
ADDRESS = "The chat is at {address} (stop it with Ctrl-C)."
OPEN_TO_ALL = (
    "Warning: anyone who can reach this machine on port {port} can read the reports and ask questions;"
    " --auth-file FILE asks for a password."
)
STOPPED = "The chat has stopped."
NO_PORT = "The chat cannot listen on {host}, port {port}: {reason}. Name another with --host or --port."
READ_ONLY_UPLOAD = "--read-only and --allow-upload exclude each other"
NOT_A_RATE = "{value!r} is not a number of questions: give 0 or more"
NO_MCP = "--mcp needs the package mcp; install it with: pip install -c constraints.txt -e '.[mcp]'"
NOT_A_PORT = "{value!r} is not a port: give a number from 1 to 65535"


def count_reports(documents: Sequence[Document]) -> str:
    """What is asked, in words: the title of a single report, else how many there are and of which years."""
    if len(documents) == 1:
        return f"the {documents[0].title}"
    years = sorted({d.year for d in documents if d.year is not None})
    span = f" ({'–'.join(map(str, dict.fromkeys([years[0], years[-1]])))})" if years else ""
    return f"{len(documents)} reports{span}"


def count(number: int, noun: str) -> str:
    """How many of a thing there are: "1 page" or "2 pages"."""
    return f"{number} {noun}{'s' * (number != 1)}"


def report_labels(documents: Sequence[Document]) -> list[str]:
    """The reports in the filter: title, the year before it if not in it, the file name after it if titles are alike."""
    labels = [d.title if d.year is None or str(d.year) in d.title else f"{d.year}: {d.title}" for d in documents]
    alike = {label for label in labels if labels.count(label) > 1}
    return [f"{label} ({d.name})" if label in alike else label for label, d in zip(labels, documents, strict=True)]


def page_of(first: int, last: int, count: int) -> str:
    """Which of a PDF's pages are shown, counted as a PDF viewer does."""
    return f"{first} of {count}" if first == last else f"{first}–{last} of {count}"


def picture(citation: Citation, label: str, boxed: bool) -> str:
    """What the picture of a page shows, for those who do not see it."""
    page = f"Page {label} of {citation.title}"
    return f"{page}, with a box around the quote: {citation.quote}" if boxed else page


def confidence(probability: float) -> str:
    """The probability that an answer is right, in whole percent; certainty is never claimed."""
    percent = min(99, max(1, int(probability * 100)))
    return (LOW_CONFIDENCE if percent < LOW_PERCENT else CONFIDENCE).format(percent=percent)


def section_path(citation: Citation) -> str:
    """The headings above a quote, outermost first; "" where there is none but the report's title."""
    return "" if citation.section == (citation.title,) else " › ".join(citation.section)


def reference(citation: Citation) -> str:
    """Report, section and place on one line, as it goes with a copied quote."""
    return ", ".join(part for part in (citation.title, section_path(citation), citation.place) if part)


def place(citation: Citation) -> str:
    """The place of a quote, and that there is a newer edition of its report, if so."""
    older = OLDER.format(year=citation.year) if citation.older else ""
    return " · ".join(part for part in (citation.place, older) if part)


def year(number: int | None) -> str:
    """A year as a heading."""
    return NO_YEAR if number is None else str(number)


def copied(citations: Sequence[Citation]) -> str:
    """An answer to take along: each quote in quotation marks, under it where it stands."""
    return "\n\n".join(f"“{c.quote}”\n— {reference(c)}" for c in citations)
