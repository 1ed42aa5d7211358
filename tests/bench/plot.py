#!/usr/bin/env python3
"""plot.py --command TEXT --out PREFIX RESULT...: the figures of runs beside peers, as PREFIX.json, a table PREFIX.md and
a plot PREFIX.svg. With --record they become those that README.md shows, and the bars those of tests/RESULTS.md."""
import argparse
import json
import math
import os
import pathlib
import re
import time
from xml.sax.saxutils import escape

ROOT = pathlib.Path(__file__).resolve().parents[2]
STORES = {"sqlite": "SQLite", "postgres": "PostgreSQL", "mysql": "MariaDB", "mongodb": "MongoDB"}
WORK = {"get": "get by id", "list": "list of 20", "insert": "durable insert", "import": "import, a row",
        "document-insert": "insert a document", "document-get": "get a document",
        "document-get-lean": "get a document, lean"}
SIDES = ["libhomeconnect", "C by hand", "better-sqlite3", "Prisma", "Mongoose"]
# The bars of performance.md by store. What no result has was not run.
BARS = {"sqlite": "1 2 3 4 4b 5 6a 6b 6c 6d 6e 6f 7 10 12a 12b 12c 13 14a 14b 14c scale-a scale-b scale-c scale-d scale-e",
        "postgres": "3 4 5 7 8 9 pool", "mysql": "3 4 5 7 8 pool", "mongodb": "8b 8c 8d"}
COLOURS = {"libhomeconnect": "#1b6e8c", "C by hand": "#8a8f98", "better-sqlite3": "#d9a036", "Prisma": "#c2553f",
           "Mongoose": "#5d8a4e"}


def machine():
    """Its class, not its name."""
    with open("/proc/meminfo", encoding="utf-8") as file:
        memory = round(int(file.readline().split()[1]) / 1024 / 1024)
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")
    return f"{os.cpu_count()} cores ({model}), {memory} GiB"


def merge(paths, command):
    """All results, sides by their short names; of what is in two of them the later one counts."""
    bars = {}
    out = {"date": time.strftime("%Y-%m-%d", time.gmtime()), "machine": machine(), "command": command, "bars": [],
           "figures": [], "rows": 0, "rounds": 0, "versions": []}
    for path in paths:
        result = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        out["rows"], out["rounds"] = result["rows"], result["rounds"]
        when = time.strftime("%Y-%m-%d", time.gmtime(os.stat(path).st_mtime))
        of = {"storage": result["storage"], "rows": result["rows"], "rounds": result["rounds"], "date": when}
        bars.update({(result["storage"], bar["bar"], bar["name"]): {**bar, **of} for bar in result["bars"]})
        for figure in result["figures"]:
            title = figure["side"]
            side = next(side for side in SIDES if title.startswith(side))
            if title != side and title not in out["versions"]:
                out["versions"].append(title)
            out["figures"].append({**figure, "side": side, "storage": result["storage"]})
    out["bars"] = list(bars.values())
    return out


def contests(data):
    """[(store and work, clock, {side: (µs, times ours)})] in the order of the run."""
    out = {}
    for figure in data["figures"]:
        by = figure["by"]
        key = (f'{STORES[figure["storage"]]}: {WORK.get(figure["what"], figure["what"])}', by)
        out.setdefault(key, {})[figure["side"]] = (figure[by + "_us"], figure[by + "_times"])
    return [(name, by, sides) for (name, by), sides in out.items()]


