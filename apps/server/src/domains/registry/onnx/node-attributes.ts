import type { GraphNode } from '@stead/contracts'
import { createListText, cut, floatText, type ListText } from './list-text.ts'
import type { Walk } from './onnx-graph.ts'
import type { Field, Reading, Span } from './protobuf-stream.ts'
import { readSparseHead, readTensorHead, tensorText } from './tensor-heads.ts'

type Attribute = GraphNode['attributes'][number]

/** AttributeProto.AttributeType by number. */
const KINDS = [
  'undefined',
  'float',
  'int',
  'string',
  'tensor',
  'graph',
  'floats',
  'ints',
  'strings',
  'tensors',
  'graphs',
  'sparse tensor',
  'sparse tensors',
  'type',
  'types',
] as const
type Kind = Exclude<(typeof KINDS)[number], 'undefined'>

/** The kinds by the number of the field their value stands in. */
const KIND_OF_FIELD: ReadonlyMap<number, Kind> = new Map([
  [2, 'float'],
  [3, 'int'],
  [4, 'string'],
  [5, 'tensor'],
  [6, 'graph'],
  [7, 'floats'],
  [8, 'ints'],
  [9, 'strings'],
  [10, 'tensors'],
  [11, 'graphs'],
  [14, 'type'],
  [15, 'types'],
  [22, 'sparse tensor'],
  [23, 'sparse tensors'],
])

/** What a value is that equals its default, which some writers leave out. */
const DEFAULTS: Readonly<Record<string, string>> = { float: '0', int: '0', string: '' }
const LONGEST_TEXT = 200
const LONGEST_ELEMENT = 60
const UTF8_BYTES = 4
const READ_OF_A_LIST = 100

/** An attribute with its value as text, however long the value: what is not shown is counted and passed over. */
export function* readNodeAttribute(walk: Walk, attribute: Span): Reading<Attribute> {
  const { file } = walk
  let name = ''
  let declared: string | undefined
  let found: Kind | undefined
  let value: string | ListText | undefined
  for (let field = yield* file.nextField(attribute); field; field = yield* file.nextField(attribute)) {
    const kind = KIND_OF_FIELD.get(field.number)
    if (field.number === 1) name = yield* file.text(field, attribute)
    else if (field.number === 20) declared = KINDS[yield* file.number(field)]
    else if (kind === undefined) yield* file.skip(field, attribute)
    else {
      // Lists lie in a field for each element, or packed into one.
      const before: ListText = found === kind && typeof value === 'object' ? value : createListText()
      value = yield* readValue(walk, field, attribute, kind, before)
      found = kind
    }
  }
  const kind = found ?? declared ?? 'undefined'
  return { name, kind, value: value === undefined ? (DEFAULTS[kind] ?? '[]') : String(value) }
}

function* readValue(walk: Walk, field: Field, attribute: Span, kind: Kind, list: ListText): Reading<string | ListText> {
  const { file } = walk
  switch (kind) {
    case 'float':
      return floatText(yield* file.float(field))
    case 'int':
      return yield* file.integer(field)
    case 'string':
      return cut(textOf(yield* file.opening(field, attribute, LONGEST_TEXT * UTF8_BYTES)))
    case 'tensor':
    case 'graph':
    case 'sparse tensor':
    case 'type':
      return yield* readOne(walk, field, attribute, kind)
    case 'strings':
    case 'tensors':
    case 'graphs':
    case 'sparse tensors':
    case 'types':
      yield* readInto(list, walk, field, attribute, kind)
      return list
    case 'floats':
    case 'ints':
      yield* field.wire === 'bytes'
        ? readPackedInto(list, walk, yield* file.message(field, attribute), kind)
        : readInto(list, walk, field, attribute, kind)
      return list
  }
}

function* readInto(list: ListText, walk: Walk, field: Field, attribute: Span, kind: Kind): Reading<void> {
  if (!list.isFull) return list.add(yield* readElement(walk, field, attribute, kind))
  yield* walk.file.skip(field, attribute)
  list.skip(1)
}

function* readPackedInto(list: ListText, { file }: Walk, packed: Span, kind: 'floats' | 'ints'): Reading<void> {
  if (kind === 'floats') {
    const { first, count } = yield* file.packedFloats(packed, READ_OF_A_LIST)
    for (const value of first) list.add(floatText(value))
    return list.skip(count - first.length)
  }
  const { first, count } = yield* file.packedIntegers(packed, READ_OF_A_LIST)
  for (const value of first) list.add(value)
  list.skip(count - first.length)
}

function* readOne(walk: Walk, field: Field, attribute: Span, kind: Kind): Reading<string> {
  const { file } = walk
  const content = yield* file.message(field, attribute)
  if (kind.startsWith('tensor')) return tensorText(yield* readTensorHead(walk, content))
  if (kind.startsWith('sparse')) return `sparse ${tensorText(yield* readSparseHead(walk, content))}`
  if (kind.startsWith('graph')) return graphText(yield* countNodes(walk, content))
  yield* file.leave(content)
  return 'type'
}

function* readElement(walk: Walk, field: Field, attribute: Span, kind: Kind): Reading<string> {
  if (kind === 'floats') return floatText(yield* walk.file.float(field))
  if (kind === 'ints') return yield* walk.file.integer(field)
  if (kind !== 'strings') return yield* readOne(walk, field, attribute, kind)
  const text = textOf(yield* walk.file.opening(field, attribute, LONGEST_ELEMENT * UTF8_BYTES))
  return JSON.stringify(cut(text, LONGEST_ELEMENT))
}

const graphText = (nodes: number) => `graph, ${nodes} ${nodes === 1 ? 'node' : 'nodes'}`

/** Bytes that are no text are told by their number. */
const textOf = ({ text, bytes }: { text: string | undefined; bytes: number }) => text ?? `${bytes} bytes`

function* countNodes({ file }: Walk, graph: Span): Reading<number> {
  let nodes = 0
  for (let field = yield* file.nextField(graph); field; field = yield* file.nextField(graph)) {
    if (field.number === 1) nodes += 1
    yield* file.skip(field, graph)
  }
  return nodes
}
