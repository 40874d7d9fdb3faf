import { defineCommand } from '../command.ts'
import { showCount } from '../progress.ts'
import { size } from '../text.ts'

/** Each answer after about so many, so that it can be told how far it is. */
const SECONDS = 2

export const command = defineCommand({
  arguments: [],
  options: { 'dry-run': { says: 'Tell what would be given free, and leave it there.' } },
  about:
    'Files of purged runs, and artifacts that no file and no version names. What was deleted without being purged stays, as does what is younger than an hour.',
  examples: ['stead garbage --project energy --dry-run', 'stead garbage --project energy'],
  async run({ options: { 'dry-run': isDry } }, context) {
    const platform = await context.connect()
    if (isDry) {
      const found = await platform.call(platform.contracts.findGarbage, {})
      if (context.json) return context.document(found)
      return context.print(lineOf(found, 'would be'))
    }
    const collected = { files: 0, artifacts: 0, bytes: 0 }
    const progress = showCount(context.terminal)
    for (let next: string | null = ''; next !== null;) {
      const query: { seconds: number; after?: string } = { seconds: SECONDS, ...(next === '' ? {} : { after: next }) }
      const part: Part = await platform.call(platform.contracts.collectGarbage, { query })
      collected.files += part.files
      collected.artifacts += part.artifacts
      collected.bytes += part.bytes
      next = part.next
      progress.tell(lineOf(collected, 'are'))
    }
    progress.end()
    if (context.json) return context.document(collected)
    context.print(lineOf(collected, 'are'))
  },
})

interface Found {
  readonly files: number
  readonly artifacts: number
  readonly bytes: number
}
type Part = Found & { readonly next: string | null }

const lineOf = ({ files, artifacts, bytes }: Found, verb: 'are' | 'would be'): string =>
  files + artifacts === 0
    ? 'nothing is left over'
    : `${files} files and ${artifacts} artifacts ${verb} removed, ${size(bytes)} ${verb} free`
