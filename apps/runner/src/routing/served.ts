import type {
  DeploymentName,
  FigureSample,
  InferenceRequest,
  KeyUse,
  ProjectName,
  Recording,
  RouteTable,
  Runtime,
  Signature,
} from '@stead/contracts'
import type { Admittance } from '../admission/admittance.ts'
import type { VersionCounters } from '../inference/statistics.ts'

/** Where a loaded version is reached from a front end. `id` is new with every load. */
export interface EngineAddress {
  readonly id: string
  readonly socketPath: string
  readonly slot: number
}

export interface ServedVersion {
  /** Stays the same while the version is loaded, parked and loaded again. */
  readonly key: string
  readonly version: number
  readonly runtime: Runtime
  readonly signature: Signature
  /** Null while it is not loaded: requests for it wait. */
  readonly engine: EngineAddress | null
  /** Why it cannot be loaded; requests for it fail with this instead of waiting. */
  readonly failed: string | null
  /** May be asked for by number; false for what is only being prepared, or belongs to another model. */
  readonly callable: boolean
}

/** One deployment as the front ends serve it: immutable, replaced whole. */
export interface ServedDeployment {
  readonly id: string
  readonly project: ProjectName
  readonly name: DeploymentName
  readonly table: RouteTable
  readonly versions: readonly ServedVersion[]
  readonly recording: Recording | null
}

/** From the runner's main thread to a front end. */
export type ToFrontEnd =
  | { is: 'serve'; revision: number; deployment: ServedDeployment }
  | { is: 'forget'; revision: number; name: DeploymentName }
  | { is: 'flush'; revision: number }
  | { is: 'ready'; ready: boolean }
  | { is: 'detached'; detached: boolean }
  | { is: 'admittance'; admittance: Admittance }
  | { is: 'answered'; call: number; answer: ControlAnswer }
  | { is: 'drain'; lingerMs: number; deadlineMs: number }

/** From a front end to the main thread. */
export type FromFrontEnd =
  | { is: 'listening'; restPort: number; grpcPort: number }
  | { is: 'refused'; because: string }
  | { is: 'applied'; revision: number }
  | { is: 'wanted'; deployment: DeploymentName; key: string }
  | { is: 'released'; engine: string }
  | { is: 'figures'; samples: FigureSample[]; counters: CounterSample[]; uses: KeyUse[] }
  | {
      is: 'recorded'
      deployment: DeploymentName
      recording: string
      request: InferenceRequest
      answer: InferenceRequest['inputs']
    }
  | { is: 'call'; call: number; asks: ControlCall }
  | { is: 'drained' }

/** The totals of a version in one front end since it started. */
export interface CounterSample {
  readonly deployment: string
  readonly version: number
  readonly counters: VersionCounters
}

/** What a front end cannot answer by itself. */
export type ControlCall =
  | { ask: 'statistics' }
  | { ask: 'metrics' }
  | {
      ask: 'load'
      deployment: string
      version: number | undefined
      files: { path: string; base64: string }[]
      token: string | undefined
    }
  /** The token is the caller's own: the server decides whether they may. */
  | { ask: 'unload'; deployment: string; token: string | undefined }
export type ControlAnswer =
  | { ok: true; value: unknown }
  | {
      ok: false
      kind: 'not_found' | 'invalid' | 'unsupported' | 'not_ready' | 'unauthenticated' | 'forbidden' | 'internal'
      message: string
    }
