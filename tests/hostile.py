"""A report that tries everything, as text and as PDF: markup, Markdown, templates, orders to a terminal, endless words."""

from pathlib import Path

ELSEWHERE = "http://203.0.113.7"  # an address for documentation; nothing answers there
HACKS = (
    "<script>window.hacked = 1</script>",
    '<img src=x onerror="window.hacked = 2">',
    f'<img src="{ELSEWHERE}/y.png">',
    f"![x]({ELSEWHERE}/x.png)",
    f'<iframe src="{ELSEWHERE}/z"></iframe>',
    f'<form action="{ELSEWHERE}/"><button data-ask="x" data-source="1-1" data-rate="up">press</button></form>',
    "[link](javascript:window.hacked=4)",
    '<a href="javascript:window.hacked=5">link</a>',
    "${window.hacked=6} {{window.hacked=7}} {%x%}",
    "[1](#cite-99)",
    "</p></section></div><h1>Injected</h1><style>*{display:none}</style>",
    "\x1b[2J\x1b[31mred\x1b]0;title\x07 \u202egnorw\u202c \x9b31m",
    "&lt;b&gt; &#60;i&#62; \\u003cb\\u003e",
)
ENDLESS = "Endless" * 1430  # more than 10,000 characters
TITLE = f"Hostile {HACKS[0]} ${{window.hacked=8}} Report 2031"
HEADING = f"The \u202eevil\u202c committee {HACKS[1]} \x1b[31m"
PUBLISHED = f"The evil committee published its roadmap in May 2031 {' '.join(HACKS)}."
MEMBERS = f"The evil committee had {ENDLESS} members {HACKS[0]} in 2031."
TEXT = f"# {TITLE}\n\n## {HEADING}\n\n{PUBLISHED}\n\n## {ENDLESS}\n\n{MEMBERS}\n"

# A font whose codes 1 to 5 read as what a common font has no letter for.
CODES = {"\u202e": 1, "\u202c": 2, "\x1b": 3, "\x07": 4, "\x9b": 5}
TO_UNICODE = """/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Own def /CMapType 2 def
1 begincodespacerange <00> <FF> endcodespacerange
5 beginbfchar <01> <202E> <02> <202C> <03> <001B> <04> <0007> <05> <009B> endbfchar
1 beginbfrange <20> <7E> <0020> endbfrange
endcmap CMapName currentdict /CMap defineresource pop end end"""


def write_hostile_pdf(path: Path) -> None:
    """The same report as a PDF of two pages, with a hostile title, outline and page labels."""
    first = [*_set(700, 20, "F2", TITLE), *_set(650, 15, "F2", HEADING), *_set(610, 10, "F1", PUBLISHED)]
    second = [*_set(700, 15, "F2", ENDLESS[:200]), *_set(660, 10, "F1", "The evil committee had 66 members in 2031.")]
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding /WinAnsiEncoding /ToUnicode 9 0 R >>"
    fonts = "/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >>"
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {fonts} /Contents %d 0 R >>"
    labels = f"/PageLabels << /Nums [0 << /S /D /P {_string(HACKS[1])} >>] >>"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R /Outlines 10 0 R {labels} /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>",
        "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>",
        page % 7,
        page % 8,
        font.format("Helvetica"),
        font.format("Helvetica-Bold"),
        _stream("\n".join(first)),
        _stream("\n".join(second)),
        _stream(TO_UNICODE),
        "<< /Type /Outlines /First 11 0 R /Last 11 0 R /Count 1 >>",
        f"<< /Title {_string(HEADING)} /Parent 10 0 R /Dest [3 0 R /Fit] >>",
        f"<< /Title {_string(TITLE)} >>",
    ]
    out = b"%PDF-1.7\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R /Info 12 0 R >>"
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}\nstartxref\n{len(out)}\n%%EOF\n".encode()
    path.write_bytes(out)


def _set(y: float, size: float, font: str, text: str) -> list[str]:
    """Lines of at most 90 characters from `y` on."""
    lines = [text[at : at + 90] for at in range(0, len(text), 90)]
    return [f"BT /{font} {size} Tf 40 {y - 1.3 * size * n:g} Td <{_codes(s)}> Tj ET" for n, s in enumerate(lines)]


def _codes(text: str) -> str:
    return "".join(f"{CODES.get(c, ord(c)):02x}" for c in text)


def _string(text: str) -> str:
    return f"<feff{text.encode('utf-16-be').hex()}>"


def _stream(text: str) -> str:
    return f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"
