import type { EvaluationRecord } from '@stead/contracts'
import { defineCommand } from '../command.ts'
import { findSet } from '../evaluation-sets.ts'
import { eachOf } from '../pages.ts'
import { plain, table } from '../text.ts'

const AT_ONCE = 500
const WIDEST = 80

export const command = defineCommand({
  arguments: ['set'],
  options: {
    limit: { takes: 'N', number: { whole: true, min: 1 }, says: 'The most records; 20 otherwise, with --json all.' },
  },
  about: 'SET is its id or its name.',
  examples: ['stead evaluation-sets show questions', 'stead evaluation-sets show questions --json'],
  async run({ arguments: { set: given }, options: { limit } }, context) {
    const platform = await context.connect()
    const set = await findSet(platform, given)
    const most = limit ?? (context.json ? Infinity : 20)
    const records: EvaluationRecord[] = []
    const pages = eachOf(async (after) => {
      const query = { limit: Math.min(AT_ONCE, most - records.length), ...after }
      const page = await platform.call(platform.contracts.listEvaluationRecords, { params: { set: set.id }, query })
      return { items: page.records, next: records.length + page.records.length < most ? page.next : null }
    })
    for await (const record of pages) records.push(record)
    if (context.json) return context.document({ ...set, records })
    context.print(`${plain(set.name)}  ${set.id}`, `  ${set.records} records, digest ${set.digest}`)
    if (records.length === 0) return
    const rows = records.map(({ inputs, expectations }) => [short(inputs), short(expectations)])
    context.print('', ...table(['INPUTS', 'EXPECTATIONS'], rows, context.paint).map((line) => `  ${line}`))
    if (records.length < set.records) context.note(`${set.records - records.length} more: --limit ${set.records}`)
  },
})

function short(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1).toWellFormed()}…` : text
}
