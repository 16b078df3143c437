"""Writes the quirk files of social networks that no editor writes well: UTF-16 and zip. All rows are invented."""

import zipfile
from pathlib import Path

FOLDER = Path(__file__).parent
DAY = (2026, 11, 1, 0, 0, 0)

FOLLOWS = """sep=,
"Facebook follows"
"Date","Primary"
"2026-10-01T00:00:00","12"
"2026-10-02T00:00:00","0"
"2026-10-03T00:00:00","7"

"Instagram follows"
"Date","Primary"
"2026-10-01T00:00:00","30"
"2026-10-03T00:00:00","11"
"""
VIEWS = """sep=\t
"Visualizações"
"Data"\t"Primary"
"2026-10-01T01:00:00"\t"1250"
"2026-10-02T01:00:00"\t"980"
"""
INTERACTIONS = """sep=,
"Content interactions"
"Date","Primary"
"2026-10-01T00:00:00","40"
"2026-10-02T00:00:00","-2"
"""
REACH = """sep=,
"Instagram reach"
"Date","Primary"
"2026-10-01T00:00:00","600"
"2026-10-02T00:00:00","550"
"""
VISITS = """sep=,
"Facebook visits"
"Date","Primary"
"2026-10-01T00:00:00","24"
"""
TABLE = """\
Content,Video title,Video publish time,Duration,Likes,Comments added,Views,Watch time (hours),Subscribers
Total,,,,9,2,170,8.5,3
aaaaaaaaaa1,"Lamps, tested","Sep 14, 2026",304,8,2,120,6.25,2
aaaaaaaaaa2,Shorts: bulbs,"Oct 3, 2026",58,1,0,50,2.25,1
"""
CHART = """Date,Content,Video title,Video publish time,Views
2026-10-01,aaaaaaaaaa1,"Lamps, tested","Sep 14, 2026",60
2026-10-02,aaaaaaaaaa1,"Lamps, tested","Sep 14, 2026",55
"""
TOTALS = """Date,Views
2026-10-01,90
2026-10-02,80
"""


def main() -> None:
    """Write the files; the same bytes every time."""
    texts = {"follows": FOLLOWS, "views_tabs": VIEWS, "interactions": INTERACTIONS, "reach": REACH, "visits": VISITS}
    for name, text in texts.items():
        (FOLDER / f"meta_business_{name}.csv").write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    archive = FOLDER / "youtube_content 2026-10-01_2026-10-31.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for name, text in (("Table data", TABLE), ("Chart data", CHART), ("Totals", TOTALS)):
            opened.writestr(zipfile.ZipInfo(f"{name}.csv", DAY), text)


if __name__ == "__main__":
    main()
