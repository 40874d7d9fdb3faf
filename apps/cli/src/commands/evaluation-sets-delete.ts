import { defineCommand } from '../command.ts'
import { findSet } from '../evaluation-sets.ts'
import { agreeToPurge } from '../purge.ts'

export const command = defineCommand({
  arguments: ['set'],
  options: { yes: { says: 'Do not ask.' } },
  about: 'For good, with its records.',
  examples: ['stead evaluation-sets delete questions --yes'],
  async run({ arguments: { set: given }, options: { yes } }, context) {
    const platform = await context.connect()
    const { id, name, records } = await findSet(platform, given)
    const line = `stead evaluation-sets delete ${id}`
    await agreeToPurge(`the evaluation set ${name} and its ${records} records`, yes, line, context)
    await platform.call(platform.contracts.deleteEvaluationSet, { params: { set: id } })
    if (context.json) return context.document({ deleted: { evaluationSet: id, name } })
    context.print(`${name} is deleted`)
  },
})
