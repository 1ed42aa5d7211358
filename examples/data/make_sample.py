#!/usr/bin/env python3
"""Writes sample.csv: 500 invented listings in invented towns, the same on every machine."""
import csv
import pathlib

TOWNS = [  # name, zip code, latitude, longitude, price of a square metre
    ("Port Elling", "00711", 44.6120, -124.9310, 4100),
    ("Marlow Springs", "00712", 44.6480, -124.8820, 3300),
    ("Quill Harbor", "00713", 44.5830, -124.9620, 5200),
    ("Tansy Falls", "00714", 44.6910, -124.9040, 2600),
    ("Old Brackett", "00715", 44.6340, -124.8390, 2900),
]
STREETS = ["Alder Walk", "Barley Row", "Copper Lane", "Dovecote Road", "Elm Terrace", "Ferry Street", "Gable Court",
           "Heron Way", "Ivy Close", "Juniper Hill", "Kiln Street", "Lantern Road"]
LOOKS = ["Sunny", "Quiet", "Restored", "Modern", "Bright", "Classic", "Spacious", "Snug"]
PLACES = ["by the creek", "near the ferry", "under old oaks", "on the hill", "with a garden", "close to the school",
          "above the harbor", "at the end of the lane"]
KINDS = ["Single-family"] * 6 + ["Condo"] * 2 + ["Flat"] * 2 + ["Plot"]
LAST_WORDS = {
    "home": ["Walk to the \"Tide\" market.", "New roof, new windows.", "Needs work, and rewards it.",
             "Views of the water, weather permitting."],
    "Plot": ["Water and power at the road.", "Room for what you have in mind.", "Slopes, with a view."],
}
NOUNS = {"Single-family": "house", "Condo": "condo", "Flat": "apartment", "Plot": "plot"}


class Dice:
    """A linear congruential generator (Knuth's MMIX), so that no version of Python changes the sample."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % limit

    def pick(self, values):
        return values[self.below(len(values))]


def listing(number, dice):
    town, zip_code, latitude, longitude, square_metre = dice.pick(TOWNS)
    kind = dice.pick(KINDS)
    land = kind == "Plot"
    area = 45 + dice.below(60) + (dice.below(140) if kind == "Single-family" else 0)
    noun = "mansion" if kind == "Single-family" and area > 215 else NOUNS[kind]
    look, place = dice.pick(LOOKS), dice.pick(PLACES)
    price = (60000 + dice.below(90) * 1000) if land else area * square_metre * (85 + dice.below(31)) // 100 // 500 * 500
    day = dice.below(330)
    return {
        "ref": f"S-{number:04d}",
        "listed": f"2025-{1 + day // 30:02d}-{1 + day % 28:02d}",
        "headline": f"{look} {noun} {place}",
        "number": str(1 + dice.below(240)),
        "street": dice.pick(STREETS),
        "town": town,
        "state": "OR",
        "zip": zip_code,
        "kind": kind,
        "asking_usd": f"{price}.00",
        "beds": "n/a" if land else str(1 + area // 45),
        "baths": "n/a" if land else f"{1 + area // 80}.{dice.pick(['00', '25', '50', '75'])}",
        "living_m2": "n/a" if land else str(area),
        "plot_acres": "" if kind in ("Flat", "Condo") else f"0.{10 + dice.below(80)}",
        "built": "n/a" if land else str(1905 + dice.below(118)),
        "lat": f"{latitude + (dice.below(4000) - 2000) / 100000:.6f}",
        "lon": f"{longitude + (dice.below(4000) - 2000) / 100000:.6f}",
        "state_of_sale": dice.pick(["for sale"] * 8 + ["offer", "sold"]),
        "remarks": f"{look} {noun} {place}, in {town}. " + dice.pick(LAST_WORDS["Plot" if land else "home"]),
    }


def main():
    dice = Dice(20251123)
    rows = [listing(number, dice) for number in range(1, 501)]
    path = pathlib.Path(__file__).with_name("sample.csv")
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
