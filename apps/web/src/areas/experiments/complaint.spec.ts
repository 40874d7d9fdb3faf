import { SteadError } from '@stead/contracts'
import { describe, expect, test } from 'vitest'
import { complaintOf, unknownKeyIn } from './complaint.ts'

const known = { metrics: [{ key: 'val_f1', runs: 3 }], params: [{ key: 'a b', runs: 1 }], tags: [] }

describe('what is wrong with a filter', () => {
  test('the server’s place in the text is taken over', () => {
    const details = { at: 3, length: 5, expected: ['status'], didYouMean: 'status' }
    const failure = new SteadError('invalid_request', "Invalid attribute key. Did you mean 'status'?", {
      where: 'filter',
      details,
    })
    expect(complaintOf(failure)).toEqual({ says: 'Invalid attribute key.', at: 3, length: 5, didYouMean: 'status' })
    expect(complaintOf(new SteadError('invalid_request', 'no place'))).toBeUndefined()
    expect(complaintOf(new Error('away'))).toBeUndefined()
  })

  test('a name that no run has is told, with the one that was probably meant', () => {
    expect(unknownKeyIn('metrics.val_f2 > 1', known)).toEqual({
      name: 'val_f2',
      at: 0,
      length: 14,
      didYouMean: 'val_f1',
    })
    expect(unknownKeyIn("params.`a b` = 'x' AND metrics.zebra > 1", known)).toEqual({
      name: 'zebra',
      at: 23,
      length: 13,
    })
    expect(unknownKeyIn("metrics.val_f1 > 1 AND status = 'FAILED'", known)).toBeUndefined()
  })

  test('where nothing of a kind is known, nothing is said', () => {
    expect(unknownKeyIn("tags.any = 'x'", known)).toBeUndefined()
  })
})
