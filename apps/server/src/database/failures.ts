/** What the database says about a statement it refused. Field names as in `pg`, so that both databases read alike. */
export interface SqlFailure {
  readonly message: string
  /** The SQLSTATE. */
  readonly code: string
  readonly constraint?: string | undefined
  readonly table?: string | undefined
  readonly column?: string | undefined
  readonly detail?: string | undefined
}

const UNIQUE_VIOLATION = '23505'
const FOREIGN_KEY_VIOLATION = '23503'
const RESTRICT_VIOLATION = '23001'
const CHECK_VIOLATION = '23514'

/** The database's own words in an error, or undefined if it is not the database that spoke. */
export function sqlFailure(error: unknown): SqlFailure | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return /^[0-9A-Z]{5}$/.test(error.code) ? (error as Error & SqlFailure) : undefined
}

const isFailure = (codes: readonly string[]) => (error: unknown, constraint?: string) => {
  const failure = sqlFailure(error)
  if (failure === undefined || !codes.includes(failure.code)) return false
  return constraint === undefined || failure.constraint === constraint
}

export const isUniqueViolation = isFailure([UNIQUE_VIOLATION])
/** `on delete restrict` has a state of its own from PostgreSQL 18 on; before, it was an ordinary foreign key violation. */
export const isForeignKeyViolation = isFailure([FOREIGN_KEY_VIOLATION, RESTRICT_VIOLATION])
export const isCheckViolation = isFailure([CHECK_VIOLATION])

/** Error objects lose their fields between threads; these two carry them over. */
export function packFailure(error: unknown): SqlFailure {
  const { message, code, constraint, table, column, detail } = error as SqlFailure
  return { message: message ?? String(error), code: code ?? 'XX000', constraint, table, column, detail }
}

export function unpackFailure(failure: SqlFailure): Error {
  return Object.assign(new Error(failure.message), failure)
}
