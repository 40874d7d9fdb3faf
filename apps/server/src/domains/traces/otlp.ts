import { SteadError } from '@stead/contracts'
import { z } from 'zod'
import { type MessageShape, ProtobufError, readProtobuf } from './protobuf.ts'

/** Requests of OpenTelemetry's protocol for traces, in both of its encodings, as the spans they hold:
 *  https://opentelemetry.io/docs/specs/otlp/, messages of opentelemetry-proto 1.x. */

const VALUE: MessageShape = {
  1: { name: 'stringValue', kind: 'string' },
  2: { name: 'boolValue', kind: 'bool' },
  3: { name: 'intValue', kind: 'int64' },
  4: { name: 'doubleValue', kind: 'double' },
  5: { name: 'arrayValue', kind: () => ({ 1: { name: 'values', kind: () => VALUE, many: true } }) },
  6: { name: 'kvlistValue', kind: () => ({ 1: { name: 'values', kind: () => KEY_VALUE, many: true } }) },
  7: { name: 'bytesValue', kind: 'base64' },
}
const KEY_VALUE: MessageShape = { 1: { name: 'key', kind: 'string' }, 2: { name: 'value', kind: () => VALUE } }
const EVENT: MessageShape = {
  1: { name: 'timeUnixNano', kind: 'fixed64' },
  2: { name: 'name', kind: 'string' },
  3: { name: 'attributes', kind: () => KEY_VALUE, many: true },
  4: { name: 'droppedAttributesCount', kind: 'uint32' },
}
const LINK: MessageShape = {
  1: { name: 'traceId', kind: 'hex' },
  2: { name: 'spanId', kind: 'hex' },
  3: { name: 'traceState', kind: 'string' },
  4: { name: 'attributes', kind: () => KEY_VALUE, many: true },
  5: { name: 'droppedAttributesCount', kind: 'uint32' },
  6: { name: 'flags', kind: 'fixed32' },
}
const STATUS: MessageShape = { 2: { name: 'message', kind: 'string' }, 3: { name: 'code', kind: 'enum' } }
export const SPAN: MessageShape = {
  1: { name: 'traceId', kind: 'hex' },
  2: { name: 'spanId', kind: 'hex' },
  3: { name: 'traceState', kind: 'string' },
  4: { name: 'parentSpanId', kind: 'hex' },
  5: { name: 'name', kind: 'string' },
  6: { name: 'kind', kind: 'enum' },
  7: { name: 'startTimeUnixNano', kind: 'fixed64' },
  8: { name: 'endTimeUnixNano', kind: 'fixed64' },
  9: { name: 'attributes', kind: () => KEY_VALUE, many: true },
  10: { name: 'droppedAttributesCount', kind: 'uint32' },
  11: { name: 'events', kind: () => EVENT, many: true },
  12: { name: 'droppedEventsCount', kind: 'uint32' },
  13: { name: 'links', kind: () => LINK, many: true },
  14: { name: 'droppedLinksCount', kind: 'uint32' },
  15: { name: 'status', kind: () => STATUS },
  16: { name: 'flags', kind: 'fixed32' },
}
const SCOPE_SPANS: MessageShape = { 2: { name: 'spans', kind: () => SPAN, many: true } }
const RESOURCE_SPANS: MessageShape = { 2: { name: 'scopeSpans', kind: () => SCOPE_SPANS, many: true } }
const REQUEST: MessageShape = { 1: { name: 'resourceSpans', kind: () => RESOURCE_SPANS, many: true } }

/** A value of any kind; one that says nothing is null. */
export interface OtlpValue {
  readonly stringValue?: string | undefined
  readonly boolValue?: boolean | undefined
  readonly intValue?: string | undefined
  readonly doubleValue?: number | 'NaN' | 'Infinity' | '-Infinity' | undefined
  readonly arrayValue?: { readonly values: readonly OtlpValue[] } | undefined
  readonly kvlistValue?: { readonly values: readonly OtlpAttribute[] } | undefined
  readonly bytesValue?: string | undefined
}
export interface OtlpAttribute {
  readonly key: string
  readonly value: OtlpValue
}

const INT64 = z
  .union([z.string().regex(/^-?\d{1,20}$/), z.number().int()])
  .transform(String)
  .refine((text) => BigInt.asIntN(64, BigInt(text)) === BigInt(text))
/** Nanoseconds since 1970, until the year 2262. */
const NANOS = INT64.refine((text) => !text.startsWith('-')).default('0')
const COUNT = z.number().int().min(0).max(0xffff_ffff).optional()

