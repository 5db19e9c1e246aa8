"""Dates by enumeration: every day of a window is asked whether the text means it. Slow and obvious."""

from __future__ import annotations

from datetime import date, timedelta

WINDOW = [date(2009, 1, 1) + timedelta(days=at) for at in range(365 * 14)]
"""Days around everything that the strategies draw, with room for seasons that run into the next year."""

MONTHS = {
    21: "3-11", 22: "1-14", 23: "3-11", 24: "1-14", 25: "3-5", 26: "6-8", 27: "9-11", 28: "1-14", 29: "9-11",
    30: "1-14", 31: "3-5", 32: "6-8", 33: "1-3", 34: "4-6", 35: "7-9", 36: "10-12", 37: "1-4", 38: "5-8", 39: "9-12",
    40: "1-6", 41: "7-12",
}  # fmt: skip
"""Months of each part of a year, as the page on dates says; 13 and 14 are January and February of the next."""


def means(text: str, day: date) -> bool:
    """Whether a date without interval or set can mean a day."""
    parts = text.rstrip("?~%").split("-")
    if len(parts) == 2 and parts[1].isdigit() and int(parts[1]) > 12:
        low, _, high = MONTHS[int(parts[1])].partition("-")
        month = (day.year - int(parts[0])) * 12 + day.month
        return int(low) <= month <= int(high)
    said = f"{day:%Y-%m-%d}".split("-")
    return all(
        letter in ("X", digit)
        for part, found in zip(parts, said, strict=False)
        for letter, digit in zip(part, found, strict=True)
    )


def days_of(text: str) -> list[date]:
    """The days of the window that a date, or a set of dates, can mean."""
    members = text[1:-1].split(",") if text[0] in "[{" else [text]
    return [day for day in WINDOW if any(means(member, day) for member in members)]
