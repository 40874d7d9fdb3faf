import { expect, test } from 'vitest'
import { filtersOf, queryOf } from './filters.ts'

test('an address gives its filters, and nothing else that stands in it', () => {
  expect(filtersOf({ actor: 'ada', act: '', entry: '7', outcome: 'denied' })).toEqual({
    actor: 'ada',
    outcome: 'denied',
  })
})

test('the days that are named both belong to what is asked for', () => {
  const { from, until } = queryOf({ from: '2026-03-09', until: '2026-03-09' })
  expect(Date.parse(until!) - Date.parse(from!)).toBe(86_400_000 - 1)
})

test('a day of 23 hours ends where it ends', () => {
  const { from, until } = queryOf({ from: '2026-03-29', until: '2026-03-29' })
  expect(new Date(Date.parse(until!) + 1).getDate()).toBe(30)
  expect(new Date(from!).getDate()).toBe(29)
})

test('what no server would understand is not asked', () => {
  expect(queryOf({ outcome: 'perhaps', from: 'yesterday', subject: 'member ada' })).toEqual({ subject: 'member ada' })
})
