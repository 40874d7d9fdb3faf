import { readFile } from 'node:fs/promises'

/** Where the table is: a development dependency. */
export const WEATHER_FILE = new URL('../../node_modules/vega-datasets/data/seattle-weather.csv', import.meta.url)

/** What was known of a day in the evening, in the order of the models' input. */
export const WEATHER_FEATURES = [
  'temp_max',
  'temp_min',
  'precipitation',
  'wind',
  'temp_max_yesterday',
  'temp_max_week',
  'season_sin',
  'season_cos',
] as const

/** One day, and the highest temperature of the day after, in °C. */
export interface Example {
  readonly date: string
  readonly features: readonly number[]
  readonly target: number
}

interface Day {
  readonly date: string
  readonly high: number
  readonly low: number
  readonly rain: number
  readonly wind: number
}

const DAY_MS = 86_400_000

/** The days of 2012 to 2015 with the features that `tables.py` makes: the first six are needed to look back upon. */
export async function weatherExamples(): Promise<Example[]> {
  const days = daysIn(await readFile(WEATHER_FILE, 'utf8'))
  return days.slice(6, -1).map((day, index) => {
    const at = index + 6
    const week = days.slice(at - 6, at + 1).reduce((sum, { high }) => sum + high, 0) / 7
    const season = seasonAfter(day.date)
    const yesterday = days[at - 1]!.high
    const features = [day.high, day.low, day.rain, day.wind, yesterday, week, Math.sin(season), Math.cos(season)]
    return { date: day.date, features, target: days[at + 1]!.high }
  })
}

function daysIn(text: string): Day[] {
  const [, ...lines] = text.trim().split('\n')
  return lines.map((line) => {
    const [date = '', rain, high, low, wind] = line.split(',')
    return { date, high: Number(high), low: Number(low), rain: Number(rain), wind: Number(wind) }
  })
}

/** The angle of the next day in its year. */
function seasonAfter(date: string): number {
  const tomorrow = Date.parse(date) + DAY_MS
  const year = Date.UTC(new Date(tomorrow).getUTCFullYear(), 0, 1)
  return (2 * Math.PI * ((tomorrow - year) / DAY_MS + 1)) / 365.25
}
