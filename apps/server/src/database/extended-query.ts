import { parse, type PGlite, protocol, type Results } from '@electric-sql/pglite'
import { createStatementNames } from './statement-names.ts'

const { serialize } = protocol

interface Result {
  readonly rows: unknown[]
  readonly affected: number
  readonly command: string
}

/** After others, a plan that the database has kept may tell of columns that are no longer there. */
const KEEPS_SCHEMA = new Set([
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'MERGE',
  'BEGIN',
  'COMMIT',
  'ROLLBACK',
  'SAVEPOINT',
  'RELEASE',
  'SET',
  'VACUUM',
  'SHOW',
])

/** Runs statements on PGlite in one exchange each, and lets it keep those that come often parsed and planned: its own
 *  `query` takes six exchanges and parses each time, which is most of what a small statement costs. Parameters are
 *  written as `pg` writes them. */
export function createExtendedQuery(pglite: PGlite): (sql: string, parameters: readonly unknown[]) => Promise<Result> {
  const nameOf = createStatementNames()
  const prepared = new Set<string>()

  return async (sql, parameters) => {
    const name = nameOf(sql) ?? ''
    const isPrepared = prepared.has(name)
    // What a failed statement has left under this name is taken away first.
    const opening = isPrepared ? [] : [serialize.close({ type: 'S', name }), serialize.parse({ name, text: sql })]
    const exchange = Buffer.concat([
      ...opening,
      serialize.bind({ statement: name, values: parameters.map(encoded) }),
      serialize.describe({ type: 'P' }),
      serialize.execute({}),
      serialize.sync(),
    ])
    const { messages: answers } = await pglite.execProtocol(exchange, { syncToFs: false })
    if (name !== '') prepared.add(name)
    const [{ rows, affectedRows = 0, command = '' }] = parse.parseResults(answers, pglite.parsers) as [Results]
    if (!KEEPS_SCHEMA.has(command)) prepared.clear()
    return { rows, affected: affectedRows, command }
  }
}

/** As `encodeParameter` left them. */
function encoded(value: unknown): string | Uint8Array | null {
  if (value === null || value instanceof Uint8Array) return value
  return String(value as string | number | boolean)
}
