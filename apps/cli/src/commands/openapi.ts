import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: [],
  options: {},
  examples: ['stead openapi > stead.json'],
  async run(_invocation, context) {
    const platform = await context.connect()
    const document = await platform.call(platform.contracts.openApi, {})
    if (context.json) return context.document(document)
    context.print(JSON.stringify(document, null, 2))
  },
})
