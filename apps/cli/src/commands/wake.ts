import { change, CHANGE_OPTIONS, changeBody, tellChange } from '../change.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: ['deployment'],
  options: CHANGE_OPTIONS,
  examples: ['stead wake forecast'],
  async run({ arguments: { deployment }, options }, context) {
    const platform = await context.connect()
    const call = { params: { deployment }, body: changeBody(options) }
    const transcript = await change(
      platform.contracts.wakeDeployment,
      call,
      options['idempotency-key'],
      platform,
      context,
    )
    tellChange(transcript, `${deployment} is awake and serves version ${transcript.to}`, context)
  },
})
