import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { OK } from '../../mlflow/answers.fixture.ts'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'
import { runsOver } from '../runs/wired-runs.fixture.ts'

describeOverWire('histories on MLflow’s wire', (wire) => {
  const { start } = runsOver(wire)

  test('a history goes through pages by time, and is empty where there is none', async () => {
    const id = await start()
    const key = `m${randomUUID()}`
    const metrics = Array.from({ length: 250 }, (_, at) => ({
      key,
      value: at % 7,
      timestamp: 1000 - (at % 50),
      step: at,
    }))
    await wire.post('runs/log-batch', { run_id: id, metrics })
    const seen: { timestamp: number; step: number; value: number }[] = []
    let token: string | undefined
    do {
      const { body } = await wire.get('metrics/get-history', {
        run_id: id,
        metric_key: key,
        max_results: 60,
        ...(token === undefined ? {} : { page_token: token }),
      })
      seen.push(...(body.metrics as unknown as typeof seen))
      token = body.next_page_token as string | undefined
    } while (token !== undefined)
    expect(seen).toEqual(metrics.toSorted((one, other) => one.timestamp - other.timestamp || one.step - other.step))
    expect(await wire.get('metrics/get-history', { run_id: 'none', metric_key: key })).toEqual(OK)
    expect(await wire.get('metrics/get-history', { run_id: id, metric_key: 'none' })).toEqual(OK)
    const wrong = await wire.get('metrics/get-history', { run_id: id, metric_key: key, page_token: 'x' })
    expect(wrong).toMatchObject({ status: 400 })
    expect(wrong.body.message).toMatch(/^Invalid page token/)
  })

  test('histories of several runs are read together, and sampled by step', async () => {
    const runs = [await start(), await start()].toSorted()
    for (const [at, run_id] of runs.entries())
      await wire.post('runs/log-batch', {
        run_id,
        metrics: Array.from({ length: 100 }, (_, step) => ({ key: 'm', value: at, timestamp: step, step: step * 2 })),
      })
    const bulk = await wire.get('metrics/get-history-bulk', { run_id: runs, metric_key: 'm', max_results: 150 })
    const told = bulk.body.metrics as unknown as { run_id: string }[]
    expect(told.map(({ run_id }) => runs.indexOf(run_id))).toEqual([
      ...Array.from({ length: 100 }, () => 0),
      ...Array.from({ length: 50 }, () => 1),
    ])
    const asked = { run_ids: runs, metric_key: 'm', max_results: 10 }
    const sampled = (await wire.get('metrics/get-history-bulk-interval', asked)).body.metrics as unknown as {
      step: number
    }[]
    const expected = [...Array.from({ length: 10 }, (_, at) => at * 20), 198]
    expect(sampled.map(({ step }) => step)).toEqual(expected.flatMap((step) => [step, step]))
    const within = await wire.get('metrics/get-history-bulk-interval', { ...asked, start_step: 10, end_step: 14 })
    expect(within.body.metrics).toHaveLength(6)
    const wrongs: Record<string, number>[] = [{ start_step: 1 }, { start_step: 2, end_step: 1 }, { max_results: 2501 }]
    for (const wrong of wrongs)
      expect(await wire.get('metrics/get-history-bulk-interval', { ...asked, ...wrong })).toMatchObject({ status: 400 })
    expect(await wire.get('metrics/get-history-bulk', { metric_key: 'm' })).toMatchObject({ status: 400 })
  })
})
