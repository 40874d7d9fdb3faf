import { ExpectedOutputs } from '@stead/contracts'
import type { Signature, Trial } from '@stead/contracts'
import { say } from '../../strings/message.ts'
import { tries as words } from '../../strings/tries.ts'
import type { z } from 'zod'
import { cellsOf } from './try-values.ts'

export type Outputs = z.infer<typeof ExpectedOutputs>
export type Cell = number | string | boolean | null

/** One output, with what each of those asked said of it. */
export interface OutputTable {
  readonly name: string
  /** Numbers from 0 to 1 that add up to 1 in each row: shown as bars. */
  readonly isShare: boolean
  readonly lines: readonly OutputLine[]
  /** Values beyond those in `lines`. */
  readonly more: number
}

export interface OutputLine {
  readonly label: string
  /** One for each answer, in their order; undefined where that one has none. */
  readonly cells: readonly (Cell | undefined)[]
}

const MOST_LINES = 24

/** The outputs of an answer; undefined where it is a refusal. */
export function outputsOf(trial: Trial | undefined): Outputs | undefined {
  if (!trial || trial.status >= 400 || typeof trial.answer !== 'object' || trial.answer === null) return undefined
  const parsed = ExpectedOutputs.safeParse((trial.answer as { outputs?: unknown }).outputs)
  return parsed.success ? parsed.data : undefined
}

/** Answers side by side, output by output in the order of the contract. */
export function tablesOf(trials: readonly (Trial | undefined)[], contract: Signature): OutputTable[] {
  const all = trials.map(outputsOf)
  const names = [
    ...contract.outputs.map(({ name }) => name),
    ...all.flatMap((own) => own?.map(({ name }) => name) ?? []),
  ]
  return [...new Set(names)].flatMap((name) => {
    const own = all.map((outputs) => outputs?.find((output) => output.name === name))
    const known = own.find((output) => output !== undefined)
    return known
      ? [
          tableOf(
            name,
            known.shape,
            own.map((output) => output && (cellsOf(output.data) as Cell[])),
          ),
        ]
      : []
  })
}

function tableOf(
  name: string,
  shape: readonly number[],
  columns: readonly (readonly Cell[] | undefined)[],
): OutputTable {
  const rows = shape.length > 0 ? (shape[0] ?? 1) : 1
  const count = Math.max(...columns.map((column) => column?.length ?? 0))
  const perRow = Math.max(Math.round(count / Math.max(rows, 1)), 1)
  const lines = Array.from({ length: Math.min(count, MOST_LINES) }, (_, index) => ({
    label: labelOf(index, rows, perRow),
    cells: columns.map((column) => column?.[index]),
  }))
  return {
    name,
    isShare: perRow > 1 && columns.every((column) => !column || addUpToOne(column, perRow)),
    lines,
    more: Math.max(count - MOST_LINES, 0),
  }
}

function labelOf(index: number, rows: number, perRow: number): string {
  const place = index % perRow
  const row = Math.floor(index / perRow) + 1
  if (rows <= 1) return perRow === 1 ? '' : say(words.position, { index: place })
  return perRow === 1 ? say(words.row, { row }) : say(words.rowPosition, { row, index: place })
}

function addUpToOne(cells: readonly Cell[], perRow: number): boolean {
  for (let from = 0; from < cells.length; from += perRow) {
    const row = cells.slice(from, from + perRow)
    if (!row.every((cell) => typeof cell === 'number' && cell >= -1e-6 && cell <= 1 + 1e-6)) return false
    if (Math.abs((row as number[]).reduce((sum, cell) => sum + cell, 0) - 1) > 0.01) return false
  }
  return cells.length > 0
}

/** Where each answer of a single row has its largest share; undefined where that cannot be said. */
export function largestOf({ isShare, lines, more }: OutputTable): readonly (string | undefined)[] | undefined {
  if (!isShare || more > 0 || lines[0]?.label.startsWith('row')) return undefined
  return lines[0]?.cells.map((first, column) => {
    if (first === undefined) return undefined
    return lines.reduce((best, line) => (Number(line.cells[column]) > Number(best.cells[column]) ? line : best)).label
  })
}

/** How far two values lie apart; undefined where they are equal but for rounding, or no numbers. */
export function differenceOf(one: Cell | undefined, other: Cell | undefined): number | undefined {
  if (typeof one !== 'number' || typeof other !== 'number') return undefined
  const difference = other - one
  return Math.abs(difference) <= 1e-6 * Math.max(Math.abs(one), Math.abs(other), 1) ? undefined : difference
}
