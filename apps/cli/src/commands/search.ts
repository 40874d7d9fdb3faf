import type { SearchHit } from '@stead/contracts'
import { defineCommand } from '../command.ts'
import { table } from '../text.ts'

export const command = defineCommand({
  arguments: ['text...'],
  options: {
    limit: {
      takes: 'N',
      number: { whole: true, min: 1, max: 100 },
      says: 'The most things to show; 20 otherwise.',
    },
  },
  examples: ['stead search weather', 'stead search weather v8', 'stead search weather@champion', 'stead search 3f9c21'],
  about: 'The text is a part of a name, a model and a version, or the beginning of a digest. The best is told first.',
  async run({ arguments: { text }, options: { limit } }, context) {
    const platform = await context.connect()
    const query = { q: text.join(' '), ...(limit === undefined ? {} : { limit }) }
    const { hits } = await platform.call(platform.contracts.searchProject, { query })
    if (context.json) return context.document({ hits })
    if (hits.length === 0) return context.note('nothing was found')
    context.print(...table(['KIND', 'NAME', 'VERSION', 'DIGEST'], hits.map(rowOf), context.paint))
  },
})

function rowOf(hit: SearchHit): string[] {
  switch (hit.kind) {
    case 'deployment':
      return [hit.kind, hit.deployment]
    case 'model':
      return [hit.kind, hit.model, `${hit.latestVersion ?? '-'}`]
    case 'alias':
      return [hit.kind, `${hit.model}@${hit.alias}`, `${hit.version}`]
    case 'version':
      return [hit.kind, hit.model, `${hit.version}`, hit.digest.slice(7, 19)]
  }
}
