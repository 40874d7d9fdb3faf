import { defineCommand } from '../command.ts'
import { UsageError } from '../failures.ts'
import { pairsOf } from '../pairs.ts'
import { sendRunFiles } from '../run-files.ts'
import { findRunId } from '../runs.ts'

export const command = defineCommand({
  arguments: ['run'],
  options: {
    metric: { takes: 'NAME=NUMBER', many: true, says: 'A metric.' },
    step: { takes: 'N', number: { whole: true }, says: 'The step of the metrics; 0 otherwise.' },
    param: { takes: 'NAME=VALUE', many: true, says: 'A param, which keeps its first value.' },
    tag: { takes: 'NAME=VALUE', many: true, says: 'A tag.' },
    file: { takes: 'PATH', many: true, says: 'A file or a folder to keep.' },
    under: { takes: 'FOLDER', says: 'The folder of the run that files are put into.' },
    end: { takes: 'STATUS', oneOf: ['FINISHED', 'FAILED', 'KILLED'], says: 'End the run after that.' },
  },
  examples: [
    'stead runs log bold-finch-12 --metric auc=0.93 --step 10',
    'stead runs log bold-finch-12 --file model.onnx',
  ],
  async run({ arguments: { run: given }, options }, context) {
    const { metric, step = 0, param, tag, file, under, end } = options
    const values = Object.entries(pairsOf('metric', metric)).map(([key, text]) => ({
      key,
      value: numberOf(key, text),
      step,
    }))
    if (values.length + param.length + tag.length + file.length === 0 && end === undefined)
      throw new UsageError('there is nothing to log')
    const body = { metrics: values, params: pairsOf('param', param), tags: pairsOf('tag', tag) }
    const platform = await context.connect()
    const run = await findRunId(platform, given)
    if (values.length + param.length + tag.length > 0)
      await platform.call(platform.contracts.logToRun, { params: { run }, body })
    const files = await sendRunFiles(platform, run, file, under, context)
    if (end !== undefined)
      await platform.call(platform.contracts.changeRun, { params: { run }, body: { status: end, endedAt: Date.now() } })
    if (context.json) return context.document({ run, logged: body, files, status: end ?? null })
    context.print('logged')
  },
})

/** JSON has no way to write the three numbers that are none. */
function numberOf(key: string, text: string): number | 'NaN' | 'Infinity' | '-Infinity' {
  if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return text
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(number)) return number
  throw new UsageError(`--metric ${key}=${text} is no number`, 'Written as 0.93, 1e-5, NaN, Infinity or -Infinity.')
}
