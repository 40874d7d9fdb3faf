import type { RouteTable, Shadow, TensorSpec } from '@stead/contracts'
import { percent } from '../../ui/numbers.ts'
import { tabs } from '../../strings/deployment-tabs.ts'
import { sharesOf } from './states.ts'

const words = tabs.diff

export interface DiffRow {
  readonly name: string
  /** Undefined where there is none on this side. */
  readonly before: string | undefined
  readonly after: string | undefined
}

export interface Diff {
  readonly differing: readonly DiffRow[]
  readonly equal: number
}

/** What one table says and the other does not; what both say alike is counted. */
export function diffTables(before: RouteTable, after: RouteTable): Diff {
  const one = factsOf(before)
  const other = factsOf(after)
  const names = [...new Set([...one.keys(), ...other.keys()])]
  const rows = names.map((name) => ({ name, before: one.get(name), after: other.get(name) }))
  const differing = rows.filter((row) => row.before !== row.after)
  return { differing, equal: rows.length - differing.length }
}

export const routesInWords = (table: Pick<RouteTable, 'routes'>): string =>
  sharesOf(table)
    .map(({ version, share }) => (share === 1 ? `v${version}` : `v${version} ${percent(share)}`))
    .join(', ')

export const shadowsInWords = (shadows: readonly Shadow[]): string =>
  shadows.map(({ version, fraction }) => `v${version} ${percent(fraction)}`).join(', ')

export const specInWords = ({ datatype, shape }: TensorSpec): string => `${datatype} [${shape.join(', ')}]`

function factsOf({ model, routes, shadows, contract, config, parked }: RouteTable): Map<string, string> {
  const { batching } = config
  return new Map([
    [words.model, model],
    [words.routes, routesInWords({ routes })],
    ...(shadows.length > 0 ? [[words.shadows, shadowsInWords(shadows)] as const] : []),
    ...(parked === null ? [] : [[words.parked, words.until[parked]] as const]),
    ...contract.inputs.map((spec) => [`${words.input} ${spec.name}`, specInWords(spec)] as const),
    ...contract.outputs.map((spec) => [`${words.output} ${spec.name}`, specInWords(spec)] as const),
    [words.config.threads, String(config.threads)],
    [words.config.isolation, config.isolation],
    [words.config.timeoutMs, config.timeoutMs === null ? words.none : `${config.timeoutMs} ms`],
    [words.config.loadTimeoutMs, `${config.loadTimeoutMs} ms`],
    [words.config.maxRows, String(batching.maxRows)],
    [words.config.maxDelayMs, `${batching.maxDelayMs} ms`],
    [words.config.preferredRows, batching.preferredRows.length === 0 ? words.none : batching.preferredRows.join(', ')],
    [words.config.maxQueue, String(batching.maxQueue)],
  ])
}
