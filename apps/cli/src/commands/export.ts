import { defineCommand } from '../command.ts'
import { showCount } from '../progress.ts'

export const command = defineCommand({
  arguments: ['folder'],
  options: {
    experiment: { takes: 'EXPERIMENT', says: 'Only this one, by number or name, without the registry.' },
    'without-files': { says: 'Leave out the files of runs and versions.' },
  },
  about: [
    'runs, metrics (every value), params, tags and datasets as Parquet; runs.jsonl, experiments.json and models.json beside them;',
    'files/RUN/… and models/NAME/VERSION/… as they are. Deleted runs come along. The folder appears only once it is whole.',
  ].join('\n'),
  examples: ['stead export here --project energy', 'stead export demand --experiment demand --without-files'],
  async run({ arguments: { folder }, options }, context) {
    const { exportProject } = await import('../export-project.ts')
    const progress = showCount(context.terminal)
    try {
      const counts = await exportProject(
        {
          folder,
          experiment: options.experiment,
          withFiles: !options['without-files'],
          onStep: ({ runs, metrics, files, versions }) =>
            progress.tell(`exporting  ${runs} runs, ${metrics} metric values, ${versions} versions, ${files} files`),
        },
        context,
      )
      progress.end()
      if (context.json) return context.document({ folder, ...counts })
      const { experiments, runs, metrics, files, models, versions } = counts
      context.print(
        `${folder} holds ${experiments} experiments with ${runs} runs and ${metrics} metric values, ${models} models with ${versions} versions, and ${files} files`,
      )
    } finally {
      progress.end()
    }
  },
})
