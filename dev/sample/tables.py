"""Reads the two public tables and turns them into features: what was known at the time, and nothing later.

Every row of a `Table` is in chronological order; `starts` is the moment the row's prediction is asked for.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).parents[2] / "node_modules" / "vega-datasets" / "data"

KINDS = ["drizzle", "fog", "rain", "snow", "sun"]


@dataclass(frozen=True)
class Table:
    names: list[str]
    features: np.ndarray  # float32, one row for each prediction
    target: np.ndarray
    starts: pd.Series  # when the prediction is asked for
    known: pd.Series  # when the target has happened: a row trains only if this lies before the split

    def split(self, at: str) -> tuple["Table", "Table"]:
        """The rows whose outcome was known before `at`, and the rows asked for from then on."""
        return self.rows(np.flatnonzero(self.known < at)), self.rows(np.flatnonzero(self.starts >= at))

    def rows(self, at: np.ndarray) -> "Table":
        return Table(self.names, self.features[at], self.target[at], self.starts.iloc[at], self.known.iloc[at])

    def column(self, name: str) -> np.ndarray:
        return self.features[:, self.names.index(name)].astype(np.float64)


def weather_days() -> pd.DataFrame:
    """One row for each day of 2012 to 2015 in Seattle, features and tomorrow's outcome side by side."""
    days = pd.read_csv(DATA / "seattle-weather.csv", parse_dates=["date"]).sort_values("date", ignore_index=True)
    assert (days.date.diff().dropna() == pd.Timedelta(days=1)).all(), "a day is missing, so shifting rows would lie"
    tomorrow = days.date + pd.Timedelta(days=1)
    season = 2 * np.pi * tomorrow.dt.dayofyear / 365.25
    days["temp_max_yesterday"] = days.temp_max.shift(1)
    days["temp_max_week"] = days.temp_max.rolling(7).mean()
    days["season_sin"], days["season_cos"] = np.sin(season), np.cos(season)
    days["tomorrow"] = tomorrow
    days["temp_max_tomorrow"] = days.temp_max.shift(-1)
    days["kind"] = days.weather.map(KINDS.index)
    days["kind_tomorrow"] = days.kind.shift(-1)
    for index, kind in enumerate(KINDS):
        days[f"is_{kind}"] = (days.kind == index).astype(float)
    return days.dropna(ignore_index=True)


WEATHER_FEATURES = [
    "temp_max",
    "temp_min",
    "precipitation",
    "wind",
    "temp_max_yesterday",
    "temp_max_week",
    "season_sin",
    "season_cos",
]
KIND_FEATURES = [*WEATHER_FEATURES, *(f"is_{kind}" for kind in KINDS)]


def weather_table(days: pd.DataFrame) -> Table:
    features = days[WEATHER_FEATURES].to_numpy(np.float32)
    return Table(WEATHER_FEATURES, features, days.temp_max_tomorrow.to_numpy(), days.date, days.tomorrow)


def kind_table(days: pd.DataFrame) -> Table:
    features = days[KIND_FEATURES].to_numpy(np.float32)
    return Table(KIND_FEATURES, features, days.kind_tomorrow.to_numpy(np.int64), days.date, days.tomorrow)


def landed_delay(group: pd.Series, departs: pd.Series, lands: pd.Series, delay: pd.Series, hours: int) -> np.ndarray:
    """Mean arrival delay, in minutes, of the group's flights that landed in the last `hours` before each departure.

    Two flights on schedule are mixed in, so that one late flight alone says little and none at all says 0.
    """
    answer = np.zeros(len(group))
    departs_ns, lands_ns = departs.to_numpy("datetime64[s]"), lands.to_numpy("datetime64[s]")
    for rows in group.groupby(group, sort=False).indices.values():
        order = rows[np.argsort(lands_ns[rows], kind="stable")]
        total = np.concatenate([[0.0], np.cumsum(delay.to_numpy(np.float64)[order])])
        last = np.searchsorted(lands_ns[order], departs_ns[rows], side="left")
        first = np.searchsorted(lands_ns[order], departs_ns[rows] - np.timedelta64(hours, "h"), side="left")
        answer[rows] = (total[last] - total[first]) / (last - first + 2)
    return answer


DELAY_FEATURES = ["distance", "hour", "day_of_week", "origin_delay", "route_delay"]


def flights_table() -> Table:
    """Arrival delay in minutes, as seen at the moment of departure. `date` is the actual departure, local time."""
    flights = pd.read_parquet(DATA / "flights-3m.parquet").drop_duplicates()
    flights = flights.sort_values("date", kind="stable", ignore_index=True)
    # The table does not say when a flight landed. Only flights out of the same airport are compared, so that there
    # is one clock; and the estimate is on the late side (40 minutes, then 7 miles a minute, then its delay), so that
    # nothing is seen early.
    minutes = 40 + flights.distance / 7 + flights.delay.clip(lower=0)
    lands = flights.date + pd.to_timedelta(minutes, unit="min")
    route = flights.origin + "-" + flights.destination
    columns = {
        "distance": flights.distance,
        "hour": flights.date.dt.hour + flights.date.dt.minute / 60,
        "day_of_week": flights.date.dt.dayofweek,
        "origin_delay": landed_delay(flights.origin, flights.date, lands, flights.delay, hours=3),
        "route_delay": landed_delay(route, flights.date, lands, flights.delay, hours=8),
    }
    features = pd.DataFrame(columns)[DELAY_FEATURES].to_numpy(np.float32)
    # At the split, clocks of different airports do meet; they are up to six hours apart.
    known = lands + pd.Timedelta(hours=6)
    return Table(DELAY_FEATURES, features, flights.delay.to_numpy(np.float64), flights.date, known)
