/** Documents as the platform gives them, before the contract parses them. */

const signature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2], dimensionNames: ['rows', null] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
}
const since = '2026-01-02T03:04:05.000Z'

export const sampleSignature = signature

export const sampleVersion = (more: object = {}) => ({
  model: 'weather',
  version: 1,
  digest: `sha256:${'0'.repeat(64)}`,
  runtime: 'onnx',
  signature,
  files: [{ path: 'weather.onnx', digest: `sha256:${'1'.repeat(64)}`, size: 470 }],
  size: 470,
  provenance: {},
  description: '',
  aliases: [],
  tags: {},
  stage: 'None',
  source: '',
  run: null,
  runLink: '',
  loggedModel: null,
  user: '',
  createdAt: since,
  updatedAt: since,
  created: true,
  ...more,
})

export const sampleModel = (more: object = {}) => ({
  name: 'weather',
  description: '',
  createdAt: since,
  latestVersion: 2,
  latest: { version: 2, runtime: 'onnx', size: 470, inputs: 1, outputs: 1, createdAt: since },
  deployments: ['forecast'],
  versions: 2,
  aliases: { champion: 2 },
  tags: {},
  user: '',
  updatedAt: since,
  ...more,
})

export const sampleStages = [
  { name: 'loading', ms: 812.4, ok: true, runner: 'alpha', version: 2 },
  { name: 'commit', ms: 2.25, ok: true },
  { name: 'acknowledge', ms: 1.5, ok: true },
]

export const sampleTranscript = (more: object = {}) => ({
  deployment: 'forecast',
  kind: 'swap',
  from: 1,
  to: 2,
  generation: 2,
  change: 'change-1',
  stages: sampleStages,
  detached: [],
  ...more,
})

const config = {
  batching: { maxRows: 64, maxDelayMs: 0, preferredRows: [], maxQueue: 1024 },
  isolation: 'shared',
  threads: 1,
  timeoutMs: null,
  loadTimeoutMs: 120_000,
}
const routeTable = {
  generation: 2,
  model: 'weather',
  contract: signature,
  routes: [
    { version: 2, weight: 90 },
    { version: 3, weight: 10 },
  ],
  shadows: [{ version: 4, fraction: 0.5 }],
  config,
  parked: null,
}
const engine = {
  deployment: 'forecast',
  model: 'weather',
  version: 2,
  state: 'serving',
  reason: null,
  since,
  hostPid: 4711,
  memory: 88_080_384,
  restarts: 0,
}

export const sampleDeployment = (rest: string, more: object = {}) => ({
  project: 'default',
  name: 'forecast',
  table: routeTable,
  createdAt: since,
  urls: [{ runner: 'alpha', rest, grpc: '127.0.0.1:7081' }],
  engines: [{ ...engine, runner: 'alpha' }],
  lastFailure: null,
  change: null,
  ...more,
})

export const sampleStatus = (rest: string) => ({
  version: '0.1.0',
  database: 'embedded',
  artifacts: 'files',
  runners: [
    {
      name: 'alpha',
      connected: true,
      rest,
      grpc: '127.0.0.1:7081',
      pid: 42,
      frontEnds: 1,
      memory: 1_048_576,
      seenAt: since,
      runtimes: ['onnx', 'javascript'],
      engines: [engine],
    },
  ],
  deployments: [sampleDeployment(rest)],
})

export const sampleChange = (more: object = {}) => ({
  id: 'change-3',
  deployment: 'forecast',
  kind: 'swap',
  before: routeTable,
  after: { ...routeTable, generation: 3, routes: [{ version: 3, weight: 100 }] },
  reason: '',
  actor: 'local',
  startedAt: since,
  committedAt: null,
  endedAt: null,
  stages: [],
  failure: null,
  detached: [],
  ...more,
})

export const sampleGeneration = (more: object = {}) => ({
  ...routeTable,
  kind: 'swap',
  restores: null,
  change: 'change-1',
  reason: 'lower error',
  actor: 'local',
  committedAt: since,
  stages: sampleStages,
  ...more,
})

export const sampleRequest = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] }

export const sampleEvent = (sequence: number) => ({
  sequence,
  project: 'default',
  kind: 'deployment.swapped',
  subject: 'forecast',
  actor: 'local',
  at: since,
  document: { to: 2 },
})
