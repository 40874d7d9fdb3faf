import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import { leaveOut } from '../../../../dev/services/left-out.ts'
import { startPostgres, type TestPostgres } from '../../../../dev/services/postgres.ts'
import { type ScratchServer, startScratchServer } from '../scratch-server.fixture.ts'

export interface WireAnswer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** A whole server, and MLflow's protocol as its clients speak it. */
export interface MlflowWire {
  readonly server: ScratchServer
  /** Below `/api/2.0/mlflow/`, or from the root where the path begins with a slash. */
  get(path: string, query?: Readonly<Record<string, string | number | readonly string[]>>): Promise<WireAnswer>
  send(method: 'POST' | 'PATCH' | 'DELETE', path: string, body: object): Promise<WireAnswer>
  post(path: string, body: object): Promise<WireAnswer>
  /** Stores a file behind `mlflow-artifacts:/<path>`. */
  put(path: string, bytes: Uint8Array | string): Promise<void>
  /** Reads a file from there. */
  read(path: string): Promise<{ status: number; bytes: Buffer }>
}

/** Runs a suite over real HTTP, on the embedded database and on a real PostgreSQL. */
export function describeOverWire(title: string, suite: (wire: MlflowWire) => void): void {
  describe(`${title}, on PGlite`, () => {
    let server: ScratchServer
    beforeAll(async () => {
      server = await startScratchServer()
    })
    afterAll(() => server.close())
    suite(wireOf(() => server))
  })
  describe(`${title}, on PostgreSQL`, () => {
    let postgres: TestPostgres | undefined
    let server: ScratchServer | undefined
    let missing = ''
    beforeAll(async () => {
      const started = await startPostgres()
      if ('missing' in started) return leaveOut(`${title}, on PostgreSQL`, (missing = started.missing))
      postgres = started
      server = await startScratchServer({ STEAD_DATABASE_URL: await started.createDatabase() })
    })
    beforeEach((test) => test.skip(server === undefined, missing))
    afterAll(async () => {
      await server?.close()
      await postgres?.stop()
    })
    suite(wireOf(() => server!))
  })
}

function wireOf(server: () => ScratchServer): MlflowWire {
  const urlOf = (path: string) => new URL(path.startsWith('/') ? path : `/api/2.0/mlflow/${path}`, server().url)
  const artifact = (path: string) =>
    urlOf(`/api/2.0/mlflow-artifacts/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`)
  const answerOf = async (response: Response): Promise<WireAnswer> => ({
    status: response.status,
    body: (await response.json()) as WireAnswer['body'],
  })
  const send: MlflowWire['send'] = async (method, path, body) => {
    const asked = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    return answerOf(await fetch(urlOf(path), asked))
  }
  return {
    get server() {
      return server()
    },
    async get(path, query = {}) {
      const url = urlOf(path)
      for (const [name, value] of Object.entries(query))
        for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(one))
      return answerOf(await fetch(url))
    },
    send,
    post: (path, body) => send('POST', path, body),
    async put(path, bytes) {
      const response = await fetch(artifact(path), { method: 'PUT', body: Buffer.from(bytes) })
      if (!response.ok) throw new Error(`PUT ${path}: ${response.status} ${await response.text()}`)
    },
    async read(path) {
      const response = await fetch(artifact(path))
      return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }
    },
  }
}
