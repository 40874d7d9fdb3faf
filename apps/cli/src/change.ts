import { setTimeout as sleep } from 'node:timers/promises'
import type { Endpoint, Stage, Transcript } from '@stead/contracts'
import type { UnreachableError } from '@stead/sdk'
import type { Context, Options, OptionSpecs } from './command.ts'
import type { Asked, Platform } from './connect.ts'
import { isNamed } from './failures.ts'
import { showWaiting } from './progress.ts'
import { duration, plain } from './text.ts'

/** Options of every change of a deployment. */
export const CHANGE_OPTIONS = {
  'expected-generation': {
    takes: 'G',
    number: { whole: true, min: 0 },
    says: 'Refuse if the deployment is at another generation.',
  },
  reason: { takes: 'TEXT', says: 'Why, for the history.' },
  'idempotency-key': { takes: 'KEY', says: 'The same key twice is one change; a random one otherwise.' },
} as const satisfies OptionSpecs

/** What of these options goes into the body. */
export function changeBody(options: Pick<Options<typeof CHANGE_OPTIONS>, 'expected-generation' | 'reason'>) {
  return {
    ...(options['expected-generation'] === undefined ? {} : { expectedGeneration: options['expected-generation'] }),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  }
}

// A server that restarts is back within this on an ordinary machine.
const RETRY_AFTER_MS = 1_000
const NOBODY_THERE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN'])

/** Asks for a change, prints each stage as it happens and returns the transcript. A connection that breaks is made
 *  once more under the same key: the platform then repeats its answer instead of its work. */
export async function change<E extends Endpoint>(
  endpoint: E,
  call: Asked<E>,
  key: string | undefined,
  platform: Platform,
  context: Context,
): Promise<Transcript> {
  const keyed = { ...call, idempotencyKey: key ?? context.terminal.newId() }
  const waiting = showWaiting(context.terminal, 'working')
  let told = 0
  const onStage = (stage: Stage) => {
    told += 1
    waiting.erase()
    if (!context.json) context.print(stageLine(stage, context))
  }
  // Every endpoint of a change answers with one; the generic type cannot say so.
  const ask = async () => (await platform.follow(endpoint, keyed, onStage)) as unknown as Transcript
  try {
    const transcript = await ask().catch(async (error: unknown) => {
      if (!isBroken(error)) throw error
      waiting.erase()
      context.note('the connection broke; asking again under the same idempotency key')
      await sleep(RETRY_AFTER_MS, undefined, { signal: context.terminal.signal })
      told = 0
      return ask()
    })
    waiting.erase()
    if (!context.json) context.print(...transcript.stages.slice(told).map((stage) => stageLine(stage, context)))
    return transcript
  } finally {
    waiting.end()
  }
}

/** A connection that was there and is no more, as opposed to one that could never be made. */
function isBroken(error: unknown): boolean {
  if (!isNamed<UnreachableError>(error, 'UnreachableError')) return false
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (NOBODY_THERE.has((cause as NodeJS.ErrnoException).code ?? '')) return false
    if (cause instanceof AggregateError)
      return cause.errors.some((one: NodeJS.ErrnoException) => !NOBODY_THERE.has(one.code ?? ''))
  }
  return true
}

/** `  ✓ loading       version 2 on alpha   812 ms`. */
export function stageLine({ name, ms, ok, reason, runner, version }: Stage, { paint }: Pick<Context, 'paint'>): string {
  const place = [version === undefined ? '' : `version ${version}`, runner === undefined ? '' : `on ${plain(runner)}`]
    .filter(Boolean)
    .join(' ')
  const mark = ok ? paint.green('✓') : paint.red('✗')
  const line = `  ${mark} ${plain(name).padEnd(14)} ${duration(ms).padStart(9)}  ${place}`.trimEnd()
  return reason === undefined ? line : `${line}  ${ok ? paint.dim(plain(reason)) : paint.red(plain(reason))}`
}

/** What a change tells machines: the same six members whatever the change was. */
export function changeDocument({ deployment, from, to, generation, stages, detached }: Transcript) {
  return { deployment, from, to, generation, stages, detached }
}

/** The last lines of a change. */
export function tellChange(transcript: Transcript, says: string, context: Context): void {
  if (context.json) return context.document(changeDocument(transcript))
  context.print(`${says} (generation ${transcript.generation})`)
  if (transcript.detached.length > 0) {
    context.note(`not followed yet, serving on by themselves: ${transcript.detached.join(', ')}`)
  }
}

/** `2 (90 %), 3 (10 %), shadow 4 (50 %)`. */
export function routesText({
  routes,
  shadows,
}: {
  readonly routes: readonly { readonly version: number; readonly weight: number }[]
  readonly shadows: readonly { readonly version: number; readonly fraction: number }[]
}): string {
  const total = routes.reduce((sum, { weight }) => sum + weight, 0)
  const percent = (part: number) => `${Number((part * 100).toFixed(2))} %`
  const split =
    routes.length === 1
      ? [`${routes[0]?.version}`]
      : routes.map(({ version, weight }) => `${version} (${percent(total > 0 ? weight / total : 0)})`)
  return [
    ...split,
    ...shadows.map(({ version, fraction }) => `shadow ${version}${fraction === 1 ? '' : ` (${percent(fraction)})`}`),
  ].join(', ')
}
