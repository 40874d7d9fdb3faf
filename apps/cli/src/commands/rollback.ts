import { change, CHANGE_OPTIONS, changeBody, tellChange } from '../change.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: ['deployment'],
  options: {
    to: { takes: 'G', number: { whole: true, min: 1 }, says: 'The generation to return to; the one before otherwise.' },
    ...CHANGE_OPTIONS,
  },
  examples: ['stead rollback forecast', 'stead rollback forecast --to 3 --reason "errors since Tuesday"'],
  async run({ arguments: { deployment }, options }, context) {
    const platform = await context.connect()
    const body = { ...(options.to === undefined ? {} : { generation: options.to }), ...changeBody(options) }
    const transcript = await change(
      platform.contracts.rollbackDeployment,
      { params: { deployment }, body },
      options['idempotency-key'],
      platform,
      context,
    )
    tellChange(transcript, `${deployment}: version ${transcript.from ?? 'none'} → ${transcript.to}`, context)
  },
})
