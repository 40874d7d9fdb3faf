import { DEFAULT_SERVING } from '@stead/contracts'
import type {
  Deployment,
  DeploymentName,
  DesiredDeployment,
  RouteTable,
  RunnerStatus,
  VersionBundle,
} from '@stead/contracts'
import type { Desired } from '../runners/desired.ts'
import type { Presence } from '../runners/presence.ts'
import type { Changes } from './changes.ts'
import type { DeploymentRecord, DeploymentStore, Refusal } from './deployments.store.ts'

/** What the last commits made of every deployment, in memory, and how runners and readers are told of it. `onChanged`
 *  hears of every deployment whose record or refusal is another. */
export interface InForce {
  replaceAll(records: readonly DeploymentRecord[], refusals: ReadonlyMap<DeploymentName, Refusal>): void
  put(record: DeploymentRecord): void
  /** As `put`; the refusal before it is answered. */
  committed(record: DeploymentRecord): void
  refused(name: DeploymentName, refusal: Refusal): void
  removed(name: DeploymentName): void
  records(): Iterable<DeploymentRecord>
  /** As readers see them. */
  statusOf(records: readonly DeploymentRecord[]): Deployment[]
  /** The same, without the database. */
  seen(names: readonly DeploymentName[]): Deployment[]
  tableOf(record: DeploymentRecord): RouteTable
  bundlesOf(
    record: Pick<DeploymentRecord, 'projectId'>,
    table: Pick<RouteTable, 'model' | 'routes' | 'shadows'>,
  ): Promise<VersionBundle[]>
  /** As runners are told of it. */
  desiredOf(record: DeploymentRecord, bundles?: VersionBundle[]): Promise<DesiredDeployment>
}

export interface InForceParts {
  readonly store: Pick<DeploymentStore, 'bundles'>
  readonly desired: Pick<Desired, 'get'>
  readonly presence: Pick<Presence, 'statuses'>
  readonly changes: Pick<Changes, 'current'>
  readonly onChanged: (name: DeploymentName) => void
}

export function createInForce({ store, desired, presence, changes, onChanged }: InForceParts): InForce {
  const records = new Map<DeploymentName, DeploymentRecord>()
  const refusals = new Map<DeploymentName, Refusal>()

  function put(record: DeploymentRecord): void {
    records.set(record.name, record)
    onChanged(record.name)
  }

  const bundlesOf: InForce['bundlesOf'] = ({ projectId }, { model, routes, shadows }) =>
    store.bundles(projectId, model, [...new Set([...routes, ...shadows].map(({ version }) => version))])

  function statusOf(all: readonly DeploymentRecord[]): Deployment[] {
    const runners = presence.statuses().filter(({ connected }) => connected)
    const urls = runners.map(({ name, rest, grpc }) => ({ runner: name, rest, grpc }))
    const engines = enginesOf(runners)
    return all.map((record) => ({
      project: record.project,
      name: record.name,
      table: tableOf(record),
      createdAt: record.createdAt,
      urls,
      engines: engines.get(record.name) ?? [],
      lastFailure: lastFailureOf(refusals.get(record.name)),
      change: changes.current(record.name),
    }))
  }

  return {
    put,
    bundlesOf,
    statusOf,
    tableOf,
    replaceAll(all, open) {
      const touched = new Set([...records.keys(), ...all.map(({ name }) => name)])
      records.clear()
      refusals.clear()
      for (const record of all) records.set(record.name, record)
      for (const [name, refusal] of open) refusals.set(name, refusal)
      for (const name of touched) onChanged(name)
    },
    committed(record) {
      refusals.delete(record.name)
      put(record)
    },
    refused(name, refusal) {
      refusals.set(name, refusal)
      onChanged(name)
    },
    removed(name) {
      refusals.delete(name)
      records.delete(name)
      onChanged(name)
    },
    records: () => records.values(),
    seen: (names) => statusOf(names.flatMap((name) => records.get(name) ?? [])),
    desiredOf: async (record, bundles) => ({
      project: record.project,
      name: record.name,
      id: record.id,
      table: tableOf(record),
      versions: bundles ?? (await bundlesOf(record, record.current)),
      preparation: null,
      recording: desired.get(record.name)?.recording ?? null,
    }),
  }
}

function enginesOf(runners: readonly RunnerStatus[]): Map<DeploymentName, Deployment['engines']> {
  const all = runners.flatMap(({ name, engines }) => engines.map((engine) => ({ ...engine, runner: name })))
  return Map.groupBy(all, ({ deployment }) => deployment)
}

function lastFailureOf(refusal: Refusal | undefined): Deployment['lastFailure'] {
  if (!refusal) return null
  const { at, kind, version, reason, stages, change } = refusal
  return { at, kind, version, reason, stages, change }
}

function tableOf({ current }: DeploymentRecord): RouteTable {
  const { generation, model, contract, routes, shadows, config, parked } = current
  return { generation, model, contract, routes, shadows, config: { ...DEFAULT_SERVING, ...config }, parked }
}
