import type { Platform } from './connect.ts'
import type { ImportJournal } from './import-journal.ts'
import type { ImportSummary, Noun } from './import-summary.ts'
import type { MlflowServer } from './mlflow-client.ts'

/** What every part of an import works with. */
export interface ImportParts {
  readonly source: MlflowServer
  /** The platform itself, by MLflow's protocol: for what is best told in its words. */
  readonly target: MlflowServer
  readonly platform: Platform
  readonly journal: ImportJournal
  readonly summary: ImportSummary
  /** Whether the files of runs come along. */
  readonly withFiles: boolean
  readonly jobs: number
  readonly signal: AbortSignal
  readonly onStep: () => void
}

/** An end that was asked for is no failure of a thing. */
export function leave(parts: ImportParts, what: Noun, name: string, error: unknown): void {
  if (parts.signal.aborted) throw parts.signal.reason
  if (error instanceof Error && error.name === 'UnreachableError') throw error
  parts.summary.left.push({ what, name, because: error instanceof Error ? error.message : String(error) })
}
