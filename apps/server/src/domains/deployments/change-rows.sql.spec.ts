import { randomUUID } from 'node:crypto'
import { DEFAULT_SERVING, DeploymentName, Digest, ModelName } from '@stead/contracts'
import type { Generation, VersionNumber } from '@stead/contracts'
import { expect, test } from 'vitest'
import type { Database } from '../../database/database.ts'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { sqlRegistryStore } from '../registry/registry.sql.ts'
import { sqlDeploymentStore } from './deployments.sql.ts'
import type { Commit, DeploymentRecord, Refusal } from './deployments.store.ts'

const MODEL = ModelName.parse('forecast')
const named = (name: string) => DeploymentName.parse(name)
const tensor = { name: 'x', datatype: 'FP32' as const, shape: [1] }
const SIGNATURE = { inputs: [tensor], outputs: [tensor] }
const version = 1 as VersionNumber
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString()

const commit = (generation: number): Commit => ({
  kind: generation === 1 ? 'deploy' : 'swap',
  table: {
    generation: generation as Generation,
    model: MODEL,
    contract: SIGNATURE,
    routes: [{ version, weight: generation }],
    shadows: [],
    config: DEFAULT_SERVING,
    parked: null,
  },
  restores: null,
  reason: '',
  actor: 'test',
  stages: [],
  idempotencyKey: undefined,
  change: { id: `change-${generation}`, startedAt: at(0) },
  holds: [{ model: MODEL, version }],
})
const refusal = (change: string): Refusal => ({
  kind: 'swap',
  version,
  reason: 'its answers differ',
  stages: [],
  at: at(0),
  change,
  startedAt: at(0),
  after: commit(2).table,
  code: 'checks_failed',
  because: 'better',
})

