import type { OtlpAttribute, OtlpSpan, OtlpValue } from './otlp.ts'

/** Spans as exporters of OpenTelemetry write them in protobuf. */
export function encodeSpans(spans: readonly OtlpSpan[]): Buffer {
  const scope = Buffer.concat(spans.map((span) => field(2, encodeSpan(span))))
  return field(1, field(2, scope))
}

function encodeSpan(span: OtlpSpan): Buffer {
  return Buffer.concat([
    field(1, hex(span.traceId)),
    field(2, hex(span.spanId)),
    span.parentSpanId === undefined ? NOTHING : field(4, hex(span.parentSpanId)),
    field(5, Buffer.from(span.name)),
    number(6, BigInt(span.kind ?? 0)),
    fixed(7, span.startTimeUnixNano),
    fixed(8, span.endTimeUnixNano),
    ...span.attributes.map((attribute) => field(9, encodeAttribute(attribute))),
    ...span.events.map(({ timeUnixNano, name, attributes }) =>
      field(
        11,
        Buffer.concat([
          fixed(1, timeUnixNano),
          field(2, Buffer.from(name)),
          ...attributes.map((attribute) => field(3, encodeAttribute(attribute))),
        ]),
      ),
    ),
    ...span.links.map(({ traceId, spanId, attributes }) =>
      field(
        13,
        Buffer.concat([
          field(1, hex(traceId)),
          field(2, hex(spanId)),
          ...attributes.map((attribute) => field(4, encodeAttribute(attribute))),
        ]),
      ),
    ),
    field(
      15,
      Buffer.concat([field(2, Buffer.from(span.status.message ?? '')), number(3, BigInt(span.status.code ?? 0))]),
    ),
  ])
}

const encodeAttribute = ({ key, value }: OtlpAttribute): Buffer =>
  Buffer.concat([field(1, Buffer.from(key)), field(2, encodeValue(value))])

function encodeValue(value: OtlpValue): Buffer {
  if (value.stringValue !== undefined) return field(1, Buffer.from(value.stringValue))
  if (value.boolValue !== undefined) return number(2, value.boolValue ? 1n : 0n)
  if (value.intValue !== undefined) return number(3, BigInt.asUintN(64, BigInt(value.intValue)))
  if (value.doubleValue !== undefined) return double(4, Number(value.doubleValue))
  if (value.arrayValue !== undefined)
    return field(5, Buffer.concat(value.arrayValue.values.map((one) => field(1, encodeValue(one)))))
  if (value.kvlistValue !== undefined)
    return field(6, Buffer.concat(value.kvlistValue.values.map((one) => field(1, encodeAttribute(one)))))
  return value.bytesValue === undefined ? NOTHING : field(7, Buffer.from(value.bytesValue, 'base64'))
}

const NOTHING = Buffer.alloc(0)
const hex = (text: string) => Buffer.from(text, 'hex')

function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = value
  do {
    const more = rest >> 7n
    bytes.push(Number(rest & 0x7fn) | (more > 0n ? 0x80 : 0))
    rest = more
  } while (rest > 0n)
  return Buffer.from(bytes)
}

const tag = (of: number, wire: number) => varint(BigInt((of << 3) | wire))
const field = (of: number, bytes: Buffer) => Buffer.concat([tag(of, 2), varint(BigInt(bytes.length)), bytes])
const number = (of: number, value: bigint) => Buffer.concat([tag(of, 0), varint(value)])

function fixed(of: number, value: string): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return Buffer.concat([tag(of, 1), bytes])
}

function double(of: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return Buffer.concat([tag(of, 1), bytes])
}
