import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeSpans } from './otlp.fixture.ts'
import { OtlpSpan, plainOf, readOtlp } from './otlp.ts'
import { ProtobufError, readProtobuf } from './protobuf.ts'

const hex = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((some) => Buffer.from(some).toString('hex'))
    .filter((text) => !/^0*$/.test(text))
const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((some) => some.replaceAll('\0', ''))
const nanos = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String)
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String) }),
    fc.record({ doubleValue: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
    fc.record({ bytesValue: fc.uint8Array({ maxLength: 9 }).map((some) => Buffer.from(some).toString('base64')) }),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('value'), { maxLength: 3 }) }) }),
    fc.record({
      kvlistValue: fc.record({ values: fc.array(fc.record({ key: text, value: tie('value') }), { maxLength: 3 }) }),
    }),
  ),
})).value
const attributes = fc.array(fc.record({ key: text, value }), { maxLength: 4 })
const span = fc
  .record({
    traceId: hex(16),
    spanId: hex(8),
    parentSpanId: fc.option(hex(8), { nil: undefined }),
    name: text,
    kind: fc.integer({ min: 0, max: 5 }),
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
    attributes,
    events: fc.array(fc.record({ timeUnixNano: nanos, name: text, attributes }), { maxLength: 2 }),
    links: fc.array(fc.record({ traceId: hex(16), spanId: hex(8), attributes }), { maxLength: 2 }),
    status: fc.record({ message: text, code: fc.integer({ min: 0, max: 2 }) }),
  })
  .map((given) => OtlpSpan.parse(given))

describe('a request in protobuf', () => {
  test('says what was written', () => {
    fc.assert(
      fc.property(fc.array(span, { maxLength: 4 }), (spans) => {
        expect(readOtlp(encodeSpans(spans)).map(plain)).toEqual(spans.map(plain))
      }),
    )
  })

  test('that was cut off or changed on its way says something else or nothing, and never takes the reader down', () => {
    const requests = fc.array(span, { minLength: 1, maxLength: 2 }).map(encodeSpans)
    fc.assert(
      fc.property(requests, fc.nat(), fc.nat(255), fc.boolean(), (bytes, at, byte, isCut) => {
        const place = at % bytes.length
        const broken = isCut ? bytes.subarray(0, place) : Uint8Array.from(bytes).fill(byte, place, place + 1)
        try {
          readOtlp(broken)
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_request' })
        }
      }),
      { numRuns: 500 },
    )
  })

  test('of any other bytes is refused or empty', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          readOtlp(bytes)
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_request' })
        }
      }),
      { numRuns: 500 },
    )
  })
})

test('fields that nobody knows are passed over, whatever their type', () => {
  const shape = { 1: { name: 'a', kind: 'string' } } as const
  const unknown = [0x50, 0x05, 0x59, 1, 2, 3, 4, 5, 6, 7, 8, 0x62, 0x02, 9, 9, 0x6d, 1, 2, 3, 4]
  expect(readProtobuf(shape, Uint8Array.from([...unknown, 0x0a, 0x01, 0x78, ...unknown]))).toEqual({ a: 'x' })
})

test('messages in messages without end are refused', () => {
  const shape = { 1: { name: 'a', kind: () => shape } } as { 1: { name: string; kind: () => typeof shape } }
  let bytes: number[] = []
  for (let depth = 0; depth < 70; depth += 1) bytes = [0x0a, bytes.length, ...bytes]
  expect(() => readProtobuf(shape, Uint8Array.from(bytes))).toThrow(ProtobufError)
})

test('integers that a number does not hold stay texts', () => {
  expect([plainOf({ intValue: '7' }), plainOf({ intValue: '9007199254740993' })]).toEqual([7, '9007199254740993'])
})

/** What is written of nothing is not read back as something. */
function plain(read: OtlpSpan): unknown {
  return JSON.parse(JSON.stringify(read, (_key, part: unknown) => (part === '' || part === 0 ? undefined : part)))
}