describeOnDatabases('lanes', (databases) => {
  async function open() {
    const { kysely } = await databases.open()
    const digest = Digest.parse(`sha256:${'0'.repeat(64)}`)
    const first = { digest, runtime: 'onnx', signature: SIGNATURE, files: [], provenance: {}, description: '' } as const
    await sqlRegistryStore(kysely).addVersion('default', MODEL, { ...first, files: [] }, false, 'test')
    return { kysely, store: sqlDeploymentStore(kysely) }
  }
  /** A deployment whose generations were committed one a minute, from the minute given. */
  async function deployed(
    { kysely, store }: { kysely: Database['kysely']; store: ReturnType<typeof sqlDeploymentStore> },
    name: string,
    generations: number,
    from = 0,
  ) {
    const made = await store.create('default', named(name), commit(1), randomUUID())
    if (typeof made === 'string') throw new Error(made)
    let { record } = made
    for (let generation = 2; generation <= generations; generation++) {
      const next = await store.commit(record, commit(generation))
      if (typeof next === 'string') throw new Error(next)
      record = next.record
    }
    await kysely
      .updateTable('deployments')
      .set({ created_at: at(from) })
      .where('id', '=', record.id)
      .execute()
    for (let generation = 1; generation <= generations; generation++)
      await kysely
        .updateTable('generations')
        .set({ committed_at: at(from + generation - 1) })
        .where('deployment_id', '=', record.id)
        .where('generation', '=', generation)
        .execute()
    return record
  }
  async function refused(
    { kysely, store }: Awaited<ReturnType<typeof open>>,
    record: DeploymentRecord,
    minute: number,
  ) {
    const { sequence } = await store.refused(record, refusal(`refused-${minute}`), 'test')
    await kysely
      .updateTable('events')
      .set({ at: at(minute) })
      .where('sequence', '=', sequence)
      .execute()
  }

  test('a lane begins with the table that was in force, and goes on with each that came after it', async () => {
    const opened = await open()
    await deployed(opened, 'early', 5)
    await deployed(opened, 'late', 2, 4)
    const lanes = await opened.store.lanes('default', undefined, at(3))
    expect(lanes.map(({ deployment, marks }) => [deployment, marks.map(({ generation }) => generation)])).toEqual([
      ['early', [4, 5]],
      ['late', [1, 2]],
    ])
    expect(lanes[0]?.marks[0]).toEqual({
      generation: 4,
      kind: 'swap',
      at: at(3),
      model: MODEL,
      routes: [{ version, weight: 4 }],
      shadows: [],
      parked: null,
      change: 'change-4',
    })
    expect(lanes.map(({ truncated }) => truncated)).toEqual([false, false])
    // Long after the last change the table of today is the only one.
    const now = await opened.store.lanes('default', undefined, at(59))
    expect(now.map(({ marks }) => marks.map(({ generation }) => generation))).toEqual([[5], [2]])
  })

  test('only those named are told, names that are not there are passed over, and none are none', async () => {
    const opened = await open()
    for (const name of ['a', 'b', 'c']) await deployed(opened, name, 1)
    const told = async (...names: string[]) =>
      (await opened.store.lanes('default', names.map(named), at(0))).map(({ deployment }) => deployment)
    expect(await told('c', 'nobody', 'a')).toEqual(['a', 'c'])
    expect(await told()).toEqual([])
    expect(await opened.store.lanes('other', undefined, at(0))).toEqual([])
  })

  test('refusals of the span are told, and none that befell an earlier deployment of the name', async () => {
    const opened = await open()
    const before = await deployed(opened, 'a', 1)
    await refused(opened, before, 1)
    await opened.store.remove(before, 'test')
    const record = await deployed(opened, 'a', 1, 2)
    for (const minute of [3, 5, 6]) await refused(opened, record, minute)
    const [lane] = await opened.store.lanes('default', undefined, at(4))
    expect(lane?.refusals).toEqual([
      { at: at(5), kind: 'swap', version, reason: 'its answers differ', change: 'refused-5' },
      { at: at(6), kind: 'swap', version, reason: 'its answers differ', change: 'refused-6' },
    ])
    const [whole] = await opened.store.lanes('default', undefined, at(0))
    expect(whole?.refusals.map(({ change }) => change)).toEqual(['refused-3', 'refused-5', 'refused-6'])
  })

  test('of more than two hundred generations the newest are told, and that there are more', async () => {
    const opened = await open()
    const record = await deployed(opened, 'busy', 1)
    const rows = Array.from({ length: 250 }, (_, index) => ({
      deployment_id: record.id,
      project_id: 'default',
      generation: index + 2,
      kind: 'swap',
      document: { ...commit(index + 2).table },
      actor: 'test',
      stages: [],
      committed_at: at(1),
    }))
    await opened.kysely.insertInto('generations').values(rows).execute()
    const [lane] = await opened.store.lanes('default', undefined, at(0))
    expect(lane?.truncated).toBe(true)
    expect(lane?.marks.map(({ generation }) => generation)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 52),
    )
    // Written before changes had ids.
    expect(lane?.marks.at(-1)?.change).toBeNull()
  })

  test('a refusal stays open when a later change is aborted, and no longer once one is committed', async () => {
    const opened = await open()
    const record = await deployed(opened, 'a', 1)
    await opened.store.refused(record, refusal('refused'), 'test')
    const aborted = { change: 'aborted', kind: 'swap', after: commit(2).table, reason: '' } as const
    await opened.store.aborted(record, aborted, 'test')
    expect([...(await opened.store.openRefusals())]).toMatchObject([['a', { change: 'refused' }]])
    await opened.store.commit(record, commit(2))
    expect((await opened.store.openRefusals()).size).toBe(0)
  })

  test('a change is found by its id in the generation it made or in its refusal', async () => {
    const opened = await open()
    const record = await deployed(opened, 'a', 3)
    await refused(opened, record, 9)
    expect(await opened.store.change(record, 'change-3')).toMatchObject({
      id: 'change-3',
      before: { generation: 2 },
      after: { generation: 3 },
      startedAt: at(0),
      committedAt: at(2),
      failure: null,
    })
    expect(await opened.store.change(record, 'change-1')).toMatchObject({ before: null, after: { generation: 1 } })
    expect(await opened.store.change(record, 'refused-9')).toMatchObject({
      before: { generation: 1 },
      after: { generation: 2 },
      reason: 'better',
      committedAt: null,
      failure: { code: 'checks_failed', message: 'its answers differ' },
    })
    expect(await opened.store.change(record, 'nobody')).toBeUndefined()
  })
})
