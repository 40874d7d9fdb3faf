import { defineCommand } from '../command.ts'
import { size } from '../text.ts'

export const command = defineCommand({
  arguments: [],
  options: {},
  about:
    'Files of purged runs, and artifacts that no file and no version names. What was deleted without being purged stays, as does what is younger than an hour.',
  examples: ['stead garbage --project energy'],
  async run(_invocation, context) {
    const platform = await context.connect()
    const collected = await platform.call(platform.contracts.collectGarbage, {})
    if (context.json) return context.document(collected)
    const { files, artifacts, bytes } = collected
    context.print(
      files + artifacts === 0
        ? 'nothing is left over'
        : `${files} files and ${artifacts} artifacts are removed, ${size(bytes)} are free`,
    )
  },
})
