import type { Assertion } from '@stead/contracts'
import { defineCommand } from '../command.ts'
import { age, table } from '../text.ts'

export const command = defineCommand({
  arguments: ['deployment'],
  options: {},
  examples: ['stead golden forecast list'],
  async run({ arguments: { deployment } }, context) {
    const platform = await context.connect()
    const { golden } = await platform.call(platform.contracts.listGolden, { params: { deployment } })
    if (context.json) return context.document({ deployment, golden })
    if (golden.length === 0)
      return context.note(
        `${deployment} has no golden request; keep one with: stead golden ${deployment} add --data @FILE`,
      )
    const rows = golden.map(({ name, assertion, request, createdAt }) => [
      name,
      assertionText(assertion),
      request.inputs.map((input) => `${input.name} [${input.shape.join(', ')}]`).join(' '),
      age(createdAt, Date.now()),
    ])
    context.print(...table(['NAME', 'ASSERTION', 'INPUTS', 'KEPT'], rows, context.paint))
  },
})

function assertionText(assertion: Assertion): string {
  switch (assertion.kind) {
    case 'range': {
      const { min, max, output } = assertion
      return `${output === undefined ? '' : `${output} `}${min === undefined ? '' : `≥ ${min}`}${min !== undefined && max !== undefined ? ', ' : ''}${max === undefined ? '' : `≤ ${max}`}`
    }
    case 'close':
      return `close within ${assertion.tolerance}`
    case 'valid':
    case 'exact':
      return assertion.kind
  }
}
