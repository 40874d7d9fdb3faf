import { expect, test } from 'vitest'
import { failuresOf, parseLeftOut, totalsOf } from './totals.ts'

const file = (status: string, ...assertions: string[]) => ({
  name: 'a.spec.ts',
  status,
  assertionResults: assertions.map((one) => ({ status: one })),
})

test('passed and failed tests are counted as the report tells them', () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    testResults: [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed')],
  }
  expect(totalsOf(report, 1)).toEqual({ passed: 3, failed: 1 })
})

test('a file that cannot be loaded is a failure although none of its tests failed', () => {
  const report = {
    numPassedTests: 2,
    numFailedTests: 0,
    testResults: [file('passed', 'passed', 'passed'), file('failed')],
  }
  expect(totalsOf(report, 1)).toEqual({ passed: 2, failed: 1 })
})

test('each failure is told in a line: a test by its name, a file that cannot be loaded by its error', () => {
  const failing = { status: 'failed', fullName: 'a sum is right', failureMessages: ['expected 3\n  at sum.spec.ts'] }
  const testResults = [
    { name: 'sum.spec.ts', status: 'failed', assertionResults: [{ status: 'passed' }, failing] },
    { name: 'broken.spec.ts', status: 'failed', message: 'SyntaxError: no', assertionResults: [] },
    file('passed', 'passed'),
  ]
  expect(failuresOf({ numPassedTests: 2, numFailedTests: 1, testResults })).toEqual([
    'sum.spec.ts > a sum is right: expected 3',
    'broken.spec.ts: SyntaxError: no',
  ])
})

test('an error outside of any test is a failure', () => {
  expect(
    totalsOf({ numPassedTests: 2, numFailedTests: 0, testResults: [file('passed', 'passed', 'passed')] }, 1),
  ).toEqual({ passed: 2, failed: 1 })
})

test('a run that ended without a report is a failure', () => {
  expect(totalsOf(undefined, 0)).toEqual({ passed: 0, failed: 1 })
})

test('a suite that is left out twice is told once, and its reason may contain colons', () => {
  const text =
    '# why: not\n\nobjects on S3: no server: none was found\nobjects on S3: again\nrows on PostgreSQL: not installed\nnonsense\n'
  expect(parseLeftOut(text)).toEqual([
    { suite: 'objects on S3', reason: 'no server: none was found' },
    { suite: 'rows on PostgreSQL', reason: 'not installed' },
  ])
})
