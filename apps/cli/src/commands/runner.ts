import { defineCommand } from '../command.ts'
import { runInForeground } from '../foreground.ts'
import { RUNNER_OPTIONS } from '../platform.ts'

export const command = defineCommand({
  arguments: [],
  options: RUNNER_OPTIONS,
  about: 'A data plane that follows the server at --url: it owns the ports callers use.',
  examples: ['stead runner --url http://10.0.0.5:7070'],
  run: async ({ options }, context) => runInForeground('runner', options, context, { env: { STEAD_URL: context.url } }),
})
