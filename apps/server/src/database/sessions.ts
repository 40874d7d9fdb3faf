/** What a query brought back. `affected` counts rows only where the command changes rows. */
export interface Answer {
  readonly rows: unknown[]
  readonly affected?: number
  readonly command: string
}

/** One session with the database, held by one borrower at a time. Queries of a session run in the order given. */
export interface Session {
  query(sql: string, parameters: readonly unknown[]): Promise<Answer>
  /** Gives the session back; a broken one is never handed out again. */
  release(broken?: boolean): void
}

/** Where sessions come from. Two borrowers never hold the same session, so no query strays into
 *  a transaction it was not issued in. Those who wait are served in the order they came. */
export interface Sessions {
  acquire(): Promise<Session>
  /** Ends once those that are lent have come back. */
  end(): Promise<void>
}
