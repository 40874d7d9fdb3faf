import {
  addAssessment,
  changeTrace,
  deleteAssessment,
  deleteExperiment,
  deleteTrace,
  deleteTraces,
  ExperimentId,
  getTrace,
  searchTraces,
  TraceId,
} from '@stead/contracts'
import { describe, expect, test } from 'vitest'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'
import { DEFAULT } from '../../scratch-server.fixture.ts'
import { encodeSpans } from './otlp.fixture.ts'
import { V3, childOf, infoOf, newId, search, sendSpans, spanOf } from './traces.fixture.ts'

describeOverWire('traces of MLflow 3', (wire) => {
  test('are told after their spans, and know both', async () => {
    const id = newId()
    await sendSpans(wire, encodeSpans([spanOf(id)]))
    const told = {
      client_request_id: 'mine',
      tags: { stage: 'dev' },
      trace_metadata: { user: 'ü' },
      request_preview: 'p',
    }
    const started = await wire.post(V3, infoOf(`tr-${id}`, told))
    expect(started.body).toMatchObject({
      trace: {
        trace_info: {
          ...told,
          tags: {
            stage: 'dev',
            'mlflow.trace.spansLocation': 'TRACKING_STORE',
            'mlflow.artifactLocation': `mlflow-artifacts:/0/traces/tr-${id}/artifacts`,
          },
        },
      },
    })
    expect((await wire.get(`${V3}/tr-${id}`)).body).toEqual(started.body)
    const infos = await wire.post(`${V3}/batchGetInfos`, { trace_ids: [`tr-${id}`, 'tr-none'] })
    expect(infos.body.trace_infos).toHaveLength(1)
  })

  test('are whole only when all spans have come', async () => {
    const id = newId()
    await sendSpans(wire, encodeSpans([spanOf(id)]))
    const trace_metadata = { 'mlflow.trace.sizeStats': '{"num_spans": 2}' }
    await wire.post(V3, infoOf(`tr-${id}`, { trace_metadata }))
    const trace_id = `tr-${id}`
    expect((await wire.get(`${V3}/batchGet`, { trace_ids: [trace_id] })).body).toEqual({})
    expect((await wire.get(`${V3}/get`, { trace_id })).status).toBe(404)
    expect((await wire.get(`${V3}/get`, { trace_id, allow_partial: 'True' })).status).toBe(200)
    await sendSpans(wire, encodeSpans([childOf(id)]))
    expect((await wire.get(`${V3}/batchGet`, { trace_ids: [trace_id] })).body.traces).toHaveLength(1)
  })

  test('get and lose tags, and are gone with all they had when they are deleted', async () => {
    const id = `tr-${newId()}`
    await wire.post(V3, infoOf(id))
    expect((await wire.send('PATCH', `${V3}/${id}/tags`, { key: 'a', value: 'b' })).status).toBe(200)
    expect(await search(wire, "tags.a = 'b'")).toContain(id)
    expect((await wire.send('DELETE', `${V3}/${id}/tags`, { key: 'a' })).status).toBe(200)
    expect((await wire.send('DELETE', `${V3}/${id}/tags`, { key: 'a' })).status).toBe(404)
    const deletion = { experiment_id: '0', request_ids: [id, 'tr-none'] }
    expect((await wire.post(`${V3}/delete-traces`, deletion)).body).toEqual({ traces_deleted: 1 })
    expect((await wire.get(`${V3}/${id}`)).body).toEqual({
      error_code: 'RESOURCE_DOES_NOT_EXIST',
      message: `Trace with ID '${id}' not found.`,
    })
  })

  test('are linked to runs and prompts, and found by them', async () => {
    const id = `tr-${newId()}`
    await wire.post(V3, infoOf(id))
    const { body } = await wire.post('runs/create', { experiment_id: '0' })
    const { run_id } = (body.run as { info: { run_id: string } }).info
    expect((await wire.post('traces/link-to-run', { trace_ids: [id, 'tr-none'], run_id })).status).toBe(200)
    expect(await search(wire, `run_id = '${run_id}'`)).toEqual([id])
    const prompt_versions = [{ name: 'greet', version: '3' }]
    expect((await wire.post('traces/link-prompts', { trace_id: id, prompt_versions })).status).toBe(200)
    expect(await search(wire, "prompt = 'greet/3'")).toEqual([id])
    expect((await wire.post('traces/link-to-run', { trace_ids: [id], run_id: 'none' })).status).toBe(404)
    const many = Array.from({ length: 101 }, () => id)
    expect((await wire.post('traces/link-to-run', { trace_ids: many, run_id })).status).toBe(400)
  })

  test.each([
    ['no trace', {}, "Missing value for required parameter 'trace'"],
    [
      'no experiment',
      { trace: { trace_info: { trace_id: 'tr-1', request_time: '2023-11-14T22:13:20Z' } } },
      'trace_location',
    ],
    ['a time that is none', infoOf('tr-1', { request_time: 'now' }), 'request_time'],
    ['an id that is a path', infoOf('../x'), 'trace_id'],
    ['a state that nobody knows', infoOf('tr-1', { state: 'DONE' }), 'state'],
    ['a key that is too long', infoOf('tr-1', { tags: { ['k'.repeat(251)]: '' } }), 'tags'],
  ])('are refused with %s', async (_what, body, says) => {
    const answer = await wire.post(V3, body)
    expect([answer.status, answer.body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE'])
    expect(answer.body.message).toContain(says)
  })
})

describeOverWire('traces of MLflow 2', (wire) => {
  test('are begun, ended, read and found as those clients do it', async () => {
    const begun = await wire.post('traces', {
      experiment_id: '0',
      timestamp_ms: 1_700_000_000_000,
      request_metadata: [{ key: 'm', value: '1' }],
      tags: [{ key: 'old', value: 'yes' }],
    })
    const { request_id } = begun.body.trace_info as { request_id: string }
    expect(begun.body.trace_info).toMatchObject({ experiment_id: '0', status: 'IN_PROGRESS' })
    const ended = {
      timestamp_ms: 1_700_000_001_500,
      status: 'OK',
      request_metadata: [{ key: 'n', value: '2' }],
      tags: [],
    }
    const { body } = await wire.send('PATCH', `traces/${request_id}`, ended)
    expect(body.trace_info).toMatchObject({ request_id, status: 'OK', execution_time_ms: 1500 })
    expect((await wire.get(`traces/${request_id}/info`)).body).toEqual(body)
    expect((await wire.send('PATCH', `traces/${request_id}/tags`, { key: 'a', value: 'b' })).status).toBe(200)
    const found = await wire.get('traces', { experiment_ids: ['0'], filter: "tags.old = 'yes'", max_results: 5 })
    expect(found.body.traces).toHaveLength(1)
    expect((await wire.send('PATCH', 'traces/tr-none', ended)).status).toBe(404)
    expect((await wire.send('PATCH', `traces/${request_id}`, { ...ended, status: 'FINE' })).status).toBe(400)
  })

  test('keep their spans in a file, which goes with them', async () => {
    const begun = await wire.post('traces', { experiment_id: '0', timestamp_ms: 1 })
    const { request_id } = begun.body.trace_info as { request_id: string }
    const path = `0/traces/${request_id}/artifacts/traces.json`
    const address = `${wire.server.url}/ajax-api/2.0/mlflow/get-trace-artifact?request_id=${request_id}`
    expect((await fetch(address)).status).toBe(404)
    await wire.put(path, '{"spans": []}')
    const answer = await fetch(address)
    expect([answer.headers.get('content-disposition'), await answer.text()]).toEqual([
      'attachment; filename="traces.json"',
      '{"spans": []}',
    ])
    await wire.post('traces/delete-traces', { experiment_id: '0', request_ids: [request_id] })
    expect((await wire.read(path)).status).toBe(404)
  })

  test('are deleted by age, the oldest first, and only as one asks', async () => {
    const { body } = await wire.post('experiments/create', { name: 'ageing' })
    const experiment_id = String(body.experiment_id)
    for (const timestamp_ms of [1000, 2000, 3000]) await wire.post('traces', { experiment_id, timestamp_ms })
    const remove = (more: object) => wire.post('traces/delete-traces', { experiment_id, ...more })
    expect((await remove({ max_timestamp_millis: 2500, max_traces: 1 })).body).toEqual({ traces_deleted: 1 })
    expect((await remove({ max_timestamp_millis: 2500 })).body).toEqual({ traces_deleted: 1 })
    for (const wrong of [
      {},
      { max_timestamp_millis: 1, request_ids: ['tr-1'] },
      { max_traces: 1, request_ids: ['tr-1'] },
    ])
      expect((await remove(wrong)).status).toBe(400)
    expect((await remove({ max_timestamp_millis: 9, max_traces: 0 })).status).toBe(400)
  })
})

describeOverWire('traces by the native API', (wire) => {
  test('are searched, read with their spans, and deleted', async () => {
    const id = newId()
    await sendSpans(wire, encodeSpans([spanOf(id), childOf(id)]))
    const { client } = wire.server
    const params = { project: DEFAULT, trace: TraceId.parse(`tr-${id}`) }
    const query = { experiment: ExperimentId.parse(0), filter: "span.name = 'search'" }
    const found = await client.call(searchTraces, { params: { project: DEFAULT }, query })
    expect([found.traces.map((trace) => trace.id), found.next]).toEqual([[`tr-${id}`], null])
    const { spans, runs, ...trace } = await client.call(getTrace, { params })
    expect(runs).toEqual([])
    expect(trace).toEqual(found.traces[0])
    expect(spans[0]).toMatchObject({ name: 'answer', type: 'CHAIN', attributes: { 'mlflow.spanOutputs': 42 } })
    await client.call(deleteTrace, { params })
    await expect(client.call(getTrace, { params })).rejects.toMatchObject({ code: 'trace_not_found' })
  })

  test('get and lose tags together, and tell the runs that they belong to', async () => {
    const id = newId()
    await sendSpans(wire, encodeSpans([spanOf(id)]))
    const { client } = wire.server
    const params = { project: DEFAULT, trace: TraceId.parse(`tr-${id}`) }
    const tagged = await client.call(changeTrace, { params, body: { tags: { a: '1', b: '2' } } })
    expect(tagged.tags).toMatchObject({ a: '1', b: '2' })
    const { tags } = await client.call(changeTrace, { params, body: { tags: { a: null, c: '3', none: null } } })
    expect(tags).toMatchObject({ b: '2', c: '3' })
    expect(tags).not.toHaveProperty('a')
    const { body } = await wire.post('runs/create', { experiment_id: '0' })
    const { run_id } = (body.run as { info: { run_id: string } }).info
    await wire.post('traces/link-to-run', { trace_ids: [params.trace], run_id })
    expect((await client.call(getTrace, { params })).runs).toEqual([run_id])
    const none = { ...params, trace: TraceId.parse('tr-none') }
    const refused = client.call(changeTrace, { params: none, body: { tags: { a: '1' } } })
    await expect(refused).rejects.toMatchObject({ code: 'trace_not_found' })
  })

  test('are judged in the name of whoever asks, and the judgement can be taken back', async () => {
    const id = newId()
    await sendSpans(wire, encodeSpans([spanOf(id)]))
    const { client } = wire.server
    const params = { project: DEFAULT, trace: TraceId.parse(`tr-${id}`) }
    const body = { kind: 'feedback', name: 'helpful', value: false, rationale: 'It does not answer.' } as const
    const made = await client.call(addAssessment, { params, body })
    expect(made).toMatchObject({ ...body, valid: true, span: null, source: { type: 'HUMAN', id: 'local' } })
    expect(await search(wire, "feedback.helpful = 'false'")).toEqual([params.trace])
    expect((await client.call(getTrace, { params })).assessments).toEqual([made])
    const taken = { params: { ...params, assessment: made.id } }
    await client.call(deleteAssessment, taken)
    await client.call(deleteAssessment, taken)
    expect((await client.call(getTrace, { params })).assessments).toEqual([])
    const nameless = client.call(addAssessment, { params, body: { ...body, name: ' ' } })
    await expect(nameless).rejects.toMatchObject({ code: 'invalid_request' })
  })

  test('are deleted together', async () => {
    const ids = [newId(), newId()].map((id) => TraceId.parse(`tr-${id}`))
    for (const id of ids) await wire.post(V3, infoOf(id))
    const body = { experiment: ExperimentId.parse(0), traces: [...ids, TraceId.parse('tr-none')] }
    const { client } = wire.server
    expect(await client.call(deleteTraces, { params: { project: DEFAULT }, body })).toEqual({ traces: 2 })
    expect((await wire.get(`${V3}/${ids[0]}`)).status).toBe(404)
  })
})

describeOverWire('traces of an experiment', (wire) => {
  test('are gone with their files when it is purged', async () => {
    const experiment = (await wire.post('experiments/create', { name: 'purged' })).body.experiment_id
    const begin = async (timestamp_ms: number) => {
      const begun = await wire.post('traces', { experiment_id: experiment, timestamp_ms })
      return (begun.body.trace_info as { request_id: string }).request_id
    }
    const ids = await Promise.all(Array.from({ length: 120 }, (_, at) => begin(at * 1e12)))
    const file = `${String(experiment)}/traces/${ids.at(-1)}/artifacts/traces.json`
    await wire.put(file, '{"spans": []}')
    const params = { project: DEFAULT, experiment: ExperimentId.parse(Number(experiment)) }
    await wire.server.client.call(deleteExperiment, { params, query: { purge: 'true' } })
    for (const id of [ids[0], ids.at(-1)]) expect((await wire.get(`traces/${id}/info`)).status).toBe(404)
    expect((await wire.read(file)).status).toBe(404)
  })
})

describe('of two projects', () => {
  describeOverWire('traces', (wire) => {
    test('never meet, even under one id', async () => {
      await wire.post('/api/3.0/mlflow/workspaces', { name: 'other' })
      const id = 'tr-same'
      await wire.post(`/p/other${V3}`, infoOf(id, { tags: { of: 'other' } }))
      expect((await wire.get(`${V3}/${id}`)).status).toBe(404)
      await wire.post(V3, infoOf(id, { tags: { of: 'default' } }))
      const { body } = await wire.get(`/p/other${V3}/${id}`)
      expect(body.trace).toMatchObject({ trace_info: { tags: { of: 'other' } } })
      expect(await search(wire, "tags.of = 'other'")).toEqual([])
    })
  })
})
