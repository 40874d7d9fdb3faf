import { defineCommand } from '../command.ts'

export const command = defineCommand({
  arguments: ['deployment'],
  options: {
    count: {
      takes: 'N',
      required: true,
      number: { whole: true, min: 1, max: 100 },
      says: 'How many requests to keep.',
    },
    redact: { takes: 'INPUT', many: true, says: 'Keep this input as zeros or empty strings.' },
    assert: {
      takes: 'KIND',
      oneOf: ['valid', 'close', 'exact'],
      says: 'What must hold of later answers; valid otherwise.',
    },
  },
  examples: ['stead golden forecast record --count 20 --redact customer --assert close'],
  async run({ arguments: { deployment }, options: { count, redact, assert } }, context) {
    const platform = await context.connect()
    const body = { count, redact: [...redact], ...(assert === undefined ? {} : { assertion: assert }) }
    const answer = await platform.call(platform.contracts.recordGolden, { params: { deployment }, body })
    if (context.json) return context.document({ deployment, ...answer })
    context.print(
      `${deployment}: the next ${answer.recording === 1 ? 'request is' : `${answer.recording} requests are`} kept; see them with: stead golden ${deployment} list`,
    )
  },
})
