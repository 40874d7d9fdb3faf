import type { Span, Telemetry } from '@stead/chassis'
import type { Signature } from '@stead/contracts'
import { sees } from '../admission/visitor.ts'
import type { Visitor } from '../admission/visitor.ts'
import type { Uses } from '../admission/uses.ts'
import type { ControlAnswer, ControlCall } from '../routing/served.ts'
import { unknownDeployment } from '../routing/switchboard.ts'
import type { Switchboard } from '../routing/switchboard.ts'
import type { CompiledTable, Target } from '../routing/table.ts'
import { InferenceFailure } from './failure.ts'
import { predict } from './predict.ts'
import type { Asked, Office, Prediction, Recorder } from './predict.ts'
import type { InferRequest } from './request.ts'
import { modelConfig, modelMetadata, repositoryEntry, serverMetadata } from './rest/documents.ts'
import type { ModelFacts, RepositoryState } from './rest/documents.ts'
import type { Place } from './rest/paths.ts'

/** What every protocol of a front end answers from. A deployment that the visitor may not see is not there. */
export interface Desk {
  ready: boolean
  detached: boolean
  /** Asks callers to leave: what is under way ends, nothing new is promised. */
  draining: boolean
  readonly underWay: number
  predict(model: string, asked: Asked, decode: (signature: Signature) => InferRequest): Promise<Prediction>
  answer(visitor: Visitor, place: Place, body: Buffer | undefined): Promise<DeskAnswer>
  metadata(visitor: Visitor, model: string, version: string | undefined): ReturnType<typeof modelMetadata>
  config(visitor: Visitor, model: string, version: string | undefined): ReturnType<typeof modelConfig>
  isReady(visitor: Visitor, model: string, version: string | undefined): boolean
  server(): ReturnType<typeof serverMetadata>
  names(visitor: Visitor): string[]
  repositoryIndex(visitor: Visitor, onlyReady: boolean): ReturnType<typeof repositoryEntry>[]
  statistics(visitor: Visitor, model: string | undefined, version: string | undefined): Promise<unknown>
  load(visitor: Visitor, model: string, parameters: Readonly<Record<string, unknown>>): Promise<void>
  unload(visitor: Visitor, model: string): Promise<void>
}

export interface DeskAnswer {
  readonly status: number
  readonly document?: unknown
  readonly text?: string
}

export interface DeskParts {
  readonly switchboard: Switchboard
  readonly version: string
  readonly telemetry: Telemetry
  readonly uses: Pick<Uses, 'count'>
  call(asks: ControlCall): Promise<ControlAnswer>
  readonly record: Recorder
  dice(): number
}

const inferenceSpan = (telemetry: Telemetry, model: string, { traceparent, version }: Asked): Span =>
  telemetry.span(
    `infer ${model}`,
    { kind: 'server', parent: traceparent },
    { 'stead.deployment': model, 'stead.asked_version': version },
  )

async function traced<T>(span: Span, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    span.fail(error)
    throw error
  } finally {
    span.end()
  }
}

const EXTENSIONS = [
  'classification',
  'binary_tensor_data',
  'model_repository',
  'model_repository(unload_dependents)',
  'model_configuration',
  'statistics',
  'schedule_policy',
  'parameters',
]
const PLATFORMS: Readonly<Record<string, string>> = { onnx: 'onnxruntime_onnx', javascript: 'javascript' }