// The database holds no NUL.
const TEXT = z.string().transform((text) => text.replaceAll('\0', '\uFFFD'))
const VALUE_READ: z.ZodType<OtlpValue> = z.lazy(() =>
  z.object({
    stringValue: TEXT.optional(),
    boolValue: z.boolean().optional(),
    intValue: INT64.optional(),
    doubleValue: z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).optional(),
    arrayValue: z.object({ values: z.array(VALUE_READ).default([]) }).optional(),
    kvlistValue: z.object({ values: z.array(ATTRIBUTE).default([]) }).optional(),
    bytesValue: z.base64().optional(),
  }),
)
const ATTRIBUTE: z.ZodType<OtlpAttribute> = z.object({ key: TEXT.default(''), value: VALUE_READ.default({}) })
const ATTRIBUTES = z.array(ATTRIBUTE).max(1000).default([])
const hexId = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`, 'i'))
    .refine((text) => !/^0*$/.test(text))
    .transform((text) => text.toLowerCase())

const STATUS_CODES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR']
const enumNumber = (names: readonly string[]) =>
  z.union([z.number().int(), z.string().transform((name) => Math.max(0, names.indexOf(name)))]).optional()

/** A span as OpenTelemetry writes it in JSON. */
export const OtlpSpan = z.object({
  traceId: hexId(16),
  spanId: hexId(8),
  traceState: TEXT.optional(),
  parentSpanId: z.union([z.literal('').transform(() => undefined), hexId(8)]).optional(),
  name: TEXT.pipe(z.string().max(10_000)).default(''),
  kind: enumNumber([
    'SPAN_KIND_UNSPECIFIED',
    'SPAN_KIND_INTERNAL',
    'SPAN_KIND_SERVER',
    'SPAN_KIND_CLIENT',
    'SPAN_KIND_PRODUCER',
    'SPAN_KIND_CONSUMER',
  ]),
  startTimeUnixNano: NANOS,
  endTimeUnixNano: NANOS,
  attributes: ATTRIBUTES,
  droppedAttributesCount: COUNT,
  events: z
    .array(
      z.object({ timeUnixNano: NANOS, name: TEXT.default(''), attributes: ATTRIBUTES, droppedAttributesCount: COUNT }),
    )
    .max(10_000)
    .default([]),
  droppedEventsCount: COUNT,
  links: z
    .array(
      z.object({
        traceId: hexId(16),
        spanId: hexId(8),
        traceState: TEXT.optional(),
        attributes: ATTRIBUTES,
        droppedAttributesCount: COUNT,
        flags: COUNT,
      }),
    )
    .max(1000)
    .default([]),
  droppedLinksCount: COUNT,
  status: z.object({ message: TEXT.optional(), code: enumNumber(STATUS_CODES) }).default({}),
  flags: COUNT,
})
export type OtlpSpan = z.infer<typeof OtlpSpan>

const MOST_SPANS = 10_000
const Request = z.object({
  resourceSpans: z
    .array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(z.unknown()).default([]) })).default([]) }))
    .default([]),
})

/** The spans of a request in protobuf. Fails with `invalid_request` for what is none, and names the span that is not right. */
export function readOtlp(bytes: Uint8Array): OtlpSpan[] {
  try {
    return readOtlpJson(readProtobuf(REQUEST, bytes))
  } catch (error) {
    if (error instanceof ProtobufError) throw unreadable(error.message)
    throw error
  }
}

/** The same for the JSON form, which has been parsed. */
export function readOtlpJson(request: unknown): OtlpSpan[] {
  const parsed = Request.safeParse(request)
  if (!parsed.success) throw unreadable('it holds no resourceSpans')
  const spans = parsed.data.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
  if (spans.length > MOST_SPANS)
    throw unreadable(`it holds ${spans.length} spans, and at most ${MOST_SPANS} are taken at once`)
  return spans.map((span, index) => {
    const read = OtlpSpan.safeParse(span)
    if (read.success) return read.data
    const issue = read.error.issues[0]
    throw unreadable(`span ${index}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`.slice(0, 300))
  })
}

const unreadable = (why: string) =>
  new SteadError('invalid_request', `Invalid OpenTelemetry request: ${why}`, { where: 'body' })

/** What a value says, as plain JSON; integers that a number does not hold exactly stay texts. */
export function plainOf(value: OtlpValue): unknown {
  if (value.stringValue !== undefined) return value.stringValue
  if (value.boolValue !== undefined) return value.boolValue
  if (value.intValue !== undefined) {
    const number = Number(value.intValue)
    return Number.isSafeInteger(number) ? number : value.intValue
  }
  if (value.doubleValue !== undefined) return value.doubleValue
  if (value.arrayValue !== undefined) return value.arrayValue.values.map(plainOf)
  if (value.kvlistValue !== undefined) return plainAttributes(value.kvlistValue.values)
  return value.bytesValue ?? null
}

export const plainAttributes = (attributes: readonly OtlpAttribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plainOf(value)]))
