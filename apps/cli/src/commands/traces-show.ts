import type { AnswerOf, Assessment, getTrace, Span } from '@stead/contracts'
import { defineCommand } from '../command.ts'
import { duration, plain, table } from '../text.ts'
import { nameOfTrace, stateOf, tokensOf } from '../traces.ts'

type Whole = AnswerOf<typeof getTrace>

export const command = defineCommand({
  arguments: ['trace'],
  options: {},
  about: 'Its spans as they called one another, and what was judged of it; with --json all that they told.',
  examples: ['stead traces show tr-9f2c41', 'stead traces show tr-9f2c41 --json'],
  async run({ arguments: { trace } }, context) {
    const platform = await context.connect()
    const found = await platform.call(platform.contracts.getTrace, { params: { trace } })
    if (context.json) return context.document(found)
    context.print(...linesOf(found))
  },
})

function linesOf(trace: Whole): string[] {
  const tokens = tokensOf(trace)
  const parts = [
    stateOf(trace),
    trace.duration === null ? '' : duration(trace.duration),
    `from ${new Date(trace.startedAt).toISOString()}`,
    tokens === undefined ? '' : `${tokens} tokens`,
    `in experiment ${trace.experiment}`,
    trace.runs.length === 0 ? '' : `of ${trace.runs.join(', ')}`,
  ].filter(Boolean)
  return [
    `${plain(nameOfTrace(trace))}  ${trace.id}`,
    `  ${parts.join(', ')}`,
    ...preview('request', trace.requestPreview),
    ...preview('response', trace.responsePreview),
    ...section(['SPAN', 'TYPE', 'STATUS', 'TOOK', 'WHY'], spanRows(trace.spans)),
    ...section(['ASSESSMENT', 'KIND', 'VALUE', 'BY'], trace.assessments.map(judged)),
  ]
}

const preview = (what: string, text: string | null) => (text === null ? [] : [`  ${what}: ${plain(text)}`])

function section(titles: readonly string[], rows: readonly string[][]): string[] {
  return rows.length === 0 ? [] : ['', ...table(titles, rows).map((line) => `  ${line}`)]
}

const judged = ({ name, kind, value, error, source, valid }: Assessment) => [
  name,
  valid ? kind : `${kind}, replaced`,
  error?.message ?? (typeof value === 'string' ? value : JSON.stringify(value)),
  source.id,
]

/** Below the span that called it; one whose caller is not there stands at the margin. */
function spanRows(spans: readonly Span[]): string[][] {
  const ids = new Set(spans.map(({ id }) => id))
  const below = Map.groupBy(spans, ({ parent }) => (parent !== null && ids.has(parent) ? parent : ''))
  const rows: string[][] = []
  const open = (below.get('') ?? []).toReversed().map((span) => ({ span, depth: 0 }))
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { span, depth } = next
    rows.push(cellsOf(span, depth))
    open.push(...(below.get(span.id) ?? []).toReversed().map((one) => ({ span: one, depth: depth + 1 })))
  }
  return rows
}

const cellsOf = ({ name, type, status, message, startedNs, endedNs }: Span, depth: number) => [
  `${'  '.repeat(Math.min(depth, 20))}${name}`,
  type,
  status === 'UNSET' ? '' : status,
  endedNs === null ? '-' : duration(Number(BigInt(endedNs) - BigInt(startedNs)) / 1e6),
  message ?? '',
]
