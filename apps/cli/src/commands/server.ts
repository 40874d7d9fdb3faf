import { defineCommand } from '../command.ts'
import { runInForeground } from '../foreground.ts'
import { SERVER_OPTIONS } from '../platform.ts'

export const command = defineCommand({
  arguments: [],
  options: SERVER_OPTIONS,
  about: 'The control plane: API, database and artifacts, without a data plane.',
  examples: ['stead server --port 7070'],
  run: async ({ options }, context) => runInForeground('server', options, context),
})
