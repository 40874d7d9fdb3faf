import { beforeAll, expect, test } from 'vitest'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'
import { V3, infoOf, search } from './traces.fixture.ts'

describeOverWire('assessments', (wire) => {
  const id = 'tr-judged'
  const all = `${V3}/${id}/assessments`
  const source = { source_type: 'HUMAN', source_id: 'ada' }
  const feedback = (value: unknown, more: object = {}) => ({
    assessment: { assessment_name: 'good', trace_id: id, source, feedback: { value }, ...more },
  })
  const idOf = (body: Readonly<Record<string, unknown>>) => (body.assessment as { assessment_id: string }).assessment_id
  const listed = async () =>
    ((await wire.get(`${V3}/${id}`)).body.trace as { trace_info: { assessments: { valid: boolean }[] } }).trace_info
      .assessments
  beforeAll(async () => void (await wire.post(V3, infoOf(id))))

  test('are kept, changed by a mask, and found', async () => {
    const { body } = await wire.post(all, feedback(true, { rationale: 'so', metadata: { a: '1' } }))
    const one = `${all}/${idOf(body)}`
    const changed = await wire.send('PATCH', one, {
      assessment: { feedback: { value: 0.5 }, rationale: 'ignored', metadata: { b: '2' } },
      update_mask: 'feedback,metadata',
    })
    expect(changed.body.assessment).toMatchObject({
      feedback: { value: 0.5 },
      rationale: 'so',
      metadata: { a: '1', b: '2' },
      source,
      valid: true,
    })
    expect((await wire.get(one)).body).toEqual(changed.body)
    expect(await search(wire, 'feedback.good >= 0.5')).toEqual([id])
    expect(await search(wire, "feedback.good = 'true'")).toEqual([])
    const other = { assessment: { expectation: { value: 1 } }, update_mask: 'expectation' }
    expect((await wire.send('PATCH', one, other)).body.message).toBe(
      'Cannot update expectation value on a Feedback assessment.',
    )
  })

  test('that override another make it invalid until they are deleted', async () => {
    const first = idOf((await wire.post(all, feedback('a'))).body)
    const second = idOf((await wire.post(all, feedback('b', { overrides: first }))).body)
    const validity = async () => (await wire.get(`${all}/${first}`)).body.assessment as { valid: boolean }
    expect((await validity()).valid).toBe(false)
    for (const _ of [1, 2]) expect((await wire.send('DELETE', `${all}/${second}`, {})).status).toBe(200)
    expect((await validity()).valid).toBe(true)
    expect((await wire.post(all, feedback('c', { overrides: 'a-none' }))).status).toBe(404)
  })

  test('have values of any kind', async () => {
    const serialized_value = { serialization_format: 'JSON_FORMAT', value: '{"a":[1,null]}' }
    const expectation = { assessment_name: 'should', source, expectation: { serialized_value } }
    const { body } = await wire.post(all, { assessment: expectation })
    expect(body.assessment).toMatchObject({ expectation: { serialized_value } })
    const error = { error_code: 'BROKEN', error_message: 'x' }
    const failed = await wire.post(all, { assessment: { assessment_name: 'e', source, feedback: { error } } })
    expect(failed.body.assessment).toMatchObject({ feedback: { value: null, error } })
    expect((await listed()).length).toBeGreaterThan(2)
  })

  test('of nothing, without a value, or of no trace are refused', async () => {
    expect((await wire.get(`${all}/a-none`)).body.message).toBe(
      `Assessment with ID 'a-none' not found for trace '${id}'`,
    )
    expect((await wire.get(`${V3}/tr-none/assessments/a-none`)).body.message).toBe(
      "Trace with request_id 'tr-none' not found",
    )
    expect((await wire.post(`${V3}/tr-none/assessments`, feedback(1))).status).toBe(404)
    expect((await wire.post(all, { assessment: { assessment_name: 'x', source } })).status).toBe(400)
    expect((await wire.send('PATCH', `${all}/a-none`, feedback(1))).status).toBe(400)
  })
})
