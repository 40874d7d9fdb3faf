import type { RunRow } from '@stead/contracts'
import { describe, expect, test } from 'vitest'
import { csvHead, csvLine } from './csv.ts'

const run = {
  id: 'a1',
  experiment: 1,
  name: 'gbt, "spring"\n14',
  user: 'ines',
  status: 'FINISHED',
  startedAt: 0,
  endedAt: 1500,
  lifecycle: 'active',
  artifactUri: '',
  parent: null,
  metrics: { loss: { value: -0.5, step: 3, timestamp: 0 }, f1: { value: 'NaN', step: 0, timestamp: 0 } },
  params: { formula: '=1+1', __proto__: 'kept' },
  tags: {},
} as unknown as RunRow

describe('runs as CSV', () => {
  test('commas, quotes and lines within values stay values', () => {
    expect(csvHead(['metrics.loss', 'duration', 'status'])).toBe('run_id,run_name,status,metrics.loss,duration_s\r\n')
    expect(csvLine(run, ['metrics.loss', 'metrics.f1', 'metrics.none', 'duration'])).toBe(
      'a1,"gbt, ""spring""\n14",FINISHED,-0.5,NaN,,1.5\r\n',
    )
  })

  test('what a spreadsheet would run is made a text, and a negative number stays one', () => {
    expect(csvLine(run, ['params.formula', 'metrics.loss'])).toContain(",'=1+1,-0.5")
  })
})
