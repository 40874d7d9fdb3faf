import { routesText } from '../change.ts'
import { defineCommand } from '../command.ts'
import { age, duration, table } from '../text.ts'

export const command = defineCommand({
  arguments: ['deployment'],
  options: {
    limit: {
      takes: 'N',
      number: { whole: true, min: 1, max: 500 },
      says: 'The most generations to list; 50 otherwise.',
    },
  },
  examples: ['stead history forecast --limit 10'],
  async run({ arguments: { deployment }, options: { limit } }, context) {
    const platform = await context.connect()
    const query = limit === undefined ? {} : { limit }
    const page = await platform.call(platform.contracts.deploymentHistory, { params: { deployment }, query })
    if (context.json) return context.document({ deployment, ...page })
    const rows = page.generations.map((one) => [
      `${one.generation}`,
      one.restores === null ? one.kind : `${one.kind} to ${one.restores}`,
      one.model,
      routesText(one),
      age(one.committedAt, Date.now()),
      duration(longest(one.stages)),
      one.actor,
      one.reason,
    ])
    context.print(
      ...table(['GENERATION', 'CHANGE', 'MODEL', 'SERVES', 'WHEN', 'TOOK', 'ACTOR', 'REASON'], rows, context.paint),
    )
    if (page.next !== null)
      context.note(`there are earlier ones; see them with --limit ${Math.min(500, (limit ?? 50) * 2)}`)
  },
})

/** `prepare` spans the stages of the runners, so that their sum would count time twice. */
function longest(stages: readonly { readonly name: string; readonly ms: number }[]): number {
  const spans = stages.filter(({ name }) => ['prepare', 'commit', 'acknowledge'].includes(name))
  return (spans.length > 0 ? spans : stages).reduce((sum, { ms }) => sum + ms, 0)
}
