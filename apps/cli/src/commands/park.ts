import { change, CHANGE_OPTIONS, changeBody, tellChange } from '../change.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: ['deployment'],
  options: {
    until: {
      takes: 'request|load',
      oneOf: ['request', 'load'],
      says: 'What loads it again: the next request (default), or only stead wake.',
    },
    ...CHANGE_OPTIONS,
  },
  examples: ['stead park forecast', 'stead park forecast --until load'],
  async run({ arguments: { deployment }, options }, context) {
    const platform = await context.connect()
    const body = { ...(options.until === undefined ? {} : { until: options.until }), ...changeBody(options) }
    const transcript = await change(
      platform.contracts.parkDeployment,
      { params: { deployment }, body },
      options['idempotency-key'],
      platform,
      context,
    )
    const next = options.until === 'load' ? 'answers 503 until stead wake' : 'the next request loads it'
    tellChange(transcript, `${deployment} is parked; ${next}`, context)
  },
})
