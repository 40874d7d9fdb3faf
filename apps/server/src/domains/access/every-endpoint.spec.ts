import { ENDPOINTS, type ProjectName } from '@stead/contracts'
import type { Endpoint, ErrorBody } from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT, type ScratchServer } from '../../scratch-server.fixture.ts'
import { ABSENT, type Asker, startClosedServer } from './askers.fixture.ts'

let server: ScratchServer
let askers: readonly Asker[] = []
beforeAll(async () => {
  ;({ server, askers } = await startClosedServer())
})
afterAll(() => server.close())

/** Names of nothing, so that whoever may do all that there is changes nothing by it. */
const NAMES: Readonly<Record<string, string>> = {
  digest: `sha256:${'0'.repeat(64)}`,
  version: '999',
  member: 'nobody',
  person: 'nobody',
  account: 'nobody',
}

function addressOf({ path }: Endpoint, project: ProjectName): string {
  return path.replaceAll(/:([a-zA-Z]+)/g, (_, key: string) => (key === 'project' ? project : (NAMES[key] ?? 'nothing')))
}

async function ask(endpoint: Endpoint, project: ProjectName, headers: Record<string, string>) {
  const hasBody = endpoint.method !== 'GET' && endpoint.method !== 'DELETE'
  const gone = new AbortController()
  const response = await fetch(`${server.url}${addressOf(endpoint, project)}`, {
    method: endpoint.method,
    redirect: 'manual',
    signal: gone.signal,
    headers: { ...headers, ...(hasBody ? { 'content-type': bodyTypeOf(endpoint) } : {}) },
    ...(hasBody ? { body: endpoint.streams?.in ? 'x' : '{}' } : {}),
  })
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  const error = response.status >= 400 && isJson ? ((await response.json()) as ErrorBody).error : undefined
  gone.abort()
  return { status: response.status, error }
}

const bodyTypeOf = ({ streams }: Endpoint) => (streams?.in ? 'application/octet-stream' : 'application/json')

describe('every endpoint', () => {
  test.for(Object.entries(ENDPOINTS).map(([name, endpoint]) => ({ name, endpoint })))(
    '$name lets in whom the table of acts names, and nobody else',
    async ({ endpoint }) => {
      for (const { who, headers, may } of askers) {
        // It would end the only credential of those who ask here, or put an empty house in the place of this one.
        if (endpoint.act === 'session.end') continue
        const { status, error } = await ask(endpoint, DEFAULT, headers)
        const told = `${who}: ${status} ${error?.code ?? ''} ${error?.message ?? ''}`
        const expected = may(endpoint.act)
        if (expected === 'sign in') expect(error?.code, told).toBe('unauthenticated')
        else if (expected === 'no') expect(error?.code, told).toBe('forbidden')
        else if (expected === 'nothing here') {
          const absent = await ask(endpoint, ABSENT, headers)
          expect(status, told).toBe(404)
          expect(JSON.parse(JSON.stringify(error).replaceAll(DEFAULT, ABSENT)), told).toEqual(absent.error)
        } else expect(['unauthenticated', 'forbidden', 'project_not_found'], told).not.toContain(error?.code)
      }
    },
  )
})
