import type { ExperimentId, RunId, RunRow } from '@stead/contracts'
import { describe, expect, test } from 'vitest'
import { createRunStore, MAIN } from './run-store.ts'
import type { Asked, RunSource } from './run-store.ts'

const id = (number: number) => `r${String(number).padStart(4, '0')}` as RunId
const row = (number: number, columns: readonly string[], value = number): RunRow => ({
  id: id(number),
  experiment: 1 as ExperimentId,
  name: `run ${value}`,
  user: 'ines',
  status: 'FINISHED',
  startedAt: number,
  endedAt: number,
  lifecycle: 'active',
  artifactUri: '',
  parent: null,
  metrics: Object.fromEntries(
    columns.map((column) => [column.replace('metrics.', ''), { value, step: 0, timestamp: 0 }]),
  ),
  params: {},
  tags: {},
})

/** Runs that are numbered from 0, of which a search finds those it names, or all. */
function sourceOf(state: { count: number; value?: number }) {
  const asked: { columns: readonly string[]; limit: number; runs: number }[] = []
  const source: RunSource = {
    search: async ({ filter, columns, limit, after }) => {
      const named = [...filter.matchAll(/'(r\d+)'/g)].map(([, name]) => Number(name!.slice(1)))
      const all =
        named.length > 0 ? named.filter((one) => one < state.count) : Array.from({ length: state.count }, (_, at) => at)
      const from = Number(after ?? 0)
      const found = all.slice(from, from + limit)
      asked.push({ columns, limit, runs: found.length })
      const next = from + limit < all.length ? String(from + limit) : null
      return { runs: found.map((number) => row(number, columns, state.value ?? number)), next }
    },
    children: async (runs) => new Map(runs.slice(0, 1).map((run) => [run, 3])),
  }
  return { source, asked }
}

const ALL: Asked = { filter: '', state: 'active', orderBy: [] }
const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('the runs of a table', () => {
  test('are read page by page, and never twice', async () => {
    const { source, asked } = sourceOf({ count: 450 })
    const store = createRunStore(source)
    store.open(MAIN, ALL, 200)
    store.open(MAIN, { ...ALL }, 200)
    await settled()
    expect(store.list(MAIN)).toMatchObject({ isOld: false, next: '200' })
    store.more(MAIN)
    store.more(MAIN)
    await settled()
    store.more(MAIN)
    await settled()
    store.more(MAIN)
    await settled()
    expect(store.list(MAIN)!.ids).toEqual(Array.from({ length: 450 }, (_, at) => id(at)))
    expect(asked).toHaveLength(3)
  })

  test('have their columns read when they come into sight, and only what is missing', async () => {
    const { source, asked } = sourceOf({ count: 20 })
    const store = createRunStore(source)
    store.open(MAIN, ALL, 20)
    await settled()
    const runs = store.list(MAIN)!.ids.slice(0, 5)
    store.want(runs, ['metrics.a'])
    store.want(runs, ['metrics.a'])
    await settled()
    store.want(runs, ['metrics.a', 'metrics.b'])
    await settled()
    store.want(runs, ['metrics.b'])
    await settled()
    expect(asked.slice(1)).toEqual([
      { columns: ['metrics.a'], limit: 5, runs: 5 },
      { columns: ['metrics.b'], limit: 5, runs: 5 },
    ])
    expect(store.cells(id(3))?.metrics).toMatchObject({ a: { value: 3 }, b: { value: 3 } })
  })

  test('that have changed are read again with the columns that are shown; new ones are counted', async () => {
    const state: { count: number; value?: number } = { count: 3 }
    const { source } = sourceOf(state)
    const store = createRunStore(source)
    store.open(MAIN, ALL, 20)
    await settled()
    store.want([id(1)], ['metrics.a'])
    await settled()
    state.value = 99
    state.count = 5
    expect(await store.changed([id(1), id(3), id(9)])).toEqual([id(3)])
    expect(store.info(id(1))?.name).toBe('run 99')
    expect(store.cells(id(1))?.metrics.a?.value).toBe(99)
    expect(store.list(MAIN)!.ids).toHaveLength(3)
    await store.refresh()
    expect(store.list(MAIN)!.ids).toHaveLength(5)
  })

  test('of before stay until those that are asked for are there; an answer that comes too late counts no more', async () => {
    const answers: (() => void)[] = []
    const source: RunSource = {
      search: ({ filter }) =>
        new Promise((resolve) => answers.push(() => resolve({ runs: [row(Number(filter), [])], next: null }))),
      children: async () => new Map(),
    }
    const store = createRunStore(source)
    store.open(MAIN, { ...ALL, filter: '1' }, 20)
    store.open(MAIN, { ...ALL, filter: '2' }, 20)
    answers[1]!()
    await settled()
    answers[0]!()
    await settled()
    expect(store.list(MAIN)).toMatchObject({ ids: [id(2)], isOld: false })
    store.open(MAIN, { ...ALL, filter: '3' }, 20)
    expect(store.list(MAIN)).toMatchObject({ ids: [id(2)], isOld: true, isReading: true })
  })

  test('that could not be read can be asked for again', async () => {
    let isDown = true
    const { source } = sourceOf({ count: 2 })
    const store = createRunStore({
      ...source,
      search: (asked) => (isDown ? Promise.reject(new Error('away')) : source.search(asked)),
    })
    store.open(MAIN, ALL, 20)
    await settled()
    expect(store.list(MAIN)).toMatchObject({ isOld: true, isReading: false, failure: new Error('away') })
    isDown = false
    store.more(MAIN)
    await settled()
    expect(store.list(MAIN)).toMatchObject({ ids: [id(0), id(1)], failure: undefined })
  })

  test('tell how many parts they have once it is asked', async () => {
    const { source } = sourceOf({ count: 2 })
    const store = createRunStore(source)
    store.wantChildren([id(0), id(1)])
    await settled()
    expect([store.children(id(0)), store.children(id(1)), store.children(id(2))]).toEqual([3, 0, undefined])
  })
})
