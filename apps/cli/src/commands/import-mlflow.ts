import { defineCommand } from '../command.ts'
import type { Context } from '../command.ts'
import { UsageError } from '../failures.ts'
import { NOUNS, PLURALS } from '../import-summary.ts'
import type { ImportSummary } from '../import-summary.ts'
import { showCount } from '../progress.ts'
import { plain } from '../text.ts'

export const command = defineCommand({
  arguments: ['address'],
  options: {
    state: { takes: 'FILE', says: 'Notes what is done, to go on from; stead-import.jsonl otherwise.' },
    workspace: { takes: 'NAME', says: 'The workspace of the other server.' },
    jobs: { takes: 'N', number: { whole: true, min: 1, max: 32 }, says: 'How many runs at a time; 4 otherwise.' },
    'without-files': { says: 'Leave the files of runs where they are.' },
  },
  about: [
    'Experiments, runs with all values of their metrics, params, tags, datasets and files, logged models, traces, evaluation sets, the registry with versions and aliases, and webhooks, disabled and without their secrets.',
    'Runs, logged models and traces keep their ids, names and times. Run it again to go on after a break, or to fetch what is new.',
    'MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, are shown to the other server.',
  ].join('\n'),
  examples: [
    'stead import mlflow http://mlflow.example.org:5000',
    'stead import mlflow http://localhost:5000 --project energy',
  ],
  async run({ arguments: { address }, options }, context) {
    if (!/^https?:$/.test(URL.parse(address)?.protocol ?? ''))
      throw new UsageError(`"${address}" is no address of a server`, 'Write it like http://localhost:5000')
    const { importMlflow } = await import('../mlflow-import.ts')
    const progress = showCount(context.terminal)
    try {
      const summary = await importMlflow(
        {
          address,
          journal: options.state ?? 'stead-import.jsonl',
          workspace: options.workspace,
          jobs: options.jobs ?? 4,
          withFiles: !options['without-files'],
          onStep: (told) => progress.tell(`importing  ${countsOf(told)}`),
        },
        context,
      )
      progress.end()
      tell(summary, context)
    } finally {
      progress.end()
    }
  },
})

const countsOf = ({ taken }: ImportSummary) =>
  NOUNS.filter((noun) => taken[noun] > 0)
    .map((noun) => `${taken[noun]} ${taken[noun] === 1 ? noun : PLURALS[noun]}`)
    .join(', ') || 'nothing'

const MOST_TOLD = 20

function tell(summary: ImportSummary, context: Context): void {
  if (context.json) return context.document(summary)
  const { known, left } = summary
  context.print(`taken: ${countsOf(summary)}`)
  const before = known.run + known.model + known.version
  if (before > 0) context.print(`there already: ${known.run} runs, ${known.model} models, ${known.version} versions`)
  for (const { what, name, because } of left.slice(0, MOST_TOLD))
    context.note(`not taken: ${what} ${plain(name)}: ${plain(because)}`)
  if (left.length > MOST_TOLD) context.note(`not taken: ${left.length - MOST_TOLD} more; all of them with --json`)
  context.note('Permissions are not taken over.')
}
