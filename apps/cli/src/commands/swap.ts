import { change, CHANGE_OPTIONS, changeBody, tellChange } from '../change.ts'
import { defineCommand } from '../command.ts'
import { versionOf } from '../input.ts'

export const command = defineCommand({
  arguments: ['deployment'],
  options: {
    version: { takes: 'N|ALIAS', required: true, says: 'The version that is to answer.' },
    model: { takes: 'MODEL', says: 'A version of this other model (with --repurpose).' },
    repurpose: { says: 'Publish the contract of the version with it.' },
    ...CHANGE_OPTIONS,
  },
  about:
    'The version is loaded, warmed and checked beside the one that serves; traffic moves only when every runner is ready.',
  examples: [
    'stead swap forecast --version 3',
    'stead swap forecast --version champion --expected-generation 4 --reason "lower error"',
  ],
  async run({ arguments: { deployment }, options }, context) {
    const platform = await context.connect()
    const transcript = await change(
      platform.contracts.swapDeployment,
      {
        params: { deployment },
        body: {
          version: versionOf(options.version),
          repurpose: options.repurpose,
          ...(options.model === undefined ? {} : { model: options.model }),
          ...changeBody(options),
        },
      },
      options['idempotency-key'],
      platform,
      context,
    )
    tellChange(transcript, `${deployment}: version ${transcript.from ?? 'none'} → ${transcript.to}`, context)
  },
})
