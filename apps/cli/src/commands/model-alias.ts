import { defineCommand } from '../command.ts'
import { UsageError } from '../failures.ts'
import { readNumber } from '../parse.ts'

export const command = defineCommand({
  arguments: ['name', 'alias', 'version?'],
  options: { remove: { says: 'Remove the alias.' } },
  examples: ['stead model alias weather champion 2', 'stead model alias weather champion --remove'],
  async run({ arguments: { name, alias, version }, options: { remove } }, context) {
    if (remove === (version !== undefined))
      throw new UsageError(
        'an alias is either pointed at a version or removed',
        `stead model alias ${name} ${alias} VERSION, or --remove`,
      )
    const number =
      version === undefined ? undefined : readNumber('version', version.replace(/^v/, ''), { whole: true, min: 1 })
    const platform = await context.connect()
    const { contracts } = platform
    const params = { model: name, alias }
    if (number === undefined) {
      await platform.call(contracts.deleteAlias, { params })
      if (context.json) return context.document({ removed: { model: name, alias } })
      return context.print(`${name}: alias ${alias} is removed`)
    }
    const model = await platform.call(contracts.setAlias, { params, body: { version: number } })
    if (context.json) return context.document(model)
    context.print(`${name}: ${alias} is version ${number}`)
  },
})
