import { createEvaluationSet, ExperimentId, putEvaluationRecords } from '@stead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT, type ScratchServer, startScratchServer } from '../../server/src/scratch-server.fixture.ts'
import { stead } from './fake-terminal.fixture.ts'
import type { Typed } from './fake-terminal.fixture.ts'

let server: ScratchServer
const ID = `tr-${'a'.repeat(32)}`
const GONE = `tr-${'b'.repeat(32)}`
beforeAll(async () => {
  server = await startScratchServer()
  for (const id of [ID, GONE]) await post('/v1/traces', { resourceSpans: [{ scopeSpans: [{ spans: spansOf(id) }] }] })
  const params = { project: DEFAULT }
  const body = { name: 'questions', experiments: [ExperimentId.parse(0)] }
  const { id: set } = await server.client.call(createEvaluationSet, { params, body })
  const records = [1, 2, 3].map((n) => ({ inputs: { q: `why ${n}` }, expectations: { answer: n } }))
  await server.client.call(putEvaluationRecords, { params: { project: DEFAULT, set }, body: { records } })
})
afterAll(() => server?.close())

async function post(path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json', 'x-mlflow-experiment-id': '0' }
  const answer = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(await answer.text())
}

function spansOf(id: string): object[] {
  const traceId = id.slice(3)
  const from = 1_700_000_000_000_000_000n
  const span = (spanId: string, parentSpanId: string | undefined, name: string, more: object) => ({
    traceId,
    spanId,
    parentSpanId,
    name,
    ...more,
    startTimeUnixNano: `${from}`,
    endTimeUnixNano: `${from + 2_500_000_000n}`,
  })
  const attributes = [
    { key: 'mlflow.spanType', value: { stringValue: 'CHAIN' } },
    { key: 'mlflow.spanInputs', value: { stringValue: 'why?' } },
    { key: 'mlflow.chat.tokenUsage', value: { stringValue: '{"total_tokens": 70}' } },
  ]
  return [
    span('00000000000000a1', undefined, 'answer', { attributes, status: { code: 1 } }),
    span('00000000000000b2', '00000000000000a1', 'search', { status: { code: 2, message: 'no\u001b index' } }),
  ]
}

const run = (args: readonly string[], typed: Typed = {}) =>
  stead([...args], { env: { STEAD_URL: server.url }, ...typed })

test('traces are found by expressions, and shown as their spans called one another', async () => {
  const { stdout } = await run(['traces', '0', '--filter', `request_id = '${ID}'`])
  expect(stdout).toMatch(/^ID +NAME +STATE +STARTED +TOOK +TOKENS +REQUEST$/m)
  expect(stdout).toMatch(new RegExp(`^${ID} +answer +OK +\\d+ d ago +2\\.5 s +70 +why\\?$`, 'm'))
  const listed = JSON.parse((await run(['traces', 'Default', '--limit', '1', '--json'])).stdout) as { traces: object[] }
  expect(listed.traces).toHaveLength(1)
  const shown = (await run(['traces', 'show', ID])).stdout
  expect(shown).toContain('OK, 2.5 s, from 2023-11-14T22:13:20.000Z, 70 tokens, in experiment 0')
  expect(shown).toMatch(/^ {2}answer +CHAIN +OK +2\.5 s$/m)
  expect(shown).toMatch(/^ {4}search +ERROR +2\.5 s +no\ufffd index$/m)
  expect((await run(['traces', '0', '--filter', "name = 'none'"])).stderr).toBe('there is no such trace\n')
  expect((await run(['traces', '0', '--filter', 'nothing'])).code).toBe(3)
})

test('traces are deleted for good, after a yes, and none where one is not there', async () => {
  expect((await run(['traces', 'delete', GONE, 'tr-none', '--yes'])).code).toBe(3)
  expect(await run(['traces', 'delete', GONE])).toMatchObject({ code: 2 })
  expect((await run(['traces', 'delete', GONE], { answer: 'yes' })).stdout).toBe('the trace is deleted\n')
  expect((await run(['traces', 'show', GONE])).code).toBe(3)
})

test('evaluation sets are listed, shown with their records, and deleted', async () => {
  expect((await run(['evaluation-sets', '0'])).stdout).toMatch(/^d-\w+ +questions +3 +\S.* +local$/m)
  const { stdout, stderr } = await run(['evaluation-sets', 'show', 'questions', '--limit', '2'])
  expect(stdout).toMatch(/^ {2}\{"q":"why \d"\} +\{"answer":\d\}$/m)
  expect(stderr).toBe('1 more: --limit 3\n')
  const told = JSON.parse((await run(['evaluation-sets', 'show', 'questions', '--json'])).stdout) as {
    records: object[]
  }
  expect(told.records).toHaveLength(3)
  expect((await run(['evaluation-sets', 'show', 'none'])).stderr).toContain('there is no evaluation set "none"')
  expect((await run(['evaluation-sets', 'delete', 'questions'])).code).toBe(2)
  expect((await run(['evaluation-sets', 'delete', 'questions', '--yes'])).stdout).toBe('questions is deleted\n')
  expect((await run(['evaluation-sets'])).stderr).toBe('there is no such evaluation set\n')
})
