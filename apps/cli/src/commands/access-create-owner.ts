import { defineCommand } from '../command.ts'
import { runInForeground } from '../foreground.ts'
import { SERVER_OPTIONS } from '../platform.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: { home: SERVER_OPTIONS.home },
  about:
    'Works on the home itself while no server runs on it. The password is asked for, or read from STEAD_OWNER_PASSWORD or the first line of standard input. From then on everybody has to say who they are.',
  examples: ['stead access create-owner ada', 'stead access create-owner ada --home /var/lib/stead'],
  run: async ({ arguments: { name }, options }, context) =>
    runInForeground('server', options, context, { args: ['--create-owner', name], asks: true }),
})
