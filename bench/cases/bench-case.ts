import type { Generator } from '../generator.ts'
import type { Finding } from '../report.ts'

/** How long a benchmark may take its time. */
export interface Effort {
  readonly rounds: number
  readonly warmMs: number
  readonly countMs: number
  readonly quick: boolean
}

export type BenchCase = (generator: Generator, effort: Effort) => Promise<Finding>
