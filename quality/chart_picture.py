"""The p-chart as a picture. Drawn on a figure of its own, so that several may be drawn at once."""

import io
from collections.abc import Mapping
from threading import Lock
from typing import Any

FORMATS = ("svg", "png")
#: matplotlib's fonts are shared by all threads of a process, and it promises nothing about that.
_drawing = Lock()


def draw_chart(chart: Mapping[str, Any], kind: str) -> bytes:
    """An SVG or PNG of a chart as ``quality.agreement.chart_of`` gives it; the same chart is the
    same bytes."""
    # Half a second to load, and nobody else needs it. Never pyplot: its figures are global.
    import matplotlib  # noqa: PLC0415
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    points = chart["points"]
    places = list(range(len(points)))
    with _drawing, matplotlib.rc_context({"svg.hashsalt": "pallay", "svg.fonttype": "none"}):
        figure = Figure(figsize=(9, 4.5), dpi=100, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        for name in ("lower", "upper"):
            values = [row[name] / 10 for row in points]
            axes.step(places, values, where="mid", color="#8a3324", linestyle="--", linewidth=1)
        if chart["mean"] is not None:
            axes.axhline(chart["mean"] / 10, color="#555555", linewidth=1)
        axes.plot(places, [row["share"] / 10 for row in points], color="#1f4e79", marker="o")
        beyond = [place for place in places if points[place]["outside"]]
        shares = [points[place]["share"] / 10 for place in beyond]
        axes.plot(beyond, shares, "s", color="#c1121f", markersize=9)
        every = max(1, len(points) // 12)
        days = [str(row["delivered_on"]) for row in points[::every]]
        axes.set_xticks(places[::every], days, rotation=30, ha="right")
        axes.set_ylim(-2, 102)
        axes.set_ylabel("not passed at the first look, %")
        out = io.BytesIO()
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        figure.savefig(out, format=kind, metadata=metadata)
    return out.getvalue()