export function createDesk(parts: DeskParts): Desk {
  const { switchboard, version: steadVersion, telemetry, uses, call, record, dice } = parts
  const office: Office = { switchboard, dice, record, uses, underWay: 0 }

  function tableFor(visitor: Visitor, model: string): CompiledTable {
    const table = switchboard.table(model)
    if (!sees(visitor, table.served)) throw unknownDeployment(model)
    return table
  }

  const namesFor = (visitor: Visitor) =>
    switchboard.names().filter((name) => sees(visitor, switchboard.table(name).served))

  function targetOf(table: CompiledTable, version: string | undefined): Target {
    if (version === undefined) return table.main
    const target = table.find(version)
    if (!target)
      throw new InferenceFailure(
        'not_found',
        `deployment "${table.served.name}" does not serve version ${JSON.stringify(version.slice(0, 20))}`,
      )
    return target
  }

  function factsOf(visitor: Visitor, model: string, version: string | undefined): ModelFacts {
    const table = tableFor(visitor, model)
    const { lane } = targetOf(table, version)
    const signature = version === undefined ? table.served.table.contract : lane.signature
    const isBatched = [...signature.inputs, ...signature.outputs].every(({ shape }) => shape[0] === -1)
    return {
      name: model,
      versions: table.versions,
      platform: PLATFORMS[lane.runtime] ?? lane.runtime,
      signature,
      maxBatchSize: isBatched ? table.served.table.config.batching.maxRows : 0,
    }
  }

  async function ask(asks: ControlCall): Promise<unknown> {
    const answer = await call(asks)
    if (!answer.ok) throw new InferenceFailure(answer.kind, answer.message)
    return answer.value
  }

  const desk: Desk = {
    ready: false,
    detached: false,
    draining: false,
    get underWay() {
      return office.underWay
    },
    predict(model, asked, decode) {
      const answer = predict(office, model, asked, decode)
      return telemetry.enabled ? traced(inferenceSpan(telemetry, model, asked), answer) : answer
    },
    metadata: (visitor, model, version) => modelMetadata(factsOf(visitor, model, version)),
    config: (visitor, model, version) => modelConfig(factsOf(visitor, model, version)),
    isReady(visitor, model, version) {
      const table = tableFor(visitor, model)
      if (table.served.table.parked === 'load') return false
      // A parked or restarting engine is loaded by the first request: the deployment answers.
      const { lane } = targetOf(table, version)
      return !table.served.versions.some((one) => one.key === lane.key && one.failed !== null)
    },
    server: () => serverMetadata({ name: 'stead', version: steadVersion, extensions: EXTENSIONS }),
    names: namesFor,
    repositoryIndex: (visitor, onlyReady) =>
      namesFor(visitor)
        .flatMap((name) => indexEntries(switchboard.table(name)))
        .filter((entry) => !onlyReady || entry.state === 'READY'),
    async statistics(visitor, model, version) {
      if (model !== undefined) targetOf(tableFor(visitor, model), version)
      // Deployments that are gone stay counted, and were everybody's.
      const seen = visitor.is === 'consumer' ? new Set(namesFor(visitor)) : undefined
      const { model_stats } = (await ask({ ask: 'statistics' })) as { model_stats: { name: string; version: string }[] }
      return {
        model_stats: model_stats.filter(
          (one) =>
            (seen?.has(one.name) ?? true) &&
            (model === undefined || one.name === model) &&
            (version === undefined || one.version === version),
        ),
      }
    },
    async load(visitor, model, parameters) {
      await ask({ ask: 'load', deployment: model, ...loadParameters(parameters), token: tokenOf(visitor) })
    },
    async unload(visitor, model) {
      await ask({ ask: 'unload', deployment: model, token: tokenOf(visitor) })
    },
    answer: (visitor, place, body) => answerPlace(desk, visitor, place, body, () => ask({ ask: 'metrics' })),
  }
  return desk
}

const tokenOf = (visitor: Visitor) => ('token' in visitor ? visitor.token : undefined)

