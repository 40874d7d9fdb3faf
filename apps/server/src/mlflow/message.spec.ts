import { expect, test } from 'vitest'
import { parseBody } from './json.ts'
import { readMessage, repeated, required } from './message.ts'

const BATCH = { metrics: repeated({ key: required('string'), step: required('int64') }) }
const stepIn = (step: string) => readMessage(BATCH, parseBody(`{"metrics":[{"key":"a","step":${step}}]}`) as object)

test.for(['0', '-3', '"12"', '1e3', '9007199254740991', '"-9007199254740991"', '1795277334641177'])(
  'the step %s is read to the last digit',
  (step) => {
    expect(stepIn(step)).toEqual({ metrics: [{ key: 'a', step: Number(JSON.parse(step)) }] })
  },
)

test.for(['9007199254740992', '1795277334641177086', '"1795277334641177086"', '-9223372036854775808', '1e300'])(
  'the step %s is refused with its reason, for it would come back with other digits',
  (step) => {
    expect(() => stepIn(step)).toThrow(
      /^Parameter 'metrics\[0\]\.step' must be an integer between -9007199254740991 and 9007199254740991: .*nanoseconds\.$/,
    )
  },
)

test.for(['1.5', 'true', '"abc"', '{}', '"1.5"'])('the step %s is none', (step) => {
  expect(() => stepIn(step)).toThrow(/^Invalid value .* for parameter/)
})
