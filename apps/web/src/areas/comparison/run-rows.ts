import type { RunRow } from '@stead/contracts'
import { comparison as words } from '../../strings/comparison.ts'
import { run as runWords } from '../../strings/run.ts'
import { duration } from '../../ui/numbers.ts'
import { differenceOf, TAGS } from '../runs/run-memory.ts'
import { comparedRow } from './comparison-rows.ts'
import type { ComparedRow } from './comparison-rows.ts'

/** What is told of each run besides what it logged. */
export function runRows(runs: readonly RunRow[]): ComparedRow[] {
  const row = (key: string, read: (run: RunRow) => string | undefined) => comparedRow('run', key, runs.map(read))
  return [
    row(words.status, ({ status }) => runWords.states[status]),
    row(words.user, ({ user }) => user || undefined),
    row(words.took, ({ startedAt, endedAt }) => (endedAt === null ? undefined : duration(endedAt - startedAt))),
    row(words.source, ({ tags }) => tags[TAGS.source]),
    row(words.commit, ({ tags }) => tags[TAGS.commit]?.slice(0, 10)),
    row(words.difference, ({ tags }) => differenceInWords(tags)),
  ]
}

function differenceInWords(tags: RunRow['tags']): string | undefined {
  const { is } = differenceOf(tags)
  return is === 'unknown' ? undefined : is === 'changed' ? words.yes : words.no
}
