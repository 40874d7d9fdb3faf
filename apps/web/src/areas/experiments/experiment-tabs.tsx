import type { ExperimentId } from '@stead/contracts'
import { useProject } from '../../frame/project.ts'
import { evaluationSets } from '../../strings/evaluation-sets.ts'
import { runs as words } from '../../strings/runs.ts'
import { traces } from '../../strings/traces.ts'
import { Tabs } from '../../ui/tabs.tsx'

/** The parts of an experiment's page. */
export function ExperimentTabs({ experiment, runs }: { experiment: ExperimentId; runs?: number }) {
  const params = { project: useProject(), experiment: String(experiment) }
  return (
    <Tabs
      label={words.tabs.label}
      tabs={[
        { label: words.tabs.runs, count: runs, link: { to: '/p/$project/experiments/$experiment', params } },
        { label: words.tabs.models, link: { to: '/p/$project/experiments/$experiment/models', params } },
        { label: traces.title, link: { to: '/p/$project/experiments/$experiment/traces', params } },
        {
          label: evaluationSets.title,
          link: { to: '/p/$project/experiments/$experiment/evaluation-sets', params },
        },
      ]}
    />
  )
}
