import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: ['deployment', 'name'],
  options: {},
  about: 'To a member of the project, or to a service account as service:NAME. They answer for it from then on.',
  examples: ['stead access hand-over forecast ada', 'stead access hand-over forecast service:ci'],
  async run({ arguments: { deployment, name } }, context) {
    const platform = await context.connect()
    const { setDeploymentOwner } = platform.contracts
    const { owner } = await platform.call(setDeploymentOwner, { params: { deployment }, body: { owner: name } })
    if (context.json) return context.document({ deployment, owner })
    context.print(`${owner ?? 'nobody'} answers for ${deployment}`)
  },
})
