import { userInfo } from 'node:os'
import type { Client } from '../client.ts'
import { readCode } from './code.ts'
import { whenEnding } from './endings.ts'
import { readEnvironment } from './environment.ts'
import { digestOf, readFiles } from './local-files.ts'
import { watchMachine } from './machine.ts'
import { maskCommand } from './masking.ts'
import type { Memory, Surroundings } from './surroundings.ts'
import { createTracking as createBareTracking } from './tracking.ts'
import type { Tracking, TrackingOptions } from './tracking.ts'

export { LostError } from './lost.ts'
export type { Lost } from './lost.ts'
export { digestOf } from './local-files.ts'
export type { At, Loggable } from './log-items.ts'
export type { DatasetUse } from './dataset.ts'
export type { Memory } from './surroundings.ts'
export type { RunStart, Tracking, TrackingOptions } from './tracking.ts'
export type { TrackedRun } from './run.ts'

export interface NodeTrackingOptions extends TrackingOptions {
  /** The folder of the code; where the program was started if it is not said. */
  readonly folder?: string
}

/** Tracks runs of a Node program. A run remembers by itself which code it was (the commit, its branch and origin, and what
 *  differs from it), on what it ran (Node, packages, machine) and how it was started, and measures the machine. Where the
 *  program is told to end, its runs end as KILLED, and as FAILED where it falls to an exception. */
export function createTracking(client: Client, options: NodeTrackingOptions = {}): Tracking {
  const folder = options.folder ?? process.cwd()
  const surroundings: Surroundings = {
    user: ownName(),
    readFiles,
    digestOf,
    remember: () => rememberHere(folder),
    whenEnding,
    watch: watchMachine,
  }
  return createBareTracking(client, options, surroundings)
}

/** By these tags a run says what it was made of; `stead reproduce` compares them. */
export const MEMORY_TAGS = {
  commit: 'mlflow.source.git.commit',
  branch: 'mlflow.source.git.branch',
  remote: 'mlflow.source.git.repoURL',
  source: 'mlflow.source.name',
  sourceType: 'mlflow.source.type',
  difference: 'stead.git.difference',
  command: 'stead.command',
  host: 'stead.host',
  node: 'stead.node',
  platform: 'stead.platform',
  lock: 'stead.lock',
} as const

/** What a tag says of code that is just as it was committed. */
export const NO_DIFFERENCE = 'none'

/** What can be told of the code in a folder and of this machine. */
export async function rememberHere(folder: string): Promise<Memory> {
  const [code, environment] = await Promise.all([readCode(folder), readEnvironment(folder)])
  const [, script] = process.argv
  const tags: Partial<Record<keyof typeof MEMORY_TAGS, string | undefined>> = {
    commit: code?.commit,
    branch: code?.branch,
    remote: code?.remote,
    difference: code && (code.difference?.digest ?? NO_DIFFERENCE),
    source: script,
    sourceType: 'LOCAL',
    command: maskCommand(process.argv).slice(0, LONGEST_TAG),
    host: environment.host,
    node: environment.node,
    platform: `${environment.platform} ${environment.architecture}`,
    lock: environment.lock?.digest,
  }
  const named = Object.entries(tags).flatMap(([tag, value]) =>
    value === undefined || value === '' ? [] : [[MEMORY_TAGS[tag as keyof typeof MEMORY_TAGS], value]],
  )
  const difference = code?.difference
  return {
    tags: Object.fromEntries(named) as Record<string, string>,
    files: {
      'environment/environment.json': `${JSON.stringify(environment, null, 2)}\n`,
      ...(difference === undefined ? {} : { 'git/uncommitted.diff': difference.text }),
    },
  }
}

const LONGEST_TAG = 8000

/** A container may run under a number that nobody has. */
function ownName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}
