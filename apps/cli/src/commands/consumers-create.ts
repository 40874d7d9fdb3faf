import { defineCommand } from '../command.ts'
import { LIMIT_OPTIONS, limitsFrom, limitsText } from '../limits.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: { description: { takes: 'TEXT', says: 'Who that is.' }, ...LIMIT_OPTIONS },
  about: 'Limits hold for all keys of a consumer together.',
  examples: ['stead consumers create webshop', 'stead consumers create partner --rate 20 --burst 50 --per-day 100000'],
  async run({ arguments: { name }, options }, context) {
    const limits = limitsFrom(options)
    const platform = await context.connect()
    const consumer = await platform.call(platform.contracts.createConsumer, {
      body: { name, limits, ...(options.description === undefined ? {} : { description: options.description }) },
    })
    if (context.json) return context.document(consumer)
    context.print(
      `consumer ${consumer.name} is made, limits: ${limitsText(consumer.limits)}`,
      `give it a key with: stead consumers keys create ${consumer.name} KEY`,
    )
  },
})
