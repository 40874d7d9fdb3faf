import { rm } from 'node:fs/promises'
import { defineCommand } from '../command.ts'
import { UsageError } from '../failures.ts'
import { runInForeground } from '../foreground.ts'
import { ARTIFACTS_OPTION, SERVER_OPTIONS } from '../platform.ts'

export const command = defineCommand({
  arguments: [],
  options: {
    ...SERVER_OPTIONS,
    ...ARTIFACTS_OPTION,
    ephemeral: { says: 'With a home and a database of its own, empty at first, that are gone when it ends.' },
  },
  about: 'The control plane: API, database and artifacts, without a data plane.',
  examples: ['stead server --port 7070', 'stead server --ephemeral --port 0'],
  async run({ options: { ephemeral, ...options } }, context) {
    if (!ephemeral) return runInForeground('server', options, context)
    if (options.home !== undefined) throw new UsageError('--ephemeral has a home of its own', 'Leave out --home.')
    let home: string | undefined
    try {
      await runInForeground('server', options, context, {
        args: ['--ephemeral'],
        env: { STEAD_HOME: undefined, STEAD_DATABASE_URL: undefined },
        onMessage: (message) => (home = homeIn(message) ?? home),
      })
    } finally {
      // It does so itself, unless it was killed.
      if (home !== undefined) await rm(home, { recursive: true, force: true })
    }
  },
})

const homeIn = (message: unknown): string | undefined => {
  const { home } = (message ?? {}) as { home?: unknown }
  return typeof home === 'string' ? home : undefined
}