async function answerPlace(
  desk: Desk,
  visitor: Visitor,
  place: Place,
  body: Buffer | undefined,
  metrics: () => Promise<unknown>,
): Promise<DeskAnswer> {
  const ok = (document: unknown) => ({ status: 200, document })
  switch (place.at) {
    case 'kserveAlive':
      return ok({ status: 'alive' })
    case 'server':
      return ok(desk.server())
    case 'live':
      return ok({ live: true })
    case 'ready':
      return { status: desk.ready ? 200 : 503, document: { ready: desk.ready } }
    case 'models':
    case 'kserveModels':
      return ok({ models: desk.names(visitor) })
    case 'metadata':
      return ok(desk.metadata(visitor, place.model, place.version))
    case 'config':
      return ok(desk.config(visitor, place.model, place.version))
    case 'modelReady':
    case 'modelStatus': {
      const ready = desk.isReady(visitor, place.model, place.version)
      return { status: ready ? 200 : 503, document: { name: place.model, ready } }
    }
    case 'statistics':
      return ok(await desk.statistics(visitor, place.model, place.version))
    case 'allStatistics':
      return ok(await desk.statistics(visitor, undefined, undefined))
    case 'repositoryIndex':
      return ok(desk.repositoryIndex(visitor, documentOf(body).ready === true))
    case 'load':
      return desk.load(visitor, place.model, parametersIn(documentOf(body))).then(() => ok({}))
    case 'unload':
      return desk.unload(visitor, place.model).then(() => ok({}))
    case 'metrics':
      return { status: 200, text: String(await metrics()) }
    case 'infer':
    case 'predict':
    case 'tokenInUrl':
    case 'nowhere':
      throw new InferenceFailure('not_found', 'there is nothing here')
  }
}

function indexEntries({ served, versions, find }: CompiledTable): ReturnType<typeof repositoryEntry>[] {
  return versions.map((version) => {
    const key = find(version)?.lane.key
    const { state, reason } = repositoryState(
      served.table.parked,
      served.versions.find((one) => one.key === key),
    )
    return repositoryEntry(served.name, version, state, reason)
  })
}

function repositoryState(
  parked: CompiledTable['served']['table']['parked'],
  version: CompiledTable['served']['versions'][number] | undefined,
): { state: RepositoryState; reason: string } {
  if (parked !== null)
    return { state: 'UNAVAILABLE', reason: parked === 'load' ? 'parked' : 'parked until the next request' }
  if (version?.failed) return { state: 'UNAVAILABLE', reason: version.failed }
  return version?.engine ? { state: 'READY', reason: '' } : { state: 'LOADING', reason: '' }
}

function documentOf(body: Buffer | undefined): Record<string, unknown> {
  if (!body || body.length === 0) return {}
  try {
    const document: unknown = JSON.parse(body.toString('utf8'))
    if (typeof document === 'object' && document !== null && !Array.isArray(document))
      return document as Record<string, unknown>
  } catch {
    // Told below.
  }
  throw new InferenceFailure('invalid', 'the body must be a JSON object')
}

function parametersIn({ parameters = {} }: Record<string, unknown>): Record<string, unknown> {
  if (typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters))
    return parameters as Record<string, unknown>
  throw new InferenceFailure('invalid', '"parameters" must be a JSON object')
}

const FILE = 'file:'

/** Triton's load parameters: `version` swaps; `file:PATH` (base64) is pushed first. `config` is taken and not used,
 *  for the signature is read from the files. */
function loadParameters(parameters: Readonly<Record<string, unknown>>): {
  version: number | undefined
  files: { path: string; base64: string }[]
} {
  const version = parameters.version === undefined ? undefined : Number(parameters.version)
  if (version !== undefined && !(Number.isSafeInteger(version) && version > 0))
    throw new InferenceFailure('invalid', 'parameters.version must be a version number')
  const files = Object.entries(parameters)
    .filter(([name]) => name.startsWith(FILE))
    .map(([name, content]) => {
      const base64 = Buffer.isBuffer(content) ? content.toString('base64') : content
      if (typeof base64 !== 'string') throw new InferenceFailure('invalid', `${name} must be a base64 text`)
      return { path: name.slice(FILE.length).replace(/^\d+\//, ''), base64 }
    })
  return { version, files }
}
