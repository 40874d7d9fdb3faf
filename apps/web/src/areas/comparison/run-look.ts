import type { RunId, RunRow } from '@stead/contracts'
import type { CSSProperties } from 'react'
import { colourAt } from '../../ui/plot/palette.ts'

/** How a run looks in all charts of a comparison. */
export interface RunLook {
  readonly run: RunRow
  readonly colour: string
}

/** So many runs can be told apart by their colours. */
export const COLOURS = 8

/** Colours by the order of the runs; beyond the eighth a run is grey until it is lit. */
export const looksOf = (runs: readonly RunRow[], lit: RunId | undefined): readonly RunLook[] =>
  runs.map((run, at) => ({ run, colour: run.id === lit && at >= COLOURS ? LIT : colourAt(at) }))

const LIT = 'var(--text)'

/** For elements whose style sheet says `var(--k)`. */
export const inColour = (colour: string): CSSProperties => ({ '--k': colour }) as CSSProperties
