import { expect, test } from 'vitest'
import { measure, tickLabels } from './measure.ts'

test('values of metrics have four significant digits, and powers of ten where zeros would have to be counted', () => {
  expect([0.84216, 3, 0.00012345, 1.5e-7, 412.36, 70_128.25, 3.2e12, 0].map(measure)).toEqual([
    '0.8422',
    '3',
    '0.0001235',
    '1.5e-7',
    '412.4',
    '70 128.3',
    '3.2e12',
    '0',
  ])
})

test('what is no number has a name', () => {
  expect([NaN, Infinity, -Infinity].map(measure)).toEqual(['NaN', '∞', '−∞'])
})

test('labels of ticks are short and tell one from another', () => {
  expect(tickLabels([0.1, 0.2, 0.30000000000000004])).toEqual(['0.1', '0.2', '0.3'])
  expect(tickLabels([0, 50_000, 100_000])).toEqual(['0', '50K', '100K'])
  expect(tickLabels([1_700_000_000, 1_700_000_001])).toEqual(['1700000000', '1700000001'])
})
