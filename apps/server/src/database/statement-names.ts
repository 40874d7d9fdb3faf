import { createHash } from 'node:crypto'

/** From when on a statement is worth the memory that the database keeps of it. */
const OFTEN = 5
/** Statements that the database keeps for each session, at some tens of kilobytes each. */
const MOST_NAMED = 300
/** Texts that are counted; then all that have no name begin anew. */
const MOST_COUNTED = 2_000

/** Gives names to statements that come often, under which the database keeps them parsed and planned. The same text has
 *  the same name in every process, so that a pool between us and the database may hand sessions on. */
export function createStatementNames(): (sql: string) => string | undefined {
  const names = new Map<string, string>()
  const counts = new Map<string, number>()
  return (sql) => {
    const named = names.get(sql)
    if (named !== undefined || names.size >= MOST_NAMED) return named
    const count = (counts.get(sql) ?? 0) + 1
    if (count < OFTEN) {
      if (counts.size >= MOST_COUNTED) counts.clear()
      counts.set(sql, count)
      return undefined
    }
    counts.delete(sql)
    const name = `stead_${createHash('sha256').update(sql).digest('hex').slice(0, 40)}`
    names.set(sql, name)
    return name
  }
}
