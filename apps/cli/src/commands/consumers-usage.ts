import { defineCommand } from '../command.ts'
import { table } from '../text.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: {
    days: { takes: 'N', number: { whole: true, min: 1, max: 400 }, says: 'How far back; 30 days otherwise.' },
    step: { takes: 'STEP', oneOf: ['hour', 'day'], says: 'What a line sums up; a day otherwise.' },
  },
  examples: ['stead consumers usage webshop', 'stead consumers usage webshop --days 2 --step hour'],
  async run({ arguments: { name }, options: { days, step } }, context) {
    const platform = await context.connect()
    const { contracts } = platform
    const { consumers } = await platform.call(contracts.listConsumers, {})
    const { points } = await platform.call(contracts.readUsage, {
      params: { consumer: name },
      query: { ...(days === undefined ? {} : { days }), ...(step === undefined ? {} : { step }) },
    })
    if (context.json) return context.document({ consumer: name, points })
    if (points.length === 0) return context.note(`${name} has asked for nothing in that time`)
    const keys = new Map(consumers.flatMap(({ keys: own }) => own.map((key) => [key.id, key.name])))
    const rows = points.map(({ at, key, deployment, version, requests, failed }) => [
      step === 'hour' ? at.slice(0, 16).replace('T', ' ') : at.slice(0, 10),
      keys.get(key) ?? `${key.slice(0, 8)} (revoked)`,
      deployment,
      `${version}`,
      `${requests}`,
      `${failed}`,
    ])
    context.print(...table(['UTC', 'KEY', 'DEPLOYMENT', 'VERSION', 'REQUESTS', 'FAILED'], rows, context.paint))
  },
})
