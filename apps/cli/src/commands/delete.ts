import { defineCommand } from '../command.ts'
import { Failure, UsageError } from '../failures.ts'

export const command = defineCommand({
  arguments: ['deployment'],
  options: { yes: { says: 'Do not ask.' } },
  about: 'Its address answers 404 once its last requests are done. The model and its versions stay.',
  examples: ['stead delete forecast --yes'],
  async run({ arguments: { deployment }, options: { yes } }, context) {
    const { ask } = context.terminal
    if (!yes) {
      if (!ask || context.json)
        throw new UsageError('ending a deployment wants a yes', `stead delete ${deployment} --yes`)
      const answer = await ask(`End the deployment ${deployment} for all its callers? Type its name: `)
      if (answer.trim() !== deployment) throw new Failure('nothing was deleted')
    }
    const platform = await context.connect()
    await platform.call(platform.contracts.deleteDeployment, { params: { deployment } })
    if (context.json) return context.document({ deleted: { deployment } })
    context.print(`${deployment} is deleted`)
  },
})
