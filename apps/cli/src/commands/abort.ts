import { defineCommand } from '../command.ts'
import { Failure } from '../failures.ts'

export const command = defineCommand({
  arguments: ['deployment'],
  options: { reason: { takes: 'TEXT', says: 'Why, for the events.' } },
  about: 'Whoever asked for the change is told so. One that is committed cannot be aborted: roll it back.',
  examples: ['stead abort forecast', 'stead abort forecast --reason "wrong file"'],
  async run({ arguments: { deployment }, options: { reason } }, context) {
    const platform = await context.connect()
    const { contracts } = platform
    const { change } = await platform.call(contracts.getDeployment, { params: { deployment } })
    if (change === null)
      throw new contracts.SteadError('change_not_found', `no change of deployment "${deployment}" is under way`)
    const ended = await platform.call(contracts.abortChange, {
      params: { deployment, change: change.id },
      body: reason === undefined ? {} : { reason },
    })
    // It may have failed by itself in the same moment.
    if (ended.failure?.code !== 'aborted')
      throw new Failure(
        `the ${ended.kind} ended before it could be aborted: ${ended.failure?.message ?? 'for no reason given'}`,
      )
    if (context.json) return context.document(ended)
    context.print(`${deployment}: the ${ended.kind} is aborted (generation ${ended.before?.generation ?? 0} serves on)`)
  },
})
