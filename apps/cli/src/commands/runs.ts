import type { RunRow } from '@stead/contracts'
import { defineCommand } from '../command.ts'
import type { Context } from '../command.ts'
import { allColumns, columnNamed, csvLine, shortCell, usualColumns } from '../run-columns.ts'
import { experimentsOf, findRuns } from '../runs.ts'
import { table } from '../text.ts'

export const command = defineCommand({
  arguments: ['experiment?'],
  options: {
    filter: {
      takes: 'EXPRESSION',
      says: 'Only runs that it holds for, like "metrics.auc > 0.9 and params.rate = \'1\'".',
    },
    order: { takes: 'COLUMN', many: true, says: 'Sort by it, like "metrics.auc desc"; the newest first otherwise.' },
    columns: { takes: 'LIST', says: 'What to show, like id,name,metrics.auc,params.rate,tags.team.' },
    limit: { takes: 'N', number: { whole: true, min: 1 }, says: 'The most runs; 50 otherwise, with --csv all.' },
    deleted: { says: 'Those that were deleted and can be restored.' },
    csv: { says: 'Comma-separated values, with every column there is where none are named.' },
  },
  about: 'Of one experiment, by its number or name, or of all.',
  examples: [
    'stead runs demand --filter "metrics.auc > 0.9" --order "metrics.auc desc"',
    'stead runs demand --columns name,metrics.auc,params.rate --limit 5',
    'stead runs demand --csv > runs.csv',
  ],
  async run({ arguments: { experiment }, options: { filter, order, columns, limit, deleted, csv } }, context) {
    const named = columns?.split(',').map((name) => name.trim())
    // What is no column is said before anything is asked.
    const shown = named?.map((name) => columnNamed(name, csv))
    const platform = await context.connect()
    const search = {
      experiments: await experimentsOf(platform, experiment),
      filter: filter ?? '',
      orderBy: [...order],
      lifecycle: deleted ? ('deleted' as const) : ('active' as const),
      ...(named === undefined ? {} : { columns: named.filter((name) => name.includes('.')).map(inPlural) }),
    }
    const runs: RunRow[] = []
    for await (const run of findRuns(platform, search, limit ?? (csv ? Infinity : 50))) runs.push(run)
    if (context.json) return context.document({ runs })
    if (runs.length === 0 && !csv) return context.note('there is no such run')
    if (csv) return tellCsv(runs, shown ?? allColumns(runs).map((name) => columnNamed(name, true)), context)
    const told = shown ?? usualColumns(runs).map((name) => columnNamed(name, false))
    const now = Date.now()
    const rows = runs.map((run) => told.map(({ of }) => shortCell(of(run, now))))
    const titles = told.map(({ title }) => title)
    context.print(...table(titles, rows, context.paint))
  },
})

const inPlural = (name: string) => name.replace(/^(metric|param|tag)\./, '$1s.')

function tellCsv(runs: readonly RunRow[], columns: readonly ReturnType<typeof columnNamed>[], context: Context): void {
  const now = Date.now()
  context.print(csvLine(columns.map(({ title }) => title)))
  for (const run of runs) context.print(csvLine(columns.map(({ of }) => of(run, now))))
}
