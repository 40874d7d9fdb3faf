import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Run, RunDataset } from '@stead/contracts'
import { digestOf, MEMORY_TAGS, rememberHere } from '@stead/sdk/tracking'

/** One thing that a run remembers, beside what is here now. */
export interface Comparison {
  readonly what: string
  readonly was: string | null
  readonly now: string | null
  /** Null where one side does not say: then nothing is known. */
  readonly matches: boolean | null
}

/** Of the run's tags; the machine and its name may differ and yet give the same. */
const COMPARED = [
  ['commit', MEMORY_TAGS.commit],
  ['difference', MEMORY_TAGS.difference],
  ['origin', MEMORY_TAGS.remote],
  ['node', MEMORY_TAGS.node],
  ['packages', MEMORY_TAGS.lock],
] as const

/** Compares what a run remembers with the working copy in a folder. */
export async function compare(run: Run, folder: string): Promise<Comparison[]> {
  const place = resolve(folder)
  const here = await rememberHere(place)
  const compared = COMPARED.map(([what, tag]) => compareOne(what, run.tags[tag], here.tags[tag]))
  for (const dataset of run.datasets) compared.push(await compareDataset(dataset, place))
  return compared
}

function compareOne(what: string, was: string | undefined, now: string | undefined): Comparison {
  const known = was !== undefined && now !== undefined
  return { what, was: was ?? null, now: now ?? null, matches: known ? was === now : null }
}

/** Data that lies elsewhere cannot be looked at from here. */
async function compareDataset({ name, digest, source, sourceType }: RunDataset, folder: string): Promise<Comparison> {
  const what = `data ${name}`
  const path = sourceType === 'local' ? pathIn(source) : undefined
  const file = path === undefined ? undefined : resolve(folder, path)
  const isThere = file !== undefined && (await stat(file).catch(() => undefined))?.isFile() === true
  if (!isThere) return { what, was: digest, now: null, matches: null }
  const now = (await digestOf(file)).slice('sha256:'.length, 'sha256:'.length + digest.length)
  return { what, was: digest, now, matches: now === digest }
}

function pathIn(source: string): string | undefined {
  try {
    const { uri } = JSON.parse(source) as { uri?: unknown }
    return typeof uri === 'string' ? uri : undefined
  } catch {
    return undefined
  }
}
