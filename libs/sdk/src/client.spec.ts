import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  getModel,
  ModelName,
  ProjectName,
  rollbackDeployment,
  SteadError,
  DeploymentName,
  deleteModel,
} from '@stead/contracts'
import { afterEach, describe, expect, test } from 'vitest'
import { addressOf, createClient } from './client.ts'
import { UnreachableError } from './unreachable.ts'

let server: Server | undefined
afterEach(() => void server?.close())

function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer(answer)
  return new Promise((resolve) =>
    server!.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server!.address() as AddressInfo).port}`)),
  )
}

const project = ProjectName.parse('default')
const params = { project, deployment: DeploymentName.parse('sums') }
const transcript = {
  deployment: 'sums',
  kind: 'rollback',
  from: 2,
  to: 1,
  generation: 3,
  change: null,
  stages: [],
  detached: [],
}

describe('the client', () => {
  test('keeps any name within its place in the path', () => {
    expect(
      addressOf(
        '/api/v1/projects/:project/models/:model',
        { project: 'default', model: 'a b/../ü?#' },
        { after: 'x&y', limit: undefined },
      ),
    ).toBe('/api/v1/projects/default/models/a%20b%2F..%2F%C3%BC%3F%23?after=x%26y')
  })

  test('sends the token, the body and the idempotency key, and parses the answer', async () => {
    let seen: { method?: string | undefined; headers?: IncomingMessage['headers']; body?: string } = {}
    const url = await serve(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      seen = { method: request.method, headers: request.headers, body }
      response.end(JSON.stringify(transcript))
    })
    const answer = await createClient({ url: `${url}/`, token: 'secret' }).call(rollbackDeployment, {
      params,
      body: { reason: 'why' },
      idempotencyKey: 'once',
    })
    expect(answer).toEqual(transcript)
    expect(seen).toMatchObject({
      method: 'POST',
      body: '{"reason":"why"}',
      headers: { authorization: 'Bearer secret', 'idempotency-key': 'once', 'content-type': 'application/json' },
    })
  })

  test('tells a refusal by its code, place and details', async () => {
    const url = await serve((_, response) =>
      response
        .writeHead(404)
        .end(
          JSON.stringify(
            new SteadError('model_not_found', 'no such model', { where: 'path', details: { a: 1 } }).toBody(),
          ),
        ),
    )
    const error = await createClient({ url })
      .call(getModel, { params: { project, model: ModelName.parse('m') } })
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'model_not_found', message: 'no such model', where: 'path', details: { a: 1 } })
    expect(error).toBeInstanceOf(SteadError)
  })

  test('an answer that is not the platform’s own is told with its status and beginning', async () => {
    const url = await serve((_, response) => response.writeHead(502).end('<html>bad gateway'))
    await expect(
      createClient({ url }).call(getModel, { params: { project, model: ModelName.parse('m') } }),
    ).rejects.toThrow('502: <html>bad gateway')
  })

  test('tells that nobody answers, and takes an empty answer for none', async () => {
    const url = await serve((_, response) => response.writeHead(204).end())
    await expect(
      createClient({ url }).call(deleteModel, { params: { project, model: ModelName.parse('m') } }),
    ).resolves.toBeUndefined()
    await new Promise((resolve) => server!.close(resolve))
    await expect(
      createClient({ url }).call(getModel, { params: { project, model: ModelName.parse('m') } }),
    ).rejects.toBeInstanceOf(UnreachableError)
  })

  test('follows a change stage by stage to its end, or to its refusal', async () => {
    const stage = { name: 'commit', ms: 1, ok: true }
    let last = `event: done\ndata: ${JSON.stringify(transcript)}\n\n`
    const url = await serve((_, response) =>
      response.end(`event: stage\ndata: ${JSON.stringify(stage)}\n\n: beat\n\n${last}`),
    )
    const stages: unknown[] = []
    const follow = () => createClient({ url }).follow(rollbackDeployment, { params }, (one) => stages.push(one))
    expect(await follow()).toEqual(transcript)
    expect(stages).toEqual([stage])
    last = `event: error\ndata: ${JSON.stringify(new SteadError('checks_failed', 'it hangs').toBody())}\n\n`
    await expect(follow()).rejects.toMatchObject({ code: 'checks_failed', message: 'it hangs' })
    last = ''
    await expect(follow()).rejects.toBeInstanceOf(UnreachableError)
  })
})
