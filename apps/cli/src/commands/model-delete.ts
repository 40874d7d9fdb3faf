import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: { version: { takes: 'N', number: { whole: true, min: 1 }, says: 'Only this version.' } },
  about: 'Refused while a deployment holds one of the versions.',
  examples: ['stead model delete weather --version 2'],
  async run({ arguments: { name }, options: { version } }, context) {
    const platform = await context.connect()
    const { contracts } = platform
    if (version === undefined) await platform.call(contracts.deleteModel, { params: { model: name } })
    else await platform.call(contracts.deleteVersion, { params: { model: name, version } })
    if (context.json) return context.document({ deleted: { model: name, version: version ?? null } })
    context.print(version === undefined ? `${name} is deleted` : `${name} version ${version} is deleted`)
  },
})
