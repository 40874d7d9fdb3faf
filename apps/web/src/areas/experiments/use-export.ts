import type { ExperimentSummary } from '@stead/contracts'
import { useProject } from '../../frame/project.ts'
import { sentenceOf } from '../../live/failure.ts'
import { say } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'
import { tell } from '../../ui/toast.tsx'
import { download, exportRuns } from './bulk.ts'
import type { ShownColumn } from './shown-columns.ts'

/** Hands runs out as CSV, under the columns that are shown. */
export function useExport({ id, name }: ExperimentSummary, columns: readonly ShownColumn[]) {
  const project = useProject()
  const shown = columns.map((column) => column.id)
  return async (what: Parameters<typeof exportRuns>[2]): Promise<void> => {
    try {
      const { file, runs } = await exportRuns(project, id, what, shown)
      download(file, `${name.replaceAll(/[^\w.-]+/g, '-').slice(0, 100)}.csv`)
      tell(say(words.exported, { count: runs }))
    } catch (error) {
      tell(say(words.exportFailed, { why: sentenceOf(error) }), { failed: true })
    }
  }
}
