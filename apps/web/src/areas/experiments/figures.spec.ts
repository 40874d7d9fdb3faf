import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { barScale, barShare, metricText } from './figures.ts'

describe('figures in the runs table', () => {
  test.each([
    [0.8423456, '0.84235'],
    [0, '0'],
    [1e-9, '1.00e-9'],
    [123456789012, '1.23e+11'],
    [-3, '-3'],
    ['NaN', 'NaN'],
    ['-Infinity', '-Infinity'],
  ] as const)('%s is written %s', (value, wanted) => {
    expect(metricText(value)).toBe(wanted)
  })

  test('bars of values near each other begin at a round number below them', () => {
    expect(barScale([0.712, 0.842])).toMatchObject({ from: expect.closeTo(0.7), to: 0.842 })
    expect(barScale([1, 50])).toEqual({ from: 0, to: 50 })
    expect(barScale([3])).toBeUndefined()
    expect(barScale([3, 3])).toBeUndefined()
  })

  test('whatever the values, a bar is between nothing and the whole', () => {
    const doubles = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 })
    fc.assert(
      fc.property(fc.array(doubles, { minLength: 2 }), (values) => {
        const scale = barScale(values)
        if (scale)
          for (const value of values) {
            const share = barShare(value, scale)
            expect(share >= 0 && share <= 1).toBe(true)
          }
      }),
    )
  })
})
