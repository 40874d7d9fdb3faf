import { expect, test } from 'vitest'
import { lastHeardOf } from './heard.ts'

const metric = (timestamp: number) => ({ value: 1, step: 0, timestamp })

test('a run that goes on was last heard of when the newest of its metrics was logged', () => {
  expect(lastHeardOf({ status: 'RUNNING', metrics: { a: metric(5), b: metric(9), c: metric(7) } })).toBe(9)
})

test('nothing is said of a run that has ended, or has logged no metric yet', () => {
  expect(lastHeardOf({ status: 'FINISHED', metrics: { a: metric(5) } })).toBeUndefined()
  expect(lastHeardOf({ status: 'RUNNING', metrics: {} })).toBeUndefined()
})
