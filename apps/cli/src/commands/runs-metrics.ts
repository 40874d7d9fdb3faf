import { defineCommand } from '../command.ts'
import { csvLine, metricText } from '../run-columns.ts'
import { findRunIds } from '../runs.ts'
import { table } from '../text.ts'

const MOST_POINTS = 25_000

export const command = defineCommand({
  arguments: ['run...'],
  options: {
    metric: { takes: 'NAME', many: true, says: 'Only this metric; all that the first run has otherwise.' },
    points: {
      takes: 'N',
      number: { whole: true, min: 10, max: MOST_POINTS },
      says: `Of a longer series as many points, its extremes among them; ${MOST_POINTS} otherwise.`,
    },
    csv: { says: 'Comma-separated values.' },
  },
  about: 'How metrics went, by step.',
  examples: ['stead runs metrics bold-finch-12 --metric loss --csv > loss.csv'],
  async run({ arguments: { run: given }, options: { metric, points, csv } }, context) {
    const platform = await context.connect()
    const runs = await findRunIds(platform, given)
    const { getRun, metricHistory } = platform.contracts
    const [first = ''] = runs
    const metrics =
      metric.length > 0
        ? [...metric]
        : Object.keys((await platform.call(getRun, { params: { run: first } })).metrics).toSorted()
    const series = []
    for (let from = 0; from < metrics.length; from += 100) {
      const body = { runs, metrics: metrics.slice(from, from + 100), points: points ?? MOST_POINTS }
      series.push(...(await platform.call(metricHistory, { body: body as never })).series)
    }
    if (context.json) return context.document({ series })
    const rows = series.flatMap(({ run, metric: name, points: told }) =>
      told.map(([step, timestamp, value]) => [
        run,
        name,
        `${step}`,
        new Date(timestamp).toISOString(),
        metricText(value),
      ]),
    )
    if (csv) return context.print(csvLine(['run', 'metric', 'step', 'time', 'value']), ...rows.map(csvLine))
    if (rows.length === 0) return context.note('nothing was logged under that name')
    context.print(...table(['RUN', 'METRIC', 'STEP', 'TIME', 'VALUE'], rows, context.paint))
    const thinned = series.filter(({ points: told, total }) => told.length < total)
    if (thinned.length > 0)
      context.note(`thinned: ${thinned.map(({ metric: name, total }) => `${name} has ${total} points`).join(', ')}`)
  },
})
