import type { Run, Version } from '@stead/contracts'
import { defineCommand } from '../command.ts'
import type { Context } from '../command.ts'
import type { Platform } from '../connect.ts'
import { Failure, UsageError } from '../failures.ts'
import { versionOf } from '../input.ts'
import type { Comparison } from '../reproduction.ts'
import { findRunId } from '../runs.ts'
import { plain, table } from '../text.ts'

export const command = defineCommand({
  arguments: ['version'],
  options: {
    in: { takes: 'FOLDER', says: 'The working copy to compare; the current folder otherwise.' },
    run: { says: 'VERSION is a run, and no version of a model.' },
  },
  about: [
    'VERSION is MODEL:NUMBER or MODEL@ALIAS. What the run that made it remembers is compared with the working copy here:',
    'the commit, what differs from it, Node, the packages, and files of data. Leaves with 0 where all matches, with 1 if not.',
  ].join('\n'),
  examples: [
    'stead reproduce weather:3',
    'stead reproduce weather@champion --in ../weather',
    'stead reproduce bold-finch-12 --run',
  ],
  async run({ arguments: { version: given }, options }, context) {
    const platform = await context.connect()
    const id = options.run ? await findRunId(platform, given) : await runOf(platform, given)
    const run = await platform.call(platform.contracts.getRun, { params: { run: id } })
    const { compare } = await import('../reproduction.ts')
    const compared = await compare(run, options.in ?? '.')
    const matches = compared.every(({ matches: one }) => one !== false)
    if (context.json) context.document({ version: given, run: run.id, matches, compared })
    else tell(run, compared, context)
    if (matches) return
    throw new Failure(`this working copy is not what made ${given}`, fixFor(run, compared))
  },
})

/** The run that a version says it came from. */
async function runOf(platform: Platform, given: string): Promise<string> {
  const [, model, mark, which] = /^(.+)([:@])([^:@]+)$/.exec(given) ?? []
  if (model === undefined || which === undefined)
    throw new UsageError(`"${given}" names no version`, 'Write it MODEL:NUMBER or MODEL@ALIAS, or add --run.')
  const found = await findVersion(platform, model, mark === '@' ? which : versionOf(which))
  const run = found.run ?? found.provenance.sourceRun
  if (run) return run
  throw new Failure(`${given} does not say which run made it`, 'A version tells so that was registered from a run.')
}

async function findVersion(platform: Platform, model: string, which: number | string): Promise<Version> {
  const { getModel, getVersion } = platform.contracts
  if (typeof which === 'number') return platform.call(getVersion, { params: { model, version: which } })
  const { aliases } = await platform.call(getModel, { params: { model } })
  const version = Object.hasOwn(aliases, which) ? aliases[which] : undefined
  if (version === undefined) throw new Failure(`${model} has no alias "${which}"`, `See: stead models ${model}`)
  return platform.call(getVersion, { params: { model, version } })
}

const MARKS = { true: '✓', false: '✗', null: '·' } as const

function tell(run: Run, compared: readonly Comparison[], context: Context): void {
  context.print(`made by run ${plain(run.name)}  ${run.id}`)
  const rows = compared.map(({ what, was, now, matches }) => [
    MARKS[`${matches}`],
    what,
    shown(was),
    matches ? '' : shown(now),
  ])
  context.print(...table(['', 'WHAT', 'WAS', 'NOW'], rows, context.paint))
}

const shown = (text: string | null) => {
  const short = (text ?? '?')
    .replace(/^sha256:([0-9a-f]{12})[0-9a-f]{52}$/, '$1')
    .replace(/^([0-9a-f]{12})[0-9a-f]{28}$/, '$1')
  return short.length > 50 ? `${short.slice(0, 49)}…` : short
}

function fixFor(run: Run, compared: readonly Comparison[]): string | undefined {
  const isOff = (what: string) => compared.some((one) => one.what === what && one.matches === false)
  const commit = compared.find(({ what }) => what === 'commit')?.was
  const steps = [
    isOff('commit') && commit ? `git checkout ${commit.slice(0, 12)}` : '',
    isOff('difference') ? `stead runs download ${run.id} git/uncommitted.diff, and git apply it` : '',
    isOff('packages') ? 'npm ci' : '',
  ].filter(Boolean)
  return steps.length > 0 ? steps.join('; then ') : undefined
}
