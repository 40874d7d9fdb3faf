import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: ['consumer', 'name'],
  options: {
    deployment: { takes: 'DEPLOYMENT', many: true, says: 'Only for this deployment; all of the project otherwise.' },
    days: {
      takes: 'N',
      number: { whole: true, min: 1, max: 3650 },
      says: 'How long it lasts; until it is revoked otherwise.',
    },
  },
  about: 'The key is shown once, alone on standard output.',
  examples: [
    'stead consumers keys create webshop live',
    'stead consumers keys create partner trial --deployment forecast --days 30',
  ],
  async run({ arguments: { consumer, name }, options: { deployment, days } }, context) {
    const platform = await context.connect()
    const deployments = deployment.length === 0 ? null : [...deployment]
    const key = await platform.call(platform.contracts.createConsumerKey, {
      params: { consumer },
      body: { name, deployments, days: days ?? null },
    })
    if (context.json) return context.document(key)
    context.note(
      `key ${key.name} of ${consumer} is made; this is the only time that it is shown. It is sent as "Authorization: Bearer KEY"; stead predict takes it from STEAD_KEY.`,
    )
    context.print(key.secret)
  },
})
