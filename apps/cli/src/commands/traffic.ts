import { change, CHANGE_OPTIONS, changeBody, routesText, tellChange } from '../change.ts'
import { defineCommand } from '../command.ts'
import { UsageError } from '../failures.ts'

export const command = defineCommand({
  arguments: ['deployment', 'split...'],
  options: {
    shadow: {
      takes: 'N[=FRACTION]',
      many: true,
      says: 'Copy requests, or a fraction of them, to this version; it answers nobody.',
    },
    ...CHANGE_OPTIONS,
  },
  about:
    'Each SPLIT is VERSION=WEIGHT; only the proportions of the weights matter. Requests of one key stay with one version.',
  examples: ['stead traffic forecast 2=90 3=10', 'stead traffic forecast 2=1 --shadow 3=0.5'],
  async run({ arguments: { deployment, split }, options }, context) {
    const routes = split
      .map((text) => pairOf(text, 'VERSION=WEIGHT', undefined))
      .map(([version, weight]) => ({ version, weight }))
    const shadows = options.shadow
      .map((text) => pairOf(text, 'VERSION[=FRACTION]', 1))
      .map(([version, fraction]) => ({ version, fraction }))
    const platform = await context.connect()
    const call = { params: { deployment }, body: { routes, shadows, ...changeBody(options) } }
    const transcript = await change(platform.contracts.setTraffic, call, options['idempotency-key'], platform, context)
    tellChange(transcript, `${deployment}: ${routesText({ routes, shadows })}`, context)
  },
})

function pairOf(text: string, form: string, amount: number | undefined): [version: number, amount: number] {
  const [, version, given] = /^v?(\d+)(?:=(\d+\.?\d*|\.\d+))?$/.exec(text) ?? []
  const number = given === undefined ? amount : Number(given)
  if (version === undefined || number === undefined)
    throw new UsageError(`"${text}" is not of the form ${form}`, 'For example: 2=90 3=10')
  return [Number(version), number]
}
