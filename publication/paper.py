"""A digest as a paginated PDF: the form of an official circular in Chinese, a plain report in
English. Nothing is fetched: fonts are the machine's, the style sheet is ours."""

from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from PIL import ImageFile
from weasyprint import HTML
from weasyprint.urls import URLFetcher

from assessment.measures import named as name_of_code
from publication.contents import MAIN

# On import WeasyPrint has Pillow take half a picture for a whole one, in the entire process; here a
# photo that breaks off is refused.
ImageFile.LOAD_TRUNCATED_IMAGES = False

STYLE = Path(settings.BASE_DIR) / "static" / "css" / "digest.css"


# No address of any kind may be fetched: what a name or a note holds loads nothing.
_NOTHING = URLFetcher(allowed_protocols=frozenset({"none"}))


def paper_of(contents, digest):
    """(PDF as bytes, number of pages)."""
    return laid_out(text_of(contents, digest))


def laid_out(text):
    """(PDF as bytes, number of pages) of a page in HTML."""
    document = HTML(string=text, url_fetcher=_NOTHING).render()
    return document.write_pdf(), len(document.pages)


def text_of(contents, digest):
    """The HTML that is laid out."""
    most = max([counts["filed"] for _day, counts in contents.days], default=0)
    most = max([most, *(counts["closed"] for _day, counts in contents.days)]) or 1
    return render_to_string(
        "publication/digest.html",
        {
            "contents": contents,
            "digest": digest,
            "chinese": digest.language == "zh-hans",
            "main": list(contents.main()) if contents.total else [],
            "figures": contents.total.figures if contents.total else {},
            "names": {code: name_of_code(code) for code in MAIN},
            "style": STYLE.read_text(encoding="utf-8"),
            "bars": [
                {
                    "x": 10 * place,
                    "filed": round(60 * counts["filed"] / most, 1),
                    "closed": round(60 * counts["closed"] / most, 1),
                }
                for place, (_day, counts) in enumerate(contents.days)
            ],
            "most": most,
        },
    )