def micros(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def ratio(times):
    return f"{times:.2f}×" if times < 10 else f"{times:.0f}×"


def table(data):
    rows = contests(data)
    used = [side for side in SIDES if any(side in sides for _, _, sides in rows)]
    lines = ["| work | by | " + " | ".join(used) + " |", "|---" * (len(used) + 2) + "|"]
    for name, by, sides in rows:
        cells = []
        for side in used:
            each, times = sides.get(side, (None, None))
            cells.append("" if each is None else f"{micros(each)} µs" if side == "libhomeconnect" else ratio(times))
            if times is not None and side != "libhomeconnect" and times < 0.995:
                cells[-1] += " (faster)"
        lines.append(f'| {name} | {"CPU" if by == "cpu" else "time"} | ' + " | ".join(cells) + " |")
    lines += ["", f'How many times as long as ours, the median of the ratios in {data["rounds"]} interleaved rounds, over '
              f'{data["rows"]:,} listings; {data["date"]}, {data["machine"]}, `{data["command"]}`; ' +
              ", ".join(data["versions"]) + "."]
    return "\n".join(lines) + "\n"


def plot(data):
    """Times ours on a logarithmic axis, a group of bars for each work."""
    rows = contests(data)
    least, most = 0.5, 1.6 * max((times for _, _, sides in rows for _, times in sides.values()), default=10)
    left, width, bar, gap, top = 230, 500, 13, 14, 46

    def x(times):
        share = math.log(max(times, least) / least) / math.log(most / least)
        return left + width * min(max(share, 0), 1)

    body, y = [], top
    for name, by, sides in rows:
        shown = [side for side in SIDES if side in sides]
        height = bar * len(shown)
        body.append(f'<text x="{left - 8}" y="{y + height / 2 + 4:.0f}" text-anchor="end">{escape(name)}</text>')
        for side in shown:
            each, times = sides[side]
            label = f"{micros(each)} µs" if side == "libhomeconnect" else ratio(times)
            body.append(f'<rect x="{left}" y="{y + 1}" width="{x(times) - left:.1f}" height="{bar - 2}" '
                        f'fill="{COLOURS[side]}"/>')
            body.append(f'<text class="small" x="{max(x(times), x(1)) + 5:.1f}" y="{y + bar - 3}">{label}</text>')
            y += bar
        y += gap
    grid = []
    for tick in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        if tick < most:
            grid.append(f'<line x1="{x(tick):.1f}" y1="{top - 8}" x2="{x(tick):.1f}" y2="{y - gap}" '
                        f'stroke="{"#333" if tick == 1 else "#ddd"}"/>')
            grid.append(f'<text class="small" x="{x(tick):.1f}" y="{top - 12}" text-anchor="middle">{tick}×</text>')
    legend, at = [], left
    used = [side for side in SIDES if any(side in sides for _, _, sides in rows)]
    for side in used:
        legend.append(f'<rect x="{at}" y="8" width="11" height="11" fill="{COLOURS[side]}"/>'
                      f'<text x="{at + 15}" y="18">{escape(side)}</text>')
        at += 34 + 7 * len(side)
    total = left + width + 110
    foot = (f'Time of one operation, times ours (shorter is faster); {data["rows"]:,} listings, {data["date"]}, '
            f'{data["machine"]}')
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {y + 16}" width="{total}" height="{y + 16}">',
        '<style>text{font:12px sans-serif;fill:#222}.small{font-size:10px;fill:#555}</style>',
        f'<rect width="{total}" height="{y + 16}" fill="#fff"/>', *grid, *legend, *body,
        f'<text class="small" x="{left}" y="{y + 6}">{escape(foot)}</text>', "</svg>"]) + "\n"


def scoreboard(data):
    """A line a bar, also of those that were not run."""
    lines = ["| bar | store | listings, rounds | date | value | target | |", "|---|---|---|---|---|---|---|"]
    for storage, numbers in BARS.items():
        for number in numbers.split():
            found = [bar for bar in data["bars"] if (bar["bar"], bar["storage"]) == (number, storage)]
            lines += [f'| {number} {bar["name"]} | {STORES[storage]} | {bar["rows"]:,}, {bar["rounds"]} | {bar["date"]} | '
                      f'{bar["value"]:.3g} | {bar["target"]:.3g} | {"ok" if bar["ok"] else "short"} |' for bar in found]
            if not found:
                lines.append(f"| {number} | {STORES[storage]} | | | not run | | |")
    lines += ["", f'Release build, {data["machine"]}; `{data["command"]}`. Bars 11 and 15 to 17 are about what does not '
              "exist yet: not run."]
    return "\n".join(lines) + "\n"


def replace(path, mark, text):
    """What stands between the marks <!-- MARK --> and <!-- /MARK --> of a file."""
    file = ROOT / path
    pattern = re.compile(rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)", re.S)
    old = file.read_text(encoding="utf-8")
    new, count = pattern.subn(lambda found: found[1] + text + found[2], old)
    if count != 1:
        raise SystemExit(f"{path} has no place for {mark}")
    file.write_text(new, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--command", default="tests/bench/run --peers")
    parser.add_argument("--out", required=True)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("results", nargs="+")
    options = parser.parse_args()
    data = merge(options.results, options.command)
    texts = {".json": json.dumps(data, indent=1, ensure_ascii=False) + "\n", ".md": table(data), ".svg": plot(data)}
    for end, text in texts.items():
        pathlib.Path(options.out + end).write_text(text, encoding="utf-8")
    print(texts[".md"], end="")
    if options.record:
        (ROOT / "tests/bench/peers.svg").write_text(texts[".svg"], encoding="utf-8")
        replace("README.md", "peers", texts[".md"])
        replace("tests/RESULTS.md", "bench", scoreboard(data))


if __name__ == "__main__":
    main()
