import { defineCommand } from '../command.ts'
import { UsageError } from '../failures.ts'
import { LIMIT_OPTIONS, limitsFrom, limitsText } from '../limits.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: { description: { takes: 'TEXT', says: 'Who that is.' }, ...LIMIT_OPTIONS },
  about: 'What is not named stays; "none" lifts a limit. Runners follow within two seconds.',
  examples: [
    'stead consumers change partner --per-day 200000',
    'stead consumers change partner --rate none --burst none',
  ],
  async run({ arguments: { name }, options }, context) {
    const limits = limitsFrom(options)
    const { description } = options
    if (description === undefined && Object.keys(limits).length === 0)
      throw new UsageError('there is nothing to change', 'See: stead consumers change --help')
    const platform = await context.connect()
    const consumer = await platform.call(platform.contracts.changeConsumer, {
      params: { consumer: name },
      body: { limits, ...(description === undefined ? {} : { description }) },
    })
    if (context.json) return context.document(consumer)
    context.print(`consumer ${consumer.name}, limits: ${limitsText(consumer.limits)}`)
  },
})
