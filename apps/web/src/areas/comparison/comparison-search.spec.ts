import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunRow } from '@stead/contracts'
import { columnsOf, nameOfAxis, usualAxes, usualLines, valueOf } from './axes.ts'
import { groupsBy } from './box-groups.ts'
import { chartIn, listOf, listText, MOST_RUNS, runsIn } from './comparison-search.ts'

test('names come back from the address, whatever is in them', () => {
  const names = fc.array(fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom(',', '%', '%2C', 'a,b', '%25')))
  fc.assert(
    fc.property(names, (given) => {
      expect(listOf(listText(given))).toEqual(given)
    }),
  )
})

test('each run is compared once; what is no id is passed over, and too many are counted', () => {
  expect(runsIn('a1,b2,a1,../x,').ids).toEqual(['a1', 'b2'])
  const many = Array.from({ length: MOST_RUNS + 3 }, (_, at) => `r${at}`)
  expect(runsIn(listText(many))).toMatchObject({ left: 3 })
  expect(runsIn(undefined)).toEqual({ ids: [], left: 0 })
})

test('a chart that there is not is the usual one', () => {
  expect([chartIn('box'), chartIn('pie'), chartIn(undefined)]).toEqual(['box', 'lines', 'lines'])
})

const run = (loss: number, step: number, params: Record<string, string>) =>
  ({
    metrics: { 'a.b': { value: loss, step, timestamp: 0 }, 'system/cpu': { value: 1, step: 5, timestamp: 0 } },
    params,
    tags: { team: 'weather', 'mlflow.user': 'ines' },
  }) as unknown as RunRow

test('axes are columns by their whole name, dots and all', () => {
  const one = run(0.5, 3, { depth: '6' })
  expect(nameOfAxis('metrics.a.b')).toBe('a.b')
  expect(valueOf(one, 'metrics.a.b')).toBe(0.5)
  expect(valueOf(one, 'params.depth')).toBe('6')
  expect(valueOf(one, 'params.none')).toBeUndefined()
  expect(columnsOf([one]).all).toEqual(['metrics.a.b', 'metrics.system/cpu', 'params.depth', 'tags.team'])
})

test('what is drawn at first: the model before the machine, and params that differ', () => {
  const runs = [run(1, 9, { depth: '6', seed: '7' }), run(2, 9, { depth: '5', seed: '7' })]
  const columns = columnsOf(runs)
  expect(usualLines(runs, columns)).toEqual(['metrics.a.b', 'metrics.system/cpu'])
  expect(usualAxes(runs, columns)).toEqual(['params.depth', 'metrics.a.b'])
})

test('values are gathered by another column, and runs without it come last', () => {
  const runs = [run(1, 0, {}), run(2, 0, { depth: '10' }), run(3, 0, { depth: '9' }), run(4, 0, { depth: '9' })]
  const groups = groupsBy(runs, 'metrics.a.b', 'params.depth', { all: 'all', none: 'no depth' })
  expect(groups.map(({ label, values }) => [label, values])).toEqual([
    ['9', [3, 4]],
    ['10', [2]],
    ['no depth', [1]],
  ])
})
