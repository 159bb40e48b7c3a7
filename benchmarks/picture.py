"""The picture: a panel for each work, a bar for each client, drawn by hand as SVG."""

from __future__ import annotations

from xml.sax.saxutils import escape

from benchmarks.clients import CLIENTS
from benchmarks.results import Results
from benchmarks.works import WORKS

__all__ = ["picture"]

PANELS = ("stream", "round_trip", "burst", "large")
LOOPS = ("asyncio", "uvloop", "trio")
COLOURS = {"typedws": "#0b6e4f", "bare": "#c9c9c9"}
OTHERS = "#8aa4b8"

WIDTH, BAR, GAP, LABEL, TITLE = 860, 15, 4, 92, 44
PANEL = (WIDTH - 20) // 2


def picture(results: Results) -> str:
    """An SVG of the CPU time of each client at each work, over TCP, with JSON, shorter is better."""
    parts: list[str] = []
    top = 34
    for pair in (PANELS[:2], PANELS[2:]):
        heights = []
        for column, work in enumerate(pair):
            drawn, height = panel(results, work, 10 + column * PANEL, top)
            parts += drawn
            heights.append(height)
        top += max(heights) + 18
    style = "text{font:12px system-ui,sans-serif;fill:#222}.t{font-weight:600;font-size:13px}.s{fill:#666}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img" '
        f'aria-label="CPU time of WebSocket clients">\n<style>{style}</style>\n'
        f'<rect width="{WIDTH}" height="{top}" fill="#fff"/>\n'
        f'<text class="t" x="10" y="20">Microseconds of CPU time, TCP, JSON to typed values; shorter is better</text>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def panel(results: Results, work: str, left: int, top: int) -> tuple[list[str], int]:
    """One panel, and its height."""
    bars: list[tuple[str, str, float | None]] = []
    for loop in LOOPS:
        values = [(name, results.value("cpu", work, loop, name)) for name in CLIENTS]
        values = [(name, value) for name, value in values if value is not None]
        if values:
            bars.append(("", loop, None))
            bars += [(name, loop, value) for name, value in values]
    longest = scale(bars)
    room = PANEL - LABEL - 80
    title = f"{WORKS[work].title} ({WORKS[work].unit})"
    parts = [f'<text class="t" x="{left}" y="{top + 16}">{escape(title)}</text>']
    y = top + TITLE - 16
    for name, loop, value in bars:
        middle = y + BAR - 4
        if value is None:
            parts.append(f'<text class="s" x="{left}" y="{middle}">{loop}</text>')
        else:
            length = max(1.0, min(value / longest, 1.0) * room)
            colour = COLOURS.get(name, OTHERS)
            text = f"{value:,.2f}" if value < 10 else f"{value:,.0f}"
            parts.append(f'<text x="{left + LABEL - 6}" y="{middle}" text-anchor="end">{name}</text>')
            parts.append(f'<rect x="{left + LABEL}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{colour}"/>')
            if value > longest:  # cut off, and shown to be
                parts.append(
                    f'<rect x="{left + LABEL + length - 14:.1f}" y="{y}" width="4" height="{BAR}" fill="#fff"/>'
                )
            parts.append(f'<text class="s" x="{left + LABEL + length + 5:.1f}" y="{middle}">{text}</text>')
        y += BAR + GAP
    return parts, y - top


def scale(bars: list[tuple[str, str, float | None]]) -> float:
    """The value of the longest bar. Where one client is far behind all others, its bars are cut, so that those of the
    others can be told apart."""
    worst: dict[str, float] = {}
    for name, _, value in bars:
        if value is not None:
            worst[name] = max(value, worst.get(name, 0.0))
    *others, last = sorted(worst.values()) or [1.0]
    return min(last, 1.5 * others[-1]) if others else last
