import {
  AbortedTransactionError,
  type CompiledQuery,
  createQueryId,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryCompiler,
  type QueryResult,
  RawNode,
  type TransactionSettings,
} from 'kysely'
import type { Session, Sessions } from './sessions.ts'
import { encodeParameter } from './values.ts'

/** A statement that took longer than its budget, and for how long. */
export interface SlowStatement {
  readonly sql: string
  readonly milliseconds: number
}

export interface StatementBudget {
  readonly milliseconds: number
  readonly exceeded: (slow: SlowStatement) => void
}

const CHANGES_ROWS = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/** PostgreSQL's dialect over any source of sessions. Kysely's own PGlite dialect hands one connection to everybody,
 *  so that a query issued beside an open transaction runs inside it; here a session has one borrower at a time. */
export function dialectOver(sessions: Sessions, budget: StatementBudget): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driverOver(sessions, budget),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}

class Connection implements DatabaseConnection {
  readonly #session: Session
  readonly #budget: StatementBudget
  #broken = false

  constructor(session: Session, budget: StatementBudget) {
    this.#session = session
    this.#budget = budget
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, affected, command } = await this.run(query.sql, query.parameters)
    const changed = CHANGES_ROWS.has(command) && affected !== undefined
    return { rows: rows as R[], ...(changed ? { numAffectedRows: BigInt(affected) } : {}) }
  }

  async run(sql: string, parameters: readonly unknown[] = []) {
    const began = performance.now()
    try {
      return await this.#session.query(sql, parameters.map(encodeParameter))
    } finally {
      const milliseconds = performance.now() - began
      if (milliseconds > this.#budget.milliseconds) this.#budget.exceeded({ sql, milliseconds })
    }
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Results are not streamed: the embedded database has one connection. Read keyset pages.')
  }

  /** A session that could not even roll back may still be inside its transaction. */
  async rollback(): Promise<void> {
    try {
      await this.run('rollback')
    } catch (error) {
      this.#broken = true
      throw error
    }
  }

  release(): void {
    this.#session.release(this.#broken)
  }
}

function driverOver(sessions: Sessions, budget: StatementBudget): Driver {
  const ours = (connection: DatabaseConnection) => connection as Connection
  const savepoint =
    (words: string) => async (at: DatabaseConnection, name: string, compile: QueryCompiler['compileQuery']) => {
      const statement = RawNode.createWithSql(`${words} "${name.replaceAll('"', '""')}"`)
      await at.executeQuery(compile(statement, createQueryId()))
    }
  return {
    init: async () => {},
    acquireConnection: async () => new Connection(await sessions.acquire(), budget),
    async beginTransaction(connection, settings) {
      await ours(connection).run(beginning(settings))
    },
    async commitTransaction(connection) {
      // After a failed statement PostgreSQL answers COMMIT with ROLLBACK, and no error.
      const { command } = await ours(connection).run('commit')
      if (command === 'ROLLBACK') throw new AbortedTransactionError()
    },
    rollbackTransaction: (connection) => ours(connection).rollback(),
    savepoint: savepoint('savepoint'),
    rollbackToSavepoint: savepoint('rollback to'),
    releaseSavepoint: savepoint('release'),
    async releaseConnection(connection) {
      ours(connection).release()
    },
    destroy: async () => {}, // the sessions belong to whoever opened them
  }
}

function beginning({ isolationLevel, accessMode }: TransactionSettings): string {
  const isolation = isolationLevel === undefined ? '' : ` isolation level ${isolationLevel}`
  return `begin${isolation}${accessMode === undefined ? '' : ` ${accessMode}`}`
}
