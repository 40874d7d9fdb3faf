import { DEFAULT_SERVING, contractDifferences, SteadError } from '@stead/contracts'
import type {
  AliasName,
  ChangeKind,
  Generation,
  ModelName,
  Parked,
  Route,
  RouteTable,
  ServingConfig,
  ServingConfigPatch,
  Shadow,
  Signature,
  Version,
  VersionNumber,
} from '@stead/contracts'
import type { Registry } from '../registry/registry.ts'
import type { DeploymentRecord, DeploymentStore } from './deployments.store.ts'
import { generationNamed, rollbackTarget } from './history.ts'

/** What a change wants the next generation to be. `check` names versions that must pass the golden requests first;
 *  `load` is false where no engine is needed. */
export interface Plan {
  readonly kind: ChangeKind
  readonly table: RouteTable
  readonly restores: Generation | null
  readonly check: readonly VersionNumber[]
  readonly load: boolean
}

type Versions = Pick<Registry, 'resolveVersion' | 'getVersion'>
type Generations = Pick<DeploymentStore, 'generation'>
/** Plans are made anew when a change's turn comes, since the deployment may have moved on. */
export type Planner = (record: DeploymentRecord) => Promise<Plan>

export async function firstTable(
  versions: Versions,
  record: Pick<DeploymentRecord, 'project'>,
  asked: { model: ModelName; version?: VersionNumber | AliasName | undefined; config: ServingConfigPatch },
): Promise<RouteTable> {
  const version = await versions.resolveVersion(record.project, asked.model, asked.version)
  refuseUnservable(version)
  return {
    generation: 1 as Generation,
    model: version.model,
    contract: version.signature,
    routes: [{ version: version.version, weight: 100 }],
    shadows: [],
    config: patched(DEFAULT_SERVING, asked.config),
    parked: null,
  }
}

export function planSwap(
  versions: Versions,
  asked: {
    version: VersionNumber | AliasName
    model?: ModelName | undefined
    repurpose: boolean
    config: ServingConfigPatch
  },
): Planner {
  return async ({ project, current }) => {
    const version = await versions.resolveVersion(project, asked.model ?? current.model, asked.version)
    refuseUnservable(version)
    const contract = asked.repurpose ? version.signature : current.contract
    keepContract(contract, version)
    return {
      kind: asked.repurpose ? 'repurpose' : 'swap',
      restores: null,
      check: [version.version],
      load: true,
      table: next(current, {
        model: version.model,
        contract,
        routes: [{ version: version.version, weight: 100 }],
        shadows: [],
        config: patched(current.config, asked.config),
        parked: null,
      }),
    }
  }
}

export function planTraffic(versions: Versions, asked: { routes: Route[]; shadows: Shadow[] }): Planner {
  return async ({ project, current }) => {
    refuseOddSplit(asked.routes, asked.shadows)
    const serving = new Set(current.routes.map((route) => route.version))
    const named = [...new Set([...asked.routes, ...asked.shadows].map(({ version }) => version))]
    for (const number of named) {
      const version = await versions.getVersion(project, current.model, number)
      refuseUnservable(version)
      keepContract(current.contract, version)
    }
    return {
      kind: 'traffic',
      restores: null,
      load: true,
      check: asked.routes.map((route) => route.version).filter((version) => !serving.has(version)),
      table: next(current, { routes: asked.routes, shadows: asked.shadows, parked: null }),
    }
  }
}

export function planRollback(
  versions: Versions,
  store: Generations,
  asked: { generation?: Generation | undefined },
): Planner {
  return async (record) => {
    const target =
      asked.generation === undefined
        ? await rollbackTarget(store, record)
        : await generationNamed(store, record, asked.generation)
    if (!target) throw new SteadError('nothing_to_roll_back', `deployment "${record.name}" is at its first generation`)
    for (const { version } of [...target.routes, ...target.shadows])
      await versions.getVersion(record.project, target.model, version)
    const { model, contract, routes, shadows, config } = target
    return {
      kind: 'rollback',
      restores: target.generation,
      check: [],
      load: true,
      table: next(record.current, { model, contract, routes, shadows, config, parked: null }),
    }
  }
}

export function planPark(until: Parked): Planner {
  return async ({ current }) => ({
    kind: 'park',
    restores: null,
    check: [],
    load: false,
    table: next(current, { parked: until }),
  })
}

export function planWake(): Planner {
  return async ({ current }) => ({
    kind: 'wake',
    restores: null,
    check: [],
    load: true,
    table: next(current, { parked: null }),
  })
}

function next(
  { generation, model, contract, routes, shadows, config, parked }: RouteTable,
  changes: Partial<Omit<RouteTable, 'generation'>>,
): RouteTable {
  return { model, contract, routes, shadows, config, parked, ...changes, generation: (generation + 1) as Generation }
}

function patched(config: ServingConfig, { batching, ...rest }: ServingConfigPatch): ServingConfig {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  return { ...config, ...given, batching: { ...config.batching, ...batching } }
}

/** MLflow's clients register what they like: files that are elsewhere, models that nobody has described. */
function refuseUnservable({ model, version, files, source, runtime, signature }: Version): void {
  const unservable = (why: string) =>
    new SteadError('version_not_servable', `version ${version} of "${model}" cannot be served: ${why}`, {
      where: 'version',
    })
  if (files.length === 0)
    throw unservable(
      `its files are not here${source === '' ? '' : `, but at ${source}`}; upload them and register it again`,
    )
  if (signature.inputs.length > 0 && signature.outputs.length > 0) return
  throw unservable(
    runtime === 'onnx'
      ? 'the inputs and outputs of its graph cannot be read; export it again, or push its ONNX file to be told why'
      : 'it tells no inputs and outputs; log the model with a signature, such as infer_signature gives, and register it again',
  )
}

function keepContract(contract: Signature, version: Version): void {
  const differences = contractDifferences(contract, version.signature)
  if (differences.length === 0) return
  throw new SteadError(
    'contract_broken',
    `version ${version.version} of "${version.model}" does not keep the contract: ${differences.join('; ')}`,
    { where: 'contract', details: { differences } },
  )
}

function refuseOddSplit(routes: readonly Route[], shadows: readonly Shadow[]): void {
  const wrong = (message: string, where: string) => new SteadError('invalid_request', message, { where })
  if (new Set(routes.map((route) => route.version)).size < routes.length)
    throw wrong('a version is named twice in the routes', 'body.routes')
  if (new Set(shadows.map((shadow) => shadow.version)).size < shadows.length)
    throw wrong('a version is named twice in the shadows', 'body.shadows')
  if (!(routes.reduce((sum, route) => sum + route.weight, 0) > 0))
    throw wrong('the weights add up to nothing', 'body.routes')
}

/** The version with the most weight; of equals, the first. */
export function heaviest(table: Pick<RouteTable, 'routes'>): VersionNumber {
  return table.routes.reduce((most, route) => (route.weight > most.weight ? route : most)).version
}
